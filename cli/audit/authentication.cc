// Who is who: how the ends of a negotiation, clients and users prove themselves.
#include <fmt/format.h>

#include "cli/audit/rule.h"
#include "cli/audit/users.h"
#include "config-db/schema.h"

namespace sw::cli {
namespace {

Hit PeerHit(const AuditInput& input, const device::IkePeerConfig& peer, std::string_view column, std::string what) {
  Hit hit{.table = "ike_peer", .key = peer.name, .column = column, .object = "ike peer " + peer.name};
  hit.what = std::move(what);
  hit.users = UsersOfPeer(input.config, peer.name);
  return hit;
}

void FindAggressive(const AuditInput& input, std::vector<Hit>& out) {
  for (const auto& [name, peer] : input.config.ike.peers) {
    if (!peer.aggressive || !peer.pre_shared_key.set()) continue;
    Hit hit = PeerHit(input, peer, "exchange_mode",
                      "it answers with a hash of the key before the other end has proved "
                      "anything");
    hit.both_ends = true;
    if (!peer.remote_address.empty() && peer.remote_high.empty()) {
      hit.mend = {hit.object, " exchange-mode main"};
      if (peer.id_name) hit.mend.emplace_back(" id-type ip");
    } else {
      hit.remedy = "main mode finds a key by the peer's address, and there is none: certificates, or a remote-address";
    }
    out.push_back(std::move(hit));
  }
}

void FindIkev1(const AuditInput& input, std::vector<Hit>& out) {
  if (input.config.ike.peers.empty()) return;
  Hit hit{.table = "ike_global", .key = "1", .column = "ike", .object = "ike"};
  hit.what = "keys are negotiated by IKE version 1, the only one this device speaks";
  hit.users = Peers(input.config);
  hit.remedy = "another product at both ends";
  out.push_back(std::move(hit));
}

void FindNoCrl(const AuditInput& input, std::vector<Hit>& out) {
  for (const auto& [name, domain] : input.config.ike.pki_domains) {
    if (!domain.crl.empty()) continue;
    Hit hit{.table = "pki_domain", .key = name, .column = "crl", .object = "pki domain " + name};
    hit.what = "no list of revoked certificates is looked at";
    for (const auto& [peer_name, peer] : input.config.ike.peers)
      if (peer.certificate_domain == name) hit.users.push_back("ike peer " + peer_name);
    hit.unused = hit.users.empty();
    hit.remedy = "crl file, with the list of the authority";
    out.push_back(std::move(hit));
  }
}

// Each place that says how DVPN clients prove themselves, and how: with the lines that make it CHAP.
template <typename Visit>
void EachDvpnMethod(const AuditInput& input, Visit visit) {
  const device::DvpnConfig& dvpn = input.config.dvpn;
  for (const auto& [name, policy] : dvpn.policies) {
    if (!policy.authentication_set) continue;
    Hit hit{.table = "dvpn_policy", .key = name, .column = "authentication_method", .object = "dvpn policy " + name};
    hit.users = UsersOfDvpnPolicy(input.config, name);
    hit.unused = hit.users.empty();
    hit.mend = {hit.object, " authentication-client method chap"};
    visit(policy.policy.authentication, std::move(hit));
  }
  Hit hit{.table = "dvpn_global", .key = "1", .column = "authentication_method", .object = "dvpn server"};
  for (const device::InterfaceConfig& interface : input.config.interfaces) {
    if (!interface.tunnel.dvpn || interface.tunnel.role != dvpn::Role::kServer) continue;
    const auto policy = dvpn.policies.find(interface.tunnel.policy);
    if (policy == dvpn.policies.end() || !policy->second.authentication_set)
      hit.users.push_back("interface " + interface.name);
  }
  hit.mend = {"dvpn server authentication-client method chap"};
  if (!hit.users.empty()) visit(dvpn.global.authentication, std::move(hit));
}

template <dvpn::AuthMethod method>
void FindDvpnMethod(const AuditInput& input, std::vector<Hit>& out) {
  EachDvpnMethod(input, [&](dvpn::AuthMethod is, Hit hit) {
    if (is != method) return;
    hit.what = is == dvpn::AuthMethod::kNone  ? "any client is taken"
               : is == dvpn::AuthMethod::kPap ? "clients send their passwords, and the server learns them"
                                              : "clients answer by MD5, and the server keeps their passwords";
    hit.both_ends = is == dvpn::AuthMethod::kNone;
    if (is == dvpn::AuthMethod::kNone)
      hit.remedy = "clients need a local-user in their dvpn class, known to the server";
    if (is == dvpn::AuthMethod::kChap) {
      hit.mend.clear();
      hit.remedy = "DVPN has nothing better; long passwords help";
    }
    out.push_back(std::move(hit));
  });
}

void FindServerUnproved(const AuditInput& input, std::vector<Hit>& out) {
  for (const auto& [name, dvpn_class] : input.config.dvpn.classes) {
    if (dvpn_class.authenticate_server != dvpn::ServerMethod::kNone) continue;
    Hit hit{.table = "dvpn_class", .key = name, .column = "authentication_server", .object = "dvpn class " + name};
    hit.what = "whoever answers at the server's address is taken for the server";
    hit.users = UsersOfClass(input.config, name);
    hit.unused = hit.users.empty();
    hit.mend = {hit.object, " authentication-server method pre-share"};
    if (!dvpn_class.pre_shared_key.set()) hit.mend.push_back(fmt::format(" pre-shared-key {}", kNewKey));
    hit.both_ends = true;
    out.push_back(std::move(hit));
  }
}

void FindPppPap(const AuditInput& input, std::vector<Hit>& out) {
  const Result<std::vector<configdb::Row>> rows = input.store.Rows("interface");
  if (!rows.ok()) return;
  for (const configdb::Row& row : *rows) {
    if (row.Text("ppp_authentication") != "pap") continue;
    const std::string name = row.TextOr("name", "");
    Hit hit{.table = "interface", .key = name, .column = "ppp_authentication", .object = "interface " + name};
    hit.what = "users send their passwords in clear";
    hit.users = {hit.object};
    hit.mend = {hit.object, " ppp authentication-mode chap"};
    hit.both_ends = true;
    out.push_back(std::move(hit));
  }
}

void FindUnchecked(const AuditInput& input, std::vector<Hit>& out) {
  for (const auto& [name, domain] : input.config.aaa.domains) {
    if (domain.authentication.kind != device::AaaMethod::Kind::kNone) continue;
    const bool own = domain.scheme.kind != device::AaaMethod::Kind::kNone;
    Hit hit{.table = "isp_domain", .key = name, .object = "domain " + name, .what = "its users are not checked"};
    hit.column = own ? "authentication" : "scheme";
    hit.mend = {hit.object, own ? " authentication local" : " scheme local"};
    out.push_back(std::move(hit));
  }
}

constexpr Citation kAggressiveDocs[] = {
    {&kSpsk, "", "the method was \"susceptible to dictionary attacks\"", Seen::kQuoted},
    {&kAggressiveCve, "", ""},
    {&kRfc2409, "5.4", ""},
    {&kSp800_77, "", ""}};
constexpr Citation kIkev1Docs[] = {{&kRfc8247Draft, "1.3", "\"IKEv1 is deprecated\"", Seen::kDraftRead},
                                   {&kRfc9395, "1", "\"IKEv1 has been deprecated\"", Seen::kQuoted}};
constexpr Citation kPapDocs[] = {{&kRfc1334, "2.2", ""}};
constexpr Citation kChapDocs[] = {{&kRfc1994, "", ""}};

constexpr Rule kRules[] = {
    {"aggressive-key",
     "authentication",
     Always(Severity::kError),
     {522, 521},
     "Aggressive mode with a pre-shared key",
     "Anybody may ask, and take the answer home to try keys on it; the names of both ends are sent in clear.",
     kAggressiveDocs,
     FindAggressive},
    {"ike-version-1",
     "authentication",
     Always(Severity::kNote),
     {0, 0},
     "IKE version 1",
     "It is historic: no new algorithms are added to it.",
     kIkev1Docs,
     FindIkev1},
    {"no-revocation",
     "authentication",
     Always(Severity::kNote),
     {0, 0},
     "Certificates without a list of revoked ones",
     "A certificate whose key was lost stays good until it ends.",
     {},
     FindNoCrl},
    {"dvpn-open",
     "authentication",
     Always(Severity::kError),
     {306, 0},
     "DVPN clients are not authenticated",
     "Whoever reaches the server joins the network.",
     {},
     FindDvpnMethod<dvpn::AuthMethod::kNone>},
    {"dvpn-pap",
     "authentication",
     Always(Severity::kWarning),
     {522, 0},
     "PAP",
     "The password itself is sent, in the encrypted channel: whoever poses as the server has it.",
     kPapDocs,
     FindDvpnMethod<dvpn::AuthMethod::kPap>},
    {"dvpn-chap",
     "authentication",
     Always(Severity::kNote),
     {328, 522},
     "CHAP",
     "Who sees challenge and answer may try passwords at home; the server must be able to read the passwords it keeps.",
     kChapDocs,
     FindDvpnMethod<dvpn::AuthMethod::kChap>},
    {"dvpn-server-unproved",
     "authentication",
     Always(Severity::kWarning),
     {322, 0},
     "A server that need not prove itself",
     "A client can be led into a network of somebody else.",
     {},
     FindServerUnproved},
    {"ppp-pap",
     "authentication",
     Always(Severity::kWarning),
     {319, 523},
     "PAP on a link",
     "Whoever listens on the link has the passwords.",
     kPapDocs,
     FindPppPap},
    {"domain-open",
     "authentication",
     Always(Severity::kError),
     {306, 0},
     "Users of a domain are not checked",
     "Any name and any password of the domain are good.",
     {},
     FindUnchecked},
};

}  // namespace

std::span<const Rule> AuthenticationRules() {
  return kRules;
}

}  // namespace sw::cli
