#include "dvpn/server_proof.h"

#include <fmt/format.h>

#include "dvpn/keying.h"

namespace sw::dvpn {

bool ProvesByPake(const hal::Suite& suite) {
  return suite.integrity == hal::Integrity::kAead;
}

ServerProofKind ProofOf(ServerMethod asked, bool by_pake) {
  switch (asked) {
    case ServerMethod::kNone:
      return ServerProofKind::kNone;
    case ServerMethod::kPreShare:
      return by_pake ? ServerProofKind::kPake : ServerProofKind::kPreSharedKey;
    case ServerMethod::kCertificate:
      return ServerProofKind::kCertificate;
  }
  return ServerProofKind::kNone;
}

hal::Cpace BeginProof(hal::CpaceRole role, const SecretBytes& pre_shared_key, const wire::Nonce& nonce,
                      const wire::Cookie& cookie, Random& random) {
  Bytes session;
  Writer w(session);
  w.Put(nonce);
  w.Put(cookie);
  hal::CpaceInputs inputs;
  inputs.secret = pre_shared_key.view();
  inputs.initiator = "sw8800 dvpn client";
  inputs.responder = "sw8800 dvpn server";
  inputs.session = session;
  return hal::Cpace::Begin(role, inputs, {}, random);
}

hal::Sha256Digest ToSign(ByteView response) {
  const ByteView parts[] = {AsBytes("sw8800 dvpn 2 certificate"), response};
  return Transcript(parts);
}

Status JudgeServer(const ClientSettings& settings, const wire::KexProof& proof, std::int64_t now) {
  if (proof.certificate.empty()) return {Code::kDenied, "the server sent none"};
  const auto verified = settings.authority->Verify(proof.certificate, now);
  if (!verified.ok()) return verified.status();
  const hal::Certificate& owner = **verified;
  const std::string& name = settings.server_name;
  const bool wanted = name.empty() ? owner.HasAddress(settings.server_public)
                                   : owner.HasName(name) || owner.subject_text() == name;
  if (!wanted)
    return {Code::kDenied, fmt::format("{} is not {}", owner.subject_text(),
                                       name.empty() ? settings.server_public.ToString() : name)};
  if (!owner.Signed(ToSign(proof.mac), proof.signature)) return {Code::kDenied, "its signature is of something else"};
  return {};
}

}  // namespace sw::dvpn
