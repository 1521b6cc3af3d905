// What the ipsec layer may ask of any crypto engine: install an SA, submit a burst, collect completions.
//
// Nothing here knows of PCIe or of OpenSSL. Engines: hal/soft/software_device.h. Tests: tests/contract holds every
// engine to this page; hal/testing/mock_crypto_device.h stands in for one.
// Threads: one thread per device. Nothing blocks. Order: AddSa before Submit of its ops; RemoveSa only after every op
// of that SA was completed. Operations of one SA complete in the order they were submitted. A device that fails still
// completes what it took, with kFault. Completions go to whoever asks, so a device has one user: several users of one
// card each get a queue of it as a device of their own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "hal/base/result.h"
#include "hal/base/secret.h"
#include "hal/suites.h"

namespace sw::hal {

enum class Direction : std::uint8_t { kSeal, kOpen };

// The transform of one SA: what an engine needs to know of it. Layout, sequence numbers and replay are ipsec's.
struct SaSpec {
  Direction direction = Direction::kSeal;
  Cipher cipher = Cipher::kNull;
  Integrity integrity = Integrity::kNone;
  SecretBytes cipher_key;     // Info(cipher).key_bytes
  SecretBytes integrity_key;  // Info(integrity).key_bytes
};

using SaHandle = std::uint32_t;

enum class Verdict : std::uint8_t {
  kOk,
  kBadIcv,    // opening: the integrity check failed; the bytes are undefined
  kBadShape,  // lengths that no packet of this SA can have
  kNoSa,      // the handle is unknown
  kFault,     // the engine failed; retry elsewhere
};

// One packet's worth of work, in place. Ranges are offsets into `data`:
//   sealing: encrypts [cipher_offset, +cipher_length), then writes the ICV over [auth_offset, +auth_length)
//            to icv_offset; opening: decrypts and checks the ICV; where that is wrong the text is undefined.
// With an AEAD cipher the auth range is the additional data alone, and the ICV is the cipher's tag.
// The IV is read from iv_offset (Info(cipher).iv_bytes). `data` must stay valid until completion.
struct CryptoOp {
  SaHandle sa = 0;
  std::uint8_t* data = nullptr;
  std::uint32_t size = 0;
  std::uint32_t iv_offset = 0;
  std::uint32_t cipher_offset = 0, cipher_length = 0;
  std::uint32_t auth_offset = 0, auth_length = 0;
  std::uint32_t icv_offset = 0;
  std::uint64_t context = 0;  // the caller's, returned untouched
  Verdict verdict = Verdict::kOk;
};

struct Capability {
  Cipher cipher;
  Integrity integrity;
};
// What an engine of two parts measured of itself: one packet at a time, and many.
struct EngineFigure {
  Capability transform;
  Direction direction = Direction::kSeal;
  double one = 0, many = 0;     // megabytes of packet text per second
  std::uint32_t many_from = 0;  // bursts of this length and longer go the second way; 0: none
};
struct Capabilities {
  std::string engine;                  // "software (OpenSSL 3.0.x)"
  std::vector<Capability> transforms;  // only those whose known-answer test passed
  std::size_t max_sas = 0;
  std::size_t max_burst = 0;          // ops in flight
  std::vector<EngineFigure> figures;  // empty: there is no choice to make
};

enum class Health : std::uint8_t { kUp, kDown };

class EnginePlan;

class CryptoDevice {
 public:
  virtual ~CryptoDevice() = default;
  virtual const Capabilities& capabilities() const = 0;
  virtual Health health() const = 0;
  // Where the calling thread does the work itself, other threads may have an engine like it of their own
  // (hal/soft/burst_engine.h), made to this plan. Null: a card's work is the card's.
  virtual const EnginePlan* per_thread() const { return nullptr; }
  // Dry run of AddSa: kBadValue for key sizes, kUnsupported for a transform it lacks, kBusy when full.
  virtual Status Validate(const SaSpec&) const = 0;
  virtual Result<SaHandle> AddSa(const SaSpec&) = 0;
  virtual Status RemoveSa(SaHandle) = 0;  // kNotFound; kInUse: ops not completed yet
  // Accepts a prefix of the burst and returns its length; the caller keeps the rest.
  virtual std::size_t Submit(std::span<const CryptoOp> burst) = 0;
  // Fills a prefix of `done` with finished ops and returns its length.
  virtual std::size_t Complete(std::span<CryptoOp> done) = 0;
};

}  // namespace sw::hal
