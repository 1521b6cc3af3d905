// Two clients of one server that register, and with Direct() have a session with each other, proven at both ends.
#pragma once

#include <gtest/gtest.h>

#include "tests/fakes/dvpn_domain.h"

namespace sw::testing {

struct Pair : Domain {
  explicit Pair(std::uint64_t seed = 1, dvpn::RegisterType a = dvpn::RegisterType::kNormal,
                dvpn::RegisterType b = dvpn::RegisterType::kNormal)
      : Domain(seed), one(nullptr), two(nullptr), type_a(a), type_b(b) {}
  void Up() {
    one = &Registered(2, [this](auto& s) { Shape(s, type_a); });
    two = &Registered(3, [this](auto& s) { Shape(s, type_b); });
  }
  void Shape(dvpn::TunnelSettings& s, dvpn::RegisterType type) const {
    ClientRole(s).register_type = type;
    ClientRole(s).minimum = minimum;
  }
  void Direct() {  // both ends proven
    Up();
    SendPing(*one, 2, 3, 1);
    Run(500ms);
    ASSERT_TRUE(one->Proven(Private(3)));
    ASSERT_TRUE(two->Proven(Private(2)));
    one->log.events.clear();
    two->log.events.clear();
  }
  FakeHost *one, *two;
  dvpn::RegisterType type_a, type_b;
  dvpn::SecurityMinimum minimum = dvpn::ClientSettings().minimum;
};

inline bool Traced(const FakeHost& host, std::string_view what) {
  for (const auto& [t, e] : host.log.events)
    if (e.topic == dvpn::Topic::kData && e.text.find(what) != std::string::npos) return true;
  return false;
}

}  // namespace sw::testing
