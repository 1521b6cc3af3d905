// A card, software and the failover over both, with time that moves when it is told to; and traffic through them that
// knows what must come back.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hal/card/model_transport.h"
#include "hal/failover/failover_device.h"
#include "hal/pcie/pcie_device.h"
#include "hal/soft/software_device.h"

namespace sw::hal {

using namespace std::chrono_literals;

struct Pair {
  explicit Pair(std::size_t max_sas = 8, std::size_t depth = 16)
      : transport({static_cast<std::uint32_t>(max_sas), static_cast<std::uint32_t>(depth), 2},
                  *SoftwareDevice::Create({max_sas, 1}), [this] { return now; }),
        card(transport, [this] { return now; }),
        software(*SoftwareDevice::Create({max_sas, depth})) {
    while (card.state() != pcie::BringUp::kRunning) card.Poll();
    device.emplace(
        card, *software, [this] { return now; }, random, [this](const FailoverEvent& e) { events.push_back(e); });
    for (int i = 0; i < 20 && !device->on_card(); ++i) device->Poll();
  }
  std::string Said(FailoverEvent::What what) const {
    for (auto it = events.rbegin(); it != events.rend(); ++it)
      if (it->what == what) return it->text;
    return {};
  }
  void Pass(Duration d, Duration step = 5ms) {
    for (const Time end = now + d; now < end;) {
      now = now + step;
      device->Poll();
    }
  }

  Time now{100s};
  SeededRandom random{3};
  std::vector<FailoverEvent> events;
  card::ModelTransport transport;
  pcie::PcieDevice card;
  std::unique_ptr<SoftwareDevice> software;
  std::optional<FailoverDevice> device;
};

// Seals packets that carry their number where ESP has it, and keeps count of what came back.
class Traffic {
 public:
  explicit Traffic(Pair& pair, Cipher cipher = Cipher::kAesCbc, Integrity integrity = Integrity::kHmacSha1)
      : pair_(pair), iv_(Info(cipher).iv_bytes), icv_(Info(integrity).icv_bytes), aead_(Info(cipher).aead) {
    spec_ = {Direction::kSeal, cipher, integrity, SecretBytes(Info(cipher).key_bytes),
             SecretBytes(Info(integrity).key_bytes)};
    const auto sa = pair.device->AddSa(spec_);
    EXPECT_TRUE(sa.ok());
    sa_ = sa.ok() ? *sa : 0;
    reference_ = *SoftwareDevice::Create();
    reference_sa_ = *reference_->AddSa(spec_);
  }
  void Send(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      Bytes packet = Plain(sent_);
      packets_.push_back(std::make_unique<Bytes>(packet));
      CryptoOp op = Op(*packets_.back(), sa_);
      op.context = sent_;
      if (pair_.device->Submit({&op, 1}) == 0) {
        packets_.pop_back();
        return;
      }
      ++sent_;
    }
  }
  void Receive() {
    CryptoOp some[4];
    for (std::size_t n = 0; (n = pair_.device->Complete(some)) != 0;)
      for (const CryptoOp& op : std::span(some).first(n)) {
        EXPECT_EQ(op.context, back_++);  // each once, in order
        ++verdicts_[static_cast<std::size_t>(op.verdict)];
        if (op.verdict == Verdict::kOk && *packets_[op.context] != Expected(op.context)) ++wrong_;
        if (op.verdict == Verdict::kFault) {
          EXPECT_EQ(*packets_[op.context], Plain(op.context));
        }
      }
  }
  void Run(int steps, std::size_t burst = 4) {
    for (int i = 0; i < steps; ++i) {
      Send(burst);
      Receive();
      pair_.now = pair_.now + 5ms;
      pair_.device->Poll();
    }
    Receive();
  }
  std::size_t sent() const { return sent_; }
  std::size_t back() const { return back_; }
  std::size_t ok() const { return verdicts_[0]; }
  std::size_t faulted() const { return verdicts_[static_cast<std::size_t>(Verdict::kFault)]; }
  std::size_t wrong() const { return wrong_; }

 private:
  Bytes Plain(std::size_t number) const {
    Bytes out(8 + iv_ + 64 + icv_, 9);
    Store32(out.data() + 4, static_cast<std::uint32_t>(number + 1));
    if (iv_ >= 4) Store32(out.data() + 8, static_cast<std::uint32_t>(number + 1));
    return out;
  }
  CryptoOp Op(Bytes& packet, SaHandle sa) const {
    CryptoOp op;
    op.sa = sa;
    op.data = packet.data();
    op.size = static_cast<std::uint32_t>(packet.size());
    op.iv_offset = 8;
    op.cipher_offset = static_cast<std::uint32_t>(8 + iv_);
    op.cipher_length = 64;
    op.auth_length = aead_ ? 8 : op.cipher_offset + 64;
    op.icv_offset = op.cipher_offset + 64;
    return op;
  }
  Bytes Expected(std::size_t number) {
    Bytes packet = Plain(number);
    CryptoOp op = Op(packet, reference_sa_), done;
    reference_->Submit({&op, 1});
    reference_->Complete({&done, 1});
    return packet;
  }

  Pair& pair_;
  std::size_t iv_, icv_;
  bool aead_;
  SaSpec spec_;
  SaHandle sa_ = 0, reference_sa_ = 0;
  std::unique_ptr<SoftwareDevice> reference_;
  std::vector<std::unique_ptr<Bytes>> packets_;
  std::size_t sent_ = 0, back_ = 0, wrong_ = 0;
  std::size_t verdicts_[5] = {};
};

}  // namespace sw::hal
