// A server behind a real UDP socket on loopback: registrations per second by suite, and how soon it answers a
// registered client while 50,000 step-1 packets per second arrive from addresses that never go on. The server has a
// thread of its own; clients and the flood share the other threads of this process. `quick` as argument: a tenth of
// all.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <thread>

#include "dvpn/wire.h"
#include "tests/fakes/fake_network.h"
#include "tests/fakes/udp_peer.h"

namespace {

using namespace sw;
using namespace sw::testing;
using Clock = std::chrono::steady_clock;

constexpr std::uint16_t kPort = 19876;
const Ipv4 kServer(127, 0, 0, 1), kPrivate(10, 0, 0, 1);

class ServerThread {
 public:
  explicit ServerThread(int suite) {
    dvpn::TunnelSettings settings;
    settings.name = "server";
    settings.address = {kPrivate, 8};
    settings.local = {kServer, kPort};
    dvpn::ServerSettings role;
    role.dvpn_id = 1;
    role.policy.session_suite = role.policy.data_suite = suite;
    role.policy.keepalive = std::chrono::seconds(300);
    settings.role = role;
    thread_ = std::thread([this, settings] {
      device::EventLoop loop;
      UdpPeer peer(loop, settings);
      peer.on_delivered = [&](ByteView packet) {  // echoes: source and destination change places
        Bytes answer(packet.begin(), packet.end());
        std::swap_ranges(answer.begin() + 12, answer.begin() + 16, answer.begin() + 16);
        peer.Send(answer);
      };
      loop_ = &loop;
      loop.Run();
      cpu_ = ThreadCpu();
    });
    while (loop_ == nullptr) std::this_thread::yield();
  }
  ~ServerThread() { Stop(); }
  Duration Stop() {  // the processor time it took
    if (thread_.joinable()) {
      loop_.load()->Post([loop = loop_.load()] { loop->Stop(); });
      thread_.join();
    }
    return cpu_;
  }

