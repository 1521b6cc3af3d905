// Keys of SSH users. V3 devices keep whole RSA keys by name (`rsa peer-public-key`); here a user is given the SHA-256
// fingerprint that `ssh-keygen -l` prints, which fits on a line whatever the key. Ours.
#include <fmt/format.h>

#include <algorithm>

#include "cli/session/binding.h"
#include "cli/session/operator.h"
#include "cli/subjects.h"

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
};

}  // namespace

std::span<const Command> SshCommands() {
  return kCommands;
}

}  // namespace sw::cli
