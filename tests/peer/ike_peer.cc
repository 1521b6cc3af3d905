// One end of an IPsec tunnel without the rest of a device: the IKE engine on real UDP ports, the IPsec gateway, a TUN
// device. System tests set it against other implementations, with lifetimes that no command takes.
//
// On standard input: "wish" asks for SAs, "reset" deletes the ISAKMP SAs, "withdraw" the IPsec SAs, "show" prints what
// there is, end of file ends the program. On standard output: one line per event.
#include <fmt/format.h>
#include <unistd.h>

#include <boost/program_options.hpp>
#include <cstdio>
#include <ctime>
#include <map>
#include <sstream>
#include <utility>

#include "device/event_loop.h"
#include "device/ike/host.h"
#include "device/linux/linux_platform.h"
#include "hal/base/deadline_timer.h"
#include "hal/ports/ipv4.h"
#include "hal/soft/software_device.h"
#include "ipsec/gateway.h"

namespace sw {
namespace {

namespace po = boost::program_options;
namespace ike = ipsec::ike;
using namespace std::chrono_literals;

void Say(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

[[noreturn]] void Die(const std::string& why) {
  std::fprintf(stderr, "ike_peer: %s\n", why.c_str());
  std::_Exit(2);
}

Prefix PrefixOf(const std::string& text) {
  const auto slash = text.find('/');
  const auto address = Ipv4::Parse(text.substr(0, slash));
  if (!address) Die("not a prefix: " + text);
  const int length = slash == std::string::npos ? 32 : std::stoi(text.substr(slash + 1));
  return {*address, static_cast<std::uint8_t>(length)};
}

std::vector<std::string> Split(const std::string& text, char by) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, by);) out.push_back(part);
  return out;
}

hal::Cipher CipherOf(const std::string& word) {
  static const std::map<std::string, hal::Cipher> kWords{
      {"null", hal::Cipher::kNull},        {"des", hal::Cipher::kDesCbc},       {"3des", hal::Cipher::k3DesCbc},
      {"aes128", hal::Cipher::kAesCbc},    {"aes192", hal::Cipher::kAesCbc192}, {"aes256", hal::Cipher::kAesCbc256},
      {"gcm128", hal::Cipher::kAesGcm128}, {"gcm256", hal::Cipher::kAesGcm256}};
  const auto found = kWords.find(word);
  if (found == kWords.end()) Die("unknown cipher " + word);
  return found->second;
}
hal::Integrity IntegrityOf(const std::string& word) {
  static const std::map<std::string, hal::Integrity> kWords{{"md5", hal::Integrity::kHmacMd5},
                                                            {"sha1", hal::Integrity::kHmacSha1},
                                                            {"sha256", hal::Integrity::kHmacSha256},
                                                            {"aead", hal::Integrity::kAead}};
  const auto found = kWords.find(word);
  if (found == kWords.end()) Die("unknown integrity " + word);
  return found->second;
}

struct Options {
  std::string link = "eth0", inside, local_net, remote_net, esp = "aes128:sha1", life = "3600:0", dpd;
  int pfs = 0;
  device::IkeConfig config;
  device::IkePeerConfig peer;
  bool debug = false;
};

