#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include "hal/primitives.h"
#include "hal/soft/openssl.h"

namespace sw::hal {
namespace {

using EcGroupPtr = std::unique_ptr<EC_GROUP, OpensslFree<EC_GROUP_free>>;
using EcPointPtr = std::unique_ptr<EC_POINT, OpensslFree<EC_POINT_clear_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY_free>>;
using KeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, OpensslFree<EVP_PKEY_CTX_free>>;

constexpr std::size_t kPrivateBytes = 32;  // of every group: an exponent of 256 bits, a scalar of the curve
constexpr BN_ULONG kGenerator = 2;         // all MODP groups (RFC 2409 sections 6.1 and 6.2, RFC 3526)
constexpr std::size_t kCoordinateBytes = 32;

BignumPtr FromBytes(ByteView bytes) {
  BignumPtr out(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  Require(out != nullptr, "bignum");
  return out;
}

SecretBytes ToBytes(const BIGNUM* number, std::size_t size) {
  SecretBytes out(size);
  Require(BN_bn2binpad(number, out.span().data(), static_cast<int>(size)) > 0, "bignum");
  return out;
}

// --- modular powers

BignumPtr Prime(DhGroup group) {
  switch (group) {
    case DhGroup::kModp768:
      return BignumPtr(BN_get_rfc2409_prime_768(nullptr));
    case DhGroup::kModp1024:
      return BignumPtr(BN_get_rfc2409_prime_1024(nullptr));
    case DhGroup::kModp1536:
      return BignumPtr(BN_get_rfc3526_prime_1536(nullptr));
    case DhGroup::kModp2048:
      return BignumPtr(BN_get_rfc3526_prime_2048(nullptr));
    case DhGroup::kNone:
    case DhGroup::kEcp256:
    case DhGroup::kX25519:
    case DhGroup::kHybrid:
      return nullptr;
  }
  return nullptr;
}

// base ^ exponent mod prime, as long as the prime.
SecretBytes Power(const BIGNUM* base, ByteView exponent, const BIGNUM* prime) {
  BignumPtr x = FromBytes(exponent);
  BignumPtr result(BN_new());
  BignumContextPtr scratch(BN_CTX_new());
  Require(result != nullptr && scratch != nullptr, "bignum");
  BN_set_flags(x.get(), BN_FLG_CONSTTIME);
  Require(BN_mod_exp_mont_consttime(result.get(), base, x.get(), prime, scratch.get(), nullptr) == 1, "modular power");
  return ToBytes(result.get(), static_cast<std::size_t>(BN_num_bytes(prime)));
}

SecretBytes ModpPublic(const BIGNUM* prime, ByteView exponent) {
  BignumPtr generator(BN_new());
  Require(generator != nullptr && BN_set_word(generator.get(), kGenerator) == 1, "bignum");
  return Power(generator.get(), exponent, prime);
}

std::optional<SecretBytes> ModpAgree(const BIGNUM* prime, ByteView exponent, ByteView peer_public) {
  BignumPtr peer = FromBytes(peer_public);
  BignumPtr largest(BN_dup(prime));
  Require(largest != nullptr && BN_sub_word(largest.get(), 2) == 1, "bignum");
  if (BN_cmp(peer.get(), BN_value_one()) <= 0 || BN_cmp(peer.get(), largest.get()) > 0) return std::nullopt;
  return Power(peer.get(), exponent, prime);
}

// --- the curve P-256; points are x | y, what is agreed is x (RFC 5903 section 7)

EcGroupPtr Curve() {
  EcGroupPtr curve(EC_GROUP_new_by_curve_name_ex(Openssl::Get().context(), nullptr, NID_X9_62_prime256v1));
  Require(curve != nullptr, "P-256");
  return curve;
}

// 1 to order - 1 from random bytes.
SecretBytes Scalar(ByteView random_bytes) {
  const EcGroupPtr curve = Curve();
  BignumPtr number = FromBytes(random_bytes);
  BignumPtr range(BN_dup(EC_GROUP_get0_order(curve.get())));
  BignumContextPtr scratch(BN_CTX_new());
  Require(range != nullptr && scratch != nullptr && BN_sub_word(range.get(), 1) == 1 &&
              BN_mod(number.get(), number.get(), range.get(), scratch.get()) == 1 && BN_add_word(number.get(), 1) == 1,
          "P-256 scalar");
  return ToBytes(number.get(), kPrivateBytes);
}

// scalar * point, or scalar * generator without a point; nullopt at infinity.
std::optional<SecretBytes> Multiply(const EC_GROUP* curve, ByteView scalar, const EC_POINT* point, bool with_y) {
  BignumPtr number = FromBytes(scalar);
  BN_set_flags(number.get(), BN_FLG_CONSTTIME);
  EcPointPtr product(EC_POINT_new(curve));
  BignumContextPtr scratch(BN_CTX_new());
  BignumPtr x(BN_new()), y(BN_new());
  Require(product != nullptr && scratch != nullptr && x != nullptr && y != nullptr, "P-256");
  const BIGNUM* of_generator = point == nullptr ? number.get() : nullptr;
  const BIGNUM* of_point = point == nullptr ? nullptr : number.get();
  Require(EC_POINT_mul(curve, product.get(), of_generator, point, of_point, scratch.get()) == 1, "P-256");
  if (EC_POINT_is_at_infinity(curve, product.get()) == 1) return std::nullopt;
  Require(EC_POINT_get_affine_coordinates(curve, product.get(), x.get(), y.get(), scratch.get()) == 1, "P-256");
  SecretBytes out = ToBytes(x.get(), kCoordinateBytes);
  if (!with_y) return out;
  const SecretBytes second = ToBytes(y.get(), kCoordinateBytes);
  Bytes both(out.view().begin(), out.view().end());
  both.insert(both.end(), second.view().begin(), second.view().end());
  return SecretBytes(both);
}

std::optional<SecretBytes> EcpAgree(ByteView scalar, ByteView peer_public) {
  const EcGroupPtr curve = Curve();
  EcPointPtr peer(EC_POINT_new(curve.get()));
  BignumContextPtr scratch(BN_CTX_new());
  const BignumPtr x = FromBytes(peer_public.first(kCoordinateBytes));
  const BignumPtr y = FromBytes(peer_public.last(kCoordinateBytes));
  Require(peer != nullptr && scratch != nullptr, "P-256");
  // Refuses what is not a point of the curve.
  if (EC_POINT_set_affine_coordinates(curve.get(), peer.get(), x.get(), y.get(), scratch.get()) != 1) {
    return std::nullopt;
  }
  return Multiply(curve.get(), scalar, peer.get(), false);
}

// --- X25519 (RFC 7748)

KeyPtr X25519Key(ByteView private_bytes) {
  KeyPtr key(EVP_PKEY_new_raw_private_key_ex(Openssl::Get().context(), "X25519", nullptr, private_bytes.data(),
                                             private_bytes.size()));
  Require(key != nullptr, "X25519");
  return key;
}

SecretBytes X25519Public(ByteView private_bytes) {
  const KeyPtr key = X25519Key(private_bytes);
  SecretBytes out(kCoordinateBytes);
  std::size_t size = out.size();
  Require(EVP_PKEY_get_raw_public_key(key.get(), out.span().data(), &size) == 1 && size == out.size(), "X25519");
  return out;
}

std::optional<SecretBytes> X25519Agree(ByteView private_bytes, ByteView peer_public) {
  const KeyPtr key = X25519Key(private_bytes);
  const KeyPtr peer(EVP_PKEY_new_raw_public_key_ex(Openssl::Get().context(), "X25519", nullptr, peer_public.data(),
                                                   peer_public.size()));
  KeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(Openssl::Get().context(), key.get(), nullptr));
  SecretBytes out(kCoordinateBytes);
  std::size_t size = out.size();
  Require(peer != nullptr && context != nullptr && EVP_PKEY_derive_init(context.get()) == 1, "X25519");
  // Refuses a value of small order, which would make the secret zero.
  if (EVP_PKEY_derive_set_peer(context.get(), peer.get()) != 1 ||
      EVP_PKEY_derive(context.get(), out.span().data(), &size) != 1) {
    return std::nullopt;
  }
  return out;
}

}  // namespace

std::size_t DhBytes(DhGroup group) {
  switch (group) {
    case DhGroup::kNone:
    case DhGroup::kHybrid:
      return 0;
    case DhGroup::kModp768:
      return 96;
    case DhGroup::kModp1024:
      return 128;
    case DhGroup::kModp1536:
      return 192;
    case DhGroup::kModp2048:
      return 256;
    case DhGroup::kEcp256:
      return 2 * kCoordinateBytes;
    case DhGroup::kX25519:
      return kCoordinateBytes;
  }
  return 0;
}

DhKey DhKey::Generate(DhGroup group, Random& random) {
  if (DhBytes(group) == 0) return DhKey(group, SecretBytes(), Bytes());
  SecretBytes secret(kPrivateBytes);
  random.Fill(secret.span());
  SecretBytes value;
  if (const BignumPtr prime = Prime(group)) {
    secret.span()[0] |= 0x80;  // a fixed bit length: never 0, and nothing to learn from the time it takes
    value = ModpPublic(prime.get(), secret.view());
  } else if (group == DhGroup::kEcp256) {
    secret = Scalar(secret.view());
    value = *Multiply(Curve().get(), secret.view(), nullptr, true);
  } else {
    value = X25519Public(secret.view());
  }
  return DhKey(group, std::move(secret), Bytes(value.view().begin(), value.view().end()));
}

std::optional<SecretBytes> DhKey::Agree(ByteView peer_public) const {
  if (group_ == DhGroup::kNone || peer_public.size() != DhBytes(group_)) return std::nullopt;
  if (const BignumPtr prime = Prime(group_)) return ModpAgree(prime.get(), private_.view(), peer_public);
  return group_ == DhGroup::kEcp256 ? EcpAgree(private_.view(), peer_public)
                                    : X25519Agree(private_.view(), peer_public);
}

}  // namespace sw::hal
