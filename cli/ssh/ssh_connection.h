// The network's half of one SSH connection, on the SSH thread: drives libssh without ever waiting, and passes what the
// peer wants to the device's half.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cli/ssh/ssh_session.h"
#include "device/event_loop.h"

struct ssh_session_struct;
struct ssh_channel_struct;
struct ssh_message_struct;
struct ssh_key_struct;

namespace sw::cli {

class SshConnection {
 public:
  // Runs a task with the device's half, on the device's thread, unless the connection has ended there.
  using ToDevice = std::function<void(std::function<void(SshSession&)>)>;
  // How the device's half answers: runs a task on the SSH thread with this connection, unless it has ended.
  using FromDevice = std::function<void(std::function<void(SshConnection&)>)>;

  // Takes over the session, whose socket is `fd`. `ended` is called once, from the loop.
  SshConnection(device::EventLoop& loop, ssh_session_struct* session, int fd, ToDevice to_device,
                FromDevice from_device, std::function<void()> ended);
  ~SshConnection();
  SshConnection(const SshConnection&) = delete;
  SshConnection& operator=(const SshConnection&) = delete;

  bool logged_in() const { return shell_; }
  bool has_ended() const { return has_ended_; }

  // From the device's half.
  void Write(std::string text);
  void Consumed(std::size_t bytes);
  void CloseWhenSent(int status);
  void End();

 private:
  struct Free {
    void operator()(ssh_session_struct* session) const;
    void operator()(ssh_message_struct* message) const;
  };
  using Message = std::unique_ptr<ssh_message_struct, Free>;

  void EndAfter(Duration time);  // unless the user is in by then
  void Drive();
  bool ExchangeKeys();
  void Handle(Message message);
  void Authenticate(Message message);
  void AskDevice(Message message, std::function<void(SshSession&, std::function<void(SshAnswer)>)> ask);
  void Answer(const SshAnswer& answer);
  void AnswerKey(const SshAnswer& answer, bool proved);
  void AskQuestion(ssh_message_struct* message);
  void Deny(ssh_message_struct* message);
  void Channel(ssh_message_struct* message);
  void ReadTyped();
  void WriteOut();
  void WatchOut();

  device::EventLoop& loop_;
  std::unique_ptr<ssh_session_struct, Free> session_;
  ToDevice to_device_;
  FromDevice from_device_;
  std::function<void()> ended_;
  std::unique_ptr<device::EventLoop::Watch> readable_, writable_;
  int fd_;
  Scheduler::TimerId login_timer_ = 0, close_timer_ = 0;
  bool exchanged_ = false, authenticated_ = false, shell_ = false, has_ended_ = false;
  bool input_ended_ = false, closing_ = false, closed_channel_ = false;
  int exit_status_ = 0, level_ = 0;
  int failures_ = 0, probes_ = 0;
  std::string user_, asked_user_;          // asked_user_: of the keyboard-interactive question that is out
  Message waiting_;                        // for the device's answer
  ssh_channel_struct* channel_ = nullptr;  // libssh frees it with the session
  std::string out_;
  std::size_t in_flight_ = 0;  // typed bytes the device has not taken yet
};

}  // namespace sw::cli
