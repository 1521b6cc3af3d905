#include "cli/remote/take_over_socket.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "hal/base/state.h"

namespace sw::cli {
namespace {

constexpr char kSuffix[] = ".next";
constexpr std::size_t kMostText = 32768, kMostDescriptors = 253;

Status Failed(const std::string& what) {
  return {Code::kDevice, what + ": " + std::strerror(errno)};
}

Result<sockaddr_un> AddressOf(const std::string& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = socket + kSuffix;
  if (path.size() >= sizeof address.sun_path) return {Code::kBadValue, path + ": too long for a socket"};
  std::memcpy(address.sun_path, path.c_str(), path.size());
  return address;
}

ucred PeerOf(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return {0, ~uid_t{0}, ~gid_t{0}};
  return peer;
}

// Memory that both processes see: filled by one, read by the other, which wipes it.
Result<hal::Descriptor> SealedMemory(ByteView bytes) {
  hal::Descriptor memory(::memfd_create("sw8800-state", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!memory.valid() || ::ftruncate(memory.get(), static_cast<off_t>(bytes.size())) != 0)
    return Failed("memory for the state");
  if (!bytes.empty()) {
    void* at = ::mmap(nullptr, bytes.size(), PROT_READ | PROT_WRITE, MAP_SHARED, memory.get(), 0);
    if (at == MAP_FAILED) return Failed("memory for the state");
    std::memcpy(at, bytes.data(), bytes.size());
    ::munmap(at, bytes.size());
  }
  (void)::fcntl(memory.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
  return memory;
}

Result<SecretBytes> ReadAndWipe(const hal::Descriptor& memory) {
  struct stat info {};
  constexpr int kFixed = F_SEAL_SHRINK | F_SEAL_GROW;
  if (::fstat(memory.get(), &info) != 0 || info.st_size < 0 ||
      static_cast<std::size_t>(info.st_size) > kMostSavedBytes ||
      (::fcntl(memory.get(), F_GET_SEALS) & kFixed) != kFixed)
    return {Code::kBadValue, "no state in sealed memory"};
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size == 0) return SecretBytes();
  void* at = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, memory.get(), 0);
  if (at == MAP_FAILED) return Failed("memory of the state");
  SecretBytes out{ByteView(static_cast<const std::uint8_t*>(at), size)};
  ::explicit_bzero(at, size);
  ::munmap(at, size);
  return out;
}

}  // namespace

Result<std::unique_ptr<TakeOverSocket>> TakeOverSocket::Connect(const std::string& socket) {
  const Result<sockaddr_un> address = AddressOf(socket);
  if (!address.ok()) return address.status();
  hal::Descriptor fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return Failed("socket");
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0)
    return {errno == EACCES ? Code::kDenied : Code::kNotFound, socket + kSuffix + ": " + std::strerror(errno)};
  return std::make_unique<TakeOverSocket>(std::move(fd));
}

pid_t TakeOverSocket::peer() const {
  return PeerOf(fd_.get()).pid;
}

bool TakeOverSocket::peer_trusted() const {
  const uid_t uid = PeerOf(fd_.get()).uid;
  return uid == 0 || uid == ::geteuid();
}

// The state goes as a descriptor of its own, whatever it is called.
Status TakeOverSocket::Send(TakeOverMessage message) {
  if (message.word == TakeOverWord::kState) {
    Result<hal::Descriptor> memory = SealedMemory(message.state.view());
    if (!memory.ok()) return memory.status();
    message.open.emplace("state", std::move(*memory));
  }
  std::vector<std::string> names;
  std::vector<int> fds;
  for (const auto& [name, fd] : message.open) {
    names.push_back(name);
    fds.push_back(fd.get());
  }
  StateWriter state(Time{});
  auto word = static_cast<std::uint8_t>(message.word);
  state(word, message.form, message.text, names);
  const SecretBytes text = state.Take();
  if (text.size() > kMostText || fds.size() > kMostDescriptors) return {Code::kBadValue, "too much at a time"};
  iovec piece{const_cast<std::uint8_t*>(text.view().data()), text.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kMostDescriptors * sizeof(int))> control{};
  msghdr header{};
  header.msg_iov = &piece;
  header.msg_iovlen = 1;
  if (!fds.empty()) {
    header.msg_control = control.data();
    header.msg_controllen = CMSG_SPACE(fds.size() * sizeof(int));
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(fds.size() * sizeof(int));
    std::memcpy(CMSG_DATA(rights), fds.data(), fds.size() * sizeof(int));
  }
  if (::sendmsg(fd_.get(), &header, MSG_NOSIGNAL) < 0) return Failed("the other process");
  return {};
}

