#include "device/log/debugging.h"

#include <fmt/format.h>

namespace sw::device {
namespace {

constexpr std::array<std::string_view, kDebugModules> kTitles = {"DVPN", "IKE", "IPsec", "Encrypt-card"};

constexpr std::array<DebugWord, kDebugModules> kWords = {{{"dvpn", "Dynamic VPN"},
                                                          {"ike", "Internet key exchange"},
                                                          {"ipsec", "IP security"},
                                                          {"encrypt-card", "Encryption card"}}};
constexpr DebugWord kScopes[] = {{"event", "What happens"}, {"packet", "Packets"}};

template <typename Topic>
constexpr DebugSwitch Switch(DebugModule module, std::string_view scope, std::string_view word, Topic topic,
                             std::string_view help) {
  return {module, scope, word, static_cast<std::uint8_t>(topic), help};
}
constexpr DebugSwitch Dvpn(std::string_view scope, std::string_view word, dvpn::Topic topic, std::string_view help) {
  return Switch(DebugModule::kDvpn, scope, word, topic, help);
}
constexpr DebugSwitch Ike(std::string_view word, ipsec::ike::IkeTopic topic, std::string_view help) {
  return Switch(DebugModule::kIke, "", word, topic, help);
}
constexpr DebugSwitch Ipsec(std::string_view word, ipsec::GatewayTopic topic, std::string_view help) {
  return Switch(DebugModule::kIpsec, "", word, topic, help);
}
constexpr DebugSwitch Card(hal::pcie::TraceTopic topic, std::string_view help) {
  return Switch(DebugModule::kEncryptCard, "", Name(topic), topic, help);
}

constexpr DebugSwitch kSwitches[] = {
    Dvpn("", "error", dvpn::Topic::kError, "Errors"),
    Dvpn("", "hexadecimal", dvpn::Topic::kHexadecimal, "Control packets byte by byte"),
    Dvpn("event", "misc", dvpn::Topic::kMisc, "Timers, policy, redirects"),
    Dvpn("event", "register", dvpn::Topic::kRegister, "The steps of registrations"),
    Dvpn("event", "session", dvpn::Topic::kSession, "Sessions"),
    Dvpn("packet", "control", dvpn::Topic::kControl, "Control packets"),
    Dvpn("packet", "data", dvpn::Topic::kData, "Data packets and their way"),
    Dvpn("packet", "ipsec", dvpn::Topic::kIpsec, "Security associations"),
    Ike("error", ipsec::ike::IkeTopic::kError, "Errors"),
    Ike("exchange", ipsec::ike::IkeTopic::kExchange, "Steps of exchanges"),
    Ike("message", ipsec::ike::IkeTopic::kMessage, "Messages"),
    Ike("misc", ipsec::ike::IkeTopic::kMisc, "Timers and liveness"),
    Ike("transport", ipsec::ike::IkeTopic::kTransport, "Ports and addresses"),
    Ipsec("misc", ipsec::GatewayTopic::kMisc, "Failed lookups, refused offers, path MTUs"),
    Ipsec("packet", ipsec::GatewayTopic::kPacket, "Packets, protected or dropped"),
    Ipsec("sa", ipsec::GatewayTopic::kSa, "Security associations that come and go"),
    Card(hal::pcie::TraceTopic::kCommand, "Commands to the card"),
    Card(hal::pcie::TraceTopic::kError, "What takes it out of service"),
    Card(hal::pcie::TraceTopic::kMisc, "Its states, probes and switches"),
    Card(hal::pcie::TraceTopic::kPacket, "Every operation"),
    Card(hal::pcie::TraceTopic::kSa, "Which engine has an SA"),
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
DebugWord WordOf(DebugModule module) {
  return kWords[static_cast<std::size_t>(module)];
}
DebugWord ScopeOf(const DebugSwitch& one) {
  for (const DebugWord& scope : kScopes)
    if (scope.word == one.scope) return scope;
  return {};
}

bool Debugging::wants(const ipsec::GatewayEvent& event) const {
  return wants(event.topic) && (event.topic != ipsec::GatewayTopic::kPacket || !packets_ || packets_->Takes(event));
}

void Debugging::Set(const DebugSwitch& one, bool on, Owner owner) {
  const auto module = static_cast<std::size_t>(one.module);
  const std::uint32_t bit = 1U << one.topic;
  if (on) owned_[owner][module] |= bit;
  if (!on)
    for (auto& [id, switches] : owned_) switches[module] &= ~bit;
  if (IsPacketSwitch(one)) packets_.reset();
  Join();
}

void Debugging::Leave(Owner owner) {
  if (owned_.erase(owner) != 0) Join();
}

void Debugging::Join() {
  on_ = {};
  for (const auto& [id, switches] : owned_)
    for (std::size_t module = 0; module < kDebugModules; ++module) on_[module] |= switches[module];
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
