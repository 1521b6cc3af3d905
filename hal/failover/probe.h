// Packets that a card must compute as software does before it is trusted with traffic: under an SA that nobody else
// uses, with the strongest transform that it has.
//
// Software must have nothing else to give back while a probe is polled. Both engines outlive this; one thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hal/base/bytes.h"
#include "hal/base/clock.h"
#include "hal/base/random.h"
#include "hal/crypto_card.h"

namespace sw::hal {

class Probe {
 public:
  enum class Outcome : std::uint8_t { kGoesOn, kRight, kWrong, kLate };

  Probe(CryptoCard& card, CryptoDevice& software, Random& random) : card_(card), software_(software), random_(random) {}
  Status Start(int packets, Time deadline);  // kDevice: one of them refused the SA, and why
  Outcome Poll(Time now);                    // kWrong also when the card is down; kLate: time is up
  void End();                                // software forgets its SA; the card's is the caller's to remove
  SaHandle on_card() const { return on_card_; }
  std::uint64_t done() const { return done_; }  // packets that came back

 private:
  bool Submit();
  bool IsRight(const Bytes& result);

  CryptoCard& card_;
  CryptoDevice& software_;
  Random& random_;
  Capability transform_{};
  SaHandle on_card_ = 0, in_software_ = 0;
  std::vector<Bytes> packets_;  // as submitted to the card, then its results
  Bytes plain_;
  std::size_t submitted_ = 0, done_ = 0;
  Time deadline_;
};

}  // namespace sw::hal
