// A small DVPN domain on a FakeNetwork: one server at 10.0.0.1, clients 10.0.0.2, .3 ... with a network 10.N.0.0/16
// each.
#pragma once

#include <string>

#include "tests/fakes/fake_network.h"

namespace sw::testing {

struct Domain {
  explicit Domain(std::uint64_t seed = 1) : net(seed) {
    server_settings.name = "server";
    server_settings.device_id = "HQ";
    server_settings.address = {Ipv4(10, 0, 0, 1), 16};
    server_settings.local = {Ipv4(192, 0, 2, 1), 9876};
    dvpn::ServerSettings role;
    role.dvpn_id = 7;
    server_settings.role = role;
  }

  static Ipv4 Private(unsigned n) { return Ipv4(10, 0, n >> 8, n & 0xff); }
  static Ipv4 Lan(unsigned n) { return Ipv4(172, 16 + (n >> 8), n & 0xff, 1); }  // a host behind client n

  dvpn::ServerSettings& role() { return std::get<dvpn::ServerSettings>(server_settings.role); }
  FakeHost& Server() {
    if (server == nullptr) {
      server = &net.Add(server_settings);
      server->Start();
    }
    return *server;
  }
  dvpn::TunnelSettings ClientSettings(unsigned n) {
    dvpn::TunnelSettings s;
    s.name = "client" + std::to_string(n);
    s.device_id = "branch" + std::to_string(n);
    s.address = {Private(n), 16};
    s.local = {Ipv4(198, 18, n >> 8, n & 0xff), 9876};
    dvpn::ClientSettings role;
    role.server_public = server_settings.local.address;
    s.role = role;
    return s;
  }
  // Not started yet. Routes: the networks of the other clients by their tunnel addresses.
  FakeHost& Client(unsigned n, const std::function<void(dvpn::TunnelSettings&)>& change = {}) {
    Server();
    dvpn::TunnelSettings settings = ClientSettings(n);
    if (change) change(settings);
    FakeHost& host = net.Add(std::move(settings));
    for (auto& other : net.hosts()) {
      if (other.get() == &host) continue;
      const Ipv4 theirs = other->tunnel->settings().address.address;
      other->routes.Add({Lan(n), 24}, Private(n));
      if (other.get() != server) host.routes.Add({Lan(theirs.value & 0xffff), 24}, theirs);
    }
    return host;
  }
  FakeHost& Registered(unsigned n, const std::function<void(dvpn::TunnelSettings&)>& change = {}) {
    FakeHost& host = Client(n, change);
    host.Start();
    net.scheduler.RunUntilTrue([&] { return host.Proven(server_settings.address.address); }, 5s);
    return host;
  }
  void SendPing(FakeHost& from, unsigned from_n, unsigned to_n, std::uint16_t sequence) {
    from.Send(net.pool.Copy(Ping(Lan(from_n), Lan(to_n), sequence)));
  }
  void Run(Duration d) { net.scheduler.RunFor(d); }

  FakeNetwork net;
  dvpn::TunnelSettings server_settings;
  FakeHost* server = nullptr;
};

inline dvpn::ClientSettings& ClientRole(dvpn::TunnelSettings& s) {
  return std::get<dvpn::ClientSettings>(s.role);
}

}  // namespace sw::testing
