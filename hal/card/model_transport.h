// The card in this process: registers are calls, DMA memory is heap. For unit tests and benchmarks.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "hal/card/card.h"
#include "hal/pcie/bus.h"

namespace sw::hal::card {

class ModelTransport final : public pcie::Transport, private HostMemory, private Interrupts {
 public:
  // `now` is asked at every register access; its card works then.
  ModelTransport(CardLimits limits, std::unique_ptr<CryptoDevice> engine, std::function<Time()> now)
      : card_(limits, std::move(engine), *this, *this), now_(std::move(now)), fired_(limits.rings + 1) {}

  Card& card() { return card_; }
  std::uint64_t fired(std::uint32_t vector) const { return fired_[vector]; }

  std::uint32_t Read32(std::uint32_t offset) override {
    if (let_go_) return pcie::kAllOnes;
    card_.Work(now_());
    return card_.Read(offset);
  }
  void Write32(std::uint32_t offset, std::uint32_t value) override {
    if (let_go_) return;
    card_.Write(offset, value);
    card_.Work(now_());
  }
  Result<pcie::DmaBlock> Allocate(std::size_t bytes) override;
  Status Reconnect() override {
    if (now_() < away_until_) return {Code::kDevice, "the slot is empty"};
    const bool taken_up = std::exchange(let_go_, false);
    if (card_.gone() || taken_up) card_.PowerOn();
    return {};
  }
  void Release() override {
    away_until_ = now_() + card_.TakeAbsence();
    let_go_ = true;
  }
  pcie::BusEvent Event() override {
    return std::exchange(leaves_, false) ? pcie::BusEvent::kLeaves : pcie::BusEvent::kNone;
  }
  int EventFd(std::uint32_t) const override { return -1; }

 private:
  bool Read(std::uint64_t address, ByteSpan out) override;
  bool Write(std::uint64_t address, ByteView bytes) override;
  bool WriteFlag(std::uint64_t address, std::uint32_t value) override;
  void Fire(std::uint32_t vector) override { ++fired_[vector]; }
  void AskToLeave() override { leaves_ = true; }
  std::uint8_t* At(std::uint64_t address, std::size_t size);

  struct Block {
    std::unique_ptr<std::uint8_t[], void (*)(void*)> bytes;
    std::uint64_t address;
    std::size_t size;
  };
  Card card_;
  std::function<Time()> now_;
  std::vector<std::uint64_t> fired_;
  bool leaves_ = false, let_go_ = false;
  Time away_until_;
  std::vector<Block> blocks_;
  std::uint64_t next_ = 0x100000;
};

}  // namespace sw::hal::card
