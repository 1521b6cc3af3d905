#include "ipsec/ike/isakmp_sa.h"

#include "ipsec/ike/informational.h"
#include "ipsec/ike/liveness.h"
#include "ipsec/ike/phase1.h"
#include "ipsec/ike/quick_modes.h"

namespace sw::ipsec::ike {

IsakmpSa::IsakmpSa(Shared& shared)
    : quicks(std::make_unique<QuickModes>(shared, *this)),
      informational(std::make_unique<Informational>(shared, *this)),
      liveness(std::make_unique<Liveness>(shared, *this)) {}
IsakmpSa::~IsakmpSa() = default;

std::uint32_t IsakmpSa::NewMessageId(Random& random) const {
  for (;;) {
    const std::uint32_t id = random.U32();
    if (id != 0 && !quicks->Has(id) && !used_ids.Has(id)) return id;
  }
}

}  // namespace sw::ipsec::ike
