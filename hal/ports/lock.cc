#include "hal/ports/lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <sstream>

namespace sw::hal {
namespace {

constexpr char kNamePrefix[] = "sw8800/";

Status Failed(std::string_view what, const std::string& where) {
  return {Code::kDevice, fmt::format("no lock for {}: {}: {}", what, where, std::strerror(errno))};
}

Status Held(std::string_view what, pid_t holder, std::string_view note) {
  std::string program = "unknown";
  std::ifstream("/proc/" + std::to_string(holder) + "/comm") >> program;
  return {Code::kInUse,
          fmt::format("{} is in use by process {} ({}){}{}", what, holder, program, note.empty() ? "" : "; ", note)};
}

Status HeldFile(std::string_view what, const std::string& path) {
  std::ifstream in(path);
  pid_t holder = 0;
  std::string note;
  in >> holder >> std::ws;
  std::getline(in, note);
  return Held(what, holder, note);
}

// Whether the file that was opened is still the one of that path.
bool IsAt(int fd, const std::string& path) {
  struct stat opened {
  }, there{};
  return ::fstat(fd, &opened) == 0 && ::stat(path.c_str(), &there) == 0 && opened.st_ino == there.st_ino &&
         opened.st_dev == there.st_dev;
}

Descriptor OpenLock(const std::string& path) {
  constexpr int kFlags = O_CLOEXEC | O_NOFOLLOW;
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | kFlags, 0644));
  // Another user's: what matters is whether somebody holds it.
  if (!file.valid() && errno == EACCES) file = Descriptor(::open(path.c_str(), O_RDONLY | kFlags));
  return file;
}

// Whether the file is this process's to remove.
bool Write(int fd, std::string_view note) {
  const std::string text = fmt::format("{} {}\n", ::getpid(), note);
  return ::ftruncate(fd, 0) == 0 && ::pwrite(fd, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
}

}  // namespace

std::optional<pid_t> Lock::Holder(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file.valid() || ::flock(file.get(), LOCK_SH | LOCK_NB) == 0) return std::nullopt;
  pid_t holder = 0;
  std::ifstream(path) >> holder;
  return holder > 0 ? std::optional(holder) : std::nullopt;
}

void Lock::Sign() {
  // Listening again, a socket says that it is this process who listens.
  file_.empty() ? void(::listen(held_.get(), SOMAXCONN)) : void(Write(held_.get(), note_));
}

Result<Lock> Lock::OfFile(const std::string& path, std::string_view what, std::string_view note) {
  const std::string name = "lock " + path;
  if (Descriptor before = TakeInherited(name); before.valid())
    return Lock(std::move(before), name, path, std::string(note));
  while (true) {
    Descriptor file = OpenLock(path);
    if (!file.valid()) return Failed(what, path);
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) return HeldFile(what, path);
      return Failed(what, path);
    }
    if (!IsAt(file.get(), path)) continue;  // its holder removed it as we came
    const bool ours = Write(file.get(), note);
    return Lock(std::move(file), name, ours ? path : std::string(), std::string(note));
  }
}

Result<Lock> Lock::OfName(const std::string& name, std::string_view what) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string full = std::string(1, '\0') + kNamePrefix + name;
  if (full.size() > sizeof address.sun_path) return {Code::kBadValue, fmt::format("{}: too long a name", what)};
  std::memcpy(address.sun_path, full.data(), full.size());
  const auto* at = reinterpret_cast<const sockaddr*>(&address);
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + full.size());
  const std::string offered = "lock " + name;
  if (Descriptor before = TakeInherited(offered); before.valid()) return Lock(std::move(before), offered, {}, {});
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return Failed(what, name);
  if (::bind(socket.get(), at, length) == 0 && ::listen(socket.get(), SOMAXCONN) == 0)
    return Lock(std::move(socket), offered, {}, {});
  if (errno != EADDRINUSE) return Failed(what, name);
  ucred holder{};
  socklen_t size = sizeof holder;
  const Descriptor asking(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  (void)::connect(asking.get(), at, length);
  (void)::getsockopt(asking.get(), SOL_SOCKET, SO_PEERCRED, &holder, &size);
  return Held(what, holder.pid, {});
}

Lock::~Lock() {
  if (held_.valid() && !file_.empty()) ::unlink(file_.c_str());  // while it is held: nobody else's is there
}

}  // namespace sw::hal
