#include "cli/shell/readline_editor.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <utility>

// Behind the standard headers, which it needs.
#include <readline/history.h>
#include <readline/readline.h>

#include "cli/grammar/line.h"
#include "cli/session/history.h"
#include "cli/session/line_reader.h"

namespace sw::cli {
namespace {

constexpr int kMostKept = 500;  // lines of the history file; our choice
constexpr unsigned long kSearching = RL_STATE_ISEARCH | RL_STATE_NSEARCH | RL_STATE_SEARCH | RL_STATE_NUMERICARG;

// Of each action, the name that ~/.inputrc knows it by.
constexpr std::array<const char*, kActions> kNames = {nullptr,
                                                      "sw-left",
                                                      "sw-right",
                                                      "sw-start",
                                                      "sw-end",
                                                      "sw-word-left",
                                                      "sw-word-right",
                                                      "sw-erase-left",
                                                      "sw-erase-right",
                                                      "sw-erase-word-left",
                                                      "sw-erase-word-right",
                                                      "sw-erase-to-start",
                                                      "sw-erase-to-end",
                                                      "sw-older",
                                                      "sw-newer",
                                                      "sw-enter",
                                                      "sw-help",
                                                      "sw-complete",
                                                      "sw-return",
                                                      "sw-cancel",
                                                      "sw-redraw",
                                                      "sw-hang-up",
                                                      "sw-hotkey-g",
                                                      "sw-hotkey-l",
                                                      "sw-hotkey-o",
                                                      "sw-hotkey-t",
                                                      "sw-hotkey-u"};

class ReadlineEditor final : public Editor {
 public:
  explicit ReadlineEditor(std::string history_file);
  ~ReadlineEditor() override;

  void Clear(Mode mode) override;
  Pressed Press(const Stroke& stroke) override;
  void MoveToEnd() override { rl_point = rl_end; }
  void Replace(std::size_t begin, std::string_view text) override;
  std::string_view line() const override { return {rl_line_buffer, static_cast<std::size_t>(rl_end)}; }
  std::size_t cursor() const override { return static_cast<std::size_t>(rl_point); }
  std::string typed() const override { return accepted_.value_or(std::string(line())) + overflow_.text(); }
  std::string label() const override;
  void set_history_size(std::size_t lines) override { recent_.set_size(lines); }
  void Remember(const std::string& line, bool secret) override;

  void Act(Action action);
  void Accept(const char* line);  // a key of the user's own ended the line, or (null) the input
  int NextByte();

 private:
  static bool Erase(std::size_t begin, std::size_t end);
  bool Recall(std::size_t entry);
  bool Edit(Action action);
  void ReadHistory();
  void KeepLine(const std::string& line) const;

