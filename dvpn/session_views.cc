// What a session shows of itself.
#include <algorithm>
#include <utility>

#include "dvpn/session.h"

namespace sw::dvpn {

SessionInfo Session::info() const {
  SessionInfo out;
  out.dvpn_id = spec_.dvpn_id;
  out.tunnel = core_.settings.name;
  out.peer_private = spec_.peer_private;
  out.local_private = spec_.local_private;
  out.peer_public = peer_;
  out.local_public = spec_.local_public;
  out.peer_device_id = spec_.peer_device_id;
  out.user_name = spec_.user_name;
  out.initiator = current_ ? initiator_ : pending_ && pending_->active;
  out.proven = proven();
  out.type = spec_.type;
  out.built = built_;
  if (current_ && pending_) {
    out.state = pending_->active ? SessionState::kRekeyReq : SessionState::kRekeyRep;
  } else if (current_) {
    out.state = SessionState::kSetupSuccess;
  } else {
    out.state = pending_ && pending_->active ? SessionState::kSetupReq : SessionState::kSetupInit;
  }
  out.path_mtu = path_ == nullptr ? 0 : path_->found();
  out.requests = pending_ ? pending_->sends : 0;
  out.trail = trail();
  out.sent_packets = sent_packets_;
  out.sent_bytes = sent_bytes_;
  out.received_packets = received_packets_;
  out.received_bytes = received_bytes_;
  return out;
}

Trail Session::trail() const {
  Trail out{sent_type_, heard_type_, sent_type_at_, heard_type_at_, {}, Deadline()};
  if (phase_ == Phase::kClosing) {
    out.timer = "release";
  } else if (pending_ && out.timer_at == (pending_->active ? pending_->next_send : pending_->expires)) {
    out.timer = pending_->active ? (pending_->keys ? "proof of the path" : "setup interval") : "wait for the peer";
  } else if (!current_) {
    out.timer = "wait for the peer";
  } else if (out.timer_at == KeepaliveDue()) {
    out.timer = initiator_ ? "keepalive interval" : "wait for a sign of life";
  } else if (out.timer_at == rekey_at_) {
    out.timer = "renegotiation";
  } else if (out.timer_at == last_data_ + std::chrono::seconds(spec_.terms.idle)) {
    out.timer = "idle time";
  } else {
    out.timer = out.timer_at == current_->expires ? "SA duration" : "housekeeping";
  }
  return out;
}

void Session::AppendSas(Time now, std::vector<IpsecSaInfo>& out) const {
  if (!current_) return;
  const auto in = core_.esp.Info(current_->inbound), sent = core_.esp.Info(current_->outbound);
  if (!in || !sent) return;
  IpsecSaInfo sa;
  sa.dvpn_id = spec_.dvpn_id;
  sa.tunnel = core_.settings.name;
  sa.peer_private = spec_.peer_private;
  sa.peer_public = peer_;
  sa.inbound_spi = in->spi;
  sa.outbound_spi = sent->spi;
  sa.suite = in->suite;
  sa.left = std::max(Duration{0}, current_->expires - now);
  sa.inbound_packets = in->counters.packets;
  sa.outbound_packets = sent->counters.packets;
  out.push_back(std::move(sa));
}

}  // namespace sw::dvpn
