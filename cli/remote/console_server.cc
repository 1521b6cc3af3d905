#include "cli/remote/console_server.h"

#include <sys/socket.h>
#include <unistd.h>

#include "cli/remote/unix_socket.h"

namespace sw::cli {

class ConsoleServer::Connection final : public ConsoleListener {
 public:
  Connection(device::EventLoop& loop, int fd, const Factory& factory, std::function<void()> on_end)
      : factory_(factory),
        who_(PeerUser(fd)),
        stream_(
            loop, fd, kMaxMessage, [this](std::string_view line) { OnLine(line); }, std::move(on_end)) {}
  ~Connection() override {
    if (console_) console_->Listen(nullptr);
  }

  void OnOutput(std::string_view text) override { Send(OutputMessage{std::string(text)}); }
  void OnNotice(std::string_view text) override { Send(NoticeMessage{std::string(text)}); }
  void OnReady(const Ready& ready) override {
    busy_ = false;
    Send(ReadyMessage{ready});
    if (ready.closed) stream_.CloseWhenSent();
  }

 private:
  void Send(const SocketMessage& message) { stream_.Write(Encode(message)); }

  void OnLine(std::string_view line) {
    const std::optional<SocketMessage> message = Decode(line);
    if (!message) return stream_.CloseWhenSent();
    if (const auto* hello = std::get_if<HelloMessage>(&*message)) {
      if (console_) return stream_.CloseWhenSent();
      console_ = factory_(who_, *hello);
      console_->Listen(this);
      return OnReady(console_->ready());
    }
    if (!console_) return stream_.CloseWhenSent();
    if (const auto* m = std::get_if<ExecuteMessage>(&*message)) {
      if (busy_ || console_->ready().closed) return stream_.CloseWhenSent();  // one line runs at a time
      busy_ = true;
      console_->Execute(m->line);
    } else if (const auto* control = std::get_if<ControlMessage>(&*message)) {
      if (control->control > kLastControl) return stream_.CloseWhenSent();
      console_->Send(control->control);
    } else if (const auto* h = std::get_if<HelpMessage>(&*message)) {
      console_->Help(h->text, [this, id = h->id](std::string text) { Send(HelpMessage{std::move(text), id}); });
    } else if (const auto* t = std::get_if<CompleteMessage>(&*message)) {
      console_->Complete(t->text, [this, id = t->id](Completion c) { Send(CompletionMessage{std::move(c), id}); });
    } else {
      stream_.CloseWhenSent();
    }
  }

  const Factory& factory_;
  std::string who_;
  std::unique_ptr<Console> console_;  // once the peer has said hello
  LineStream stream_;
  bool busy_ = false;
};

Result<std::unique_ptr<ConsoleServer>> ConsoleServer::Listen(device::EventLoop& loop, const std::string& path,
                                                             Factory factory, Trouble trouble) {
  const Result<int> fd = ListenUnix(path);
  if (!fd.ok()) return fd.status();
  return std::unique_ptr<ConsoleServer>(new ConsoleServer(loop, *fd, path, std::move(factory), std::move(trouble)));
}

ConsoleServer::ConsoleServer(device::EventLoop& loop, int fd, std::string path, Factory factory, Trouble trouble)
    : loop_(loop), fd_(fd), path_(std::move(path)), offered_("unix " + path_, fd), factory_(std::move(factory)) {
  constexpr std::size_t kKept = 8;  // one connection needs three
  acceptor_ = std::make_unique<Acceptor>(
      loop_, fd_, kKept, Acceptor::Handlers{[this](int accepted) { OnAccept(accepted); }, std::move(trouble)});
}

ConsoleServer::~ConsoleServer() {
  acceptor_.reset();
  ::close(fd_);
  ::unlink(path_.c_str());
}

void ConsoleServer::OnAccept(int fd) {
  auto& slot = connections_.emplace_back();
  slot = std::make_unique<Connection>(loop_, fd, factory_, [this, it = std::prev(connections_.end())] {
    connections_.erase(it);
    acceptor_->Refill();
  });
}

}  // namespace sw::cli
