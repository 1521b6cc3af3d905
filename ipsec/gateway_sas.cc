// SAs of the gateway: installed by hand or by the key manager, renewed, ended.
#include <fmt/format.h>

#include <algorithm>

#include "ipsec/gateway_impl.h"

namespace sw::ipsec {
namespace {

// When a lifetime is renewed: the initiator first, so that both ends do not start at once. The guide says only that it
// happens before the end; the shares are our choice.
constexpr unsigned kInitiatorPercent = 80, kResponderPercent = 90;

// The other end learns by our last message of quick mode that it may install what was agreed, and protected traffic can
// overtake that message. After this time it has come, or the other end has asked for it again. Our choice.
constexpr Duration kSettle = std::chrono::seconds(1);
// How long replaced SAs still receive what was under way. Our choice.
constexpr Duration kFade = std::chrono::seconds(30);

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

bool SamePeerPolicy(const Policy& a, const Policy& b) {
  return a.mode == b.mode && a.peer == b.peer && a.acl == b.acl && a.remote == b.remote;
}

}  // namespace

Gateway::Impl::Active* Gateway::Impl::FindActive(std::uint64_t id) {
  const auto found = active.find(id);
  return found == active.end() ? nullptr : &found->second;
}
const Gateway::Impl::Active* Gateway::Impl::FindActive(std::uint64_t id) const {
  const auto found = active.find(id);
  return found == active.end() ? nullptr : &found->second;
}

Bundle* Gateway::Impl::AddBundle(const Active& one, AgreedSas agreed) {
  const Protection& protection = agreed.protection;
  auto bundle = std::make_unique<Bundle>();
  bundle->policy = one.id;
  bundle->port = one.port;
  const Time at = now();
  if (agreed.lifetime.seconds != 0) {
    const Duration life = std::chrono::seconds(agreed.lifetime.seconds);
    bundle->hard = at + life;
    bundle->soft = at + life * (agreed.initiator ? kInitiatorPercent : kResponderPercent) / 100;
  }
  bundle->hard_bytes = std::uint64_t{agreed.lifetime.kilobytes} * 1024;
  bundle->soft_bytes = bundle->hard_bytes * (agreed.initiator ? kInitiatorPercent : kResponderPercent) / 100;

  struct Part {
    std::optional<SaKeys>* keys;
    std::optional<InstalledSa>* installed;
    SaProtocol protocol;
    bool inbound;
  };
  const Part parts[] = {{&agreed.in_esp, &bundle->in_esp, SaProtocol::kEsp, true},
                        {&agreed.in_ah, &bundle->in_ah, SaProtocol::kAh, true},
                        {&agreed.out_esp, &bundle->out_esp, SaProtocol::kEsp, false},
                        {&agreed.out_ah, &bundle->out_ah, SaProtocol::kAh, false}};
  Status refused;
  for (const Part& part : parts) {
    const bool wanted = part.protocol == SaProtocol::kAh ? protection.ah.has_value() : protection.esp.has_value();
    if (!wanted) continue;
    if (!*part.keys) {
      refused = {Code::kBadValue, "an SPI or a key is missing"};
      break;
    }
    SaParams params;
    params.spi = (*part.keys)->spi;
    params.keys = std::move((*part.keys)->keys);
    params.expires = bundle->hard;
    params.protocol = part.protocol;
    params.algorithms =
        part.protocol == SaProtocol::kAh ? EspAlgorithms{hal::Cipher::kNull, *protection.ah} : *protection.esp;
    const Result<SaId> sa = part.inbound ? esp.AddInbound(at, params) : esp.AddOutbound(at, params);
    if (!sa.ok()) {
      refused = sa.status();
      break;
    }
    *part.installed = InstalledSa{*sa, params.spi};
  }
  if (!refused.ok() || (!protection.ah && !protection.esp)) {
    for (const Part& part : parts)
      if (*part.installed) esp.Remove((*part.installed)->id);
    Say(Topic::kSa, "policy {} {}: SAs cannot be installed: {}", one.policy.name, one.policy.number, refused.why());
    return nullptr;
  }
  bundle->agreed = std::move(agreed);
  Bundle& added = bundles.Add(std::move(bundle));
  UpdateDeadline();
  return &added;
}

void Gateway::Impl::UseBundle(Bundle& added, Time settled, std::string_view how) {
  const Time at = now();
  added.settled = std::min(added.settled, settled);
  fast.Forget();  // what a template takes depends on its SAs
  // The older ones for the same traffic fade: nobody has to renew them.
  for (Bundle* other : bundles.OfPolicy(added.policy)) {
    if (other == &added || !Holds(added.flow(), other->flow())) continue;
    if (Wants(Topic::kSa) && at + kFade < other->hard)
      Say(Topic::kSa, "connection {} is replaced by {} and ends in {} s", other->connection, added.connection,
          std::chrono::duration_cast<std::chrono::seconds>(kFade).count());
    other->renewing = true;
    other->hard = std::min(other->hard, at + kFade);
  }
  UpdateDeadline();
  if (const Active* one = FindActive(added.policy); one != nullptr && Wants(Topic::kSa))
    Say(Topic::kSa, "connection {} is added for policy {} {}, {}: {}", added.connection, one->policy.name,
        one->policy.number, how, SasText(added));
  Changed();
}

void Gateway::Impl::InstallManual(Active& one) {
  const Policy& policy = one.policy;
  if (policy.proposals.empty() || policy.remote.empty()) return;
  AgreedSas sas;
  sas.policy = one.id;
  sas.local = policy.local.empty() ? ports.at(one.port).settings.address : policy.local;
  sas.remote = policy.remote;
  sas.protection = policy.proposals.front();
  sas.in_esp = policy.in_esp;
  sas.in_ah = policy.in_ah;
  sas.out_esp = policy.out_esp;
  sas.out_ah = policy.out_ah;
  const bool complete = (!sas.protection.esp || (sas.in_esp && sas.out_esp)) &&
                        (!sas.protection.ah || (sas.in_ah && sas.out_ah)) && !sas.local.empty();
  if (!complete) return;
  if (Bundle* added = AddBundle(one, std::move(sas))) UseBundle(*added, now(), "set by hand");
}

void Gateway::Impl::RemoveBundle(Bundle& bundle, bool tell, std::string_view why) {
  for (const auto* sa : {&bundle.in_esp, &bundle.in_ah, &bundle.out_esp, &bundle.out_ah})
    if (*sa) esp.Remove((*sa)->id);
  const AgreedSas& agreed = bundle.agreed;
  if (Wants(Topic::kSa)) Say(Topic::kSa, "connection {} is removed, {}: {}", bundle.connection, why, SasText(bundle));
  const std::string peer = agreed.peer;
  const Ipv4 remote = agreed.remote;
  const auto in_esp = bundle.in_esp, in_ah = bundle.in_ah;
  bundles.Remove(bundle);
  fast.Forget();
  UpdateDeadline();
  Changed();
  if (!tell || keys == nullptr || peer.empty()) return;
  if (in_esp) keys->Withdraw(peer, remote, SaProtocol::kEsp, in_esp->spi);
  if (in_ah) keys->Withdraw(peer, remote, SaProtocol::kAh, in_ah->spi);
}

Wish Gateway::Impl::WishOf(const Active& one, const Bundle* replaces) const {
  Wish wish;
  wish.policy = one.id;
  wish.peer = one.policy.peer;
  wish.proposals = one.policy.proposals;
  wish.pfs = one.policy.pfs;
  wish.lifetime = one.policy.lifetime;
  wish.local = ports.at(one.port).settings.address;
  if (replaces != nullptr) {
    wish.flow = replaces->flow();
    wish.local = replaces->agreed.local;
    wish.remote = replaces->agreed.remote;
  } else if (Acl* acl = services.acl(one.policy.acl)) {
    if (const auto flow = FlowOf(*acl)) wish.flow = *flow;
  }
  if (!one.policy.proposals.empty() && one.policy.proposals.front().transport && replaces == nullptr) {
    wish.flow.local = {wish.local, wish.local};  // transport mode: the ends are the tunnel's
    if (!one.policy.remote.empty()) wish.flow.remote = {one.policy.remote, one.policy.remote};
  }
  return wish;
}

void Gateway::Impl::Want(const Active& one, const Bundle* replaces) {
  wishes.push_back(WishOf(one, replaces));
}

void Gateway::Impl::FireWishes() {
  for (const int connection : std::exchange(worn, {})) {
    const auto found = bundles.all().find(connection);
    if (found != bundles.all().end()) RemoveBundle(*found->second, true, "its traffic is used up");
  }
  const std::vector<Wish> now_wanted = std::exchange(wishes, {});
  const std::vector<int> now_heard = std::exchange(heard, {}), now_told = std::exchange(told, {});
  if (keys == nullptr) return;
  const auto tell = [this](const std::vector<int>& connections, auto call) {
    for (const int connection : connections) {
      const auto found = bundles.all().find(connection);
      if (found == bundles.all().end() || found->second->agreed.peer.empty()) continue;
      const std::string peer = found->second->agreed.peer;  // the call may remove the bundle
      (keys->*call)(peer, found->second->agreed.remote);
    }
  };
  tell(now_heard, &KeyManager::Heard);
  tell(now_told, &KeyManager::Sending);
  for (std::size_t i = 0; i < now_wanted.size(); ++i) {
    const auto same = [&](const Wish& w) { return w.policy == now_wanted[i].policy && w.flow == now_wanted[i].flow; };
    const auto end = now_wanted.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find_if(now_wanted.begin(), end, same) == end) keys->Acquire(now_wanted[i]);
  }
}

