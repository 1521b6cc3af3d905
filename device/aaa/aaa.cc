#include "device/aaa/aaa.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "device/aaa/aaa_live.h"
#include "hal/primitives.h"

namespace sw::device {
namespace {

using Kind = AaaMethod::Kind;
using radius::Type;

constexpr std::uint32_t kPortVirtual = 5, kLogin = 1, kFramed = 2;  // NAS-Port-Type, Service-Type: RFC 2865
constexpr std::size_t kMaxAdmitted = 20000;                         // ours: DVPN users whose map is not built yet

bool Matches(const dvpn::Credentials& credentials, const SecretBytes& password) {
  if (credentials.method == dvpn::AuthMethod::kPap) return credentials.password == password;
  if (credentials.method != dvpn::AuthMethod::kChap) return false;
  Bytes input{credentials.chap_id};  // RFC 1994 section 4.1
  input.insert(input.end(), password.view().begin(), password.view().end());
  input.insert(input.end(), credentials.chap_challenge.begin(), credentials.chap_challenge.end());
  const hal::Md5Digest expected = hal::Md5(input);
  Wipe(input);
  return hal::EqualConstantTime(expected, credentials.chap_response);
}

bool Offers(const LocalUser& user, Service service) {
  switch (service) {
    case Service::kDvpn:
      return user.dvpn;
    case Service::kTerminal:
      return user.terminal;
    case Service::kTelnet:
      return user.telnet;
    case Service::kSsh:
      return user.ssh;
  }
  return false;
}

std::pair<std::string, std::string> Split(const std::string& user) {
  const std::size_t at = user.find('@');
  if (at == std::string::npos) return {user, {}};
  std::string domain = user.substr(at + 1);
  std::ranges::transform(domain, domain.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return {user.substr(0, at), std::move(domain)};
}

// Empty: the domain, which `in` users are in, has room for one more.
std::string WhyFull(const AaaConfig& config, const std::string& domain, std::ptrdiff_t in) {
  const auto found = config.domains.find(domain);
  if (found == config.domains.end() || found->second.access_limit == 0 || in < found->second.access_limit) return {};
  return fmt::format("domain {} has {} users already", domain, in);
}

}  // namespace

std::string_view Name(Service service) {
  constexpr std::string_view kNames[] = {"dvpn", "terminal", "telnet", "ssh"};
  return kNames[static_cast<std::size_t>(service)];
}

struct Aaa::Question {
  LoginRequest request;
  LoginAnswer answer;
  AaaMethod method;
  std::function<void(LoginAnswer)> done;
};

Aaa::Aaa(Platform& platform, Random& random, Monitor& monitor, const AaaConfig& config, const std::string& sysname)
    : platform_(platform),
      monitor_(monitor),
      config_(config),
      sysname_(sysname),
      radius_(platform, random, monitor, config),
      boot_(random.U32()) {}

Aaa::~Aaa() {
  *alive_ = false;
  for (auto& [index, live] : live_) platform_.scheduler().Cancel(live->timer);
  for (auto& [key, stop] : stops_) platform_.scheduler().Cancel(stop->timer);
}

// ------------------------------------------------------------------------------------------------------------- logins

void Aaa::Login(LoginRequest request, std::function<void(LoginAnswer)> done) {
  auto question = std::make_shared<Question>();
  question->request = std::move(request);
  question->done = std::move(done);
  const dvpn::Credentials& credentials = question->request.credentials;
  LoginAnswer& answer = question->answer;
  answer.user = credentials.user_name;
  answer.domain = Split(credentials.user_name).second;
  if (answer.domain.empty()) answer.domain = credentials.isp_domain;
  if (answer.domain.empty()) answer.domain = config_.default_domain;
  const auto found = config_.domains.find(answer.domain);
  if (found == config_.domains.end()) return Decide(question, "domain " + answer.domain + " does not exist");
  const IspDomain& domain = found->second;
  if (!domain.active) return Decide(question, "domain " + answer.domain + " is blocked");
  answer.accounting_optional = domain.accounting_optional;
  if (domain.accounting.kind == Kind::kRadius) answer.accounting = domain.accounting.scheme;
  question->method = domain.authentication;
  switch (question->method.kind) {
    case Kind::kNone:
      answer.checked_by = "none";
      return Decide(question, {});
    case Kind::kLocal:
      return Decide(question, CheckLocal(*question, answer));
    case Kind::kRadius:
      return AskRadius(std::move(question));
    case Kind::kHwtacacs:
      if (question->method.local) return Decide(question, CheckLocal(*question, answer));
      return Decide(question, "hwtacacs scheme " + question->method.scheme + " is stored, not spoken");
  }
}

// The local user of that name: as it was given, then with and without the domain that it belongs to.
std::string Aaa::CheckLocal(const Question& question, LoginAnswer& answer) const {
  const dvpn::Credentials& credentials = question.request.credentials;
  const auto [name, domain] = Split(credentials.user_name);
  std::vector<std::string> candidates{credentials.user_name};
  if (domain.empty()) candidates.insert(candidates.begin(), name + "@" + answer.domain);
  if (domain == config_.default_domain || domain == kSystemName) candidates.push_back(name);
  answer.checked_by = "local";
  for (const std::string& candidate : candidates) {
    const auto found = config_.users.find(candidate);
    if (found == config_.users.end()) continue;
    const LocalUser& user = found->second;
    if (!Offers(user, question.request.service))
      return fmt::format("user {} has no service-type {}", candidate, Name(question.request.service));
    if (!user.active) return "user " + candidate + " is blocked";
    if (!user.password.set()) return "user " + candidate + " has no password";
    const std::optional<SecretBytes> password = user.password.Reveal();
    if (!password && user.password.form == SecretForm::kHash)
      return "the password of user " + candidate + " is kept as a hash, and CHAP needs its text: type it again";
    if (!password) return "the cipher password of user " + candidate + " cannot be opened here";
    if (answer.wrong = !Matches(credentials, *password); answer.wrong) return "wrong password of user " + candidate;
    answer.level = user.level;
    if (!user.private_ip.empty()) answer.property.addresses = {user.private_ip};
    answer.property.networks = user.networks;
    const auto in = std::ranges::count_if(
        live_, [&](const auto& each) { return each.second->shown.user == credentials.user_name; });
    if (user.access_limit != 0 && in >= user.access_limit)
      return fmt::format("user {} is in {} times already", candidate, in);
    return {};
  }
  answer.wrong = true;
  return "user " + credentials.user_name + " does not exist";
}

void Aaa::AskRadius(std::shared_ptr<Question> question) {
  dvpn::Credentials& credentials = question->request.credentials;
  std::vector<radius::Attribute> attributes =
      Identity(question->method.scheme, question->answer.user, question->answer.domain, question->request.service,
               question->request.from);
  SecretBytes password;
  if (credentials.method == dvpn::AuthMethod::kChap) {
    Bytes proof{credentials.chap_id};  // RFC 2865 section 5.3
    proof.insert(proof.end(), credentials.chap_response.begin(), credentials.chap_response.end());
    attributes.push_back(radius::Octets(Type::kChapPassword, proof));
    attributes.push_back(radius::Octets(Type::kChapChallenge, credentials.chap_challenge));
  } else {
    if (credentials.password.empty() || credentials.password.size() > radius::kMaxPassword)
      return Decide(question, "a password of no or too many characters");
    password = credentials.password;
  }
  const std::string scheme = question->method.scheme;
  radius_.Authenticate(scheme, std::move(attributes), std::move(password), [this, question](RadiusClient::Reply reply) {
    LoginAnswer& answer = question->answer;
    answer.checked_by = "radius scheme " + question->method.scheme;
    switch (reply.outcome) {
      case RadiusClient::Outcome::kAccepted: {
        answer.level = radius::LevelOf(reply.attributes).value_or(0);
        if (const auto address = radius::FramedAddressOf(reply.attributes)) answer.property.addresses = {*address};
        const auto networks = radius::FramedRoutesOf(reply.attributes);
        if (!networks)
          return Decide(question, "a Framed-Route of radius scheme " + question->method.scheme + " cannot be read");
        answer.property.networks = *networks;
        answer.session_class = radius::TextOf(reply.attributes, Type::kClass);
        return Decide(question, {});
      }
      case RadiusClient::Outcome::kRejected:
        answer.wrong = true;
        return Decide(question, fmt::format("{} of radius scheme {}", reply.why, question->method.scheme));
      case RadiusClient::Outcome::kNoAnswer:
        if (!question->method.local) return Decide(question, reply.why);
        answer.accounting.clear();
        return Decide(question, CheckLocal(*question, answer));
    }
  });
}

void Aaa::Decide(const std::shared_ptr<Question>& question, std::string refusal) {
  LoginAnswer& answer = question->answer;
  const auto in =
      std::ranges::count_if(live_, [&](const auto& each) { return each.second->shown.domain == answer.domain; });
  if (refusal.empty()) refusal = WhyFull(config_, answer.domain, in);
  answer.accepted = refusal.empty();
  answer.reason = std::move(refusal);
  if (!answer.accepted) answer.level = 0;
  question->done(answer);
}

// -------------------------------------------------------------------------------------------------------- DVPN servers

void Aaa::Authenticate(dvpn::Credentials credentials, std::function<void(dvpn::Verdict)> done) {
  Login({Service::kDvpn, std::move(credentials), {}}, [this, done = std::move(done)](const LoginAnswer& answer) {
    if (answer.accepted) {
      if (admitted_.size() >= kMaxAdmitted) admitted_.erase(admitted_.begin());
      admitted_[answer.user] = answer;
    }
    done({answer.accepted, answer.reason, answer.property, answer.wrong});
  });
}

std::string Aaa::OwnerOf(Ipv4 address) const {
  const auto found = std::ranges::find_if(
      config_.users, [&](const auto& each) { return each.second.dvpn && each.second.private_ip == address; });
  return found == config_.users.end() ? std::string() : found->first;
}

void Aaa::OnMapBuilt(const dvpn::MapInfo& map, std::function<void()> cut) {
  if (map.user_name.empty() || map.type != dvpn::CommunicateType::kServerToClient) return;
  auto node = admitted_.extract(map.user_name);
  if (node.empty()) return;
  const std::uint64_t index =
      Open(node.mapped(), Service::kDvpn, map.peer_public.address.ToString(), map.peer_private, std::move(cut));
  live_.at(index)->tunnel = map.tunnel;
  by_map_[{map.tunnel, map.peer_private}] = index;
}

void Aaa::OnMapRemoved(const dvpn::MapInfo& map) {
  const auto found = by_map_.find({map.tunnel, map.peer_private});
  if (found == by_map_.end()) return;
  const std::uint64_t index = found->second;
  live_.at(index)->ending = true;
  // The session goes after its map, and takes the last counters with it.
  platform_.scheduler().At(platform_.scheduler().now(), [this, alive = alive_, index] {
    if (*alive) Close(index);
  });
}

void Aaa::OnSessionRemoved(const dvpn::SessionInfo& session) {
  const auto found = by_map_.find({session.tunnel, session.peer_private});
  if (found != by_map_.end()) SetCounters(found->second, session);
}

std::vector<radius::Attribute> Aaa::Identity(const std::string& scheme, const std::string& user,
                                             const std::string& domain, Service service,
                                             const std::string& from) const {
  const auto found = config_.radius.find(scheme);
  const bool with_domain = found == config_.radius.end() || found->second.with_domain;
  const std::string name = Split(user).first;
  std::vector<radius::Attribute> out{
      radius::Text(Type::kUserName, with_domain ? name + "@" + domain : name),
      radius::Text(Type::kNasIdentifier, sysname_),
      radius::Number(Type::kServiceType, service == Service::kDvpn ? kFramed : kLogin),
      radius::Number(Type::kNasPortType, kPortVirtual),
  };
  if (!from.empty()) out.push_back(radius::Text(Type::kCallingStationId, from));
  return out;
}

// -------------------------------------------------------------------------------------------------------- the operator

std::vector<Connection> Aaa::connections() const {
  std::vector<Connection> out;
  for (const auto& [index, live] : live_) out.push_back(live->shown);
  return out;
}

std::size_t Aaa::Cut(const std::function<bool(const Connection&)>& matches) {
  std::vector<std::uint64_t> chosen;
  for (const auto& [index, live] : live_)
    if (matches(live->shown)) chosen.push_back(index);
  for (const std::uint64_t index : chosen)
    if (live_.contains(index)) CutLive(index, "by the operator");
  return chosen.size();
}

std::vector<BufferedStop> Aaa::buffered_stops() const {
  std::vector<BufferedStop> out;
  for (const auto& [key, stop] : stops_) out.push_back(stop->stop);
  return out;
}

std::size_t Aaa::ResetBufferedStops(const std::function<bool(const BufferedStop&)>& matches) {
  return std::erase_if(stops_, [&](const auto& each) {
    if (!matches(each.second->stop)) return false;
    platform_.scheduler().Cancel(each.second->timer);
    return true;
  });
}

}  // namespace sw::device
