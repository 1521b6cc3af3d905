// Orders the exchanges of one engine: which one a message is for, what begins, renews, replaces and ends ISAKMP SAs. It
// has no step of any exchange in it.
#pragma once

#include <string>
#include <vector>

#include "ipsec/ike/openers.h"
#include "ipsec/ike/shared.h"

namespace sw::ipsec::ike {

class Exchanges final : public Orders {
 public:
  Exchanges(Settings settings, EngineServices services)
      : shared(std::move(settings), std::move(services), *this), openers_(shared) {}

  void Dispatch(Endpoint local, Endpoint remote, ByteView message);
  void Tick(IsakmpSa& sa);
  void Acquire(const Wish& wish);
  void Forget(const std::vector<std::uint32_t>& connections, const std::string& why);  // ends them, tells the peers

  bool Begin(const PeerSettings& peer, Endpoint local, Endpoint remote, std::vector<Wish> waiting) override;
  void Established(IsakmpSa& sa, const Payloads& payloads) override;
  void End(IsakmpSa& sa, const std::string& why, std::optional<Failure> failure = std::nullopt) override;
  void LosePeer(const PeerKey& key, Ipv4 local, const std::string& why) override;
  void EndChild(const PeerKey& key, const Child& child) override;
  void Withdraw(const PeerKey& key, SaProtocol protocol, std::uint32_t inbound_spi);

  Shared shared;

 private:
  IsakmpSa* ForWhom(const Header& header, Ipv4 remote) const;
  bool Busy(const Wish& wish) const;
  void CannotBegin(const Wish& wish, const std::string& why);
  void TickHalfOpen(IsakmpSa& sa);
  void WearOut(std::uint32_t connection);
  void Rekey(IsakmpSa& sa);
  void SetLifetime(IsakmpSa& sa);
  bool TakeNotifications(IsakmpSa& sa, const Payloads& payloads);
  void StartAfresh(const IsakmpSa& sa);
  void ReplaceOlder(PeerState& peer, const IsakmpSa& sa);

  Openers openers_;
};

}  // namespace sw::ipsec::ike
