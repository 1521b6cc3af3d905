// Steps 1 and 3 of somebody who never goes on.
#pragma once

#include "dvpn/wire.h"

namespace sw::testing {

namespace wire = dvpn::wire;

inline Bytes AlgReq(std::uint64_t id) {
  wire::AlgReq m;
  Store64(m.nonce.data(), id);
  m.suites.count = 1;
  m.suites.numbers[0] = 1;
  return wire::EncodeFrame(wire::Type::kAlgReq, id, 0, wire::Encode(m));
}
inline Bytes KexReq(std::uint64_t id, const wire::Cookie& cookie, std::uint8_t fill = 0x55) {
  wire::KexReq m;
  Store64(m.nonce.data(), id);
  m.suites.count = 1;
  m.suites.numbers[0] = 1;
  m.suite = 1;
  m.cookie = cookie;
  m.public_value = Bytes(96, fill);
  return wire::EncodeFrame(wire::Type::kKexReq, id, 0, wire::Encode(m));
}

}  // namespace sw::testing
