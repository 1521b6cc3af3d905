#include "hal/virtio/crypto_queue.h"

#include <linux/virtio_crypto.h>

#include <algorithm>
#include <cstring>

#include "hal/shape.h"

namespace sw::hal::virtio {

using pcie::CompletionStatus;
using pcie::Segment;

namespace {

struct CipherRow {
  Cipher cipher;
  std::uint32_t number;
};
constexpr CipherRow kCiphers[] = {{Cipher::kAesCbc, VIRTIO_CRYPTO_CIPHER_AES_CBC},
                                  {Cipher::kAesCbc192, VIRTIO_CRYPTO_CIPHER_AES_CBC},
                                  {Cipher::kAesCbc256, VIRTIO_CRYPTO_CIPHER_AES_CBC},
                                  {Cipher::k3DesCbc, VIRTIO_CRYPTO_CIPHER_3DES_CBC}};

// Calls `take` with the pieces of the packet that [offset, +length) is in, cut to it.
template <typename Take>
void ForRange(std::span<const Segment> list, std::uint32_t offset, std::uint32_t length, Take take) {
  for (const Segment& piece : list) {
    if (length == 0) return;
    if (offset >= piece.length) {
      offset -= piece.length;
      continue;
    }
    const std::uint32_t part = std::min(length, piece.length - offset);
    take(piece.address + offset, part);
    offset = 0;
    length -= part;
  }
}

}  // namespace

std::uint32_t CipherNumber(Cipher cipher) {
  for (const CipherRow& row : kCiphers)
    if (row.cipher == cipher) return row.number;
  return 0;
}

struct CryptoQueue::Request {
  // Header, IV, the text twice, status.
  static constexpr std::size_t kMostDescriptors = 2 * (pcie::kMostSegments + 1) + 3;
  union {
    virtio_crypto_op_ctrl_req control;
    virtio_crypto_op_data_req data;
  };
  std::uint8_t iv[16];
  virtio_crypto_session_input created;
  std::uint8_t status;
  std::uint8_t padding[7];
  Descriptor table[kMostDescriptors];

