#include "dvpn/session_path.h"

#include <algorithm>

#include "dvpn/fast_path.h"

namespace sw::dvpn {
namespace {

constexpr std::size_t kMostByWorkers = 65535;  // no limit of ours

}  // namespace

// ---------------------------------------------------------------------------------------------- where the peer is

void SessionPath::Settle(Endpoint peer) {
  peer_ = peer;
  claims_.clear();
  search_.reset();  // another path
  SetDoubtful(false);
  Show();
}

// Where a NAT of the peer keeps the new address out, the peer hears of it by the server's next redirect, and asks.
void SessionPath::Rehome() {
  search_.reset();
  Show();
  if (!keys_.current()) return;
  SetDoubtful(true);
  context_.Transmit(peer_, context_.Keepalive(keys_.current()->channel));
}

SessionPath::Claim& SessionPath::ClaimOf(Endpoint from) {
  const auto known = std::ranges::find(claims_, from, &Claim::from);
  if (known != claims_.end()) return *known;
  if (claims_.size() >= kMaxClaims) claims_.erase(claims_.begin());
  claims_.emplace_back().from = from;
  return claims_.back();
}

void SessionPath::Ask(Claim& claim, ByteView question) {
  claim.ask_at = context_.now() + kAskInterval;
  claim.questions[claim.asked++ % claim.questions.size()] = context_.last_keepalive();
  context_.Transmit(claim.from, question);
}

bool SessionPath::HeardFrom(Endpoint claimed, std::size_t bytes) {
  if (!context_.spec.roams || !keys_.current()) return false;
  Claim& claim = ClaimOf(claimed);
  claim.credit += bytes;
  if (context_.now() < claim.ask_at) return false;
  const Bytes question = context_.Keepalive(keys_.current()->channel);
  if (question.size() > claim.credit) return false;
  claim.credit -= question.size();
  Ask(claim, question);
  return true;
}

void SessionPath::AskAt(Endpoint claimed) {
  if (!context_.spec.roams || !keys_.current()) return;
  Claim& claim = ClaimOf(claimed);
  if (context_.now() >= claim.ask_at) Ask(claim, context_.Keepalive(keys_.current()->channel));
}

bool SessionPath::Answered(Endpoint from, std::uint32_t number) {
  const auto claim = std::ranges::find(claims_, from, &Claim::from);
  if (claim == claims_.end() || number == 0 || std::ranges::find(claim->questions, number) == claim->questions.end())
    return false;
  Settle(from);
  return true;
}

void SessionPath::SetDoubtful(bool doubtful) {
  if (doubtful_ == doubtful) return;
  doubtful_ = doubtful;
  Show();
  if (FastPath* fast = context_.core.services.fast; !doubtful && fast != nullptr) fast->ForgetRoutes();
}

// ---------------------------------------------------------------------------------------------- what it carries

std::size_t SessionPath::inner_limit(bool clear) const {
  if (mtu() == 0) return 0;
  const std::size_t datagram = mtu() - kUdpOverhead;
  return clear ? datagram - wire::kHeaderBytes : ipsec::InnerMtu(context_.spec.terms.data_suite, datagram);
}

bool SessionPath::Search(std::size_t bytes) {
  if (search_ != nullptr || !keys_.current()) return false;
  const int suite = context_.spec.terms.data_suite;
  if (bytes <= ipsec::InnerMtu(suite, kPathBase - kUdpOverhead)) return false;
  std::size_t wanted = kPathBase;
  while (wanted < kPathLargest && ipsec::InnerMtu(suite, wanted - kUdpOverhead) < context_.core.settings.mtu) ++wanted;
  search_ = std::make_unique<PathMtu>(context_.now(), wanted);
  Show();
  Probe();
  return true;
}

bool SessionPath::Arrived(std::size_t datagram) {
  if (search_ == nullptr || !search_->Arrived(context_.now(), datagram + kUdpOverhead)) return false;
  Show();
  return true;
}

void SessionPath::OnTimer() {
  if (search_ != nullptr && context_.now() >= search_->deadline()) Probe();
}

void SessionPath::Probe() {
  for (const std::size_t size : search_->Due(context_.now())) {
    const std::size_t datagram = size - kUdpOverhead;
    const Bytes plain = wire::Encode(wire::PathSize{static_cast<std::uint16_t>(datagram)});
    const std::size_t bare = wire::kHeaderBytes + 2 + hal::SealedBytes(context_.suite, plain.size());
    if (datagram < bare) continue;
    context_.Transmit(
        peer_,
        context_.Seal(keys_.current()->channel, wire::Type::kPathProbe, plain, wire::PathFiller(datagram - bare)),
        true);
  }
}

// ---------------------------------------------------------------------------------------------- what workers see

void SessionPath::Show() {
  FastPath* fast = context_.core.services.fast;
  const std::optional<Generation>& current = keys_.current();
  if (fast == nullptr || !current) return;
  if (fast_ == nullptr) fast_ = std::make_shared<FastPeer>(context_.spec.type != CommunicateType::kClientToServer);
  // Until the path has been searched, a packet that may be too large for some path goes to the engine, which begins.
  const std::size_t known = inner_limit(false);
  const std::size_t most = search_ == nullptr
                               ? ipsec::InnerMtu(context_.spec.terms.data_suite, kPathBase - kUdpOverhead)
                           : known == 0 ? kMostByWorkers
                                        : known;
  fast->Show(*fast_, peer_, most, doubtful_ ? nullptr : current->out_shared);
  fast->Show(current->in_shared->spi, {current->in_shared, current->inbound, doubtful_ ? nullptr : fast_});
}

void SessionPath::Hide() {
  if (fast_ != nullptr) context_.core.services.fast->Show(*fast_, peer_, 0, nullptr);
}

void SessionPath::LearnSource(Ipv4 source) {
  if (fast_ != nullptr) context_.core.services.fast->LearnSource(source, fast_);
}

void SessionPath::Learn(Ipv4 destination) {
  if (fast_ != nullptr) context_.core.services.fast->Learn(destination, fast_);
}

}  // namespace sw::dvpn
