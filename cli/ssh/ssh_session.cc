#include "cli/ssh/ssh_session.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "cli/session/line_reader.h"
#include "device/log/monitor.h"

namespace sw::cli {
namespace {

constexpr const char* kNoPassword = "Login password has not been set !\n";
constexpr const char* kAllBusy = "All user interfaces are used, please try later!\r\n";
// The terminal stops taking while a command runs and this much is typed ahead.
constexpr std::size_t kTypedAhead = 4096;

// Settings of the line the next user would get.
LineSettings NextLine(const configdb::Store& store, const UserInterfaces& lines) {
  return SettingsOf(store, lines.FreeVty(VtyCount(store)).value_or(LineId{LineType::kVty, 0}));
}

}  // namespace

// A command given to ssh: its output alone, nothing asked, then the end.
class SshSession::CommandRunner final : private ConsoleListener {
 public:
  CommandRunner(SshSession& owner, const std::string& command) : owner_(owner) {
    LineReader reader;
    reader.Feed(command, lines_);
    reader.Finish(lines_);
    owner_.session_->Listen(this);
  }
  ~CommandRunner() override { owner_.session_->Listen(nullptr); }

  void Next() {
    while (!busy_ && !ended_) {
      const bool over = next_ == lines_.size();
      if (owner_.session_->ready().closed || (over && !owner_.session_->ready().text)) {
        ended_ = true;
        return owner_.peer_.close(refused_ ? 1 : 0);
      }
      busy_ = true;
      if (over) {
        owner_.session_->Send(Control::kCancel);
      } else {
        owner_.session_->Execute(lines_[next_++]);
      }
    }
  }

 private:
  void OnOutput(std::string_view text) override { owner_.peer_.write(std::string(text)); }
  void OnNotice(std::string_view) override {}
  void OnReady(const Ready& ready) override {
    busy_ = false;
    refused_ = refused_ || ready.outcome == Outcome::kRefused;
    owner_.loop_.Post([owner = owner_.weak_from_this()] {
      const std::shared_ptr<SshSession> alive = owner.lock();
      if (alive && alive->runner_) alive->runner_->Next();
    });
  }

