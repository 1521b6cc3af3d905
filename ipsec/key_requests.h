// What the gateway has to say to the key manager once the packets at hand are done: which SAs it wants, with which
// peers traffic has passed. The manager may call back, so nothing is said in the middle of the work.
#pragma once

#include <vector>

#include "ipsec/bundle.h"
#include "ipsec/negotiation.h"
#include "ipsec/policy_table.h"

namespace sw::ipsec {

class KeyRequests {
 public:
  KeyRequests(const PolicyTable& policies, const BundleTable& bundles) : policies_(policies), bundles_(bundles) {}

  void SetKeyManager(KeyManager* manager) { keys_ = manager; }
  void Want(const ActivePolicy& one, const Bundle* replaces);
  void Heard(const Bundle& bundle) { Note(heard_, bundle); }      // it opened a packet
  void Sending(const Bundle& bundle) { Note(sending_, bundle); }  // it is to seal one
  void Withdraw(const std::string& peer, Ipv4 remote, SaProtocol protocol, std::uint32_t inbound_spi);  // at once
  void Fire();

 private:
  Wish WishOf(const ActivePolicy& one, const Bundle* replaces) const;
  static void Note(std::vector<int>& connections, const Bundle& bundle) {
    if (connections.empty() || connections.back() != bundle.connection) connections.push_back(bundle.connection);
  }

  const PolicyTable& policies_;
  const BundleTable& bundles_;
  KeyManager* keys_ = nullptr;  // null: nothing is negotiated
  std::vector<Wish> wishes_;
  std::vector<int> heard_, sending_;  // connections
};

}  // namespace sw::ipsec
