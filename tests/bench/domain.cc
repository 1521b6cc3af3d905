// How a domain grows, in virtual time and one thread, no sockets.
//   server: clients register, a few at a time, and are forgotten; what is measured is the server alone.
//   domain: 5,000 clients stay, and open 20,000 sessions with each other; server and clients are measured apart.
// Processor time of the thread; bytes are the heap's, after minus before. `quick` as argument: a tenth of all.
#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "tests/fakes/dvpn_domain.h"

namespace {

using namespace sw;
using namespace sw::testing;

constexpr int kSuite = 15;  // AES-GCM 128, X25519
// Clients that register at once. Ten at a time, 20,000 have come before the server misses the first one's keepalives.
constexpr std::size_t kAtOnce = 10;

double Seconds(Duration d) {
  return std::chrono::duration<double>(d).count();
}
std::size_t Heap() {
  return mallinfo2().uordblks;
}

struct Setting {
  Setting() {
    auto made = hal::SoftwareDevice::Create({.max_sas = 1 << 20});
    if (!made.ok()) std::abort();
    engine = std::move(*made);
    shared = std::make_unique<hal::SharedDevice>(*engine);
    domain = std::make_unique<Domain>();
    domain->net.crypto = shared.get();
    domain->server_settings.address = {Ipv4(10, 0, 0, 1), 8};
    auto& policy = domain->role().policy;
    policy.session_suite = policy.data_suite = kSuite;
    policy.keepalive = std::chrono::seconds(300);
    policy.idle = std::chrono::seconds(86400);
    domain->Server().log.keep = false;
    Silence(*domain->server);
    domain->server->cpu = &server_cpu;
  }
  static void Silence(FakeHost& host) {
    host.log.keep = false;
    for (const auto topic : {dvpn::Topic::kError, dvpn::Topic::kMisc, dvpn::Topic::kRegister, dvpn::Topic::kSession,
                             dvpn::Topic::kControl, dvpn::Topic::kData, dvpn::Topic::kIpsec, dvpn::Topic::kHexadecimal})
      host.log.silent.insert(topic);
    host.on_delivered = [](ByteView) {};
  }
  static Ipv4 Private(std::size_t n) { return Ipv4((10U << 24) + 2 + static_cast<std::uint32_t>(n)); }
  dvpn::TunnelSettings Client(std::size_t n) const {
    dvpn::TunnelSettings s;
    s.name = "client";
    s.device_id = fmt::format("branch-{}", n);
    s.address = {Private(n), 8};
    s.local = {Ipv4((100U << 24) + static_cast<std::uint32_t>(n)), 9876};
    dvpn::ClientSettings role;
    role.server_public = domain->server_settings.local.address;
    role.suite = kSuite;
    s.role = role;
    return s;
  }

  std::unique_ptr<hal::SoftwareDevice> engine;
  std::unique_ptr<hal::SharedDevice> shared;
  std::unique_ptr<Domain> domain;
  Duration server_cpu{0};
};

// The clients are gone when memory is looked at; the server does not know yet.
void Server(std::size_t most) {
  fmt::print("server alone, suite {}: registrations, {} at a time (map, session, SAs)\n", kSuite, kAtOnce);
  fmt::print("{:>10}{:>14}{:>18}{:>14}{:>16}\n", "clients", "CPU s", "us/registration", "heap MB", "bytes/client");
  Setting s;
  FakeNetwork& net = s.domain->net;
  const std::size_t before = Heap();
  std::size_t n = 0;
  for (const std::size_t goal : {most / 20, most / 8, most / 4, most / 2, most}) {
    for (; n < goal; n += kAtOnce) {
      std::vector<FakeHost*> clients;
      for (std::size_t i = 0; i < kAtOnce; ++i) {
        clients.push_back(&net.Add(s.Client(n + i)));
        Setting::Silence(*clients.back());
        clients.back()->Start();
      }
      const auto all = [&] {
        return std::all_of(clients.begin(), clients.end(), [](auto* c) { return c->Proven(Ipv4(10, 0, 0, 1)); });
      };
      net.scheduler.RunUntilTrue(all, std::chrono::seconds(5));
      if (!all()) std::abort();
      for (FakeHost* client : clients) net.Forget(*client);
    }
    if (s.domain->server->tunnel->maps().size() != n) std::abort();
    const std::size_t heap = Heap() - before;
    fmt::print("{:>10}{:>14.3f}{:>18.1f}{:>14.1f}{:>16}\n", n, Seconds(s.server_cpu),
               1e6 * Seconds(s.server_cpu) / static_cast<double>(n), static_cast<double>(heap) / 1e6, heap / n);
  }
  fmt::print("bytes per map with its session on the server: {}\n\n", (Heap() - before) / n);
}

void Sessions(std::size_t count, std::size_t wanted) {
  Setting s;
  FakeNetwork& net = s.domain->net;
  net.delay = std::chrono::milliseconds(5);
  Duration client_cpu{0};
  std::vector<FakeHost*> clients;
  for (std::size_t n = 0; n < count; ++n) {
    clients.push_back(&net.Add(s.Client(n)));
    Setting::Silence(*clients.back());
    clients.back()->cpu = &client_cpu;
  }
  const std::size_t idle = Heap();
  for (FakeHost* client : clients) {
    client->Start();
    net.scheduler.RunFor(std::chrono::milliseconds(1));
  }
  net.scheduler.RunFor(std::chrono::seconds(2));
  for (FakeHost* client : clients)
    if (!client->Proven(Ipv4(10, 0, 0, 1))) std::abort();
  const std::size_t registered = Heap();
  const Duration server_registered = s.server_cpu, client_registered = client_cpu;

  // Each client talks to the next ones, so that sessions are spread evenly.
  const std::size_t each = wanted / count;
  for (std::size_t k = 1; k <= each; ++k) {
    for (std::size_t n = 0; n < count; ++n)
      clients[n]->Send(net.pool.Copy(Ping(Setting::Private(n), Setting::Private((n + k) % count), 1)));
    net.scheduler.RunFor(std::chrono::seconds(1));
  }
  std::size_t open = 0;
  for (std::size_t k = 1; k <= each; ++k)
    for (std::size_t n = 0; n < count; ++n)
      open += clients[n]->Proven(Setting::Private((n + k) % count)) &&
              clients[(n + k) % count]->Proven(Setting::Private(n));
  if (open != each * count) std::abort();
  const std::size_t opened = Heap();
  fmt::print("domain of {} clients, {} client-client sessions, suite {}\n", count, open, kSuite);
  fmt::print("{:<44}{:>12}{:>14}\n", "CPU s", "server", "all clients");
  fmt::print("{:<44}{:>12.3f}{:>14.3f}\n", "  registration", Seconds(server_registered), Seconds(client_registered));
  fmt::print("{:<44}{:>12.3f}{:>14.3f}\n", "  sessions: relay, redirect, setup, proof",
             Seconds(s.server_cpu - server_registered), Seconds(client_cpu - client_registered));
  fmt::print("{:<44}{:>12.3f}{:>14.3f}\n", "  in all", Seconds(s.server_cpu), Seconds(client_cpu));
  fmt::print("the server process takes {:.2f} s of CPU for both (goal: under 10 s)\n", Seconds(s.server_cpu));
  fmt::print("bytes per registered client, both ends: {}; per end of a client-client session: {}\n",
             (registered - idle) / count, (opened - registered) / (2 * open));
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::strcmp(argv[1], "quick") == 0;
  Server(quick ? 2000 : 20000);
  Sessions(quick ? 500 : 5000, quick ? 2000 : 20000);
  return 0;
}
