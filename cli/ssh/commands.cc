// Keys of SSH users, and those who guess passwords (ours). V3 devices keep whole RSA keys by name (`rsa peer-public-key`); here a user is given the SHA-256
// fingerprint that `ssh-keygen -l` prints, which fits on a line whatever the key. Ours.
#include <fmt/format.h>

#include <algorithm>

#include "cli/session/binding.h"
#include "cli/session/login.h"
#include "cli/session/operator.h"
#include "cli/session/refusals.h"
#include "cli/ssh/displays.h"
#include "cli/subjects.h"
#include "device/device.h"

namespace sw::cli {
namespace {

// SHA256: and 32 bytes in base 64 without padding.
bool IsFingerprint(std::string_view text) {
  constexpr std::string_view kHash = "SHA256:";
  constexpr std::size_t kLength = 43;
  if (!text.starts_with(kHash) || text.size() != kHash.size() + kLength) return false;
  return std::ranges::all_of(text.substr(kHash.size()), [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '+' || c == '/';
  });
}

Status AddKey(Operator& session, const Match& match) {
  const std::string fingerprint = match.Text("fingerprint");
  if (!IsFingerprint(fingerprint)) return {Code::kBadValue, "Not the SHA256: fingerprint of a key"};
  return session.Configure([&](configdb::Edit& edit) -> Status {
    return edit.Ensure("ssh_key", {match.Text("user"), fingerprint}).status();
  });
}

Status RemoveKey(Operator& session, const Match& match) {
  return session.Configure([&](configdb::Edit& edit) {
    return RemoveRow(edit, "ssh_key", {match.Text("user"), match.Text("fingerprint")},
                     Status(Code::kNotFound, "The user has no such key"));
  });
}

Status DisplayLockout(Operator& session, const Match&) {
  const Time now = session.device().scheduler().now();
  session.Show(kLockoutDisplay, {now, GuessLimitsOf(session.store()), session.seat().lines().guesses().guessers(now)});
  return {};
}

Status ResetLockout(Operator& session, const Match& match) {
  const std::string user = match.Text("user"), address = match.Text("address");
  const std::size_t gone = session.seat().lines().guesses().Reset(user, address);
  return gone == 0 && !(user.empty() && address.empty()) ? NoSuch(user + address) : Status();
}

constexpr Command kCommands[] = {
    {.views = In(View::kSystem),
     .level = kManage,
     .form = "ssh user <user> assign public-key <fingerprint>",
     .help = "Secure shell|User of the service|Name of the local user|What the user is given|"
             "A key that opens the device for him|SHA256: fingerprint of the key",
     .run = AddKey,
     .undo = "ssh user <user> assign public-key <fingerprint>",
     .undo_run = RemoveKey,
     .stores = Stores::kList,
     .table = "ssh_key"},
    {.views = In(View::kSystem),
     .level = kManage,
     .form = "ssh server lockout attempts <lockout_attempts>",
     .help = "|Server of the service|Whoever guesses passwords is locked out|How many wrong ones|{}",
     .undo = "ssh server lockout attempts",
     .stores = Stores::kColumns,
     .table = "terminal"},
    {.views = In(View::kSystem),
     .level = kManage,
     .form = "ssh server lockout time <lockout_minutes>",
     .help = "|||For how long|{}",
     .undo = "ssh server lockout time",
     .stores = Stores::kColumns,
     .table = "terminal"},
    {.views = kAnyView,
     .level = kManage,
     .form = "display ssh server lockout",
     .help = "|Secure shell|Server of the service|Users and addresses that guess passwords",
     .run = DisplayLockout,
     .shows = &kLockoutDisplay},
    {.views = In(View::kUser),
     .level = kManage,
     .form = "reset ssh server lockout [ user <user:ssh_key.user> | address <address:string:1-64> ]",
     .help = "|Secure shell|Server of the service|Let in who guessed passwords|One user|Name|One address|Address, of IPv6 any of "
             "its network",
     .run = ResetLockout},
};

}  // namespace

std::span<const Command> SshCommands() {
  return kCommands;
}

}  // namespace sw::cli
