#include "device/linux/card_engine.h"

#include <unistd.h>

#include <thread>
#include <utility>

#include "hal/soft/software_device.h"

namespace sw::device {
namespace {

// Our choice: a hung card is noticed by its deadline plus one of these.
constexpr Duration kBusyPoll = std::chrono::milliseconds(5), kIdlePoll = std::chrono::milliseconds(20);
constexpr Duration kBringUpPatience = std::chrono::seconds(2);

}  // namespace

Result<std::unique_ptr<CardEngine>> CardEngine::Open(const std::string& name, const hal::EnginePlan& plan,
                                                     EventLoop& loop, Random& random) {
  std::unique_ptr<CardEngine> engine(new CardEngine(loop));
  Result<hal::OpenedEngine> named = hal::OpenEngine(name, {[&loop] { return loop.now(); }, plan});
  if (!named.ok()) return named.status();
  engine->engine_ = std::move(*named);
  if (!engine->engine_.card) return engine;
  Result<std::unique_ptr<hal::SoftwareDevice>> software =
      hal::SoftwareDevice::Create({}, hal::PublishedAnswers(), plan);
  if (!software.ok()) return software.status();
  engine->software_ = std::move(*software);
  engine->BringUp(random);
  return engine;
}

void CardEngine::BringUp(Random& random) {
  hal::CryptoCard& card = *engine_.card;
  const Time end = loop_.now() + kBringUpPatience;
  for (; card.health() == hal::Health::kDown && !card.failed() && loop_.now() < end;
       std::this_thread::sleep_for(std::chrono::milliseconds(1)))
    card.Poll();
  failover_ = std::make_unique<hal::FailoverDevice>(
      card, *software_, [this] { return loop_.now(); }, random,
      [this](const hal::FailoverEvent& event) { early_.push_back(event); });
  for (int i = 0; i < 200 && card.health() == hal::Health::kUp && !failover_->on_card(); ++i) {
    failover_->Poll();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

CardEngine::~CardEngine() {
  loop_.Cancel(timer_);
}

hal::CryptoDevice& CardEngine::crypto() {
  if (failover_) return *failover_;
  return *engine_.device;
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
  hal::pcie::Transport& transport = engine_.card->transport();
  for (auto vector = static_cast<std::uint32_t>(watches_.size()); transport.EventFd(vector) >= 0; ++vector) {
    const int fd = transport.EventFd(vector);
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
