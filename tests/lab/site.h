// A site of a lab: one device on the link outside, configured line by line, in virtual time.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "cli/session/session.h"
#include "cli/subjects.h"
#include "device/device.h"
#include "device/lab/lab_platform.h"
#include "hal/base/virtual_scheduler.h"
#include "hal/soft/software_device.h"

namespace sw::testing {

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

  void Configure(const std::string& lines) { EXPECT_EQ(Refused(lines), ""); }

  // The lines that were refused, each with what was said about it.
  std::string Refused(const std::string& lines) {
    cli::Session session(*device_, world_.grammar, {.start = cli::View::kSystem});
    Screen screen;
    session.Listen(&screen);
    std::string out;
    for (std::size_t at = 0; at < lines.size();) {
      const std::size_t end = std::min(lines.find('\n', at), lines.size());
      screen.output.clear();
      session.Execute(lines.substr(at, end - at));
      if (screen.outcome == cli::Outcome::kRefused) out += lines.substr(at, end - at) + "\n" + screen.output;
      at = end + 1;
    }
    session.Listen(nullptr);
    return out;
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
    ProtectBy(fmt::format("rule permit ip source {} {} destination {} {}", mine, wildcard, theirs, wildcard), transform,
              ah, esp);
  }

  // One of what `rule` permits, between these ends, applied to `interface`.
  void ProtectBy(const std::string& rule, const std::string& transform, bool ah, bool esp,
                 const std::string& ends = "192.0.2.{}", const std::string& interface = "GigabitEthernet0/0") {
    const unsigned other = 3 - n_;
    std::string text = fmt::format("acl number 3101\n {}\nquit\n", rule);
    text += "ipsec proposal p\n" + transform + "quit\nipsec policy m 10 manual\n security acl 3101\n proposal p\n";
    text += " tunnel local " + fmt::format(fmt::runtime(ends), n_) + "\n tunnel remote " +
            fmt::format(fmt::runtime(ends), other) + "\n";
    for (const auto& [protocol, wanted] : {std::pair{"ah", ah}, {"esp", esp}}) {
      if (!wanted) continue;
      text += fmt::format(" sa spi inbound {0} {1}\n sa string-key inbound {0} key{1}\n", protocol, 1000 + n_);
      text += fmt::format(" sa spi outbound {0} {1}\n sa string-key outbound {0} key{1}\n", protocol, 1000 + other);
    }
    Configure(text + "quit\ninterface " + interface + "\n ipsec policy m");
  }

  device::Device& device() { return *device_; }
  device::LabPlatform& platform() { return platform_; }

 private:
  World& world_;
  const unsigned n_;
  device::LabPlatform platform_;
  std::unique_ptr<hal::SoftwareDevice> crypto_;
  std::unique_ptr<device::Device> device_;
};

}  // namespace sw::testing
