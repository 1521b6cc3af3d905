// Messages that are larger than every path takes in one piece go in parts: two, or up to four of KEX-RSP with a
// certificate. Those of the registration are cut in the clear, before there are keys: their parts name the whole by its
// digest, and a part of KEX-REQ carries the cookie, so that a server keeps nothing for a stranger. Those of sessions are cut first and sealed then: each part is a sealed
// message of its own, and nobody else's part can get between them. man/sw8800-dvpn.7, section "Parts".
#pragma once

#include <array>
#include <map>
#include <optional>
#include <tuple>
#include <variant>
#include <vector>

#include "dvpn/core.h"
#include "dvpn/half_open.h"
#include "dvpn/session_context.h"
#include "dvpn/wire.h"

namespace sw::dvpn {

// A KEX-REQ or KEX-RSP in parts, two at least. `client`: the nonce of the client. Empty: it is too large for that.
std::vector<Bytes> Cut(ByteView message, const wire::Nonce& client);
// Sends a message of the registration, in parts where it is too large.
void SendWhole(Core& core, Endpoint to, ByteView message, const wire::Nonce& client);

// Pieces that wait for the others of their whole. Bounded as half-open registrations are.
class Pieces {
 public:
  // Empty: one is missing. A Drop: they are not those of what they name. Else the whole body.
  using Added = std::variant<std::monostate, Bytes, Drop>;
  Added Add(Time now, Endpoint from, std::uint64_t client, wire::Piece piece);
  std::size_t size() const { return waiting_.size(); }

 private:
  using Name = std::tuple<Endpoint, std::uint64_t, wire::Digest>;
  struct Waiting {
    std::uint64_t key;
    std::vector<Bytes> pieces;  // empty: not here yet
  };
  struct Place {
    Time since;
    Name name;
  };
  void Forget(std::uint64_t key);

  std::map<Name, Waiting> waiting_;
  std::map<std::uint64_t, Place> places_;  // the oldest first
  HalfOpen shares_;
  std::uint64_t keys_ = 0;
};

// The datagrams that carry a message of a session.
std::vector<Bytes> SealWhole(SessionContext& context, ControlChannel& channel, wire::Type type, ByteView plain);

// The other end of that: one message of one session at a time, since parts are sealed and cannot be a stranger's.
class SealedParts {
 public:
  struct Whole {
    wire::Type type;
    Bytes plain;
  };
  std::optional<Whole> Add(wire::Part part);

 private:
  std::optional<wire::Part> waiting_;
};

}  // namespace sw::dvpn
