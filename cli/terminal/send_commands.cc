// `send`: a message to those who sit at other user interfaces. Syntax: recollection; how the message ends and how it is
// shown: our choice (a line that holds only a dot, since Ctrl+Z leads to user view here).
#include <fmt/format.h>

#include <algorithm>

#include "cli/session/line_reader.h"
#include "cli/session/operator.h"
#include "cli/subjects.h"

namespace sw::cli {
namespace {

constexpr std::size_t kMost = 2000;  // characters of a message

// Where the message goes: to all lines, or to one.
struct Receivers {
  std::optional<LineId> line;
};

std::string SenderOf(Operator& session) {
  const LineUse* own = session.seat().own();
  return own == nullptr ? session.seat().options().from : own->line.ToString();
}

Status Deliver(Operator& session, const Receivers& to, const std::string& text) {
  const std::string shown =
      fmt::format("\n***Message from {}, user {}:\n{}***\n", SenderOf(session), session.seat().options().who, text);
  std::size_t got = 0;
  for (const auto& [id, use] : session.seat().lines().uses()) {
    if (id == session.seat().use() || (to.line && use.line != *to.line) || !use.tell) continue;
    use.tell(shown);
    ++got;
  }
  session.Print(fmt::format("Sent to {} user interface(s).\n", got));
  return {};
}

// A message in the making. One that will not do is taken to its end all the same, so that none of it is run as
// commands.
struct Message {
  Receivers to;
  std::string text = {};
  Status trouble = {};  // the first

  void Add(std::string_view line) {
    if (!trouble.ok()) return;
    // What one user types, another one's terminal shows.
    if (const auto at = FindControlByte(line)) trouble = ControlByteRefused(line[*at]);
    text += std::string(line) + "\n";
    if (text.size() > kMost) trouble = {Code::kBadValue, fmt::format("A message has at most {} characters", kMost)};
  }
  Status End(Operator& session) const {
    if (!trouble.ok()) return trouble;
    return text.empty() ? Status(Code::kBadValue, "The message is empty") : Deliver(session, to, text);
  }
};

Status GoOn(Operator& session, Message message) {
  session.Collect("The message is not ended by a dot",
                  [&session, message = std::move(message)](std::string_view line) mutable -> Status {
                    if (line == ".") return message.End(session);
                    message.Add(line);
                    return GoOn(session, std::move(message));
                  });
  return {};
}

Status Send(Operator& session, const Match& match) {
  Receivers to;
  if (const auto absolute = match.Int("absolute")) to.line = LineId::FromAbsolute(static_cast<int>(*absolute));
  if (const auto number = match.Int("number"))
    to.line = LineId{*ParseLineType(match.Text("type")), static_cast<int>(*number)};
  const LineUse* own = session.seat().own();
  if (to.line && own != nullptr && own->line == *to.line) return {Code::kBadValue, "This is the user interface in use"};
  const auto there = [&](const auto& use) {
    return use.first != session.seat().use() && (!to.line || use.second.line == *to.line);
  };
  if (std::ranges::none_of(session.seat().lines().uses(), there)) return {Code::kNotFound, "Nobody is there"};
  if (session.seat().options().interactive) session.Print("Enter the message; a line with only a dot ends it.\n");
  return GoOn(session, {to});
}

constexpr Command kCommands[] = {
    {.views = In(View::kUser),
     .level = kMonitor,
     .form = "send { all | { console=type:con | aux=type | vty=type } <number:user_interface.number> | "
             "<absolute:int:0-257> }",
     .help = "Send a message to other user interfaces|All that are in use|Console|Auxiliary line|Virtual line|Number|"
             "Absolute number",
     .run = Send},
};

}  // namespace

std::span<const Command> SendCommands() {
  return kCommands;
}

}  // namespace sw::cli
