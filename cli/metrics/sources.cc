#include "cli/metrics/sources.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "cli/card/displays.h"
#include "cli/dvpn/displays.h"
#include "cli/ike/displays.h"
#include "cli/interface/displays.h"
#include "cli/ipsec/state_displays.h"
#include "cli/log/displays.h"
#include "device/card/host.h"
#include "device/config/config.h"
#include "device/ipsec/host.h"
#include "device/log/monitor.h"
#include "version.h"

namespace sw::cli {
namespace {

// The view goes to the other thread as it is.
template <typename View>
Taken Later(const DisplayOf<View>& display, View view) {
  return [fields = display.fields, view = std::make_shared<const View>(std::move(view))]() -> std::optional<Record> {
    return MakeRecord(fields, view.get());
  };
}
// It refers to the device, and is small.
template <typename View>
Taken Now(std::span<const Field> fields, const View& view) {
  return [record = MakeRecord(fields, &view)]() -> std::optional<Record> { return record; };
}
Taken Nothing() {
  return []() -> std::optional<Record> { return std::nullopt; };
}

// ------------------------------------------------------------------------------------- what has no display of its own

struct DeviceState {
  std::string version, sysname, engine;
  Duration uptime;
};
constexpr auto kDeviceState = Fields<DeviceState>({
    {"version", "Of the program", [](auto& v) { return v.version; }},
    {"sysname", "Name of the device", [](auto& v) { return v.sysname; }},
    {"engine", "What does the cryptography", [](auto& v) { return v.engine; }},
    {"uptime_seconds", "Since the device started", [](auto& v) { return v.uptime; }},
});

struct PeerState {
  std::string name, why;
  bool up = false;
};
constexpr auto kPeer = Fields<PeerState>({
    {"peer", "ike peer", [](auto& v) { return v.name; }},
    {"up", "An ISAKMP SA with it stands", [](auto& v) { return v.up; }},
    {"why", "Why it is down, or empty", [](auto& v) { return v.why; }},
});
constexpr auto kPeers = Fields<std::vector<PeerState>>({
    {"peers", "By name", [](auto& v) { return List<kPeer>(v); }},
});

std::vector<PeerState> PeersOf(const device::Device& device) {
  const std::vector<ipsec::ike::SaInfo> sas = device.ike_sas();
  std::vector<PeerState> out;
  for (const auto& peer : device.config().ike.peers) {
    const auto of_peer = [&peer](const ipsec::ike::SaInfo& sa) { return sa.peer == peer.first && sa.phase == 1; };
    const auto sa = std::ranges::find_if(sas, of_peer);
    const bool up = sa != sas.end() && sa->ready;
    out.push_back({peer.first, up ? "" : sa != sas.end() ? "negotiating" : "no ISAKMP SA", up});
  }
  return out;
}

struct IkeCounts {
  ipsec::ike::Counters counters;
};
constexpr auto kIkeCounts = Fields<IkeCounts>({
    {"input_packets", "Messages received", [](auto& v) { return v.counters.in_packets; }},
    {"input_bytes", "Of messages received", [](auto& v) { return v.counters.in_octets; }},
    {"input_drops", "Messages dropped", [](auto& v) { return v.counters.in_drops; }},
    {"output_packets", "Messages sent", [](auto& v) { return v.counters.out_packets; }},
    {"output_bytes", "Of messages sent", [](auto& v) { return v.counters.out_octets; }},
    {"initiated_count", "Phase 1 begun here", [](auto& v) { return v.counters.initiated; }},
    {"initiated_failed_count", "Of them failed", [](auto& v) { return v.counters.initiated_failed; }},
    {"responded_count", "Phase 1 begun by peers", [](auto& v) { return v.counters.responded; }},
    {"responded_failed_count", "Of them failed", [](auto& v) { return v.counters.responded_failed; }},
    {"authentication_errors", "Peers that could not prove themselves", [](auto& v) { return v.counters.auth_fails; }},
    {"half_open_refused_count", "First messages beyond the limits", [](auto& v) { return v.counters.half_open_refused; }},
});

// ------------------------------------------------------------------------------------------------------------- shapes

constexpr Renamed kDeviceInfo[] = {{"version", "version"}, {"sysname", "sysname"}, {"engine", "engine"}};

constexpr Renamed kMapLabels[] = {{"interface", "interface"}, {"private_ip", "private_ip"}};
constexpr Renamed kMapInfo[] = {{"state", "state"},   {"type", "type"},   {"public", "public"},
                                {"device", "device"}, {"user", "user"}, {"last_failure", "why"}};
constexpr std::string_view kMapNames[] = {"dvpn_id", "port", "control_id", "suite"};

constexpr Renamed kSessionInfo[] = {{"state", "state"},   {"type", "type"},   {"public", "public"},
                                    {"device", "device"}, {"user", "user"}, {"weakness", "weakness"}};
constexpr std::string_view kSessionNames[] = {"dvpn_id", "port", "session_suite", "data_suite"};

constexpr Renamed kSaInfo[] = {{"suite_name", "suite"}, {"public", "public"}};
constexpr std::string_view kSaNames[] = {"dvpn_id", "inbound_spi", "outbound_spi", "suite"};

constexpr std::string_view kDvpnNames[] = {"dvpn_id",
                                           "protocol_version",
                                           "history_hours",
                                           "map_age_seconds",
                                           "register_interval_seconds",
                                           "register_retry",
                                           "register_dumb_seconds"};
constexpr Renamed kReason[] = {{"reason", "reason"}};
constexpr InnerRows kDvpnInner[] = {{"refused", {.prefix = "sw8800_dvpn_refused_packets", .labels = kReason}}};

constexpr Renamed kIkeSaLabels[] = {
    {"peer_name", "peer"}, {"peer", "address"}, {"connection_id", "connection"}, {"phase", "phase"}};
constexpr Renamed kIkeSaInfo[] = {{"flags", "flags"}, {"local", "local"}};
constexpr std::string_view kIkeSaNames[] = {"peer_port"};

constexpr Renamed kPeerLabels[] = {{"peer", "peer"}};
constexpr Renamed kPeerInfo[] = {{"why", "why"}};

constexpr Renamed kBundleLabels[] = {
    {"interface", "interface"}, {"policy", "policy"}, {"number", "number"}, {"connection_id", "connection"}};
constexpr Renamed kBundleInfo[] = {{"mode", "mode"},   {"peer", "peer"},
                                   {"local", "local"}, {"remote", "remote"},
                                   {"flow_source", "flow_source"}, {"flow_destination", "flow_destination"}};
constexpr std::string_view kBundleNames[] = {"first", "flow_source_port", "flow_destination_port", "flow_protocol",
                                             "pfs_group"};
constexpr Renamed kOneSaLabels[] = {{"direction", "direction"}, {"protocol", "protocol"}};
constexpr Renamed kOneSaInfo[] = {{"algorithm", "algorithm"}};
constexpr std::string_view kOneSaNames[] = {"inbound", "spi", "index", "sequence"};
constexpr InnerRows kBundleInner[] = {
    {"inbound_sas",
     {.prefix = "sw8800_ipsec_inbound_sa", .labels = kOneSaLabels, .info = kOneSaInfo, .left_out = kOneSaNames}},
    {"outbound_sas",
     {.prefix = "sw8800_ipsec_outbound_sa", .labels = kOneSaLabels, .info = kOneSaInfo, .left_out = kOneSaNames}}};
constexpr Renamed kCause[] = {{"cause", "cause"}};
constexpr InnerRows kIpsecInner[] = {{"causes", {.prefix = "sw8800_ipsec_dropped_packets", .labels = kCause}}};

constexpr Renamed kInterfaceLabels[] = {{"name", "interface"}};
constexpr Renamed kInterfaceInfo[] = {
    {"address", "address"}, {"tunnel_protocol", "tunnel_protocol"}, {"protocol_note", "why"}};
constexpr std::string_view kInterfaceNames[] = {
    "vlan", "port_settings", "template", "dvpn", "dvpn_port", "dvpn_server", "dvpn_id", "gre", "gre_checksum",
    "gre_keepalive", "gre_keepalive_seconds", "gre_keepalive_times", "loopback"};
constexpr InnerRows kInterfaceInner[] = {
    {"gre_drops", {.prefix = "sw8800_interface_gre_dropped_packets", .labels = kReason}}};

constexpr Renamed kCardInfo[] = {
    {"engine", "engine"}, {"state", "state"}, {"processed_by", "processed_by"}, {"fault", "why"}};
constexpr std::string_view kCardLabel[] = {"overwritten"};
constexpr Renamed kFault[] = {{"name", "fault"}};
constexpr InnerRows kCardInner[] = {{"faults", {.prefix = "sw8800_card_faults", .labels = kFault}}};

constexpr Renamed kBufferLabels[] = {{"kind", "buffer"}};
constexpr std::string_view kBufferNames[] = {"size", "channel"};

template <const auto& kDisplay>
Taken TakeCard(device::Device& device) {
  if (device.card() == nullptr) return Nothing();
  return Now(kDisplay.fields, CardView{*device.card(), device.scheduler().now()});
}

template <device::InfoKind kKind>
Taken TakeBuffer(device::Device& device) {
  return Now(kBufferDisplay.fields, BufferView{device.monitor().info(), kKind, {.worst_level = {}, .newest = 0}});
}

constexpr MetricsSource kSources[] = {
    {{},
     {.prefix = "sw8800_device", .info = kDeviceInfo},
     {},
     [](device::Device& d) {
       return Now(kDeviceState.all,
                  DeviceState{std::string(kVersion), d.sysname(), d.crypto().engine, d.uptime()});
     }},
    {"interfaces",
     {.prefix = "sw8800_interface",
      .labels = kInterfaceLabels,
      .info = kInterfaceInfo,
      .up = "protocol",
      .left_out = kInterfaceNames,
      .configured = true},
     kInterfaceInner,
     [](device::Device& d) { return Later(kInterfacesDisplay, d.interfaces()); }},
    {{},
     {.prefix = "sw8800_dvpn", .left_out = kDvpnNames},
     kDvpnInner,
     [](device::Device& d) {
       const device::DvpnInfo info = d.dvpn_info();
       return Now(kDvpnInfoDisplay.fields, DvpnInfoView{0, info});
     }},
    {"maps",
     {.prefix = "sw8800_dvpn_map",
      .labels = kMapLabels,
      .info = kMapInfo,
      .up = "built",
      .left_out = kMapNames},
     {},
     [](device::Device& d) { return Later(kMapsDisplay, {d.scheduler().now(), d.maps()}); }},
    {"sessions",
     {.prefix = "sw8800_dvpn_session",
      .labels = kMapLabels,
      .info = kSessionInfo,
      .up = "carries_traffic",
      .left_out = kSessionNames},
     {},
     [](device::Device& d) { return Later(kSessionsDisplay, {d.scheduler().now(), d.sessions()}); }},
    {"sas",
     {.prefix = "sw8800_dvpn_sa", .labels = kMapLabels, .info = kSaInfo, .left_out = kSaNames},
     {},
     [](device::Device& d) { return Later(kDvpnSasDisplay, {d.scheduler().now(), d.ipsec_sas()}); }},
    {"peers",
     {.prefix = "sw8800_ike_peer", .labels = kPeerLabels, .info = kPeerInfo, .up = "up", .configured = true},
     {},
     [](device::Device& d) { return Now(kPeers.all, PeersOf(d)); }},
    {"sas",
     {.prefix = "sw8800_ike_sa", .labels = kIkeSaLabels, .info = kIkeSaInfo, .left_out = kIkeSaNames},
     {},
     [](device::Device& d) { return Later(kIkeSasDisplay, d.ike_sas()); }},
    {{},
     {.prefix = "sw8800_ike"},
     {},
     [](device::Device& d) { return Now(kIkeCounts.all, IkeCounts{d.ike_counters()}); }},
    {"connections",
     {.prefix = "sw8800_ipsec_connection", .labels = kBundleLabels, .info = kBundleInfo, .left_out = kBundleNames},
     kBundleInner,
     [](device::Device& d) { return Later(kIpsecSasDisplay, d.ipsec().gateway().bundles()); }},
    {{},
     {.prefix = "sw8800_ipsec"},
     kIpsecInner,
     [](device::Device& d) { return Now(kIpsecStatisticsDisplay.fields, d.ipsec().gateway().statistics()); }},
    {{},
     {.prefix = "sw8800_card", .info = kCardInfo, .up = "readable", .configured = true},
     {},
     TakeCard<kCardStatusDisplay>},
    {{}, {.prefix = "sw8800_card", .left_out = kCardLabel}, kCardInner, TakeCard<kCardStatisticDisplay>},
    {{}, {.prefix = "sw8800_card_table"}, {}, TakeCard<kCardSaDisplay>},
    {{},
     {.prefix = "sw8800_log", .labels = kBufferLabels, .left_out = kBufferNames},
     {},
     TakeBuffer<device::InfoKind::kLog>},
    {{},
     {.prefix = "sw8800_trap", .labels = kBufferLabels, .left_out = kBufferNames},
     {},
     TakeBuffer<device::InfoKind::kTrap>},
};

void Add(const MetricsSource& source, const Record& record, Exposition& out) {
  const bool alone = source.list.empty();
  std::vector<FamilyRow> rows = alone ? std::vector<FamilyRow>{} : RowsOf(ListIn(record, source.list), source.shape);
  if (alone) {
    rows.push_back({{}, &record});
    for (const Renamed& each : source.shape.labels) {
      const auto at = std::ranges::find(record.fields, each.field, [](const Field& field) { return field.name; });
      if (at != record.fields.end())
        AddLabel(rows.front().labels, each.label,
                 PlainText(record.values[static_cast<std::size_t>(at - record.fields.begin())]));
    }
  }
  if (rows.empty()) return;
  AddFamilies(source.shape, rows.front().record->fields, rows, out);
  for (const InnerRows& inner : source.inner) {
    const std::vector<FamilyRow> below = RowsUnder(rows, inner.list, inner.shape);
    if (!below.empty()) AddFamilies(inner.shape, below.front().record->fields, below, out);
  }
}

}  // namespace

std::span<const MetricsSource> MetricsSources() {
  return kSources;
}

std::string MetricsText(const std::vector<Taken>& taken, MetricsForm form) {
  Exposition out(form);
  for (std::size_t i = 0; i < taken.size() && i < std::size(kSources); ++i)
    if (const std::optional<Record> record = taken[i]()) Add(kSources[i], *record, out);
  return std::move(out).Finish();
}

}  // namespace sw::cli
