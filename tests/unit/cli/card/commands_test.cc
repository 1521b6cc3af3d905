// The whole fault plan as an operator meets it: every fault of the model has its log line, its counter and its sentence
// in `display encrypt-card`, and the card is back when it has proved itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "cli/display/field.h"
#include "cli/display/json.h"
#include "device/card/host.h"
#include "device/ipsec/host.h"
#include "device/log/monitor.h"
#include "hal/card/model_transport.h"
#include "hal/failover/failover_device.h"
#include "hal/pcie/pcie_device.h"
#include "tests/unit/cli/bench_device.h"
#include "tests/unit/cli/json_schema.h"

namespace sw::cli {
namespace {

using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;
using hal::pcie::Trouble;

// A device on a card, backup on, every packet computed twice.
class CardBench : public TestBench {
 public:
  // `answers`: which transforms the card has.
  explicit CardBench(hal::KnownAnswers answers = hal::PublishedAnswers())
      : transport({8, 16, 2}, *hal::SoftwareDevice::Create({8, 1}, answers), [this] { return scheduler.now(); }),
        driver(transport, [this] { return scheduler.now(); }) {
    while (driver.state() != hal::pcie::BringUp::kRunning) driver.Poll();
    failover.emplace(
        driver, *crypto, [this] { return scheduler.now(); }, random,
        [this](const hal::FailoverEvent& e) { device->card_host().OnEvent(e); });
    session.reset();
    device.reset();
    device = std::move(*device::Device::Create(platform, std::move(*configdb::Store::Open(":memory:")),
                                               {.crypto = *failover,
                                                .random = random,
                                                .wall_clock = [] { return std::int64_t{1293910531}; },
                                                .log = [this](const device::MonitorLine& l) { log += l.text + "\n"; },
                                                .card = &*failover}));
    Open({});
    Pass(20ms);
    RunAll({"system-view", "encrypt-card backuped", "encrypt-card shadow 100", "return"});
  }
  ~CardBench() {
    session.reset();
    device.reset();
  }
  void Pass(Duration d) {
    for (const Time end = scheduler.now() + d; scheduler.now() < end;) {
      scheduler.RunFor(5ms);
      failover->Poll();
    }
  }
  // Seals `count` packets while time passes; how many came back right.
  int Seal(int count) {
    const auto sa = failover->AddSa(
        {hal::Direction::kSeal, hal::Cipher::kAesCbc, hal::Integrity::kHmacSha1, SecretBytes(16), SecretBytes(20)});
    if (!sa.ok()) return 0;
    std::vector<Bytes> texts(static_cast<std::size_t>(count), Bytes(16 + 64 + 12, 1));
    int sent = 0, back = 0, right = 0;
    for (int step = 0; step < 100 && back < count; ++step) {
      for (int burst = 0; burst < 4 && sent < count; ++burst) {
        hal::CryptoOp op;
        op.sa = *sa;
        op.data = texts[static_cast<std::size_t>(sent)].data();
        op.size = 92;
        op.cipher_offset = 16;
        op.cipher_length = 64;
        op.auth_length = op.icv_offset = 80;
        if (failover->Submit({&op, 1}) == 0) break;
        ++sent;
      }
      hal::CryptoOp some[16];
      const std::size_t n = failover->Complete(some);
      for (std::size_t i = 0; i < n; ++i) right += some[i].verdict == hal::Verdict::kOk ? 1 : 0;
      back += static_cast<int>(n);
      Pass(5ms);
    }
    return right;
  }

