// A public network in virtual time for IKE engines: hosts with recording SaOwners, loss, a NAT, taps.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "hal/base/virtual_scheduler.h"
#include "ipsec/ike/engine.h"

namespace sw::testing {

using namespace std::chrono_literals;
namespace ike = ipsec::ike;

// IPsec as a test sees it: accepts what it is told to accept and remembers all it is told.
class FakeSaOwner final : public ipsec::SaOwner {
 public:
  ipsec::Selector flow;
  bool any_flow = false;
  std::vector<ipsec::Protection> protections;
  hal::DhGroup pfs = hal::DhGroup::kNone;
  ipsec::Lifetime lifetime{3600, 0};

  std::vector<ipsec::AgreedSas> prepared, installed;
  std::vector<std::uint32_t> deleted;  // our own SPIs
  std::vector<std::string> failed;
  int lost = 0, judged = 0, abandoned = 0;

  std::uint32_t AllocateSpi(ipsec::SaProtocol) override { return ++spi_; }
  Result<ipsec::Accepted> Judge(const ipsec::Offer& offer) override {
    ++judged;
    if ((!any_flow && offer.flow != flow) || offer.pfs != pfs) return {Code::kNotFound, "no policy has this flow"};
    for (const ipsec::Protection& p : protections)
      for (std::size_t i = 0; i < offer.proposals.size(); ++i)
        if (offer.proposals[i] == p) return ipsec::Accepted{7, i, lifetime};
    return {Code::kNotFound, "no proposal in common"};
  }
  void Install(ipsec::AgreedSas sas) override { installed.push_back(std::move(sas)); }
  void Prepare(ipsec::AgreedSas sas) override { prepared.push_back(std::move(sas)); }
  void Confirmed(ipsec::SaProtocol protocol, std::uint32_t spi) override { installed.push_back(Take(protocol, spi)); }
  void Abandoned(ipsec::SaProtocol protocol, std::uint32_t spi) override {
    (void)Take(protocol, spi);
    ++abandoned;
  }
  void Deleted(ipsec::SaProtocol, std::uint32_t spi) override { deleted.push_back(spi); }
  void PeerLost(const std::string&, Ipv4) override { ++lost; }
  void Failed(const ipsec::Wish&, const std::string& reason) override { failed.push_back(reason); }

 private:
  ipsec::AgreedSas Take(ipsec::SaProtocol protocol, std::uint32_t spi) {
    const auto found = std::ranges::find_if(prepared, [&](const ipsec::AgreedSas& sas) {
      const auto& in = protocol == ipsec::SaProtocol::kAh ? sas.in_ah : sas.in_esp;
      return in && in->spi == spi;
    });
    if (found == prepared.end()) throw std::logic_error("no such SAs were prepared");
    ipsec::AgreedSas out = std::move(*found);
    prepared.erase(found);
    return out;
  }
  std::uint32_t spi_ = 0x1000;
};

class IkeNetwork;

class IkeNode {
 public:
  IkeNode(IkeNetwork& net, Ipv4 at, ike::Settings settings, std::uint64_t seed);
  ~IkeNode();

  void Wish(const ipsec::Wish& wish) { engine->Acquire(wish); }
  const ike::SaInfo* Phase1() {
    rows = engine->sas();
    for (const ike::SaInfo& row : rows)
      if (row.phase == 1 && row.ready && !row.replaced) return &row;
    return nullptr;
  }
  std::size_t Ready() {
    std::size_t n = 0;
    for (const ike::SaInfo& row : engine->sas()) n += row.phase == 1 && row.ready;
    return n;
  }
  bool Said(std::string_view text) const {
    for (const ike::IkeEvent& e : events)
      if (e.text.find(text) != std::string::npos) return true;
    return false;
  }

  IkeNetwork& net;
  Ipv4 address;
  SeededRandom random;
  FakeSaOwner owner;
  std::vector<ike::IkeEvent> events;
  std::vector<ike::SaInfo> rows;
  bool up = true;
  std::int64_t wall_clock = 1'800'000'000;
  std::unique_ptr<ike::Engine> engine;

 private:
  void Arm();
  Scheduler::TimerId timer_ = 0;
};

class IkeNetwork {
 public:
  explicit IkeNetwork(std::uint64_t seed = 1) : random_(seed) {}

  VirtualScheduler scheduler;
  unsigned loss = 0, duplicate = 0;  // per mille
  Duration delay = 10ms;
  std::uint64_t sent = 0;
  // Sees what is sent; false: it is lost. May change it.
  std::function<bool(Endpoint from, Endpoint to, Bytes& bytes)> tap;
  // What a NAT does with those behind it: inner address to outer address and port.
  std::map<Ipv4, Ipv4> nat;
  std::uint16_t nat_port = 20000;

  IkeNode& Add(Ipv4 address, ike::Settings settings) {
    nodes_.push_back(std::make_unique<IkeNode>(*this, address, std::move(settings), 77 + nodes_.size()));
    return *nodes_.back();
  }
  void Transmit(Endpoint from, Endpoint to, Bytes bytes) {
    ++sent;
    if (tap && !tap(from, to, bytes)) return;
    if (Chance(loss)) return;
    if (const auto outer = nat.find(from.address); outer != nat.end()) {
      auto& port = ports_[from];
      if (port == 0) {
        port = ++nat_port;
        back_[{outer->second, port}] = from;
      }
      from = {outer->second, port};
    }
    if (const auto inner = back_.find(to); inner != back_.end()) {
      to = inner->second;
    } else if (nat.contains(to.address)) {
      return;  // nobody outside knows an inner address
    }
    const bool twice = Chance(duplicate);
    Inject(from, to, bytes);
    if (twice) Inject(from, to, std::move(bytes));
  }
  void Inject(Endpoint from, Endpoint to, Bytes bytes) {
    scheduler.At(scheduler.now() + delay, [this, from, to, bytes = std::move(bytes)] {
      for (auto& node : nodes_)
        if (node->address == to.address && node->up) node->engine->Receive(to, from, bytes);
    });
  }

 private:
  bool Chance(unsigned per_mille) { return per_mille != 0 && random_.U32() % 1000 < per_mille; }
  SeededRandom random_;
  std::vector<std::unique_ptr<IkeNode>> nodes_;
  std::map<Endpoint, std::uint16_t> ports_;
  std::map<Endpoint, Endpoint> back_;
};

inline IkeNode::IkeNode(IkeNetwork& network, Ipv4 at, ike::Settings settings, std::uint64_t seed)
    : net(network), address(at), random(seed) {
  ike::EngineServices services{random,
                               owner,
                               [this] { return net.scheduler.now(); },
                               [this](Endpoint local, Endpoint remote, Bytes bytes) {
                                 if (up) net.Transmit(local, remote, std::move(bytes));
                               },
                               [this] { Arm(); },
                               [this] { return wall_clock; },
                               [this](Ipv4) { return address; },
                               [](ike::IkeTopic) { return true; },
                               [this](const ike::IkeEvent& e) { events.push_back(e); }};
  engine = std::make_unique<ike::Engine>(std::move(settings), std::move(services));
}
inline IkeNode::~IkeNode() {
  net.scheduler.Cancel(timer_);
}
inline void IkeNode::Arm() {
  if (engine == nullptr) return;
  net.scheduler.Cancel(timer_);
  timer_ = 0;
  const Time deadline = engine->deadline();
  if (deadline == Time::Never()) return;
  timer_ = net.scheduler.At(deadline, [this] {
    timer_ = 0;
    if (up) engine->OnTimer();
  });
}

}  // namespace sw::testing