Result<TakeOverMessage> TakeOverSocket::Receive(Duration limit) {
  pollfd wait{fd_.get(), POLLIN, 0};
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(limit).count();
  if (::poll(&wait, 1, static_cast<int>(left)) <= 0) return {Code::kBusy, "no answer"};
  std::vector<std::uint8_t> text(kMostText);
  iovec piece{text.data(), text.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kMostDescriptors * sizeof(int))> control{};
  msghdr header{};
  header.msg_iov = &piece;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  const ssize_t size = ::recvmsg(fd_.get(), &header, MSG_CMSG_CLOEXEC);
  std::vector<hal::Descriptor> fds;
  for (cmsghdr* c = size < 0 ? nullptr : CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    for (std::size_t at = 0; at + CMSG_LEN(sizeof(int)) <= c->cmsg_len; at += sizeof(int)) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(c) + at, sizeof fd);
      fds.emplace_back(fd);
    }
  }
  if (size <= 0) return {Code::kNotFound, "it has gone"};
  StateReader state(ByteView(text).first(static_cast<std::size_t>(size)), Time{});
  TakeOverMessage out;
  std::uint8_t word = 0;
  std::vector<std::string> names;
  state(word, out.form, out.text, names);
  const bool cut = (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
  if (cut || !state.done() || names.size() != fds.size() || word < static_cast<std::uint8_t>(TakeOverWord::kAsk) ||
      word > static_cast<std::uint8_t>(TakeOverWord::kGo))
    return {Code::kBadValue, "not a message of taking over"};
  out.word = static_cast<TakeOverWord>(word);
  for (std::size_t i = 0; i < names.size(); ++i) out.open.emplace(names[i], std::move(fds[i]));
  if (out.word == TakeOverWord::kState) {
    const auto memory = out.open.find("state");
    if (memory == out.open.end()) return {Code::kBadValue, "a state without its memory"};
    Result<SecretBytes> bytes = ReadAndWipe(memory->second);
    if (!bytes.ok()) return bytes.status();
    out.state = std::move(*bytes);
    out.open.erase(memory);
  }
  return out;
}

// ---------------------------------------------------------------------------------------------- the one that runs

Result<std::unique_ptr<TakeOverServer>> TakeOverServer::Listen(device::EventLoop& loop, const std::string& socket,
                                                               Predecessor& device, std::function<void(pid_t)> ended) {
  const Result<sockaddr_un> address = AddressOf(socket);
  if (!address.ok()) return address.status();
  const std::string path = address->sun_path;
  hal::Descriptor fd = hal::TakeInherited("next " + path);
  if (!fd.valid()) {
    ::unlink(path.c_str());  // the device's lock is held: it is a dead one's
    fd = hal::Descriptor(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const mode_t mask = ::umask(0177);
    const int bound = ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address);
    ::umask(mask);
    if (bound != 0 || ::listen(fd.get(), 1) != 0) return Failed(path);
  } else {
    (void)::listen(fd.get(), 1);  // as this process, for who asks whose it is
  }
  return std::unique_ptr<TakeOverServer>(new TakeOverServer(loop, path, std::move(fd), device, std::move(ended)));
}

TakeOverServer::TakeOverServer(device::EventLoop& loop, std::string path, hal::Descriptor fd, Predecessor& device,
                               std::function<void(pid_t)> ended)
    : loop_(loop),
      path_(std::move(path)),
      fd_(std::move(fd)),
      offered_("next " + path_, fd_.get()),
      device_(device),
      ended_(std::move(ended)),
      watch_(loop.WatchReadable(fd_.get(), [this] { OnConnection(); })) {}

TakeOverServer::~TakeOverServer() {
  watch_.reset();
  successor_watch_.reset();
  ::unlink(path_.c_str());
}

void TakeOverServer::OnConnection() {
  hal::Descriptor fd(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!fd.valid()) return;
  auto asks = std::make_unique<TakeOverSocket>(std::move(fd));
  if (successor_ != nullptr || !asks->peer_trusted()) {
    (void)asks->Send({.word = TakeOverWord::kRefused,
                      .text = successor_ ? "another process is about to" : "only root and the device's own user may"});
    return;
  }
  successor_ = std::move(asks);
  agreed_ = false;
  successor_watch_ = loop_.WatchReadable(successor_->fd(), [this] { OnMessage(); });
}

void TakeOverServer::OnMessage() {
  const auto leave = [this] {
    successor_watch_.reset();
    successor_.reset();
  };
  Result<TakeOverMessage> message = successor_->Receive({});
  if (!message.ok()) return leave();
  if (message->word == TakeOverWord::kAsk && !agreed_) {
    agreed_ = Agree(*successor_, device_, *message);
    if (!agreed_) leave();
  } else if (message->word == TakeOverWord::kNow && agreed_) {
    if (HandOver(*successor_, device_, [this] { return loop_.now(); })) return ended_(successor_->peer());
    leave();
  } else {
    leave();
  }
}

}  // namespace sw::cli
