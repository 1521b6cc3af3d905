// A client: registers with its server, keeps a session with it, opens sessions with other clients where the server's
// redirects say so, and chooses for every packet the direct way or the one by the server.
#pragma once

#include <unordered_map>

#include "dvpn/constants.h"
#include "dvpn/recent.h"
#include "dvpn/registration.h"
#include "dvpn/tunnel_base.h"

namespace sw::dvpn {

class ClientTunnel final : public TunnelBase {
 public:
  ClientTunnel(TunnelSettings settings, Services services);

  void Start(Time now, Output& out) override;
  void Stop(Time now, Output& out) override;
  std::vector<MapInfo> maps() const override { return {registration_.info()}; }
  std::vector<SessionInfo> sessions() const override;
  std::vector<UnreachedInfo> unreached() const override { return unreached_.all(); }
  void OnSendFailed(Time now, const std::string& words) override;
  void OnChange(Time now, Output& out) override;
  bool Adopt(Time now, const TunnelSettings& wanted, Output& out) override;
  Status ResetMap(Time now, std::optional<Ipv4> peer_private, Output& out) override;
  Status ResetSession(Time now, Ipv4 peer_private, Output& out) override;

 protected:
  void OnRegistrationFrame(const wire::Frame& frame, Endpoint from) override;
  void OnOtherVersion(std::uint8_t version, ByteView datagram, Endpoint from) override {
    registration_.OnOtherVersion(version, datagram, from);
  }
  void OnRegistrationTimer(std::uint64_t key) override;
  void OnRedirect(const wire::Redirect& redirect) override;
  void OnUnreached(const wire::Unreached& unreached) override;
  void ForwardInner(const InnerHeader& header, PacketPtr packet) override;
  void ForwardToAll(const InnerHeader& header, PacketPtr packet) override;
  void ReceiveInner(Session& session, const InnerHeader& header, PacketPtr packet) override;
  void OnSessionProven(Session& session) override;
  void OnSessionEnding(Session& session) override;
  void RoleFields(StateWriter& state) override;
  void RoleFields(StateReader& state) override;

 private:
  template <typename State>
  void Fields(State& state);  // dvpn/tunnel_state.cc
  const ClientSettings& role() const { return std::get<ClientSettings>(settings_.role); }
  void AfterRegistration();
  void ServerAway();
  void LeaveDomain(std::string why);  // releases everything this client holds
  Session* ServerSession() const;
  Session* DirectSession(Ipv4 destination, Ipv4 next_hop);
  bool Foreign(const Session& session, Ipv4 source) const;

  Registration registration_;
  std::optional<Time> away_since_;             // the session with the server was lost, and is not back
  Ipv4 server_private_;                        // kept while registering again, as sessions go on
  std::unordered_map<Ipv4, Ipv4> redirected_;  // destination -> the client behind which it is
  Recent<Ipv4, UnreachedInfo> unreached_{kMaxUnreached};  // by that client
};

}  // namespace sw::dvpn
