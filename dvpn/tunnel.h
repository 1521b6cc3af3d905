// One DVPN tunnel interface, client or server: registration, sessions, forwarding. Events in, effects out; no
// socket, no clock, no thread. A 5,000-client domain runs in one process in virtual time.
//
// The owner feeds datagrams, inner packets and time; after each call it sends `Output::datagrams`, hands
// `Output::delivered` to the interface, and arms a timer for deadline(). All calls on one thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dvpn/authenticator.h"
#include "dvpn/event.h"
#include "dvpn/history.h"
#include "dvpn/models.h"
#include "dvpn/settings.h"
#include "hal/base/clock.h"
#include "hal/base/packet.h"
#include "hal/base/random.h"
#include "hal/base/result.h"
#include "hal/crypto_device.h"
#include "ipsec/acl.h"
#include "ipsec/esp.h"

namespace sw::dvpn {

class FastPath;

// The route table as the tunnel sees it.
class NextHops {
 public:
  virtual ~NextHops() = default;
  // The next hop of `destination` when its best route leaves by this tunnel (the destination itself when it is on the
  // tunnel's own network); nullopt when it goes elsewhere or is this device's own.
  virtual std::optional<Ipv4> Find(Ipv4 destination) const = 0;
};

// Collaborators; all outlive the tunnel.
struct Services {
  hal::CryptoDevice& crypto;
  Random& random;
  PacketPool& packets;
  EventSink& events;
  Authenticator& authenticator;  // asked by servers only
  const NextHops& next_hops;
  // Called when an answer came outside of any call (an Authenticator that took its time): deadline() is now due.
  std::function<void()> wake = {};
  // Whether a list permits a packet; asked for TunnelSettings::security_acl. Empty: no list permits anything.
  std::function<bool(int acl, const ipsec::AclPacket&)> permits = {};
  SessionHistory* history = nullptr;  // told of every session that carried traffic; may be shared by tunnels
  // Told what data-path workers may do by themselves. Null: there are none.
  FastPath* fast = nullptr;
  // Seconds since 1970, by which clients judge the certificate of a server. Empty: none is valid.
  std::function<std::int64_t()> wall_clock = {};
};

struct Datagram {
  Endpoint peer;  // from whom, or to whom
  PacketPtr packet;
  bool dont_fragment = false;  // a probe of the path: better lost than cut
};
// An inner packet that a data-path worker opened and that is not for this device itself.
struct Opened {
  ipsec::SaId sa = 0;
  PacketPtr packet;
};
struct Output {
  std::vector<Datagram> datagrams;
  std::vector<PacketPtr> delivered;  // inner IPv4 packets for this device's interface
  void Clear() {
    datagrams.clear();
    delivered.clear();
  }
};

// What a lab does to the message of one step of a registration, where it arrives.
struct Fault {
  enum class Kind : std::uint8_t { kRefuse, kDrop, kCorrupt };
  int step = 1;  // 1 to 8 of guide page 207
  Kind kind = Kind::kDrop;
};

// Who was refused here, and why: one row a client and reason.
struct RefusalInfo {
  Endpoint client;
  std::string reason;
  std::size_t times = 0;
  Time last;
};

class Tunnel {
 public:
  // Refuses settings that no tunnel can run with (no source, client without server address ...).
  static Result<std::unique_ptr<Tunnel>> Create(TunnelSettings settings, Services services);
  virtual ~Tunnel() = default;

  virtual const TunnelSettings& settings() const = 0;
  virtual void Start(Time now, Output& out) = 0;  // a client begins to register
  // Instead of Start: goes on with what another process of this machine saved, of a tunnel with these settings. False:
  // it is not that, and this tunnel is good for nothing. What is saved holds keys; to go on itself, after that, costs
  // the one that saved numbers (hal/base/state.h). No worker runs meanwhile.
  virtual SecretBytes Save(Time now) = 0;
  virtual bool Restore(Time now, ByteView saved, Output& out) = 0;
  // Leaves the domain: a client removes its map (guide page 207), a server all maps of the tunnel. Peers are told.
  virtual void Stop(Time now, Output& out) = 0;

  // Takes over changed settings without leaving the domain, if they allow that. False: nothing was done, and only a
  // new tunnel can have them. Live: a server's policy, key, suites and map age (for registrations from now on), a
  // client's timers and its public address (its peers are told), the security ACL, the device ID.
  virtual bool Adopt(Time now, const TunnelSettings& wanted, Output& out) = 0;

  virtual void Receive(Time now, std::vector<Datagram>& burst, Output& out) = 0;   // from UDP; empties `burst`
  virtual void Forward(Time now, std::vector<PacketPtr>& burst, Output& out) = 0;  // inner packets to send; empties it
  // What data-path workers hand over (dvpn/fast_path.h); datagrams and packets to send come by the two calls above.
  virtual void ReceiveOpened(Time now, std::vector<Opened>& burst, Output& out) = 0;  // empties `burst`
  virtual void OnTimer(Time now, Output& out) = 0;
  virtual Time deadline() const = 0;  // when OnTimer wants to be called; Never() when nothing is pending

  virtual std::vector<MapInfo> maps() const = 0;
  virtual std::vector<SessionInfo> sessions() const = 0;
  virtual std::vector<IpsecSaInfo> ipsec_sas(Time now) const = 0;
  virtual Counters counters() const = 0;
  // Reason and count of everything that was refused or dropped: "control: replayed", "esp: integrity check failed".
  // Every known reason is listed, those with count 0 too.
  struct NamedCount {
    std::string reason;
    std::uint64_t count;
    Time moved;
  };  // moved: when it was counted last; 0: not known
  virtual std::vector<NamedCount> drop_counters() const = 0;

  // Operator's resets. A map: a client goes back to its initial state with all sessions released, then registers again;
  // a server removes the map and the sessions coupled with it. A session coupled with a map is refused on a
  // server ("remove the map first", guide page 208). kNotFound when there is no such map or session.
  virtual Status ResetMap(Time now, std::optional<Ipv4> peer_private, Output& out) = 0;  // nullopt: all
  virtual Status ResetSession(Time now, Ipv4 peer_private, Output& out) = 0;
  virtual void ResetStatistics() = 0;

  // The system refused to send, in its words; told at most once per burst.
  virtual void OnSendFailed(Time now, const std::string& words) = 0;
  // Configuration, a link or a route changed: a client that waits for its next attempt begins it now.
  virtual void OnChange(Time now, Output& out) = 0;
  // Of a server: what it saw of two clients; nullopt: they never spoke by it, or it is no server.
  virtual std::optional<PairInfo> pair(Ipv4 a, Ipv4 b) const = 0;
  virtual std::vector<RefusalInfo> refusals() const = 0;  // of a server, newest first
  virtual std::vector<UnreachedInfo> unreached() const = 0;  // of a client, newest first
  virtual void InjectFault(std::optional<Fault> fault) = 0;
};

}  // namespace sw::dvpn
