#include "cli/dvpn/displays.h"

#include <fmt/format.h>

#include "hal/suites.h"

namespace sw::cli {
namespace {

constexpr int kLastGuideSuite = 13;

std::string Rule(std::size_t width) {
  return " " + std::string(width, '-') + "\n";
}

std::string Age(Time now, Time built) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - built).count();
  return fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string_view OrNone(std::string_view text) {
  return text.empty() ? "-" : text;
}

std::string LocalLine(Ipv4 address, Endpoint at) {
  return fmt::format("         this end {} at {}\n", address.ToString(), at.ToString());
}

// A suite's name; those beyond the guide's thirteen are ours.
std::string SuiteText(int number) {
  const hal::Suite* suite = hal::FindSuite(number);
  return fmt::format("{} {}{}", number, suite == nullptr ? "" : suite->name,
                     number > kLastGuideSuite ? " (extension)" : "");
}

std::string CounterLines(const dvpn::Counters& counters) {
  return fmt::format(
      " Packets in            : {}\n Packets dropped       : {}\n Packets out           : {}\n"
      " Output errors         : {}\n Encryption errors     : {}\n Redirects sent        : {}\n"
      " Packets relayed       : {}\n",
      counters.input, counters.dropped, counters.output, counters.output_errors, counters.encryption_errors,
      counters.redirects, counters.relayed);
}

}  // namespace

std::string MapsText(Time now, const std::vector<dvpn::MapInfo>& maps) {
  std::string out = fmt::format(" {:<8}{:<16}{:<16}{:<7}{:<12}{:<6}{:<11}{}\n", "dvpn-id", "private-ip", "public-ip",
                                "port", "state", "type", "control-id", "interface");
  out += Rule(88);
  for (const dvpn::MapInfo& map : maps) {
    out += fmt::format(" {:<8}{:<16}{:<16}{:<7}{:<12}{:<6}{:<11}{}\n", map.dvpn_id, map.peer_private.ToString(),
                       map.peer_public.address.ToString(), map.peer_public.port, dvpn::Name(map.state),
                       dvpn::Name(map.type), map.control_id, map.tunnel);
    const bool built = map.state == dvpn::MapState::kClientSuccess || map.state == dvpn::MapState::kServerFinished;
    out += fmt::format("         device {}, user {}, up {}\n", OrNone(map.peer_device_id), OrNone(map.user_name),
                       built ? Age(now, map.built) : "-");
    out += LocalLine(map.local_private, map.local_public);
    if (!built && !map.last_error.empty()) out += fmt::format("         last failure: {}\n", map.last_error);
  }
  return out + fmt::format(" Total {} map(s)\n", maps.size());
}

std::string SessionsText(Time now, const std::vector<dvpn::SessionInfo>& sessions) {
  std::string out = fmt::format(" {:<8}{:<16}{:<16}{:<7}{:<14}{:<6}{:<11}{}\n", "dvpn-id", "private-ip", "public-ip",
                                "port", "state", "type", "initiator", "interface");
  out += Rule(90);
  for (const dvpn::SessionInfo& session : sessions) {
    out += fmt::format(" {:<8}{:<16}{:<16}{:<7}{:<14}{:<6}{:<11}{}\n", session.dvpn_id, session.peer_private.ToString(),
                       session.peer_public.address.ToString(), session.peer_public.port, dvpn::Name(session.state),
                       dvpn::Name(session.type), session.initiator ? "yes" : "no", session.tunnel);
    const bool built =
        session.state != dvpn::SessionState::kSetupInit && session.state != dvpn::SessionState::kSetupReq;
    out += fmt::format("         device {}, user {}, peer type router, up {}, {}\n", OrNone(session.peer_device_id),
                       OrNone(session.user_name), built ? Age(now, session.built) : "-",
                       session.proven ? "carries traffic" : "not proven yet");
    out += LocalLine(session.local_private, session.local_public);
    out += fmt::format("         sent {} packets, {} bytes; received {} packets, {} bytes\n", session.sent_packets,
                       session.sent_bytes, session.received_packets, session.received_bytes);
    if (session.path_mtu != 0) out += fmt::format("         the path carries {} bytes\n", session.path_mtu);
    if (session.away_since)
      out +=
          fmt::format("         server away for {}, goes on without it (extension)\n", Age(now, *session.away_since));
  }
  return out + fmt::format(" Total {} session(s)\n", sessions.size());
}

