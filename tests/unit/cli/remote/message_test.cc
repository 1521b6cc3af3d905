#include "cli/remote/message.h"

#include <gtest/gtest.h>

namespace sw::cli {
namespace {

template <typename T>
T Through(const T& message) {
  std::string line = Encode(message);
  EXPECT_EQ(line.back(), '\n');
  line.pop_back();
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const std::optional<SocketMessage> back = Decode(line);
  return back && std::holds_alternative<T>(*back) ? std::get<T>(*back) : T{};
}

TEST(SocketMessage, ComesThroughAsItWas) {
  EXPECT_EQ(Through(ExecuteMessage{"display \"this\"\n\t?"}).line, "display \"this\"\n\t?");
  EXPECT_EQ(Through(ControlMessage{Control::kRollback}).control, Control::kRollback);
  EXPECT_EQ(Through(HelpMessage{"dis", 7}).id, 7U);
  EXPECT_EQ(Through(OutputMessage{"a\nb\n"}).text, "a\nb\n");
  EXPECT_EQ(Through(CompletionMessage{{8, {"interface", "ip"}}, 3}).completion.words.size(), 2U);
  const Ready ready =
      Through(ReadyMessage{
                  {.prompt = "[x]", .question = true, .outcome = Outcome::kRefused, .reason = "why", .column = 12}})
          .ready;
  EXPECT_EQ(ready.prompt, "[x]");
  EXPECT_TRUE(ready.question);
  EXPECT_EQ(ready.outcome, Outcome::kRefused);
  EXPECT_EQ(ready.reason, "why");
  EXPECT_EQ(ready.column, 12);
}

TEST(SocketMessage, CarriesBytesThatAreNoTextWithoutThrowing) {
  EXPECT_NE(Through(ExecuteMessage{"sysname \xff\xfe"}).line, "");
}

TEST(SocketMessage, RefusesWhatIsNoMessage) {
  for (const char* line : {"", "{", "[]", "null", "{\"execute\":1}", "{\"help\":\"x\"}", "{\"ready\":{}}",
                           "{\"control\":\"x\"}", "{\"completion\":{\"begin\":\"x\"},\"id\":1}"})
    EXPECT_EQ(Decode(line), std::nullopt) << line;
}

}  // namespace
}  // namespace sw::cli
