#include "ipsec/sa_table.h"

namespace sw::ipsec {
namespace {

constexpr std::uint32_t SlotOf(SaId id) {
  return static_cast<std::uint32_t>(id);
}

}  // namespace

SaId SaTable::Add(std::unique_ptr<Sa> sa) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
    generations_.push_back(0);
  }
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  sa->id = (std::uint64_t{++generations_[slot]} << 32) | slot;
  if (sa->direction == hal::Direction::kOpen) Inbound(sa->protocol).emplace(sa->spi, sa.get());
  slots_[slot] = std::move(sa);
  return slots_[slot]->id;
}

Sa* SaTable::Find(SaId id) const {
  if (SlotOf(id) >= slots_.size()) return nullptr;
  Sa* sa = slots_[SlotOf(id)].get();
  return sa != nullptr && sa->id == id && !sa->retired ? sa : nullptr;
}

Sa* SaTable::FindInbound(SaProtocol protocol, std::uint32_t spi) const {
  const auto& inbound = protocol == SaProtocol::kAh ? inbound_ah_ : inbound_esp_;
  const auto it = inbound.find(spi);
  return it == inbound.end() ? nullptr : it->second;
}

void SaTable::Retire(Sa& sa) {
  sa.retired = true;
  if (sa.direction == hal::Direction::kOpen) Inbound(sa.protocol).erase(sa.spi);
}

void SaTable::Erase(Sa& sa) {
  const std::uint32_t slot = SlotOf(sa.id);
  slots_[slot].reset();
  free_.push_back(slot);
}

}  // namespace sw::ipsec
