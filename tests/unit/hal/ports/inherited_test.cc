#include "hal/ports/inherited.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "hal/ports/lock.h"
#include "hal/ports/udp.h"

namespace sw::hal {
namespace {

Descriptor Copy(int fd) {
  return Descriptor(::dup(fd));
}

TEST(Inherited, IsOfferedWhileItLivesUnderItsNameAndFoundOnce) {
  {
    const Offered one("x", 7);
    EXPECT_EQ(FreeName("x"), "x 1");
    const Offered second("x 1", 8), same("x", 9);
    EXPECT_EQ(FreeName("x"), "x 2");
    EXPECT_EQ(AllOffered().at("x"), 7);
  }
  EXPECT_FALSE(AllOffered().contains("x"));
  EXPECT_FALSE(AllOffered().contains("x 1"));
}

TEST(Inherited, IsTakenOnceAndWhatNobodyTakesIsClosed) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  std::map<std::string, Descriptor> open;
  open.emplace("a", Descriptor(ends[0]));
  open.emplace("b", Descriptor(ends[1]));
  Inherit(std::move(open));
  {
    const Descriptor taken = TakeInherited("a");
    EXPECT_EQ(taken.get(), ends[0]);
    EXPECT_FALSE(TakeInherited("a").valid());
    CloseInherited();
    char octet = 0;
    EXPECT_EQ(::recv(taken.get(), &octet, 1, MSG_DONTWAIT), 0);  // the other end is closed
  }
  EXPECT_FALSE(TakeInherited("b").valid());
}

TEST(Inherited, AUdpSocketGoesOnWithWhatWaitsInIt) {
  PacketPool pool;
  auto before = UdpSocket::Open({Ipv4(127, 0, 0, 1), 0});
  ASSERT_TRUE(before.ok());
  const Endpoint at = (*before)->local();
  before->reset();
  before = UdpSocket::Open(at);
  ASSERT_TRUE(before.ok()) << before.why();
  auto sender = UdpSocket::Open({Ipv4(127, 0, 0, 1), 0});
  std::vector<UdpDatagram> burst;
  burst.push_back({at, pool.Copy(Bytes{1, 2, 3})});
  EXPECT_EQ((*sender)->Send(burst), 0U);
  std::map<std::string, Descriptor> open;
  for (const auto& [name, fd] : AllOffered())
    if (name == "udp " + at.ToString()) open.emplace(name, Copy(fd));
  ASSERT_EQ(open.size(), 1U);
  Inherit(std::move(open));
  before->reset();
  auto after = UdpSocket::Open(at);
  ASSERT_TRUE(after.ok()) << after.why();
  EXPECT_EQ((*after)->local(), at);
  (*after)->Receive(pool, burst);
  ASSERT_EQ(burst.size(), 1U);
  EXPECT_EQ(burst[0].packet->size(), 3U);
}

TEST(Inherited, ALockStaysHeldAndThenNamesWhoHasIt) {
  const std::string path = ::testing::TempDir() + "inherited-lock";
  auto before = Lock::OfFile(path, "it", "note");
  ASSERT_TRUE(before.ok());
  std::map<std::string, Descriptor> open;
  open.emplace("lock " + path, Copy(AllOffered().at("lock " + path)));
  Inherit(std::move(open));
  auto after = Lock::OfFile(path, "it", "note");
  ASSERT_TRUE(after.ok()) << after.why();
  EXPECT_FALSE(Lock::OfFile(path, "it", "note").ok());
  EXPECT_EQ(Lock::Holder(path), ::getpid());
  after->Sign();
  EXPECT_EQ(Lock::Holder(path), ::getpid());
}

}  // namespace
}  // namespace sw::hal
