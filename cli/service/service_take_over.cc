// The service on either side of taking over: what it gives away, and what it goes on with.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <thread>

#include "cli/service/service_parts.h"
#include "hal/base/state.h"
#include "hal/ports/inherited.h"

namespace sw::cli {

using device::Severity;

namespace {

constexpr char kSavedService[] = "service";
constexpr Duration kOrdinaryEnd = std::chrono::seconds(30);  // a service has so long to stop; our choice

std::string RealPath(const std::string& path) {
  std::error_code ignored;
  const std::filesystem::path real = std::filesystem::weakly_canonical(path, ignored);
  return real.empty() ? path : real.string();
}

}  // namespace

Status Service::Parts::TakeOver() {
  Result<std::unique_ptr<TakeOverSocket>> connected = TakeOverSocket::Connect(options.socket);
  if (connected.status().code() == Code::kDenied) return connected.status().Within("--take-over");
  if (!connected.ok()) return RestartOrdinarily(connected.why());
  Status agreed = AskToTakeOver(**connected, RealPath(options.db));
  if (agreed.code() == Code::kUnsupported) return RestartOrdinarily(agreed.why());
  if (!agreed.ok()) return std::move(agreed).Within("--take-over");
  SW_TRY(OpenStore());  // what takes time; no row is read yet
  if (in_memory) return {Code::kInUse, "--take-over: the database cannot be used"};
  frozen = loop.now();
  Result<TakenOver> taken = TakeNow(**connected);
  if (!taken.ok()) return taken.status().Within("--take-over");
  predecessor = std::move(*connected);
  hal::Inherit(std::move(taken->open));
  saved = std::move(taken->saved);
  const auto own = saved.extract(kSavedService);
  Duration keep_alive{};
  if (!own.empty()) {
    StateReader state(own.mapped().view(), loop.now());
    state(keep_alive);
  }
  manager.KeepAliveEvery(keep_alive);
  return {};
}

// `done`: how the device came up with what was handed over. Returns when it is this process's to run.
void Service::Parts::RunOrLeave(Status done) {
  if (done.ok()) done = GoOrLeave(*predecessor);
  if (!done.ok()) {  // nothing is put back: the predecessor goes on with all of it
    (void)predecessor->Send({.word = TakeOverWord::kFailed, .text = done.why()});
    Say("takes nothing over: {}", done.why());
    ::_exit(1);
  }
  locks.Sign();
  platform->GoOn();
  const auto gap = std::chrono::duration_cast<std::chrono::microseconds>(loop.now() - frozen);
  Log(Severity::kNotifications, "TAKEOVER",
      fmt::format("goes on for process {}, which stood still for {}.{:03} ms", predecessor->peer(), gap.count() / 1000,
                  gap.count() % 1000));
}

// A device that runs and cannot hand over ends, as for any restart, and this one begins.
Status Service::Parts::RestartOrdinarily(const std::string& why) {
  const std::optional<pid_t> holder = device::DeviceLocks::Holder(options.socket);
  if (!holder) {
    Say("--take-over: no device runs ({}), this is an ordinary start", why);
    return {};
  }
  if (options.detach)  // whoever manages the service would take the end of it for a failure
    return {Code::kUnsupported,
            fmt::format("--take-over: process {} cannot hand over ({}), restart the service", *holder, why)};
  Say("--take-over: process {} cannot hand over ({}), the device restarts the ordinary way", *holder, why);
  if (::kill(*holder, SIGTERM) != 0)
    return {Code::kDenied, fmt::format("--take-over: process {} cannot be ended: {}", *holder, std::strerror(errno))};
  for (const Time end = loop.now() + kOrdinaryEnd; loop.now() < end && device::DeviceLocks::Holder(options.socket);)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  return {};
}

// Somebody else may go on for this one; and what only one process can have comes once the predecessor is gone.
void Service::Parts::FollowPredecessor() {
  Result<std::unique_ptr<TakeOverServer>> next =
      TakeOverServer::Listen(loop, options.socket, *this, [this](pid_t successor) {
        Say("process {} has taken over", successor);
        manager.Successor(successor);
        ::_exit(0);  // nothing is put back
      });
  if (!next.ok()) Say("no other process will be able to take over: {}", next.why());
  if (next.ok()) successors = std::move(*next);
  const auto alone = [this] {  // the predecessor is gone, and with it what only one process can have
    predecessor_ends.reset();
    predecessor.reset();
    hal::CloseInherited();
    FollowAgent();
    FollowMetrics();
  };
  if (predecessor == nullptr) {
    alone();
  } else {
    predecessor_ends = loop.WatchReadable(predecessor->fd(), [this, alone] { loop.Post(alone); });
  }
}

Status Service::Parts::MayBeTakenOver(const std::string& database) const {
  if (in_memory) return {Code::kInUse, "the configuration is in memory: the database cannot be used"};
  if (database != RealPath(options.db)) return {Code::kInUse, "the database of this device is " + RealPath(options.db)};
  return {};
}

TakenOver Service::Parts::Hold() {
  TakenOver out;
  platform->Hold();
  out.saved = device->Save();
  StateWriter state(loop.now());
  const Duration keep_alive = manager.interval();
  state(keep_alive);
  out.saved[kSavedService] = state.Take();
  for (const auto& [name, fd] : hal::AllOffered())
    out.open.emplace(name, hal::Descriptor(::fcntl(fd, F_DUPFD_CLOEXEC, 0)));
  return out;
}

void Service::Parts::GoOn(const std::string& why) {
  platform->GoOn();
  locks.Sign();
  Log(Severity::kErrors, "TAKEOVER", "goes on: the process that was to take over does not: " + why);
}

}  // namespace sw::cli
