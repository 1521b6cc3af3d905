// A hub that answers many IKE initiators, in virtual time and one thread, no sockets: engines, gateways and SAs as a
// device has them. What is measured is the hub: processor time of the thread for phase 1 and 2, and the heap that its
// tunnels hold once the other ends are gone. `quick` as argument: a tenth of all.
#include <fmt/format.h>
#include <malloc.h>
#include <time.h>

#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hal/base/virtual_scheduler.h"
#include "hal/ports/ipv4.h"
#include "hal/shared_device.h"
#include "hal/soft/software_device.h"
#include "ipsec/gateway.h"
#include "ipsec/ike/engine.h"

namespace {

using namespace sw;
using namespace sw::ipsec;

constexpr int kPort = 1, kList = 3000;
constexpr std::uint8_t kUdp = 17;
const Ipv4 kHub(198, 51, 100, 1);

double CpuSeconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

struct Choice {
  const char* name;
  bool aggressive;
  hal::Cipher ike_cipher;
  hal::DhGroup group, pfs;
  EspAlgorithms esp;
};
const Choice kChoices[] = {
    {"main, DES, group 1; ESP DES, MD5 (the defaults)",
     false,
     hal::Cipher::kDesCbc,
     hal::DhGroup::kModp768,
     hal::DhGroup::kNone,
     {hal::Cipher::kDesCbc, hal::Integrity::kHmacMd5}},
    {"main, AES 128, group 2, PFS 2; ESP AES 128, SHA1",
     false,
     hal::Cipher::kAesCbc,
     hal::DhGroup::kModp1024,
     hal::DhGroup::kModp1024,
     {hal::Cipher::kAesCbc, hal::Integrity::kHmacSha1}},
    {"aggressive, AES 128, group 14; ESP AES-GCM 128",
     true,
     hal::Cipher::kAesCbc,
     hal::DhGroup::kModp2048,
     hal::DhGroup::kNone,
     {hal::Cipher::kAesGcm128, hal::Integrity::kAead}},
};

struct Site;

struct Net {
  VirtualScheduler scheduler;
  PacketPool packets;
  std::map<Ipv4, Site*> sites;
  double hub_seconds = 0;  // inside the hub

