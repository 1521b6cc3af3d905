#include "hal/testing/crypto_device_contract.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "hal/testing/vectors.h"

namespace sw::hal {
namespace {

constexpr std::array kAllCiphers{Cipher::kNull,      Cipher::kDesCbc,    Cipher::k3DesCbc,   Cipher::kAesCbc,
                                 Cipher::kAesCbc192, Cipher::kAesCbc256, Cipher::kAesGcm128, Cipher::kAesGcm256};
constexpr std::array kAllIntegrities{Integrity::kNone, Integrity::kHmacMd5, Integrity::kHmacSha1,
                                     Integrity::kHmacSha256, Integrity::kAead};
constexpr std::chrono::seconds kPatience(5);  // without a completion, an engine counts as stuck

Bytes Slice(const Bytes& data, std::size_t offset, std::size_t length) {
  return Bytes(data.begin() + static_cast<std::ptrdiff_t>(offset),
               data.begin() + static_cast<std::ptrdiff_t>(offset + length));
}

}  // namespace

int LinkCryptoDeviceContract() {
  return 0;
}

bool CryptoDeviceContract::Has(Cipher cipher, Integrity integrity) const {
  return std::ranges::any_of(device_->capabilities().transforms,
                             [=](const Capability& t) { return t.cipher == cipher && t.integrity == integrity; });
}

Capability CryptoDeviceContract::Some(Capability wanted) const {
  if (Has(wanted.cipher, wanted.integrity)) return wanted;
  for (const Capability& t : device_->capabilities().transforms)
    if (t.cipher != Cipher::kNull && t.integrity != Integrity::kNone && t.integrity != Integrity::kAead) return t;
  ADD_FAILURE() << "the engine has no transform that encrypts and authenticates";
  return wanted;
}

CryptoDeviceContract::Job CryptoDeviceContract::MakeJob(Cipher cipher, Integrity integrity, ByteView iv, ByteView text,
                                                        ByteView icv) const {
  Job job;
  for (ByteView part : {iv, text, icv}) job.data.insert(job.data.end(), part.begin(), part.end());
  job.data.resize(Info(cipher).iv_bytes + text.size() + Info(integrity).icv_bytes);
  job.op.data = job.data.data();
  job.op.size = static_cast<std::uint32_t>(job.data.size());
  job.op.cipher_offset = static_cast<std::uint32_t>(Info(cipher).iv_bytes);
  job.op.cipher_length = static_cast<std::uint32_t>(text.size());
  job.op.icv_offset = job.op.cipher_offset + job.op.cipher_length;
  job.op.auth_length = Info(cipher).aead ? 0 : job.op.icv_offset;
  return job;
}

SaSpec CryptoDeviceContract::MakeSpec(Direction direction, Capability t) {
  SaSpec spec{direction, t.cipher, t.integrity, SecretBytes(Info(t.cipher).key_bytes),
              SecretBytes(Info(t.integrity).key_bytes)};
  random_.Fill(spec.cipher_key.span());
  random_.Fill(spec.integrity_key.span());
  return spec;
}

std::vector<CryptoOp> CryptoDeviceContract::Collect(std::size_t count) {
  std::vector<CryptoOp> out;
  std::array<CryptoOp, 3> some;  // smaller than a burst, so that collecting takes several calls
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (out.size() < count && std::chrono::steady_clock::now() < end) {
    const std::size_t n = device_->Complete(some);
    out.insert(out.end(), some.begin(), some.begin() + static_cast<std::ptrdiff_t>(n));
  }
  EXPECT_EQ(out.size(), count);
  return out;
}

Verdict CryptoDeviceContract::Run(SaHandle sa, Job& job) {
  job.op.sa = sa;
  EXPECT_EQ(device_->Submit({&job.op, 1}), 1U);
  const std::vector<CryptoOp> done = Collect(1);
  return done.empty() ? Verdict::kFault : done[0].verdict;
}

TEST_P(CryptoDeviceContract, NamesItselfItsLimitsAndEveryTransformOnce) {
  const Capabilities& c = device_->capabilities();
  EXPECT_FALSE(c.engine.empty());
  EXPECT_EQ(c.max_sas, kSas);
  EXPECT_EQ(c.max_burst, kDepth);
  EXPECT_EQ(device_->health(), Health::kUp);
  ASSERT_FALSE(c.transforms.empty());
  for (const Capability& t : c.transforms) {
    EXPECT_EQ(std::ranges::count_if(c.transforms,
                                    [&](auto& o) { return o.cipher == t.cipher && o.integrity == t.integrity; }),
              1);
  }
}

TEST_P(CryptoDeviceContract, ServesEverySuiteOfTheTableOrSome) {
  std::size_t served = 0;
  for (const Suite& suite : Suites()) served += Has(suite.cipher, suite.integrity) ? 1 : 0;
  EXPECT_GE(served, GetParam().every_suite ? Suites().size() : 1);
}

TEST_P(CryptoDeviceContract, ReproducesThePublishedCipherVectors) {
  const std::pair<Cipher, const char*> files[] = {{Cipher::kDesCbc, "des_cbc.vec"},
                                                  {Cipher::k3DesCbc, "3des_cbc.vec"},
                                                  {Cipher::kAesCbc, "aes128_cbc.vec"},
                                                  {Cipher::kAesCbc192, "aes192_cbc.vec"},
                                                  {Cipher::kAesCbc256, "aes256_cbc.vec"}};
  for (const auto& [cipher, file] : files) {
    if (Lacks(cipher, Integrity::kNone)) continue;
    const auto records = vectors::Published(file);
    ASSERT_FALSE(records.empty());
    for (const vectors::Record& record : records) {
      SCOPED_TRACE(record.Text("source"));
      for (Direction direction : {Direction::kSeal, Direction::kOpen}) {
        const bool seal = direction == Direction::kSeal;
        const auto sa = device_->AddSa({direction, cipher, Integrity::kNone, SecretBytes(record.Hex("key")), {}});
        ASSERT_TRUE(sa.ok()) << sa.why();
        Job job = MakeJob(cipher, Integrity::kNone, record.Hex("iv"), record.Hex(seal ? "plain" : "sealed"), {});
        EXPECT_EQ(Run(*sa, job), Verdict::kOk);
        EXPECT_EQ(Slice(job.data, job.op.cipher_offset, job.op.cipher_length), record.Hex(seal ? "sealed" : "plain"));
        EXPECT_TRUE(device_->RemoveSa(*sa).ok());
      }
    }
  }
}

TEST_P(CryptoDeviceContract, ReproducesThePublishedIntegrityVectors) {
  const std::pair<Integrity, const char*> files[] = {{Integrity::kHmacMd5, "hmac_md5_96.vec"},
                                                     {Integrity::kHmacSha1, "hmac_sha1_96.vec"},
                                                     {Integrity::kHmacSha256, "hmac_sha256_128.vec"}};
  for (const auto& [integrity, file] : files) {
    if (Lacks(Cipher::kNull, integrity)) continue;
    const auto records = vectors::Published(file);
    ASSERT_FALSE(records.empty());
    for (const vectors::Record& record : records) {
      SCOPED_TRACE(record.Text("source"));
      const SecretBytes key(record.Hex("key"));
      const auto seal = device_->AddSa({Direction::kSeal, Cipher::kNull, integrity, {}, key});
      const auto open = device_->AddSa({Direction::kOpen, Cipher::kNull, integrity, {}, key});
      ASSERT_TRUE(seal.ok() && open.ok());
      Job job = MakeJob(Cipher::kNull, integrity, {}, record.Hex("message"), {});
      EXPECT_EQ(Run(*seal, job), Verdict::kOk);
      EXPECT_EQ(Slice(job.data, job.op.icv_offset, Info(integrity).icv_bytes), record.Hex("icv"));
      EXPECT_EQ(Run(*open, job), Verdict::kOk);
      EXPECT_TRUE(device_->RemoveSa(*seal).ok());
      EXPECT_TRUE(device_->RemoveSa(*open).ok());
    }
  }
}

TEST_P(CryptoDeviceContract, ReproducesThePublishedAeadVectors) {
  const auto records = vectors::Published("aes_gcm.vec");
  ASSERT_FALSE(records.empty());
  for (const vectors::Record& record : records) {
    SCOPED_TRACE(record.Text("source"));
    Bytes key = record.Hex("key");
    const Cipher cipher = key.size() == 16 ? Cipher::kAesGcm128 : Cipher::kAesGcm256;
    if (Lacks(cipher, Integrity::kAead)) continue;
    const Bytes salt = record.Hex("salt"), aad = record.Hex("aad"), plain = record.Hex("plain");
    key.insert(key.end(), salt.begin(), salt.end());
    const auto seal = device_->AddSa({Direction::kSeal, cipher, Integrity::kAead, SecretBytes(key), {}});
    const auto open = device_->AddSa({Direction::kOpen, cipher, Integrity::kAead, SecretBytes(key), {}});
    ASSERT_TRUE(seal.ok() && open.ok());
    Job job = MakeJob(cipher, Integrity::kAead, record.Hex("iv"), plain, {});
    job.data.insert(job.data.begin(), aad.begin(), aad.end());
    const auto front = static_cast<std::uint32_t>(aad.size());
    job.op.data = job.data.data();
    job.op.size += front;
    job.op.iv_offset += front;
    job.op.cipher_offset += front;
    job.op.icv_offset += front;
    job.op.auth_length = front;
    EXPECT_EQ(Run(*seal, job), Verdict::kOk);
    EXPECT_EQ(Slice(job.data, job.op.cipher_offset, plain.size()), record.Hex("sealed"));
    EXPECT_EQ(Slice(job.data, job.op.icv_offset, 16), record.Hex("tag"));
    EXPECT_EQ(Run(*open, job), Verdict::kOk);
    EXPECT_EQ(Slice(job.data, job.op.cipher_offset, plain.size()), plain);
    EXPECT_EQ(Run(*seal, job), Verdict::kOk);
    job.data.front() ^= 1;  // of the additional data
    EXPECT_EQ(Run(*open, job), Verdict::kBadIcv);
    EXPECT_TRUE(device_->RemoveSa(*seal).ok());
    EXPECT_TRUE(device_->RemoveSa(*open).ok());
  }
}

TEST_P(CryptoDeviceContract, OpensWhatItSealedWithEveryTransformAndRefusesAChangedIcv) {
  for (const Capability& t : device_->capabilities().transforms) {
    SaSpec spec = MakeSpec(Direction::kSeal, t);
    const auto seal = device_->AddSa(spec);
    spec.direction = Direction::kOpen;
    const auto open = device_->AddSa(spec);
    ASSERT_TRUE(seal.ok() && open.ok());
    for (std::size_t size : {16, 48, 1504}) {
      Bytes iv(Info(t.cipher).iv_bytes), text(size);
      random_.Fill(iv);
      random_.Fill(text);
      Job job = MakeJob(t.cipher, t.integrity, iv, text, {});
      ASSERT_EQ(Run(*seal, job), Verdict::kOk);
      EXPECT_EQ(Slice(job.data, job.op.cipher_offset, size) == text, t.cipher == Cipher::kNull);
      Job forged = job;
      forged.op.data = forged.data.data();
      if (t.integrity != Integrity::kNone) {
        forged.data.back() ^= 1;
        EXPECT_EQ(Run(*open, forged), Verdict::kBadIcv);
      }
      EXPECT_EQ(Run(*open, job), Verdict::kOk);
      EXPECT_EQ(Slice(job.data, job.op.cipher_offset, size), text);
    }
    EXPECT_TRUE(device_->RemoveSa(*seal).ok());
    EXPECT_TRUE(device_->RemoveSa(*open).ok());
  }
}

TEST_P(CryptoDeviceContract, RefusesWhatItLacksAndKeysOfTheWrongSizeAlreadyInTheDryRun) {
  for (Cipher cipher : kAllCiphers) {
    for (Integrity integrity : kAllIntegrities) {
      SaSpec spec = MakeSpec(Direction::kSeal, {cipher, integrity});
      if (!Has(cipher, integrity)) {
        EXPECT_EQ(device_->Validate(spec).code(), Code::kUnsupported);
        EXPECT_EQ(device_->AddSa(spec).status().code(), Code::kUnsupported);
        continue;
      }
      EXPECT_TRUE(device_->Validate(spec).ok());
      SaSpec longer = spec;
      longer.cipher_key = SecretBytes(Info(cipher).key_bytes + 1);
      EXPECT_EQ(device_->Validate(longer).code(), Code::kBadValue);
      EXPECT_EQ(device_->AddSa(longer).status().code(), Code::kBadValue);
      longer = spec;
      longer.integrity_key = SecretBytes(Info(integrity).key_bytes + 1);
      EXPECT_EQ(device_->Validate(longer).code(), Code::kBadValue);
      EXPECT_EQ(device_->AddSa(longer).status().code(), Code::kBadValue);
    }
  }
}

TEST_P(CryptoDeviceContract, IsBusyWhenItsTableIsFullAndHasRoomAgainAfterARemoval) {
  const SaSpec spec = MakeSpec(Direction::kSeal, Some({Cipher::kAesCbc, Integrity::kHmacSha1}));
  std::vector<SaHandle> handles;
  for (std::size_t i = 0; i < kSas; ++i) {
    const auto sa = device_->AddSa(spec);
    ASSERT_TRUE(sa.ok());
    EXPECT_EQ(std::ranges::count(handles, *sa), 0);
    handles.push_back(*sa);
  }
  EXPECT_EQ(device_->Validate(spec).code(), Code::kBusy);
  EXPECT_EQ(device_->AddSa(spec).status().code(), Code::kBusy);
  EXPECT_TRUE(device_->RemoveSa(handles[1]).ok());
  EXPECT_TRUE(device_->Validate(spec).ok());
  const auto again = device_->AddSa(spec);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(std::ranges::count(handles, *again), 0);  // a stale handle must not name the new SA
}

TEST_P(CryptoDeviceContract, AHandleThatIsUnknownOrRemovedIsRefused) {
  const Capability t = Some({Cipher::kAesCbc, Integrity::kHmacMd5});
  const auto sa = device_->AddSa(MakeSpec(Direction::kSeal, t));
  ASSERT_TRUE(sa.ok());
  EXPECT_TRUE(device_->RemoveSa(*sa).ok());
  EXPECT_EQ(device_->RemoveSa(*sa).code(), Code::kNotFound);
  EXPECT_EQ(device_->RemoveSa(*sa + 77).code(), Code::kNotFound);
  Job job = MakeJob(t.cipher, t.integrity, Bytes(Info(t.cipher).iv_bytes), Bytes(32), {});
  const Bytes before = job.data;
  EXPECT_EQ(Run(*sa, job), Verdict::kNoSa);
  ASSERT_TRUE(device_->AddSa(MakeSpec(Direction::kSeal, t)).ok());
  EXPECT_EQ(Run(*sa, job), Verdict::kNoSa);
  EXPECT_EQ(job.data, before);
}

TEST_P(CryptoDeviceContract, TakesAPrefixWhenItsQueueIsFullAndTheRestLater) {
  const Capability t = Some({Cipher::kDesCbc, Integrity::kHmacMd5});
  const auto sa = device_->AddSa(MakeSpec(Direction::kSeal, t));
  ASSERT_TRUE(sa.ok());
  std::vector<Job> jobs;
  std::vector<CryptoOp> burst;
  for (std::size_t i = 0; i < kDepth + 5; ++i) {
    jobs.push_back(MakeJob(t.cipher, t.integrity, Bytes(Info(t.cipher).iv_bytes), Bytes(64), {}));
    burst.push_back(jobs.back().op);
    burst.back().sa = *sa;
    burst.back().context = 1000 + i;
  }
  EXPECT_EQ(device_->Submit(burst), kDepth);
  EXPECT_EQ(device_->Submit(std::span(burst).subspan(kDepth)), 0U);
  std::vector<CryptoOp> done = Collect(kDepth);
  EXPECT_EQ(device_->Submit(std::span(burst).subspan(kDepth)), 5U);
  const std::vector<CryptoOp> rest = Collect(5);
  done.insert(done.end(), rest.begin(), rest.end());
  // In the order they were submitted, each once, with what the caller put into them.
  for (std::size_t i = 0; i < done.size(); ++i) {
    EXPECT_EQ(done[i].context, 1000 + i);
    EXPECT_EQ(done[i].data, jobs[i].data.data());
    EXPECT_EQ(done[i].verdict, Verdict::kOk);
  }
  CryptoOp none;
  EXPECT_EQ(device_->Complete({&none, 1}), 0U);
  EXPECT_EQ(device_->Submit({}), 0U);
}

TEST_P(CryptoDeviceContract, KeepsAnSaUntilItsOperationsAreCollected) {
  const Capability t = Some({Cipher::kDesCbc, Integrity::kHmacMd5});
  const auto sa = device_->AddSa(MakeSpec(Direction::kSeal, t));
  ASSERT_TRUE(sa.ok());
  Job job = MakeJob(t.cipher, t.integrity, Bytes(Info(t.cipher).iv_bytes), Bytes(64), {});
  job.op.sa = *sa;
  ASSERT_EQ(device_->Submit({&job.op, 1}), 1U);
  EXPECT_EQ(device_->RemoveSa(*sa).code(), Code::kInUse);
  Collect(1);
  EXPECT_TRUE(device_->RemoveSa(*sa).ok());
}

TEST_P(CryptoDeviceContract, OneBurstMayMixSasAndEachUsesItsOwnKeys) {
  const Capability t = Some({Cipher::kAesCbc, Integrity::kHmacSha1});
  std::array<SaHandle, 2> seal{}, open{};
  for (std::size_t i = 0; i < 2; ++i) {
    SaSpec spec = MakeSpec(Direction::kSeal, t);
    seal[i] = *device_->AddSa(spec);
    spec.direction = Direction::kOpen;
    open[i] = *device_->AddSa(spec);
  }
  std::vector<Job> jobs;
  std::vector<CryptoOp> burst;
  for (std::size_t i = 0; i < kDepth; ++i) {
    jobs.push_back(MakeJob(t.cipher, t.integrity, Bytes(Info(t.cipher).iv_bytes, 3), Bytes(32, 7), {}));
    burst.push_back(jobs.back().op);
    burst.back().sa = seal[i % 2];
  }
  ASSERT_EQ(device_->Submit(burst), kDepth);
  for (const CryptoOp& op : Collect(kDepth)) EXPECT_EQ(op.verdict, Verdict::kOk);
  EXPECT_EQ(jobs[0].data, jobs[2].data);
  EXPECT_NE(jobs[0].data, jobs[1].data);
  Job wrong_keys = jobs[1];  // its bytes are undefined afterwards
  wrong_keys.op.data = wrong_keys.data.data();
  EXPECT_EQ(Run(open[0], wrong_keys), Verdict::kBadIcv);
  EXPECT_EQ(Run(open[1], jobs[1]), Verdict::kOk);
  EXPECT_EQ(Run(open[0], jobs[0]), Verdict::kOk);
}

TEST_P(CryptoDeviceContract, RefusesRangesThatNoPacketCanHaveAndChangesNothing) {
  const Capability t = Some({Cipher::kAesCbc, Integrity::kHmacSha1});
  const auto sa = device_->AddSa(MakeSpec(Direction::kSeal, t));
  ASSERT_TRUE(sa.ok());
  using Bend = void (*)(CryptoOp&);
  const std::pair<const char*, Bend> bends[] = {
      {"no data", [](CryptoOp& op) { op.data = nullptr; }},
      {"cipher text not whole blocks", [](CryptoOp& op) { --op.cipher_length; }},
      {"no cipher text", [](CryptoOp& op) { op.cipher_length = 0; }},
      {"cipher text past the end", [](CryptoOp& op) { op.cipher_length += 16; }},
      {"cipher text length that overflows", [](CryptoOp& op) { op.cipher_length = 0xfffffff0; }},
      {"IV past the end", [](CryptoOp& op) { op.iv_offset = op.size - 15; }},
      {"IV inside the cipher text", [](CryptoOp& op) { op.iv_offset = op.cipher_offset; }},
      {"IV offset that overflows", [](CryptoOp& op) { op.iv_offset = 0xffffffff; }},
      {"integrity past the end", [](CryptoOp& op) { op.auth_length = op.size + 1; }},
      {"integrity over its own ICV", [](CryptoOp& op) { ++op.auth_length; }},
      {"integrity length that overflows", [](CryptoOp& op) { op.auth_offset = op.auth_length = 0xffffffff; }},
      {"ICV past the end", [](CryptoOp& op) { ++op.icv_offset; }},
      {"ICV inside the cipher text",
       [](CryptoOp& op) {
         op.auth_length = 16;
         op.icv_offset = 20;
       }},
      {"data shorter than said", [](CryptoOp& op) { --op.size; }},
  };
  for (const auto& [name, bend] : bends) {
    SCOPED_TRACE(name);
    Job job = MakeJob(t.cipher, t.integrity, Bytes(Info(t.cipher).iv_bytes, 1), Bytes(32, 2), {});
    const Bytes before = job.data;
    bend(job.op);
    EXPECT_EQ(Run(*sa, job), Verdict::kBadShape);
    EXPECT_EQ(job.data, before);
  }
}

}  // namespace sw::hal
