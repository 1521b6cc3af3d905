#include "cli/remote/take_over_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "hal/base/state.h"

namespace sw::cli {
namespace {

using namespace std::chrono_literals;

struct Ends {
  Ends() {
    int fds[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
    one = std::make_unique<TakeOverSocket>(hal::Descriptor(fds[0]));
    two = std::make_unique<TakeOverSocket>(hal::Descriptor(fds[1]));
  }
  std::unique_ptr<TakeOverSocket> one, two;
};

TEST(TakeOverSocket, CarriesWordsDescriptorsAndState) {
  Ends e;
  TakeOverMessage sent{.word = TakeOverWord::kDescriptors, .form = 7, .text = "text"};
  for (int i = 0; i < 100; ++i) sent.open.emplace("tun " + std::to_string(i), hal::Descriptor(::dup(0)));
  ASSERT_TRUE(e.one->Send(std::move(sent)).ok());
  Result<TakeOverMessage> got = e.two->Receive(1s);
  ASSERT_TRUE(got.ok()) << got.why();
  EXPECT_EQ(got->form, 7U);
  EXPECT_EQ(got->text, "text");
  ASSERT_EQ(got->open.size(), 100U);
  for (const auto& [name, fd] : got->open) EXPECT_TRUE(fd.valid());

  const SecretBytes state(Bytes(300000, 0x5a));
  ASSERT_TRUE(e.one->Send({.word = TakeOverWord::kState, .state = state}).ok());
  got = e.two->Receive(1s);
  ASSERT_TRUE(got.ok()) << got.why();
  EXPECT_EQ(got->state, state);
  EXPECT_TRUE(got->open.empty());
}

TEST(TakeOverSocket, SilenceIsBusyTheEndIsGoneAndNonsenseIsRefused) {
  Ends e;
  EXPECT_EQ(e.two->Receive(0s).status().code(), Code::kBusy);
  for (const std::string& bytes : {std::string("x"), std::string(9, '\0'), std::string(20000, 'a')}) {
    ASSERT_GT(::send(e.one->fd(), bytes.data(), bytes.size(), 0), 0);
    EXPECT_EQ(e.two->Receive(1s).status().code(), Code::kBadValue);
  }
  ASSERT_TRUE(e.one->Send({.word = TakeOverWord::kState}).ok());  // an empty one is one
  EXPECT_TRUE(e.two->Receive(1s).ok());
  e.one.reset();
  EXPECT_EQ(e.two->Receive(1s).status().code(), Code::kNotFound);
}

struct Device final : Predecessor {
  Status MayBeTakenOver(const std::string&) const override { return {}; }
  TakenOver Hold() override { return {}; }
  void GoOn(const std::string& why) override { went_on = why; }
  std::string went_on;
};

TEST(TakeOverSocket, ServesOneSuccessorAtATimeAndGoesOnWhenItDies) {
  device::EventLoop loop;
  Device device;
  const std::string socket = ::testing::TempDir() + "take-over.sock";
  pid_t successor = 0;
  auto server = TakeOverServer::Listen(loop, socket, device, [&](pid_t pid) {
    successor = pid;
    loop.Stop();
  });
  ASSERT_TRUE(server.ok()) << server.why();
  struct stat info {};
  ASSERT_EQ(::stat((socket + ".next").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);

  auto first = TakeOverSocket::Connect(socket);
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE((*first)->Send({.word = TakeOverWord::kAsk, .form = kTakeOverForm, .text = "db"}).ok());
  (void)loop.RunFor(50ms);
  EXPECT_EQ((*first)->Receive(0s)->word, TakeOverWord::kAgreed);
  auto second = TakeOverSocket::Connect(socket);
  (void)loop.RunFor(50ms);
  EXPECT_EQ((*second)->Receive(0s)->word, TakeOverWord::kRefused);
  ASSERT_TRUE((*first)->Send({.word = TakeOverWord::kNow}).ok());
  first->reset();
  (void)loop.RunFor(50ms);
  EXPECT_FALSE(device.went_on.empty());
  EXPECT_EQ(successor, 0);

  auto third = TakeOverSocket::Connect(socket);
  for (const TakeOverWord word : {TakeOverWord::kAsk, TakeOverWord::kNow, TakeOverWord::kAlive}) {
    ASSERT_TRUE((*third)->Send({.word = word, .form = kTakeOverForm}).ok());
    if (word == TakeOverWord::kAsk) (void)loop.RunFor(50ms);
  }
  EXPECT_FALSE(loop.RunFor(1s));
  EXPECT_EQ(successor, ::getpid());
}

TEST(TakeOverSocket, NobodyListens) {
  EXPECT_EQ(TakeOverSocket::Connect(::testing::TempDir() + "nobody.sock").status().code(), Code::kNotFound);
}

}  // namespace
}  // namespace sw::cli
