#include "cli/session/guess_lock.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>

namespace sw::cli {
namespace {

constexpr Duration kFirstWait = std::chrono::milliseconds(500);
constexpr std::size_t kLongestName = 80;

std::string HomeOf(std::string_view user, std::string_view address) {
  return std::string(user) + '\n' + std::string(address);
}

std::string AtConsole(std::string_view user) {
  return std::string(user) + " at the console";
}

}  // namespace

std::string AttackerOf(std::string_view address) {
  std::array<std::uint8_t, 16> bytes{};
  const std::string text(address.substr(0, address.find('%')));
  if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return std::string(address);
  std::fill(bytes.begin() + 8, bytes.end(), 0);
  std::array<char, INET6_ADDRSTRLEN> shown{};
  ::inet_ntop(AF_INET6, bytes.data(), shown.data(), shown.size());
  return std::string(shown.data()) + "/64";
}

std::string LoggedName(std::string_view user) {
  std::string out(user.substr(0, kLongestName));
  for (char& c : out)
    if (c <= ' ' || c > '~' || c == ':') c = '?';
  return out.empty() ? "?" : out;
}

void GuessLock::Table::Forget(Time now) {
  std::erase_if(entries, [now](const auto& each) { return each.second.forgotten <= now; });
}

GuessLock::Entry* GuessLock::Table::Take(const std::string& name, Time now) {
  const auto found = entries.find(name);
  if (found != entries.end()) {
    if (found->second.forgotten <= now) found->second = {};
    return &found->second;
  }
  if (entries.size() >= kMost) Forget(now);
  if (entries.size() >= kMost) {
    auto weakest = entries.end();
    for (auto each = entries.begin(); each != entries.end(); ++each) {
      if (each->second.locked_until > now) continue;
      const auto rank = [](const Entry& entry) { return std::pair(entry.failures, entry.last); };
      if (weakest == entries.end() || rank(each->second) < rank(weakest->second)) weakest = each;
    }
    if (weakest == entries.end()) return nullptr;
    entries.erase(weakest);
  }
  return &entries[name];
}

Duration GuessLock::Table::Left(std::string_view name, Time now) const {
  const auto found = entries.find(name);
  const Time until = found == entries.end() ? all_locked_until : found->second.locked_until;
  return std::max(until - now, Duration{0});
}

Duration GuessLock::Table::Count(const std::string& name, Time now, const GuessLimits& limits, bool locks) {
  Entry* entry = Take(name, now);
  if (entry == nullptr) {
    all_locked_until = now + kLongestWait;
    return kLongestWait;
  }
  ++entry->failures;
  entry->last = now;
  entry->forgotten = now + limits.time;
  const Duration wait = std::min(kLongestWait, kFirstWait * (1 << std::min(entry->failures - 1, 4)));
  if (entry->failures >= limits.attempts) {
    entry->locked_until = now + (locks ? limits.time : std::min(wait, limits.time));
    if (locks) entry->failures = 0;  // who comes back after it begins anew
  }
  return wait;
}

bool GuessLock::AtHome(std::string_view user, std::string_view address) const {
  return homes_.contains(HomeOf(user, address));
}

Duration GuessLock::Locked(std::string_view user, std::string_view address, Time now) {
  if (address.empty()) return users_.Left(AtConsole(user), now);
  const Duration by_user = AtHome(user, address) ? Duration{0} : users_.Left(user, now);
  return std::max(by_user, addresses_.Left(AttackerOf(address), now));
}

Duration GuessLock::Failed(std::string_view user, std::string_view address, Time now, const GuessLimits& limits) {
  if (address.empty()) return users_.Count(AtConsole(user), now, limits, false);
  const Duration by_user = users_.Count(std::string(user), now, limits, true);
  return std::max(by_user, addresses_.Count(AttackerOf(address), now, limits, true));
}

void GuessLock::Succeeded(std::string_view user, std::string_view address, Time now) {
  const auto found = users_.entries.find(address.empty() ? AtConsole(user) : std::string(user));
  // A lock stays: who comes in at home does not open the door to who guesses elsewhere.
  if (found != users_.entries.end() && found->second.locked_until <= now) users_.entries.erase(found);
  if (address.empty()) return;
  const std::string home = HomeOf(user, address);
  if (!homes_.contains(home) && homes_.size() >= kMostHomes)
    homes_.erase(std::ranges::min_element(homes_, {}, [](const auto& each) { return each.second; }));
  homes_[home] = now;
}

std::vector<Guesser> GuessLock::guessers(Time now) {
  std::vector<Guesser> out;
  for (const bool is_user : {true, false}) {
    Table& table = is_user ? users_ : addresses_;
    table.Forget(now);
    const auto first = static_cast<std::ptrdiff_t>(out.size());
    for (const auto& [name, entry] : table.entries)
      out.push_back({is_user, name, entry.failures, entry.last, std::max(entry.locked_until - now, Duration{0})});
    std::stable_sort(out.begin() + first, out.end(), [](const Guesser& a, const Guesser& b) {
      return std::pair(a.locked, a.failures) > std::pair(b.locked, b.failures);
    });
  }
  return out;
}

std::size_t GuessLock::Reset(std::string_view user, std::string_view address) {
  const bool all = user.empty() && address.empty();
  const auto take = [all](Table& table, std::string_view name) {
    if (all) table.all_locked_until = {};
    return std::erase_if(table.entries, [&](const auto& each) { return all || each.first == name; });
  };
  std::size_t out = 0;
  if (all || !user.empty()) out += take(users_, user);
  if (all || !address.empty()) out += take(addresses_, address.empty() ? address : AttackerOf(address));
  return out;
}

}  // namespace sw::cli
