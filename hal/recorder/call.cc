#include "hal/recorder/call.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <iterator>
#include <limits>
#include <optional>

namespace sw::hal::recorder {
namespace {

// In the order of the enumerations.
constexpr std::string_view kCodes[] = {"ok",          "bad-value", "not-found", "exists", "in-use",
                                       "unsupported", "busy",      "denied",    "device", "storage"};
constexpr std::string_view kVerdicts[] = {"ok", "bad-icv", "bad-shape", "no-sa", "fault"};
constexpr std::string_view kCiphers[] = {"null", "des", "3des", "aes128", "aes192", "aes256", "gcm128", "gcm256"};
constexpr std::string_view kIntegrities[] = {"none", "md5", "sha1", "sha256", "aead"};
constexpr std::string_view kDirections[] = {"seal", "open"};
constexpr std::string_view kHealths[] = {"up", "down"};
constexpr std::size_t kMostKey = 256;  // bytes; a key of a wrong size is a call too

std::string Hex(ByteView bytes) {
  if (bytes.empty()) return "-";
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(2 * bytes.size());
  for (std::uint8_t byte : bytes) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

int Digit(char c) {
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Takes the words of a line one after the other; the first that is wrong makes all that follow empty.
class Words {
 public:
  explicit Words(std::string_view line) : rest_(line) {}

  std::string_view Word() {
    if (failed_) return {};
    const std::size_t end = rest_.find(' ');
    const std::string_view word = rest_.substr(0, end);
    rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
    if (word.empty()) failed_ = true;
    return word;
  }
  template <typename T>
  T Number() {
    const std::string_view word = Word();
    T out{};
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), out);
    if (error != std::errc() || end != word.data() + word.size()) failed_ = true;
    return out;
  }
  template <typename T, std::size_t N>
  T Of(const std::string_view (&names)[N]) {
    const std::string_view word = Word();
    for (std::size_t i = 0; i < N; ++i)
      if (names[i] == word) return static_cast<T>(i);
    failed_ = true;
    return T{};
  }
  Bytes Octets(std::size_t most) {
    const std::string_view word = Word();
    Bytes out;
    if (word == "-") return out;
    if (word.size() % 2 != 0 || word.size() > 2 * most) failed_ = true;
    for (std::size_t i = 0; i + 1 < word.size() && !failed_; i += 2) {
      const int high = Digit(word[i]), low = Digit(word[i + 1]);
      if (high < 0 || low < 0) failed_ = true;
      out.push_back(static_cast<std::uint8_t>(16 * high + low));
    }
    return out;
  }
  bool good() const { return !failed_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

SaAsked ParseSa(Words& words, bool dry_run) {
  SaAsked out;
  out.dry_run = dry_run;
  out.spec.direction = words.Of<Direction>(kDirections);
  out.spec.cipher = words.Of<Cipher>(kCiphers);
  out.spec.integrity = words.Of<Integrity>(kIntegrities);
  out.spec.cipher_key = SecretBytes(words.Octets(kMostKey));
  out.spec.integrity_key = SecretBytes(words.Octets(kMostKey));
  out.code = words.Of<Code>(kCodes);
  out.sa = words.Number<SaHandle>();
  return out;
}

Submitted ParseSubmitted(Words& words) {
  Submitted out;
  out.number = words.Number<std::uint64_t>();
  out.op.sa = words.Number<SaHandle>();
  for (std::uint32_t* field : {&out.op.iv_offset, &out.op.cipher_offset, &out.op.cipher_length, &out.op.auth_offset,
                               &out.op.auth_length, &out.op.icv_offset})
    *field = words.Number<std::uint32_t>();
  out.packet = words.Octets(kMostPacket);
  out.absent = out.packet.empty();
  out.op.size = static_cast<std::uint32_t>(out.packet.size());
  return out;
}

std::string TextOf(const SaAsked& c) {
  return fmt::format("{} {} {} {} {} {} {} {}", c.dry_run ? "validate" : "add",
                     kDirections[static_cast<std::size_t>(c.spec.direction)],
                     kCiphers[static_cast<std::size_t>(c.spec.cipher)],
                     kIntegrities[static_cast<std::size_t>(c.spec.integrity)], Hex(c.spec.cipher_key.view()),
                     Hex(c.spec.integrity_key.view()), Name(c.code), c.sa);
}
std::string TextOf(const SaRemoved& c) {
  return fmt::format("remove {} {}", c.sa, Name(c.code));
}
std::string TextOf(const Submitted& c) {
  return fmt::format("submit {} {} {} {} {} {} {} {} {}", c.number, c.op.sa, c.op.iv_offset, c.op.cipher_offset,
                     c.op.cipher_length, c.op.auth_offset, c.op.auth_length, c.op.icv_offset, Hex(c.packet));
}
std::string TextOf(const Refused& c) {
  return fmt::format("refused {}", c.operations);
}
std::string TextOf(const Completed& c) {
  return fmt::format("complete {} {} {}", c.number, Name(c.verdict), Hex(c.packet));
}
std::string TextOf(const HealthSeen& c) {
  return fmt::format("health {}", kHealths[static_cast<std::size_t>(c.health)]);
}

}  // namespace

std::string_view Name(Code code) {
  return kCodes[static_cast<std::size_t>(code)];
}
std::string_view Name(Verdict verdict) {
  return kVerdicts[static_cast<std::size_t>(verdict)];
}

std::string Text(const Call& call) {
  return std::visit([](const auto& c) { return TextOf(c); }, call);
}

Result<Call> ParseCall(std::string_view line) {
  if (line.size() > kMostLine) return Status(Code::kBadValue, "the line is longer than any call");
  Words words(line);
  const std::string_view what = words.Word();
  std::optional<Call> call;
  if (what == "add" || what == "validate") {
    call = ParseSa(words, what == "validate");
  } else if (what == "remove") {
    const auto sa = words.Number<SaHandle>();
    call = SaRemoved{sa, words.Of<Code>(kCodes)};
  } else if (what == "submit") {
    call = ParseSubmitted(words);
  } else if (what == "refused") {
    call = Refused{words.Number<std::uint64_t>()};
  } else if (what == "complete") {
    const auto number = words.Number<std::uint64_t>();
    const auto verdict = words.Of<Verdict>(kVerdicts);
    call = Completed{number, verdict, words.Octets(kMostPacket)};
  } else if (what == "health") {
    call = HealthSeen{words.Of<Health>(kHealths)};
  }
  const std::string shown(what.substr(0, 16));
  if (!call) return Status(Code::kBadValue, "'" + shown + "' is no call");
  if (!words.good()) return Status(Code::kBadValue, "'" + shown + "': its words are not those of this call");
  return std::move(*call);
}

}  // namespace sw::hal::recorder
