// The pairs of SAs of a gateway: installed by hand or by the key manager, used, renewed, ended.
// Owned by the gateway; one thread. References outlive the store.
#pragma once

#include <string_view>
#include <vector>

#include "ipsec/bundle.h"
#include "ipsec/gateway_report.h"
#include "ipsec/key_requests.h"
#include "ipsec/policy_table.h"

namespace sw::ipsec {

// How long replaced SAs still receive what was under way. Our choice.
inline constexpr Duration kFade = std::chrono::seconds(30);

class SaStore {
 public:
  SaStore(const GatewayServices& services, Esp& esp, BundleTable& bundles, PolicyTable& policies,
          const GatewayReport& report, KeyRequests& requests)
      : services_(services), esp_(esp), bundles_(bundles), policies_(policies), report_(report), requests_(requests) {}

  void InstallManual(const ActivePolicy& one);  // if its keys are complete
  void Install(AgreedSas sas);                  // as SaOwner has them
  void Prepare(AgreedSas sas);
  void Confirmed(SaProtocol protocol, std::uint32_t inbound_spi);
  // `tell`: the other end. `bundle` is gone afterwards.
  void Remove(Bundle& bundle, bool tell, std::string_view why);

  Bundle* Sender(const ActivePolicy& one, const AclPacket& packet) const;  // null: there are no SAs for it
  void CountBytes(Bundle& bundle);                                         // after bytes passed: renews in time
  void EndWorn();                                                          // those whose traffic is used up
  // What is read takes the place of what is there; sa_store_state.cc.
  template <typename State>
  void Fields(State& state);
  void OnTimer();
  Time deadline() const { return next_; }

 private:
  void Clear();
  template <typename State>
  void Fields(State& state, Bundle& bundle);
  Bundle* Add(const ActivePolicy& one, AgreedSas agreed);  // receives at once, sends never; null: refused
  Status InstallParts(Bundle& bundle, AgreedSas& agreed);
  void Use(Bundle& bundle, Time settled, std::string_view how);
  void Renew(Bundle& bundle);
  void UpdateDeadline();
  void Changed() const {
    if (services_.changed) services_.changed();
  }

  const GatewayServices& services_;
  Esp& esp_;
  BundleTable& bundles_;
  PolicyTable& policies_;
  const GatewayReport& report_;
  KeyRequests& requests_;
  std::vector<int> worn_;  // connections
  Time next_ = Time::Never();
};

}  // namespace sw::ipsec
