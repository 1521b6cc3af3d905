// How the device is managed, and whom it asks about users.
#include <fmt/format.h>

#include "cli/audit/rule.h"
#include "cli/audit/users.h"
#include "cli/session/user_interfaces.h"
#include "config-db/schema.h"

namespace sw::cli {
namespace {

// The rows of a table of which `column` holds this.
template <typename Visit>
void Each(const AuditInput& input, std::string_view table, std::string_view column, const configdb::Value& value,
          Visit visit) {
  const configdb::Table& schema = *configdb::FindTable(table);
  const Result<std::vector<configdb::Row>> rows = input.store.Rows(table);
  if (!rows.ok()) return;
  for (const configdb::Row& row : *rows) {
    if (row[column] != value) continue;
    const configdb::Key key(row.values.begin(), row.values.begin() + static_cast<std::ptrdiff_t>(schema.keys));
    Hit hit{.table = schema.name, .key = configdb::KeyText(key)};
    hit.column = configdb::FindColumn(schema, column)->name;
    visit(std::move(hit), row);
  }
}

constexpr std::int64_t kOn = 1;

void FindTelnet(const AuditInput& input, std::vector<Hit>& out) {
  Each(input, "terminal", "telnet_server", kOn, [&](Hit hit, const configdb::Row&) {
    hit.object = "telnet server";
    hit.what = "it is enabled (this device keeps the line and serves no Telnet; others of the family do)";
    hit.mend = {"undo telnet server"};
    out.push_back(std::move(hit));
  });
  Each(input, "local_user", "service_telnet", kOn, [&](Hit hit, const configdb::Row&) {
    hit.object = "local-user " + hit.key;
    hit.what = "the user may log in over Telnet";
    hit.mend = {hit.object, " service-type ssh", " undo service-type telnet"};
    out.push_back(std::move(hit));
  });
  Each(input, "user_interface", "protocol_inbound", std::string("telnet"), [&](Hit hit, const configdb::Row&) {
    hit.object = "user-interface " + hit.key;
    hit.what = "the line is for Telnet alone";
    hit.mend = {hit.object, " protocol inbound ssh"};
    out.push_back(std::move(hit));
  });
}

void FindFtp(const AuditInput& input, std::vector<Hit>& out) {
  Each(input, "file_global", "ftp_server", kOn, [&](Hit hit, const configdb::Row&) {
    hit.object = "ftp server";
    hit.what = "it is enabled (this device keeps the line and serves no FTP; others of the family do)";
    hit.mend = {"undo ftp server"};
    out.push_back(std::move(hit));
  });
  Each(input, "local_user", "service_ftp", kOn, [&](Hit hit, const configdb::Row&) {
    hit.object = "local-user " + hit.key;
    hit.what = "the user may log in over FTP";
    hit.mend = {hit.object, " undo service-type ftp"};
    out.push_back(std::move(hit));
  });
}

void FindOpenLine(const AuditInput& input, std::vector<Hit>& out) {
  Each(input, "user_interface", "authentication_mode", std::string("none"), [&](Hit hit, const configdb::Row& row) {
    if (row.Text("type") == "con") return;  // who is at the console has the device
    hit.object = "user-interface " + hit.key;
    hit.what = "who reaches the line is in, at the line's level";
    hit.mend = {hit.object, " authentication-mode scheme"};
    out.push_back(std::move(hit));
  });
}

void FindRadius(const AuditInput& input, std::vector<Hit>& out) {
  for (const auto& [name, scheme] : input.config.aaa.radius) {
    if (!scheme.unsigned_answers) continue;
    Hit hit{.table = "radius_scheme", .key = name, .column = "unsigned_answers", .object = "radius scheme " + name};
    hit.what = "answers of its servers count without a Message-Authenticator";
    hit.users = DomainsOf(input.config, name);
    hit.unused = hit.users.empty();
    hit.mend = {hit.object, " undo message-authenticator optional"};
    hit.both_ends = true;
    out.push_back(std::move(hit));
  }
}

constexpr Citation kRadiusDocs[] = {
    {&kBlastRadius, "", "responses can be forged by \"a chosen-prefix collision attack against MD5\"", Seen::kRead},
    {&kRadext, "", ""},
    {&kRfc2865, "", ""}};

constexpr Rule kRules[] = {
    {"telnet",
     "management",
     Always(Severity::kWarning),
     {319, 523},
     "Telnet",
     "Passwords, and what is typed, go over the network in clear.",
     {},
     FindTelnet},
    {"ftp",
     "management",
     Always(Severity::kWarning),
     {319, 523},
     "FTP",
     "Passwords and files go over the network in clear.",
     {},
     FindFtp},
    {"line-open",
     "management",
     Always(Severity::kError),
     {306, 0},
     "A line without authentication",
     "Nobody is asked who he is.",
     {},
     FindOpenLine},
    {"radius-replies",
     "management",
     Always(Severity::kWarning),
     {328, 924},
     "RADIUS replies without Message-Authenticator",
     "Who sits between this device and the server turns a refusal into a permit.",
     kRadiusDocs,
     FindRadius},
};

}  // namespace

std::span<const Rule> ManagementRules() {
  return kRules;
}

}  // namespace sw::cli
