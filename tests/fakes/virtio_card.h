// A virtio crypto device in this process: configuration space, the structures of BAR 4, one data queue and the control
// queue, AES-CBC. It works when its doorbell is rung, unless it is told to wait; what it may do wrong, tests switch on.
#pragma once

#include <linux/virtio_crypto.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <vector>

#include "hal/pcie/bus.h"
#include "hal/primitives.h"
#include "hal/virtio/crypto_map.h"
#include "hal/virtio/pci_layout.h"
#include "hal/virtio/virtqueue.h"

namespace sw::hal::virtio {

class VirtioCard final : public pcie::Transport {
 public:
  static constexpr std::uint32_t kCommonAt = 0x100, kDeviceAt = 0x2000, kNotifyAt = 0x3000, kMultiplier = 4;

  VirtioCard() {
    configuration = {{0, std::uint32_t{kCryptoId} << 16 | kVendorId}, {0x34, 0x84}};
    Capability(0x84, 0x98, 4, kDeviceAt);
    Capability(0x98, 0xac, 1, kCommonAt);
    Capability(0xac, 0, 2, kNotifyAt);
    configuration[0xac + 16] = kMultiplier;
    device.status = VIRTIO_CRYPTO_S_HW_READY;
    device.max_dataqueues = 1;
    device.crypto_services = 1U << VIRTIO_CRYPTO_SERVICE_CIPHER;
    device.cipher_algo_l = 1U << VIRTIO_CRYPTO_CIPHER_AES_CBC;
    device.max_cipher_key_len = 64;
  }

  std::uint32_t Read32(std::uint32_t) override { return ~0U; }
  void Write32(std::uint32_t, std::uint32_t) override {}
  std::uint32_t ReadConfig(std::uint32_t offset) override { return gone ? ~0U : configuration[offset]; }
  std::uint32_t ReadAt(pcie::BarPlace place, std::size_t bytes) override {
    const std::uint32_t ones = ~0U >> (32 - 8 * bytes);
    if (gone || place.bar != 4) return ones;
    if (place.offset >= kDeviceAt && place.offset + bytes <= kDeviceAt + sizeof device) {
      std::uint32_t value = 0;
      std::memcpy(&value, reinterpret_cast<const char*>(&device) + (place.offset - kDeviceAt), bytes);
      return value;
    }
    const std::uint32_t field = place.offset - kCommonAt;
    if (field == kDeviceFeature.offset) return static_cast<std::uint32_t>(offered >> 32 * written_[0]);
    if (field == kQueues.offset) return 2;
    if (field == kStatus.offset) return status;
    if (field == kQueueSize.offset) return written_[kQueueSelect.offset] == 0 ? 1024 : 64;
    if (field == kQueueNotifyOffset.offset) return written_[kQueueSelect.offset];
    return written_[field] & ones;
  }
  void WriteAt(pcie::BarPlace place, std::size_t bytes, std::uint32_t value) override {
    if (gone || place.bar != 4) return;
    if (place.offset >= kNotifyAt) {
      const std::uint32_t queue = (place.offset - kNotifyAt) / kMultiplier;
      EXPECT_EQ(bytes, 2U);
      EXPECT_EQ(value, queue);
      if (!waits) Work();
      return;
    }
    const std::uint32_t field = place.offset - kCommonAt;
    written_[field] = value;
    if (field == kStatus.offset) SetStatus(static_cast<std::uint8_t>(value));
    if (field == kDriverFeature.offset && written_[kDriverFeatureSelect.offset] == 1) agreed_high_ = value;
    if (field == kQueueEnable.offset) Enable();
  }
  Result<pcie::DmaBlock> Allocate(std::size_t bytes) override {
    memory_.reset(static_cast<std::uint8_t*>(std::aligned_alloc(4096, (bytes + 4095) / 4096 * 4096)));
    memory_bytes_ = bytes;
    return pcie::DmaBlock{memory_.get(), kBase, bytes};
  }
  Status Reconnect() override { return {}; }
  int EventFd(std::uint32_t) const override { return -1; }

  // Does all that was asked for, the last first when it is to be out of order.
  void Work() {
    for (const std::uint32_t index : {1U, 0U}) {
      Queue& queue = queues_[index];
      if (!queue.enabled || (status & kDriverOk) == 0) continue;
      std::vector<std::uint16_t> ids;
      while (queue.seen != Load<std::uint16_t>(queue.driver + 2))
        ids.push_back(Load<std::uint16_t>(queue.driver + 4 + 2U * (queue.seen++ % queue.size)));
      if (backwards) std::ranges::reverse(ids);
      for (const std::uint16_t id : ids) {
        Do(index, queue, id);
        Say(queue, id);
      }
    }
  }
  void AnswerId(std::uint32_t id) { Say(queues_[0], id); }  // that nobody asked for

  std::map<std::uint32_t, std::uint32_t> configuration;
  virtio_crypto_config device{};
  std::uint64_t offered = 1ULL << kIndirect | 1ULL << kVersion1 | 1ULL << kAccessPlatform;
  std::uint8_t status = 0;
  bool gone = false, waits = false, backwards = false, refuses_sessions = false, fails = false;
  std::size_t sessions() const { return sessions_.size(); }

 private:
  static constexpr std::uint64_t kBase = 0x40000000;
  struct Queue {
    std::uint64_t descriptors = 0, driver = 0, device = 0;
    std::uint16_t size = 0, seen = 0, said = 0;
    bool enabled = false;
  };
  struct Session {
    Bytes key;
    bool encrypts = false;
  };

