// Accounting of those who are logged in (RFC 2866): starts, interim records, stops and the stops that must be sent
// again.
#include <fmt/format.h>

#include <utility>

#include "device/aaa/aaa_live.h"

namespace sw::device {
namespace {

using radius::Type;

// Acct-Status-Type, Acct-Authentic, Acct-Terminate-Cause: RFC 2866 section 5.
constexpr std::uint32_t kStart = 1, kStop = 2, kInterim = 3;
constexpr std::uint32_t kAuthenticRadius = 1, kUserRequest = 1;

}  // namespace

std::vector<radius::Attribute> Aaa::Record(const Live& live, std::uint32_t status) const {
  const Connection& c = live.shown;
  std::vector<radius::Attribute> out = Identity(c.accounting, c.user, c.domain, c.service, c.from);
  auto number = [&](Type type, std::uint64_t value) {
    out.push_back(radius::Number(type, static_cast<std::uint32_t>(value)));
  };
  number(Type::kAcctStatusType, status);
  out.push_back(radius::Text(Type::kAcctSessionId, c.session_id));
  number(Type::kAcctAuthentic, kAuthenticRadius);
  if (!live.session_class.empty()) out.push_back(radius::Text(Type::kClass, live.session_class));
  if (!c.address.empty()) number(Type::kFramedIpAddress, c.address.value);
  if (status == kStart) return out;
  // Input is what comes from the user (RFC 2866 section 5.3).
  number(Type::kAcctSessionTime,
         static_cast<std::uint64_t>(
             std::chrono::duration_cast<std::chrono::seconds>(platform_.scheduler().now() - c.since).count()));
  number(Type::kAcctInputOctets, c.received_bytes);
  number(Type::kAcctInputGigawords, c.received_bytes >> 32);
  number(Type::kAcctOutputOctets, c.sent_bytes);
  number(Type::kAcctOutputGigawords, c.sent_bytes >> 32);
  number(Type::kAcctInputPackets, c.received_packets);
  number(Type::kAcctOutputPackets, c.sent_packets);
  if (status == kStop) number(Type::kAcctTerminateCause, kUserRequest);
  return out;
}

std::uint64_t Aaa::Open(const LoginAnswer& answer, Service service, std::string from, Ipv4 address,
                        std::function<void()> cut) {
  auto live = std::make_unique<Live>();
  Connection& c = live->shown;
  c.index = ++last_;
  c.service = service;
  c.user = answer.user;
  c.domain = answer.domain;
  c.checked_by = answer.checked_by;
  c.from = std::move(from);
  c.address = address;
  c.since = platform_.scheduler().now();
  c.session_id = fmt::format("{:08x}{:08x}", static_cast<std::uint32_t>(boot_), c.index);
  live->session_class = answer.session_class;
  live->optional = answer.accounting_optional;
  live->cut = std::move(cut);
  if (const auto found = config_.radius.find(answer.accounting); found != config_.radius.end()) {
    const auto& servers = found->second.accounting;
    const bool any = std::ranges::any_of(
        servers, [](const RadiusServerConfig& s) { return s.active && !s.endpoint.address.empty(); });
    if (any) c.accounting = answer.accounting;
    live->optional = live->optional || found->second.accounting_optional;
  }
  Live& kept = *(live_[c.index] = std::move(live));
  if (!kept.shown.accounting.empty()) Start(kept);
  return kept.shown.index;
}

void Aaa::Start(Live& live) {
  const std::uint64_t index = live.shown.index;
  radius_.Account(live.shown.accounting, Record(live, kStart), [this, index](const RadiusClient::Reply& reply) {
    const auto found = live_.find(index);
    if (found == live_.end() || reply.outcome == RadiusClient::Outcome::kAccepted || found->second->optional) return;
    CutLive(index, "no accounting server answered the start");
  });
  const auto scheme = config_.radius.find(live.shown.accounting);
  const int minutes = scheme == config_.radius.end() ? 0 : scheme->second.realtime;
  if (minutes > 0)
    live.timer = platform_.scheduler().At(platform_.scheduler().now() + std::chrono::minutes(minutes),
                                          [this, index] { Interim(index); });
}

void Aaa::Interim(std::uint64_t index) {
  Live& live = *live_.at(index);
  Refresh(live);
  const auto scheme = config_.radius.find(live.shown.accounting);
  if (scheme == config_.radius.end()) return;
  radius_.Account(live.shown.accounting, Record(live, kInterim), [this, index](const RadiusClient::Reply& reply) {
    const auto found = live_.find(index);
    if (found == live_.end()) return;
    Live& now = *found->second;
    now.unanswered = reply.outcome == RadiusClient::Outcome::kAccepted ? 0 : now.unanswered + 1;
    const auto current = config_.radius.find(now.shown.accounting);
    if (current == config_.radius.end() || now.optional || now.unanswered < current->second.retry_realtime) return;
    CutLive(index, fmt::format("{} interim accounting requests were not answered", now.unanswered));
  });
  live.timer = platform_.scheduler().At(platform_.scheduler().now() + std::chrono::minutes(scheme->second.realtime),
                                        [this, index] { Interim(index); });
}

void Aaa::CutLive(std::uint64_t index, const std::string& why) {
  Live& live = *live_.at(index);
  monitor_.Log(Severity::kWarnings, "AAA", "CUT", fmt::format("user {} is cut: {}", live.shown.user, why));
  const std::function<void()> cut = live.cut;
  if (cut) cut();
}

void Aaa::Refresh(Live& live) {
  if (!lookup_ || live.tunnel.empty() || live.ending) return;
  if (const std::optional<dvpn::SessionInfo> session = lookup_(live.tunnel, live.shown.address))
    SetCounters(live.shown.index, *session);
}

void Aaa::SetCounters(std::uint64_t connection, const dvpn::SessionInfo& session) {
  const auto found = live_.find(connection);
  if (found == live_.end()) return;
  Connection& c = found->second->shown;
  c.sent_packets = session.sent_packets;
  c.sent_bytes = session.sent_bytes;
  c.received_packets = session.received_packets;
  c.received_bytes = session.received_bytes;
}

void Aaa::Close(std::uint64_t connection) {
  const auto found = live_.find(connection);
  if (found == live_.end()) return;
  platform_.scheduler().Cancel(found->second->timer);
  if (!found->second->shown.accounting.empty()) Stop(*found->second);
  const auto mapped = by_map_.find({found->second->tunnel, found->second->shown.address});
  if (mapped != by_map_.end() && mapped->second == connection) by_map_.erase(mapped);
  live_.erase(found);
}

void Aaa::Stop(Live& live) {
  auto stop = std::make_unique<Buffered>();
  stop->stop = {live.shown.accounting, live.shown.user, live.shown.session_id, platform_.scheduler().now(), 0,
                Record(live, kStop)};
  const std::uint64_t key = ++last_;
  stops_[key] = std::move(stop);
  SendStop(key);
}

void Aaa::SendStop(std::uint64_t key) {
  BufferedStop& stop = stops_.at(key)->stop;
  ++stop.sent;
  radius_.Account(stop.scheme, stop.attributes, [this, key](const RadiusClient::Reply& reply) {
    const auto found = stops_.find(key);
    if (found == stops_.end()) return;
    BufferedStop& now = found->second->stop;
    const auto scheme = config_.radius.find(now.scheme);
    const bool again = reply.outcome != RadiusClient::Outcome::kAccepted && scheme != config_.radius.end() &&
                       scheme->second.stop_buffer && now.sent < scheme->second.retry_stop;
    if (again) {
      found->second->timer =
          platform_.scheduler().At(platform_.scheduler().now() + kStopRetry, [this, key] { SendStop(key); });
      return;
    }
    if (reply.outcome != RadiusClient::Outcome::kAccepted)
      monitor_.Log(Severity::kWarnings, "AAA", "STOP", fmt::format("the accounting stop of user {} is lost", now.user));
    stops_.erase(found);
  });
}

}  // namespace sw::device
