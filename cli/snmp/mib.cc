#include "cli/snmp/mib.h"

#include <algorithm>
#include <set>

#include "cli/snmp/objects.h"
#include "device/config/config.h"

namespace sw::cli::snmp {
namespace {

constexpr int kIpv4 = 1;  // InetAddressType

Value Number(std::int64_t number) {
  return {Syntax::kInteger, number, {}};
}
Value Gauge(std::uint64_t number) {
  return {Syntax::kUnsigned, static_cast<std::int64_t>(number & 0xffffffff), {}};
}
Value Octets(std::string text) {
  return {Syntax::kOctets, 0, std::move(text)};
}
Value Address(Ipv4 address) {
  return Octets(AddressOctets(address));
}
// The MIB calls build times TimeTicks and says they are seconds; they are hundredths here, as SNMP has it (our choice).
Value Ticks(Duration since) {
  return {Syntax::kTimeTicks, std::chrono::duration_cast<std::chrono::milliseconds>(since).count() / 10, {}};
}

Oid With(Oid oid, const Oid& more) {
  oid.insert(oid.end(), more.begin(), more.end());
  return oid;
}

// Rows of one table: the entry, the instance, then column by column.
class Rows {
 public:
  Rows(View& view, Oid entry) : view_(view), entry_(std::move(entry)) {}
  void Put(unsigned long column, const Oid& instance, Value value) {
    view_[With(With(entry_, {column}), instance)] = std::move(value);
  }

