#include "dvpn/cookie.h"

#include <algorithm>
#include <utility>

#include "hal/primitives.h"

namespace sw::dvpn {
namespace {

wire::Cookie Compute(const SecretBytes& secret, const CookieInput& input) {
  Bytes text;
  Writer w(text);
  w.U32(input.client.address.value);
  w.U16(input.client.port);
  w.U64(input.client_id);
  w.Put(input.nonce);
  w.U8(input.offered.count);
  w.Put(input.offered.numbers);
  w.U8(input.chosen);
  const hal::Sha256Digest mac = hal::HmacSha256(secret.view(), text);
  wire::Cookie out;
  std::copy_n(mac.begin(), out.size(), out.begin());
  return out;
}

}  // namespace

// The epoch is which secret was used: a fresh one each time, so a cookie of an older epoch fits nothing.
void CookieJar::Rotate(Time now) {
  if (!current_.empty() && now < began_ + kCookieEpoch) return;
  const bool recent = !current_.empty() && now < began_ + 2 * kCookieEpoch;
  SecretBytes fresh(32);
  random_.Fill(fresh.span());
  previous_ = recent ? std::move(current_) : SecretBytes();
  current_ = std::move(fresh);
  began_ = now;
}

wire::Cookie CookieJar::Make(Time now, const CookieInput& input) {
  Rotate(now);
  return Compute(current_, input);
}

bool CookieJar::Check(Time now, const CookieInput& input, const wire::Cookie& cookie) {
  Rotate(now);
  if (hal::EqualConstantTime(Compute(current_, input), cookie)) return true;
  return !previous_.empty() && hal::EqualConstantTime(Compute(previous_, input), cookie);
}

}  // namespace sw::dvpn
