#include "ipsec/ike/phase1.h"

#include <fmt/format.h>

#include <tuple>
#include <utility>

namespace sw::ipsec::ike {

void Phase1Exchange::SendSealed(Exchange exchange, const ChainWriter& chain, bool repeat) {
  Bytes sealed = shared_.transport.Sealed(sa_, exchange, 0, chain.first(), chain.bytes(), sa_.iv);
  shared_.transport.SendFirst(sa_, out, std::move(sealed), repeat);
}

void Phase1Exchange::Finish() {
  out.next = Time::Never();
  state_.WipeSecrets();
}

void Phase1Exchange::Receive(const Header& header, ByteView message, Endpoint local, Endpoint remote) {
  Report& report = shared_.report;
  const std::uint64_t cookie = sa_.cookies.responder;
  const bool opener = header.cookies.responder == 0;
  if (cookie != 0 && !opener && header.cookies.responder != cookie) return report.Dropped(Notification::kInvalidCookie);
  if ((header.exchange == Exchange::kAggressive) != sa_.aggressive)
    return report.Dropped(Notification::kInvalidExchangeType);
  const hal::Sha256Digest digest = hal::Sha256(message);
  if (digest == heard_) {
    if (!out.message.empty()) SendAgain();
    return;
  }
  if (opener || sa_.ready) return report.Dropped(Notification::kInvalidCookie);

  Bytes iv = sa_.iv;
  const std::optional<Opened> opened = Open(header, message, iv);
  if (!opened) return;
  const std::uint32_t connection = sa_.connection;
  IsakmpSas& sas = shared_.sas;
  const Cookies before = sa_.cookies;
  if (cookie == 0) sa_.cookies.responder = header.cookies.responder;
  const Bytes old_iv = std::exchange(sa_.iv, iv);
  const Fault fault = TakeFrom(opened->payloads, local, remote);
  if (sas.Find(connection) == nullptr) return;  // and this has gone with it
  if (fault) {
    sa_.cookies = before;
    sa_.iv = old_iv;
    report.Dropped(sa_, *fault);
  } else {
    heard_ = digest;
    if (cookie == 0) sas.Index(sa_);
  }
  sas.Rearm(sa_);
}

// nullopt: the message cannot be read, and has been dropped.
std::optional<Opened> Phase1Exchange::Open(const Header& header, ByteView message, Bytes& iv) {
  Report& report = shared_.report;
  const Form form = awaited().form;
  if (header.encrypted() ? form == Form::kClear : form == Form::kSealed) {
    report.Dropped(Notification::kInvalidFlags);
    return std::nullopt;
  }
  if (header.encrypted()) {
    if (!BeforeOpening()) {
      report.Dropped(sa_, Notification::kInvalidKeyInformation);
      return std::nullopt;
    }
    iv = sa_.iv;
    std::optional<Opened> opened = shared_.transport.Open(sa_, message, header, iv);
    if (!opened) {
      report.Explain(sa_, "a message cannot be decrypted; do the pre-shared keys of both ends differ?");
      report.Dropped(sa_, Notification::kAuthenticationFailed);
    }
    return opened;
  }
  Parsed<Payloads> payloads =
      ParsePayloads(header.first, message.subspan(kHeaderBytes), false, shared_.settings.check_next_payload);
  if (const auto* fault = std::get_if<Notification>(&payloads)) {
    report.Dropped(sa_, *fault);
    return std::nullopt;
  }
  return Opened{{}, std::move(std::get<Payloads>(payloads))};
}

// A message that authenticates its sender says where it is now, behind whatever NAT; the answer goes there.
Phase1Exchange::Fault Phase1Exchange::TakeFrom(const Payloads& payloads, Endpoint local, Endpoint remote) {
  const std::pair<Endpoint, Endpoint> before{sa_.local, sa_.remote};
  const bool follows = awaited().proves_sender;
  if (follows) {
    sa_.local = local;
    sa_.remote = remote;
  }
  const std::uint32_t connection = sa_.connection;
  const IsakmpSas& sas = shared_.sas;
  const Fault fault = Take(payloads);
  if (sas.Find(connection) == nullptr) return fault;  // it ended itself, and this with it
  if (fault) {
    std::tie(sa_.local, sa_.remote) = before;
    return fault;
  }
  if (follows && before.second != sa_.remote)
    shared_.report.Tell(IkeTopic::kTransport, sa_,
                        fmt::format("exchange {}: the other end is at {} now", sa_.connection, sa_.remote.ToString()));
  shared_.report.Tell(
      IkeTopic::kExchange, sa_,
      fmt::format("exchange {}({}): message taken, advancing", sa_.connection, sa_.initiator() ? 'I' : 'R'));
  return fault;
}

}  // namespace sw::ipsec::ike
