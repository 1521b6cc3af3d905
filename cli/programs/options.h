// What all programs do with their command line: --help, --version, --completion, and an error on standard error with
// status 2.
#pragma once

#include <boost/program_options.hpp>
#include <iostream>
#include <optional>
#include <string_view>

#include "cli/programs/completion.h"
#include "version.h"

namespace sw::programs {

inline constexpr int kUsage = 2;

// The exit status when there is nothing to run; nullopt to go on. `help` follows the options where --help prints them.
// `finish` gets what was parsed, notifies, and may throw boost::program_options::error.
template <typename Finish>
std::optional<int> ParseOptions(std::string_view program, const boost::program_options::options_description& described,
                                int argc, char** argv, std::string_view help, Finish finish) {
  namespace po = boost::program_options;
  try {
    po::variables_map values;
    po::options_description own, all;
    own.add_options()("completion", po::value<std::string>());  // for packages; nobody types it, so --help leaves it out
    all.add(described).add(own);
    po::store(po::parse_command_line(argc, argv, all), values);
    if (values.count("completion") != 0) {
      const auto script = Completion(values["completion"].as<std::string>(), program, described);
      if (!script) throw po::error("--completion: bash or zsh");
      std::cout << *script;
      return 0;
    }
    if (values.count("help") != 0) {
      std::cout << described << help;
      return 0;
    }
    if (values.count("version") != 0) {
      std::cout << program << " " << kVersion << "\n";
      return 0;
    }
    finish(values);
  } catch (const po::error& error) {
    constexpr std::size_t kMost = 400;  // an option, or a line of a file, may be of any length
    const std::string_view what = error.what();
    std::cerr << program << ": " << what.substr(0, kMost) << (what.size() > kMost ? "..." : "") << "\n";
    return kUsage;
  }
  return std::nullopt;
}

}  // namespace sw::programs