  std::string history_file_;
  History recent_;
  std::string input_;  // bytes of the stroke that readline has not taken
  Pressed pressed_;
  std::optional<std::string> accepted_;
  Overflow overflow_;
  std::optional<std::size_t> recalled_;
  std::string draft_;
};

ReadlineEditor* the_editor = nullptr;  // readline's callbacks know no object

template <std::size_t kAction>
int Run(int, int) {
  the_editor->Act(static_cast<Action>(kAction));
  return 0;
}
template <std::size_t... kAction>
constexpr std::array<rl_command_func_t*, kActions> RunTable(std::index_sequence<kAction...>) {
  return {&Run<kAction>...};
}
constexpr std::array<rl_command_func_t*, kActions> kRun = RunTable(std::make_index_sequence<kActions>());

int GetByte(FILE*) {
  return the_editor->NextByte();
}
int NoMoreBytes() {
  return 0;
}
void Nothing() {}
void NothingToPrepare(int) {}
void TakeLine(char* line) {
  the_editor->Accept(line);
  std::free(line);  // readline's, from malloc
}

// Once a process: what readline is to leave alone, and the keys.
void SetUp() {
  rl_readline_name = "sw8800";
  rl_catch_signals = 0;
  rl_catch_sigwinch = 0;
  rl_change_environment = 0;
  rl_prep_term_function = &NothingToPrepare;
  rl_deprep_term_function = &Nothing;
  rl_redisplay_function = &Nothing;
  rl_getc_function = &GetByte;
  rl_input_available_hook = &NoMoreBytes;
  for (const auto& [name, value] : {std::pair{"bind-tty-special-chars", "off"},
                                    {"enable-bracketed-paste", "off"},
                                    {"convert-meta", "off"},
                                    {"input-meta", "on"},
                                    {"output-meta", "on"},
                                    {"bell-style", "none"}})
    (void)rl_variable_bind(name, value);
  for (std::size_t action = 1; action < kActions; ++action) (void)rl_add_defun(kNames[action], kRun[action], -1);
  for (Keymap map : {rl_get_keymap_by_name("emacs-standard"), rl_get_keymap_by_name("vi-insert")}) {
    for (const Binding& binding : Bindings()) {
      rl_command_func_t* run = kRun[static_cast<std::size_t>(binding.action)];
      const auto code = static_cast<int>(binding.key);
      if (code < 0x80) map[code] = {ISFUNC, run};  // also where readline has a prefix, as at Ctrl+X
      for (const Sequence& sequence : Sequences()) {
        if (sequence.key != binding.key) continue;
        if (sequence.bytes.size() == 1) {
          (void)rl_bind_key_in_map(sequence.bytes.front(), run, map);
        } else {
          (void)rl_generic_bind(ISFUNC, std::string(sequence.bytes).c_str(), reinterpret_cast<char*>(run), map);
        }
      }
    }
    // What the table leaves free: the search in all that was ever typed.
    (void)rl_bind_key_in_map('S' & 0x1f, &rl_reverse_search_history, map);
    (void)rl_unbind_key_in_map('V' & 0x1f, map);  // what it would quote is refused
  }
}

ReadlineEditor::ReadlineEditor(std::string history_file) : history_file_(std::move(history_file)) {
  static const bool set_up = (SetUp(), true);
  (void)set_up;
  the_editor = this;
  clear_history();
  stifle_history(kMostKept);
  ReadHistory();
  rl_callback_handler_install("", &TakeLine);
  Clear(Mode::kCommand);
}

ReadlineEditor::~ReadlineEditor() {
  rl_callback_handler_remove();
  the_editor = nullptr;
}

int ReadlineEditor::NextByte() {
  if (input_.empty()) return EOF;
  const auto byte = static_cast<unsigned char>(input_.front());
  input_.erase(0, 1);
  return byte;
}

void ReadlineEditor::Clear(Mode mode) {
  if (RL_ISSTATE(kSearching)) rl_callback_sigcleanup();
  mode_ = mode;
  rl_replace_line("", 1);
  rl_point = 0;
  accepted_.reset();
  overflow_.Clear();
  recalled_.reset();
  draft_.clear();
}

Editor::Pressed ReadlineEditor::Press(const Stroke& stroke) {
  pressed_ = {};
  rl_command_func_t* const bound = rl_function_of_keyseq(stroke.bytes.c_str(), nullptr, nullptr);
  const bool waits = RL_ISSTATE(kSearching | RL_STATE_MULTIKEY | RL_STATE_MOREINPUT);  // for whatever comes
  if (bound == nullptr && !waits) return {Action::kNone, true};
  const bool inserts = !waits && bound == &rl_insert;
  if (inserts && line().size() >= kMaxLine) {
    overflow_.Add(stroke.bytes);
    return {Action::kNone, true};
  }
  input_ = stroke.bytes;
  while (!input_.empty()) rl_callback_read_char();
  if (line().size() < kMaxLine) overflow_.Clear();  // there is room again, and whoever made it looks at the line
  return std::exchange(pressed_, {});
}

void ReadlineEditor::Accept(const char* line) {
  if (line == nullptr) {
    pressed_.action = Action::kHangUp;
    return;
  }
  accepted_ = line;
  pressed_.action = Action::kEnter;
}

void ReadlineEditor::Act(Action action) {
  const Action meant = InMode(action, mode_);
  if (meant == Action::kNone) {
    if (action == Action::kHelp) (void)rl_insert_text("?");
    pressed_.bell = action != Action::kHelp;
  } else if (IsTerminals(meant)) {
    pressed_.action = meant;
  } else {
    pressed_.bell = !Edit(meant);
  }
}

bool ReadlineEditor::Erase(std::size_t begin, std::size_t end) {
  if (begin < end) (void)rl_kill_text(static_cast<int>(begin), static_cast<int>(end));
  rl_point = static_cast<int>(begin);
  return true;
}

void ReadlineEditor::Replace(std::size_t begin, std::string_view text) {
  (void)rl_delete_text(static_cast<int>(begin), rl_point);
  rl_point = static_cast<int>(begin);
  (void)rl_insert_text(std::string(text).c_str());
}

bool ReadlineEditor::Recall(std::size_t entry) {
  if (!recalled_) draft_ = line();
  const bool draft = entry == recent_.lines().size();
  recalled_ = draft ? std::nullopt : std::optional(entry);
  rl_replace_line(draft ? draft_.c_str() : recent_.lines()[entry].c_str(), 1);
  rl_point = rl_end;
  return true;
}

bool ReadlineEditor::Edit(Action action) {
  const std::size_t at = cursor(), end = line().size(), entries = recent_.lines().size();
  switch (action) {
    case Action::kLeft:
      if (at == 0) return false;
      return rl_backward_char(1, 0) == 0;
    case Action::kRight:
      if (at == end) return false;
      return rl_forward_char(1, 0) == 0;
    case Action::kStart:
      rl_point = 0;
      return true;
    case Action::kEnd:
      rl_point = rl_end;
      return true;
    case Action::kWordLeft:
      rl_point = static_cast<int>(WordLeft(line(), at));
      return true;
    case Action::kWordRight:
      rl_point = static_cast<int>(WordRight(line(), at));
      return true;
    case Action::kEraseLeft:
      if (at == 0) return false;
      return rl_rubout(1, 0) == 0;
    case Action::kEraseRight:
      if (at == end) return false;
      return rl_delete(1, 0) == 0;
    case Action::kEraseWordLeft:
      return Erase(WordLeft(line(), at), at);
    case Action::kEraseWordRight:
      return Erase(at, WordRight(line(), at));
    case Action::kEraseToStart:
      return Erase(0, at);
    case Action::kEraseToEnd:
      return Erase(at, end);
    case Action::kOlder:
      if (entries == 0 || recalled_.value_or(entries) == 0) return false;
      return Recall(std::min(recalled_.value_or(entries), entries) - 1);
    case Action::kNewer:
      return recalled_.has_value() && Recall(std::min(*recalled_ + 1, entries));
    default:
      return false;
  }
}

std::string ReadlineEditor::label() const {
  return RL_ISSTATE(kSearching) && rl_display_prompt != nullptr ? std::string(rl_display_prompt) : std::string();
}

void ReadlineEditor::Remember(const std::string& line, bool secret) {
  recent_.Add(line);
  if (secret) return;
  add_history(line.c_str());
  KeepLine(line);
}

void ReadlineEditor::ReadHistory() {
  const Result<std::string> text = ReadTextFile(history_file_);
  if (history_file_.empty() || !text.ok()) return;
  std::vector<std::string_view> lines = LinesOf(*text);
  if (lines.size() > kMostKept) lines.erase(lines.begin(), lines.end() - kMostKept);
  for (const std::string_view line : lines) {
    add_history(std::string(line).c_str());
    recent_.Add(line);
  }
  if (lines.size() < kMostKept) return;
  // A new one that only its owner could ever read takes the place of the one that has grown.
  const std::string next = history_file_ + ".new";
  const int fd = ::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return;
  std::string kept;
  for (const std::string_view line : lines) kept.append(line).append("\n");
  const bool whole = ::write(fd, kept.data(), kept.size()) == static_cast<ssize_t>(kept.size());
  ::close(fd);
  if (!whole || ::rename(next.c_str(), history_file_.c_str()) != 0) ::unlink(next.c_str());
}

// Line by line, so that a session that is killed keeps what it had. Without the place there is no history; the session
// goes on.
void ReadlineEditor::KeepLine(const std::string& line) const {
  if (history_file_.empty()) return;
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(history_file_).parent_path(), ignored);
  const int fd = ::open(history_file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return;
  (void)::fchmod(fd, 0600);
  const std::string text = line + "\n";
  (void)!::write(fd, text.data(), text.size());
  ::close(fd);
}

}  // namespace

std::unique_ptr<Editor> MakeReadlineEditor(std::string history_file) {
  return std::make_unique<ReadlineEditor>(std::move(history_file));
}

std::string UserHistoryFile() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  const std::string state = variable("XDG_STATE_HOME"), home = variable("HOME");
  if (state.starts_with('/')) return state + "/sw8800/history";
  return home.empty() ? std::string() : home + "/.local/state/sw8800/history";
}

}  // namespace sw::cli
