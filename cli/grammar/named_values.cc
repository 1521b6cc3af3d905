#include "cli/grammar/named_values.h"

namespace sw::cli {
namespace {

constexpr NamedValue kTcpPorts[] = {
    {"bgp", "179"},      {"chargen", "19"}, {"cmd", "514"},    {"daytime", "13"}, {"discard", "9"},   {"domain", "53"},
    {"echo", "7"},       {"exec", "512"},   {"finger", "79"},  {"ftp", "21"},     {"ftp-data", "20"}, {"gopher", "70"},
    {"hostname", "101"}, {"irc", "194"},    {"klogin", "543"}, {"kshell", "544"}, {"login", "513"},   {"lpd", "515"},
    {"nntp", "119"},     {"pop2", "109"},   {"pop3", "110"},   {"smtp", "25"},    {"sunrpc", "111"},  {"tacacs", "49"},
    {"talk", "517"},     {"telnet", "23"},  {"time", "37"},    {"uucp", "540"},   {"whois", "43"},    {"www", "80"},
};

constexpr NamedValue kUdpPorts[] = {
    {"biff", "512"},        {"bootpc", "68"},      {"bootps", "67"},       {"discard", "9"},      {"dns", "53"},
    {"dnsix", "90"},        {"echo", "7"},         {"mobilip-ag", "434"},  {"mobilip-mn", "435"}, {"nameserver", "42"},
    {"netbios-dgm", "138"}, {"netbios-ns", "137"}, {"netbios-ssn", "139"}, {"ntp", "123"},        {"rip", "520"},
    {"snmp", "161"},        {"snmptrap", "162"},   {"sunrpc", "111"},      {"syslog", "514"},     {"tacacs-ds", "65"},
    {"talk", "517"},        {"tftp", "69"},        {"time", "37"},         {"who", "513"},        {"xdmcp", "177"},
};

constexpr NamedValue kIcmpTypes[] = {
    {"echo", "8 0"},
    {"echo-reply", "0 0"},
    {"fragmentneed-DFset", "3 4"},
    {"host-redirect", "5 1"},
    {"host-tos-redirect", "5 3"},
    {"host-unreachable", "3 1"},
    {"information-reply", "16 0"},
    {"information-request", "15 0"},
    {"net-redirect", "5 0"},
    {"net-tos-redirect", "5 2"},
    {"net-unreachable", "3 0"},
    {"parameter-problem", "12 0"},
    {"port-unreachable", "3 3"},
    {"protocol-unreachable", "3 2"},
    {"reassembly-timeout", "11 1"},
    {"source-quench", "4 0"},
    {"source-route-failed", "3 5"},
    {"timestamp-reply", "14 0"},
    {"timestamp-request", "13 0"},
    {"ttl-exceeded", "11 0"},
};

constexpr NamedValue kDscp[] = {
    {"af11", "10"}, {"af12", "12"}, {"af13", "14"}, {"af21", "18"}, {"af22", "20"}, {"af23", "22"}, {"af31", "26"},
    {"af32", "28"}, {"af33", "30"}, {"af41", "34"}, {"af42", "36"}, {"af43", "38"}, {"be", "0"},    {"cs1", "8"},
    {"cs2", "16"},  {"cs3", "24"},  {"cs4", "32"},  {"cs5", "40"},  {"cs6", "48"},  {"cs7", "56"},  {"ef", "46"},
};

constexpr NamedValue kPrecedence[] = {
    {"critical", "5"}, {"flash", "3"},   {"flash-override", "4"}, {"immediate", "2"},
    {"internet", "6"}, {"network", "7"}, {"priority", "1"},       {"routine", "0"},
};

constexpr NamedValue kTos[] = {
    {"max-reliability", "2"}, {"max-throughput", "4"}, {"min-delay", "8"}, {"min-monetary-cost", "1"}, {"normal", "0"},
};

constexpr NamedValue kSeverities[] = {
    {"alerts", "2"}, {"critical", "3"},      {"debugging", "8"},     {"emergencies", "1"},
    {"errors", "4"}, {"informational", "7"}, {"notifications", "6"}, {"warnings", "5"},
};

constexpr NamedValue kFacilities[] = {
    {"local0", "16"}, {"local1", "17"}, {"local2", "18"}, {"local3", "19"},
    {"local4", "20"}, {"local5", "21"}, {"local6", "22"}, {"local7", "23"},
};

struct NamedTable {
  std::string_view name;
  std::span<const NamedValue> values;
};
constexpr NamedTable kTables[] = {
    {"tcp-port", kTcpPorts},     {"udp-port", kUdpPorts}, {"icmp-type", kIcmpTypes}, {"dscp", kDscp},
    {"precedence", kPrecedence}, {"tos", kTos},           {"severity", kSeverities}, {"facility", kFacilities},
};

}  // namespace

std::optional<std::span<const NamedValue>> NamedValuesOf(std::string_view table) {
  for (const NamedTable& each : kTables) {
    if (each.name == table) return each.values;
  }
  return std::nullopt;
}

}  // namespace sw::cli
