#include "cli/configuration/displays.h"

#include <span>

namespace sw::cli {
namespace {

std::vector<std::string> LinesOf(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

struct SectionView {
  bool separated = false;  // # stands before it
  std::optional<std::string> heading;
  std::vector<std::string> commands;
};
constexpr auto kSection = Fields<SectionView>({
    {"separated", "# stands before it", [](auto& v) { return v.separated; }},
    {"headed", "It has a heading", [](auto& v) { return v.heading.has_value(); }},
    {"heading", "The command that enters its view, or empty", [](auto& v) { return v.heading.value_or(""); }},
    {"commands", "Of the view", [](auto& v) { return v.commands; }},
});
ListOf<kSection> Sections(const ConfigurationView& view) {
  std::vector<SectionView> out;
  for (const std::string& line : LinesOf(view.text)) {
    if (line.starts_with(' ')) {
      if (out.empty()) out.emplace_back();
      out.back().commands.push_back(line.substr(1));
    } else if (line == "#") {
      out.push_back({true, std::nullopt, {}});
    } else if (!out.empty() && out.back().separated && !out.back().heading && out.back().commands.empty()) {
      out.back().heading = line;
    } else {
      out.push_back({false, line, {}});
    }
  }
  return List<kSection>(out);
}
constexpr auto kConfiguration = Fields<ConfigurationView>({
    {"sections", "In the order of the text", [](auto& v) { return Sections(v); }},
});

constexpr auto kBlameLine = Fields<BlameLine>({
    {"commit", "Number of the change; -: factory; empty: not stored", [](auto& v) { return v.commit; }},
    {"when", "UTC, ISO 8601", [](auto& v) { return v.when; }},
    {"by", "Who, and from where", [](auto& v) { return v.by; }},
    {"line", "Of the configuration", [](auto& v) { return v.line; }},
});
constexpr auto kBlame = Fields<BlameView>({
    {"commands", "In the order of the text", [](auto& v) { return List<kBlameLine>(v); }},
});

struct ChangeView {
  char mark;
  std::string section, command;
};
constexpr auto kChange = Fields<ChangeView>({
    {"change",
     "added, removed, or kept for the heading of a section",
     [](auto& v) { return v.mark == '+'   ? "added"
                          : v.mark == '-' ? "removed"
                                          : "kept"; },
     {{},
      0,
      [](const Value& value) {
        const std::string change = PlainText(value);
        return std::string(change == "added" ? "+" : change == "removed" ? "-" : " ");
      }}},
    {"section", "Its heading; empty: system view", [](auto& v) { return v.section; }},
    {"command", "Empty: the heading itself", [](auto& v) { return v.command; }},
});
ListOf<kChange> Changes(const DiffView& view) {
  std::vector<ChangeView> out;
  std::string section;
  for (const std::string& line : LinesOf(view.text)) {
    if (line.size() < 2) continue;
    const bool heading = line[1] != ' ';
    if (heading) section = line.substr(1);
    out.push_back({line[0], section, heading ? "" : line.substr(2)});
  }
  return List<kChange>(out);
}
constexpr auto kDiff = Fields<DiffView>({
    {"changes", "By section", [](auto& v) { return Changes(v); }},
});

using configdb::JournalEntry;
constexpr auto kEntry = Fields<JournalEntry>({
    {"action", "insert, update or delete", [](auto& v) { return v.action; }},
    {"table", "Of the row", [](auto& v) { return v.table; }},
    {"key", "Of the row", [](auto& v) { return v.key; }},
    {"column", "That was set, or empty", [](auto& v) { return v.column; }},
    {"before", "Empty: not set; of a secret ***", [](auto& v) { return v.before; }},
    {"after", "Empty: not set; of a secret ***", [](auto& v) { return v.after; }},
});
using Commit = std::span<const JournalEntry>;
constexpr auto kCommit = Fields<Commit>({
    {"commit", "Number", [](auto& v) { return v.front().commit; }},
    {"when", "UTC, ISO 8601", [](auto& v) { return v.front().when; }},
    {"who", "User", [](auto& v) { return v.front().origin.who; }},
    {"from", "User interface", [](auto& v) { return v.front().origin.from; }},
    {"command", "What was typed, secrets masked", [](auto& v) { return v.front().origin.line; }},
    {"changes", "Of rows", [](auto& v) { return List<kEntry>(v); }},
});
ListOf<kCommit> Commits(const JournalView& journal) {
  std::vector<Commit> out;
  for (std::size_t begin = 0, end = 0; begin < journal.size(); begin = end) {
    while (end < journal.size() && journal[end].commit == journal[begin].commit) ++end;
    out.push_back(std::span(journal).subspan(begin, end - begin));
  }
  return List<kCommit>(out);
}
constexpr auto kJournal = Fields<JournalView>({
    {"commits", "The newest last", [](auto& v) { return Commits(v); }},
});

constexpr auto kCheckpoint = Fields<configdb::CheckpointInfo>({
    {"name", "Checkpoint", [](auto& v) { return v.name; }},
    {"when", "It was made, UTC", [](auto& v) { return v.when; }},
    {"commit", "The last one in it", [](auto& v) { return v.commit; }},
    {"who", "User", [](auto& v) { return v.who; }},
    {"from", "User interface", [](auto& v) { return v.from; }},
});
constexpr auto kCheckpoints = Fields<CheckpointsView>({
    {"checkpoints", "Copies to go back to", [](auto& v) { return List<kCheckpoint>(v.checkpoints); }},
    {"unconfirmed", "A change is not confirmed", [](auto& v) { return v.left.has_value(); }},
    {"seconds_left", "Until it goes back", [](auto& v) { return v.left.value_or(Duration{0}); }},
});

std::string PathOf(const std::string& name) {
  return name.empty() ? std::string() : "flash:/" + name;
}
std::string OrNull(const Value& value) {
  const std::string text = PlainText(value);
  return text.empty() ? "NULL" : text;
}
constexpr auto kStartup = Fields<StartupView>({
    {"main", "File the device starts from, or empty", [](auto& v) { return PathOf(v.main); }, {{}, 0, OrNull}},
    {"backup", "When that one is not there, or empty", [](auto& v) { return PathOf(v.backup); }, {{}, 0, OrNull}},
});

}  // namespace

constexpr DisplayOf<ConfigurationView> kConfigurationDisplay(
    kConfiguration, "{*sections}{?separated}#\n{/}{?headed}{heading}\n{/}{*commands} {.}\n{/}{/}");
constexpr DisplayOf<BlameView> kBlameDisplay(kBlame,
                                             "{*commands}{?commit}{commit:>6} {when:20} {by:24} {/}{line}\n{/}");
constexpr DisplayOf<DiffView> kDiffDisplay(
    kDiff, "{*changes}{change}{?command} {command}{:}{section}{/}\n{:} No difference\n{/}");
constexpr DisplayOf<JournalView> kJournalDisplay(
    kJournal,
    "{*commits} {commit} {when} {who} {from}: {command}\n"
    "{*changes}     {action} {table} {key}{?column} {column}: '{before}' -> '{after}'{/}\n{/}{/}");
constexpr DisplayOf<CheckpointsView> kCheckpointsDisplay(
    kCheckpoints,
    " checkpoint                       made at               commit  by\n"
    "{*checkpoints} {name:32} {when:21} {commit:7} {who} {from}\n{/}"
    "{?unconfirmed} Not confirmed: all goes back in {seconds_left} second(s)\n{/}");
constexpr DisplayOf<StartupView> kStartupDisplay(kStartup,
                                                 " Next main startup saved-configuration file:    {main}\n"
                                                 " Next backup startup saved-configuration file:  {backup}\n");

}  // namespace sw::cli