std::string HistoryText(Time now, const std::vector<dvpn::SessionRecord>& records) {
  std::string out = fmt::format(" {:<8}{:<16}{:<7}{:<7}{:<12}{:<12}{:<12}{:<12}{}\n", "dvpn-id", "private-ip", "online",
                                "times", "first-up", "last-up", "last-down", "sent", "received");
  out += Rule(96);
  for (const dvpn::SessionRecord& r : records) {
    out += fmt::format(" {:<8}{:<16}{:<7}{:<7}{:<12}{:<12}{:<12}{:<12}{}\n", r.dvpn_id, r.peer_private.ToString(),
                       r.online ? "yes" : "no", r.online_number, Age(now, r.first_up), Age(now, r.last_up),
                       r.was_down ? Age(now, r.last_down) : "-", r.sent_packets, r.received_packets);
    out += fmt::format("         device {}\n", OrNone(r.peer_device_id));
  }
  return out +
         fmt::format(" Total {} row(s); times are ages, sent and received are packets (extension)\n", records.size());
}

std::string OnlineUsersText(Time now, std::vector<dvpn::MapInfo> maps) {
  std::erase_if(maps, [](const dvpn::MapInfo& map) { return map.state != dvpn::MapState::kServerFinished; });
  std::string out =
      fmt::format(" {:<8}{:<16}{:<16}{:<7}{:<11}{}\n", "dvpn-id", "private-ip", "public-ip", "port", "online", "user");
  out += Rule(80);
  for (const dvpn::MapInfo& map : maps)
    out += fmt::format(" {:<8}{:<16}{:<16}{:<7}{:<11}{}\n", map.dvpn_id, map.peer_private.ToString(),
                       map.peer_public.address.ToString(), map.peer_public.port, Age(now, map.built),
                       OrNone(map.user_name));
  return out + fmt::format(" Total {} user(s)\n", maps.size());
}

std::string WhyText(const std::vector<std::string>& lines) {
  std::string out = " In words (extension)\n";
  for (const std::string& line : lines) out += (line.ends_with(':') ? " " : "   ") + line + "\n";
  return out;
}

std::string IpsecSasText(const std::vector<dvpn::IpsecSaInfo>& sas) {
  std::string out = fmt::format(" {:<8}{:<16}{:<16}{:<11}{:<11}{:<8}{:<11}{}\n", "dvpn-id", "private-ip", "public-ip",
                                "in-spi", "out-spi", "left(s)", "interface", "suite");
  out += Rule(100);
  for (const dvpn::IpsecSaInfo& sa : sas) {
    out +=
        fmt::format(" {:<8}{:<16}{:<16}{:<11}{:<11}{:<8}{:<11}{}\n", sa.dvpn_id, sa.peer_private.ToString(),
                    sa.peer_public.address.ToString(), fmt::format("{:08x}", sa.inbound_spi),
                    fmt::format("{:08x}", sa.outbound_spi),
                    std::chrono::duration_cast<std::chrono::seconds>(sa.left).count(), sa.tunnel, SuiteText(sa.suite));
    out += fmt::format("         in {} packets, out {} packets\n", sa.inbound_packets, sa.outbound_packets);
  }
  return out + fmt::format(" Total {} pair(s)\n", sas.size());
}

std::string DvpnGlobalText(const device::DvpnInfo& info) {
  const std::string_view role = info.client ? (info.server ? "both" : "client") : (info.server ? "server" : "none");
  std::string out = fmt::format(
      " DVPN service          : {}\n Device role           : {}\n Protocol version      : 1 (our own)\n Local device "
      "ID       : {}\n"
      " Classes               : {}\n Clients               : {}\n Domains               : {}\n"
      " Maps                  : {}\n Sessions              : {}\n",
      info.service ? "enabled" : "disabled", role, info.device_id, info.classes, info.clients, info.domains, info.maps,
      info.sessions);
  out += fmt::format(
      " Session history kept  : {} h\n Map age time          : {} s\n Register interval     : {} s\n Register retry    "
      "    : {}\n"
      " Register dumb         : {} s\n Client authentication : {}{}\n",
      info.global.session_history_age, info.global.map_age, info.global.register_interval, info.global.register_retry,
      info.global.register_dumb, dvpn::Name(info.global.authentication),
      info.global.authentication_domain.empty() ? "" : " domain " + info.global.authentication_domain);
  out += CounterLines(info.counters);
  for (const auto& drop : info.drops) {
    if (drop.count != 0) out += fmt::format(" Refused, {}: {}\n", drop.reason, drop.count);
  }
  return out;
}

std::string DvpnDomainText(int dvpn_id, const device::DvpnInfo& info) {
  return fmt::format(" DVPN domain           : {}\n Maps                  : {}\n Sessions              : {}\n", dvpn_id,
                     info.maps, info.sessions) +
         CounterLines(info.counters);
}

}  // namespace sw::cli
