// The quick mode exchanges under one ISAKMP SA: which may begin, which message is whose, which are repeated, refused
// or forgotten.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "ipsec/ike/isakmp_sa.h"
#include "ipsec/ike/quick_mode.h"

namespace sw::ipsec::ike {

class QuickModes {
 public:
  QuickModes(Shared& shared, IsakmpSa& sa) : shared_(shared), sa_(sa) {}

  void Start(Wish wish);
  void Receive(const Header& header, ByteView message);
  void TakeError(const Notify& notify);      // an authenticated one: one of ours may be refused by it
  bool Tick(std::vector<Wish>& unanswered);  // true: some of ours were given up
  std::vector<Wish> End();                   // forgets all; ours that were under way

  bool Busy(const Wish& wish) const;  // the flow is being negotiated
  bool Has(std::uint32_t message_id) const { return exchanges_.contains(message_id); }
  std::size_t size() const { return exchanges_.size(); }
  Time deadline() const;

 private:
  bool Room();
  void Refuse(QuickMode& exchange, Notification fault);

  Shared& shared_;
  IsakmpSa& sa_;
  std::map<std::uint32_t, std::unique_ptr<QuickMode>> exchanges_;  // by message ID
};

}  // namespace sw::ipsec::ike
