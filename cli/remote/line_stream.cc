#include "cli/remote/line_stream.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace sw::cli {

LineStream::LineStream(device::EventLoop& loop, int fd, std::size_t max_line,
                       std::function<void(std::string_view)> on_line, std::function<void()> on_end)
    : loop_(loop), fd_(fd), max_line_(max_line), on_line_(std::move(on_line)), on_end_(std::move(on_end)) {
  ::fcntl(fd_, F_SETFL, ::fcntl(fd_, F_GETFL) | O_NONBLOCK);
  readable_ = loop_.WatchReadable(fd_, [this] { OnReadable(); });
}

LineStream::~LineStream() {
  *alive_ = false;
  readable_.reset();
  writable_.reset();
  ::close(fd_);
}

void LineStream::OnReadable() {
  const std::shared_ptr<bool> alive = alive_;
  char buffer[16384];
  const ssize_t n = ::recv(fd_, buffer, sizeof buffer, 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return End();
  in_.append(buffer, static_cast<std::size_t>(n));
  std::size_t begin = 0;
  for (std::size_t end; (end = in_.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const std::string line = in_.substr(begin, end - begin);
    on_line_(line);
    if (!*alive || ended_) return;
  }
  in_.erase(0, begin);
  if (in_.size() > max_line_) End();
}

void LineStream::Write(std::string_view text) {
  if (ended_) return;
  out_ += text;
  OnWritable();
}

void LineStream::CloseWhenSent() {
  closing_ = true;
  OnWritable();
}

void LineStream::OnWritable() {
  while (!out_.empty()) {
    const ssize_t n = ::send(fd_, out_.data(), out_.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) break;
    if (n < 0) return End();
    out_.erase(0, static_cast<std::size_t>(n));
  }
  if (out_.size() > max_line_) return End();
  if (out_.empty()) {
    writable_.reset();
    if (closing_) End();
  } else if (!writable_) {
    writable_ = loop_.WatchWritable(fd_, [this] { OnWritable(); });
  }
}

void LineStream::End() {
  if (ended_) return;
  ended_ = true;
  readable_.reset();
  writable_.reset();
  // Later, so that no caller finds itself destroyed.
  loop_.At(loop_.now(), [alive = alive_, this] {
    if (!*alive) return;
    const std::function<void()> on_end = std::move(on_end_);  // outlives the stream, which the call may destroy
    on_end();
  });
}

}  // namespace sw::cli