 private:
  std::atomic<device::EventLoop*> loop_{nullptr};
  Duration cpu_{0};
  std::thread thread_;
};

std::unique_ptr<UdpPeer> Client(device::EventLoop& loop, std::uint32_t n, int suite) {
  dvpn::TunnelSettings settings;
  settings.name = "client";
  settings.address = {Ipv4((10U << 24) + 2 + n), 8};
  settings.local = {Ipv4((127U << 24) + (1U << 16) + n), kPort};
  dvpn::ClientSettings role;
  role.server_public = kServer;
  role.server_port = kPort;
  role.suite = suite;
  settings.role = role;
  return std::make_unique<UdpPeer>(loop, settings);
}

bool Proven(const UdpPeer& peer) {
  for (const auto& s : peer.tunnel().sessions())
    if (s.peer_private == kPrivate && s.proven) return true;
  return false;
}

void Registrations(int suite, unsigned count, unsigned window) {
  ServerThread server(suite);
  device::EventLoop loop;
  std::vector<std::unique_ptr<UdpPeer>> clients;
  unsigned done = 0, started = 0;
  for (unsigned n = 0; n < count; ++n) {
    clients.push_back(Client(loop, n, suite));
    clients.back()->on_event = [&](Time, const dvpn::Event& e) {
      if (e.what != dvpn::What::kSessionBuilt) return;
      ++done;
      if (started < count) loop.Post([&, next = started++] { clients[next]->Start(); });
    };
  }
  const auto begin = Clock::now();
  for (; started < std::min(window, count); ++started) clients[started]->Start();
  const bool all = loop.RunUntil([&] { return done == count; }, std::chrono::seconds(120));
  const double wall = std::chrono::duration<double>(Clock::now() - begin).count();
  const double cpu = std::chrono::duration<double>(server.Stop()).count();
  fmt::print("{:>6}{:>10}{:>16.0f}{:>26.0f}{}\n", suite, done, done / wall, done / cpu,
             all ? "" : "   (not all in time)");
}

// Step 1 from 250 addresses at the given rate; nobody reads the answers.
void Flood(std::atomic<bool>& stop, unsigned per_second, std::atomic<std::uint64_t>& sent) {
  std::vector<int> sockets;
  for (unsigned n = 0; n < 250; ++n) {
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_in from{};
    from.sin_family = AF_INET;
    from.sin_addr.s_addr = htonl((127U << 24) + (9U << 16) + 1 + n);
    if (fd < 0 || ::bind(fd, reinterpret_cast<sockaddr*>(&from), sizeof from) != 0) std::abort();
    sockets.push_back(fd);
  }
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(kPort);
  to.sin_addr.s_addr = htonl(kServer.value);
  SeededRandom random(1);
  const auto begin = Clock::now();
  while (!stop) {
    const double since = std::chrono::duration<double>(Clock::now() - begin).count();
    const auto due = static_cast<std::uint64_t>(since * per_second);
    for (; sent < due && !stop; ++sent) {
      dvpn::wire::AlgReq request;
      random.Fill(request.nonce);
      request.suites.count = 1;
      request.suites.numbers[0] = 15;
      const Bytes datagram =
          dvpn::wire::EncodeFrame(dvpn::wire::Type::kAlgReq, random.U64(), 0, dvpn::wire::Encode(request));
      (void)::sendto(sockets[sent % sockets.size()], datagram.data(), datagram.size(), 0,
                     reinterpret_cast<const sockaddr*>(&to), sizeof to);
    }
    std::this_thread::sleep_for(std::chrono::microseconds(500));
  }
  for (const int fd : sockets) ::close(fd);
}

void UnderFlood(unsigned per_second, std::chrono::seconds length) {
  ServerThread server(15);
  device::EventLoop loop;
  const auto client = Client(loop, 1, 15);
  client->Start();
  if (!loop.RunUntil([&] { return Proven(*client); }, std::chrono::seconds(20))) std::abort();
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> sent{0};
  std::thread flood([&] { Flood(stop, per_second, sent); });
  std::vector<double> answers;
  unsigned asked = 0;
  bool answered = false;
  client->on_delivered = [&](ByteView) { answered = true; };
  const auto begin = Clock::now();
  while (Clock::now() - begin < length) {
    answered = false;
    const auto question = Clock::now();
    client->Send(Ping(client->own().address, kPrivate, static_cast<std::uint16_t>(++asked)));
    if (loop.RunUntil([&] { return answered; }, std::chrono::seconds(1)))
      answers.push_back(std::chrono::duration<double, std::milli>(Clock::now() - question).count());
    (void)loop.RunFor(std::chrono::milliseconds(5));
  }
  const double wall = std::chrono::duration<double>(Clock::now() - begin).count();
  stop = true;
  flood.join();
  const double cpu = std::chrono::duration<double>(server.Stop()).count();
  std::ranges::sort(answers);
  if (answers.empty()) {
    fmt::print("no answer at all under the flood\n");
    return;
  }
  fmt::print(
      "{:.0f} step-1 packets/s from addresses that never go on, {:.0f} s: {} of {} questions answered, ms: median "
      "{:.2f}, 99 % {:.2f}, worst {:.2f} (goal: within 100); server {:.0f} % of a CPU\n",
      static_cast<double>(sent) / wall, wall, answers.size(), asked, answers[answers.size() / 2],
      answers[answers.size() * 99 / 100], answers.back(), 100 * cpu / wall);
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::strcmp(argv[1], "quick") == 0;
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    (void)::setrlimit(RLIMIT_NOFILE, &files);
  }
  const unsigned count = static_cast<unsigned>(std::min<rlim_t>(quick ? 100 : 500, files.rlim_cur / 4));
  fmt::print("UDP on loopback, one server thread; a client's socket and engine each, 32 registering at a time\n");
  fmt::print("{:>6}{:>10}{:>16}{:>26}\n", "suite", "clients", "registered/s", "per CPU second of server");
  for (const int suite : {1, 2, 15}) Registrations(suite, count, 32);
  UnderFlood(50000, std::chrono::seconds(quick ? 1 : 5));
  return 0;
}
