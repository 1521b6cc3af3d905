// The card behind a vfio-user socket: one client at a time, the next one finds a card that was just plugged in.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "hal/card/pci_function.h"
#include "hal/vfio/message.h"
#include "hal/vfio/server.h"

namespace sw::hal::card {

class CardServer final : private HostMemory {
 public:
  static Result<std::unique_ptr<CardServer>> Listen(const std::string& path, CardLimits limits,
                                                    std::unique_ptr<CryptoDevice> engine, FaultPlan plan);
  ~CardServer();
  // Waits up to `patience` for something to do and does it.
  void Serve(Duration patience);
  int fd() const { return listener_.get(); }
  bool connected() const { return socket_.has_value(); }
  std::size_t maps() const { return memory_.size(); }

 private:
  CardServer(std::string path, Descriptor listener, CardLimits limits, std::unique_ptr<CryptoDevice> engine);
  void Accept();
  void Drop();
  void HandleOne();
  std::optional<vfio::Message> Ask(vfio::Command command, ByteView body);

  bool Read(std::uint64_t address, ByteSpan out) override { return memory_.Read(address, out); }
  bool Write(std::uint64_t address, ByteView bytes) override { return memory_.Write(address, bytes); }
  bool WriteFlag(std::uint64_t address, std::uint32_t value) override { return memory_.WriteFlag(address, value); }

  // The client's memory by messages, for what it lent without a descriptor.
  class Remote final : public vfio::RemoteMemory {
   public:
    explicit Remote(CardServer& server) : server_(server) {}
    bool Read(std::uint64_t address, ByteSpan out) override;
    bool Write(std::uint64_t address, ByteView bytes) override;

   private:
    CardServer& server_;
  };

  std::string path_;
  Descriptor listener_;
  Remote remote_{*this};
  vfio::DmaTable memory_{remote_};
  PciFunction function_;
  Card card_;
  std::optional<vfio::MessageSocket> socket_;
  std::optional<vfio::ServerSession> session_;
  std::deque<vfio::Message> waiting_;  // came while an answer of the client was awaited
  std::uint16_t next_id_ = 0;
  Time wake_ = Time::Never();
};

}  // namespace sw::hal::card
