// Work for a virtio crypto device: a data queue and the control queue. Source: OASIS virtio 1.2, section 5.9.7.
//
// An SA is a session of the device, which has a number of the device's choice only when it was created: packets wait
// for it. The device ciphers; the ICV is made and checked here, in software: before a packet goes to the device when it
// is opened, behind it when it is sealed. Answers come in the order of the work, whatever the device's order is.
// One thread.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "hal/pcie/card_map.h"
#include "hal/soft/transform.h"
#include "hal/virtio/virtqueue.h"

namespace sw::hal::virtio {

// The device's number of a cipher (section 5.9.4.1); 0: none.
std::uint32_t CipherNumber(Cipher cipher);

struct CryptoQueueShape {
  std::uint32_t entries = 0;            // of work, answered or not: a power of two
  std::uint16_t data = 0, control = 0;  // sizes of the virtqueues
  std::uint16_t control_index = 1;      // behind the data queues
  std::uint32_t generation = 0;
};

class CryptoQueue final : public pcie::QueuePair {
 public:
  static std::size_t MemoryBytes(std::uint16_t data, std::uint16_t control);
  // `memory` is MemoryBytes() of zeros in the driver's one block, which holds the packets too; the bus outlives this.
  CryptoQueue(pcie::RegisterBus& bus, pcie::DmaBlock memory, CryptoQueueShape shape);

  const Virtqueue& data() const { return data_; }
  const Virtqueue& control() const { return control_; }
  void SetDoorbells(pcie::BarPlace data, pcie::BarPlace control) { data_bell_ = data, control_bell_ = control; }

  void AddSa(std::uint16_t tag, SaHandle sa, const SaSpec& spec, std::uint64_t keys) override;
  void RemoveSa(std::uint16_t tag, SaHandle sa) override;
  void Packet(std::uint16_t tag, const CryptoOp& op, const pcie::Pieces& pieces) override;
  void Ring() override;
  bool Next(pcie::Answer& answer) override;
  void Acknowledge() override {}

 private:
  struct Sa {
    Capability transform{};
    Direction direction = Direction::kSeal;
    std::optional<Transform> integrity;
    std::uint64_t session = 0;
    bool removed = false;  // by the driver; the device may have it still
    enum class State : std::uint8_t { kAsked, kReady, kRefused } state = State::kAsked;
  };
  struct Work {
    enum class What : std::uint8_t { kAdd, kRemove, kPacket } what = What::kPacket;
    bool done = false;
    pcie::CompletionStatus status = pcie::CompletionStatus::kOk;
    std::uint16_t tag = 0;
    CryptoOp op;  // of a command its SA alone
    pcie::Pieces pieces;
    std::uint64_t keys = 0;  // kAdd
  };
  struct Request;  // what the device reads and writes of one piece of work

  Work& at(std::uint64_t number) { return works_[number & (shape_.entries - 1)]; }
  Request& RequestOf(bool control, std::uint16_t id);
  std::uint64_t AddressOf(const void* bytes) const;
  Work& Write(Work::What what, std::uint16_t tag, SaHandle sa);
  bool Post(std::uint64_t number);
  bool PostAdd(std::uint64_t number, const Sa& sa);
  bool PostRemove(std::uint64_t number, const Sa& sa);
  bool PostPacket(std::uint64_t number, const Sa& sa);
  bool Drain(bool control);
  void Finish(Work& work, const Request& request);
  void WriteIcv(const CryptoOp& op, const pcie::Pieces& pieces, Transform& integrity);

  pcie::RegisterBus& bus_;
  pcie::DmaBlock memory_;
  const CryptoQueueShape shape_;
  Virtqueue data_, control_;
  Request* requests_;
  pcie::BarPlace data_bell_, control_bell_;
  std::vector<Work> works_;
  std::uint64_t written_ = 0, posted_ = 0, answered_ = 0;  // pieces of work, counting on
  std::vector<std::uint64_t> by_data_, by_control_;        // by id: number + 1 of its work; 0: the id is free
  std::unordered_map<SaHandle, Sa> sas_;
  bool nonsense_ = false;  // the device answered what it was not asked
  Bytes scratch_;
};

}  // namespace sw::hal::virtio