  SshSession& owner_;
  std::vector<std::string> lines_;
  std::size_t next_ = 0;
  bool busy_ = false, refused_ = false, ended_ = false;
};

SshSession::SshSession(device::EventLoop& loop, device::Device& device, const Grammar& grammar, UserInterfaces& lines,
                       Aside& aside, std::string address, SshPeer peer)
    : loop_(loop),
      device_(device),
      grammar_(grammar),
      lines_(lines),
      aside_(aside),
      address_(std::move(address)),
      peer_(std::move(peer)) {}
SshSession::~SshSession() = default;

bool SshSession::Welcome() const {
  return NextLine(device_.store(), lines_).ssh;
}

void SshSession::CheckNone(std::function<void(SshAnswer)> answer) {
  const LineSettings line = NextLine(device_.store(), lines_);
  if (line.login == LineLogin::kNone) return answer({true, line.level, {}});
  const bool closed = line.login == LineLogin::kPassword && !line.password.set();
  answer({false, 0, closed ? kNoPassword : ""});
}

void SshSession::CheckPassword(const std::string& user, std::string_view password,
                               std::function<void(SshAnswer)> answer) {
  const LineSettings line = NextLine(device_.store(), lines_);
  if (line.login == LineLogin::kNone) return answer({true, line.level, {}});
  const Duration locked = lines_.guesses().Locked(LoggedName(user), address_, loop_.now());
  if (locked > Duration{0}) {
    LogGuess(device_, LoggedName(user), address_, fmt::format("locked for {} s", std::chrono::ceil<std::chrono::seconds>(locked).count()));
    return AnswerLater(GuessLock::kLongestWait / 2, answer);
  }
  const Candidate candidate = line.login == LineLogin::kPassword
                                  ? Candidate{line.password, static_cast<std::uint8_t>(line.level), {}}
                                  : FindCandidate(device_, user, "ssh");
  aside_.Run([self = weak_from_this(), loop = &loop_, candidate, user, typed = SecretBytes(password), answer] {
    const std::string_view text(reinterpret_cast<const char*>(typed.view().data()), typed.size());
    const LoginVerdict verdict = CheckCandidate(candidate, text);
    loop->Post([self, user, verdict, answer] {
      const std::shared_ptr<SshSession> alive = self.lock();
      if (alive) alive->Decide(user, verdict, answer);
    });
  });
}

void SshSession::Decide(const std::string& user, const LoginVerdict& verdict,
                        const std::function<void(SshAnswer)>& answer) {
  if (verdict.accepted) return answer({true, verdict.level, {}});
  LogGuess(device_, LoggedName(user), address_, verdict.reason);
  AnswerLater(lines_.guesses().Failed(LoggedName(user), address_, loop_.now(), GuessLimitsOf(device_.store())), answer);
}

// A refusal; a client that tries many at a time is held up by it as well.
void SshSession::AnswerLater(Duration wait, const std::function<void(SshAnswer)>& answer) {
  loop_.At(loop_.now() + wait, [self = weak_from_this(), answer] {
    if (!self.expired()) answer({});
  });
}

SshAnswer SshSession::CheckKey(const std::string& user, const std::string& fingerprint) const {
  if (NextLine(device_.store(), lines_).login != LineLogin::kScheme) return {};
  const auto& users = device_.config().aaa.users;
  const auto found = users.find(user);
  if (found == users.end() || !found->second.ssh || !found->second.active) return {};
  const Result<std::optional<configdb::Row>> row = device_.store().Find("ssh_key", {user, fingerprint});
  if (!row.ok() || !*row) return {};
  return {true, found->second.level, {}};
}

bool SshSession::TakeLine(const std::string& user, int level, bool interactive) {
  const std::optional<LineId> line = lines_.FreeVty(VtyCount(device_.store()));
  if (!line || !SettingsOf(device_.store(), *line).shell) {
    Refuse(kAllBusy);
    return false;
  }
  SessionOptions options{.who = user,
                         .from = fmt::format("{} {}", line->ToString(), address_),
                         .level = static_cast<std::uint8_t>(level),
                         .interactive = interactive,
                         .lines = &lines_,
                         .line = line,
                         .address = address_,
                         .protocol = "SSH",
                         .banner = interactive,
                         .idles_out = true};
  session_ = std::make_unique<Session>(device_, grammar_, std::move(options));
  lines_.guesses().Succeeded(LoggedName(user), address_, loop_.now());
  device_.monitor().Log(device::Severity::kNotifications, "SHELL", "LOGIN",
                        fmt::format("{} logged in from {} on {}", user, address_, line->ToString()));
  return true;
}

void SshSession::Refuse(const std::string& why) {
  peer_.write(why);
  over_ = true;
  peer_.close(1);
}

void SshSession::StartShell(const std::string& user, int level) {
  if (over_ || session_ || !TakeLine(user, level, true)) return;
  terminal_ = std::make_unique<KeyTerminal>(
      *session_, loop_, [this](std::string_view bytes) { peer_.write(std::string(bytes)); },
      [this] {
        over_ = true;
        peer_.close(0);
      });
  terminal_->Start();
  Pump();
}

void SshSession::StartCommand(const std::string& user, int level, const std::string& command) {
  if (over_ || session_ || !TakeLine(user, level, false)) return;
  runner_ = std::make_unique<CommandRunner>(*this, command);
  runner_->Next();
}

void SshSession::Typed(std::string bytes) {
  typed_ += bytes;
  Pump();
}

// One typed line a turn of the loop: a client that pastes thousands holds up nobody else.
void SshSession::Pump() {
  if (!terminal_ || over_ || pumping_) return;
  if (typed_.empty()) {
    if (std::exchange(end_of_input_, false)) terminal_->EndOfInput();
    return;
  }
  const bool full = terminal_->typed_ahead() >= kTypedAhead;
  if (!full) {
    const std::size_t end = std::min(typed_.find_first_of("\r\n"), typed_.size() - 1) + 1;
    const std::string line = typed_.substr(0, end);
    typed_.erase(0, end);
    terminal_->Keys(line);
    peer_.consumed(end);
  } else if (typed_.find('\x03') != std::string::npos) {
    // What is typed behind a command that does not end must be able to end it.
    peer_.consumed(typed_.size());
    typed_.clear();
    terminal_->Keys("\x03");
  }
  pumping_ = true;
  auto again = [self = weak_from_this()] {
    const std::shared_ptr<SshSession> alive = self.lock();
    if (!alive) return;
    alive->pumping_ = false;
    alive->Pump();
  };
  constexpr Duration kLookAgain = std::chrono::milliseconds(20);
  if (full) {
    loop_.At(loop_.now() + kLookAgain, again);
  } else {
    loop_.Post(again);
  }
}

void SshSession::EndOfInput() {
  end_of_input_ = true;
  Pump();
}

void SshSession::HangUp() {
  over_ = true;
  if (terminal_) terminal_->HangUp();
  runner_.reset();
  terminal_.reset();
  session_.reset();
}

}  // namespace sw::cli
