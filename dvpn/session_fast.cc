// The half of Session that data-path workers see: what they may do by themselves, and what they did.
#include <algorithm>
#include <utility>

#include "dvpn/fast_path.h"
#include "dvpn/session.h"

namespace sw::dvpn {

// From here on the SA is known; what comes by it still goes to the engine, which makes it the current one.
void Session::ShowInbound(Generation& made) {
  FastPath* fast = core_.services.fast;
  if (fast == nullptr) return;
  made.in_shared = core_.esp.Shared(made.inbound);
  made.out_shared = core_.esp.Shared(made.outbound);
  fast->Show(made.in_shared->spi, {made.in_shared, made.inbound, nullptr});
}

// After the current generation or the peer's address changed.
void Session::ShowCurrent() {
  FastPath* fast = core_.services.fast;
  if (fast == nullptr || !current_) return;
  if (fast_ == nullptr) fast_ = std::make_shared<FastPeer>();
  // Until the path has been searched, a packet that may be too large for some path goes to the engine, which begins.
  const std::size_t known = inner_limit(false);
  const std::size_t most = path_ == nullptr ? ipsec::InnerMtu(spec_.terms.data_suite, kPathBase - kUdpOverhead)
                           : known == 0     ? kMostByWorkers
                                            : known;
  fast->Show(*fast_, peer_, most, doubtful_ ? nullptr : current_->out_shared);
  fast->Show(current_->in_shared->spi, {current_->in_shared, current_->inbound, doubtful_ ? nullptr : fast_});
}

// In doubt the engine sees all traffic of the session: what is sent goes another way, what arrives ends the doubt.
void Session::SetDoubtful(bool doubtful) {
  if (doubtful_ == doubtful) return;
  doubtful_ = doubtful;
  ShowCurrent();
  if (!doubtful && core_.services.fast != nullptr) core_.services.fast->ForgetRoutes();
}

void Session::HideInbound(const Generation& gone) {
  if (core_.services.fast != nullptr && gone.in_shared) core_.services.fast->HideInbound(gone.in_shared->spi);
}

void Session::HideAll() {
  if (fast_ != nullptr) core_.services.fast->Show(*fast_, peer_, 0, nullptr);
}

void Session::Learn(Ipv4 destination) {
  if (fast_ != nullptr) core_.services.fast->Learn(destination, fast_);
}

// Takes what workers passed into account, as if it had been told packet by packet.
void Session::Absorb() {
  for (std::optional<Generation>* generation : {&current_, &retiring_}) {
    if (!*generation || !(*generation)->in_shared) continue;
    Generation& g = **generation;
    const ipsec::SharedSa::Passed in = g.in_shared->passed(), out = g.out_shared->passed();
    if (out.packets != g.out_seen.packets) {
      sent_packets_ += out.packets - g.out_seen.packets;
      sent_bytes_ += out.bytes - g.out_seen.bytes;
      last_sent_ = std::max(last_sent_, out.last);
      last_data_ = std::max(last_data_, out.last);
    }
    if (in.packets != g.in_seen.packets) {
      received_packets_ += in.packets - g.in_seen.packets;
      received_bytes_ += in.bytes - g.in_seen.bytes;
      last_data_ = std::max(last_data_, in.last);
      if (data_proves_ && generation == &current_ && in.last > last_received_) {
        last_received_ = in.last;
        unanswered_ = 0;
      }
    }
    g.in_seen = in;
    g.out_seen = out;
  }
}

}  // namespace sw::dvpn
