#include "cli/audit/rule.h"

#include <algorithm>

namespace sw::cli {
namespace {

struct Cwe {
  int number;
  std::string_view title;
};
constexpr Cwe kTitles[] = {
    {256, "Plaintext Storage of a Password"},
    {260, "Password in Configuration File"},
    {306, "Missing Authentication for Critical Function"},
    {319, "Cleartext Transmission of Sensitive Information"},
    {321, "Use of Hard-coded Cryptographic Key"},
    {322, "Key Exchange without Entity Authentication"},
    {323, "Reusing a Nonce, Key Pair in Encryption"},
    {324, "Use of a Key Past its Expiration Date"},
    {326, "Inadequate Encryption Strength"},
    {327, "Use of a Broken or Risky Cryptographic Algorithm"},
    {328, "Use of Weak Hash"},
    {331, "Insufficient Entropy"},
    {353, "Missing Support for Integrity Check"},
    {521, "Weak Password Requirements"},
    {522, "Insufficiently Protected Credentials"},
    {523, "Unprotected Transport of Credentials"},
    {798, "Use of Hard-coded Credentials"},
    {923, "Improper Restriction of Communication Channel to Intended Endpoints"},
    {924, "Improper Enforcement of Message Integrity During Transmission in a Communication Channel"},
    {1392, "Use of Default Credentials"},
};

}  // namespace

std::string_view SeverityName(Severity severity) {
  constexpr std::string_view kNames[] = {"none", "note", "warning", "error"};
  return kNames[static_cast<std::size_t>(severity)];
}

std::string_view CweTitle(int cwe) {
  const auto* const found = std::ranges::find(kTitles, cwe, &Cwe::number);
  return found == std::end(kTitles) ? std::string_view() : found->title;
}

std::vector<const Rule*> AllRules() {
  std::vector<const Rule*> out;
  for (const std::span<const Rule> area :
       {AlgorithmRules(), KeyRules(), AuthenticationRules(), ManagementRules(), SnmpRules(), LifetimeRules()})
    for (const Rule& rule : area) out.push_back(&rule);
  return out;
}

Severity SeverityOf(const Rule& rule, Profile profile, const Hit& hit) {
  const Severity severity = rule.severity[static_cast<std::size_t>(profile)];
  return hit.unused || hit.last_resort ? std::min(severity, Severity::kNote) : severity;
}

}  // namespace sw::cli
