#include "cli/remote/unix_socket.h"

#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "hal/ports/inherited.h"

namespace sw::cli {
namespace {

Status Failed(const std::string& what, const std::string& path, Code code = Code::kDevice) {
  return {code, what + " " + path + ": " + std::strerror(errno)};
}

Result<sockaddr_un> AddressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return {Code::kBadValue, "socket path " + path + " is empty or too long"};
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

}  // namespace

Result<int> ConnectUnix(const std::string& path) {
  const Result<sockaddr_un> address = AddressOf(path);
  if (!address.ok()) return address.status();
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return Failed("socket", path);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&*address), sizeof *address) == 0) return fd;
  const Status failed = Failed("no device answers at", path, Code::kNotFound);
  ::close(fd);
  return failed;
}

Result<int> ListenUnix(const std::string& path) {
  const Result<sockaddr_un> address = AddressOf(path);
  if (!address.ok()) return address.status();
  if (hal::Descriptor before = hal::TakeInherited("unix " + path); before.valid()) return before.Release();
  if (const Result<int> other = ConnectUnix(path); other.ok()) {
    ::close(*other);
    return {Code::kInUse, "a device is running at " + path};
  }
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0) {
    if (!S_ISSOCK(info.st_mode)) return {Code::kExists, path + " is no socket"};
    ::unlink(path.c_str());
  }
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return Failed("socket", path);
  const mode_t mask = ::umask(0177);  // never a moment in which others could connect
  const int bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&*address), sizeof *address);
  ::umask(mask);
  if (bound == 0 && ::listen(fd, 16) == 0) return fd;
  const Status failed = Failed("cannot listen at", path);
  ::close(fd);
  return failed;
}

std::string PeerUser(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return "unknown";
  const passwd* user = ::getpwuid(peer.uid);
  return user != nullptr ? user->pw_name : std::to_string(peer.uid);
}

}  // namespace sw::cli
