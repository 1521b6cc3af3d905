// The debugging switches of one device: which topics of which modules are told. Off until a user switches them on. A
// switch is on for those who switched it on and goes off with the last of them, or when anybody switches it off.
//
// One value; Monitor owns it, whoever has something to tell asks it. Keywords of `debugging ike error`: guide page 185;
// all others are recollection.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dvpn/event.h"
#include "hal/pcie/trace.h"
#include "ipsec/gateway_events.h"
#include "ipsec/ike/models.h"

namespace sw::device {

enum class DebugModule : std::uint8_t { kDvpn, kIke, kIpsec, kEncryptCard };  // in the order of display
inline constexpr std::size_t kDebugModules = 4;

// One switch: `debugging MODULE [ SCOPE ] WORD`. The commands are made of these rows: a topic of an engine needs one
// row and nothing else.
struct DebugSwitch {
  DebugModule module;
  std::string_view scope, word;  // scope empty: none
  std::uint8_t topic;            // the module's own
  std::string_view help;         // of the word
};
std::span<const DebugSwitch> DebugSwitches();  // every one there is, in the order of display

struct DebugWord {
  std::string_view word, help;
};
DebugWord WordOf(DebugModule module);       // as typed: dvpn, ike ...
DebugWord ScopeOf(const DebugSwitch& one);  // with what `?` says of it

class Debugging {
 public:
  bool wants(dvpn::Topic topic) const { return IsOn(DebugModule::kDvpn, topic); }
  bool wants(ipsec::ike::IkeTopic topic) const { return IsOn(DebugModule::kIke, topic); }
  bool wants(ipsec::GatewayTopic topic) const { return IsOn(DebugModule::kIpsec, topic); }
  bool wants(hal::pcie::TraceTopic topic) const { return IsOn(DebugModule::kEncryptCard, topic); }
  bool wants(const ipsec::GatewayEvent& event) const;  // which packets, too

  bool IsOn(const DebugSwitch& one) const { return IsOn(one.module, one.topic); }
  using Owner = std::uint64_t;  // a session; 0: nobody, whose switches stay
  void Set(const DebugSwitch& one, bool on, Owner owner = 0);
  void Leave(Owner owner);  // the session is over
  void Clear() { *this = {}; }
  // Which packets `debugging ipsec packet` tells of; nullopt: all of them. Lasts until that switch is set anew.
  void Narrow(std::optional<ipsec::PacketFilter> packets) { packets_ = std::move(packets); }
  // Those that are on, as words: "DVPN event misc", "IPsec packet policy p1 10".
  std::vector<std::string> list() const;

 private:
  using Switches = std::array<std::uint32_t, kDebugModules>;  // a bit each topic
  void Join();                                                // what is on is what anybody has on
  template <typename Topic>
  bool IsOn(DebugModule module, Topic topic) const {
    return (on_[static_cast<std::size_t>(module)] >> static_cast<unsigned>(topic) & 1U) != 0;
  }
  Switches on_{};
  std::map<Owner, Switches> owned_;
  std::optional<ipsec::PacketFilter> packets_;
};

}  // namespace sw::device
