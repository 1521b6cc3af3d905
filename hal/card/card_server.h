// The card's model behind a vfio-user socket.
#pragma once

#include <memory>
#include <string>

#include "hal/card/pci_function.h"
#include "hal/vfio/function_server.h"

namespace sw::hal::card {

class CardServer final : private HostMemory {
 public:
  static Result<std::unique_ptr<CardServer>> Listen(const std::string& path, CardLimits limits,
                                                    std::unique_ptr<CryptoDevice> engine, FaultPlan plan);
  void Serve(Duration patience) { server_->Serve(patience); }
  int fd() const { return server_->fd(); }
  bool connected() const { return server_->connected(); }
  std::size_t maps() const { return server_->memory().size(); }

 private:
  CardServer(CardLimits limits, std::unique_ptr<CryptoDevice> engine);

  bool Read(std::uint64_t address, ByteSpan out) override { return server_->memory().Read(address, out); }
  bool Write(std::uint64_t address, ByteView bytes) override { return server_->memory().Write(address, bytes); }
  bool WriteFlag(std::uint64_t address, std::uint32_t value) override {
    return server_->memory().WriteFlag(address, value);
  }

  PciFunction function_;
  Card card_;
  std::unique_ptr<vfio::FunctionServer> server_;
};

}  // namespace sw::hal::card
