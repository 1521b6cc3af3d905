// CryptoDevice for expectations: what a user of an engine does when the engine is slow, full or broken.
#pragma once

#include <gmock/gmock.h>

#include "hal/crypto_device.h"

namespace sw::hal {

class MockCryptoDevice : public CryptoDevice {
 public:
  MOCK_METHOD(const Capabilities&, capabilities, (), (const, override));
  MOCK_METHOD(Health, health, (), (const, override));
  MOCK_METHOD(Status, Validate, (const SaSpec&), (const, override));
  MOCK_METHOD(Result<SaHandle>, AddSa, (const SaSpec&), (override));
  MOCK_METHOD(Status, RemoveSa, (SaHandle), (override));
  MOCK_METHOD(std::size_t, Submit, (std::span<const CryptoOp>), (override));
  MOCK_METHOD(std::size_t, Complete, (std::span<CryptoOp>), (override));
};

}  // namespace sw::hal
