// What belongs to a user who is a DVPN client: the private address and the networks behind it. Our extension.
#include "cli/session/binding.h"
#include "cli/session/operator.h"
#include "cli/session/refusals.h"
#include "cli/subjects.h"
#include "hal/base/address.h"

namespace sw::cli {
namespace {

constexpr std::string_view kTable = "local_user_network";

configdb::Key KeyOf(Operator& session, const Match& match) {
  const Prefix network =
      Prefix{*Ipv4::Parse(match.Text("network")), static_cast<std::uint8_t>(*match.Int("mask_length"))}.AsNetwork();
  return {session.object().front(), network.address.ToString(), std::int64_t{network.length}};
}

Status AddNetwork(Operator& session, const Match& match) {
  return session.Configure(
      [&](configdb::Edit& edit) { return edit.Ensure(kTable, KeyOf(session, match), {}).status(); });
}

Status RemoveNetwork(Operator& session, const Match& match) {
  return session.Configure([&](configdb::Edit& edit) {
    return RemoveRow(edit, kTable, KeyOf(session, match), NoSuch("The network"));
  });
}

constexpr Command kCommands[] = {
    {.views = In(View::kLocalUser),
     .level = kManage,
     .form = "private-ip <private_ip>",
     .help = "Extension: private address that DVPN clients of the user register, and nobody else|IP address",
     .undo = "private-ip",
     .stores = Stores::kColumns,
     .table = "local_user"},
    {.views = In(View::kLocalUser),
     .level = kManage,
     .form = "network <network> { <mask_length:mask> | <mask_length> }",
     .help = "Extension: network behind DVPN clients of the user; others are no source then|Network|Mask of the network|"
             "Length of the mask",
     .run = AddNetwork,
     .undo = "network <network> { <mask_length:mask> | <mask_length> }",
     .undo_run = RemoveNetwork,
     .stores = Stores::kList,
     .table = kTable},
};

}  // namespace

std::span<const Command> UserPropertyCommands() {
  return kCommands;
}

}  // namespace sw::cli
