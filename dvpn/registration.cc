#include "dvpn/registration.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "dvpn/constants.h"

namespace sw::dvpn {
namespace {

using wire::Type;

std::string Number(int n) {
  return std::to_string(n);
}

}  // namespace

Registration::Registration(Core& core, const ClientSettings& settings)
    : core_(core),
      settings_(settings),
      server_{settings.server_public, settings.server_port},
      timer_(core.NewKey(Owner::kRegistration)) {}

void Registration::Begin() {
  Clear();
  attempts_ = 0;
  BeginAttempt();
}

void Registration::Stop() {
  Clear();
  core_.timers.Erase(timer_);
  next_attempt_ = Time::Never();
}

void Registration::Reset(std::string why, bool again) {
  if (state_ == MapState::kClientSuccess) {
    const MapInfo removed = info();
    core_.Note(Topic::kRegister, What::kMapRemoved, server_private().ToString(), "map removed: " + why, &removed);
  }
  last_error_ = std::move(why);
  Stop();
  attempts_ = 0;
  if (!again) return;
  // Somewhere within the interval, so that the clients of a server that comes back do not all arrive at once.
  const Duration interval = settings_.register_interval;
  next_attempt_ = core_.now + interval / 1000 * (1 + core_.services.random.U32() % 1000);
  core_.timers.Set(timer_, next_attempt_);
}

// Everything an attempt knows goes; the identifier and the nonce of the next one are fresh.
void Registration::Clear() {
  state_ = MapState::kClientInit;
  dh_.reset();
  channel_.reset();
  session_base_ = SecretBytes();
  answer_ = {};
  offer_ = {};
  alg_req_.clear();
  alg_rsp_.clear();
  kex_req_.clear();
  last_.clear();
  likely_.clear();
  user_name_.clear();
  next_send_ = attempt_ends_ = Time::Never();
}

void Registration::BeginAttempt() {
  ++attempts_;
  silent_ = false;
  trail_ = {};
  next_attempt_ = Time::Never();
  state_ = MapState::kClientBegin;
  attempt_ends_ = core_.now + kAttemptLimit;
  client_id_ = core_.services.random.U64();
  core_.services.random.Fill(offer_.nonce);
  offer_.suites.count = 1;
  offer_.suites.numbers[0] = static_cast<std::uint8_t>(settings_.suite);
  alg_req_ = wire::Encode(offer_);
  core_.Step(1, true, Peer(), "algorithm request, suites " + Number(settings_.suite));
  SendStep(Type::kAlgReq, wire::EncodeFrame(Type::kAlgReq, client_id_, 0, alg_req_), MapState::kClientAlgReq);
}

void Registration::SendStep(Type, Bytes datagram, MapState state) {
  state_ = state;
  Wipe(last_);  // a sealed message is no secret, but keep nothing longer than needed
  last_ = std::move(datagram);
  sends_ = 0;
  Resend();
}

void Registration::Resend() {
  core_.Send(server_, last_);
  trail_.sent = last_.size() > 5 ? last_[5] : 0;
  trail_.sent_at = core_.now;
  next_send_ = core_.now + kRegisterResend[std::min(sends_, kRegisterResend.size() - 1)];
  ++sends_;
  core_.timers.Set(timer_, std::min(next_send_, attempt_ends_));
}

void Registration::OnTimer() {
  if (state_ == MapState::kClientSuccess) return;
  if (state_ == MapState::kClientInit) {
    if (core_.now >= next_attempt_) BeginAttempt();
    return;
  }
  if (core_.now >= attempt_ends_) return Fail(TimeoutReason());
  if (core_.now >= next_send_) {
    Resend();
  } else {
    core_.timers.Set(timer_, std::min(next_send_, attempt_ends_));
  }
}

std::string Registration::TimeoutReason() const {
  if (!likely_.empty()) return likely_;
  if (state_ == MapState::kClientAlgReq) return "no answer from the server";
  return fmt::format("no answer from the server in state {}", Name(state_));
}

void Registration::Fail(std::string why) {
  const bool dumb = attempts_ > settings_.register_retry;
  const seconds wait = dumb ? settings_.register_dumb : settings_.register_interval;
  core_.Note(Topic::kError, What::kRefused, Peer(),
             fmt::format("registration failed in state {}: {}; next attempt in {} s", Name(state_), why, wait.count()));
  Clear();
  last_error_ = std::move(why);
  silent_ = dumb;
  if (dumb) attempts_ = 0;
  next_attempt_ = core_.now + wait;
  core_.timers.Set(timer_, next_attempt_);
}

void Registration::OnFrame(const wire::Frame& frame, Endpoint from) {
  const auto refuse = [&](Drop why) { core_.Refuse(why, from); };
  switch (frame.type) {
    case Type::kAlgRsp:
    case Type::kKexRsp:
    case Type::kAuthRsp:
    case Type::kRegRsp:
    case Type::kRefuse:
    case Type::kRelease:
    case Type::kReleaseAck:
      break;
    case Type::kAlgReq:
    case Type::kKexReq:
    case Type::kAuthReq:
    case Type::kRegReq:
      return refuse(Drop::kWrongRole);
    default:
      return refuse(Drop::kUnknownChannel);
  }
  if (from != server_) return refuse(Drop::kWrongPeer);
  const bool clear = frame.type == Type::kAlgRsp || frame.type == Type::kKexRsp || frame.type == Type::kRefuse;
  if (!clear) {
    if (!channel_ || frame.channel != channel_->id()) return refuse(Drop::kUnknownChannel);
    return OnSealed(frame);
  }
  if (state_ == MapState::kClientInit || frame.channel != client_id_) return refuse(Drop::kUnknownChannel);
  const auto body = wire::DecodeBody(frame.type, frame.body);
  if (!body) return refuse(Drop::kMalformed);
  if (const auto* no = std::get_if<wire::Refuse>(&*body)) {
    if (no->nonce != offer_.nonce) return refuse(Drop::kBadNonce);
    if (state_ != MapState::kClientAlgReq && state_ != MapState::kClientKexReq) return refuse(Drop::kOutOfState);
    core_.Refuse(Drop::kRefuseHeard, from);
    Heard(frame.type);
    likely_ = fmt::format("server says: {} (not authenticated)", wire::Phrase(no->answer));
    return;
  }
  Heard(frame.type);
  if (const auto* alg = std::get_if<wire::AlgRsp>(&*body)) return OnAlgRsp(frame, *alg);
  OnKexRsp(frame, std::get<wire::KexRsp>(*body));
}

void Registration::Heard(Type type) {
  trail_.heard = static_cast<std::uint8_t>(type);
  trail_.heard_at = core_.now;
}

void Registration::OnAlgRsp(const wire::Frame& frame, const wire::AlgRsp& m) {
  if (state_ != MapState::kClientAlgReq) return core_.Refuse(Drop::kOutOfState, server_);
  if (m.nonce != offer_.nonce) return core_.Refuse(Drop::kBadNonce, server_);
  const hal::Suite* suite = ControlSuite(m.suite);
  if (suite == nullptr || !offer_.suites.Has(m.suite)) return core_.Refuse(Drop::kBadSuite, server_);
  core_.Step(2, false, Peer(), "algorithm response, suite " + Number(m.suite));
  alg_rsp_.assign(frame.body.begin(), frame.body.end());
  dh_ = hal::DhKey::Generate(suite->group, core_.services.random);
  wire::KexReq request;
  request.nonce = offer_.nonce;
  request.suites = offer_.suites;
  request.suite = m.suite;
  request.cookie = m.cookie;
  request.authenticate_server = settings_.authenticate_server;
  request.public_value.assign(dh_->public_value().begin(), dh_->public_value().end());
  kex_req_ = wire::Encode(request);
  core_.Step(3, true, Peer(),
             fmt::format("key request {}, server authentication request: {}", suite->name,
                         settings_.authenticate_server ? "pre-share" : "none"));
  SendStep(Type::kKexReq, wire::EncodeFrame(Type::kKexReq, client_id_, 0, kex_req_), MapState::kClientKexReq);
}

void Registration::OnKexRsp(const wire::Frame& frame, const wire::KexRsp& m) {
  if (state_ != MapState::kClientKexReq) return core_.Refuse(Drop::kOutOfState, server_);
  const hal::Suite& suite = *ControlSuite(alg_rsp_[wire::kNonceBytes]);  // checked in step 2
  const auto secret = dh_->Agree(m.public_value);
  if (!secret) return core_.Refuse(Drop::kBadPublicValue, server_);
  const ByteView parts[] = {alg_req_, alg_rsp_, kex_req_, m.clear};
  const hal::Sha256Digest transcript = Transcript(parts);
  const ByteView psk = settings_.authenticate_server ? settings_.pre_shared_key.view() : ByteView();
  MapSecrets secrets = DeriveMap(suite, *secret, psk, offer_.nonce, m.nonce, transcript);
  const Bytes expected = ServerProof(secrets.server_proof, transcript);
  ControlChannel channel(suite, std::move(secrets.channel), true);
  const auto opened = channel.Open(frame, m.clear.size());
  if (!opened.ok) {
    likely_ = settings_.authenticate_server ? "server authentication failed: pre-shared keys differ?"
                                            : "the key response of the server does not verify";
    return core_.Refuse(settings_.authenticate_server ? Drop::kBadServerProof : Drop::kForged, server_);
  }
  const auto proof = wire::DecodeKexProof(opened.plain.view());
  if (!proof) return core_.Refuse(Drop::kMalformed, server_);
  if (settings_.authenticate_server && !hal::EqualConstantTime(proof->mac, expected)) {
    likely_ = "server authentication failed: pre-shared keys differ?";
    return core_.Refuse(Drop::kBadServerProof, server_);
  }
  channel_ = std::move(channel);
  session_base_ = std::move(secrets.session_base);
  dh_.reset();
  core_.Step(4, false, Peer(),
             fmt::format("key response, client authentication: {}, server authentication response: {}",
                         Name(proof->method), settings_.authenticate_server ? "verified" : "none"));
  likely_.clear();  // from here on the server is heard under keys, and unauthenticated hints count no more
  if (proof->method == AuthMethod::kNone) return SendInformation();
  SendAuthentication(*proof);
}

void Registration::SendAuthentication(const wire::KexProof& proof) {
  if (settings_.user_name.empty())
    return Fail(
        fmt::format("the server asks for client authentication ({}), but no user is configured", Name(proof.method)));
  wire::AuthReq request;
  request.method = proof.method;
  request.user_name = settings_.user_name;
  if (proof.method == AuthMethod::kPap) {
    request.proof = settings_.password;
  } else {  // RFC 1994 section 4.1: MD5 over identifier, secret, challenge
    SecretBytes input(1 + settings_.password.size() + proof.challenge.size());
    input.span()[0] = proof.chap_id;
    std::ranges::copy(settings_.password.view(), input.span().begin() + 1);
    std::ranges::copy(proof.challenge, input.span().last(proof.challenge.size()).begin());
    request.proof = SecretBytes(ByteView(hal::Md5(input.view())));
  }
  user_name_ = request.user_name;
  core_.Step(5, true, Peer(), fmt::format("client authentication, {}, user {}", Name(request.method), user_name_));
  Bytes plain = wire::Encode(request);
  SendStep(Type::kAuthReq, channel_->Seal(Type::kAuthReq, {}, plain, core_.services.random),
           MapState::kClientAuthenReq);
  Wipe(plain);
}

void Registration::SendInformation() {
  wire::RegReq request;
  request.type = settings_.register_type;
  request.private_address = core_.settings.address.address;
  request.local = core_.settings.local;
  request.device_id = wire::WireDeviceId(core_.settings.device_id);
  core_.Step(7, true, Peer(),
             fmt::format("register request, private address {}, register type {}", request.private_address.ToString(),
                         Name(request.type)));
  SendStep(Type::kRegReq, channel_->Seal(Type::kRegReq, {}, wire::Encode(request), core_.services.random),
           MapState::kClientReq);
}

void Registration::OnSealed(const wire::Frame& frame) {
  const auto opened = channel_->Open(frame);
  if (!opened.ok) return core_.Refuse(opened.drop, server_);
  auto body = wire::DecodeBody(frame.type, opened.plain.view());
  if (!body) return core_.Refuse(Drop::kMalformed, server_);
  Heard(frame.type);
  if (frame.type == Type::kAuthRsp && state_ == MapState::kClientAuthenReq)
    return OnAuthRsp(std::get<wire::AuthRsp>(*body));
  if (frame.type == Type::kRegRsp && state_ == MapState::kClientReq)
    return OnRegRsp(std::get<wire::RegRsp>(std::move(*body)));
  if (frame.type == Type::kRelease && state_ != MapState::kClientInit) {
    core_.Send(server_, channel_->Seal(Type::kReleaseAck, {}, {}, core_.services.random));
    released_ = std::get<wire::Release>(*body);
    return;
  }
  if (frame.type != Type::kReleaseAck) core_.Refuse(Drop::kOutOfState, server_);
}

void Registration::OnAuthRsp(const wire::AuthRsp& m) {
  core_.Step(6, false, Peer(), fmt::format("authentication result: {}", wire::Phrase(m.answer)));
  if (m.answer != wire::Answer::kAccepted) return Fail(fmt::format("the server refused: {}", wire::Phrase(m.answer)));
  SendInformation();
}

void Registration::OnRegRsp(wire::RegRsp m) {
  if (m.answer != wire::Answer::kAccepted) {
    core_.Step(8, false, Peer(), fmt::format("register response: {}", wire::Phrase(m.answer)));
    return Fail(fmt::format("the server refused: {}", wire::Phrase(m.answer)));
  }
  core_.Step(8, false, Peer(),
             fmt::format("register response, DVPN ID {}, control ID {}, session suite {}, data suite {}", m.dvpn_id,
                         m.control_id, m.terms.session_suite, m.terms.data_suite));
  if (ControlSuite(m.terms.session_suite) == nullptr || hal::FindSuite(m.terms.data_suite) == nullptr)
    return Fail("the policy of the server names a suite that is not supported here");
  if (!settings_.server_private.empty() && settings_.server_private != m.server_private)
    return Fail(fmt::format("the server's private address is {}, configured is {}", m.server_private.ToString(),
                            settings_.server_private.ToString()));
  if (m.server_private.empty() || m.server_private == core_.settings.address.address)
    return Fail("the server's private address is not usable");
  answer_ = std::move(m);
  state_ = MapState::kClientSuccess;
  attempts_ = 0;
  last_.clear();
  next_send_ = attempt_ends_ = Time::Never();
  last_error_.clear();
  core_.timers.Erase(timer_);
  built_ = core_.now;
  newly_registered_ = true;
  const MapInfo built = info();
  core_.Note(Topic::kRegister, What::kMapBuilt, server_private().ToString(),
             fmt::format("map built with {}, DVPN ID {}", Peer(), answer_.dvpn_id), &built);
  if (const hal::Suite& suite = *hal::FindSuite(settings_.suite); suite.weak)
    core_.Note(Topic::kMisc, What::kNote, server_private().ToString(), fmt::format("weak algorithms: {}", suite.name));
}

void Registration::SendRelease() {
  if (channel_)
    core_.Send(server_, channel_->Seal(Type::kRelease, {}, wire::Encode(wire::Release{}), core_.services.random));
}

MapInfo Registration::info() const {
  MapInfo out;
  out.control_id = answer_.control_id;
  out.dvpn_id = answer_.dvpn_id;
  out.tunnel = core_.settings.name;
  out.peer_private = state_ == MapState::kClientSuccess ? answer_.server_private : settings_.server_private;
  out.local_private = core_.settings.address.address;
  out.peer_public = server_;
  out.local_public = core_.settings.local;
  out.peer_device_id = answer_.device_id;
  out.user_name = user_name_;
  out.state = state_;
  out.type = CommunicateType::kClientToServer;
  out.built = built_;
  out.last_error = last_error_;
  out.attempts = attempts_;
  out.trail = trail_;
  if (state_ == MapState::kClientInit && next_attempt_ != Time::Never()) {
    out.trail.timer = silent_ ? "register-dumb" : "register-interval";
    out.trail.timer_at = next_attempt_;
  } else if (next_send_ != Time::Never()) {
    out.trail.timer = attempt_ends_ <= next_send_ ? "limit of the attempt" : "sending again";
    out.trail.timer_at = std::min(next_send_, attempt_ends_);
  }
  return out;
}

}  // namespace sw::dvpn
