// The SAs of one flow in both directions, and the table of all of them: by policy, by SPI, by time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "hal/base/clock.h"
#include "ipsec/esp.h"
#include "ipsec/negotiation.h"
#include "ipsec/policy.h"

namespace sw::ipsec {

struct InstalledSa {
  SaId id = 0;
  std::uint32_t spi = 0;
};

struct Bundle {
  std::uint64_t policy = 0;
  int port = 0;
  int connection = 0;
  AgreedSas agreed;  // its keys are wiped once they are installed
  std::optional<InstalledSa> in_esp, in_ah, out_esp, out_ah;
  std::size_t path_mtu = 0;  // of the outer packet; 0: the port's
  Time path_mtu_until;
  Time soft = Time::Never(), hard = Time::Never();  // negotiate again, end
  // Until then an older one for the same traffic sends, unless the peer has sent by this one. Never: the peer has not
  // confirmed it yet, and nothing is sent by it.
  Time settled = Time::Never();
  std::uint64_t soft_bytes = 0, hard_bytes = 0;  // 0: without that limit
  std::uint64_t in_bytes = 0, out_bytes = 0, matched = 0;
  bool renewing = false;

  bool transport() const { return agreed.protection.transport; }
  const Selector& flow() const { return agreed.flow; }
};

class BundleTable {
 public:
  Bundle& Add(std::unique_ptr<Bundle> bundle);
  // With the number that it has; false: that, or an SPI of it, is another's.
  bool Restore(std::unique_ptr<Bundle> bundle);
  void Remove(Bundle& bundle);  // gone afterwards

  Bundle* Find(int connection) const;
  Bundle* FindInbound(SaProtocol protocol, std::uint32_t spi) const;
  Bundle* FindOutbound(SaProtocol protocol, std::uint32_t spi, Ipv4 remote) const;  // walks all
  const std::vector<Bundle*>& OfPolicy(std::uint64_t policy) const;                 // oldest first
  const std::map<int, std::unique_ptr<Bundle>>& all() const { return all_; }

 private:
  Bundle& Index(std::unique_ptr<Bundle> bundle);
  static std::uint64_t Key(SaProtocol protocol, std::uint32_t spi) {
    return (std::uint64_t{protocol == SaProtocol::kAh} << 32) | spi;
  }
  std::map<int, std::unique_ptr<Bundle>> all_;  // by connection
  std::unordered_map<std::uint64_t, std::vector<Bundle*>> by_policy_;
  std::unordered_map<std::uint64_t, Bundle*> inbound_;
  int last_connection_ = 0;
};

}  // namespace sw::ipsec
