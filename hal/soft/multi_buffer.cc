#include "hal/soft/multi_buffer.h"

#include <fmt/format.h>
#include <intel-ipsec-mb.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "hal/soft/des_lanes.h"
#include "hal/soft/transform.h"

namespace sw::hal {
namespace {

constexpr std::size_t kHashBlock = 64;  // of MD5, SHA-1 and SHA-256
constexpr std::size_t kGcmIv = 12;
constexpr std::size_t kAhead = 2;  // packets; our choice

struct CipherMode {
  Cipher cipher;
  IMB_CIPHER_MODE mode;
};
constexpr std::array<CipherMode, 5> kModes{{{Cipher::kDesCbc, IMB_CIPHER_NULL},  // in lanes of our own
                                            {Cipher::k3DesCbc, IMB_CIPHER_NULL},
                                            {Cipher::kAesCbc, IMB_CIPHER_CBC},
                                            {Cipher::kAesCbc192, IMB_CIPHER_CBC},
                                            {Cipher::kAesCbc256, IMB_CIPHER_CBC}}};
struct HashMode {
  Integrity integrity;
  IMB_HASH_ALG hash;
};
constexpr std::array<HashMode, 3> kHashes{{{Integrity::kHmacMd5, IMB_AUTH_MD5},
                                           {Integrity::kHmacSha1, IMB_AUTH_HMAC_SHA_1},
                                           {Integrity::kHmacSha256, IMB_AUTH_HMAC_SHA_256}}};

bool IsDes(Cipher cipher) {
  return cipher == Cipher::kDesCbc || cipher == Cipher::k3DesCbc;
}

}  // namespace

class MultiBufferKeys {
 public:
  ~MultiBufferKeys() { OPENSSL_cleanse(&secret, sizeof secret); }
  Direction direction = Direction::kSeal;
  Cipher cipher = Cipher::kNull;
  IMB_CIPHER_MODE mode = IMB_CIPHER_NULL;
  IMB_HASH_ALG hash = IMB_AUTH_NULL;
  std::size_t key_bytes = 0, icv_bytes = 0;
  std::unique_ptr<const DesSchedule> des;  // null: not (triple) DES
  struct Secret {
    alignas(64) std::array<std::uint32_t, 60> aes_seal, aes_open;  // up to 15 round keys
    alignas(64) std::array<std::uint8_t, 64> inner, outer;         // HMAC states after the first block
    alignas(64) gcm_key_data gcm;
    std::array<std::uint8_t, kSaltBytes> salt;
  } secret{};

  // With many SAs in turn their keys come from far away; they are on their way while other packets are worked on.
  void Prefetch() const {
    const bool aead = Info(cipher).aead;
    const void* const first = aead ? static_cast<const void*>(&secret.gcm) : &secret;
    const std::size_t bytes = aead ? sizeof secret.gcm : offsetof(Secret, gcm);
    for (std::size_t at = 0; at < bytes; at += 64) __builtin_prefetch(static_cast<const std::uint8_t*>(first) + at);
  }
};

void MultiBufferKeysDelete::operator()(MultiBufferKeys* keys) const {
  delete keys;
}

struct MultiBuffer::Impl {
  struct Free {
    void operator()(IMB_MGR* m) const { free_mb_mgr(m); }
  };
  std::unique_ptr<IMB_MGR, Free> manager;
  IMB_ARCH arch = IMB_ARCH_NONE;
  std::vector<std::array<std::uint8_t, 32>> tags;  // what the integrity checks should be, of the burst at hand
  DesLanes lanes;
  std::vector<DesLanes::Job> des;  // of the burst at hand

