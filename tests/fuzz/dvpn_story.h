// The life of a small domain, the same every time: two clients register by CHAP and a pre-shared key, and open a
// session with each other. What comes after the first `passed` datagrams is lost, so that a kept one is genuine at its
// stage.
#pragma once

#include <vector>

#include "tests/fakes/dvpn_domain.h"

namespace sw::testing {

struct DvpnStory {
  struct Kept {
    Endpoint from, to;
    Bytes datagram;
  };
  explicit DvpnStory(std::size_t passed) : d(42) {
    d.role().policy.authentication = dvpn::AuthMethod::kChap;
    d.role().pre_shared_key = SecretBytes("common");
    d.Server().authenticator.users["u"] = "secret";
    const auto change = [](dvpn::TunnelSettings& s) {
      ClientRole(s).user_name = "u";
      ClientRole(s).password = SecretBytes("secret");
      ClientRole(s).authenticate_server = dvpn::ServerMethod::kPreShare;
      ClientRole(s).pre_shared_key = SecretBytes("common");
    };
    two = &d.Client(3, change);
    one = &d.Client(2, change);
    d.net.tap = [this, passed](Endpoint from, Endpoint to, Bytes& b) {
      kept.push_back({from, to, b});
      return kept.size() <= passed;
    };
    two->Start();
    d.Run(150ms);
    one->Start();
    d.Run(150ms);
    d.SendPing(*one, 2, 3, 1);
    d.Run(150ms);
  }
  Domain d;
  FakeHost *one, *two;
  std::vector<Kept> kept;
};

}  // namespace sw::testing
