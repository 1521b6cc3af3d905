// Arbitrary bytes at the socket where `sw8800 --connect` speaks to a device: what is no message, messages with anything
// in them, and sessions whose lines are arbitrary bytes. The first byte chooses which: bit 0 says hello before the
// bytes, bit 1 wraps each line into a message, bit 2 has somebody who can answer questions. What must hold: nothing
// crashes, every line that comes back is a message, and what a display answers to `| json` is JSON, whatever bytes the
// settings hold.
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "cli/remote/console_server.h"
#include "cli/remote/unix_socket.h"
#include "cli/session/line_reader.h"
#include "cli/session/session.h"
#include "cli/subjects.h"
#include "device/device.h"
#include "device/lab/lab_platform.h"
#include "hal/base/virtual_scheduler.h"
#include "hal/soft/software_device.h"

namespace sw::cli {
namespace {

constexpr std::size_t kMostBytes = 4096, kPiece = 512;

void Must(bool holds) {
  if (!holds) std::abort();
}

// One device with its socket, and somebody connected to it.
class Bench {
 public:
  Bench() {
    static int benches = 0;  // one beside the other have sockets of their own
    const std::string path =
        "/tmp/fuzz_control_socket." + std::to_string(::getpid()) + "." + std::to_string(++benches % 2);
    server_ = std::move(*ConsoleServer::Listen(loop_, path, [this](const std::string&, const HelloMessage& hello) {
      return std::make_unique<Session>(*device_, Commands(), SessionOptions{.interactive = hello.interactive});
    }));
    fd_ = *ConnectUnix(path);
    loop_.RunFor(Duration::zero());
  }
  ~Bench() { ::close(fd_); }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  void Write(std::string_view bytes) {
    for (; !bytes.empty(); bytes.remove_prefix(std::min(kPiece, bytes.size()))) {
      (void)::send(fd_, bytes.data(), std::min(kPiece, bytes.size()), MSG_NOSIGNAL | MSG_DONTWAIT);
      loop_.RunFor(Duration::zero());
      scheduler_.RunFor(std::chrono::milliseconds(100));  // what a line has started goes on
      Read();
    }
  }
  void Say(const SocketMessage& message) { Write(Encode(message)); }

  // Executes a line, as one message, and ends what it started; the output of it alone, and whether it was taken.
  struct Answer {
    std::string output;
    bool taken = false;
  };
  Answer AnswerTo(std::string line) {
    output_.clear();
    outcome_.reset();
    Say(ExecuteMessage{std::move(line)});
    Say(ControlMessage{Control::kCancel});
    Must(outcome_.has_value());
    return {output_, *outcome_ != Outcome::kRefused && *outcome_ != Outcome::kSkipped};
  }
  void End() {
    (void)::shutdown(fd_, SHUT_WR);
    for (int i = 0; i < 3; ++i) loop_.RunFor(Duration::zero());
    Read();
  }

 private:
  static const Grammar& Commands() {
    static const Grammar grammar = std::move(*BuildGrammar());
    return grammar;
  }
  void Read() {
    char buffer[65536];
    for (ssize_t n = 0; (n = ::recv(fd_, buffer, sizeof buffer, MSG_DONTWAIT)) > 0;)
      received_.append(buffer, static_cast<std::size_t>(n));
    for (std::size_t end = 0; (end = received_.find('\n')) != std::string::npos; received_.erase(0, end + 1)) {
      const std::optional<SocketMessage> message = Decode(std::string_view(received_).substr(0, end));
      Must(message.has_value());
      if (const auto* output = std::get_if<OutputMessage>(&*message)) output_ += output->text;
      if (const auto* ready = std::get_if<ReadyMessage>(&*message); ready != nullptr && !outcome_)
        outcome_ = ready->ready.outcome;
    }
  }

  VirtualScheduler scheduler_;
  SeededRandom random_{1};
  PacketPool packets_;
  std::unique_ptr<hal::SoftwareDevice> crypto_ = std::move(*hal::SoftwareDevice::Create());
  device::LabPlatform platform_{scheduler_, packets_};
  std::unique_ptr<device::Device> device_ = std::move(
      *device::Device::Create(platform_, std::move(*configdb::Store::Open(":memory:")),
                              {.crypto = *crypto_, .random = random_, .wall_clock = [] { return std::int64_t{0}; }}));
  device::EventLoop loop_;
  std::unique_ptr<ConsoleServer> server_;
  int fd_ = -1;
  std::string received_, output_;
  std::optional<Outcome> outcome_;  // of the first answer since a line was sent
};

// What holds the bytes is shown as JSON.
void CheckJson(std::string_view bytes) {
  Bench bench;
  bench.Say(HelloMessage{"fuzz", false});
  const std::string word(bytes.substr(0, 60));
  for (const std::string& line : {std::string("system-view"), "sysname " + word, "local-user " + word,
                                  "header shell %" + word + "%", std::string("acl number 2000"), "description " + word,
                                  std::string("interface LoopBack 0"), "description " + word})
    (void)bench.AnswerTo(line);
  for (const char* line : {"display interface LoopBack 0 | json", "display local-user | json", "display version | json",
                           "display acl all | json", "display history-command | json",
                           "display configuration journal | json", "display logbuffer | json"}) {
    const Bench::Answer answer = bench.AnswerTo(line);
    Must(!answer.taken || nlohmann::json::accept(answer.output));
  }
}

void Run(std::uint8_t options, std::string_view bytes) {
  Bench bench;
  if ((options & 1U) != 0) bench.Say(HelloMessage{"fuzz", (options & 4U) != 0});
  if ((options & 2U) == 0) {
    bench.Write(bytes);
  } else {
    for (const std::string_view line : LinesOf(bytes)) bench.Say(ExecuteMessage{std::string(line)});
    CheckJson(bytes);
  }
  bench.End();
}

}  // namespace
}  // namespace sw::cli

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  sw::cli::Run(data[0], bytes.substr(0, sw::cli::kMostBytes));
  return 0;
}
