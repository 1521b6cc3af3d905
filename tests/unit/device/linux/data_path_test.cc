// Two ends of a tunnel on the real kernel, in two processes and network namespaces, with two workers each: they carry
// traffic while the engines rekey, reset and set up anew. What it is for is the thread sanitizer, so everything is the
// real thing: TUN queues, sockets, SAs, tables. Only the engines' clock runs faster than the workers', so that keys get
// old within seconds.
#include "device/linux/data_path.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <thread>

#include "device/dvpn/host.h"
#include "device/linux/linux_platform.h"
#include "hal/base/random.h"
#include "hal/soft/software_device.h"
#include "tests/fakes/wrapped_platform.h"
#include "tests/unit/device/in_namespace.h"

namespace sw::device {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t kFaster = 20;
constexpr Duration kPatience = seconds(100);  // of a sanitized build on a machine with other things to do
constexpr std::uint16_t kEchoPort = 7;

class FasterClock final : public Scheduler {
 public:
  explicit FasterClock(Scheduler& real) : real_(real), begin_(real.now()) {}
  Time now() const override { return {begin_.since + (real_.now().since - begin_.since) * kFaster}; }
  TimerId At(Time when, std::function<void()> task) override {
    if (when == Time::Never()) return real_.At(when, std::move(task));
    return real_.At({begin_.since + (when.since - begin_.since) / kFaster}, std::move(task));
  }
  void Cancel(TimerId id) override { real_.Cancel(id); }

 private:
  Scheduler& real_;
  const Time begin_;
};

class FasterPlatform final : public sw::testing::WrappedPlatform {
 public:
  explicit FasterPlatform(Platform& real) : WrappedPlatform(real), clock_(real.scheduler()) {}
  Scheduler& scheduler() override { return clock_; }

 private:
  FasterClock clock_;
};

// One end: the platform, the engine and its workers.
class End final : dvpn::EventSink, dvpn::Authenticator {
 public:
  End(const std::string& link, Prefix outer, dvpn::TunnelSettings settings) {
    LinuxOptions options;
    options.ports = {{"GigabitEthernet0/0", link}};
    options.workers = 2;
    real_ = *LinuxPlatform::Open(loop, options);
    platform_ = std::make_unique<FasterPlatform>(*real_);
    InterfaceSettings port{.name = "GigabitEthernet0/0", .addresses = {outer}};
    EXPECT_TRUE(platform_->SetInterface(port).ok());
    tunnel_ = *platform_->OpenTunnel(settings.name, 1400, [this](std::vector<PacketPtr>& burst) {
      if (host) host->Forward(burst);
    });
    InterfaceSettings inside{.name = settings.name, .addresses = {settings.address}};
    EXPECT_TRUE(platform_->SetInterface(inside).ok());
    StartAnew(std::move(settings));
  }
  void StartAnew(dvpn::TunnelSettings settings) {
    host.reset();
    host = *DvpnHost::Start(std::move(settings), *platform_, *tunnel_,
                            {*crypto_, random_, platform_->packets(), *this, *this, *tunnel_},
                            [](const Status& why) { ADD_FAILURE() << "no workers: " << why.why(); });
  }
  ~End() override { host.reset(); }

  // Looks whether it is so a few times a second.
  bool RunUntil(const std::function<bool()>& done, Duration limit) {
    std::function<void()> look = [&] { look_ = loop.At(loop.now() + milliseconds(20), look); };
    look();
    const bool in_time = loop.RunUntil(done, limit);
    loop.Cancel(look_);
    return in_time;
  }
  EventLoop loop;
  std::unique_ptr<DvpnHost> host;
  int rekeyed = 0, built = 0, removed = 0;

 private:
  bool Wants(dvpn::Topic) const override { return false; }
  void OnEvent(Time, const dvpn::Event& event) override {
    rekeyed += event.text == "session rekeyed" ? 1 : 0;
    built += event.what == dvpn::What::kSessionBuilt ? 1 : 0;
    removed += event.what == dvpn::What::kSessionRemoved ? 1 : 0;
  }
  void Authenticate(dvpn::Credentials, std::function<void(dvpn::Verdict)> done) override { done({}); }

  Scheduler::TimerId look_ = 0;
  SeededRandom random_{static_cast<std::uint64_t>(::getpid())};
  std::unique_ptr<hal::SoftwareDevice> crypto_ =
      *hal::SoftwareDevice::Create({}, hal::PublishedAnswers(), hal::EnginePlan::Calibrate());
  std::unique_ptr<LinuxPlatform> real_;
  std::unique_ptr<FasterPlatform> platform_;
  std::unique_ptr<TunnelPort> tunnel_;
};

// A UDP socket of the kernel's, on a thread of its own.
class Traffic {
 public:
  Traffic(Ipv4 local, std::uint16_t port) : fd_(::socket(AF_INET, SOCK_DGRAM, 0)) {
    const sockaddr_in at = At(local, port);
    EXPECT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
  }
  ~Traffic() {
    stop_.store(true);
    thread_ = {};
    ::close(fd_);
  }
  void Answer() {
    thread_ = std::jthread([this] {
      while (!stop_.load()) {
        sockaddr_in from{};
        socklen_t size = sizeof from;
        if (const auto n = Receive(&from, &size, 100); n > 0)
          (void)::sendto(fd_, buffer_, static_cast<std::size_t>(n), 0, reinterpret_cast<sockaddr*>(&from), size);
      }
    });
  }
  void Ask(Ipv4 remote) {
    thread_ = std::jthread([this, to = At(remote, kEchoPort)] {
      while (!stop_.load()) {
        for (std::size_t i = 0; i < 24; ++i)
          (void)::sendto(fd_, buffer_, 60 + 50 * i, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
        while (Receive(nullptr, nullptr, 2) > 0) answered.fetch_add(1);
      }
    });
  }
  std::atomic<std::uint64_t> answered = 0;

 private:
  static sockaddr_in At(Ipv4 address, std::uint16_t port) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_addr.s_addr = htonl(address.value);
    out.sin_port = htons(port);
    return out;
  }
  ssize_t Receive(sockaddr_in* from, socklen_t* size, int wait) {
    pollfd p{fd_, POLLIN, 0};
    if (::poll(&p, 1, wait) <= 0) return 0;
    return ::recvfrom(fd_, buffer_, sizeof buffer_, MSG_DONTWAIT, reinterpret_cast<sockaddr*>(from), size);
  }

