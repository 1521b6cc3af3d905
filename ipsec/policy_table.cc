#include "ipsec/policy_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "ipsec/selector.h"

namespace sw::ipsec {
namespace {

bool SamePeerPolicy(const Policy& a, const Policy& b) {
  return a.mode == b.mode && a.peer == b.peer && a.acl == b.acl && a.remote == b.remote;
}
// The SAs of the one serve the other.
bool KeepsSas(const Policy& before, const Policy& now) {
  return now.mode == PolicyMode::kManual ? before == now : SamePeerPolicy(before, now);
}

}  // namespace

void PolicyTable::Changes::Add(Changes more) {
  gone.insert(gone.end(), more.gone.begin(), more.gone.end());
  fresh.insert(fresh.end(), more.fresh.begin(), more.fresh.end());
}

PolicyTable::Changes PolicyTable::Configure(std::vector<ProtectedPort> wanted) {
  std::set<int> left;
  for (const auto& [number, port] : ports_) left.insert(number);
  for (const ProtectedPort& one : wanted) left.erase(one.port);
  Changes out;
  for (const int number : left) out.Add(RemovePort(number));
  for (ProtectedPort& one : wanted) out.Add(SetPort(std::move(one)));
  return out;
}

PolicyTable::Changes PolicyTable::SetPort(ProtectedPort wanted) {
  fast.Forget();
  const int number = wanted.port;
  std::map<std::uint64_t, ActivePolicy> before;
  for (const std::uint64_t id : ports_[number].group) before.insert(active_.extract(id));
  Changes out;
  PortPolicies port;
  for (Policy& policy : wanted.policies) {
    std::uint64_t& id = ids_[{number, policy.name, policy.number}];
    if (id == 0) id = ++last_id_;
    port.group.push_back(id);
    const auto old = before.find(id);
    if (old != before.end() && KeepsSas(old->second.policy, policy)) {
      before.erase(old);
    } else {
      out.fresh.push_back(id);
    }
    active_.emplace(id, ActivePolicy{id, number, std::move(policy)});
  }
  wanted.policies.clear();
  port.settings = std::move(wanted);
  ports_.insert_or_assign(number, std::move(port));
  for (const auto& [id, gone] : before) out.gone.push_back(id);
  return out;
}

PolicyTable::Changes PolicyTable::RemovePort(int number) {
  Changes out;
  const auto port = ports_.find(number);
  if (port == ports_.end()) return out;
  fast.Forget();
  for (const std::uint64_t id : port->second.group) active_.erase(id);
  out.gone = std::move(port->second.group);
  ports_.erase(port);
  return out;
}

const PortPolicies* PolicyTable::FindPort(int number) const {
  const auto found = ports_.find(number);
  return found == ports_.end() || found->second.group.empty() ? nullptr : &found->second;
}

const ActivePolicy* PolicyTable::Find(const std::string& interface, const std::string& name, int number) const {
  for (const auto& [port, policies] : ports_) {
    if (policies.settings.interface != interface) continue;
    const auto id = ids_.find({port, name, number});
    return id == ids_.end() ? nullptr : Find(id->second);
  }
  return nullptr;
}

std::vector<const ActivePolicy*> PolicyTable::all() const {
  std::vector<const ActivePolicy*> out;
  for (const auto& [id, one] : active_) out.push_back(&one);
  return out;
}

const ActivePolicy* PolicyTable::Find(std::uint64_t id) const {
  const auto found = active_.find(id);
  return found == active_.end() ? nullptr : &found->second;
}

bool PolicyTable::Permits(const ActivePolicy& one, const AclPacket& packet, bool arriving) const {
  const AclPacket seen = arriving ? Mirrored(packet) : packet;
  if (one.policy.mode == PolicyMode::kTemplate) {
    const auto& sas = bundles_.OfPolicy(one.id);
    return std::ranges::any_of(sas, [&seen](const Bundle* bundle) { return Fits(bundle->flow(), seen); });
  }
  Acl* acl = acl_(one.policy.acl);
  if (acl == nullptr) return false;
  const AclVerdict verdict = arriving ? acl->Peek(seen) : acl->Match(seen);
  return verdict.decision == AclDecision::kPermit;
}

const ActivePolicy* PolicyTable::Select(const PortPolicies& port, const AclPacket& packet, bool arriving) const {
  for (const std::uint64_t id : port.group) {
    const ActivePolicy& one = active_.at(id);
    if (Permits(one, packet, arriving)) return &one;
  }
  return nullptr;
}

const ActivePolicy* PolicyTable::SelectFast(const PortPolicies& port, const AclPacket& packet) {
  const FastIndex::Flow flow = FastIndex::Flow::Of(port.settings.port, packet);
  if (const std::uint64_t known = fast.Find(flow); known != 0) return Find(known);
  const ActivePolicy* one = Select(port, packet, false);
  if (one != nullptr) fast.Remember(flow, one->id);
  return one;
}

std::optional<Selector> PolicyTable::FlowOf(const ActivePolicy& one) const {
  const Acl* acl = acl_(one.policy.acl);
  return acl == nullptr ? std::nullopt : ipsec::FlowOf(*acl);
}

// RFC 2407 and the manuals: the flow asked for may be narrower than ours, never wider.
std::optional<Accepted> PolicyTable::Judge(const ActivePolicy& one, const Offer& offer, std::string& why) const {
  const Policy& policy = one.policy;
  const auto refuse = [&](std::string_view text) {
    why = fmt::format("policy {} {}: {}", policy.name, policy.number, text);
    return std::nullopt;
  };
  if (policy.pfs != offer.pfs) return refuse("perfect forward secrecy differs");
  if (policy.mode == PolicyMode::kIsakmp || policy.acl != 0) {
    const auto flow = FlowOf(one);
    if (!flow || !Holds(*flow, offer.flow))
      return refuse(
          fmt::format("its list does not hold the flow {} - {}", Text(offer.flow.local), Text(offer.flow.remote)));
  }
  for (const Protection& ours : policy.proposals) {
    const auto found = std::ranges::find(offer.proposals, ours);
    if (found == offer.proposals.end()) continue;
    return Accepted{one.id, static_cast<std::size_t>(found - offer.proposals.begin()),
                    Smaller(policy.lifetime, offer.lifetime)};
  }
  return refuse("no proposal in common");
}

Result<Accepted> PolicyTable::Judge(const Offer& offer) const {
  std::string why = "no policy has this peer";
  for (const auto& [number, port] : ports_) {
    for (const std::uint64_t id : port.group) {
      const ActivePolicy& one = active_.at(id);
      if (one.manual() || one.policy.peer != offer.peer) continue;
      if (const auto accepted = Judge(one, offer, why)) return *accepted;
    }
  }
  return {Code::kNotFound, std::move(why)};
}

}  // namespace sw::ipsec
