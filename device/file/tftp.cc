#include "device/file/tftp.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "hal/base/bytes.h"

namespace sw::device {
namespace {

constexpr std::size_t kBlock = 512, kHeader = 4;
enum class Opcode : std::uint16_t { kRead = 1, kWrite = 2, kData = 3, kAck = 4, kError = 5 };
constexpr std::uint16_t kUnknownTransfer = 5, kNotDefined = 0, kDiskFull = 3;

std::vector<std::uint8_t> Header(Opcode opcode, std::uint16_t number) {
  std::vector<std::uint8_t> out(kHeader);
  Store16(&out[0], static_cast<std::uint16_t>(opcode));
  Store16(&out[2], number);
  return out;
}

std::vector<std::uint8_t> ErrorMessage(std::uint16_t code, std::string_view text) {
  std::vector<std::uint8_t> out = Header(Opcode::kError, code);
  out.insert(out.end(), text.begin(), text.end());
  out.push_back(0);
  return out;
}

std::vector<std::uint8_t> RequestMessage(const TftpOrder& order) {
  constexpr std::string_view kMode = "octet";
  std::vector<std::uint8_t> out(2);
  Store16(&out[0], static_cast<std::uint16_t>(order.put ? Opcode::kWrite : Opcode::kRead));
  out.insert(out.end(), order.remote.begin(), order.remote.end());
  out.push_back(0);
  out.insert(out.end(), kMode.begin(), kMode.end());
  out.push_back(0);
  return out;
}

// What a server says of its reasons, fit for a terminal.
std::string WordsOf(ByteView message) {
  constexpr std::size_t kMost = 200;
  std::string out;
  for (const std::uint8_t byte : message.subspan(kHeader)) {
    if (byte == 0 || out.size() == kMost) break;
    out += byte >= 0x20 && byte < 0x7f ? static_cast<char>(byte) : '.';
  }
  return out.empty() ? "error " + std::to_string(Load16(&message[2])) : out;
}

class Transfer final : public Tftp {
 public:
  Transfer(Platform& platform, TftpOrder order, std::function<void(Result<std::string>)> done)
      : platform_(platform), order_(std::move(order)), done_(std::move(done)), server_{order_.server, kPort} {}
  ~Transfer() override { platform_.scheduler().Cancel(timer_); }

  Status Begin() {
    Result<std::unique_ptr<UdpPort>> port =
        platform_.OpenUdp({}, [this](std::vector<dvpn::Datagram>& burst) { OnDatagrams(burst); });
    if (!port.ok()) return port.status();
    port_ = std::move(*port);
    last_ = RequestMessage(order_);
    timer_ = platform_.scheduler().At(platform_.scheduler().now(), [this] { SendLast(); });
    return {};
  }

  void Cancel() override {
    Refuse(kNotDefined, "cancelled");
    Finish(Status(Code::kBusy, "Cancelled"));
  }

 private:
  bool SendTo(Endpoint to, ByteView message) {
    std::vector<dvpn::Datagram> burst;
    PacketPtr packet = platform_.packets().Copy(message);
    if (!packet) return false;
    burst.push_back({to, std::move(packet)});
    return port_->Send(burst) == 0;
  }
  void Refuse(std::uint16_t code, std::string_view why) {
    if (known_) (void)SendTo(server_, ErrorMessage(code, why));
  }

  void SendLast() {
    timer_ = 0;
    if (sent_ == kTries) return Finish(Status(Code::kBusy, server_.address.ToString() + " does not answer"));
    ++sent_;
    // What the system refuses is tried again like what is lost, but the last time it is the reason.
    if (!SendTo(server_, last_) && sent_ == kTries)
      return Finish(Status(Code::kNotFound, "no way to " + server_.address.ToString()));
    timer_ = platform_.scheduler().At(platform_.scheduler().now() + kTimeout, [this] { SendLast(); });
  }
  void SendNext(std::vector<std::uint8_t> message) {
    last_ = std::move(message);
    sent_ = 0;
    platform_.scheduler().Cancel(std::exchange(timer_, 0));
    SendLast();
  }

