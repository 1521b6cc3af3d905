// Cycles of the time stamp counter that a thread had, however busy the machine: processor time at the counter's rate.
// The counter runs at the processor's nominal frequency whatever the real one is.
#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace sw::bench {

inline double ThreadNanoseconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return 1e9 * static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec);
}

// 0: no such counter here.
inline double CyclesPerNanosecond() {
#if defined(__x86_64__)
  static const double rate = [] {
    const auto begin = std::chrono::steady_clock::now();
    const std::uint64_t first = __rdtsc();
    std::chrono::duration<double, std::nano> passed{};
    while (passed.count() < 20e6) passed = std::chrono::steady_clock::now() - begin;
    return static_cast<double>(__rdtsc() - first) / passed.count();
  }();
  return rate;
#else
  return 0;
#endif
}

}  // namespace sw::bench
