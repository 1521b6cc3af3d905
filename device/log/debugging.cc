#include "device/log/debugging.h"

#include <fmt/format.h>

namespace sw::device {
namespace {

constexpr std::array<std::string_view, kDebugModules> kTitles = {"DVPN", "IKE", "IPsec", "Encrypt-card"};

template <typename Topic>
constexpr DebugSwitch Switch(DebugModule module, std::string_view scope, std::string_view word, Topic topic) {
  return {module, scope, word, static_cast<std::uint8_t>(topic)};
}
constexpr DebugSwitch Dvpn(std::string_view scope, std::string_view word, dvpn::Topic topic) {
  return Switch(DebugModule::kDvpn, scope, word, topic);
}
constexpr DebugSwitch Ike(std::string_view word, ipsec::ike::IkeTopic topic) {
  return Switch(DebugModule::kIke, "", word, topic);
}
constexpr DebugSwitch Ipsec(std::string_view word, ipsec::GatewayTopic topic) {
  return Switch(DebugModule::kIpsec, "", word, topic);
}
constexpr DebugSwitch Card(hal::pcie::TraceTopic topic) {
  return Switch(DebugModule::kEncryptCard, "", Name(topic), topic);
}

constexpr DebugSwitch kSwitches[] = {
    Dvpn("", "error", dvpn::Topic::kError),
    Dvpn("", "hexadecimal", dvpn::Topic::kHexadecimal),
    Dvpn("event", "misc", dvpn::Topic::kMisc),
    Dvpn("event", "register", dvpn::Topic::kRegister),
    Dvpn("event", "session", dvpn::Topic::kSession),
    Dvpn("packet", "control", dvpn::Topic::kControl),
    Dvpn("packet", "data", dvpn::Topic::kData),
    Dvpn("packet", "ipsec", dvpn::Topic::kIpsec),
    Ike("error", ipsec::ike::IkeTopic::kError),
    Ike("exchange", ipsec::ike::IkeTopic::kExchange),
    Ike("message", ipsec::ike::IkeTopic::kMessage),
    Ike("misc", ipsec::ike::IkeTopic::kMisc),
    Ike("transport", ipsec::ike::IkeTopic::kTransport),
    Ipsec("misc", ipsec::GatewayTopic::kMisc),
    Ipsec("packet", ipsec::GatewayTopic::kPacket),
    Ipsec("sa", ipsec::GatewayTopic::kSa),
    Card(hal::pcie::TraceTopic::kCommand),
    Card(hal::pcie::TraceTopic::kError),
    Card(hal::pcie::TraceTopic::kMisc),
    Card(hal::pcie::TraceTopic::kPacket),
    Card(hal::pcie::TraceTopic::kSa),
};

bool IsPacketSwitch(const DebugSwitch& one) {
  return one.module == DebugModule::kIpsec && one.topic == static_cast<std::uint8_t>(ipsec::GatewayTopic::kPacket);
}

// As they are typed behind `packet`.
std::string Words(const ipsec::PacketFilter& filter) {
  if (filter.policy.empty()) {
    const bool ah = filter.protocol == ipsec::SaProtocol::kAh;
    return fmt::format(" parameters {} {} {}", filter.destination.ToString(), ah ? "ah" : "esp", filter.spi);
  }
  return fmt::format(" policy {}{}", filter.policy, filter.number ? fmt::format(" {}", *filter.number) : "");
}

}  // namespace

std::span<const DebugSwitch> DebugSwitches() {
  return kSwitches;
}

bool Debugging::wants(const ipsec::GatewayEvent& event) const {
  return wants(event.topic) && (event.topic != ipsec::GatewayTopic::kPacket || !packets_ || packets_->Takes(event));
}

void Debugging::Set(const DebugSwitch& one, bool on) {
  std::uint32_t& bits = on_[static_cast<std::size_t>(one.module)];
  bits = on ? bits | 1U << one.topic : bits & ~(1U << one.topic);
  if (IsPacketSwitch(one)) packets_.reset();
}

std::vector<std::string> Debugging::list() const {
  std::vector<std::string> out;
  for (const DebugSwitch& one : kSwitches) {
    if (!IsOn(one)) continue;
    std::string words(kTitles[static_cast<std::size_t>(one.module)]);
    for (const std::string_view word : {one.scope, one.word})
      if (!word.empty()) words.append(" ").append(word);
    if (IsPacketSwitch(one) && packets_) words += Words(*packets_);
    out.push_back(std::move(words));
  }
  return out;
}

}  // namespace sw::device
