#include "dvpn/server_exchange.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "dvpn/key_agreement.h"
#include "dvpn/server_proof.h"

namespace sw::dvpn {

using wire::Answer;
using wire::Type;

namespace {

std::string List(const wire::SuiteList& suites) {
  std::string out;
  for (std::size_t i = 0; i < suites.count; ++i) out += (i == 0 ? "" : ", ") + std::to_string(suites.numbers[i]);
  return out;
}

// What this system lacks for a suite that it would take; empty: nothing.
std::string Missing(const wire::SuiteList& suites) {
  for (std::size_t i = 0; i < suites.count; ++i)
    if (const Status can = CanProtect(suites.numbers[i]); can.code() == Code::kUnsupported) return "; " + can.why();
  return {};
}

}  // namespace

std::uint64_t RequestDigest(ByteView datagram, Endpoint from) {
  Bytes text;
  Writer w(text);
  w.U32(from.address.value);
  w.U16(from.port);
  w.Put(datagram);
  return Load64(hal::Sha256(text).data());
}

bool ServerExchange::Accepts(int number) const {
  const hal::Suite* suite = ControlSuite(number);
  if (suite == nullptr) return false;
  const auto& listed = settings_.accepted_suites;
  if (!listed.empty() && std::ranges::find(listed, number) == listed.end()) return false;
  const auto& have = core_.services.crypto.capabilities().transforms;
  return std::ranges::any_of(
      have, [&](const hal::Capability& c) { return c.cipher == suite->cipher && c.integrity == suite->integrity; });
}

std::variant<wire::AlgRsp, Refusal> ServerExchange::Choose(const wire::Frame& frame, Endpoint from) {
  const auto body = wire::DecodeBody(frame.type, frame.body);
  if (!body) return Refusal{Answer::kMalformed, "its algorithm request does not parse"};
  const auto& request = std::get<wire::AlgReq>(*body);
  // Anybody can make a server do this much, so nothing is said unless somebody looks.
  const bool trace = core_.Wants(Topic::kRegister);
  if (trace) core_.Step(1, false, from.ToString(), "algorithm request, suites " + List(request.suites));
  if (core_.FaultAt(1)) return Refusal{Answer::kFault, "fault injected at step 1"};
  const auto end = request.suites.numbers.begin() + request.suites.count;
  const auto chosen = std::find_if(request.suites.numbers.begin(), end, [this](int n) { return Accepts(n); });
  if (chosen == end)
    return Refusal{Answer::kNoCommonSuite, fmt::format("no common algorithm suite, it offers {}{}",
                                                       List(request.suites), Missing(request.suites))};
  wire::AlgRsp answer;
  answer.nonce = request.nonce;
  answer.suite = *chosen;
  answer.cookie = cookies_.Make(core_.now, {from, frame.channel, request.nonce, request.suites, *chosen});
  if (trace) core_.Step(2, true, from.ToString(), fmt::format("algorithm response, suite {}", *chosen));
  return answer;
}

std::variant<Bytes, Refusal, Drop> ServerExchange::TakePart(const wire::Frame& frame, Endpoint from) {
  auto body = wire::DecodeBody(frame.type, frame.body);
  auto* part = body ? &std::get<wire::KexPart>(*body) : nullptr;
  const auto claim = part == nullptr ? std::nullopt : wire::DecodeClaim(part->claim);
  if (!claim) return Drop::kMalformed;
  if (auto no = Welcome(frame, *claim, from)) return std::move(*no);
  auto added = pieces_.Add(core_.now, from, frame.channel, std::move(part->piece));
  if (const Drop* why = std::get_if<Drop>(&added)) return *why;
  const Bytes* whole = std::get_if<Bytes>(&added);
  return whole == nullptr ? Bytes() : wire::EncodeFrame(Type::kKexReq, frame.channel, 0, *whole);
}

std::optional<Refusal> ServerExchange::Welcome(const wire::Frame& frame, const wire::KexReq& claim, Endpoint from) {
  if (!cookies_.Check(core_.now, {from, frame.channel, claim.nonce, claim.suites, claim.suite}, claim.cookie))
    return Refusal{Answer::kBadCookie, "its cookie is wrong or expired"};
  if (guesses_.Wait(core_.now, from.address) == Duration{}) return std::nullopt;
  return Refusal{Answer::kTooManyFailures,
                 "too many registrations that were begun from its address did not go on, the next one has to wait"};
}

std::optional<Refusal> ServerExchange::Check(const wire::Frame& frame, const wire::KexReq& request, Endpoint from) {
  if (auto no = Welcome(frame, request, from)) return no;
  if (!request.suites.Has(request.suite) || !Accepts(request.suite))
    return Refusal{Answer::kNoCommonSuite, fmt::format("suite {} is not accepted", request.suite)};
  core_.Step(3, false, from.ToString(),
             fmt::format("key request, server authentication request: {}",
                         Name(request.authenticate_server)));
  if (core_.FaultAt(3)) return Refusal{Answer::kFault, "fault injected at step 3"};
  const bool by_key = request.authenticate_server == ServerMethod::kPreShare;
  if (by_key && settings_.pre_shared_key.empty())
    return Refusal{Answer::kNoPreSharedKey,
                   "the client asks for server authentication, but no pre-shared key is configured"};
  if (request.authenticate_server == ServerMethod::kCertificate && settings_.credentials == nullptr)
    return Refusal{Answer::kNoCertificate,
                   "the client asks for the certificate of the server, but no certificate domain is configured"};
  if (request.share.empty() == (by_key && ProvesByPake(*ControlSuite(request.suite))))
    return Refusal{Answer::kMalformed, "its suite and its way to prove the pre-shared key do not go together"};
  return std::nullopt;
}

std::variant<std::unique_ptr<Map>, Refusal, Drop> ServerExchange::Agree(const wire::Frame& frame, Endpoint from) {
  const auto body = wire::DecodeBody(frame.type, frame.body);
  if (!body) return Refusal{Answer::kMalformed, "its key request does not parse"};
  const auto& request = std::get<wire::KexReq>(*body);
  if (auto no = Check(frame, request, from)) {
    no->proven = no->answer != Answer::kBadCookie;
    return std::move(*no);
  }
  const hal::Suite& suite = *ControlSuite(request.suite);
  Random& random = core_.services.random;
  auto shared = AnswerKey(suite.group, request.public_value, random);
  if (!shared) return Refusal{Answer::kNotVerified, "its public value is no key", false, true};
  wire::KexRsp answer;
  random.Fill(answer.nonce);
  answer.public_value = std::move(shared->public_value);
  std::optional<hal::Cpace::Outcome> agreed;
  if (!request.share.empty()) {
    const hal::Cpace proof =
        BeginProof(hal::CpaceRole::kResponder, settings_.pre_shared_key, request.nonce, request.cookie, random);
    agreed = proof.Finish(request.share, {});
    if (!agreed)
      return Refusal{Answer::kNotVerified, "its share of the proof of the pre-shared key is none", false, true};
    answer.share.assign(proof.share().begin(), proof.share().end());
  }
  const Bytes clear = wire::Encode(answer);
  // Steps 1 and 2 as the client must have seen them, rebuilt from what it repeats: its transcript has the real ones.
  const Bytes alg_req = wire::Encode(wire::AlgReq{request.nonce, request.suites});
  const Bytes alg_rsp = wire::Encode(wire::AlgRsp{request.nonce, request.suite, request.cookie});
  const ByteView parts[] = {alg_req, alg_rsp, frame.body, clear};
  const hal::Sha256Digest transcript = Transcript(parts);
  const ByteView key = agreed ? agreed->key.view()
                       : request.authenticate_server == ServerMethod::kPreShare ? settings_.pre_shared_key.view()
                                                                                : ByteView();
  MapSecrets secrets = DeriveMap(suite, shared->secret, key, request.nonce, answer.nonce, transcript);

  auto map = std::make_unique<Map>();
  map->client_id = frame.channel;
  map->endpoint = from;
  map->request = RequestDigest(frame.datagram, from);
  map->nonce = request.nonce;
  map->suite = &suite;
  map->session_base = std::move(secrets.session_base);
  map->method = settings_.policy.authentication;
  map->channel.emplace(suite, std::move(secrets.channel), false);
  wire::KexProof proof;
  map->proved = ProofOf(request.authenticate_server, agreed.has_value());
  if (map->proved != ServerProofKind::kNone) proof.mac = ServerProof(secrets.server_proof, transcript);
  if (map->proved == ServerProofKind::kCertificate) {
    proof.certificate = settings_.credentials->certificate();
    proof.signature = settings_.credentials->Sign(ToSign(proof.mac));
  }
  proof.method = map->method;
  if (map->method == AuthMethod::kChap) {
    map->chap = std::move(secrets.chap);
    const ByteView chap = map->chap.view();
    proof.chap_id = chap[0];
    proof.challenge.assign(chap.begin() + 1, chap.end());
  }
  core_.Step(4, true, from.ToString(),
             fmt::format("key response {}, client authentication: {}, server authentication response: {}", suite.name,
                         Name(map->method), proof.mac.empty() ? "none" : "sent"));
  map->last_request.assign(frame.datagram.begin(), frame.datagram.end());
  map->last_answer = map->channel->SealUnder(map->client_id, Type::kKexRsp, clear, wire::Encode(proof), random);
  if (map->last_answer.size() > wire::kMaxMessage)
    return Refusal{Answer::kNoCertificate, "the certificate of this server is too large for a registration", false, true};
  return map;
}

}  // namespace sw::dvpn
