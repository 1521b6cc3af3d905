// The clients of a domain in one process, each with a socket of its own, for the system tests: registers them all,
// pings the server by each of them once a second, and says what happens, a line at a time, with seconds since its
// start.
//   many_clients SERVER_PUBLIC SERVER_PRIVATE FIRST_PUBLIC FIRST_PRIVATE COUNT SUITE
// Ends at SIGTERM. Lines: "12.345 client 7 map built ..."; behind "... map removed" "12.345 client 7 asks in 431 ms";
// and, each second, "12.345 all 50 registered, 50 answered".
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "tests/fakes/fake_network.h"
#include "tests/fakes/udp_peer.h"

namespace sw::testing {
namespace {

struct Client {
  std::unique_ptr<UdpPeer> peer;
  bool answered = false;
};

// A ping that a kernel answers: with its checksum.
Bytes Echo(Ipv4 from, Ipv4 to, std::uint16_t sequence) {
  Bytes p = Ping(from, to, sequence);
  std::uint32_t sum = 0;
  for (std::size_t i = 20; i < p.size(); i += 2) sum += Load16(&p[i]);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  Store16(&p[22], static_cast<std::uint16_t>(~sum));
  return p;
}

int Run(Ipv4 server_public, Ipv4 server_private, Ipv4 first_public, Ipv4 first_private, unsigned count, int suite) {
  device::EventLoop loop;
  const Time begin = loop.now();
  const auto say = [&](const std::string& text) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(loop.now() - begin).count();
    fmt::print("{}.{:03} {}\n", ms / 1000, ms % 1000, text);
    std::fflush(stdout);
  };
  std::vector<Client> clients(count);
  // When a client without a map will ask again, as it has decided itself: a busy machine changes nothing about that.
  const auto wakes = [&](unsigned n, Time removed) {
    const Duration wait = clients[n].peer->tunnel().deadline() - removed;
    say(fmt::format("client {} asks in {} ms", n + 1, std::chrono::duration_cast<std::chrono::milliseconds>(wait).count()));
  };
  for (unsigned n = 0; n < count; ++n) {
    dvpn::TunnelSettings settings;
    settings.name = "Tunnel0";
    settings.device_id = fmt::format("client-{}", n + 1);
    settings.address = {Ipv4(first_private.value + n), 16};
    settings.local = {Ipv4(first_public.value + n), 9876};
    dvpn::ClientSettings role;
    role.server_public = server_public;
    role.suite = suite;
    role.register_interval = std::chrono::seconds(5);
    settings.role = role;
    clients[n].peer = std::make_unique<UdpPeer>(loop, settings);
    clients[n].peer->on_event = [&, n](Time now, const dvpn::Event& e) {
      if (e.what != dvpn::What::kStep) say(fmt::format("client {} {}", n + 1, e.text));
      if (e.what == dvpn::What::kMapRemoved) loop.At(now, [&, n, now] { wakes(n, now); });
    };
    clients[n].peer->on_delivered = [&, n](ByteView) { clients[n].answered = true; };
    clients[n].peer->Start();
  }
  std::uint16_t sequence = 0;
  std::function<void()> tick = [&] {
    unsigned registered = 0, answered = 0;
    for (Client& client : clients) {
      registered += client.peer->tunnel().maps().at(0).state == dvpn::MapState::kClientSuccess;
      answered += std::exchange(client.answered, false);
    }
    if (sequence != 0) say(fmt::format("all {} registered, {} answered", registered, answered));
    ++sequence;
    for (Client& client : clients) client.peer->Send(Echo(client.peer->own().address, server_private, sequence));
    loop.At(loop.now() + std::chrono::seconds(1), tick);
  };
  tick();
  loop.OnSignal(SIGTERM, [&] { loop.Stop(); });
  loop.Run();
  return 0;
}

}  // namespace
}  // namespace sw::testing

int main(int argc, char** argv) {
  using sw::Ipv4;
  if (argc != 7) return 2;
  std::array<Ipv4, 4> address;
  for (int i = 0; i < 4; ++i) {
    const auto parsed = Ipv4::Parse(argv[i + 1]);
    if (!parsed) return 2;
    address[static_cast<std::size_t>(i)] = *parsed;
  }
  return sw::testing::Run(address[0], address[1], address[2], address[3], static_cast<unsigned>(std::atoi(argv[5])),
                          std::atoi(argv[6]));
}
