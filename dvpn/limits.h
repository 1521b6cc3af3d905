// Ranges and defaults of every DVPN setting, one place. Origin in brackets: MIB = A3COM-HUAWEI-DVPN-MIB,
// R3 = Router 3000 command reference page 1287, ours = no source, our choice.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace sw::dvpn {

using std::chrono::seconds;

template <typename T>
struct Range {
  T low, high, preset;
  constexpr bool Contains(T v) const { return v >= low && v <= high; }
};

inline constexpr Range<int> kRegisterInterval{3, 60, 10};    // s [MIB]
inline constexpr Range<int> kRegisterRetry{1, 6, 3};         // times [MIB]
inline constexpr Range<int> kRegisterDumb{60, 3600, 300};    // s [MIB]
inline constexpr Range<int> kMapAge{10, 180, 30};            // s [MIB]
inline constexpr Range<int> kAddressHold{0, 86400, 3600};    // s, ours
inline constexpr Range<int> kUserAddresses{1, 65536, 64};    // private addresses of one user at a time, ours
inline constexpr Range<int> kSessionIdle{60, 86400, 300};    // s [MIB]
inline constexpr Range<int> kSessionKeepalive{5, 300, 10};   // s [MIB]
inline constexpr Range<int> kSessionSetup{5, 60, 10};        // s [MIB, R3]
inline constexpr Range<int> kSaDuration{180, 604800, 3600};  // s [MIB]
inline constexpr Range<int> kDvpnId{1, 65535, 0};            // 0 = not set [MIB]
inline constexpr Range<int> kUdpPort{1024, 65535, 9876};     // range ours, default recollection
inline constexpr Range<int> kHistoryAge{1, 100, 50};         // hours [MIB SessionHisAgeTime]
inline constexpr std::size_t kMaxName = 31;                  // class and policy names [MIB]
inline constexpr std::size_t kMaxPreSharedKey = 127;         // octets [MIB]
inline constexpr std::size_t kMaxUserName = 80;              // octets [MIB]
inline constexpr std::size_t kMaxDomainName = 24;            // ISP domain [MIB]

}  // namespace sw::dvpn
