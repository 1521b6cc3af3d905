// Inside of the gateway, shared by gateway*.cc; not for others.
#pragma once

#include <fmt/format.h>

#include <map>
#include <string>
#include <tuple>
#include <utility>

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
    bool opening = false;
    hal::Ipv4Header header;              // sealing: the packet's; opening: the outer one
    std::array<std::uint8_t, 60> bytes;  // transport mode: the header itself
    std::size_t length = 0;
    std::uint32_t spi = 0, sequence = 0;  // opening: of the SA at work
  };
  // What is known of a packet when it is told of.
  struct Known {
    const hal::Ipv4Header* header = nullptr;
    std::uint64_t policy = 0;  // where there is no bundle
    const Bundle* bundle = nullptr;
    SaProtocol protocol = SaProtocol::kEsp;
    std::uint32_t spi = 0, sequence = 0;
    ipsec::Drop detail = ipsec::Drop::kNone;
  };

  explicit Impl(Services s) : services(std::move(s)), esp(services.crypto, services.random) {}

  Time now() const { return services.now(); }
  bool Wants(Topic topic) const { return services.wants && services.wants(topic); }
  template <typename... Args>
  void Say(Topic topic, fmt::format_string<Args...> form, Args&&... args) const {
    if (Wants(topic)) services.notify({.topic = topic, .text = fmt::format(form, std::forward<Args>(args)...)});
  }
  void Changed() const {
    if (services.changed) services.changed();
  }
  void Count(bool outbound, Cause cause) {
    ++(outbound ? statistics.out : statistics.in).dropped;
    ++statistics.causes[static_cast<std::size_t>(cause)];
  }
  void Drop(bool outbound, Cause cause, const Known& known) {
    Count(outbound, cause);
    if (Wants(Topic::kPacket)) TellDropped(outbound, cause, known);
  }

  // gateway.cc
  Active* Select(Port& port, const AclPacket& packet, bool arriving);
  Active* SelectFast(Port& port, const AclPacket& packet);  // of a whole datagram that leaves
  bool Permits(const Active& active, const AclPacket& packet, bool arriving) const;
  bool Bypasses(const hal::Ipv4Header& header, const Packet& packet) const;
  Bundle* Sender(const Active& active, const AclPacket& packet);
  bool Outbound(Port& port, PacketPtr& packet, GatewayOutput& out);  // false: leave it

  // gateway_flights.cc
  void Seal(Port& port, Bundle& bundle, const hal::Ipv4Header& header, PacketPtr packet, GatewayOutput& out);
  std::size_t InnerRoom(const Port& port, Bundle& bundle) const;
  void Open(PacketPtr packet);
  void OpenEsp(Bundle* bundle, Flight flight, PacketPtr packet);
  void Finish(GatewayOutput& out);
  void FinishSealed(Flight& flight, Bundle& bundle, Finished& done, GatewayOutput& out);
  void FinishOpened(Flight& flight, Bundle& bundle, Finished& done, GatewayOutput& out);
  std::uint64_t Take(Flight flight);
  static Known KnownOf(const Flight& flight, const Bundle* bundle, SaProtocol protocol);

  // gateway_telling.cc
  void TellSealed(const Known& known, bool last) const;                     // last: no other SA is to come
  void TellOpened(const Known& known, const hal::Ipv4Header* inner) const;  // inner: once no other SA is to come
  void TellDropped(bool outbound, Cause cause, const Known& known) const;
  void TellLines(bool outbound, const Known& known, const std::vector<std::string>& lines) const;
  void TellLookup(const Port& port, const Active* one, const hal::Ipv4Header& header, std::string_view what) const;

  // gateway_sas.cc
  void InstallManual(Active& active);
  Bundle* AddBundle(const Active& active,
                    AgreedSas agreed);  // receives at once, sends never; null: cannot be installed
  void UseBundle(Bundle& bundle, Time settled, std::string_view how);
  void RemoveBundle(Bundle& bundle, bool tell, std::string_view why);
  Active* FindActive(std::uint64_t id);
  const Active* FindActive(std::uint64_t id) const;
  void FireWishes();
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
