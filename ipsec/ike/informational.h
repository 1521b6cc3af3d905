// Informational exchanges under one ISAKMP SA (RFC 2408 section 4.8, RFC 2409 section 5.7): notifications and
// deletions. Each is one message, so nothing is kept of them but their message IDs, which are the SA's.
#pragma once

#include "ipsec/ike/isakmp_sa.h"

namespace sw::ipsec::ike {

class Informational {
 public:
  Informational(Shared& shared, IsakmpSa& sa) : shared_(shared), sa_(sa) {}

  void SendNotify(Notification type, Protocol protocol, Bytes spi, Bytes data);
  void SendDelete();                                        // of the ISAKMP SA
  void SendDelete(SaProtocol protocol, std::uint32_t spi);  // of an IPsec SA that we receive by
  void Receive(const Header& header, ByteView message);     // may end the SA
  void Take(const Notify& notify);                          // also those that came with phase 1

 private:
  void Send(PayloadType type, ByteView body);
  void ReceiveClear(const Header& header, ByteView message);
  bool Take(const Delete& deleted);  // false: it ended this SA
  bool TakeIsakmp(const Delete& deleted);
  void TakeChild(SaProtocol protocol, std::uint32_t spi);

  Shared& shared_;
  IsakmpSa& sa_;
};

}  // namespace sw::ipsec::ike
