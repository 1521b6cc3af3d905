#include "cli/service/service.h"

#include <fmt/format.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "cli/lab/boot.h"
#include "cli/service/journal.h"
#include "cli/service/service_parts.h"
#include "cli/subjects.h"
#include "device/card/host.h"
#include "device/config/key_ring.h"
#include "hal/ports/hardening.h"
#include "hal/ports/privileges.h"
#include "hal/vfio/card_check.h"
#include "ipsec/shared_sa.h"
#include "version.h"

namespace sw::cli {

using device::Severity;

namespace {

constexpr char kFoundSuffix[] = ".found";

Status MakeFolderOf(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!folder.empty() && !std::filesystem::is_directory(folder)) std::filesystem::create_directories(folder, error);
  if (!error && (folder.empty() || ::access(folder.c_str(), W_OK) == 0)) return {};
  const std::string why = error ? error.message() : std::error_code(errno, std::generic_category()).message();
  return {Code::kDenied, folder.string() + ": " + why};
}

void KeepPrivate() {
  if (const Status kept = hal::KeepMemoryPrivate(); !kept.ok()) Say("{}", kept.why());
}

// As many as the machine allows: each connection, tunnel and timer takes some.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

Result<device::LinuxOptions> PlatformOptions(const ServiceOptions& options) {
  device::LinuxOptions out;
  out.forwarding = options.forwarding;
  if (options.workers > ipsec::kMostWorkers) return {Code::kBadValue, "--workers: 0 to 16"};
  out.workers = options.workers;
  for (int cpu : options.cpus)
    if (cpu < 0 || cpu >= CPU_SETSIZE) return {Code::kBadValue, "--worker-cpu: no such CPU"};
  out.cpus = options.cpus;
  out.ports = options.ports;
  out.found = options.db + kFoundSuffix;
  return out;
}

// Who attaches to the socket sits at the console when a person does, and nowhere when a script does.
SessionOptions LocalSession(const std::string& who, const HelloMessage& hello, UserInterfaces& lines) {
  SessionOptions out{.who = who, .from = hello.from, .interactive = hello.interactive, .monitor = hello.interactive};
  out.lines = &lines;
  if (!hello.interactive) return out;
  out.line = LineId{};
  out.login = out.banner = out.idles_out = true;
  return out;
}

// What `display device pci` shows.
std::vector<hal::vfio::Surveyed> SurveyMachine() {
  const hal::pcie::PciTree tree;
  const Result<hal::pcie::KnownCards> cards = hal::pcie::ReadKnownCards(tree);
  return hal::vfio::Survey(tree, cards.ok() ? *cards : hal::pcie::KnownCards(), hal::vfio::Rights::OfThisProcess());
}

// What a running service cannot change: the option, and whether the file says another thing now.
std::vector<std::string> NextStartOnly(const ServiceOptions& now, const ServiceOptions& file) {
  std::vector<std::string> out;
  const auto add = [&out](const char* option, bool other) {
    if (other) out.emplace_back(option);
  };
  add("db", now.db != file.db);
  add("socket", now.socket != file.socket);
  add("agentx", now.agentx != file.agentx);
  add("crypto", now.crypto != file.crypto);
  add("record-crypto", now.record_crypto != file.record_crypto);
  add("workers", now.workers != file.workers);
  add("worker-cpu", now.cpus != file.cpus);
  return out;
}

}  // namespace

Status Service::Parts::Prepare() {
  SW_TRY(hal::CheckPrimitives());
  if (const Result<device::LinuxOptions> checked = PlatformOptions(options); !checked.ok()) return checked.status();
  Result<Grammar> built = BuildGrammar();
  if (!built.ok()) return built.status();
  grammar = std::make_unique<Grammar>(std::move(*built));
  RaiseDescriptorLimit();
  if (!options.take_over) return {};
  KeepPrivate();        // before there are keys
  return OpenCrypto();  // a card that is in use is tried again once it is free
}

Status Service::Parts::Start() {
  SW_TRY(Prepare());
  if (options.take_over) SW_TRY(TakeOver());
  Status done = Open();
  if (predecessor != nullptr) RunOrLeave(done);
  SW_TRY(done);
  platform->Settled();
  return Serve();
}

Status Service::Parts::OpenStore() {
  Result<configdb::OpenedStore> opened = configdb::OpenOrMemory(options.db);
  if (!opened.ok()) return opened.status();
  if (!opened->trouble.empty()) Say("{}", opened->trouble);
  if (const Status keys = device::UseKeysOf(options.db, device::MissingKey::kIsMade); !keys.ok()) Say("{}", keys.why());
  in_memory = !opened->trouble.empty();
  store.emplace(std::move(*opened));
  return {};
}

