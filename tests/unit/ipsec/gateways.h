// Two gateways and a key manager that agrees at once, in virtual time.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "hal/soft/software_device.h"
#include "ipsec/gateway.h"
#include "ipsec/ip_header.h"

namespace sw::ipsec {

inline constexpr std::uint8_t kUdp = 17;

struct End {
  explicit End(unsigned number)
      : n(number),
        random(number),
        gateway({*device,
                 random,
                 packets,
                 [this] { return now; },
                 [this](int acl) { return acl == 3000 ? &list : nullptr; },
                 {},
                 [this](GatewayTopic topic) { return wanted.contains(topic); },
                 [this](const GatewayEvent& event) { events.push_back(event); }}) {}
  Ipv4 address() const { return Ipv4(192, 0, 2, n); }

  void Protect(Policy policy) {
    policy.name = "p";
    policy.number = 10;
    policy.acl = 3000;
    policy.peer = "peer";
    AclRule rule;
    rule.permit = true;
    rule.source = {Ipv4(10, 1, n, 0), Ipv4(255)};
    rule.destination = {Ipv4(10, 1, 3 - n, 0), Ipv4(255)};
    list.Set(rule);
    gateway.Configure({{1, "GigabitEthernet0/0", address(), 1500, {policy}}});
  }

  PacketPtr Datagram(std::size_t payload, bool dont_fragment = false, unsigned to = 0) {
    hal::Ipv4Header header;
    header.protocol = kUdp;
    header.total_length = 20 + payload;
    header.dont_fragment = dont_fragment;
    header.source = Ipv4(10, 1, n, 1);
    header.destination = to == 0 ? Ipv4(10, 1, 3 - n, 1) : Ipv4(to);
    PacketPtr packet = packets.Take();
    const ByteSpan bytes = packet->Append(header.total_length);
    std::fill(bytes.begin(), bytes.end(), std::uint8_t{0x5a});
    hal::WriteIpv4(bytes, header);
    return packet;
  }
  // What goes out of the port for one packet: sealed, and what stayed clear.
  std::pair<GatewayOutput, std::size_t> Out(PacketPtr packet) {
    std::vector<PacketPtr> burst;
    burst.push_back(std::move(packet));
    GatewayOutput out;
    gateway.Outbound(1, burst, out);
    return {std::move(out), burst.size()};
  }

  // What was told since the last call, line by line.
  std::string Told() {
    std::string out;
    for (const GatewayEvent& event : std::exchange(events, {})) out += event.text + "\n";
    return out;
  }

  const unsigned n;
  Time now;
  std::set<GatewayTopic> wanted;
  std::vector<GatewayEvent> events;
  SeededRandom random;
  PacketPool packets;
  std::unique_ptr<hal::SoftwareDevice> device = *hal::SoftwareDevice::Create();
  Acl list{3000};
  Gateway gateway;
};

inline Policy Isakmp(Lifetime lifetime = {3600, 1000}) {
  Policy policy;
  policy.mode = PolicyMode::kIsakmp;
  policy.proposals = {{.ah = {}, .esp = EspAlgorithms{hal::Cipher::kAesCbc, hal::Integrity::kHmacSha1}}};
  policy.lifetime = lifetime;
  return policy;
}

// Plays both ends of IKE: asks the other end's policies, installs on both sides.
class Agreement final : public KeyManager {
 public:
  Agreement(End& a, End& b) : a_(a), b_(b) { a.gateway.SetKeyManager(this); }
  ~Agreement() override { a_.gateway.SetKeyManager(nullptr); }

  void Acquire(const Wish& wish) override {
    ++asked;
    if (silent) return;
    const Selector mirrored{wish.flow.remote, wish.flow.local, wish.flow.protocol, wish.flow.remote_port,
                            wish.flow.local_port};
    const auto accepted =
        b_.gateway.Judge({"peer", b_.address(), a_.address(), mirrored, wish.proposals, wish.pfs, wish.lifetime});
    if (!accepted.ok()) return a_.gateway.Failed(wish, "no proposal");
    const Protection protection = wish.proposals[accepted->proposal];
    const std::size_t size = KeyBytes(protection, SaProtocol::kEsp);
    SaKeys there{b_.gateway.AllocateSpi(SaProtocol::kEsp), SecretBytes(size)};
    SaKeys here{a_.gateway.AllocateSpi(SaProtocol::kEsp), SecretBytes(size)};
    a_.random.Fill(there.keys.span());
    a_.random.Fill(here.keys.span());
    AgreedSas sas{.policy = accepted->policy,
                  .peer = "peer",
                  .local = b_.address(),
                  .remote = a_.address(),
                  .nat_port = {},
                  .flow = mirrored,
                  .protection = protection,
                  .lifetime = accepted->lifetime,
                  .initiator = false,
                  .in_esp = there,
                  .in_ah = {},
                  .out_esp = here,
                  .out_ah = {}};
    prepared_ = there.spi;
    b_.gateway.Prepare(sas);
    if (!unconfirmed) Confirm();
    sas = {.policy = wish.policy,
           .peer = "peer",
           .local = a_.address(),
           .remote = b_.address(),
           .nat_port = {},
           .flow = wish.flow,
           .protection = protection,
           .lifetime = accepted->lifetime,
           .initiator = true,
           .in_esp = here,
           .in_ah = {},
           .out_esp = there,
           .out_ah = {}};
    a_.gateway.Install(sas);
  }
  void Confirm() { b_.gateway.Confirmed(SaProtocol::kEsp, prepared_); }
  void Abandon() { b_.gateway.Abandoned(SaProtocol::kEsp, prepared_); }
  void Withdraw(const std::string&, Ipv4, SaProtocol, std::uint32_t) override { ++withdrawn; }
  void Heard(const std::string&, Ipv4) override { ++heard; }
  void Sending(const std::string&, Ipv4) override { ++sending; }

  bool silent = false, unconfirmed = false;  // the last message of quick mode is on its way
  int asked = 0, withdrawn = 0, heard = 0, sending = 0;

 private:
  End &a_, &b_;
  std::uint32_t prepared_ = 0;
};

class GatewayTest : public testing::Test {
 protected:
  void Protect(Lifetime lifetime = {3600, 1000}) {
    a.Protect(Isakmp(lifetime));
    b.Protect(Isakmp());
  }
  // From a to b: true when it came out whole and equal.
  bool Carries(std::size_t payload = 100) {
    const PacketPtr before = a.Datagram(payload);
    auto [sent, clear] = a.Out(a.Datagram(payload));
    if (clear != 0 || sent.sent.size() != 1) return false;
    std::vector<PacketPtr> burst;
    burst.push_back(std::move(sent.sent[0].packet));
    GatewayOutput out;
    b.gateway.Receive(burst, out);
    return out.delivered.size() == 1 && std::ranges::equal(out.delivered[0].packet->data(), before->data());
  }
  void Wait(std::chrono::seconds time) {
    a.now = b.now = a.now + time;
    a.gateway.OnTimer();
    b.gateway.OnTimer();
  }
  End a{1}, b{2};
  Agreement agreement{a, b};
};

}  // namespace sw::ipsec
