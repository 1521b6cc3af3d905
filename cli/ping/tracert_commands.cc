// `tracert`. Options and defaults: Router 3000 command reference page 52. The probes are echo requests, which what
// stands between lets through more readily; with -p they are datagrams to UDP ports from there on, where nobody is
// expected.
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <optional>

#include "cli/session/operator.h"
#include "cli/session/refusals.h"
#include "cli/subjects.h"
#include "device/device.h"
#include "device/ping/ping.h"

namespace sw::cli {
namespace {

struct TraceOptions {
  Ipv4 host;
  std::optional<Ipv4> source;
  int first = 1, last = 30, probes = 3;
  int port = 0;  // of the first datagram; 0: echo requests
  Duration timeout = std::chrono::milliseconds(5000);
};

// One run of probes per hop, until the host or an obstacle answers.
class TracertTask final : public Task {
 public:
  TracertTask(Operator& session, const TraceOptions& options) : session_(session), options_(options) {}

  Status Begin() {
    session_.Print(fmt::format(" traceroute to {} ({}) {} hops max, press CTRL_C to break\n", options_.host.ToString(),
                               options_.host.ToString(), options_.last));
    hop_ = options_.first;
    return Probe();
  }
  void Cancel() override {
    cancelled_ = true;
    ping_->Cancel();
  }

 private:
  Status Probe() {
    device::PingOptions ping;
    ping.request.destination = options_.host;
    ping.request.source = options_.source;
    ping.count = options_.probes;
    ping.request.ttl = hop_;
    ping.timeout = options_.timeout;
    ping.pause = Duration{0};
    if (options_.port != 0) {  // each hop's probes go on where those of the hop before it ended
      const int further = (hop_ - options_.first) * options_.probes;
      ping.request.port = device::ProbePort(static_cast<std::uint16_t>(options_.port), further);
    }
    from_.reset();
    line_.clear();
    Result<std::unique_ptr<device::Ping>> started =
        session_.device().StartPing(ping, [this](const device::PingEvent& event) { OnEvent(event); });
    if (!started.ok()) return started.status();
    finished_ = std::move(ping_);  // it may be the one that tells us
    ping_ = std::move(*started);
    return {};
  }

  void OnEvent(const device::PingEvent& event) {
    using Kind = device::PingEvent::Kind;
    switch (event.kind) {
      case Kind::kReply:
      case Kind::kUnreachable:
      case Kind::kTimeExceeded:
        Answer(event);
        end_ = end_ || event.kind != Kind::kTimeExceeded;
        return;
      case Kind::kTimeout:
        line_ += " *";
        return;
      case Kind::kError:
        if (!end_) line_ += fmt::format(" not sent: {}", event.error.why());  // once; it holds for the other probes
        end_ = true;
        return;
      case Kind::kFinished:
        break;
    }
    if (!line_.empty()) session_.Print(fmt::format("{:2} {}\n", hop_, line_));
    if (end_ || cancelled_ || hop_ == options_.last) return session_.Finish();
    ++hop_;
    if (const Status probed = Probe(); !probed.ok()) session_.Finish(probed);
  }

  void Answer(const device::PingEvent& event) {
    if (from_ != event.reply.from) line_ += fmt::format(" {}", event.reply.from.ToString());
    from_ = event.reply.from;
    if (event.kind == device::PingEvent::Kind::kUnreachable) {
      line_ += " !H";
      return;
    }
    const double ms = std::chrono::duration<double, std::milli>(event.round_trip).count();
    line_ += fmt::format(" {} ms", std::lround(ms));
  }

  Operator& session_;
  TraceOptions options_;
  int hop_ = 1;
  bool end_ = false, cancelled_ = false;
  std::optional<Ipv4> from_;
  std::string line_;
  std::unique_ptr<device::Ping> ping_, finished_;
};

Status Tracert(Operator& session, const Match& match) {
  TraceOptions options;
  options.host = *Ipv4::Parse(match.Text("host"));
  if (match.Find("source") != nullptr) options.source = Ipv4::Parse(match.Text("source"));
  options.first = static_cast<int>(match.Int("first").value_or(options.first));
  options.last = static_cast<int>(match.Int("last").value_or(options.last));
  options.probes = static_cast<int>(match.Int("probes").value_or(options.probes));
  if (const auto timeout = match.Int("timeout")) options.timeout = std::chrono::milliseconds(*timeout);
  options.port = static_cast<int>(match.Int("port").value_or(0));
  if (match.Has("-vpn-instance")) return NoVpnInstance(match.Text("vpn"));
  if (options.first > options.last) return {Code::kBadValue, "The first hop lies behind the last one"};
  auto task = std::make_unique<TracertTask>(session, options);
  TracertTask& started = *task;
  session.Start(std::move(task));
  if (Status status = started.Begin(); !status.ok()) {
    session.Start(nullptr);
    return status;
  }
  return {};
}

constexpr Command kCommands[] = {
    {.views = kAnyView,
     .level = kVisit,
     .form = "tracert [ -a <source:ip> | -f <first:int:1-255> | -m <last:int:1-255> | -p <port:int:1-65535> | -q "
             "<probes:int:1-65535> | -vpn-instance <vpn:string:1-31> | -w <timeout:int:0-65535> ]* <host:ip>",
     .help = "Tracert function|Source of the probes|IP address|First hop probed|1 by default|Last hop probed|"
             "30 by default|Datagrams to UDP ports instead of echo requests|First port, usually 33434|Probes of each "
             "hop|3 by default|In a VPN instance, of which this device has none|Name|Time to wait for an "
             "answer|Milliseconds, 5000 by default|"
             "Where the way leads",
     .run = Tracert},
};

}  // namespace

std::span<const Command> TracertCommands() {
  return kCommands;
}

}  // namespace sw::cli
