// What main and aggressive mode collect until an ISAKMP SA stands (RFC 2409 sections 5.1 and 5.4), and the steps that
// both have: proposals, key exchange, NAT detection. Each function works on the SA and this state of its exchange.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "ipsec/ike/shared.h"

namespace sw::ipsec::ike {

struct Phase1State {
  explicit Phase1State(Role r) : role(r) {}

  const Role role;
  std::vector<Phase1Proposal> offered;  // initiator
  Phase1Inputs inputs;
  std::shared_ptr<const hal::DhKey> dh;
  Bytes sa_body, id_i, id_r;  // SAi_b, IDii_b, IDir_b
  bool shortened = false;     // responder: our lifetime is smaller than what was offered

  bool initiator() const { return role == Role::kInitiator; }
  Bytes& own_id() { return initiator() ? id_i : id_r; }
  Bytes& peer_id() { return initiator() ? id_r : id_i; }
  Bytes& own_public() { return initiator() ? inputs.public_i : inputs.public_r; }
  Bytes& peer_public() { return initiator() ? inputs.public_r : inputs.public_i; }
  Bytes& own_nonce() { return initiator() ? inputs.nonce_i : inputs.nonce_r; }
  Bytes& peer_nonce() { return initiator() ? inputs.nonce_r : inputs.nonce_i; }
  void WipeSecrets();
};

// The proposals that at least one of these peers has the credentials for.
std::vector<Phase1Proposal> Usable(const Settings& settings, const std::vector<const PeerSettings*>& peers);
// The other end's choice of what we offered.
std::optional<Notification> TakeAnswer(Shared& shared, IsakmpSa& sa, const Phase1State& state,
                                       const Payloads& payloads);

std::optional<Notification> TakeKey(const IsakmpSa& sa, Phase1State& state, const Payloads& payloads);
void ChooseKey(Shared& shared, Phase1State& state, std::shared_ptr<const hal::DhKey> dh);  // and a nonce
void AddKey(Phase1State& state, ChainWriter& chain);
// The keys of the SA, when both ends' values are there. False: the other end's is none.
bool AgreeKeys(Shared& shared, IsakmpSa& sa, Phase1State& state);
// SKEYID, and so HASH_R, needs only the pre-shared key and the nonces; g^xy can wait.
void AgreeEarly(IsakmpSa& sa, Phase1State& state, const SecretBytes& pre_shared_key);

void AddNatDetection(const IsakmpSa& sa, ChainWriter& chain);
// `last`: aggressive mode's last message, which may come from port 4500 and need not have them.
void DetectNat(IsakmpSa& sa, const Payloads& payloads, bool last);
void FloatPorts(const Report& report, IsakmpSa& sa);  // on to port 4500, when there is a NAT

Bytes OwnIdentity(const Settings& settings, const IsakmpSa& sa, const PeerSettings& peer);

}  // namespace sw::ipsec::ike
