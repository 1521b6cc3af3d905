// A PCI function behind a vfio-user socket: what a process needs to be a card. One client at a time; the next one finds
// a card that was just plugged in.
//
// The caller's thread serves: Serve waits for one message at most as long as it is told, and lets the function work.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "hal/base/clock.h"
#include "hal/vfio/message.h"
#include "hal/vfio/server.h"

namespace sw::hal::vfio {

// A function that also works by itself.
class ServedFunction : public Function {
 public:
  // Does what is due. Returns when it wants to be called again; Never(): after the next message.
  virtual Time Work(Time now) = 0;
  virtual void Detach() = 0;      // the client is gone, and so are its memory and its descriptors
  virtual bool gone() const = 0;  // pulled out of its slot: the connection is closed
};

class FunctionServer final {
 public:
  // The function outlives the server. The socket's file is removed when the server goes.
  static Result<std::unique_ptr<FunctionServer>> Listen(const std::string& path, ServedFunction& function);
  ~FunctionServer();
  void Serve(Duration patience);  // waits up to `patience` for something to do and does it
  int fd() const { return listener_.get(); }
  bool connected() const { return socket_.has_value(); }
  DmaTable& memory() { return memory_; }  // what the client lent

 private:
  FunctionServer(std::string path, Descriptor listener, ServedFunction& function)
      : path_(std::move(path)), listener_(std::move(listener)), function_(function) {}
  void Accept();
  void Drop();
  void HandleOne();
  std::optional<Message> Ask(Command command, ByteView body);

  // The client's memory by messages, for what it lent without a descriptor.
  class Remote final : public RemoteMemory {
   public:
    explicit Remote(FunctionServer& server) : server_(server) {}
    bool Read(std::uint64_t address, ByteSpan out) override;
    bool Write(std::uint64_t address, ByteView bytes) override;

   private:
    FunctionServer& server_;
  };

  std::string path_;
  Descriptor listener_;
  ServedFunction& function_;
  Remote remote_{*this};
  DmaTable memory_{remote_};
  std::optional<MessageSocket> socket_;
  std::optional<ServerSession> session_;
  std::deque<Message> waiting_;  // came while an answer of the client was awaited
  std::uint16_t next_id_ = 0;
  Time wake_ = Time::Never();
};

}  // namespace sw::hal::vfio
