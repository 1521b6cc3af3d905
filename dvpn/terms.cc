#include "dvpn/terms.h"

namespace sw::dvpn {

wire::Terms TermsOf(const Policy& p) {
  wire::Terms out;
  out.session_suite = static_cast<std::uint8_t>(p.session_suite);
  out.data_suite = static_cast<std::uint8_t>(p.data_suite);
  out.keepalive = static_cast<std::uint16_t>(p.keepalive.count());
  out.setup_interval = static_cast<std::uint16_t>(p.setup_interval.count());
  out.idle = static_cast<std::uint32_t>(p.idle.count());
  out.sa_duration = static_cast<std::uint32_t>(p.sa_duration.count());
  return out;
}

}  // namespace sw::dvpn
