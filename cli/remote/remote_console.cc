#include "cli/remote/remote_console.h"

#include "cli/remote/unix_socket.h"

namespace sw::cli {
namespace {

constexpr Duration kGreetingWait = std::chrono::seconds(5);

// Takes the question with this id out of the table; an answer to none is ignored.
template <typename Questions, typename Answer>
void AnswerQuestion(Questions& questions, std::uint64_t id, Answer answer) {
  auto question = questions.extract(id);
  if (!question.empty()) question.mapped()(std::move(answer));
}

}  // namespace

Result<std::unique_ptr<RemoteConsole>> RemoteConsole::Connect(device::EventLoop& loop, const std::string& path,
                                                               const HelloMessage& hello) {
  const Result<int> fd = ConnectUnix(path);
  if (!fd.ok()) return fd.status();
  std::unique_ptr<RemoteConsole> console(new RemoteConsole(loop, *fd));
  console->stream_.Write(Encode(hello));
  loop.RunUntil([&] { return console->greeted_ || console->ready_.closed; }, kGreetingWait);
  if (!console->greeted_) return {Code::kNotFound, "the device at " + path + " does not answer"};
  return console;
}

RemoteConsole::RemoteConsole(device::EventLoop& loop, int fd)
    : stream_(loop, fd, kMaxMessage, [this](std::string_view line) { OnLine(line); }, [this] { OnEnd(); }) {}
RemoteConsole::~RemoteConsole() = default;

void RemoteConsole::Execute(std::string_view line) { stream_.Write(Encode(ExecuteMessage{std::string(line)})); }
void RemoteConsole::Send(Control control) { stream_.Write(Encode(ControlMessage{control})); }

void RemoteConsole::Help(std::string_view text, std::function<void(std::string)> answer) {
  help_.emplace(++last_id_, std::move(answer));
  stream_.Write(Encode(HelpMessage{std::string(text), last_id_}));
}

void RemoteConsole::Complete(std::string_view text, std::function<void(Completion)> answer) {
  complete_.emplace(++last_id_, std::move(answer));
  stream_.Write(Encode(CompleteMessage{std::string(text), last_id_}));
}

void RemoteConsole::OnLine(std::string_view line) {
  const std::optional<SocketMessage> message = Decode(line);
  if (!message) return OnEnd();
  if (const auto* h = std::get_if<HelpMessage>(&*message)) return AnswerQuestion(help_, h->id, h->text);
  if (const auto* c = std::get_if<CompletionMessage>(&*message)) return AnswerQuestion(complete_, c->id, c->completion);
  if (const auto* r = std::get_if<ReadyMessage>(&*message)) {
    ready_ = r->ready;
    const bool first = !std::exchange(greeted_, true);
    if (!first && listener_ != nullptr) listener_->OnReady(ready_);
    return;
  }
  if (listener_ == nullptr) return;
  if (const auto* o = std::get_if<OutputMessage>(&*message)) listener_->OnOutput(o->text);
  if (const auto* n = std::get_if<NoticeMessage>(&*message)) listener_->OnNotice(n->text);
}

void RemoteConsole::OnEnd() {
  if (ready_.closed) return;
  ready_ = Ready{};
  ready_.closed = true;
  ready_.outcome = Outcome::kRefused;
  ready_.reason = "the device has gone";
  if (greeted_ && listener_ != nullptr) listener_->OnReady(ready_);
}

}  // namespace sw::cli