// IKE and IPsec wired as the device wires them, with a TUN device for a port.
class End final : public ipsec::SaOwner {
 public:
  End(device::EventLoop& loop, device::LinuxPlatform& platform, Random& random, hal::CryptoDevice& crypto,
      Options options)
      : timer_(loop,
               [this] {
                 gateway_->OnTimer();
                 Flush();
               }),
        options_(std::move(options)),
        platform_(platform) {
    const Prefix local = PrefixOf(options_.local_net), remote = PrefixOf(options_.remote_net);
    first_ = local.network();
    last_ = remote.network();
    ipsec::AclRule rule;
    rule.permit = true;
    rule.source = {local.network(), Ipv4(~local.mask().value)};
    rule.destination = {remote.network(), Ipv4(~remote.mask().value)};
    acl_.Set(rule);
    gateway_ = std::make_unique<ipsec::Gateway>(ipsec::GatewayServices{
        crypto, random, platform.packets(), [&loop] { return loop.now(); }, [this](int) { return &acl_; },
        [this] { Compare(); }, [](ipsec::GatewayTopic topic) { return topic == ipsec::GatewayTopic::kSa; },
        [](const ipsec::GatewayEvent& e) { Say("ipsec: " + e.text); }});
    host_ = std::make_unique<device::IkeHost>(device::IkeHost::Services{
        platform, random, *this, [] { return static_cast<std::int64_t>(std::time(nullptr)); },
        [debug = options_.debug](ike::IkeTopic topic) { return debug || topic == ike::IkeTopic::kError; },
        [](const ike::IkeEvent& e) {
          Say(fmt::format("{} {}: {}", e.what == ike::IkeEventKind::kEstablished ? "ESTABLISHED" : "event",
                          e.remote.ToString(), e.text));
        },
        [](const std::string& why) { Say("trouble: " + why); }});
    host_->OnEsp([this](Ipv4 to, Endpoint from, PacketPtr packet) {
      gateway_->ReceiveUdp(to, from, std::move(packet), out_);
      Flush();
    });
    options_.config.peers.emplace(options_.peer.name, options_.peer);
    host_->Configure(options_.config, "ike-peer");
    gateway_->SetKeyManager(&host_->engine());
    gateway_->Configure({PortOf()});
    auto tunnel = platform.OpenTunnel("Tunnel0", kMtu, [this](std::vector<PacketPtr>& burst) {
      gateway_->Outbound(kPort, burst, out_);
      burst.clear();
      Flush();
    });
    if (!tunnel.ok()) Die(tunnel.why());
    tunnel_ = std::move(*tunnel);
    device::InterfaceSettings settings;
    settings.name = "Tunnel0";
    settings.addresses = {PrefixOf(options_.inside)};
    settings.mtu = kMtu;
    if (Status set = platform.SetInterface(settings); !set.ok()) Die(set.why());
    device::StaticRoute route;
    route.destination = remote;
    route.interface = "Tunnel0";
    if (Status added = platform.AddRoute(route); !added.ok()) Die(added.why());
  }

  // A packet that wants to go out is what asks for SAs.
  void Ask() {
    hal::Ipv4Header header;
    header.source = first_;
    header.destination = last_;
    header.protocol = hal::kProtocolUdp;
    header.total_length = hal::kIpv4HeaderSize + hal::kUdpHeaderSize;
    std::vector<PacketPtr> burst;
    burst.push_back(platform_.packets().Take());
    hal::WriteIpv4(burst.back()->Append(header.total_length), header);
    gateway_->Outbound(kPort, burst, out_);
    Flush();
  }
  void Reset() { host_->engine().Reset(std::nullopt); }
  void Withdraw() {
    gateway_->Reset({});
    Flush();
  }
  void Show() {
    for (const ike::SaInfo& sa : host_->engine().sas())
      Say(fmt::format("sa {} phase {} {}{}{}{}{} {} left {} s", sa.id, sa.phase, sa.ready ? "RD" : "-",
                      sa.stay_alive ? "|ST" : "", sa.replaced ? "|RL" : "", sa.fading ? "|FD" : "",
                      sa.timeout ? "|TO" : "", sa.remote.ToString(),
                      std::chrono::duration_cast<std::chrono::seconds>(sa.left).count()));
    Say(fmt::format("shown {} pairs", shown_.size()));
  }

  std::uint32_t AllocateSpi(ipsec::SaProtocol protocol) override { return gateway_->AllocateSpi(protocol); }
  Result<ipsec::Accepted> Judge(const ipsec::Offer& offer) override { return gateway_->Judge(offer); }
  void Install(ipsec::AgreedSas sas) override {
    gateway_->Install(std::move(sas));
    Flush();
  }
  void Prepare(ipsec::AgreedSas sas) override { gateway_->Prepare(std::move(sas)); }
  void Confirmed(ipsec::SaProtocol protocol, std::uint32_t spi) override {
    gateway_->Confirmed(protocol, spi);
    Flush();
  }
  void Abandoned(ipsec::SaProtocol protocol, std::uint32_t spi) override { gateway_->Abandoned(protocol, spi); }
  void Deleted(ipsec::SaProtocol protocol, std::uint32_t spi) override {
    for (const auto& [connection, in] : shown_)
      if (in == spi) Say(fmt::format("DELETED {}", connection));
    gateway_->Deleted(protocol, spi);
    Flush();
  }
  void PeerLost(const std::string& peer, Ipv4 remote) override {
    Say("LOST " + remote.ToString());
    gateway_->PeerLost(peer, remote);
    Flush();
  }
  void Failed(const ipsec::Wish& wish, const std::string& reason) override {
    Say("FAILED " + reason);
    gateway_->Failed(wish, reason);
  }

