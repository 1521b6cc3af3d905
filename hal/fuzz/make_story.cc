// What a story is made of. Chances are our choice: most packets are right, so that what follows them is reached.
#include <algorithm>
#include <optional>

#include "hal/fuzz/story.h"

namespace sw::hal::fuzz {
namespace {

constexpr std::size_t kMostSas = 6, kMostBurst = 12;
constexpr std::uint32_t kMostFront = 48, kMostText = 12000;

class Maker {
 public:
  Maker(Random& random, const Capabilities& card, CryptoDevice& software)
      : random_(random), card_(card), software_(software) {}

  Step Next() {
    if (live_.empty() || (live_.size() < kMostSas && Chance(8))) return Add();
    if (Chance(20)) return Remove();
    return Burst();
  }

 private:
  bool Chance(std::uint32_t one_in) { return random_.U32() % one_in == 0; }
  std::uint32_t Below(std::uint32_t bound) { return random_.U32() % bound; }

  Step Add() {
    const Capability& transform = card_.transforms[Below(static_cast<std::uint32_t>(card_.transforms.size()))];
    Step step;
    step.what = Step::What::kAdd;
    step.sa = static_cast<std::uint32_t>(specs_.size());
    step.spec = {Chance(2) ? Direction::kSeal : Direction::kOpen, transform.cipher, transform.integrity,
                 SecretBytes(Info(transform.cipher).key_bytes), SecretBytes(Info(transform.integrity).key_bytes)};
    random_.Fill(step.spec.cipher_key.span());
    random_.Fill(step.spec.integrity_key.span());
    specs_.push_back(step.spec);
    live_.push_back(step.sa);
    return step;
  }
  Step Remove() {
    Step step;
    step.what = Step::What::kRemove;
    const std::uint32_t place = Below(static_cast<std::uint32_t>(live_.size()));
    step.sa = live_[place];
    live_.erase(live_.begin() + place);
    return step;
  }
  Step Burst() {
    Step step;
    const std::uint32_t count = 1 + Below(Chance(4) ? kMostBurst : 2);
    for (std::uint32_t i = 0; i < count; ++i) step.packets.push_back(MakePacket());
    return step;
  }

  // Front bytes, IV, text, ICV, and sometimes bytes behind; what is authenticated begins anywhere in front of the IV.
  Packet MakePacket() {
    const bool stale = Chance(25);
    Packet packet;
    packet.sa = stale ? Below(static_cast<std::uint32_t>(specs_.size()) + 1)
                      : live_[Below(static_cast<std::uint32_t>(live_.size()))];
    const SaSpec& spec = specs_[std::min<std::size_t>(packet.sa, specs_.size() - 1)];
    const CipherInfo& cipher = Info(spec.cipher);
    const auto block = static_cast<std::uint32_t>(cipher.block_bytes);
    const auto iv = static_cast<std::uint32_t>(cipher.iv_bytes);
    const auto icv = static_cast<std::uint32_t>(Info(spec.integrity).icv_bytes);
    const std::uint32_t front = Below(kMostFront), longest = Chance(5) ? kMostText : 300;
    const std::uint32_t text = (1 + Below(longest / block)) * block, behind = Chance(6) ? Below(20) : 0;
    CryptoOp& op = packet.op;
    op.iv_offset = front;
    op.cipher_offset = front + iv;
    op.cipher_length = text;
    op.icv_offset = op.cipher_offset + text;
    op.auth_offset = Chance(2) ? 0 : Below(front + 1);
    op.auth_length = (cipher.aead ? front : op.icv_offset) - op.auth_offset;
    op.size = op.icv_offset + icv + behind;
    packet.bytes.resize(op.size);
    random_.Fill(packet.bytes);
    if (spec.direction == Direction::kOpen && !stale) SealFirst(spec, packet);
    if (Chance(12)) Bend(packet, icv);
    return packet;
  }
  // A packet that is to be opened was sealed, unless it is forged.
  void SealFirst(SaSpec spec, Packet& packet) {
    spec.direction = Direction::kSeal;
    const Result<SaHandle> sa = software_.AddSa(spec);
    if (!sa.ok()) return;
    CryptoOp op = packet.op;
    op.sa = *sa;
    op.data = packet.bytes.data();
    if (software_.Submit({&op, 1}) == 1) (void)software_.Complete({&op, 1});
    (void)software_.RemoveSa(*sa);
    if (Chance(6)) packet.bytes[Below(op.size)] ^= static_cast<std::uint8_t>(1U << Below(8));
    if (op.icv_offset < op.size && Chance(6)) packet.bytes[op.icv_offset + Below(op.size - op.icv_offset)] ^= 1;
  }
  // Ranges that no packet has, or that only look odd.
  void Bend(Packet& packet, std::uint32_t icv) {
    CryptoOp& op = packet.op;
    std::uint32_t* const fields[] = {&op.iv_offset,   &op.cipher_offset, &op.cipher_length,
                                     &op.auth_offset, &op.auth_length,   &op.icv_offset};
    std::uint32_t& field = *fields[Below(6)];
    const std::uint32_t values[] = {0,           field + 1, field - 1, field + icv,   op.size,
                                    op.size - 1, ~0U,       ~0U - 15,  Below(op.size)};
    field = values[Below(std::size(values))];
    if (!Chance(16)) return;
    op.size = 0;
    packet.bytes.clear();
  }

  Random& random_;
  const Capabilities& card_;
  CryptoDevice& software_;
  std::vector<SaSpec> specs_;        // by SA
  std::vector<std::uint32_t> live_;  // added, not removed
};

}  // namespace

Story MakeStory(Random& random, const Capabilities& card, CryptoDevice& software, std::size_t steps) {
  Maker maker(random, card, software);
  Story story;
  while (story.size() < steps) story.push_back(maker.Next());
  return story;
}

}  // namespace sw::hal::fuzz
