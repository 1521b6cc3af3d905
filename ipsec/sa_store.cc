#include "ipsec/sa_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ipsec/selector.h"

namespace sw::ipsec {
namespace {

// When a lifetime is renewed: the initiator first, so that both ends do not start at once. The guide says only that it
// happens before the end; the shares are our choice.
constexpr unsigned kInitiatorPercent = 80, kResponderPercent = 90;

// The other end learns by our last message of quick mode that it may install what was agreed, and protected traffic can
// overtake that message. After this time it has come, or the other end has asked for it again. Our choice.
constexpr Duration kSettle = std::chrono::seconds(1);

// "ESP SPI 1001 (0x3e9) 192.0.2.1 > 192.0.2.2", each of them behind the other.
std::string SasText(const Bundle& bundle) {
  std::string out;
  const auto add = [&](const std::optional<InstalledSa>& sa, std::string_view protocol, Ipv4 from, Ipv4 to) {
    if (sa)
      out += fmt::format("{0}{1} SPI {2} (0x{2:x}) {3} > {4}", out.empty() ? "" : ", ", protocol, sa->spi,
                         from.ToString(), to.ToString());
  };
  const Ipv4 local = bundle.agreed.local, remote = bundle.agreed.remote;
  add(bundle.in_esp, "ESP", remote, local);
  add(bundle.in_ah, "AH", remote, local);
  add(bundle.out_esp, "ESP", local, remote);
  add(bundle.out_ah, "AH", local, remote);
  return out;
}

void SetLifetime(Bundle& bundle, const AgreedSas& agreed, Time now) {
  const unsigned percent = agreed.initiator ? kInitiatorPercent : kResponderPercent;
  if (agreed.lifetime.seconds != 0) {
    const Duration life = std::chrono::seconds(agreed.lifetime.seconds);
    bundle.hard = now + life;
    bundle.soft = now + life * percent / 100;
  }
  bundle.hard_bytes = std::uint64_t{agreed.lifetime.kilobytes} * 1024;
  bundle.soft_bytes = bundle.hard_bytes * percent / 100;
}

}  // namespace

Status SaStore::InstallParts(Bundle& bundle, AgreedSas& agreed) {
  struct Part {
    std::optional<SaKeys>& keys;
    std::optional<InstalledSa>& installed;
    SaProtocol protocol;
    bool inbound;
  };
  const Part parts[] = {{agreed.in_esp, bundle.in_esp, SaProtocol::kEsp, true},
                        {agreed.in_ah, bundle.in_ah, SaProtocol::kAh, true},
                        {agreed.out_esp, bundle.out_esp, SaProtocol::kEsp, false},
                        {agreed.out_ah, bundle.out_ah, SaProtocol::kAh, false}};
  const Protection& protection = agreed.protection;
  for (const Part& part : parts) {
    const bool ah = part.protocol == SaProtocol::kAh;
    if (ah ? !protection.ah.has_value() : !protection.esp.has_value()) continue;
    if (!part.keys) return {Code::kBadValue, "an SPI or a key is missing"};
    SaParams params;
    params.spi = part.keys->spi;
    params.keys = std::move(part.keys->keys);
    params.expires = bundle.hard;
    params.protocol = part.protocol;
    params.algorithms = ah ? EspAlgorithms{hal::Cipher::kNull, *protection.ah} : *protection.esp;
    const Time now = services_.now();
    const Result<SaId> sa = part.inbound ? esp_.AddInbound(now, params) : esp_.AddOutbound(now, params);
    SW_TRY(sa.status());
    part.installed = InstalledSa{*sa, params.spi};
  }
  return {};
}

Bundle* SaStore::Add(const ActivePolicy& one, AgreedSas agreed) {
  auto bundle = std::make_unique<Bundle>();
  bundle->policy = one.id;
  bundle->port = one.port;
  SetLifetime(*bundle, agreed, services_.now());
  const Status installed = InstallParts(*bundle, agreed);
  if (!installed.ok() || (!agreed.protection.ah && !agreed.protection.esp)) {
    for (const auto* sa : {&bundle->in_esp, &bundle->in_ah, &bundle->out_esp, &bundle->out_ah})
      if (*sa) esp_.Remove((*sa)->id);
    report_.Say(GatewayTopic::kSa, "policy {} {}: SAs cannot be installed: {}", one.policy.name, one.policy.number,
                installed.why());
    return nullptr;
  }
  bundle->agreed = std::move(agreed);
  Bundle& added = bundles_.Add(std::move(bundle));
  UpdateDeadline();
  return &added;
}

void SaStore::Use(Bundle& added, Time settled, std::string_view how) {
  const Time now = services_.now();
  added.settled = std::min(added.settled, settled);
  policies_.fast.Forget();  // what a template takes depends on its SAs
  // The older ones for the same traffic fade: nobody has to renew them.
  for (Bundle* other : bundles_.OfPolicy(added.policy)) {
    if (other == &added || !Holds(added.flow(), other->flow())) continue;
    if (report_.Wants(GatewayTopic::kSa) && now + kFade < other->hard)
      report_.Say(GatewayTopic::kSa, "connection {} is replaced by {} and ends in {} s", other->connection,
                  added.connection, std::chrono::duration_cast<std::chrono::seconds>(kFade).count());
    other->renewing = true;
    other->hard = std::min(other->hard, now + kFade);
  }
  UpdateDeadline();
  if (const ActivePolicy* one = policies_.Find(added.policy); one != nullptr && report_.Wants(GatewayTopic::kSa))
    report_.Say(GatewayTopic::kSa, "connection {} is added for policy {} {}, {}: {}", added.connection,
                one->policy.name, one->policy.number, how, SasText(added));
  Changed();
}

void SaStore::InstallManual(const ActivePolicy& one) {
  const Policy& policy = one.policy;
  if (policy.proposals.empty() || policy.remote.empty()) return;
  AgreedSas sas;
  sas.policy = one.id;
  sas.local = policy.local.empty() ? policies_.PortOf(one).address : policy.local;
  sas.remote = policy.remote;
  sas.protection = policy.proposals.front();
  sas.in_esp = policy.in_esp;
  sas.in_ah = policy.in_ah;
  sas.out_esp = policy.out_esp;
  sas.out_ah = policy.out_ah;
  const bool complete = (!sas.protection.esp || (sas.in_esp && sas.out_esp)) &&
                        (!sas.protection.ah || (sas.in_ah && sas.out_ah)) && !sas.local.empty();
  if (!complete) return;
  if (Bundle* added = Add(one, std::move(sas))) Use(*added, services_.now(), "set by hand");
}

void SaStore::Install(AgreedSas sas) {
  const ActivePolicy* one = policies_.Find(sas.policy);
  const Time settled = services_.now() + (sas.initiator ? kSettle : Duration());
  Bundle* added = one == nullptr ? nullptr : Add(*one, std::move(sas));
  if (added != nullptr) Use(*added, settled, "negotiated");
}

void SaStore::Prepare(AgreedSas sas) {
  if (const ActivePolicy* one = policies_.Find(sas.policy)) (void)Add(*one, std::move(sas));
}

void SaStore::Confirmed(SaProtocol protocol, std::uint32_t inbound_spi) {
  if (Bundle* bundle = bundles_.FindInbound(protocol, inbound_spi)) Use(*bundle, services_.now(), "negotiated");
}

void SaStore::Remove(Bundle& bundle, bool tell, std::string_view why) {
  for (const auto* sa : {&bundle.in_esp, &bundle.in_ah, &bundle.out_esp, &bundle.out_ah})
    if (*sa) esp_.Remove((*sa)->id);
  if (report_.Wants(GatewayTopic::kSa))
    report_.Say(GatewayTopic::kSa, "connection {} is removed, {}: {}", bundle.connection, why, SasText(bundle));
  const std::string peer = bundle.agreed.peer;
  const Ipv4 remote = bundle.agreed.remote;
  const auto in_esp = bundle.in_esp, in_ah = bundle.in_ah;
  bundles_.Remove(bundle);
  policies_.fast.Forget();
  UpdateDeadline();
  Changed();
  if (!tell || peer.empty()) return;
  if (in_esp) requests_.Withdraw(peer, remote, SaProtocol::kEsp, in_esp->spi);
  if (in_ah) requests_.Withdraw(peer, remote, SaProtocol::kAh, in_ah->spi);
}

Bundle* SaStore::Sender(const ActivePolicy& one, const AclPacket& packet) const {
  const std::vector<Bundle*>& sas = bundles_.OfPolicy(one.id);
  Bundle* unsettled = nullptr;
  for (auto it = sas.rbegin(); it != sas.rend(); ++it) {
    if (!one.manual() && !Fits((*it)->flow(), packet)) continue;
    if ((*it)->settled <= services_.now()) return *it;
    if ((*it)->settled == Time::Never()) continue;
    if (unsettled == nullptr) unsettled = *it;
  }
  return unsettled;
}

void SaStore::Renew(Bundle& bundle) {
  bundle.renewing = true;
  if (const ActivePolicy* one = policies_.Find(bundle.policy)) requests_.Want(*one, &bundle);
}

void SaStore::CountBytes(Bundle& bundle) {
  const std::uint64_t used = std::max(bundle.in_bytes, bundle.out_bytes);
  if (bundle.hard_bytes != 0 && used >= bundle.hard_bytes) {
    if (std::ranges::find(worn_, bundle.connection) == worn_.end()) worn_.push_back(bundle.connection);
    return;
  }
  if (bundle.soft_bytes == 0 || used < bundle.soft_bytes || bundle.renewing) return;
  Renew(bundle);
  report_.Say(GatewayTopic::kSa, "connection {} is to be renewed: {} bytes have passed", bundle.connection, used);
}

void SaStore::EndWorn() {
  for (const int connection : std::exchange(worn_, {}))
    if (Bundle* bundle = bundles_.Find(connection)) Remove(*bundle, true, "its traffic is used up");
}

void SaStore::UpdateDeadline() {
  next_ = Time::Never();
  for (const auto& [connection, bundle] : bundles_.all())
    next_ = std::min({next_, bundle->hard, bundle->renewing ? Time::Never() : bundle->soft});
}

void SaStore::OnTimer() {
  const Time now = services_.now();
  std::vector<Bundle*> ended;
  for (const auto& [connection, bundle] : bundles_.all()) {
    if (bundle->hard <= now) {
      ended.push_back(bundle.get());
    } else if (bundle->soft <= now && !bundle->renewing) {
      // What carried nothing is not renewed: the next packet asks.
      const bool carried = bundle->in_bytes + bundle->out_bytes != 0;
      bundle->renewing = true;
      if (carried) Renew(*bundle);
      report_.Say(GatewayTopic::kSa, "connection {} is old and {}", connection,
                  carried ? "to be renewed" : "carried nothing");
    }
  }
  for (Bundle* bundle : ended) Remove(*bundle, true, "expired");
  UpdateDeadline();
}

}  // namespace sw::ipsec
