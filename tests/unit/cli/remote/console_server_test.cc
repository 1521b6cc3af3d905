// A console in one place and its operator in another, over a real socket; both ends on one event loop.
#include "cli/remote/console_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "cli/remote/remote_console.h"
#include "cli/remote/unix_socket.h"

namespace sw::cli {
namespace {

using testing::ElementsAre;

constexpr Duration kLimit = std::chrono::seconds(10);

// Answers every line with itself, "slow" only when cancelled, and closes on "quit".
class EchoConsole final : public Console {
 public:
  EchoConsole() { ready_.prompt = "<echo>"; }
  void Listen(ConsoleListener* listener) override { listener_ = listener; }
  const Ready& ready() const override { return ready_; }
  void Execute(std::string_view line) override {
    if (line == "slow") return;
    ready_.closed = line == "quit";
    ready_.outcome = line == "bad" ? Outcome::kRefused : Outcome::kChanged;
    listener_->OnOutput(std::string(line) + "\n");
    listener_->OnReady(ready_);
  }
  void Send(Control control) override {
    listener_->OnNotice("control " + std::to_string(static_cast<int>(control)) + "\n");
    listener_->OnReady(ready_);
  }
  void Help(std::string_view text, std::function<void(std::string)> answer) override { answer("help on " + std::string(text)); }
  void Complete(std::string_view text, std::function<void(Completion)> answer) override {
    answer({text.size(), {"interface", "ip"}});
  }

