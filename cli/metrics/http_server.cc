#include "cli/metrics/http_server.h"

#include <netinet/in.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <map>
#include <thread>
#include <utility>

namespace sw::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Tcp = asio::ip::tcp;
using Freebind = asio::detail::socket_option::boolean<SOL_IP, IP_FREEBIND>;

constexpr const char* kTarget = "/metrics";

Status Failed(const boost::system::error_code& error, const std::string& what) {
  const Code code = error == asio::error::address_in_use  ? Code::kInUse
                    : error == asio::error::access_denied ? Code::kDenied
                                                          : Code::kDevice;
  return {code, what + ": " + error.message()};
}

}  // namespace

struct HttpServer::Impl : std::enable_shared_from_this<HttpServer::Impl> {
  class Connection;

  explicit Impl(Handler h) : handler(std::move(h)), acceptor(context) {}
  void Accept();
  Status Open(const Tcp::endpoint& endpoint, const std::string& shown);

  Handler handler;
  std::size_t open = 0;  // connections; they go with what waits in the context
  asio::io_context context{1};
  Tcp::acceptor acceptor;
  asio::steady_timer retry{context};
  std::map<std::uint64_t, std::shared_ptr<Connection>> waiting;  // for their page
  std::uint64_t last = 0;
  std::thread thread;
};

class HttpServer::Impl::Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Impl& server, Tcp::socket socket) : server_(server), stream_(std::move(socket)) {
    ++server_.open;
    parser_.header_limit(HttpServer::kMostHeader);
    parser_.body_limit(std::uint64_t{0});
  }
  ~Connection() { --server_.open; }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void Start() {
    stream_.expires_after(HttpServer::kReadTime);
    http::async_read(stream_, buffer_, parser_, [self = shared_from_this()](beast::error_code error, std::size_t) {
      if (!error) self->Handle();
    });
  }

  void Answer(http::status status, HttpServer::Page page) {
    response_.result(status);
    response_.version(11);
    response_.keep_alive(false);
    response_.set(http::field::content_type, page.type);
    response_.body() = page.body();
    response_.prepare_payload();
    stream_.expires_after(HttpServer::kWriteTime);
    http::async_write(stream_, response_, [self = shared_from_this()](beast::error_code, std::size_t) {
      beast::error_code ignored;
      self->stream_.socket().shutdown(Tcp::socket::shutdown_send, ignored);
    });
  }

 private:
  void Handle() {
    const auto& request = parser_.get();
    if (request.method() != http::verb::get) return Answer(http::status::method_not_allowed, {"text/plain", [] { return "GET\n"; }});
    if (request.target() != kTarget) return Answer(http::status::not_found, {"text/plain", [] { return "see /metrics\n"; }});
    stream_.expires_never();  // until there is something to write
    const std::uint64_t id = ++server_.last;
    server_.waiting[id] = shared_from_this();
    const beast::string_view accept = request[http::field::accept];
    server_.handler(std::string(accept.data(), accept.size()), [weak = server_.weak_from_this(), id](Page page) {
      const std::shared_ptr<Impl> server = weak.lock();
      if (!server) return;
      asio::post(server->context, [raw = server.get(), id, page = std::move(page)]() mutable {
        const auto found = raw->waiting.find(id);
        if (found == raw->waiting.end()) return;
        found->second->Answer(http::status::ok, std::move(page));
        raw->waiting.erase(found);
      });
    });
  }

  Impl& server_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_{HttpServer::kMostHeader};
  http::request_parser<http::empty_body> parser_;
  http::response<http::string_body> response_;
};

void HttpServer::Impl::Accept() {
  acceptor.async_accept([this](const boost::system::error_code& error, Tcp::socket socket) {
    if (error == asio::error::operation_aborted) return;
    // Beyond the limit the client is let go.
    if (!error && open < kMostConnections) std::make_shared<Connection>(*this, std::move(socket))->Start();
    if (!error) return Accept();
    // Without a descriptor one waits until there is one.
    retry.expires_after(std::chrono::milliseconds(100));
    retry.async_wait([this](const boost::system::error_code& cancelled) {
      if (!cancelled) Accept();
    });
  });
}

Status HttpServer::Impl::Open(const Tcp::endpoint& endpoint, const std::string& shown) {
  boost::system::error_code error;
  const auto step = [&error](auto&& run) {
    if (!error) run();
  };
  step([&] { acceptor.open(endpoint.protocol(), error); });
  step([&] { acceptor.set_option(Tcp::acceptor::reuse_address(true), error); });
  step([&] { acceptor.set_option(Freebind(true), error); });
  step([&] { acceptor.bind(endpoint, error); });
  step([&] { acceptor.listen(static_cast<int>(kMostConnections), error); });
  return error ? Failed(error, shown) : Status();
}

HttpServer::HttpServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<HttpServer>> HttpServer::Listen(const std::string& address, std::uint16_t port,
                                                       Handler handler) {
  boost::system::error_code error;
  const asio::ip::address parsed = asio::ip::make_address(address, error);
  const std::string shown = address + ":" + std::to_string(port);
  if (error) return Status(Code::kBadValue, shown + ": not an address");
  auto impl = std::make_shared<Impl>(std::move(handler));
  SW_TRY(impl->Open(Tcp::endpoint(parsed, port), shown));
  impl->Accept();
  impl->thread = std::thread([self = impl.get()] { self->context.run(); });
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::~HttpServer() {
  impl_->context.stop();
  impl_->thread.join();
  boost::system::error_code ignored;
  impl_->acceptor.close(ignored);
  impl_->waiting.clear();
}

int HttpServer::port() const {
  boost::system::error_code ignored;
  return impl_->acceptor.local_endpoint(ignored).port();
}

}  // namespace sw::cli
