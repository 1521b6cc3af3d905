// The configuration as data: journal, blame, checkpoints, differences, rollback and the confirmed commit. All of it is
// ours; immediate mode stays as it is.
#include <fmt/format.h>

#include <chrono>

#include "cli/configuration/diff.h"
#include "cli/configuration/displays.h"
#include "cli/configuration/startup.h"
#include "cli/configuration/text.h"
#include "cli/session/operator.h"
#include "cli/session/refusals.h"
#include "cli/session/secrets.h"
#include "cli/subjects.h"
#include "config-db/checkpoint.h"
#include "device/config/commit_guard.h"
#include "device/device.h"

namespace sw::cli {
namespace {

constexpr std::int64_t kJournalLines = 50;

Status DisplayJournal(Operator& session, const Match& match) {
  const auto newest = static_cast<std::size_t>(match.Int("count").value_or(kJournalLines));
  const Result<std::vector<configdb::JournalEntry>> journal = session.store().Journal(newest);
  if (!journal.ok()) return journal.status();
  session.Show(kJournalDisplay, *journal);
  return {};
}

constexpr char kBetween = '\x1f';  // parts of the note before a line

BlameView BlameLines(Operator& session, std::string_view text) {
  BlameView out;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    BlameLine& blame = out.emplace_back();
    for (std::string* part : {&blame.commit, &blame.when, &blame.by}) {
      const std::size_t end = line.find(kBetween);
      if (end == std::string_view::npos) break;
      *part = line.substr(0, end);
      line.remove_prefix(end + 1);
    }
    blame.line = MaskedText(session, line);
  }
  return out;
}

// Who set what a line was printed from: the newest change of the columns its form stores, or of the row itself.
Status DisplayBlame(Operator& session, const Match&) {
  const Result<configdb::LastChanges> changes = configdb::GetLastChanges(session.store());
  if (!changes.ok()) return changes.status();
  const LineNote note = [&](const Form& form, std::string_view table, const configdb::Key& row) {
    const std::string key = configdb::ShownKey(*configdb::FindTable(table), row);
    const configdb::LastChange* last = nullptr;
    const auto consider = [&](const std::string& parameter) {
      const auto found = changes->find({std::string(table), key, parameter});
      if (found != changes->end() && (last == nullptr || found->second.commit > last->commit)) last = &found->second;
    };
    for (const Symbol& symbol : form.terminals)
      if (!symbol.name.empty()) consider(symbol.name);
    if (last == nullptr) consider("");
    if (last == nullptr) return fmt::format("-{0}factory{0}{0}", kBetween);
    return fmt::format("{}{}{}{}{:.24}{}", last->commit, kBetween, last->when, kBetween,
                       fmt::format("{} {}", last->who, last->from), kBetween);
  };
  const Result<std::string> text = ConfigurationText(session.grammar(), session.store(), {.note = note});
  if (!text.ok()) return text.status();
  session.Show(kBlameDisplay, BlameLines(session, *text));
  return {};
}

Status SaveCheckpoint(Operator& session, const Match& match) {
  if (match.Text("checkpoint").starts_with('~')) return {Code::kBadValue, "Names with ~ are the device's own"};
  return configdb::SaveCheckpoint(session.store(), match.Text("checkpoint"), session.seat().origin());
}

Status RemoveCheckpoint(Operator& session, const Match& match) {
  return configdb::RemoveCheckpoint(session.store(), match.Text("checkpoint"));
}

Status DisplayCheckpoints(Operator& session, const Match&) {
  const Result<std::vector<configdb::CheckpointInfo>> checkpoints = configdb::Checkpoints(session.store());
  if (!checkpoints.ok()) return checkpoints.status();
  session.Show(kCheckpointsDisplay, {*checkpoints, session.device().commit_guard().left()});
  return {};
}

Result<std::string> EarlierText(Operator& session, const Match& match) {
  if (match.Find("checkpoint") != nullptr) {
    const Result<configdb::Store> store = configdb::OpenCheckpoint(session.store(), match.Text("checkpoint"));
    if (!store.ok()) return store.status();
    return ConfigurationText(session.grammar(), *store);
  }
  const Result<std::optional<std::string>> saved = SavedText(session.device());
  if (!saved.ok()) return saved.status();
  if (!*saved) return NoConfigFile();
  return **saved;
}

Status DisplayDiff(Operator& session, const Match& match) {
  const Result<std::string> before = EarlierText(session, match);
  if (!before.ok()) return before.status();
  const Result<std::string> after = ConfigurationText(session.grammar(), session.store());
  if (!after.ok()) return after.status();
  session.Show(kDiffDisplay, {ConfigurationDiff(MaskedText(session, *before), MaskedText(session, *after))});
  return {};
}

Status Rollback(Operator& session, const Match& match) {
  SW_TRY(session.Configure(
      [&](configdb::Edit& edit) { return configdb::RestoreCheckpoint(edit, match.Text("checkpoint")); }));
  session.Enter(session.view() == View::kUser ? View::kUser : View::kSystem);  // the view's object may be gone
  return {};
}

Status CommitConfirmed(Operator& session, const Match& match) {
  const std::chrono::minutes time(*match.Int("minutes"));
  SW_TRY(session.device().commit_guard().Arm(time, session.seat().origin()));
  session.Print(
      fmt::format(" What changes from now on goes back in {} minute(s) unless 'configuration commit' is "
                  "given\n",
                  time.count()));
  return {};
}

Status Commit(Operator& session, const Match&) {
  return session.device().commit_guard().Confirm();
}

constexpr Views kUserAndSystem = In(View::kUser) | In(View::kSystem);

constexpr Command kCommands[] = {
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display configuration journal [ <count:int:1-10000> ]",
     .help = "|Configuration as data|Who changed what, the newest last|Changes to show, 50 by default",
     .run = DisplayJournal,
     .shows = &kJournalDisplay},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display configuration blame",
     .help = "||Who set each line of the configuration, and when",
     .run = DisplayBlame,
     .shows = &kBlameDisplay},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display configuration checkpoint",
     .help = "||Copies to go back to",
     .run = DisplayCheckpoints,
     .shows = &kCheckpointsDisplay},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display configuration diff { saved-configuration | <checkpoint:string:1-32> }",
     .help = "||What changed since|Since the configuration was saved|Since this checkpoint",
     .run = DisplayDiff,
     .shows = &kDiffDisplay},
    {.views = kUserAndSystem,
     .level = kManage,
     .form = "configuration checkpoint <checkpoint:string:1-32>",
     .help = "Configuration as data|Keep a copy to go back to|Name of the checkpoint",
     .run = SaveCheckpoint,
     .undo = "configuration checkpoint <checkpoint:string:1-32>",
     .undo_run = RemoveCheckpoint},
    {.views = kUserAndSystem,
     .level = kManage,
     .form = "configuration rollback <checkpoint:string:1-32>",
     .help = "|Go back to a checkpoint|Name of the checkpoint",
     .run = Rollback},
    {.views = kUserAndSystem,
     .level = kManage,
     .form = "configuration commit confirmed <minutes:int:1-60>",
     .help = "|Keep what was changed|Only when that is confirmed in time, or else go back|Minutes",
     .run = CommitConfirmed},
    {.views = kUserAndSystem, .level = kManage, .form = "configuration commit", .help = "|", .run = Commit},
};

}  // namespace

std::span<const Command> JournalCommands() {
  return kCommands;
}

}  // namespace sw::cli
