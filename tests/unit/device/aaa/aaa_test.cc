#include "device/aaa/aaa.h"

#include <gtest/gtest.h>

#include "tests/unit/device/aaa/aaa_fixture.h"

namespace sw::device {
namespace {

using namespace std::chrono_literals;
using radius::PacketCode;
using radius::Type;

TEST_F(AaaTest, LocalUsersAreAcceptedByPapAndByChap) {
  EXPECT_TRUE(Pap("plain", "secret").accepted);
  EXPECT_TRUE(Chap("plain", "secret").accepted);
  EXPECT_EQ(Pap("plain", "Secret").reason, "wrong password of user plain");
  EXPECT_EQ(Chap("plain", "Secret").reason, "wrong password of user plain");
  EXPECT_FALSE(Pap("plain", "").accepted);
}

TEST_F(AaaTest, LocalUsersNeedTheService) {
  EXPECT_EQ(Pap("admin", "secret").reason, "user admin has no service-type dvpn");
  const LoginAnswer ssh = Pap("admin", "secret", "", Service::kSsh);
  EXPECT_TRUE(ssh.accepted);
  EXPECT_EQ(ssh.level, 3);
  EXPECT_EQ(Pap("admin", "secret", "", Service::kTelnet).reason, "user admin has no service-type telnet");
  EXPECT_EQ(Pap("idle", "secret").reason, "user idle is blocked");
  EXPECT_EQ(Pap("empty", "").reason, "user empty has no password");
  EXPECT_EQ(Pap("nobody", "secret").reason, "user nobody does not exist");
}

TEST_F(AaaTest, TheDomainIsTheNamesThePolicysOrTheDefault) {
  EXPECT_TRUE(Pap("user@sites", "other").accepted);
  EXPECT_TRUE(Pap("user@SITES", "other").accepted == false);  // the user's name is not the same in either case
  EXPECT_TRUE(Pap("user", "other", "sites").accepted);
  EXPECT_TRUE(Pap("plain", "secret", "sites").accepted);
  EXPECT_TRUE(Pap("plain@system", "secret").accepted);
  EXPECT_EQ(Pap("user@elsewhere", "other").reason, "domain elsewhere does not exist");
  EXPECT_EQ(Pap("user", "other", "elsewhere").reason, "domain elsewhere does not exist");
  config_.domains["sites"].active = false;
  EXPECT_EQ(Pap("user@sites", "other").reason, "domain sites is blocked");
  config_.domains["system"].authentication.kind = AaaMethod::Kind::kNone;
  EXPECT_TRUE(Pap("anybody", "").accepted);
  EXPECT_EQ(Pap("anybody", "", "", Service::kSsh).level, 0);
}

TEST_F(AaaTest, AccessLimitsCountWhoIsIn) {
  config_.users["plain"].access_limit = 1;
  const LoginAnswer first = Pap("plain", "secret");
  const std::uint64_t in = aaa_->Open(first, Service::kDvpn, "", {}, {});
  EXPECT_EQ(Pap("plain", "secret").reason, "user plain is in 1 times already");
  aaa_->Close(in);
  EXPECT_TRUE(Pap("plain", "secret").accepted);
  config_.domains["system"].access_limit = 1;
  aaa_->Open(first, Service::kDvpn, "", {}, {});
  config_.users["plain"].access_limit = 0;
  EXPECT_EQ(Pap("plain", "secret").reason, "domain system has 1 users already");
}

TEST_F(AaaTest, RadiusAcceptsWithALevelAndRejects) {
  WithRadius();
  const LoginAnswer answer = Pap("alice@sites", "pw", "", Service::kSsh);
  EXPECT_TRUE(answer.accepted) << answer.reason;
  EXPECT_EQ(answer.level, 2);
  EXPECT_EQ(answer.checked_by, "radius scheme r1");
  EXPECT_EQ(Pap("bob@sites", "pw").reason, "the server rejected the user of radius scheme r1");
  const RadiusServer::Request& request = auth_[0]->requests.front();
  EXPECT_EQ(request.Text(Type::kNasIdentifier), "box");
  EXPECT_EQ(request.Text(Type::kCallingStationId), "192.0.2.77");
  EXPECT_EQ(request.attributes.front().type, Type::kMessageAuthenticator);
  EXPECT_TRUE(auth_[1]->requests.empty());
}

TEST_F(AaaTest, ChapGoesToTheServerAsChap) {
  WithRadius();
  config_.default_domain = "sites";
  EXPECT_TRUE(Chap("alice", "pw").accepted);
  const RadiusServer::Request& request = auth_[0]->requests.front();
  EXPECT_EQ(request.Text(Type::kChapPassword).size(), 17U);
  EXPECT_EQ(request.Text(Type::kChapPassword)[0], 7);
  EXPECT_EQ(request.Text(Type::kChapChallenge).size(), 8U);
  EXPECT_TRUE(request.Text(Type::kUserPassword).empty());
}

TEST_F(AaaTest, ASilentPrimaryIsRetriedThenQuietAndTheSecondaryAnswers) {
  WithRadius();
  auth_[0]->silent = true;
  EXPECT_TRUE(Pap("alice@sites", "pw").accepted);
  EXPECT_EQ(auth_[0]->requests.size(), 3U);  // retry 3
  EXPECT_EQ(auth_[0]->packets[0], auth_[0]->packets[2]);
  EXPECT_TRUE(Pap("alice@sites", "pw").accepted);
  EXPECT_EQ(auth_[0]->requests.size(), 3U) << "asked although it is quiet";
  auth_[0]->silent = false;
  Run(5min);
  EXPECT_TRUE(Pap("alice@sites", "pw").accepted);
  EXPECT_EQ(auth_[0]->requests.size(), 4U) << "not asked after the quiet timer";
}

TEST_F(AaaTest, ATrapTellsOfASilentServerWhereItIsWanted) {
  WithRadius();
  std::vector<std::string> traps;
  monitor_.Subscribe([&](const MonitorLine& line) {
    if (line.kind == InfoKind::kTrap) traps.push_back(line.text);
  });
  auth_[0]->silent = true;
  Pap("alice@sites", "pw");
  EXPECT_TRUE(traps.empty()) << "not unless `radius trap` asks for it";
  config_.trap_authentication = true;
  Run(5min);  // the quiet timer
  Pap("alice@sites", "pw");
  ASSERT_EQ(traps.size(), 1U);
  EXPECT_NE(traps[0].find("RDS/5/AUTHDOWN:the authentication server 192.0.2.8:1812 of radius scheme r1 is down"),
            std::string::npos)
      << traps[0];
}

TEST_F(AaaTest, BothDownIsARefusalWithinTheTimersAndAtOnceAfterwards) {
  WithRadius();
  auth_[0]->silent = auth_[1]->silent = true;
  Ask(PapOf("alice@sites", "pw"));
  Run(17s);
  EXPECT_FALSE(last_->has_value());
  Run(2s);  // 2 servers x 3 transmissions x 3 s
  ASSERT_TRUE(last_->has_value());
  EXPECT_EQ((*last_)->reason, "no server of radius scheme r1 answers");
  Ask(PapOf("alice@sites", "pw"));
  Run(1ms);
  EXPECT_TRUE(last_->has_value());
  EXPECT_EQ(aaa_->radius().statistics().unanswered, 2U);
}

TEST_F(AaaTest, LocalUsersStandInOnlyWhenNobodyAnswers) {
  WithRadius(true);
  EXPECT_FALSE(Pap("user@sites", "other").accepted) << "the server said no";
  auth_[0]->silent = auth_[1]->silent = true;
  const LoginAnswer answer = Pap("user@sites", "other");
  EXPECT_TRUE(answer.accepted) << answer.reason;
  EXPECT_EQ(answer.checked_by, "local");
}

TEST_F(AaaTest, ForgedAnswersCountForNothing) {
  WithRadius();
  config_.radius["r1"].authentication_key = Secret{"another"};
  EXPECT_FALSE(Pap("alice@sites", "pw").accepted);
  EXPECT_EQ(aaa_->radius().statistics().discarded, 6U);
  EXPECT_EQ(aaa_->radius().statistics().accepted, 0U);
}

TEST_F(AaaTest, AnswersWithoutMessageAuthenticatorAreRefusedUnlessTheSchemeTakesThem) {
  WithRadius();
  for (const auto& server : auth_) server->proves = false;
  EXPECT_FALSE(Pap("alice@sites", "pw").accepted);
  EXPECT_EQ(aaa_->radius().statistics().discarded, 6U);
  config_.radius["r1"].unsigned_answers = true;
  aaa_->OnConfigChange();
  EXPECT_TRUE(Pap("alice@sites", "pw").accepted);
}

TEST_F(AaaTest, AThousandAtOnceAreAllAnswered) {
  WithRadius();
  auth_[0]->silent = true;
  int accepted = 0;
  for (int i = 0; i < 1000; ++i)
    aaa_->Login(PapOf("alice@sites", "pw"), [&](const LoginAnswer& a) { accepted += a.accepted; });
  Run(60s);
  EXPECT_EQ(accepted, 1000);
  EXPECT_LE(auth_[0]->requests.size(), 3U * 256U);
}

TEST_F(AaaTest, WhatBelongsToADvpnUserComesWithTheVerdict) {
  LocalUser& plain = User("plain", "secret", true);
  plain.private_ip = *Ipv4::Parse("10.0.0.2");
  plain.networks = {Net("172.16.2.0")};
  const auto property = [&](const LoginRequest& request) {
    dvpn::Property out;
    aaa_->Authenticate(request.credentials, [&](const dvpn::Verdict& verdict) {
      EXPECT_TRUE(verdict.accepted) << verdict.reason;
      out = verdict.property;
    });
    Run(1s);
    return out;
  };
  const dvpn::Property local = property(PapOf("plain", "secret"));
  EXPECT_EQ(local.addresses, std::vector{plain.private_ip});
  EXPECT_EQ(local.networks, plain.networks);
  EXPECT_EQ(aaa_->OwnerOf(plain.private_ip), "plain");
  EXPECT_EQ(aaa_->OwnerOf(*Ipv4::Parse("10.0.0.3")), "");
  plain.dvpn = false;
  EXPECT_EQ(aaa_->OwnerOf(plain.private_ip), "");

  WithRadius();
  const dvpn::Property none = property(PapOf("alice@sites", "pw"));
  EXPECT_TRUE(none.addresses.empty() && none.networks.empty());
  const auto judge = [](std::string route) {
    return [route](const RadiusServer::Request&) {
      return std::optional(RadiusServer::Reply{
          PacketCode::kAccessAccept,
          {radius::Number(Type::kFramedIpAddress, 0x0a000009), radius::Text(Type::kFramedRoute, route)}});
    };
  };
  auth_[0] = nullptr;
  auth_[0] = std::make_unique<RadiusServer>(far_, config_.radius["r1"].authentication[0].endpoint, "testkey",
                                            judge("172.16.9.0/24 0.0.0.0"));
  const dvpn::Property remote = property(PapOf("alice@sites", "pw"));
  EXPECT_EQ(remote.addresses, std::vector{*Ipv4::Parse("10.0.0.9")});
  EXPECT_EQ(remote.networks, std::vector{Net("172.16.9.0")});
  auth_[0] = nullptr;
  auth_[0] = std::make_unique<RadiusServer>(far_, config_.radius["r1"].authentication[0].endpoint, "testkey",
                                            judge("somewhere"));
  Ask(PapOf("alice@sites", "pw"));
  Run(1s);
  ASSERT_TRUE(last_->has_value());
  EXPECT_FALSE((*last_)->accepted);
  EXPECT_EQ((*last_)->reason, "a Framed-Route of radius scheme r1 cannot be read");
}

TEST_F(AaaTest, NothingComesAfterTheEnd) {
  WithRadius();
  Ask(PapOf("alice@sites", "pw"));
  aaa_.reset();
  Run(60s);
  EXPECT_FALSE(last_->has_value());
}

}  // namespace
}  // namespace sw::device
