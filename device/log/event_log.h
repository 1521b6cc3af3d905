// Turns what DVPN engines report into log lines and debugging output.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "device/log/monitor.h"
#include "dvpn/event.h"

namespace sw::device {

class EventLog final : public dvpn::EventSink {
 public:
  explicit EventLog(Monitor& monitor) : monitor_(monitor) {}
  bool Wants(dvpn::Topic topic) const override { return monitor_.debugging().wants(topic) || observer_ != nullptr; }
  void OnEvent(Time now, const dvpn::Event& event) override;
  // See only what was built or removed.
  void Watch(std::function<void(Time, const dvpn::Event&)> watcher) { watchers_.push_back(std::move(watcher)); }
  // Sees every event as it is, before it becomes text: the lab's ladder, tests.
  void Observe(std::function<void(Time, const dvpn::Event&)> observer) { observer_ = std::move(observer); }

 private:
  Monitor& monitor_;
  std::function<void(Time, const dvpn::Event&)> observer_;
  std::vector<std::function<void(Time, const dvpn::Event&)>> watchers_;
};

}  // namespace sw::device
