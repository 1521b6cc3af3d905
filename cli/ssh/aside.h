// One task after another on a thread of its own: what takes long and must hold up neither packets nor other users.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace sw::cli {

class Aside {
 public:
  Aside();
  ~Aside();  // finishes the task at hand; the rest is dropped
  Aside(const Aside&) = delete;
  Aside& operator=(const Aside&) = delete;
  void Run(std::function<void()> task);  // from any thread

 private:
  void Work();

  std::mutex mutex_;
  std::condition_variable more_;
  std::deque<std::function<void()>> tasks_;
  bool ends_ = false;
  std::thread thread_;
};

}  // namespace sw::cli