void Gateway::Impl::CountBytes(Bundle& bundle) {
  const std::uint64_t used = std::max(bundle.in_bytes, bundle.out_bytes);
  if (bundle.hard_bytes != 0 && used >= bundle.hard_bytes) {
    if (std::ranges::find(worn, bundle.connection) == worn.end()) worn.push_back(bundle.connection);
    return;
  }
  if (bundle.soft_bytes == 0 || used < bundle.soft_bytes || bundle.renewing) return;
  bundle.renewing = true;
  if (const Active* one = FindActive(bundle.policy)) Want(*one, &bundle);
  Say(Topic::kSa, "connection {} is to be renewed: {} bytes have passed", bundle.connection, used);
}

void Gateway::Impl::UpdateDeadline() {
  next = Time::Never();
  for (const auto& [connection, bundle] : bundles.all())
    next = std::min({next, bundle->hard, bundle->renewing ? Time::Never() : bundle->soft});
}

void Gateway::OnTimer() {
  const Time at = impl_->now();
  std::vector<Bundle*> ended;
  for (const auto& [connection, bundle] : impl_->bundles.all()) {
    if (bundle->hard <= at) {
      ended.push_back(bundle.get());
    } else if (bundle->soft <= at && !bundle->renewing) {
      bundle->renewing = true;
      // What carried nothing is not renewed: the next packet asks.
      const Impl::Active* one = impl_->FindActive(bundle->policy);
      if (one != nullptr && bundle->in_bytes + bundle->out_bytes != 0) impl_->Want(*one, bundle.get());
      impl_->Say(Topic::kSa, "connection {} is old and {}", connection,
                 bundle->in_bytes + bundle->out_bytes != 0 ? "to be renewed" : "carried nothing");
    }
  }
  for (Bundle* bundle : ended) impl_->RemoveBundle(*bundle, true, "expired");
  impl_->UpdateDeadline();
  impl_->FireWishes();
}

