// What the parts of one session share: between whom it is, and how something is said. One thread, that of its tunnel.
#pragma once

#include <string>
#include <vector>

#include "dvpn/control_channel.h"
#include "dvpn/core.h"
#include "dvpn/models.h"

namespace sw::dvpn {

struct SessionSpec {
  CommunicateType type = CommunicateType::kClientToClient;
  int dvpn_id = 0;
  Ipv4 local_private, peer_private;
  Endpoint local_public;
  std::vector<Endpoint> candidates;  // where the peer may be reached; setup tries all of them
  std::string peer_device_id, user_name;
  wire::Terms terms;
  ServerProofKind server_proof = ServerProofKind::kNone;
  SecretBytes base;           // what both ends know beforehand
  bool roams = true;          // the peer may move to another public endpoint
  std::uint64_t map_key = 0;  // servers: the map this session is coupled with

  template <typename State>
  void Fields(State& state);  // dvpn/session_state.cc, as those of the other parts of a session
};

class SessionContext {
 public:
  // Both suites of `own.terms` are known, the session suite passes ControlSuite().
  SessionContext(Core& shared, std::uint64_t own_key, SessionSpec own)
      : core(shared), key(own_key), spec(std::move(own)), suite(*ControlSuite(spec.terms.session_suite)) {}

  Core& core;
  const std::uint64_t key;  // of its timer; later sessions have higher ones
  SessionSpec spec;
  const hal::Suite& suite;  // of control messages
  Trail trail;              // the last messages; the timer is filled in by who asks

  template <typename State>
  void Fields(State& state) {  // without the spec, which makes it
    trail.Fields(state);
    state.Counter(keepalives_);
  }

  Time now() const { return core.now; }
  bool with_server() const { return spec.type != CommunicateType::kClientToClient; }
  bool lower() const { return spec.local_private < spec.peer_private; }
  Duration idle() const { return std::chrono::seconds(spec.terms.idle); }
  std::string PeerName() const { return spec.peer_private.ToString(); }

  void Describe(SessionInfo& out) const {
    out.dvpn_id = spec.dvpn_id;
    out.tunnel = core.settings.name;
    out.peer_private = spec.peer_private;
    out.local_private = spec.local_private;
    out.local_public = spec.local_public;
    out.peer_device_id = spec.peer_device_id;
    out.user_name = spec.user_name;
    out.type = spec.type;
  }

  Bytes Seal(ControlChannel& channel, wire::Type type, ByteView plain, ByteView clear = {}) {
    return channel.Seal(type, clear, plain, core.services.random);
  }
  // A keepalive with a number that none had before.
  Bytes Keepalive(ControlChannel& channel) {
    return Seal(channel, wire::Type::kKeepalive, wire::Encode(wire::Keepalive{++keepalives_}));
  }
  std::uint32_t last_keepalive() const { return keepalives_; }
  void Transmit(Endpoint to, ByteView datagram, bool dont_fragment = false) {
    if (datagram.size() >= wire::kHeaderBytes) {
      trail.sent = datagram[5];
      trail.sent_at = core.now;
    }
    core.Send(to, datagram, dont_fragment);
  }
  void Heard(wire::Type type) {
    trail.heard = static_cast<std::uint8_t>(type);
    trail.heard_at = core.now;
  }
  void Note(Topic topic, std::string text) { core.Note(topic, What::kNote, PeerName(), std::move(text)); }

 private:
  std::uint32_t keepalives_ = 0;
};

}  // namespace sw::dvpn
