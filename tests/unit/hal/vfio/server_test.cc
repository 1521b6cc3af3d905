// vfio-user as published, from a client that does everything wrong: broken pieces, wrong sizes, wrong descriptors.
#include "hal/vfio/server.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <cstring>
#include <thread>

#include "hal/card/card_server.h"
#include "hal/pcie/register_map.h"
#include "hal/soft/software_device.h"

namespace sw::hal::vfio {
namespace {

using namespace std::chrono_literals;

// A card behind a real socket, served by the test's own hand: Serve is called until the answer is there.
class ServerTest : public testing::Test {
 protected:
  void SetUp() override {
    char folder[] = "/tmp/sw8800-vfio-XXXXXX";
    folder_ = ::mkdtemp(folder);
    server_ = *card::CardServer::Listen(folder_ + "/s", {8, 8, 2}, *SoftwareDevice::Create({8, 1}), {});
    Connect();
  }
  void TearDown() override {
    client_.reset();
    server_.reset();
    ::rmdir(folder_.c_str());
  }
  void Connect() {
    client_.emplace(*ConnectUnix(folder_ + "/s", 1s));
    server_->Serve(1s);
    ASSERT_TRUE(server_->connected());
  }
  void Serve(int times = 3) {
    for (int i = 0; i < times; ++i) server_->Serve(Duration(0));
  }
  // Sends bytes as they are.
  void Raw(ByteView bytes) {
    ASSERT_EQ(::send(client_->fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL), ssize_t(bytes.size()));
  }
  Bytes Encode(Command command, ByteView body, std::uint32_t flags = 0) {
    Bytes out;
    Append(out, Header{++id_, command, static_cast<std::uint32_t>(sizeof(Header) + body.size()), flags, 0});
    out.insert(out.end(), body.begin(), body.end());
    return out;
  }
  std::optional<Message> Ask(Command command, ByteView body, std::span<const int> fds = {}) {
    const Header header{++id_, command, static_cast<std::uint32_t>(sizeof(Header) + body.size()), 0, 0};
    EXPECT_TRUE(client_->Send(header, body, fds, 1s));
    Serve();
    return client_->Receive(Duration(0));
  }
  template <typename T>
  int Errno(Command command, const T& body, std::span<const int> fds = {}) {
    Bytes bytes;
    Append(bytes, body);
    const auto answer = Ask(command, bytes, fds);
    EXPECT_TRUE(answer.has_value());
    if (!answer) return -1;
    EXPECT_EQ(answer->header.id, id_);
    EXPECT_EQ((answer->header.flags & kFlagError) != 0, answer->header.error != 0);
    EXPECT_TRUE(answer->header.error == 0 || answer->body.empty());
    return static_cast<int>(answer->header.error);
  }
  void Greet() {
    Bytes body;
    Append(body, Version{0, 2});
    const auto answer = Ask(Command::kVersion, body);
    ASSERT_TRUE(answer && answer->header.error == 0);
  }
  bool Alive() {
    Bytes body;
    Append(body, RegionAccess{pcie::kRegId, kBar0Region, 4});
    const auto answer = Ask(Command::kRegionRead, body);
    if (!answer || answer->body.size() != sizeof(RegionAccess) + 4) return false;
    std::uint32_t id = 0;
    std::memcpy(&id, answer->body.data() + sizeof(RegionAccess), 4);
    return id == pcie::kMagic;
  }

