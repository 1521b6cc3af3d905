#include "dvpn/client_exchange.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "dvpn/terms.h"

namespace sw::dvpn {

using wire::Answer;
using wire::Type;

namespace {

Doubt Unparsable() {
  return {Drop::kMalformed, Answer::kMalformed, "the answer of the server does not parse"};
}

}  // namespace

void ClientExchange::Clear() {
  id_ = 0;
  offer_ = {};
  alg_req_.clear();
  alg_rsp_.clear();
  kex_req_.clear();
  key_.reset();
  proof_.reset();
  pieces_ = {};
  channel_.reset();
  session_base_ = SecretBytes();
  proved_ = ServerProofKind::kNone;
  user_name_.clear();
}

Bytes ClientExchange::Offer() {
  Clear();
  id_ = core_.services.random.U64();
  core_.services.random.Fill(offer_.nonce);
  offer_.suites.count = 1;
  offer_.suites.numbers[0] = static_cast<std::uint8_t>(settings_.suite);
  alg_req_ = wire::Encode(offer_);
  core_.Step(1, true, Peer(), fmt::format("algorithm request, suites {}", settings_.suite));
  return wire::EncodeFrame(Type::kAlgReq, id_, 0, alg_req_);
}

Bytes ClientExchange::OldOffer() const {
  return wire::EncodeFrame(Type::kAlgReq, id_, wire::kVersion, alg_req_, wire::kOldVersion);
}

bool ClientExchange::Mine(const wire::Frame& frame) const {
  const bool named = channel_ && frame.channel == channel_->id();
  const bool early = frame.type == Type::kAlgRsp || frame.type == Type::kKexRsp || frame.type == Type::kKexRspPart;
  if (!early && frame.type != Type::kRefuse) return named;
  // A server that forgot this exchange knows only the name that it was called by.
  return (id_ != 0 && frame.channel == id_) || (frame.type == Type::kRefuse && named);
}

ClientExchange::Read ClientExchange::Open(const wire::Frame& frame) {
  if (frame.type == Type::kAlgRsp || frame.type == Type::kKexRsp) return std::nullopt;
  if (frame.type == Type::kRefuse) {
    auto body = wire::DecodeBody(frame.type, frame.body);
    if (!body) return Drop::kMalformed;
    if (std::get<wire::Refuse>(*body).nonce != offer_.nonce) return Drop::kBadNonce;
    return body;
  }
  const auto opened = channel_->Open(frame);
  if (!opened.ok) return opened.drop;
  auto body = wire::DecodeBody(frame.type, opened.plain.view());
  if (!body) return Drop::kMalformed;
  return body;
}

std::variant<Bytes, Drop> ClientExchange::TakePart(const wire::Frame& frame, Endpoint from) {
  if (!Mine(frame)) return Drop::kUnknownChannel;
  auto body = wire::DecodeBody(frame.type, frame.body);
  if (!body) return Drop::kMalformed;
  auto& part = std::get<wire::KexPart>(*body);
  if (part.nonce != offer_.nonce) return Drop::kBadNonce;
  auto added = pieces_.Add(core_.now, from, frame.channel, std::move(part.piece));
  if (const Drop* why = std::get_if<Drop>(&added)) return *why;
  const Bytes* whole = std::get_if<Bytes>(&added);
  return whole == nullptr ? Bytes() : wire::EncodeFrame(Type::kKexRsp, frame.channel, frame.counter, *whole);
}

Reply ClientExchange::OnAlgRsp(const wire::Frame& frame) {
  const auto body = wire::DecodeBody(frame.type, frame.body);
  if (!body) return Unparsable();
  const auto& m = std::get<wire::AlgRsp>(*body);
  if (m.nonce != offer_.nonce) return Doubt{Drop::kBadNonce, Answer::kNotVerified, "answer to another request"};
  const hal::Suite* suite = ControlSuite(m.suite);
  if (suite == nullptr || !offer_.suites.Has(m.suite))
    return Doubt{Drop::kBadSuite, Answer::kNoCommonSuite,
                 fmt::format("the server chose suite {}, which was not offered", m.suite)};
  core_.Step(2, false, Peer(), fmt::format("algorithm response, suite {}", m.suite));
  if (core_.FaultAt(2)) return Refusal{Answer::kFault, "fault injected at step 2"};
  alg_rsp_.assign(frame.body.begin(), frame.body.end());
  key_ = KeyRequest::Make(suite->group, core_.services.random);
  wire::KexReq request;
  request.nonce = offer_.nonce;
  request.suites = offer_.suites;
  request.suite = m.suite;
  request.cookie = m.cookie;
  request.authenticate_server = settings_.authenticate_server;
  request.public_value.assign(key_->public_value().begin(), key_->public_value().end());
  if (settings_.authenticate_server == ServerMethod::kPreShare && ProvesByPake(*suite)) {
    proof_ = BeginProof(hal::CpaceRole::kInitiator, settings_.pre_shared_key, request.nonce, request.cookie,
                        core_.services.random);
    request.share.assign(proof_->share().begin(), proof_->share().end());
  }
  kex_req_ = wire::Encode(request);
  core_.Step(3, true, Peer(),
             fmt::format("key request {}, server authentication request: {}", suite->name,
                         Name(settings_.authenticate_server)));
  return wire::EncodeFrame(Type::kKexReq, id_, 0, kex_req_);
}

// Whatever is wrong with it may be a stranger's doing until the seal has been opened with the right keys.
Reply ClientExchange::OnKexRsp(const wire::Frame& frame) {
  const auto body = wire::DecodeBody(frame.type, frame.body);
  if (!body) return Unparsable();
  const auto& m = std::get<wire::KexRsp>(*body);
  const hal::Suite& suite = *ControlSuite(alg_rsp_[wire::kNonceBytes]);  // checked in step 2
  const auto secret = key_->Agree(m.public_value);
  if (!secret) return Doubt{Drop::kBadPublicValue, Answer::kNotVerified, "the public value of the server is no key"};
  const ByteView parts[] = {alg_req_, alg_rsp_, kex_req_, m.clear};
  const hal::Sha256Digest transcript = Transcript(parts);
  const bool asked = settings_.authenticate_server != ServerMethod::kNone;
  const bool by_certificate = settings_.authenticate_server == ServerMethod::kCertificate;
  ByteView key =
      settings_.authenticate_server == ServerMethod::kPreShare ? settings_.pre_shared_key.view() : ByteView();
  const auto agreed = proof_ ? proof_->Finish(m.share, {}) : std::nullopt;
  if (proof_.has_value() != !m.share.empty() || (proof_ && !agreed))
    return Doubt{Drop::kBadServerProof, Answer::kBadServerProof,
                 "server authentication failed: its share of the proof is none"};
  if (agreed) key = agreed->key.view();
  MapSecrets secrets = DeriveMap(suite, *secret, key, offer_.nonce, m.nonce, transcript);
  const Bytes expected = ServerProof(secrets.server_proof, transcript);
  ControlChannel channel(suite, std::move(secrets.channel), true);
  const auto opened = channel.Open(frame, m.clear.size());
  const auto proof = opened.ok ? wire::DecodeKexProof(opened.plain.view()) : std::nullopt;
  if (asked && (!proof || !hal::EqualConstantTime(proof->mac, expected)))
    return Doubt{Drop::kBadServerProof, Answer::kBadServerProof,
                 by_certificate ? "server authentication failed: the response is not of this exchange"
                                : "server authentication failed: pre-shared keys differ?"};
  if (!proof) return Doubt{Drop::kForged, Answer::kNotVerified, "the key response of the server does not verify"};
  if (by_certificate) {
    const auto& clock = core_.services.wall_clock;
    if (const Status server = JudgeServer(settings_, *proof, clock ? clock() : 0); !server.ok())
      return Doubt{Drop::kBadServerProof, Answer::kBadCertificate,
                   "server authentication failed: certificate refused: " + server.why()};
  }
  channel_ = std::move(channel);
  proved_ = ProofOf(settings_.authenticate_server, proof_.has_value());
  session_base_ = std::move(secrets.session_base);
  key_.reset();
  proof_.reset();
  core_.Step(4, false, Peer(),
             fmt::format("key response, client authentication: {}, server authentication response: {}",
                         Name(proof->method), asked ? "verified" : "none"));
  if (core_.FaultAt(4)) return Refusal{Answer::kFault, "fault injected at step 4"};
  return proof->method == AuthMethod::kNone ? Reply(Inform()) : Authenticate(*proof, secrets.chap);
}

Reply ClientExchange::Authenticate(const wire::KexProof& proof, const SecretBytes& chap) {
  if (settings_.user_name.empty())
    return Refusal{
        Answer::kNoUser,
        fmt::format("the server asks for client authentication ({}), but no user is configured", Name(proof.method))};
  if (auto why = BelowMinimum(settings_.minimum, proof.method)) return Refusal{Answer::kBelowMinimum, std::move(*why)};
  wire::AuthReq request;
  request.method = proof.method;
  request.user_name = settings_.user_name;
  if (proof.method == AuthMethod::kPap) {
    request.proof = settings_.password;
  } else {
    // A challenge that another server gave for another exchange would make this client register somebody else there.
    if (proof.chap_id != chap.view()[0] || !std::ranges::equal(proof.challenge, chap.view().subspan(1)))
      return Refusal{Answer::kBadChallenge, "the CHAP challenge is not that of this exchange: somebody stands between"};
    SecretBytes input(1 + settings_.password.size() + proof.challenge.size());  // RFC 1994 section 4.1
    input.span()[0] = proof.chap_id;
    std::ranges::copy(settings_.password.view(), input.span().begin() + 1);
    std::ranges::copy(proof.challenge, input.span().last(proof.challenge.size()).begin());
    request.proof = SecretBytes(ByteView(hal::Md5(input.view())));
  }
  user_name_ = request.user_name;
  core_.Step(5, true, Peer(), fmt::format("client authentication, {}, user {}", Name(request.method), user_name_));
  Bytes plain = wire::Encode(request);
  Bytes out = channel_->Seal(Type::kAuthReq, offer_.nonce, plain, core_.services.random);
  Wipe(plain);
  return out;
}

Bytes ClientExchange::Inform() {
  wire::RegReq request;
  request.type = settings_.register_type;
  request.private_address = core_.settings.address.address;
  request.local = core_.settings.local;
  request.device_id = wire::WireDeviceId(core_.settings.device_id);
  core_.Step(7, true, Peer(),
             fmt::format("register request, private address {}, register type {}", request.private_address.ToString(),
                         Name(request.type)));
  return channel_->Seal(Type::kRegReq, offer_.nonce, wire::Encode(request), core_.services.random);
}

Reply ClientExchange::OnAuthRsp(const wire::AuthRsp& m) {
  core_.Step(6, false, Peer(), fmt::format("authentication result: {}", wire::Phrase(m.answer)));
  if (m.answer != Answer::kAccepted)
    return Refusal{m.answer, fmt::format("the server refused: {}", wire::Phrase(m.answer)), true};
  if (core_.FaultAt(6)) return Refusal{Answer::kFault, "fault injected at step 6"};
  return Inform();
}

std::optional<Refusal> ClientExchange::OnRegRsp(const wire::RegRsp& m) const {
  if (m.answer != Answer::kAccepted) {
    core_.Step(8, false, Peer(), fmt::format("register response: {}", wire::Phrase(m.answer)));
    return Refusal{m.answer, fmt::format("the server refused: {}", wire::Phrase(m.answer)), true};
  }
  core_.Step(8, false, Peer(),
             fmt::format("register response, DVPN ID {}, control ID {}, session suite {}, data suite {}", m.dvpn_id,
                         m.control_id, m.terms.session_suite, m.terms.data_suite));
  if (core_.FaultAt(8)) return Refusal{Answer::kFault, "fault injected at step 8"};
  if (ControlSuite(m.terms.session_suite) == nullptr || hal::FindSuite(m.terms.data_suite) == nullptr)
    return Refusal{Answer::kUnknownSuite, "the policy of the server names a suite that is not supported here"};
  if (auto why = BelowMinimum(settings_.minimum, m.terms)) return Refusal{Answer::kBelowMinimum, std::move(*why)};
  if (!settings_.server_private.empty() && settings_.server_private != m.server_private)
    return Refusal{Answer::kOtherServer, fmt::format("the server's private address is {}, configured is {}",
                                                     m.server_private.ToString(), settings_.server_private.ToString())};
  if (m.server_private.empty() || m.server_private == core_.settings.address.address)
    return Refusal{Answer::kOtherServer, "the server's private address is not usable"};
  return std::nullopt;
}

Bytes ClientExchange::Sealed(Type type, ByteView plain) {
  return channel_ ? channel_->Seal(type, {}, plain, core_.services.random) : Bytes();
}

Bytes ClientExchange::GiveUp(Answer answer) {
  if (channel_) return Sealed(Type::kAbort, wire::Encode(wire::Abort{answer}));
  return wire::EncodeFrame(Type::kRefuse, id_, 0, wire::Encode(wire::Refuse{offer_.nonce, answer}));
}

}  // namespace sw::dvpn