  void Capability(std::uint32_t at, std::uint32_t next, std::uint32_t type, std::uint32_t offset) {
    configuration[at] = type << 24 | 20U << 16 | next << 8 | 9;
    configuration[at + 4] = 4;  // BAR
    configuration[at + 8] = offset;
  }
  void SetStatus(std::uint8_t value) {
    status = value;
    if ((value & kFeaturesOk) != 0 && (agreed_high_ & 3) != (offered >> 32 & 3))
      status &= static_cast<std::uint8_t>(~kFeaturesOk);
    if (value != 0) return;
    for (Queue& queue : queues_) queue = {};
    sessions_.clear();
    agreed_high_ = 0;
  }
  void Enable() {
    Queue& queue = queues_[written_[kQueueSelect.offset]];
    const auto address = [this](Field field) {
      return std::uint64_t{written_[field.offset + 4]} << 32 | written_[field.offset];
    };
    queue = {address(kQueueDescriptors),
             address(kQueueDriver),
             address(kQueueDevice),
             static_cast<std::uint16_t>(written_[kQueueSize.offset]),
             0,
             0,
             true};
  }
  std::uint8_t* At(std::uint64_t address, std::size_t bytes) {
    if (address < kBase || address - kBase + bytes > memory_bytes_) std::abort();  // the driver's mistake
    return memory_.get() + (address - kBase);
  }
  template <typename T>
  T Load(std::uint64_t address) {
    T out;
    std::memcpy(&out, At(address, sizeof out), sizeof out);
    return out;
  }
  void Say(Queue& queue, std::uint32_t id) {
    const std::uint32_t element[2] = {id, 0};
    std::memcpy(At(queue.device + 4 + 8U * (queue.said % queue.size), 8), element, 8);
    ++queue.said;
    std::memcpy(At(queue.device + 2, 2), &queue.said, 2);
  }
  void Do(std::uint32_t index, Queue& queue, std::uint16_t id) {
    const auto head = Load<Descriptor>(queue.descriptors + 16U * id);
    ASSERT_EQ(head.flags, kTable);
    Bytes in;
    std::vector<Descriptor> out;
    for (std::uint32_t at = 0;;) {
      const auto d = Load<Descriptor>(head.address + 16U * at);
      const std::uint8_t* bytes = At(d.address, d.length);
      if ((d.flags & kDeviceWrites) != 0) {
        out.push_back(d);
      } else {
        in.insert(in.end(), bytes, bytes + d.length);
      }
      if ((d.flags & kNext) == 0) break;
      at = d.next;
    }
    index == 0 ? Cipher(in, out) : Control(in, out);
  }
  void Control(const Bytes& in, const std::vector<Descriptor>& out) {
    virtio_crypto_op_ctrl_req request;
    std::memcpy(&request, in.data(), sizeof request);
    if (request.header.opcode == VIRTIO_CRYPTO_CIPHER_DESTROY_SESSION) {
      const bool known = sessions_.erase(request.u.destroy_session.session_id) == 1;
      EXPECT_TRUE(known);
      *At(out.at(0).address, 1) = known ? VIRTIO_CRYPTO_OK : VIRTIO_CRYPTO_ERR;
      return;
    }
    const auto& para = request.u.sym_create_session.u.cipher.para;
    EXPECT_EQ(in.size(), sizeof request + para.keylen);
    virtio_crypto_session_input created{};
    created.status = refuses_sessions ? VIRTIO_CRYPTO_ERR : VIRTIO_CRYPTO_OK;
    created.session_id = next_session_++;
    sessions_[created.session_id] = {Bytes(in.begin() + sizeof request, in.end()), para.op == VIRTIO_CRYPTO_OP_ENCRYPT};
    std::memcpy(At(out.at(0).address, sizeof created), &created, sizeof created);
  }
  void Cipher(const Bytes& in, const std::vector<Descriptor>& out) {
    virtio_crypto_op_data_req request;
    std::memcpy(&request, in.data(), sizeof request);
    std::uint8_t* status_byte = At(out.back().address, 1);
    const auto found = sessions_.find(request.header.session_id);
    if (found == sessions_.end() || fails) {
      *status_byte = VIRTIO_CRYPTO_INVSESS;
      return;
    }
    const auto& para = request.u.sym_req.u.cipher.para;
    const ByteView iv = ByteView(in).subspan(sizeof request, para.iv_len);
    Bytes text(in.begin() + static_cast<std::ptrdiff_t>(sizeof request + para.iv_len), in.end());
    EXPECT_EQ(text.size(), para.src_data_len);
    const Session& session = found->second;
    const hal::Cipher cipher = session.key.size() == 16   ? hal::Cipher::kAesCbc
                               : session.key.size() == 24 ? hal::Cipher::kAesCbc192
                                                          : hal::Cipher::kAesCbc256;
    const bool done =
        session.encrypts ? CbcEncrypt(cipher, session.key, iv, text) : CbcDecrypt(cipher, session.key, iv, text);
    std::size_t at = 0;
    for (std::size_t i = 0; i + 1 < out.size(); ++i) {
      std::memcpy(At(out[i].address, out[i].length), text.data() + at, out[i].length);
      at += out[i].length;
    }
    EXPECT_EQ(at, text.size());
    *status_byte = done ? VIRTIO_CRYPTO_OK : VIRTIO_CRYPTO_ERR;
  }

  std::unique_ptr<std::uint8_t, void (*)(void*)> memory_{nullptr, std::free};
  std::size_t memory_bytes_ = 0;
  std::map<std::uint32_t, std::uint32_t> written_;  // of the common structure, by offset
  std::uint32_t agreed_high_ = 0;
  Queue queues_[2];
  std::map<std::uint64_t, Session> sessions_;
  std::uint64_t next_session_ = 7;
};

}  // namespace sw::hal::virtio
