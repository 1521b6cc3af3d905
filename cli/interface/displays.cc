#include "cli/interface/displays.h"

#include <fmt/format.h>

namespace sw::cli {
namespace {

std::string_view State(const device::InterfaceView& view) {
  if (view.config.shutdown) return "Administratively DOWN";
  return view.status.link ? "UP" : "DOWN";
}

std::string GreLines(const device::InterfaceView& view) {
  const device::TunnelConfig& tunnel = view.config.tunnel;
  std::string out = fmt::format("Tunnel source {}, destination {}\n", tunnel.source.empty() ? "unknown" : tunnel.source,
                                tunnel.destination.empty() ? "unknown" : tunnel.destination.ToString());
  out += fmt::format("Tunnel protocol/transport GRE/IP, key {}\n",
                     tunnel.gre_key ? std::to_string(*tunnel.gre_key) : "disabled");
  out += fmt::format("Checksumming of packets {}\n", tunnel.gre_checksum ? "enabled" : "disabled");
  if (!tunnel.gre_keepalive) return out + "Tunnel keepalive disabled\n";
  return out + fmt::format("Tunnel keepalive every {} seconds, down after {} unanswered: {} sent, {} answered\n",
                           tunnel.gre_keepalive_interval, tunnel.gre_keepalive_times,
                           view.gre ? view.gre->counters.keepalives : 0, view.gre ? view.gre->counters.answers : 0);
}

// The lines of the family's tunnels, and what was dropped for which reason.
std::string GreCounterLines(const device::InterfaceView& view) {
  const device::InterfaceStatus& status = view.status;
  std::string out;
  out += fmt::format("    5 minutes input rate {} bytes/sec, {} packets/sec\n", view.gre->input.bytes,
                     view.gre->input.packets);
  out += fmt::format("    5 minutes output rate {} bytes/sec, {} packets/sec\n", view.gre->output.bytes,
                     view.gre->output.packets);
  out += fmt::format("    {} packets input,  {} bytes\n    {} input error\n", status.input_packets, status.input_bytes,
                     status.input_errors);
  out += fmt::format("    {} packets output,  {} bytes\n    {} output error\n", status.output_packets,
                     status.output_bytes, status.output_errors);
  for (std::size_t i = 0; i < device::kGreDropReasons; ++i)
    if (const auto count = view.gre->counters.drops[i]; count != 0)
      out += fmt::format("    {} dropped: {}\n", count, device::kGreDropTexts[i].phrase);
  return out;
}

std::string TunnelLines(const device::InterfaceView& view) {
  const device::TunnelConfig& tunnel = view.config.tunnel;
  std::string out = "Encapsulation is TUNNEL, loopback not set\n";
  if (!tunnel.dvpn) return out + GreLines(view);
  out += fmt::format("Tunnel source {}, UDP port {}\n", tunnel.source.empty() ? "unknown" : tunnel.source,
                     tunnel.udp_port);
  out += "Tunnel protocol/transport UDP_DVPN/IP\n";
  if (tunnel.role == dvpn::Role::kServer) {
    return out + fmt::format("Tunnel DVPN server, dvpn-id {}, policy {}\n", tunnel.dvpn_id,
                             tunnel.policy.empty() ? "default" : tunnel.policy);
  }
  return out + fmt::format("Tunnel DVPN client, class {}, register type {}\n",
                           tunnel.dvpn_class.empty() ? "unknown" : tunnel.dvpn_class, dvpn::Name(tunnel.register_type));
}

// What the port was told to negotiate; nothing when it was told nothing.
std::string PortLine(const device::InterfaceConfig& config) {
  if (config.duplex.empty() && config.speed.empty() && !config.loopback) return {};
  return fmt::format("Media type of the port: duplex {}, speed {}, loopback {}; stored only\n",
                     config.duplex.empty() ? "auto" : config.duplex, config.speed.empty() ? "auto" : config.speed,
                     config.loopback ? "set" : "not set");
}

}  // namespace

std::string InterfaceText(const device::InterfaceView& view) {
  const device::InterfaceConfig& config = view.config;
  const device::InterfaceStatus& status = view.status;
  std::string out = fmt::format("{} current state: {}\n", config.name, State(view));
  out += fmt::format("Line protocol current state: {}\n", view.protocol_up ? "UP" : "DOWN");
  if (!view.protocol_up && !view.protocol_note.empty())
    out += fmt::format("Last reason of the line protocol: {}\n", view.protocol_note);
  out += fmt::format("Description: {}\n", config.description.empty() ? config.name + " Interface" : config.description);
  out += fmt::format("The Maximum Transmit Unit is {}\n", status.mtu != 0 ? status.mtu : config.mtu);
  for (std::size_t i = 0; i < config.addresses.size(); ++i) {
    out += i == 0 ? fmt::format("Internet Address is {} Primary\n", config.addresses[i].ToString())
                  : fmt::format("Internet Address: {} (Sub)\n", config.addresses[i].ToString());
  }
  if (config.addresses.empty()) out += "Internet protocol processing : disabled\n";
  if (config.kind == "Tunnel") out += TunnelLines(view);
  if (config.kind == "GigabitEthernet") out += PortLine(config);
  if (config.kind == "Virtual-Template")
    out += fmt::format("Link layer protocol is PPP, peer address {}: stored only, PPP is not spoken here\n",
                       config.remote.empty() ? "unset" : config.remote);
  if (status.mac) {
    const auto& mac = *status.mac;
    out +=
        fmt::format("IP Packet Frame Type: PKTFMT_ETHNT_2, Hardware Address: {:02x}{:02x}-{:02x}{:02x}-{:02x}{:02x}\n",
                    mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
  }
  if (config.vlan != 0) out += fmt::format("Encapsulation is 802.1Q Virtual LAN, Vlan ID {}.\n", config.vlan);
  if (view.gre) return out + GreCounterLines(view) + "\n";
  out += fmt::format("    {} packets input, {} bytes, {} errors\n", status.input_packets, status.input_bytes,
                     status.input_errors);
  out += fmt::format("    {} packets output, {} bytes, {} errors\n", status.output_packets, status.output_bytes,
                     status.output_errors);
  return out + "\n";
}

std::string IpInterfaceText(const device::InterfaceView& view) {
  const device::InterfaceConfig& config = view.config;
  std::string out = fmt::format("{} current state : {}\n", config.name, State(view));
  out += fmt::format("Line protocol current state : {}\n", view.protocol_up ? "UP" : "DOWN");
  for (std::size_t i = 0; i < config.addresses.size(); ++i)
    out += fmt::format("Internet Address is {} {}\n", config.addresses[i].ToString(), i == 0 ? "Primary" : "Sub");
  if (!config.addresses.empty())
    out += fmt::format("Broadcast address : {}\n", config.addresses.front().broadcast().ToString());
  out += fmt::format("The Maximum Transmit Unit : {} bytes\n", view.status.mtu != 0 ? view.status.mtu : config.mtu);
  return out + "\n";
}

std::string InterfaceBriefText(const std::vector<device::InterfaceView>& views) {
  std::string out = fmt::format("*down: administratively down\n{:<24}{:<19}{:<10}{}\n", "Interface", "IP Address",
                                "Physical", "Protocol");
  for (const device::InterfaceView& view : views) {
    const std::string address = view.config.addresses.empty() ? "unassigned" : view.config.addresses.front().ToString();
    const std::string_view physical = view.config.shutdown ? "*down" : view.status.link ? "up" : "down";
    out += fmt::format("{:<24}{:<19}{:<10}{}\n", view.config.name, address, physical, view.protocol_up ? "up" : "down");
  }
  return out;
}

}  // namespace sw::cli
