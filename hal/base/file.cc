#include "hal/base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace sw {
namespace {

constexpr off_t kLargestFile = 256 << 20;

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

Result<std::string> ReadRegularFile(const std::string& path) {
  const auto failed = [&path] { return Status(Code::kNotFound, path + ": " + std::strerror(errno)); };
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));  // a pipe nobody writes holds up nobody
  struct stat info {};
  if (file.fd() < 0 || ::fstat(file.fd(), &info) != 0) return failed();
  if (S_ISDIR(info.st_mode)) return {Code::kBadValue, path + ": is a directory"};
  if (!S_ISREG(info.st_mode)) return {Code::kBadValue, path + ": is no regular file"};
  if (info.st_size > kLargestFile) return {Code::kBadValue, path + ": is too large"};
  std::string text;
  for (;;) {
    char bytes[65536];
    const ssize_t got = ::read(file.fd(), bytes, sizeof bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed();
    if (got == 0) return text;
    text.append(bytes, static_cast<std::size_t>(got));
  }
}

}  // namespace sw
