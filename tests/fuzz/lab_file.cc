// The lab file: whatever the bytes are, it is read or refused with file, line and reason; what is read can be built,
// and what is said of it can be shown on a terminal.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "device/lab/lab_network.h"
#include "hal/base/virtual_scheduler.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto topology =
      sw::device::ParseTopology(std::string_view(reinterpret_cast<const char*>(data), size), "lab.yaml");
  if (!topology.ok()) {
    if (!topology.why().starts_with("lab.yaml:")) std::abort();
    return 0;
  }
  for (const std::string& note : topology->notes) {
    if (!note.starts_with("lab.yaml:")) std::abort();
    for (const char c : note)
      if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) std::abort();
  }
  sw::VirtualScheduler scheduler;
  sw::SeededRandom random(1);
  if (!sw::device::LabNetwork::Build(*topology, scheduler, random).ok()) std::abort();
  return 0;
}
