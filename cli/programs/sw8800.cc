// sw8800: the operator's program. Finds or boots a device, then feeds it a script, lines, or a person's keys.
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>

#include "cli/audit/migrate.h"
#include "cli/audit/reports.h"
#include "cli/configuration/startup.h"
#include "cli/lab/boot.h"
#include "cli/lab/lab_console.h"
#include "cli/lab/tour.h"
#include "cli/programs/options.h"
#include "cli/programs/places.h"
#include "cli/remote/remote_console.h"
#include "cli/replay/replay.h"
#include "cli/replay/report.h"
#include "cli/session/line_reader.h"
#include "cli/session/session.h"
#include "cli/shell/line_feeder.h"
#include "cli/shell/readline_editor.h"
#include "cli/shell/terminal.h"
#include "cli/site/questions.h"
#include "cli/subjects.h"
#include "device/config/key_ring.h"
#include "device/lab/standalone.h"
#include "device/linux/card_engine.h"
#include "device/linux/device_locks.h"
#include "hal/primitives.h"

namespace sw {
namespace {

namespace po = boost::program_options;

using programs::kUsage;
constexpr int kDone = 0, kRefused = 1, kNoDevice = 3;

struct Options {
  std::string connect, db, lab, node, tour, replay, check, crypto, on_error, report, profile, baseline, migrate, peer;
  int stage = 0;
  bool memory = false, audit = false;
  std::vector<std::string> lines;
  cli::SiteAnswers site;
};

po::options_description Describe(Options& o) {
  po::options_description out("sw8800 operates a Switch 8800 IPsec module in software. Options");
  out.add_options()("help,h", "show this")("version", "show the version")(
      "connect", po::value(&o.connect)->value_name("SOCKET")->default_value("/run/sw8800/sw8800.sock"),
      "attach to a running sw8800d")("db", po::value(&o.db)->value_name("FILE"),
                                     "boot a device here, configured in FILE")("memory", po::bool_switch(&o.memory),
                                                                               "boot a device here that forgets")(
      "lab", po::value(&o.lab)->value_name("FILE"), "boot a lab of devices here")(
      "node", po::value(&o.node)->value_name("NAME"), "the lab's device to sit at")(
      "tour", po::value(&o.tour)->value_name("FILE"), "show the lab first")(
      "command,c", po::value(&o.lines)->value_name("LINE"), "run LINE; repeatable")(
      "replay", po::value(&o.replay)->value_name("FILE"), "apply a script")(
      "on-error", po::value(&o.on_error)->value_name("WHAT")->default_value("stop"), "stop, continue or rollback")(
      "report", po::value(&o.report)->value_name("FORM")->default_value("text"),
      "text, json or junit; of an audit sarif, too")("check", po::value(&o.check)->value_name("FILE"),
                                                     "validate a script, without a device")(
      "crypto", po::value(&o.crypto)->value_name("ENGINE")->default_value("software"),
      "with --check: the engine that is to carry it, as sw8800d takes it")(
      "audit", po::bool_switch(&o.audit), "with --check: say what is weak in it, and what mends that")(
      "profile", po::value(&o.profile)->value_name("WHOSE")->default_value("rfc"),
      "with --audit: by whose yardstick: rfc, nist or bsi")(
      "audit-baseline", po::value(&o.baseline)->value_name("FILE"),
      "with --audit: an earlier --report json; what it holds is known and no failure")(
      "migrate", po::value(&o.migrate)->value_name("FILE"),
      "write the script that takes a configuration one stage away from weak algorithms")(
      "stage", po::value(&o.stage)->value_name("N"),
      "with --migrate: 1 strong beside weak, 2 prefer strong, 3 remove weak")(
      "peer", po::value(&o.peer)->value_name("FILE"), "with --migrate: the other end, to see whether both still agree")(
      "init", po::value(&o.site.role)->value_name("ROLE")->implicit_value("", ""),
      "write the first configuration of a server or client; asks what the next options do not say")(
      "invitation", po::value(&o.site.invitation)->value_name("TEXT"),
      "what the server's --init wrote for this client")("link", po::value(&o.site.link)->value_name("LINK"),
                                                        "toward the public network")(
      "address", po::value(&o.site.address)->value_name("A.B.C.D/LENGTH"), "this end's, on that link")(
      "network", po::value(&o.site.network)->value_name("A.B.C.D/LENGTH"), "behind this end, or none")(
      "tunnel", po::value(&o.site.tunnel)->value_name("A.B.C.D/LENGTH"), "the server's private address")(
      "branch", po::value(&o.site.branch)->value_name("NAME"), "the server's first client")(
      "folder", po::value(&o.site.folder)->value_name("PATH")->default_value("."), "where --init writes");
  return out;
}

void CheckUsage(const po::variables_map& values, const Options& o) {
  const int devices =
      (values["connect"].defaulted() ? 0 : 1) + (o.db.empty() ? 0 : 1) + (o.memory ? 1 : 0) + (o.lab.empty() ? 0 : 1);
  if (devices > 1) throw po::error("--connect, --db, --memory and --lab exclude each other");
  if (o.lab.empty() && (!o.node.empty() || !o.tour.empty())) throw po::error("--node and --tour go with --lab");
  if (!cli::ParseOnError(o.on_error)) throw po::error("--on-error takes stop, continue or rollback");
  const auto report = cli::ParseReportFormat(o.report);
  if (!report || (*report == cli::ReportFormat::kSarif && !o.audit))
    throw po::error("--report takes text, json or junit; with --audit sarif, too");
  if (!cli::ParseProfile(o.profile)) throw po::error("--profile takes rfc, nist or bsi");
  if (o.audit && o.check.empty()) throw po::error("--audit goes with --check");
  if (!o.audit && (!values["profile"].defaulted() || !o.baseline.empty()))
    throw po::error("--profile and --audit-baseline go with --audit");
  const bool staged = o.stage >= cli::kFirstStage && o.stage <= cli::kLastStage;
  if (!o.migrate.empty() && !staged) throw po::error("--migrate needs --stage 1, 2 or 3");
  if (o.migrate.empty() && (values.count("stage") != 0 || !o.peer.empty()))
    throw po::error("--stage and --peer go with --migrate");
  const int work =
      (o.lines.empty() ? 0 : 1) + (o.replay.empty() ? 0 : 1) + (o.check.empty() ? 0 : 1) + (o.migrate.empty() ? 0 : 1);
  if (o.check.empty() && !values["crypto"].defaulted()) throw po::error("--crypto goes with --check");
  if (work > 1) throw po::error("-c, --replay, --check and --migrate exclude each other");
  const bool answers = !o.site.invitation.empty() || !o.site.link.empty() || !o.site.address.empty() ||
                       !o.site.network.empty() || !o.site.tunnel.empty() || !o.site.branch.empty();
  if (values.count("init") == 0 && answers) throw po::error("--invitation to --branch go with --init");
}

// A device to talk to and everything it stands on.
struct Target {
  std::vector<hal::Lock> locks;  // of the database
  std::unique_ptr<device::Lab> lab;
  std::unique_ptr<device::Standalone> standalone;
  std::unique_ptr<cli::Console> console;
};

class Operator {
 public:
  explicit Operator(Options options) : options_(std::move(options)), interactive_(::isatty(STDIN_FILENO) != 0) {}

