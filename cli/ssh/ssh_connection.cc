#include "cli/ssh/ssh_connection.h"

// The message interface is the one of libssh that may answer later; it is marked as old in favour of one that may not.
#define SSH_SUPPRESS_DEPRECATED
#include <libssh/libssh.h>
#include <libssh/server.h>

#include <algorithm>
#include <array>
#include <utility>

#include "cli/ssh/host_keys.h"

namespace sw::cli {
namespace {

constexpr Duration kExchangeTime = std::chrono::seconds(10);  // until keys are exchanged
constexpr Duration kLoginTime = std::chrono::seconds(60);     // from then until the user is in
constexpr Duration kCloseTime = std::chrono::milliseconds(500);
constexpr int kMostProbes = 20;  // keys a client may offer
constexpr std::size_t kMostInFlight = 64 << 10;
constexpr std::size_t kMostOut = 16 << 20;  // a peer that does not read is dropped
constexpr int kMethods = SSH_AUTH_METHOD_PASSWORD | SSH_AUTH_METHOD_INTERACTIVE | SSH_AUTH_METHOD_PUBLICKEY;

std::string TextOf(const char* text) {
  return text == nullptr ? std::string() : std::string(text);
}

}  // namespace

void SshConnection::Free::operator()(ssh_session_struct* session) const {
  ssh_disconnect(session);
  ssh_free(session);
}
void SshConnection::Free::operator()(ssh_message_struct* message) const {
  ssh_message_free(message);
}

SshConnection::SshConnection(device::EventLoop& loop, ssh_session_struct* session, int fd, ToDevice to_device,
                             FromDevice from_device, std::function<void()> ended)
    : loop_(loop),
      session_(session),
      to_device_(std::move(to_device)),
      from_device_(std::move(from_device)),
      ended_(std::move(ended)),
      fd_(fd) {
  ssh_set_blocking(session, 0);
  readable_ = loop_.WatchReadable(fd, [this] { Drive(); });
  EndAfter(kExchangeTime);
  Drive();
}

SshConnection::~SshConnection() {
  readable_.reset();
  writable_.reset();
  loop_.Cancel(login_timer_);
  loop_.Cancel(close_timer_);
}

void SshConnection::EndAfter(Duration time) {
  loop_.Cancel(login_timer_);
  login_timer_ = loop_.At(loop_.now() + time, [this] {
    login_timer_ = 0;
    End();
  });
}

void SshConnection::End() {
  if (std::exchange(has_ended_, true)) return;
  readable_.reset();
  writable_.reset();
  loop_.Post(ended_);  // later: the caller may be our own
}

void SshConnection::Drive() {
  if (has_ended_) return;
  if (!exchanged_ && !ExchangeKeys()) return;
  while (!has_ended_ && !waiting_) {
    Message message(ssh_message_get(session_.get()));
    if (!message) break;
    Handle(std::move(message));
  }
  if (has_ended_) return;
  ReadTyped();
  WriteOut();
  const int gone = SSH_CLOSED | SSH_CLOSED_ERROR;
  if ((ssh_get_status(session_.get()) & gone) != 0) return End();
  if (channel_ != nullptr && ssh_channel_is_closed(channel_) != 0) return End();
  WatchOut();
}

bool SshConnection::ExchangeKeys() {
  const int done = ssh_handle_key_exchange(session_.get());
  if (done == SSH_OK) {
    exchanged_ = true;
    EndAfter(kLoginTime);
    ssh_set_auth_methods(session_.get(), kMethods);
  } else if (done != SSH_AGAIN) {
    End();
  }
  if (!exchanged_ && !has_ended_) WatchOut();
  return exchanged_ && !has_ended_;
}

void SshConnection::Handle(Message message) {
  switch (ssh_message_type(message.get())) {
    case SSH_REQUEST_AUTH:
      if (authenticated_) return Deny(message.get());
      return Authenticate(std::move(message));
    case SSH_REQUEST_CHANNEL_OPEN:
      if (authenticated_ && channel_ == nullptr && ssh_message_subtype(message.get()) == SSH_CHANNEL_SESSION) {
        channel_ = ssh_message_channel_request_open_reply_accept(message.get());
        return;
      }
      break;
    case SSH_REQUEST_CHANNEL:
      if (authenticated_ && channel_ != nullptr) return Channel(message.get());
      break;
    case SSH_REQUEST_SERVICE:
      ssh_message_service_reply_success(message.get());
      return;
    default:
      break;
  }
  ssh_message_reply_default(message.get());
}

void SshConnection::Deny(ssh_message_struct* message) {
  ssh_message_auth_set_methods(message, kMethods);
  ssh_message_reply_default(message);
}

void SshConnection::Authenticate(Message message) {
  ssh_message_struct* raw = message.get();
  const int method = ssh_message_subtype(raw);
  const std::string user = TextOf(ssh_message_auth_user(raw));
  if (method == SSH_AUTH_METHOD_INTERACTIVE && ssh_message_auth_kbdint_is_response(raw) != 0) {
    if (asked_user_.empty() || ssh_userauth_kbdint_getnanswers(session_.get()) != 1) return Deny(raw);
    const std::string password = TextOf(ssh_userauth_kbdint_getanswer(session_.get(), 0));
    user_ = std::exchange(asked_user_, {});
    return AskDevice(std::move(message), [user = user_, password](SshSession& device, auto answer) {
      device.CheckPassword(user, password, answer);
    });
  }
  asked_user_.clear();
  user_ = user;
  switch (method) {
    case SSH_AUTH_METHOD_NONE:
      return AskDevice(std::move(message), [](SshSession& device, auto answer) { device.CheckNone(answer); });
    case SSH_AUTH_METHOD_PASSWORD:
      return AskDevice(std::move(message),
                       [user, password = TextOf(ssh_message_auth_password(raw))](SshSession& device, auto answer) {
                         device.CheckPassword(user, password, answer);
                       });
    case SSH_AUTH_METHOD_INTERACTIVE:
      if (user.empty()) return Deny(raw);
      return AskQuestion(raw);
    case SSH_AUTH_METHOD_PUBLICKEY: {
      const auto state = ssh_message_auth_publickey_state(raw);
      const bool usable = state == SSH_PUBLICKEY_STATE_NONE || state == SSH_PUBLICKEY_STATE_VALID;
      if (++probes_ > kMostProbes) return End();
      if (!usable) return Deny(raw);
      const std::string fingerprint = FingerprintOf(ssh_message_auth_pubkey(raw));
      return AskDevice(std::move(message), [user, fingerprint](SshSession& device, auto answer) {
        answer(device.CheckKey(user, fingerprint));
      });
    }
    default:
      return Deny(raw);
  }
}

void SshConnection::AskQuestion(ssh_message_struct* message) {
  asked_user_ = user_;
  const char* prompts[] = {"Password: "};
  char echo[] = {0};
  ssh_message_auth_interactive_request(message, "", "", 1, prompts, echo);
}

void SshConnection::AskDevice(Message message, std::function<void(SshSession&, std::function<void(SshAnswer)>)> ask) {
  waiting_ = std::move(message);
  to_device_([ask = std::move(ask), back = from_device_](SshSession& device) {
    ask(device,
        [back](const SshAnswer& answer) { back([answer](SshConnection& connection) { connection.Answer(answer); }); });
  });
}

void SshConnection::Answer(const SshAnswer& answer) {
  if (!waiting_ || has_ended_) return;
  const Message message = std::move(waiting_);
  const int method = ssh_message_subtype(message.get());
  if (!answer.banner.empty()) {
    ssh_string banner = ssh_string_from_char(answer.banner.c_str());
    ssh_send_issue_banner(session_.get(), banner);
    ssh_string_free(banner);
  }
  const bool probe = method == SSH_AUTH_METHOD_PUBLICKEY &&
                     ssh_message_auth_publickey_state(message.get()) == SSH_PUBLICKEY_STATE_NONE;
  if (answer.accepted && probe) {
    ssh_message_auth_reply_pk_ok_simple(message.get());
  } else if (answer.accepted) {
    authenticated_ = true;
    level_ = answer.level;
    ssh_message_auth_reply_success(message.get(), 0);
  } else {
    const bool guess = method == SSH_AUTH_METHOD_PASSWORD || method == SSH_AUTH_METHOD_INTERACTIVE;
    Deny(message.get());
    if (guess && ++failures_ == kLoginTries) return End();
  }
  Drive();
}

void SshConnection::Channel(ssh_message_struct* message) {
  const int request = ssh_message_subtype(message);
  const bool starts = request == SSH_CHANNEL_REQUEST_SHELL || request == SSH_CHANNEL_REQUEST_EXEC;
  if (starts && shell_) {
    ssh_message_reply_default(message);
    return;
  }
  if (starts) {
    shell_ = true;
    loop_.Cancel(std::exchange(login_timer_, 0));
    const std::string command = TextOf(ssh_message_channel_request_command(message));
    ssh_message_channel_request_reply_success(message);
    to_device_(
        [user = user_, level = level_, command, shell = request == SSH_CHANNEL_REQUEST_SHELL](SshSession& device) {
          if (shell) return device.StartShell(user, level);
          device.StartCommand(user, level, command);
        });
    return;
  }
  // The size of the screen does not matter: pages have the line's length, and nothing is wrapped.
  const bool harmless = request == SSH_CHANNEL_REQUEST_PTY || request == SSH_CHANNEL_REQUEST_WINDOW_CHANGE ||
                        request == SSH_CHANNEL_REQUEST_ENV;
  if (harmless) {
    ssh_message_channel_request_reply_success(message);
  } else {
    ssh_message_reply_default(message);
  }
}

void SshConnection::ReadTyped() {
  if (channel_ == nullptr || !shell_ || closing_) return;
  while (in_flight_ < kMostInFlight) {
    std::array<char, 4096> bytes;
    const int got = ssh_channel_read_nonblocking(channel_, bytes.data(), bytes.size(), 0);
    if (got <= 0) break;
    in_flight_ += static_cast<std::size_t>(got);
    to_device_(
        [text = std::string(bytes.data(), static_cast<std::size_t>(got))](SshSession& device) { device.Typed(text); });
  }
  if (!input_ended_ && ssh_channel_is_eof(channel_) != 0 && ssh_channel_poll(channel_, 0) <= 0) {
    input_ended_ = true;
    to_device_([](SshSession& device) { device.EndOfInput(); });
  }
}

void SshConnection::Consumed(std::size_t bytes) {
  in_flight_ -= std::min(bytes, in_flight_);
  Drive();
}

void SshConnection::Write(std::string text) {
  if (has_ended_ || closing_) return;
  out_ += text;
  if (out_.size() > kMostOut) return End();
  WriteOut();
  WatchOut();
}

void SshConnection::CloseWhenSent(int status) {
  if (std::exchange(closing_, true)) return;
  exit_status_ = status;
  close_timer_ = loop_.At(loop_.now() + 20 * kCloseTime, [this] {
    close_timer_ = 0;
    End();
  });
  WriteOut();
  WatchOut();
}

void SshConnection::WriteOut() {
  if (channel_ == nullptr || has_ended_) return;
  while (!out_.empty() && (ssh_get_status(session_.get()) & SSH_WRITE_PENDING) == 0) {
    const std::size_t window = ssh_channel_window_size(channel_);
    const auto length = static_cast<std::uint32_t>(std::min(out_.size(), window));
    const int sent = length == 0 ? 0 : ssh_channel_write(channel_, out_.data(), length);
    if (sent < 0) return End();
    if (sent == 0) return;
    out_.erase(0, static_cast<std::size_t>(sent));
  }
  if (!closing_ || !out_.empty() || std::exchange(closed_channel_, true)) return;
  ssh_channel_request_send_exit_status(channel_, exit_status_);
  ssh_channel_send_eof(channel_);
  ssh_channel_close(channel_);
  loop_.Cancel(close_timer_);
  close_timer_ = loop_.At(loop_.now() + kCloseTime, [this] {  // the peer goes first, if it will
    close_timer_ = 0;
    End();
  });
}

void SshConnection::WatchOut() {
  if (has_ended_) return;
  const bool pending = (ssh_get_status(session_.get()) & SSH_WRITE_PENDING) != 0;
  if (!pending) {
    writable_.reset();
  } else if (!writable_) {
    writable_ = loop_.WatchWritable(fd_, [this] { Drive(); });
  }
}

}  // namespace sw::cli
