// ISAKMP SAs on their way to another process of this machine (hal/base/state.h): keys, identities, lifetimes, what the
// other end has used up. Exchanges under way are left out: whoever began one begins again.
#include "hal/base/state.h"

#include <algorithm>
#include <utility>

#include "ipsec/ike/aggressive_mode.h"
#include "ipsec/ike/engine.h"
#include "ipsec/ike/exchanges.h"
#include "ipsec/ike/liveness.h"
#include "ipsec/ike/main_mode.h"

namespace sw::ipsec::ike {
namespace {

template <typename State>
void GroupFields(State& state, hal::DhGroup& group) {
  constexpr hal::DhGroup kGroups[] = {hal::DhGroup::kModp768,  hal::DhGroup::kModp1024, hal::DhGroup::kModp1536,
                                      hal::DhGroup::kModp2048, hal::DhGroup::kEcp256,   hal::DhGroup::kX25519};
  auto number = static_cast<std::uint8_t>(group);
  state(number);
  group = static_cast<hal::DhGroup>(number);
  if (std::ranges::find(kGroups, group) == std::end(kGroups)) state.Refuse();
}

}  // namespace

template <typename State>
void StateFields(State& state, Cookies& cookies) {
  state(cookies.initiator, cookies.responder);
}
template <typename State>
void StateFields(State& state, Spis& spis) {
  state(spis.esp, spis.ah);
}
template <typename State>
void StateFields(State& state, Phase1Proposal& p) {
  state.Range(p.cipher, hal::Cipher::kDesCbc, hal::Cipher::kAesCbc256);
  state.Range(p.hash, hal::HashAlgorithm::kMd5, hal::HashAlgorithm::kSha256);
  GroupFields(state, p.group);
  state(p.number, p.rsa_signature, p.seconds);
}
template <typename State>
void StateFields(State& state, Phase1Keys& keys) {
  state.Range(keys.hash, hal::HashAlgorithm::kMd5, hal::HashAlgorithm::kSha256);
  state.Range(keys.cipher, hal::Cipher::kDesCbc, hal::Cipher::kAesCbc256);
  state(keys.skeyid, keys.skeyid_d, keys.skeyid_a, keys.skeyid_e, keys.key, keys.first_iv);
  if (keys.key.size() != hal::Info(keys.cipher).key_bytes) state.Refuse();
}
template <typename State>
void StateFields(State& state, Child& child) {
  state(child.connection, child.stay_alive, child.own, child.theirs, child.expires, child.local, child.remote_id);
}
template <typename State>
void StateFields(State& state, PeerState& peer) {
  state(peer.ready, peer.children, peer.heard, peer.local);
  if (peer.children.size() > kMaxChildren) state.Refuse();
}

template <typename State>
void IsakmpSa::Fields(State& state) {
  state(connection);
  state.Range(role, Role::kInitiator, Role::kResponder);
  state(aggressive, peer, local, remote, began_with, cookies, proposal, keys, iv);
  state.Range(nat, NatDialect::kNone, NatDialect::kRfc);
  state(nat_local, nat_remote, peer_dpd, confirmed, remote_id, used_ids, created, established, soft, expires, fading,
        replaced, *liveness);
  if (cookies.responder == 0 || iv.size() != hal::Info(keys.cipher).block_bytes) state.Refuse();
}

template <typename State>
void IsakmpSas::Fields(State& state, Shared& shared) {
  std::vector<std::uint32_t> ready;
  for (const auto& [connection, sa] : all_)
    if (sa->ready) ready.push_back(connection);
  state(last_connection_, ready, peers_);
  for (const std::uint32_t connection : ready) {
    if (!state.ok()) return;
    if constexpr (State::kReads) {
      auto made = std::make_unique<IsakmpSa>(shared);
      state(*made);
      if (!state.ok() || made->connection != connection || connection > last_connection_ || all_.contains(connection))
        return state.Refuse();
      IsakmpSa& sa = *made;
      sa.ready = true;
      if (sa.aggressive) {
        sa.phase1 = std::make_unique<AggressiveMode>(shared, sa);
      } else {
        sa.phase1 = std::make_unique<MainMode>(shared, sa);
      }
      state(*sa.phase1);
      by_cookies_[{Cookies{sa.cookies.initiator, 0}, sa.began_with}] = connection;
      Index(sa);
      all_.emplace(connection, std::move(made));
      // A successor that was being negotiated is not any more.
      if (sa.fading && !sa.replaced && sa.initiator()) sa.soft = shared.now();
      Rearm(sa);
    } else {
      IsakmpSa& sa = *all_.at(connection);
      state(sa, *sa.phase1);
    }
  }
}

SecretBytes Engine::Save() {
  Shared& shared = exchanges_->shared;
  StateWriter state(shared.now());
  shared.sas.Fields(state, shared);
  return state.Take();
}

bool Engine::Restore(ByteView saved) {
  Shared& shared = exchanges_->shared;
  StateReader state(saved, shared.now());
  const Effects::Batch batch(shared.effects);
  shared.sas.Fields(state, shared);
  if (!state.done()) return false;
  exchanges_->EndStrangers();
  return true;
}

}  // namespace sw::ipsec::ike
