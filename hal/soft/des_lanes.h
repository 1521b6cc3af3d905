// DES and triple DES in CBC, 32 blocks at a time: the blocks of a packet to be decrypted, or one block each of as many
// packets to be encrypted. For processors with AVX2; how it works is said in hal/soft/des_wiring.h. Time does not
// depend on keys or text.
//
// One thread per DesLanes. Keys may be prepared by one and used by another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "hal/base/bytes.h"

namespace sw::hal {

// The round keys of one SA in the order of their use.
class DesSchedule {
 public:
  // 8 bytes, or 24 for three keys (EDE). Parity is not looked at.
  DesSchedule(ByteView key, bool encrypt);
  DesSchedule(const DesSchedule&) = delete;
  DesSchedule& operator=(const DesSchedule&) = delete;
  ~DesSchedule();  // wipes

  std::size_t rounds() const { return rounds_; }                // 16 or 48
  const std::uint8_t (*rounds_of() const)[8] { return keys_; }  // a byte per S-box for each

 private:
  void Append(ByteView key, bool encrypt);
  std::size_t rounds_ = 0;
  std::uint8_t keys_[48][8];
};

class DesLanes {
 public:
  static constexpr std::size_t kLanes = 32;

  static bool Supported();  // by this processor
  DesLanes();
  ~DesLanes();  // wipes

  // `text`: whole blocks, in place.
  struct Job {
    const DesSchedule* keys;  // made for what is done
    const std::uint8_t* iv;
    std::uint8_t* text;
    std::size_t bytes;
  };
  void Encrypt(std::span<const Job> burst);
  void Decrypt(std::span<const Job> burst);

 private:
  struct Room;
  void EncryptLanes(std::span<const Job> lanes);

  std::unique_ptr<Room> room_;
  std::vector<Job> sorted_;  // kept for its room
};

}  // namespace sw::hal
