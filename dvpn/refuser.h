// How a server says no: to the client with its own nonce, to the operator once per client and reason, to the counters
// always.
#pragma once

#include "dvpn/core.h"
#include "dvpn/refusal.h"
#include "dvpn/refusal_log.h"
#include "dvpn/server_map.h"

namespace sw::dvpn {

class Refuser {
 public:
  explicit Refuser(Core& core) : core_(core) {}

  // Counted and logged; nobody is told. `map`: whose client it is; null: nothing is known of it but what `refusal` says.
  void Note(Endpoint client, const Refusal& refusal, const Map* map);
  void Unfinished(const Map& map);  // logged: its client fell silent, as one does that tried a guess of a key
  // REFUSE in answer to `frame`, a request of steps 1, 3, 5 or 7. `map`: whose client it is; null: nothing is known of
  // it. Smaller than the request, always.
  void Send(const wire::Frame& frame, const Map* map, const Refusal& refusal, Endpoint to);
  // A client of another version. The one before is told in its own words, so that it does not ask in vain.
  void OnOtherVersion(std::uint8_t version, ByteView datagram, Endpoint from);
  const RefusalLog& log() const { return log_; }

 private:
  void Say(Endpoint client, const std::string& why, Sender sender);
  static Sender SenderOf(const Map& map) { return map.keyed ? Sender::kKeyed : Sender::kProven; }

  Core& core_;
  RefusalLog log_;
};

}  // namespace sw::dvpn
