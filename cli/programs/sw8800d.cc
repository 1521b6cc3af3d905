// sw8800d: the device as a service. Options to parts; everything else is in the parts.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <optional>

#include "cli/programs/options.h"
#include "cli/programs/service_options.h"
#include "cli/service/service.h"
#include "device/linux/card_engine.h"
#include "device/linux/crypto_recording.h"
#include "hal/ports/descriptor.h"
#include "hal/ports/privileges.h"
#include "hal/primitives.h"
#include "hal/vfio/backend.h"
#include "hal/vfio/card_check.h"

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

// 0: the card can be used.
int CheckCard(const programs::DaemonOptions& options) {
  const hal::pcie::PciTree tree;
  const Result<hal::pcie::KnownCards> cards = hal::pcie::ReadKnownCards(tree);
  const std::optional<std::string> address = hal::pcie::ParsePciAddress(options.check_card);
  if (!cards.ok() || !address) {
    fmt::print(
        stderr, "sw8800d: {}\n",
        cards.ok() ? "--check-card " + options.check_card + ": not a PCI address, as 0000:01:00.0" : cards.why());
    return kFailed;
  }
  hal::RaiseMemoryLock();
  device::EventLoop loop;
  const hal::vfio::CardCheck check = hal::vfio::CheckCard(
      *address, tree, *cards, hal::vfio::Rights::OfThisProcess(), [&](const std::string& at, const auto& card) {
        return hal::vfio::OpenKernelCard(at, card, *cards, [&loop] { return loop.now(); });
      });
  fmt::print("{}", check.text);
  return check.well ? 0 : kFailed;
}

// The process that was started waits for the one that serves, and ends as that one's start did. In that one: nothing.
// That one's parent ends at once, so that it is a child of the service manager, which can wait for no others.
std::optional<int> Detach(cli::ServiceOptions& options) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return kFailed;
  const pid_t service = ::fork();
  if (service < 0) return kFailed;
  hal::Descriptor in(ends[0]), out(ends[1]);
  if (service == 0 && ::fork() != 0) ::_exit(0);
  if (service != 0) {
    out = {};
    (void)::waitpid(service, nullptr, 0);
    char served = 0;
    return ::read(in.get(), &served, 1) == 1 ? 0 : kFailed;
  }
  options.started = [fd = std::make_shared<hal::Descriptor>(std::move(out))] {
    (void)!::write(fd->get(), "", 1);
    *fd = {};
  };
  return std::nullopt;
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
  if (!options.check_card.empty()) return sw::CheckCard(options);
  if (options.service.detach)
    if (const auto ended = sw::Detach(options.service)) return *ended;
  sw::cli::Service service(options.service, [argc, argv] { return sw::programs::ReadDaemonOptions(argc, argv); });
  const sw::Status served = service.Run();
  if (served.ok()) return 0;
  fmt::print(stderr, "sw8800d: {}\n", served.why());
  return served.code() == sw::Code::kBadValue ? sw::programs::kUsage : sw::kFailed;
}
