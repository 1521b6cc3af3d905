#include "cli/display/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cli/display/json_fields.h"

namespace sw::cli {
namespace {

struct ClockView {
  const device::DeviceClock& clock;
  std::int64_t machine;
};
std::string IsoText(std::int64_t seconds) {
  const std::chrono::sys_seconds when{std::chrono::seconds(seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(when);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(when - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count());
}
constexpr Field<ClockView> kClock[] = {
    {"local", "string", "Date and time that the clock shows, ISO 8601",
     [](const ClockView& v) -> Json { return IsoText(v.clock.Local(v.machine)); }},
    {"utc", "string", "Date and time in UTC",
     [](const ClockView& v) -> Json { return IsoText(v.clock.Utc(v.machine)); }},
    {"zone", "string", "Name of the time zone or summer time",
     [](const ClockView& v) -> Json { return v.clock.ZoneName(v.machine); }},
    {"summer_time", "boolean", "Whether summer time holds",
     [](const ClockView& v) -> Json { return v.clock.SummerNow(v.machine); }},
};

constexpr Field<std::optional<RebootView>> kReboot[] = {
    {"scheduled", "boolean", "Whether one is to come",
     [](const std::optional<RebootView>& v) -> Json { return v.has_value(); }},
    {"at", "string", "Local time, ISO 8601, or empty",
     [](const std::optional<RebootView>& v) -> Json { return v ? IsoText(v->at) : std::string(); }},
    {"minutes", "integer", "Until then", [](const std::optional<RebootView>& v) -> Json { return v ? v->minutes : 0; }},
};

using device::MemoryUse;
constexpr Field<MemoryUse> kMemory[] = {
    {"total", "integer", "Bytes of the machine; 0: not known", [](const MemoryUse& v) -> Json { return v.total; }},
    {"available", "integer", "Bytes of them for programs", [](const MemoryUse& v) -> Json { return v.available; }},
    {"own", "integer", "Bytes this device holds", [](const MemoryUse& v) -> Json { return v.own; }},
};
using device::Temperature;
constexpr Field<Temperature> kTemperature[] = {
    {"sensor", "string", "As the machine names it", [](const Temperature& v) -> Json { return v.sensor; }},
    {"celsius", "number", "Degrees", [](const Temperature& v) -> Json { return v.celsius; }},
};
constexpr Field<CpuView> kCpu[] = {
    {"percent", "number", "Of one processor, since the start", [](const CpuView& v) -> Json { return v.percent(); }},
    {"cycle", "string", "cpu-usage cycle, or empty; stored only", [](const CpuView& v) -> Json { return v.cycle; }},
    {"used_ms", "integer", "Processor time",
     [](const CpuView& v) -> Json { return std::chrono::duration_cast<std::chrono::milliseconds>(v.used).count(); }},
};

constexpr Field<VersionView> kVersion[] = {
    {"sysname", "string", "Name of the device", [](const VersionView& v) -> Json { return v.sysname; }},
    {"version", "string", "Version of the software", [](const VersionView& v) -> Json { return v.version; }},
    {"uptime_minutes", "integer", "Since the start", [](const VersionView& v) -> Json { return v.uptime_minutes; }},
    {"crypto_engine", "string", "What does the cryptography", [](const VersionView& v) -> Json { return v.engine; }},
};

using device::InterfaceView;
// What a GRE tunnel dropped for one reason.
struct GreDropView {
  std::string_view reason;
  std::uint64_t count = 0;
};
constexpr Field<GreDropView> kGreDrop[] = {
    {"reason", "string", "In words", [](const GreDropView& v) -> Json { return v.reason; }},
    {"count", "integer", "Packets", [](const GreDropView& v) -> Json { return v.count; }},
};
std::vector<GreDropView> DropsOf(const InterfaceView& view) {
  std::vector<GreDropView> out;
  for (std::size_t i = 0; view.gre && i < device::kGreDropReasons; ++i)
    if (view.gre->counters.drops[i] != 0) out.push_back({device::kGreDropTexts[i].phrase, view.gre->counters.drops[i]});
  return out;
}
bool IsTunnel(const InterfaceView& view) {
  return view.config.kind == "Tunnel";
}
device::GreView GreOf(const InterfaceView& view) {
  return view.gre.value_or(device::GreView{});
}
constexpr Field<InterfaceView> kInterface[] = {
    {"name", "string", "Interface", [](const InterfaceView& v) -> Json { return v.config.name; }},
    {"description", "string", "As configured, or empty",
     [](const InterfaceView& v) -> Json { return v.config.description; }},
    {"shutdown", "boolean", "Switched off by the operator",
     [](const InterfaceView& v) -> Json { return v.config.shutdown; }},
    {"link", "boolean", "The link carries packets", [](const InterfaceView& v) -> Json { return v.status.link; }},
    {"protocol", "boolean", "The interface carries IP", [](const InterfaceView& v) -> Json { return v.protocol_up; }},
    {"protocol_note", "string", "Why it does not, or empty",
     [](const InterfaceView& v) -> Json { return v.protocol_note; }},
    {"mtu", "integer", "Bytes",
     [](const InterfaceView& v) -> Json { return v.status.mtu != 0 ? v.status.mtu : v.config.mtu; }},
    {"vlan", "integer", "802.1Q VLAN ID; 0: none", [](const InterfaceView& v) -> Json { return v.config.vlan; }},
    {"addresses", "strings", "Address/length, the primary one first",
     [](const InterfaceView& v) -> Json {
       Json out = Json::array();
       for (const Prefix& each : v.config.addresses) out.push_back(each.ToString());
       return out;
     }},
    {"duplex", "string", "As configured, or empty; stored only",
     [](const InterfaceView& v) -> Json { return v.config.duplex; }},
    {"speed", "string", "Mbit/s as configured, or empty; stored only",
     [](const InterfaceView& v) -> Json { return v.config.speed; }},
    {"loopback", "boolean", "As configured; stored only",
     [](const InterfaceView& v) -> Json { return v.config.loopback; }},
    {"input_packets", "integer", "Received", [](const InterfaceView& v) -> Json { return v.status.input_packets; }},
    {"input_bytes", "integer", "Received", [](const InterfaceView& v) -> Json { return v.status.input_bytes; }},
    {"input_errors", "integer", "Received", [](const InterfaceView& v) -> Json { return v.status.input_errors; }},
    {"output_packets", "integer", "Sent", [](const InterfaceView& v) -> Json { return v.status.output_packets; }},
    {"output_bytes", "integer", "Sent", [](const InterfaceView& v) -> Json { return v.status.output_bytes; }},
    {"output_errors", "integer", "Sent", [](const InterfaceView& v) -> Json { return v.status.output_errors; }},
    {"tunnel_protocol", "string", "GRE/IP or UDP_DVPN/IP; empty: no tunnel",
     [](const InterfaceView& v) -> Json {
       return !IsTunnel(v) ? "" : v.config.tunnel.dvpn ? "UDP_DVPN/IP" : "GRE/IP";
     }},
    {"tunnel_source", "string", "As configured, or empty",
     [](const InterfaceView& v) -> Json { return v.config.tunnel.source; }},
    {"tunnel_destination", "string", "Of a GRE tunnel, or empty",
     [](const InterfaceView& v) -> Json {
       return v.config.tunnel.destination.empty() ? "" : v.config.tunnel.destination.ToString();
     }},
    {"gre_key", "string", "As configured, or empty",
     [](const InterfaceView& v) -> Json {
       return v.config.tunnel.gre_key ? std::to_string(*v.config.tunnel.gre_key) : "";
     }},
    {"gre_checksum", "boolean", "As configured",
     [](const InterfaceView& v) -> Json { return v.config.tunnel.gre_checksum; }},
    {"gre_keepalives", "integer", "Sent", [](const InterfaceView& v) -> Json { return GreOf(v).counters.keepalives; }},
    {"gre_keepalive_answers", "integer", "Received",
     [](const InterfaceView& v) -> Json { return GreOf(v).counters.answers; }},
    {"gre_input_rate", "integer", "Bytes per second in five minutes",
     [](const InterfaceView& v) -> Json { return GreOf(v).input.bytes; }},
    {"gre_output_rate", "integer", "Bytes per second in five minutes",
     [](const InterfaceView& v) -> Json { return GreOf(v).output.bytes; }},
    {"gre_drops", "model", "By reason", [](const InterfaceView& v) -> Json { return Array(All(kGreDrop), DropsOf(v)); },
     [] { return ArraySchema(All(kGreDrop)); }},
};

using device::RouteEntry;
constexpr Field<RouteEntry> kRoute[] = {
    {"destination", "string", "Network/length", [](const RouteEntry& r) -> Json { return r.destination.ToString(); }},
    {"protocol", "string", "DIRECT, STATIC or what brought the route",
     [](const RouteEntry& r) -> Json { return r.protocol; }},
    {"preference", "integer", "The lowest wins", [](const RouteEntry& r) -> Json { return r.preference; }},
    {"cost", "integer", "Cost", [](const RouteEntry& r) -> Json { return r.cost; }},
    {"next_hop", "string", "Next hop", [](const RouteEntry& r) -> Json { return r.next_hop.ToString(); }},
    {"interface", "string", "Outgoing interface", [](const RouteEntry& r) -> Json { return r.interface; }},
};

struct RecordView {
  const device::InfoRecord& record;
};
constexpr Field<RecordView> kRecord[] = {
    {"time", "string", "Local time, ISO 8601",
     [](const RecordView& v) -> Json { return IsoText(v.record.local_time); }},
    {"severity", "string", "Severity", [](const RecordView& v) -> Json { return Name(v.record.severity); }},
    {"module", "string", "Module", [](const RecordView& v) -> Json { return v.record.module; }},
    {"digest", "string", "What happened", [](const RecordView& v) -> Json { return v.record.digest; }},
    {"text", "string", "In words", [](const RecordView& v) -> Json { return v.record.text; }},
};

constexpr Field<UserLineView> kUser[] = {
    {"index", "integer", "Absolute number of the user interface",
     [](const UserLineView& v) -> Json { return v.index; }},
    {"line", "string", "User interface", [](const UserLineView& v) -> Json { return v.line; }},
    {"user", "string", "User, or empty", [](const UserLineView& v) -> Json { return v.user; }},
    {"address", "string", "Where from, or empty", [](const UserLineView& v) -> Json { return v.address; }},
    {"protocol", "string", "Protocol, or empty", [](const UserLineView& v) -> Json { return v.protocol; }},
    {"idle_seconds", "integer", "Since the last key", [](const UserLineView& v) -> Json { return v.idle_seconds; }},
    {"level", "integer", "Level of commands", [](const UserLineView& v) -> Json { return v.level; }},
    {"own", "boolean", "The one who asks", [](const UserLineView& v) -> Json { return v.own; }},
};

Json InterfacesSchema() {
  return ListSchema("interfaces", All(kInterface));
}
Json RecordsSchema() {
  return ListSchema("records", All(kRecord));
}

}  // namespace

std::string ClockJson(const device::DeviceClock& clock, std::int64_t machine) {
  return Object(All(kClock), ClockView{clock, machine}).dump();
}
std::string RebootJson(const std::optional<RebootView>& view) {
  return Object(All(kReboot), view).dump();
}
std::string MemoryJson(const MemoryUse& use) {
  return Object(All(kMemory), use).dump();
}
std::string TemperaturesJson(const std::vector<Temperature>& temperatures) {
  return ListText("temperatures", All(kTemperature), temperatures);
}
std::string CpuJson(const CpuView& view) {
  return Object(All(kCpu), view).dump();
}
std::string VersionJson(const VersionView& view) {
  return Object(All(kVersion), view).dump();
}
std::string InterfacesJson(const std::vector<InterfaceView>& views) {
  return ListText("interfaces", All(kInterface), views);
}
std::string RoutesJson(const std::vector<RouteEntry>& routes) {
  return ListText("routes", All(kRoute), routes);
}
std::string LogBufferJson(const device::InfoCenter& info, device::InfoKind kind) {
  std::vector<RecordView> views;
  const auto& buffer = kind == device::InfoKind::kLog ? info.log_buffer() : info.trap_buffer();
  for (const device::InfoRecord& record : buffer.records) views.push_back({record});
  return ListText("records", All(kRecord), views);
}
std::string UsersJson(const std::vector<UserLineView>& users) {
  return ListText("users", All(kUser), users);
}

Json LinesSchema() {
  return {{"type", "object"},
          {"properties",
           {{"lines", {{"type", "array"}, {"items", {{"type", "string"}}}, {"description", "Lines of the text"}}}}},
          {"required", {"lines"}},
          {"additionalProperties", false}};
}

std::span<const JsonModel> JsonModels() {
  static const std::vector<JsonModel> kModels = [] {
    std::vector<JsonModel> out = {
        {"display clock", [] { return ObjectSchema(All(kClock)); }},
        {"display schedule reboot", [] { return ObjectSchema(All(kReboot)); }},
        {"display memory", [] { return ObjectSchema(All(kMemory)); }},
        {"display cpu-usage", [] { return ObjectSchema(All(kCpu)); }},
        {"display environment", [] { return ListSchema("temperatures", All(kTemperature)); }},
        {"display version", [] { return ObjectSchema(All(kVersion)); }},
        {"display interface", InterfacesSchema},
        {"display ip interface", InterfacesSchema},
        {"display ip routing-table", [] { return ListSchema("routes", All(kRoute)); }},
        {"display logbuffer", RecordsSchema},
        {"display trapbuffer", RecordsSchema},
        {"display users", [] { return ListSchema("users", All(kUser)); }},
    };
    for (const auto& more : {DvpnJsonModels(), AclJsonModels(), AaaJsonModels(), CardJsonModels()})
      out.insert(out.end(), more.begin(), more.end());
    return out;
  }();
  return kModels;
}

Json SchemaOf(std::string_view command) {
  const auto models = JsonModels();
  const auto found = std::ranges::find(models, command, &JsonModel::command);
  Json out = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", std::string(command) + " | json"}};
  out.update(found == models.end() ? LinesSchema() : found->schema());
  return out;
}

}  // namespace sw::cli
