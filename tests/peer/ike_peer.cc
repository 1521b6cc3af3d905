// One end of an IPsec tunnel without the rest of a device: the IKE engine on real UDP ports, our ESP engine, a TUN
// device. System tests set it against other implementations. It rekeys its SAs before they end, as IPsec would.
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

#include "device/event_loop.h"
#include "device/ike_host.h"
#include "device/linux/linux_platform.h"
#include "hal/soft/software_device.h"
#include "ipsec/esp.h"

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
  device::IpsecConfig config;
  device::IkePeerConfig peer;
  bool debug = false;
};

int SuiteOf(const ipsec::EspAlgorithms& esp) {
  for (const hal::Suite& suite : hal::Suites())
    if (suite.cipher == esp.cipher && suite.integrity == esp.integrity) return suite.number;
  return 0;
}

class End final : public ipsec::SaOwner {
 public:
  End(device::EventLoop& loop, device::LinuxPlatform& platform, Random& random, hal::CryptoDevice& crypto,
      Options options)
      : loop_(loop), options_(std::move(options)), esp_(crypto, random), platform_(platform) {
    const auto words = Split(options_.esp, ':');
    protection_.esp = ipsec::EspAlgorithms{CipherOf(words.at(0)), IntegrityOf(words.at(1))};
    const auto life = Split(options_.life, ':');
    lifetime_ = {static_cast<std::uint32_t>(std::stoul(life.at(0))),
                 static_cast<std::uint32_t>(std::stoul(life.at(1)))};
    const Prefix local = PrefixOf(options_.local_net), remote = PrefixOf(options_.remote_net);
    flow_ = {{local.network(), local.broadcast()}, {remote.network(), remote.broadcast()}, 0, 0, 0};
    host_ = std::make_unique<device::IkeHost>(device::IkeHost::Services{
        platform, random, *this, [] { return static_cast<std::int64_t>(std::time(nullptr)); },
        [debug = options_.debug](ike::Topic topic) { return debug || topic == ike::Topic::kError; },
        [](const ike::Event& e) {
          Say(fmt::format("{} {}: {}", e.what == ike::What::kEstablished ? "ESTABLISHED" : "event", e.remote.ToString(),
                          e.text));
        },
        [](const std::string& why) { Say("trouble: " + why); }});
    host_->OnEsp([this](Ipv4, Endpoint, PacketPtr packet) {
      esp_.Unprotect(loop_.now(), std::move(packet), 0);
      Drive();
    });
    options_.config.peers.emplace(options_.peer.name, options_.peer);
    host_->Configure(options_.config, "ike-peer");
    auto tunnel = platform.OpenTunnel("Tunnel0", 1400, [this](std::vector<PacketPtr>& burst) { Forward(burst); });
    if (!tunnel.ok()) Die(tunnel.why());
    tunnel_ = std::move(*tunnel);
    device::InterfaceSettings settings;
    settings.name = "Tunnel0";
    settings.addresses = {PrefixOf(options_.inside)};
    settings.mtu = 1400;
    if (Status set = platform.SetInterface(settings); !set.ok()) Die(set.why());
    device::StaticRoute route;
    route.destination = remote;
    route.interface = "Tunnel0";
    if (Status added = platform.AddRoute(route); !added.ok()) Die(added.why());
  }

  void Ask() {
    ipsec::Wish wish;
    wish.policy = 1;
    wish.peer = options_.peer.name;
    wish.flow = flow_;
    wish.proposals = {protection_};
    wish.pfs = static_cast<hal::DhGroup>(options_.pfs);
    wish.lifetime = lifetime_;
    if (!pairs_.empty()) wish.remote = pairs_.rbegin()->second.sas.remote;
    host_->engine().Acquire(wish);
  }
  void Reset() { host_->engine().Reset(std::nullopt); }
  void Withdraw() {
    while (!pairs_.empty()) Remove(pairs_.begin()->first, true);
  }
  void Show() {
    for (const ike::SaInfo& sa : host_->engine().sas())
      Say(fmt::format("sa {} phase {} {}{}{}{}{} {} left {} s", sa.id, sa.phase, sa.ready ? "RD" : "-",
                      sa.stay_alive ? "|ST" : "", sa.replaced ? "|RL" : "", sa.fading ? "|FD" : "",
                      sa.timeout ? "|TO" : "", sa.remote.ToString(),
                      std::chrono::duration_cast<std::chrono::seconds>(sa.left).count()));
    Say(fmt::format("shown {} pairs", pairs_.size()));
  }

