#include "ipsec/key_requests.h"

#include <algorithm>
#include <utility>

namespace sw::ipsec {

Wish KeyRequests::WishOf(const ActivePolicy& one, const Bundle* replaces) const {
  const Policy& policy = one.policy;
  Wish wish;
  wish.policy = one.id;
  wish.peer = policy.peer;
  wish.proposals = policy.proposals;
  wish.pfs = policy.pfs;
  wish.lifetime = policy.lifetime;
  wish.local = policies_.PortOf(one).address;
  if (replaces != nullptr) {
    wish.flow = replaces->flow();
    wish.local = replaces->agreed.local;
    wish.remote = replaces->agreed.remote;
    return wish;
  }
  if (const auto flow = policies_.FlowOf(one)) wish.flow = *flow;
  if (!policy.proposals.empty() && policy.proposals.front().transport) {
    wish.flow.local = {wish.local, wish.local};  // transport mode: the ends are the tunnel's
    if (!policy.remote.empty()) wish.flow.remote = {policy.remote, policy.remote};
  }
  return wish;
}

void KeyRequests::Want(const ActivePolicy& one, const Bundle* replaces) {
  Wish wish = WishOf(one, replaces);
  const auto same = [&](const Wish& other) { return other.policy == wish.policy && other.flow == wish.flow; };
  if (std::ranges::none_of(wishes_, same)) wishes_.push_back(std::move(wish));
}

void KeyRequests::Withdraw(const std::string& peer, Ipv4 remote, SaProtocol protocol, std::uint32_t inbound_spi) {
  if (keys_ != nullptr) keys_->Withdraw(peer, remote, protocol, inbound_spi);
}

void KeyRequests::Fire() {
  const std::vector<Wish> wishes = std::exchange(wishes_, {});
  const std::vector<int> heard = std::exchange(heard_, {}), sending = std::exchange(sending_, {});
  if (keys_ == nullptr) return;
  const auto tell = [this](const std::vector<int>& connections, auto call) {
    for (const int connection : connections) {
      const Bundle* bundle = bundles_.Find(connection);
      if (bundle == nullptr || bundle->agreed.peer.empty()) continue;
      const std::string peer = bundle->agreed.peer;  // the call may remove the bundle
      (keys_->*call)(peer, bundle->agreed.remote);
    }
  };
  tell(heard, &KeyManager::Heard);
  tell(sending, &KeyManager::Sending);
  for (const Wish& wish : wishes) keys_->Acquire(wish);
}

}  // namespace sw::ipsec
