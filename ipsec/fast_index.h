// Which policy takes a flow, kept from its first packet on, so that later ones need no walk through lists: what
// `encrypt-card fast-switch` asks for.
//
// The index is exact: whatever a rule can look at is part of a flow's key. It has a fixed number of places, so that no
// traffic makes it grow; a flow that meets another's place takes it. Whoever changes what a verdict depends on calls
// Forget. One thread. A pure value. Source: MSR 50 configuration guide page 1889 (the idea); the rest is our choice.
#pragma once

#include <cstdint>
#include <vector>

#include "ipsec/acl.h"

namespace sw::ipsec {

class FastIndex {
 public:
  static constexpr std::size_t kPlaces = 1024;

  struct Flow {
    int port = 0;
    Ipv4 source, destination;
    std::uint8_t protocol = 0, tos = 0;
    bool upper = false, established = false;
    std::uint16_t source_port = 0, destination_port = 0;
    IcmpCondition icmp;
    friend bool operator==(const Flow&, const Flow&) = default;

    static Flow Of(int port, const AclPacket& packet);
  };
  struct Entry {
    Flow flow;
    std::uint64_t policy = 0;  // 0: no entry
    std::uint64_t hits = 0;    // packets behind the first
  };

  void Enable(bool on);
  bool enabled() const { return !places_.empty(); }
  std::uint64_t Find(const Flow& flow);  // the policy; 0: not known. Counts.
  void Remember(const Flow& flow, std::uint64_t policy);
  void Forget();
  std::vector<Entry> entries() const;  // by port, source, destination, protocol and ports

 private:
  struct Place {
    Entry entry;
    std::uint64_t since = 0;  // valid while it is epoch_
  };
  static std::size_t PlaceOf(const Flow& flow);

  std::vector<Place> places_;  // empty: switched off
  std::uint64_t epoch_ = 1;
};

}  // namespace sw::ipsec