  std::string folder_;
  std::unique_ptr<card::CardServer> server_;
  std::optional<MessageSocket> client_;
  std::uint16_t id_ = 0;
};

TEST_F(ServerTest, NegotiatesTheLowerMinorVersionAndNamesItsLimits) {
  Bytes body;
  Append(body, Version{0, 0});
  const std::string_view json = R"({"capabilities":{"max_data_xfer_size":4096,"write_multiple":true}})";
  body.insert(body.end(), json.begin(), json.end());
  body.push_back(0);
  const auto answer = Ask(Command::kVersion, body);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->As<Version>()->minor, 0);
  EXPECT_NE(AsText(ByteView(answer->body).subspan(4)).find("max_msg_fds"), std::string_view::npos);
  EXPECT_EQ(answer->body.back(), 0);
  EXPECT_TRUE(Alive());
}

TEST_F(ServerTest, RefusesAnotherMajorVersionBrokenJsonAndAnythingBeforeTheVersion) {
  EXPECT_EQ(Errno(Command::kDeviceInfo, DeviceInfo{16, 0, 0, 0}), EINVAL);
  Bytes body;
  Append(body, Version{1, 0});
  EXPECT_EQ(Ask(Command::kVersion, body)->header.error, std::uint32_t{EINVAL});
  EXPECT_FALSE(server_->connected());
  for (const char* json : {"{", "[]", "{\"capabilities\":}", "\xff\xfe"}) {
    Connect();
    body.clear();
    Append(body, Version{0, 1});
    body.insert(body.end(), json, json + std::strlen(json));
    EXPECT_EQ(Ask(Command::kVersion, body)->header.error, std::uint32_t{EINVAL}) << json;
    EXPECT_FALSE(server_->connected());
  }
  Connect();
  Greet();
  Append(body, Version{0, 1});
  EXPECT_EQ(Ask(Command::kVersion, body)->header.error, std::uint32_t{EINVAL});  // twice
  EXPECT_TRUE(Alive());
}

TEST_F(ServerTest, TakesHeadersAndMessagesInPieces) {
  Greet();
  Bytes body;
  Append(body, RegionAccess{pcie::kRegId, kBar0Region, 4});
  const Bytes message = Encode(Command::kRegionRead, body);
  for (std::size_t cut = 1; cut < message.size(); ++cut) {
    Raw(ByteView(message).first(cut));
    Serve();
    EXPECT_FALSE(client_->Receive(Duration(0)).has_value());
    Raw(ByteView(message).subspan(cut));
    Serve();
    ASSERT_TRUE(client_->Receive(Duration(0)).has_value()) << cut;
  }
  Bytes two = message;
  two.insert(two.end(), message.begin(), message.end());
  Raw(two);
  Serve();
  EXPECT_TRUE(client_->Receive(Duration(0)).has_value());
  EXPECT_TRUE(client_->Receive(Duration(0)).has_value());
}

TEST_F(ServerTest, ASizeThatNoMessageCanHaveEndsTheConnection) {
  for (std::uint32_t size : {0U, 15U, kMostMessage + 1, 0xffffffffU}) {
    if (!server_->connected()) Connect();
    Greet();
    Bytes bytes;
    Append(bytes, Header{1, Command::kRegionRead, size, 0, 0});
    Raw(bytes);
    Serve();
    EXPECT_FALSE(server_->connected()) << size;
  }
}

TEST_F(ServerTest, AClientThatGoesAwayInMidMessageLeavesACleanCardForTheNext) {
  Greet();
  Bytes map;
  Append(map, DmaMap{32, 3, 0, 0x1000, 0x1000});
  ASSERT_EQ(Ask(Command::kDmaMap, map)->header.error, 0U);
  EXPECT_EQ(server_->maps(), 1U);
  const Bytes message = Encode(Command::kDmaMap, map);
  Raw(ByteView(message).first(20));
  Serve();
  client_.reset();
  Serve();
  EXPECT_FALSE(server_->connected());
  EXPECT_EQ(server_->maps(), 0U);
  Connect();
  Greet();
  EXPECT_TRUE(Alive());
}

TEST_F(ServerTest, BodiesThatAreTooShortAreRefusedForEveryCommand) {
  Greet();
  for (std::uint16_t command = 0; command < 24; ++command) {
    if (command == static_cast<std::uint16_t>(Command::kReset)) continue;
    for (std::size_t size : {0, 1, 7}) {
      const auto answer = Ask(static_cast<Command>(command), Bytes(size));
      ASSERT_TRUE(answer) << command;
      EXPECT_EQ(answer->header.error, std::uint32_t{EINVAL}) << command;
    }
  }
  EXPECT_TRUE(Alive());
}

TEST_F(ServerTest, SizesThatOverflowAreRefused) {
  Greet();
  const std::uint64_t all = ~std::uint64_t{0};
  EXPECT_EQ(Errno(Command::kDmaMap, DmaMap{32, 3, 0, all, 2}), EINVAL);
  EXPECT_EQ(Errno(Command::kDmaMap, DmaMap{32, 3, 0, 0x1000, 0}), EINVAL);
  EXPECT_EQ(Errno(Command::kDmaMap, DmaMap{32, 0, 0, 0x1000, 0x1000}), EINVAL);
  EXPECT_EQ(Errno(Command::kDmaMap, DmaMap{31, 3, 0, 0x1000, 0x1000}), EINVAL);
  EXPECT_EQ(Errno(Command::kRegionRead, RegionAccess{all, kBar0Region, 4}), EINVAL);
  EXPECT_EQ(Errno(Command::kRegionRead, RegionAccess{pcie::kBarBytes - 2, kBar0Region, 4}), EINVAL);
  EXPECT_EQ(Errno(Command::kRegionRead, RegionAccess{0, kBar0Region, 0xffffffff}), EINVAL);
  EXPECT_EQ(Errno(Command::kRegionRead, RegionAccess{0, kRegions, 4}), EINVAL);
  EXPECT_EQ(Errno(Command::kRegionRead, RegionAccess{0, 1, 4}), EINVAL);             // a BAR that is not there
  EXPECT_EQ(Errno(Command::kRegionWrite, RegionAccess{0, kBar0Region, 4}), EINVAL);  // no data behind it
  EXPECT_EQ(Errno(Command::kRegionInfo, RegionInfo{32, 0, 99, 0, 0, 0}), EINVAL);
  EXPECT_EQ(Errno(Command::kIrqInfo, IrqInfo{16, 0, 99, 0}), EINVAL);
  EXPECT_EQ(Errno(Command::kSetIrqs, SetIrqs{20, kIrqFd | kIrqTrigger, kMsixIrq, 0xffffffff, 2}), EINVAL);
  EXPECT_EQ(Errno(Command::kSetIrqs, SetIrqs{20, kIrqFd | kIrqTrigger, kMsixIrq, 1, 0xffffffff}), EINVAL);
  EXPECT_EQ(Errno(Command::kSetIrqs, SetIrqs{20, kIrqBool | kIrqTrigger, kMsixIrq, 0, 2}), EINVAL);
  EXPECT_EQ(Errno(Command::kSetIrqs, SetIrqs{20, kIrqTrigger, kMsixIrq, 0, 1}), EINVAL);
  EXPECT_EQ(Errno(Command::kSetIrqs, SetIrqs{20, kIrqFd | kIrqNone | kIrqTrigger, kMsixIrq, 0, 0}), EINVAL);
  EXPECT_EQ(Errno(Command::kDmaUnmap, DmaUnmap{24, 1, 0x1000, 0x1000}), EINVAL);
  EXPECT_TRUE(Alive());
}

TEST_F(ServerTest, HundredsOfUnmapsOfNothingAreAnsweredAndOverlapsRefused) {
  Greet();
  ASSERT_EQ(Errno(Command::kDmaMap, DmaMap{32, 3, 0, 0x10000, 0x4000}), 0);
  for (std::uint64_t i = 0; i < 500; ++i)
    ASSERT_EQ(Errno(Command::kDmaUnmap, DmaUnmap{24, 0, 0x100000 + i * 0x1000, 0x1000}), ENOENT);
  EXPECT_EQ(Errno(Command::kDmaUnmap, DmaUnmap{24, 0, 0x10000, 0x1000}), ENOENT);  // a part of it
  for (std::uint64_t at : {0xf000, 0x10000, 0x13fff})
    EXPECT_EQ(Errno(Command::kDmaMap, DmaMap{32, 3, 0, at, 0x1001}), EINVAL);
  EXPECT_EQ(Errno(Command::kDmaMap, DmaMap{32, 3, 0, 0x14000, 0x1000}), 0);
  EXPECT_EQ(Errno(Command::kDmaUnmap, DmaUnmap{24, 0, 0x10000, 0x4000}), 0);
  EXPECT_EQ(Errno(Command::kDmaUnmap, DmaUnmap{24, kUnmapAll, 0, 0}), 0);
  EXPECT_EQ(server_->maps(), 0U);
}

TEST_F(ServerTest, DescriptorsThatAreMissingOrTooManyOrUseless) {
  Greet();
  const int zero = ::open("/dev/zero", O_RDWR | O_CLOEXEC), memory = ::memfd_create("t", MFD_CLOEXEC);
  ASSERT_EQ(::ftruncate(memory, 0x1000), 0);
  const int event = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  const int two[] = {memory, memory}, one[] = {memory}, useless[] = {zero}, events[] = {event, event, event};
  EXPECT_EQ(Errno(Command::kDmaMap, DmaMap{32, 3, 0, 0x1000, 0x1000}, two), EINVAL);
  EXPECT_EQ(Errno(Command::kDmaMap, DmaMap{32, 3, 0, 0x1000, 0x2000}, one), EINVAL);  // longer than the file
  EXPECT_EQ(Errno(Command::kDmaMap, DmaMap{32, 3, 0x1000, 0x1000, 0x1000}, one), EINVAL);
  EXPECT_EQ(Errno(Command::kDmaMap, DmaMap{32, 3, ~std::uint64_t{0xfff}, 0x1000, 0x1000}, one), EINVAL);
  EXPECT_EQ(Errno(Command::kDmaMap, DmaMap{32, 3, 0, 0x1000, 0x1000}, useless), EINVAL);
  EXPECT_EQ(Errno(Command::kDmaMap, DmaMap{32, 3, 0, 0x1000, 0x1000}, one), 0);
  EXPECT_EQ(Errno(Command::kDeviceInfo, DeviceInfo{16, 0, 0, 0}, one), EINVAL);  // where none belongs
  EXPECT_EQ(Errno(Command::kSetIrqs, SetIrqs{20, kIrqFd | kIrqTrigger, kMsixIrq, 0, 2}, events), EINVAL);
  EXPECT_EQ(Errno(Command::kSetIrqs, SetIrqs{20, kIrqNone | kIrqTrigger, kMsixIrq, 0, 1}, one), EINVAL);
  EXPECT_EQ(Errno(Command::kSetIrqs, SetIrqs{20, kIrqFd | kIrqTrigger, kMsixIrq, 0, 3}), 0);  // takes them away
  EXPECT_EQ(Errno(Command::kSetIrqs, SetIrqs{20, kIrqFd | kIrqTrigger, kMsixIrq, 0, 3}, events), 0);
  EXPECT_EQ(Errno(Command::kSetIrqs, SetIrqs{20, kIrqNone | kIrqTrigger, kMsixIrq, 1, 1}), 0);  // fires one
  std::uint64_t count = 0;
  EXPECT_EQ(::read(event, &count, sizeof count), 8);
  EXPECT_EQ(count, 1U);
  std::vector<int> many(17,
                        memory);  // more than a message of ours can bring: the surplus is closed, the message refused
  Bytes body;
  Append(body, SetIrqs{20, kIrqFd | kIrqTrigger, kMsixIrq, 0, 3});
  Bytes bytes = Encode(Command::kSetIrqs, body);
  iovec part{bytes.data(), bytes.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * 17)];
  msghdr m{};
  m.msg_iov = &part;
  m.msg_iovlen = 1;
  m.msg_control = control;
  m.msg_controllen = sizeof control;
  cmsghdr* c = CMSG_FIRSTHDR(&m);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = CMSG_LEN(sizeof(int) * 17);
  std::memcpy(CMSG_DATA(c), many.data(), sizeof(int) * 17);
  ASSERT_GT(::sendmsg(client_->fd(), &m, 0), 0);
  Serve();
  const auto answer = client_->Receive(Duration(0));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->header.error, std::uint32_t{EINVAL});
  EXPECT_TRUE(Alive());
  for (int fd : {zero, memory, event}) ::close(fd);
}

