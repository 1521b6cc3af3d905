// On the loopback, against a client that is not ours: bytes on a socket.
#include "cli/metrics/http_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sw::cli {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class Client {
 public:
  explicit Client(int port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  }
  ~Client() { ::close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  void Send(const std::string& text) { (void)::send(fd_, text.data(), text.size(), MSG_NOSIGNAL); }
  std::string Read() {
    std::string out;
    char bytes[4096];
    for (ssize_t got = 0; (got = ::recv(fd_, bytes, sizeof bytes, 0)) > 0;) out.append(bytes, static_cast<std::size_t>(got));
    return out;
  }

 private:
  int fd_;
};

std::string Ask(int port, const std::string& request) {
  Client client(port);
  client.Send(request);
  return client.Read();
}

std::unique_ptr<HttpServer> Echo() {
  return std::move(*HttpServer::Listen("127.0.0.1", 0, [](std::string accept, auto respond) {
    respond({"text/x", [accept = std::move(accept)] { return "accept " + accept + "\n"; }});
  }));
}

TEST(HttpServer, HasOnePage) {
  const auto server = Echo();
  const std::string page = Ask(server->port(), "GET /metrics HTTP/1.1\r\nHost: x\r\nAccept: a/b\r\n\r\n");
  EXPECT_THAT(page, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(page, HasSubstr("Content-Type: text/x\r\n"));
  EXPECT_THAT(page, HasSubstr("\r\n\r\naccept a/b\n"));
  EXPECT_THAT(Ask(server->port(), "GET / HTTP/1.1\r\nHost: x\r\n\r\n"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(Ask(server->port(), "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"),
              StartsWith("HTTP/1.1 405 "));
}

TEST(HttpServer, LetsGoWhatIsNoRequest) {
  const auto server = Echo();
  EXPECT_EQ(Ask(server->port(), "\x16\x03\x01 nonsense\r\n\r\n"), "");
  EXPECT_EQ(Ask(server->port(), "GET /metrics HTTP/1.1\r\nX: " + std::string(20000, 'x') + "\r\n\r\n"), "");
  EXPECT_EQ(Ask(server->port(), "GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n123456789").substr(0, 15)
                .find("200 OK") != std::string::npos,
            false);
}

TEST(HttpServer, TakesSoManyAtATimeAndOthersAgain) {
  const auto server = Echo();
  {
    std::vector<std::unique_ptr<Client>> silent;
    for (std::size_t i = 0; i < HttpServer::kMostConnections; ++i)
      silent.push_back(std::make_unique<Client>(server->port()));
    EXPECT_EQ(Client(server->port()).Read(), "") << "let go at once";
  }
  std::string page;
  for (int i = 0; i < 500 && page.empty(); ++i) {
    page = Ask(server->port(), "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    if (page.empty()) ::usleep(10000);
  }
  EXPECT_THAT(page, StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST(HttpServer, SilenceTakesItsPlaceForSeconds) {
  const auto server = Echo();
  Client client(server->port());
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(client.Read(), "");
  const auto waited = std::chrono::steady_clock::now() - begun;
  EXPECT_GE(waited, HttpServer::kReadTime - std::chrono::seconds(1));
  EXPECT_LE(waited, HttpServer::kReadTime + std::chrono::seconds(20));
}

TEST(HttpServer, MayEndBeforeItsPageIsThere) {
  std::function<void(HttpServer::Page)> late;
  std::unique_ptr<Client> client;
  {
    std::atomic<bool> asked{false};
    const auto server = std::move(*HttpServer::Listen("127.0.0.1", 0, [&](const std::string&, auto respond) {
      late = std::move(respond);
      asked = true;
    }));
    client = std::make_unique<Client>(server->port());
    client->Send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    while (!asked) ::usleep(1000);
  }
  late({"text/x", [] { return std::string("too late"); }});
  EXPECT_EQ(client->Read(), "");
}

TEST(HttpServer, SaysWhyItCannotListen) {
  const auto never = [](const std::string&, const auto&) {};
  EXPECT_EQ(HttpServer::Listen("nonsense", 1, never).status().code(), Code::kBadValue);
  const auto server = Echo();
  EXPECT_EQ(HttpServer::Listen("127.0.0.1", static_cast<std::uint16_t>(server->port()), never).status().code(),
            Code::kInUse);
}

}  // namespace
}  // namespace sw::cli
