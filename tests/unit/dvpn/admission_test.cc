// Private addresses, and the networks behind a client, belong to users.
#include "dvpn/admission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dvpn/address_owners.h"
#include "dvpn/constants.h"
#include "dvpn/fast_path.h"
#include "tests/unit/dvpn/domain.h"

namespace sw::testing {
namespace {

using dvpn::MapState;
using ::testing::HasSubstr;

constexpr const char* kForeign = "data: source address that belongs to another client";

// The users a and b, each at a place of its own.
struct Users : TwoClients {
  explicit Users(std::size_t workers = 0) {
    net.workers = workers;
    role().policy.authentication = dvpn::AuthMethod::kChap;
    Server().authenticator.users = {{"a", "pa"}, {"b", "pb"}};
  }
  static Change As(std::string user, unsigned host) {
    return [=](dvpn::TunnelSettings& s) {
      ClientRole(s).user_name = user;
      ClientRole(s).password = SecretBytes("p" + user);
      s.local.address = Ipv4(203, 0, 113, host);
    };
  }
};

TEST(AddressOwner, TheFirstUserKeepsAnAddressForAWhileAfterItsMap) {
  Users d;
  FakeHost& first = d.Registered(2, Users::As("a", 1));
  first.Stop();
  d.Run(1s);
  ASSERT_TRUE(d.server->tunnel->maps().empty());
  FakeHost& thief = d.Client(2, Users::As("b", 2));
  thief.Start();
  d.Run(1s);
  EXPECT_THAT(thief.tunnel->maps()[0].last_error, HasSubstr("belongs to another client"));
  EXPECT_TRUE(d.server->log.Says("registration of 10.0.0.2 refused to user b: the address belongs to user a"));
  thief.up = false;
  EXPECT_EQ(d.Registered(2, Users::As("a", 3)).state(), MapState::kClientSuccess);
}

TEST(AddressOwner, ForgetsAfterItsTimeAndHoldsNoMoreThanItMay) {
  dvpn::AddressOwners owners;
  constexpr std::size_t kMany = 100'000;
  owners.Leave(Time{}, 3600s, Ipv4(10, 0, 0, 2), "a", kMany);
  EXPECT_EQ(owners.OwnerOf(Time{1s}, Ipv4(10, 0, 0, 2)), "a");
  EXPECT_EQ(owners.OwnerOf(Time{3600s}, Ipv4(10, 0, 0, 2)), "");
  for (std::uint32_t n = 0; n < dvpn::kMaxHeldAddresses + 10; ++n) owners.Leave(Time{2s}, 3600s, Ipv4(n + 1), "b", kMany);
  EXPECT_LE(owners.size(), dvpn::kMaxHeldAddresses);
  owners.Leave(Time{5000s}, 3600s, Ipv4(1), "", kMany);
  EXPECT_EQ(owners.size(), 0u);
}

TEST(AddressOwner, AUserHasNoMoreAddressesThanItMayThoseThatAreKeptForItIncluded) {
  Users d;
  d.role().user_addresses = 3;
  dvpn::TunnelSettings wanted = d.server_settings;
  d.server->Call([&](Time now, dvpn::Output& out) { EXPECT_TRUE(d.server->tunnel->Adopt(now, wanted, out)); });
  for (unsigned n = 2; n < 5; ++n) EXPECT_EQ(d.Registered(n, Users::As("a", n)).state(), MapState::kClientSuccess);
  FakeHost& fourth = d.Client(5, Users::As("a", 5));
  fourth.Start();
  d.Run(1s);
  EXPECT_THAT(fourth.tunnel->maps()[0].last_error, HasSubstr("has as many private addresses as it may"));
  EXPECT_TRUE(d.server->log.Says("registration of 10.0.0.5 refused to user a: it has 3 addresses already"));
  fourth.up = false;
  // Another user has its own, and one that comes back to its place takes no new one.
  EXPECT_EQ(d.Registered(6, Users::As("b", 6)).state(), MapState::kClientSuccess);
  EXPECT_EQ(d.Registered(2, Users::As("a", 20)).state(), MapState::kClientSuccess);

  dvpn::AddressOwners owners;
  for (std::uint32_t n = 1; n <= 10; ++n) {
    owners.Take(Ipv4(n), "a");
    owners.Leave(Time{1s * n}, 3600s, Ipv4(n), "a", 3);
  }
  EXPECT_EQ(owners.size(), 3u);
  EXPECT_EQ(owners.OwnerOf(Time{11s}, Ipv4(7)), "");
  EXPECT_EQ(owners.OwnerOf(Time{11s}, Ipv4(8)), "a");
  EXPECT_EQ(owners.TakenBy("a"), 0u);
}

TEST(AddressOwner, AnInnerSourceThatIsAnothersIsDroppedAndCounted) {
  TwoClients d;
  d.Up();
  d.server->routes.Add({Domain::Lan(2), 24}, Domain::Private(2));
  d.server->routes.Add({Domain::Lan(3), 24}, Domain::Private(3));
  for (const Ipv4 stolen : {Domain::Private(3), Domain::Private(1), Domain::Private(77), Domain::Lan(3)})
    d.Send(*d.one, Ping(stolen, Domain::Lan(3), 1));
  d.Run(100ms);
  EXPECT_TRUE(d.two->delivered.empty());
  EXPECT_EQ(d.server->Dropped("data: source address that belongs to another client"), 4u);
  for (const Ipv4 own : {Domain::Private(2), Domain::Lan(2), Ipv4(192, 168, 1, 1)})
    d.Send(*d.one, Ping(own, Domain::Lan(3), 1));
  d.Run(100ms);
  EXPECT_EQ(d.two->delivered.size(), 3u);
}

TEST(AddressOwner, TheTimeThatAnAddressIsKeptIsASetting) {
  Users d;
  d.role().address_hold = 30s;
  dvpn::TunnelSettings wanted = d.server_settings;
  d.server->Call([&](Time now, dvpn::Output& out) { EXPECT_TRUE(d.server->tunnel->Adopt(now, wanted, out)); });
  d.Registered(2, Users::As("a", 1)).Stop();
  d.Run(25s);
  FakeHost& other = d.Client(2, Users::As("b", 2));
  other.Start();
  d.Run(1s);
  EXPECT_EQ(other.state(), MapState::kClientInit);
  d.Run(20s);  // the next attempt
  EXPECT_EQ(other.state(), MapState::kClientSuccess);
}

TEST(AddressOwner, AnAddressOfAUserIsRefusedToAnotherWithBothNamesWhetherItIsInOrNot) {
  Users d;
  d.server->authenticator.properties["a"].addresses = {Domain::Private(2)};
  FakeHost& thief = d.Client(2, Users::As("b", 2));
  thief.Start();
  d.Run(1s);
  EXPECT_EQ(thief.state(), MapState::kClientInit);
  EXPECT_THAT(thief.tunnel->maps()[0].last_error, HasSubstr("belongs to another client"));
  EXPECT_TRUE(d.server->log.Says("registration of 10.0.0.2 refused to user b: the address belongs to user a"));
  thief.up = false;
  EXPECT_EQ(d.Registered(2, Users::As("a", 1)).state(), MapState::kClientSuccess);
}

TEST(AddressOwner, AUserWithAnAddressGetsNoOtherButThatOneEvenIfItWasAnothersBefore) {
  Users d;
  d.Registered(2, Users::As("b", 2)).Stop();
  d.Run(1s);
  d.server->authenticator.properties["a"].addresses = {Domain::Private(2)};
  FakeHost& other = d.Client(7, Users::As("a", 1));
  other.Start();
  d.Run(1s);
  EXPECT_EQ(other.state(), MapState::kClientInit);
  EXPECT_TRUE(d.server->log.Says("registration of 10.0.0.7 refused to user a: its own address is 10.0.0.2"));
  other.up = false;
  EXPECT_EQ(d.Registered(2, Users::As("a", 3)).state(), MapState::kClientSuccess);
}

TEST(AddressOwner, AnInnerSourceOutsideTheNetworksOfTheUserIsDroppedAndCounted) {
  Users d;
  d.server->authenticator.properties["a"].networks = {{Domain::Lan(2), 24}};
  d.Up(Users::As("a", 1), Users::As("b", 2));
  for (const Ipv4 stolen : {Domain::Private(3), Ipv4(192, 168, 1, 1)})
    for (const Ipv4 to : {Domain::Lan(3), d.server_private()}) d.Send(*d.one, Ping(stolen, to, 1));
  d.Run(100ms);
  EXPECT_TRUE(d.two->delivered.empty());
  EXPECT_TRUE(d.server->delivered.empty());
  EXPECT_EQ(d.server->Dropped(kForeign), 4u);
  for (const Ipv4 own : {Domain::Private(2), Domain::Lan(2)}) d.Send(*d.one, Ping(own, Domain::Lan(3), 1));
  d.Run(100ms);
  EXPECT_EQ(d.two->delivered.size(), 2u);
}

// By a direct session no server looks on: whoever receives knows whose its own routes say that a source is.
TEST(AddressOwner, AnInnerSourceThatIsAnothersIsDroppedAtTheEndOfADirectSessionToo) {
  TwoClients d;
  FakeHost& third = d.Registered(4);
  d.Direct();
  d.two->routes.Add({Domain::Lan(99), 24}, Domain::Private(1));  // of somebody that only the server tells
  ASSERT_TRUE(third.Proven(d.server_private()));
  for (const Ipv4 stolen :
       {Domain::Private(4), Domain::Private(1), Domain::Private(3), Domain::Private(77), Domain::Lan(4)})
    d.Send(*d.one, Ping(stolen, Domain::Lan(3), 1));
  d.Run(100ms);
  EXPECT_TRUE(d.two->delivered.empty());
  EXPECT_EQ(d.two->Dropped(kForeign), 5u);
  for (const Ipv4 own : {Domain::Private(2), Domain::Lan(2), Domain::Lan(99), Ipv4(192, 168, 1, 1)})
    d.Send(*d.one, Ping(own, Domain::Lan(3), 1));
  d.Run(100ms);
  EXPECT_EQ(d.two->delivered.size(), 4u);
}

// Workers ask the engine of each source once; it is the engine that refuses, and counts.
TEST(AddressOwner, WorkersOfAServerTakeFromAClientOnlyTheSourcesThatTheEngineTook) {
  Users d(1);
  FakeHost& server = *d.server;
  server.authenticator.properties["a"].networks = {{Domain::Lan(2), 24}};
  d.Up(Users::As("a", 1), Users::As("b", 2));
  d.Send(*d.one, Ping(Domain::Lan(2), d.server_private(), 1));
  d.Send(*d.one, Ping(Ipv4(192, 168, 1, 1), d.server_private(), 2));
  d.Run(100ms);
  EXPECT_EQ(server.delivered.size(), 1u);
  EXPECT_EQ(server.Dropped(kForeign), 1u);
  EXPECT_TRUE(server.fast->IsOwn(d.server_private()));
  const auto inbound = [&](FakeHost& client) {
    return server.fast->FindInbound(client.tunnel->ipsec_sas(d.net.scheduler.now())[0].outbound_spi);
  };
  const auto* one = inbound(*d.one);
  const auto* two = inbound(*d.two);
  ASSERT_TRUE(one != nullptr && two != nullptr && one->peer && two->peer);
  const auto delivers = [&](const auto* by, Ipv4 source) {
    return server.fast->Delivers(*by, source, d.server_private());
  };
  EXPECT_TRUE(delivers(one, Domain::Lan(2)));
  EXPECT_FALSE(delivers(one, Ipv4(192, 168, 1, 1)));
  EXPECT_FALSE(delivers(two, Domain::Lan(2)));
  server.fast->ForgetRoutes();
  server.fast->LearnOwn(d.server_private());
  EXPECT_FALSE(delivers(one, Domain::Lan(2)));  // asked anew
}

}  // namespace
}  // namespace sw::testing
