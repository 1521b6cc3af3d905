// Messages out and in: headers, the marker of port 4500, encryption, retransmission.
#pragma once

#include <optional>

#include "ipsec/ike/isakmp_sa.h"
#include "ipsec/ike/message_bodies.h"
#include "ipsec/ike/report.h"
#include "ipsec/ike/settings.h"

namespace sw::ipsec::ike {

class Transport {
 public:
  // All of them outlive this.
  Transport(const Settings& settings, const EngineServices& services, Report& report)
      : settings_(settings), services_(services), report_(report) {}

  void Send(Endpoint local, Endpoint remote, ByteView message);
  void Send(const IsakmpSa& sa, ByteView message);
  // Remembers the message as `out`; with `repeat` it is sent again until Repeat says that it was often enough.
  void SendFirst(const IsakmpSa& sa, Outstanding& out, Bytes message, bool repeat);
  bool Repeat(const IsakmpSa& sa, Outstanding& out);  // false: tried often enough

  Bytes Clear(const IsakmpSa& sa, const ChainWriter& chain) const;  // of phase 1
  // `iv` moves on.
  Bytes Sealed(const IsakmpSa& sa, Exchange exchange, std::uint32_t id, PayloadType first, Bytes body, Bytes& iv) const;
  std::optional<Opened> Open(const IsakmpSa& sa, ByteView message, const Header& header, Bytes& iv) const;

 private:
  const Settings& settings_;
  const EngineServices& services_;
  Report& report_;
};

}  // namespace sw::ipsec::ike
