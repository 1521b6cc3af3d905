#include "cli/ipsec/state_displays.h"

#include <fmt/format.h>

#include <array>

#include "ipsec/selector.h"

namespace sw::cli {
namespace {

using ipsec::BundleView;
using ipsec::SaView;

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
std::string PfsName(hal::DhGroup group) {
  return group == hal::DhGroup::kNone ? "None" : fmt::format("DH group {}", static_cast<int>(group));
}

std::string FlowText(const BundleView& bundle, std::string_view source, std::string_view destination) {
  const std::string protocol = bundle.flow.protocol == 0 ? "IP" : fmt::format("{}", bundle.flow.protocol);
  return fmt::format("        {}: {}  port: {}  protocol: {}\n        {}: {}  port: {}  protocol: {}\n", source,
                     ipsec::Text(bundle.flow.local), bundle.flow.local_port, protocol, destination,
                     ipsec::Text(bundle.flow.remote), bundle.flow.remote_port, protocol);
}

std::string SaBlock(const BundleView& bundle, const std::optional<SaView>& sa, bool inbound, bool ah) {
  if (!sa) return "";
  std::string out = fmt::format("\n    [{} {} SAs]\n", inbound ? "inbound" : "outbound", ah ? "AH" : "ESP");
  out += fmt::format("      spi: {0} (0x{0:x})\n", sa->spi);
  out += ah ? fmt::format("      proposal: {}\n", AhName(*bundle.protection.ah))
            : fmt::format("      proposal: ESP-ENCRYPT-{} ESP-AUTH-{}\n",
                          ipsec::ShortName(bundle.protection.esp->cipher), HashName(bundle.protection.esp->integrity));
  out += bundle.lifetime == ipsec::Lifetime{} ? "      No duration limit for this sa\n"
                                              : fmt::format("      sa remaining key duration (bytes/sec): {}/{}\n",
                                                            bundle.bytes_left, bundle.seconds_left);
  out += fmt::format("      max {} sequence-number: {}\n", inbound ? "received" : "sent", sa->sequence);
  return out + fmt::format("      udp encapsulation used for nat traversal: {}\n", bundle.nat_port ? "Y" : "N");
}

}  // namespace

std::string IpsecSaText(const std::vector<BundleView>& bundles) {
  constexpr std::string_view kDouble = "===============================\n";
  constexpr std::string_view kSingle = "  -----------------------------\n";
  std::string out, interface;
  for (const BundleView& bundle : bundles) {
    if (bundle.interface != interface) {
      interface = bundle.interface;
      out += fmt::format("{}{}Interface: {}\n    path MTU: {}\n{}", out.empty() ? "" : "\n", kDouble, interface,
                         bundle.path_mtu, kDouble);
    }
    out += fmt::format("\n{}  IPsec policy name: \"{}\"\n  sequence number: {}\n  mode: {}\n{}", kSingle, bundle.policy,
                       bundle.number, ModeName(bundle.mode), kSingle);
    out += fmt::format(
        "    Created by: \"Host\"\n    connection id: {}\n    encapsulation mode: {}\n"
        "    perfect forward secrecy: {}\n    tunnel:\n        local  address: {}\n        remote address: {}\n"
        "    flow:    ({} times matched)\n",
        bundle.connection, bundle.protection.transport ? "transport" : "tunnel", PfsName(bundle.pfs),
        bundle.local.ToString(), bundle.remote.ToString(), bundle.matched);
    out += FlowText(bundle, "sour addr", "dest addr");
    out += SaBlock(bundle, bundle.in_ah, true, true) + SaBlock(bundle, bundle.in_esp, true, false);
    out += SaBlock(bundle, bundle.out_ah, false, true) + SaBlock(bundle, bundle.out_esp, false, false);
  }
  return out;
}

std::string IpsecSaBrief(const std::vector<BundleView>& bundles) {
  std::string out = "Src Address      Dst Address      SPI         Protocol  Algorithm\n";
  for (const BundleView& b : bundles) {
    const auto row = [&](const std::optional<SaView>& sa, bool inbound, bool ah) {
      if (!sa) return;
      const std::string hash = HashName(ah ? *b.protection.ah : b.protection.esp->integrity);
      const std::string algorithm = ah ? fmt::format("A:{};", hash)
                                       : fmt::format("E:{}; A:{};", ipsec::ShortName(b.protection.esp->cipher), hash);
      out += fmt::format("{:<16} {:<16} {:<11} {:<9} {}\n", (inbound ? b.remote : b.local).ToString(),
                         (inbound ? b.local : b.remote).ToString(), sa->spi, ah ? "NEW_AH" : "NEW_ESP", algorithm);
    };
    row(b.out_ah, false, true);
    row(b.out_esp, false, false);
    row(b.in_ah, true, true);
    row(b.in_esp, true, false);
  }
  return out;
}

std::string IpsecTunnelText(const std::vector<BundleView>& bundles) {
  std::string out;
  for (const BundleView& b : bundles) {
    const auto spi = [](const std::optional<SaView>& sa, std::string_view protocol) {
      return sa ? fmt::format(" {0} (0x{0:x}) [{1}]", sa->spi, protocol) : std::string();
    };
    out += fmt::format(
        "------------------------------------------------\nConnection ID : {}\nPerfect forward secrecy: {}\n"
        "SA's SPI :\n    Inbound : {}{}\n    Outbound :{}{}\nTunnel :\n    Local Address: {}  Remote Address : {}\n"
        "Flow : ({} times matched)\n",
        b.connection, PfsName(b.pfs), spi(b.in_ah, "AH"), spi(b.in_esp, "ESP"), spi(b.out_ah, "AH"),
        spi(b.out_esp, "ESP"), b.local.ToString(), b.remote.ToString(), b.matched);
    out += FlowText(b, "Sour Addr", "Dest Addr") + "Current Encrypt-card : None\n";
  }
  return out;
}

std::string IpsecStatisticsText(const ipsec::Statistics& s) {
  std::string out = fmt::format(
      "  the security packet statistics:\n    input/output security packets: {}/{}\n"
      "    input/output security bytes: {}/{}\n    input/output dropped security packets: {}/{}\n"
      "    dropped security packet detail:\n",
      s.in.packets, s.out.packets, s.in.bytes, s.out.bytes, s.in.dropped, s.out.dropped);
  for (std::size_t i = 0; i < ipsec::kCauses; ++i)
    out += fmt::format("      {}: {}\n", ipsec::kCausePhrases[i], s.causes[i]);
  return out;
}

}  // namespace sw::cli
