#include "ipsec/ike/vendor.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace sw::ipsec::ike {
namespace {

// A vendor ID is the MD5 of a text (RFC 3947 section 3.1); DPD's is a constant with a version (RFC 3706 section 5.1).
constexpr std::array<std::uint8_t, 16> kDpd{0xaf, 0xca, 0xd7, 0x13, 0x68, 0xa1, 0xf1, 0xc9,
                                            0x6b, 0x86, 0x96, 0xfc, 0x77, 0x57, 0x01, 0x00};
struct NatVendor {
  std::string_view text;
  NatDialect dialect;
};
constexpr std::array<NatVendor, 4> kNat{{{"RFC 3947", NatDialect::kRfc},
                                         {"draft-ietf-ipsec-nat-t-ike-03", NatDialect::kDraft},
                                         {"draft-ietf-ipsec-nat-t-ike-02\n", NatDialect::kDraft},
                                         {"draft-ietf-ipsec-nat-t-ike-02", NatDialect::kDraft}}};

hal::Md5Digest IdOf(const NatVendor& vendor) {
  return hal::Md5(AsBytes(vendor.text));
}

}  // namespace

Abilities ReadVendorIds(const Payloads& payloads) {
  static const std::array<hal::Md5Digest, 4> ids{IdOf(kNat[0]), IdOf(kNat[1]), IdOf(kNat[2]), IdOf(kNat[3])};
  Abilities out;
  for (const Payload& p : payloads) {
    if (p.type != PayloadType::kVendorId) continue;
    // The last two bytes of DPD's are its version; any major version 1 will do.
    if (p.body.size() == kDpd.size() && std::equal(kDpd.begin(), kDpd.end() - 1, p.body.begin())) out.dpd = true;
    for (std::size_t i = 0; i < kNat.size(); ++i)
      if (std::equal(p.body.begin(), p.body.end(), ids[i].begin(), ids[i].end()))
        out.nat = std::max(out.nat, kNat[i].dialect);
  }
  return out;
}

void AddVendorIds(ChainWriter& chain, bool nat) {
  if (nat)
    for (const NatVendor& vendor : kNat) chain.Add(PayloadType::kVendorId, IdOf(vendor));
  chain.Add(PayloadType::kVendorId, kDpd);
}

void AddVendorIds(ChainWriter& chain, NatDialect nat) {
  for (const NatVendor& vendor : kNat)
    if (nat == vendor.dialect) chain.Add(PayloadType::kVendorId, IdOf(vendor));
  chain.Add(PayloadType::kVendorId, kDpd);
}

Bytes NatHash(hal::HashAlgorithm hash, const Cookies& cookies, Endpoint end) {
  Bytes text = CookieBytes(cookies);
  Writer out(text);
  out.U32(end.address.value);
  out.U16(end.port);
  return hal::Hash(hash, text);
}

PayloadType NatDetectionType(NatDialect dialect) {
  return dialect == NatDialect::kDraft ? PayloadType::kDraftNatDetection : PayloadType::kNatDetection;
}

}  // namespace sw::ipsec::ike
