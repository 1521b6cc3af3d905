#include "device/log/debugging.h"

#include <gmock/gmock.h>

#include <set>
#include <tuple>

namespace sw::device {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const DebugSwitch& Find(DebugModule module, std::string_view word, std::string_view scope = "") {
  for (const DebugSwitch& one : DebugSwitches())
    if (one.module == module && one.word == word && one.scope == scope) return one;
  ADD_FAILURE() << word;
  return DebugSwitches().front();
}

TEST(Debugging, HasOneSwitchForEveryTopic) {
  std::set<std::pair<DebugModule, int>> topics;
  std::set<std::tuple<DebugModule, std::string_view, std::string_view>> words;
  for (const DebugSwitch& one : DebugSwitches()) {
    EXPECT_TRUE(topics.insert({one.module, one.topic}).second) << one.word;
    EXPECT_TRUE(words.insert({one.module, one.scope, one.word}).second) << one.word;
  }
  const std::pair<DebugModule, int> last[] = {
      {DebugModule::kDvpn, static_cast<int>(dvpn::Topic::kHexadecimal)},
      {DebugModule::kIke, static_cast<int>(ipsec::ike::IkeTopic::kTransport)},
      {DebugModule::kIpsec, static_cast<int>(ipsec::GatewayTopic::kMisc)},
      {DebugModule::kEncryptCard, static_cast<int>(hal::pcie::TraceTopic::kSa)}};
  std::size_t all = 0;
  for (const auto& [module, topic] : last) {
    for (int i = 0; i <= topic; ++i) EXPECT_TRUE(topics.contains({module, i})) << i;
    all += static_cast<std::size_t>(topic) + 1;
  }
  EXPECT_EQ(topics.size(), all);
}

TEST(Debugging, EachSwitchIsItsOwn) {
  for (const DebugSwitch& one : DebugSwitches()) {
    Debugging debugging;
    debugging.Set(one, true);
    for (const DebugSwitch& other : DebugSwitches()) EXPECT_EQ(debugging.IsOn(other), &other == &one);
    EXPECT_EQ(debugging.list().size(), 1U);
    debugging.Set(one, false);
    EXPECT_THAT(debugging.list(), IsEmpty());
  }
}

TEST(Debugging, ListsTheModulesAlikeAndClearsThemAll) {
  Debugging debugging;
  debugging.Set(Find(DebugModule::kEncryptCard, "sa"), true);
  debugging.Set(Find(DebugModule::kIpsec, "packet"), true);
  debugging.Set(Find(DebugModule::kIke, "error"), true);
  debugging.Set(Find(DebugModule::kDvpn, "data", "packet"), true);
  EXPECT_THAT(debugging.list(), ElementsAre("DVPN packet data", "IKE error", "IPsec packet", "Encrypt-card sa"));
  EXPECT_TRUE(debugging.wants(dvpn::Topic::kData));
  EXPECT_TRUE(debugging.wants(ipsec::ike::IkeTopic::kError));
  EXPECT_TRUE(debugging.wants(ipsec::GatewayTopic::kPacket));
  EXPECT_TRUE(debugging.wants(hal::pcie::TraceTopic::kSa));
  EXPECT_FALSE(debugging.wants(ipsec::GatewayTopic::kSa));
  debugging.Clear();
  EXPECT_THAT(debugging.list(), IsEmpty());
}

TEST(Debugging, PacketsArePickedUntilTheSwitchIsSetAnew) {
  const DebugSwitch& packet = Find(DebugModule::kIpsec, "packet");
  const ipsec::GatewayEvent of_p{.topic = ipsec::GatewayTopic::kPacket, .policy = "p", .number = 10};
  const ipsec::GatewayEvent of_q{.topic = ipsec::GatewayTopic::kPacket, .policy = "q", .number = 10};
  Debugging debugging;
  EXPECT_FALSE(debugging.wants(of_p));
  debugging.Set(packet, true);
  debugging.Narrow(ipsec::PacketFilter{.policy = "p", .number = 10});
  EXPECT_TRUE(debugging.wants(of_p));
  EXPECT_FALSE(debugging.wants(of_q));
  EXPECT_THAT(debugging.list(), ElementsAre("IPsec packet policy p 10"));
  debugging.Narrow(ipsec::PacketFilter{.destination = Ipv4(192, 0, 2, 1), .spi = 300});
  EXPECT_THAT(debugging.list(), ElementsAre("IPsec packet parameters 192.0.2.1 esp 300"));
  debugging.Set(packet, true);
  EXPECT_TRUE(debugging.wants(of_q));
}

TEST(Debugging, EndsWithTheLastSessionThatSwitchedItOn) {
  Debugging debugging;
  const DebugSwitch& error = Find(DebugModule::kIke, "error");
  debugging.Set(error, true, 1);
  debugging.Set(error, true, 2);
  debugging.Leave(1);
  EXPECT_TRUE(debugging.IsOn(error));
  debugging.Leave(2);
  EXPECT_FALSE(debugging.IsOn(error));
}

TEST(Debugging, GoesOffForAllWhenAnybodySwitchesItOff) {
  Debugging debugging;
  const DebugSwitch& error = Find(DebugModule::kIke, "error");
  debugging.Set(error, true, 1);
  debugging.Set(error, false, 2);
  EXPECT_FALSE(debugging.IsOn(error));
}

}  // namespace
}  // namespace sw::device
