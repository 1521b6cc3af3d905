// sw8800-card: the crypto card's model as a process of its own, behind a vfio-user socket.
#include <fmt/format.h>
#include <signal.h>

#include <atomic>

#include "cli/programs/options.h"
#include "hal/card/card_server.h"
#include "hal/soft/software_device.h"

namespace sw {
namespace {

namespace po = boost::program_options;

constexpr int kFailed = 1;
std::atomic<bool> stopping = false;

struct Options {
  std::string socket, fault;
  hal::card::CardLimits limits;
};

po::options_description Describe(Options& options) {
  po::options_description out("sw8800-card is the crypto card of a Switch 8800 IPsec module as a process. Options");
  out.add_options()("help,h", "show this")("version", "show the version")(
      "socket", po::value(&options.socket)->value_name("PATH")->required(), "the vfio-user socket to listen on")(
      "fault", po::value(&options.fault)->value_name("PLAN"), "what shall go wrong, as in sw8800-card(8)")(
      "sas", po::value(&options.limits.max_sas)->value_name("N")->default_value(options.limits.max_sas),
      "size of the SA table")("depth",
                              po::value(&options.limits.depth)->value_name("N")->default_value(options.limits.depth),
                              "packets in flight")(
      "rings", po::value(&options.limits.rings)->value_name("N")->default_value(options.limits.rings),
      "submission and completion rings");
  return out;
}

std::string FaultHelp() {
  std::string out = "Faults of a plan: NAME[@PACKET][xCOUNT][=MILLISECONDS], separated by commas:\n";
  for (const hal::card::FaultWord& word : hal::card::FaultWords())
    out += fmt::format("  {:<12} {}\n", word.name, word.help);
  return out;
}

Status Serve(const Options& options) {
  const hal::card::CardLimits& limits = options.limits;
  if (limits.max_sas == 0 || limits.max_sas > 65536 || limits.depth == 0 || limits.depth > hal::pcie::kMostDepth ||
      limits.rings == 0 || limits.rings > hal::pcie::kMostRings) {
    return {Code::kBadValue, fmt::format("--sas 1 to 65536, --depth 1 to {}, --rings 1 to {}", hal::pcie::kMostDepth,
                                         hal::pcie::kMostRings)};
  }
  Result<hal::card::FaultPlan> plan = hal::card::ParseFaultPlan(options.fault);
  if (!plan.ok()) return plan.status();
  Result<std::unique_ptr<hal::SoftwareDevice>> engine = hal::SoftwareDevice::Create({limits.max_sas, 1});
  if (!engine.ok()) return engine.status();
  auto server = hal::card::CardServer::Listen(options.socket, limits, std::move(*engine), std::move(*plan));
  if (!server.ok()) return server.status();
  while (!stopping) (*server)->Serve(std::chrono::milliseconds(500));
  return {};
}

}  // namespace
}  // namespace sw

int main(int argc, char** argv) {
  sw::Options options;
  const sw::po::options_description described = sw::Describe(options);
  const auto finish = [](sw::po::variables_map& values) { sw::po::notify(values); };
  if (const auto ended = sw::programs::ParseOptions("sw8800-card", described, argc, argv, sw::FaultHelp(), finish))
    return *ended;
  struct sigaction stop {};
  stop.sa_handler = [](int) { sw::stopping = true; };
  ::sigaction(SIGTERM, &stop, nullptr);
  ::sigaction(SIGINT, &stop, nullptr);
  const sw::Status served = sw::Serve(options);
  if (served.ok()) return 0;
  fmt::print(stderr, "sw8800-card: {}\n", served.why());
  return served.code() == sw::Code::kBadValue ? sw::programs::kUsage : sw::kFailed;
}
