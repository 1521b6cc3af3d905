// What a descriptor asks of the card: an SA added or removed, a packet computed.
#include <algorithm>

#include "hal/card/card.h"
#include "hal/pcie/codes.h"

namespace sw::hal::card {

using pcie::CompletionStatus;
using pcie::Descriptor;
using pcie::Segment;

namespace {

constexpr std::uint32_t kMostPacketBytes = 65536;
constexpr std::uint32_t kMostKeyBytes = 128;

CompletionStatus StatusOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOk:
      return CompletionStatus::kOk;
    case Verdict::kBadIcv:
      return CompletionStatus::kBadIcv;
    case Verdict::kBadShape:
      return CompletionStatus::kBadShape;
    case Verdict::kNoSa:
      return CompletionStatus::kNoSa;
    case Verdict::kFault:
      return CompletionStatus::kFault;
  }
  return CompletionStatus::kFault;
}

}  // namespace

CompletionStatus Card::AddSa(const Descriptor& d) {
  const auto refuse = [this] {
    ++statistics_[pcie::kStatRefused];
    return CompletionStatus::kRefused;
  };
  const auto cipher = pcie::CipherOf(d.add.cipher);
  const auto integrity = pcie::IntegrityOf(d.add.integrity);
  const std::uint64_t key_bytes = std::uint64_t{d.add.cipher_key_bytes} + d.add.integrity_key_bytes;
  Sa& sa = sas_[d.sa % limits_.max_sas];
  if (!cipher || !integrity || d.add.direction > 1 || key_bytes > kMostKeyBytes || sa.used) return refuse();
  SecretBytes keys(static_cast<std::size_t>(key_bytes));
  if (!memory_.Read(d.inline_segments[0].address, keys.span())) {
    ++statistics_[pcie::kStatDmaErrors];
    return CompletionStatus::kFault;
  }
  SaSpec spec;
  spec.direction = d.add.direction == 0 ? Direction::kSeal : Direction::kOpen;
  spec.cipher = *cipher;
  spec.integrity = *integrity;
  spec.cipher_key = SecretBytes(keys.view().first(d.add.cipher_key_bytes));
  spec.integrity_key = SecretBytes(keys.view().subspan(d.add.cipher_key_bytes));
  const Result<SaHandle> added = engine_->AddSa(spec);
  if (!added.ok()) return refuse();
  sa = {d.sa, *added, spec.direction, true};
  return CompletionStatus::kOk;
}

CompletionStatus Card::RemoveSa(const Descriptor& d) {
  Sa& sa = sas_[d.sa % limits_.max_sas];
  if (!sa.used || sa.handle != d.sa) return CompletionStatus::kNoSa;
  (void)engine_->RemoveSa(sa.engine);
  sa = {};
  return CompletionStatus::kOk;
}

bool Card::Gather(const Descriptor& d, std::vector<Segment>& segments) {
  if (d.segments > pcie::kMostSegments) return false;
  segments.assign(d.inline_segments, d.inline_segments + std::min<std::uint32_t>(d.segments, pcie::kInlineSegments));
  if (d.segments <= pcie::kInlineSegments) return true;
  segments.resize(d.segments);
  return memory_.Read(d.inline_segments[0].address,
                      {reinterpret_cast<std::uint8_t*>(segments.data()), segments.size() * sizeof(Segment)});
}

CompletionStatus Card::Packet(const Descriptor& d, bool corrupt) {
  const auto dma_error = [this] {
    ++statistics_[pcie::kStatDmaErrors];
    return CompletionStatus::kFault;
  };
  const Sa& sa = sas_[d.sa % limits_.max_sas];
  if (!sa.used || sa.handle != d.sa) return CompletionStatus::kNoSa;
  if (d.segments == 0) return CompletionStatus::kBadShape;
  std::vector<Segment>& segments = segments_;
  if (!Gather(d, segments)) return dma_error();
  std::uint64_t size = 0;
  for (const Segment& s : segments) size += s.length;
  if (size > kMostPacketBytes) return CompletionStatus::kBadShape;
  packet_.resize(static_cast<std::size_t>(size));
  std::size_t at = 0;
  for (const Segment& s : segments) {
    if (!memory_.Read(s.address, ByteSpan(packet_).subspan(at, s.length))) return dma_error();
    at += s.length;
  }
  CryptoOp op;
  op.sa = sa.engine;
  op.data = packet_.data();
  op.size = static_cast<std::uint32_t>(size);
  op.iv_offset = d.packet.iv_offset;
  op.cipher_offset = d.packet.cipher_offset;
  op.cipher_length = d.packet.cipher_length;
  op.auth_offset = d.packet.auth_offset;
  op.auth_length = d.packet.auth_length;
  op.icv_offset = d.packet.icv_offset;
  const bool taken = engine_->Submit({&op, 1}) == 1;
  if (!taken || engine_->Complete({&op, 1}) != 1) return CompletionStatus::kFault;
  if (op.verdict == Verdict::kBadIcv) ++statistics_[pcie::kStatBadIcv];
  if (op.verdict == Verdict::kBadShape) ++statistics_[pcie::kStatRefused];
  if (op.verdict != Verdict::kOk) return StatusOf(op.verdict);
  if (corrupt && op.cipher_length != 0) packet_[op.cipher_offset + op.cipher_length / 2] ^= 0x40;
  at = 0;
  for (const Segment& s : segments) {
    if (!memory_.Write(s.address, ByteView(packet_).subspan(at, s.length))) return dma_error();
    at += s.length;
  }
  ++statistics_[sa.direction == Direction::kSeal ? pcie::kStatSealed : pcie::kStatOpened];
  statistics_[pcie::kStatBytes] += size;
  return CompletionStatus::kOk;
}

}  // namespace sw::hal::card