  int Run() {
    Result<cli::Grammar> grammar = cli::BuildGrammar(!options_.lab.empty());
    if (!grammar.ok()) return Fail(grammar.status(), kUsage);
    if (const Status keys = TakeKeys(); !keys.ok()) Remark("sw8800: " + keys.why());
    if (!options_.check.empty()) return Check(*grammar);
    if (!options_.migrate.empty()) return Migrate(*grammar);
    const bool replays = !options_.replay.empty();
    const Result<std::string> script = replays ? cli::ReadTextFile(options_.replay) : std::string();
    if (!script.ok()) return Fail(script.status(), kUsage);
    if (const Status ready = hal::CheckPrimitives(); !ready.ok()) return Fail(ready, kNoDevice);
    if (const Status found = FindTarget(*grammar); !found.ok()) return Fail(found, kNoDevice);
    if (replays) return Replay(*script);
    if (options_.lines.empty() && interactive_) return Talk();
    return Feed();
  }

 private:
  static int Fail(const Status& status, int exit_status) {
    fmt::print(stderr, "sw8800: {}\n", status.why());
    return exit_status;
  }

  static void Print(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
  }

  static void Remark(const std::string& text) { fmt::print(stderr, "{}\n", text); }

  // Questions are asked only where somebody can answer them.
  bool asks() const { return interactive_ && options_.lines.empty() && options_.replay.empty(); }
  std::string from() const {
    return options_.replay.empty() ? (asks() ? "terminal" : "lines") : "script " + options_.replay;
  }

