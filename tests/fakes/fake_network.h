// A public network in virtual time: tunnels as hosts, links that lose, delay, reorder and duplicate datagrams as a seed
// says, taps for tests that want to see or change what passes. One run is a pure function of its inputs.
#pragma once

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dvpn/fast_path.h"
#include "dvpn/tunnel.h"
#include "hal/base/virtual_scheduler.h"
#include "hal/primitives.h"
#include "hal/shared_device.h"
#include "hal/soft/software_device.h"

namespace sw::testing {

using namespace std::chrono_literals;

// Local users in memory. Late: the answers wait until Answer() is called.
class FakeAuthenticator final : public dvpn::Authenticator {
 public:
  std::map<std::string, std::string> users;
  std::map<std::string, dvpn::Property> properties;  // of users
  bool late = false;

  std::string OwnerOf(Ipv4 address) const override {
    for (const auto& [user, property] : properties)
      if (std::ranges::find(property.addresses, address) != property.addresses.end()) return user;
    return {};
  }

  void Authenticate(dvpn::Credentials c, std::function<void(dvpn::Verdict)> done) override {
    ++asked;
    last_domain = c.isp_domain;
    if (late) {
      waiting_.emplace_back(std::move(c), std::move(done));
    } else {
      done(Check(c));
    }
  }
  void Answer() {
    auto waiting = std::exchange(waiting_, {});
    for (auto& [c, done] : waiting) done(Check(c));
  }
  int asked = 0;
  std::string last_domain;

 private:
  dvpn::Verdict Check(const dvpn::Credentials& c) const {
    dvpn::Verdict verdict = CheckPassword(c);
    if (const auto property = properties.find(c.user_name); property != properties.end())
      verdict.property = property->second;
    return verdict;
  }
  dvpn::Verdict CheckPassword(const dvpn::Credentials& c) const {
    const auto user = users.find(c.user_name);
    if (user == users.end()) return {false, "no such user", {}, true};
    if (c.method == dvpn::AuthMethod::kPap) {
      const bool same = AsText(c.password.view()) == user->second;
      return {same, same ? "" : "wrong password", {}, !same};
    }
    Bytes input{c.chap_id};
    input.insert(input.end(), user->second.begin(), user->second.end());
    input.insert(input.end(), c.chap_challenge.begin(), c.chap_challenge.end());
    const bool same = hal::EqualConstantTime(hal::Md5(input), c.chap_response);
    return {same, same ? "" : "wrong password", {}, !same};
  }
  std::vector<std::pair<dvpn::Credentials, std::function<void(dvpn::Verdict)>>> waiting_;
};

// Longest prefix wins; the tunnel's own network answers with the destination itself.
class FakeRoutes final : public dvpn::NextHops {
 public:
  FakeRoutes(Prefix tunnel) : tunnel_(tunnel) {}
  void Add(Prefix network, Ipv4 next_hop) { routes_[network.AsNetwork()] = next_hop; }
  std::optional<Ipv4> Find(Ipv4 destination) const override {
    if (destination == tunnel_.address) return std::nullopt;
    if (tunnel_.Contains(destination)) return destination;
    const std::pair<const Prefix, Ipv4>* best = nullptr;
    for (const auto& route : routes_)
      if (route.first.Contains(destination) && (best == nullptr || route.first.length > best->first.length))
        best = &route;
    if (best == nullptr) return std::nullopt;
    return best->second;
  }

 private:
  Prefix tunnel_;
  std::map<Prefix, Ipv4> routes_;
};

class EventLog final : public dvpn::EventSink {
 public:
  std::set<dvpn::Topic> silent{dvpn::Topic::kControl, dvpn::Topic::kIpsec};
  std::vector<std::pair<Time, dvpn::Event>> events;
  std::string* text = nullptr;  // every event as a line, when wanted

