// The corpus of the fuzz target dvpn_packet holds every message of this version of the protocol: a corpus of another
// version teaches a fuzzer nothing. SW_WRITE_CORPUS=1 writes it anew.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "dvpn/parts.h"
#include "dvpn/server_proof.h"
#include "test_paths.h"
#include "tests/fuzz/dvpn_story.h"

namespace sw::testing {
namespace {

namespace fs = std::filesystem;
namespace wire = dvpn::wire;
using wire::Type;

const fs::path kCorpus = fs::path(SW_SOURCE_DIR) / "tests/fuzz/corpus/dvpn_packet";
constexpr std::uint8_t kToServer = 0, kFromServer = 1, kFromTwo = 2;

// An input of the target: so many datagrams pass, then these come.
Bytes Input(std::size_t passed, std::uint8_t who, const std::vector<Bytes>& datagrams) {
  Bytes out;
  Writer w(out);
  w.U8(static_cast<std::uint8_t>(passed));
  w.U8(who);
  for (const Bytes& datagram : datagrams) {
    w.U16(static_cast<std::uint16_t>(datagram.size()));
    w.Put(datagram);
  }
  return out;
}

// Bodies that no listener gets to see, or that the story does not have.
std::vector<std::pair<Type, Bytes>> Invented() {
  wire::RegRsp registered;
  registered.dvpn_id = 7;
  registered.terms = {1, 2, 10, 10, 300, 3600};
  wire::Redirect redirect;
  redirect.terms = registered.terms;
  redirect.secret = SecretBytes(wire::kSecretSize);
  return {
      {Type::kAuthReq, Encode(wire::AuthReq{dvpn::AuthMethod::kPap, "user@system", SecretBytes("pw")})},
      {Type::kAuthRsp, Encode(wire::AuthRsp{wire::Answer::kBadCredentials})},
      {Type::kRegReq, Encode(wire::RegReq{dvpn::RegisterType::kForward, Ipv4(10, 0, 0, 2), {}, "branch"})},
      {Type::kRegRsp, Encode(registered)},
      {Type::kRefuse, Encode(wire::Refuse{{}, wire::Answer::kBusy})},
      {Type::kAbort, Encode(wire::Abort{wire::Answer::kGaveUp})},
      {Type::kSetupReq, Encode(wire::SetupReq{{}, 256, Bytes(96, 1)})},
      {Type::kSetupRsp, Encode(wire::SetupRsp{{}, {}, 256, Bytes(96, 1)})},
      {Type::kKeepalive, Encode(wire::Keepalive{9})},
      {Type::kKeepaliveAck, Encode(wire::Keepalive{9})},
      {Type::kRekeyReq, Encode(wire::SetupReq{{}, 256, Bytes(96, 1)})},
      {Type::kRekeyRsp, Encode(wire::SetupRsp{{}, {}, 256, Bytes(96, 1)})},
      {Type::kRedirect, Encode(redirect)},
      {Type::kUnreached, Encode(wire::Unreached{Domain::Lan(3), Domain::Private(3), true})},
      {Type::kRelease, Encode(wire::Release{true})},
      {Type::kReleaseAck, {}},
      {Type::kProbe, {}},
      {Type::kPathProbe, wire::PathFiller(100)},
      {Type::kPathAck, Encode(wire::PathSize{1252})},
      {Type::kPart, Encode(wire::Part{Type::kSetupReq, 1, 77, Bytes(40, 1)})},
      {Type::kClear, Ping(Domain::Private(2), Domain::Private(1), 1)},
  };
}

// Both halves of a message that is short enough to travel whole, which a receiver takes all the same.
Bytes InHalves(std::size_t passed, std::uint8_t who, const DvpnStory::Kept& kept, const wire::Nonce& client) {
  const auto halves = dvpn::Cut(kept.datagram, client);
  return Input(passed, who, {halves[1], halves[0]});
}

std::map<std::string, Bytes> Wanted() {
  std::map<std::string, Bytes> out;
  const DvpnStory story(1000);
  wire::Nonce client{};
  for (std::size_t at = 0; at < story.kept.size() && at < 64; ++at) {
    const auto& kept = story.kept[at];
    const Endpoint server = story.d.server->address;
    if (kept.to != server && kept.to != story.one->address) continue;  // nobody of the target takes it
    if (kept.to == server && kept.from != story.one->address) continue;
    const std::uint8_t who = kept.to == server ? kToServer : kept.from == server ? kFromServer : kFromTwo;
    const bool esp = Load32(kept.datagram.data()) != 0;
    const Type type = static_cast<Type>(kept.datagram[5]);
    const std::string name =
        (at < 10 ? "0" : "") + std::to_string(at) + "-" + (esp ? std::string("esp") : std::string(wire::Name(type)));
    out[name] = Input(at, who, {kept.datagram});
    out[name + "-again"] = Input(at + 1, who, {kept.datagram});
    if (esp) continue;
    if (type == Type::kAlgReq) std::copy_n(kept.datagram.begin() + wire::kHeaderBytes, client.size(), client.begin());
    if (type == Type::kKexReq || type == Type::kKexRsp) out[name + "-parts"] = InHalves(at, who, kept, client);
    if (type != Type::kAlgReq && type != Type::kKexReq && type != Type::kAuthReq && type != Type::kRegReq) continue;
    wire::Refuse no{client, wire::Answer::kBusy};  // as its server would say it
    out[name + "-refused"] =
        Input(at + 1, kFromServer, {wire::EncodeFrame(Type::kRefuse, Load64(&kept.datagram[8]), 0, wire::Encode(no))});
  }
  for (const auto& [type, body] : Invented())
    out["invented-" + std::string(wire::Name(type))] = Input(63, kFromServer, {wire::EncodeFrame(type, 1, 1, body)});
  out["old-version"] = Input(0, kToServer, {wire::EncodeFrame(Type::kAlgReq, 1, 0, Bytes(64, 1), wire::kOldVersion)});
  return out;
}

void ExpectHeld(const fs::path& corpus, const std::map<std::string, Bytes>& wanted) {
  if (std::getenv("SW_WRITE_CORPUS") != nullptr) {
    fs::create_directories(corpus);
    for (const auto& [name, bytes] : wanted)
      std::ofstream(corpus / name, std::ios::binary)
          .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  for (const auto& [name, bytes] : wanted) {
    std::ifstream file(corpus / name, std::ios::binary);
    const Bytes held((std::istreambuf_iterator<char>(file)), {});
    EXPECT_EQ(held, bytes) << name << " is not what this version sends; SW_WRITE_CORPUS=1 writes it anew";
  }
}

TEST(FuzzCorpus, HoldsEveryMessageOfThisVersionAtItsStage) {
  const auto wanted = Wanted();
  ExpectHeld(kCorpus, wanted);
  std::set<int> types;
  for (const auto& [name, bytes] : wanted) {
    if (bytes.size() > 9 && Load32(&bytes[4]) == 0 && bytes[8] == wire::kVersion) types.insert(bytes[9]);
  }
  for (int type = 0; type < 256; ++type) {
    const std::string_view name = wire::Name(static_cast<Type>(type));
    EXPECT_TRUE(name.empty() || types.contains(type)) << name;
  }
  for (const auto& entry : fs::directory_iterator(kCorpus)) {
    const std::string name = entry.path().filename().string();
    EXPECT_TRUE(wanted.contains(name) || name.starts_with("broke-")) << name << " is of nothing any more";
  }
}

TEST(FuzzCorpus, HoldsTheCertificatesOfServers) {
  const auto proof = [](const std::string& name, dvpn::AuthMethod method) {
    const std::string file = std::string(SW_SOURCE_DIR) + "/tests/vectors/ike_pki/" + name;
    const auto own = *hal::Credentials::Load({file + ".pem", file + ".key", file + ".pem", ""});
    wire::KexProof out;
    out.mac = Bytes(wire::kMacBytes, 7);
    out.method = method;
    if (method == dvpn::AuthMethod::kChap) out.challenge = Bytes(16, 3);
    out.certificate = own->certificate();
    out.signature = own->Sign(dvpn::ToSign(out.mac));
    return wire::Encode(out);
  };
  ExpectHeld(fs::path(SW_SOURCE_DIR) / "tests/fuzz/corpus/dvpn_certificate",
             {{"accepted", proof("a", dvpn::AuthMethod::kNone)},
              {"accepted-chap", proof("a", dvpn::AuthMethod::kChap)},
              {"revoked", proof("b", dvpn::AuthMethod::kNone)},
              {"stranger", proof("stranger", dvpn::AuthMethod::kPap)},
              {"none", wire::Encode(wire::KexProof{{}, dvpn::AuthMethod::kNone, 0, {}, {}, {}})}});
}

}  // namespace
}  // namespace sw::testing
