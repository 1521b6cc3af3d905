// Two sites behind two devices with manual SAs, configured line by line, in virtual time: every transform carries
// pings, and what must not pass does not.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/commands/tables.h"
#include "cli/session/session.h"
#include "device/device.h"
#include "device/ipsec_host.h"
#include "device/lab/lab_platform.h"
#include "hal/base/virtual_scheduler.h"
#include "hal/soft/software_device.h"

namespace sw {
namespace {

using testing::HasSubstr;

class Screen final : public cli::ConsoleListener {
 public:
  void OnOutput(std::string_view text) override { output += text; }
  void OnNotice(std::string_view) override {}
  void OnReady(const cli::Ready& r) override {
    ready = true;
    outcome = r.outcome;
  }
  std::string output;
  bool ready = false;
  cli::Outcome outcome = cli::Outcome::kAccepted;
};

struct World {
  VirtualScheduler scheduler;
  SeededRandom random{50};
  PacketPool packets;
  hal::VirtualLink outside{scheduler, random, packets};
  cli::Grammar grammar = std::move(*cli::BuildGrammar());
};

// 192.0.2.N outside, 10.1.N.1 on a loopback as the network inside.
class Site {
 public:
  Site(World& world, unsigned n) : world_(world), n_(n), platform_(world.scheduler, world.packets) {
    EXPECT_TRUE(
        platform_.AddPort("GigabitEthernet0/0", world.outside, {}, {0, 0xf, 0xe2, 0, 0, static_cast<std::uint8_t>(n)})
            .ok());
    crypto_ = std::move(*hal::SoftwareDevice::Create());
    device_ = std::move(*device::Device::Create(
        platform_, std::move(*configdb::Store::Open(":memory:")),
        {.crypto = *crypto_, .random = world.random, .wall_clock = [] { return std::int64_t{1700000000}; }}));
    const unsigned other = 3 - n;
    Configure(
        fmt::format("interface LoopBack0\n ip address 10.1.{0}.1 32\nquit\n"
                    "ip route-static 10.1.{1}.0 255.255.255.0 192.0.2.{1}\n"
                    "interface GigabitEthernet0/0\n ip address 192.0.2.{0} 24\nquit",
                    n, other));
  }

  void Configure(const std::string& lines) {
    cli::Session session(*device_, world_.grammar, {.start = cli::View::kSystem});
    Screen screen;
    session.Listen(&screen);
    for (std::size_t at = 0; at < lines.size();) {
      const std::size_t end = std::min(lines.find('\n', at), lines.size());
      screen.output.clear();
      session.Execute(lines.substr(at, end - at));
      EXPECT_NE(screen.outcome, cli::Outcome::kRefused) << lines.substr(at, end - at) << "\n" << screen.output;
      at = end + 1;
    }
    session.Listen(nullptr);
  }

  std::string Run(const std::string& line) {
    cli::Session session(*device_, world_.grammar, {});
    Screen screen;
    session.Listen(&screen);
    session.Execute(line);
    EXPECT_TRUE(world_.scheduler.RunUntilTrue([&] { return screen.ready; }, std::chrono::seconds(60))) << line;
    session.Listen(nullptr);
    return screen.output;
  }

  // A manual policy of `transform` lines, with string keys, bound to the outside.
  void Protect(const std::string& transform, bool transport, bool ah, bool esp) {
    const unsigned other = 3 - n_;
    const std::string mine = transport ? fmt::format("192.0.2.{}", n_) : fmt::format("10.1.{}.0", n_);
    const std::string theirs = transport ? fmt::format("192.0.2.{}", other) : fmt::format("10.1.{}.0", other);
    const char* wildcard = transport ? "0" : "0.0.0.255";
    std::string text = fmt::format("acl number 3101\n rule permit ip source {} {} destination {} {}\nquit\n", mine,
                                   wildcard, theirs, wildcard);
    text += "ipsec proposal p\n" + transform + "quit\nipsec policy m 10 manual\n security acl 3101\n proposal p\n";
    text += fmt::format(" tunnel local 192.0.2.{}\n tunnel remote 192.0.2.{}\n", n_, other);
    for (const auto& [protocol, wanted] : {std::pair{"ah", ah}, {"esp", esp}}) {
      if (!wanted) continue;
      text += fmt::format(" sa spi inbound {0} {1}\n sa string-key inbound {0} key{1}\n", protocol, 1000 + n_);
      text += fmt::format(" sa spi outbound {0} {1}\n sa string-key outbound {0} key{1}\n", protocol, 1000 + other);
    }
    Configure(text + "quit\ninterface GigabitEthernet0/0\n ipsec policy m");
  }

  device::Device& device() { return *device_; }

