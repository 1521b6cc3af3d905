// Where an operator sits, who it is, and what holds for this session alone: level, history, paging, and what its
// terminal shows of the log.
//
// A value of the session, on its thread. Knows neither commands nor the device.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/grammar/command.h"
#include "cli/session/history.h"
#include "cli/session/user_interfaces.h"
#include "config-db/store.h"
#include "hal/base/clock.h"

namespace sw::device {
struct MonitorLine;
}

namespace sw::cli {

struct Ready;

// The other devices of a lab, for a session that sits at one of them.
class Neighbours {
 public:
  virtual ~Neighbours() = default;
  virtual std::vector<std::string> Names() const = 0;
  virtual Status Select(const std::string& name) = 0;  // the next line is for that device; kNotFound
};

struct SessionOptions {
  std::string who = "console";  // for the journal
  std::string from = "con0";
  std::uint8_t level = kManage;
  bool interactive = false;          // questions are asked; otherwise they are taken as answered with yes
  bool monitor = false;              // log lines are shown from the start
  View start = View::kUser;          // or kSystem, for configuration text
  Neighbours* neighbours = nullptr;  // null: no lab
  // A session at a user interface of the device; it says who may come in, paging, history and idle time.
  UserInterfaces* lines = nullptr;          // of the device; null: the session is the only one
  std::optional<LineId> line = {};          // unset: a script, which sits nowhere
  std::string address = {}, protocol = {};  // of the peer: shown by `display users`
  bool login = false;                       // the user still has to authenticate, as the line asks for it
  bool banner = false;                      // greets
  bool idles_out = false;                   // the line's idle time counts
};

class Seat {
 public:
  // What the terminal shows of what the device says by itself.
  struct Terminal {
    bool monitor, debugging = false, logging = true, trapping = true;
    std::uint64_t subscription = 0;  // to the device's log; what is debugged for it alone ends with it
  };

  explicit Seat(SessionOptions options);
  ~Seat();
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;

  // Sits down at the line of the options, if any. `hang_up` ends the session, `tell` shows whole lines.
  void Take(Time now, std::function<void()> hang_up, std::function<void(std::string_view)> tell);
  void Touch(Time now);  // something was typed
  // Ends the session from elsewhere.
  void HangUp() const { hang_up_(); }
  std::weak_ptr<bool> alive() const { return alive_; }  // expires with the session

  const SessionOptions& options() const { return options_; }
  std::uint8_t level() const { return level_; }
  void set_level(std::uint8_t level);
  void set_user(const std::string& user);  // who has logged in
  // For the journal; `line`: what is being run, secrets masked.
  configdb::Origin origin() const { return {options_.who, options_.from, line_}; }
  void set_line(std::string line) { line_ = std::move(line); }
  bool logging_in() const { return logging_in_; }
  void set_logging_in(bool on) { logging_in_ = on; }  // then Ctrl+C and Ctrl+Z lead nowhere but out

  UserInterfaces& lines() { return *lines_; }
  UserInterfaces::UseId use() const { return use_; }
  const LineUse* own() { return lines_->Find(use_); }  // null: the session sits nowhere

  History& history() { return history_; }
  // This session's paging alone, instead of the line's; nullopt: the line's again.
  void set_page_lines(std::optional<std::uint16_t> lines) { page_lines_ = lines; }
  // What the line's settings say of the next line typed.
  void Fill(const configdb::Store& store, Ready& ready);

  Terminal& terminal() { return terminal_; }
  bool Shows(const device::MonitorLine& line) const;
  std::vector<std::string>& directory() { return directory_; }  // of `cd`, in flash:

 private:
  SessionOptions options_;
  std::uint8_t level_;
  UserInterfaces own_lines_;
  UserInterfaces* lines_;
  UserInterfaces::UseId use_ = 0;
  std::function<void()> hang_up_;
  std::string line_;
  bool logging_in_ = false;
  History history_;
  std::optional<std::uint16_t> page_lines_;
  Terminal terminal_;
  std::vector<std::string> directory_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace sw::cli
