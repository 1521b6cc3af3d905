// What the exchanges of one engine are handed: settings and time, sending and sealing, telling, the table of SAs, calls
// put off, and Orders, by which an exchange asks for what concerns more than itself.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ipsec/ike/effects.h"
#include "ipsec/ike/isakmp_sas.h"
#include "ipsec/ike/report.h"
#include "ipsec/ike/transport.h"

namespace sw::ipsec::ike {

// What an exchange asks of the engine. A reference to an SA is dead after a call that ends it.
class Orders {
 public:
  virtual ~Orders() = default;
  // Our phase 1. False: it cannot begin, and who waits has been told.
  virtual bool Begin(const PeerSettings& peer, Endpoint local, Endpoint remote, std::vector<Wish> waiting) = 0;
  // Phase 1 is done; `payloads` are its last message's.
  virtual void Established(IsakmpSa& sa, const Payloads& payloads) = 0;
  // failure: of what is not ready; nullopt: the SA ends as intended.
  virtual void End(IsakmpSa& sa, const std::string& why, std::optional<Failure> failure = std::nullopt) = 0;
  virtual void LosePeer(const PeerKey& key, Ipv4 local, const std::string& why) = 0;
  // Ends a pair of IPsec SAs: the other end and the owner are told.
  virtual void EndChild(const PeerKey& key, const Child& child) = 0;
};

// Diffie-Hellman values. Aggressive mode shows one before the initiator has proved its address: those are made once a
// second and group.
class DhValues {
 public:
  DhValues(const EngineServices& services, Counters& counters) : services_(services), counters_(counters) {}
  std::shared_ptr<const hal::DhKey> Make(hal::DhGroup group) {
    ++counters_.dh_computations;
    return std::make_shared<const hal::DhKey>(hal::DhKey::Generate(group, services_.random));
  }
  std::shared_ptr<const hal::DhKey> OfThisSecond(hal::DhGroup group) {
    auto& [made, key] = of_this_second_[group];
    if (key == nullptr || made + std::chrono::seconds(1) <= services_.now()) {
      key = Make(group);
      made = services_.now();
    }
    return key;
  }

 private:
  const EngineServices& services_;
  Counters& counters_;
  std::map<hal::DhGroup, std::pair<Time, std::shared_ptr<const hal::DhKey>>> of_this_second_;
};

struct Shared {
  Shared(Settings s, EngineServices sv, Orders& o) : settings(std::move(s)), services(std::move(sv)), orders(o) {}
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

  Time now() const { return services.now(); }
  const PeerSettings* FindPeer(const std::string& name) const {
    const auto found = settings.peers.find(name);
    return found == settings.peers.end() ? nullptr : &found->second;
  }
  void Later(std::function<void()> effect) { effects.Later(std::move(effect)); }
  void Fail(const Wish& wish, const std::string& why) {
    Later([this, wish, why] { services.owner.Failed(wish, why); });
  }

  Settings settings;
  const EngineServices services;
  Orders& orders;
  Report report{services};
  Counters& counters = report.counters;
  Transport transport{settings, services, report};
  DhValues dh{services, counters};
  IsakmpSas sas;
  Effects effects{services.rearm};
};

}  // namespace sw::ipsec::ike
