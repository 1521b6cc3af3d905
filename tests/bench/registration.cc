// Registrations per second of one server engine: all steps without client authentication, and the session that follows,
// until it is proven; of some suites also with the pre-shared key, which costs a CPace with ours. Only the time spent
// inside the server's tunnel is measured; the clients and the copying between them run with the clock stopped. No
// sockets; one thread.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include "dvpn/keying.h"
#include "dvpn/tunnel.h"
#include "hal/primitives.h"
#include "hal/soft/software_device.h"

namespace {

using namespace sw;

class Silent final : public dvpn::EventSink {
 public:
  bool Wants(dvpn::Topic) const override { return false; }
  void OnEvent(Time, const dvpn::Event&) override {}
};
class NoUsers final : public dvpn::Authenticator {
 public:
  void Authenticate(dvpn::Credentials, std::function<void(dvpn::Verdict)> done) override { done({}); }
};
class NoRoutes final : public dvpn::NextHops {
 public:
  std::optional<Ipv4> Find(Ipv4) const override { return std::nullopt; }
};

struct End {
  explicit End(dvpn::TunnelSettings settings, PacketPool& pool) {
    auto engine = hal::SoftwareDevice::Create();
    if (!engine.ok()) std::abort();
    crypto = std::move(*engine);
    auto made = dvpn::Tunnel::Create(std::move(settings), {*crypto, random, pool, events, users, routes});
    if (!made.ok()) std::abort();
    tunnel = std::move(*made);
  }
  hal::SystemRandom random;
  Silent events;
  NoUsers users;
  NoRoutes routes;
  std::unique_ptr<hal::SoftwareDevice> crypto;
  std::unique_ptr<dvpn::Tunnel> tunnel;
  dvpn::Output out;
};

void Registrations(benchmark::State& state) {
  using Clock = std::chrono::steady_clock;
  PacketPool pool;
  dvpn::TunnelSettings settings;
  settings.name = "server";
  settings.address = {Ipv4(10, 0, 0, 1), 8};
  settings.local = {Ipv4(192, 0, 2, 1), 9876};
  dvpn::ServerSettings role;
  role.dvpn_id = 1;
  const int suite = static_cast<int>(state.range(0));
  const bool proof = state.range(1) != 0;
  if (const Status can = dvpn::CanProtect(suite); !can.ok()) {
    state.SkipWithError(can.why().c_str());
    return;
  }
  role.policy.session_suite = suite;
  if (proof) role.pre_shared_key = SecretBytes("common");
  settings.role = role;
  End server(settings, pool);
  std::uint32_t n = 1;
  Time now{};
  std::vector<dvpn::Datagram> burst;
  for (auto _ : state) {
    ++n;
    now = now + std::chrono::milliseconds(1);
    dvpn::TunnelSettings mine;
    mine.name = "client";
    mine.address = {Ipv4((10U << 24) + n), 8};
    mine.local = {Ipv4((198U << 24) + n), 9876};
    dvpn::ClientSettings client_role;
    client_role.server_public = settings.local.address;
    client_role.suite = suite;
    if (proof) client_role.authenticate_server = dvpn::ServerMethod::kPreShare;
    if (proof) client_role.pre_shared_key = SecretBytes("common");
    mine.role = client_role;
    End client(mine, pool);
    client.tunnel->Start(now, client.out);
    Clock::duration spent{0};
    while (!client.out.datagrams.empty()) {
      burst.clear();
      for (dvpn::Datagram& d : client.out.datagrams) burst.push_back({mine.local, std::move(d.packet)});
      client.out.Clear();
      const auto begin = Clock::now();
      server.tunnel->Receive(now, burst, server.out);
      spent += Clock::now() - begin;
      burst.clear();
      for (dvpn::Datagram& d : server.out.datagrams)
        if (d.peer == mine.local) burst.push_back({settings.local, std::move(d.packet)});
      server.out.Clear();
      client.tunnel->Receive(now, burst, client.out);
    }
    const auto sessions = client.tunnel->sessions();
    if (sessions.empty() || !sessions[0].proven) {
      state.SkipWithError("a client did not register");
      break;
    }
    state.SetIterationTime(std::chrono::duration<double>(spent).count());
  }
  state.SetItemsProcessed(state.iterations());
  state.SetLabel("server side only, registration and session, suite " + std::to_string(suite) +
                 (proof ? ", pre-shared key" : ""));
}
BENCHMARK(Registrations)
    ->ArgNames({"suite", "proof"})
    ->Args({1, 0})
    ->Args({2, 0})
    ->Args({12, 0})
    ->Args({12, 1})
    ->Args({17, 0})
    ->Args({17, 1})
    ->Args({18, 0})
    ->Args({18, 1})
    ->UseManualTime()
    ->Iterations(2000)
    ->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
