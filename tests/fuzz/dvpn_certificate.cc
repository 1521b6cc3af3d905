// What a server proves itself with, sealed by whoever has keys with the client: its certificate and signature.
//
// Input: the sealed part of KEX-RSP as it was before it was sealed. Of all that there may be, one certificate is accepted.
#include <cstdlib>

#include "dvpn/server_proof.h"
#include "dvpn/wire.h"
#include "test_paths.h"

using namespace sw;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string folder = std::string(SW_SOURCE_DIR) + "/tests/vectors/ike_pki/";
  static const auto authority = hal::Authority::Load({"", "", folder + "ca.pem", folder + "b_revoked.crl"});
  if (!authority.ok()) std::abort();
  const auto proof = dvpn::wire::DecodeKexProof(ByteView(data, size));
  if (!proof) return 0;
  const Bytes again = dvpn::wire::Encode(*proof);
  if (Bytes(data, data + size) != again) std::abort();  // what parses has one form
  dvpn::ClientSettings client;
  client.authority = *authority;
  client.server_public = Ipv4(192, 0, 2, 1);
  constexpr std::int64_t kNow = 1'800'000'000;
  if (!dvpn::JudgeServer(client, *proof, kNow).ok()) return 0;
  const auto accepted = (*authority)->Verify(proof->certificate, kNow);
  if (!accepted.ok() || (*accepted)->subject_text() != "CN=a,O=sw8800 tests") std::abort();
  return 0;
}
