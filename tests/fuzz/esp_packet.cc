// Hostile datagrams against Esp. The first byte chooses what the rest is:
//   even: a datagram as it is, to a table with an inbound SA of every suite (SPI 0x100 + suite);
//   odd:  edits (offset 2, xor 1)... of a packet that was sealed with suite 1 + second byte % 13.
// Whatever comes, each datagram comes back exactly once, and what was not accepted has changed nothing.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include "hal/soft/software_device.h"
#include "ipsec/esp.h"

namespace {

using namespace sw;

void Hold(bool invariant) {
  if (!invariant) std::abort();
}

// The two kinds of input have keys of their own: the fuzzer learns what is compared, whole sealed packets among it,
// and must not be able to hand one of those in as something nobody could have made.
constexpr std::uint8_t kRawKey = 0xaa, kMutatedKey = 0x55;

struct Ends {
  explicit Ends(std::uint8_t key) {
    for (int suite = hal::kFirstSuite; suite <= hal::kLastSuite; ++suite) {
      const ipsec::SaParams params{.spi = 0x100 + static_cast<std::uint32_t>(suite),
                                   .suite = suite,
                                   .keys = SecretBytes(Bytes(ipsec::KeyBytes(suite), key))};
      in[suite] = *esp.AddInbound({}, params);
      out[suite] = *esp.AddOutbound({}, params);
    }
  }

  ipsec::Finished Unprotect(ByteView datagram) {
    PacketPtr packet = pool.Copy(datagram);
    Hold(packet != nullptr);
    esp.Unprotect({}, std::move(packet), 7);
    return One();
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
  ipsec::SaId in[hal::kLastSuite + 1] = {}, out[hal::kLastSuite + 1] = {};
  ipsec::Esp esp{*device, random};
};

// Sequence and packets of one SA, to see that a refusal moved neither.
struct Mark {
  explicit Mark(const ipsec::SaInfo& info) : sequence(info.sequence), packets(info.counters.packets) {}
  bool operator==(const Mark&) const = default;
  std::uint32_t sequence;
  std::uint64_t packets;
};

void Raw(Ends& ends, ByteView datagram) {
  std::vector<Mark> before;
  for (int s = hal::kFirstSuite; s <= hal::kLastSuite; ++s) before.emplace_back(*ends.esp.Info(ends.in[s]));
  const ipsec::Finished done = ends.Unprotect(datagram);
  const bool passed = done.drop == ipsec::Drop::kNone;
  // Nobody can make an ICV without the key; only suite 13 has none.
  Hold(!passed || done.sa == ends.in[hal::kNoneSuite]);
  Hold(!passed || done.packet->size() + 10 <= datagram.size());
  for (int s = hal::kFirstSuite; s <= hal::kLastSuite; ++s) {
    const bool moved = !(Mark(*ends.esp.Info(ends.in[s])) == before[static_cast<std::size_t>(s - hal::kFirstSuite)]);
    Hold(moved == (passed && s == hal::kNoneSuite));
  }
  if (passed) Hold(ends.Unprotect(datagram).drop == ipsec::Drop::kReplayed);
}

void Mutated(Ends& ends, ByteView recipe) {
  if (recipe.empty()) return;
  const int suite = hal::kFirstSuite + recipe[0] % hal::kLastSuite;
  const Bytes inner(recipe.begin(), recipe.end());
  PacketPtr packet = ends.pool.Copy(inner);
  Hold(packet != nullptr);
  ends.esp.Protect({}, ends.out[suite], std::move(packet), ipsec::kNextHeaderIpv4, 7);
  const ipsec::Finished sealed = ends.One();
  Hold(sealed.drop == ipsec::Drop::kNone);
  const ByteView good = std::as_const(*sealed.packet).data();

  Bytes forged(good.begin(), good.end());
  Reader edits(recipe.subspan(1));
  while (edits.left() >= 3) {
    const std::size_t at = edits.U16();
    const std::uint8_t change = edits.U8();
    if (at < forged.size()) {
      forged[at] = static_cast<std::uint8_t>(forged[at] ^ change);
    } else {
      forged.resize(at % (good.size() + 1));  // past the end: cut
    }
  }
  const bool same = ByteView(forged).size() == good.size() && std::equal(forged.begin(), forged.end(), good.begin());
  const Mark before(*ends.esp.Info(ends.in[suite]));
  const ipsec::Finished done = ends.Unprotect(forged);
  if (suite != hal::kNoneSuite) {
    // An edited SPI may name the SA that protects nothing; it takes anything, by definition.
    const bool unprotected = done.sa == ends.in[hal::kNoneSuite];
    Hold(unprotected || (done.drop == ipsec::Drop::kNone) == same);
    Hold(same || Mark(*ends.esp.Info(ends.in[suite])) == before);
    // The forgery has not used the good packet up.
    Hold(ends.Unprotect(good).drop == (same ? ipsec::Drop::kReplayed : ipsec::Drop::kNone));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMost = Packet::kRoom - Packet::kHeadroom - 64;
  if (size == 0 || size > kMost) return 0;
  const ByteView rest(data + 1, size - 1);
  const bool raw = data[0] % 2 == 0;
  Ends ends(raw ? kRawKey : kMutatedKey);
  raw ? Raw(ends, rest) : Mutated(ends, rest);
  return 0;
}
