#include "dvpn/parts.h"

#include <algorithm>
#include <array>
#include <utility>

#include "dvpn/constants.h"
#include "hal/primitives.h"

namespace sw::dvpn {

using wire::Type;

namespace {

constexpr std::array<std::uint8_t, 2> kHalves{0, 1};

Bytes Copy(ByteView bytes) {
  return Bytes(bytes.begin(), bytes.end());
}

// The first `number` (0) or second (1) half.
ByteView HalfOf(ByteView whole, std::uint8_t number) {
  const std::size_t first = (whole.size() + 1) / 2;
  return number == 0 ? whole.first(first) : whole.subspan(first);
}

Bytes Join(ByteView first, ByteView second) {
  Bytes out(first.begin(), first.end());
  out.insert(out.end(), second.begin(), second.end());
  return out;
}

wire::Digest DigestOf(ByteView body) {
  const hal::Sha256Digest whole = hal::Sha256(body);
  wire::Digest out;
  std::copy_n(whole.begin(), out.size(), out.begin());
  return out;
}

}  // namespace

// ---------------------------------------------------------------------------------------------- the registration

std::vector<Bytes> Cut(ByteView message, const wire::Nonce& client) {
  const std::uint64_t channel = Load64(message.data() + 8);
  const std::uint32_t counter = Load32(message.data() + 16);
  ByteView body = message.subspan(wire::kHeaderBytes);
  const bool request = message[5] == static_cast<std::uint8_t>(Type::kKexReq);
  const Type type = request ? Type::kKexReqPart : Type::kKexRspPart;
  wire::KexPart part;
  part.nonce = client;
  part.piece.whole = DigestOf(body);
  if (request) std::copy_n(body.begin(), part.claim.size(), part.claim.begin());
  const std::size_t room = wire::kMaxWhole - wire::kHeaderBytes - wire::Encode(part, type).size();
  const std::size_t count = std::max<std::size_t>(2, (body.size() + room - 1) / room);
  if (count > wire::kMaxPieces) return {};
  part.piece.count = static_cast<std::uint8_t>(count);
  std::vector<Bytes> out;
  for (std::size_t left = count; left > 0; --left, ++part.piece.number) {
    const std::size_t size = (body.size() + left - 1) / left;
    part.piece.bytes = Copy(body.first(size));
    body = body.subspan(size);
    out.push_back(wire::EncodeFrame(type, channel, counter, wire::Encode(part, type)));
  }
  return out;
}

void SendWhole(Core& core, Endpoint to, ByteView message, const wire::Nonce& client) {
  if (message.size() <= wire::kMaxWhole) return core.Send(to, message);
  for (const Bytes& part : Cut(message, client)) core.Send(to, part);
}

void Pieces::Forget(std::uint64_t key) {
  const auto place = places_.find(key);
  if (place == places_.end()) return;
  shares_.Remove(key, std::get<Endpoint>(place->second.name).address);
  waiting_.erase(place->second.name);
  places_.erase(place);
}

Pieces::Added Pieces::Add(Time now, Endpoint from, std::uint64_t client, wire::Piece piece) {
  while (!places_.empty() && now >= places_.begin()->second.since + kPieceWaits) Forget(places_.begin()->first);
  const Name name{from, client, piece.whole};
  auto known = waiting_.find(name);
  if (known == waiting_.end()) {
    const std::uint64_t key = ++keys_;
    if (const auto oldest = shares_.Add(key, from.address)) Forget(*oldest);
    places_.emplace(key, Place{now, name});
    known = waiting_.emplace(name, Waiting{key, std::vector<Bytes>(piece.count)}).first;
  }
  std::vector<Bytes>& pieces = known->second.pieces;
  if (pieces.size() != piece.count) return {};
  if (pieces[piece.number].empty()) pieces[piece.number] = std::move(piece.bytes);
  if (std::ranges::any_of(pieces, [](const Bytes& each) { return each.empty(); })) return {};
  Bytes whole;
  for (const Bytes& each : pieces) whole.insert(whole.end(), each.begin(), each.end());
  Forget(known->second.key);
  if (DigestOf(whole) != piece.whole) return Drop::kForged;
  return whole;
}

// ---------------------------------------------------------------------------------------------- sessions

std::vector<Bytes> SealWhole(SessionContext& context, ControlChannel& channel, Type type, ByteView plain) {
  std::vector<Bytes> out;
  if (wire::kHeaderBytes + hal::SealedBytes(context.suite, plain.size()) <= wire::kMaxWhole) {
    out.push_back(context.Seal(channel, type, plain));
    return out;
  }
  // Any number will do that the message before did not have.
  const std::uint32_t message = context.core.services.random.U32();
  for (const std::uint8_t number : kHalves)
    out.push_back(context.Seal(channel, Type::kPart,
                               wire::Encode(wire::Part{type, number, message, Copy(HalfOf(plain, number))})));
  return out;
}

std::optional<SealedParts::Whole> SealedParts::Add(wire::Part part) {
  if (!waiting_ || waiting_->type != part.type || waiting_->message != part.message ||
      waiting_->number == part.number) {
    waiting_ = std::move(part);
    return std::nullopt;
  }
  const wire::Part other = *std::exchange(waiting_, std::nullopt);
  return Whole{part.type, part.number == 0 ? Join(part.bytes, other.bytes) : Join(other.bytes, part.bytes)};
}

}  // namespace sw::dvpn
