#include "dvpn/control_channel.h"

#include <utility>

namespace sw::dvpn {

ReplayWindow::Check ReplayWindow::Look(std::uint32_t counter) const {
  if (counter > highest_) return Check::kNew;
  const std::uint32_t behind = highest_ - counter;
  if (counter == 0 || behind >= 64) return Check::kOld;
  return (seen_ >> behind) & 1 ? Check::kSeen : Check::kNew;
}

void ReplayWindow::Take(std::uint32_t counter) {
  if (counter > highest_) {
    const std::uint32_t shift = counter - highest_;
    seen_ = shift >= 64 ? 0 : seen_ << shift;
    highest_ = counter;
  }
  seen_ |= std::uint64_t{1} << (highest_ - counter);
}

ControlChannel::ControlChannel(const hal::Suite& suite, ChannelKeys keys, bool forward)
    : suite_(&suite),
      id_(keys.id),
      send_(std::move(forward ? keys.forward : keys.backward)),
      receive_(std::move(forward ? keys.backward : keys.forward)) {}

Bytes ControlChannel::SealUnder(std::uint64_t name, wire::Type type, ByteView clear, ByteView plain, Random& random) {
  if (spent()) return {};
  // The header is authenticated and holds the length, so the sealed length is needed first: IV, padded text, MAC.
  const std::size_t sealed_bytes = hal::SealedBytes(*suite_, plain.size());
  Bytes out = wire::EncodeHeader(type, name, ++sent_, clear.size() + sealed_bytes);
  out.insert(out.end(), clear.begin(), clear.end());
  const Bytes sealed = hal::Seal(*suite_, send_, out, plain, random);
  out.insert(out.end(), sealed.begin(), sealed.end());
  return out;
}

ControlChannel::Opened ControlChannel::Open(const wire::Frame& frame, std::size_t clear_bytes) {
  Opened out;
  switch (window_.Look(frame.counter)) {
    case ReplayWindow::Check::kSeen:
      out.drop = Drop::kReplayed;
      return out;
    case ReplayWindow::Check::kOld:
      out.drop = Drop::kTooOld;
      return out;
    case ReplayWindow::Check::kNew:
      break;
  }
  const std::size_t aad = wire::kHeaderBytes + clear_bytes;
  if (aad > frame.datagram.size()) return out;
  auto plain = hal::Open(*suite_, receive_, frame.datagram.first(aad), frame.datagram.subspan(aad));
  if (!plain) return out;
  out.newest = frame.counter > window_.highest();
  window_.Take(frame.counter);
  out.ok = true;
  out.plain = std::move(*plain);
  return out;
}

}  // namespace sw::dvpn
