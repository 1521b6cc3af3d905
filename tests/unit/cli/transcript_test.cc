// Transcripts: tests/transcripts/*.txt are the screens of whole sessions, as a real pseudo-terminal shows them from the
// first prompt on: prompt, what is typed, output. Options: tests/unit/cli/pty.h.
//
// Where a line begins with the prompt then shown, the rest of it is typed, and Enter; a line that ends in ? is typed
// without, and what `?` leaves to be typed on is wiped. A page that is full gets the blank for the next one. After each
// Enter a minute passes on the device. Cipher text and hashes are never the same twice: they are written as $sw2$... and
// $y$....
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/unit/cli/pty.h"
#include "tests/unit/cli/sealed_text.h"

namespace sw::cli {
namespace {

constexpr std::string_view kMore = "  ---- More ----";

void Type(Pty& pty, const std::string& typed) {
  for (const char each : typed) pty.Press(std::string(1, each));
  const bool help = typed.ends_with('?');
  if (!help) pty.Press("\r");
  pty.Wait(std::chrono::minutes(1));  // a ping takes its time
  while (pty.screen().Line() == kMore) pty.Press(" ");
  if (help) pty.Press("\x18");
  pty.Settle();
}

class TranscriptTest : public testing::TestWithParam<std::tuple<std::filesystem::path, Kind>> {};

TEST_P(TranscriptTest, LooksAsWritten) {
  const Script script = LoadScript(std::get<0>(GetParam()));
  ASSERT_FALSE(script.lines.empty());
  Pty pty(script, std::get<1>(GetParam()));
  std::string expected;
  std::size_t row = 0;
  for (const std::string& line : script.lines) {
    expected += line + "\n";
    const std::string prompt = pty.screen().Line();
    const bool here = prompt.empty() ? pty.screen().row() == row : line.starts_with(prompt);
    if (here && !pty.ended()) Type(pty, line.substr(prompt.size()));
    ++row;
  }
  std::string screen = WithoutSealedText(pty.screen().From(0));
  if (pty.ended()) {
    screen += "(ended)\n";
  } else {
    screen.resize(screen.size() - pty.screen().Line().size() - 1);  // the prompt that then waits is no part of the file
  }
  EXPECT_EQ(screen, expected);
  // After a change that is meant: write down what there is now, and read the difference.
  if (std::getenv("SW_WRITE_TRANSCRIPTS") != nullptr) std::ofstream(std::get<0>(GetParam())) << script.remarks << screen;
}

INSTANTIATE_TEST_SUITE_P(Transcripts, TranscriptTest, testing::Combine(testing::ValuesIn(TranscriptFiles("tests/transcripts")),
                                          testing::Values(Kind::kConsole, Kind::kPlain)),
                         [](const auto& each) {
                           return std::get<0>(each.param).stem().string() +
                                  (std::get<1>(each.param) == Kind::kConsole ? "_console" : "_plain");
                         });

}  // namespace
}  // namespace sw::cli
