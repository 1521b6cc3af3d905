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

// A local user who wants in, and what he has to know.
struct Candidate {
  device::Secret password;
  std::uint8_t level = 0;
  std::string reason;  // he cannot come in, whatever he types: why
};
// `service`: "ssh" or "terminal".
Candidate FindCandidate(const device::Device& device, const std::string& user, std::string_view service);
// Takes as long for who cannot come in as for who can, a tenth of a second. Any thread.
LoginVerdict CheckCandidate(const Candidate& candidate, std::string_view password);

// For the user who is locked out for so long.
std::string TooManyGuesses(Duration wait);
// A wrong password in the log, in the words of OpenSSH, which fail2ban and others read. `user`: as LoggedName says;
// `address` empty: the console.
void LogGuess(device::Device& device, const std::string& user, const std::string& address, std::string_view reason);

// What the line asks for before the first prompt; with `none`: nothing, the session goes on with the line's level.
void BeginLogin(Operator& session);
std::string Greeting(Operator& session);  // before the first question

}  // namespace sw::cli
