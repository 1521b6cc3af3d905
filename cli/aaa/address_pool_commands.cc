// Pools of addresses that PPP users would get one from, stored and shown only: no engine here speaks PPP. Source:
// Router 3000 command reference page 1023.
#include <fmt/format.h>

#include "cli/session/binding.h"
#include "cli/session/operator.h"
#include "cli/session/refusals.h"
#include "cli/subjects.h"
#include "hal/base/address.h"

namespace sw::cli {
namespace {

constexpr std::uint32_t kMostAddresses = 1024;

struct Place {
  std::string_view table;
  configdb::Key key;
};
// In an ISP domain its own pools, elsewhere those of the device.
Place PlaceOf(Operator& session, const Match& match) {
  const configdb::Value number = *match.Int("number");
  if (match.command->table == "isp_pool") return {"isp_pool", {session.object().front(), number}};
  return {"ip_pool", {number}};
}

Status SetPool(Operator& session, const Match& match) {
  const Ipv4 low = *Ipv4::Parse(match.Text("low"));
  const bool range = match.Find("high") != nullptr;
  const Ipv4 high = range ? *Ipv4::Parse(match.Text("high")) : low;
  for (const Ipv4 end : {low, high}) {
    if (end.empty() || end.multicast() || end.loopback() || end.value >> 28 == 0xf)
      return {Code::kBadValue, "No user can have the address " + end.ToString()};
  }
  if (high < low) return {Code::kBadValue, "The pool ends before it begins"};
  if (high.value - low.value >= kMostAddresses)
    return {Code::kBadValue, fmt::format("A pool has at most {} addresses", kMostAddresses)};
  const Place place = PlaceOf(session, match);
  const configdb::Value end = high == low ? configdb::Value() : configdb::Value(high.ToString());
  return session.Configure([&](configdb::Edit& edit) -> Status {
    SW_TRY(edit.Ensure(place.table, place.key, {{"low", low.ToString()}, {"high", end}}).status());
    SW_TRY(edit.Set(place.table, place.key, "low", low.ToString()).status());
    return edit.Set(place.table, place.key, "high", end).status();
  });
}

Status RemovePool(Operator& session, const Match& match) {
  const Place place = PlaceOf(session, match);
  return session.Configure(
      [&](configdb::Edit& edit) { return RemoveRow(edit, place.table, place.key, NoSuch("The pool")); });
}

constexpr Command kCommands[] = {
    {.views = In(View::kIspDomain),
     .form = "ip pool <number> <low> [ <high> ]",
     .help = "|Addresses for PPP users of the domain (stored only)|Number of the pool|First address|Last address",
     .run = SetPool,
     .undo = "ip pool <number>",
     .undo_run = RemovePool,
     .stores = Stores::kList,
     .table = "isp_pool",
     .acts = false},
    {.views = In(View::kSystem),
     .form = "ip pool <number> <low> [ <high> ]",
     .help = "|Addresses for PPP users (stored only)|Number of the pool|First address|Last address",
     .run = SetPool,
     .undo = "ip pool <number>",
     .undo_run = RemovePool,
     .stores = Stores::kList,
     .table = "ip_pool",
     .acts = false},
};

}  // namespace

std::span<const Command> AddressPoolCommands() {
  return kCommands;
}

}  // namespace sw::cli
