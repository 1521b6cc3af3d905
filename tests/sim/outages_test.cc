// Clients that come and go, for days of virtual time: a power cut, a restart, a network that is away, a server that is
// started again. At the end there is a map for every client that lives and none besides, and memory is where it was.
//   SW_SOAK_HOURS, SW_SOAK_CLIENTS: how long and how many (`make soak-week`: a week of 500); short by default.
#include <gtest/gtest.h>
#include <malloc.h>

#include <cstdlib>

#include "tests/fakes/dvpn_domain.h"

namespace sw::testing {
namespace {

unsigned FromEnvironment(const char* name, unsigned preset) {
  const char* text = std::getenv(name);
  return text == nullptr ? preset : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

struct Branch {
  FakeHost* host = nullptr;
  bool power = true, network = true;
};

class Outages {
 public:
  Outages(unsigned clients, std::uint64_t seed) : d_(seed), dice_(seed) {
    auto& policy = d_.role().policy;
    policy.session_suite = policy.data_suite = 15;
    policy.keepalive = 60s;
    d_.Server().log.keep = false;
    for (unsigned n = 0; n < clients; ++n) {
      dvpn::TunnelSettings settings = d_.ClientSettings(n + kFirst);
      ClientRole(settings).suite = 15;
      ClientRole(settings).register_dumb = 60s;
      branches_.push_back({&d_.net.Add(settings)});
      branches_.back().host->log.keep = false;
      branches_.back().host->history.SetAge(1h);
      branches_.back().host->on_delivered = [this](ByteView) { ++delivered_; };
      branches_.back().host->Start();
    }
    d_.server->history.SetAge(1h);
    d_.server->on_delivered = [](ByteView) {};
    d_.net.loss = 5;
    d_.net.tap = [this](Endpoint from, Endpoint to, Bytes&) { return Reachable(from) && Reachable(to); };
  }

  // A minute passes: something happens to some, and some talk.
  void Minute() {
    for (std::size_t i = 0; i < branches_.size() / 50 + 1; ++i) Happen(branches_[dice_.U32() % branches_.size()]);
    for (std::size_t i = 0; i < branches_.size() / 10 + 1; ++i) Talk();
    d_.Run(60s);
  }
  void EverythingWorksAgain() {
    for (Branch& b : branches_)
      if (b.power) b.network = true;
    // A client that the server forgot hears it within three keepalives, and may be dumb for a minute; the server
    // drops those who are dead.
    d_.Run(900s);
  }
  std::size_t Alive() const {
    return static_cast<std::size_t>(std::ranges::count_if(branches_, [](const Branch& b) { return b.power; }));
  }
  std::size_t Maps() const { return d_.server->tunnel->maps().size(); }
  std::size_t Registered() const {
    return static_cast<std::size_t>(std::ranges::count_if(branches_, [](const Branch& b) {
      return b.power && b.host->state() == dvpn::MapState::kClientSuccess && b.host->Proven(Domain::Private(1));
    }));
  }
  std::uint64_t delivered() const { return delivered_; }
  std::uint64_t happened() const { return happened_; }

 private:
  static constexpr unsigned kFirst = 2;
  bool Reachable(Endpoint e) const {
    if (e == d_.server->address) return true;
    const std::size_t n = (e.address.value & 0xffff) - kFirst;
    return n >= branches_.size() || branches_[n].network;
  }
  void Happen(Branch& b) {
    ++happened_;
    switch (dice_.U32() % 6) {
      case 0:  // power cut: nobody is told
      case 1:
        if (b.power) {
          b.power = b.host->up = false;
          return;
        }
        [[fallthrough]];
      case 2:  // power is back: it knows nothing of what was
        if (b.power) return;
        b.power = b.host->up = b.network = true;
        b.host->Call([&](Time now, dvpn::Output& out) {
          b.host->tunnel->Stop(now, out);
          out.Clear();
          b.host->tunnel->Start(now, out);
        });
        return;
      case 3:
        b.network = !b.network;
        return;
      case 4:
        if (b.power)
          b.host->Call([&](Time now, dvpn::Output& out) { (void)b.host->tunnel->ResetMap(now, std::nullopt, out); });
        return;
      default:  // the operator of the server resets one map
        d_.server->Call([&](Time now, dvpn::Output& out) {
          (void)d_.server->tunnel->ResetMap(now, b.host->tunnel->settings().address.address, out);
        });
    }
  }
  void Talk() {
    const Branch& from = branches_[dice_.U32() % branches_.size()];
    const Branch& to = branches_[dice_.U32() % branches_.size()];
    if (&from == &to || !from.power) return;
    for (std::uint16_t n = 0; n < 3; ++n) {
      from.host->Send(d_.net.pool.Copy(
          Ping(from.host->tunnel->settings().address.address, to.host->tunnel->settings().address.address, n)));
      d_.Run(50ms);
    }
  }

  Domain d_;
  SeededRandom dice_;
  std::vector<Branch> branches_;
  std::uint64_t delivered_ = 0, happened_ = 0;
};

TEST(Outages, LeaveOneMapForEachLiveClientAndNoGrowthOfMemory) {
  const unsigned clients = FromEnvironment("SW_SOAK_CLIENTS", 40), hours = FromEnvironment("SW_SOAK_HOURS", 10);
  Outages world(clients, 5);
  std::vector<std::size_t> heap;  // each tenth of the time, with everything settled
  for (unsigned tenth = 0; tenth < 10; ++tenth) {
    for (unsigned minute = 0; minute < hours * 60 / 10; ++minute) world.Minute();
    world.EverythingWorksAgain();
    EXPECT_EQ(world.Maps(), world.Alive()) << "after " << tenth + 1 << " tenths";
    EXPECT_EQ(world.Registered(), world.Alive()) << "after " << tenth + 1 << " tenths";
    heap.push_back(mallinfo2().uordblks);
    if (std::getenv("SW_SOAK_HOURS") != nullptr)
      std::printf("%u h: %zu of %u clients live, %zu maps, %.1f MB in use, %llu outages and resets, %llu delivered\n",
                  hours * (tenth + 1) / 10, world.Alive(), clients, world.Maps(),
                  static_cast<double>(heap.back()) / 1e6, static_cast<unsigned long long>(world.happened()),
                  static_cast<unsigned long long>(world.delivered()));
  }
  EXPECT_GT(world.delivered(), 100u);
  // Caches fill in the first half (replay protection of ended sessions, packet pools); then it stays.
  const std::size_t before = *std::max_element(heap.begin(), heap.begin() + 5);
  const std::size_t after = *std::max_element(heap.begin() + 5, heap.end());
  if (before != 0) {  // the sanitizers' heap is not counted
    EXPECT_LT(after, before + before / 20) << "memory grew";
  }
}

}  // namespace
}  // namespace sw::testing
