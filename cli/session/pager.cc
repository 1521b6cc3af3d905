#include "cli/session/pager.h"

#include <algorithm>
#include <utility>

namespace sw::cli {
namespace {

std::string Erase() {
  constexpr std::string_view kBack = "\x1b[16D";
  return std::string(kBack) + std::string(Pager::kMore.size(), ' ') + std::string(kBack);
}

}  // namespace

std::string Pager::Release(std::size_t lines) {
  std::size_t end = 0;
  while (lines > 0 && end < held_.size()) {
    const std::size_t newline = held_.find('\n', end);
    end = newline == std::string::npos ? held_.size() : newline + 1;
    --lines;
    ++shown_;
  }
  std::string out = held_.substr(0, end);
  held_.erase(0, end);
  waiting_ = !held_.empty();
  if (waiting_) out += kMore;
  return out;
}

std::string Pager::Feed(std::string_view text) {
  if (dropping_) return {};
  held_ += text;
  if (waiting_) return {};
  if (lines_ == 0) return std::exchange(held_, {});
  // The last line of the screen is kept for the prompt.
  return Release(lines_ - 1 - std::min(shown_, lines_ - 1));
}

std::string Pager::Key(char key) {
  if (!waiting_) return {};
  waiting_ = false;
  if (key == ' ' || key == '\r' || key == '\n') {
    shown_ = 0;
    const bool page = key == ' ';
    std::string out = Erase() + Release(page ? lines_ - 1 : 1);
    if (!page) shown_ = lines_ - 1;  // after one line the screen is full again
    return out;
  }
  held_.clear();
  dropping_ = true;
  return Erase();
}

void Pager::Reset() {
  shown_ = 0;
  held_.clear();
  waiting_ = dropping_ = false;
}

}  // namespace sw::cli
