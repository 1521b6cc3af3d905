// What an entry point of the engine puts off until the engine is consistent: calls of its owner, which may call back.
#pragma once

#include <deque>
#include <functional>
#include <utility>

namespace sw::ipsec::ike {

class Effects {
 public:
  explicit Effects(std::function<void()> done) : done_(std::move(done)) {}

  void Later(std::function<void()> effect) { effects_.push_back(std::move(effect)); }

  // An entry point holds one: the last to go runs what was put off, then `done`.
  class Batch {
   public:
    explicit Batch(Effects& effects) : all_(effects) { ++all_.depth_; }
    ~Batch() {
      if (all_.depth_ == 1) all_.Run();
      if (--all_.depth_ == 0 && all_.done_) all_.done_();
    }
    Batch(const Batch&) = delete;
    Batch& operator=(const Batch&) = delete;

   private:
    Effects& all_;
  };

 private:
  void Run() {
    while (!effects_.empty()) {
      const std::function<void()> effect = std::move(effects_.front());
      effects_.pop_front();
      effect();
    }
  }
  std::function<void()> done_;
  std::deque<std::function<void()>> effects_;
  int depth_ = 0;
};

}  // namespace sw::ipsec::ike
