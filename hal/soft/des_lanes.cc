#include "hal/soft/des_lanes.h"

#include <openssl/crypto.h>

#include <algorithm>

#include "hal/soft/des_kernel.h"
#include "hal/soft/des_wiring.h"

namespace sw::hal {

static_assert(DesLanes::kLanes == des::kLanes);

DesSchedule::DesSchedule(ByteView key, bool encrypt) {
  const std::size_t keys = key.size() / 8;
  for (std::size_t i = 0; i < keys; ++i) {  // EDE: the middle one works the other way
    const std::size_t nth = encrypt ? i : keys - 1 - i;
    Append(key.subspan(8 * nth, 8), encrypt == (nth % 2 == 0));
  }
}

DesSchedule::~DesSchedule() {
  OPENSSL_cleanse(keys_, sizeof keys_);
}

void DesSchedule::Append(ByteView key, bool encrypt) {
  const auto key_bit = [&](int bit) { return key[static_cast<std::size_t>(bit / 8)] >> (7 - bit % 8) & 1; };
  int turned = 0;
  for (int i = 0; i < 16; ++i) {
    turned += des::kShifts[i];
    std::uint8_t(&round)[8] = keys_[rounds_ + static_cast<std::size_t>(encrypt ? i : 15 - i)];
    for (int box = 0; box < 8; ++box) {
      round[box] = 0;
      for (int e = 0; e < 6; ++e) {
        const int bit = des::kPc2[6 * box + e] - 1;                 // of the two turned halves of 28 bits
        const int from = bit / 28 * 28 + (bit % 28 + turned) % 28;  // of them as they were
        round[box] = static_cast<std::uint8_t>(round[box] | key_bit(des::kPc1[from] - 1) << des::kWiring.place[box][e]);
      }
    }
  }
  rounds_ += 16;
}

struct DesLanes::Room {
  ~Room() { OPENSSL_cleanse(&state, sizeof state); }
  des::KernelState state;
  alignas(8) std::uint8_t nowhere[8] = {};  // where lanes without work do it
};

bool DesLanes::Supported() {
  return __builtin_cpu_supports("avx2");
}

DesLanes::DesLanes() : room_(std::make_unique<Room>()) {}
DesLanes::~DesLanes() = default;

// Lanes that have packets of one length to do stop together.
void DesLanes::Encrypt(std::span<const Job> burst) {
  sorted_.assign(burst.begin(), burst.end());
  std::ranges::sort(sorted_, [](const Job& a, const Job& b) {
    return a.keys->rounds() != b.keys->rounds() ? a.keys->rounds() < b.keys->rounds() : a.bytes > b.bytes;
  });
  for (std::size_t at = 0; at < sorted_.size();) {
    std::size_t end = at + 1;
    while (end < sorted_.size() && end - at < kLanes && sorted_[end].keys->rounds() == sorted_[at].keys->rounds())
      ++end;
    EncryptLanes(std::span(sorted_).subspan(at, end - at));
    at = end;
  }
}

void DesLanes::EncryptLanes(std::span<const Job> lanes) {
  des::KernelState& state = room_->state;
  const std::size_t rounds = lanes[0].keys->rounds();
  des::LaneKeys keys[kLanes];
  bool one_key = true;
  for (std::size_t i = 0; i < kLanes; ++i) {
    const Job& job = lanes[std::min(i, lanes.size() - 1)];
    const bool works = i < lanes.size();
    keys[i] = job.keys->rounds_of();
    one_key = one_key && job.keys == lanes[0].keys;
    state.at[i] = works ? job.text : room_->nowhere;
    state.step[i] = works ? 8 : 0;
    state.before[i] = works ? job.iv : room_->nowhere;
  }
  if (one_key) {
    des::SpreadOneKey(state, keys[0], rounds);
  } else {
    des::SpreadKeys(state, keys, rounds);
  }
  des::StartChain(state);
  std::size_t done = 0;
  for (std::size_t working = lanes.size(); working != 0;) {
    const std::size_t blocks = lanes[working - 1].bytes / 8;
    des::EncryptChain(state, rounds, blocks - done);
    done = blocks;
    for (; working != 0 && lanes[working - 1].bytes / 8 == done; --working) {
      state.at[working - 1] = room_->nowhere;
      state.step[working - 1] = 0;
    }
  }
}

// Backwards, so that the cipher text in front of a block is still there. Where keys change, lanes that are few wait for
// the blocks of a small packet; a large one is quicker with a key for all lanes.
void DesLanes::Decrypt(std::span<const Job> burst) {
  des::KernelState& state = room_->state;
  des::LaneKeys keys[kLanes];
  des::LaneKeys spread = nullptr;  // what the state has for all lanes
  std::size_t lanes = 0, rounds = 0;
  const auto run = [&] {
    if (lanes == 0) return;
    for (std::size_t i = lanes; i < kLanes; ++i) {
      keys[i] = keys[0];
      state.at[i] = room_->nowhere;
      state.before[i] = room_->nowhere;
    }
    if (std::ranges::any_of(keys, [&](des::LaneKeys k) { return k != keys[0]; })) {
      des::SpreadKeys(state, keys, rounds);
      spread = nullptr;
    } else if (spread != keys[0]) {
      des::SpreadOneKey(state, keys[0], rounds);
      spread = keys[0];
    }
    des::DecryptBlocks(state, rounds);
    lanes = 0;
  };
  for (const Job& job : burst) {
    const des::LaneKeys mine = job.keys->rounds_of();
    if (lanes != 0 && mine != keys[lanes - 1] &&
        (lanes >= kLanes / 2 || job.bytes >= kLanes * 8 || job.keys->rounds() != rounds))
      run();
    rounds = job.keys->rounds();
    for (std::size_t at = job.bytes; at != 0;) {
      at -= 8;
      keys[lanes] = mine;
      state.at[lanes] = job.text + at;
      state.before[lanes] = at == 0 ? job.iv : job.text + at - 8;
      if (++lanes == kLanes) run();
    }
  }
  run();
}

}  // namespace sw::hal