  // By which cipher text is opened: those of the database, or of this machine's service where they may be read.
  Status TakeKeys() const {
    const bool own = !options_.db.empty() && options_.check.empty();
    if (own) return device::UseKeysOf(options_.db, device::MissingKey::kIsMade);
    if (options_.memory || !options_.lab.empty()) return {};
    (void)device::UseKeysOf(options_.db.empty() ? programs::kDefaultDatabase : options_.db,
                            device::MissingKey::kIsAnError);
    return {};
  }

  int Migrate(const cli::Grammar& grammar) {
    const Result<std::string> script = cli::ReadTextFile(options_.migrate);
    if (!script.ok()) return Fail(script.status(), kUsage);
    std::optional<cli::NamedScript> peer;
    if (!options_.peer.empty()) {
      Result<std::string> text = cli::ReadTextFile(options_.peer);
      if (!text.ok()) return Fail(text.status(), kUsage);
      peer = cli::NamedScript{options_.peer, std::move(*text)};
    }
    const Result<std::unique_ptr<device::CardEngine>> engine = device::CardEngine::Open("software", {}, loop_, random_);
    if (!engine.ok()) return Fail(engine.status(), kNoDevice);
    const Result<cli::MigrationReport> report = cli::MigrateFile(grammar, (*engine)->crypto().capabilities(),
                                                                 {options_.migrate, *script}, peer, options_.stage);
    if (!report.ok()) return Fail(report.status(), kRefused);
    Print(report->script);
    return report->ok ? kDone : kRefused;
  }

  int Check(const cli::Grammar& grammar) {
    const Result<std::string> script = cli::ReadTextFile(options_.check);
    if (!script.ok()) return Fail(script.status(), kUsage);
    const Result<std::unique_ptr<device::CardEngine>> engine =
        device::CardEngine::Open(options_.crypto, {}, loop_, random_);
    if (!engine.ok()) return Fail(engine.status(), engine.status().code() == Code::kBadValue ? kUsage : kNoDevice);
    hal::FailoverDevice* failover = (*engine)->card();
    if (failover != nullptr && failover->card().health() != hal::Health::kUp)
      return Fail({Code::kDevice, options_.crypto + ": the card does not answer"}, kNoDevice);
    const hal::Capabilities& crypto =
        failover != nullptr ? failover->card().capabilities() : (*engine)->crypto().capabilities();
    if (options_.audit) return Audit(grammar, crypto, *script);
    const Result<cli::ReplayReport> report = cli::CheckScript(grammar, crypto, options_.check, *script);
    if (!report.ok()) return Fail(report.status(), kNoDevice);
    return Report(*report);
  }

