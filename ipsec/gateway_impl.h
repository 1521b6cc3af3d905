// Inside of the gateway, shared by gateway.cc (selection, packets) and gateway_sas.cc (SAs and their lives).
#pragma once

#include <map>
#include <string>
#include <tuple>

#include "ipsec/bundle.h"
#include "ipsec/fast_index.h"
#include "ipsec/fragment_verdicts.h"
#include "ipsec/gateway.h"
#include "ipsec/ip_header.h"
#include "ipsec/selector.h"

namespace sw::ipsec {

struct Gateway::Impl {
  // A policy at work on a port.
  struct Active {
    std::uint64_t id = 0;  // never 0, stays with port, name and number
    int port = 0;
    Policy policy;
  };
  struct Port {
    ProtectedPort settings;            // without the policies
    std::vector<std::uint64_t> group;  // in ascending number
  };
  // A packet while its SAs work on it; the number is the context that the SA engine hands back.
  struct Flight {
    int connection = 0;
    bool opening = false, outer_ah = false;  // outer_ah: AH has been opened, ESP is still to come
    hal::Ipv4Header header;                  // sealing: the packet's; opening: the outer one
    std::array<std::uint8_t, 60> bytes;      // transport mode: the header itself
    std::size_t length = 0;
  };

  explicit Impl(Services s) : services(std::move(s)), esp(services.crypto, services.random) {}

  Time now() const { return services.now(); }
  void Say(std::string text) const {
    if (services.notify) services.notify(std::move(text));
  }
  void Drop(bool outbound, Cause cause) {
    ++(outbound ? statistics.out : statistics.in).dropped;
    ++statistics.causes[static_cast<std::size_t>(cause)];
  }

  // gateway.cc
  Active* Select(Port& port, const AclPacket& packet, bool arriving);
  Active* SelectFast(Port& port, const AclPacket& packet);  // of a whole datagram that leaves
  bool Permits(const Active& active, const AclPacket& packet, bool arriving) const;
  bool Bypasses(const hal::Ipv4Header& header, const Packet& packet) const;
  Bundle* Sender(const Active& active, const AclPacket& packet);
  bool Outbound(Port& port, PacketPtr& packet, GatewayOutput& out);  // false: leave it
  void Seal(Port& port, Bundle& bundle, const hal::Ipv4Header& header, PacketPtr packet, GatewayOutput& out);
  std::size_t InnerRoom(const Port& port, Bundle& bundle) const;
  void Open(PacketPtr packet);
  void OpenEsp(Bundle* bundle, Flight flight, PacketPtr packet);
  void Finish(GatewayOutput& out);
  void FinishSealed(Flight& flight, Bundle& bundle, Finished& done, GatewayOutput& out);
  void FinishOpened(Flight& flight, Bundle& bundle, Finished& done, GatewayOutput& out);
  void Emit(const Flight& flight, Bundle& bundle, PacketPtr packet, GatewayOutput& out);
  std::uint64_t Take(Flight flight);
  void FireWishes();

  // gateway_sas.cc
  void InstallManual(Active& active);
  bool InstallBundle(Active& active, AgreedSas agreed, bool manual);
  void RemoveBundle(Bundle& bundle, bool tell);
  Active* FindActive(std::uint64_t id);
  Wish WishOf(const Active& active, const Bundle* replaces) const;
  void Want(const Active& active, const Bundle* replaces);
  void CountBytes(Bundle& bundle);
  void UpdateDeadline();

  Services services;
  Esp esp;
  KeyManager* keys = nullptr;
  std::map<int, Port> ports;
  std::map<std::tuple<int, std::string, int>, std::uint64_t> ids;
  std::uint64_t last_id = 0;
  std::map<std::uint64_t, Active> active;
  BundleTable bundles;
  FragmentVerdicts fragments;
  FastIndex fast;
  Statistics statistics;
  std::vector<Flight> flights;
  std::vector<std::uint32_t> free_flights;
  std::vector<Finished> finished;
  std::vector<Wish> wishes;      // asked for once the packets at hand are done
  std::vector<int> heard, told;  // connections that opened and sealed in this burst
  std::vector<int> worn;         // connections whose traffic is used up
  std::uint16_t last_ip_id = 0;
  Time next = Time::Never();
};

}  // namespace sw::ipsec
