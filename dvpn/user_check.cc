#include "dvpn/user_check.h"

#include <utility>

#include <fmt/format.h>

namespace sw::dvpn {

UserCheck::UserCheck(Core& core, const ServerSettings& settings, Guesses& guesses)
    : core_(core), settings_(settings), guesses_(guesses), box_(std::make_shared<Box>()) {
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
  const Asked asked{request.user_name, map.endpoint.address, {map.key, {}, wire::Answer::kBadCredentials}};
  const auto refuse = [&](std::string why, wire::Answer answer) {  // taken at the end of the call
    box_->answers.push_back({asked.user, asked.from, {asked.answer.key, {false, std::move(why)}, answer}});
  };
  if (core_.FaultAt(5)) return refuse("fault injected at step 5", wire::Answer::kFault);
  if (request.method != map.method)
    return refuse("the client used another method than asked for", wire::Answer::kBadCredentials);
  if (guesses_.Wait(core_.now, asked.user, asked.from) > Duration{})
    return refuse(std::string(wire::Phrase(wire::Answer::kTooManyFailures)), wire::Answer::kTooManyFailures);
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
  core_.services.authenticator.Authenticate(std::move(credentials), [asked, box = box_](Verdict verdict) {
    if (box->timers == nullptr) return;
    box->answers.push_back(asked);
    box->answers.back().answer.verdict = std::move(verdict);
    if (box->in_call) return;
    box->timers->Set(box->timer, Time{});
    if (box->wake) box->wake();
  });
  box_->in_call = false;
}

UserCheck::Answers UserCheck::Take() {
  Answers out;
  for (Asked& asked : std::exchange(box_->answers, {})) {
    if (asked.answer.verdict.wrong) {
      guesses_.Charge(core_.now, asked.from);
      guesses_.Charge(core_.now, asked.user);
    }
    out.push_back(std::move(asked.answer));
  }
  return out;
}

}  // namespace sw::dvpn
