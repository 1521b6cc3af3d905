// The command line of sw8800d and its ini file.
#pragma once

#include <boost/program_options.hpp>
#include <string>

#include "cli/service/service.h"

namespace sw::programs {

struct DaemonOptions {
  cli::ServiceOptions service;
  std::vector<std::string> ports;  // INTERFACE=LINK
  std::string replay_crypto, check_card;
};

// What fills `options`, which outlives it.
boost::program_options::options_description DescribeDaemon(DaemonOptions& options);
// Adds what the file of --config says; the command line stands above it. Throws boost::program_options::error.
void FinishDaemon(boost::program_options::variables_map& values,
                  const boost::program_options::options_description& described, DaemonOptions& options);
// Both anew, for a reload.
Result<cli::ServiceOptions> ReadDaemonOptions(int argc, char** argv);

}  // namespace sw::programs
