#include "cli/ipsec/state_displays.h"

#include <fmt/format.h>

#include <array>

#include "ipsec/selector.h"

namespace sw::cli {
namespace {

using ipsec::BundleView;

std::string HashName(hal::Integrity integrity) {
  static constexpr std::array<std::string_view, 5> kNames = {"NONE", "MD5", "SHA1", "SHA2-256", "AEAD"};
  return std::string(kNames[static_cast<std::size_t>(integrity)]);
}
std::string AhName(hal::Integrity integrity) {
  return integrity == hal::Integrity::kHmacMd5    ? "AH-MD5HMAC96"
         : integrity == hal::Integrity::kHmacSha1 ? "AH-SHA1HMAC96"
                                                  : "AH-SHA2-256HMAC128";
}
std::string_view ModeName(ipsec::PolicyMode mode) {
  return mode == ipsec::PolicyMode::kManual ? "manual" : mode == ipsec::PolicyMode::kTemplate ? "template" : "isakmp";
}
std::string GroupText(const Value& value) {
  const std::string group = PlainText(value);
  return group == "0" ? "None" : "DH group " + group;
}
std::string SpiText(const Value& value) {
  return fmt::format("{0} (0x{0:x})", std::get<std::uint64_t>(value.held));
}
std::string ProtocolText(const Value& value) {
  const std::string protocol = PlainText(value);
  return protocol == "0" ? "IP" : protocol;
}

// One SA of a pair.
struct OneSa {
  const BundleView& bundle;
  const ipsec::SaView& sa;
  bool inbound, ah;
};
std::string ProposalOf(const OneSa& v) {
  if (v.ah) return AhName(*v.bundle.protection.ah);
  return fmt::format("ESP-ENCRYPT-{} ESP-AUTH-{}", ipsec::ShortName(v.bundle.protection.esp->cipher),
                     HashName(v.bundle.protection.esp->integrity));
}
std::string AlgorithmOf(const OneSa& v) {
  if (v.ah) return fmt::format("A:{};", HashName(*v.bundle.protection.ah));
  return fmt::format("E:{}; A:{};", ipsec::ShortName(v.bundle.protection.esp->cipher),
                     HashName(v.bundle.protection.esp->integrity));
}
constexpr auto kSa = Fields<OneSa>({
    {"direction", "inbound or outbound", [](auto& v) { return v.inbound ? "inbound" : "outbound"; }},
    {"inbound", "It opens", [](auto& v) { return v.inbound; }},
    {"protocol", "AH or ESP", [](auto& v) { return v.ah ? "AH" : "ESP"; }},
    {"source", "Outer address", [](auto& v) { return v.inbound ? v.bundle.remote : v.bundle.local; }},
    {"destination", "Outer address", [](auto& v) { return v.inbound ? v.bundle.local : v.bundle.remote; }},
    {"spi", "Index", [](auto& v) { return v.sa.spi; }, {{}, 0, SpiText}},
    {"index", "SPI in decimal", [](auto& v) { return v.sa.spi; }},
    {"proposal", "Algorithms, in full", [](auto& v) { return ProposalOf(v); }},
    {"algorithm", "Algorithms, in brief", [](auto& v) { return AlgorithmOf(v); }},
    {"sequence", "Sent last, or the highest received", [](auto& v) { return v.sa.sequence; }},
    {"packets", "Opened or sealed", [](auto& v) { return v.sa.packets; }},
    {"bytes", "Opened or sealed", [](auto& v) { return v.sa.bytes; }},
    {"drops", "Packets", [](auto& v) { return v.sa.drops; }},
});
ListOf<kSa> Sas(const BundleView& b, bool inbound, bool outbound) {
  std::vector<OneSa> out;
  const auto add = [&](bool wanted, const std::optional<ipsec::SaView>& sa, bool in, bool ah) {
    if (wanted && sa) out.push_back({b, *sa, in, ah});
  };
  add(inbound, b.in_ah, true, true);
  add(inbound, b.in_esp, true, false);
  add(outbound, b.out_ah, false, true);
  add(outbound, b.out_esp, false, false);
  return List<kSa>(out);
}

struct BundleAt {
  const BundleView& bundle;
  bool first;  // of its interface
};
constexpr auto kBundle = Fields<BundleAt>({
    {"interface", "Interface", [](auto& v) { return v.bundle.interface; }},
    {"first", "It is the first one shown of its interface", [](auto& v) { return v.first; }},
    {"path_mtu", "Bytes", [](auto& v) { return v.bundle.path_mtu; }},
    {"policy", "Group", [](auto& v) { return v.bundle.policy; }},
    {"number", "In the group", [](auto& v) { return v.bundle.number; }},
    {"mode", "manual, isakmp or template", [](auto& v) { return ModeName(v.bundle.mode); }},
    {"peer", "ike peer, or empty", [](auto& v) { return v.bundle.peer; }},
    {"connection_id", "Number", [](auto& v) { return v.bundle.connection; }},
    {"encapsulation", "transport or tunnel",
     [](auto& v) { return v.bundle.protection.transport ? "transport" : "tunnel"; }},
    {"pfs_group", "DH group; 0: none", [](auto& v) { return static_cast<int>(v.bundle.pfs); }, {{}, 0, GroupText}},
    {"local", "Of the tunnel", [](auto& v) { return v.bundle.local; }},
    {"remote", "Of the tunnel", [](auto& v) { return v.bundle.remote; }},
    {"matched", "Packets that left", [](auto& v) { return v.bundle.matched; }},
    {"flow_source", "Addresses", [](auto& v) { return ipsec::Text(v.bundle.flow.local); }},
    {"flow_source_port", "0: any", [](auto& v) { return v.bundle.flow.local_port; }},
    {"flow_destination", "Addresses", [](auto& v) { return ipsec::Text(v.bundle.flow.remote); }},
    {"flow_destination_port", "0: any", [](auto& v) { return v.bundle.flow.remote_port; }},
    {"flow_protocol", "0: any", [](auto& v) { return v.bundle.flow.protocol; }, {{}, 0, ProtocolText}},
    {"limited", "Its SAs have a lifetime", [](auto& v) { return !(v.bundle.lifetime == ipsec::Lifetime{}); }},
    {"bytes_left", "Of the lifetime", [](auto& v) { return v.bundle.bytes_left; }},
    {"seconds_left", "Of the lifetime", [](auto& v) { return v.bundle.seconds_left; }},
    {"udp_encapsulation", "For NAT traversal", [](auto& v) { return v.bundle.nat_port.has_value(); }},
    {"inbound_sas", "What opens", [](auto& v) { return Sas(v.bundle, true, false); }},
    {"outbound_sas", "What seals", [](auto& v) { return Sas(v.bundle, false, true); }},
});
ListOf<kBundle> Bundles(const BundlesView& bundles) {
  std::vector<BundleAt> out;
  for (const BundleView& bundle : bundles)
    out.push_back({bundle, out.empty() || out.back().bundle.interface != bundle.interface});
  return List<kBundle>(out);
}
constexpr auto kBundles = Fields<BundlesView>({
    {"connections", "Pairs of SAs, one of each flow", [](auto& v) { return Bundles(v); }},
});

struct CauseView {
  std::string_view cause;
  std::uint64_t count;
};
constexpr auto kCause = Fields<CauseView>({
    {"cause", "In words", [](auto& v) { return v.cause; }},
    {"count", "Packets", [](auto& v) { return v.count; }},
});
ListOf<kCause> Causes(const ipsec::Statistics& s) {
  std::vector<CauseView> out;
  for (std::size_t i = 0; i < ipsec::kCauses; ++i) out.push_back({ipsec::kCausePhrases[i], s.causes[i]});
  return List<kCause>(out);
}
constexpr auto kStatistics = Fields<ipsec::Statistics>({
    {"input_packets", "Opened", [](auto& v) { return v.in.packets; }},
    {"output_packets", "Sealed", [](auto& v) { return v.out.packets; }},
    {"input_bytes", "Opened", [](auto& v) { return v.in.bytes; }},
    {"output_bytes", "Sealed", [](auto& v) { return v.out.bytes; }},
    {"input_dropped", "Packets", [](auto& v) { return v.in.dropped; }},
    {"output_dropped", "Packets", [](auto& v) { return v.out.dropped; }},
    {"causes", "Of the drops", [](auto& v) { return Causes(v); }},
});

#define SW_FLOW(source, destination)                                       \
  "        " source                                                        \
  ": {flow_source}  port: {flow_source_port}  protocol: {flow_protocol}\n" \
  "        " destination ": {flow_destination}  port: {flow_destination_port}  protocol: {flow_protocol}\n"
#define SW_SA                                                                            \
  "\n    [{direction} {protocol} SAs]\n"                                                 \
  "      spi: {spi}\n"                                                                   \
  "      proposal: {proposal}\n"                                                         \
  "{?limited}      sa remaining key duration (bytes/sec): {bytes_left}/{seconds_left}\n" \
  "{:}      No duration limit for this sa\n{/}"                                          \
  "      max {?inbound}received{:}sent{/} sequence-number: {sequence}\n"                 \
  "      udp encapsulation used for nat traversal: {?udp_encapsulation}Y{:}N{/}\n"
#define SW_DOUBLE "===============================\n"
#define SW_SINGLE "  -----------------------------\n"
#define SW_BRIEF_SA "{source:16} {destination:16} {index:11} NEW_{protocol:5} {algorithm}\n"

}  // namespace

constexpr DisplayOf<BundlesView> kIpsecSasDisplay(
    kBundles,
    "{*connections}{?first}{,}\n{/}" SW_DOUBLE "Interface: {interface}\n    path MTU: {path_mtu}\n" SW_DOUBLE
    "{/}\n" SW_SINGLE "  IPsec policy name: \"{policy}\"\n  sequence number: {number}\n  mode: {mode}\n" SW_SINGLE
    "    Created by: \"Host\"\n    connection id: {connection_id}\n    encapsulation mode: {encapsulation}\n"
    "    perfect forward secrecy: {pfs_group}\n    tunnel:\n        local  address: {local}\n"
    "        remote address: {remote}\n    flow:    ({matched} times matched)\n" SW_FLOW(
        "sour addr", "dest addr") "{*inbound_sas}" SW_SA "{/}{*outbound_sas}" SW_SA "{/}{/}");
constexpr Layout kIpsecSasBrief(kBundles,
                                "{?connections}Src Address      Dst Address      SPI         Protocol  Algorithm\n"
                                "{*connections}{*outbound_sas}" SW_BRIEF_SA "{/}{*inbound_sas}" SW_BRIEF_SA
                                "{/}{/}{/}");
constexpr DisplayOf<BundlesView> kIpsecTunnelsDisplay(
    kBundles,
    "{*connections}------------------------------------------------\nConnection ID : {connection_id}\n"
    "Perfect forward secrecy: {pfs_group}\nSA's SPI :\n"
    "    Inbound : {*inbound_sas} {spi} [{protocol}]{/}\n    Outbound :{*outbound_sas} {spi} [{protocol}]{/}\n"
    "Tunnel :\n    Local Address: {local}  Remote Address : {remote}\n"
    "Flow : ({matched} times matched)\n" SW_FLOW("Sour Addr", "Dest Addr") "Current Encrypt-card : None\n{/}");
constexpr DisplayOf<ipsec::Statistics> kIpsecStatisticsDisplay(
    kStatistics,
    "  the security packet statistics:\n    input/output security packets: {input_packets}/{output_packets}\n"
    "    input/output security bytes: {input_bytes}/{output_bytes}\n"
    "    input/output dropped security packets: {input_dropped}/{output_dropped}\n"
    "    dropped security packet detail:\n{*causes}      {cause}: {count}\n{/}");

}  // namespace sw::cli
