// The SAs of a gateway on their way to another process of this machine (hal/base/state.h). Policies go by interface,
// name and number: their own numbers count from the start of a process.
#include "hal/base/state.h"
#include "ipsec/sa_state.h"
#include "ipsec/sa_store.h"

namespace sw::ipsec {

template <typename State>
void StateFields(State& state, AddressRange& range) {
  state(range.first, range.last);
}
template <typename State>
void StateFields(State& state, Selector& flow) {
  state(flow.local, flow.remote, flow.protocol, flow.local_port, flow.remote_port);
}
template <typename State>
void StateFields(State& state, Lifetime& lifetime) {
  state(lifetime.seconds, lifetime.kilobytes);
}
template <typename State>
void StateFields(State& state, EspAlgorithms& algorithms) {
  state.Range(algorithms.cipher, hal::Cipher::kNull, hal::Cipher::kAesGcm256);
  state.Range(algorithms.integrity, hal::Integrity::kNone, hal::Integrity::kAead);
}
template <typename State>
void StateFields(State& state, Protection& protection) {
  bool ah = protection.ah.has_value();
  state(ah, protection.esp, protection.transport);
  if constexpr (State::kReads)
    if (ah) protection.ah.emplace();
  if (ah) state.Range(*protection.ah, hal::Integrity::kNone, hal::Integrity::kAead);
}

template <typename State>
void SaStore::Fields(State& state, Bundle& bundle) {
  AgreedSas& agreed = bundle.agreed;
  state(bundle.connection, agreed.peer, agreed.local, agreed.remote, agreed.nat_port, agreed.flow, agreed.protection);
  state(agreed.lifetime, agreed.initiator, bundle.path_mtu, bundle.path_mtu_until, bundle.soft, bundle.hard);
  state(bundle.settled, bundle.soft_bytes, bundle.hard_bytes, bundle.in_bytes, bundle.out_bytes, bundle.matched);
  state(bundle.renewing);
  for (auto* sa : {&bundle.in_esp, &bundle.in_ah, &bundle.out_esp, &bundle.out_ah}) {
    const bool inbound = sa == &bundle.in_esp || sa == &bundle.in_ah;
    const bool ah = sa == &bundle.in_ah || sa == &bundle.out_ah;
    std::optional<SaState> part;
    if constexpr (!State::kReads)
      if (*sa) part = esp_.Save((*sa)->id);
    state(part);
    if constexpr (State::kReads) {
      if (!state.ok() || !part) continue;
      const bool fits =
          (part->direction == hal::Direction::kOpen) == inbound && (part->params.protocol == SaProtocol::kAh) == ah;
      const Result<SaId> id = fits ? esp_.Restore(*part) : Result<SaId>(Status(Code::kBadValue, "another SA"));
      if (!id.ok()) {
        state.Refuse();
        continue;
      }
      *sa = InstalledSa{*id, part->params.spi};
    }
  }
  const Protection& protection = agreed.protection;
  const bool whole = bundle.in_esp.has_value() == protection.esp.has_value() &&
                     bundle.out_esp.has_value() == protection.esp.has_value() &&
                     bundle.in_ah.has_value() == protection.ah.has_value() &&
                     bundle.out_ah.has_value() == protection.ah.has_value();
  if (!whole || (!protection.esp && !protection.ah)) state.Refuse();
}

void SaStore::Clear() {
  while (!bundles_.all().empty()) Remove(*bundles_.all().begin()->second, false, "another process had better ones");
}

template <typename State>
void SaStore::Fields(State& state) {
  if constexpr (State::kReads) Clear();
  auto count = static_cast<std::uint32_t>(bundles_.all().size());
  state(count);
  auto next = bundles_.all().begin();
  for (std::uint32_t i = 0; i < count && state.ok(); ++i) {
    std::string interface, name;
    int number = 0;
    if constexpr (State::kReads) {
      auto bundle = std::make_unique<Bundle>();
      state(interface, name, number);
      Fields(state, *bundle);
      if (!state.ok()) return;
      const ActivePolicy* one = policies_.Find(interface, name, number);
      if (one == nullptr) {
        for (const auto* sa : {&bundle->in_esp, &bundle->in_ah, &bundle->out_esp, &bundle->out_ah})
          if (*sa) esp_.Remove((*sa)->id);
        continue;
      }
      bundle->policy = bundle->agreed.policy = one->id;
      bundle->port = one->port;
      // A negotiation that was under way is not: what does not end soon is renewed by this one.
      if (bundle->hard > services_.now() + kFade) bundle->renewing = false;
      if (!bundles_.Restore(std::move(bundle))) return state.Refuse();
    } else {
      Bundle& bundle = *(next++)->second;
      const ActivePolicy& one = *policies_.Find(bundle.policy);
      interface = policies_.PortOf(one).interface;
      name = one.policy.name;
      number = one.policy.number;
      state(interface, name, number);
      Fields(state, bundle);
    }
  }
  if constexpr (State::kReads) {
    for (const ActivePolicy* one : policies_.all())
      if (one->manual() && bundles_.OfPolicy(one->id).empty()) InstallManual(*one);
    UpdateDeadline();
    Changed();
  }
}

template void SaStore::Fields(StateWriter&);
template void SaStore::Fields(StateReader&);

}  // namespace sw::ipsec
