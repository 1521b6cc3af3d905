// What the IKE engine reports, as log lines and debugging output.
#pragma once

#include "device/monitor.h"
#include "ipsec/ike/models.h"

namespace sw::device {

inline bool IkeWanted(const Monitor& monitor, ipsec::ike::Topic topic) {
  return monitor.ike_debugging().contains(topic);
}
void LogIke(Monitor& monitor, const ipsec::ike::Event& event);

}  // namespace sw::device
