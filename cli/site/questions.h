// `sw8800 --init`: asks what a first configuration needs, as far as options have not said it, and writes the files.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "cli/site/site.h"

namespace sw::cli {

// Answers that options gave; what is empty is asked.
struct SiteAnswers {
  std::string role{};  // server or client
  std::string link{}, address{}, network{}, tunnel{}, branch{}, invitation{};
  std::string folder = ".";  // where the files go
};

// Puts a question and returns the line that was typed, nullopt at the end of the input.
using Ask = std::function<std::optional<std::string>(const std::string& question)>;
using Say = std::function<void(const std::string& text)>;

// Writes site.cfg and site.ini, readable by their owner only, into the folder; files that are there are never written
// over. A wrong answer is asked again, a wrong option is an error. Says what to do next, at this end and at the other.
Status MakeSite(const SiteAnswers&, Random&, const Ask&, const Say&);

}  // namespace sw::cli
