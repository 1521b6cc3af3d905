#include "dvpn/terms.h"

#include <fmt/format.h>

namespace sw::dvpn {
namespace {

bool Null(const hal::Suite& suite) {
  return suite.cipher == hal::Cipher::kNull && suite.integrity == hal::Integrity::kNone;
}

// The suites of a policy, as the commands of it name them.
struct Use {
  std::string_view what, command;
  int suite;
};
std::array<Use, 2> UsesOf(const wire::Terms& terms) {
  return {{{"session messages", "session algorithm-suite", terms.session_suite},
           {"data", "data algorithm-suite", terms.data_suite}}};
}

}  // namespace

wire::Terms TermsOf(const Policy& p) {
  wire::Terms out;
  out.session_suite = static_cast<std::uint8_t>(p.session_suite);
  out.data_suite = static_cast<std::uint8_t>(p.data_suite);
  out.keepalive = static_cast<std::uint16_t>(p.keepalive.count());
  out.setup_interval = static_cast<std::uint16_t>(p.setup_interval.count());
  out.idle = static_cast<std::uint32_t>(p.idle.count());
  out.sa_duration = static_cast<std::uint32_t>(p.sa_duration.count());
  return out;
}

std::string Weakness(std::string_view what, const hal::Suite& suite) {
  if (Null(suite)) return fmt::format("{} is not protected", what);
  return suite.weak ? fmt::format("{} by {}", what, suite.name) : std::string();
}

std::vector<std::string> Weaknesses(const wire::Terms& terms) {
  std::vector<std::string> out;
  for (const Use& use : UsesOf(terms))
    if (std::string weak = Weakness(use.what, *hal::FindSuite(use.suite)); !weak.empty())
      out.push_back(std::move(weak));
  return out;
}

std::optional<std::string> BelowMinimum(SecurityMinimum minimum, const wire::Terms& terms) {
  if (minimum == SecurityMinimum::kNone) return std::nullopt;
  for (const Use& use : UsesOf(terms)) {
    const hal::Suite& suite = *hal::FindSuite(use.suite);
    if (!Null(suite) && (minimum != SecurityMinimum::kStrong || !suite.weak)) continue;
    return fmt::format("{} {} of the server is below security minimum {}: {}", use.command, use.suite, Name(minimum),
                       Weakness(use.what, suite));
  }
  return std::nullopt;
}

std::optional<std::string> BelowMinimum(SecurityMinimum minimum, AuthMethod method) {
  if (minimum == SecurityMinimum::kNone || method != AuthMethod::kPap) return std::nullopt;
  return fmt::format("the server asks for the password itself (pap), which is below security minimum {}",
                     Name(minimum));
}

void WeaknessLog::Say(Core& core, Endpoint peer, Ipv4 peer_private, const hal::Suite& registration,
                      const wire::Terms& terms) {
  std::vector<std::string> all = Weaknesses(terms);
  if (std::string weak = Weakness("registration", registration); !weak.empty())
    all.insert(all.begin(), std::move(weak));
  for (const std::string& weak : all)
    if (said_.Note(core.now, peer, weak))
      core.Note(Topic::kMisc, What::kWeak, peer_private.ToString(), "weak algorithms: " + weak);
}

}  // namespace sw::dvpn
