// A small HTTP server for one page: GET /metrics, and nothing else. Boost.Beast does the protocol (RFC 9112) on a thread of
// its own. At most kMostConnections at a time, each with kReadTime for its request, of at most kMostHeader bytes, and
// kWriteTime for the answer; one request each. Limits are our choice.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "hal/base/result.h"

namespace sw::cli {

class HttpServer {
 public:
  static constexpr std::size_t kMostConnections = 16, kMostHeader = 8192;
  static constexpr std::chrono::seconds kReadTime{5}, kWriteTime{30};

  struct Page {
    std::string type;
    std::function<std::string()> body;  // called on the server's thread
  };
  // Called on the server's thread with the Accept header; `respond` may be called from any thread, once, now or later.
  using Handler = std::function<void(std::string accept, std::function<void(Page)> respond)>;

  // kBadValue: the address; kInUse, kDenied, kDevice: it cannot be had. The address may be one that comes later.
  static Result<std::unique_ptr<HttpServer>> Listen(const std::string& address, std::uint16_t port, Handler handler);
  ~HttpServer();  // ends all connections; who responds then is heard by nobody
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  int port() const;

 private:
  struct Impl;
  explicit HttpServer(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace sw::cli
