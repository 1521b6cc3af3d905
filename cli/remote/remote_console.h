// The console of a device in another process.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "cli/remote/line_stream.h"
#include "cli/remote/message.h"
#include "cli/session/console.h"
#include "device/event_loop.h"
#include "hal/base/result.h"

namespace sw::cli {

class RemoteConsole final : public Console {
 public:
  // Connects and waits for the first prompt (`loop` runs meanwhile). kNotFound: no device there.
  static Result<std::unique_ptr<RemoteConsole>> Connect(device::EventLoop& loop, const std::string& path,
                                                        const HelloMessage& hello);
  ~RemoteConsole() override;

  void Listen(ConsoleListener* listener) override { listener_ = listener; }
  const Ready& ready() const override { return ready_; }
  void Execute(std::string_view line) override;
  void Send(Control control) override;
  void Help(std::string_view text, std::function<void(std::string)> answer) override;
  void Complete(std::string_view text, std::function<void(Completion)> answer) override;

 private:
  RemoteConsole(device::EventLoop& loop, int fd);
  void OnLine(std::string_view line);
  void OnEnd();

  ConsoleListener* listener_ = nullptr;
  Ready ready_;
  bool greeted_ = false;
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, std::function<void(std::string)>> help_;
  std::map<std::uint64_t, std::function<void(Completion)>> complete_;
  LineStream stream_;
};

}  // namespace sw::cli
