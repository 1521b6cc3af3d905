// Hostile ISAKMP. The first byte chooses what the rest is:
//   even: a datagram as it is, header and all;
//   odd:  what an encrypted message decrypts to: its second byte is the type of the first payload.
// Whatever parses is written again and must read as the same thing; nothing outside the input may be looked at.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "ipsec/ike/wire.h"

namespace {

using namespace sw;
using namespace sw::ipsec::ike;

void Hold(bool invariant) {
  if (!invariant) std::abort();
}

void Use(const Payload& payload) {
  switch (payload.type) {
    case PayloadType::kSa:
      if (const auto offer = ParseSa(payload.body); std::holds_alternative<SaOffer>(offer)) {
        const auto& value = std::get<SaOffer>(offer);
        Hold(std::get<SaOffer>(ParseSa(SaBody(value))) == value);
      }
      break;
    case PayloadType::kId:
      if (const auto id = ParseIdentity(payload.body); std::holds_alternative<Identity>(id)) {
        const auto& value = std::get<Identity>(id);
        Hold(std::get<Identity>(ParseIdentity(IdentityBody(value))) == value);
        for (const char c : value.ToString()) Hold(c > 0x20 && c < 0x7f);
      }
      break;
    case PayloadType::kNotify:
      if (const auto notify = ParseNotify(payload.body); std::holds_alternative<Notify>(notify)) {
        Hold(std::get<Notify>(ParseNotify(NotifyBody(std::get<Notify>(notify)))).data == std::get<Notify>(notify).data);
      }
      break;
    case PayloadType::kDelete:
      if (const auto deleted = ParseDelete(payload.body); std::holds_alternative<Delete>(deleted)) {
        Hold(std::get<Delete>(ParseDelete(DeleteBody(std::get<Delete>(deleted)))).spis ==
             std::get<Delete>(deleted).spis);
      }
      break;
    default:
      break;
  }
}

void Chain(PayloadType first, ByteView bytes, bool padded) {
  for (const bool check_last : {true, false}) {
    const auto parsed = ParsePayloads(first, bytes, padded, check_last);
    if (!std::holds_alternative<Payloads>(parsed)) continue;
    ChainWriter again;
    for (const Payload& p : std::get<Payloads>(parsed)) {
      Hold(p.whole.data() >= bytes.data() && p.whole.data() + p.whole.size() <= bytes.data() + bytes.size());
      Use(p);
      again.Add(p.type, p.body);
    }
    Hold(again.first() == first);
    Hold(std::get<Payloads>(ParsePayloads(first, again.bytes(), false)).size() == std::get<Payloads>(parsed).size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  if (size < 2) return 0;
  if (input[0] % 2 == 1) {
    Chain(static_cast<PayloadType>(input[1]), input.subspan(2), true);
    return 0;
  }
  const ByteView datagram = input.subspan(1);
  const auto parsed = ParseHeader(datagram);
  if (!std::holds_alternative<Header>(parsed)) return 0;
  const auto& header = std::get<Header>(parsed);
  Bytes again;
  Writer out(again);
  PutHeader(out, header);
  Hold(std::equal(again.begin(), again.end(), datagram.begin()));
  Chain(header.first, datagram.subspan(kHeaderBytes), header.encrypted());
  return 0;
}
