#include "device/config/config.h"

#include <gtest/gtest.h>

#include "device/config/cipher_text.h"

namespace sw::device {
namespace {

using configdb::Edit;
using configdb::Store;
using configdb::Value;

// Rows put in by hand; the commands that fill them have tests of their own.
class ConfigTest : public testing::Test {
 protected:
  void Row(std::string_view table, configdb::Key key, std::initializer_list<configdb::Assignment> columns) {
    Result<Edit> edit = store_.Begin({"test", "test", "test"});
    ASSERT_TRUE(edit.ok());
    if (!store_.Find(table, key)->has_value()) {
      Result<bool> made = edit->Ensure(table, key, std::vector<configdb::Assignment>(columns));
      ASSERT_TRUE(made.ok()) << made.why();
    }
    for (const auto& [column, value] : columns) {
      Result<bool> set = edit->Set(table, key, column, value);
      ASSERT_TRUE(set.ok()) << column << ": " << set.why();
    }
    const Status done = edit->Commit();
    ASSERT_TRUE(done.ok()) << done.why();
  }
  void Remove(std::string_view table, configdb::Key key) {
    Result<Edit> edit = store_.Begin({"test", "test", "test"});
    ASSERT_TRUE(edit.ok());
    ASSERT_TRUE(edit->Remove(table, key).ok());
    ASSERT_TRUE(edit->Commit().ok());
  }
  void Interface(const std::string& name, const std::string& kind, std::int64_t number) {
    Row("interface", {name}, {{"kind", kind}, {"number", number}});
  }
  void Address(const std::string& interface, const std::string& address, std::int64_t length, std::int64_t sub = 0) {
    Row("interface_address", {interface, address}, {{"mask_length", length}, {"sub", sub}});
  }
  void ServerTunnel() {
    Row("dvpn_global", {std::int64_t{1}}, {{"service", std::int64_t{1}}});
    Interface("Tunnel0", "Tunnel", 0);
    Address("Tunnel0", "10.0.0.1", 24);
    Row("interface", {"Tunnel0"},
        {{"tunnel_protocol", "udp dvpn"},
         {"tunnel_source", "192.0.2.1"},
         {"dvpn_interface_type", "server"},
         {"dvpn_id", std::int64_t{1}}});
  }
  Config Load() {
    Result<Config> config = LoadConfig(store_);
    EXPECT_TRUE(config.ok());
    return *config;
  }
  std::string Refusal() { return ValidateConfig(Load()).why(); }
  std::string WhyDown() {
    const Config config = Load();
    const Result<dvpn::TunnelSettings> settings = TunnelSettingsOf(config, *config.FindInterface("Tunnel0"));
    return settings.ok() ? "" : settings.why();
  }

