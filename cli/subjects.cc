#include "cli/subjects.h"

#include <vector>


namespace sw::cli {

// The order in which the subjects' settings are printed follows from render/configuration, within a section from here.
std::span<const Subject> Subjects() {
  static const Subject kSubjects[] = {
      {"System", SystemCommands()},
      {"Clock", ClockCommands()},
      {"Memory and processor", ResourceCommands()},
      {"Domains and users", AaaCommands()},
      {"RADIUS and HWTACACS", RadiusCommands()},
      {"Attributes of local users", UserAttributeCommands()},
      {"Addresses of DVPN users", UserPropertyCommands()},
      {"Address pools", AddressPoolCommands()},
      {"Local RADIUS server", LocalServerCommands()},
      {"Users who are in", AaaDisplayCommands()},
      {"IKE", IkeCommands()},
      {"IPsec", IpsecCommands()},
      {"IPsec proposals", IpsecProposalCommands()},
      {"DVPN", DvpnCommands()},
      {"Interfaces", InterfaceCommands()},
      {"Ports", PortCommands()},
      {"Templates of interfaces", TemplateCommands()},
      {"GRE tunnels", GreCommands()},
      {"Static routes", RouteCommands()},
      {"Network address translation", NatCommands()},
      {"L2TP", L2tpCommands()},
      {"VRRP", VrrpCommands()},
      {"SNMP", SnmpCommands()},
      {"Metrics", MetricsCommands()},
      {"Encryption card", CardCommands()},
      {"Time ranges", TimeRangeCommands()},
      {"Access control lists", AclCommands()},
      {"Ping", PingCommands()},
      {"Tracert", TracertCommands()},
      {"Information centre", InfoCenterCommands()},
      {"Configuration", ConfigurationCommands()},
      {"Saving and starting", StartupCommands()},
      {"Reboots to come", RebootCommands()},
      {"Files", FileCommands()},
      {"History of the configuration", JournalCommands()},
      {"DVPN state", DvpnDisplayCommands()},
      {"IPsec state", IpsecDisplayCommands()},
      {"IKE state", IkeStateCommands()},
      {"Crypto engine", CryptoDisplayCommands()},
      {"Debugging", DebuggingCommands()},
      {"Sessions", SessionCommands()},
      {"User interfaces", UserInterfaceCommands()},
      {"SSH", SshCommands()},
      {"Messages to other users", SendCommands()},
      {"Transfer of files", TransferCommands()},
      {"Security", AuditCommands()},
      {"Lab", LabCommands()},  // last: only where there is a lab
  };
  return kSubjects;
}

Result<Grammar> BuildGrammar(bool lab) {
  std::vector<std::span<const Command>> tables;
  for (const Subject& subject : Subjects()) tables.push_back(subject.commands);
  if (!lab) tables.pop_back();
  return Grammar::Build(tables);
}

}  // namespace sw::cli