TEST_F(ServerTest, AWriteThatWantsNoReplyGetsNone) {
  Greet();
  Bytes body;
  Append(body, RegionAccess{4, kConfigRegion, 2});
  Append(body, std::uint16_t{6});
  Raw(Encode(Command::kRegionWrite, body, kFlagNoReply));
  body.clear();
  Append(body, RegionAccess{1 << 20, kConfigRegion, 2});
  Raw(Encode(Command::kRegionRead, body, kFlagNoReply));
  Serve();
  EXPECT_FALSE(client_->Receive(Duration(0)).has_value());
  EXPECT_TRUE(Alive());
}

TEST_F(ServerTest, ConfigurationSpaceLooksLikeAFunctionWithTwoMemoryBarsAndMsix) {
  Greet();
  const auto read = [&](std::uint64_t at, std::uint32_t size) {
    Bytes body;
    Append(body, RegionAccess{at, kConfigRegion, size});
    const auto answer = Ask(Command::kRegionRead, body);
    std::uint32_t out = 0;
    std::memcpy(&out, answer->body.data() + 16, size);
    return out;
  };
  const auto write = [&](std::uint64_t at, std::uint32_t value) {
    Bytes body;
    Append(body, RegionAccess{at, kConfigRegion, 4});
    Append(body, value);
    Ask(Command::kRegionWrite, body);
  };
  EXPECT_EQ(read(0, 4), std::uint32_t{pcie::kDeviceId} << 16 | pcie::kVendorId);
  write(0, 0);
  EXPECT_EQ(read(0, 2), pcie::kVendorId);
  write(0x10, 0xffffffff);
  EXPECT_EQ(read(0x10, 4), ~(pcie::kBarBytes - 1));  // a power of two, memory, 32 bits
  write(0x14, 0xffffffff);
  EXPECT_EQ(read(0x14, 4), 0U);
  EXPECT_EQ(read(0x34, 1), 0x40U);
  EXPECT_EQ(read(0x40, 1), 0x11U);
  EXPECT_EQ(read(0x42, 2), 2U);  // three vectors
  EXPECT_EQ(Ask(Command::kReset, {})->header.error, 0U);
}

