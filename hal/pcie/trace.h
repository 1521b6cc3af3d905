// What the card's driver and its failover say of their work while somebody wants to know: `debugging encrypt-card`.
//
// Nothing is put into words unless its topic is wanted; keys and packets are never said, only handles, sizes and
// places. The listener is called in the middle of the work and must not come back into the device. One thread.
#pragma once

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace sw::hal::pcie {

enum class TraceTopic : std::uint8_t {
  kCommand,  // SA commands to the card and what became of them
  kError,    // what takes the card out of service
  kMisc,     // bring-up, probes, the way to software and back
  kPacket,   // every operation
  kSa,       // which engine has an SA
};
inline constexpr std::array<std::string_view, 5> kTraceTopics = {"command", "error", "misc", "packet", "sa"};
constexpr std::string_view Name(TraceTopic topic) {
  return kTraceTopics[static_cast<std::size_t>(topic)];
}

class Trace {
 public:
  using Listener = std::function<void(TraceTopic, std::string)>;
  using Wanted = std::function<bool(TraceTopic)>;
  void Listen(Listener listener, Wanted wanted) {
    listener_ = std::move(listener);
    wanted_ = std::move(wanted);
  }
  bool wants(TraceTopic topic) const { return wanted_ && wanted_(topic); }

  template <typename... Args>
  void Say(TraceTopic topic, fmt::format_string<Args...> form, Args&&... args) const {
    if (wants(topic) && listener_) listener_(topic, fmt::format(form, std::forward<Args>(args)...));
  }

 private:
  Listener listener_;
  Wanted wanted_;
};

}  // namespace sw::hal::pcie