Time Gateway::deadline() const {
  return impl_->next;
}

void Gateway::Configure(std::vector<ProtectedPort> wanted) {
  std::map<std::uint64_t, Impl::Active> before = std::exchange(impl_->active, {});
  impl_->ports.clear();
  impl_->fast.Forget();
  std::vector<std::uint64_t> fresh;
  for (ProtectedPort& one : wanted) {
    Impl::Port port;
    for (Policy& policy : one.policies) {
      std::uint64_t& id = impl_->ids[{one.port, policy.name, policy.number}];
      if (id == 0) id = ++impl_->last_id;
      port.group.push_back(id);
      const auto old = before.find(id);
      const bool manual = policy.mode == PolicyMode::kManual;
      if (old == before.end() || (manual ? old->second.policy != policy : !SamePeerPolicy(old->second.policy, policy)))
        fresh.push_back(id);
      else
        before.erase(old);
      impl_->active.emplace(id, Impl::Active{id, one.port, std::move(policy)});
    }
    one.policies.clear();
    const int number = one.port;
    port.settings = std::move(one);
    impl_->ports.emplace(number, std::move(port));
  }
  for (const auto& [id, gone] : before)
    for (Bundle* bundle : std::vector<Bundle*>(impl_->bundles.OfPolicy(id)))
      impl_->RemoveBundle(*bundle, true, "its policy has changed");
  for (const std::uint64_t id : fresh) {
    Impl::Active& one = impl_->active.at(id);
    if (one.policy.mode == PolicyMode::kManual) impl_->InstallManual(one);
  }
}

std::uint32_t Gateway::AllocateSpi(SaProtocol protocol) {
  return impl_->esp.AllocateSpi(protocol);
}

