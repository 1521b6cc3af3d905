#include "cli/replay/replay.h"

#include <algorithm>
#include <span>
#include <utility>

#include "cli/grammar/line.h"
#include "cli/grammar/text.h"
#include "cli/session/line_reader.h"
#include "cli/session/secrets.h"
#include "cli/session/session.h"
#include "config-db/store.h"
#include "device/config/findings.h"

namespace sw::cli {
namespace {

bool IsEmpty(std::string_view line) {
  return line.find_first_not_of(" \t") == std::string_view::npos;
}

// Where a line is refused for what it means: its last word that the reason names, or its first one.
int PlaceOf(std::string_view line, std::string_view reason) {
  const Tokens tokens = Tokenise(line), named = Tokenise(reason);
  if (tokens.empty()) return -1;
  std::size_t at = tokens.front().begin;
  const auto bare = [](std::string_view word) { return word.substr(0, word.find_last_not_of(",.:") + 1); };
  for (const Token& token : tokens)
    if (std::ranges::any_of(named, [&](const Token& word) { return bare(word.text) == token.text; })) at = token.begin;
  return static_cast<int>(at);
}

std::string Shown(std::string_view line, const std::string& masked) {
  return std::string(TrimEnd(masked.empty() ? line : std::string_view(masked)));
}

bool StartsInUserView(std::span<const std::string_view> lines) {
  for (const std::string_view line : lines) {
    std::string kept;
    const Tokens tokens = Tokenise(Blanks(line, kept));
    if (tokens.empty() || tokens.front().text.starts_with('#')) continue;
    const std::string_view first = tokens.front().text;
    // "sys" alone could be sysname as well; in configuration text that word is written out.
    return first.size() >= 3 && HasPrefix("system-view", first);
  }
  return false;
}

// The cipher text that cannot be opened here in a line that was taken.
std::optional<FindingReport> ClosedCipher(int number, std::string_view line, const std::string& masked) {
  std::string_view before;
  for (const Token& token : Tokenise(line)) {
    std::string why = !before.empty() && HasPrefix("cipher", before) ? WhyCipherIsClosed(token.text) : "";
    if (!why.empty())
      return FindingReport{number, Shown(line, masked), static_cast<int>(token.begin), std::move(why), true};
    before = token.text;
  }
  return std::nullopt;
}

}  // namespace

bool StartsInUserView(std::string_view script) {
  return StartsInUserView(LinesOf(script));
}

Replay::Replay(Console& console, std::string name, std::string_view script, OnError on_error,
               std::optional<bool> user_view)
    : console_(console),
      on_error_(on_error),
      script_(script),
      lines_(LinesOf(script_)),
      user_view_(user_view.value_or(StartsInUserView(lines_))) {
  report_.name = std::move(name);
  report_.lines.reserve(lines_.size());
}

Replay::~Replay() {
  if (done_) console_.Listen(nullptr);
}

void Replay::Start(std::function<void(ReplayReport)> done, std::function<void(std::size_t, std::size_t)> progress) {
  done_ = std::move(done);
  progress_ = std::move(progress);
  console_.Listen(this);
  step_ = on_error_ == OnError::kRollback ? Step::kBegin : Step::kEnter;
  Pump();
}

void Replay::OnReady(const Ready& ready) {
  answer_ = ready;
  answered_ = true;
  if (!pumping_) Pump();
}

// A console that answers inside the call must not make this recurse: a script may have 100,000 lines.
void Replay::Pump() {
  pumping_ = true;
  while (step_ != Step::kDone) {
    if (!asked_) {
      asked_ = true;
      answered_ = false;
      output_.clear();
      Issue();
    }
    if (!answered_) break;
    if (answer_.question) {
      answered_ = false;
      AnswerQuestion();
      continue;
    }
    asked_ = false;
    Answered();
  }
  pumping_ = false;
  if (step_ != Step::kDone) return;
  console_.Listen(nullptr);
  const auto done = std::exchange(done_, nullptr);
  done(std::move(report_));
}

// A line of text and a password come from the script, as they stand there; anything else is answered with yes.
void Replay::AnswerQuestion() {
  if (!answer_.text && !answer_.secret) return console_.Execute("y");
  if (next_ < lines_.size()) return console_.Execute(lines_[next_++]);
  console_.Send(Control::kCancel);
}

void Replay::Issue() {
  switch (step_) {
    case Step::kBegin:
      return console_.Send(Control::kBegin);
    case Step::kEnter:
      if (!user_view_ && console_.ready().prompt.starts_with('<')) return console_.Execute("system-view");
      return console_.Execute("");
    case Step::kLine:
      while (next_ < lines_.size() && IsEmpty(lines_[next_])) ++next_;
      current_ = next_;
      if (next_ == lines_.size()) return console_.Execute("");
      return console_.Execute(lines_[next_++]);
    case Step::kEnd:
      if (on_error_ != OnError::kRollback) return console_.Execute("");
      return console_.Send(report_.refused == 0 ? Control::kCommit : Control::kRollback);
    case Step::kDone:
      return;
  }
}

void Replay::Answered() {
  switch (step_) {
    case Step::kBegin:
      step_ = Step::kEnter;
      if (answer_.outcome != Outcome::kRefused) return;
      report_.refused = 1;
      report_.lines.push_back({0, {}, Outcome::kRefused, -1, answer_.reason, {}});
      step_ = Step::kDone;
      return;
    case Step::kEnter:
      step_ = Step::kLine;
      return;
    case Step::kLine:
      return AnsweredLine();
    case Step::kEnd:
      return AnsweredEnd();
    case Step::kDone:
      return;
  }
}

void Replay::AnsweredLine() {
  if (current_ == lines_.size()) {
    step_ = Step::kEnd;
    return;
  }
  const std::string_view line = lines_[current_];
  const int number = static_cast<int>(current_) + 1;
  if (!line.starts_with('#')) {
    LineReport report{number, Shown(line, answer_.masked), answer_.outcome, answer_.column, answer_.reason, output_};
    if (report.outcome == Outcome::kRefused) {
      if (report.column < 0) report.column = PlaceOf(line, report.reason);
    } else if (std::optional<FindingReport> note = ClosedCipher(number, line, answer_.masked)) {
      report_.findings.push_back(std::move(*note));
    }
    Count(report);
    report_.lines.push_back(std::move(report));
  }
  if (progress_) progress_(next_, lines_.size());
  const bool refused = answer_.outcome == Outcome::kRefused && on_error_ != OnError::kContinue;
  if (!refused && !answer_.closed) return;
  report_.stopped = next_ < lines_.size();
  step_ = answer_.closed ? Step::kDone : Step::kEnd;
}

void Replay::AnsweredEnd() {
  step_ = Step::kDone;
  if (on_error_ != OnError::kRollback) return;
  report_.rolled_back = report_.refused != 0 || answer_.outcome == Outcome::kRefused;
  if (answer_.outcome != Outcome::kRefused) return;
  ++report_.refused;
  report_.lines.push_back({0, {}, Outcome::kRefused, -1, answer_.reason, {}});
}

void Replay::Count(const LineReport& report) {
  std::size_t* const counters[] = {&report_.accepted, &report_.changed, &report_.unchanged, &report_.refused,
                                   &report_.skipped};
  ++*counters[static_cast<std::size_t>(report.outcome)];
}

std::size_t ReplayReport::errors() const {
  const auto error = [](const FindingReport& finding) { return !finding.note; };
  return refused + static_cast<std::size_t>(std::ranges::count_if(findings, error));
}

namespace {

struct RowOfLine {
  configdb::ChangedRow row;
  std::size_t line;  // in the report
};

// The line a finding is about: the last one that says the word, or else the one that made the object.
// `rows`: sorted by row, then line.
FindingReport Place(const device::Finding& finding, std::span<const RowOfLine> rows, const ReplayReport& report) {
  FindingReport out{0, {}, -1, finding.reason, finding.note};
  // Not ranges::equal_range, whose subrange clang 14 does not understand.
  const configdb::ChangedRow wanted{finding.table, finding.key};
  const auto first_row = std::ranges::lower_bound(rows, wanted, {}, &RowOfLine::row);
  const std::span<const RowOfLine> found(first_row, std::ranges::upper_bound(rows, wanted, {}, &RowOfLine::row));
  if (found.empty()) return out;
  const auto take = [&](const LineReport& line, std::size_t column) {
    out.number = line.number;
    out.text = line.text;
    out.column = static_cast<int>(column);
  };
  const LineReport& first = report.lines[found.front().line];
  take(first, std::min(first.text.find_first_not_of(' '), first.text.size()));
  for (const RowOfLine& changed : found) {
    const LineReport& line = report.lines[changed.line];
    for (const Token& token : Tokenise(line.text)) {
      if (!finding.word.empty() && SameWord(token.text, finding.word)) take(line, token.begin);
    }
  }
  return out;
}

}  // namespace

Result<ReplayReport> CheckScript(const Grammar& grammar, const hal::Capabilities& crypto, std::string name,
                                 std::string_view script, const std::function<void(const CheckedScript&)>& then) {
  Result<configdb::Store> store = configdb::Store::OpenScratch();
  if (!store.ok()) return store.status();
  Session session(*store, grammar, {.who = "check", .from = "check"});
  ReplayReport report;
  Replay replay(session, std::move(name), script, OnError::kContinue);
  std::vector<RowOfLine> rows;
  std::vector<CheckedLine> lines;
  CheckedLine line;
  const Operator& at = session;
  if (then && StartsInUserView(script)) line.before = View::kUser;
  replay.Start([&report](ReplayReport done) { report = std::move(done); },
               [&](std::size_t, std::size_t) {
                 const std::size_t count = replay.report().lines.size();  // a mark (#) is none of them
                 configdb::ChangedRows changed = session.changes().TakeChangedRows();
                 if (then) line.rows = changed;
                 for (configdb::ChangedRow& row : changed) rows.push_back({std::move(row), count - 1});
                 if (!then) return;
                 line.after = at.view();
                 line.object_after = at.object();
                 line.report = count - 1;
                 if (count > lines.size()) lines.push_back(line);
                 line.before = line.after;
                 line.object_before = line.object_after;
               });
  const Result<std::vector<device::Finding>> findings =
      device::Findings(*store, *session.changes().candidate(), crypto);
  if (!findings.ok()) return findings.status();
  report.findings.clear();  // the device's are all of them
  if (!findings->empty()) std::ranges::stable_sort(rows, {}, &RowOfLine::row);
  for (const device::Finding& finding : *findings) report.findings.push_back(Place(finding, rows, report));
  std::ranges::stable_sort(report.findings, {}, &FindingReport::number);
  if (then) then({*store, *session.changes().candidate(), report, lines});
  return report;
}

}  // namespace sw::cli
