#include "cli/ssh/ssh_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <libssh/libssh.h>
#include <libssh/server.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <set>
#include <thread>

#include "cli/remote/acceptor.h"
#include "cli/ssh/aside.h"
#include "cli/ssh/host_keys.h"
#include "cli/ssh/ssh_connection.h"
#include "device/log/monitor.h"
#include "hal/base/bytes.h"
#include "hal/ports/inherited.h"
#include "hal/primitives.h"

namespace sw::cli {
namespace {

constexpr const char* kIdentification = "sw8800";
constexpr int kBacklog = 128;
// Connections whose user has not come in yet.
constexpr std::size_t kMostWaiting = 100, kMostWaitingOfOne = 32;
constexpr std::size_t kFewOfOne = 16;  // beyond these, another one of the same address is dropped the likelier the more

struct Endpoint {
  std::string host, port;
};
Result<Endpoint> ParseEndpoint(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  const bool bare_ipv6 = !text.starts_with('[') && text.find(':') != colon;
  if (colon == std::string::npos || colon + 1 == text.size() || bare_ipv6)
    return {Code::kBadValue, "--ssh " + text + ": not ADDR:PORT"};
  const std::string port = text.substr(colon + 1);
  constexpr int kLastPort = 65535;
  const bool digits = port.find_first_not_of("0123456789") == std::string::npos && port.size() <= 5;
  if (!digits || std::stoi(port) > kLastPort) return {Code::kBadValue, "--ssh " + text + ": ports are 0 to 65535"};
  std::string host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return Endpoint{host, port};
}

using Addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;
Result<Addresses> AddressesOf(const std::string& text) {
  const Result<Endpoint> endpoint = ParseEndpoint(text);
  if (!endpoint.ok()) return endpoint.status();
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const char* host = endpoint->host.empty() ? nullptr : endpoint->host.c_str();
  if (::getaddrinfo(host, endpoint->port.c_str(), &hints, &found) != 0)
    return {Code::kBadValue, "--ssh " + text + ": not an address and a port"};
  return Addresses(found, ::freeaddrinfo);
}

Result<int> ListenTcp(const std::string& text) {
  if (hal::Descriptor before = hal::TakeInherited("ssh " + text); before.valid()) return before.Release();
  const Result<Addresses> found_addresses = AddressesOf(text);
  if (!found_addresses.ok()) return found_addresses.status();
  const addrinfo* const found = found_addresses->get();
  const int fd = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  if (fd >= 0) ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // The address may be one that the device itself is to have, and may come and go.
  if (fd >= 0) ::setsockopt(fd, SOL_IP, IP_FREEBIND, &on, sizeof on);
  if (fd >= 0 && ::bind(fd, found->ai_addr, found->ai_addrlen) == 0 && ::listen(fd, kBacklog) == 0) return fd;
  const Status failed{errno == EADDRINUSE ? Code::kInUse : Code::kDevice,
                      "--ssh " + text + ": " + std::strerror(errno)};
  if (fd >= 0) ::close(fd);
  return failed;
}

std::string AddressText(const sockaddr_storage& address, socklen_t length) {
  char host[NI_MAXHOST] = {};
  ::getnameinfo(reinterpret_cast<const sockaddr*>(&address), length, host, sizeof host, nullptr, 0, NI_NUMERICHOST);
  return host;
}

// What the device's thread holds of a connection; null once it has ended there.
struct Half {
  std::shared_ptr<SshSession> session;
};

}  // namespace

Status SshServer::Check(const std::string& address) {
  return AddressesOf(address).status();
}

struct SshServer::Impl {
  Impl(device::EventLoop& l, device::Device& d, const Grammar& g, UserInterfaces& u)
      : device_loop(l), device(d), grammar(g), lines(u) {}

  // Of the device's thread.
  device::EventLoop& device_loop;
  device::Device& device;
  const Grammar& grammar;
  UserInterfaces& lines;
  Aside aside;
  std::map<std::uint64_t, std::shared_ptr<Half>> halves;
  std::shared_ptr<bool> alive = std::make_shared<bool>(true);

