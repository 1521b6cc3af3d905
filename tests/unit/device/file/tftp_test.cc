// TFTP against a server that loses, repeats and answers from elsewhere, in virtual time.
#include "device/file/tftp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "device/lab/lab_platform.h"
#include "hal/base/bytes.h"
#include "hal/base/virtual_scheduler.h"

namespace sw::device {
namespace {

constexpr std::size_t kBlock = 512;

class TftpTest : public testing::Test {
 protected:
  TftpTest() {
    EXPECT_TRUE(client_.AddPort("GigabitEthernet0/0", link_, {}, {0, 0xf, 0xe2, 0, 0, 1}).ok());
    EXPECT_TRUE(host_.AddPort("GigabitEthernet0/0", link_, {}, {0, 0xf, 0xe2, 0, 0, 2}).ok());
    EXPECT_TRUE(client_.SetInterface({"GigabitEthernet0/0", true, {Prefix{*Ipv4::Parse("192.0.2.1"), 24}}}).ok());
    EXPECT_TRUE(host_.SetInterface({"GigabitEthernet0/0", true, {Prefix{at_, 24}}}).ok());
    known_ = std::move(*host_.OpenUdp({at_, Tftp::kPort}, [this](std::vector<dvpn::Datagram>& b) { Take(b); }));
    own_ = std::move(*host_.OpenUdp({at_, 4000}, [this](std::vector<dvpn::Datagram>& b) { Take(b); }));
    other_ = std::move(*host_.OpenUdp({at_, 4001}, [this](std::vector<dvpn::Datagram>& b) {
      for (const dvpn::Datagram& each : b) errors_to_other_ += Load16(&std::as_const(*each.packet).data()[2]) == 5;
      b.clear();
    }));
  }

