// sw8800d: the device as a service. Options to parts; everything else is in the parts.
#include <fmt/format.h>
#include <sched.h>
#include <signal.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "cli/configuration/startup.h"
#include "cli/lab/boot.h"
#include "cli/programs/options.h"
#include "cli/remote/console_server.h"
#include "cli/session/session.h"
#include "cli/snmp/agent.h"
#include "cli/ssh/ssh_server.h"
#include "cli/subjects.h"
#include "device/card/host.h"
#include "device/linux/card_engine.h"
#include "device/linux/crypto_recording.h"
#include "device/linux/linux_platform.h"
#include "device/linux/service_manager.h"
#include "device/log/monitor.h"
#include "hal/ports/privileges.h"
#include "hal/primitives.h"
#include "hal/vfio/backend.h"
#include "hal/vfio/card_check.h"
#include "ipsec/shared_sa.h"

namespace sw {
namespace {

namespace po = boost::program_options;

constexpr int kFailed = 1;

struct Options {
  std::string record_crypto, replay_crypto, check_card;
  std::string config, db, crypto, socket, ssh;
  std::vector<std::string> ports;
  std::string agentx;
  bool forwarding = false;
  std::size_t workers = 1;
  std::vector<int> cpus;
};

po::options_description Describe(Options& options) {
  po::options_description out("sw8800d runs a Switch 8800 IPsec module as a service. Options");
  out.add_options()("help,h", "show this")("version", "show the version")(
      "config", po::value(&options.config)->value_name("FILE"), "read options from an ini file")(
      "db", po::value(&options.db)->value_name("FILE")->default_value("/var/lib/sw8800/sw8800.db"),
      "the configuration's database")("port", po::value(&options.ports)->value_name("INTERFACE=LINK"),
                                      "bind a port, as GigabitEthernet0/1=eth0")(
      "crypto", po::value(&options.crypto)->value_name("ENGINE")->default_value("software"),
      (hal::BackendForms() + ": the crypto engine").c_str())(
      "check-card", po::value(&options.check_card)->value_name("ADDRESS"),
      "say what a card in a slot is missing, or run its self test, and end")(
      "record-crypto", po::value(&options.record_crypto)->value_name("FILE"),
      "write every call of the crypto engine down, keys and packets included")(
      "replay-crypto", po::value(&options.replay_crypto)->value_name("FILE"),
      "do such a recording again on the engine of --crypto, say what differs, and end")(
      "socket", po::value(&options.socket)->value_name("PATH")->default_value("/run/sw8800/sw8800.sock"),
      "where operators attach")("ssh", po::value(&options.ssh)->value_name("ADDR:PORT"), "serve terminals over SSH")(
      "agentx", po::value(&options.agentx)->value_name("SOCKET")->default_value("/var/agentx/master"),
      "where the SNMP daemon listens for subagents; used when snmp-agent is configured")(
      "workers", po::value(&options.workers)->value_name("COUNT")->default_value(1),
      "threads that carry each tunnel's traffic, 0 to 16; 0: the service's own thread")(
      "worker-cpu", po::value(&options.cpus)->value_name("CPU"), "pin the workers, the next one to the next of these")(
      "forwarding", po::bool_switch(&options.forwarding), "switch on IPv4 forwarding while the service runs");
  return out;
}

// Adds what the file of --config says; the command line stands above it.
void Finish(po::variables_map& values, const po::options_description& described) {
  if (values.count("config") != 0) {
    const std::string file = values["config"].as<std::string>();
    std::ifstream in(file);
    if (!in) throw po::error("cannot read " + file);
    po::store(po::parse_config_file(in, described), values);
  }
  po::notify(values);
}

Result<device::LinuxOptions> PlatformOptions(const Options& options) {
  device::LinuxOptions out;
  out.forwarding = options.forwarding;
  if (options.workers > ipsec::kMostWorkers) return {Code::kBadValue, "--workers: 0 to 16"};
  out.workers = options.workers;
  for (int cpu : options.cpus)
    if (cpu < 0 || cpu >= CPU_SETSIZE) return {Code::kBadValue, "--worker-cpu: no such CPU"};
  out.cpus = options.cpus;
  for (const std::string& port : options.ports) {
    const std::size_t mark = port.find('=');
    if (mark == std::string::npos) return {Code::kBadValue, "--port " + port + ": not INTERFACE=LINK"};
    if (!out.ports.emplace(port.substr(0, mark), port.substr(mark + 1)).second)
      return {Code::kBadValue, "--port " + port + ": bound twice"};
  }
  return out;
}

// Who attaches to the socket sits at the console when a person does, and nowhere when a script does.
cli::SessionOptions LocalSession(const std::string& who, const cli::HelloMessage& hello, cli::UserInterfaces& lines) {
  cli::SessionOptions out{
      .who = who, .from = hello.from, .interactive = hello.interactive, .monitor = hello.interactive};
  out.lines = &lines;
  if (!hello.interactive) return out;
  out.line = cli::LineId{};
  out.login = out.banner = out.idles_out = true;
  return out;
}

void MakeFolderOf(const std::string& path) {
  std::error_code ignored;  // what is really wrong shows when the file is opened
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
}

// 0: everything came out as it was recorded.
int ReplayCrypto(const Options& options) {
  device::EventLoop loop;
  hal::SystemRandom random;
  Result<std::unique_ptr<device::CardEngine>> crypto =
      device::CardEngine::Open(options.crypto, hal::EnginePlan::Calibrate(), loop, random);
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
int CheckCard(const Options& options) {
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

// What `display device pci` shows.
std::vector<hal::vfio::Surveyed> SurveyMachine() {
  const hal::pcie::PciTree tree;
  const Result<hal::pcie::KnownCards> cards = hal::pcie::ReadKnownCards(tree);
  return hal::vfio::Survey(tree, cards.ok() ? *cards : hal::pcie::KnownCards(), hal::vfio::Rights::OfThisProcess());
}

Status Serve(const Options& options) {
  SW_TRY(hal::CheckPrimitives());
  Result<device::LinuxOptions> platform_options = PlatformOptions(options);
  if (!platform_options.ok()) return platform_options.status();
  Result<cli::Grammar> grammar = cli::BuildGrammar();
  if (!grammar.ok()) return grammar.status();

  MakeFolderOf(options.db);
  MakeFolderOf(options.socket);
  device::EventLoop loop;
  hal::SystemRandom random;
  Result<configdb::OpenedStore> store = configdb::OpenOrMemory(options.db);
  if (!store.ok()) return store.status();
  if (!store->trouble.empty()) fmt::print(stderr, "sw8800d: {}\n", store->trouble);
  Result<std::unique_ptr<device::CardEngine>> crypto =
      device::CardEngine::Open(options.crypto, hal::EnginePlan::Calibrate(), loop, random);
  if (!crypto.ok()) return crypto.status().Within("--crypto");
  std::unique_ptr<device::CryptoRecording> recording;
  if (!options.record_crypto.empty()) {
    auto created = device::CryptoRecording::Create(options.record_crypto, (*crypto)->crypto());
    if (!created.ok()) return created.status().Within("--record-crypto");
    recording = std::move(*created);
    fmt::print(stderr, "sw8800d: {} gets every key and packet in clear text\n", options.record_crypto);
  }
  hal::CryptoDevice& engine = recording ? recording->engine() : (*crypto)->crypto();
  Result<std::unique_ptr<device::LinuxPlatform>> platform = device::LinuxPlatform::Open(loop, *platform_options);
  if (!platform.ok()) return platform.status();
  SW_TRY(hal::DropPrivileges());
  Result<std::unique_ptr<device::Device>> device = device::Device::Create(
      **platform, std::move(store->store),
      {engine, random, cli::WallClock, [](const device::MonitorLine& line) { fmt::print(stderr, "{}\n", line.text); },
       (*crypto)->card(), cli::FlashOf(options.db)});
  if (!device.ok()) return device.status();
  device::Device& running = **device;
  if (!store->trouble.empty()) {
    const Result<std::string> saved = cli::StartFromSaved(running, *grammar);
    if (!saved.ok()) fmt::print(stderr, "sw8800d: {}\n", saved.status().why());
  }
  running.card_host().SurveyBy(SurveyMachine);
  (*crypto)->Start([&running] { running.PollCrypto(); },
                   [&running](const hal::FailoverEvent& event) { running.card_host().OnEvent(event); });

  cli::UserInterfaces lines;
  auto make_session = [&](const std::string& who, const cli::HelloMessage& hello) {
    return std::make_unique<cli::Session>(**device, *grammar, LocalSession(who, hello, lines));
  };
  Result<std::unique_ptr<cli::ConsoleServer>> server = cli::ConsoleServer::Listen(loop, options.socket, make_session);
  if (!server.ok()) return server.status();
  Result<std::unique_ptr<cli::SshServer>> ssh = std::unique_ptr<cli::SshServer>();
  if (!options.ssh.empty()) {
    ssh = cli::SshServer::Listen(loop, **device, *grammar, lines, {options.ssh, options.db + ".ssh_host_key"});
    if (!ssh.ok()) return ssh.status();
  }
  std::unique_ptr<cli::snmp::Agent> agent;
  const auto follow_setting = [&] {
    const bool wanted = (*device)->config().snmp.agent;
    if (wanted && agent == nullptr) agent = cli::snmp::Agent::Start(loop, **device, options.agentx);
    if (agent != nullptr) agent->Enable(wanted);
  };
  follow_setting();
  (*device)->OnCommit(follow_setting);
  for (int number : {SIGTERM, SIGINT}) loop.OnSignal(number, [&loop] { loop.Stop(); });
  device::ServiceManager manager(loop);
  manager.Ready();
  loop.Run();
  manager.Stopping();
  return {};
}

}  // namespace
}  // namespace sw

int main(int argc, char** argv) {
  sw::Options options;
  const sw::po::options_description described = sw::Describe(options);
  const auto finish = [&described](sw::po::variables_map& values) { sw::Finish(values, described); };
  if (const auto ended = sw::programs::ParseOptions("sw8800d", described, argc, argv, "", finish)) return *ended;
  if (!options.replay_crypto.empty()) return sw::ReplayCrypto(options);
  if (!options.check_card.empty()) return sw::CheckCard(options);
  const sw::Status served = sw::Serve(options);
  if (served.ok()) return 0;
  fmt::print(stderr, "sw8800d: {}\n", served.why());
  return sw::kFailed;
}
