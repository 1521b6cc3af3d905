// The policies at work on the ports of a gateway: which takes a packet, which takes what a peer asks for.
// Owned by the gateway; one thread. Rules of selection: ipsec/gateway.h.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "ipsec/acl.h"
#include "ipsec/bundle.h"
#include "ipsec/fast_index.h"
#include "ipsec/policy.h"

namespace sw::ipsec {

// A policy at work on a port.
struct ActivePolicy {
  std::uint64_t id = 0;  // never 0, stays with port, name and number
  int port = 0;
  Policy policy;

  bool manual() const { return policy.mode == PolicyMode::kManual; }
};
struct PortPolicies {
  ProtectedPort settings;            // without the policies
  std::vector<std::uint64_t> group;  // in ascending number
};

class PolicyTable {
 public:
  using AclLookup = std::function<Acl*(int)>;  // null: no such list
  // `bundles` outlives this: what a template takes depends on its SAs.
  PolicyTable(AclLookup acl, const BundleTable& bundles) : acl_(std::move(acl)), bundles_(bundles) {}

  // Policies whose SAs have to go, and those that are new or other than before.
  struct Changes {
    std::vector<std::uint64_t> gone, fresh;
    void Add(Changes more);
  };
  Changes Configure(std::vector<ProtectedPort> wanted);
  Changes SetPort(ProtectedPort wanted);  // new, or otherwise than before; the others stay as they are
  Changes RemovePort(int number);

  const PortPolicies* FindPort(int number) const;  // null: nothing is protected there
  const ActivePolicy* Find(std::uint64_t id) const;
  const ActivePolicy* Find(const std::string& interface, const std::string& name, int number) const;
  std::vector<const ActivePolicy*> all() const;
  const ProtectedPort& PortOf(const ActivePolicy& one) const { return ports_.at(one.port).settings; }

  const ActivePolicy* Select(const PortPolicies& port, const AclPacket& packet, bool arriving) const;
  const ActivePolicy* SelectFast(const PortPolicies& port, const AclPacket& packet);  // of a datagram that leaves
  bool Permits(const ActivePolicy& one, const AclPacket& packet, bool arriving) const;
  // The flow of its list; nullopt: no list, or one that permits nothing.
  std::optional<Selector> FlowOf(const ActivePolicy& one) const;
  // kNotFound: of the policy that came nearest, why not.
  Result<Accepted> Judge(const Offer& offer) const;

  FastIndex fast;

 private:
  std::optional<Accepted> Judge(const ActivePolicy& one, const Offer& offer, std::string& why) const;

  const AclLookup acl_;
  const BundleTable& bundles_;
  std::map<int, PortPolicies> ports_;
  std::map<std::tuple<int, std::string, int>, std::uint64_t> ids_;
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, ActivePolicy> active_;
};

}  // namespace sw::ipsec
