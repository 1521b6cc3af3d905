// What hal/crypto_device.h promises, as tests that any engine can be run against. An engine's own test file says
//   INSTANTIATE_TEST_SUITE_P(Software, CryptoDeviceContract, testing::Values(Engine{"software", make}));
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "hal/base/random.h"
#include "hal/crypto_device.h"

namespace sw::hal {

struct Engine {
  std::string name;
  // An engine with room for this many SAs and ops in flight.
  std::function<std::unique_ptr<CryptoDevice>(std::size_t max_sas, std::size_t queue_depth)> make;
};
inline std::ostream& operator<<(std::ostream& out, const Engine& engine) {
  return out << engine.name;
}

class CryptoDeviceContract : public testing::TestWithParam<Engine> {
 protected:
  static constexpr std::size_t kSas = 4, kDepth = 8;

  // iv | text | icv in one buffer, with the ranges that go with it.
  struct Job {
    Bytes data;
    CryptoOp op;
  };
  Job MakeJob(Cipher cipher, Integrity integrity, ByteView iv, ByteView text, ByteView icv) const;
  SaSpec MakeSpec(Direction direction, Capability transform);
  // Submits one op and waits for it; the wait is bounded.
  Verdict Run(SaHandle sa, Job& job);
  std::vector<CryptoOp> Collect(std::size_t count);

  SeededRandom random_{42};
  std::unique_ptr<CryptoDevice> device_ = GetParam().make(kSas, kDepth);
};

}  // namespace sw::hal
