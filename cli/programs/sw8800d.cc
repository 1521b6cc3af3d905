// sw8800d: the device as a service. Options to parts; everything else is in the parts.
#include <fmt/format.h>

#include <cstdio>

#include "cli/programs/options.h"
#include "cli/programs/service_options.h"
#include "cli/service/service.h"
#include "device/linux/card_engine.h"
#include "device/linux/crypto_recording.h"
#include "hal/primitives.h"

namespace sw {
namespace {

constexpr int kFailed = 1;

// 0: everything came out as it was recorded.
int ReplayCrypto(const programs::DaemonOptions& options) {
  device::EventLoop loop;
  hal::SystemRandom random;
  Result<std::unique_ptr<device::CardEngine>> crypto =
      device::CardEngine::Open(options.service.crypto, hal::EnginePlan::Calibrate(), loop, random);
  const Status opened = crypto.status().Within("--crypto");
  const Result<hal::recorder::ReplayReport> report =
      opened.ok() ? device::ReplayRecording(options.replay_crypto, (*crypto)->crypto()) : opened;
  if (!report.ok()) {
    fmt::print(stderr, "sw8800d: {}\n", report.why());
    return kFailed;
  }
  fmt::print("{}", device::Describe(*report, (*crypto)->crypto().capabilities().engine));
  return report->differences == 0 ? 0 : kFailed;
}

}  // namespace
}  // namespace sw

int main(int argc, char** argv) {
  sw::programs::DaemonOptions options;
  const auto described = sw::programs::DescribeDaemon(options);
  const auto finish = [&](boost::program_options::variables_map& values) {
    sw::programs::FinishDaemon(values, described, options);
  };
  if (const auto ended = sw::programs::ParseOptions("sw8800d", described, argc, argv, "", finish)) return *ended;
  if (!options.replay_crypto.empty()) return sw::ReplayCrypto(options);
  sw::cli::Service service(options.service, [argc, argv] { return sw::programs::ReadDaemonOptions(argc, argv); });
  const sw::Status served = service.Run();
  if (served.ok()) return 0;
  fmt::print(stderr, "sw8800d: {}\n", served.why());
  return sw::kFailed;
}
