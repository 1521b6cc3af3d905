#include "cli/session/line_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/grammar/line.h"
#include "hal/base/file.h"

namespace sw::cli {
namespace {

constexpr std::string_view kMark = "\xef\xbb\xbf";
constexpr std::size_t kLongestKept = 4096;

constexpr std::string_view kNames[] = {"NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS",  "TAB", "LF",
                                       "VT",  "FF",  "CR",  "SO",  "SI",  "DLE", "DC1", "DC2", "DC3", "DC4", "NAK",
                                       "SYN", "ETB", "CAN", "EM",  "SUB", "ESC", "FS",  "GS",  "RS",  "US"};
constexpr unsigned char kDelete = 0x7f;

bool IsControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < std::size(kNames) || byte == kDelete;
}

// Where the first line of `text` ends; its size when nothing ends it. (find_first_of calls a function for each
// character.)
std::size_t EndOf(std::string_view text) {
  const auto end = std::ranges::find_if(text, [](char c) { return c == '\r' || c == '\n'; });
  return static_cast<std::size_t>(end - text.begin());
}

}  // namespace

std::vector<std::string_view> LinesOf(std::string_view text) {
  std::vector<std::string_view> out;
  if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
  while (!text.empty()) {
    const std::size_t end = EndOf(text);
    out.push_back(text.substr(0, end));
    text.remove_prefix(end);
    text.remove_prefix(text.starts_with("\r\n") ? 2 : text.empty() ? 0 : 1);
  }
  return out;
}

void LineReader::Feed(std::string_view bytes, std::vector<std::string>& lines) {
  for (; !begun_ && !bytes.empty(); bytes.remove_prefix(1)) {
    if (bytes.front() != kMark[start_]) {
      line_ = kMark.substr(0, start_);
      begun_ = true;
      break;
    }
    begun_ = ++start_ == kMark.size();
  }
  while (!bytes.empty()) {
    if (std::exchange(after_return_, false) && bytes.front() == '\n') {
      bytes.remove_prefix(1);
      continue;
    }
    const std::size_t end = EndOf(bytes);
    const std::size_t kept = std::min(end, kLongestKept - line_.size());
    line_ += bytes.substr(0, kept);
    const std::size_t more = bytes.substr(kept, end - kept).find_first_not_of(" \t");
    if (more != std::string_view::npos) line_.back() = bytes[kept + more];  // what is dropped is no end of blanks
    bytes.remove_prefix(end);
    if (bytes.empty()) return;
    lines.push_back(std::exchange(line_, {}));
    after_return_ = bytes.front() == '\r';
    bytes.remove_prefix(1);
  }
}

void LineReader::Finish(std::vector<std::string>& lines) {
  if (!begun_) line_ = kMark.substr(0, start_);
  begun_ = true;
  if (!line_.empty()) lines.push_back(std::exchange(line_, {}));
}

std::string_view Blanks(std::string_view line, std::string& kept) {
  if (line.find('\t') == std::string_view::npos) return line;
  kept = line;
  std::ranges::replace(kept, '\t', ' ');
  return kept;
}

std::optional<std::size_t> FindControlByte(std::string_view line) {
  const auto it = std::ranges::find_if(line, IsControl);
  if (it == line.end()) return std::nullopt;
  return static_cast<std::size_t>(it - line.begin());
}

std::string NameOfByte(char byte) {
  const auto code = static_cast<unsigned char>(byte);
  if (code == kDelete) return "0x7f (DEL)";
  return code < std::size(kNames) ? fmt::format("0x{:02x} ({})", code, kNames[code]) : fmt::format("0x{:02x}", code);
}

Status ControlByteRefused(char byte) {
  return {Code::kBadValue, fmt::format("The control byte {} is not accepted", NameOfByte(byte))};
}

Status LineTooLong() {
  return {Code::kBadValue, fmt::format("A line has at most {} characters", kMaxLine)};
}

std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (IsControl(c)) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out;
}

Result<std::string> ReadTextFile(const std::string& path) {
  Result<std::string> text = ReadRegularFile(path);
  if (!text.ok()) return text;
  const std::size_t zero = text->find('\0');
  if (zero == std::string::npos) return text;
  const std::size_t line = LinesOf(std::string_view(*text).substr(0, zero + 1)).size();
  return {Code::kBadValue, fmt::format("{}: is no text: line {} has a byte {}", path, line, NameOfByte('\0'))};
}

}  // namespace sw::cli
