#include "device/linux/data_path.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace sw::device {
namespace {

constexpr std::size_t kAtATime = 256;  // taken over per turn of the loop, so that its timers and consoles have theirs

void Pin(std::jthread& thread, int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(cpu), &set);
  (void)::pthread_setaffinity_np(thread.native_handle(), sizeof set, &set);  // a CPU that is not ours: not pinned
}

}  // namespace

LinuxDataPath::LinuxDataPath(PacketPool& packets, DataPathHandlers handlers, std::vector<int> cpus)
    : packets_(packets),
      handlers_(std::move(handlers)),
      cpus_(std::move(cpus)),
      wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

Result<std::unique_ptr<LinuxDataPath>> LinuxDataPath::Start(EventLoop& loop, PacketPool& packets, const hal::Tun& tun,
                                                            hal::UdpSocket& udp, dvpn::FastPath& fast,
                                                            DataPathHandlers handlers, const Options& options) {
  std::unique_ptr<LinuxDataPath> path(new LinuxDataPath(packets, std::move(handlers), options.cpus));
  std::vector<Worker::Parts> parts(fast.workers());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    auto queue = i == 0 ? tun.Share() : tun.AddQueue();
    SW_TRY(queue.status());
    auto engine = hal::BurstEngine::Create(fast.plan());
    SW_TRY(engine.status());
    parts[i].index = i;
    parts[i].tun = std::move(*queue);
    parts[i].engine = std::move(*engine);
  }
  auto sockets = udp.Divide(parts.size());
  SW_TRY(sockets.status());
  for (std::size_t i = 0; i < parts.size(); ++i) parts[i].udp = std::move((*sockets)[i]);

  for (Worker::Parts& p : parts)
    path->workers_.push_back(std::make_unique<Worker>(std::move(p), fast, path->wake_.get()));
  path->watch_ = loop.WatchReadable(path->wake_.get(), [self = path.get()] { self->TakeOver(); });
  if (!options.held) path->GoOn();
  return path;
}

void LinuxDataPath::GoOn() {
  if (!threads_.empty()) return;
  sigset_t all, before;  // signals are the loop's
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    workers_[i]->Ready();
    threads_.emplace_back([worker = workers_[i].get()] { worker->Run(); });
    if (!cpus_.empty()) Pin(threads_.back(), cpus_[i % cpus_.size()]);
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void LinuxDataPath::Hold() {
  for (const auto& worker : workers_) worker->Stop();
  threads_.clear();
  const auto waits = [](const auto& worker) { return !worker->data().empty() || !worker->control().empty(); };
  while (std::ranges::any_of(workers_, waits)) TakeOver();
}

LinuxDataPath::~LinuxDataPath() {
  watch_.reset();
  for (const auto& worker : workers_) worker->Stop();
  threads_.clear();
}

std::size_t LinuxDataPath::Take(EngineQueue& queue, std::size_t most) {
  return queue.Take(most, [this](const HandedOver& note, ByteView bytes) {
    PacketPtr packet = packets_.Copy(bytes);
    switch (note.kind) {
      case HandedOver::Kind::kDatagram:
        datagrams_.push_back({note.from, std::move(packet)});
        break;
      case HandedOver::Kind::kToSend:
        to_send_.push_back(std::move(packet));
        break;
      case HandedOver::Kind::kOpened:
        opened_.push_back({note.sa, std::move(packet)});
    }
  });
}

void LinuxDataPath::TakeOver() {
  std::uint64_t count = 0;
  (void)!::read(wake_.get(), &count, sizeof count);
  for (const auto& worker : workers_) Take(worker->control(), kAtATime);
  bool more = false;
  for (const auto& worker : workers_) {
    Take(worker->data(), kAtATime);
    more = more || !worker->data().empty() || !worker->control().empty();
  }
  if (!datagrams_.empty()) handlers_.received(datagrams_);
  if (!to_send_.empty()) handlers_.to_send(to_send_);
  if (!opened_.empty()) handlers_.opened(opened_);
  datagrams_.clear();
  to_send_.clear();
  opened_.clear();
  const std::uint64_t again = 1;
  if (more) (void)!::write(wake_.get(), &again, sizeof again);
}

}  // namespace sw::device
