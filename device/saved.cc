// What of a device goes over to its successor, beside what its tunnels save themselves: users, history, IPsec and IKE.
#include "device/saved.h"

#include <utility>

#include "device/aaa/saved_users.h"
#include "device/device_impl.h"
#include "hal/base/state.h"

namespace sw::device {
namespace {

constexpr char kSavedHistory[] = "history", kSavedUsers[] = "users", kSavedDevice[] = "device", kSavedIpsec[] = "ipsec",
               kSavedIke[] = "ike";

template <typename What>
SecretBytes SaveOne(Time now, What& what) {
  StateWriter state(now);
  state(what);
  return state.Take();
}

}  // namespace

SavedParts Device::Impl::Save() {
  const Time now = platform.scheduler().now();
  SavedParts out;
  tunnels.Save(out);
  out[kSavedIpsec] = ipsec.Save();
  out[kSavedIke] = ike.engine().Save();
  out[kSavedHistory] = SaveOne(now, history);
  SavedUsers users(aaa);
  out[kSavedUsers] = SaveOne(now, users);
  out[kSavedDevice] = SaveOne(now, started);
  return out;
}

Status Device::Impl::Restore() {
  if (services.saved.empty()) return {};
  const Time now = platform.scheduler().now();
  const auto take = [&](const char* name, auto& what) {
    const auto part = services.saved.find(name);
    if (part == services.saved.end()) return;
    StateReader state(part->second.view(), now);
    state(what);
    if (state.done()) services.saved.erase(part);
  };
  take(kSavedHistory, history);
  SavedUsers users(aaa);
  take(kSavedUsers, users);
  take(kSavedDevice, started);
  const auto give = [&](const char* name, auto& engine) {
    const auto part = services.saved.find(name);
    if (part != services.saved.end() && engine.Restore(part->second.view())) services.saved.erase(part);
  };
  give(kSavedIpsec, ipsec);
  give(kSavedIke, ike.engine());
  users.GoOn([this](const std::string& tunnel, Ipv4 peer) { CutUser(tunnel, peer); });
  std::erase_if(services.saved, [](const auto& part) { return part.first.starts_with(kSavedGre); });
  if (services.saved.empty()) return {};
  return {Code::kBadValue, "what was saved of " + services.saved.begin()->first + " cannot be used"};
}

}  // namespace sw::device
