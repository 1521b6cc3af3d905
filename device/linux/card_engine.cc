#include "device/linux/card_engine.h"

#include <unistd.h>

#include <thread>
#include <utility>

#include "hal/vfio/kernel_transport.h"
#include "hal/vfio/user_transport.h"

namespace sw::device {
namespace {

// Our choice: a hung card is noticed by its deadline plus one of these.
constexpr Duration kBusyPoll = std::chrono::milliseconds(5), kIdlePoll = std::chrono::milliseconds(20);
constexpr Duration kBringUpPatience = std::chrono::seconds(2);
constexpr std::string_view kUser = "vfio-user:", kPcie = "pcie:";

}  // namespace

Result<std::unique_ptr<CardEngine>> CardEngine::Open(const std::string& name, const hal::EnginePlan& plan,
                                                     EventLoop& loop, Random& random) {
  std::unique_ptr<CardEngine> engine(new CardEngine(loop));
  if (name.starts_with(kUser) && name.size() > kUser.size()) {
    engine->transport_ = std::make_unique<hal::vfio::UserTransport>(name.substr(kUser.size()));
  } else if (name.starts_with(kPcie) && name.size() > kPcie.size()) {
    engine->transport_ = std::make_unique<hal::vfio::KernelTransport>(name.substr(kPcie.size()));
  } else if (name != "software") {
    return Status(Code::kBadValue, name + ": not software, pcie:ADDRESS or vfio-user:SOCKET");
  }
  Result<std::unique_ptr<hal::SoftwareDevice>> software =
      hal::SoftwareDevice::Create({}, hal::PublishedAnswers(), plan);
  if (!software.ok()) return software.status();
  engine->software_ = std::move(*software);
  if (!engine->transport_) return engine;

  const auto now = [&loop] { return loop.now(); };
  engine->driver_ = std::make_unique<hal::pcie::PcieDevice>(*engine->transport_, now);
  const Time end = loop.now() + kBringUpPatience;
  const auto moving = [&] {
    const hal::pcie::BringUp state = engine->driver_->state();
    return state != hal::pcie::BringUp::kRunning && state != hal::pcie::BringUp::kFailed && loop.now() < end;
  };
  for (; moving(); std::this_thread::sleep_for(std::chrono::milliseconds(1))) engine->driver_->Poll();
  CardEngine* self = engine.get();
  engine->failover_ =
      std::make_unique<hal::FailoverDevice>(*engine->driver_, *engine->software_, now, random,
                                            [self](const hal::FailoverEvent& event) { self->early_.push_back(event); });
  for (int i = 0; i < 200 && engine->driver_->health() == hal::Health::kUp && !engine->failover_->on_card(); ++i) {
    engine->failover_->Poll();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return engine;
}

CardEngine::~CardEngine() {
  loop_.Cancel(timer_);
}

hal::CryptoDevice& CardEngine::crypto() {
  if (failover_) return *failover_;
  return *software_;
}
hal::FailoverDevice* CardEngine::card() {
  return failover_.get();
}

void CardEngine::Start(std::function<void()> ready, hal::FailoverDevice::OnEvent log) {
  if (!failover_) return;
  ready_ = std::move(ready);
  for (const hal::FailoverEvent& event : std::exchange(early_, {})) log(event);
  failover_->OnSwitch(std::move(log));
  Arm();
}

// The vectors appear with the first connection, so they are looked for again until they are there.
void CardEngine::Arm() {
  for (auto vector = static_cast<std::uint32_t>(watches_.size()); transport_->EventFd(vector) >= 0; ++vector) {
    const int fd = transport_->EventFd(vector);
    watches_.push_back(loop_.WatchReadable(fd, [this, fd] {
      std::uint64_t count = 0;
      [[maybe_unused]] const ssize_t n = ::read(fd, &count, sizeof count);
      Poll();
    }));
  }
  timer_ = loop_.At(loop_.now() + (failover_->idle() ? kIdlePoll : kBusyPoll), [this] {
    timer_ = 0;
    Poll();
    Arm();
  });
}

void CardEngine::Poll() {
  failover_->Poll();
  ready_();
}

}  // namespace sw::device
