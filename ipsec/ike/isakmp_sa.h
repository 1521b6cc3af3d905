// One ISAKMP SA, in the making or made: its ends, keys and lifetime, and the exchanges under it, each of which is an
// object with a state of its own. A value that its exchanges share; owned by the table (ipsec/ike/isakmp_sas.h).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hal/base/address.h"
#include "hal/base/clock.h"
#include "hal/base/random.h"
#include "ipsec/ike/keys.h"
#include "ipsec/ike/message_ids.h"
#include "ipsec/ike/models.h"
#include "ipsec/ike/proposals.h"
#include "ipsec/ike/settings.h"

namespace sw::ipsec::ike {

struct Shared;
class Phase1Exchange;
class QuickModes;
class Informational;
class Liveness;

// What an exchange sent last and may have to send again.
struct Outstanding {
  Bytes message;
  int sent = 0;
  Time next = Time::Never();  // Never: only when the other end repeats itself
};

struct IsakmpSa {
  explicit IsakmpSa(Shared& shared);
  ~IsakmpSa();
  IsakmpSa(const IsakmpSa&) = delete;
  IsakmpSa& operator=(const IsakmpSa&) = delete;

  std::uint32_t connection = 0;
  Role role = Role::kInitiator;
  bool aggressive = false;
  bool ready = false;
  std::string peer;
  Endpoint local, remote;
  Ipv4 began_with;  // the other end's address in the first message; `remote` follows a NAT
  Cookies cookies;
  Phase1Proposal proposal;
  Phase1Keys keys;
  Bytes iv;  // the next message's; once ready: the last block of phase 1

  NatDialect nat = NatDialect::kNone;
  bool nat_local = false, nat_remote = false;
  bool peer_dpd = false;
  bool confirmed = false;  // aggressive initiator: the other end has shown that it has message 3
  std::string remote_id;   // who the other end has proved to be

  std::vector<Wish> waiting;       // for phase 1 to end
  MessageIds used_ids;             // of the other end's exchanges
  std::string trouble;             // the last thing that went wrong, for the operator
  std::optional<Failure> failure;  // what kind of thing that was
  std::string detail;              // what the message at hand lacks

  Time created, established, soft = Time::Never(), expires = Time::Never();
  bool fading = false, replaced = false;
  bool probing = false;  // initiator: begun to see whether the other end lives

  std::unique_ptr<Phase1Exchange> phase1;  // stays when it is done: it answers repetitions
  std::unique_ptr<QuickModes> quicks;
  std::unique_ptr<Informational> informational;
  std::unique_ptr<Liveness> liveness;

  Time deadline = Time::Never();  // as it stands in the table's index

  template <typename State>
  void Fields(State& state);  // of one that is ready; engine_state.cc, as those of its parts

  bool initiator() const { return role == Role::kInitiator; }
  bool nat_between() const { return nat_local || nat_remote; }
  // A message ID for an exchange of ours: of no exchange under this SA.
  std::uint32_t NewMessageId(Random& random) const;
};

}  // namespace sw::ipsec::ike
