// What a scrape of a server with 5,000 sessions costs: what the device's thread copies, by source, and the text that the
// metrics server's own thread makes of it. Sessions, maps and SAs are those of real tunnels in virtual time. Processor time of
// the thread, the median of several rounds.
//   bench_metrics [SESSIONS]
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <memory>
#include <vector>

#include "cli/dvpn/displays.h"
#include "cli/metrics/sources.h"
#include "tests/bench/cycles.h"
#include "tests/fakes/dvpn_domain.h"

namespace {

using namespace sw;

constexpr int kRounds = 9;

double Median(const std::function<void()>& work) {
  std::vector<double> rounds;
  for (int i = 0; i < kRounds; ++i) {
    const double begin = bench::ThreadNanoseconds();
    work();
    rounds.push_back((bench::ThreadNanoseconds() - begin) / 1e6);
  }
  std::ranges::sort(rounds);
  return rounds[kRounds / 2];
}

template <typename View>
cli::Taken As(const cli::DisplayOf<View>& display, View view) {
  return [fields = display.fields, view = std::make_shared<const View>(std::move(view))]() -> std::optional<cli::Record> {
    return cli::MakeRecord(fields, view.get());
  };
}

}  // namespace

int main(int argc, char** argv) {
  const unsigned count = argc > 1 ? static_cast<unsigned>(std::atoi(argv[1])) : 5000;
  const hal::EnginePlan plan = hal::EnginePlan::Calibrate();
  const std::unique_ptr<hal::SoftwareDevice> engine =
      *hal::SoftwareDevice::Create({.max_sas = 1 << 20}, hal::PublishedAnswers(), plan);
  hal::SharedDevice shared(*engine);
  testing::Domain domain;
  domain.net.crypto = &shared;
  domain.role().policy.keepalive = std::chrono::seconds(300);
  domain.Server().log.keep = false;
  for (unsigned n = 0; n < count; ++n) {
    testing::FakeHost& client = domain.net.Add(domain.ClientSettings(n + 2));
    client.log.keep = false;
    client.Start();
    domain.Run(std::chrono::milliseconds(1));
  }
  domain.Run(std::chrono::seconds(2));
  const auto& tunnel = *domain.server->tunnel;
  const Time now = domain.net.scheduler.now();
  fmt::print("{} maps, {} sessions, {} pairs of SAs\n", tunnel.maps().size(), tunnel.sessions().size(),
             tunnel.ipsec_sas(now).size());

  double whole = 0, longest = 0;
  const auto row = [&](const char* what, const std::function<void()>& work) {
    const double ms = Median(work);
    longest = std::max(longest, ms);
    whole += ms;
    fmt::print("{:<28}{:8.2f} ms on the device's thread\n", what, ms);
  };
  row("maps", [&] { (void)tunnel.maps(); });
  row("sessions", [&] { (void)tunnel.sessions(); });
  row("pairs of SAs", [&] { (void)tunnel.ipsec_sas(now); });
  const double held = longest;

  std::vector<cli::Taken> taken;
  for (const cli::MetricsSource& source : cli::MetricsSources()) {
    if (source.shape.prefix == "sw8800_dvpn_map") {
      taken.push_back(As(cli::kMapsDisplay, {now, tunnel.maps()}));
    } else if (source.shape.prefix == "sw8800_dvpn_session") {
      taken.push_back(As(cli::kSessionsDisplay, {now, tunnel.sessions()}));
    } else if (source.shape.prefix == "sw8800_dvpn_sa") {
      taken.push_back(As(cli::kDvpnSasDisplay, {now, tunnel.ipsec_sas(now)}));
    } else {
      taken.push_back([] { return std::optional<cli::Record>(); });
    }
  }
  std::size_t bytes = 0;
  const double text = Median([&] { bytes = cli::MetricsText(taken, cli::MetricsForm::kOpenMetrics).size(); });
  fmt::print("{:<28}{:8.2f} ms on the server's thread, {:.1f} MB\n", "text", text, static_cast<double>(bytes) / 1e6);
  fmt::print("{:<28}{:8.2f} ms, longest turn of the device's thread {:.2f} ms\n", "a scrape", whole + text, held);
  return 0;
}
