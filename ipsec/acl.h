// Access control lists on packets: rules as values, compiled for matching, with their counters.
//
// A list answers permit or deny by the first rule that fits, or nothing when none does; what nothing means is the
// caller's affair (IPsec: not protected; a terminal line: refused). Matching allocates nothing. Owned by the
// device. One thread. Rules and their order: guide pages 65-75 and 318, Router 3000
// command reference pages 1105-1106.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hal/base/address.h"
#include "hal/base/bytes.h"

namespace sw::ipsec {

struct AddressCondition {
  Ipv4 address;
  Ipv4 wildcard{~std::uint32_t{0}};  // bits that do not matter; all of them: any address
  friend bool operator==(const AddressCondition&, const AddressCondition&) = default;
};

enum class PortOperator : std::uint8_t { kAny, kEqual, kGreater, kLess, kNotEqual, kRange };
struct PortCondition {
  PortOperator op = PortOperator::kAny;
  std::uint16_t port = 0;
  std::uint16_t last = 0;  // kRange: the other end, whichever is the higher
  friend bool operator==(const PortCondition&, const PortCondition&) = default;
};

struct IcmpCondition {
  std::uint8_t type = 0, code = 0;
  friend bool operator==(const IcmpCondition&, const IcmpCondition&) = default;
};

// A rule of a basic, advanced or interface-based list. What is not set does not matter.
struct AclRule {
  int id = 0;
  bool permit = false;
  std::optional<std::uint8_t> protocol;  // not set: ip
  AddressCondition source, destination;
  PortCondition source_port, destination_port;  // fit only packets that show their ports
  std::optional<IcmpCondition> icmp;
  std::optional<std::uint8_t> dscp, precedence, tos;  // 0-63, 0-7, 0-15 (the four bits behind the precedence)
  bool established = false;                           // ACK or RST is set
  // True: later fragments only. False: not them, which is what the reference says of rules without the word. A
  // caller that selects whole datagrams clears AclPacket::later_fragment.
  bool fragment = false;
  bool logging = false;    // reported with the verdict
  std::string time_range;  // fits only while it is active; empty: always
  std::string interface;   // the packet came in there; empty: anywhere
  friend bool operator==(const AclRule&, const AclRule&) = default;
};

// What rules look at. Build it by hand or from a packet.
struct AclPacket {
  Ipv4 source, destination;
  std::uint8_t protocol = 0;
  std::uint8_t tos = 0;         // the whole byte
  bool later_fragment = false;  // offset beyond 0
  bool upper = false;           // the next fields are known
  std::uint16_t source_port = 0, destination_port = 0;
  std::uint8_t tcp_flags = 0;
  IcmpCondition icmp;
  std::string_view interface;

  // Reads an IPv4 packet; nullopt when it is none. Nothing is known of the upper header when it is cut short.
  static std::optional<AclPacket> Read(ByteView packet);
};

enum class AclDecision : std::uint8_t { kNone, kPermit, kDeny };
struct AclVerdict {
  AclDecision decision = AclDecision::kNone;
  int rule = -1;  // that decided
  bool logging = false;
};

class Acl {
 public:
  // kAuto, depth first: narrower source, then narrower destination, then fewer ports, then the lower rule number.
  enum class Order : std::uint8_t { kConfig, kAuto };
  // Asked when a rule is set and at every RefreshTimeRanges, never while matching. Empty: no time range is active.
  using TimeRangeActive = std::function<bool(std::string_view)>;

  explicit Acl(int number, Order order = Order::kConfig, TimeRangeActive active = {})
      : number_(number), order_(order), time_range_active_(std::move(active)) {}

  Acl(const Acl&) = delete;  // sorted_ points into rules_
  Acl& operator=(const Acl&) = delete;

  int number() const { return number_; }
  Order order() const { return order_; }
  std::size_t size() const { return rules_.size(); }

  void Set(AclRule rule);  // adds or replaces; the counter goes on only when nothing changed
  bool Remove(int id);     // false: there was none
  void RefreshTimeRanges();
  void ResetCounters();

  AclVerdict Match(const AclPacket& packet);       // counts for the rule
  AclVerdict Peek(const AclPacket& packet) const;  // does not

  struct Entry {
    AclRule rule;
    bool active = true;  // false: its time range is not
    std::uint64_t matches = 0;
  };
  std::vector<Entry> entries() const;  // in the order they take effect

 private:
  // The entry as the packet path reads it.
  struct Compiled {
    std::uint32_t source, source_mask, destination, destination_mask;
    std::uint16_t source_low, source_high, destination_low, destination_high;
    std::uint8_t protocol, tos, tos_mask;
    bool any_protocol, source_outside, destination_outside;  // outside: the ports that are not low..high
    bool upper, established, fragment, icmp;
    IcmpCondition icmp_is;
    Entry* entry;
    bool Fits(const AclPacket& packet) const;
  };
  static Compiled Compile(Entry& entry);
  const Compiled* Find(const AclPacket& packet) const;
  void Refresh(Entry& entry);
  void Sort() const;

  int number_;
  Order order_;
  TimeRangeActive time_range_active_;
  mutable std::map<int, Entry> rules_;  // mutable: sorted_ points at the entries, whose counters Match changes
  mutable std::vector<Compiled> sorted_;
  mutable bool stale_ = false;  // a rule changed: sorted_ is built again before it is used
};

}  // namespace sw::ipsec
