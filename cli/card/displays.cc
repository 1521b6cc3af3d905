#include "cli/card/displays.h"

#include <fmt/format.h>

#include "cli/clock/displays.h"

namespace sw::cli {

// The layout is our own: no sample of it was found.
std::string CardStatusText(hal::FailoverDevice& card, Time now) {
  hal::pcie::PcieDevice& driver = card.card();
  std::string out = fmt::format("Encrypt-card 1/0: {}\n", driver.capabilities().engine);
  out += fmt::format("  State: {}, packets are processed by {}\n", Name(driver.state()),
                     card.on_card()  ? "the card"
                     : card.backup() ? "software"
                                     : "nobody: backup is off");
  out += fmt::format("  Backup by software: {}\n", card.backup() ? "on" : "off");
  if (card.shadow() != 0)
    out += fmt::format("  Shadow: {}% of the packets are computed by software too\n", card.shadow());
  if (driver.trouble() != hal::pcie::Trouble::kNone) out += fmt::format("  Fault: {}\n", driver.trouble_text());
  if (!card.on_card() && !card.shut_down() && card.next_attempt() > now) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(card.next_attempt() - now).count();
    out += fmt::format("  The card is tried again in {} ms\n", left);
  }
  if (driver.health() == hal::Health::kUp) {
    const hal::pcie::CardReading reading = driver.Read();
    out += fmt::format("  Temperature: {:.1f} degrees Celsius, limit {:.1f}\n  Resets since power on: {}\n",
                       reading.temperature, reading.temperature_limit, reading.generation);
  }
  return out;
}

std::string CardStatisticText(hal::FailoverDevice& card) {
  const hal::FailoverCounters& c = card.counters();
  const hal::pcie::DriverCounters& d = card.card().counters();
  std::string out = fmt::format(
      "Encrypt-card 1/0 statistics:\n"
      "  packets by the card: {}\n  packets by software: {}\n  switches to software: {}\n  returns to the card: {}\n"
      "  packets in flight done again: {}\n  packets in flight lost: {}\n"
      "  packets computed twice: {}\n  different results: {}\n  probe packets: {}\n",
      c.on_card, c.on_software, c.to_software, c.to_card, c.retried, c.lost, c.shadowed, c.shadow_differences,
      c.probes);
  for (std::size_t i = 1; i < hal::pcie::kTroubles; ++i) {
    if (d.troubles[i] == 0) continue;
    out += fmt::format("  {}: {} ({})\n", hal::pcie::kTroubleTexts[i].name, d.troubles[i],
                       hal::pcie::kTroubleTexts[i].sentence);
  }
  return out;
}

std::string CardSaText(hal::FailoverDevice& card) {
  return fmt::format("Encrypt-card 1/0: {} SAs, {} of them on the card, room for {}\n", card.sas(), card.card().sas(),
                     card.capabilities().max_sas);
}

std::string CardSyslogText(const device::CardHost& host) {
  std::string out =
      fmt::format("Encrypt-card 1/0 syslog: {} lines, {} overwritten\n", host.syslog().size(), host.overwritten());
  for (const device::CardHost::Record& record : host.syslog())
    out += fmt::format("  {} {} ({}): {}\n", DateTimeText(record.local_time), record.digest, Name(record.severity),
                       record.text);
  return out;
}

std::string CardFastSwitchText(bool on, const std::vector<ipsec::FastFlowView>& flows) {
  std::string out = fmt::format("Encrypt-card 1/0 fast-switch: {}, {} flows\n", on ? "on" : "off", flows.size());
  for (const ipsec::FastFlowView& flow : flows)
    out += fmt::format("  {}:{} -> {}:{}, protocol {}: {}, policy {} {}, {} packets\n", flow.source.ToString(),
                       flow.source_port, flow.destination.ToString(), flow.destination_port, flow.protocol,
                       flow.interface, flow.policy, flow.number, flow.packets);
  return out;
}

std::string CardInterfaceText(hal::FailoverDevice& card) {
  const hal::pcie::DriverCounters& counters = card.card().counters();
  return fmt::format(
      "Encrypt1/0 current state: {}\n    {} packets to the card, {} bytes\n    {} packets back, {} of them given back "
      "undone\n",
      card.shut_down() ? "Administratively DOWN"
      : card.on_card() ? "UP"
                       : "DOWN",
      counters.submitted, counters.bytes, counters.completed + counters.faulted, counters.faulted);
}

}  // namespace sw::cli
