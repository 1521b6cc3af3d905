// Audits of scripts by a grammar and an engine that are made once.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "cli/audit/audit.h"
#include "cli/subjects.h"
#include "hal/soft/software_device.h"

namespace sw::cli {

inline const Grammar& AuditGrammar() {
  static const Grammar grammar = std::move(*BuildGrammar());
  return grammar;
}
inline const hal::Capabilities& AuditCrypto() {
  static const std::unique_ptr<hal::SoftwareDevice> device = std::move(*hal::SoftwareDevice::Create());
  return device->capabilities();
}

inline Audit AuditOf(std::string_view script, Profile profile = Profile::kRfc, ReplayReport* check = nullptr) {
  Result<Audit> audit = AuditScript(AuditGrammar(), AuditCrypto(), "site.cfg", script, profile, check);
  EXPECT_TRUE(audit.ok()) << audit.why();
  return std::move(*audit);
}

inline const AuditFinding* FindIn(const Audit& audit, std::string_view rule, std::string_view object = {}) {
  const auto found = std::ranges::find_if(audit.findings, [&](const AuditFinding& finding) {
    return finding.rule->id == rule && (object.empty() || finding.hit.object == object);
  });
  return found == audit.findings.end() ? nullptr : &*found;
}

// Lines that mend, with keys of somebody's own in the places of <KEY>; those of servers have at most 16 characters.
inline std::string Typed(const Hit& hit) {
  const bool peers = hit.table == "ike_peer" || hit.table.starts_with("dvpn");
  const std::string key = peers ? "k7-Wq2_mZx9.Lp4vTs0A" : "k7-Wq2_mZx9.Lp4v";
  std::string out;
  for (std::string line : hit.mend) {
    if (const std::size_t at = line.find(kNewKey); at != std::string::npos) line.replace(at, kNewKey.size(), key);
    out += line + "\n";
  }
  return out;
}

}  // namespace sw::cli