  void OnDatagrams(std::vector<dvpn::Datagram>& burst) {
    for (const dvpn::Datagram& each : burst) Take(each.peer, std::as_const(*each.packet).data());
    burst.clear();
  }

  void Take(Endpoint from, ByteView message) {
    if (from.address != server_.address || message.size() < kHeader || finished_) return;
    if (known_ && from != server_) {
      (void)SendTo(from, ErrorMessage(kUnknownTransfer, "unknown transfer ID"));
      return;
    }
    const auto opcode = static_cast<Opcode>(Load16(&message[0]));
    const std::uint16_t number = Load16(&message[2]);
    if (opcode == Opcode::kError) return Finish(Status(Code::kDenied, "The server says: " + WordsOf(message)));
    if (opcode == Opcode::kData && !order_.put) {
      Settle(from);
      TakeData(number, message.subspan(kHeader));
    } else if (opcode == Opcode::kAck && order_.put) {
      if (!known_ && number != 0) return;
      Settle(from);
      TakeAck(number);
    }
  }
  // The port that the first answer comes from is the server's for the rest.
  void Settle(Endpoint from) {
    known_ = true;
    server_ = from;
  }

  void TakeData(std::uint16_t number, ByteView data) {
    if (data.size() > kBlock) return;
    if (number == block_ && blocks_ != 0) {  // our acknowledgement was lost
      (void)SendTo(server_, Header(Opcode::kAck, number));
      return;
    }
    if (number != static_cast<std::uint16_t>(block_ + 1)) return;
    if (got_.size() + data.size() > order_.most) {
      Refuse(kDiskFull, "too large");
      return Finish(Status(Code::kUnsupported, "The file is larger than " + std::to_string(order_.most) + " bytes"));
    }
    got_.append(data.begin(), data.end());
    block_ = number;
    ++blocks_;
    if (data.size() == kBlock) return SendNext(Header(Opcode::kAck, number));
    (void)SendTo(server_, Header(Opcode::kAck, number));
    Finish(std::move(got_));
  }

  void TakeAck(std::uint16_t number) {
    if (number != block_) return;  // an old one: answering it would double the traffic (RFC 1123 4.2.3.1)
    if (last_block_sent_) return Finish(std::string());
    const std::size_t at = blocks_ * kBlock;
    const std::size_t size = std::min(kBlock, order_.content.size() - at);
    ++block_;
    ++blocks_;
    last_block_sent_ = size < kBlock;
    std::vector<std::uint8_t> message = Header(Opcode::kData, block_);
    const auto from = order_.content.begin() + static_cast<std::ptrdiff_t>(at);
    message.insert(message.end(), from, from + static_cast<std::ptrdiff_t>(size));
    SendNext(std::move(message));
  }

  // Told later, from the scheduler alone: the owner may destroy this, and with it the port, inside the call.
  void Finish(Result<std::string> result) {
    if (std::exchange(finished_, true)) return;
    platform_.scheduler().Cancel(std::exchange(timer_, 0));
    timer_ = platform_.scheduler().At(platform_.scheduler().now(), [this, result = std::move(result)]() mutable {
      timer_ = 0;
      const auto done = done_;
      done(std::move(result));
    });
  }

  Platform& platform_;
  TftpOrder order_;
  std::function<void(Result<std::string>)> done_;
  Endpoint server_;
  bool known_ = false, finished_ = false, last_block_sent_ = false;
  std::unique_ptr<UdpPort> port_;
  Scheduler::TimerId timer_ = 0;
  int sent_ = 0;
  std::vector<std::uint8_t> last_;  // to be sent again
  std::string got_;
  std::uint16_t block_ = 0;  // the last one got, or sent
  std::size_t blocks_ = 0;
};

}  // namespace

Result<std::unique_ptr<Tftp>> StartTftp(Platform& platform, TftpOrder order,
                                        std::function<void(Result<std::string>)> done) {
  auto transfer = std::make_unique<Transfer>(platform, std::move(order), std::move(done));
  SW_TRY(transfer->Begin());
  return std::unique_ptr<Tftp>(std::move(transfer));
}

}  // namespace sw::device
