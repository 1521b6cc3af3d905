// Lines from a pipe, a file or -c: no editing, no paging; prompt and line are echoed, so that the output reads like a
// session. Reads with the event loop, one line at a time: a line waits until the one before it is done.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/session/console.h"
#include "cli/session/line_reader.h"
#include "device/event_loop.h"

namespace sw::cli {

class LineFeeder final : private ConsoleListener {
 public:
  using Sink = std::function<void(std::string_view)>;

  // Console and loop outlive the feeder. `ended` is called once, from the loop, after the last line or when the session
  // closes.
  LineFeeder(Console& console, device::EventLoop& loop, Sink out, std::function<void()> ended);
  ~LineFeeder() override;

  void Run(std::vector<std::string> lines);  // these lines, then the end
  void Read(int fd);                         // until the end of the file; the fd stays the caller's
  bool refused() const { return refused_; }  // some line was

 private:
  void OnOutput(std::string_view text) override { out_(text); }
  void OnNotice(std::string_view text) override { out_(text); }
  void OnReady(const Ready& ready) override;
  void OnReadable(int fd);
  void Pump();
  void ShowPrompt();
  std::string Echo(const std::string& line);
  void Finish();

  Console& console_;
  device::EventLoop& loop_;
  Sink out_;
  std::function<void()> ended_;
  std::unique_ptr<device::EventLoop::Watch> watch_;
  LineReader reader_;
  std::vector<std::string> lines_;
  std::size_t next_ = 0;
  int passwords_ = 0;  // so many lines may be passwords
  bool at_end_ = false, busy_ = false, pumping_ = false, finished_ = false, refused_ = false, prompt_shown_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace sw::cli
