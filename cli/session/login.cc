#include "cli/session/login.h"

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <optional>

#include "cli/session/greeting.h"
#include "cli/session/operator.h"
#include "device/config/config.h"
#include "device/device.h"
#include "device/log/monitor.h"

namespace sw::cli {
namespace {

constexpr const char* kLoginFailed = "% Login failed!\n";

class Dialogue : public std::enable_shared_from_this<Dialogue> {
 public:
  explicit Dialogue(Operator& session)
      : session_(session), settings_(SettingsOf(session.store(), *session.seat().options().line)) {}

  void Begin() {
    session_.seat().set_logging_in(true);
    if (settings_.login == LineLogin::kScheme) return AskUser();
    if (!settings_.password.set()) {
      session_.seat().set_logging_in(false);
      session_.Close();
      return;
    }
    AskPassword();
  }

 private:
  void AskUser() {
    (void)session_.Ask("Username:", "", [self = shared_from_this()](std::string_view user) -> Status {
      self->user_ = user;
      self->AskPassword();
      return {};
    });
  }

  void AskPassword() {
    session_.AskSecret("Password:", [self = shared_from_this()](std::string_view typed) -> Status {
      self->Check(typed);
      return {};
    });
  }

  // Whoever sits at the line, as guesses are counted.
  std::string Guesser() const { return user_.empty() ? session_.seat().options().who : LoggedName(user_); }

  void Check(std::string_view typed) {
    const Time now = session_.device().scheduler().now();
    GuessLock& guesses = session_.seat().lines().guesses();
    const std::string& address = session_.seat().options().address;
    if (const Duration locked = guesses.Locked(Guesser(), address, now); locked > Duration{0}) {
      session_.Print(TooManyGuesses(locked));
      return Decide({});
    }
    const LoginVerdict verdict =
        settings_.login == LineLogin::kPassword
            ? LoginVerdict{settings_.password.Matches(typed), static_cast<std::uint8_t>(settings_.level), {}}
            : CheckCandidate(FindCandidate(session_.device(), user_, "terminal"), typed);
    if (verdict.accepted) {
      guesses.Succeeded(Guesser(), address, now);
    } else {
      (void)guesses.Failed(Guesser(), address, now, GuessLimitsOf(session_.store()));
      LogGuess(session_.device(), Guesser(), address, verdict.reason);
    }
    Decide(verdict);
  }

  void Decide(const LoginVerdict& verdict) {
    if (verdict.accepted) {
      session_.seat().set_logging_in(false);
      session_.seat().set_level(verdict.level);
      if (!user_.empty()) session_.seat().set_user(user_);
      if (session_.seat().options().banner) session_.Print(WelcomeText(session_.store()));
      return;
    }
    session_.Print(kLoginFailed);
    if (++tries_ == kLoginTries) return session_.Close();
    if (settings_.login == LineLogin::kScheme) return AskUser();
    AskPassword();
  }

  Operator& session_;
  LineSettings settings_;
  std::string user_;
  int tries_ = 0;
};

}  // namespace

std::string TooManyGuesses(Duration wait) {
  return fmt::format(" % Too many wrong passwords: try again in {} s\n",
                     std::chrono::ceil<std::chrono::seconds>(wait).count());
}

void LogGuess(device::Device& device, const std::string& user, const std::string& address, std::string_view reason) {
  const std::string_view from = address.empty() ? std::string_view("console") : std::string_view(address);
  device.monitor().Log(device::Severity::kWarnings, address.empty() ? "SHELL" : "SSH", "LOGIN_FAILED",
                       fmt::format("Failed password for {} from {}{}: {}", user, from, address.empty() ? "" : " ssh2",
                                   reason.empty() ? "wrong password" : reason));
}

Candidate FindCandidate(const device::Device& device, const std::string& user, std::string_view service) {
  const auto& users = device.config().aaa.users;
  // A name that is not there is tried without its domain, as long as that is the default one.
  auto found = users.find(user);
  constexpr std::string_view kDefaultDomain = "@system";
  if (found == users.end() && user.ends_with(kDefaultDomain)) {
    found = users.find(user.substr(0, user.size() - kDefaultDomain.size()));
  }
  if (found == users.end()) return {{}, 0, "user does not exist"};
  const device::LocalUser& known = found->second;
  const bool may = service == "ssh" ? known.ssh : known.terminal;
  if (!may) return {{}, 0, "user has no service-type " + std::string(service)};
  if (!known.active) return {{}, 0, "user is blocked"};
  return {known.password, static_cast<std::uint8_t>(known.level), {}};
}

LoginVerdict CheckCandidate(const Candidate& candidate, std::string_view password) {
  // Of nobody's password.
  static const device::Secret kNobody{"$y$j9T$k2XAnEHBqQ1Ct2aMXFKNa/$3iwu5d/fgtX.UxItBbCskypSB0BxLX6HE6O6oUISLM7",
                                      device::SecretForm::kHash};
  if (!candidate.reason.empty()) {
    (void)kNobody.Matches(password);
    return {false, 0, candidate.reason};
  }
  if (!candidate.password.Matches(password)) return {false, 0, "wrong password"};
  return {true, candidate.level, {}};
}

void BeginLogin(Operator& session) {
  const LineSettings settings = SettingsOf(session.store(), *session.seat().options().line);
  if (settings.login == LineLogin::kNone) return session.seat().set_level(static_cast<std::uint8_t>(settings.level));
  std::make_shared<Dialogue>(session)->Begin();
}

std::string Greeting(Operator& session) {
  const LineSettings settings = SettingsOf(session.store(), *session.seat().options().line);
  const std::string header = LoginText(session.store());
  if (settings.login == LineLogin::kScheme) return header + "Login authentication\n\n\n";
  return header + "\n\n";
}

}  // namespace sw::cli
