// Two clients that register, and by their first packet open a session with each other.
#pragma once

#include <gtest/gtest.h>

#include "tests/fakes/dvpn_domain.h"

namespace sw::testing {

struct TwoClients : Domain {
  using Change = std::function<void(dvpn::TunnelSettings&)>;
  explicit TwoClients(std::uint64_t seed = 1) : Domain(seed) {}
  TwoClients& Up(const Change& change_one = {}, const Change& change_two = {}) {
    one = &Registered(2, change_one);
    two = &Registered(3, change_two);
    return *this;
  }
  TwoClients& Direct(const Change& change_one = {}, const Change& change_two = {}) {
    Up(change_one, change_two);
    SendPing(*one, 2, 3, 1);
    Run(500ms);
    EXPECT_TRUE(one->Proven(Private(3)));
    EXPECT_TRUE(two->Proven(Private(2)));
    two->delivered.clear();
    one->delivered.clear();
    return *this;
  }
  void Send(FakeHost& from, const Bytes& packet) { from.Send(net.pool.Copy(packet)); }
  Ipv4 server_private() const { return server_settings.address.address; }
  FakeHost *one = nullptr, *two = nullptr;
};

}  // namespace sw::testing
