#include "cli/shell/line_feeder.h"

#include <errno.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "cli/session/unasked.h"

namespace sw::cli {

LineFeeder::LineFeeder(Console& console, device::EventLoop& loop, Sink out, std::function<void()> ended)
    : console_(console), loop_(loop), out_(std::move(out)), ended_(std::move(ended)) {
  console_.Listen(this);
}

LineFeeder::~LineFeeder() {
  console_.Listen(nullptr);
}

void LineFeeder::Run(std::vector<std::string> lines) {
  lines_ = std::move(lines);
  at_end_ = true;
  Pump();
}

void LineFeeder::Read(int fd) {
  ShowPrompt();
  watch_ = loop_.WatchReadable(fd, [this, fd] { OnReadable(fd); });
}

void LineFeeder::OnReadable(int fd) {
  std::array<char, 4096> bytes;
  const ssize_t got = ::read(fd, bytes.data(), bytes.size());
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (got > 0) {
    reader_.Feed({bytes.data(), static_cast<std::size_t>(got)}, lines_);
  } else {
    at_end_ = true;
    watch_.reset();
    reader_.Finish(lines_);
  }
  Pump();
}

// One line at a time, without recursion when the console answers inside the call.
void LineFeeder::Pump() {
  if (pumping_) return;
  pumping_ = true;
  while (!busy_ && !finished_ && next_ < lines_.size()) {
    std::string line = std::move(lines_[next_++]);
    if (next_ == lines_.size()) {
      lines_.clear();
      next_ = 0;
    }
    ShowPrompt();
    out_(Echo(line) + "\n");
    prompt_shown_ = false;
    busy_ = true;
    console_.Execute(line);
  }
  const bool unclosed = at_end_ && !busy_ && !finished_ && console_.ready().text;
  if (unclosed) {
    busy_ = true;
    console_.Send(Control::kCancel);
  }
  pumping_ = false;
  if (finished_ || busy_) return;
  if (!at_end_) return ShowPrompt();  // whoever feeds the pipe may wait for it
  Finish();
}

// What a password is asked with shows none of it; nor what may be one that nobody asked for.
std::string LineFeeder::Echo(const std::string& line) {
  const bool word = line.find(' ') == std::string::npos;
  const bool hidden = console_.ready().secret || (passwords_ > 0 && word);
  passwords_ = console_.ready().question ? 0 : std::max(PasswordsBehind(line), word ? passwords_ - 1 : 0);
  return hidden ? std::string(console_.ready().secret ? 0 : line.size(), '*') : Escaped(line);
}

void LineFeeder::ShowPrompt() {
  if (!std::exchange(prompt_shown_, true)) out_(console_.ready().prompt);
}

void LineFeeder::Finish() {
  if (std::exchange(finished_, true)) return;
  watch_.reset();
  if (prompt_shown_) out_("\n");
  loop_.Post([ended = ended_, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) ended();
  });
}

void LineFeeder::OnReady(const Ready& ready) {
  busy_ = false;
  refused_ = refused_ || ready.outcome == Outcome::kRefused;
  if (ready.closed) return Finish();
  Pump();
}

}  // namespace sw::cli
