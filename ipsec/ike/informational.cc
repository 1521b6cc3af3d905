#include "ipsec/ike/informational.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ipsec/ike/liveness.h"
#include "ipsec/ike/quick_modes.h"
#include "ipsec/ike/shared.h"

namespace sw::ipsec::ike {
namespace {

// RFC 2408 section 3.14.1: below the status types.
bool IsError(Notification type) {
  return static_cast<std::uint16_t>(type) < static_cast<std::uint16_t>(Notification::kConnected);
}

}  // namespace

void Informational::Send(PayloadType type, ByteView body) {
  ChainWriter rest;
  rest.Add(type, body);
  const std::uint32_t id = sa_.NewMessageId(shared_.services.random);
  Bytes iv = ExchangeIv(sa_.keys, sa_.iv, id);
  const Bytes hashed = HashedBody(rest, Hash1(sa_.keys, id, rest.bytes()));
  shared_.transport.Send(sa_,
                         shared_.transport.Sealed(sa_, Exchange::kInformational, id, PayloadType::kHash, hashed, iv));
}

void Informational::SendNotify(Notification type, Protocol protocol, Bytes spi, Bytes data) {
  ++shared_.counters.out_notifies;
  Send(PayloadType::kNotify, NotifyBody({protocol, type, std::move(spi), std::move(data)}));
}

void Informational::SendDelete() {
  ++shared_.counters.out_p2_deletes;
  Send(PayloadType::kDelete, DeleteBody({Protocol::kIsakmp, {CookieBytes(sa_.cookies)}}));
}

void Informational::SendDelete(SaProtocol protocol, std::uint32_t spi) {
  ++shared_.counters.out_p2_deletes;
  const Protocol of = protocol == SaProtocol::kAh ? Protocol::kAh : Protocol::kEsp;
  Send(PayloadType::kDelete, DeleteBody({of, {SpiBytes(spi)}}));
}

// Anybody may have sent it: worth telling, and nothing else.
void Informational::ReceiveClear(const Header& header, ByteView message) {
  if (sa_.ready) return shared_.report.Dropped(Notification::kInvalidFlags);
  const Parsed<Payloads> payloads = ParsePayloads(header.first, message.subspan(kHeaderBytes), false, false);
  if (std::holds_alternative<Notification>(payloads)) return shared_.report.Dropped(Notification::kPayloadMalformed);
  for (const Payload& p : std::get<Payloads>(payloads)) {
    if (p.type != PayloadType::kNotify) continue;
    const Parsed<Notify> notify = ParseNotify(p.body);
    if (std::holds_alternative<Notification>(notify)) continue;
    ++shared_.counters.in_notifies;
    const Notification type = std::get<Notify>(notify).type;
    shared_.report.Tell(IkeTopic::kError, sa_, fmt::format("got NOTIFY of type {}", Name(type)));
    if (!IsError(type)) continue;
    sa_.trouble = fmt::format("an unauthenticated {}", Name(type));
    sa_.failure = FailureOf(type);
    shared_.report.Failed(sa_, FailureOf(type), sa_.trouble);
  }
}

void Informational::Receive(const Header& header, ByteView message) {
  if (!header.encrypted()) return ReceiveClear(header, message);
  Report& report = shared_.report;
  if (sa_.keys.key.empty() || header.message_id == 0) return report.Dropped(Notification::kInvalidFlags);
  if (sa_.used_ids.Has(header.message_id)) return report.Dropped(sa_, Notification::kInvalidMessageId);
  Bytes iv = ExchangeIv(sa_.keys, sa_.iv, header.message_id);
  const std::optional<Opened> opened = shared_.transport.Open(sa_, message, header, iv);
  if (!opened) return report.Dropped(sa_, Notification::kPayloadMalformed);
  if (!HashIs(*opened, Hash1(sa_.keys, header.message_id, BehindHash(*opened))))
    return report.Dropped(sa_, Notification::kInvalidHashInformation);
  sa_.used_ids.Add(header.message_id);
  if (sa_.ready) sa_.liveness->Alive();
  for (const Payload& p : opened->payloads) {
    if (p.type == PayloadType::kNotify) {
      if (const Parsed<Notify> notify = ParseNotify(p.body); std::holds_alternative<Notify>(notify))
        Take(std::get<Notify>(notify));
    } else if (p.type == PayloadType::kDelete && sa_.ready) {
      const Parsed<Delete> deleted = ParseDelete(p.body);
      if (std::holds_alternative<Delete>(deleted) && !Take(std::get<Delete>(deleted))) return;
    }
  }
  shared_.sas.Rearm(sa_);
}

void Informational::Take(const Notify& notify) {
  ++shared_.counters.in_notifies;
  switch (notify.type) {
    case Notification::kDpdRequest:
      if (sa_.ready) SendNotify(Notification::kDpdAnswer, Protocol::kIsakmp, notify.spi, notify.data);
      return;
    case Notification::kDpdAnswer:
    case Notification::kInitialContact:  // counts in phase 1, where it says from when on
    case Notification::kConnected:
    case Notification::kReplayStatus:
      return;
    case Notification::kResponderLifetime:
      if (notify.protocol == Protocol::kIsakmp)
        if (const std::uint32_t life = NotifiedLife(notify.data, phase1::kLifeType, kSeconds); life != 0)
          sa_.proposal.seconds = std::min(sa_.proposal.seconds, life);
      return;
    default:
      break;
  }
  shared_.report.Tell(IkeTopic::kError, sa_, fmt::format("got NOTIFY of type {}", Name(notify.type)));
  if (!IsError(notify.type)) return;
  sa_.trouble = std::string(Name(notify.type));
  sa_.failure = FailureOf(notify.type);
  sa_.quicks->TakeError(notify);
}

bool Informational::Take(const Delete& deleted) {
  ++shared_.counters.in_p2_deletes;
  if (deleted.protocol == Protocol::kIsakmp) return TakeIsakmp(deleted);
  const SaProtocol protocol = deleted.protocol == Protocol::kAh ? SaProtocol::kAh : SaProtocol::kEsp;
  for (const Bytes& bytes : deleted.spis) TakeChild(protocol, Load32(bytes.data()));
  return true;
}

// Only what the same end has set up: others may share its configured name, and behind a NAT its address.
bool Informational::TakeIsakmp(const Delete& deleted) {
  for (const Bytes& spi : deleted.spis) {
    const Cookies cookies{Load64(spi.data()), Load64(spi.data() + kCookieBytes)};
    IsakmpSa* other = shared_.sas.Find(cookies, Ipv4());
    if (other == nullptr || !other->ready || other->peer != sa_.peer || other->remote.address != sa_.remote.address ||
        other->remote_id != sa_.remote_id)
      continue;
    const bool same = other == &sa_;
    shared_.orders.End(*other, "deleted by the other end");
    if (same) return false;
  }
  return true;
}

// The SPI is one that the other end receives by. It chose it, so another end may have chosen the same.
void Informational::TakeChild(SaProtocol protocol, std::uint32_t spi) {
  PeerState* peer = shared_.sas.FindPeer({sa_.peer, sa_.remote.address});
  if (peer == nullptr) return;
  const bool ah = protocol == SaProtocol::kAh;
  const auto child = std::ranges::find_if(peer->children, [&](const Child& c) {
    return (ah ? c.theirs.ah : c.theirs.esp) == spi && c.remote_id == sa_.remote_id;
  });
  if (child == peer->children.end()) {
    return shared_.report.Tell(IkeTopic::kExchange, sa_,
                               fmt::format("the other end deletes SPI 0x{:08x}, which no SA of it has", spi));
  }
  shared_.report.Tell(IkeTopic::kExchange, sa_, fmt::format("the other end deletes SPI 0x{:08x}", spi));
  const std::uint32_t own = ah ? child->own.ah : child->own.esp;
  peer->children.erase(child);
  shared_.Later([owner = &shared_.services.owner, protocol, own] { owner->Deleted(protocol, own); });
}

}  // namespace sw::ipsec::ike