  // Of the SSH thread.
  struct Peer {
    std::string address;
    std::unique_ptr<SshConnection> connection;
  };
  int fd = -1, port = 0;
  hal::Offered offered;
  ssh_bind bind = nullptr;
  device::EventLoop loop;
  std::unique_ptr<Acceptor> acceptor;
  hal::SystemRandom random;
  std::map<std::uint64_t, Peer> peers;
  std::uint64_t last = 0;
  std::thread thread;

  void OnAccept(int accepted);
  bool MakeRoom(const std::string& address);
  void LogOnDevice(const std::string& text) {
    device_loop.Post([this, held = std::weak_ptr<bool>(alive), text] {
      if (!held.expired()) device.monitor().Log(device::Severity::kErrors, "SSH", "ACCEPT", text);
    });
  }
  void Serve(int accepted, const std::string& address);
  void MakeHalf(std::uint64_t id, const std::shared_ptr<Half>& half, const std::string& address);
  void RunOnPeer(std::uint64_t id, std::function<void(SshConnection&)> task) {
    loop.Post([this, id, task = std::move(task)] {
      const auto peer = peers.find(id);
      if (peer != peers.end() && peer->second.connection) task(*peer->second.connection);
    });
  }
};

// Whoever connects and says nothing takes the places of his own address first, and then those of the address that has
// most of them: others always come in.
bool SshServer::Impl::MakeRoom(const std::string& address) {
  std::map<std::string, std::vector<std::uint64_t>> waiting;  // oldest first
  std::size_t all = 0;
  for (const auto& [id, peer] : peers) {
    if (!peer.connection || peer.connection->logged_in() || peer.connection->has_ended()) continue;
    waiting[peer.address].push_back(id);
    ++all;
  }
  const std::size_t of_one = waiting[address].size();
  if (of_one >= kMostWaitingOfOne) return false;
  if (of_one > kFewOfOne) {
    std::array<std::uint8_t, 4> bytes{};
    random.Fill(bytes);
    if (Load32(bytes.data()) % (kMostWaitingOfOne - kFewOfOne) < of_one - kFewOfOne) return false;
  }
  if (all < kMostWaiting) return true;
  const auto most =
      std::ranges::max_element(waiting, [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); });
  if (most->second.size() <= of_one) return false;
  peers.at(most->second.front()).connection->End();
  return true;
}