  std::string log;
  hal::card::ModelTransport transport;
  hal::pcie::PcieDevice driver;
  std::optional<hal::FailoverDevice> failover;
};

struct Row {
  const char* plan;
  Trouble trouble;
};
constexpr Row kRows[] = {
    {"fail@9", Trouble::kFaultState},       {"stuck@9", Trouble::kHung},
    {"corrupt@9x1", Trouble::kWrongResult}, {"drop@9", Trouble::kOutOfOrder},
    {"double@9", Trouble::kCompletedTwice}, {"reorder@9", Trouble::kOutOfOrder},
    {"bad-index@9", Trouble::kBadIndex},    {"self-test,fail@9", Trouble::kSelfTestFailed},
    {"reset@9", Trouble::kResetItself},     {"disappear@9", Trouble::kGone},
    {"slow@9=60", Trouble::kHung},          {"overheat@9", Trouble::kFaultState},
};

TEST(CardFaults, TheTableHoldsTheWholePlan) {
  std::set<hal::card::FaultKind> covered;
  for (const Row& row : kRows) covered.insert((*hal::card::ParseFaultPlan(row.plan))[0].kind);
  EXPECT_EQ(covered.size(), hal::card::FaultWords().size());
}

class EveryFaultShown : public testing::TestWithParam<Row> {};

TEST_P(EveryFaultShown, InTheLogInTheCountersAndInWords) {
  CardBench bench;
  ASSERT_THAT(bench.Run("display encrypt-card status"), HasSubstr("processed by the card"));
  ASSERT_THAT(bench.Run("display device"), HasSubstr("1/0   Encrypt-card    Normal"));
  ASSERT_NE(bench.OutcomeOf(std::string("fault inject card ") + GetParam().plan), Outcome::kRefused);
  const auto& [name, sentence] = hal::pcie::Text(GetParam().trouble);
  EXPECT_EQ(bench.Seal(40), 40);
  if (GetParam().trouble == Trouble::kSelfTestFailed) bench.Pass(1200ms);  // at the first attempt to come back
  EXPECT_THAT(bench.log, HasSubstr("ENCRYPTCARD/4/" + std::string(name)));
  EXPECT_THAT(bench.log, HasSubstr("Encrypt-card 1/0: " + std::string(sentence)));
  EXPECT_THAT(bench.log, HasSubstr("ENCRYPTCARD/5/TOSOFTWARE"));
  const std::string shown = bench.Run("display encrypt-card details");
  EXPECT_THAT(shown, HasSubstr("processed by software"));
  EXPECT_THAT(shown, HasSubstr("Fault: " + std::string(sentence)));
  EXPECT_THAT(shown, HasSubstr("  " + std::string(name) + ": 1 (" + std::string(sentence) + ")"));
  EXPECT_THAT(bench.Run("display device"), HasSubstr("1/0   Encrypt-card    Fault"));
  bench.Pass(5s);
  EXPECT_THAT(bench.log, HasSubstr("ENCRYPTCARD/6/TOCARD"));
  EXPECT_THAT(bench.Run("display encrypt-card status"), HasSubstr("processed by the card"));
  EXPECT_THAT(bench.Run("display encrypt-card status"), Not(HasSubstr("Fault:")));
  (void)bench.Run("reset encrypt-card statistic");
  EXPECT_THAT(bench.Run("display encrypt-card statistic"), Not(HasSubstr(std::string(name) + ": ")));
}
INSTANTIATE_TEST_SUITE_P(Plan, EveryFaultShown, testing::ValuesIn(kRows), [](const auto& row) {
  std::string name(row.param.plan);
  std::erase_if(name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); });
  return name;
});

TEST(CardCommands, ShutdownTakesTheCardOutAndUndoPutsItBack) {
  CardBench bench;
  bench.RunAll({"system-view", "interface encrypt 1/0", "shutdown"});
  EXPECT_THAT(bench.Run("display device"), HasSubstr("1/0   Encrypt-card    Shutdown"));
  EXPECT_EQ(bench.Seal(4), 4);
  (void)bench.Run("undo shutdown");
  bench.Pass(200ms);
  EXPECT_THAT(bench.Run("display device"), HasSubstr("1/0   Encrypt-card    Normal"));
}

