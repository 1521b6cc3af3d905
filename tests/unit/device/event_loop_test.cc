#include "device/event_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <thread>
#include <vector>

namespace sw::device {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;

constexpr Duration kPatience = seconds(5);

struct Pipe {
  Pipe() { EXPECT_EQ(::pipe(fd), 0); }
  ~Pipe() {
    ::close(fd[0]);
    ::close(fd[1]);
  }
  void Write() { EXPECT_EQ(::write(fd[1], "x", 1), 1); }
  void Read() {
    char c;
    EXPECT_EQ(::read(fd[0], &c, 1), 1);
  }
  int fd[2];
};

TEST(EventLoop, RunsTimersInOrderOfTimeThenOfArming) {
  EventLoop loop;
  std::vector<int> order;
  const Time now = loop.now();
  loop.At(now + milliseconds(2), [&] { order.push_back(3); });
  loop.At(now + milliseconds(1), [&] { order.push_back(1); });
  loop.At(now + milliseconds(1), [&] { order.push_back(2); });
  EXPECT_TRUE(loop.RunUntil([&] { return order.size() == 3; }, kPatience));
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
}

TEST(EventLoop, ATimerOfThePastRunsSoonButNotInsideTheCall) {
  EventLoop loop;
  bool ran = false;
  loop.At({}, [&] { ran = true; });
  EXPECT_FALSE(ran);
  EXPECT_TRUE(loop.RunUntil([&] { return ran; }, kPatience));
}

TEST(EventLoop, ACancelledTimerDoesNotRun) {
  EventLoop loop;
  bool cancelled = false, other = false;
  const auto id = loop.At(loop.now(), [&] { cancelled = true; });
  loop.At(loop.now(), [&] { other = true; });
  loop.Cancel(id);
  loop.Cancel(0);
  EXPECT_TRUE(loop.RunUntil([&] { return other; }, kPatience));
  EXPECT_FALSE(cancelled);
}

TEST(EventLoop, ATimerMayCancelTheNextAndArmOthers) {
  EventLoop loop;
  std::vector<int> order;
  Scheduler::TimerId second = 0;
  const Time now = loop.now();
  loop.At(now, [&] {
    order.push_back(1);
    loop.Cancel(second);
    loop.At(now, [&] { order.push_back(3); });
  });
  second = loop.At(now, [&] { order.push_back(2); });
  EXPECT_TRUE(loop.RunUntil([&] { return order.size() == 2; }, kPatience));
  EXPECT_THAT(order, ElementsAre(1, 3));
}

TEST(EventLoop, TimersThatRearmThemselvesDoNotStarveDescriptors) {
  EventLoop loop;
  Pipe pipe;
  bool ready = false;
  std::function<void()> again = [&] { loop.At(loop.now(), again); };
  again();
  auto watch = loop.WatchReadable(pipe.fd[0], [&] { ready = true; });
  pipe.Write();
  EXPECT_TRUE(loop.RunUntil([&] { return ready; }, kPatience));
}

TEST(EventLoop, CallsForAReadableDescriptorUntilTheWatchIsDropped) {
  EventLoop loop;
  Pipe pipe;
  int calls = 0;
  auto watch = loop.WatchReadable(pipe.fd[0], [&] {
    ++calls;
    pipe.Read();
  });
  pipe.Write();
  pipe.Write();
  EXPECT_TRUE(loop.RunUntil([&] { return calls == 2; }, kPatience));
  watch.reset();
  pipe.Write();
  EXPECT_TRUE(loop.RunFor(milliseconds(5)));
  EXPECT_EQ(calls, 2);
  watch = loop.WatchReadable(pipe.fd[0], [&] { ++calls, pipe.Read(); });
  EXPECT_TRUE(loop.RunUntil([&] { return calls == 3; }, kPatience)) << "the descriptor can be watched again";
}

TEST(EventLoop, AWatchMayBeDroppedFromItsOwnCall) {
  EventLoop loop;
  Pipe pipe;
  int calls = 0;
  std::unique_ptr<EventLoop::Watch> watch;
  watch = loop.WatchReadable(pipe.fd[0], [&] {
    ++calls;
    watch.reset();
  });
  pipe.Write();
  EXPECT_TRUE(loop.RunFor(milliseconds(5)));
  EXPECT_EQ(calls, 1);
}

TEST(EventLoop, ARegularFileIsAlwaysReadable) {
  EventLoop loop;
  std::FILE* file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  int calls = 0;
  auto watch = loop.WatchReadable(::fileno(file), [&] { ++calls; });
  ASSERT_NE(watch, nullptr);
  EXPECT_TRUE(loop.RunUntil([&] { return calls >= 3; }, kPatience));
  watch.reset();
  std::fclose(file);
  EXPECT_EQ(loop.WatchReadable(-1, [] {}), nullptr);
}

TEST(EventLoop, WorkOfAnotherThreadIsRunHere) {
  EventLoop loop;
  std::thread::id where;
  std::thread other([&] { loop.Post([&] { where = std::this_thread::get_id(); }); });
  EXPECT_TRUE(loop.RunUntil([&] { return where != std::thread::id(); }, kPatience));
  other.join();
  EXPECT_EQ(where, std::this_thread::get_id());
}

TEST(EventLoop, WhatIsReadyIsRunInNoTime) {
  EventLoop loop;
  int runs = 0;
  for (int i = 0; i < 3; ++i) loop.Post([&] { ++runs; });
  EXPECT_TRUE(loop.RunFor(Duration::zero()));
  EXPECT_EQ(runs, 3);
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  char byte = 0;
  const auto watch = loop.WatchReadable(pipe[0], [&] {
    ++runs;
    runs += static_cast<int>(::read(pipe[0], &byte, 1));
  });
  EXPECT_TRUE(loop.RunFor(Duration::zero()));
  EXPECT_EQ(runs, 3);
  ASSERT_EQ(::write(pipe[1], "x", 1), 1);
  EXPECT_TRUE(loop.RunFor(Duration::zero()));
  EXPECT_EQ(runs, 5);
  ::close(pipe[0]);
  ::close(pipe[1]);
}

TEST(EventLoop, ASignalIsSeenEachTime) {
  EventLoop loop;
  int seen = 0;
  loop.OnSignal(SIGUSR1, [&] { ++seen; });
  ::raise(SIGUSR1);
  EXPECT_TRUE(loop.RunUntil([&] { return seen == 1; }, kPatience));
  ::raise(SIGUSR1);
  EXPECT_TRUE(loop.RunUntil([&] { return seen == 2; }, kPatience));
}

TEST(EventLoop, StopEndsARunAndTheNextRunStartsAfresh) {
  EventLoop loop;
  loop.At(loop.now(), [&] { loop.Stop(); });
  loop.Run();
  loop.Stop();
  loop.Run();  // the stop that came before ends it
  EXPECT_TRUE(loop.RunFor(milliseconds(1)));
  loop.At(loop.now(), [&] { loop.Stop(); });
  EXPECT_FALSE(loop.RunFor(kPatience));
  EXPECT_FALSE(loop.RunUntil([] { return false; }, milliseconds(1)));
}

}  // namespace
}  // namespace sw::device
