// The SAs of one Esp: by id for whoever installed them, by SPI for what arrives.
//
// An SA that is removed while the engine still works on its packets is retired: no longer found, yet its slot stays
// until the last packet is back, because only then may the engine forget it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ipsec/esp.h"
#include "ipsec/esp_codec.h"
#include "ipsec/shared_sa.h"

namespace sw::ipsec {

struct Sa {
  Sa(SaProtocol p, int number, std::shared_ptr<SharedSa> both)
      : protocol(p), direction(both->direction), suite(number), shape(both->shape), shared(std::move(both)) {}

  SaId id = 0;
  std::uint32_t spi = 0;
  SaProtocol protocol;
  hal::Direction direction;
  int suite;
  SaParams params;  // as it was added, for who goes on with it in another process
  EspShape shape;
  hal::SaHandle handle = 0;
  Time created;
  std::shared_ptr<SharedSa> shared;  // sequence numbers and replay window among it
  SaCounters counters;               // without the workers'
  std::size_t in_flight = 0;         // packets queued or with the engine
  bool retired = false;
};

class SaTable {
 public:
  SaId Add(std::unique_ptr<Sa> sa);  // the SPI of an inbound SA must be free
  Sa* Find(SaId id) const;           // nullptr when unknown or retired
  Sa* FindInbound(SaProtocol protocol, std::uint32_t spi) const;
  void Retire(Sa& sa);  // its SPI is free from here on
  void Erase(Sa& sa);   // retired, nothing in flight; `sa` is gone afterwards

  const std::vector<std::unique_ptr<Sa>>& slots() const { return slots_; }  // free ones are null

 private:
  // An id is slot + generation * 2^32; generations start at 1 and count the users of a slot.
  std::vector<std::unique_ptr<Sa>> slots_;
  std::vector<std::uint32_t> generations_;
  std::vector<std::uint32_t> free_;
  std::unordered_map<std::uint32_t, Sa*> inbound_esp_, inbound_ah_;
  auto& Inbound(SaProtocol protocol) { return protocol == SaProtocol::kAh ? inbound_ah_ : inbound_esp_; }
};

}  // namespace sw::ipsec
