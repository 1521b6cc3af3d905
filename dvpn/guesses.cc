#include "dvpn/guesses.h"

#include <algorithm>

#include "dvpn/constants.h"

namespace sw::dvpn {

Guesses::Guesses() : addresses_(kMaxGuessers), users_(kMaxGuessers), homes_(kMaxMaps) {}

Duration Guesses::Left(Time now, const Row* row) {
  return row == nullptr || now >= row->until ? Duration{} : row->until - now;
}

Duration Guesses::Wait(Time now, const std::string& user, Ipv4 from) const {
  const Ipv4* home = homes_.Find(user);
  return home != nullptr && *home == from ? Duration{} : Left(now, users_.Find(user));
}

void Guesses::Forget(Time now, Row& row) {
  if (now < row.until) return;
  const auto forgotten = (now - row.until) / kGuessForgotten;
  row.failures = static_cast<int>(std::max<std::int64_t>(0, row.failures - forgotten));
  row.until = row.failures == 0 ? now : row.until + forgotten * kGuessForgotten;
}

void Guesses::Fail(Time now, Row& row, int free) {
  Forget(now, row);
  if (++row.failures < free) return;
  const int doublings = std::min(row.failures - free, 16);
  row.until = now + std::min<Duration>(kGuessDelay * (1 << doublings), kGuessLock);
}

void Guesses::Charge(Time now, Ipv4 address) {
  Fail(now, addresses_.Touch(address), kFreeExchanges);
}
void Guesses::Charge(Time now, const std::string& user) {
  Fail(now, users_.Touch(user), kFreePasswords);
}

void Guesses::Forgive(Time now, Ipv4 address) {
  if (addresses_.Find(address) == nullptr) return;
  Row& row = addresses_.Touch(address);
  row.failures = std::max(0, row.failures - 1);
  if (row.failures < kFreeExchanges) row.until = std::min(row.until, now);
  if (row.failures == 0) addresses_.Erase(address);
}

void Guesses::Succeeded(const std::string& user, Ipv4 from) {
  homes_.Touch(user) = from;
}

}  // namespace sw::dvpn
