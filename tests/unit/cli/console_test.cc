// What the local console has beyond the keys that both terminals share: a history that stays, the user's own bindings,
// and a screen that is not left to the next program when nobody typed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>

#include "cli/session/keys.h"
#include "cli/session/line_editor.h"
#include "cli/session/line_reader.h"
#include "cli/shell/readline_editor.h"
#include "tests/unit/cli/pty.h"

namespace sw::cli {
namespace {

using testing::HasSubstr;

class ConsoleTest : public testing::Test {
 protected:
  ConsoleTest() : folder(testing::TempDir() + "console_test." + std::to_string(::getpid())) {
    script.history_file = folder + "/state/history";
  }
  ~ConsoleTest() override { std::filesystem::remove_all(folder); }

  std::string folder;
  Script script;
};

TEST_F(ConsoleTest, LinesStayForTheNextTimeWithoutSecrets) {
  {
    Pty pty(script);
    pty.Press("display clock\r");
    pty.Press("nonsense\r");
    pty.Press("system-view\r");
    pty.Press("local-user a\r");
    pty.Press("password simple hushhush\r");
    pty.Press("super password level 3 cipher hushhush\r");
    pty.Press("return\r");
    pty.Press("super 1\r");
  }
  const Result<std::string> kept = ReadTextFile(script.history_file);
  ASSERT_TRUE(kept.ok()) << kept.status().why();
  EXPECT_EQ(*kept, "display clock\nsystem-view\nlocal-user a\nreturn\nsuper 1\n");
  struct stat info {};
  ASSERT_EQ(::stat(script.history_file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);

  Pty next(script);
  next.Press("\x10\x10\x10");  // Ctrl+P
  EXPECT_EQ(next.screen().Line(), "<SecBlade_VPN>local-user a");
  next.Press("\x18");
  next.Press(
      "\x13"
      "cl");  // Ctrl+S: searches backwards
  EXPECT_THAT(next.screen().Line(), HasSubstr("display clock"));
  EXPECT_THAT(next.screen().Line(), HasSubstr("search"));
  next.Press("\r");
  EXPECT_THAT(next.screen().From(0), HasSubstr("<SecBlade_VPN>display clock\n19:35:31"));
}

TEST_F(ConsoleTest, AHistoryThatCannotBeKeptHoldsUpNobody) {
  std::filesystem::create_directories(script.history_file);  // a directory in its place
  Pty pty(script);
  pty.Press("display clock\r");
  EXPECT_THAT(pty.screen().From(0), HasSubstr("19:35:31"));
}

TEST_F(ConsoleTest, SaysThatNobodyTypedAndWaitsForAKey) {
  script.options.idles_out = true;
  script.configured = {"user-interface con 0", "idle-timeout 1 0"};
  Pty pty(script);
  pty.Press("display");
  pty.Wait(std::chrono::minutes(2));
  EXPECT_FALSE(pty.ended());
  EXPECT_THAT(pty.screen().From(0), HasSubstr("the session is closed. Press a key to leave."));
  const std::string before = pty.screen().From(0);
  pty.Press("rm -rf x\r");
  pty.Settle();
  EXPECT_TRUE(pty.ended());
  EXPECT_EQ(pty.screen().From(0), before) << "what is typed late is nobody's";
  EXPECT_THAT(pty.Log(), HasSubstr("SHELL/6/TIMEOUT:the session of console on con0 ended: idle for 60 s"));
}

TEST(Keys, EverySequenceIsItsKey) {
  for (const Sequence& sequence : Sequences()) {
    KeyDecoder decoder;
    std::optional<Stroke> stroke;
    for (const char byte : sequence.bytes) stroke = decoder.Feed(static_cast<unsigned char>(byte));
    ASSERT_TRUE(stroke);
    EXPECT_EQ(stroke->key, sequence.key) << sequence.bytes.substr(1);
    EXPECT_EQ(stroke->bytes, sequence.bytes);
  }
}

// One table, two editors: any strokes leave the same line and cursor behind.
TEST(Keys, BothEditorsMeanTheSame) {
  const std::unique_ptr<Editor> console = MakeReadlineEditor({});
  const std::unique_ptr<Editor> plain = std::make_unique<LineEditor>();
  SeededRandom random(5);
  for (int round = 0; round < 200; ++round) {
    const auto mode = static_cast<Editor::Mode>(random.U32() % 3);
    console->Clear(mode);
    plain->Clear(mode);
    for (int i = 0; i < 40; ++i) {
      const Binding& binding = Bindings()[random.U32() % Bindings().size()];
      const auto code = static_cast<std::uint16_t>(binding.key);
      std::string bytes(1, static_cast<char>(code));
      for (const Sequence& sequence : Sequences())
        if (sequence.key == binding.key) bytes = sequence.bytes;
      Stroke stroke{binding.key, bytes};
      if (random.U32() % 2 == 0) stroke = {Byte("ab c"[random.U32() % 4]), {}};
      if (stroke.bytes.empty()) stroke.bytes = static_cast<char>(stroke.key);
      const Editor::Pressed one = console->Press(stroke), other = plain->Press(stroke);
      ASSERT_EQ(one.action, other.action);
      ASSERT_EQ(one.bell, other.bell) << static_cast<int>(stroke.key);
      ASSERT_EQ(console->line(), plain->line());
      ASSERT_EQ(console->cursor(), plain->cursor());
      if (one.action == Action::kEnter && mode == Editor::Mode::kCommand) {
        console->Remember(console->typed(), false);
        plain->Remember(plain->typed(), false);
        console->Clear(mode);
        plain->Clear(mode);
      }
    }
  }
}

}  // namespace
}  // namespace sw::cli
