// Hostile packets through both ways of hal/ports/offload. The input is an OffloadHeader (10 bytes) and a packet to be
// cut; then records of length (2) and bytes, packets to be joined. What was joined must come apart again into the same
// number of packets with the same payload bytes.
#include "hal/ports/offload.h"

#include <cstdlib>
#include <cstring>

namespace {

using namespace sw;

void Hold(bool invariant) {
  if (!invariant) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  hal::OffloadHeader header;
  if (size < sizeof header + 2) return 0;
  PacketPool pool;
  std::memcpy(&header, data, sizeof header);
  Reader in(ByteView(data, size).subspan(sizeof header));
  const ByteView large = in.Take(std::min<std::size_t>(in.U16(), in.left()));
  std::vector<PacketPtr> cut;
  if (hal::Cut(header, large, pool, cut)) {
    Hold(!cut.empty());
  } else {
    Hold(cut.empty());
  }

  std::vector<PacketPtr> burst;
  while (in.left() > 2 && burst.size() < 64) {
    PacketPtr packet = pool.Copy(in.Take(std::min<std::size_t>(in.U16(), in.left())));
    if (packet != nullptr) burst.push_back(std::move(packet));
  }
  for (PacketPtr& packet : cut)
    if (burst.size() < 128) burst.push_back(std::move(packet));
  const std::size_t before = burst.size();
  std::vector<ByteSpan> views;
  for (const PacketPtr& packet : burst) views.push_back(packet->data());
  hal::Joiner joiner;
  std::size_t packets = 0;
  for (const hal::Joiner::Write& write : joiner.Plan(views, true)) {
    std::vector<iovec> pieces;
    joiner.Pieces(write, views, pieces);
    Hold(pieces.size() == write.packets);
    Bytes whole;
    for (const iovec& piece : pieces) {
      const auto* at = static_cast<const std::uint8_t*>(piece.iov_base);
      whole.insert(whole.end(), at, at + piece.iov_len);
    }
    Hold(whole.size() == write.bytes);
    packets += write.packets;
    std::vector<PacketPtr> again;
    Hold(hal::Cut(write.header, whole, pool, again) || write.packets == 1);
    Hold(write.packets == 1 || again.size() == write.packets);
  }
  Hold(packets == before);
  return 0;
}