  void Take(std::vector<dvpn::Datagram>& burst) {
    for (const dvpn::Datagram& each : burst) {
      const ByteView bytes = std::as_const(*each.packet).data();
      requests_.emplace_back(bytes.begin(), bytes.end());
      if (silent_ || (lose_every_ != 0 && requests_.size() % lose_every_ == 0)) continue;
      Answer(each.peer, requests_.back());
    }
    burst.clear();
  }
  void Answer(Endpoint to, const Bytes& message) {
    switch (Load16(&message[0])) {
      case 1:  // read
        if (!refusal_.empty()) return Send(to, Error());
        return Send(to, Data(1));
      case 2:  // write
        return Send(to, {0, 4, 0, 0});
      case 3: {
        const std::uint16_t number = Load16(&message[2]);
        if (number == static_cast<std::uint16_t>(blocks_ + 1)) {
          stored_.append(message.begin() + 4, message.end());
          ++blocks_;
        }
        return Send(to, {0, 4, message[2], message[3]});
      }
      case 4: {
        const std::size_t next = std::size_t{Load16(&message[2])} + 1;
        if ((next - 1) * kBlock <= file_.size()) Send(to, Data(static_cast<std::uint16_t>(next)));
        return;
      }
      default:
        return;
    }
  }
  Bytes Data(std::uint16_t number) const {
    Bytes out{0, 3, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
    const std::size_t from = (number - 1U) * kBlock;
    const std::size_t size = std::min(kBlock, file_.size() - from);
    out.insert(out.end(), file_.begin() + static_cast<std::ptrdiff_t>(from),
               file_.begin() + static_cast<std::ptrdiff_t>(from + size));
    return out;
  }
  Bytes Error() const {
    Bytes out{0, 5, 0, 1};
    out.insert(out.end(), refusal_.begin(), refusal_.end());
    out.push_back(0);
    return out;
  }
  void Send(Endpoint to, const Bytes& message) { SendFrom(*own_, to, message); }
  void SendFrom(UdpPort& port, Endpoint to, const Bytes& message) {
    if (intrude_ && &port == own_.get()) SendFrom(*other_, to, {0, 3, 0, 1, 'x'});
    std::vector<dvpn::Datagram> burst;
    burst.push_back({to, packets_.Copy(message)});
    port.Send(burst);
    if (!twice_ || &port != own_.get()) return;
    burst.push_back({to, packets_.Copy(message)});
    port.Send(burst);
  }

  void Run(bool put, std::string content = {}, std::size_t most = 1U << 20) {
    transfer_ = std::move(
        *StartTftp(client_, {at_, put, "dir/name.cfg", std::move(content), most}, [this](Result<std::string> done) {
          result_.emplace(std::move(done));
          transfer_.reset();  // as a session does
        }));
    scheduler_.RunUntil(scheduler_.now() + std::chrono::seconds(600));
    ASSERT_TRUE(result_) << "it never ends";
  }

  const Ipv4 at_ = *Ipv4::Parse("192.0.2.9");
  VirtualScheduler scheduler_;
  SeededRandom random_{7};
  PacketPool packets_;
  hal::VirtualLink link_{scheduler_, random_, packets_};
  LabPlatform client_{scheduler_, packets_}, host_{scheduler_, packets_};
  std::unique_ptr<UdpPort> known_, own_, other_;
  std::vector<Bytes> requests_;
  std::string file_, stored_, refusal_;
  std::size_t lose_every_ = 0, blocks_ = 0;
  bool silent_ = false, twice_ = false, intrude_ = false;
  int errors_to_other_ = 0;
  std::unique_ptr<Tftp> transfer_;
  std::optional<Result<std::string>> result_;
};

std::string Text(std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) out += static_cast<char>(i * 7 + i / 512);
  return out;
}

TEST_F(TftpTest, GetsFilesOfEverySizeAroundABlock) {
  for (const std::size_t size : {0, 1, 511, 512, 513, 1024, 40000}) {
    SCOPED_TRACE(size);
    file_ = Text(size);
    Run(false);
    ASSERT_TRUE(result_->ok()) << result_->why();
    EXPECT_EQ(**result_, file_);
  }
  const Bytes& first = requests_.front();
  EXPECT_EQ(std::string(first.begin() + 2, first.end()), std::string("dir/name.cfg\0octet\0", 19));
}

TEST_F(TftpTest, PutsFilesOfEverySizeAroundABlock) {
  for (const std::size_t size : {0, 1, 511, 512, 513, 1024, 40000}) {
    SCOPED_TRACE(size);
    stored_.clear();
    blocks_ = 0;
    Run(true, Text(size));
    ASSERT_TRUE(result_->ok()) << result_->why();
    EXPECT_EQ(stored_, Text(size));
    EXPECT_EQ(blocks_, size / kBlock + 1);
  }
}

TEST_F(TftpTest, SendsAgainWhatIsLostAndCountsOnceWhatComesTwice) {
  lose_every_ = 3;
  twice_ = true;
  file_ = Text(5000);
  Run(false);
  ASSERT_TRUE(result_->ok()) << result_->why();
  EXPECT_EQ(**result_, file_);
  Run(true, file_);
  ASSERT_TRUE(result_->ok()) << result_->why();
  EXPECT_EQ(stored_, file_);
}

TEST_F(TftpTest, BlockNumbersGoRoundBehindTheLast) {
  const std::string large = Text(65537 * kBlock + 3);
  Run(true, large);
  ASSERT_TRUE(result_->ok()) << result_->why();
  EXPECT_EQ(stored_.size(), large.size());
  EXPECT_TRUE(stored_ == large);
}

TEST_F(TftpTest, AnotherPortIsToldSoAndDoesNoHarm) {
  intrude_ = true;
  file_ = Text(2000);
  // The first answer decides who the server is, so the intruder may only come behind it.
  intrude_ = false;
  Run(false);
  intrude_ = true;
  result_.reset();
  stored_.clear();
  Run(true, file_);
  ASSERT_TRUE(result_->ok()) << result_->why();
  EXPECT_EQ(stored_, file_);
  EXPECT_GT(errors_to_other_, 0);
}

TEST_F(TftpTest, ARefusalIsSaidInTheServersWordsFitForATerminal) {
  refusal_ = "File\x1b[2J not found";
  Run(false);
  EXPECT_EQ(result_->status().code(), Code::kDenied);
  EXPECT_EQ(result_->why(), "The server says: File.[2J not found");
}

TEST_F(TftpTest, SilenceEndsAfterTheTriesAndAFileTooLargeAtOnce) {
  silent_ = true;
  Run(false);
  EXPECT_EQ(result_->status().code(), Code::kBusy);
  EXPECT_EQ(requests_.size(), static_cast<std::size_t>(Tftp::kTries));
  silent_ = false;
  file_ = Text(3000);
  Run(false, {}, 1000);
  EXPECT_EQ(result_->status().code(), Code::kUnsupported);
  EXPECT_EQ(Load16(&requests_.back()[0]), 5) << "the server is told";
}

}  // namespace
}  // namespace sw::device