  int Audit(const cli::Grammar& grammar, const hal::Capabilities& crypto, const std::string& script) {
    cli::ReplayReport check;
    Result<cli::Audit> audit =
        cli::AuditScript(grammar, crypto, options_.check, script, *cli::ParseProfile(options_.profile), &check);
    if (!audit.ok()) return Fail(audit.status(), kNoDevice);
    if (!options_.baseline.empty()) {
      const Result<std::string> baseline = cli::ReadTextFile(options_.baseline);
      if (!baseline.ok()) return Fail(baseline.status(), kUsage);
      if (const Status known = cli::ApplyBaseline(*baseline, *audit); !known.ok())
        return Fail({known.code(), options_.baseline + ": " + known.why()}, kUsage);
    }
    Print(cli::AuditReport(*audit, check, *cli::ParseReportFormat(options_.report)));
    return audit->ok() && check.ok() ? kDone : kRefused;
  }

  int Report(const cli::ReplayReport& report) {
    Print(cli::ReportText(report, *cli::ParseReportFormat(options_.report)));
    return report.ok() ? kDone : kRefused;
  }

  Status FindTarget(const cli::Grammar& grammar) {
    cli::SessionOptions session{.from = from(), .interactive = asks(), .monitor = asks(), .idles_out = asks()};
    if (asks()) session.line = cli::LineId{};
    if (!options_.lab.empty()) {
      Result<std::unique_ptr<device::Lab>> lab = cli::MakeLab(options_.lab, loop_, random_, Remark);
      if (!lab.ok()) return lab.status();
      target_.lab = std::move(*lab);
      if (target_.lab->nodes().empty()) return {Code::kNotFound, options_.lab + " has no device"};
      SW_TRY(BootLab(grammar));
      const std::string node = options_.node.empty() ? target_.lab->nodes().front().name : options_.node;
      Result<std::unique_ptr<cli::LabConsole>> console = cli::LabConsole::Create(*target_.lab, grammar, session, node);
      if (!console.ok()) return console.status();
      target_.console = std::move(*console);
      return {};
    }
    if (options_.memory || !options_.db.empty()) {
      if (!options_.db.empty()) {
        Result<std::vector<hal::Lock>> locks = device::LockDatabase(options_.db, {});
        if (!locks.ok()) return locks.status();
        target_.locks = std::move(*locks);
      }
      // A person gets a shell in any case; a script must not believe that what it does will last.
      Result<configdb::OpenedStore> store = options_.memory ? configdb::OpenOrMemory(":memory:")
                                            : asks()        ? configdb::OpenOrMemory(options_.db)
                                                            : Durable();
      if (!store.ok()) return store.status();
      if (!store->trouble.empty()) Remark("sw8800: " + store->trouble);
      Result<std::unique_ptr<device::Standalone>> standalone =
          device::Standalone::Create(std::move(store->store), loop_, random_, cli::WallClock,
                                     options_.memory ? std::string() : cli::FlashOf(options_.db));
      if (!standalone.ok()) return standalone.status();
      target_.standalone = std::move(*standalone);
      if (!store->trouble.empty()) {
        const Result<std::string> saved = cli::StartFromSaved(target_.standalone->device(), grammar);
        if (!saved.ok()) Remark("sw8800: " + saved.status().why());
        if (saved.ok() && !saved->empty()) Remark("sw8800: the device has started from " + *saved);
      }
      target_.console = std::make_unique<cli::Session>(target_.standalone->device(), grammar, session);
      return {};
    }
    Result<std::unique_ptr<cli::RemoteConsole>> console =
        cli::RemoteConsole::Connect(loop_, options_.connect, {from(), asks()});
    if (!console.ok()) {
      const bool nobody = console.status().code() == Code::kNotFound;
      if (nobody && asks()) Remark("sw8800: sw8800d is the device, see sw8800d(8); --memory tries commands without one");
      return console.status();
    }
    target_.console = std::move(*console);
    return {};
  }

  Result<configdb::OpenedStore> Durable() const {
    Result<configdb::Store> store = configdb::Store::Open(options_.db);
    if (!store.ok()) return store.status();
    return configdb::OpenedStore{std::move(*store), {}};
  }

