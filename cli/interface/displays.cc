#include "cli/interface/displays.h"

#include <fmt/format.h>

namespace sw::cli {
namespace {

using device::InterfaceView;

// What a GRE tunnel dropped for one reason.
struct GreDropView {
  std::string_view reason;
  std::uint64_t count = 0;
};
constexpr auto kGreDrop = Fields<GreDropView>({
    {"reason", "In words", [](auto& v) { return v.reason; }},
    {"count", "Packets", [](auto& v) { return v.count; }},
});
ListOf<kGreDrop> DropsOf(const InterfaceView& view) {
  std::vector<GreDropView> out;
  for (std::size_t i = 0; view.gre && i < device::kGreDropReasons; ++i)
    if (view.gre->counters.drops[i] != 0) out.push_back({device::kGreDropTexts[i].phrase, view.gre->counters.drops[i]});
  return List<kGreDrop>(out);
}

constexpr auto kAddress = Fields<Prefix>({
    {"address", "Address/length", [](auto& v) { return v; }},
});
std::vector<std::string> AddressesOf(const InterfaceView& view) {
  std::vector<std::string> out;
  for (const Prefix& each : view.config.addresses) out.push_back(each.ToString());
  return out;
}
ListOf<kAddress> SubAddresses(const InterfaceView& view) {
  return List<kAddress>(std::span(view.config.addresses).subspan(view.config.addresses.empty() ? 0 : 1));
}
std::string PrimaryOf(const InterfaceView& view) {
  return view.config.addresses.empty() ? "" : view.config.addresses.front().ToString();
}
std::string BroadcastOf(const InterfaceView& view) {
  return view.config.addresses.empty() ? "" : view.config.addresses.front().broadcast().ToString();
}
std::string MacOf(const InterfaceView& view) {
  if (!view.status.mac) return {};
  const auto& mac = *view.status.mac;
  return fmt::format("{:02x}{:02x}-{:02x}{:02x}-{:02x}{:02x}", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}
std::string_view TunnelProtocol(const InterfaceView& view) {
  return view.config.kind != "Tunnel" ? "" : view.config.tunnel.dvpn ? "UDP_DVPN/IP" : "GRE/IP";
}
std::string DestinationOf(const InterfaceView& view) {
  return view.config.tunnel.destination.empty() ? "" : view.config.tunnel.destination.ToString();
}
std::string KeyOf(const InterfaceView& view) {
  return view.config.tunnel.gre_key ? std::to_string(*view.config.tunnel.gre_key) : "";
}
device::GreView GreOf(const InterfaceView& view) {
  return view.gre.value_or(device::GreView{});
}
bool HasPortSettings(const device::InterfaceConfig& config) {
  return config.kind == "GigabitEthernet" && (!config.duplex.empty() || !config.speed.empty() || config.loopback);
}

template <const char* kWord>
std::string Or(const Value& value) {
  const std::string text = PlainText(value);
  return text.empty() ? kWord : text;
}
constexpr char kAuto[] = "auto", kUnset[] = "unset", kUnknown[] = "unknown", kDisabled[] = "disabled",
               kDefault[] = "default", kUnassigned[] = "unassigned";
std::string UpOrDown(const Value& value) {
  return std::get<bool>(value.held) ? "up" : "down";
}
std::string Physical(const InterfaceView& view) {
  return view.config.shutdown ? "*down" : view.status.link ? "up" : "down";
}

// The columns are those of `brief`.
constexpr auto kInterface = Fields<InterfaceView>({
    {"name", "Interface", [](auto& v) { return v.config.name; }, {"Interface", 24}},
    {"address", "The primary one, or empty", [](auto& v) { return PrimaryOf(v); }, {"IP Address", 19, Or<kUnassigned>}},
    {"physical",
     "up, down, or *down: switched off by the operator",
     [](auto& v) { return Physical(v); },
     {"Physical", 10}},
    {"protocol", "The interface carries IP", [](auto& v) { return v.protocol_up; }, {"Protocol", 0, UpOrDown}},
    {"kind", "Kind of interface", [](auto& v) { return v.config.kind; }},
    {"description", "As configured, or empty", [](auto& v) { return v.config.description; }},
    {"shutdown", "Switched off by the operator", [](auto& v) { return v.config.shutdown; }},
    {"link", "The link carries packets", [](auto& v) { return v.status.link; }},
    {"protocol_note", "Why it does not carry IP, or empty", [](auto& v) { return v.protocol_note; }},
    {"mtu", "Bytes", [](auto& v) { return v.status.mtu != 0 ? v.status.mtu : v.config.mtu; }},
    {"vlan", "802.1Q VLAN ID; 0: none", [](auto& v) { return v.config.vlan; }},
    {"addresses", "Address/length, the primary one first", [](auto& v) { return AddressesOf(v); }},
    {"sub_addresses", "Those behind the primary one", [](auto& v) { return SubAddresses(v); }},
    {"broadcast", "Of the primary address, or empty", [](auto& v) { return BroadcastOf(v); }},
    {"mac", "Hardware address, or empty", [](auto& v) { return MacOf(v); }},
    {"duplex", "As configured, or empty; stored only", [](auto& v) { return v.config.duplex; }, {{}, 0, Or<kAuto>}},
    {"speed",
     "Mbit/s as configured, or empty; stored only",
     [](auto& v) { return v.config.speed; },
     {{}, 0, Or<kAuto>}},
    {"loopback", "As configured; stored only", [](auto& v) { return v.config.loopback; }},
    {"port_settings", "One of the three is configured", [](auto& v) { return HasPortSettings(v.config); }},
    {"template", "It is a virtual template", [](auto& v) { return v.config.kind == "Virtual-Template"; }},
    {"peer_address", "Of PPP, or empty; stored only", [](auto& v) { return v.config.remote; }, {{}, 0, Or<kUnset>}},
    {"input_packets", "Received", [](auto& v) { return v.status.input_packets; }},
    {"input_bytes", "Received", [](auto& v) { return v.status.input_bytes; }},
    {"input_errors", "Received", [](auto& v) { return v.status.input_errors; }},
    {"output_packets", "Sent", [](auto& v) { return v.status.output_packets; }},
    {"output_bytes", "Sent", [](auto& v) { return v.status.output_bytes; }},
    {"output_errors", "Sent", [](auto& v) { return v.status.output_errors; }},
    {"tunnel_protocol", "GRE/IP or UDP_DVPN/IP; empty: no tunnel", [](auto& v) { return TunnelProtocol(v); }},
    {"tunnel_source", "As configured, or empty", [](auto& v) { return v.config.tunnel.source; }, {{}, 0, Or<kUnknown>}},
    {"tunnel_destination",
     "Of a GRE tunnel, or empty",
     [](auto& v) { return DestinationOf(v); },
     {{}, 0, Or<kUnknown>}},
    {"dvpn", "It is a DVPN tunnel", [](auto& v) { return v.config.tunnel.dvpn; }},
    {"dvpn_port", "UDP port of a DVPN tunnel", [](auto& v) { return v.config.tunnel.udp_port; }},
    {"dvpn_server", "It serves", [](auto& v) { return v.config.tunnel.role == dvpn::Role::kServer; }},
    {"dvpn_id", "Of a server", [](auto& v) { return v.config.tunnel.dvpn_id; }},
    {"dvpn_policy", "Of a server, or empty", [](auto& v) { return v.config.tunnel.policy; }, {{}, 0, Or<kDefault>}},
    {"dvpn_class", "Of a client, or empty", [](auto& v) { return v.config.tunnel.dvpn_class; }, {{}, 0, Or<kUnknown>}},
    {"dvpn_register_type", "Of a client", [](auto& v) { return dvpn::Name(v.config.tunnel.register_type); }},
    {"gre", "It is a GRE tunnel that runs", [](auto& v) { return v.gre.has_value(); }},
    {"gre_key", "As configured, or empty", [](auto& v) { return KeyOf(v); }, {{}, 0, Or<kDisabled>}},
    {"gre_checksum", "As configured", [](auto& v) { return v.config.tunnel.gre_checksum; }},
    {"gre_keepalive", "As configured", [](auto& v) { return v.config.tunnel.gre_keepalive; }},
    {"gre_keepalive_seconds", "As configured", [](auto& v) { return v.config.tunnel.gre_keepalive_interval; }},
    {"gre_keepalive_times", "As configured", [](auto& v) { return v.config.tunnel.gre_keepalive_times; }},
    {"gre_keepalives", "Sent", [](auto& v) { return GreOf(v).counters.keepalives; }},
    {"gre_keepalive_answers", "Received", [](auto& v) { return GreOf(v).counters.answers; }},
    {"gre_input_rate", "Bytes per second in five minutes", [](auto& v) { return GreOf(v).input.bytes; }},
    {"gre_input_packet_rate", "Packets per second", [](auto& v) { return GreOf(v).input.packets; }},
    {"gre_output_rate", "Bytes per second in five minutes", [](auto& v) { return GreOf(v).output.bytes; }},
    {"gre_output_packet_rate", "Packets per second", [](auto& v) { return GreOf(v).output.packets; }},
    {"gre_drops", "By reason", [](auto& v) { return DropsOf(v); }},
});
constexpr auto kInterfaces = Fields<InterfacesView>({
    {"interfaces", "In the order of their kinds and numbers", [](auto& v) { return List<kInterface>(v); }},
});

#define SW_STATE "{?shutdown}Administratively DOWN{:}{?link}UP{:}DOWN{/}{/}"
#define SW_GRE                                                                                                \
  "Tunnel source {tunnel_source}, destination {tunnel_destination}\n"                                         \
  "Tunnel protocol/transport GRE/IP, key {gre_key}\n"                                                         \
  "Checksumming of packets {?gre_checksum}enabled{:}disabled{/}\n"                                            \
  "Tunnel keepalive {?gre_keepalive}every {gre_keepalive_seconds} seconds, down after {gre_keepalive_times} " \
  "unanswered: {gre_keepalives} sent, {gre_keepalive_answers} answered{:}disabled{/}\n"
#define SW_DVPN                                                                                              \
  "Tunnel source {tunnel_source}, UDP port {dvpn_port}\n"                                                    \
  "Tunnel protocol/transport UDP_DVPN/IP\n"                                                                  \
  "Tunnel DVPN {?dvpn_server}server, dvpn-id {dvpn_id}, policy {dvpn_policy}{:}client, class {dvpn_class}, " \
  "register type {dvpn_register_type}{/}\n"
// The lines of the family's tunnels, and what was dropped for which reason.
#define SW_GRE_COUNTERS                                                                            \
  "    5 minutes input rate {gre_input_rate} bytes/sec, {gre_input_packet_rate} packets/sec\n"     \
  "    5 minutes output rate {gre_output_rate} bytes/sec, {gre_output_packet_rate} packets/sec\n"  \
  "    {input_packets} packets input,  {input_bytes} bytes\n    {input_errors} input error\n"      \
  "    {output_packets} packets output,  {output_bytes} bytes\n    {output_errors} output error\n" \
  "{*gre_drops}    {count} dropped: {reason}\n{/}"
#define SW_COUNTERS                                                                 \
  "    {input_packets} packets input, {input_bytes} bytes, {input_errors} errors\n" \
  "    {output_packets} packets output, {output_bytes} bytes, {output_errors} errors\n"

}  // namespace

constexpr DisplayOf<InterfacesView> kInterfacesDisplay(
    kInterfaces,
    "{*interfaces}{name} current state: " SW_STATE
    "\n"
    "Line protocol current state: {?protocol}UP{:}DOWN{/}\n"
    "{!protocol}{?protocol_note}Last reason of the line protocol: {protocol_note}\n{/}{/}"
    "Description: {?description}{description}{:}{name} Interface{/}\n"
    "The Maximum Transmit Unit is {mtu}\n"
    "{?address}Internet Address is {address} Primary\n"
    "{*sub_addresses}Internet Address: {address} (Sub)\n{/}"
    "{:}Internet protocol processing : disabled\n{/}"
    "{?tunnel_protocol}Encapsulation is TUNNEL, loopback not set\n{?dvpn}" SW_DVPN "{:}" SW_GRE
    "{/}{/}"
    "{?port_settings}Media type of the port: duplex {duplex}, speed {speed}, loopback "
    "{?loopback}set{:}not set{/}; stored only\n{/}"
    "{?template}Link layer protocol is PPP, peer address {peer_address}: stored only, PPP is not spoken here\n{/}"
    "{?mac}IP Packet Frame Type: PKTFMT_ETHNT_2, Hardware Address: {mac}\n{/}"
    "{?vlan}Encapsulation is 802.1Q Virtual LAN, Vlan ID {vlan}.\n{/}"
    "{?gre}" SW_GRE_COUNTERS "{:}" SW_COUNTERS "{/}\n{/}");
constexpr DisplayOf<InterfacesView> kIpInterfacesDisplay(kInterfaces,
                                                         "{*interfaces}{name} current state : " SW_STATE
                                                         "\n"
                                                         "Line protocol current state : {?protocol}UP{:}DOWN{/}\n"
                                                         "{?address}Internet Address is {address} Primary\n{/}"
                                                         "{*sub_addresses}Internet Address is {address} Sub\n{/}"
                                                         "{?broadcast}Broadcast address : {broadcast}\n{/}"
                                                         "The Maximum Transmit Unit : {mtu} bytes\n\n{/}");
constexpr Layout kInterfacesBrief(kInterfaces, "*down: administratively down\n{#interfaces}{*interfaces}{|}{/}");

}  // namespace sw::cli
