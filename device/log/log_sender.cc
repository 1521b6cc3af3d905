#include "device/log/log_sender.h"

#include <utility>
#include <vector>

namespace sw::device {

void LogSender::Send(Endpoint host, std::string line) {
  if (waiting_.size() >= kMostWaiting) {
    ++lost_;
    return;
  }
  waiting_.push_back({host, std::move(line)});
  if (timer_ == 0) timer_ = platform_.scheduler().At(platform_.scheduler().now(), [this] { Flush(); });
}

void LogSender::Flush() {
  timer_ = 0;
  const std::deque<Waiting> lines = std::exchange(waiting_, {});
  if (const Ipv4 source = source_(); port_ == nullptr || source != bound_) {
    port_.reset();
    Result<std::unique_ptr<UdpPort>> port = platform_.OpenUdp({source, 0}, [](auto& burst) { burst.clear(); });
    if (port.ok()) port_ = std::move(*port);
    bound_ = source;
  }
  if (port_ == nullptr) {
    lost_ += lines.size();
    return;
  }
  std::vector<dvpn::Datagram> burst;
  for (const Waiting& line : lines) {
    PacketPtr packet = platform_.packets().Take();
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(line.line.data());
    if (!packet->Assign(ByteView(bytes, line.line.size()))) {
      ++lost_;
      continue;
    }
    burst.push_back({line.host, std::move(packet)});
  }
  const std::size_t made = burst.size(), refused = port_->Send(burst);
  sent_ += made - refused;
  lost_ += refused;
}

}  // namespace sw::device
