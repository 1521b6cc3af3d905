// The key exchange of a suite's group, as requests and answers: Diffie-Hellman, where both ends send the same kind of
// value, and the hybrid, where the answer follows from the request (hal/hybrid.h). Values; any thread.
#pragma once

#include <optional>
#include <variant>

#include "hal/hybrid.h"
#include "hal/primitives.h"
#include "hal/suites.h"

namespace sw::dvpn {

// What the end that asks keeps until it is answered.
class KeyRequest {
 public:
  static KeyRequest Make(hal::DhGroup group, Random& random);  // of a suite that passes ControlSuite()
  ByteView public_value() const;
  std::optional<SecretBytes> Agree(ByteView answer) const;  // nullopt: the answer is no key

 private:
  using Key = std::variant<hal::DhKey, hal::HybridKey>;
  explicit KeyRequest(Key key) : key_(std::move(key)) {}
  Key key_;
};

struct KeyAnswer {
  Bytes public_value;
  SecretBytes secret;
};
// nullopt: what was asked with is no key.
std::optional<KeyAnswer> AnswerKey(hal::DhGroup group, ByteView asked, Random& random);

}  // namespace sw::dvpn
