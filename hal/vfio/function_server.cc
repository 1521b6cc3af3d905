#include "hal/vfio/function_server.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace sw::hal::vfio {
namespace {

constexpr Duration kClientPatience = std::chrono::seconds(1);  // for its answers, and for reading ours
constexpr std::size_t kMostWaiting = 1024;                     // messages while one answer is awaited
constexpr int kBurst = 64;                                     // messages between two looks at the clock

Time Now() {
  return {std::chrono::steady_clock::now().time_since_epoch()};
}

}  // namespace

FunctionServer::~FunctionServer() {
  ::unlink(path_.c_str());
}

Result<std::unique_ptr<FunctionServer>> FunctionServer::Listen(const std::string& path, ServedFunction& function) {
  Result<Descriptor> listener = ListenUnix(path);
  if (!listener.ok()) return listener.status();
  return std::unique_ptr<FunctionServer>(new FunctionServer(path, std::move(*listener), function));
}

void FunctionServer::Accept() {
  Descriptor client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!client.valid()) return;
  socket_.emplace(std::move(client));
  session_.emplace(function_, memory_, [this](const Header& header, ByteView body) {
    if (socket_) socket_->Send(header, body, {}, kClientPatience);
  });
}

void FunctionServer::Drop() {
  socket_.reset();
  session_.reset();
  waiting_.clear();
  memory_.Clear();
  function_.Detach();
  wake_ = Time::Never();
}

void FunctionServer::HandleOne() {
  std::optional<Message> message;
  if (!waiting_.empty()) {
    message = std::move(waiting_.front());
    waiting_.pop_front();
  } else {
    message = socket_->Receive(Duration(0));
  }
  if (message) session_->OnMessage(std::move(*message));
}

void FunctionServer::Serve(Duration patience) {
  const Time now = Now();
  if (wake_ != Time::Never()) patience = std::clamp(wake_ - now, Duration(0), patience);
  if (!waiting_.empty()) patience = Duration(0);
  pollfd p{socket_ ? socket_->fd() : listener_.get(), POLLIN, 0};
  const timespec limit{patience / std::chrono::seconds(1), (patience % std::chrono::seconds(1)).count()};
  const int ready = ::ppoll(&p, 1, &limit, nullptr);
  if (!socket_) {
    if (ready > 0) Accept();
    return;
  }
  for (int i = 0; i < kBurst && (ready > 0 || !waiting_.empty()); ++i) {
    HandleOne();
    wake_ = function_.Work(Now());
    // A card that is not there has no connection: whoever plugs it in again connects.
    if (!socket_->open() || session_->over() || function_.gone()) return Drop();
    pollfd more{socket_->fd(), POLLIN, 0};
    if (waiting_.empty() && ::poll(&more, 1, 0) <= 0) break;
  }
  wake_ = function_.Work(Now());
  if (!socket_->open()) Drop();
}

// One question to the client. Whatever else it sends meanwhile waits its turn.
std::optional<Message> FunctionServer::Ask(Command command, ByteView body) {
  if (!socket_ || !socket_->open()) return std::nullopt;
  Header header{++next_id_, command, static_cast<std::uint32_t>(sizeof(Header) + body.size()), 0, 0};
  if (!socket_->Send(header, body, {}, kClientPatience)) return std::nullopt;
  const Time end = Now() + kClientPatience;
  while (waiting_.size() < kMostWaiting) {
    std::optional<Message> message = socket_->Receive(std::max(end - Now(), Duration(0)));
    if (!message) break;
    if (message->reply() && message->header.id == header.id && message->header.command == command) {
      if ((message->header.flags & kFlagError) != 0) return std::nullopt;
      return message;
    }
    if (!message->reply()) waiting_.push_back(std::move(*message));
  }
  socket_->Close();
  return std::nullopt;
}

bool FunctionServer::Remote::Read(std::uint64_t address, ByteSpan out) {
  while (!out.empty()) {
    const std::size_t part = std::min<std::size_t>(out.size(), server_.session_->client_data());
    Bytes body;
    Append(body, DmaAccess{address, part});
    const auto answer = server_.Ask(Command::kDmaRead, body);
    if (!answer || answer->body.size() != sizeof(DmaAccess) + part) return false;
    std::memcpy(out.data(), answer->body.data() + sizeof(DmaAccess), part);
    address += part;
    out = out.subspan(part);
  }
  return true;
}

bool FunctionServer::Remote::Write(std::uint64_t address, ByteView bytes) {
  while (!bytes.empty()) {
    const std::size_t part = std::min<std::size_t>(bytes.size(), server_.session_->client_data());
    Bytes body;
    Append(body, DmaAccess{address, part});
    body.insert(body.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(part));
    if (!server_.Ask(Command::kDmaWrite, body)) return false;
    address += part;
    bytes = bytes.subspan(part);
  }
  return true;
}

}  // namespace sw::hal::vfio
