// The user interfaces of a device: the lines a session can sit at, who sits there now, and what is configured for each.
//
// Types, defaults and numbering: Router 3000 command reference (authentication, levels), Switch 4500 and WX guides
// (screen, history, idle time); 5 virtual lines unless `user-interface maximum-vty`, which is our extension. Absolute
// numbers are our choice: the console is 0, AUX 1, virtual lines follow.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/session/guess_lock.h"
#include "config-db/schema.h"
#include "config-db/store.h"
#include "device/config/secret.h"
#include "hal/base/clock.h"
#include "hal/base/result.h"

namespace sw::cli {

enum class LineType : std::uint8_t { kConsole, kAux, kVty };
inline constexpr int kFirstAbsoluteVty = 2;

std::string_view TypeWord(LineType type);  // as in commands: con, aux, vty
std::optional<LineType> ParseLineType(std::string_view word);

struct LineId {
  LineType type = LineType::kConsole;
  int number = 0;
  int absolute() const;
  std::string ToString() const;  // con0, vty3: for prompts and the journal
  std::string Shown() const;     // "VTY 3"
  static LineId FromAbsolute(int number);
  friend auto operator<=>(const LineId&, const LineId&) = default;
};

enum class LineLogin : std::uint8_t { kNone, kPassword, kScheme };

struct LineSettings {
  LineLogin login = LineLogin::kNone;
  device::Secret password;
  int level = 0;
  std::uint32_t idle_seconds = configdb::Preset<std::uint32_t>("user_interface", "idle_minutes") * 60;
  std::uint16_t screen_length = configdb::Preset<std::uint16_t>("user_interface", "screen_length");  // lines
  std::uint16_t history_size = configdb::Preset<std::uint16_t>("user_interface", "history_size");
  bool ssh = true;  // protocol inbound
  bool shell = true;
  int acl_inbound = 0;  // 0: none
};
LineSettings SettingsOf(const configdb::Store& store, LineId line);
int VtyCount(const configdb::Store& store);
GuessLimits GuessLimitsOf(const configdb::Store& store);

// Who uses a line.
struct LineUse {
  LineId line;
  std::string user, address, protocol;  // empty: none
  Time last_input;
  int level = 0;
  std::function<void()> hang_up;               // ends the session; may remove the use
  std::function<void(std::string_view)> tell;  // shows whole lines, whatever the terminal's switches
};

class UserInterfaces {
 public:
  using UseId = std::uint64_t;
  UseId Add(LineUse use) {
    uses_.emplace(++last_, std::move(use));
    return last_;
  }
  void Remove(UseId id) { uses_.erase(id); }
  LineUse* Find(UseId id) {
    const auto found = uses_.find(id);
    return found == uses_.end() ? nullptr : &found->second;
  }
  const std::map<UseId, LineUse>& uses() const { return uses_; }
  std::optional<LineId> FreeVty(int most) const;  // the lowest
  // Ends the sessions at a line, nullopt: at all of them, but not the one `but`. How many they were.
  std::size_t HangUp(std::optional<LineId> line, UseId but) const;
  GuessLock& guesses() { return guesses_; }  // of passwords, at all of them

 private:
  UseId last_ = 0;
  std::map<UseId, LineUse> uses_;
  GuessLock guesses_;
};

}  // namespace sw::cli
