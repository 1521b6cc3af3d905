// Ranges and defaults of those settings of DVPN that the engine needs too: it begins with the defaults, and a server's
// numbers come by the network. Each stands here alone; unit, origin and all else of a setting stand in its row
// (config-db/dvpn/settings.cc), which takes them from here.
#pragma once

#include <cstddef>

namespace sw::dvpn {

template <typename T>
struct Range {
  T low, high, preset;
  constexpr bool Contains(T v) const { return v >= low && v <= high; }
};

inline constexpr Range<int> kRegisterInterval{3, 60, 10};
inline constexpr Range<int> kRegisterRetry{1, 6, 3};
inline constexpr Range<int> kRegisterDumb{60, 3600, 300};
inline constexpr Range<int> kMapAge{10, 180, 30};
inline constexpr Range<int> kAddressHold{0, 86400, 3600};
inline constexpr Range<int> kUserAddresses{1, 65536, 64};
inline constexpr Range<int> kSessionIdle{60, 86400, 300};
inline constexpr Range<int> kSessionKeepalive{5, 300, 10};
inline constexpr Range<int> kSessionSetup{5, 60, 10};
inline constexpr Range<int> kSaDuration{180, 604800, 3600};
inline constexpr Range<int> kDvpnId{1, 65535, 0};  // 0: not set
inline constexpr Range<int> kUdpPort{1024, 65535, 9876};
inline constexpr Range<int> kHistoryAge{1, 100, 50};
inline constexpr std::size_t kMaxPreSharedKey = 127, kMaxUserName = 80;  // octets

}  // namespace sw::dvpn
