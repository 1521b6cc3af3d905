// The driver of the card: one CryptoDevice over any Transport.
//
// Packets are copied into memory the card can reach and back, so a card that misbehaves, or writes late, can spoil only
// bytes that nobody uses: of a result, the cipher text and (sealing) the ICV are taken, never the ESP header. Nothing
// sleeps and no loop is unbounded: Poll moves the bring-up on, every state has a deadline, and so has every operation.
// What is wrong with a card becomes one Trouble; the card is then reset, everything in flight is completed with kFault
// in the order it was submitted, and its SAs are gone. It stays down until Restart.
// Threads: one. Order and lifetime as in hal/crypto_device.h; a card's completions arrive after Submit returned.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "hal/base/clock.h"
#include "hal/crypto_device.h"
#include "hal/pcie/bus.h"
#include "hal/pcie/register_map.h"
#include "hal/pcie/trace.h"
#include "hal/pcie/trouble.h"

namespace sw::hal::pcie {

enum class BringUp : std::uint8_t { kIdentify, kReset, kSelfTest, kEnable, kRunning, kFailed };
std::string_view Name(BringUp);

// Our choice, all of it.
struct DriverOptions {
  std::size_t max_sas = 4096;  // at most; the card may have fewer
  std::size_t depth = 512;     // at most kMostDepth
  Duration identify_deadline = std::chrono::milliseconds(200);
  Duration reset_deadline = std::chrono::milliseconds(500);
  Duration test_deadline = std::chrono::seconds(1);
  Duration enable_deadline = std::chrono::milliseconds(200);
  Duration operation_deadline = std::chrono::milliseconds(50);
  Duration scan_interval = std::chrono::milliseconds(5);     // between two looks for late operations
  Duration health_interval = std::chrono::milliseconds(25);  // between two looks at the status register
};

struct DriverCounters {
  std::uint64_t submitted = 0, completed = 0, faulted = 0;  // operations
  std::uint64_t bytes = 0;                                  // of the operations submitted
  std::array<std::uint64_t, kTroubles> troubles{};
};

struct CardReading {  // of the card's registers
  std::uint32_t generation = 0;
  double temperature = 0, temperature_limit = 0;  // degrees Celsius
  std::array<std::uint64_t, kStatistics> statistics{};
};

class PcieDevice final : public CryptoDevice {
 public:
  // The transport outlives the driver. Nothing is touched before the first Poll.
  PcieDevice(Transport& transport, std::function<Time()> now, DriverOptions options = {});
  ~PcieDevice() override;  // resets a card that runs

  // Until the card was identified: no transforms, sizes 0.
  const Capabilities& capabilities() const override { return capabilities_; }
  Health health() const override { return state_ == BringUp::kRunning ? Health::kUp : Health::kDown; }
  Status Validate(const SaSpec&) const override;
  Result<SaHandle> AddSa(const SaSpec&) override;
  Status RemoveSa(SaHandle) override;
  std::size_t Submit(std::span<const CryptoOp> burst) override;
  std::size_t Complete(std::span<CryptoOp> done) override;

  // Bring-up, completions, deadlines. Call when the card signals and every few milliseconds.
  void Poll();
  void Restart();                               // from kFailed only: from the beginning
  void Fail(Trouble, std::string detail = {});  // takes the card out of service
  BringUp state() const { return state_; }
  Trouble trouble() const { return trouble_; }  // the last one; kept until the card runs again
  std::string trouble_text() const;             // its sentence, with what the card said
  const DriverCounters& counters() const { return counters_; }
  void ResetTraffic() { counters_.submitted = counters_.completed = counters_.faulted = counters_.bytes = 0; }
  void ResetTroubles() { counters_.troubles = {}; }
  std::size_t in_flight() const { return submitted_ - collected_; }
  std::size_t sas() const { return sa_count_; }
  CardReading Read();  // a dozen register reads
  Transport& transport() { return transport_; }
  Trace& trace() { return trace_; }

 private:
  struct Ring {
    Descriptor* submission = nullptr;
    Completion* completion = nullptr;
    std::uint64_t submission_address = 0, completion_address = 0;
    std::uint32_t tail = 0, rung = 0;  // counting on without wrapping
    std::uint32_t head = 0, acknowledged = 0;
  };
  struct Tag {
    CryptoOp op;
    Time submitted;
    std::uint64_t number = 0;    // of all submissions
    std::uint32_t sequence = 0;  // of its SA's
    std::uint32_t ring = 0;
    std::vector<std::uint16_t> pages;  // beyond its own
    bool busy = false, command = false;
  };
  struct SaSlot {
    SaHandle handle = 0;
    bool used = false;
    Direction direction = Direction::kSeal;
    std::uint32_t icv_bytes = 0;
    std::uint32_t in_flight = 0;
    std::uint32_t submitted = 0, completed = 0;
  };

  void Enter(BringUp state, Duration deadline);
  std::uint32_t Reg(Register r) { return transport_.Read32(r); }
  CardStatus ReadStatus() { return CardStatus{Reg(kRegStatus)}; }
  void PollIdentify();
  void PollBringUp();
  void PollRunning();
  bool SomethingIsLate(Time now) const;
  bool ReadCapabilities();
  bool LayOutMemory();
  void ProgramRings();
  std::size_t TotalTags() const { return depth_ + kCommandTags; }

  SaSlot* Find(SaHandle handle);
  std::uint32_t RingOf(SaHandle handle) const { return static_cast<std::uint32_t>(handle % max_sas_ % rings_.size()); }
  Descriptor& Post(std::uint32_t ring, std::uint16_t tag, Opcode opcode, SaHandle sa);
  void RingDoorbells();
  void Place(const CryptoOp& op, Tag& tag, std::uint16_t number, Descriptor& d);
  void Reap();
  bool ReapOne(std::uint32_t ring, const Completion& c);
  void Finish(Tag& tag, Verdict verdict);
  void FinishPacket(Tag& tag, std::uint16_t number, CompletionStatus status);
  void TakeBack(const Tag& tag, std::uint16_t number, std::uint32_t offset, std::uint32_t length);
  std::uint8_t* PageOf(const Tag& tag, std::uint16_t number, std::size_t index) const;
  std::uint8_t* Key(std::uint16_t tag) const;

  static constexpr std::size_t kCommandTags = 64, kPageBytes = 2048, kExtraPages = 64, kKeyBytes = 128;

  Transport& transport_;
  std::function<Time()> now_;
  const DriverOptions options_;
  BringUp state_ = BringUp::kIdentify;
  Time deadline_ = Time::Never(), next_health_, next_scan_;
  bool asked_ = false;  // Reconnect was tried in this kIdentify
  Trouble trouble_ = Trouble::kNone;
  std::string detail_;
  DriverCounters counters_;
  Trace trace_;
  Capabilities capabilities_;
  std::uint32_t generation_ = 0;

  std::size_t max_sas_ = 1, depth_ = 0;
  std::uint32_t entries_ = 0;
  DmaBlock memory_;
  std::vector<Ring> rings_;
  std::vector<Tag> tags_;
  std::vector<std::uint16_t> free_tags_, free_commands_, free_pages_;
  std::uint8_t *pages_ = nullptr, *lists_ = nullptr, *keys_ = nullptr;
  std::vector<SaSlot> sas_;
  std::vector<std::uint32_t> free_sas_;
  std::size_t sa_count_ = 0;
  std::uint64_t number_ = 0;

  std::vector<CryptoOp> finished_;
  std::size_t taken_ = 0;  // of finished_, from the front
  std::size_t submitted_ = 0, collected_ = 0;
};

}  // namespace sw::hal::pcie
