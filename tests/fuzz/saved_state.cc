// What one process hands to another that goes on for it, spoilt. The first byte says what the rest is: the form around
// the parts, the state of a DVPN server or client, of a gateway, of an IKE engine. Whatever is taken may be saved
// again, and the second successor takes it; timers of what was taken run without harm.
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "cli/service/take_over.h"
#include "dvpn/tunnel.h"
#include "hal/soft/software_device.h"
#include "ipsec/gateway.h"
#include "ipsec/ike/engine.h"

namespace {

using namespace sw;

void Hold(bool invariant) {
  if (!invariant) std::abort();
}

const Time kNow{std::chrono::hours(1)};

struct Nothing final : dvpn::EventSink, dvpn::Authenticator, dvpn::NextHops, ipsec::SaOwner {
  bool Wants(dvpn::Topic) const override { return true; }
  void OnEvent(Time, const dvpn::Event&) override {}
  void Authenticate(dvpn::Credentials, std::function<void(dvpn::Verdict)> done) override { done({}); }
  std::optional<Ipv4> Find(Ipv4 destination) const override { return destination; }
  std::uint32_t AllocateSpi(ipsec::SaProtocol) override { return 1000; }
  Result<ipsec::Accepted> Judge(const ipsec::Offer&) override { return {Code::kNotFound, "none"}; }
  void Install(ipsec::AgreedSas) override {}
  void Prepare(ipsec::AgreedSas) override {}
  void Confirmed(ipsec::SaProtocol, std::uint32_t) override {}
  void Abandoned(ipsec::SaProtocol, std::uint32_t) override {}
  void Deleted(ipsec::SaProtocol, std::uint32_t) override {}
  void PeerLost(const std::string&, Ipv4) override {}
  void Failed(const ipsec::Wish&, const std::string&) override {}
};

struct Around {
  Nothing nothing;
  SeededRandom random{1};
  PacketPool packets;
  std::unique_ptr<hal::SoftwareDevice> crypto = *hal::SoftwareDevice::Create();
  Time now = kNow;
};

std::unique_ptr<dvpn::Tunnel> Tunnel(Around& around, bool server) {
  dvpn::TunnelSettings settings;
  settings.name = "Tunnel0";
  settings.address = {Ipv4(10, 0, 0, server ? 1 : 2), 16};
  settings.local = {Ipv4(192, 0, 2, server ? 1 : 2), 9876};
  if (server) {
    dvpn::ServerSettings role;
    role.dvpn_id = 7;
    settings.role = role;
  } else {
    dvpn::ClientSettings role;
    role.server_public = Ipv4(192, 0, 2, 1);
    settings.role = role;
  }
  dvpn::Services services{*around.crypto, around.random,  around.packets,
                          around.nothing, around.nothing, around.nothing};
  auto made = dvpn::Tunnel::Create(std::move(settings), services);
  Hold(made.ok());
  return std::move(*made);
}

void OfTunnel(ByteView bytes, bool server) {
  Around around, second;
  SecretBytes again;
  dvpn::Output out;
  {
    const auto tunnel = Tunnel(around, server);
    if (!tunnel->Restore(kNow, bytes, out)) return;
    (void)tunnel->maps();
    (void)tunnel->sessions();
    (void)tunnel->ipsec_sas(kNow);
    again = tunnel->Save(kNow);
    for (int i = 0; i < 20 && tunnel->deadline() != Time::Never(); ++i)
      tunnel->OnTimer(std::max(kNow, tunnel->deadline()), out);
  }
  Hold(Tunnel(second, server)->Restore(kNow, again.view(), out));
}

void OfGateway(ByteView bytes) {
  const auto make = [](Around& around) {
    auto gateway = std::make_unique<ipsec::Gateway>(ipsec::GatewayServices{
        *around.crypto, around.random, around.packets, [&around] { return around.now; }, [](int) { return nullptr; }});
    ipsec::Policy policy;
    policy.name = "p";
    policy.number = 10;
    policy.mode = ipsec::PolicyMode::kIsakmp;
    policy.peer = "peer";
    gateway->Configure({{1, "GigabitEthernet0/0", Ipv4(192, 0, 2, 1), 1500, {policy}}});
    return gateway;
  };
  Around around, second;
  SecretBytes again;
  {
    const auto gateway = make(around);
    if (!gateway->Restore(bytes)) return;
    (void)gateway->bundles();
    again = gateway->Save();
    for (int i = 0; i < 20 && gateway->deadline() != Time::Never(); ++i) {
      around.now = std::max(around.now, gateway->deadline());
      gateway->OnTimer();
    }
  }
  Hold(make(second)->Restore(again.view()));
}

void OfEngine(ByteView bytes) {
  const auto make = [](Around& around) {
    ipsec::ike::Settings settings;
    ipsec::ike::PeerSettings peer;
    peer.name = "peer";
    peer.pre_shared_key = SecretBytes(std::string_view("key"));
    settings.peers.emplace("peer", peer);
    return std::make_unique<ipsec::ike::Engine>(
        settings, ipsec::ike::EngineServices{around.random, around.nothing, [&around] { return around.now; },
                                             [](Endpoint, Endpoint, Bytes) {}, [] {}, [] { return std::int64_t{0}; }});
  };
  Around around, second;
  SecretBytes again;
  {
    const auto engine = make(around);
    if (!engine->Restore(bytes)) return;
    (void)engine->sas();
    again = engine->Save();
    for (int i = 0; i < 20 && engine->deadline() != Time::Never(); ++i) {
      around.now = std::max(around.now, engine->deadline());
      engine->OnTimer();
    }
  }
  Hold(make(second)->Restore(again.view()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1 || size > 65536) return 0;
  const ByteView rest(data + 1, size - 1);
  switch (data[0] % 5) {
    case 0:
      if (auto parts = cli::DecodeSaved(rest); parts.ok()) {
        const SecretBytes again = cli::EncodeSaved(*parts);
        const auto reread = cli::DecodeSaved(again.view());
        Hold(reread.ok() && *reread == *parts);
      }
      break;
    case 1:
    case 2:
      OfTunnel(rest, data[0] % 5 == 1);
      break;
    case 3:
      OfGateway(rest);
      break;
    default:
      OfEngine(rest);
  }
  return 0;
}
