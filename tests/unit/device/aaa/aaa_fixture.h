// A device with two domains, local users and two RADIUS servers, in virtual time.
#pragma once

#include <gtest/gtest.h>

#include "device/aaa/aaa.h"
#include "device/lab/lab_platform.h"
#include "hal/base/virtual_scheduler.h"
#include "tests/unit/device/radius_server.h"

namespace sw::device {

inline Prefix Net(const char* address) {
  return {*Ipv4::Parse(address), 24};
}

class AaaTest : public testing::Test {
 protected:
  AaaTest() {
    EXPECT_TRUE(device_.AddPort("GigabitEthernet0/0", link_, {}, {0, 0xf, 0xe2, 0, 0, 1}).ok());
    EXPECT_TRUE(device_.SetInterface({"GigabitEthernet0/0", true, {Net("192.0.2.1")}, 0, 0}).ok());
    EXPECT_TRUE(far_.AddPort("GigabitEthernet0/0", link_, {}, {0, 0xf, 0xe2, 0, 0, 2}).ok());
    EXPECT_TRUE(far_.SetInterface({"GigabitEthernet0/0", true, {Net("192.0.2.8"), Net("192.0.2.9")}, 0, 0}).ok());
    for (const char* name : {"system", "sites"}) config_.domains[name].name = name;
    User("plain", "secret", true);
    User("user@sites", "other", true);
    User("admin", "secret", false).ssh = true;
    config_.users["admin"].level = 3;
    User("idle", "secret", true).active = false;
    User("empty", "", true);
  }
  LocalUser& User(const std::string& name, const std::string& password, bool dvpn) {
    LocalUser& user = config_.users[name];
    user.name = name;
    user.password = Secret{password};
    user.dvpn = dvpn;
    return user;
  }
  // Domain "sites" by RADIUS scheme "r1": primary 192.0.2.8, secondary 192.0.2.9, key "testkey".
  RadiusScheme& WithRadius(bool local = false) {
    RadiusScheme& r = config_.radius["r1"];
    r.name = "r1";
    for (std::size_t i = 0; i < 2; ++i) {
      const Ipv4 address = Ipv4{static_cast<std::uint32_t>(0xc0000208 + i)};
      r.authentication[i] = {{address, 1812}, true};
      r.accounting[i] = {{address, 1813}, true};
      auth_[i] = std::make_unique<RadiusServer>(far_, r.authentication[i].endpoint, "testkey", Judge);
      acct_[i] = std::make_unique<RadiusServer>(far_, r.accounting[i].endpoint, "testkey", [](const auto&) {
        return RadiusServer::Reply{radius::PacketCode::kAccountingResponse};
      });
    }
    r.authentication_key = r.accounting_key = Secret{"testkey"};
    IspDomain& domain = config_.domains["sites"];
    domain.scheme = domain.authentication = domain.accounting = {AaaMethod::Kind::kRadius, "r1", local};
    return r;
  }
  // Accepts alice, whatever the password, at level 2 of 3Com's attribute.
  static std::optional<RadiusServer::Reply> Judge(const RadiusServer::Request& request) {
    if (request.Text(radius::Type::kUserName) != "alice@sites")
      return RadiusServer::Reply{radius::PacketCode::kAccessReject};
    const Bytes level{0, 0, 0, 43, 1, 6, 0, 0, 0, 2};
    return RadiusServer::Reply{
        radius::PacketCode::kAccessAccept,
        {radius::Octets(radius::Type::kVendorSpecific, level), radius::Text(radius::Type::kClass, "gold")}};
  }

  std::optional<LoginAnswer> Ask(LoginRequest request) {
    auto answer = std::make_shared<std::optional<LoginAnswer>>();
    aaa_->Login(std::move(request), [answer](LoginAnswer a) {
      EXPECT_FALSE(answer->has_value()) << "answered twice";
      *answer = std::move(a);
    });
    last_ = answer;
    return *answer;
  }
  static LoginRequest PapOf(const std::string& name, const std::string& password, const std::string& domain = "",
                            Service service = Service::kDvpn) {
    return {service, {dvpn::AuthMethod::kPap, name, domain, SecretBytes(password), 0, {}, {}}, "192.0.2.77"};
  }
  LoginAnswer Pap(const std::string& name, const std::string& password, const std::string& domain = "",
                  Service service = Service::kDvpn) {
    Ask(PapOf(name, password, domain, service));
    Run(std::chrono::seconds(60));
    return last_->value_or(LoginAnswer{});
  }
  LoginAnswer Chap(const std::string& name, const std::string& password) {
    const Bytes challenge{1, 2, 3, 4, 5, 6, 7, 8};
    Bytes input{7};
    input.insert(input.end(), password.begin(), password.end());
    input.insert(input.end(), challenge.begin(), challenge.end());
    const hal::Md5Digest response = hal::Md5(input);
    Ask({Service::kDvpn,
         {dvpn::AuthMethod::kChap, name, "", SecretBytes(), 7, challenge, Bytes(response.begin(), response.end())},
         ""});
    Run(std::chrono::seconds(60));
    return last_->value_or(LoginAnswer{});
  }
  void Run(Duration time) { scheduler_.RunFor(time); }

  VirtualScheduler scheduler_;
  SeededRandom random_{7};
  PacketPool packets_;
  hal::VirtualLink link_{scheduler_, random_, packets_};
  LabPlatform device_{scheduler_, packets_}, far_{scheduler_, packets_};
  Monitor monitor_{{[] { return std::int64_t{0}; }}};
  AaaConfig config_;
  std::string sysname_ = "box";
  std::array<std::unique_ptr<RadiusServer>, 2> auth_, acct_;
  std::shared_ptr<std::optional<LoginAnswer>> last_;
  std::unique_ptr<Aaa> aaa_ = std::make_unique<Aaa>(device_, random_, monitor_, config_, sysname_);
};

}  // namespace sw::device
