#include "cli/programs/service_options.h"

#include <sstream>

#include "cli/programs/places.h"
#include "cli/programs/service_checks.h"
#include "cli/session/line_reader.h"
#include "hal/vfio/backend.h"

namespace sw::programs {

namespace po = boost::program_options;

po::options_description DescribeDaemon(DaemonOptions& options) {
  cli::ServiceOptions& o = options.service;
  po::options_description out("sw8800d runs a Switch 8800 IPsec module as a service. Options");
  out.add_options()("help,h", "show this")("version", "show the version")(
      "config", po::value(&o.config)->value_name("FILE"), "read options from an ini file, and again at SIGHUP")(
      "db", po::value(&o.db)->value_name("FILE")->default_value(kDefaultDatabase), "the configuration's database")(
      "port", po::value(&options.ports)->value_name("INTERFACE=LINK"), "bind a port, as GigabitEthernet0/1=eth0")(
      "crypto", po::value(&o.crypto)->value_name("ENGINE")->default_value("software"),
      (hal::BackendForms() + ": the crypto engine").c_str())(
      "check-card", po::value(&options.check_card)->value_name("ADDRESS"),
      "say what a card in a slot is missing, or run its self test, and end")(
      "record-crypto", po::value(&o.record_crypto)->value_name("FILE"),
      "write every call of the crypto engine down, keys and packets included")(
      "replay-crypto", po::value(&options.replay_crypto)->value_name("FILE"),
      "do such a recording again on the engine of --crypto, say what differs, and end")(
      "socket", po::value(&o.socket)->value_name("PATH")->default_value("/run/sw8800/sw8800.sock"),
      "where operators attach")("ssh", po::value(&o.ssh)->value_name("ADDR:PORT"), "serve terminals over SSH")(
      "agentx", po::value(&o.agentx)->value_name("SOCKET")->default_value("/var/agentx/master"),
      "where the SNMP daemon listens for subagents; used when snmp-agent is configured")(
      "workers", po::value(&o.workers)->value_name("COUNT")->default_value(1),
      "threads that carry each tunnel's traffic, 0 to 16; 0: the service's own thread")(
      "worker-cpu", po::value(&o.cpus)->value_name("CPU"), "pin the workers, the next one to the next of these")(
      "take-over", po::bool_switch(&o.take_over), "go on for the device that runs, without a packet lost")(
      "detach", po::bool_switch(&o.detach), "end when the device serves, which it goes on doing (with --take-over)")(
      "forwarding", po::bool_switch(&o.forwarding), "switch on IPv4 forwarding while the service runs");
  return out;
}

void FinishDaemon(po::variables_map& values, const po::options_description& described, DaemonOptions& options) {
  if (values.count("config") != 0) {
    const Result<std::string> text = cli::ReadTextFile(values["config"].as<std::string>());
    if (!text.ok()) throw po::error(text.status().why());
    std::string lines;  // whatever ends them
    for (const std::string_view line : cli::LinesOf(*text)) lines.append(line).append("\n");
    std::istringstream in(lines);
    po::store(po::parse_config_file(in, described), values);
  }
  po::notify(values);
  for (const std::string& port : options.ports) {
    const std::size_t mark = port.find('=');
    if (mark == std::string::npos) throw po::error("--port " + Shortened(port) + ": not INTERFACE=LINK");
    if (!options.service.ports.emplace(port.substr(0, mark), port.substr(mark + 1)).second)
      throw po::error("--port " + Shortened(port) + ": bound twice");
  }
  if (const Status checked = CheckServiceOptions(options.service); !checked.ok()) throw po::error(checked.why());
}

Result<cli::ServiceOptions> ReadDaemonOptions(int argc, char** argv) {
  DaemonOptions options;
  const po::options_description described = DescribeDaemon(options);
  try {
    po::variables_map values;
    po::store(po::parse_command_line(argc, argv, described), values);
    FinishDaemon(values, described, options);
  } catch (const po::error& error) {
    return {Code::kBadValue, error.what()};
  }
  return options.service;
}

}  // namespace sw::programs
