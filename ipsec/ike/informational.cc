// Informational exchanges (RFC 2408 section 4.8, RFC 2409 section 5.7): notifications and deletions.
#include <fmt/format.h>

#include <algorithm>

#include "ipsec/ike/core.h"

namespace sw::ipsec::ike {
namespace {

Bytes SpiBytes(std::uint32_t spi) {
  Bytes out(4);
  Store32(out.data(), spi);
  return out;
}

// RFC 2408 section 3.14.1: below the status types.
bool IsError(Notification type) {
  return static_cast<std::uint16_t>(type) < static_cast<std::uint16_t>(Notification::kConnected);
}

}  // namespace

void Engine::Impl::SendInformational(Phase1Sa& sa, PayloadType type, ByteView body) {
  ChainWriter rest;
  rest.Add(type, body);
  const std::uint32_t id = NewMessageId(sa);
  Bytes iv = ExchangeIv(sa.keys, sa.iv, id);
  Transmit(sa, Sealed(sa, Exchange::kInformational, id, PayloadType::kHash,
                      HashedBody(rest, Hash1(sa.keys, id, rest.bytes())), iv));
}

void Engine::Impl::SendNotify(Phase1Sa& sa, Notification type, Protocol protocol, Bytes spi, Bytes data) {
  ++counters.out_notifies;
  SendInformational(sa, PayloadType::kNotify, NotifyBody({protocol, type, std::move(spi), std::move(data)}));
}

void Engine::Impl::SendDelete(Phase1Sa& sa) {
  ++counters.out_p2_deletes;
  SendInformational(sa, PayloadType::kDelete, DeleteBody({Protocol::kIsakmp, {CookieBytes(sa.inputs.cookies)}}));
}

void Engine::Impl::ReceiveInformational(Phase1Sa& sa, const Header& header, ByteView message) {
  if (!header.encrypted()) {
    // Anybody may have sent it: worth telling, and nothing else.
    if (sa.ready()) return CountDrop(Notification::kInvalidFlags);
    const Parsed<Payloads> payloads = ParsePayloads(header.first, message.subspan(kHeaderBytes), false, false);
    if (std::holds_alternative<Notification>(payloads)) return CountDrop(Notification::kPayloadMalformed);
    for (const Payload& p : std::get<Payloads>(payloads)) {
      if (p.type != PayloadType::kNotify) continue;
      const Parsed<Notify> notify = ParseNotify(p.body);
      if (std::holds_alternative<Notification>(notify)) continue;
      ++counters.in_notifies;
      const Notification type = std::get<Notify>(notify).type;
      Tell(Topic::kError, sa, fmt::format("got NOTIFY of type {}", Name(type)));
      if (!IsError(type)) continue;
      sa.trouble = fmt::format("an unauthenticated {}", Name(type));
      sa.failure = FailureOf(type);
      TellFailed(sa, FailureOf(type), sa.trouble);
    }
    return;
  }
  if (sa.keys.key.empty() || header.message_id == 0) return CountDrop(Notification::kInvalidFlags);
  if (sa.used_ids.contains(header.message_id)) return Drop(sa, Notification::kInvalidMessageId);
  Bytes iv = ExchangeIv(sa.keys, sa.iv, header.message_id);
  const std::optional<Opened> opened = Open(sa, message, header, iv);
  if (!opened) return Drop(sa, Notification::kPayloadMalformed);
  const Payloads& payloads = opened->payloads;
  if (!HashIs(*opened, Hash1(sa.keys, header.message_id, BehindHash(*opened))))
    return Drop(sa, Notification::kInvalidHashInformation);
  sa.used_ids.insert(header.message_id);
  if (sa.ready()) Alive(sa);
  for (const Payload& p : payloads) {
    if (p.type == PayloadType::kNotify) {
      if (const Parsed<Notify> notify = ParseNotify(p.body); std::holds_alternative<Notify>(notify))
        TakeNotify(sa, std::get<Notify>(notify));
    } else if (p.type == PayloadType::kDelete && sa.ready()) {
      const Parsed<Delete> deleted = ParseDelete(p.body);
      if (std::holds_alternative<Delete>(deleted) && !TakeDelete(sa, std::get<Delete>(deleted))) return;
    }
  }
  Rearm(sa);
}

void Engine::Impl::TakeNotify(Phase1Sa& sa, const Notify& notify) {
  ++counters.in_notifies;
  switch (notify.type) {
    case Notification::kDpdRequest:
      if (sa.ready()) SendNotify(sa, Notification::kDpdAnswer, Protocol::kIsakmp, notify.spi, notify.data);
      return;
    case Notification::kDpdAnswer:
    case Notification::kInitialContact:  // counts in phase 1, where it says from when on
    case Notification::kConnected:
    case Notification::kReplayStatus:
      return;
    case Notification::kResponderLifetime:
      if (notify.protocol == Protocol::kIsakmp)
        if (const std::uint32_t life = NotifiedLife(notify.data, phase1::kLifeType, kSeconds); life != 0)
          sa.proposal.seconds = std::min(sa.proposal.seconds, life);
      return;
    default:
      break;
  }
  Tell(Topic::kError, sa, fmt::format("got NOTIFY of type {}", Name(notify.type)));
  if (!IsError(notify.type)) return;
  sa.trouble = std::string(Name(notify.type));
  sa.failure = FailureOf(notify.type);
  // An error of phase 2: of the exchange that offered this SPI, or else of the oldest that waits.
  auto wanted = sa.quicks.end();
  for (auto it = sa.quicks.begin(); it != sa.quicks.end(); ++it) {
    const Quick& quick = it->second;
    if (quick.role != Role::kInitiator || quick.step != Quick::Step::kOffered) continue;
    const bool named = notify.spi == SpiBytes(quick.own.esp) || notify.spi == SpiBytes(quick.own.ah);
    if (named || wanted == sa.quicks.end() || quick.connection < wanted->second.connection) wanted = it;
    if (named) break;
  }
  if (wanted == sa.quicks.end()) return;
  ++counters.in_p2_rejects;
  TellFailed(sa, FailureOf(notify.type), fmt::format("the other end says {}", Name(notify.type)));
  Fail(wanted->second.wish, std::string(Name(notify.type)));
  sa.quicks.erase(wanted);
}

bool Engine::Impl::TakeDelete(Phase1Sa& sa, const Delete& deleted) {
  ++counters.in_p2_deletes;
  if (deleted.protocol == Protocol::kIsakmp) {
    for (const Bytes& spi : deleted.spis) {
      const Cookies cookies{Load64(spi.data()), Load64(spi.data() + kCookieBytes)};
      Phase1Sa* other = Find(cookies, Ipv4());
      if (other == nullptr || !other->ready() || other->peer != sa.peer || other->remote.address != sa.remote.address)
        continue;
      const bool same = other == &sa;
      End(*other, "deleted by the other end");
      if (same) return false;
    }
    return true;
  }
  const SaProtocol protocol = deleted.protocol == Protocol::kAh ? SaProtocol::kAh : SaProtocol::kEsp;
  const auto peer = peers.find({sa.peer, sa.remote.address});
  for (const Bytes& bytes : deleted.spis) {
    const std::uint32_t spi = Load32(bytes.data());
    if (peer != peers.end())
      std::erase_if(peer->second.children, [&](const ChildRow& row) {
        return (protocol == SaProtocol::kAh ? row.theirs.ah : row.theirs.esp) == spi;
      });
    Tell(Topic::kExchange, sa, fmt::format("the other end deletes SPI 0x{:08x}", spi));
    Later([this, name = sa.peer, protocol, spi] { services.owner.Deleted(name, protocol, spi); });
  }
  return true;
}

}  // namespace sw::ipsec::ike