void SshServer::Impl::OnAccept(int accepted) {
  sockaddr_storage from{};
  socklen_t length = sizeof from;
  (void)::getpeername(accepted, reinterpret_cast<sockaddr*>(&from), &length);
  const std::string address = AddressText(from, length);
  if (!MakeRoom(address)) {
    ::close(accepted);
    return;
  }
  const int on = 1;
  ::setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(accepted, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  Serve(accepted, address);
}

void SshServer::Impl::Serve(int accepted, const std::string& address) {
  ssh_session session = ssh_new();
  if (session == nullptr || ssh_bind_accept_fd(bind, session, accepted) != SSH_OK) {
    if (session != nullptr) ssh_free(session);
    ::close(accepted);
    return;
  }
  const std::uint64_t id = ++last;
  auto half = std::make_shared<Half>();
  device_loop.Post([this, alive = std::weak_ptr<bool>(alive), id, half, address] {
    if (!alive.expired()) MakeHalf(id, half, address);
  });
  auto to_device = [this, half](std::function<void(SshSession&)> task) {
    device_loop.Post([half, task = std::move(task)] {
      const std::shared_ptr<SshSession> session_there = half->session;
      if (session_there) task(*session_there);
    });
  };
  auto from_device = [this, id](std::function<void(SshConnection&)> task) { RunOnPeer(id, std::move(task)); };
  auto ended = [this, id, half] {
    peers.erase(id);
    device_loop.Post([this, alive = std::weak_ptr<bool>(alive), id, half] {
      if (half->session) half->session->HangUp();
      half->session.reset();
      if (!alive.expired()) halves.erase(id);
    });
  };
  Peer& peer = peers[id];
  peer.address = address;
  peer.connection = std::make_unique<SshConnection>(loop, session, accepted, to_device, from_device, ended);
}

void SshServer::Impl::MakeHalf(std::uint64_t id, const std::shared_ptr<Half>& half, const std::string& address) {
  SshPeer peer{
      .write =
          [this, id](std::string text) {
            RunOnPeer(id, [text = std::move(text)](SshConnection& connection) { connection.Write(text); });
          },
      .consumed =
          [this, id](std::size_t bytes) {
            RunOnPeer(id, [bytes](SshConnection& connection) { connection.Consumed(bytes); });
          },
      .close =
          [this, id](int status) {
            RunOnPeer(id, [status](SshConnection& connection) { connection.CloseWhenSent(status); });
          },
  };
  half->session = std::make_shared<SshSession>(device_loop, device, grammar, lines, aside, address, std::move(peer));
  halves[id] = half;
  if (half->session->Welcome()) return;
  RunOnPeer(id, [](SshConnection& connection) { connection.End(); });
}

SshServer::SshServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<SshServer>> SshServer::Listen(device::EventLoop& loop, device::Device& device,
                                                     const Grammar& grammar, UserInterfaces& lines,
                                                     const Options& options) {
  std::string trouble;
  Result<std::vector<SshKey>> keys = LoadHostKeys(options.key_file, trouble);
  if (!keys.ok()) return keys.status();
  const Result<int> fd = ListenTcp(options.address);
  if (!fd.ok()) return fd.status();
  auto impl = std::make_unique<Impl>(loop, device, grammar, lines);
  impl->fd = *fd;
  impl->offered = hal::Offered("ssh " + options.address, *fd);
  sockaddr_storage own{};
  socklen_t length = sizeof own;
  ::getsockname(*fd, reinterpret_cast<sockaddr*>(&own), &length);
  impl->port = ntohs(own.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&own)->sin6_port
                                               : reinterpret_cast<sockaddr_in*>(&own)->sin_port);
  impl->bind = ssh_bind_new();
  const bool no = false;  // the machine's own SSH configuration is not ours
  ssh_bind_options_set(impl->bind, SSH_BIND_OPTIONS_PROCESS_CONFIG, &no);
  ssh_bind_options_set(impl->bind, SSH_BIND_OPTIONS_BANNER, kIdentification);
  for (SshKey& key : *keys) ssh_bind_options_set(impl->bind, SSH_BIND_OPTIONS_IMPORT_KEY, key.release());
  Impl* self = impl.get();
  self->acceptor = std::make_unique<Acceptor>(
      self->loop, self->fd, 0,
      Acceptor::Handlers{
          [self](int accepted) { self->OnAccept(accepted); },
          [self](const std::string& why) { self->LogOnDevice("users wait at the port of SSH: " + why); }});
  if (!trouble.empty()) device.monitor().Log(device::Severity::kWarnings, "SSH", "HOSTKEY", trouble);
  self->thread = std::thread([self] { self->loop.Run(); });
  return std::unique_ptr<SshServer>(new SshServer(std::move(impl)));
}

SshServer::~SshServer() {
  impl_->loop.Post([self = impl_.get()] { self->loop.Stop(); });
  impl_->thread.join();
  for (auto& [id, half] : impl_->halves) {
    if (half->session) half->session->HangUp();
    half->session.reset();
  }
  impl_->alive.reset();
  impl_->peers.clear();
  impl_->acceptor.reset();
  ssh_bind_free(impl_->bind);
  impl_->offered = {};
  ::close(impl_->fd);
}

int SshServer::port() const {
  return impl_->port;
}

}  // namespace sw::cli