TEST(CardCommands, SyslogKeepsWhatHappenedUntilItIsReset) {
  CardBench bench;
  ASSERT_NE(bench.OutcomeOf("fault inject card fail@3"), Outcome::kRefused);
  EXPECT_EQ(bench.Seal(8), 8);
  const std::string shown = bench.Run("display encrypt-card syslog 1/0");
  EXPECT_THAT(shown, HasSubstr("Jan 01 2011 19:35:31 FAULTSTATE (errors): the card reported a fault"));
  EXPECT_THAT(shown, HasSubstr("TOSOFTWARE (warnings): software takes over 1 SAs"));
  EXPECT_THAT(bench.Run("display encrypt-card details"), HasSubstr("syslog:"));
  (void)bench.Run("reset encrypt-card syslog");
  EXPECT_THAT(bench.Run("display encrypt-card syslog"), testing::StartsWith("Encrypt-card 1/0 syslog: 0 lines"));
  for (int i = 0; i < 200; ++i) bench.device->card_host().OnEvent({hal::FailoverEvent::What::kBackToCard, {}, "again"});
  EXPECT_THAT(bench.Run("display encrypt-card syslog"), HasSubstr("syslog: 128 lines, 72 overwritten"));
}

TEST(CardCommands, TrapsGoOutWhenTheCardGoesAndWhenItIsBackAndOnlyWhenWanted) {
  CardBench bench;
  std::vector<bool> changes;
  bench.device->card_host().WatchChanges([&](const device::CardChange& c) { changes.push_back(c.in_service); });
  const auto fail_and_return = [&] {
    (void)bench.Run("fault inject card fail@3,self-testx2");
    EXPECT_EQ(bench.Seal(8), 8);
    bench.Pass(30s);
    EXPECT_THAT(bench.Run("display encrypt-card status"), HasSubstr("processed by the card"));
  };
  fail_and_return();
  EXPECT_THAT(changes, testing::IsEmpty());
  bench.RunAll({"system-view", "snmp-agent trap enable encrypt-card"});
  EXPECT_THAT(bench.Run("display current-configuration"), HasSubstr(" snmp-agent trap enable encrypt-card\n"));
  (void)bench.Run("return");
  fail_and_return();
  EXPECT_THAT(changes, testing::ElementsAre(false, true));  // once, however often it failed in between
  const std::string traps = bench.Run("display trapbuffer");
  EXPECT_THAT(traps, HasSubstr("ENCRYPTCARD/4/FAULTSTATE"));
  EXPECT_THAT(traps, HasSubstr("ENCRYPTCARD/6/TOCARD"));
  EXPECT_THAT(traps, Not(HasSubstr("SELFTEST")));
  bench.RunAll({"system-view", "undo snmp-agent trap enable encrypt-card"});
  EXPECT_THAT(bench.Run("display current-configuration"), Not(HasSubstr("trap enable encrypt-card")));
}

TEST(CardCommands, DebuggingTellsWhatEachSwitchIsForAndNoKey) {
  struct Switch {
    const char* word;
    const char* line;
  };
  constexpr Switch kSwitches[] = {{"command", "ENCRYPTCARD/8/COMMAND:Encrypt-card 1/0: add SA "},
                                  {"error", "ENCRYPTCARD/8/ERROR:Encrypt-card 1/0: FAULTSTATE: "},
                                  {"misc", "ENCRYPTCARD/8/MISC:Encrypt-card 1/0: software takes over "},
                                  {"packet", "ENCRYPTCARD/8/PACKET:Encrypt-card 1/0: SA "},
                                  {"sa", "ENCRYPTCARD/8/SA:Encrypt-card 1/0: SA "}};
  for (const Switch& on : kSwitches) {
    CardBench bench;
    ASSERT_NE(bench.OutcomeOf(std::string("debugging encrypt-card ") + on.word), Outcome::kRefused);
    EXPECT_EQ(bench.Run("display debugging"), std::string("Encrypt-card ") + on.word + " debugging is on\n");
    (void)bench.Run("fault inject card fail@6");
    EXPECT_EQ(bench.Seal(8), 8);
    for (const Switch& other : kSwitches)
      EXPECT_EQ(bench.log.find(other.line) != std::string::npos, other.word == on.word) << other.line << bench.log;
    EXPECT_THAT(bench.log, Not(HasSubstr(std::string(16, '0'))));  // the keys are zeros
  }
  CardBench bench;
  (void)bench.Run("debugging encrypt-card all");
  (void)bench.Run("undo debugging encrypt-card packet");
  EXPECT_THAT(bench.Run("display debugging"), testing::AllOf(HasSubstr("sa"), Not(HasSubstr("packet"))));
  (void)bench.Run("undo debugging all");
  EXPECT_EQ(bench.Run("display debugging"), "");
}