 private:
  View& view_;
  Oid entry_;
};

void PutConfiguration(View& view, const configdb::Store& store) {
  for (const ConfigTable& table : ConfigTables()) {
    const Result<std::vector<configdb::Row>> rows = store.Rows(table.table);
    if (!rows.ok()) continue;
    for (const configdb::Row& row : *rows) {
      Oid instance = {0};
      if (!table.entry.empty()) {
        if (table.table == "interface") {
          if (row.Text("kind") != "Tunnel") continue;
          instance = {static_cast<unsigned long>(row.IntOr("number", 0)) + 1};  // stands for ifIndex
        } else {
          instance = StringIndex(row.TextOr("name", ""));
        }
      }
      for (const ConfigObject& object : ConfigObjects()) {
        const bool here =
            object.table == table.table &&
            (table.entry.empty() ? object.oid.size() == 3
                                 : std::equal(table.entry.begin(), table.entry.end(), object.oid.begin()));
        if (here) view[With(object.oid, instance)] = Read(object, row);
      }
      if (table.row_status != 0) Rows(view, table.entry).Put(table.row_status, instance, Number(1));
    }
  }
}

// Columns that follow from the configuration rather than stand in it.
void PutDerived(View& view, const device::Config& config) {
  for (const auto& [name, policy] : config.dvpn.policies) {
    std::int64_t references = 0;
    for (const device::InterfaceConfig& interface : config.interfaces)
      references += interface.tunnel.policy == name ? 1 : 0;
    Rows(view, {1, 2, 1, 1}).Put(10, StringIndex(name), Number(references));
  }
  for (const auto& [name, dvpn_class] : config.dvpn.classes) {
    Rows rows(view, {1, 2, 3, 1});
    rows.Put(2, StringIndex(name), Number(kIpv4));
    rows.Put(4, StringIndex(name), Number(kIpv4));
  }
}

int RoleOf(const device::DvpnInfo& info) {
  if (info.server && info.client) return 4;
  return info.client ? 3 : info.server ? 2 : 1;
}

void PutScalars(View& view, const device::DvpnInfo& info) {
  const auto put = [&view](unsigned long number, Value value) { view[{1, 1, number, 0}] = std::move(value); };
  put(2, Number(static_cast<std::int64_t>(info.classes)));
  put(3, Number(static_cast<std::int64_t>(info.clients)));
  put(8, Gauge(info.counters.input));
  put(9, Gauge(info.counters.dropped));
  put(10, Gauge(info.counters.output));
  put(11, Gauge(info.counters.output_errors));
  put(12, Gauge(info.counters.encryption_errors));
  put(13, Number(RoleOf(info)));
  put(14, Number(static_cast<std::int64_t>(info.domains)));
  put(15, Number(static_cast<std::int64_t>(info.maps)));
  put(16, Number(static_cast<std::int64_t>(info.sessions)));
  put(20, Number(2));  // version3(2)
  put(21, Number(0));  // written only
  put(22, Number(0));
  put(28, Number(0));
  put(23, Gauge(info.counters.redirects));
  put(26, Octets(info.device_id));
}

void PutDomains(View& view, const device::Device& device) {
  std::set<int> ids;
  for (const dvpn::MapInfo& map : device.maps()) ids.insert(map.dvpn_id);
  for (const device::InterfaceConfig& interface : device.config().interfaces) ids.insert(interface.tunnel.dvpn_id);
  ids.erase(0);
  Rows rows(view, {1, 2, 2, 1});
  for (const int id : ids) {
    const std::optional<device::DvpnInfo> info = device.dvpn_info(id);
    if (!info) continue;
    const Oid instance = {static_cast<unsigned long>(id)};
    rows.Put(2, instance, Gauge(info->sessions));
    rows.Put(3, instance, Gauge(info->counters.redirects));
    rows.Put(4, instance, Gauge(info->counters.input));
    rows.Put(5, instance, Gauge(info->counters.dropped));
    rows.Put(6, instance, Gauge(info->counters.output));
    rows.Put(7, instance, Gauge(info->counters.output_errors));
    rows.Put(8, instance, Gauge(info->counters.encryption_errors));
  }
}

std::vector<std::pair<unsigned long, Value>> Columns(const dvpn::MapInfo& map, std::uint32_t number, Time now) {
  return {{1, Gauge(number)},
          {2, Octets(map.peer_device_id)},
          {3, Gauge(static_cast<std::uint64_t>(map.dvpn_id))},
          {4, Ticks(now - map.built)},
          {5, Number(kIpv4)},
          {6, Address(map.peer_private)},
          {7, Number(kIpv4)},
          {8, Address(map.peer_public.address)},
          {9, Number(kIpv4)},
          {10, Address(map.local_private)},
          {11, Number(kIpv4)},
          {12, Address(map.local_public.address)},
          {13, Octets(map.user_name)},
          {14, Number(map.peer_public.port)},
          {15, Gauge(map.control_id)},
          {16, Number(static_cast<int>(map.type))},
          {17, Number(static_cast<int>(map.state))}};
}

std::vector<std::pair<unsigned long, Value>> Columns(const dvpn::SessionInfo& session, Time now) {
  return {{1, Number(session.dvpn_id)},
          {2, Number(kIpv4)},
          {3, Address(session.peer_private)},
          {4, Octets(session.peer_device_id)},
          {5, Ticks(now - session.built)},
          {6, Number(kIpv4)},
          {7, Address(session.peer_public.address)},
          {8, Number(kIpv4)},
          {9, Address(session.local_public.address)},
          {10, Number(kIpv4)},
          {11, Address(session.local_private)},
          {12, Number(session.peer_public.port)},
          {13, Number(session.initiator ? 1 : 2)},
          {14, Octets(session.user_name)},
          {15, Number(static_cast<int>(session.state))},
          {16, Number(static_cast<int>(session.type))},
          {17, Number(1)}};  // router: the only kind of peer there is here
}

Oid AddressIndex(Ipv4 address) {
  return {kIpv4, 4, address.value >> 24, address.value >> 16 & 0xff, address.value >> 8 & 0xff, address.value & 0xff};
}
Oid IndexOf(const dvpn::SessionInfo& session) {
  return With({static_cast<unsigned long>(session.dvpn_id)}, AddressIndex(session.peer_private));
}

// Moments of the history are the device's uptime then, as sysUpTime would have said (our choice; the MIB is silent).
void PutHistory(View& view, device::Device& device) {
  const Time started{device.scheduler().now() - Time{device.uptime()}};
  Rows rows(view, {1, 2, 7, 1});
  for (const dvpn::SessionRecord& r : device.dvpn_history()) {
    const Oid instance = With({static_cast<unsigned long>(r.dvpn_id)}, AddressIndex(r.peer_private));
    rows.Put(2, instance, Number(kIpv4));  // an index, and yet read-only: the MIB's own
    rows.Put(4, instance, Gauge(r.sent_packets));
    rows.Put(5, instance, Gauge(r.received_packets));
    rows.Put(6, instance, Gauge(r.online_number));
    rows.Put(7, instance, Ticks(r.first_up - started));
    rows.Put(8, instance, Ticks(r.last_up - started));
    rows.Put(9, instance, Ticks(r.was_down ? r.last_down - started : Duration{0}));
    rows.Put(10, instance, Number(r.online ? 1 : 2));
    rows.Put(11, instance, Octets(r.peer_device_id));
  }
}

const Oid kMapEntry = {1, 2, 5, 1}, kSessionEntry = {1, 2, 6, 1};

template <typename Columns>
void AddVariables(Notification& out, const Oid& entry, const Oid& instance, const Columns& columns,
                  std::initializer_list<unsigned long> wanted) {
  for (const unsigned long number : wanted)
    for (const auto& [column, value] : columns)
      if (column == number) out.variables.emplace_back(With(With(entry, {column}), instance), value);
}

}  // namespace

const std::vector<Root>& Roots() {
  static const std::vector<Root> roots = {{"3com", {1, 3, 6, 1, 4, 1, 43, 45, 1, 10, 2, 57}},
                                          {"h3c", {1, 3, 6, 1, 4, 1, 2011, 10, 2, 57}},
                                          {"hh3c", {1, 3, 6, 1, 4, 1, 25506, 2, 57}},
                                          {"hpn-icf", {1, 3, 6, 1, 4, 1, 11, 2, 14, 11, 15, 2, 57}}};
  return roots;
}

const Oid& RootOid(std::string_view name) {
  for (const Root& root : Roots())
    if (root.name == name) return root.oid;
  return Roots().front().oid;
}

MapNumbers::Key MapNumbers::KeyOf(const dvpn::MapInfo& map) {
  return {map.tunnel, map.peer_private, map.peer_private.empty() ? map.peer_public : Endpoint{}};
}

std::uint32_t MapNumbers::Of(const dvpn::MapInfo& map) {
  const auto [at, added] = numbers_.try_emplace(KeyOf(map), last_ + 1);
  if (added) ++last_;
  return at->second;
}

void MapNumbers::Keep(const std::vector<dvpn::MapInfo>& live) {
  decltype(numbers_) kept;
  for (const dvpn::MapInfo& map : live)
    if (const auto found = numbers_.find(KeyOf(map)); found != numbers_.end()) kept.insert(*found);
  numbers_ = std::move(kept);
}

View BuildView(device::Device& device, MapNumbers& numbers) {
  View view;
  const Time now = device.scheduler().now();
  PutConfiguration(view, device.store());
  PutDerived(view, device.config());
  PutScalars(view, device.dvpn_info());
  PutDomains(view, device);
  const std::vector<dvpn::MapInfo> maps = device.maps();
  Rows map_rows(view, kMapEntry);
  for (const dvpn::MapInfo& map : maps) {
    const std::uint32_t number = numbers.Of(map);
    for (auto& [column, value] : Columns(map, number, now))
      if (column != 1) map_rows.Put(column, {number}, std::move(value));
  }
  numbers.Keep(maps);
  Rows session_rows(view, kSessionEntry);
  for (const dvpn::SessionInfo& session : device.sessions())
    for (auto& [column, value] : Columns(session, now))
      if (column > 3) session_rows.Put(column, IndexOf(session), std::move(value));
  PutHistory(view, device);
  return view;
}

Notification MapNotification(const dvpn::MapInfo& map, std::uint32_t number, const std::string& device_id, bool built) {
  Notification out{{1, 3, 0, built ? 3UL : 4UL}, {}};
  const auto columns = Columns(map, number, map.built);
  const Oid instance = {number};
  AddVariables(out, kMapEntry, instance, columns, {1, 3, 2, 5, 6, 7, 8});
  out.variables.emplace_back(Oid{1, 1, 26, 0}, Octets(device_id));
  AddVariables(out, kMapEntry, instance, columns, {9, 10, 11, 12, 13});
  return out;
}

Notification SessionNotification(const dvpn::SessionInfo& session, const std::string& device_id, bool built) {
  Notification out{{1, 3, 0, built ? 1UL : 2UL}, {}};
  const auto columns = Columns(session, session.built);
  const Oid instance = IndexOf(session);
  AddVariables(out, kSessionEntry, instance, columns, {1, 2, 3});
  out.variables.emplace_back(Oid{1, 1, 26, 0}, Octets(device_id));
  AddVariables(out, kSessionEntry, instance, columns, {10, 11, 8, 9, 4, 6, 7, 12, 17, 14});
  return out;
}

}  // namespace sw::cli::snmp
