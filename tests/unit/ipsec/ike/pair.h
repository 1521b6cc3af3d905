// Two engines that have each other as peer, for tests.
#pragma once

#include <gtest/gtest.h>

#include "tests/fakes/ike_network.h"

namespace sw::testing {

inline const Ipv4 kA(192, 0, 2, 1), kB(192, 0, 2, 2);

inline ike::Settings SettingsFor(Ipv4 remote, std::string_view key = "the key of both") {
  ike::Settings out;
  out.local_name = "node";
  out.proposals = {{1, hal::Cipher::kAesCbc, hal::HashAlgorithm::kSha1, hal::DhGroup::kModp1024, false, 86400},
                   {0, hal::Cipher::kDesCbc, hal::HashAlgorithm::kSha1, hal::DhGroup::kModp768, false, 86400}};
  ike::PeerSettings peer;
  peer.name = "peer";
  peer.pre_shared_key = SecretBytes(key);
  peer.remote_first = peer.remote_last = remote;
  out.peers.emplace("peer", peer);
  return out;
}

class IkePair : public ::testing::Test {
 protected:
  IkePair() : a_settings(SettingsFor(kB)), b_settings(SettingsFor(kA)) {}

  ike::PeerSettings& a_peer() { return a_settings.peers.at("peer"); }
  ike::PeerSettings& b_peer() { return b_settings.peers.at("peer"); }
  void Boot() {
    a = &net.Add(kA, a_settings);
    b = &net.Add(kB, b_settings);
    const ipsec::AddressRange left{Ipv4(10, 1, 0, 0), Ipv4(10, 1, 0, 255)},
        right{Ipv4(10, 2, 0, 0), Ipv4(10, 2, 0, 255)};
    wish.policy = 3;
    wish.peer = "peer";
    wish.flow = {left, right, 0, 0, 0};
    ipsec::Protection esp;
    esp.esp = ipsec::EspAlgorithms{hal::Cipher::kAesCbc, hal::Integrity::kHmacSha1};
    wish.proposals = {esp};
    wish.lifetime = {3600, 100000};
    wish.local = kA;
    b->owner.flow = {right, left, 0, 0, 0};
    b->owner.protections = {esp};
    b->owner.lifetime = {3600, 100000};
    back = wish;
    back.flow = b->owner.flow;
    back.local = kB;
    a->owner.flow = wish.flow;
    a->owner.protections = {esp};
    a->owner.lifetime = {3600, 100000};
  }
  void Establish() {
    Boot();
    a->Wish(wish);
    ASSERT_TRUE(Both(1));
  }
  bool Both(std::size_t pairs, Duration limit = 100s) {
    return net.scheduler.RunUntilTrue(
        [&] { return a->owner.installed.size() >= pairs && b->owner.installed.size() >= pairs; }, limit);
  }
  // Both ends have the same keys for each direction.
  void ExpectMirrored(const ipsec::AgreedSas& x, const ipsec::AgreedSas& y) {
    EXPECT_EQ(x.protection, y.protection);
    EXPECT_EQ(x.flow.local, y.flow.remote);
    EXPECT_EQ(x.flow.remote, y.flow.local);
    const auto same = [](const std::optional<ipsec::SaKeys>& in, const std::optional<ipsec::SaKeys>& out) {
      ASSERT_EQ(in.has_value(), out.has_value());
      if (!in) return;
      EXPECT_EQ(in->spi, out->spi);
      EXPECT_TRUE(in->keys == out->keys);
      EXPECT_FALSE(in->keys.empty());
    };
    same(x.in_esp, y.out_esp);
    same(x.out_esp, y.in_esp);
    same(x.in_ah, y.out_ah);
    same(x.out_ah, y.in_ah);
  }

  IkeNetwork net;
  ike::Settings a_settings, b_settings;
  IkeNode *a = nullptr, *b = nullptr;
  ipsec::Wish wish, back;
};

}  // namespace sw::testing
