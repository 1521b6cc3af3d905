// The device's half of one SSH connection: answers questions about users, then runs a terminal or one command on a
// virtual line. Lives on the device's thread; speaks to the connection's half through functions that post.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "cli/session/key_terminal.h"
#include "cli/session/login.h"
#include "cli/session/session.h"
#include "cli/ssh/aside.h"
#include "device/event_loop.h"

namespace sw::cli {

// What the connection is told; each may be called on the device's thread at any time.
struct SshPeer {
  std::function<void(std::string)> write;     // to the client's screen
  std::function<void(std::size_t)> consumed;  // so many typed bytes are taken: more may be sent
  std::function<void(int status)> close;      // everything is written; exit status of the command
};

struct SshAnswer {
  bool accepted = false;
  int level = 0;
  std::string banner;  // for the user, who cannot come in
};

class SshSession final : public std::enable_shared_from_this<SshSession> {
 public:
  SshSession(device::EventLoop& loop, device::Device& device, const Grammar& grammar, UserInterfaces& lines,
             Aside& aside, std::string address, SshPeer peer);
  ~SshSession();

  // Whether the address may connect at all, by the ACL of the lines.
  bool Welcome() const;
  void CheckNone(std::function<void(SshAnswer)> answer);
  void CheckPassword(const std::string& user, std::string_view password, std::function<void(SshAnswer)> answer);
  // `fingerprint` as `ssh-keygen -l` prints it; the signature is the connection's to check.
  SshAnswer CheckKey(const std::string& user, const std::string& fingerprint) const;

  void StartShell(const std::string& user, int level);
  void StartCommand(const std::string& user, int level, const std::string& command);
  void Typed(std::string bytes);
  void EndOfInput();
  void HangUp();

 private:
  class CommandRunner;
  void Decide(const std::string& user, const LoginVerdict& verdict, const std::function<void(SshAnswer)>& answer);
  void AnswerLater(Duration wait, const std::function<void(SshAnswer)>& answer);
  bool TakeLine(const std::string& user, int level, bool interactive);
  void Refuse(const std::string& why);
  void Pump();

  device::EventLoop& loop_;
  device::Device& device_;
  const Grammar& grammar_;
  UserInterfaces& lines_;
  Aside& aside_;  // passwords are checked there
  std::string address_;
  SshPeer peer_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<KeyTerminal> terminal_;
  std::unique_ptr<CommandRunner> runner_;
  std::string typed_;
  bool end_of_input_ = false, pumping_ = false, over_ = false;
};

}  // namespace sw::cli
