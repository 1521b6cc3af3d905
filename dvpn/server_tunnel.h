// A server: registers clients, keeps a session with each, delivers what is for its own networks, relays between clients
// and tells both ends of a relayed flow how to reach each other.
#pragma once

#include <deque>
#include <unordered_map>

#include "dvpn/pair_log.h"
#include "dvpn/server_maps.h"
#include "dvpn/tunnel_base.h"

namespace sw::dvpn {

// At most one redirect per pair and interval; bounded, and free of pairs whose interval is over.
class RedirectLimiter {
 public:
  enum class Answer : std::uint8_t { kGo, kTooSoon, kFull };
  Answer Ask(Time now, Ipv4 a, Ipv4 b);

 private:
  std::unordered_map<std::uint64_t, Time> last_;
  std::deque<std::pair<Time, std::uint64_t>> order_;
};

class ServerTunnel final : public TunnelBase, private ServerMapsHost {
 public:
  ServerTunnel(TunnelSettings settings, Services services);

  void Start(Time, Output&) override {}
  void Stop(Time now, Output& out) override;
  std::vector<MapInfo> maps() const override;
  bool Adopt(Time now, const TunnelSettings& wanted, Output& out) override;
  Status ResetMap(Time now, std::optional<Ipv4> peer_private, Output& out) override;
  Status ResetSession(Time now, Ipv4 peer_private, Output& out) override;
  std::optional<PairInfo> pair(Ipv4 a, Ipv4 b) const override;
  std::vector<RefusalInfo> refusals() const override { return maps_.refusals().list(); }

 protected:
  void OnRegistrationFrame(const wire::Frame& frame, Endpoint from) override { maps_.OnFrame(frame, from); }
  void OnOtherVersion(std::uint8_t version, ByteView datagram, Endpoint from) override {
    maps_.OnOtherVersion(version, datagram, from);
  }
  void OnRegistrationTimer(std::uint64_t key) override { maps_.OnTimer(key); }
  void ForwardInner(const InnerHeader& header, PacketPtr packet) override;
  void ForwardToAll(const InnerHeader& header, PacketPtr packet) override;
  void ReceiveInner(Session& session, const InnerHeader& header, PacketPtr packet) override;
  void OnSessionProven(Session& session) override;
  void OnSessionEnding(Session& session) override;
  void RoleFields(StateWriter& state) override;
  void RoleFields(StateReader& state) override;
  void Settle() override { maps_.TakeVerdicts(); }

 private:
  template <typename State>
  void Fields(State& state);  // dvpn/tunnel_state.cc
  const ServerSettings& role() const { return std::get<ServerSettings>(settings_.role); }
  bool HasLiveSession(const Map& map) const override;
  Endpoint EndpointOf(const Map& map) const override;
  void OnMapFinished(Map& map) override;
  void OnMapRemoved(Map& map, const std::string& why) override;
  void RemoveAll(const std::string& why, wire::Release tell);
  // A copy by every session but the one it came by.
  void Replicate(const Session* source, const InnerHeader& header, const Packet& packet);
  bool Foreign(const Session& session, Ipv4 source) const;
  void MaybeRedirect(Session& source, Session& destination, Ipv4 address);
  void TellUnreached(Session& source, Ipv4 destination, Ipv4 next_hop, bool registered);

  ServerMaps maps_;
  RedirectLimiter redirects_, unreached_;
  PairLog pairs_;
  SecretBytes pair_secret_;  // what the secrets of redirects come from
};

}  // namespace sw::dvpn