Status Service::Parts::Open() {
  if (const Status folder = MakeFolderOf(options.db); !folder.ok()) Say("{}", folder.why());
  if (const Status folder = MakeFolderOf(options.socket); !folder.ok())
    return {folder.code(), folder.why() + "; --socket names another place for the socket"};
  SW_TRY(locks.Take(options.db, options.socket, options.ports));
  for (const std::string& missing : hal::MissingRights()) Say("{}", missing);
  if (!options.take_over) KeepPrivate();
  if (!store) SW_TRY(OpenStore());
  if (crypto == nullptr) SW_TRY(OpenCrypto());
  Result<device::LinuxOptions> platform_options = PlatformOptions(options);
  platform_options->held = predecessor != nullptr;
  Result<std::unique_ptr<device::LinuxPlatform>> opened = device::LinuxPlatform::Open(loop, *platform_options);
  if (!opened.ok()) return opened.status();
  platform = std::move(*opened);
  SW_TRY(hal::DropPrivileges());
  return StartDevice();
}

Status Service::Parts::Serve() {
  SW_TRY(OpenDoors());
  if (const Status filtered = hal::FilterSystemCalls(); !filtered.ok()) Say("{}", filtered.why());
  SayStarted();
  manager.Ready();
  if (options.started) options.started();
  return {};
}

Status Service::Parts::OpenCrypto() {
  Result<std::unique_ptr<device::CardEngine>> opened =
      device::CardEngine::Open(options.crypto, hal::EnginePlan::Calibrate(), loop, random);
  if (!opened.ok()) return Status(opened.status()).Within("--crypto");
  crypto = std::move(*opened);
  if (options.record_crypto.empty()) return {};
  auto created = device::CryptoRecording::Create(options.record_crypto, crypto->crypto());
  if (!created.ok()) return Status(created.status()).Within("--record-crypto");
  recording = std::move(*created);
  Say("{} gets every key and packet in clear text", options.record_crypto);
  return {};
}

Status Service::Parts::StartDevice() {
  hal::CryptoDevice& engine = recording ? recording->engine() : crypto->crypto();
  const auto log = [this, under_journal = UnderJournal()](const device::MonitorLine& line) {
    static const device::InfoCenter kAsByDefault;
    const device::InfoCenter& info = device ? device->monitor().info() : kAsByDefault;
    fmt::print(stderr, "{}\n", JournalLine(info, *line.record, WallClock(), under_journal));
  };
  Result<std::unique_ptr<device::Device>> created =
      device::Device::Create(*platform, std::move(store->store),
                             {engine, random, WallClock, log, crypto->card(), FlashOf(options.db), std::move(saved)});
  if (!created.ok()) return created.status();
  device = std::move(*created);
  platform->OnNotice([this](const device::PlatformNotice& notice) {
    device->monitor().Log(notice.severity, "IFNET", notice.digest, notice.text);
  });
  if (in_memory) {
    const Result<std::string> startup = StartFromSaved(*device, *grammar);
    if (!startup.ok()) Say("{}", startup.status().why());
  }
  device->card_host().SurveyBy(SurveyMachine);
  crypto->Start([this] { device->PollCrypto(); },
                [this](const hal::FailoverEvent& event) { device->card_host().OnEvent(event); });
  return {};
}

Status Service::Parts::OpenDoors() {
  auto make_session = [this](const std::string& who, const HelloMessage& hello) {
    return std::make_unique<Session>(*device, *grammar, LocalSession(who, hello, lines));
  };
  Result<std::unique_ptr<ConsoleServer>> listening = ConsoleServer::Listen(
      loop, options.socket, make_session,
      [this](const std::string& why) { Log(Severity::kErrors, "SOCKET", "operators wait at the socket: " + why); });
  if (!listening.ok()) return listening.status();
  console = std::move(*listening);
  if (!options.ssh.empty()) SW_TRY(OpenSsh(options.ssh));
  FollowPredecessor();
  device->OnCommit([this] {
    FollowAgent();
    FollowMetrics();
  });
  return {};
}

Status Service::Parts::OpenSsh(const std::string& address) {
  Result<std::unique_ptr<SshServer>> listening =
      SshServer::Listen(loop, *device, *grammar, lines, {address, options.db + ".ssh_host_key"});
  if (!listening.ok()) return listening.status();
  ssh = std::move(*listening);
  return {};
}

