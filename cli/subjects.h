// The command tables, one per subject, and the grammar of them all.
#pragma once

#include <span>

#include "cli/grammar/command.h"
#include "cli/grammar/grammar.h"
#include "hal/base/result.h"

namespace sw::cli {

std::span<const Command> SystemCommands();  // views, name, version
std::span<const Command> ClockCommands();
std::span<const Command> InfoCenterCommands();     // log hosts, channels, buffers
std::span<const Command> FileCommands();           // files of flash:
std::span<const Command> StartupCommands();        // save, startup files, reboot
std::span<const Command> RebootCommands();         // reboots to come
std::span<const Command> AaaCommands();            // domains, local users
std::span<const Command> RadiusCommands();         // RADIUS and HWTACACS schemes
std::span<const Command> AaaDisplayCommands();     // domains, users, schemes, who is in
std::span<const Command> SessionCommands();        // level, screen, history, banners of a session
std::span<const Command> UserInterfaceCommands();  // the lines sessions sit at
std::span<const Command> SshCommands();            // keys of SSH users
std::span<const Command> DvpnCommands();           // service, classes, policies
std::span<const Command> InterfaceCommands();      // interfaces and their addresses, tunnels
std::span<const Command> PortCommands();           // what ports negotiate, stored only
std::span<const Command> TemplateCommands();       // Virtual-Templates, stored only
std::span<const Command> AddressPoolCommands();    // addresses for users, stored only
std::span<const Command> UserAttributeCommands();  // what local users are bound to, stored only
std::span<const Command> UserPropertyCommands();   // private addresses and networks of DVPN users
std::span<const Command> LocalServerCommands();    // the built-in RADIUS server, stored only
std::span<const Command> GreCommands();            // GRE tunnels
std::span<const Command> NatCommands();            // address translation, stored only
std::span<const Command> L2tpCommands();           // stored only
std::span<const Command> VrrpCommands();           // stored only
std::span<const Command> ResourceCommands();       // memory and processor
std::span<const Command> SnmpCommands();           // the SNMP subagent
std::span<const Command> MetricsCommands();        // the metrics server
std::span<const Command> IkeCommands();            // IKE proposals, peers, DPD, PKI domains
std::span<const Command> IpsecCommands();          // IPsec policies, templates
std::span<const Command> IpsecProposalCommands();  // IPsec proposals, card proposals
std::span<const Command> RouteCommands();          // static routes
std::span<const Command> TimeRangeCommands();
std::span<const Command> AclCommands();            // access control lists and their rules
std::span<const Command> ConfigurationCommands();  // showing and saving it
std::span<const Command> JournalCommands();        // its history: checkpoints, rollback, who changed what
std::span<const Command> AuditCommands();          // what is weak in it
std::span<const Command> DvpnDisplayCommands();    // maps, sessions, SAs, resets
std::span<const Command> IpsecDisplayCommands();   // IPsec and IKE settings
std::span<const Command> DebuggingCommands();      // debugging and terminal switches
std::span<const Command> CryptoDisplayCommands();  // the engine and its figures
std::span<const Command> CardCommands();           // the encryption card
std::span<const Command> IkeStateCommands();       // ISAKMP SAs, reset
std::span<const Command> PingCommands();
std::span<const Command> TracertCommands();
std::span<const Command> TransferCommands();  // files to and from other machines
std::span<const Command> SendCommands();      // messages to other users
std::span<const Command> LabCommands();       // going from device to device; only where there is a lab

// A table with the title it has in the manual.
struct Subject {
  std::string_view title;
  std::span<const Command> commands;
};
std::span<const Subject> Subjects();

// Fails only when a table is wrong, which the unit tests find.
Result<Grammar> BuildGrammar(bool lab = false);

}  // namespace sw::cli