 private:
  static constexpr int kPort = 1, kMtu = 1400;

  ipsec::ProtectedPort PortOf() const {
    ipsec::Policy policy;
    policy.name = "map1";
    policy.number = 10;
    policy.acl = acl_.number();
    const auto words = Split(options_.esp, ':');
    policy.proposals.resize(1);
    policy.proposals[0].esp = ipsec::EspAlgorithms{CipherOf(words.at(0)), IntegrityOf(words.at(1))};
    policy.peer = options_.peer.name;
    policy.pfs = static_cast<hal::DhGroup>(options_.pfs);
    const auto life = Split(options_.life, ':');
    policy.lifetime = {static_cast<std::uint32_t>(std::stoul(life.at(0))),
                       static_cast<std::uint32_t>(std::stoul(life.at(1)))};
    ipsec::ProtectedPort port;
    port.port = kPort;
    port.interface = options_.link;
    port.address = options_.peer.local_address;
    port.policies.push_back(std::move(policy));
    return port;
  }

  // SAs have come or gone.
  void Compare() {
    std::map<int, std::uint32_t> now;
    for (const ipsec::BundleView& view : gateway_->bundles()) {
      now.emplace(view.connection, view.in_esp->spi);
      if (!shown_.contains(view.connection))
        Say(fmt::format("INSTALLED {} in {:08x} out {:08x} life {} s{}", view.connection, view.in_esp->spi,
                        view.out_esp->spi, view.lifetime.seconds, view.nat_port ? " udp" : ""));
    }
    for (const auto& [connection, spi] : shown_)
      if (!now.contains(connection)) Say(fmt::format("REMOVED {}", connection));
    shown_ = std::move(now);
  }

  void Flush() {
    ipsec::GatewayOutput out = std::exchange(out_, {});  // sending may come back into the gateway
    std::vector<PacketPtr> inner;
    for (ipsec::GatewayOutput::OnPort& one : out.delivered) inner.push_back(std::move(one.packet));
    if (!inner.empty()) tunnel_->Deliver(inner);
    for (ipsec::GatewayOutput::Encapsulated& one : out.udp)
      host_->SendEsp(one.local, one.remote, std::move(one.packet));
    const auto dropped = gateway_->statistics().in.dropped;
    if (dropped != dropped_) Say(fmt::format("DROPPED {} packets that came", dropped - dropped_));
    dropped_ = dropped;
    timer_.Follow(gateway_->deadline());
  }

  DeadlineTimer timer_;
  Options options_;
  device::LinuxPlatform& platform_;
  ipsec::Acl acl_{3101};
  Ipv4 first_, last_;  // of our net and of theirs
  std::unique_ptr<ipsec::Gateway> gateway_;
  std::unique_ptr<device::IkeHost> host_;
  std::unique_ptr<device::TunnelPort> tunnel_;
  std::map<int, std::uint32_t> shown_;  // the inbound SPI of each connection
  ipsec::GatewayOutput out_;
  std::uint64_t dropped_ = 0;
};

