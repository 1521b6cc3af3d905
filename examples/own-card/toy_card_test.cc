// The toy card as a process would be it: a PCI function behind a vfio-user socket, driven by the library's driver, held
// to the contract of engines; and its register map on a bus that is a script.
#include <gtest/gtest.h>
#include <hal/pcie/pcie_device.h>
#include <hal/soft/software_device.h>
#include <hal/testing/crypto_device_contract.h>
#include <hal/testing/mock_transport.h>
#include <hal/testing/scripted_transport.h>
#include <hal/vfio/function_server.h>
#include <hal/vfio/user_transport.h>
#include <stdlib.h>
#include <unistd.h>

#include <map>
#include <thread>

#include "toy_card.h"

namespace toy {
namespace {

using namespace std::chrono_literals;

Time Now() {
  return {std::chrono::steady_clock::now().time_since_epoch()};
}

// The card. It computes with the software engine: a toy.
class Card final : public vfio::ServedFunction {
 public:
  Card(std::uint32_t sas, std::uint32_t depth)
      : sizes_(depth << 16 | sas), engine_(*SoftwareDevice::Create({sas, 1})) {}
  void Lend(vfio::DmaTable& memory) { memory_ = &memory; }

  std::uint64_t RegionSize(std::uint32_t region) const override {
    return region == vfio::kBar0Region ? 4096 : region == vfio::kConfigRegion ? 256 : 0;
  }
  void ReadRegion(std::uint32_t region, std::uint64_t offset, ByteSpan out) override {
    std::uint32_t value = 0;
    if (region == vfio::kBar0Region) value = Register(static_cast<std::uint32_t>(offset));
    std::memset(out.data(), 0, out.size());
    std::memcpy(out.data(), &value, std::min(out.size(), sizeof value));
  }
  void WriteRegion(std::uint32_t region, std::uint64_t offset, ByteView bytes) override {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data(), std::min(bytes.size(), sizeof value));
    if (region != vfio::kBar0Region) return;
    if (offset == kOrder) return Do(value);
    written_[static_cast<std::uint32_t>(offset)] = value;
  }
  std::uint32_t IrqCount(std::uint32_t index) const override { return index == vfio::kMsixIrq ? 1 : 0; }
  void SetEventFd(std::uint32_t, std::uint32_t, Descriptor fd) override { interrupt_ = std::move(fd); }
  void FireIrq(std::uint32_t, std::uint32_t) override {
    const std::uint64_t one = 1;
    if (interrupt_.valid() && ::write(interrupt_.get(), &one, sizeof one) < 0) interrupt_ = {};
  }
  void Reset() override { Do(kDoReset); }
  void Detach() override {
    interrupt_ = {};
    Do(kDoReset);
  }
  bool gone() const override { return false; }

  Time Work(Time) override {
    const std::uint32_t entries = written_[kEntries];
    const std::uint64_t table = std::uint64_t{written_[kTableHigh]} << 32 | written_[kTableLow];
    const std::uint32_t before = done_;
    while (state_ == kRuns && entries != 0 && done_ != written_[kBell] && written_[kBell] - done_ <= entries) {
      const std::uint64_t at = table + std::uint64_t{done_++ % entries} * sizeof(Entry);
      Entry e{};
      if (!memory_->Read(at, {reinterpret_cast<std::uint8_t*>(&e), sizeof e}) ||
          !memory_->WriteFlag(at + offsetof(Entry, outcome), static_cast<std::uint32_t>(Work(e))))
        state_ = kBroken;
    }
    if (done_ != before) FireIrq(vfio::kMsixIrq, 0);
    return Time::Never();
  }

 private:
  std::uint32_t Register(std::uint32_t offset) {
    switch (offset) {
      case kId:
        return kIdValue;
      case kSizes:
        return sizes_;
      case kState:
        return state_;
      case kResets:
        return resets_;
      default:
        return 0;
    }
  }
  void Do(std::uint32_t order) {
    if (order == kDoTest && state_ == kIdle) state_ = kTested;
    if (order == kDoRun && state_ == kTested) state_ = kRuns;
    if (order != kDoReset) return;
    for (const auto& [sa, handle] : sas_) (void)engine_->RemoveSa(handle);
    sas_.clear();
    written_.clear();
    done_ = 0;
    ++resets_;
    state_ = kIdle;
  }
  Outcome Work(const Entry& e) {
    if (e.what == What::kAdd) return Add(e);
    const auto sa = sas_.find(e.sa);
    if (sa == sas_.end()) return Outcome::kNoSa;
    if (e.what == What::kPacket) return Packet(e, sa->second);
    (void)engine_->RemoveSa(sa->second);
    sas_.erase(sa);
    return Outcome::kDone;
  }
  Outcome Add(const Entry& e) {
    if (e.key_bytes[0] != 16 || (e.key_bytes[1] != 0 && e.key_bytes[1] != 20)) return Outcome::kFailed;
    SaSpec spec{e.opens ? Direction::kOpen : Direction::kSeal, Cipher::kAesCbc,
                e.key_bytes[1] != 0 ? Integrity::kHmacSha1 : Integrity::kNone, SecretBytes(e.key_bytes[0]),
                SecretBytes(e.key_bytes[1])};
    if (!memory_->Read(e.address, spec.cipher_key.span()) || !memory_->Read(e.address + 16, spec.integrity_key.span()))
      return Outcome::kFailed;
    const auto added = engine_->AddSa(spec);
    if (!added.ok()) return Outcome::kFailed;
    sas_[e.sa] = *added;
    return Outcome::kDone;
  }
  Outcome Packet(const Entry& e, SaHandle sa) {
    if (e.pieces == 0) return Outcome::kBadShape;
    if (e.pieces > pcie::kMostSegments) return Outcome::kFailed;
    std::vector<pcie::Segment> pieces(e.pieces);
    if (!memory_->Read(e.address, {reinterpret_cast<std::uint8_t*>(pieces.data()), pieces.size() * 16}))
      return Outcome::kFailed;
    Bytes packet;
    for (const pcie::Segment& piece : pieces) {
      if (piece.length > 65536 || packet.size() > 65536) return Outcome::kBadShape;
      packet.resize(packet.size() + piece.length);
      if (!memory_->Read(piece.address, ByteSpan(packet).last(piece.length))) return Outcome::kFailed;
    }
    CryptoOp op{sa,     packet.data(), static_cast<std::uint32_t>(packet.size()),
                e.iv,   e.cipher,      e.cipher_length,
                e.auth, e.auth_length, e.icv};
    if (engine_->Submit({&op, 1}) != 1 || engine_->Complete({&op, 1}) != 1) return Outcome::kFailed;
    if (op.verdict == Verdict::kBadIcv) return Outcome::kBadIcv;
    if (op.verdict != Verdict::kOk) return Outcome::kBadShape;
    std::size_t at = 0;
    for (const pcie::Segment& piece : pieces) {
      if (!memory_->Write(piece.address, ByteView(packet).subspan(at, piece.length))) return Outcome::kFailed;
      at += piece.length;
    }
    return Outcome::kDone;
  }

