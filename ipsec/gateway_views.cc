// What the gateway shows of itself.
#include <algorithm>
#include <utility>

#include "ipsec/gateway_impl.h"

namespace sw::ipsec {

std::vector<BundleView> Gateway::bundles() const {
  std::vector<BundleView> out;
  const Time now = impl_->now();
  for (const auto& [connection, bundle] : impl_->bundles.all()) {
    BundleView view;
    const Impl::Active* one = impl_->FindActive(bundle->policy);
    if (one == nullptr || bundle->settled == Time::Never()) continue;
    const AgreedSas& agreed = bundle->agreed;
    const ProtectedPort& port = impl_->ports.at(one->port).settings;
    view.connection = connection;
    view.interface = port.interface;
    view.policy = one->policy.name;
    view.number = one->policy.number;
    view.mode = one->policy.mode;
    view.peer = agreed.peer;
    view.protection = agreed.protection;
    view.pfs = one->policy.pfs;
    view.local = agreed.local;
    view.remote = agreed.remote;
    view.flow = agreed.flow;
    if (one->policy.mode == PolicyMode::kManual) {
      Acl* acl = impl_->services.acl(one->policy.acl);
      if (const auto flow = acl == nullptr ? std::nullopt : FlowOf(*acl)) view.flow = *flow;
    }
    view.nat_port = agreed.nat_port;
    view.path_mtu = bundle->path_mtu != 0 && bundle->path_mtu_until > now ? bundle->path_mtu : port.mtu;
    view.matched = bundle->matched;
    view.lifetime = agreed.lifetime;
    if (bundle->hard != Time::Never())
      view.seconds_left = std::chrono::duration_cast<std::chrono::seconds>(bundle->hard - now).count();
    const std::uint64_t used = std::max(bundle->in_bytes, bundle->out_bytes);
    view.bytes_left = bundle->hard_bytes > used ? bundle->hard_bytes - used : 0;
    const auto show = [this](const std::optional<InstalledSa>& sa) -> std::optional<SaView> {
      const auto info = sa ? impl_->esp.Info(sa->id) : std::nullopt;
      if (!info) return std::nullopt;
      return SaView{info->spi, info->sequence, info->counters.packets, info->counters.bytes, info->counters.drops};
    };
    view.in_esp = show(bundle->in_esp);
    view.in_ah = show(bundle->in_ah);
    view.out_esp = show(bundle->out_esp);
    view.out_ah = show(bundle->out_ah);
    out.push_back(std::move(view));
  }
  return out;
}

const Statistics& Gateway::statistics() const {
  return impl_->statistics;
}

std::vector<FastFlowView> Gateway::fast_flows() const {
  std::vector<FastFlowView> out;
  for (const FastIndex::Entry& entry : impl_->fast.entries()) {
    const Impl::Active* one = impl_->FindActive(entry.policy);
    if (one == nullptr) continue;
    const FastIndex::Flow& flow = entry.flow;
    out.push_back({impl_->ports.at(one->port).settings.interface, flow.source, flow.destination, flow.protocol,
                   flow.source_port, flow.destination_port, one->policy.name, one->policy.number, entry.hits});
  }
  return out;
}

}  // namespace sw::ipsec
