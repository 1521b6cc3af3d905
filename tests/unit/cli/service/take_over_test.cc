// The dialogue of two processes in virtual time, over a channel that is a pair of queues.
#include "cli/service/take_over.h"

#include <gtest/gtest.h>

#include <deque>
#include <thread>

#include "hal/base/state.h"

namespace sw::cli {
namespace {

using namespace std::chrono_literals;

// One end. Who waits for longer than the other end has said something finds the time gone by.
class FakeChannel final : public TakeOverChannel {
 public:
  FakeChannel(Time& now, std::deque<TakeOverMessage>& in, std::deque<TakeOverMessage>& out)
      : now_(now), in_(in), out_(out) {}
  Status Send(TakeOverMessage message) override {
    if (gone) return {Code::kDevice, "it has gone"};
    out_.push_back(std::move(message));
    return {};
  }
  Result<TakeOverMessage> Receive(Duration limit) override {
    if (on_wait) on_wait();
    if (gone && in_.empty()) return {Code::kNotFound, "it has gone"};
    if (in_.empty()) {
      now_ = now_ + limit;
      return {Code::kBusy, "no answer"};
    }
    TakeOverMessage message = std::move(in_.front());
    in_.pop_front();
    return message;
  }
  bool gone = false;
  std::function<void()> on_wait;

 private:
  Time& now_;
  std::deque<TakeOverMessage>&in_, &out_;
};

struct FakeDevice final : Predecessor {
  Status MayBeTakenOver(const std::string& database) const override {
    return database == "db" ? Status() : Status(Code::kInUse, "another database");
  }
  TakenOver Hold() override {
    held = true;
    TakenOver out;
    out.saved["dvpn Tunnel0"] = SecretBytes(std::string_view("keys"));
    for (int i = 0; i < 250; ++i) out.open.emplace("socket " + std::to_string(i), hal::Descriptor(::dup(0)));
    return out;
  }
  void GoOn(const std::string& reason) override {
    held = false;
    why = reason;
  }
  bool held = false;
  std::string why;
};

struct Two {
  Time now{1h};
  std::deque<TakeOverMessage> to_old, to_new;
  FakeChannel old_end{now, to_old, to_new}, new_end{now, to_new, to_old};
  FakeDevice device;

  TakeOverMessage Heard() {
    TakeOverMessage message = std::move(to_old.front());
    to_old.pop_front();
    return message;
  }
  // Whenever the new one waits, the old one works.
  void Connect() {
    new_end.on_wait = [this] {
      if (to_old.empty()) return;
      const TakeOverMessage message = Heard();
      if (message.word == TakeOverWord::kAsk) (void)Agree(old_end, device, message);
    };
  }
  bool HandsOver() {
    return HandOver(old_end, device, [this] { return now; });
  }
};

TEST(TakeOver, GoesThroughToTheEnd) {
  Two t;
  t.Connect();
  ASSERT_TRUE(AskToTakeOver(t.new_end, "db").ok());
  std::optional<bool> ended;
  bool alive = false;
  t.old_end.on_wait = [&] {  // the successor goes on once it has everything
    if (alive) return;
    alive = true;
    t.to_old.push_back({.word = TakeOverWord::kAlive});
  };
  t.new_end.on_wait = [&] {
    if (ended || t.to_old.empty() || t.Heard().word != TakeOverWord::kNow) return;
    ended = t.HandsOver();
  };
  Result<TakenOver> taken = TakeNow(t.new_end);
  ASSERT_TRUE(taken.ok()) << taken.why();
  EXPECT_EQ(taken->open.size(), 250U);
  EXPECT_EQ(taken->saved.at("dvpn Tunnel0"), SecretBytes(std::string_view("keys")));
  EXPECT_TRUE(GoOrLeave(t.new_end).ok());
  EXPECT_TRUE(ended.value());
  EXPECT_TRUE(t.device.held);
  EXPECT_EQ(t.now, Time{1h});  // nobody had to wait
}

TEST(TakeOver, WhoSaysNothingForTwoSecondsIsNotWaitedForAnyLonger) {
  Two t;
  EXPECT_FALSE(t.HandsOver());
  EXPECT_EQ(t.now, Time{1h} + 2s);
  EXPECT_FALSE(t.device.held);
  EXPECT_EQ(t.device.why, "it does not answer for itself");
}

TEST(TakeOver, WhoDiesOrFailsOrTalksNonsenseIsNotWaitedFor) {
  {
    Two t;
    t.old_end.on_wait = [&] { t.old_end.gone = true; };
    EXPECT_FALSE(t.HandsOver());
    EXPECT_EQ(t.device.why, "it has gone");
  }
  Two t;
  t.to_old.push_back({.word = TakeOverWord::kFailed, .text = "no memory"});
  EXPECT_FALSE(t.HandsOver());
  EXPECT_EQ(t.device.why, "no memory");
  t.to_old.push_back({.word = TakeOverWord::kGo});
  EXPECT_FALSE(t.HandsOver());
  EXPECT_FALSE(t.device.held);
  EXPECT_EQ(t.now, Time{1h});
}

TEST(TakeOver, AnotherFormIsSaidToBeAnotherAndAnythingElseIsARefusal) {
  Two t;
  t.Connect();
  EXPECT_EQ(AskToTakeOver(t.new_end, "other").code(), Code::kDenied);
  EXPECT_FALSE(Agree(t.old_end, t.device, {.word = TakeOverWord::kAsk, .form = kTakeOverForm + 1, .text = "db"}));
  EXPECT_EQ(t.to_new.back().form, kTakeOverForm);
  t.to_new.clear();
  t.to_new.push_back({.word = TakeOverWord::kRefused, .form = 9, .text = "form 1 is asked for"});
  EXPECT_EQ(AskToTakeOver(t.new_end, "db").code(), Code::kUnsupported);
  Two silent;
  EXPECT_EQ(AskToTakeOver(silent.new_end, "db").code(), Code::kUnsupported);
}

TEST(TakeOver, ASuccessorThatIsNotToldToGoLeaves) {
  Two t;
  EXPECT_EQ(GoOrLeave(t.new_end).code(), Code::kBusy);
  t.to_new.push_back({.word = TakeOverWord::kRefused, .text = "too late"});
  EXPECT_EQ(GoOrLeave(t.new_end).code(), Code::kDenied);
}

TEST(TakeOver, TheSavedStateIsTakenWholeAndOfThisFormOnly) {
  device::SavedParts parts;
  parts["ike"] = SecretBytes(std::string_view("abc"));
  parts["ipsec"] = SecretBytes();
  const SecretBytes bytes = EncodeSaved(parts);
  const Result<device::SavedParts> read = DecodeSaved(bytes.view());
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, parts);
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(DecodeSaved(bytes.view().first(size)).ok());
  Bytes other(bytes.view().begin(), bytes.view().end());
  ++other[11];  // the form
  EXPECT_EQ(DecodeSaved(other).status().code(), Code::kUnsupported);
}

}  // namespace
}  // namespace sw::cli
