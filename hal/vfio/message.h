// Whole messages out of a byte stream that may break anywhere, and back into a socket.
#pragma once

#include <cstring>
#include <optional>
#include <type_traits>
#include <vector>

#include "hal/base/bytes.h"
#include "hal/base/clock.h"
#include "hal/base/result.h"
#include "hal/ports/descriptor.h"
#include "hal/vfio/wire.h"

namespace sw::hal::vfio {

struct Message {
  Header header{};
  Bytes body;
  std::vector<Descriptor> fds;
  bool fds_cut = false;  // more came than the receiver takes; the surplus is closed already

  bool reply() const { return (header.flags & kFlagTypeMask) == kFlagReply; }
  // The structure at the front of the body; nullopt when it is not all there.
  template <typename T>
  std::optional<T> As() const {
    static_assert(std::is_trivially_copyable_v<T>);
    if (body.size() < sizeof(T)) return std::nullopt;
    T out;
    std::memcpy(&out, body.data(), sizeof out);
    return out;
  }
};

template <typename T>
void Append(Bytes& out, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(&value);
  out.insert(out.end(), bytes, bytes + sizeof value);
}

// Fed with at most wanted() bytes at a time, so that descriptors never belong to another message than the one they came
// with.
class Assembler {
 public:
  std::size_t wanted() const;
  void Feed(ByteView bytes, std::vector<Descriptor> fds, bool fds_cut);
  bool broken() const { return broken_; }  // a size that no message can have: the stream is lost
  std::optional<Message> Take();           // the message, once it is whole
  bool midway() const { return !bytes_.empty(); }

 private:
  Bytes bytes_;
  std::vector<Descriptor> fds_;
  bool fds_cut_ = false, broken_ = false;
};

// One connected socket. Never waits longer than it is told to.
class MessageSocket {
 public:
  explicit MessageSocket(Descriptor socket) : socket_(std::move(socket)) {}
  int fd() const { return socket_.get(); }
  bool open() const { return socket_.valid(); }
  void Close() { socket_ = Descriptor(); }

  // Header, body and descriptors in one call where the socket takes it. False and closed: the other side is gone, or
  // did not read for `patience`.
  bool Send(const Header& header, ByteView body, std::span<const int> fds, Duration patience);
  // The next message, waiting up to `patience` (0: only what is there). Nothing and closed: gone, or broken.
  std::optional<Message> Receive(Duration patience);
  bool midway() const { return assembler_.midway(); }

 private:
  bool Fill(bool& drained);
  Descriptor socket_;
  Assembler assembler_;
};

Result<Descriptor> ListenUnix(const std::string& path);  // replaces a socket that nobody listens on
Result<Descriptor> ConnectUnix(const std::string& path, Duration patience);

}  // namespace sw::hal::vfio