 private:
  World& world_;
  const unsigned n_;
  device::LabPlatform platform_;
  std::unique_ptr<hal::SoftwareDevice> crypto_;
  std::unique_ptr<device::Device> device_;
};

struct Transform {
  const char* name;
  std::string lines;
  bool transport, ah, esp;
};

std::vector<Transform> Transforms() {
  std::vector<Transform> out;
  for (const bool transport : {false, true}) {
    const std::string mode = transport ? " encapsulation-mode transport\n" : "";
    const char* where = transport ? "Transport" : "Tunnel";
    for (const char* hash : {"md5", "sha1", "sha2-256"}) {
      out.push_back({where, fmt::format(" transform ah\n ah authentication-algorithm {}\n", hash) + mode, transport,
                     true, false});
      for (const char* cipher : {"des", "3des", "aes", "aes 192", "aes 256"})
        out.push_back(
            {where,
             fmt::format(" esp encryption-algorithm {}\n esp authentication-algorithm {}\n", cipher, hash) + mode,
             transport, false, true});
    }
    out.push_back({where, " undo esp encryption-algorithm\n" + mode, transport, false, true});
    out.push_back({where,
                   " transform ah-esp\n ah authentication-algorithm sha1\n esp encryption-algorithm aes\n" + mode,
                   transport, true, true});
  }
  return out;
}

class EveryTransform : public testing::TestWithParam<Transform> {};

TEST_P(EveryTransform, CarriesPingsBetweenTheSites) {
  World world;
  Site a(world, 1), b(world, 2);
  const Transform& t = GetParam();
  a.Protect(t.lines, t.transport, t.ah, t.esp);
  b.Protect(t.lines, t.transport, t.ah, t.esp);
  const char* ping = t.transport ? "ping -c 3 192.0.2.2" : "ping -a 10.1.1.1 -c 3 10.1.2.1";
  EXPECT_THAT(a.Run(ping), HasSubstr("3 packet(s) received")) << t.lines;
  const ipsec::Statistics& seen = b.device().ipsec().gateway().statistics();
  EXPECT_EQ(seen.in.packets, 3U);
  EXPECT_EQ(seen.out.packets, 3U);
  EXPECT_EQ(seen.in.dropped + seen.out.dropped, 0U);
}
INSTANTIATE_TEST_SUITE_P(Ipsec, EveryTransform, testing::ValuesIn(Transforms()),
                         [](const auto& instance) { return instance.param.name + std::to_string(instance.index); });

class Pair : public testing::Test {
 protected:
  const std::string kAes = " esp encryption-algorithm aes\n esp authentication-algorithm sha1\n";
  World world_;
  Site a_{world_, 1}, b_{world_, 2};
};

TEST_F(Pair, DropsWhatCameInClearThoughItShouldBeProtected) {
  b_.Protect(kAes, false, false, true);
  EXPECT_THAT(a_.Run("ping -a 10.1.1.1 -c 2 10.1.2.1"), HasSubstr("0 packet(s) received"));
  EXPECT_EQ(b_.device().ipsec().gateway().statistics().clear_dropped, 2U);
  EXPECT_THAT(a_.Run("ping -c 2 192.0.2.2"), HasSubstr("2 packet(s) received"));  // no policy permits that
}

TEST_F(Pair, DropsWhatAnotherKeySealed) {
  a_.Protect(kAes, false, false, true);
  b_.Protect(kAes, false, false, true);
  b_.Configure("ipsec policy m 10\n sa string-key inbound esp other");
  EXPECT_THAT(a_.Run("ping -a 10.1.1.1 -c 2 10.1.2.1"), HasSubstr("0 packet(s) received"));
  const auto cause = static_cast<std::size_t>(ipsec::Cause::kAuthentication);
  EXPECT_EQ(b_.device().ipsec().gateway().statistics().causes[cause], 2U);
}

TEST_F(Pair, CarriesDatagramsThatNeedFragmentsBeforeAndAfter) {
  a_.Protect(kAes, false, false, true);
  b_.Protect(kAes, false, false, true);
  EXPECT_THAT(a_.Run("ping -a 10.1.1.1 -s 1472 -c 2 10.1.2.1"), HasSubstr("2 packet(s) received"));
  EXPECT_THAT(a_.Run("ping -a 10.1.1.1 -s 1700 -c 2 10.1.2.1"), HasSubstr("2 packet(s) received"));
}

TEST_F(Pair, ComesBackAfterAReset) {
  a_.Protect(kAes, false, false, true);
  b_.Protect(kAes, false, false, true);
  EXPECT_THAT(a_.Run("ping -a 10.1.1.1 -c 1 10.1.2.1"), HasSubstr("1 packet(s) received"));
  a_.Run("reset ipsec sa");
  b_.Run("reset ipsec sa remote 192.0.2.1");
  EXPECT_THAT(a_.Run("ping -a 10.1.1.1 -c 1 10.1.2.1"), HasSubstr("1 packet(s) received"));
}

TEST_F(Pair, SendsInClearOnceThePolicyIsGone) {
  a_.Protect(kAes, false, false, true);
  b_.Protect(kAes, false, false, true);
  a_.Configure("interface GigabitEthernet0/0\n undo ipsec policy");
  b_.Configure("interface GigabitEthernet0/0\n undo ipsec policy");
  EXPECT_THAT(a_.Run("ping -a 10.1.1.1 -c 1 10.1.2.1"), HasSubstr("1 packet(s) received"));
  EXPECT_TRUE(a_.device().ipsec().gateway().bundles().empty());
}

}  // namespace
}  // namespace sw