TEST(CardCommands, MoreDebuggingThanCanWaitIsCounted) {
  CardBench bench;
  (void)bench.Run("debugging encrypt-card packet");
  const auto& trace = bench.driver.trace();
  for (int i = 0; i < 1200; ++i) trace.Say(hal::pcie::TraceTopic::kPacket, "{}", i);
  bench.Pass(5ms);
  EXPECT_THAT(bench.log, HasSubstr("Encrypt-card 1/0: 200 lines were left out"));
}

TEST(CardCommands, CountersOfTheInterfaceAndOfTheCardAreResetApart) {
  CardBench bench;
  EXPECT_EQ(bench.Seal(8), 8);
  EXPECT_THAT(bench.Run("display interface encrypt 1/0"), HasSubstr("Encrypt1/0 current state: UP"));
  EXPECT_THAT(bench.Run("display interface encrypt"), HasSubstr("40 packets back, 0 of them given back undone"));
  (void)bench.Run("reset counters interface encrypt 1/0");
  EXPECT_THAT(bench.Run("display interface encrypt"), HasSubstr("    0 packets to the card, 0 bytes\n"));
  EXPECT_THAT(bench.Run("display encrypt-card statistic"), HasSubstr("packets by the card: 8\n"));
  (void)bench.Run("reset encrypt-card statistic");
  EXPECT_THAT(bench.Run("display encrypt-card statistic"), HasSubstr("packets by the card: 0\n"));
}

TEST(CardCommands, FastSwitchIsKeptShownAndForgotten) {
  CardBench bench;
  EXPECT_EQ(bench.Run("display encrypt-card fast-switch"), "Encrypt-card 1/0 fast-switch: off, 0 flows\n");
  bench.RunAll({"system-view", "encrypt-card fast-switch"});
  EXPECT_THAT(bench.Run("display current-configuration"), HasSubstr(" encrypt-card fast-switch\n"));
  EXPECT_THAT(bench.Run("display encrypt-card fast-switch 1/0"), HasSubstr("fast-switch: on"));
  EXPECT_NE(bench.OutcomeOf("return"), Outcome::kRefused);
  EXPECT_NE(bench.OutcomeOf("reset encrypt-card fast-switch 1/0"), Outcome::kRefused);
  bench.RunAll({"system-view", "undo encrypt-card fast-switch"});
  EXPECT_THAT(bench.Run("display current-configuration"), Not(HasSubstr("fast-switch")));
}

TEST(CardCommands, ACardProposalIsAViewOfItsOwnUnderAProposalsName) {
  CardBench bench;
  bench.RunAll({"system-view", "ipsec card-proposal c1", "esp encryption-algorithm aes"});
  EXPECT_EQ(bench.prompt(), "[SecBlade_VPN-ipsec-card-proposal-c1]");
  EXPECT_THAT(bench.Run("display ipsec proposal c1"), HasSubstr("encryption card: not assigned"));
  EXPECT_NE(bench.OutcomeOf("use encrypt-card 1/0"), Outcome::kRefused);
  EXPECT_THAT(bench.Run("display ipsec proposal c1"), HasSubstr("encryption card: 1/0"));
  EXPECT_EQ(bench.Run("display this"),
            "#\nipsec card-proposal c1\n use encrypt-card 1/0\n esp encryption-algorithm aes\n#\nreturn\n");
  EXPECT_THAT(bench.Run("ipsec proposal c1"), HasSubstr("c1 is a card proposal"));
  EXPECT_EQ(bench.OutcomeOf("undo ipsec proposal c1"), Outcome::kRefused);
  bench.RunAll({"ipsec proposal p1"});
  EXPECT_EQ(bench.OutcomeOf("use encrypt-card 1/0"), Outcome::kRefused);
  EXPECT_THAT(bench.Run("ipsec card-proposal p1"), HasSubstr("p1 is no card proposal"));
  bench.RunAll({"ipsec policy q 1 isakmp", "proposal c1"});
  EXPECT_THAT(bench.Run("undo ipsec card-proposal c1"), HasSubstr("c1 is used by"));
  (void)bench.Run("undo proposal");
  EXPECT_NE(bench.OutcomeOf("undo ipsec card-proposal c1"), Outcome::kRefused);
  EXPECT_EQ(bench.OutcomeOf("undo ipsec card-proposal c1"), Outcome::kRefused);
  EXPECT_THAT(bench.Run("display current-configuration"), Not(HasSubstr("card-proposal")));
}