// RFC 2407 and the manuals: the flow asked for may be narrower than ours, never wider.
Result<Accepted> Gateway::Judge(const Offer& offer) {
  std::string why = "no policy has this peer";  // of the policy that came nearest
  for (const auto& [number, port] : impl_->ports) {
    for (const std::uint64_t id : port.group) {
      const Policy& policy = impl_->active.at(id).policy;
      if (policy.mode == PolicyMode::kManual || policy.peer != offer.peer) continue;
      const auto refuse = [&](std::string_view text) {
        why = fmt::format("policy {} {}: {}", policy.name, policy.number, text);
      };
      if (policy.pfs != offer.pfs) {
        refuse("perfect forward secrecy differs");
        continue;
      }
      if (policy.mode == PolicyMode::kIsakmp || policy.acl != 0) {
        Acl* acl = impl_->services.acl(policy.acl);
        const auto flow = acl == nullptr ? std::nullopt : FlowOf(*acl);
        if (!flow || !Holds(*flow, offer.flow)) {
          refuse(
              fmt::format("its list does not hold the flow {} - {}", Text(offer.flow.local), Text(offer.flow.remote)));
          continue;
        }
      }
      for (const Protection& ours : policy.proposals) {
        const auto found = std::ranges::find(offer.proposals, ours);
        if (found == offer.proposals.end()) continue;
        return Accepted{id, static_cast<std::size_t>(found - offer.proposals.begin()),
                        Smaller(policy.lifetime, offer.lifetime)};
      }
      refuse("no proposal in common");
    }
  }
  impl_->Say(Topic::kMisc, "an offer of peer {} is refused: {}", offer.peer, why);
  return {Code::kNotFound, std::move(why)};
}

void Gateway::Install(AgreedSas sas) {
  const Impl::Active* one = impl_->FindActive(sas.policy);
  const Time settled = impl_->now() + (sas.initiator ? kSettle : Duration());
  Bundle* added = one == nullptr ? nullptr : impl_->AddBundle(*one, std::move(sas));
  if (added != nullptr) impl_->UseBundle(*added, settled, "negotiated");
}

void Gateway::Prepare(AgreedSas sas) {
  if (const Impl::Active* one = impl_->FindActive(sas.policy)) (void)impl_->AddBundle(*one, std::move(sas));
}

void Gateway::Confirmed(SaProtocol protocol, std::uint32_t inbound_spi) {
  if (Bundle* bundle = impl_->bundles.FindInbound(protocol, inbound_spi))
    impl_->UseBundle(*bundle, impl_->now(), "negotiated");
}

void Gateway::Abandoned(SaProtocol protocol, std::uint32_t inbound_spi) {
  if (Bundle* bundle = impl_->bundles.FindInbound(protocol, inbound_spi))
    impl_->RemoveBundle(*bundle, true, "the peer has not confirmed it");
}

void Gateway::Deleted(SaProtocol protocol, std::uint32_t inbound_spi) {
  if (Bundle* bundle = impl_->bundles.FindInbound(protocol, inbound_spi))
    impl_->RemoveBundle(*bundle, false, "deleted by the peer");
}

void Gateway::PeerLost(const std::string& peer, Ipv4 remote) {
  std::vector<Bundle*> lost;
  for (const auto& [connection, bundle] : impl_->bundles.all())
    if (bundle->agreed.peer == peer && bundle->agreed.remote == remote) lost.push_back(bundle.get());
  for (Bundle* bundle : lost) impl_->RemoveBundle(*bundle, false, "the peer is lost");
}

void Gateway::Failed(const Wish& wish, const std::string& reason) {
  impl_->Say(Topic::kSa, "no SAs with peer {}: {}", wish.peer, reason);
  for (Bundle* bundle : impl_->bundles.OfPolicy(wish.policy))
    if (bundle->flow() == wish.flow && bundle->hard_bytes != 0) bundle->renewing = false;
}

std::size_t Gateway::Reset(const Which& which) {
  std::vector<Bundle*> chosen;
  for (const auto& [connection, bundle] : impl_->bundles.all()) {
    const Impl::Active* one = impl_->FindActive(bundle->policy);
    if (which.remote && bundle->agreed.remote != *which.remote) continue;
    if (!which.policy.empty() && (one == nullptr || one->policy.name != which.policy)) continue;
    if (which.number && (one == nullptr || one->policy.number != *which.number)) continue;
    if (which.protocol) {
      const auto& sa = *which.protocol == SaProtocol::kAh ? bundle->out_ah : bundle->out_esp;
      if (!sa || sa->spi != which.outbound_spi) continue;
    }
    chosen.push_back(bundle.get());
  }
  for (Bundle* bundle : chosen) {
    const std::uint64_t policy = bundle->policy;
    impl_->RemoveBundle(*bundle, true, "reset");
    Impl::Active* one = impl_->FindActive(policy);
    if (one != nullptr && one->policy.mode == PolicyMode::kManual) impl_->InstallManual(*one);
  }
  return chosen.size();
}

}  // namespace sw::ipsec