  bool Wants(dvpn::Topic topic) const override { return !silent.contains(topic); }
  void OnEvent(Time now, const dvpn::Event& e) override {
    if (text != nullptr)
      *text += std::to_string(now.since.count()) + " " + e.tunnel + " " + e.peer + " " + e.text + "\n";
    if (keep) events.emplace_back(now, e);
  }
  bool keep = true;

  std::size_t Count(dvpn::What what) const {
    std::size_t n = 0;
    for (const auto& [t, e] : events) n += e.what == what;
    return n;
  }
  bool Says(std::string_view part) const {
    for (const auto& [t, e] : events)
      if (e.text.find(part) != std::string::npos) return true;
    return false;
  }
  std::vector<int> Steps() const {  // sent positive, received negative
    std::vector<int> out;
    for (const auto& [t, e] : events)
      if (e.what == dvpn::What::kStep) out.push_back(e.sent ? e.step : -e.step);
    return out;
  }
};

inline Duration ThreadCpu() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec);
}

class FakeNetwork;

// One device with one tunnel.
class FakeHost {
 public:
  FakeHost(FakeNetwork& net, dvpn::TunnelSettings settings, std::uint64_t seed);
  ~FakeHost();

  void Start();
  void Stop();
  // Another process goes on with the tunnel. False: it cannot, and this host has none any more.
  bool Replace();
  bool Replace(ByteView saved);
  void Send(PacketPtr inner);  // from its interface
  void Take(dvpn::Datagram datagram);
  // Any other call into the tunnel: do(now, out).
  void Call(const std::function<void(Time, dvpn::Output&)>& call);
  dvpn::MapState state() const { return tunnel->maps().at(0).state; }
  std::optional<dvpn::SessionInfo> Session(Ipv4 peer) const {
    for (const auto& s : tunnel->sessions())
      if (s.peer_private == peer) return s;
    return std::nullopt;
  }
  bool Proven(Ipv4 peer) const {
    const auto s = Session(peer);
    return s && s->proven;
  }
  std::uint64_t Dropped(std::string_view reason) const {
    for (const auto& c : tunnel->drop_counters())
      if (c.reason == reason) return c.count;
    return ~std::uint64_t{0};
  }
  std::uint64_t DroppedInAll() const {
    std::uint64_t sum = 0;
    for (const auto& c : tunnel->drop_counters()) sum += c.count;
    return sum;
  }

  FakeNetwork& net;
  Endpoint address;
  EventLog log;
  FakeAuthenticator authenticator;
  FakeRoutes routes;
  SeededRandom random;
  std::unique_ptr<hal::CryptoDevice> crypto;
  dvpn::SessionHistory history;
  Duration* cpu = nullptr;  // when set: the processor time spent inside this host's tunnel is added
  std::function<bool(const ipsec::AclPacket&)> permits;  // the list that TunnelSettings::security_acl names
  std::vector<Bytes> delivered;
  std::function<void(ByteView)> on_delivered;
  bool up = true;                        // false: nothing reaches it and it does nothing, as after a power cut
  std::unique_ptr<dvpn::FastPath> fast;  // what data-path workers are told; null where the network has none
  std::unique_ptr<dvpn::Tunnel> tunnel;

 private:
  void After();
  void Make(dvpn::TunnelSettings settings);
  dvpn::Output out_;
  Scheduler::TimerId timer_ = 0;
  Time armed_ = Time::Never();
};

class FakeNetwork {
 public:
  explicit FakeNetwork(std::uint64_t seed = 1) : random_(seed), seed_(seed) {}

  VirtualScheduler scheduler;
  PacketPool pool;
  hal::SharedDevice* crypto = nullptr;  // when set: hosts added later use it instead of an engine each
  Duration delay = 10ms;
  std::int64_t wall_clock = 1'800'000'000;        // s since 1970, of everybody; stands still
  std::size_t workers = 0;                        // of the hosts that are added from now on
  unsigned loss = 0, duplicate = 0, reorder = 0;  // per mille
  // Sees every datagram as it is sent; false: it is lost. May change the bytes.
  std::function<bool(Endpoint from, Endpoint to, Bytes& bytes)> tap;

