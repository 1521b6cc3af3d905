#include "hal/primitives.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace sw::hal {
namespace {

Bytes Hex(std::string_view text) {
  Bytes out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    out.push_back(static_cast<std::uint8_t>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return out;
}
Bytes Of(ByteView v) {
  return Bytes(v.begin(), v.end());
}
Bytes Of(const SecretBytes& s) {
  return Of(s.view());
}
Bytes Repeat(std::uint8_t byte, std::size_t n) {
  return Bytes(n, byte);
}

TEST(Primitives, AreAllServedByTheOpensslOfThisMachine) {
  const Status status = CheckPrimitives();
  EXPECT_TRUE(status.ok()) << status.why();
}

TEST(PrimitivesDeathTest, MissingLegacyProviderIsAnErrorThatNamesItAndOnlyDesRefuses) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // a fresh process: providers are loaded once
  EXPECT_EXIT(
      {
        setenv("OPENSSL_MODULES", "/nonexistent", 1);
        const Status status = CheckPrimitives();
        SeededRandom random(1);
        const auto seals = [&random](int number) {
          const Suite& suite = *FindSuite(number);
          return !Seal(suite, SplitSealKeys(suite, SecretBytes(SealKeyBytes(suite))), {}, AsBytes("x"), random).empty();
        };
        std::fprintf(stderr, "%s", status.why().c_str());
        std::exit(!status.ok() && status.code() == Code::kDevice && !seals(1) && seals(5) && seals(12) ? 0 : 1);
      },
      testing::ExitedWithCode(0), "legacy provider");
}

TEST(Hash, AgreesWithTheTypedFormsAndMatchesRfc3174) {
  EXPECT_EQ(Hash(HashAlgorithm::kSha1, AsBytes("abc")), Hex("a9993e364706816aba3e25717850c26c9cd0d89d"));
  const Md5Digest md5 = Md5(AsBytes("abc"));
  EXPECT_EQ(Hash(HashAlgorithm::kMd5, AsBytes("abc")), Bytes(md5.begin(), md5.end()));
  const Sha256Digest sha256 = Sha256(AsBytes("abc"));
  EXPECT_EQ(Hash(HashAlgorithm::kSha256, AsBytes("abc")), Bytes(sha256.begin(), sha256.end()));
}

TEST(Hmac, MatchesRfc2202Case2) {
  EXPECT_EQ(Of(Hmac(HashAlgorithm::kMd5, AsBytes("Jefe"), AsBytes("what do ya want for nothing?")).view()),
            Hex("750c783e6ab0b503eaa86e310a5db738"));
  EXPECT_EQ(Of(Hmac(HashAlgorithm::kSha1, AsBytes("Jefe"), AsBytes("what do ya want for nothing?")).view()),
            Hex("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"));
}

// RFC 3602 section 4, case 2.
TEST(Cbc, EncryptsInPlaceAndBackAndRefusesSizesThatDoNotFit) {
  const Bytes key = Hex("c286696d887c9aa0611bbb3e2025a45a"), iv = Hex("562e17996d093d28ddb3ba695a2e6f58");
  const Bytes plain = Hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  Bytes data = plain;
  EXPECT_TRUE(CbcEncrypt(Cipher::kAesCbc, key, iv, data));
  EXPECT_EQ(data, Hex("d296cd94c2cccf8a3a863028b5e1dc0a7586602d253cfff91b8266bea6d61ab1"));
  EXPECT_TRUE(CbcDecrypt(Cipher::kAesCbc, key, iv, data));
  EXPECT_EQ(data, plain);
  EXPECT_FALSE(CbcEncrypt(Cipher::kAesCbc, ByteView(key).first(15), iv, data));
  EXPECT_FALSE(CbcEncrypt(Cipher::kAesCbc, key, ByteView(iv).first(8), data));
  EXPECT_FALSE(CbcEncrypt(Cipher::kAesCbc, key, iv, ByteSpan(data).first(31)));
  EXPECT_FALSE(CbcEncrypt(Cipher::kAesGcm128, Bytes(20), Bytes(8), data));
  EXPECT_EQ(data, plain);
}

TEST(Md5, MatchesRfc1321Appendix5) {
  EXPECT_EQ(Of(Md5({})), Hex("d41d8cd98f00b204e9800998ecf8427e"));
  EXPECT_EQ(Of(Md5(AsBytes("abc"))), Hex("900150983cd24fb0d6963f7d28e17f72"));
  EXPECT_EQ(Of(Md5(AsBytes("message digest"))), Hex("f96b697d7cb7938d525a2f31aaf161d0"));
  EXPECT_EQ(Of(Md5(AsBytes("abcdefghijklmnopqrstuvwxyz"))), Hex("c3fcd3d76192e4007dfb496cca67e13b"));
}

TEST(Sha256, MatchesFips180) {
  EXPECT_EQ(Of(Sha256(AsBytes("abc"))), Hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
  EXPECT_EQ(Of(Sha256({})), Hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
}

TEST(HmacSha256, MatchesRfc4231) {
  EXPECT_EQ(Of(HmacSha256(Repeat(0x0b, 20), AsBytes("Hi There"))),
            Hex("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"));
  EXPECT_EQ(Of(HmacSha256(AsBytes("Jefe"), AsBytes("what do ya want for nothing?"))),
            Hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
  EXPECT_EQ(Of(HmacSha256(Repeat(0xaa, 20), Repeat(0xdd, 50))),
            Hex("773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"));
  EXPECT_EQ(Of(HmacSha256(Repeat(0xaa, 131), AsBytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
            Hex("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
}

TEST(HmacSha256, TakesAnEmptyKeyAndEmptyData) {
  EXPECT_EQ(Of(HmacSha256({}, {})), Hex("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"));
}

TEST(Hkdf, MatchesRfc5869Case1) {
  const SecretBytes prk = HkdfExtract(Hex("000102030405060708090a0b0c"), Repeat(0x0b, 22));
  EXPECT_EQ(Of(prk), Hex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"));
  const Bytes expected = Hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  EXPECT_EQ(Of(HkdfExpand(prk, "", Hex("f0f1f2f3f4f5f6f7f8f9"), 42)), expected);
  // The label is simply the front of the info.
  EXPECT_EQ(Of(HkdfExpand(prk, "\xf0\xf1\xf2", Hex("f3f4f5f6f7f8f9"), 42)), expected);
}

TEST(Hkdf, MatchesRfc5869Case3WithNoSaltAndNoInfo) {
  const SecretBytes prk = HkdfExtract({}, Repeat(0x0b, 22));
  EXPECT_EQ(Of(prk), Hex("19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04"));
  EXPECT_EQ(Of(HkdfExpand(prk, "", {}, 42)),
            Hex("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"));
}

TEST(Hkdf, ExpandsToAnyLengthWithTheSamePrefix) {
  const SecretBytes prk = HkdfExtract(AsBytes("salt"), AsBytes("input"));
  const SecretBytes longest = HkdfExpand(prk, "x", {}, 8160);
  ASSERT_EQ(longest.size(), 8160U);
  EXPECT_EQ(Of(HkdfExpand(prk, "x", {}, 33)), Of(longest.view().first(33)));
  EXPECT_TRUE(HkdfExpand(prk, "x", {}, 0).empty());
}

TEST(EqualConstantTime, ComparesLengthAndEveryByte) {
  EXPECT_TRUE(EqualConstantTime({}, {}));
  EXPECT_TRUE(EqualConstantTime(AsBytes("abc"), AsBytes("abc")));
  EXPECT_FALSE(EqualConstantTime(AsBytes("abc"), AsBytes("abd")));
  EXPECT_FALSE(EqualConstantTime(AsBytes("abc"), AsBytes("ab")));
}

TEST(SystemRandom, DoesNotRepeatItself) {
  SystemRandom random;
  Bytes a(32), b(32);
  random.Fill(a);
  random.Fill(b);
  EXPECT_NE(a, b);
  random.Fill({});
}

class Dh : public testing::TestWithParam<DhGroup> {};
INSTANTIATE_TEST_SUITE_P(Groups, Dh,
                         testing::Values(DhGroup::kModp768, DhGroup::kModp1024, DhGroup::kModp1536, DhGroup::kModp2048,
                                         DhGroup::kEcp256, DhGroup::kX25519));
class ModpDh : public testing::TestWithParam<DhGroup> {};
INSTANTIATE_TEST_SUITE_P(Groups, ModpDh, testing::Values(DhGroup::kModp768, DhGroup::kModp1024));

TEST_P(Dh, BothEndsAgreeOnOneSecretAndAThirdDoesNot) {
  SeededRandom random(7);
  const DhKey a = DhKey::Generate(GetParam(), random);
  const DhKey b = DhKey::Generate(GetParam(), random);
  const DhKey c = DhKey::Generate(GetParam(), random);
  ASSERT_EQ(a.public_value().size(), DhBytes(GetParam()));
  EXPECT_NE(Of(a.public_value()), Of(b.public_value()));
  const auto ab = a.Agree(b.public_value());
  const auto ba = b.Agree(a.public_value());
  ASSERT_TRUE(ab && ba);
  EXPECT_EQ(ab->size(), GetParam() == DhGroup::kEcp256 ? 32U : DhBytes(GetParam()));
  EXPECT_EQ(*ab, *ba);
  EXPECT_FALSE(*ab == *c.Agree(a.public_value()));
}

TEST_P(ModpDh, RefusesPublicValuesOutsideTwoToPrimeMinusTwo) {
  // The primes as RFC 2409 sections 6.1 and 6.2 print them, so that the ones in use are checked by their edges:
  // p-2 is accepted, p-1 and p are not.
  const Bytes prime =
      GetParam() == DhGroup::kModp768
          ? Hex("ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd"
                "ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a63a3620ffffffffffffffff")
          : Hex("ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd"
                "ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed"
                "ee386bfb5a899fa5ae9f24117c4b1fe649286651ece65381ffffffffffffffff");
  SeededRandom random(8);
  const DhKey key = DhKey::Generate(GetParam(), random);
  Bytes peer(DhBytes(GetParam()), 0);
  ASSERT_EQ(peer.size(), prime.size());
  EXPECT_FALSE(key.Agree(peer));  // 0
  peer.back() = 1;
  EXPECT_FALSE(key.Agree(peer));
  peer.back() = 2;
  EXPECT_TRUE(key.Agree(peer));
  EXPECT_EQ(*key.Agree(peer), SecretBytes(key.public_value()));  // 2^x is our own public value
  peer = prime;
  EXPECT_FALSE(key.Agree(peer));
  peer.back() = 0xfe;
  EXPECT_FALSE(key.Agree(peer));
  peer.back() = 0xfd;
  EXPECT_TRUE(key.Agree(peer));
  EXPECT_FALSE(key.Agree(Repeat(0xff, prime.size())));
}

TEST_P(Dh, RefusesPublicValuesOfTheWrongLength) {
  SeededRandom random(9);
  const DhKey key = DhKey::Generate(GetParam(), random);
  EXPECT_FALSE(key.Agree({}));
  EXPECT_FALSE(key.Agree(Repeat(3, DhBytes(GetParam()) - 1)));
  EXPECT_FALSE(key.Agree(Repeat(3, DhBytes(GetParam()) + 1)));
}

TEST(Dh, X25519MatchesRfc7748Section61AndRefusesAPointOfSmallOrder) {
  struct Fixed final : Random {
    explicit Fixed(Bytes b) : bytes(std::move(b)) {}
    void Fill(ByteSpan out) override { std::copy_n(bytes.begin(), out.size(), out.begin()); }
    Bytes bytes;
  };
  Fixed bob(Hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
  const DhKey b = DhKey::Generate(DhGroup::kX25519, bob);
  EXPECT_EQ(Of(b.public_value()), Hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"));
  EXPECT_EQ(Of(*b.Agree(Hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"))),
            Hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"));
  EXPECT_FALSE(b.Agree(Bytes(32, 0)));
}

TEST(Dh, P256RefusesWhatIsNotOnTheCurve) {
  SeededRandom random(10);
  const DhKey a = DhKey::Generate(DhGroup::kEcp256, random), b = DhKey::Generate(DhGroup::kEcp256, random);
  Bytes off(b.public_value().begin(), b.public_value().end());
  off.back() ^= 1;
  EXPECT_FALSE(a.Agree(off));
  EXPECT_FALSE(a.Agree(Bytes(64, 0)));
  EXPECT_FALSE(a.Agree(Repeat(0xff, 64)));
}

TEST(Dh, NoGroupAgreesWithNothing) {
  SeededRandom random(10);
  const DhKey key = DhKey::Generate(DhGroup::kNone, random);
  EXPECT_TRUE(key.public_value().empty());
  EXPECT_FALSE(key.Agree({}));
}

class Sealing : public testing::TestWithParam<int> {
 protected:
  const Suite& suite_ = *FindSuite(GetParam());
  SeededRandom random_{static_cast<std::uint64_t>(GetParam())};
  SealKeys keys_ = NewKeys();
  SealKeys NewKeys() {
    SecretBytes material(SealKeyBytes(suite_));
    random_.Fill(material.span());
    return SplitSealKeys(suite_, material);
  }
};
INSTANTIATE_TEST_SUITE_P(Suites, Sealing, testing::Values(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 17, 18));

TEST_P(Sealing, OpensWhatItSealedAtEveryLengthAroundABlock) {
  for (std::size_t length : {0, 1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 1000}) {
    Bytes plain(length);
    random_.Fill(plain);
    const Bytes sealed = Seal(suite_, keys_, AsBytes("header"), plain, random_);
    const std::size_t block = Info(suite_.cipher).block_bytes;
    const std::size_t expected = Info(suite_.cipher).aead
                                     ? 12 + length + 16
                                     : block + (length / block + 1) * block + Info(suite_.integrity).tag_bytes;
    EXPECT_EQ(sealed.size(), expected);
    EXPECT_EQ(SealedBytes(suite_, length), expected);
    const auto opened = Open(suite_, keys_, AsBytes("header"), sealed);
    ASSERT_TRUE(opened) << length;
    EXPECT_EQ(Of(*opened), plain);
  }
}

TEST_P(Sealing, NeverSealsTheSameTextToTheSameBytes) {
  EXPECT_NE(Seal(suite_, keys_, {}, AsBytes("same"), random_), Seal(suite_, keys_, {}, AsBytes("same"), random_));
}

TEST_P(Sealing, RefusesEveryFlippedBitAndEveryTruncation) {
  const Bytes sealed = Seal(suite_, keys_, AsBytes("aad"), AsBytes("a control message"), random_);
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes forged = sealed;
    forged[bit / 8] = static_cast<std::uint8_t>(forged[bit / 8] ^ (1U << (bit % 8)));
    EXPECT_FALSE(Open(suite_, keys_, AsBytes("aad"), forged)) << "bit " << bit;
  }
  for (std::size_t length = 0; length < sealed.size(); ++length) {
    EXPECT_FALSE(Open(suite_, keys_, AsBytes("aad"), ByteView(sealed).first(length))) << "length " << length;
  }
  Bytes longer = sealed;
  longer.push_back(0);
  EXPECT_FALSE(Open(suite_, keys_, AsBytes("aad"), longer));
}

TEST_P(Sealing, RefusesAnotherHeaderAndOtherKeys) {
  const Bytes sealed = Seal(suite_, keys_, AsBytes("aad"), AsBytes("text"), random_);
  EXPECT_TRUE(Open(suite_, keys_, AsBytes("aad"), sealed));
  EXPECT_FALSE(Open(suite_, keys_, AsBytes("aae"), sealed));
  EXPECT_FALSE(Open(suite_, keys_, {}, sealed));
  const SealKeys other = NewKeys();
  if (!Info(suite_.cipher).aead) {  // which has a key for both
    EXPECT_FALSE(Open(suite_, {keys_.cipher, other.integrity}, AsBytes("aad"), sealed));
  }
  const auto wrong_cipher_key = Open(suite_, {other.cipher, keys_.integrity}, AsBytes("aad"), sealed);
  EXPECT_FALSE(wrong_cipher_key && *wrong_cipher_key == SecretBytes(std::string_view("text")));
}

TEST_P(Sealing, RefusesKeysOfTheWrongSizeAndTextThatIsTooLong) {
  EXPECT_TRUE(Seal(suite_, {keys_.cipher, SecretBytes(3)}, {}, AsBytes("x"), random_).empty());
  EXPECT_TRUE(Seal(suite_, {SecretBytes(), keys_.integrity}, {}, AsBytes("x"), random_).empty());
  EXPECT_TRUE(SplitSealKeys(suite_, SecretBytes(SealKeyBytes(suite_) - 1)).cipher.empty());
  const Bytes most(kMaxSealedBytes);
  EXPECT_TRUE(Open(suite_, keys_, {}, Seal(suite_, keys_, {}, most, random_)));
  EXPECT_TRUE(Seal(suite_, keys_, {}, Bytes(kMaxSealedBytes + 1), random_).empty());
}

TEST(Sealing, SuiteThirteenIsRefusedBecauseItWouldProtectNothing) {
  SeededRandom random(13);
  const Suite& none = *FindSuite(kNoneSuite);
  EXPECT_EQ(SealKeyBytes(none), 0U);
  EXPECT_TRUE(Seal(none, {}, {}, AsBytes("x"), random).empty());
  EXPECT_FALSE(Open(none, {}, {}, AsBytes("some bytes that are long enough to be sealed ones")));
}

}  // namespace
}  // namespace sw::hal
