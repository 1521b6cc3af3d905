#include "hal/virtio/crypto_map.h"

#include <fmt/format.h>
#include <linux/virtio_crypto.h>

#include <algorithm>
#include <bit>
#include <cstddef>

#include "hal/virtio/crypto_queue.h"
#include "hal/virtio/pci_layout.h"

namespace sw::hal::virtio {
namespace {

// Our choice. The specification has no register for the number of sessions; QEMU's builtin backend keeps 256, and keeps
// those of a driver that was killed.
constexpr std::size_t kSas = 128;
constexpr std::uint16_t kMostData = 1024, kMostControl = 64;  // entries of the queues
constexpr std::size_t kMostInFlight = 512;
constexpr std::uint16_t kQueueVectorWanted = 1;

constexpr Cipher kCiphers[] = {Cipher::k3DesCbc, Cipher::kAesCbc, Cipher::kAesCbc192, Cipher::kAesCbc256};
constexpr Integrity kIntegrities[] = {Integrity::kNone, Integrity::kHmacMd5, Integrity::kHmacSha1,
                                      Integrity::kHmacSha256};

class Map final : public pcie::RegisterMap {
 public:
  explicit Map(pcie::RegisterBus& bus) : bus_(bus) {}

  pcie::Sighting Identify() override {
    const std::uint32_t id = bus_.ReadConfig(0);
    if (id == pcie::kAllOnes) return {true, pcie::Trouble::kAbsent, {}};
    if (id != (std::uint32_t{kCryptoId} << 16 | kVendorId))
      return {false, pcie::Trouble::kWrongCard, fmt::format("identification {:#010x}", id)};
    const std::optional<PciLayout> layout = FindLayout(bus_);
    if (!layout) return {false, pcie::Trouble::kWrongCard, "it has not the structures of modern virtio"};
    layout_ = *layout;
    if (Common(kStatus) == 0xff) return {true, pcie::Trouble::kAbsent, {}};
    return {};
  }
  std::optional<pcie::CardShape> ReadShape() override {
    data_queues_ = Device(offsetof(virtio_crypto_config, max_dataqueues));
    if (data_queues_ == 0 || Common(kQueues) != data_queues_ + 1) return std::nullopt;
    data_size_ = QueueSize(0, kMostData);
    control_size_ = QueueSize(static_cast<std::uint16_t>(data_queues_), kMostControl);
    if (data_size_ < 2 || control_size_ < 2) return std::nullopt;
    pcie::CardShape shape;
    shape.transforms = Transforms();
    if (shape.transforms.empty()) return std::nullopt;
    shape.sas = kSas;
    shape.depth = std::min<std::size_t>(data_size_, kMostInFlight);
    shape.queues = 1;
    shape.engine = fmt::format("virtio crypto device ({} data queues, ICVs in software)", data_queues_);
    return shape;
  }
  pcie::Condition Look() override {
    using State = pcie::CardState;
    const std::uint32_t status = Common(kStatus);
    if (status == 0xff) return {true, State::kReset, {}};
    switch (phase_) {
      case Phase::kReset:
        return {false, status == 0 ? State::kIdle : State::kReset, {}};
      case Phase::kAgreed:
        return {false, (status & kFeaturesOk) != 0 ? State::kReady : State::kFault, {}};
      case Phase::kRunning:
        break;
    }
    if ((status & kNeedsReset) != 0) return {false, State::kFault, "it asks for a reset"};
    if ((status & kDriverOk) == 0) return {false, State::kReset, {}};
    if ((Device(offsetof(virtio_crypto_config, status)) & VIRTIO_CRYPTO_S_HW_READY) == 0)
      return {false, State::kFault, "its backend is away"};
    return {false, State::kRunning, {}};
  }
  std::uint32_t Generation() override { return resets_; }
  void Reset() override {
    phase_ = Phase::kReset;
    ++resets_;
    SetCommon(kStatus, 0);
  }
  void SelfTest() override {
    phase_ = Phase::kAgreed;
    SetCommon(kStatus, kAcknowledge);
    SetCommon(kStatus, kAcknowledge | kDriver);
    if (!AgreeOnFeatures()) return;
    SetCommon(kStatus, kAcknowledge | kDriver | kFeaturesOk);
  }
  void Enable() override {
    phase_ = Phase::kRunning;
    SetCommon(kStatus, kAcknowledge | kDriver | kFeaturesOk | kDriverOk);
  }
  std::string SelfTestText() override { return "it lacks features that the driver needs"; }
  CardReading Read() override {
    CardReading out;
    out.generation = resets_;
    return out;
  }
  std::size_t QueueBytes(std::uint32_t) const override { return CryptoQueue::MemoryBytes(data_size_, control_size_); }
  std::unique_ptr<pcie::QueuePair> MakeQueue(std::uint32_t, std::uint32_t entries, pcie::DmaBlock memory) override {
    const auto control = static_cast<std::uint16_t>(data_queues_);
    auto queue = std::make_unique<CryptoQueue>(bus_, memory,
                                               CryptoQueueShape{entries, data_size_, control_size_, control, resets_});
    SetCommon(kConfigVector, pcie::kErrorVector);
    const pcie::BarPlace data_bell = Tell(0, queue->data());
    queue->SetDoorbells(data_bell, Tell(control, queue->control()));
    return queue;
  }