  // Configures the lab, at once or as its tour says.
  Status BootLab(const cli::Grammar& grammar) {
    const std::function<Status()> boot = [&] { return cli::ConfigureLab(*target_.lab, loop_, grammar, Remark); };
    if (options_.tour.empty()) return boot();
    const Result<std::string> script = cli::ReadTextFile(options_.tour);
    if (!script.ok()) return script.status();
    return cli::RunTour(*script, loop_, grammar, *target_.lab, boot, Print);
  }

  int Replay(const std::string& script) {
    cli::Replay replay(*target_.console, options_.replay, script, *cli::ParseOnError(options_.on_error));
    std::optional<cli::ReplayReport> report;
    std::function<void(std::size_t, std::size_t)> progress;
    if (::isatty(STDERR_FILENO) != 0) progress = ShowProgress;
    replay.Start(
        [&](cli::ReplayReport done) {
          report = std::move(done);
          loop_.Post([this] { loop_.Stop(); });
        },
        progress);
    loop_.Run();
    if (progress) fmt::print(stderr, "\r\033[K");
    return Report(*report);
  }

  static void ShowProgress(std::size_t done, std::size_t all) {
    constexpr std::size_t kWidth = 50;
    const std::size_t filled = all == 0 ? kWidth : done * kWidth / all;
    if (done != all && filled == (done - 1) * kWidth / all) return;
    fmt::print(stderr, "\r[{:#<{}}{:.<{}}] {}/{}", "", filled, "", kWidth - filled, done, all);
  }

  int Talk() {
    cli::LocalTerminal terminal(*target_.console, loop_, loop_, [this] { loop_.Stop(); },
                                {.history_file = cli::UserHistoryFile()});
    loop_.OnSignal(SIGINT, [&terminal] { terminal.Interrupt(); });
    for (int number : {SIGTERM, SIGHUP}) loop_.OnSignal(number, [this] { loop_.Stop(); });
    terminal.Start();
    loop_.Run();
    return kDone;
  }

  int Feed() {
    cli::LineFeeder feeder(*target_.console, loop_, Print, [this] { loop_.Stop(); });
    if (options_.lines.empty()) {
      feeder.Read(STDIN_FILENO);
    } else {
      feeder.Run(options_.lines);
    }
    loop_.Run();
    return feeder.refused() ? kRefused : kDone;
  }

  Options options_;
  bool interactive_;
  device::EventLoop loop_;
  hal::SystemRandom random_;
  Target target_;
};

}  // namespace
}  // namespace sw

namespace sw {
namespace {

// 0: the files are written.
int Init(const Options& options) {
  hal::SystemRandom random;
  const bool asks = ::isatty(STDIN_FILENO) != 0;
  const auto ask = [asks](const std::string& question) -> std::optional<std::string> {
    if (asks) fmt::print("{}", question);
    std::fflush(stdout);
    std::string line;
    return std::getline(std::cin, line) ? std::optional(line) : std::nullopt;
  };
  const Status made = cli::MakeSite(options.site, random, ask, [](const std::string& text) { fmt::print("{}", text); });
  if (made.ok()) return kDone;
  fmt::print(stderr, "sw8800: {}\n", made.why());
  return made.code() == Code::kBadValue ? kUsage : kNoDevice;
}

}  // namespace
}  // namespace sw

int main(int argc, char** argv) {
  sw::Options options;
  const sw::po::options_description described = sw::Describe(options);
  bool init = false;
  const auto finish = [&options, &init](sw::po::variables_map& values) {
    sw::po::notify(values);
    init = values.count("init") != 0;
    sw::CheckUsage(values, options);
  };
  if (const auto ended = sw::programs::ParseOptions("sw8800", described, argc, argv, "", finish)) return *ended;
  if (init) return sw::Init(options);
  return sw::Operator(std::move(options)).Run();
}
