// The half of Session that makes keys: request, answer, installation, proof and switch-over; setup and rekey alike.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "dvpn/session.h"

namespace sw::dvpn {

void Session::Discard(std::optional<Generation>& generation) {
  if (!generation) return;
  Absorb();
  HideInbound(*generation);
  index_.by_channel.erase(generation->channel.id());
  for (ipsec::SaId sa : {generation->inbound, generation->outbound}) {
    if (sa == 0) continue;
    index_.by_sa.erase(sa);
    core_.esp.Remove(sa);
  }
  generation.reset();
}

void Session::DropPending() {
  if (!pending_) return;
  Discard(pending_->keys);
  pending_.reset();
}

bool Session::Install(const SecretBytes& dh, bool initiator, std::uint32_t inbound_spi, std::uint32_t outbound_spi,
                      ByteView initiator_nonce, ByteView responder_nonce, const hal::Sha256Digest& transcript) {
  const int data_suite = spec_.terms.data_suite;
  SessionSecrets secrets =
      DeriveSession(suite_, ipsec::KeyBytes(data_suite), spec_.base, dh, initiator_nonce, responder_nonce, transcript);
  const Time expires = core_.now + std::chrono::seconds(spec_.terms.sa_duration);
  Generation made{ControlChannel(suite_, std::move(secrets.channel), initiator), 0, 0, expires};
  SecretBytes& in_keys = initiator ? secrets.data_backward : secrets.data_forward;
  SecretBytes& out_keys = initiator ? secrets.data_forward : secrets.data_backward;
  auto in = core_.esp.AddInbound(core_.now, {inbound_spi, data_suite, std::move(in_keys), made.expires});
  if (!in.ok()) {
    core_.Note(Topic::kError, What::kNote, PeerName(), "inbound SA not installed: " + in.why());
    return false;
  }
  auto out = core_.esp.AddOutbound(core_.now, {outbound_spi, data_suite, std::move(out_keys), made.expires});
  if (!out.ok()) {
    core_.esp.Remove(*in);
    core_.Note(Topic::kError, What::kNote, PeerName(), "outbound SA not installed: " + out.why());
    return false;
  }
  made.inbound = *in;
  made.outbound = *out;
  if (!index_.by_channel.try_emplace(made.channel.id(), this).second) {  // 64 bits of chance against us
    core_.esp.Remove(*in);
    core_.esp.Remove(*out);
    return false;
  }
  index_.by_sa[made.inbound] = this;
  ShowInbound(made);
  if (core_.Wants(Topic::kIpsec))
    core_.Note(Topic::kIpsec, What::kNote, PeerName(),
               fmt::format("SAs installed, inbound SPI {:#010x}, outbound SPI {:#010x}, suite {}, {} s", inbound_spi,
                           outbound_spi, data_suite, spec_.terms.sa_duration));
  pending_->keys = std::move(made);
  return true;
}

void Session::Promote() {
  Absorb();
  Discard(retiring_);
  const bool rekeyed = current_.has_value();
  if (current_) {
    core_.esp.Remove(current_->outbound);  // from here on only the new one sends; the old one still receives
    current_->outbound = 0;
    retiring_ = std::move(current_);
    retire_at_ = core_.now + kLinger;
  }
  current_ = std::move(pending_->keys);
  initiator_ = pending_->active;
  peer_ = pending_->peer;
  pending_.reset();
  ShowCurrent();
  unanswered_ = 0;
  last_received_ = last_sent_ = core_.now;
  rekey_at_ = Time::Never();
  if (initiator_) {  // 80 to 90 % of the life, so that the sessions of a domain do not all rekey at once
    const Duration life = std::chrono::seconds(spec_.terms.sa_duration);
    rekey_at_ = core_.now + life * 80 / 100 + Duration(life.count() / 1000 * (core_.services.random.U32() % 100));
  }
  if (rekeyed) {
    core_.Note(Topic::kSession, What::kNote, PeerName(), "session rekeyed");
    return;
  }
  built_ = core_.now;
  last_data_ = core_.now;
  newly_proven_ = true;
}

Duration Session::Resend(int sends) const {
  const auto n = static_cast<std::size_t>(sends - 1);
  if (n < kSetupResend.size()) return kSetupResend[n];
  return std::chrono::seconds(spec_.terms.setup_interval);
}

void Session::StartSetup() {
  if (phase_ != Phase::kLive || current_) return;
  if (!pending_) {
    Request(wire::Type::kSetupReq);
  } else if (pending_->active && !pending_->keys) {
    for (const Endpoint& to : spec_.candidates) Transmit(to, pending_->datagram);
  }
}

void Session::Request(wire::Type type) {
  pending_.emplace();
  Exchange& p = *pending_;
  p.active = true;
  p.request_type = type;
  p.dh = hal::DhKey::Generate(suite_.group, core_.services.random);
  core_.services.random.Fill(p.nonce);
  p.spi = core_.esp.AllocateSpi();
  p.peer = peer_;
  const ByteView value = p.dh->public_value();
  p.request = wire::Encode(wire::SetupReq{p.nonce, p.spi, Bytes(value.begin(), value.end())});
  ControlChannel& channel = type == wire::Type::kSetupReq ? base_ : current_->channel;
  p.datagram = channel.Seal(type, {}, p.request, core_.services.random);
  SendRequest();
}

void Session::SendRequest() {
  Exchange& p = *pending_;
  ++p.sends;
  p.next_send = core_.now + Resend(p.sends);
  const bool rekey = p.request_type == wire::Type::kRekeyReq;
  core_.Note(Topic::kSession, What::kNote, PeerName(),
             fmt::format("{} request sent, number {}", rekey ? "rekey" : "setup", p.sends));
  if (rekey) {
    Transmit(peer_, p.datagram);
  } else {
    for (const Endpoint& to : spec_.candidates) Transmit(to, p.datagram);
  }
}

void Session::SendProof() {
  Exchange& p = *pending_;
  ++p.sends;
  p.next_send = core_.now + Resend(p.sends);
  Transmit(p.peer, p.keys->channel.Seal(wire::Type::kKeepalive, {}, wire::Encode(wire::Keepalive{++keepalives_}),
                                        core_.services.random));
}

void Session::Probe() {
  if (phase_ != Phase::kLive || current_) return;
  probes_ = 0;
  SendProbe();
}

void Session::SendProbe() {
  ++probes_;
  next_probe_ = probes_ < kSetupSends ? core_.now + Resend(probes_) : Time::Never();
  for (const Endpoint& to : spec_.candidates)
    Transmit(to, base_.Seal(wire::Type::kProbe, {}, {}, core_.services.random));
}

void Session::UpdateCandidates(std::vector<Endpoint> candidates) {
  if (candidates.empty()) return;
  if (!current_) {
    spec_.candidates = std::move(candidates);
  } else if (std::ranges::find(candidates, peer_) == candidates.end()) {
    Ask(candidates.front());  // the server sees the peer elsewhere: opens the own NAT towards it, and follows an answer
  }
}

void Session::OnRequest(const wire::Frame& frame, ControlChannel& channel, const wire::SetupReq& request,
                        ByteView plain, Endpoint from) {
  const bool rekey = frame.type == wire::Type::kRekeyReq;
  if (rekey && initiator_) return core_.Refuse(Drop::kOutOfState, from);  // only the active side rekeys
  if (pending_ && pending_->active && pending_->request_type == wire::Type::kSetupReq) {
    // Both ends began at once: the lower private address stays active, the other one answers.
    if (lower()) return core_.Refuse(Drop::kTieBreak, from);
    core_.Note(Topic::kSession, What::kNote, PeerName(), "simultaneous setup, the peer stays active");
  }
  DropPending();
  const hal::DhKey dh = hal::DhKey::Generate(suite_.group, core_.services.random);
  const auto secret = dh.Agree(request.public_value);
  if (!secret) return core_.Refuse(Drop::kBadPublicValue, from);
  pending_.emplace();
  Exchange& p = *pending_;
  p.request_type = frame.type;
  p.peer = spec_.roams ? from : peer_;
  p.expires = core_.now + kPassiveWait;
  core_.services.random.Fill(p.nonce);
  p.spi = core_.esp.AllocateSpi();
  const ByteView value = dh.public_value();
  const Bytes response = wire::Encode(wire::SetupRsp{request.nonce, p.nonce, p.spi, Bytes(value.begin(), value.end())});
  const std::uint8_t type = static_cast<std::uint8_t>(frame.type);
  const ByteView parts[] = {ByteView(&type, 1), plain, response};
  if (!Install(*secret, false, p.spi, request.spi, request.nonce, p.nonce, Transcript(parts))) {
    DropPending();
    return;
  }
  p.datagram.assign(frame.datagram.begin(), frame.datagram.end());
  p.answer = channel.Seal(rekey ? wire::Type::kRekeyRsp : wire::Type::kSetupRsp, {}, response, core_.services.random);
  core_.Note(Topic::kSession, What::kNote, PeerName(), rekey ? "rekey request answered" : "setup request answered");
  Transmit(p.peer, p.answer);
}

void Session::OnResponse(const wire::Frame& frame, const wire::SetupRsp& response, ByteView plain, Endpoint from) {
  const wire::Type expected = frame.type == wire::Type::kSetupRsp ? wire::Type::kSetupReq : wire::Type::kRekeyReq;
  if (!pending_ || !pending_->active || pending_->keys || pending_->request_type != expected)
    return core_.Refuse(Drop::kOutOfState, from);
  Exchange& p = *pending_;
  if (response.initiator_nonce != p.nonce) return core_.Refuse(Drop::kBadNonce, from);
  const auto secret = p.dh->Agree(response.public_value);
  if (!secret) return core_.Refuse(Drop::kBadPublicValue, from);
  const std::uint8_t type = static_cast<std::uint8_t>(expected);
  const ByteView parts[] = {ByteView(&type, 1), p.request, plain};
  if (!Install(*secret, true, p.spi, response.spi, p.nonce, response.nonce, Transcript(parts)))
    return End("the keys of the session could not be installed");
  if (spec_.roams) p.peer = from;
  p.dh.reset();
  p.sends = 0;
  core_.Note(Topic::kSession, What::kNote, PeerName(), "answer received, asking for proof of the path");
  SendProof();
}

}  // namespace sw::dvpn