  const int fd_;
  std::uint8_t buffer_[2048] = {};
  std::atomic<bool> stop_ = false;
  std::jthread thread_;
};

constexpr Prefix Outer(unsigned n) {
  return {Ipv4(192, 0, 2, n), 24};
}
constexpr Prefix Inner(unsigned n) {
  return {Ipv4(10, 0, 0, n), 24};
}

dvpn::TunnelSettings SettingsOf(unsigned n) {
  dvpn::TunnelSettings s;
  s.name = "Tunnel0";
  s.device_id = n == 1 ? "server" : "client";
  s.address = Inner(n);
  s.local = {Outer(n).address, 9876};
  if (n == 1) {
    dvpn::ServerSettings role;
    role.dvpn_id = 1;
    role.policy.sa_duration = seconds(dvpn::kSaDuration.low);
    role.policy.keepalive = seconds(dvpn::kSessionKeepalive.low);
    s.role = role;
  } else {
    dvpn::ClientSettings role;
    role.server_public = Outer(1).address;
    role.register_interval = seconds(dvpn::kRegisterInterval.low);
    s.role = role;
  }
  return s;
}

// Until keys were changed by age twice and six times something was taken away, with traffic after each.
void RunClient() {
  End end("peer", Outer(2), SettingsOf(2));
  Traffic traffic(Inner(2).address, 0);
  traffic.Ask(Inner(1).address);
  int resets = 0, rekeyed_before = 0;
  std::uint64_t before = 0;
  Time next{};
  const bool done = end.RunUntil(
      [&] {
        const std::uint64_t now = traffic.answered.load();
        if (now < before + 200 || end.loop.now() < next) return false;
        before = now;
        next = end.loop.now() + milliseconds(100);
        if (resets >= 6 && end.rekeyed >= 2) return true;
        if (resets % 3 == 2 && end.rekeyed == rekeyed_before) return false;  // this session is to get old
        rekeyed_before = end.rekeyed;
        if (++resets % 2 == 0) {  // what workers have learned is forgotten
          EXPECT_TRUE(end.host->Adopt(SettingsOf(2)));
        } else {  // the client registers anew
          const Status status = end.host->ResetMap(Inner(1).address);
          EXPECT_TRUE(status.ok()) << status.why();
        }
        return false;
      },
      kPatience);
  EXPECT_TRUE(done) << resets << " resets, " << end.rekeyed << " rekeyed, " << traffic.answered.load() << " answers";
  EXPECT_GE(end.removed, resets / 2);
  EXPECT_GT(end.built, resets / 2);
}

TEST(LinuxDataPath, CarriesTrafficWhileSessionsComeGoAndChangeTheirKeys) {
  InNamespace([] {
    int ready[2], moved[2];
    ASSERT_EQ(::pipe(ready), 0);
    ASSERT_EQ(::pipe(moved), 0);
    char byte = 0;
    const pid_t client = ::fork();
    if (client == 0) {
      if (::unshare(CLONE_NEWNET) != 0) ::_exit(kNoNamespace);
      (void)!::write(ready[1], &byte, 1);
      (void)!::read(moved[0], &byte, 1);
      Sh("ip link set peer up && ip link set lo up");
      RunClient();
      std::fflush(nullptr);
      std::exit(::testing::Test::HasFailure() ? 1 : 0);
    }
    (void)!::read(ready[0], &byte, 1);
    Sh("ip link set peer netns " + std::to_string(client));
    End end("port", Outer(1), SettingsOf(1));
    Traffic traffic(Inner(1).address, kEchoPort);
    traffic.Answer();
    (void)!::write(moved[1], &byte, 1);
    int status = -1;
    EXPECT_TRUE(
        end.RunUntil([&] { return ::waitpid(client, &status, WNOHANG) == client; }, kPatience + kPatience / 10));
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status << ": the client failed: see above";
  });
}

// A tunnel that goes as soon as it has come: a worker may hear that it is to stop before it runs at all.
TEST(LinuxDataPath, EndsHoweverSoonItIsStopped) {
  InNamespace([] {
    End end("port", Outer(1), SettingsOf(1));
    for (int i = 0; i < 300; ++i) end.StartAnew(SettingsOf(1));
    EXPECT_NE(end.host, nullptr);
  });
}

}  // namespace
}  // namespace sw::device
