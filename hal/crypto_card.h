// A crypto engine that can fail and be started again: what the failover, the displays and the log ask of any card,
// whatever bus it is on and whatever its registers are.
//
// A card is brought up, runs, and fails for one Trouble; then everything in flight is completed with kFault, its SAs
// are gone, and it does nothing until Restart. Threads and order as in hal/crypto_device.h.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "hal/crypto_device.h"
#include "hal/pcie/bus.h"
#include "hal/pcie/trace.h"
#include "hal/pcie/trouble.h"

namespace sw::hal {

struct CardCounters {
  std::uint64_t submitted = 0, completed = 0, faulted = 0;  // operations
  std::uint64_t bytes = 0;                                  // of the operations submitted
  std::array<std::uint64_t, pcie::kTroubles> troubles{};
};

struct CardReading {  // of the card's own sensors and counters; what a card has not is 0
  std::uint32_t generation = 0;
  double temperature = 0, temperature_limit = 0;  // degrees Celsius
  std::array<std::uint64_t, 6> statistics{};      // sealed, opened, bytes, ICV wrong, refused, DMA errors
};

class CryptoCard : public CryptoDevice {
 public:
  // Bring-up, completions, deadlines. Call when the card signals and every few milliseconds.
  virtual void Poll() = 0;
  virtual bool failed() const = 0;                                // until Restart
  virtual void Restart() = 0;                                     // a failed card only: from the beginning
  virtual bool given_up() const { return false; }                 // failed for good, unless somebody calls Restart
  virtual bool TakeArrival() { return false; }                    // it can be taken again since it was asked last
  virtual void Fail(pcie::Trouble, std::string detail = {}) = 0;  // takes the card out of service
  virtual std::string_view stage() const = 0;                     // of its bring-up, a word
  virtual pcie::Trouble trouble() const = 0;                      // the last one; kept until the card runs again
  virtual std::string trouble_text() const = 0;                   // its sentence, with what the card said
  virtual std::size_t sas() const = 0;                            // that it has
  virtual CardReading Read() = 0;                                 // a dozen register reads
  virtual pcie::Transport& transport() = 0;                       // to watch its interrupts, and to inject faults

  const CardCounters& counters() const { return counters_; }
  void ResetTraffic() { counters_.submitted = counters_.completed = counters_.faulted = counters_.bytes = 0; }
  void ResetTroubles() { counters_.troubles = {}; }
  pcie::Trace& trace() { return trace_; }

 protected:
  CardCounters counters_;
  pcie::Trace trace_;
};

}  // namespace sw::hal