  const std::uint32_t sizes_;
  std::unique_ptr<SoftwareDevice> engine_;
  vfio::DmaTable* memory_ = nullptr;
  Descriptor interrupt_;
  std::uint32_t state_ = kIdle, resets_ = 0, done_ = 0;
  std::map<std::uint32_t, std::uint32_t> written_;  // by register
  std::map<SaHandle, SaHandle> sas_;                // the host's, the engine's
};

// The card on a thread of its own behind a socket, and the driver in front of it.
class Toy final : public CryptoDevice {
 public:
  Toy(std::size_t sas, std::size_t depth)
      : card_(static_cast<std::uint32_t>(sas), static_cast<std::uint32_t>(depth)),
        socket_("/tmp/toy-" + std::to_string(::getpid()) + ".sock"),
        server_(*vfio::FunctionServer::Listen(socket_, card_)) {
    card_.Lend(server_->memory());
    thread_ = std::thread([this] {
      while (!stop_) server_->Serve(1ms);
    });
    driver_ = std::make_unique<pcie::PcieDevice>(std::make_unique<vfio::UserTransport>(socket_, 1s, 4096), Now,
                                                 pcie::DriverOptions{.operation_deadline = 5s}, MakeMap);
    for (const Time end = Now() + 5s; driver_->health() == Health::kDown && !driver_->failed() && Now() < end;)
      driver_->Poll();
    EXPECT_EQ(driver_->health(), Health::kUp) << driver_->trouble_text();
  }
  ~Toy() override {
    driver_.reset();
    stop_ = true;
    thread_.join();
  }
  const Capabilities& capabilities() const override { return driver_->capabilities(); }
  Health health() const override { return driver_->health(); }
  sw::Result<SaHandle> AddSa(const SaSpec& spec) override { return driver_->AddSa(spec); }
  sw::Status Validate(const SaSpec& spec) const override { return driver_->Validate(spec); }
  sw::Status RemoveSa(SaHandle sa) override { return driver_->RemoveSa(sa); }
  std::size_t Submit(std::span<const CryptoOp> burst) override { return driver_->Submit(burst); }
  std::size_t Complete(std::span<CryptoOp> done) override { return driver_->Complete(done); }

 private:
  Card card_;
  std::string socket_;
  std::unique_ptr<vfio::FunctionServer> server_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
  std::unique_ptr<pcie::PcieDevice> driver_;
};

}  // namespace

// The same names as in the bring-up of any card; what the registers do in between is on the script.
TEST(ToyMap, IsBroughtUpRegisterByRegister) {
  pcie::ScriptedTransport bus;
  Time now{1s};
  pcie::PcieDevice driver(
      bus, [&] { return now; }, {}, MakeMap);
  bus.Reads(kId, kIdValue).Reads(kSizes, 4 << 16 | 16).Reads(kResets, 1).Writes(kOrder, kDoReset);
  driver.Poll();
  bus.Reads(kState, kIdle).Reads(kResets, 2).Reads(kResets, 2).Writes(kOrder, kDoTest);
  driver.Poll();
  bus.Reads(kState, kTested);
  bus.Writes(kTableLow, 0x1000).Writes(kTableHigh, 0).Writes(kEntries, 256).Reads(kResets, 2).Writes(kOrder, kDoRun);
  driver.Poll();
  bus.Reads(kState, kRuns);
  driver.Poll();
  EXPECT_EQ(driver.health(), Health::kUp) << driver.trouble_text();
  bus.Finish();
  bus.Writes(kOrder, kDoReset);  // when the driver goes
}

TEST(ToyMap, SaysWhatIsNoToy) {
  testing::NiceMock<pcie::MockTransport> bus;
  bus.registers[kId] = 0x12345678;
  pcie::PcieDevice driver(
      bus, [] { return Time{1s}; }, {}, MakeMap);
  driver.Poll();
  EXPECT_EQ(driver.trouble(), pcie::Trouble::kWrongCard);
  EXPECT_EQ(driver.trouble_text(), "the device at this address is not this card (no TOY-1)");
}

}  // namespace toy

namespace sw::hal {
INSTANTIATE_TEST_SUITE_P(Toy, CryptoDeviceContract,
                         testing::Values(Engine{
                             "TOY-1 behind vfio-user",
                             [](std::size_t sas, std::size_t depth) { return std::make_unique<toy::Toy>(sas, depth); },
                             false}));
}  // namespace sw::hal