void Service::Parts::FollowAgent() {
  if (predecessor != nullptr) return;  // it has the agent's port
  const bool wanted = device->config().snmp.agent;
  if (wanted && agent == nullptr) agent = snmp::Agent::Start(loop, *device, options.agentx);
  if (agent != nullptr) agent->Enable(wanted);
}

void Service::Parts::FollowMetrics() {
  if (predecessor != nullptr) return;  // it has the port
  const MetricsSettings wanted = MetricsSettingsOf(device->store());
  if (wanted == metrics_wanted) return;
  metrics_wanted = wanted;
  metrics.reset();
  if (!wanted.enabled) return;
  Result<std::unique_ptr<MetricsServer>> started = MetricsServer::Start(loop, *device, wanted);
  if (!started.ok()) return Log(Severity::kErrors, "METRICS", "metrics server: " + started.status().why());
  metrics = std::move(*started);
  Log(Severity::kNotifications, "METRICS", fmt::format("metrics at http://{}:{}/metrics", wanted.address, wanted.port));
}

void Service::Parts::SayStarted() const {
  Say("database {}, operators attach at {}", options.db, options.socket);
  for (const device::InterfaceStatus& port : platform->interfaces()) {
    const auto link = options.ports.find(port.name);
    if (link == options.ports.end()) continue;
    std::string addresses;
    for (const Prefix& address : port.addresses) addresses += " " + address.ToString();
    Say("{} is {}, {},{}", port.name, link->second, port.link ? "up" : "down",
        addresses.empty() ? " no address" : addresses);
  }
  if (options.ports.empty()) Say("no port is bound (--port)");
  if (ssh) Say("SSH at {}", options.ssh);
  Say("crypto engine {}; started", device->crypto().engine);
}

// The ini file anew: what can change while the service runs changes, and of the rest it is said that it waits.
void Service::Parts::Reload() {
  if (options.config.empty()) return Log(Severity::kNotifications, "RELOAD", "SIGHUP: no --config file to read again");
  Result<ServiceOptions> file = reread();
  Status done = file.status();
  if (done.ok()) done = PlatformOptions(*file).status();
  if (done.ok()) done = locks.TakePorts(file->ports);
  if (!done.ok()) {
    (void)locks.TakePorts(options.ports);
    return Log(Severity::kErrors, "RELOAD", options.config + " is not used: " + done.why());
  }
  if (file->ports != options.ports || file->forwarding != options.forwarding) {
    done = platform->Adopt(file->ports, file->forwarding);
    if (!done.ok()) Log(Severity::kErrors, "RELOAD", done.why());
    options.ports = file->ports;
    options.forwarding = file->forwarding;
  }
  if (file->ssh != options.ssh) {
    ssh.reset();
    const std::string before = std::exchange(options.ssh, file->ssh);
    if (!options.ssh.empty()) done = OpenSsh(options.ssh);
    if (!done.ok()) {
      Log(Severity::kErrors, "RELOAD", done.why());
      if (!before.empty() && OpenSsh(before).ok()) options.ssh = before;
    }
  }
  for (const std::string& option : NextStartOnly(options, *file))
    Log(Severity::kWarnings, "RELOAD", option + " of " + options.config + " is used from the next start on");
  Log(Severity::kNotifications, "RELOAD", options.config + " is read again");
}

Service::Service(ServiceOptions options, std::function<Result<ServiceOptions>()> reread)
    : parts_(std::make_unique<Parts>()) {
  parts_->options = std::move(options);
  parts_->reread = std::move(reread);
}
Service::~Service() = default;

Status Service::Run() {
  Say("version {}, process {}", kVersion, ::getpid());
  Parts& parts = *parts_;
  for (const auto& [number, name] : {std::pair(SIGTERM, "SIGTERM"), std::pair(SIGINT, "SIGINT")}) {
    parts.loop.OnSignal(number, [&parts, text = std::string(name)] {
      Say("{}: stopping", text);
      parts.loop.Stop();
    });
  }
  parts.loop.OnSignal(SIGHUP, [&parts] {
    if (!parts.console) return;
    parts.manager.Reloading();
    parts.Reload();
    parts.manager.Ready();
  });
  SW_TRY(parts.Start());
  parts.loop.Run();
  parts.manager.Stopping();
  parts_.reset();  // everything is put back
  Say("stopped");
  return {};
}

}  // namespace sw::cli
