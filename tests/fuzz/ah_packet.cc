// Hostile packets against AH. The first byte chooses what the rest is:
//   even: a packet as it is, starting at its IP header, to SAs of every hash (SPI 0x100, 0x101, 0x102);
//   odd:  edits (offset 2, xor 1)... of a packet that was sealed with hash number second byte % 3.
// Nobody can make an ICV: nothing passes but the sealed packet with edits of fields that may change on the way, and
// then the payload is what was sealed.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include "hal/ports/ipv4.h"
#include "hal/soft/software_device.h"
#include "ipsec/esp.h"

namespace {

using namespace sw;

void Hold(bool invariant) {
  if (!invariant) std::abort();
}

constexpr hal::Integrity kHashes[] = {hal::Integrity::kHmacMd5, hal::Integrity::kHmacSha1, hal::Integrity::kHmacSha256};

struct Ends {
  explicit Ends(std::uint8_t key) {
    for (std::uint32_t i = 0; i < 3; ++i) {
      ipsec::SaParams params;
      params.spi = 0x100 + i;
      params.protocol = ipsec::SaProtocol::kAh;
      params.algorithms = {hal::Cipher::kNull, kHashes[i]};
      params.keys = SecretBytes(Bytes(Info(kHashes[i]).key_bytes, key));
      Hold(esp.AddInbound({}, params).ok());
      out[i] = *esp.AddOutbound({}, params);
    }
  }
  ipsec::Finished One() {
    esp.Flush();
    std::vector<ipsec::Finished> done;
    esp.Poll(done);
    Hold(done.size() == 1 && done[0].packet != nullptr);
    return std::move(done[0]);
  }

  SeededRandom random{1};
  PacketPool pool;
  std::unique_ptr<hal::SoftwareDevice> device = *hal::SoftwareDevice::Create({64, 16});
  ipsec::SaId out[3] = {};
  ipsec::Esp esp{*device, random};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 1500) return 0;
  const ByteView rest(data + 2, size - 2);
  if (data[0] % 2 == 0) {
    Ends ends(0xaa);
    ends.esp.UnprotectAh({}, ends.pool.Copy(rest), 0);
    Hold(ends.One().drop != ipsec::Drop::kNone);
    return 0;
  }
  Ends ends(0x55);
  PacketPtr plain = ends.pool.Take();
  const ByteSpan bytes = plain->Append(60);
  std::fill(bytes.begin(), bytes.end(), std::uint8_t{0x11});
  hal::Ipv4Header header;
  header.total_length = bytes.size();
  header.protocol = 17;
  header.source = Ipv4(192, 0, 2, 1);
  header.destination = Ipv4(192, 0, 2, 2);
  hal::WriteIpv4(bytes, header);
  ends.esp.Protect({}, ends.out[data[1] % 3], std::move(plain), 0, 0);
  ipsec::Finished sealed = ends.One();
  Hold(sealed.drop == ipsec::Drop::kNone);
  const ByteSpan wire = sealed.packet->data();
  for (std::size_t at = 0; at + 3 <= rest.size(); at += 3) wire[Load16(&rest[at]) % wire.size()] ^= rest[at + 2];
  ends.esp.UnprotectAh({}, std::move(sealed.packet), 0);
  const ipsec::Finished opened = ends.One();
  if (opened.drop != ipsec::Drop::kNone) return 0;
  const ByteView inside = std::as_const(*opened.packet).data();
  Hold(inside.size() == 60 && Ipv4(Load32(&inside[12])) == header.source);
  Hold(std::all_of(inside.begin() + 20, inside.end(), [](std::uint8_t b) { return b == 0x11; }));
  return 0;
}