 private:
  enum class Phase : std::uint8_t { kReset, kAgreed, kRunning };

  std::uint32_t Common(Field field) { return bus_.ReadAt(layout_.common.At(field.offset), field.bytes); }
  void SetCommon(Field field, std::uint32_t value) {
    bus_.WriteAt(layout_.common.At(field.offset), field.bytes, value);
  }
  std::uint32_t Device(std::size_t offset) {
    return bus_.ReadAt(layout_.device.At(static_cast<std::uint32_t>(offset)), 4);
  }
  // The largest power of two that the device and this driver take; 0: no such queue.
  std::uint16_t QueueSize(std::uint16_t index, std::uint16_t most) {
    SetCommon(kQueueSelect, index);
    return static_cast<std::uint16_t>(std::bit_floor(std::min<std::uint32_t>(Common(kQueueSize), most)));
  }
  std::vector<Capability> Transforms() {
    std::vector<Capability> out;
    const std::uint32_t services = Device(offsetof(virtio_crypto_config, crypto_services)),
                        ciphers = Device(offsetof(virtio_crypto_config, cipher_algo_l)),
                        key_bytes = Device(offsetof(virtio_crypto_config, max_cipher_key_len));
    if ((services >> VIRTIO_CRYPTO_SERVICE_CIPHER & 1) == 0) return out;
    for (const Cipher cipher : kCiphers)
      for (const Integrity integrity : kIntegrities)
        if ((ciphers >> CipherNumber(cipher) & 1) != 0 && Info(cipher).key_bytes <= key_bytes)
          out.push_back({cipher, integrity});
    return out;
  }
  std::uint32_t Offered(std::uint32_t half) {
    SetCommon(kDeviceFeatureSelect, half);
    return Common(kDeviceFeature);
  }
  // Section 3.1.1, steps 4 and 5.
  bool AgreeOnFeatures() {
    const std::uint64_t offered = std::uint64_t{Offered(1)} << 32 | Offered(0);
    constexpr std::uint64_t kNeeded = 1ULL << kIndirect | 1ULL << kVersion1, kTaken = 1ULL << kAccessPlatform;
    if ((offered & kNeeded) != kNeeded) return false;
    const std::uint64_t agreed = offered & (kNeeded | kTaken);
    for (const std::uint32_t half : {0U, 1U}) {
      SetCommon(kDriverFeatureSelect, half);
      SetCommon(kDriverFeature, static_cast<std::uint32_t>(agreed >> 32 * half));
    }
    return true;
  }
  // Tells the device of a queue, and returns its doorbell (section 4.1.4.4).
  pcie::BarPlace Tell(std::uint16_t index, const Virtqueue& queue) {
    SetCommon(kQueueSelect, index);
    SetCommon(kQueueSize, queue.size());
    SetCommon(kQueueVector, kQueueVectorWanted);
    const std::pair<Field, std::uint64_t> areas[] = {{kQueueDescriptors, queue.descriptors()},
                                                     {kQueueDriver, queue.driver_area()},
                                                     {kQueueDevice, queue.device_area()}};
    for (const auto& [field, address] : areas) {
      SetCommon(field, static_cast<std::uint32_t>(address));
      SetCommon({field.offset + 4, 4}, static_cast<std::uint32_t>(address >> 32));
    }
    const std::uint32_t bell = Common(kQueueNotifyOffset) * layout_.notify_multiplier;
    SetCommon(kQueueEnable, 1);
    return layout_.notify.At(bell);
  }

  pcie::RegisterBus& bus_;
  PciLayout layout_;
  Phase phase_ = Phase::kReset;
  std::uint32_t resets_ = 0, data_queues_ = 0;
  std::uint16_t data_size_ = 0, control_size_ = 0;
};

}  // namespace

std::unique_ptr<pcie::RegisterMap> CryptoMap(pcie::RegisterBus& bus) {
  return std::make_unique<Map>(bus);
}

}  // namespace sw::hal::virtio
