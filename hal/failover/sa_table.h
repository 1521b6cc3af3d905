// The SAs of a failover device: each with its entry on the card, its entry in software, or both. A handle outlives
// every switch between them; a card that fails forgets its entries, and gets them anew when it is back.
//
// Software learns of an SA when it is first needed there. Both engines outlive this; one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "hal/crypto_card.h"
#include "hal/crypto_device.h"
#include "hal/handle_table.h"

namespace sw::hal {

class SaTable {
 public:
  struct Sa {
    SaSpec spec;
    std::optional<SaHandle> card, software;
    bool card_refuses = false;  // not one of its transforms
    bool rewrite = false;       // its entry on the card is to be written anew
    std::uint32_t in_flight = 0;
  };
  SaTable(CryptoCard& card, CryptoDevice& software, std::size_t size) : card_(card), software_(software), sas_(size) {}

  // `on_card`: the card is in use. Its error is the caller's when software may not stand in for it.
  Result<SaHandle> Add(const SaSpec& spec, bool on_card, bool software_may);
  Status Remove(SaHandle handle);  // kNotFound; kInUse: operations not collected
  Sa* Find(SaHandle handle) { return sas_.Find(handle); }
  std::size_t count() const { return sas_.count(); }
  Result<SaHandle> InSoftware(Sa& sa);  // its handle there

  void CardFailed();  // it has no SA any more
  // The card gets SAs that only software has; while it is in use, those with no operation in flight.
  void AddMissing(bool on_card);
  std::size_t missing() const { return missing_; }  // that the card may still get

  void StartRewrite();  // every entry on the card, each when none of its operations is in flight
  void Rewrite();
  bool rewriting() const { return rewrites_ != 0; }

  void RemoveFromCard(SaHandle on_card);  // the card's own handle; later, when it has no room for the command
  void RetryRemovals();

 private:
  using Table = HandleTable<Sa>;

  CryptoCard& card_;
  CryptoDevice& software_;
  Table sas_;
  std::vector<SaHandle> removals_;
  std::size_t missing_ = 0, rewrites_ = 0;
};

}  // namespace sw::hal
