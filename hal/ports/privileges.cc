#include "hal/ports/privileges.h"

#include <cap-ng.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace sw::hal {

namespace {

constexpr std::array<unsigned, 3> kKeep = {CAP_NET_ADMIN, CAP_NET_RAW, CAP_NET_BIND_SERVICE};
constexpr std::array<const char*, 3> kWithout = {
    "no CAP_NET_ADMIN: links, addresses, routes and tunnel interfaces cannot be set, --forwarding does nothing",
    "no CAP_NET_RAW: no GRE, no IPsec on interfaces, no ping and tracert",
    "no CAP_NET_BIND_SERVICE: no port below 1024 (IKE, SSH at port 22)",
};
constexpr char kTun[] = "/dev/net/tun";

}  // namespace

std::vector<std::string> MissingRights() {
  std::vector<std::string> out;
  const bool known = capng_get_caps_process() == 0;
  for (std::size_t i = 0; known && i < kKeep.size(); ++i)
    if (capng_have_capability(CAPNG_EFFECTIVE, kKeep[i]) == 0) out.emplace_back(kWithout[i]);
  if (::access(kTun, R_OK | W_OK) != 0)
    out.push_back(std::string(kTun) + ": " + std::strerror(errno) + ": no tunnel interfaces, no IPsec on interfaces");
  return out;
}

Status DropPrivileges() {
  if (capng_get_caps_process() != 0) return {Code::kDevice, "capabilities cannot be read"};
  if (capng_have_capabilities(CAPNG_SELECT_CAPS) == CAPNG_NONE) return {};
  std::array<bool, kKeep.size()> had{};
  for (std::size_t i = 0; i < kKeep.size(); ++i) had[i] = capng_have_capability(CAPNG_PERMITTED, kKeep[i]) != 0;
  // Leaving the bounding set takes CAP_SETPCAP, which is itself given up.
  const bool bounding = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP) != 0;
  capng_clear(CAPNG_SELECT_BOTH);
  for (std::size_t i = 0; i < kKeep.size(); ++i) {
    if (!had[i]) continue;
    const auto sets = static_cast<capng_type_t>(CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_BOUNDING_SET);
    if (capng_update(CAPNG_ADD, sets, kKeep[i]) != 0) return {Code::kDevice, "capabilities cannot be set"};
  }
  if (capng_apply(bounding ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS) != 0) {
    return {Code::kDenied, "capabilities cannot be given up"};
  }
  return {};
}

bool MayLockAnyMemory() {
  return capng_get_caps_process() == 0 && capng_have_capability(CAPNG_EFFECTIVE, CAP_IPC_LOCK) != 0;
}

void RaiseMemoryLock() {
  const rlimit all{RLIM_INFINITY, RLIM_INFINITY};
  if (::setrlimit(RLIMIT_MEMLOCK, &all) == 0) return;
  rlimit limit{};
  if (::getrlimit(RLIMIT_MEMLOCK, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_MEMLOCK, &limit);  // what is missing is said when memory is locked
}

}  // namespace sw::hal
