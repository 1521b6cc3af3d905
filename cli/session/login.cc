#include "cli/session/login.h"

#include <memory>
#include <optional>

#include "cli/session/greeting.h"
#include "cli/session/operator.h"
#include "device/config/config.h"
#include "device/device.h"

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

  void Check(std::string_view typed) {
    if (settings_.login == LineLogin::kPassword) {
      return Decide({settings_.password.Matches(typed), static_cast<std::uint8_t>(settings_.level), {}});
    }
    auto inside = std::make_shared<std::optional<LoginVerdict>>();
    auto asked = std::make_shared<bool>(true);
    CheckUser(session_.device(), user_, typed, "terminal",
              [self = shared_from_this(), alive = session_.seat().alive(), inside, asked](const LoginVerdict& verdict) {
                if (*asked) {
                  *inside = verdict;
                } else if (!alive.expired()) {
                  self->Decide(verdict);
                  self->session_.Finish();
                }
              });
    *asked = false;
    if (*inside) return Decide(**inside);
    session_.Start(std::make_unique<Waiting>(session_));
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

  // Nothing is to be done while the answer is awaited.
  class Waiting final : public Task {
   public:
    explicit Waiting(Operator& session) : session_(session) {}
    void Cancel() override {
      session_.Close();
      session_.Finish();
    }

   private:
    Operator& session_;
  };

  Operator& session_;
  LineSettings settings_;
  std::string user_;
  int tries_ = 0;
};

}  // namespace

void CheckUser(device::Device& device, const std::string& user, std::string_view password, std::string_view service,
               std::function<void(LoginVerdict)> answer) {
  const auto& users = device.config().aaa.users;
  // A name that is not there is tried without its domain, as long as that is the default one.
  auto found = users.find(user);
  constexpr std::string_view kDefaultDomain = "@system";
  if (found == users.end() && user.ends_with(kDefaultDomain)) {
    found = users.find(user.substr(0, user.size() - kDefaultDomain.size()));
  }
  if (found == users.end()) return answer({false, 0, "user does not exist"});
  const device::LocalUser& known = found->second;
  const bool may = service == "ssh" ? known.ssh : known.terminal;
  if (!may) return answer({false, 0, "user has no service-type " + std::string(service)});
  if (!known.active) return answer({false, 0, "user is blocked"});
  if (!known.password.Matches(password)) return answer({false, 0, "wrong password"});
  answer({true, static_cast<std::uint8_t>(known.level), {}});
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
