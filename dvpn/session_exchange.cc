#include "dvpn/session_exchange.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "dvpn/constants.h"
#include "dvpn/parts.h"

namespace sw::dvpn {

SetupExchange::Finished SetupExchange::Finish() {
  Finished out{std::move(*pending_->keys), pending_->active, pending_->peer};
  pending_.reset();
  return out;
}

void SetupExchange::Abandon() {
  if (!pending_) return;
  keys_.Discard(pending_->keys);
  pending_.reset();
}

// ---------------------------------------------------------------------------------------------- the active side

Duration SetupExchange::Resend(int sends) const {
  const auto n = static_cast<std::size_t>(sends - 1);
  if (n < kSetupResend.size()) return kSetupResend[n];
  return std::chrono::seconds(context_.spec.terms.setup_interval);
}

void SetupExchange::Setup() {
  if (!pending_) {
    Request(wire::Type::kSetupReq, keys_.base());
  } else if (pending_->active && !pending_->keys) {
    for (const Endpoint& to : context_.spec.candidates) Transmit(to);
  }
}

SetupExchange::Pending::Pending() = default;

void SetupExchange::Rekey() {
  Request(wire::Type::kRekeyReq, keys_.current()->channel);
}

void SetupExchange::Request(wire::Type type, ControlChannel& channel) {
  Core& core = context_.core;
  pending_.emplace();
  Pending& p = *pending_;
  p.active = true;
  p.request_type = type;
  p.key = KeyRequest::Make(context_.suite.group, core.services.random);
  core.services.random.Fill(p.nonce);
  p.spi = core.esp.AllocateSpi();
  p.peer = path_.peer();
  const ByteView value = p.key->public_value();
  p.request = wire::Encode(wire::SetupReq{p.nonce, p.spi, Bytes(value.begin(), value.end())});
  p.datagrams = SealWhole(context_, channel, type, p.request);
  SendRequest();
}

void SetupExchange::SendRequest() {
  Pending& p = *pending_;
  ++p.sends;
  p.next_send = context_.now() + Resend(p.sends);
  context_.Note(Topic::kSession, fmt::format("{} request sent, number {}", rekey() ? "rekey" : "setup", p.sends));
  if (rekey()) {
    Transmit(to());
  } else {
    for (const Endpoint& to : context_.spec.candidates) Transmit(to);
  }
}

void SetupExchange::SendProof() {
  Pending& p = *pending_;
  ++p.sends;
  p.next_send = context_.now() + Resend(p.sends);
  context_.Transmit(to(), context_.Keepalive(p.keys->channel));
}

std::string_view SetupExchange::OnResponse(const wire::Frame& frame, const wire::SetupRsp& response, ByteView plain,
                                           Endpoint from) {
  const auto refuse = [&](Drop why) {
    context_.core.Refuse(why, from);
    return std::string_view();
  };
  const wire::Type expected = frame.type == wire::Type::kSetupRsp ? wire::Type::kSetupReq : wire::Type::kRekeyReq;
  if (!active() || pending_->keys || pending_->request_type != expected) return refuse(Drop::kOutOfState);
  Pending& p = *pending_;
  if (response.initiator_nonce != p.nonce) return refuse(Drop::kBadNonce);
  const auto secret = p.key->Agree(response.public_value);
  if (!secret) return refuse(Drop::kBadPublicValue);
  const std::uint8_t type = static_cast<std::uint8_t>(expected);
  const ByteView parts[] = {ByteView(&type, 1), p.request, plain};
  p.keys = keys_.Make({*secret, true, p.spi, response.spi, p.nonce, response.nonce, Transcript(parts)});
  if (!p.keys) return "the keys of the session could not be installed";
  if (context_.spec.roams) p.peer = from;
  p.key.reset();
  p.sends = 0;
  context_.Note(Topic::kSession, "answer received, asking for proof of the path");
  SendProof();
  return {};
}

// ---------------------------------------------------------------------------------------------- the passive side

void SetupExchange::OnRequest(const wire::Frame& frame, ControlChannel& channel, const wire::SetupReq& request,
                              ByteView plain, Endpoint from) {
  Core& core = context_.core;
  const bool rekey = frame.type == wire::Type::kRekeyReq;
  if (rekey && keys_.active()) return core.Refuse(Drop::kOutOfState, from);  // only the active side rekeys
  if (active() && pending_->request_type == wire::Type::kSetupReq) {
    // Both ends began at once: the lower private address stays active, the other one answers.
    if (context_.lower()) return core.Refuse(Drop::kTieBreak, from);
    context_.Note(Topic::kSession, "simultaneous setup, the peer stays active");
  }
  Abandon();
  auto shared = AnswerKey(context_.suite.group, request.public_value, core.services.random);
  if (!shared) return core.Refuse(Drop::kBadPublicValue, from);
  pending_.emplace();
  Pending& p = *pending_;
  p.request_type = frame.type;
  p.peer = context_.spec.roams ? from : path_.peer();
  p.expires = core.now + kPassiveWait;
  core.services.random.Fill(p.nonce);
  p.spi = core.esp.AllocateSpi();
  const Bytes response = wire::Encode(wire::SetupRsp{request.nonce, p.nonce, p.spi, std::move(shared->public_value)});
  const std::uint8_t type = static_cast<std::uint8_t>(frame.type);
  const ByteView parts[] = {ByteView(&type, 1), plain, response};
  p.keys = keys_.Make({shared->secret, false, p.spi, request.spi, request.nonce, p.nonce, Transcript(parts)});
  if (!p.keys) return Abandon();
  p.answered.assign(frame.datagram.begin(), frame.datagram.end());
  p.answer = context_.Seal(channel, rekey ? wire::Type::kRekeyRsp : wire::Type::kSetupRsp, response);
  context_.Note(Topic::kSession, rekey ? "rekey request answered" : "setup request answered");
  context_.Transmit(to(), p.answer);
}

bool SetupExchange::AnswerAgain(const wire::Frame& frame, Endpoint from) {
  if (!pending_ || pending_->active || !std::ranges::equal(pending_->answered, frame.datagram)) return false;
  context_.core.Count(Drop::kDuplicate);
  if (!rekey() && from != pending_->peer) pending_->several = true;
  context_.Transmit(rekey() ? to() : from, pending_->answer);
  return true;
}

// One of the requests may have been sent by somebody on the way, from an address that is not its own.
bool SetupExchange::Proves(const wire::Body& body, wire::Type type, Endpoint from) {
  Pending& p = *pending_;
  if (!p.several) return true;
  if (type != wire::Type::kKeepaliveAck || from != p.peer || std::get<wire::Keepalive>(body).number != p.question) {
    p.peer = from;
    context_.Transmit(from, context_.Keepalive(p.keys->channel));
    p.question = context_.last_keepalive();
    return false;
  }
  return true;
}

void SetupExchange::Probe() {
  probes_ = 0;
  SendProbe();
}

void SetupExchange::SendProbe() {
  ++probes_;
  next_probe_ = probes_ < kSetupSends ? context_.now() + Resend(probes_) : Time::Never();
  for (const Endpoint& to : context_.spec.candidates)
    context_.Transmit(to, context_.Seal(keys_.base(), wire::Type::kProbe, {}));
}

void SetupExchange::OnProbe(Endpoint from, bool newest) {
  if (!active() || pending_->keys || !newest) return;
  std::vector<Endpoint>& candidates = context_.spec.candidates;
  if (std::ranges::find(candidates, from) == candidates.end()) {
    if (candidates.size() > 2) candidates.pop_back();
    candidates.push_back(from);
  }
  Transmit(from);
}

// ---------------------------------------------------------------------------------------------- time

std::string_view SetupExchange::OnTimer() {
  const Time now = context_.now();
  if (active() && now >= pending_->next_send) {
    const bool request = !pending_->keys;
    if (pending_->sends >= (request ? kSetupSends : kProofSends)) {
      if (keys_.current()) return "rekeying failed";
      return request ? "no answer to the setup requests" : "the path of the session could not be proven";
    }
    request ? SendRequest() : SendProof();
  }
  if (pending_ && !pending_->active && now >= pending_->expires) Abandon();
  if (keys_.current() || pending_) return {};
  if (now >= created_ + kPassiveWait) return "the peer did not open the session";
  if (now >= next_probe_) SendProbe();
  return {};
}

Time SetupExchange::deadline() const {
  if (pending_) return pending_->active ? pending_->next_send : pending_->expires;
  return keys_.current() ? Time::Never() : std::min(created_ + kPassiveWait, next_probe_);
}

}  // namespace sw::dvpn
