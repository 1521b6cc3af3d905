#include "device/linux/found.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

#include "hal/base/file.h"

namespace sw::device {
namespace {

constexpr char kBetween = '\t';

// This boot of this machine, this network namespace.
std::string Header() {
  std::string boot;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> boot;
  struct stat space {};
  (void)::stat("/proc/self/ns/net", &space);
  return fmt::format("sw8800-found 1 {} {}", boot, space.st_ino);
}

Found::Notes Parse(const std::string& text) {
  Found::Notes out;
  std::istringstream in(text);
  std::string line;
  if (!std::getline(in, line) || line != Header()) return out;
  while (std::getline(in, line)) {
    const std::size_t mark = line.find(kBetween);
    if (line.empty() || mark == std::string::npos) continue;
    const std::string what = line.substr(1, mark - 1);
    if (line.front() == '+') out.emplace(what, line.substr(mark + 1));
    if (line.front() == '-') out.erase(what);
  }
  return out;
}

Status Unwritten(const std::string& why) {
  return {
      Code::kStorage,
      fmt::format("cannot write {}; what is changed on this machine is not put back if the process is killed", why)};
}
Status NotWritten(const std::string& path) {
  return Unwritten(path + ": " + std::strerror(errno));
}

}  // namespace

Status Found::Open(const std::string& path) {
  path_ = path;
  if (path_.empty()) return {};
  const Result<std::string> text = ReadRegularFile(path_);
  if (!text.ok() && text.status().code() == Code::kBadValue) {  // something else stands there: it is not ours
    path_.clear();
    return Unwritten(text.why());
  }
  if (text.ok()) left_ = Parse(*text);
  return Rewrite();
}

// Without the lines that took each other back.
Status Found::Rewrite() {
  const std::string fresh = path_ + ".new";
  file_ = hal::Descriptor(::open(fresh.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_APPEND | O_CLOEXEC, 0600));
  if (!file_.valid()) return NotWritten(path_);
  std::string text = Header() + "\n";
  for (const Notes* notes : {&left_, &noted_})
    for (const auto& [what, was] : *notes) text += fmt::format("+{}{}{}\n", what, kBetween, was);
  if (::write(file_.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      std::rename(fresh.c_str(), path_.c_str()) != 0) {
    Status failed = NotWritten(path_);
    ::unlink(fresh.c_str());
    file_ = {};
    return failed;
  }
  return {};
}

void Found::Keep() {
  if (path_.empty() || (noted_.empty() && left_.empty())) return;
  file_ = {};
  (void)Rewrite();
}

std::optional<std::string> Found::Claim(const std::string& what) {
  auto node = left_.extract(what);
  if (node.empty()) return std::nullopt;
  std::string was = node.mapped();
  noted_.insert(std::move(node));
  return was;
}

void Found::Note(const std::string& what, const std::string& was) {
  if (left_.contains(what)) (void)Claim(what);
  if (noted_.emplace(what, was).second) Write('+', what, was);
}

void Found::Drop(const std::string& what) {
  if (noted_.erase(what) + left_.erase(what) == 0) return;
  Write('-', what, {});
  if (!noted_.empty() || !left_.empty() || !file_.valid()) return;
  file_ = {};  // nothing is left to be put back
  ::unlink(path_.c_str());
}

// One write, at the end of the file: a process that is killed leaves whole lines. A full disk costs the note alone.
void Found::Write(char sign, const std::string& what, const std::string& was) {
  if (path_.empty()) return;
  if (!file_.valid()) {
    if (sign == '+') (void)Rewrite();
    return;
  }
  const std::string line = fmt::format("{}{}{}{}\n", sign, what, kBetween, was);
  (void)!::write(file_.get(), line.data(), line.size());
}

}  // namespace sw::device
