#include "cli/session/text_value.h"

#include <fmt/format.h>

#include <utility>

#include "cli/session/line_reader.h"
#include "cli/session/operator.h"

namespace sw::cli {
namespace {

struct Collected {
  std::string text;
  Status trouble;  // the first
  std::size_t most;
  std::function<Status(const std::string&)> then;

  void Add(std::string_view line) {
    if (!trouble.ok()) return;
    if (const auto at = FindControlByte(line)) trouble = ControlByteRefused(line[*at]);
    text += "\n";
    text += line;
    if (text.size() > most) trouble = {Code::kBadValue, fmt::format("The text has at most {} characters", most)};
  }
};

Status GoOn(Operator& session, Collected collected) {
  const char delimiter = collected.text.front();
  session.Collect(fmt::format("The text is not closed: no {} follows", delimiter),
                  [&session, collected = std::move(collected), delimiter](std::string_view line) mutable -> Status {
                    const std::size_t end = line.find(delimiter);
                    collected.Add(line.substr(0, end));
                    if (end == std::string_view::npos) return GoOn(session, std::move(collected));
                    collected.text += delimiter;
                    return collected.trouble.ok() ? collected.then(collected.text) : collected.trouble;
                  });
  return {};
}

}  // namespace

Status CollectText(Operator& session, std::string begun, std::size_t most,
                   std::function<Status(const std::string& text)> then) {
  const std::size_t end = begun.find(begun.front(), 1);
  if (end != std::string::npos) return then(begun.substr(0, end + 1));
  return GoOn(session, {std::move(begun), {}, most, std::move(then)});
}

}  // namespace sw::cli
