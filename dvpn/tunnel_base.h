// What both roles of a tunnel do alike: telling control from ESP, the way through the crypto engine and back, sessions,
// timers, display. A role adds how it registers and where packets go.
#pragma once

#include <vector>

#include "dvpn/inner_packet.h"
#include "dvpn/session_table.h"
#include "dvpn/tunnel.h"

namespace sw {
class StateReader;
class StateWriter;
}  // namespace sw

namespace sw::dvpn {

class TunnelBase : public Tunnel, protected SessionObserver {
 public:
  TunnelBase(TunnelSettings settings, Services services);

  const TunnelSettings& settings() const override { return settings_; }
  SecretBytes Save(Time now) override;
  bool Restore(Time now, ByteView saved, Output& out) override;
  void Receive(Time now, std::vector<Datagram>& burst, Output& out) override;
  void Forward(Time now, std::vector<PacketPtr>& burst, Output& out) override;
  void ReceiveOpened(Time now, std::vector<Opened>& burst, Output& out) override;
  void OnTimer(Time now, Output& out) override;
  Time deadline() const override { return core_.timers.next(); }

  std::vector<SessionInfo> sessions() const override;
  std::vector<IpsecSaInfo> ipsec_sas(Time now) const override;
  Counters counters() const override { return core_.all_counters(); }
  std::vector<NamedCount> drop_counters() const override { return core_.drop_counters(); }
  void ResetStatistics() override { core_.ResetStatistics(); }
  void OnSendFailed(Time, const std::string&) override {}
  void OnChange(Time, Output&) override {}
  std::optional<PairInfo> pair(Ipv4, Ipv4) const override { return {}; }
  std::vector<RefusalInfo> refusals() const override { return {}; }
  std::vector<UnreachedInfo> unreached() const override { return {}; }
  void InjectFault(std::optional<Fault> fault) override { core_.fault = fault; }

 protected:
  // A control message that belongs to no session.
  virtual void OnRegistrationFrame(const wire::Frame& frame, Endpoint from) = 0;
  // A datagram of another version of the protocol, its length right.
  virtual void OnOtherVersion(std::uint8_t version, ByteView datagram, Endpoint from) = 0;
  virtual void OnRegistrationTimer(std::uint64_t key) = 0;
  virtual void OnRedirect(const wire::Redirect&) {}
  virtual void OnUnreached(const wire::Unreached&) {}
  // An inner packet from the interface, header checked; and one that came by `session`.
  virtual void ForwardInner(const InnerHeader& header, PacketPtr packet) = 0;
  virtual void ReceiveInner(Session& session, const InnerHeader& header, PacketPtr packet) = 0;
  // A packet for everybody on the tunnel: to each session whose peer gets it from here.
  virtual void ForwardToAll(const InnerHeader& header, PacketPtr packet) = 0;
  virtual void RoleFields(StateWriter& state) = 0;
  virtual void RoleFields(StateReader& state) = 0;
  virtual void Settle() {}  // at the end of every call: answers that arrived meanwhile

  void Enter(Time now, Output& out);
  void Leave();
  // Multicast, and the broadcast addresses of the tunnel's network: the tunnel is one segment.
  bool ForEverybody(Ipv4 destination) const;
  // By the session: cut, refused or adapted to what the path carries; protected, or in clear where the ACL says so.
  void SendBy(Session& session, const InnerHeader& header, PacketPtr packet);
  void SendCopy(Session& session, const InnerHeader& header, const Packet& packet);
  void Deliver(const InnerHeader& header, PacketPtr packet);
  void DropData(Drop why);
  void TraceData(Ipv4 peer, std::string_view way, const InnerHeader& header, ByteView packet);

  TunnelSettings settings_;
  Core core_;
  SessionTable sessions_;

 private:
  void OnControl(ByteView datagram, Endpoint from);
  void OnMessage(ByteView datagram, Endpoint from);
  void Pump();
  void OnFinished(ipsec::Finished& finished);
  void OnClear(const wire::Frame& frame, Session& session, Endpoint from);
  void TakeInner(Session& session, PacketPtr packet);
  void Emit(Session& session, bool clear, PacketPtr packet);
  bool InClear(ByteView packet, bool received) const;
  void TooBig(Session& session, const InnerHeader& header, ByteView packet, std::size_t limit);

  std::vector<ipsec::Finished> finished_;
  Time icmp_second_;
  int icmp_sent_ = 0;
};

}  // namespace sw::dvpn
