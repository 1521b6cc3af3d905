#include "hal/hybrid.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <string>

#include "hal/soft/openssl.h"

namespace sw::hal {
namespace {

using KeyPtr = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY_free>>;
using KeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, OpensslFree<EVP_PKEY_CTX_free>>;

// Names of OpenSSL 3.5, as text, because the headers of 3.0 do not have them.
constexpr const char* kAlgorithm = "ML-KEM-768";
constexpr const char* kSeedParameter = "seed";        // of key generation: d and z of FIPS 203
constexpr const char* kRandomnessParameter = "ikme";  // of encapsulation: m of FIPS 203
constexpr std::size_t kSeedBytes = 64, kRandomnessBytes = 32;
constexpr std::string_view kCombiner = "sw8800 hybrid 1";

KeyContextPtr Context(EVP_PKEY* key) {
  return KeyContextPtr(EVP_PKEY_CTX_new_from_pkey(Openssl::Get().context(), key, nullptr));
}

// One parameter of bytes; OpenSSL reads them within the call.
std::array<OSSL_PARAM, 2> Parameter(const char* name, SecretBytes& bytes) {
  return {OSSL_PARAM_construct_octet_string(name, bytes.span().data(), bytes.size()), OSSL_PARAM_construct_end()};
}

KeyPtr GenerateKem(Random& random) {
  const KeyContextPtr context(EVP_PKEY_CTX_new_from_name(Openssl::Get().context(), kAlgorithm, nullptr));
  SecretBytes seed(kSeedBytes);
  random.Fill(seed.span());
  const auto parameter = Parameter(kSeedParameter, seed);
  EVP_PKEY* key = nullptr;
  if (context == nullptr || EVP_PKEY_keygen_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_params(context.get(), parameter.data()) != 1 || EVP_PKEY_generate(context.get(), &key) != 1)
    return nullptr;
  return KeyPtr(key);
}

Bytes Together(ByteView a, ByteView b) {
  Bytes out(a.begin(), a.end());
  out.insert(out.end(), b.begin(), b.end());
  return out;
}

}  // namespace

struct HybridKey::Kem {
  KeyPtr key;
};

Status HybridAvailable() {
  static const Status status = []() -> Status {
    const KeyContextPtr context(EVP_PKEY_CTX_new_from_name(Openssl::Get().context(), kAlgorithm, nullptr));
    if (context != nullptr) return {};
    ERR_clear_error();
    return {Code::kUnsupported, std::string("this system's ") + OpenSSL_version(OPENSSL_VERSION_STRING) +
                                    " of OpenSSL has no ML-KEM, which comes with 3.5"};
  }();
  return status;
}

SecretBytes CombineHybrid(const SecretBytes& ml_kem, const SecretBytes& x25519, ByteView public_value,
                          ByteView answer) {
  const Sha256Digest values = Sha256(Together(public_value, answer));
  SecretBytes input(ml_kem.size() + x25519.size() + values.size());
  auto at = std::copy(ml_kem.view().begin(), ml_kem.view().end(), input.span().begin());
  at = std::copy(x25519.view().begin(), x25519.view().end(), at);
  std::copy(values.begin(), values.end(), at);
  return HkdfExtract(AsBytes(kCombiner), input.view());
}

Result<HybridKey> HybridKey::Generate(Random& random) {
  if (Status available = HybridAvailable(); !available.ok()) return available;
  auto kem = std::make_shared<Kem>(Kem{GenerateKem(random)});
  Bytes value(kMlKemKeyBytes);
  std::size_t size = value.size();
  Require(
      kem->key != nullptr &&
          EVP_PKEY_get_octet_string_param(kem->key.get(), OSSL_PKEY_PARAM_PUB_KEY, value.data(), size, &size) == 1 &&
          size == value.size(),
      kAlgorithm);
  DhKey x25519 = DhKey::Generate(DhGroup::kX25519, random);
  Bytes both = Together(value, x25519.public_value());
  return HybridKey(std::move(x25519), std::move(kem), std::move(both));
}

std::optional<SecretBytes> HybridKey::Agree(ByteView answer) const {
  if (answer.size() != kHybridAnswerBytes) return std::nullopt;
  const auto x25519 = x25519_.Agree(answer.subspan(kMlKemCiphertextBytes));
  if (!x25519) return std::nullopt;
  const KeyContextPtr context = Context(kem_->key.get());
  SecretBytes secret(kMlKemSecretBytes);
  std::size_t size = secret.size();
  if (context == nullptr || EVP_PKEY_decapsulate_init(context.get(), nullptr) != 1 ||
      EVP_PKEY_decapsulate(context.get(), secret.span().data(), &size, answer.data(), kMlKemCiphertextBytes) != 1 ||
      size != secret.size())
    return std::nullopt;
  return CombineHybrid(secret, *x25519, public_, answer);
}

std::optional<HybridAnswer> AnswerHybrid(ByteView public_value, Random& random) {
  if (public_value.size() != kHybridPublicBytes || !HybridAvailable().ok()) return std::nullopt;
  const KeyPtr peer(EVP_PKEY_new_raw_public_key_ex(Openssl::Get().context(), kAlgorithm, nullptr, public_value.data(),
                                                   kMlKemKeyBytes));
  const KeyContextPtr context = peer == nullptr ? nullptr : Context(peer.get());
  SecretBytes randomness(kRandomnessBytes), secret(kMlKemSecretBytes);
  random.Fill(randomness.span());
  const auto parameter = Parameter(kRandomnessParameter, randomness);
  HybridAnswer out;
  out.value.resize(kMlKemCiphertextBytes);
  std::size_t bytes = out.value.size(), secret_bytes = secret.size();
  if (context == nullptr || EVP_PKEY_encapsulate_init(context.get(), parameter.data()) != 1 ||
      EVP_PKEY_encapsulate(context.get(), out.value.data(), &bytes, secret.span().data(), &secret_bytes) != 1 ||
      bytes != out.value.size() || secret_bytes != secret.size()) {
    ERR_clear_error();  // not a key: its numbers are out of range
    return std::nullopt;
  }
  const DhKey own = DhKey::Generate(DhGroup::kX25519, random);
  const auto x25519 = own.Agree(public_value.subspan(kMlKemKeyBytes));
  if (!x25519) return std::nullopt;
  out.value.insert(out.value.end(), own.public_value().begin(), own.public_value().end());
  out.secret = CombineHybrid(secret, *x25519, public_value, out.value);
  return out;
}

}  // namespace sw::hal
