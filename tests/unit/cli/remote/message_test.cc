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
                  {.prompt = "[x]", .question = true, .text = true, .outcome = Outcome::kSkipped, .reason = "why",
                   .column = 12, .masked = "key ***"}})
          .ready;
  EXPECT_EQ(ready.prompt, "[x]");
  EXPECT_TRUE(ready.question);
  EXPECT_TRUE(ready.text);
  EXPECT_EQ(ready.outcome, Outcome::kSkipped);
  EXPECT_EQ(ready.masked, "key ***");
  EXPECT_EQ(ready.reason, "why");
  EXPECT_EQ(ready.column, 12);
}

TEST(SocketMessage, CarriesEveryByteAsItIs) {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
  bytes += "caf\xe9 caf\xc3\xa9 \xb9\xfa";  // Latin-1, UTF-8, GBK
  EXPECT_EQ(Through(ExecuteMessage{bytes}).line, bytes);
  EXPECT_EQ(Through(OutputMessage{bytes}).text, bytes);
  EXPECT_EQ(Through(CompletionMessage{{1, {bytes}}, 3}).completion.words.front(), bytes);
  EXPECT_EQ(Decode("{\"output\":\"\\u0100\"}"), std::nullopt) << "no byte";
}

TEST(SocketMessage, RefusesWhatIsNoMessage) {
  for (const char* line : {"", "{", "[]", "null", "{\"execute\":1}", "{\"help\":\"x\"}", "{\"ready\":{}}",
                           "{\"control\":\"x\"}", "{\"completion\":{\"begin\":\"x\"},\"id\":1}"})
    EXPECT_EQ(Decode(line), std::nullopt) << line;
}

}  // namespace
}  // namespace sw::cli