  FakeHost& Add(dvpn::TunnelSettings settings) {
    hosts_.push_back(std::make_unique<FakeHost>(*this, std::move(settings), seed_ * 1000003 + hosts_.size()));
    by_address_[hosts_.back()->address] = hosts_.back().get();
    return *hosts_.back();
  }
  std::vector<std::unique_ptr<FakeHost>>& hosts() { return hosts_; }

  // The largest IP packet that a path carries whole; a larger one arrives in fragments unless it must not be cut.
  std::function<std::size_t(Endpoint from, Endpoint to)> mtu;

  void Transmit(Endpoint from, Endpoint to, ByteView datagram, bool dont_fragment = false) {
    if (dont_fragment && datagram.size() + 28 > (mtu ? mtu(from, to) : 1500)) return;
    Bytes bytes(datagram.begin(), datagram.end());
    if (tap && !tap(from, to, bytes)) return;
    if (Chance(loss)) return;
    Inject(from, to, bytes, delay + (Chance(reorder) ? 30ms : 0ms));
    if (Chance(duplicate)) Inject(from, to, bytes, delay + 5ms);
  }
  void Inject(Endpoint from, Endpoint to, Bytes bytes, Duration after = 0ms) {
    scheduler.At(scheduler.now() + after, [this, from, to, bytes = std::move(bytes)] {
      const auto host = by_address_.find(to);
      if (host == by_address_.end()) return;
      if (PacketPtr packet = pool.Copy(bytes)) host->second->Take({from, std::move(packet)});
    });
  }
  void Forget(FakeHost& host) {  // as if it had lost power for good
    by_address_.erase(host.address);
    std::erase_if(hosts_, [&](const auto& h) { return h.get() == &host; });
  }
  void Move(FakeHost& host, Endpoint to) {  // what a rebooted NAT does
    by_address_.erase(host.address);
    host.address = to;
    by_address_[to] = &host;
  }

 private:
  bool Chance(unsigned per_mille) { return per_mille != 0 && random_.U32() % 1000 < per_mille; }
  SeededRandom random_;
  std::uint64_t seed_;
  std::vector<std::unique_ptr<FakeHost>> hosts_;
  std::unordered_map<Endpoint, FakeHost*> by_address_;
};

inline FakeHost::FakeHost(FakeNetwork& network, dvpn::TunnelSettings settings, std::uint64_t seed)
    : net(network), address(settings.local), routes(settings.address), random(seed) {
  if (net.crypto != nullptr) {
    crypto = net.crypto->Open();
  } else {
    auto engine = hal::SoftwareDevice::Create();
    if (!engine.ok()) std::abort();  // the machine's OpenSSL lacks something; nothing here can run
    crypto = std::move(*engine);
  }
  if (net.workers != 0) {
    fast = std::make_unique<dvpn::FastPath>(net.workers, *crypto->per_thread());
    log.silent.insert(dvpn::Topic::kData);  // who traces packets gets none carried by workers
  }
  Make(std::move(settings));
}
inline bool FakeHost::Replace() {
  const SecretBytes saved = tunnel->Save(net.scheduler.now());
  return Replace(saved.view());
}
inline bool FakeHost::Replace(ByteView saved) {
  dvpn::TunnelSettings settings = tunnel->settings();
  tunnel.reset();
  if (fast) fast = std::make_unique<dvpn::FastPath>(net.workers, *crypto->per_thread());
  Make(std::move(settings));
  bool restored = false;
  Call([&](Time now, dvpn::Output& out) { restored = tunnel->Restore(now, saved, out); });
  return restored;
}
inline void FakeHost::Make(dvpn::TunnelSettings settings) {
  dvpn::Services services{*crypto,
                          random,
                          net.pool,
                          log,
                          authenticator,
                          routes,
                          [this] { net.scheduler.At(net.scheduler.now(), [this] { After(); }); },
                          [this](int, const ipsec::AclPacket& p) { return permits && permits(p); },
                          &history,
                          fast.get(),
                          [this] { return net.wall_clock; }};
  auto made = dvpn::Tunnel::Create(std::move(settings), services);
  if (made.ok()) tunnel = std::move(*made);
}
inline FakeHost::~FakeHost() {
  net.scheduler.Cancel(timer_);
}

