// The subjects of the configuration in the order in which they are loaded, validated and applied: what others build on
// comes first.
#include "device/config/subject.h"

#include "device/device_impl.h"

namespace sw::device {
namespace {

using configdb::Key;

// A take function of a subject, which knows its own values only.
template <auto Values, auto Changed, auto Take>
void Into(const Key& key, Rows rows, Config& config, Delta& delta) {
  Take(key, rows, config.*Values, delta.*Changed);
}
template <auto Take>
void IntoAcl(const Key& key, Rows rows, Config&, Delta& delta) {
  Take(key, rows, delta.acl);
}

template <auto Take>
constexpr auto kSystem = &Into<&Config::system, &Delta::system, Take>;
template <auto Take>
constexpr auto kAaa = &Into<&Config::aaa, &Delta::aaa, Take>;
template <auto Take>
constexpr auto kInterface = &Into<&Config::interfaces, &Delta::interfaces, Take>;
template <auto Take>
constexpr auto kDvpn = &Into<&Config::dvpn, &Delta::dvpn, Take>;
template <auto Take>
constexpr auto kIpsec = &Into<&Config::ipsec, &Delta::ipsec, Take>;
template <auto Take>
constexpr auto kIke = &Into<&Config::ike, &Delta::ike, Take>;
template <auto Take>
void IntoInfo(const Key& key, Rows rows, Config& config, Delta& delta) {
  Take(key, rows, config.system.info_center, delta.system.info_center);
}

// --- system: name, clock, information centre, files
constexpr SubjectTable kSystemTables[] = {
    {"system", kSystem<TakeSystem>},
    {"clock", kSystem<TakeClock>},
    {"info_center", IntoInfo<TakeInfoCenter>},
    {"info_channel", IntoInfo<TakeInfoChannels>, 0},
    {"info_source", IntoInfo<TakeInfoSources>, 0},
    {"info_loghost", IntoInfo<TakeInfoLogHosts>, 0},
    {"file_global"},
};
Status ApplySystem(Engines& e, const Delta& delta) {
  const SystemConfig& config = e.config.system;
  if (delta.system.sysname) e.monitor.set_sysname(config.sysname);
  if (delta.system.clock) {
    e.clock.Configure(config.clock.zone, config.clock.summer);
    e.ClockMoved();
  }
  if (delta.system.info_center) e.monitor.info().Configure(config.info_center);
  return {};
}

// --- aaa
constexpr SubjectTable kAaaTables[] = {
    {"aaa_global", kAaa<TakeAaaGlobal>},
    {"radius_scheme", kAaa<TakeRadiusScheme>},
    {"hwtacacs_scheme", kAaa<TakeHwtacacsScheme>},
    {"local_user", kAaa<TakeLocalUser>},
    {"local_user_network", kAaa<TakeLocalUserNetworks>, 1},
    {"isp_domain", kAaa<TakeDomain>},
    {"isp_pool", kAaa<TakeDomainPools>, 1},
    {"ip_pool"},
    {"local_server"},
};
void FollowAaa(Engines& e, const Delta& delta) {
  if (delta.aaa.radius) e.aaa.OnConfigChange();
}

// --- terminal: asked for in the store by whoever sits at a line
constexpr SubjectTable kTerminalTables[] = {
    {"terminal"}, {"user_interface"}, {"super_password"}, {"command_privilege"}, {"ssh_key"},
};

// --- interface
constexpr SubjectTable kInterfaceTables[] = {
    {"interface", kInterface<TakeInterface>},
    {"interface_address", kInterface<TakeAddresses>, 1},
};
Status ApplyInterfaces(Engines& e, const Delta& delta) {
  if (delta.interfaces.names.empty()) return {};
  const Result<bool> set = e.interfaces.Apply(e.config.interfaces, delta.interfaces.names);
  if (!set.ok()) return set.status();
  if (*set) e.routes.Retry();
  return {};
}

void EachInterface(const Delta& all, const std::function<void(const Delta&)>& take) {
  for (const std::string& name : all.interfaces.names) {
    Delta one;
    one.interfaces.names = {name};
    take(one);
  }
}

// --- route
constexpr SubjectTable kRouteTables[] = {{"route_static", &Into<&Config::routes, &Delta::routes, TakeRoute>}};

void EachRoute(const Delta& all, const std::function<void(const Delta&)>& take) {
  for (const RouteKey& key : all.routes) {
    Delta one;
    one.routes = {key};
    take(one);
  }
}

// --- dvpn and gre: the engines of tunnels
constexpr SubjectTable kDvpnTables[] = {
    {"dvpn_global", kDvpn<TakeDvpnGlobal>},
    {"dvpn_class", kDvpn<TakeDvpnClass>},
    {"dvpn_policy", kDvpn<TakeDvpnPolicy>},
};
// Of these objects the tunnels that name them.
void AddUsers(const References& references, std::string_view table, const std::set<std::string>& names,
              std::set<std::string>& interfaces) {
  for (const std::string& name : names)
    references.EachUser(table, name, "interface", [&](const Key& key) { interfaces.insert(NameOf(key)); });
}
Status ApplyTunnels(Engines& e, const Delta& delta) {
  const Config& config = e.config;
  if (delta.dvpn.global) e.history.SetAge(std::chrono::hours(config.dvpn.global.session_history_age));
  if (delta.dvpn.global || delta.system.sysname) {
    e.tunnels.RefreshAll(e.tunnels_config());
  } else {
    std::set<std::string> names = delta.interfaces.names;
    for (const std::string& source : delta.interfaces.names)
      config.interfaces.EachWithSource(source, [&](const InterfaceConfig& tunnel) { names.insert(tunnel.name); });
    AddUsers(config.references, "dvpn_class", delta.dvpn.classes, names);
    AddUsers(config.references, "dvpn_policy", delta.dvpn.policies, names);
    e.tunnels.Refresh(e.tunnels_config(), names);
  }
  const bool ways = !delta.interfaces.names.empty() || !delta.routes.empty();
  const bool dvpn = delta.dvpn.global || !delta.dvpn.classes.empty() || !delta.dvpn.policies.empty();
  if (ways || dvpn) e.FollowTunnelsSoon();
  if (ways || dvpn) e.tunnels.OnChange();
  return {};
}

// --- acl. Follows what is committed, so that nothing has to be taken back: no engine can refuse a rule.
constexpr SubjectTable kAclTables[] = {
    {"time_range", IntoAcl<TakeTimeRange>, 1},
    {"acl", IntoAcl<TakeAcl>},
    {"acl_rule", IntoAcl<TakeAclRule>},
    {"acl_comment"},
};
void FollowAcls(Engines& e, const Delta& delta) {
  if (delta.acl.empty()) return;
  e.acls.Follow(delta.acl);
  if (e.minute == 0 && !e.acls.time_ranges().empty()) e.OnMinute();
}

// --- ike
constexpr SubjectTable kIkeTables[] = {
    {"ike_global", kIke<TakeIkeGlobal>}, {"ike_proposal", kIke<TakeIkeProposal>}, {"ike_dpd", kIke<TakeIkeDpd>},
    {"pki_domain", kIke<TakePkiDomain>}, {"ike_peer", kIke<TakeIkePeer>},
};
Status ApplyIke(Engines& e, const Delta& delta) {
  const auto add_users = [&](std::string_view table, const std::set<std::string>& names, std::set<std::string>& peers) {
    for (const std::string& name : names)
      e.config.references.EachUser(table, name, "ike_peer", [&](const Key& key) { peers.insert(NameOf(key)); });
  };
  std::set<std::string> peers = delta.ike.peers;
  add_users("ike_dpd", delta.ike.dpds, peers);
  add_users("pki_domain", delta.ike.pki_domains, peers);
  const bool all = delta.ike.global || delta.system.sysname;
  if (all || !peers.empty()) e.ike.Follow(e.config.ike, e.config.system.sysname, all, peers);
  e.ike.RefreshInterfaces(delta.interfaces.names);
  return {};
}

// --- ipsec, after what it builds on: interfaces, lists, peers. Nothing here can refuse: what cannot run yet is told in
// the log.
constexpr SubjectTable kIpsecTables[] = {
    {"ipsec_global", kIpsec<TakeIpsecGlobal>},
    {"ipsec_proposal", kIpsec<TakeIpsecProposal>},
    {"ipsec_policy_template", kIpsec<TakeIpsecTemplate>},
    {"ipsec_policy", kIpsec<TakeIpsecPolicy>},
};
Status ValidateIpsecIn(const Config& config, const Delta& delta) {
  IpsecUsers users;
  users.of_proposal = [&](const std::string& proposal) {
    std::vector<PolicyKey> out;
    config.references.EachUser("ipsec_proposal", proposal, "ipsec_policy",
                               [&](const Key& key) { out.emplace_back(NameOf(key), NumberOf(key.back())); });
    return out;
  };
  users.of_group = [&](const std::string& group) {
    std::set<std::string> names;
    AddUsers(config.references, "ipsec_policy", {group}, names);
    std::vector<std::string> out;
    if (names.size() < 2) return std::vector<std::string>(names.begin(), names.end());
    for (const InterfaceConfig& interface : config.interfaces)
      if (names.contains(interface.name)) out.push_back(interface.name);
    return out;
  };
  users.group_of = [&](const std::string& name) {
    const InterfaceConfig* interface = config.FindInterface(name);
    return interface == nullptr ? std::string() : interface->ipsec_policy;
  };
  return ValidateIpsec(config.ipsec, delta.ipsec, delta.interfaces.names, users);
}
// The groups whose policies are made of something that changed.
std::set<std::string> ChangedGroups(const References& references, const Delta& delta) {
  std::set<std::string> groups, templates;
  const auto add = [&](std::string_view table, const std::string& name) {
    references.EachUser(table, name, "ipsec_policy", [&](const Key& key) { groups.insert(NameOf(key)); });
    references.EachUser(table, name, "ipsec_policy_template", [&](const Key& key) { templates.insert(NameOf(key)); });
  };
  for (const PolicyKey& key : delta.ipsec.policies) groups.insert(key.first);
  for (const PolicyKey& key : delta.ipsec.templates) templates.insert(key.first);
  for (const std::string& name : delta.ipsec.proposals) add("ipsec_proposal", name);
  for (const std::string& name : delta.ike.peers) add("ike_peer", name);
  for (const std::string& name : templates)
    references.EachUser("ipsec_policy_template", name, "ipsec_policy",
                        [&](const Key& key) { groups.insert(NameOf(key)); });
  return groups;
}
void FollowIpsec(Engines& e, const Delta& delta) {
  std::set<std::string> names = delta.interfaces.names;
  AddUsers(e.config.references, "ipsec_policy", ChangedGroups(e.config.references, delta), names);
  e.ipsec.Follow(e.config.ipsec, e.config.interfaces, names);
  if (!delta.acl.empty()) e.ipsec.FollowLists();
}

// --- card and snmp
constexpr SubjectTable kCardTables[] = {
    {"encrypt_card_global", &Into<&Config::card, &Delta::card, TakeCardGlobal>},
    {"encrypt_card", &Into<&Config::card, &Delta::card, TakeCard>},
};
Status ApplyCard(Engines& e, const Delta& delta) {
  if (!delta.card) return {};
  e.card.Configure(e.config.card);
  e.ipsec.gateway().SetFastSwitch(e.config.card.fast_switch && e.services.card != nullptr);
  return {};
}
constexpr SubjectTable kSnmpTables[] = {
    {"snmp_global", &Into<&Config::snmp, &Delta::snmp, TakeSnmp>},
    {"snmp_community"},
    {"snmp_target"},
};

// --- metrics: the service that runs the device asks the store
constexpr SubjectTable kMetricsTables[] = {{"metrics_global"}};

// --- kept for the sake of the files that hold them; nothing follows from them
constexpr SubjectTable kKeptTables[] = {
    {"nat_address_group"}, {"nat_outbound"},   {"nat_server"},   {"l2tp_global"}, {"l2tp_group"},
    {"vrrp_global"},       {"vrrp_interface"}, {"vrrp_address"}, {"vrrp_group"},  {"vrrp_track"},
};

constexpr Subject kSubjects[] = {
    {"system", kSystemTables, [](const Config& c, const Delta& d) { return ValidateSystem(c.system, d.system); },
     ApplySystem},
    {"aaa", kAaaTables, [](const Config& c, const Delta& d) { return ValidateAaa(c.aaa, d.aaa); }, nullptr, FollowAaa},
    {"terminal", kTerminalTables},
    {"card", kCardTables, nullptr, ApplyCard},
    {"interface", kInterfaceTables,
     [](const Config& c, const Delta& d) { return ValidateInterfaces(c.interfaces, d.interfaces); }, ApplyInterfaces,
     nullptr, EachInterface},
    {"gre", {}, [](const Config& c, const Delta& d) { return ValidateGre(c.interfaces, d.interfaces); }},
    {"route", kRouteTables,
     [](const Config& c, const Delta& d) { return ValidateRoutes(c.routes, c.interfaces, d.routes, d.interfaces); },
     [](Engines& e, const Delta& d) { return e.routes.Apply(e.config.routes, d.routes); }, nullptr, EachRoute},
    {"dvpn", kDvpnTables, [](const Config& c, const Delta& d) { return ValidateDvpn(c.interfaces, d.interfaces); },
     ApplyTunnels},
    {"acl", kAclTables, nullptr, nullptr, FollowAcls},
    {"ike", kIkeTables, [](const Config& c, const Delta& d) { return ValidateIke(c.ike, d.ike); }, ApplyIke},
    {"ipsec", kIpsecTables, ValidateIpsecIn, nullptr, FollowIpsec},
    {"snmp", kSnmpTables},
    {"metrics", kMetricsTables},
    {"kept", kKeptTables},
};

}  // namespace

std::span<const Subject> Subjects() {
  return kSubjects;
}

// What cannot be had holds up nothing else: each interface, each route and each subject is tried.
void Device::Impl::Start(const Delta& all) {
  const auto apply = [this](const Subject& subject, const Delta& delta) {
    if (Status applied = subject.apply(*this, delta); !applied.ok())
      monitor.Log(Severity::kErrors, "CFM", "APPLY", applied.why());
  };
  for (const Subject& subject : Subjects()) {
    if (subject.apply == nullptr) continue;
    if (subject.in_parts != nullptr) {
      subject.in_parts(all, [&](const Delta& part) { apply(subject, part); });
    } else {
      apply(subject, all);
    }
  }
}

}  // namespace sw::device