  static void Finish(const IMB_JOB* job);
  void Gcm(const MultiBufferKeys& keys, CryptoOp& op);
  void Des(std::span<const Work> burst, Direction direction);
  void HmacState(IMB_HASH_ALG hash, const std::array<std::uint8_t, kHashBlock>& block, std::uint8_t* out) const;
};

MultiBuffer::MultiBuffer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
MultiBuffer::~MultiBuffer() = default;

std::unique_ptr<MultiBuffer> MultiBuffer::Create() {
  auto impl = std::make_unique<Impl>();
  impl->manager.reset(alloc_mb_mgr(0));
  if (impl->manager == nullptr) return nullptr;
  init_mb_mgr_auto(impl->manager.get(), &impl->arch);
  if (imb_get_errno(impl->manager.get()) != 0 || impl->arch < IMB_ARCH_AVX2) return nullptr;
  return std::unique_ptr<MultiBuffer>(new MultiBuffer(std::move(impl)));
}

std::string MultiBuffer::name() const {
  return fmt::format("libipsec-mb {}, {}{}", IMB_VERSION_STR, impl_->arch == IMB_ARCH_AVX512 ? "AVX-512" : "AVX2",
                     DesLanes::Supported() ? fmt::format("; DES in {} lanes", DesLanes::kLanes) : "");
}

bool MultiBuffer::Offers(Capability t) const {
  if (Info(t.cipher).aead) return t.integrity == Integrity::kAead;
  return std::ranges::find(kModes, t.cipher, &CipherMode::cipher) != kModes.end() &&
         std::ranges::find(kHashes, t.integrity, &HashMode::integrity) != kHashes.end() &&
         (!IsDes(t.cipher) || DesLanes::Supported());
}

void MultiBuffer::Impl::HmacState(IMB_HASH_ALG hash, const std::array<std::uint8_t, kHashBlock>& block,
                                  std::uint8_t* out) const {
  IMB_MGR* m = manager.get();
  if (hash == IMB_AUTH_MD5) {
    IMB_MD5_ONE_BLOCK(m, block.data(), out);
  } else if (hash == IMB_AUTH_HMAC_SHA_1) {
    IMB_SHA1_ONE_BLOCK(m, block.data(), out);
  } else {
    IMB_SHA256_ONE_BLOCK(m, block.data(), out);
  }
}

MultiBufferKeysPtr MultiBuffer::Prepare(const SaSpec& spec) const {
  if (!Offers({spec.cipher, spec.integrity})) return nullptr;
  IMB_MGR* m = impl_->manager.get();
  MultiBufferKeysPtr keys(new MultiBufferKeys);
  MultiBufferKeys::Secret& secret = keys->secret;
  keys->direction = spec.direction;
  keys->cipher = spec.cipher;
  keys->key_bytes = Info(spec.cipher).key_bytes;
  keys->icv_bytes = Info(spec.integrity).icv_bytes;
  const std::uint8_t* key = spec.cipher_key.view().data();
  if (Info(spec.cipher).aead) {
    const ByteView salt = spec.cipher_key.view().last(kSaltBytes);
    std::copy(salt.begin(), salt.end(), secret.salt.begin());
    if (spec.cipher == Cipher::kAesGcm128) {
      IMB_AES128_GCM_PRE(m, key, &secret.gcm);
    } else {
      IMB_AES256_GCM_PRE(m, key, &secret.gcm);
    }
    return keys;
  }
  keys->mode = std::ranges::find(kModes, spec.cipher, &CipherMode::cipher)->mode;
  keys->hash = std::ranges::find(kHashes, spec.integrity, &HashMode::integrity)->hash;
  switch (spec.cipher) {
    case Cipher::kDesCbc:
    case Cipher::k3DesCbc:
      keys->des = std::make_unique<DesSchedule>(spec.cipher_key.view(), spec.direction == Direction::kSeal);
      break;
    case Cipher::kAesCbc:
      IMB_AES_KEYEXP_128(m, key, secret.aes_seal.data(), secret.aes_open.data());
      break;
    case Cipher::kAesCbc192:
      IMB_AES_KEYEXP_192(m, key, secret.aes_seal.data(), secret.aes_open.data());
      break;
    default:
      IMB_AES_KEYEXP_256(m, key, secret.aes_seal.data(), secret.aes_open.data());
  }
  std::array<std::uint8_t, kHashBlock> block;
  for (const auto& [pad, out] : {std::pair{0x36, secret.inner.data()}, std::pair{0x5c, secret.outer.data()}}) {
    block.fill(static_cast<std::uint8_t>(pad));
    const ByteView integrity_key = spec.integrity_key.view();  // never longer than a block
    for (std::size_t i = 0; i < integrity_key.size(); ++i)
      block[i] = static_cast<std::uint8_t>(block[i] ^ integrity_key[i]);
    impl_->HmacState(keys->hash, block, out);
  }
  OPENSSL_cleanse(block.data(), block.size());
  return keys;
}

void MultiBuffer::Impl::Gcm(const MultiBufferKeys& keys, CryptoOp& op) {
  IMB_MGR* m = manager.get();
  std::array<std::uint8_t, kGcmIv> nonce;
  std::copy(keys.secret.salt.begin(), keys.secret.salt.end(), nonce.begin());
  std::copy_n(op.data + op.iv_offset, kGcmIv - kSaltBytes, nonce.begin() + kSaltBytes);
  const bool seal = keys.direction == Direction::kSeal, narrow = keys.cipher == Cipher::kAesGcm128;
  const auto run = narrow ? (seal ? m->gcm128_enc : m->gcm128_dec) : (seal ? m->gcm256_enc : m->gcm256_dec);
  std::uint8_t* text = op.data + op.cipher_offset;
  std::uint8_t* icv = op.data + op.icv_offset;
  std::array<std::uint8_t, 16> tag;
  gcm_context_data context;
  run(&keys.secret.gcm, &context, text, text, op.cipher_length, nonce.data(), op.data + op.auth_offset, op.auth_length,
      seal ? icv : tag.data(), tag.size());
  op.verdict = seal || CRYPTO_memcmp(tag.data(), icv, tag.size()) == 0 ? Verdict::kOk : Verdict::kBadIcv;
}

void MultiBuffer::Impl::Finish(const IMB_JOB* job) {
  CryptoOp& op = *static_cast<CryptoOp*>(job->user_data);
  if (job->status != IMB_STATUS_COMPLETED) {
    op.verdict = Verdict::kFault;
    return;
  }
  const bool open = job->cipher_direction == IMB_DIR_DECRYPT;
  const std::uint8_t* icv = op.data + op.icv_offset;
  op.verdict = open && CRYPTO_memcmp(job->auth_tag_output, icv, job->auth_tag_output_len_in_bytes) != 0
                   ? Verdict::kBadIcv
                   : Verdict::kOk;
}

// (Triple) DES around what the library does with the same packets: before the ICV is made, after it was found right.
void MultiBuffer::Impl::Des(std::span<const Work> burst, Direction direction) {
  des.clear();
  for (const Work& w : burst) {
    CryptoOp& op = *w.op;
    if (w.keys->des == nullptr || w.keys->direction != direction) continue;
    if (direction == Direction::kOpen && op.verdict != Verdict::kOk) continue;
    des.push_back({w.keys->des.get(), op.data + op.iv_offset, op.data + op.cipher_offset, op.cipher_length});
  }
  direction == Direction::kSeal ? lanes.Encrypt(des) : lanes.Decrypt(des);
}

void MultiBuffer::Apply(std::span<const Work> burst) {
  IMB_MGR* m = impl_->manager.get();
  impl_->Des(burst, Direction::kSeal);
  if (impl_->tags.size() < burst.size()) impl_->tags.resize(burst.size());
  for (std::size_t i = 0; i < burst.size(); ++i) {
    const MultiBufferKeys& keys = *burst[i].keys;
    CryptoOp& op = *burst[i].op;
    if (i + kAhead < burst.size() && burst[i + kAhead].keys != &keys) burst[i + kAhead].keys->Prefetch();
    if (Info(keys.cipher).aead) {
      impl_->Gcm(keys, op);
      continue;
    }
    const bool seal = keys.direction == Direction::kSeal;
    IMB_JOB* job = IMB_GET_NEXT_JOB(m);
    const MultiBufferKeys::Secret& secret = keys.secret;
    job->enc_keys = secret.aes_seal.data();
    job->dec_keys = secret.aes_open.data();
    job->key_len_in_bytes = keys.key_bytes;
    job->src = op.data;
    job->dst = op.data + op.cipher_offset;
    job->cipher_start_src_offset_in_bytes = op.cipher_offset;
    job->msg_len_to_cipher_in_bytes = op.cipher_length;
    job->hash_start_src_offset_in_bytes = op.auth_offset;
    job->msg_len_to_hash_in_bytes = op.auth_length;
    job->iv = op.data + op.iv_offset;
    job->iv_len_in_bytes = Info(keys.cipher).iv_bytes;
    job->auth_tag_output = seal ? op.data + op.icv_offset : impl_->tags[i].data();
    job->auth_tag_output_len_in_bytes = keys.icv_bytes;
    job->u.HMAC._hashed_auth_key_xor_ipad = secret.inner.data();
    job->u.HMAC._hashed_auth_key_xor_opad = secret.outer.data();
    job->cipher_mode = keys.mode;
    job->hash_alg = keys.hash;
    job->cipher_direction = seal ? IMB_DIR_ENCRYPT : IMB_DIR_DECRYPT;
    job->chain_order = seal ? IMB_ORDER_CIPHER_HASH : IMB_ORDER_HASH_CIPHER;
    job->user_data = &op;
    for (job = IMB_SUBMIT_JOB(m); job != nullptr; job = IMB_GET_COMPLETED_JOB(m)) Impl::Finish(job);
  }
  while (IMB_JOB* job = IMB_FLUSH_JOB(m)) Impl::Finish(job);
  impl_->Des(burst, Direction::kOpen);
}

}  // namespace sw::hal
