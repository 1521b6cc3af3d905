// What hal/crypto_device.h promises, as tests that any engine can be run against. An engine's own test file says
//   INSTANTIATE_TEST_SUITE_P(Software, CryptoDeviceContract, testing::Values(Engine{"software", make}));
// and its program links this library. What is promised of a transform is tested where the engine offers it.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "hal/base/random.h"
#include "hal/crypto_device.h"

namespace sw::hal {

struct Engine {
  std::string name;
  // An engine with room for this many SAs and ops in flight.
  std::function<std::unique_ptr<CryptoDevice>(std::size_t max_sas, std::size_t queue_depth)> make;
  bool every_suite = true;  // false: it has some transforms, and software beside it has the rest
};
inline std::ostream& operator<<(std::ostream& out, const Engine& engine) {
  return out << engine.name;
}

class CryptoDeviceContract : public testing::TestWithParam<Engine> {
 protected:
  static constexpr std::size_t kSas = 4, kDepth = 8;

  bool Has(Cipher cipher, Integrity integrity) const;
  // An engine of some transforms has not this one.
  bool Lacks(Cipher cipher, Integrity integrity) const { return !GetParam().every_suite && !Has(cipher, integrity); }
  // `wanted` where the engine has it, or else its first that encrypts and authenticates.
  Capability Some(Capability wanted) const;

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

// A program that includes this file gets the tests, though it names none of them.
int LinkCryptoDeviceContract();
inline const int kCryptoDeviceContractLinked = LinkCryptoDeviceContract();

}  // namespace sw::hal
