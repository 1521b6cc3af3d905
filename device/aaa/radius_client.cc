#include "device/aaa/radius_client.h"

#include <fmt/format.h>

#include <utility>

namespace sw::device {
namespace {

constexpr int kIds = 256;

constexpr std::string_view kNames[] = {"primary", "secondary"};

}  // namespace

RadiusClient::RadiusClient(Platform& platform, Random& random, Monitor& monitor, const AaaConfig& config)
    : platform_(platform), random_(random), monitor_(monitor), config_(config) {}

RadiusClient::~RadiusClient() {
  *alive_ = false;
  for (auto& [slot, exchange] : under_way_) platform_.scheduler().Cancel(exchange->timer);
}

void RadiusClient::Authenticate(const std::string& scheme, std::vector<radius::Attribute> attributes,
                                SecretBytes password, Done done) {
  auto exchange = std::make_shared<Exchange>();
  exchange->scheme = scheme;
  exchange->attributes = std::move(attributes);
  exchange->password = std::move(password);
  exchange->done = std::move(done);
  Begin(std::move(exchange));
}

void RadiusClient::Account(const std::string& scheme, std::vector<radius::Attribute> attributes, Done done) {
  auto exchange = std::make_shared<Exchange>();
  exchange->scheme = scheme;
  exchange->accounting = true;
  exchange->attributes = std::move(attributes);
  exchange->done = std::move(done);
  Begin(std::move(exchange));
}

Duration RadiusClient::quiet(Endpoint server) const {
  const auto found = quiet_until_.find(server);
  const Time now = platform_.scheduler().now();
  return found == quiet_until_.end() || found->second <= now ? Duration{0} : found->second - now;
}

bool RadiusClient::Usable(const RadiusServerConfig& server) const {
  return server.active && !server.endpoint.address.empty() && quiet(server.endpoint) == Duration{0};
}

UdpPort* RadiusClient::Port(Ipv4 source) {
  std::unique_ptr<UdpPort>& port = ports_[source];
  if (port) return port.get();
  Result<std::unique_ptr<UdpPort>> opened =
      platform_.OpenUdp({source, 0}, [this](std::vector<dvpn::Datagram>& burst) { OnDatagrams(burst); });
  if (!opened.ok()) {
    monitor_.Log(Severity::kErrors, "RDS", "PORT",
                 fmt::format("no UDP port at {}: {}", source.ToString(), opened.why()));
    return nullptr;
  }
  port = std::move(*opened);
  return port.get();
}

void RadiusClient::Begin(Pointer exchange) {
  const auto found = config_.radius.find(exchange->scheme);
  if (found == config_.radius.end())
    return Finish(exchange, {Outcome::kNoAnswer, {}, "radius scheme " + exchange->scheme + " does not exist"});
  const RadiusScheme& scheme = found->second;
  const auto& servers = exchange->accounting ? scheme.accounting : scheme.authentication;
  std::size_t server = 0;
  while (server < servers.size() && (exchange->tried[server] || !Usable(servers[server]))) ++server;
  if (server == servers.size()) {
    ++statistics_.unanswered;
    return Finish(exchange, {Outcome::kNoAnswer, {}, "no server of radius scheme " + scheme.name + " answers"});
  }
  exchange->server = server;
  exchange->to = servers[server].endpoint;
  int id = last_id_[exchange->to];
  int tries = 0;
  do {
    id = (id + 1) % kIds;
  } while (++tries <= kIds && under_way_.contains({exchange->to, static_cast<std::uint8_t>(id)}));
  if (tries > kIds) {
    if (waiting_.size() >= kMaxWaiting) return Finish(exchange, {Outcome::kNoAnswer, {}, "too many users at a time"});
    waiting_.push_back(std::move(exchange));
    return;
  }
  exchange->id = last_id_[exchange->to] = static_cast<std::uint8_t>(id);
  const Secret& key = exchange->accounting ? scheme.accounting_key : scheme.authentication_key;
  const std::optional<SecretBytes> plain = key.Reveal();
  if (!plain)
    return Finish(exchange,
                  {Outcome::kNoAnswer, {}, "the key of radius scheme " + scheme.name + " cannot be opened here"});
  exchange->key = *plain;
  std::vector<radius::Attribute> attributes = exchange->attributes;
  const Ipv4 source = scheme.nas_ip.empty() ? config_.radius_nas_ip : scheme.nas_ip;
  if (!source.empty()) attributes.push_back(radius::Number(radius::Type::kNasIpAddress, source.value));
  radius::Authenticator authenticator;
  random_.Fill(authenticator);
  exchange->packet =
      radius::Encode(exchange->accounting ? radius::PacketCode::kAccountingRequest : radius::PacketCode::kAccessRequest,
                     exchange->id, authenticator, attributes, exchange->password, exchange->key);
  if (exchange->packet.empty()) return Finish(exchange, {Outcome::kNoAnswer, {}, "the request is too long"});
  exchange->tried[server] = true;
  exchange->sent = 0;
  under_way_[{exchange->to, exchange->id}] = exchange;
  ++statistics_.requests;
  Send(exchange);
}

void RadiusClient::Send(const Pointer& exchange) {
  const RadiusScheme& scheme = config_.radius.at(exchange->scheme);
  if (exchange->sent++ > 0) ++statistics_.retransmissions;
  const Ipv4 source = scheme.nas_ip.empty() ? config_.radius_nas_ip : scheme.nas_ip;
  if (UdpPort* port = Port(source)) {
    std::vector<dvpn::Datagram> burst;
    if (PacketPtr packet = platform_.packets().Copy(exchange->packet))
      burst.push_back({exchange->to, std::move(packet)});
    port->Send(burst);  // what the system refuses is sent again at the timeout, like what is lost
  }
  exchange->timer =
      platform_.scheduler().At(platform_.scheduler().now() + std::chrono::seconds(scheme.response_timeout),
                               [this, exchange] { OnTimeout(exchange); });
}

void RadiusClient::OnTimeout(const Pointer& exchange) {
  exchange->timer = 0;
  const auto found = config_.radius.find(exchange->scheme);
  if (found != config_.radius.end() && exchange->sent < found->second.retry) return Send(exchange);
  const Endpoint silent = exchange->to;
  const int quiet = found == config_.radius.end() ? 0 : found->second.quiet;
  quiet_until_[silent] = platform_.scheduler().now() + std::chrono::minutes(quiet);
  monitor_.Log(Severity::kWarnings, "RDS", "SERVER",
               fmt::format("radius scheme {}: the {} {} server {} does not answer, quiet for {} minutes",
                           exchange->scheme, kNames[exchange->server],
                           exchange->accounting ? "accounting" : "authentication", silent.ToString(), quiet));
  const bool accounting = exchange->accounting;
  if (accounting ? config_.trap_accounting : config_.trap_authentication) {
    monitor_.Trap(Severity::kWarnings, "RDS", accounting ? "ACCTDOWN" : "AUTHDOWN",
                  fmt::format("the {} server {} of radius scheme {} is down",
                              accounting ? "accounting" : "authentication", silent.ToString(), exchange->scheme));
  }
  std::vector<Pointer> moved;
  for (const auto& [slot, other] : under_way_)
    if (slot.server == silent) moved.push_back(other);
  for (const Pointer& each : moved) Release(*each);
  for (const Pointer& each : moved) Begin(each);
  Admit();
}

void RadiusClient::OnDatagrams(std::vector<dvpn::Datagram>& burst) {
  for (dvpn::Datagram& datagram : burst) {
    const ByteView bytes = std::as_const(*datagram.packet).data();
    const auto found = bytes.size() < 2 ? under_way_.end() : under_way_.find({datagram.peer, bytes[1]});
    std::optional<radius::Answer> answer;
    if (found != under_way_.end()) answer = radius::Decode(bytes, found->second->packet, found->second->key);
    if (answer && !MayTake(*found->second, *answer)) answer.reset();
    if (!answer) {
      ++statistics_.discarded;
      continue;
    }
    const Pointer exchange = found->second;
    Release(*exchange);
    Reply reply{Outcome::kAccepted, std::move(answer->attributes), {}};
    switch (answer->code) {
      case radius::PacketCode::kAccessAccept:
        ++statistics_.accepted;
        break;
      case radius::PacketCode::kAccountingResponse:
        ++statistics_.accounted;
        break;
      default:
        ++statistics_.rejected;
        reply.outcome = Outcome::kRejected;
        reply.why = answer->code == radius::PacketCode::kAccessChallenge ? "the server asks for more than a password"
                                                                         : "the server rejected the user";
    }
    Finish(exchange, std::move(reply));
  }
  burst.clear();
  Admit();
}

bool RadiusClient::MayTake(const Exchange& exchange, const radius::Answer& answer) {
  if (exchange.accounting || answer.proved) return true;
  const auto scheme = config_.radius.find(exchange.scheme);
  const bool takes = scheme != config_.radius.end() && scheme->second.unsigned_answers;
  if (unproved_.insert(exchange.to).second) {
    monitor_.Log(Severity::kWarnings, "RDS", "UNPROVED",
                 fmt::format("radius scheme {}: answers of {} come without Message-Authenticator and are {}", exchange.scheme,
                             exchange.to.ToString(),
                             takes ? "taken, as configured" : "refused (message-authenticator optional takes them)"));
  }
  return takes;
}

void RadiusClient::Release(Exchange& exchange) {
  platform_.scheduler().Cancel(std::exchange(exchange.timer, 0));
  under_way_.erase({exchange.to, exchange.id});
}

void RadiusClient::Admit() {
  for (std::size_t n = waiting_.size(); n > 0 && !waiting_.empty(); --n) {
    Pointer next = std::move(waiting_.front());
    waiting_.pop_front();
    const std::size_t before = waiting_.size();
    Begin(std::move(next));
    if (waiting_.size() > before) break;  // still no room
  }
}

void RadiusClient::Finish(const Pointer& exchange, Reply reply) {
  platform_.scheduler().At(platform_.scheduler().now(), [alive = alive_, exchange, reply = std::move(reply)]() mutable {
    if (*alive) exchange->done(std::move(reply));
  });
}

}  // namespace sw::device
