// A connected stream socket as lines: reads whole lines, writes without ever blocking.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "device/event_loop.h"

namespace sw::cli {

class LineStream {
 public:
  // Owns `fd`. `on_line` gets each line without its end; `on_end` is called once, when the peer has gone, a line exceeds
  // `max_line`, or the peer leaves more than `max_line` bytes unread. Either may destroy the stream.
  LineStream(device::EventLoop& loop, int fd, std::size_t max_line, std::function<void(std::string_view)> on_line,
             std::function<void()> on_end);
  ~LineStream();
  LineStream(const LineStream&) = delete;
  LineStream& operator=(const LineStream&) = delete;

  void Write(std::string_view text);
  void CloseWhenSent();

 private:
  void OnReadable();
  void OnWritable();
  void End();

  device::EventLoop& loop_;
  int fd_;
  std::size_t max_line_;
  std::function<void(std::string_view)> on_line_;
  std::function<void()> on_end_;
  std::string in_, out_;
  bool closing_ = false, ended_ = false;
  std::unique_ptr<device::EventLoop::Watch> readable_, writable_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // callbacks may destroy the stream
};

}  // namespace sw::cli
