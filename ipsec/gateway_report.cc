#include "ipsec/gateway_report.h"

namespace sw::ipsec {
namespace {

std::string_view Name(SaProtocol protocol) {
  return protocol == SaProtocol::kAh ? "AH" : "ESP";
}
std::string_view NewName(SaProtocol protocol) {
  return protocol == SaProtocol::kAh ? "New AH(RFC2402)" : "New ESP(RFC2406)";
}
std::string AuthenticationName(hal::Integrity integrity) {
  const hal::IntegrityInfo& info = hal::Info(integrity);
  return integrity == hal::Integrity::kAead ? std::string(info.name)
                                            : fmt::format("{}-{}", info.name, info.icv_bytes * 8);
}

// What one SA does; its protection has the protocol.
struct Work {
  std::optional<hal::Cipher> cipher;
  std::optional<hal::Integrity> integrity;
};
Work WorkOf(const Protection& protection, SaProtocol protocol) {
  Work out;
  if (protocol == SaProtocol::kAh) {
    out.integrity = protection.ah;
  } else if (protection.esp) {
    if (protection.esp->cipher != hal::Cipher::kNull) out.cipher = protection.esp->cipher;
    if (protection.esp->integrity != hal::Integrity::kNone) out.integrity = protection.esp->integrity;
  }
  return out;
}

std::string AlgorithmsLine(const Work& work, SaProtocol protocol) {
  std::string out = fmt::format("  {}", NewName(protocol));
  if (work.cipher) out += fmt::format(" Enc Alg:{}", ShortName(*work.cipher));
  if (work.integrity) out += fmt::format(" Auth Alg:{}", AuthenticationName(*work.integrity));
  return out;
}

std::string EndsLine(Ipv4 source, Ipv4 destination, std::uint32_t spi) {
  std::string out = fmt::format("  Src:{} Dst:{}", source.ToString(), destination.ToString());
  return spi == 0 ? out : out + fmt::format(" SPI:{0} (0x{0:x})", spi);
}

std::string Heading(bool outbound, SaProtocol protocol) {
  return outbound ? "---- Send IPSec packet ----" : fmt::format("---- Receive IPSec({}) packet ----", Name(protocol));
}

}  // namespace

void GatewayReport::TellLines(bool outbound, const KnownPacket& known, const std::vector<std::string>& lines) const {
  GatewayEvent event{.topic = GatewayTopic::kPacket};
  const std::uint64_t policy = known.bundle != nullptr ? known.bundle->policy : known.policy;
  if (const ActivePolicy* one = policies_.Find(policy)) {
    event.policy = one->policy.name;
    event.number = one->policy.number;
  }
  event.protocol = known.protocol;
  event.spi = known.spi;
  if (known.bundle != nullptr) {
    event.destination = outbound ? known.bundle->agreed.remote : known.bundle->agreed.local;
  } else if (known.header != nullptr && !outbound) {
    event.destination = known.header->destination;
  }
  for (const std::string& line : lines) {
    event.text = line;
    services_.notify(event);
  }
}

void GatewayReport::TellSealed(const KnownPacket& known, bool last) const {
  const Bundle& bundle = *known.bundle;
  const Work work = WorkOf(bundle.agreed.protection, known.protocol);
  std::vector<std::string> lines = {
      Heading(true, known.protocol),
      bundle.transport() ? "  Transport mode." : "  Tunnel mode. Adding outer IP header succeed!",
      EndsLine(bundle.agreed.local, bundle.agreed.remote, known.spi), AlgorithmsLine(work, known.protocol)};
  const std::string number = fmt::format(" SN:{}", known.sequence);
  // The siblings name authentication first.
  if (work.integrity)
    lines.push_back(fmt::format("  Authentication finished! {}{}", NewName(known.protocol), work.cipher ? "" : number));
  if (work.cipher) lines.push_back(fmt::format("  Encryption finished! {}{}", NewName(known.protocol), number));
  if (last) lines.emplace_back("  Now send it to IP output process ...");
  TellLines(true, known, lines);
}

void GatewayReport::TellOpened(const KnownPacket& known, const hal::Ipv4Header* inner) const {
  const Bundle& bundle = *known.bundle;
  const Work work = WorkOf(bundle.agreed.protection, known.protocol);
  std::vector<std::string> lines = {
      Heading(false, known.protocol), EndsLine(known.header->source, known.header->destination, known.spi),
      AlgorithmsLine(work, known.protocol), fmt::format("  Replay Checking Enabled! SN:{}", known.sequence)};
  if (work.integrity) lines.push_back(fmt::format("  {} new input: Authentication succeed!", Name(known.protocol)));
  if (work.cipher) lines.emplace_back("  Decryption succeed!");
  if (inner != nullptr) {
    lines.push_back(bundle.transport() ? "  Transport mode."
                                       : fmt::format("  Tunnel mode. Org Src :{} Org Dst:{}", inner->source.ToString(),
                                                     inner->destination.ToString()));
    lines.emplace_back("  Now send it to IP input process");
  }
  TellLines(false, known, lines);
}

void GatewayReport::TellDropped(bool outbound, Cause cause, const KnownPacket& known) const {
  std::vector<std::string> lines = {Heading(outbound, known.protocol)};
  if (known.header != nullptr) lines.push_back(EndsLine(known.header->source, known.header->destination, known.spi));
  if (known.bundle != nullptr)
    lines.push_back(AlgorithmsLine(WorkOf(known.bundle->agreed.protection, known.protocol), known.protocol));
  if (known.sequence != 0) lines.push_back(fmt::format("  Replay Checking Enabled! SN:{}", known.sequence));
  lines.push_back(known.detail == Drop::kNone ? fmt::format("  Dropped: {}", Phrase(cause))
                                              : fmt::format("  Dropped: {} ({})", Phrase(cause), Phrase(known.detail)));
  TellLines(outbound, known, lines);
}

void GatewayReport::TellLookup(const PortPolicies& port, const ActivePolicy* one, const hal::Ipv4Header& header,
                               std::string_view what) const {
  Say(GatewayTopic::kMisc, "{}: {} > {}, protocol {}: {}{}", port.settings.interface, header.source.ToString(),
      header.destination.ToString(), header.protocol,
      one == nullptr ? std::string() : fmt::format("policy {} {} ", one->policy.name, one->policy.number), what);
}

}  // namespace sw::ipsec
