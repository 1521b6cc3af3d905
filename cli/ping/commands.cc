// `ping`. Options and defaults: Router 3000 command reference page 49; layout: captures, blanks are recollection. -m is
// the later releases' option. The module has no VPN instances, so there is none of any name.
#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cmath>
#include <optional>
#include <string>

#include "cli/session/operator.h"
#include "cli/session/refusals.h"
#include "cli/subjects.h"
#include "device/device.h"
#include "device/ping/ping.h"

namespace sw::cli {
namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;

long Rounded(Duration duration) {
  return std::lround(Milliseconds(duration).count());
}

class PingTask final : public Task {
 public:
  PingTask(Operator& session, bool quiet, Ipv4 host) : session_(session), quiet_(quiet), host_(host) {}

  Status Begin(const device::PingOptions& options) {
    Result<std::unique_ptr<device::Ping>> ping =
        session_.device().StartPing(options, [this](const device::PingEvent& event) { OnEvent(event); });
    if (!ping.ok()) return ping.status();
    ping_ = std::move(*ping);
    session_.Print(
        fmt::format("  PING {}: {}  data bytes, press CTRL_C to break\n", host_.ToString(), options.request.size));
    return {};
  }
  void Cancel() override { ping_->Cancel(); }

 private:
  void OnEvent(const device::PingEvent& event) {
    using Kind = device::PingEvent::Kind;
    if (event.kind == Kind::kFinished) {
      session_.Print(SummaryText(event.summary));
      session_.Finish();
      return;
    }
    if (quiet_) return;
    switch (event.kind) {
      case Kind::kReply:
        session_.Print(fmt::format("    Reply from {}: bytes={} Sequence={} ttl={} time = {} ms\n",
                                   event.reply.from.ToString(), event.reply.size, event.sequence, event.reply.ttl,
                                   Rounded(event.round_trip)));
        break;
      case Kind::kUnreachable:
        session_.Print(fmt::format("    {}: Destination unreachable\n", event.reply.from.ToString()));
        break;
      case Kind::kTimeExceeded:
        session_.Print(fmt::format("    {}: Time to live exceeded\n", event.reply.from.ToString()));
        break;
      case Kind::kTimeout:
        session_.Print("    Request time out\n");
        break;
      case Kind::kError:
        session_.Print(fmt::format("    Request not sent: {}\n", event.error.why()));
        break;
      case Kind::kFinished:
        break;
    }
  }

  std::string SummaryText(const device::PingSummary& summary) const {
    const double lost = summary.sent == 0 ? 0 : 100.0 * (summary.sent - summary.received) / summary.sent;
    std::string out = fmt::format(
        "\n  --- {} ping statistics ---\n    {} packet(s) transmitted\n    {} packet(s) received\n"
        "    {:.2f}% packet loss\n",
        host_.ToString(), summary.sent, summary.received, lost);
    if (summary.received != 0) {
      out += fmt::format("    round-trip min/avg/max = {}/{}/{} ms\n", Rounded(summary.min), Rounded(summary.average),
                         Rounded(summary.max));
    }
    return out + "\n";
  }

  Operator& session_;
  bool quiet_;
  Ipv4 host_;
  std::unique_ptr<device::Ping> ping_;
};

// The bytes behind hexadecimal digits; nullopt: something else stands there.
std::optional<std::string> PatternOf(std::string digits) {
  if (digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) return std::nullopt;
  if (digits.size() % 2 != 0) digits = '0' + digits;
  std::string out;
  for (std::size_t at = 0; at < digits.size(); at += 2) {
    unsigned byte = 0;
    std::from_chars(digits.data() + at, digits.data() + at + 2, byte, 16);
    out += static_cast<char>(byte);
  }
  return out;
}

Status Ping(Operator& session, const Match& match) {
  device::PingOptions options;
  options.request.destination = *Ipv4::Parse(match.Text("host"));
  if (match.Find("source") != nullptr) options.request.source = Ipv4::Parse(match.Text("source"));
  options.count = static_cast<int>(match.Int("count").value_or(options.count));
  options.request.size =
      static_cast<std::size_t>(match.Int("size").value_or(static_cast<std::int64_t>(options.request.size)));
  options.request.ttl = static_cast<int>(match.Int("ttl").value_or(options.request.ttl));
  options.request.tos = static_cast<int>(match.Int("tos").value_or(options.request.tos));
  options.request.dont_fragment = match.Has("-f");
  options.request.debug = match.Has("-d");
  options.request.direct = match.Has("-r");
  options.request.interface = match.Text("interface");
  if (match.Has("-vpn-instance")) return NoVpnInstance(match.Text("vpn"));
  const std::optional<std::string> pattern = PatternOf(match.Text("pattern"));
  if (!pattern) return {Code::kBadValue, "A pattern is written in hexadecimal digits"};
  options.request.pattern = *pattern;
  if (const auto timeout = match.Int("timeout")) options.timeout = std::chrono::milliseconds(*timeout);
  if (const auto pause = match.Int("pause")) options.pause = std::chrono::milliseconds(*pause);
  auto task = std::make_unique<PingTask>(session, match.Has("-q"), options.request.destination);
  PingTask& started = *task;
  session.Start(std::move(task));
  if (Status status = started.Begin(options); !status.ok()) {
    session.Start(nullptr);
    return status;
  }
  return {};
}

constexpr Command kCommands[] = {
    {.views = kAnyView,
     .level = kVisit,
     .form = "ping [ ip ] [ -a <source:ip> | -c <count:int:1-2147483647> | -d | -f | -h <ttl:int:1-255> | -i "
             "<interface:interface> | -m <pause:int:1-65535> | -n | -p <pattern:string:1-8> | -q | -r | -s "
             "<size:int:20-8100> | -t <timeout:int:0-65535> | -tos "
             "<tos:int:0-255> | -v | -vpn-instance <vpn:string:1-31> ]* <host:ip>",
     .help = "Ping function|Internet protocol|Source of the requests|IP address|Number of requests|5 by default|"
             "Have the kernel trace the socket|Do not fragment|Time to live|255 by default|Leave by an interface, "
             "whatever the routes say|Pause between requests|Milliseconds|Addresses are never "
             "looked up, with it or without|"
             "Bytes the data repeats|Hexadecimal digits, 01 to 09 by default|Show the summary only|"
             "Only to a neighbour, past the routes|Size of the data|Bytes, 56 by default|Time to wait for an "
             "answer|Milliseconds, 2000 by default|"
             "Type of service|0 by default|Other answers than replies are shown, with it or without|In a VPN "
             "instance, of which this device has none|Name|Who is to answer",
     .run = Ping},
};

}  // namespace

std::span<const Command> PingCommands() {
  return kCommands;
}

}  // namespace sw::cli