TEST(CardCommands, PoliciesUseACardProposalOnlyWhereItsCardIs) {
  device::IpsecConfig config;
  device::IpsecProposalConfig& proposal = config.proposals["c"];
  proposal.name = "c";
  proposal.for_card = true;
  device::IpsecPolicyConfig policy;
  policy.proposals = {"c"};
  CardBench bench;
  const auto proposals = [&](const hal::FailoverDevice* card) {
    return device::PolicyOf(config, policy, {}, card).proposals.size();
  };
  EXPECT_EQ(proposals(&*bench.failover), 0U);
  EXPECT_THAT(device::Usable(proposal, &*bench.failover).why(), HasSubstr("no encryption card is assigned"));
  proposal.card_assigned = true;
  EXPECT_EQ(proposals(&*bench.failover), 1U);
  EXPECT_EQ(proposals(nullptr), 0U);
  EXPECT_THAT(device::Usable(proposal, nullptr).why(), HasSubstr("this device has no encryption card"));
  proposal.for_card = false;  // an ordinary one
  EXPECT_EQ(proposals(nullptr), 1U);
}

TEST(CardCommands, WhyACardProposalIsNotUsedIsLoggedOnce) {
  CardBench bench;
  bench.RunAll({"system-view", "acl number 3000", "rule permit ip source 10.1.1.0 0.0.0.255", "ipsec card-proposal c1",
                "ike peer p", "remote-address 192.0.2.2", "pre-shared-key k", "ipsec policy q 1 isakmp", "ike-peer p",
                "security acl 3000", "proposal c1", "interface GigabitEthernet0/0", "ip address 192.0.2.1 24",
                "ipsec policy q"});
  const std::string line = "IPSEC/4/CARDPROPOSAL:ipsec card-proposal c1: no encryption card is assigned to it";
  const auto first = bench.log.find(line);
  ASSERT_NE(first, std::string::npos) << bench.log;
  (void)bench.Run("undo rule 0");
  (void)bench.Run("mtu 1400");
  EXPECT_EQ(bench.log.find(line, first + 1), std::string::npos);
}

TEST(CardCommands, ResetOfItsSasWritesThemAnewAndIsRefusedWhileTheCardIsOut) {
  CardBench bench;
  EXPECT_EQ(bench.Seal(4), 4);
  (void)bench.Run("debugging encrypt-card sa");
  EXPECT_NE(bench.OutcomeOf("reset encrypt-card sa"), Outcome::kRefused);
  bench.Pass(5ms);
  EXPECT_THAT(bench.log, HasSubstr("is written anew: the card's SA "));
  EXPECT_THAT(bench.Run("display encrypt-card sa"), HasSubstr("1 SAs, 1 of them on the card"));
  bench.RunAll({"system-view", "interface encrypt 1/0", "shutdown", "return"});
  EXPECT_EQ(bench.OutcomeOf("reset encrypt-card sa"), Outcome::kRefused);
}

TEST(CardCommands, WithoutACardTheySayThatThereIsNone) {
  TestBench bench;
  for (const char* line : {"reset encrypt-card sa", "reset encrypt-card syslog", "reset counters interface encrypt",
                           "debugging encrypt-card all", "display interface encrypt", "display encrypt-card syslog"})
    EXPECT_THAT(bench.Run(line), HasSubstr("no encryption card")) << line;
  EXPECT_THAT(bench.Run("display encrypt-card status"), HasSubstr("no encryption card"));
  EXPECT_EQ(bench.OutcomeOf("fault inject card fail"), Outcome::kRefused);
  EXPECT_THAT(bench.Run("display device"), Not(HasSubstr("Encrypt-card")));
}