void AddProposal(Options& options, const std::string& text) {
  const auto words = Split(text, ':');
  if (words.size() < 3) Die("--ike is CIPHER:HASH:GROUP[:rsa[:SECONDS]]");
  device::IkeProposalConfig p;
  p.number = static_cast<int>(options.config.proposals.size()) + 1;
  if (words[0] == "3des") p.cipher = device::IkeCipher::k3Des;
  if (words[0].starts_with("aes")) {
    p.cipher = device::IkeCipher::kAes;
    p.key_bits = std::stoi(words[0].substr(3));
  }
  p.hash = words[1] == "md5"      ? device::IkeHash::kMd5
           : words[1] == "sha256" ? device::IkeHash::kSha256
                                  : device::IkeHash::kSha1;
  p.dh_group = std::stoi(words[2]);
  p.rsa_signature = words.size() > 3 && words[3] == "rsa";
  if (words.size() > 4) p.duration_seconds = static_cast<std::uint32_t>(std::stoul(words[4]));
  options.config.proposals.emplace(p.number, p);
}

Ipv4 AddressOf(const std::string& text) {
  return text.empty() ? Ipv4() : Ipv4::Parse(text).value_or(Ipv4());
}

Options Parse(int argc, char** argv) {
  Options o;
  std::string remote, high, local, psk;
  std::vector<std::string> proposals;
  device::PkiDomainConfig pki;
  pki.name = "d";
  po::options_description d;
  d.add_options()("link", po::value(&o.link))("inside", po::value(&o.inside))("local-net", po::value(&o.local_net))(
      "remote-net", po::value(&o.remote_net))("esp", po::value(&o.esp))("pfs", po::value(&o.pfs))(
      "life", po::value(&o.life))("ike", po::value(&proposals))("remote", po::value(&remote))(
      "remote-high", po::value(&high))("local", po::value(&local))("psk", po::value(&psk))(
      "local-name", po::value(&o.config.global.local_name))("remote-name", po::value(&o.peer.remote_name))(
      "name-id", po::bool_switch(&o.peer.id_name))("aggressive", po::bool_switch(&o.peer.aggressive))(
      "nat", po::bool_switch(&o.peer.nat_traversal))("dpd", po::value(&o.dpd))(
      "cert", po::value(&pki.local_certificate))("key", po::value(&pki.private_key))(
      "ca", po::value(&pki.ca_certificate))("crl", po::value(&pki.crl))("debug", po::bool_switch(&o.debug));
  po::variables_map values;
  po::store(po::parse_command_line(argc, argv, d), values);
  po::notify(values);
  o.peer.name = "p";
  o.peer.remote_address = AddressOf(remote);
  o.peer.remote_high = AddressOf(high);
  o.peer.local_address = AddressOf(local);
  if (!psk.empty()) o.peer.pre_shared_key.text = psk;
  for (const std::string& p : proposals) AddProposal(o, p);
  if (!o.dpd.empty()) {
    const auto words = Split(o.dpd, ':');
    o.config.dpds["d"] = {"d", std::stoi(words.at(0)), std::stoi(words.at(1))};
    o.peer.dpd = "d";
  }
  if (!pki.local_certificate.empty()) {
    o.config.pki_domains["d"] = pki;
    o.peer.certificate_domain = "d";
  }
  return o;
}

int Run(int argc, char** argv) {
  const Options options = Parse(argc, argv);
  device::EventLoop loop;
  auto platform = device::LinuxPlatform::Open(loop, {{{"GigabitEthernet0/1", options.link}}, false});
  if (!platform.ok()) Die(platform.why());
  auto crypto = hal::SoftwareDevice::Create();
  if (!crypto.ok()) Die(crypto.why());
  hal::SystemRandom random;
  End end(loop, **platform, random, **crypto, options);
  std::string typed;
  const auto watch = loop.WatchReadable(0, [&] {
    char buffer[256];
    const ssize_t n = ::read(0, buffer, sizeof(buffer));
    if (n <= 0) return loop.Stop();
    typed.append(buffer, static_cast<std::size_t>(n));
    for (auto at = typed.find('\n'); at != std::string::npos; at = typed.find('\n')) {
      const std::string line = typed.substr(0, at);
      typed.erase(0, at + 1);
      if (line == "wish") end.Ask();
      if (line == "reset") end.Reset();
      if (line == "withdraw") end.Withdraw();
      if (line == "show") end.Show();
    }
  });
  Say("READY");
  loop.Run();
  return 0;
}

}  // namespace
}  // namespace sw

int main(int argc, char** argv) {
  try {
    return sw::Run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ike_peer: %s\n", error.what());
    return 2;
  }
}
