#include "device/card/host.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "hal/card/inject.h"
#include "hal/failover/failover_device.h"

namespace sw::device {
namespace {

constexpr std::string_view kModule = "ENCRYPTCARD";
using What = hal::FailoverEvent::What;
using hal::pcie::TraceTopic;

struct Form {
  Severity severity;
  std::string_view digest;
};
Form FormOf(const hal::FailoverEvent& event) {
  switch (event.what) {
    case What::kCardFailed:
      return {Severity::kErrors, hal::pcie::Text(event.trouble).name};
    case What::kToSoftware:
      return {Severity::kWarnings, "TOSOFTWARE"};
    case What::kNoBackup:
      return {Severity::kErrors, "NOBACKUP"};
    case What::kCardUp:
    case What::kBackToCard:
      break;
  }
  return {Severity::kNotifications, "TOCARD"};
}

}  // namespace

CardHost::CardHost(Services services) : services_(std::move(services)) {
  if (services_.card != nullptr)
    services_.card->card().trace().Listen(
        [this](TraceTopic topic, std::string text) { OnTrace(topic, std::move(text)); },
        [this](TraceTopic topic) { return services_.monitor.debugging().wants(topic); });
}

CardHost::~CardHost() {
  services_.scheduler.Cancel(timer_);
  if (services_.card != nullptr) services_.card->card().trace().Listen({}, {});
}

void CardHost::Configure(const CardConfig& config) {
  traps_ = config.traps;
  if (services_.card == nullptr) return;
  services_.card->SetBackup(config.backup);
  services_.card->SetShadow(config.shadow);
  services_.card->SetShutDown(config.shut_down);
}

void CardHost::OnEvent(const hal::FailoverEvent& event) {
  const Form form = FormOf(event);
  const std::string text = "Encrypt-card 1/0: " + event.text;
  syslog_.push_back({services_.local_time(), form.severity, std::string(form.digest), event.text});
  if (syslog_.size() > kMostRecords) {
    syslog_.pop_front();
    ++overwritten_;
  }
  services_.monitor.Log(form.severity, kModule, form.digest, text);
  if (event.what == What::kCardFailed && !out_of_service_) Change(false, form.digest, text);
  if (event.what == What::kBackToCard && out_of_service_) Change(true, form.digest, text);
}

// A card that fails again while it is out of service tells the log only.
void CardHost::Change(bool in_service, std::string_view digest, const std::string& text) {
  out_of_service_ = !in_service;
  if (!traps_) return;
  services_.monitor.Trap(in_service ? Severity::kNotifications : Severity::kErrors, kModule, digest, text);
  if (watcher_) watcher_({in_service, services_.card != nullptr && services_.card->shut_down(), text});
}

Status CardHost::Inject(std::string_view plan) {
  if (services_.card == nullptr) return {Code::kNotFound, "this device has no encryption card"};
  return hal::card::InjectFault(services_.card->card().transport(), plan);
}

void CardHost::ResetSyslog() {
  syslog_.clear();
  overwritten_ = 0;
}

void CardHost::OnTrace(TraceTopic topic, std::string text) {
  if (waiting_.size() >= kMostWaiting) {
    ++left_out_;
    return;
  }
  waiting_.push_back({topic, std::move(text)});
  if (timer_ == 0) timer_ = services_.scheduler.At(services_.scheduler.now(), [this] { Flush(); });
}

void CardHost::Flush() {
  timer_ = 0;
  for (const Line& line : std::exchange(waiting_, {})) {
    std::string digest(Name(line.topic));
    std::ranges::transform(digest, digest.begin(), [](unsigned char c) { return std::toupper(c); });
    services_.monitor.Debug(kModule, digest, "Encrypt-card 1/0: " + line.text);
  }
  if (const std::uint64_t more = std::exchange(left_out_, 0); more != 0)
    services_.monitor.Debug(kModule, "MISC", fmt::format("Encrypt-card 1/0: {} lines were left out", more));
}

}  // namespace sw::device