  std::uint32_t AllocateSpi(ipsec::SaProtocol) override { return esp_.AllocateSpi(); }
  Result<ipsec::Accepted> Judge(const ipsec::Offer& offer) override {
    if (offer.flow != flow_ || offer.pfs != static_cast<hal::DhGroup>(options_.pfs))
      return {Code::kNotFound, "not the flow or not the group of ours"};
    for (std::size_t i = 0; i < offer.proposals.size(); ++i)
      if (offer.proposals[i] == protection_)
        return ipsec::Accepted{1, i, {std::min(offer.lifetime.seconds, lifetime_.seconds), lifetime_.kilobytes}};
    return {Code::kNotFound, "not the proposal of ours"};
  }
  void Install(ipsec::AgreedSas sas) override {
    const int suite = SuiteOf(*sas.protection.esp);
    const Time now = loop_.now();
    if (suite == 0) {  // a real agreement, on algorithms that our ESP engine does not carry
      const std::uint64_t number = ++last_;
      Say(fmt::format("AGREED {} in {:08x} out {:08x}", number, sas.in_esp->spi, sas.out_esp->spi));
      return;
    }
    const auto in = esp_.AddInbound(now, {sas.in_esp->spi, suite, sas.in_esp->keys, Time::Never(), 0});
    const auto out = esp_.AddOutbound(now, {sas.out_esp->spi, suite, sas.out_esp->keys, Time::Never(), 0});
    if (!in.ok() || !out.ok()) Die("ESP refuses the SAs: " + (in.ok() ? out : in).why());
    const std::uint64_t number = ++last_;
    Say(fmt::format("INSTALLED {} in {:08x} out {:08x} life {} s initiator {}{}", number, sas.in_esp->spi,
                    sas.out_esp->spi, sas.lifetime.seconds, sas.initiator, sas.nat_port ? " udp" : ""));
    const Duration life = std::chrono::seconds(sas.lifetime.seconds);
    const bool initiator = sas.initiator;
    pairs_.emplace(number, Pair{std::move(sas), *in, *out});
    if (initiator)
      loop_.At(now + life * 7 / 10, [this, number] {
        if (number == last_) Ask();
      });
    loop_.At(now + life, [this, number] { Remove(number, true); });
  }
  void Deleted(const std::string&, ipsec::SaProtocol, std::uint32_t spi) override {
    for (const auto& [number, pair] : pairs_)
      if (pair.sas.out_esp->spi == spi) {
        Say(fmt::format("DELETED {}", number));
        return Remove(number, false);
      }
  }
  void PeerLost(const std::string&, Ipv4 remote) override {
    Say("LOST " + remote.ToString());
    while (!pairs_.empty()) Remove(pairs_.begin()->first, false);
  }
  void Failed(const ipsec::Wish&, const std::string& reason) override { Say("FAILED " + reason); }

 private:
  struct Pair {
    ipsec::AgreedSas sas;
    ipsec::SaId in, out;
  };

  void Remove(std::uint64_t number, bool tell) {
    const auto found = pairs_.find(number);
    if (found == pairs_.end()) return;
    const Pair pair = found->second;
    pairs_.erase(found);
    esp_.Remove(pair.in);
    esp_.Remove(pair.out);
    Say(fmt::format("REMOVED {}", number));
    if (tell) host_->engine().Withdraw(pair.sas.peer, pair.sas.remote, ipsec::SaProtocol::kEsp, pair.sas.in_esp->spi);
  }

  void Forward(std::vector<PacketPtr>& burst) {
    for (PacketPtr& packet : burst) {
      if (pairs_.empty()) {
        Ask();
        continue;
      }
      const Pair& pair = pairs_.rbegin()->second;
      host_->engine().Sending(pair.sas.peer, pair.sas.remote);
      if (pairs_.empty()) continue;
      esp_.Protect(loop_.now(), pairs_.rbegin()->second.out, std::move(packet), ipsec::kNextHeaderIpv4,
                   pairs_.rbegin()->first);
    }
    burst.clear();
    Drive();
  }

  void Drive() {
    esp_.Flush();
    std::vector<ipsec::Finished> done;
    esp_.Poll(done);
    std::vector<PacketPtr> inner;
    for (ipsec::Finished& f : done) {
      if (f.drop != ipsec::Drop::kNone) {
        Say(fmt::format("dropped a packet, reason {}", static_cast<int>(f.drop)));
      } else if (f.direction == hal::Direction::kSeal) {
        const auto pair = pairs_.find(f.context);
        if (pair == pairs_.end() || !pair->second.sas.nat_port) continue;
        host_->SendEsp(pair->second.sas.local, {pair->second.sas.remote, *pair->second.sas.nat_port},
                       std::move(f.packet));
      } else {
        inner.push_back(std::move(f.packet));
        for (const auto& [number, pair] : pairs_)
          if (pair.in == f.sa) host_->engine().Heard(pair.sas.peer, pair.sas.remote);
      }
    }
    if (!inner.empty()) tunnel_->Deliver(inner);
  }

  device::EventLoop& loop_;
  Options options_;
  ipsec::Esp esp_;
  device::LinuxPlatform& platform_;
  ipsec::Protection protection_;
  ipsec::Lifetime lifetime_;
  ipsec::Selector flow_;
  std::unique_ptr<device::IkeHost> host_;
  std::unique_ptr<device::TunnelPort> tunnel_;
  std::map<std::uint64_t, Pair> pairs_;
  std::uint64_t last_ = 0;
};

void AddProposal(Options& options, const std::string& text) {
  const auto words = Split(text, ':');
  if (words.size() < 3) Die("--ike is CIPHER:HASH:GROUP[:rsa[:SECONDS]]");
  device::IkeProposalConfig p;
  p.number = static_cast<int>(options.config.ike_proposals.size()) + 1;
  if (words[0] == "3des") p.cipher = device::IkeCipher::k3Des;
  if (words[0].starts_with("aes")) {
    p.cipher = device::IkeCipher::kAes;
    p.key_bits = std::stoi(words[0].substr(3));
  }
  p.hash = words[1] == "md5"      ? device::IpsecHash::kMd5
           : words[1] == "sha256" ? device::IpsecHash::kSha256
                                  : device::IpsecHash::kSha1;
  p.dh_group = std::stoi(words[2]);
  p.rsa_signature = words.size() > 3 && words[3] == "rsa";
  if (words.size() > 4) p.duration_seconds = static_cast<std::uint32_t>(std::stoul(words[4]));
  options.config.ike_proposals.emplace(p.number, p);
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
      "local-name", po::value(&o.config.ike.local_name))("remote-name", po::value(&o.peer.remote_name))(
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
