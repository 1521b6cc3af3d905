// The whole fault plan as an operator meets it: every fault of the model has its log line, its counter and its sentence
// in `display encrypt-card`, and the card is back when it has proved itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "cli/render/json.h"
#include "hal/card/model_transport.h"
#include "hal/failover/failover_device.h"
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
  CardBench()
      : transport({8, 16, 2}, *hal::SoftwareDevice::Create({8, 1}), [this] { return scheduler.now(); }),
        driver(transport, [this] { return scheduler.now(); }) {
    while (driver.state() != hal::pcie::BringUp::kRunning) driver.Poll();
    failover.emplace(
        driver, *crypto, [this] { return scheduler.now(); }, random,
        [this](const hal::FailoverEvent& e) { device->OnCardEvent(e); });
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

TEST(CardCommands, WithoutACardTheySayThatThereIsNone) {
  TestBench bench;
  EXPECT_THAT(bench.Run("display encrypt-card status"), HasSubstr("no encryption card"));
  EXPECT_EQ(bench.OutcomeOf("fault inject card fail"), Outcome::kRefused);
  EXPECT_THAT(bench.Run("display device"), Not(HasSubstr("Encrypt-card")));
}

TEST(CardJson, IsAsItsSchemasSay) {
  CardBench bench;
  (void)bench.Seal(4);
  for (const JsonModel& model : CardJsonModels()) {
    const Json shown = Json::parse(bench.Run(std::string(model.command) + " | json"));
    EXPECT_EQ(WhyNot(SchemaOf(model.command), shown), "") << model.command;
  }
  const Json details = Json::parse(bench.Run("display encrypt-card details | json"));
  EXPECT_EQ(details["status"]["processed_by"], "card");
  EXPECT_EQ(details["statistic"]["card_packets"], 4);
}

}  // namespace
}  // namespace sw::cli
