// Keys and screens: tests/transcripts/keys/*.txt are what somebody types on a real pseudo-terminal and what then stands
// on its screen.
//
// A line that begins with "> " is typed as it is, without Enter; keys have names in < >: see kKeys. <WAIT> lets a
// minute pass on the device. The lines up to the next "> " are the screen from the row the cursor was in, down to where
// it is: a row "^ cursor" shows it where it is not at the end, "(bell)" stands behind when it rang, "(ended)" when the
// session did. With "# bytes" they are what was sent, a row per line end. Options: tests/unit/cli/pty.h.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string_view>

#include "tests/unit/cli/pty.h"
#include "tests/unit/cli/sealed_text.h"

namespace sw::cli {
namespace {

constexpr std::pair<std::string_view, std::string_view> kKeys[] = {
    {"ENTER", "\r"},
    {"TAB", "\t"},
    {"BACKSPACE", "\x7f"},
    {"UP", "\x1b[A"},
    {"DOWN", "\x1b[B"},
    {"RIGHT", "\x1b[C"},
    {"LEFT", "\x1b[D"},
    {"HOME", "\x1b[H"},
    {"END", "\x1b[F"},
    {"DELETE", "\x1b[3~"},
    {"ESC-B",
     "\x1b"
     "b"},
    {"ESC-F",
     "\x1b"
     "f"},
    {"ESC-D",
     "\x1b"
     "d"},
    {"SPACE", " "},
};

std::string KeyOf(const std::string& name) {
  if (name.starts_with("CTRL-") && name.size() == 6) return {static_cast<char>(name[5] & 0x1f)};
  const auto it = std::ranges::find(kKeys, name, &std::pair<std::string_view, std::string_view>::first);
  return it == std::end(kKeys) ? std::string() : std::string(it->second);
}

void Type(Pty& pty, std::string_view text) {
  while (!text.empty() && !pty.ended()) {
    const std::size_t end = text.front() == '<' ? text.find('>') : std::string_view::npos;
    const std::string name(end == std::string_view::npos ? "" : text.substr(1, end - 1));
    const std::string key = KeyOf(name);
    if (name == "WAIT") {
      pty.Wait(std::chrono::minutes(1));
    } else {
      pty.Press(key.empty() ? std::string(1, text.front()) : key);
    }
    text.remove_prefix(key.empty() && name != "WAIT" ? 1 : end + 1);
  }
  pty.Settle();
}

// Control bytes by name, a row per line end.
std::string Spelled(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) {
    if (byte == '\n') {
      out += "<LF>\n";
    } else if (byte == '\r') {
      out += "<CR>";
    } else if (byte == '\x1b') {
      out += "<ESC>";
    } else if (byte == '\a') {
      out += "<BELL>";
    } else if (byte == '\b') {
      out += "<BS>";
    } else {
      out += byte;
    }
  }
  return out + "\n";
}

class KeysTest : public testing::TestWithParam<std::tuple<std::filesystem::path, Kind>> {};

TEST_P(KeysTest, ShowsWhatIsWritten) {
  constexpr std::string_view kTyped = "> ";
  const Script script = LoadScript(std::get<0>(GetParam()));
  Pty pty(script, script.plain ? Kind::kPlain : std::get<1>(GetParam()));
  std::string expected, seen;
  // What greets stands before the first key; a bare prompt is left out.
  if (script.options.login) seen = pty.screen().From(0);
  if (pty.ended()) seen += "(ended)\n";
  (void)pty.TakeBytes();
  for (const std::string& line : script.lines) {
    expected += line + "\n";
    if (!line.starts_with(kTyped)) continue;
    const std::size_t row = pty.screen().row();
    seen += line + "\n";
    Type(pty, std::string_view(line).substr(kTyped.size()));
    seen += script.bytes ? Spelled(pty.TakeBytes()) : WithoutSealedText(pty.screen().From(row));
    if (pty.screen().TakeBells() > 0 && !script.bytes) seen += "(bell)\n";
    if (pty.ended()) seen += "(ended)\n";
  }
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen, expected);
  // After a change that is meant: write down what there is now, and read the difference.
  if (std::getenv("SW_WRITE_TRANSCRIPTS") != nullptr) std::ofstream(std::get<0>(GetParam())) << script.remarks << seen;
}

INSTANTIATE_TEST_SUITE_P(Keys, KeysTest, testing::Combine(testing::ValuesIn(TranscriptFiles("tests/transcripts/keys")),
                                          testing::Values(Kind::kConsole, Kind::kPlain)),
                         [](const auto& each) {
                           return std::get<0>(each.param).stem().string() +
                                  (std::get<1>(each.param) == Kind::kConsole ? "_console" : "_plain");
                         });

}  // namespace
}  // namespace sw::cli
