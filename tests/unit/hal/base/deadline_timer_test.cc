#include "hal/base/deadline_timer.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "hal/base/virtual_scheduler.h"

namespace sw {
namespace {

using std::chrono::seconds;

class DeadlineTimers : public testing::Test {
 protected:
  void Make() {
    timer_ = std::make_unique<DeadlineTimer>(scheduler_, [this] {
      ran_.push_back(scheduler_.now());
      timer_->Follow(next_);
    });
  }
  VirtualScheduler scheduler_;
  std::unique_ptr<DeadlineTimer> timer_;
  std::vector<Time> ran_;
  Time next_ = Time::Never();
};

TEST_F(DeadlineTimers, RunAtTheLastDeadlineTheyWereToldAndOnce) {
  Make();
  for (const int at : {5, 5, 9, 3}) timer_->Follow({seconds(at)});
  scheduler_.RunFor(seconds(20));
  EXPECT_EQ(ran_, std::vector<Time>{{seconds(3)}});
}

TEST_F(DeadlineTimers, NeverIsNotAtAll) {
  Make();
  timer_->Follow({seconds(3)});
  timer_->Follow(Time::Never());
  scheduler_.RunFor(seconds(20));
  EXPECT_TRUE(ran_.empty());
}

TEST_F(DeadlineTimers, TheSameDeadlineCountsAgainOnceItHasRun) {
  Make();
  next_ = {seconds(3)};  // it has passed by then
  timer_->Follow(next_);
  scheduler_.RunUntilTrue([this] { return ran_.size() == 2; }, seconds(20));
  EXPECT_EQ(ran_.size(), 2U);
}

TEST_F(DeadlineTimers, GoWithTheObject) {
  Make();
  timer_->Follow({seconds(3)});
  timer_.reset();
  scheduler_.RunFor(seconds(20));
  EXPECT_TRUE(ran_.empty());
}

}  // namespace
}  // namespace sw
