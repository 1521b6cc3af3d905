// What an ICMP message about an echo request or a probing datagram says of it; one place for every platform.
#pragma once

#include "device/platform.h"
#include "hal/ports/ipv4.h"

namespace sw::device {

inline EchoAnswer AnswerOf(const hal::EchoResult& result) {
  if (result.type == hal::IcmpType::kEchoReply) return EchoAnswer::kReply;
  if (result.type != hal::IcmpType::kUnreachable) return EchoAnswer::kTimeExceeded;
  const bool nobody_there = result.code == static_cast<std::uint8_t>(hal::Unreachable::kPort);
  return result.datagram && nobody_there ? EchoAnswer::kReply : EchoAnswer::kUnreachable;
}

}  // namespace sw::device
