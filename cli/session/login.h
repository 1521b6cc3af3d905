// Who may come in, and with what level: the login dialogue of a line, and the check that SSH uses too.
//
// Texts: captures of Comware devices and public management tools; three tries and levels: Router 3000 command reference
// and S3100 operation manual (page 68: with `scheme` the level is the user's alone, 0 when none is given).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "cli/session/user_interfaces.h"
#include "device/device.h"

namespace sw::cli {

class Operator;

inline constexpr int kLoginTries = 3;

struct LoginVerdict {
  bool accepted = false;
  std::uint8_t level = 0;
  std::string reason;  // why not; for the log, not for the user
};

// A user of the device's AAA; `service`: "ssh" or "terminal". Answers on the device's thread, at once or later.
void CheckUser(device::Device& device, const std::string& user, std::string_view password, std::string_view service,
               std::function<void(LoginVerdict)> answer);

// What the line asks for before the first prompt; with `none`: nothing, the session goes on with the line's level.
void BeginLogin(Operator& session);
std::string Greeting(Operator& session);  // before the first question

}  // namespace sw::cli
