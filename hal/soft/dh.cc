#include <openssl/bn.h>

#include "hal/primitives.h"
#include "hal/soft/openssl.h"

namespace sw::hal {
namespace {

constexpr std::size_t kExponentBytes = 32;
constexpr BN_ULONG kGenerator = 2;  // both groups, RFC 2409 sections 6.1 and 6.2

BignumPtr Prime(DhGroup group) {
  switch (group) {
    case DhGroup::kNone:
      return nullptr;
    case DhGroup::kModp768:
      return BignumPtr(BN_get_rfc2409_prime_768(nullptr));
    case DhGroup::kModp1024:
      return BignumPtr(BN_get_rfc2409_prime_1024(nullptr));
  }
  return nullptr;
}

BignumPtr FromBytes(ByteView bytes) {
  return BignumPtr(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
}

// base ^ exponent mod prime, as long as the prime.
SecretBytes Power(const BIGNUM* base, ByteView exponent, const BIGNUM* prime) {
  BignumPtr x = FromBytes(exponent);
  BignumPtr result(BN_new());
  BignumContextPtr scratch(BN_CTX_new());
  Require(x != nullptr && result != nullptr && scratch != nullptr, "bignum");
  BN_set_flags(x.get(), BN_FLG_CONSTTIME);
  Require(BN_mod_exp_mont_consttime(result.get(), base, x.get(), prime, scratch.get(), nullptr) == 1, "modular power");
  SecretBytes out(static_cast<std::size_t>(BN_num_bytes(prime)));
  Require(BN_bn2binpad(result.get(), out.span().data(), static_cast<int>(out.size())) > 0, "bignum");
  return out;
}

}  // namespace

std::size_t DhBytes(DhGroup group) {
  switch (group) {
    case DhGroup::kNone:
      return 0;
    case DhGroup::kModp768:
      return 96;
    case DhGroup::kModp1024:
      return 128;
  }
  return 0;
}

DhKey DhKey::Generate(DhGroup group, Random& random) {
  BignumPtr prime = Prime(group);
  if (prime == nullptr) return DhKey(group, SecretBytes(), Bytes());
  SecretBytes exponent(kExponentBytes);
  random.Fill(exponent.span());
  exponent.span()[0] |= 0x80;  // a fixed bit length: never 0, and nothing to learn from the time it takes
  BignumPtr generator(BN_new());
  Require(generator != nullptr && BN_set_word(generator.get(), kGenerator) == 1, "bignum");
  const SecretBytes value = Power(generator.get(), exponent.view(), prime.get());
  return DhKey(group, std::move(exponent), Bytes(value.view().begin(), value.view().end()));
}

std::optional<SecretBytes> DhKey::Agree(ByteView peer_public) const {
  BignumPtr prime = Prime(group_);
  if (prime == nullptr || peer_public.size() != DhBytes(group_)) return std::nullopt;
  BignumPtr peer = FromBytes(peer_public);
  BignumPtr largest(BN_dup(prime.get()));
  Require(peer != nullptr && largest != nullptr && BN_sub_word(largest.get(), 2) == 1, "bignum");
  if (BN_cmp(peer.get(), BN_value_one()) <= 0 || BN_cmp(peer.get(), largest.get()) > 0) return std::nullopt;
  return Power(peer.get(), private_.view(), prime.get());
}

}  // namespace sw::hal