  Store store_ = std::move(*Store::Open(":memory:"));
};

TEST_F(ConfigTest, OfAnEmptyStoreHasTheGuidesSysnameAndDefaults) {
  const Config config = Load();
  EXPECT_EQ(config.sysname, "SecBlade_VPN");
  EXPECT_FALSE(config.dvpn.global.service);
  EXPECT_EQ(config.dvpn.global.register_interval, 10);
  EXPECT_EQ(config.dvpn.global.register_dumb, 300);
  EXPECT_TRUE(ValidateConfig(config).ok());
}

TEST_F(ConfigTest, PutsThePrimaryAddressFirst) {
  Interface("GigabitEthernet0/1", "GigabitEthernet", 1);
  Address("GigabitEthernet0/1", "10.1.1.1", 24, 1);
  Address("GigabitEthernet0/1", "192.0.2.1", 24);
  EXPECT_EQ(Load().FindInterface("GigabitEthernet0/1")->addresses.front().ToString(), "192.0.2.1/24");
}

TEST_F(ConfigTest, RefusesAddressesThatOverlapThoseOfAnotherInterface) {
  Interface("GigabitEthernet0/1", "GigabitEthernet", 1);
  Address("GigabitEthernet0/1", "192.0.2.1", 24);
  Interface("GigabitEthernet0/2", "GigabitEthernet", 2);
  Address("GigabitEthernet0/2", "192.0.2.129", 25);
  EXPECT_EQ(Refusal(), "192.0.2.129/25 overlaps 192.0.2.1/24 of GigabitEthernet0/1");
}

TEST_F(ConfigTest, RefusesNetworkBroadcastAndMulticastAddresses) {
  Interface("GigabitEthernet0/1", "GigabitEthernet", 1);
  for (const char* bad : {"192.0.2.0", "192.0.2.255", "224.0.0.5", "127.0.0.1"}) {
    Address("GigabitEthernet0/1", bad, 24);
    EXPECT_NE(Refusal().find("cannot be the address"), std::string::npos) << bad;
    Result<Edit> edit = store_.Begin({});
    ASSERT_TRUE(edit->Remove("interface_address", {"GigabitEthernet0/1", bad}).ok());
    ASSERT_TRUE(edit->Commit().ok());
  }
}

TEST_F(ConfigTest, RefusesANextHopThatIsItsOwnAddress) {
  Interface("GigabitEthernet0/1", "GigabitEthernet", 1);
  Address("GigabitEthernet0/1", "192.0.2.1", 24);
  Row("route_static", {"10.0.0.0", std::int64_t{8}, "192.0.2.1", ""}, {{"preference", std::int64_t{60}}});
  EXPECT_NE(Refusal().find("own address on GigabitEthernet0/1"), std::string::npos);
}

TEST_F(ConfigTest, RefusesAClassOnAServerTunnelAndAPolicyOnAClientTunnel) {
  ServerTunnel();
  Row("dvpn_class", {"c1"}, {});
  Row("interface", {"Tunnel0"}, {{"dvpn_class", "c1"}});
  EXPECT_EQ(Refusal(), "Tunnel0: a dvpn class is only for an interface of type client");
  Row("dvpn_policy", {"p1"}, {});
  Row("interface", {"Tunnel0"},
      {{"dvpn_class", Value{}}, {"dvpn_id", Value{}}, {"dvpn_interface_type", Value{}}, {"dvpn_policy", "p1"}});
  EXPECT_EQ(Refusal(), "Tunnel0: a dvpn policy is only for an interface of type server");
}

TEST_F(ConfigTest, RefusesAPolicyThatDoesNotExist) {
  ServerTunnel();
  Row("interface", {"Tunnel0"}, {{"dvpn_policy", "p1"}});
  EXPECT_EQ(Refusal(), "dvpn policy p1, used by Tunnel0, does not exist");
}

TEST_F(ConfigTest, RefusesToDeleteAPolicyOrClassInUse) {
  ServerTunnel();
  Row("dvpn_policy", {"p1"}, {});
  Row("interface", {"Tunnel0"}, {{"dvpn_policy", "p1"}});
  Interface("Tunnel1", "Tunnel", 1);
  Row("dvpn_class", {"c1"}, {});
  Row("interface", {"Tunnel1"}, {{"dvpn_class", "c1"}});
  EXPECT_EQ(Refusal(), "");
  Remove("dvpn_class", {"c1"});
  EXPECT_EQ(Refusal(), "dvpn class c1, used by Tunnel1, does not exist");
  Row("dvpn_class", {"c1"}, {});
  Remove("dvpn_policy", {"p1"});
  EXPECT_EQ(Refusal(), "dvpn policy p1, used by Tunnel0, does not exist");
}

TEST_F(ConfigTest, RefusesTwoTunnelsOfOneDomainOrOnOneSocket) {
  ServerTunnel();
  Interface("Tunnel1", "Tunnel", 1);
  Row("interface", {"Tunnel1"}, {{"dvpn_interface_type", "server"}, {"dvpn_id", std::int64_t{1}}});
  EXPECT_EQ(Refusal(), "dvpn-id 1 is that of Tunnel0 already");
  Row("interface", {"Tunnel1"},
      {{"dvpn_id", std::int64_t{2}}, {"tunnel_protocol", "udp dvpn"}, {"tunnel_source", "192.0.2.1"}});
  EXPECT_EQ(Refusal(), "Tunnel1 needs a source or udp-port other than that of Tunnel0");
}

TEST_F(ConfigTest, SaysWhatATunnelLacks) {
  Interface("Tunnel0", "Tunnel", 0);
  EXPECT_EQ(WhyDown(), "its tunnel-protocol is gre");
  Row("interface", {"Tunnel0"}, {{"tunnel_protocol", "udp dvpn"}});
  EXPECT_EQ(WhyDown(), "dvpn service is disabled");
  Row("dvpn_global", {std::int64_t{1}}, {{"service", std::int64_t{1}}});
  EXPECT_EQ(WhyDown(), "no ip address is configured");
  Address("Tunnel0", "10.0.0.2", 24);
  EXPECT_EQ(WhyDown(), "no source is configured");
  Row("interface", {"Tunnel0"}, {{"tunnel_source", "GigabitEthernet0/1"}});
  EXPECT_EQ(WhyDown(), "source GigabitEthernet0/1 has no address");
  Interface("GigabitEthernet0/1", "GigabitEthernet", 1);
  Address("GigabitEthernet0/1", "192.0.2.2", 24);
  EXPECT_EQ(WhyDown(), "no server is configured (dvpn server)");
  Row("dvpn_class", {"c1"}, {});
  Row("interface", {"Tunnel0"}, {{"dvpn_class", "c1"}});
  EXPECT_EQ(WhyDown(), "dvpn class c1 has no public-ip");
  Row("dvpn_class", {"c1"}, {{"public_ip", "192.0.2.1"}, {"authentication_server", "pre-share"}});
  EXPECT_EQ(WhyDown(), "dvpn class c1 has no pre-shared-key");
  Row("dvpn_class", {"c1"}, {{"pre_shared_key", "_(TT8F]Y"}, {"pre_shared_key_form", "cipher"}});
  EXPECT_EQ(WhyDown(), "the cipher pre-shared-key of dvpn class c1 cannot be opened here");
  Row("dvpn_class", {"c1"}, {{"pre_shared_key", Conceal("k")}});
  EXPECT_EQ(WhyDown(), "");
  Row("interface", {"Tunnel0"}, {{"shutdown", std::int64_t{1}}});
  EXPECT_EQ(WhyDown(), "shut down");
}

TEST_F(ConfigTest, SaysWhatAGreTunnelLacks) {
  const auto why = [this] {
    const Config config = Load();
    const Result<GreSettings> settings = GreSettingsOf(config.interfaces, *config.FindInterface("Tunnel0"));
    return settings.ok() ? "" : settings.why();
  };
  Interface("Tunnel0", "Tunnel", 0);
  EXPECT_EQ(why(), "no ip address is configured");
  Address("Tunnel0", "10.0.0.2", 24);
  EXPECT_EQ(why(), "no source is configured");
  Row("interface", {"Tunnel0"}, {{"tunnel_source", "192.0.2.2"}});
  EXPECT_EQ(why(), "no destination is configured");
  for (const char* none : {"224.0.0.1", "127.0.0.1", "255.255.255.255", "192.0.2.2"}) {
    Row("interface", {"Tunnel0"}, {{"tunnel_destination", none}});
    EXPECT_EQ(why(), std::string("destination ") + none + " cannot be the other end");
  }
  Row("interface", {"Tunnel0"}, {{"tunnel_destination", "192.0.2.1"}});
  EXPECT_EQ(why(), "");
  Row("interface", {"Tunnel0"},
      {{"gre_key", std::int64_t{4294967295}}, {"gre_checksum", std::int64_t{1}}, {"gre_keepalive", std::int64_t{1}}});
  const Config config = Load();
  EXPECT_EQ(*GreSettingsOf(config.interfaces, *config.FindInterface("Tunnel0")),
            (GreSettings{Ipv4(192, 0, 2, 2), Ipv4(192, 0, 2, 1), 0xffffffff, true,
                         GreKeepalive{std::chrono::seconds(10), 3}}));
  Row("interface", {"Tunnel0"}, {{"shutdown", std::int64_t{1}}});
  EXPECT_EQ(why(), "shut down");
}

TEST_F(ConfigTest, RefusesTwoGreTunnelsOfTheSameEnds) {
  Interface("GigabitEthernet0/1", "GigabitEthernet", 1);
  Address("GigabitEthernet0/1", "192.0.2.2", 24);
  for (int n : {0, 1}) {
    const std::string name = "Tunnel" + std::to_string(n);
    Interface(name, "Tunnel", n);
    Row("interface", {name},
        {{"tunnel_source", n == 0 ? "192.0.2.2" : "GigabitEthernet0/1"}, {"tunnel_destination", "192.0.2.1"}});
  }
  EXPECT_EQ(Refusal(), "Tunnel1 needs a source or destination other than that of Tunnel0");
  Row("interface", {"Tunnel1"}, {{"tunnel_destination", "192.0.2.3"}});
  EXPECT_EQ(Refusal(), "");
}

TEST_F(ConfigTest, LetsThePolicysAuthenticationWinOverTheGlobalOne) {
  ServerTunnel();
  Row("dvpn_global", {std::int64_t{1}}, {{"authentication_method", "pap"}});
  Row("dvpn_policy", {"p1"}, {});
  Row("interface", {"Tunnel0"}, {{"dvpn_policy", "p1"}});
  auto method = [this] {
    const Config config = Load();
    return std::get<dvpn::ServerSettings>(TunnelSettingsOf(config, *config.FindInterface("Tunnel0"))->role)
        .policy.authentication;
  };
  EXPECT_EQ(method(), dvpn::AuthMethod::kPap);
  Row("dvpn_policy", {"p1"}, {{"authentication_method", "chap"}});
  EXPECT_EQ(method(), dvpn::AuthMethod::kChap);
  Row("dvpn_policy", {"p1"}, {{"authentication_method", "none"}});
  EXPECT_EQ(method(), dvpn::AuthMethod::kNone);
}

}  // namespace
}  // namespace sw::device
