// A device that was stopped before anybody confirmed goes back when it starts again.
#include "device/config/commit_guard.h"

#include <gtest/gtest.h>

#include <chrono>

#include "hal/base/virtual_scheduler.h"

namespace sw::device {
namespace {

using namespace std::chrono_literals;

class CommitGuardTest : public testing::Test {
 protected:
  CommitGuard::Services Services() {
    return {store_, scheduler_, monitor_, [this] { return clock_; },
            [](configdb::Edit& edit) { return edit.Commit(); }};
  }
  void SetSysname(const std::string& name) {
    auto edit = store_.Begin({"console", "con0", "sysname " + name});
    ASSERT_TRUE(edit->Set("system", {std::int64_t{1}}, "sysname", name).ok());
    ASSERT_TRUE(edit->Commit().ok());
  }
  std::string Sysname() { return store_.Rows("system")->front().TextOr("sysname", "factory"); }

  configdb::Store store_ = std::move(*configdb::Store::Open(":memory:"));
  VirtualScheduler scheduler_;
  std::int64_t clock_ = 1000;
  Monitor monitor_{{[this] { return clock_; }}};
};

TEST_F(CommitGuardTest, GoesBackAtStartWhenTheTimeHasPassed) {
  {
    CommitGuard guard(Services());
    ASSERT_TRUE(guard.Arm(5min, {}).ok());
    SetSysname("wrong");
  }
  clock_ += 301;
  CommitGuard guard(Services());
  guard.Resume();
  EXPECT_EQ(Sysname(), "factory");
  EXPECT_FALSE(guard.left());
}

TEST_F(CommitGuardTest, WaitsTheRestOfTheTimeAfterAStart) {
  {
    CommitGuard guard(Services());
    ASSERT_TRUE(guard.Arm(5min, {}).ok());
    SetSysname("wrong");
  }
  clock_ += 100;
  CommitGuard guard(Services());
  guard.Resume();
  EXPECT_EQ(guard.left(), 200s);
  scheduler_.RunFor(199s);
  EXPECT_EQ(Sysname(), "wrong");
  scheduler_.RunFor(2s);
  EXPECT_EQ(Sysname(), "factory");
}

TEST_F(CommitGuardTest, ArmedAgainItGoesBackToTheFirstState) {
  CommitGuard guard(Services());
  ASSERT_TRUE(guard.Arm(1min, {}).ok());
  SetSysname("one");
  ASSERT_TRUE(guard.Arm(2min, {}).ok());
  SetSysname("two");
  scheduler_.RunFor(90s);
  EXPECT_EQ(Sysname(), "two");
  scheduler_.RunFor(31s);
  EXPECT_EQ(Sysname(), "factory");
}

}  // namespace
}  // namespace sw::device
