// The DVPN MIB (A3COM-HUAWEI-DVPN-MIB and its three sisters) as an ordered list of values: what a device shows of
// itself, taken at one moment. Object numbers are relative to h3cDvpn; names, numbers, ranges and defaults are the
// MIB's.
//
// Nothing here knows of an SNMP library. The device's thread builds a view; any thread may read it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "device/device.h"

namespace sw::cli::snmp {

using Oid = std::vector<unsigned long>;

enum class Syntax : std::uint8_t { kInteger, kUnsigned, kTimeTicks, kOctets };
struct Value {
  Syntax syntax = Syntax::kInteger;
  std::int64_t number = 0;
  std::string octets;
  friend bool operator==(const Value&, const Value&) = default;
};
using View = std::map<Oid, Value>;  // in the order of a walk

// Where the four vendor modules put h3cDvpn.
struct Root {
  std::string_view name;
  Oid oid;
};
const std::vector<Root>& Roots();           // the first is the default
const Oid& RootOid(std::string_view name);  // of an unknown name: the default

// Numbers of maps in the map table: given out once, kept while the map lives.
class MapNumbers {
 public:
  std::uint32_t Of(const dvpn::MapInfo& map);
  void Keep(const std::vector<dvpn::MapInfo>& live);  // forgets the rest

 private:
  // By tunnel and private address; while the peer has none yet, by where it is.
  using Key = std::tuple<std::string, Ipv4, Endpoint>;
  static Key KeyOf(const dvpn::MapInfo& map);
  std::map<Key, std::uint32_t> numbers_;
  std::uint32_t last_ = 0;
};

View BuildView(device::Device& device, MapNumbers& numbers);

// A notification with its variables, all relative to h3cDvpn, or all whole.
struct Notification {
  Oid oid;
  std::vector<std::pair<Oid, Value>> variables;
  bool whole = false;
};
Notification MapNotification(const dvpn::MapInfo& map, std::uint32_t number, const std::string& device_id, bool built);
Notification SessionNotification(const dvpn::SessionInfo& session, const std::string& device_id, bool built);

}  // namespace sw::cli::snmp
