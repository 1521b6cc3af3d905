#include "dvpn/user_check.h"

#include <utility>

#include <fmt/format.h>

namespace sw::dvpn {

UserCheck::UserCheck(Core& core, const ServerSettings& settings)
    : core_(core), settings_(settings), box_(std::make_shared<Box>()) {
  box_->timers = &core.timers;
  box_->timer = core.NewKey(Owner::kRegistration);
  box_->wake = core.services.wake;
}

UserCheck::~UserCheck() {
  box_->timers = nullptr;
}

void UserCheck::Ask(Map& map, wire::AuthReq request) {
  core_.Step(5, false, map.endpoint.ToString(),
             fmt::format("client authentication, {}, user {}", Name(request.method), request.user_name));
  map.claimed_user = request.user_name;
  const std::uint64_t key = map.key;
  if (core_.FaultAt(5) || request.method != map.method) {
    box_->answers.emplace_back(key, Verdict{false, core_.FaultAt(5) ? "fault injected at step 5"
                                                                    : "the client used another method than asked for"});
    return;  // taken at the end of the call
  }
  Credentials credentials;
  credentials.method = request.method;
  credentials.user_name = std::move(request.user_name);
  credentials.isp_domain = settings_.policy.isp_domain;
  if (request.method == AuthMethod::kPap) {
    credentials.password = std::move(request.proof);
  } else {
    const ByteView chap = map.chap.view();
    credentials.chap_id = chap[0];
    credentials.chap_challenge.assign(chap.begin() + 1, chap.end());
    credentials.chap_response.assign(request.proof.view().begin(), request.proof.view().end());
  }
  box_->in_call = true;
  core_.services.authenticator.Authenticate(std::move(credentials), [key, box = box_](Verdict verdict) {
    if (box->timers == nullptr) return;
    box->answers.emplace_back(key, std::move(verdict));
    if (box->in_call) return;
    box->timers->Set(box->timer, Time{});
    if (box->wake) box->wake();
  });
  box_->in_call = false;
}

}  // namespace sw::dvpn