  // Appends a descriptor to the table; the one before it points here.
  void Link(std::uint32_t& used, std::uint64_t address, std::uint32_t length, std::uint16_t flags) {
    if (used != 0) {
      table[used - 1].flags |= kNext;
      table[used - 1].next = static_cast<std::uint16_t>(used);
    }
    table[used++] = {address, length, flags, 0};
  }
};

std::size_t CryptoQueue::MemoryBytes(std::uint16_t data, std::uint16_t control) {
  const std::size_t bytes =
      Virtqueue::Bytes(data) + Virtqueue::Bytes(control) + (std::size_t{data} + control) * sizeof(Request);
  return (bytes + 63) / 64 * 64;
}

CryptoQueue::CryptoQueue(pcie::RegisterBus& bus, pcie::DmaBlock memory, CryptoQueueShape shape)
    : bus_(bus),
      memory_(memory),
      shape_(shape),
      data_({memory.bytes, memory.address, Virtqueue::Bytes(shape.data)}, shape.data),
      control_({memory.bytes + Virtqueue::Bytes(shape.data), memory.address + Virtqueue::Bytes(shape.data),
                Virtqueue::Bytes(shape.control)},
               shape.control),
      requests_(
          reinterpret_cast<Request*>(memory.bytes + Virtqueue::Bytes(shape.data) + Virtqueue::Bytes(shape.control))),
      works_(shape.entries),
      by_data_(shape.data),
      by_control_(shape.control) {}

CryptoQueue::Request& CryptoQueue::RequestOf(bool control, std::uint16_t id) {
  return requests_[control ? shape_.data + id : id];
}

std::uint64_t CryptoQueue::AddressOf(const void* bytes) const {
  return memory_.address + static_cast<std::uint64_t>(static_cast<const std::uint8_t*>(bytes) - memory_.bytes);
}

CryptoQueue::Work& CryptoQueue::Write(Work::What what, std::uint16_t tag, SaHandle sa) {
  Work& work = at(written_++);
  work = {};
  work.what = what;
  work.tag = tag;
  work.op.sa = sa;
  return work;
}

void CryptoQueue::AddSa(std::uint16_t tag, SaHandle handle, const SaSpec& spec, std::uint64_t keys) {
  Sa& sa = sas_[handle];
  sa = {};
  sa.transform = {spec.cipher, spec.integrity};
  sa.direction = spec.direction;
  if (spec.integrity != Integrity::kNone)
    sa.integrity = Transform::Create({spec.direction, Cipher::kNull, spec.integrity, {}, spec.integrity_key});
  Write(Work::What::kAdd, tag, handle).keys = keys;
}

void CryptoQueue::RemoveSa(std::uint16_t tag, SaHandle handle) {
  Write(Work::What::kRemove, tag, handle);
  if (const auto sa = sas_.find(handle); sa != sas_.end()) sa->second.removed = true;
}

void CryptoQueue::Packet(std::uint16_t tag, const CryptoOp& op, const pcie::Pieces& pieces) {
  Work& work = Write(Work::What::kPacket, tag, op.sa);
  work.op = op;
  work.pieces = pieces;
  const auto sa = sas_.find(op.sa);
  // What need not go to the device is answered here, and waits for its turn.
  if (sa == sas_.end() || sa->second.removed) {
    work.status = CompletionStatus::kNoSa;
  } else if (pieces.list.empty() || !ShapeFits(op, sa->second.transform)) {
    work.status = CompletionStatus::kBadShape;
  } else if (sa->second.integrity && sa->second.direction == Direction::kOpen &&
             sa->second.integrity->Apply(op) != Verdict::kOk) {
    work.status = CompletionStatus::kBadIcv;
  }
  work.done = work.status != CompletionStatus::kOk;
}

// Hands a piece of work to the device; false: it has to wait, and so has all behind it.
bool CryptoQueue::Post(std::uint64_t number) {
  Work& work = at(number);
  if (work.done) return true;
  const auto found = sas_.find(work.op.sa);
  if (found == sas_.end() || found->second.state == Sa::State::kRefused) {
    work.done = true;
    work.status = found == sas_.end() ? CompletionStatus::kNoSa : CompletionStatus::kRefused;
    return true;
  }
  const Sa& sa = found->second;
  if (work.what == Work::What::kAdd) return !control_.full() && PostAdd(number, sa);
  if (sa.state == Sa::State::kAsked) return false;
  if (work.what == Work::What::kRemove) return !control_.full() && PostRemove(number, sa);
  return !data_.full() && PostPacket(number, sa);
}

bool CryptoQueue::PostAdd(std::uint64_t number, const Sa& sa) {
  const std::uint16_t id = control_.Take();
  by_control_[id] = number + 1;
  Request& request = RequestOf(true, id);
  request.control = {};
  request.created = {};
  request.created.status = VIRTIO_CRYPTO_ERR;
  request.control.header.opcode = VIRTIO_CRYPTO_CIPHER_CREATE_SESSION;
  request.control.header.algo = CipherNumber(sa.transform.cipher);
  auto& session = request.control.u.sym_create_session;
  session.op_type = VIRTIO_CRYPTO_SYM_OP_CIPHER;
  session.u.cipher.para.algo = CipherNumber(sa.transform.cipher);
  session.u.cipher.para.keylen = static_cast<std::uint32_t>(Info(sa.transform.cipher).key_bytes);
  session.u.cipher.para.op = sa.direction == Direction::kSeal ? VIRTIO_CRYPTO_OP_ENCRYPT : VIRTIO_CRYPTO_OP_DECRYPT;
  std::uint32_t used = 0;
  request.Link(used, AddressOf(&request.control), sizeof request.control, 0);
  request.Link(used, at(number).keys, session.u.cipher.para.keylen, 0);
  request.Link(used, AddressOf(&request.created), sizeof request.created, kDeviceWrites);
  control_.Post(id, AddressOf(request.table), used);
  return true;
}

bool CryptoQueue::PostRemove(std::uint64_t number, const Sa& sa) {
  const std::uint16_t id = control_.Take();
  by_control_[id] = number + 1;
  Request& request = RequestOf(true, id);
  request.control = {};
  request.status = VIRTIO_CRYPTO_ERR;
  request.control.header.opcode = VIRTIO_CRYPTO_CIPHER_DESTROY_SESSION;
  request.control.u.destroy_session.session_id = sa.session;
  std::uint32_t used = 0;
  request.Link(used, AddressOf(&request.control), sizeof request.control, 0);
  request.Link(used, AddressOf(&request.status), sizeof request.status, kDeviceWrites);
  control_.Post(id, AddressOf(request.table), used);
  return true;
}

bool CryptoQueue::PostPacket(std::uint64_t number, const Sa& sa) {
  const Work& work = at(number);
  const CryptoOp& op = work.op;
  const std::uint16_t id = data_.Take();
  by_data_[id] = number + 1;
  Request& request = RequestOf(false, id);
  request.data = {};
  request.status = VIRTIO_CRYPTO_ERR;
  request.data.header.opcode =
      sa.direction == Direction::kSeal ? VIRTIO_CRYPTO_CIPHER_ENCRYPT : VIRTIO_CRYPTO_CIPHER_DECRYPT;
  request.data.header.algo = CipherNumber(sa.transform.cipher);
  request.data.header.session_id = sa.session;
  const auto iv_bytes = static_cast<std::uint32_t>(Info(sa.transform.cipher).iv_bytes);
  std::memcpy(request.iv, op.data + op.iv_offset, iv_bytes);
  auto& symmetric = request.data.u.sym_req;
  symmetric.op_type = VIRTIO_CRYPTO_SYM_OP_CIPHER;
  symmetric.u.cipher.para.iv_len = iv_bytes;
  symmetric.u.cipher.para.src_data_len = symmetric.u.cipher.para.dst_data_len = op.cipher_length;
  std::uint32_t used = 0;
  request.Link(used, AddressOf(&request.data), sizeof request.data, 0);
  request.Link(used, AddressOf(request.iv), iv_bytes, 0);
  for (const std::uint16_t flags : {std::uint16_t{0}, kDeviceWrites})  // in place
    ForRange(work.pieces.list, op.cipher_offset, op.cipher_length,
             [&](std::uint64_t address, std::uint32_t length) { request.Link(used, address, length, flags); });
  request.Link(used, AddressOf(&request.status), sizeof request.status, kDeviceWrites);
  data_.Post(id, AddressOf(request.table), used);
  return true;
}

void CryptoQueue::Ring() {
  while (posted_ != written_ && Post(posted_)) ++posted_;
  if (data_.Publish()) bus_.WriteAt(data_bell_, 2, 0);
  if (control_.Publish()) bus_.WriteAt(control_bell_, 2, shape_.control_index);
}

// Takes what the device has done; false: nothing.
bool CryptoQueue::Drain(bool control) {
  Virtqueue& queue = control ? control_ : data_;
  std::vector<std::uint64_t>& numbers = control ? by_control_ : by_data_;
  bool any = false;
  for (std::uint16_t seen = 0; seen < queue.size(); ++seen) {
    const std::optional<std::uint16_t> id = queue.NextUsed();
    if (!id) break;
    if (*id >= queue.size() || numbers[*id] == 0) {
      nonsense_ = true;
      break;
    }
    Finish(at(std::exchange(numbers[*id], 0) - 1), RequestOf(control, *id));
    queue.Free(*id);
    any = true;
  }
  return any;
}

void CryptoQueue::Finish(Work& work, const Request& request) {
  work.done = true;
  const auto found = sas_.find(work.op.sa);
  if (found == sas_.end()) return;
  Sa& sa = found->second;
  const auto ok = [](std::uint32_t status) { return status == VIRTIO_CRYPTO_OK; };
  switch (work.what) {
    case Work::What::kAdd: {
      const virtio_crypto_session_input created = request.created;  // the device may still write
      sa.session = created.session_id;
      sa.state = ok(created.status) ? Sa::State::kReady : Sa::State::kRefused;
      work.status = ok(created.status) ? CompletionStatus::kOk : CompletionStatus::kRefused;
      return;
    }
    case Work::What::kRemove:
      work.status = ok(request.status) ? CompletionStatus::kOk : CompletionStatus::kRefused;
      sas_.erase(found);
      return;
    case Work::What::kPacket:
      work.status = ok(request.status) ? CompletionStatus::kOk : CompletionStatus::kFault;
      if (work.status == CompletionStatus::kOk && sa.integrity && sa.direction == Direction::kSeal)
        WriteIcv(work.op, work.pieces, *sa.integrity);
      return;
  }
}

// Over the caller's bytes and the device's cipher text, into the packet where the device worked on it.
void CryptoQueue::WriteIcv(const CryptoOp& op, const pcie::Pieces& pieces, Transform& integrity) {
  scratch_.assign(op.data, op.data + op.size);
  const auto bytes_at = [this](std::uint64_t address) {
    return memory_.bytes + static_cast<std::ptrdiff_t>(address - memory_.address);
  };
  std::uint8_t* to = scratch_.data() + op.cipher_offset;
  ForRange(pieces.list, op.cipher_offset, op.cipher_length, [&](std::uint64_t address, std::uint32_t length) {
    std::memcpy(to, bytes_at(address), length);
    to += length;
  });
  CryptoOp work = op;
  work.data = scratch_.data();
  (void)integrity.Apply(work);
  const std::uint8_t* from = scratch_.data() + op.icv_offset;
  const auto icv = static_cast<std::uint32_t>(scratch_.size() - op.icv_offset);
  ForRange(pieces.list, op.icv_offset, icv, [&](std::uint64_t address, std::uint32_t length) {
    std::memcpy(bytes_at(address), from, length);
    from += length;
  });
}

bool CryptoQueue::Next(pcie::Answer& answer) {
  const bool control = Drain(true);
  if (Drain(false) || control) Ring();  // what waited for a session, or for room
  if (std::exchange(nonsense_, false)) {
    answer = {0xffff, CompletionStatus::kFault, 0, shape_.generation};
    return true;
  }
  if (answered_ == posted_ || !at(answered_).done) return false;
  const Work& work = at(answered_++);
  answer = {work.tag, work.status, work.op.sa, shape_.generation};
  return true;
}

}  // namespace sw::hal::virtio
