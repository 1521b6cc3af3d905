#include "dvpn/refuser.h"

#include <algorithm>

#include <fmt/format.h>

namespace sw::dvpn {

using wire::Type;
using Said = wire::Answer;

namespace {

Drop CounterOf(Said answer) {
  switch (answer) {
    case Said::kNoCommonSuite:
      return Drop::kNoCommonSuite;
    case Said::kNoPreSharedKey:
    case Said::kNoCertificate:
      return Drop::kNoPreSharedKey;
    case Said::kBusy:
      return Drop::kMapsFull;
    case Said::kBadCredentials:
      return Drop::kAuthenticationRejected;
    case Said::kOutsideNetwork:
    case Said::kAddressTaken:
    case Said::kTooManyAddresses:
      return Drop::kAddressRejected;
    case Said::kMalformed:
      return Drop::kMalformed;
    case Said::kBadCookie:
      return Drop::kBadCookie;
    case Said::kTooManyFailures:
      return Drop::kTooManyFailures;
    case Said::kFault:
      return Drop::kFault;
    default:
      return Drop::kMessageRefused;
  }
}

}  // namespace

void Refuser::Note(Endpoint client, const Refusal& refusal, const Map* map) {
  core_.Count(CounterOf(refusal.answer));
  Say(client, refusal.why,
      map != nullptr   ? SenderOf(*map)
      : refusal.proven ? Sender::kProven
                       : Sender::kStranger);
}

void Refuser::Say(Endpoint client, const std::string& why, Sender sender) {
  if (log_.Note(core_.now, client, why, sender))
    core_.Note(Topic::kError, What::kRefused, client.ToString(), why);
}

void Refuser::Unfinished(const Map& map) {
  if (map.finished() || map.row == table::ServerRow::kRefused) return;
  Say(map.endpoint,
      fmt::format("it did not go on with its registration after {}", wire::Name(static_cast<Type>(map.trail.heard))),
      SenderOf(map));
}

// The nonce of the client is where it is in ALG-REQ, KEX-REQ, AUTH-REQ and REG-REQ alike: in front.
void Refuser::Send(const wire::Frame& frame, const Map* map, const Refusal& refusal, Endpoint to) {
  Note(to, refusal, map);
  wire::Refuse no{{}, refusal.answer};
  if (frame.body.size() <= wire::Encode(no).size()) return;
  std::ranges::copy(frame.body.first(no.nonce.size()), no.nonce.begin());
  core_.Send(to,
             wire::EncodeFrame(Type::kRefuse, map == nullptr ? frame.channel : map->client_id, 0, wire::Encode(no)));
}

void Refuser::OnOtherVersion(std::uint8_t version, ByteView datagram, Endpoint from) {
  core_.Refuse(Drop::kBadVersion, from);
  if (datagram[5] != static_cast<std::uint8_t>(Type::kAlgReq) || datagram.size() < wire::kHeaderBytes + 64) return;
  if (Load32(datagram.data() + 16) == wire::kVersion) return;  // it speaks this version too, and looks for the other
  Note(from, {Said::kNoCommonSuite, fmt::format("it speaks version {} of the protocol, this device speaks version {}",
                                                version, wire::kVersion)},
       nullptr);
  if (version != wire::kOldVersion) return;
  wire::Refuse no{{}, Said::kNoCommonSuite};
  std::ranges::copy(datagram.subspan(wire::kHeaderBytes, wire::kNonceBytes), no.nonce.begin());
  core_.Send(from,
             wire::EncodeFrame(Type::kRefuse, Load64(datagram.data() + 8), 0, wire::Encode(no), wire::kOldVersion));
}

}  // namespace sw::dvpn
