#include "cli/remote/acceptor.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace sw::cli {
namespace {

constexpr Duration kPause = std::chrono::seconds(1);
constexpr int kAtOnce = 16;  // then others have their turn

int Accept(int listening) {
  return ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

bool Exhausted(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

Acceptor::Acceptor(device::EventLoop& loop, int fd, std::size_t kept, Handlers handlers)
    : loop_(loop), fd_(fd), most_kept_(kept), handlers_(std::move(handlers)) {
  Refill();
  Watch();
}

Acceptor::~Acceptor() {
  loop_.Cancel(timer_);
  for (const int kept : kept_) ::close(kept);
}

void Acceptor::Refill() {
  while (kept_.size() < most_kept_) {
    const int kept = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (kept < 0) return;
    kept_.push_back(kept);
  }
}

// Watching takes a descriptor, too.
void Acceptor::Watch() {
  watch_ = loop_.WatchReadable(fd_, [this] { OnReadable(); });
  if (!watch_) PauseFor(EMFILE);
}

void Acceptor::OnReadable() {
  for (int n = 0; n < kAtOnce; ++n) {
    int accepted = Accept(fd_);
    if (accepted < 0 && Exhausted(errno) && !kept_.empty()) {
      for (const int kept : std::exchange(kept_, {})) ::close(kept);
      accepted = Accept(fd_);
      if (accepted < 0) Refill();
    }
    if (accepted < 0) {
      if (Exhausted(errno)) PauseFor(errno);
      return;
    }
    if (!kept_.empty() || most_kept_ == 0) told_ = false;
    handlers_.accepted(accepted);
  }
}

void Acceptor::PauseFor(int error) {
  watch_.reset();
  if (!std::exchange(told_, true)) handlers_.trouble(std::strerror(error));
  timer_ = loop_.At(loop_.now() + kPause, [this] {
    timer_ = 0;
    Refill();
    Watch();
  });
}

}  // namespace sw::cli