  void Send(Ipv4 from, Ipv4 to, Bytes bytes);
};

struct Site {
  Site(Net& n, Ipv4 at, hal::SharedDevice& device, const ike::Settings& settings, std::uint64_t seed)
      : net(n),
        address(at),
        random(seed),
        queue(device.Open()),
        gateway(ServicesOfGateway()),
        engine(settings, EngineServices()) {
    net.sites[address] = this;
    gateway.SetKeyManager(&engine);
  }
  GatewayServices ServicesOfGateway() {
    const auto now = [this] { return net.scheduler.now(); };
    const auto acl = [this](int number) { return number == kList ? &list : nullptr; };
    return GatewayServices{*queue, random, net.packets, now, acl};
  }
  ike::EngineServices EngineServices() {
    const auto now = [this] { return net.scheduler.now(); };
    const auto send = [this](Endpoint, Endpoint to, Bytes bytes) { net.Send(address, to.address, std::move(bytes)); };
    const auto rearm = [this] { dirty = true; };
    const auto wall_clock = [] { return std::int64_t{1'800'000'000}; };
    return ike::EngineServices{random, gateway, now, send, rearm, wall_clock};
  }
  ~Site() {
    net.scheduler.Cancel(timer);
    net.sites.erase(address);
    gateway.SetKeyManager(nullptr);
  }
  void Protect(Policy policy) {
    ProtectedPort port;
    port.port = kPort;
    port.address = address;
    port.policies.push_back(std::move(policy));
    gateway.Configure(std::vector<ProtectedPort>{std::move(port)});
  }
  // Everything that happens here; the hub's time is counted.
  void Enter(const std::function<void()>& call) {
    const double before = address == kHub ? CpuSeconds() : 0;
    call();
    if (address == kHub) net.hub_seconds += CpuSeconds() - before;
    if (!std::exchange(dirty, false)) return;
    net.scheduler.Cancel(std::exchange(timer, 0));
    if (engine.deadline() == Time::Never()) return;
    timer = net.scheduler.At(engine.deadline(), [this] {
      timer = 0;
      dirty = true;
      Enter([this] { engine.OnTimer(); });
    });
  }
  GatewayOutput Out(Ipv4 source, Ipv4 destination) {
    hal::Ipv4Header header;
    header.protocol = kUdp;
    header.total_length = 128;
    header.source = source;
    header.destination = destination;
    std::vector<PacketPtr> burst;
    burst.push_back(net.packets.Take());
    hal::WriteIpv4(burst.front()->Append(header.total_length), header);
    GatewayOutput out;
    Enter([&] { gateway.Outbound(kPort, burst, out); });
    return out;
  }

  Net& net;
  const Ipv4 address;
  SeededRandom random;
  std::unique_ptr<hal::SharedDevice::Queue> queue;
  Acl list{kList};
  Gateway gateway;
  ike::Engine engine;
  bool dirty = true;
  Scheduler::TimerId timer = 0;
};

void Net::Send(Ipv4 from, Ipv4 to, Bytes bytes) {
  scheduler.At(scheduler.now() + std::chrono::milliseconds(5), [this, from, to, bytes = std::move(bytes)] {
    const auto found = sites.find(to);
    if (found == sites.end()) return;
    Site& site = *found->second;
    site.Enter([&] { site.engine.Receive({to, 500}, {from, 500}, bytes); });
  });
}

ike::Settings SettingsFor(const Choice& choice) {
  ike::Settings out;
  out.local_name = "site";
  out.proposals.push_back({10, choice.ike_cipher, hal::HashAlgorithm::kSha1, choice.group, false, 86400});
  ike::PeerSettings peer;
  peer.name = "peer";
  peer.aggressive = choice.aggressive;
  peer.pre_shared_key = SecretBytes(std::string_view("the key of all"));
  peer.remote_first = peer.remote_last = kHub;
  out.peers.emplace("peer", std::move(peer));
  return out;
}

Policy PolicyFor(const Choice& choice, PolicyMode mode) {
  Policy policy;
  policy.name = "p";
  policy.number = 10;
  policy.mode = mode;
  policy.acl = mode == PolicyMode::kTemplate ? 0 : kList;
  policy.peer = "peer";
  policy.pfs = choice.pfs;
  Protection protection;
  protection.esp = choice.esp;
  policy.proposals.push_back(protection);
  policy.lifetime = {3600, 1843200};
  return policy;
}

std::unique_ptr<hal::SoftwareDevice> Engine() {
  auto made = hal::SoftwareDevice::Create({.max_sas = 1 << 16});
  if (!made.ok()) std::abort();
  return std::move(*made);
}

// The inner network of a site: 10.x.y.0/24.
Ipv4 Inner(std::size_t n, unsigned host) {
  return Ipv4((10U << 24) + (static_cast<std::uint32_t>(n + 256) << 8) + host);
}

void Run(const Choice& choice, std::size_t count) {
  const auto hub_device = Engine(), site_device = Engine();
  hal::SharedDevice hub_shared(*hub_device), site_shared(*site_device);
  Net net;
  ike::Settings settings = SettingsFor(choice);
  settings.peers.at("peer").remote_first = Ipv4(100, 64, 0, 0);
  settings.peers.at("peer").remote_last = Ipv4(100, 127, 255, 255);
  Site hub(net, kHub, hub_shared, settings, 1);
  hub.Protect(PolicyFor(choice, PolicyMode::kTemplate));
  const std::size_t before = mallinfo2().uordblks;

  std::vector<std::unique_ptr<Site>> sites;
  for (std::size_t n = 0; n < count; ++n) {
    const Ipv4 at((100U << 24) + (64U << 16) + static_cast<std::uint32_t>(n));
    sites.push_back(std::make_unique<Site>(net, at, site_shared, SettingsFor(choice), 100 + n));
    Site& site = *sites.back();
    AclRule rule;
    rule.permit = true;
    rule.source = {Inner(n, 0), Ipv4(255)};
    rule.destination = {Ipv4(10, 0, 0, 0), Ipv4(255)};
    site.list.Set(rule);
    site.Protect(PolicyFor(choice, PolicyMode::kIsakmp));
    (void)site.Out(Inner(n, 1), Ipv4(10, 0, 0, 1));  // asks for SAs
    net.scheduler.RunFor(std::chrono::milliseconds(10));
  }
  net.scheduler.RunFor(std::chrono::seconds(5));
  const double seconds = net.hub_seconds;
  if (hub.gateway.bundles().size() != count) {
    fmt::print("{}: only {} of {} tunnels\n", choice.name, hub.gateway.bundles().size(), count);
    std::exit(1);
  }

  // One packet down every tunnel, which its end opens.
  net.hub_seconds = 0;
  for (std::size_t n = 0; n < count; ++n) {
    GatewayOutput sent = hub.Out(Ipv4(10, 0, 0, 1), Inner(n, 1)), opened;
    std::vector<PacketPtr> burst;
    for (auto& one : sent.sent) burst.push_back(std::move(one.packet));
    sites[n]->gateway.Receive(burst, opened);
    if (opened.delivered.size() != 1) {
      fmt::print("{}: tunnel {} carries nothing\n", choice.name, n);
      std::exit(1);
    }
  }
  const double sealing = net.hub_seconds;
  sites.clear();
  net.scheduler.RunFor(std::chrono::milliseconds(10));  // what was under way
  const std::size_t held = mallinfo2().uordblks - before;
  fmt::print("{:<52}{:>8}{:>12.0f}{:>12.2f}{:>12}{:>18.1f}\n", choice.name, count, static_cast<double>(count) / seconds,
             1e3 * seconds / static_cast<double>(count), held / count, 1e6 * sealing / static_cast<double>(count));
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::strcmp(argv[1], "quick") == 0;
  fmt::print("tunnels that one hub answers (template, keys by address), each proved with a packet; the hub alone\n");
  fmt::print("{:<52}{:>8}{:>12}{:>12}{:>12}{:>14}\n", "", "tunnels", "per CPU s", "ms each", "bytes each",
             "us to seal 128");
  for (const Choice& choice : kChoices)
    for (const std::size_t count : {100, 1000})
      if (!quick || count == 100) Run(choice, count);
  return 0;
}
