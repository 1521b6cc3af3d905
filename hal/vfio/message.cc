#include "hal/vfio/message.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace sw::hal::vfio {
namespace {

using Clock = std::chrono::steady_clock;

bool WaitFor(int fd, short events, Clock::time_point until) {
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    pollfd p{fd, events, 0};
    const int n = ::poll(&p, 1, static_cast<int>(std::clamp<long long>(left + 1, 0, 60000)));
    if (n > 0) return true;
    if (n < 0 && errno != EINTR) return false;
    if (Clock::now() >= until) return false;
  }
}

Result<sockaddr_un> Address(const std::string& path) {
  sockaddr_un out{};
  out.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof out.sun_path) return Status(Code::kBadValue, "not a socket path: " + path);
  path.copy(out.sun_path, path.size());
  return out;
}

Status Failed(const std::string& what) {
  return {Code::kDevice, what + ": " + ::strerror(errno)};
}

}  // namespace

std::size_t Assembler::wanted() const {
  if (broken_) return 0;
  if (bytes_.size() < sizeof(Header)) return sizeof(Header) - bytes_.size();
  Header header;
  std::memcpy(&header, bytes_.data(), sizeof header);
  return header.size - bytes_.size();
}

void Assembler::Feed(ByteView bytes, std::vector<Descriptor> fds, bool fds_cut) {
  if (broken_) return;
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  for (Descriptor& fd : fds) {
    if (fds_.size() < kMostFds) {
      fds_.push_back(std::move(fd));
    } else {
      fds_cut_ = true;
    }
  }
  fds_cut_ |= fds_cut;
  if (bytes_.size() < sizeof(Header)) return;
  Header header;
  std::memcpy(&header, bytes_.data(), sizeof header);
  broken_ = header.size < sizeof(Header) || header.size > kMostMessage || bytes_.size() > header.size;
}

std::optional<Message> Assembler::Take() {
  if (broken_ || bytes_.size() < sizeof(Header) || wanted() != 0) return std::nullopt;
  Message out;
  std::memcpy(&out.header, bytes_.data(), sizeof out.header);
  out.body.assign(bytes_.begin() + sizeof(Header), bytes_.end());
  out.fds = std::move(fds_);
  out.fds_cut = fds_cut_;
  bytes_.clear();
  fds_.clear();
  fds_cut_ = false;
  return out;
}

bool MessageSocket::Send(const Header& header, ByteView body, std::span<const int> fds, Duration patience) {
  if (!open()) return false;
  const auto until = Clock::now() + patience;
  Bytes bytes;
  bytes.reserve(sizeof header + body.size());
  Append(bytes, header);
  bytes.insert(bytes.end(), body.begin(), body.end());
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    iovec part{bytes.data() + sent, bytes.size() - sent};
    msghdr m{};
    m.msg_iov = &part;
    m.msg_iovlen = 1;
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kMostFds)];
    if (sent == 0 && !fds.empty() && fds.size() <= kMostFds) {
      m.msg_control = control;
      m.msg_controllen = CMSG_SPACE(fds.size_bytes());
      cmsghdr* c = CMSG_FIRSTHDR(&m);
      c->cmsg_level = SOL_SOCKET;
      c->cmsg_type = SCM_RIGHTS;
      c->cmsg_len = CMSG_LEN(fds.size_bytes());
      std::memcpy(CMSG_DATA(c), fds.data(), fds.size_bytes());
    }
    const ssize_t n = ::sendmsg(socket_.get(), &m, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0) {
      sent += static_cast<std::size_t>(n);
      continue;
    }
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) && WaitFor(socket_.get(), POLLOUT, until)) continue;
    Close();
    return false;
  }
  return true;
}

// Reads once. False: the connection has ended.
bool MessageSocket::Fill(bool& drained) {
  std::uint8_t buffer[4096];
  iovec part{buffer, std::min(sizeof buffer, assembler_.wanted())};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kMostFds)];
  msghdr m{};
  m.msg_iov = &part;
  m.msg_iovlen = 1;
  m.msg_control = control;
  m.msg_controllen = sizeof control;
  const ssize_t n = ::recvmsg(socket_.get(), &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (n < 0) {
    drained = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    return drained;
  }
  std::vector<Descriptor> fds;
  for (cmsghdr* c = CMSG_FIRSTHDR(&m); c != nullptr; c = CMSG_NXTHDR(&m, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
      fds.emplace_back(fd);
    }
  }
  if (n == 0) return false;
  assembler_.Feed({buffer, static_cast<std::size_t>(n)}, std::move(fds), (m.msg_flags & MSG_CTRUNC) != 0);
  return !assembler_.broken();
}

std::optional<Message> MessageSocket::Receive(Duration patience) {
  const auto until = Clock::now() + patience;
  while (open()) {
    bool drained = false;
    if (!Fill(drained)) {
      Close();
      return std::nullopt;
    }
    if (std::optional<Message> message = assembler_.Take()) return message;
    if (drained && (patience == Duration(0) || !WaitFor(socket_.get(), POLLIN, until))) return std::nullopt;
  }
  return std::nullopt;
}

Result<Descriptor> ListenUnix(const std::string& path) {
  Result<sockaddr_un> address = Address(path);
  if (!address.ok()) return address.status();
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return Failed("socket");
  if (ConnectUnix(path, Duration(0)).ok()) return Status(Code::kInUse, path + ": something listens there already");
  // Listening under another name first: whoever sees the path can connect to it.
  const std::string early = path + ".new";
  Result<sockaddr_un> early_address = Address(early);
  if (!early_address.ok()) return early_address.status();
  ::unlink(early.c_str());
  const auto* generic = reinterpret_cast<const sockaddr*>(&*early_address);
  if (::bind(socket.get(), generic, sizeof(sockaddr_un)) != 0 || ::listen(socket.get(), 1) != 0 ||
      ::rename(early.c_str(), path.c_str()) != 0) {
    return Failed(path);
  }
  return socket;
}

Result<Descriptor> ConnectUnix(const std::string& path, Duration patience) {
  Result<sockaddr_un> address = Address(path);
  if (!address.ok()) return address.status();
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return Failed("socket");
  const auto until = Clock::now() + patience;
  const auto* generic = reinterpret_cast<const sockaddr*>(&*address);
  while (::connect(socket.get(), generic, sizeof *address) != 0) {
    if (errno != EAGAIN || Clock::now() >= until) return Failed(path);  // EAGAIN: its queue of callers is full
    WaitFor(socket.get(), POLLERR, std::min(until, Clock::now() + std::chrono::milliseconds(1)));
  }
  return socket;
}

}  // namespace sw::hal::vfio