inline void FakeHost::Start() {
  Call([this](Time now, dvpn::Output& out) { tunnel->Start(now, out); });
}
inline void FakeHost::Stop() {
  Call([this](Time now, dvpn::Output& out) { tunnel->Stop(now, out); });
}
inline void FakeHost::Send(PacketPtr inner) {
  Call([&](Time now, dvpn::Output& out) {
    std::vector<PacketPtr> burst;
    burst.push_back(std::move(inner));
    tunnel->Forward(now, burst, out);
  });
}
inline void FakeHost::Take(dvpn::Datagram datagram) {
  if (!up) return;
  Call([&](Time now, dvpn::Output& out) {
    std::vector<dvpn::Datagram> burst;
    burst.push_back(std::move(datagram));
    tunnel->Receive(now, burst, out);
  });
}
inline void FakeHost::Call(const std::function<void(Time, dvpn::Output&)>& call) {
  if (cpu == nullptr) {
    call(net.scheduler.now(), out_);
  } else {
    const Duration begin = ThreadCpu();
    call(net.scheduler.now(), out_);
    *cpu += ThreadCpu() - begin;
  }
  After();
}
inline void FakeHost::After() {
  for (dvpn::Datagram& d : out_.datagrams)
    if (up) net.Transmit(address, d.peer, std::as_const(*d.packet).data(), d.dont_fragment);
  for (PacketPtr& p : out_.delivered) {
    const ByteView bytes = std::as_const(*p).data();
    if (on_delivered) {
      on_delivered(bytes);
    } else {
      delivered.emplace_back(bytes.begin(), bytes.end());
    }
  }
  out_.Clear();
  const Time next = tunnel->deadline();
  if (next == armed_) return;
  net.scheduler.Cancel(timer_);
  timer_ = 0;
  armed_ = next;
  if (next == Time::Never()) return;
  timer_ = net.scheduler.At(next, [this] {
    armed_ = Time::Never();
    if (up) Call([this](Time now, dvpn::Output& out) { tunnel->OnTimer(now, out); });
  });
}

// An IPv4 packet with an ICMP echo request or reply in it.
inline Bytes Ping(Ipv4 from, Ipv4 to, std::uint16_t sequence, bool reply = false, std::uint8_t ttl = 64,
                  std::size_t payload = 40) {
  Bytes p(20 + 8 + payload, 0x5a);
  p[0] = 0x45;
  p[1] = 0;
  Store16(&p[2], static_cast<std::uint16_t>(p.size()));
  Store32(&p[4], 0x12340000);
  p[8] = ttl;
  p[9] = 1;
  Store16(&p[10], 0);
  Store32(&p[12], from.value);
  Store32(&p[16], to.value);
  p[20] = reply ? 0 : 8;
  p[21] = 0;
  Store16(&p[22], 0);
  Store16(&p[24], 7);
  Store16(&p[26], sequence);
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < 20; i += 2) sum += Load16(&p[i]);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  Store16(&p[10], static_cast<std::uint16_t>(~sum));
  return p;
}

inline void FixIpChecksum(Bytes& p) {
  Store16(&p[10], 0);
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < 20; i += 2) sum += Load16(&p[i]);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  Store16(&p[10], static_cast<std::uint16_t>(~sum));
}

}  // namespace sw::testing
