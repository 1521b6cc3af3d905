// The views of the command line. Sub-views hang directly below system view.
#pragma once

#include <cstdint>
#include <string_view>

namespace sw::cli {

enum class View : std::uint8_t {
  kUser,
  kSystem,
  kGigabitEthernet,
  kLoopBack,
  kTunnel,
  kNull,
  kIspDomain,
  kLocalUser,
  kDvpnClass,
  kDvpnPolicy,
};
inline constexpr std::size_t kViews = 10;

using Views = std::uint32_t;  // a set
constexpr Views In(View view) {
  return Views{1} << static_cast<unsigned>(view);
}
inline constexpr Views kAnyView = (Views{1} << kViews) - 1;
inline constexpr Views kAllButUser = kAnyView & ~In(View::kUser);
inline constexpr Views kInterfaceViews =
    In(View::kGigabitEthernet) | In(View::kLoopBack) | In(View::kTunnel) | In(View::kNull);

// The first words of the heading that `?` alone prints: "... view commands:".
constexpr std::string_view Heading(View view) {
  constexpr std::string_view kNames[kViews] = {
      "User",
      "System",
      "GigabitEthernet-interface",
      "LoopBack-interface",
      "Tunnel-interface",
      "NULL-interface",
      "ISP domain",
      "Local user",
      "DVPN class",
      "DVPN policy",
  };
  return kNames[static_cast<std::size_t>(view)];
}

// What stands before the object's name in the prompt: [sysname-luser-NAME].
constexpr std::string_view PromptWord(View view) {
  switch (view) {
    case View::kIspDomain:
      return "isp-";
    case View::kLocalUser:
      return "luser-";
    case View::kDvpnClass:
      return "dvpn-class-";
    case View::kDvpnPolicy:
      return "dvpn-policy-";
    default:
      return "";
  }
}

}  // namespace sw::cli