TEST(DeviceCommands, PciDevicesAreShownWithWhatEachIsMissing) {
  TestBench bench;
  EXPECT_THAT(bench.Run("display device pci"), HasSubstr("Total 0 PCI device(s)"));
  bench.device->card_host().SurveyBy([] {
    hal::vfio::Surveyed card{{"0000:01:00.0", 0x5357, 0x8800, 0, 0, 0, 0, "nvme", "7"}, "Crypto card", {}};
    card.missing.push_back({"it has the driver nvme", "echo vfio-pci"});
    const hal::vfio::Surveyed other{
        {"0000:02:00.0", 0x8086, 0x1572, 0, 0, 0, 0, "", ""}, "", {{"not a card", "lspci"}}};
    const hal::vfio::Surveyed well{{"0000:03:00.0", 0x5357, 0x8800, 0, 0, 0, 0, "vfio-pci", "9"}, "Crypto card", {}};
    return std::vector<hal::vfio::Surveyed>{card, other, well};
  });
  EXPECT_THAT(bench.Run("display device pci"),
              HasSubstr(" 0000:01:00.0 5357:8800, driver nvme, IOMMU group 7: Crypto card, cannot be used\n"
                        "   it has the driver nvme\n"
                        "     echo vfio-pci\n"
                        " 0000:02:00.0 8086:1572, driver none, IOMMU group none: not a known card\n"
                        " 0000:03:00.0 5357:8800, driver vfio-pci, IOMMU group 9: Crypto card, can be used\n"
                        " Total 3 PCI device(s)"));
  EXPECT_THAT(bench.Run("display device pci | json"), HasSubstr("\"command\": \"echo vfio-pci\""));
}

TEST(CardTransforms, AreNamedWhereTheCardLacksSome) {
  CardBench whole;
  EXPECT_THAT(whole.Run("display device crypto"), Not(HasSubstr("in software")));
  hal::KnownAnswers answers = hal::PublishedAnswers();
  answers.aead = {};
  answers.ciphers = answers.ciphers.first(1);
  CardBench part(answers);
  const std::string shown = part.Run("display device crypto");
  const std::string_view cipher = hal::Info(answers.ciphers[0].cipher).name;
  EXPECT_THAT(shown, HasSubstr("\n on the card: NULL/NONE, NULL/HMAC-MD5"));
  EXPECT_THAT(shown, HasSubstr(std::string(cipher) + "/HMAC-SHA256\n in software, for the card lacks them: "));
  EXPECT_THAT(shown, HasSubstr("AES-GCM-128, AES-GCM-256\n"));
  const Json json = Json::parse(part.Run("display device crypto | json"));
  EXPECT_THAT(std::string(json["in_software"]), HasSubstr("AES-CBC-256/HMAC-SHA256"));
}

TEST(CardJson, IsAsItsSchemasSay) {
  CardBench bench;
  (void)bench.Seal(4);
  std::size_t tried = 0;
  for (const Grammar::Entry& entry : bench.grammar.entries()) {
    const std::string form(entry.command->form);
    if (entry.undo || (!form.starts_with("display encrypt-card") && !form.starts_with("display interface encrypt")))
      continue;
    const std::string command = form.substr(0, form.find(" ["));
    const Json shown = Json::parse(bench.Run(command + " | json"), nullptr, false);
    ASSERT_FALSE(shown.is_discarded()) << command;
    EXPECT_EQ(WhyNot(SchemaOf(command, *entry.command->shows), shown), "") << command;
    ++tried;
  }
  EXPECT_EQ(tried, 7U);
  const Json details = Json::parse(bench.Run("display encrypt-card details | json"));
  EXPECT_EQ(details["status"]["processed_by"], "card");
  EXPECT_EQ(details["statistic"]["card_packets"], 4);
}

}  // namespace
}  // namespace sw::cli