// Memory that was lent without a descriptor: the card asks for it, and other messages wait meanwhile.
TEST_F(ServerTest, ReachesMemoryWithoutADescriptorByMessages) {
  Greet();
  ASSERT_EQ(Errno(Command::kDmaMap, DmaMap{32, 3, 0, 0x10000, 0x10000}), 0);
  Bytes memory(0x10000);
  const auto write = [&](std::uint32_t offset, std::uint32_t value) {
    Bytes body;
    Append(body, RegionAccess{offset, kBar0Region, 4});
    Append(body, value);
    Raw(Encode(Command::kRegionWrite, body, kFlagNoReply));
  };
  using namespace pcie;
  write(kRegControl, 2);
  write(kRegRings, 0x10000);
  write(kRegRings + 8, 0x11000);
  write(kRegRings + 0x10, 8);
  Serve(5);
  write(kRegControl, 4);
  pcie::Descriptor d{};
  d.opcode = Opcode::kAddSa;
  d.tag = 3;
  d.sa = 8;
  std::memcpy(memory.data(), &d, sizeof d);
  write(kRegDoorbells, 1);
  std::thread client([&] {  // answers until the completion's flag was written
    Bytes region;
    Append(region, RegionAccess{kRegId, kBar0Region, 4});
    Raw(Encode(Command::kRegionRead, region));  // waits its turn
    for (bool flag = false; !flag;) {
      const auto message = client_->Receive(5s);
      if (!message || message->reply()) break;
      const auto access = *message->As<DmaAccess>();
      Bytes body;
      Append(body, access);
      std::uint8_t* at = memory.data() + (access.address - 0x10000);
      if (message->header.command == Command::kDmaRead) {
        body.insert(body.end(), at, at + access.count);
      } else {
        std::memcpy(at, message->body.data() + sizeof access, access.count);
        flag = access.count == 4;
      }
      Header header = message->header;
      header.flags = kFlagReply;
      header.size = static_cast<std::uint32_t>(sizeof header + body.size());
      client_->Send(header, body, {}, 1s);
    }
  });
  Serve(10);
  client.join();
  Completion completion;
  std::memcpy(&completion, memory.data() + 0x1000, sizeof completion);
  EXPECT_EQ(completion.tag, 3);
  EXPECT_EQ(completion.flag, 1U);
  Serve();
  EXPECT_TRUE(client_->Receive(1s).has_value());  // the read that waited
  EXPECT_TRUE(Alive());
}

}  // namespace
}  // namespace sw::hal::vfio