 private:
  ConsoleListener* listener_ = nullptr;
  Ready ready_;
};

class Recorder final : public ConsoleListener {
 public:
  void OnOutput(std::string_view text) override { heard.push_back("output " + std::string(text)); }
  void OnNotice(std::string_view text) override { heard.push_back("notice " + std::string(text)); }
  void OnReady(const Ready& ready) override {
    heard.push_back(ready.closed ? "closed" : "ready");
    last = ready;
  }
  std::vector<std::string> heard;
  Ready last;
};

class ConsoleServerTest : public testing::Test {
 protected:
  ConsoleServerTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "sw8800-socket-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    path_ = folder_ + "/s";
  }
  ~ConsoleServerTest() override {
    server_.reset();
    std::filesystem::remove_all(folder_);
  }
  void Serve() {
    Result<std::unique_ptr<ConsoleServer>> server =
        ConsoleServer::Listen(loop_, path_, [this](const std::string& who, const HelloMessage& hello) {
          who_ = who;
          hello_ = hello;
          return std::make_unique<EchoConsole>();
        });
    ASSERT_TRUE(server.ok()) << server.why();
    server_ = std::move(*server);
  }
  std::unique_ptr<RemoteConsole> Connect() {
    Result<std::unique_ptr<RemoteConsole>> console = RemoteConsole::Connect(loop_, path_, {"terminal", true});
    EXPECT_TRUE(console.ok()) << console.why();
    (*console)->Listen(&recorder_);
    return std::move(*console);
  }
  bool Wait(std::size_t heard) {
    return loop_.RunUntil([&] { return recorder_.heard.size() >= heard; }, kLimit);
  }
  // What a peer gets that sends `bytes` and waits for the end.
  std::string SendRaw(const std::string& bytes) {
    const Result<int> fd = ConnectUnix(path_);
    EXPECT_TRUE(fd.ok());
    EXPECT_EQ(::send(*fd, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
    std::string got;
    bool ended = false;
    auto watch = loop_.WatchReadable(*fd, [&] {
      char buffer[4096];
      const ssize_t n = ::recv(*fd, buffer, sizeof buffer, MSG_DONTWAIT);
      if (n > 0) got.append(buffer, static_cast<std::size_t>(n));
      ended = n <= 0;
    });
    EXPECT_TRUE(loop_.RunUntil([&] { return ended; }, kLimit));
    watch.reset();
    ::close(*fd);
    return got;
  }

  device::EventLoop loop_;
  std::string folder_, path_, who_;
  HelloMessage hello_;
  std::unique_ptr<ConsoleServer> server_;
  Recorder recorder_;
};

TEST_F(ConsoleServerTest, CarriesLinesAnswersAndPromptsInOrder) {
  Serve();
  auto console = Connect();
  EXPECT_EQ(console->ready().prompt, "<echo>");
  EXPECT_EQ(hello_.from, "terminal");
  EXPECT_TRUE(hello_.interactive);
  EXPECT_FALSE(who_.empty());
  console->Execute("one");
  ASSERT_TRUE(Wait(2));
  console->Execute("bad");
  ASSERT_TRUE(Wait(4));
  EXPECT_THAT(recorder_.heard, ElementsAre("output one\n", "ready", "output bad\n", "ready"));
  EXPECT_EQ(recorder_.last.outcome, Outcome::kRefused);
}

TEST_F(ConsoleServerTest, AnswersHelpAndCompletionToWhoAsked) {
  Serve();
  auto console = Connect();
  std::string help;
  Completion completion;
  console->Help("dis", [&](std::string text) { help = std::move(text); });
  console->Complete("display i", [&](Completion c) { completion = std::move(c); });
  ASSERT_TRUE(loop_.RunUntil([&] { return !completion.words.empty(); }, kLimit));
  EXPECT_EQ(help, "help on dis");
  EXPECT_EQ(completion.begin, 9U);
  EXPECT_THAT(completion.words, ElementsAre("interface", "ip"));
}

TEST_F(ConsoleServerTest, PassesControlsToALineThatRuns) {
  Serve();
  auto console = Connect();
  console->Execute("slow");
  console->Send(Control::kCancel);
  ASSERT_TRUE(Wait(2));
  EXPECT_THAT(recorder_.heard, ElementsAre("notice control 0\n", "ready"));
}

TEST_F(ConsoleServerTest, EndsTheConnectionWhenTheSessionCloses) {
  Serve();
  auto console = Connect();
  console->Execute("quit");
  ASSERT_TRUE(Wait(2));
  EXPECT_EQ(recorder_.heard.back(), "closed");
}

TEST_F(ConsoleServerTest, TellsTheOperatorWhenTheDeviceHasGone) {
  Serve();
  auto console = Connect();
  server_.reset();
  ASSERT_TRUE(Wait(1));
  EXPECT_EQ(recorder_.heard.back(), "closed");
  EXPECT_EQ(recorder_.last.reason, "the device has gone");
}

TEST_F(ConsoleServerTest, EndsConnectionsThatDoNotSpeakItsLanguage) {
  Serve();
  EXPECT_EQ(SendRaw("GET / HTTP/1.0\r\n\r\n"), "");
  EXPECT_EQ(SendRaw("{\"execute\":\"display version\"}\n"), "");  // before the hello
  EXPECT_THAT(SendRaw("{\"hello\":\"x\",\"interactive\":false}\n{\"control\":77}\n"), testing::StartsWith("{\"ready\""));
  EXPECT_THAT(SendRaw("{\"hello\":\"x\",\"interactive\":false}\n{\"execute\":\"slow\"}\n{\"execute\":\"x\"}\n"),
              testing::StartsWith("{\"ready\""));
  auto console = Connect();  // and others are served as before
  console->Execute("one");
  EXPECT_TRUE(Wait(2));
}

TEST_F(ConsoleServerTest, IsForItsOwnerOnlyAndRemovesItsFile) {
  Serve();
  struct stat info {};
  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  server_.reset();
  EXPECT_NE(::stat(path_.c_str(), &info), 0);
}

TEST_F(ConsoleServerTest, RefusesASocketThatIsInUseAndReplacesOneThatIsDead) {
  Serve();
  auto make = [](const std::string&, const HelloMessage&) { return std::make_unique<EchoConsole>(); };
  EXPECT_EQ(ConsoleServer::Listen(loop_, path_, make).status().code(), Code::kInUse);
  server_.reset();
  const Result<int> dead = ListenUnix(path_);  // a file that nobody serves any more
  ASSERT_TRUE(dead.ok());
  ::close(*dead);
  EXPECT_TRUE(ConsoleServer::Listen(loop_, path_, make).ok());
}

TEST_F(ConsoleServerTest, NamesADeviceThatIsNotThere) {
  const auto console = RemoteConsole::Connect(loop_, path_, {"terminal", true});
  ASSERT_FALSE(console.ok());
  EXPECT_EQ(console.status().code(), Code::kNotFound);
  EXPECT_THAT(console.why(), testing::HasSubstr("no device answers at " + path_));
}

}  // namespace
}  // namespace sw::cli
