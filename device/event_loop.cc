#include "device/event_loop.h"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sw::device {

namespace asio = boost::asio;
using boost::system::error_code;

struct EventLoop::Impl {
  using Key = std::pair<Time, TimerId>;

  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  asio::steady_timer timer{io};
  Time armed = Time::Never();
  std::map<Key, std::function<void()>> queue;
  std::unordered_map<TimerId, Key> keys;
  TimerId last = 0;
  std::vector<std::unique_ptr<asio::signal_set>> signals;
  bool stopped = false;

  static Time Now() { return {std::chrono::steady_clock::now().time_since_epoch()}; }

  // One system timer for all: it stands at the earliest entry.
  void Arm() {
    const Time next = queue.empty() ? Time::Never() : queue.begin()->first.first;
    if (next == armed) return;
    armed = next;
    if (next == Time::Never()) {
      timer.cancel();
      return;
    }
    timer.expires_at(std::chrono::steady_clock::time_point(next.since));
    timer.async_wait([this](const error_code& error) {
      if (!error) RunDue();
    });
  }

  // What a task arms for "now" waits for the next turn, so that timers cannot keep descriptors waiting.
  void RunDue() {
    const Time now = Now();
    const TimerId last_before = last;
    for (auto it = queue.begin(); !stopped && it != queue.end() && it->first.first <= now; it = queue.begin()) {
      while (it != queue.end() && it->first.first <= now && it->first.second > last_before) ++it;
      if (it == queue.end() || it->first.first > now) break;
      auto node = queue.extract(it);
      keys.erase(node.key().second);
      node.mapped()();
    }
    armed = Time::Never();
    Arm();
  }
};

namespace {

struct Watched {
  using Event = asio::posix::stream_descriptor::wait_type;
  Watched(asio::io_context& io, Event e, std::function<void()> f) : descriptor(io), event(e), ready(std::move(f)) {}
  asio::posix::stream_descriptor descriptor;
  Event event;
  std::function<void()> ready;
  bool dropped = false;

  static void Wait(const std::shared_ptr<Watched>& w) {
    w->descriptor.async_wait(w->event, [w](const error_code& error) {
      if (w->dropped) return;
      // A regular file cannot be polled and is always readable.
      if (error && error != asio::error::operation_not_supported) return;
      w->ready();
      if (!w->dropped) Wait(w);
    });
  }
};

class WatchHandle final : public EventLoop::Watch {
 public:
  explicit WatchHandle(std::shared_ptr<Watched> watched) : watched_(std::move(watched)) {}
  ~WatchHandle() override {
    watched_->dropped = true;
    error_code error;
    watched_->descriptor.close(error);  // the watch's own duplicate; the fd stays the caller's
  }

 private:
  std::shared_ptr<Watched> watched_;
};

// Each watch has a duplicate of the descriptor, because a poller takes one descriptor only once.
std::unique_ptr<EventLoop::Watch> WatchFd(asio::io_context& io, int fd, Watched::Event event,
                                          std::function<void()> ready) {
  const int own = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (own < 0) return nullptr;
  auto watched = std::make_shared<Watched>(io, event, std::move(ready));
  error_code error;
  watched->descriptor.assign(own, error);
  if (error) {
    ::close(own);
    return nullptr;
  }
  Watched::Wait(watched);
  return std::make_unique<WatchHandle>(std::move(watched));
}

void WaitSignal(asio::signal_set& set, const std::shared_ptr<std::function<void()>>& task) {
  set.async_wait([&set, task](const error_code& error, int) {
    if (error) return;
    (*task)();
    WaitSignal(set, task);
  });
}

}  // namespace

EventLoop::EventLoop() : impl_(std::make_unique<Impl>()) {}
EventLoop::~EventLoop() = default;

Time EventLoop::now() const {
  return Impl::Now();
}

Scheduler::TimerId EventLoop::At(Time when, std::function<void()> task) {
  const TimerId id = ++impl_->last;
  const Impl::Key key{when, id};
  impl_->queue.emplace(key, std::move(task));
  impl_->keys.emplace(id, key);
  impl_->Arm();
  return id;
}

void EventLoop::Cancel(TimerId id) {
  auto it = impl_->keys.find(id);
  if (it == impl_->keys.end()) return;
  impl_->queue.erase(it->second);
  impl_->keys.erase(it);
  impl_->Arm();
}

std::unique_ptr<EventLoop::Watch> EventLoop::WatchReadable(int fd, std::function<void()> ready) {
  return WatchFd(impl_->io, fd, asio::posix::stream_descriptor::wait_read, std::move(ready));
}
std::unique_ptr<EventLoop::Watch> EventLoop::WatchWritable(int fd, std::function<void()> ready) {
  return WatchFd(impl_->io, fd, asio::posix::stream_descriptor::wait_write, std::move(ready));
}

void EventLoop::Post(std::function<void()> task) {
  asio::post(impl_->io, std::move(task));
}

void EventLoop::OnSignal(int signal, std::function<void()> task) {
  impl_->signals.push_back(std::make_unique<asio::signal_set>(impl_->io, signal));
  WaitSignal(*impl_->signals.back(), std::make_shared<std::function<void()>>(std::move(task)));
}

void EventLoop::Run() {
  while (!impl_->stopped) impl_->io.run_one();
  impl_->stopped = false;
}

void EventLoop::Stop() {
  impl_->stopped = true;
  Post([] {});  // wakes a Run that waits
}

bool EventLoop::RunFor(Duration limit) {
  constexpr int kAtOnce = 100;  // a file is always ready
  const Time end = now() + limit;
  for (int i = 0; i < kAtOnce && !impl_->stopped && impl_->io.poll_one() != 0; ++i) {
  }
  while (!impl_->stopped && now() < end) impl_->io.run_one_for(end - now());
  return !std::exchange(impl_->stopped, false);
}

bool EventLoop::RunUntil(const std::function<bool()>& done, Duration limit) {
  const Time end = now() + limit;
  while (!done()) {
    if (impl_->stopped || now() >= end) {
      impl_->stopped = false;
      return false;
    }
    impl_->io.run_one_for(end - now());
  }
  return true;
}

}  // namespace sw::device
