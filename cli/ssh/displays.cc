#include "cli/ssh/displays.h"

namespace sw::cli {
namespace {

struct Row {
  const Guesser& guesser;
  Time now;
};

std::int64_t Seconds(Duration duration) {
  return std::chrono::ceil<std::chrono::seconds>(duration).count();
}
std::string LockedText(const Value& value) {
  const std::string seconds = PlainText(value);
  return seconds == "0" ? "-" : seconds + " s";
}

constexpr auto kGuesser = Fields<Row>({
    {"kind", "user or address", [](auto& v) { return v.guesser.is_user ? "user" : "address"; }, {"Kind", 9}},
    {"name", "Of the user, or the address; of IPv6 its network", [](auto& v) { return v.guesser.name; }, {"Name", 40}},
    {"failures", "Wrong passwords since the last lock", [](auto& v) { return v.guesser.failures; }, {"Failures", 10}},
    {"last_seconds", "Since the last one", [](auto& v) { return Seconds(v.now - v.guesser.last); }, {"Last", 8, AgeText}},
    {"locked_seconds", "Until the next is looked at", [](auto& v) { return Seconds(v.guesser.locked); },
     {"Locked", 8, LockedText}},
});
ListOf<kGuesser> Guessers(const LockoutView& view) {
  std::vector<Row> out;
  for (const Guesser& each : view.guessers) out.push_back({each, view.now});
  return List<kGuesser>(out);
}
constexpr auto kLockout = Fields<LockoutView>({
    {"attempts", "Wrong passwords until a lock", [](auto& v) { return v.limits.attempts; }},
    {"minutes", "That a lock holds", [](auto& v) { return std::chrono::ceil<std::chrono::minutes>(v.limits.time).count(); }},
    {"guessers", "Users, then addresses, the worst first", [](auto& v) { return Guessers(v); }},
});

}  // namespace

const DisplayOf<LockoutView> kLockoutDisplay(kLockout,
                                             " Locked after {attempts} wrong passwords, for {minutes} minutes\n"
                                             "{#guessers}{*guessers}{|}{/}");

}  // namespace sw::cli
