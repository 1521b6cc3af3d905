#include "device/ping/ping.h"

#include <algorithm>
#include <utility>

namespace sw::device {
namespace {

class EchoRun final : public Ping {
 public:
  EchoRun(Platform& platform, PingOptions options, std::function<void(const PingEvent&)> events)
      : scheduler_(platform.scheduler()), options_(options), events_(std::move(events)) {}
  ~EchoRun() override { scheduler_.Cancel(timer_); }

  Status Open(Platform& platform) {
    Result<std::unique_ptr<EchoPort>> port = platform.OpenEcho([this](const EchoReply& r) { OnReply(r); });
    if (!port.ok()) return port.status();
    port_ = std::move(*port);
    timer_ = scheduler_.At(scheduler_.now(), [this] { SendNext(); });
    return {};
  }

  void Cancel() override { Finish(); }

 private:
  void SendNext() {
    timer_ = 0;
    if (sequence_ == options_.count) return Finish();
    ++sequence_;
    ++summary_.sent;
    sent_at_ = scheduler_.now();
    awaiting_ = true;
    EchoRequest request = options_.request;
    request.sequence = static_cast<std::uint16_t>(sequence_);
    if (request.port != 0) request.port = ProbePort(request.port, sequence_ - 1);
    if (Status sent = port_->Send(request); !sent.ok()) {
      awaiting_ = false;
      timer_ = scheduler_.At(scheduler_.now() + options_.pause, [this] { SendNext(); });
      PingEvent event{PingEvent::Kind::kError, {}, sequence_, {}, std::move(sent), {}};
      return Tell(std::move(event));
    }
    if (!awaiting_) return;  // answered from inside Send
    timer_ = scheduler_.At(sent_at_ + options_.timeout, [this] { OnTimeout(); });
  }

  void OnTimeout() {
    awaiting_ = false;
    timer_ = scheduler_.At(scheduler_.now(), [this] { SendNext(); });
    Tell({PingEvent::Kind::kTimeout, {}, sequence_, {}, {}, {}});
  }

  void OnReply(const EchoReply& reply) {
    if (!awaiting_ || reply.sequence != static_cast<std::uint16_t>(sequence_)) return;  // too late to count
    awaiting_ = false;
    const Duration trip = scheduler_.now() - sent_at_;
    PingEvent event{PingEvent::Kind::kReply, reply, sequence_, trip, {}, {}};
    if (reply.answer == EchoAnswer::kReply) {
      summary_.min = summary_.received == 0 ? trip : std::min(summary_.min, trip);
      summary_.max = std::max(summary_.max, trip);
      total_ += trip;
      ++summary_.received;
    } else {
      event.kind =
          reply.answer == EchoAnswer::kUnreachable ? PingEvent::Kind::kUnreachable : PingEvent::Kind::kTimeExceeded;
    }
    scheduler_.Cancel(timer_);
    timer_ = scheduler_.At(scheduler_.now() + (sequence_ == options_.count ? Duration{0} : options_.pause),
                           [this] { SendNext(); });
    Tell(std::move(event));
  }

  void Finish() {
    if (finished_) return;
    finished_ = true;
    awaiting_ = false;
    scheduler_.Cancel(std::exchange(timer_, 0));
    if (summary_.received != 0) summary_.average = total_ / summary_.received;
    Tell({PingEvent::Kind::kFinished, {}, sequence_, {}, {}, summary_});
  }

  // The last thing each function does: the owner may destroy this run from inside the call.
  void Tell(PingEvent event) {
    const auto events = events_;
    events(event);
  }

  Scheduler& scheduler_;
  PingOptions options_;
  std::function<void(const PingEvent&)> events_;
  std::unique_ptr<EchoPort> port_;
  Scheduler::TimerId timer_ = 0;
  int sequence_ = 0;
  bool awaiting_ = false, finished_ = false;
  Time sent_at_;
  Duration total_{0};
  PingSummary summary_;
};

}  // namespace

std::uint16_t ProbePort(std::uint16_t first, int further) {
  return static_cast<std::uint16_t>((first - 1 + further) % 0xffff + 1);
}

Result<std::unique_ptr<Ping>> StartPing(Platform& platform, PingOptions options,
                                        std::function<void(const PingEvent&)> events) {
  auto run = std::make_unique<EchoRun>(platform, options, std::move(events));
  SW_TRY(run->Open(platform));
  return std::unique_ptr<Ping>(std::move(run));
}

}  // namespace sw::device
