// IKE version 1 (RFC 2407, 2408, 2409) with DPD (RFC 3706) and NAT traversal (RFC 3947): the key manager of one device.
//
// Events in: datagrams, time, wishes of IPsec. Effects out: datagrams, SAs for IPsec, events for the operator. No I/O,
// no clock and no randomness of its own. One thread. Effects on the SaOwner run at the end of an entry point, in order,
// when the engine is consistent: an SaOwner may call back from them, but not from Judge and AllocateSpi.
//
// Who may cost us what (our choices): an opener that fits no configured peer is dropped without state. Half-open
// exchanges of openers are at most kMaxHalfOpen, and kMaxHalfOpenPerAddress of one address; the oldest unproven one
// makes room. A Diffie-Hellman computation needs an opener's returned cookie; the public value that aggressive mode
// shows before is made once a second and group. RSA in aggressive mode must compute first and is rationed. A peer that
// has proved itself is bounded, too: by the exchanges that one ISAKMP SA takes (ipsec/ike/message_ids.h), by those that
// it keeps, by the IPsec SAs that a peer has.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hal/base/clock.h"
#include "hal/base/random.h"
#include "ipsec/ike/models.h"
#include "ipsec/ike/settings.h"
#include "ipsec/negotiation.h"

namespace sw::ipsec::ike {

inline constexpr std::size_t kMaxHalfOpen = 512, kMaxHalfOpenPerAddress = 16;
inline constexpr std::size_t kMaxUnconfirmed = 256;   // quick modes that one ISAKMP SA may leave unconfirmed: SAs wait
inline constexpr std::size_t kMaxQuickModes = 512;    // of one ISAKMP SA, with those kept to answer repetitions
inline constexpr std::size_t kMaxChildren = 1024;     // pairs of IPsec SAs of one peer; the oldest gives way
inline constexpr std::size_t kMaxOpenerBytes = 4096;  // of a first message; what is larger is no opener of ours

struct EngineServices {
  Random& random;
  SaOwner& owner;
  std::function<Time()> now;
  // `local`: from which of our addresses and ports. On port 4500 the bytes begin with the marker or are a keepalive.
  std::function<void(Endpoint local, Endpoint remote, Bytes bytes)> send;
  std::function<void()> rearm;                   // deadline() may have changed
  std::function<std::int64_t()> wall_clock;      // s since 1970, for certificates
  std::function<Ipv4(Ipv4 remote)> source = {};  // our address on the way there, for a wish that names none
  std::function<bool(IkeTopic)> wants = {};      // empty: only what is more than a note
  std::function<void(const IkeEvent&)> notify = {};
};

class Exchanges;

class Engine final : public KeyManager {
 public:
  Engine(Settings settings, EngineServices services);
  ~Engine() override;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void Configure(Settings settings);        // SAs of peers that are gone end; others stay as negotiated
  void ConfigureAllBut(Settings settings);  // but the peers, who stay as they are
  void SetPeer(PeerSettings peer);          // new, or otherwise than before; its SAs stay as negotiated
  void RemovePeer(const std::string& name);
  // ISAKMP SAs that stand, for a successor in another process with the same settings; exchanges that are under way
  // begin again. False: it is not that.
  SecretBytes Save();
  bool Restore(ByteView saved);

  void Receive(Endpoint local, Endpoint remote, ByteView bytes);
  Time deadline() const;
  void OnTimer();

  void Acquire(const Wish& wish) override;
  void Withdraw(const std::string& peer, Ipv4 remote, SaProtocol protocol, std::uint32_t inbound_spi) override;
  void Heard(const std::string& peer, Ipv4 remote) override;
  void Sending(const std::string& peer, Ipv4 remote) override;

  // This device stops: its peers are told, and all that it has with them ends here, too.
  void Leave();
  // `reset ike sa`: tells the peer, while it can be told. False: no such connection.
  bool Reset(std::optional<std::uint32_t> connection);
  std::vector<SaInfo> sas() const;  // ascending by connection
  const Counters& counters() const;
  std::size_t half_open() const;  // as responder

 private:
  std::unique_ptr<Exchanges> exchanges_;
};

}  // namespace sw::ipsec::ike
