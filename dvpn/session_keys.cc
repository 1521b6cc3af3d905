#include "dvpn/session_keys.h"

#include <utility>

#include <fmt/format.h>

#include "dvpn/constants.h"
#include "dvpn/fast_path.h"
#include "dvpn/terms.h"

namespace sw::dvpn {
namespace {

ControlChannel TakeBase(SessionIndex& index, const SessionContext& context) {
  ControlChannel channel(context.suite, DeriveBase(context.suite, context.spec.base), context.lower());
  if (const auto before = index.remembered.Take(context.spec.peer_private, channel.id())) channel.GoOn(*before);
  return channel;
}

}  // namespace

SessionKeys::SessionKeys(SessionContext& context, SessionIndex& index, Session& owner)
    : context_(context), index_(index), owner_(owner), base_(TakeBase(index, context)) {
  index_.by_channel.insert_or_assign(base_.id(), &owner_);
}

SessionKeys::~SessionKeys() {
  Discard(current_);
  Discard(retiring_);
  const auto mine = index_.by_channel.find(base_.id());
  if (mine != index_.by_channel.end() && mine->second == &owner_) index_.by_channel.erase(mine);
  if (!context_.with_server())  // else its base dies with its map
    index_.remembered.Keep(context_.spec.peer_private, context_.key, base_.id(), base_.counters());
}

ControlChannel* SessionKeys::Find(std::uint64_t channel) {
  if (base_.id() == channel) return &base_;
  if (current_ && current_->channel.id() == channel) return &current_->channel;
  if (retiring_ && retiring_->channel.id() == channel) return &retiring_->channel;
  return nullptr;
}

std::optional<Generation> SessionKeys::Make(const Agreement& agreed) {
  Core& core = context_.core;
  const wire::Terms& terms = context_.spec.terms;
  SessionSecrets secrets = DeriveSession(context_.suite, ipsec::KeyBytes(terms.data_suite), context_.spec.base,
                                         agreed.dh, agreed.initiator_nonce, agreed.responder_nonce, agreed.transcript);
  const Time expires = core.now + std::chrono::seconds(terms.sa_duration);
  Generation made{ControlChannel(context_.suite, std::move(secrets.channel), agreed.initiator), 0, 0, core.now,
                  expires};
  SecretBytes& in_keys = agreed.initiator ? secrets.data_backward : secrets.data_forward;
  SecretBytes& out_keys = agreed.initiator ? secrets.data_forward : secrets.data_backward;
  auto in = core.esp.AddInbound(core.now, {agreed.inbound_spi, terms.data_suite, std::move(in_keys), expires});
  if (!in.ok()) {
    context_.Note(Topic::kError, "inbound SA not installed: " + in.why());
    return std::nullopt;
  }
  auto out = core.esp.AddOutbound(core.now, {agreed.outbound_spi, terms.data_suite, std::move(out_keys), expires});
  if (!out.ok()) {
    core.esp.Remove(*in);
    context_.Note(Topic::kError, "outbound SA not installed: " + out.why());
    return std::nullopt;
  }
  made.inbound = *in;
  made.outbound = *out;
  if (!index_.by_channel.try_emplace(made.channel.id(), &owner_).second) {  // 64 bits of chance against us
    core.esp.Remove(*in);
    core.esp.Remove(*out);
    return std::nullopt;
  }
  index_.by_sa[made.inbound] = &owner_;
  if (FastPath* fast = core.services.fast) {  // the SA is known; what comes by it still goes to the engine, which
    made.in_shared = core.esp.Shared(made.inbound);  // makes it the current one
    made.out_shared = core.esp.Shared(made.outbound);
    fast->Show(made.in_shared->spi, {made.in_shared, made.inbound, nullptr});
  }
  if (core.Wants(Topic::kIpsec))
    context_.Note(Topic::kIpsec,
                  fmt::format("SAs installed, inbound SPI {:#010x}, outbound SPI {:#010x}, suite {}, {} s",
                              agreed.inbound_spi, agreed.outbound_spi, terms.data_suite, terms.sa_duration));
  return made;
}

void SessionKeys::Promote(Generation made, bool active) {
  Discard(retiring_);
  if (current_) {
    context_.core.esp.Remove(current_->outbound);  // from here on only the new one sends; the old one still receives
    current_->outbound = 0;
    retiring_ = std::move(current_);
    retire_at_ = context_.now() + kLinger;
  }
  current_ = std::move(made);
  active_ = active;
  rekey_at_ = Time::Never();
  if (!active) return;
  // 80 to 90 % of the life, so that the sessions of a domain do not all rekey at once
  const Duration life = std::chrono::seconds(context_.spec.terms.sa_duration);
  rekey_at_ =
      context_.now() + life * 80 / 100 + Duration(life.count() / 1000 * (context_.core.services.random.U32() % 100));
}

void SessionKeys::Discard(std::optional<Generation>& gone) {
  if (!gone) return;
  if (FastPath* fast = context_.core.services.fast; fast != nullptr && gone->in_shared)
    fast->HideInbound(gone->in_shared->spi);
  index_.by_channel.erase(gone->channel.id());
  for (ipsec::SaId sa : {gone->inbound, gone->outbound}) {
    if (sa == 0) continue;
    index_.by_sa.erase(sa);
    context_.core.esp.Remove(sa);
  }
  gone.reset();
}

void SessionKeys::OnTimer() {
  if (retiring_ && context_.now() >= retire_at_) Discard(retiring_);
}

void SessionKeys::Describe(SessionInfo& out) const {
  out.session_suite = context_.spec.terms.session_suite;
  out.data_suite = context_.spec.terms.data_suite;
  out.server_proof = context_.spec.server_proof;
  for (const std::string& weak : Weaknesses(context_.spec.terms))
    out.weakness += (out.weakness.empty() ? "" : ", ") + weak;
  if (!current_) return;
  out.keyed = current_->made;
  out.forward_secrecy = context_.suite.group != hal::DhGroup::kNone;
  for (ipsec::SaId sa : {current_->inbound, current_->outbound})
    if (const auto known = context_.core.esp.Info(sa)) out.bytes_under_keys += known->counters.bytes;
}

void SessionKeys::AppendSas(Time now, Endpoint peer, std::vector<IpsecSaInfo>& out) const {
  if (!current_) return;
  const ipsec::Esp& esp = context_.core.esp;
  const auto in = esp.Info(current_->inbound), sent = esp.Info(current_->outbound);
  if (!in || !sent) return;
  IpsecSaInfo sa;
  sa.dvpn_id = context_.spec.dvpn_id;
  sa.tunnel = context_.core.settings.name;
  sa.peer_private = context_.spec.peer_private;
  sa.peer_public = peer;
  sa.inbound_spi = in->spi;
  sa.outbound_spi = sent->spi;
  sa.suite = in->suite;
  sa.left = std::max(Duration{0}, current_->expires - now);
  sa.inbound_packets = in->counters.packets;
  sa.outbound_packets = sent->counters.packets;
  out.push_back(std::move(sa));
}

}  // namespace sw::dvpn
