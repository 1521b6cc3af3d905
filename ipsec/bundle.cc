#include "ipsec/bundle.h"

#include <algorithm>

namespace sw::ipsec {

Bundle& BundleTable::Add(std::unique_ptr<Bundle> bundle) {
  bundle->connection = ++last_connection_;
  return Index(std::move(bundle));
}

bool BundleTable::Restore(std::unique_ptr<Bundle> bundle) {
  const bool taken = (bundle->in_esp && FindInbound(SaProtocol::kEsp, bundle->in_esp->spi) != nullptr) ||
                     (bundle->in_ah && FindInbound(SaProtocol::kAh, bundle->in_ah->spi) != nullptr);
  if (taken || bundle->connection <= 0 || all_.contains(bundle->connection)) return false;
  last_connection_ = std::max(last_connection_, bundle->connection);
  Index(std::move(bundle));
  return true;
}

Bundle& BundleTable::Index(std::unique_ptr<Bundle> bundle) {
  Bundle& out = *bundle;
  by_policy_[out.policy].push_back(&out);
  if (out.in_esp) inbound_[Key(SaProtocol::kEsp, out.in_esp->spi)] = &out;
  if (out.in_ah) inbound_[Key(SaProtocol::kAh, out.in_ah->spi)] = &out;
  all_.emplace(out.connection, std::move(bundle));
  return out;
}

void BundleTable::Remove(Bundle& bundle) {
  if (bundle.in_esp) inbound_.erase(Key(SaProtocol::kEsp, bundle.in_esp->spi));
  if (bundle.in_ah) inbound_.erase(Key(SaProtocol::kAh, bundle.in_ah->spi));
  const auto list = by_policy_.find(bundle.policy);
  std::erase(list->second, &bundle);
  if (list->second.empty()) by_policy_.erase(list);
  all_.erase(bundle.connection);
}

Bundle* BundleTable::Find(int connection) const {
  const auto found = all_.find(connection);
  return found == all_.end() ? nullptr : found->second.get();
}

Bundle* BundleTable::FindInbound(SaProtocol protocol, std::uint32_t spi) const {
  const auto found = inbound_.find(Key(protocol, spi));
  return found == inbound_.end() ? nullptr : found->second;
}

// The other end chose the SPI, so only together with its address it names one.
Bundle* BundleTable::FindOutbound(SaProtocol protocol, std::uint32_t spi, Ipv4 remote) const {
  for (const auto& [connection, bundle] : all_) {
    const auto& sa = protocol == SaProtocol::kAh ? bundle->out_ah : bundle->out_esp;
    if (sa && sa->spi == spi && bundle->agreed.remote == remote) return bundle.get();
  }
  return nullptr;
}

const std::vector<Bundle*>& BundleTable::OfPolicy(std::uint64_t policy) const {
  static const std::vector<Bundle*> kNone;
  const auto found = by_policy_.find(policy);
  return found == by_policy_.end() ? kNone : found->second;
}

}  // namespace sw::ipsec
