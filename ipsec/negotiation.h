// What IPsec and a key management protocol say to each other: a wish for SAs, an offer of the other end, the SAs
// agreed.
//
// IPsec holds the policies and the SAs and is the SaOwner; IKE is the KeyManager. Neither includes the other. Values
// only; owners outlive users; one thread; nothing blocks, so an answer may come before the call returns or never.
// Terms: RFC 2401 (selector, SA), RFC 2407 (proposal, lifetime). The division is our choice.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hal/base/address.h"
#include "hal/base/result.h"
#include "hal/base/secret.h"
#include "hal/suites.h"

namespace sw::ipsec {

enum class SaProtocol : std::uint8_t { kEsp, kAh };

struct EspAlgorithms {
  hal::Cipher cipher = hal::Cipher::kNull;
  hal::Integrity integrity = hal::Integrity::kNone;
  friend bool operator==(const EspAlgorithms&, const EspAlgorithms&) = default;
};

// One proposal: ESP, AH, or both, AH outside ESP.
struct Protection {
  std::optional<hal::Integrity> ah;
  std::optional<EspAlgorithms> esp;
  bool transport = false;
  friend bool operator==(const Protection&, const Protection&) = default;
};

// The traffic of one SA pair, seen from this end: addresses from `first` to `last`, both included. 0: any.
struct AddressRange {
  Ipv4 first, last{~std::uint32_t{0}};
  friend bool operator==(const AddressRange&, const AddressRange&) = default;
};
struct Selector {
  AddressRange local, remote;
  std::uint8_t protocol = 0;
  std::uint16_t local_port = 0, remote_port = 0;
  friend bool operator==(const Selector&, const Selector&) = default;
};

// 0: without that limit.
struct Lifetime {
  std::uint32_t seconds = 0, kilobytes = 0;
  friend bool operator==(const Lifetime&, const Lifetime&) = default;
};
inline Lifetime Smaller(const Lifetime& a, const Lifetime& b) {
  constexpr auto smaller = [](std::uint32_t x, std::uint32_t y) { return x == 0 ? y : y == 0 ? x : std::min(x, y); };
  return {smaller(a.seconds, b.seconds), smaller(a.kilobytes, b.kilobytes)};
}

// The settings of phase 2, in the order of preference; the peer is the configured one of that name.
struct Wish {
  std::uint64_t policy = 0;  // the SaOwner's name for what wants it, handed back with the SAs
  std::string peer;
  Selector flow;
  std::vector<Protection> proposals;
  hal::DhGroup pfs = hal::DhGroup::kNone;
  Lifetime lifetime;
  // The ends of phase 1. local: the address of the policy's interface; one that the peer's configuration names wins.
  // remote: where an SA that is to be replaced leads, for a peer without an address of its own. 0.0.0.0: as configured.
  Ipv4 local, remote;
};

// What the other end asks for in phase 2.
struct Offer {
  std::string peer;
  Ipv4 local, remote;  // the ends of phase 1
  Selector flow;
  std::vector<Protection> proposals;
  hal::DhGroup pfs = hal::DhGroup::kNone;
  Lifetime lifetime;
};
struct Accepted {
  std::uint64_t policy = 0;
  std::size_t proposal = 0;  // index into the offer's
  Lifetime lifetime;         // the smaller of both ends
};

struct SaKeys {
  std::uint32_t spi = 0;
  SecretBytes keys;  // cipher key, then integrity key; AH: integrity key
  friend bool operator==(const SaKeys&, const SaKeys&) = default;
};
struct AgreedSas {
  std::uint64_t policy = 0;
  std::string peer;
  Ipv4 local, remote;
  std::optional<std::uint16_t> nat_port;  // ESP in UDP (RFC 3948) to this port of the other end
  Selector flow;
  Protection protection;
  Lifetime lifetime;
  bool initiator = false;
  std::optional<SaKeys> in_esp, in_ah, out_esp, out_ah;
};

class SaOwner {
 public:
  virtual ~SaOwner() = default;
  virtual std::uint32_t AllocateSpi(SaProtocol protocol) = 0;  // inbound; unused ones cost nothing
  virtual Result<Accepted> Judge(const Offer& offer) = 0;      // kNotFound: no policy or no proposal fits, and why
  // Beside those that protect the same flow: the newest sends.
  virtual void Install(AgreedSas sas) = 0;
  // The same for a responder, with its answer: the other end may send by these SAs before its confirmation is here, so
  // they receive at once, and send once it has come. Then one of the other two follows, with the SPI of an inbound one.
  virtual void Prepare(AgreedSas sas) = 0;
  virtual void Confirmed(SaProtocol protocol, std::uint32_t inbound_spi) = 0;
  virtual void Abandoned(SaProtocol protocol, std::uint32_t inbound_spi) = 0;
  // By the peer, which names what it receives by. That is not unique; our side of the same SAs is.
  virtual void Deleted(SaProtocol protocol, std::uint32_t inbound_spi) = 0;
  virtual void PeerLost(const std::string& peer, Ipv4 remote) = 0;       // dead: every SA with it goes
  virtual void Failed(const Wish& wish, const std::string& reason) = 0;  // given up; may be asked for again
};

class KeyManager {
 public:
  virtual ~KeyManager() = default;
  virtual void Acquire(const Wish& wish) = 0;  // the same flow twice while it is being negotiated: once
  virtual void Withdraw(const std::string& peer, Ipv4 remote, SaProtocol protocol,
                        std::uint32_t inbound_spi) = 0;            // tell the peer
  virtual void Heard(const std::string& peer, Ipv4 remote) = 0;    // protected traffic came: proof of life for DPD
  virtual void Sending(const std::string& peer, Ipv4 remote) = 0;  // traffic goes out: DPD on demand may ask
};

}  // namespace sw::ipsec
