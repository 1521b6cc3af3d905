#include "cli/card/displays.h"

#include <fmt/format.h>

#include "cli/clock/displays.h"

namespace sw::cli {
namespace {

hal::CardReading Reading(const CardView& v) {
  hal::CryptoCard& driver = v.card.card();
  return driver.health() == hal::Health::kUp ? driver.Read() : hal::CardReading{};
}
std::string FaultText(const CardView& v) {
  const hal::CryptoCard& driver = v.card.card();
  return driver.trouble() == hal::pcie::Trouble::kNone ? std::string() : std::string(driver.trouble_text());
}
std::int64_t NextAttempt(const CardView& v) {
  const bool waits = !v.card.on_card() && !v.card.shut_down() && v.card.next_attempt() > v.now;
  return waits ? std::chrono::duration_cast<std::chrono::milliseconds>(v.card.next_attempt() - v.now).count() : 0;
}
std::string_view ProcessedBy(const CardView& v) {
  return v.card.on_card() ? "card" : v.card.backup() ? "software" : "nobody";
}
std::string ProcessorText(const Value& value) {
  const std::string by = PlainText(value);
  return by == "card" ? "the card" : by == "nobody" ? "nobody: backup is off" : by;
}
constexpr auto kStatus = Fields<CardView>({
    {"engine", "What the card says of itself", [](auto& v) { return v.card.card().capabilities().engine; }},
    {"state", "Of the driver", [](auto& v) { return v.card.card().stage(); }},
    {"processed_by", "card, software or nobody", [](auto& v) { return ProcessedBy(v); }, {{}, 0, ProcessorText}},
    {"backup", "Software takes over", [](auto& v) { return v.card.backup(); }},
    {"shadow_percent", "Of the packets that software computes too", [](auto& v) { return v.card.shadow(); }},
    {"fault", "In words, or empty", [](auto& v) { return FaultText(v); }},
    {"next_attempt_ms", "Until the card is tried again; 0: it is not", [](auto& v) { return NextAttempt(v); }},
    {"readable", "The card answers; without it what follows is 0",
     [](auto& v) { return v.card.card().health() == hal::Health::kUp; }},
    {"temperature", "Degrees Celsius", [](auto& v) { return Reading(v).temperature; }},
    {"temperature_limit", "Degrees Celsius", [](auto& v) { return Reading(v).temperature_limit; }},
    {"resets", "Since power on", [](auto& v) { return Reading(v).generation; }},
});
#define SW_STATUS                                                                                 \
  "Encrypt-card 1/0: {engine}\n"                                                                  \
  "  State: {state}, packets are processed by {processed_by}\n"                                   \
  "  Backup by software: {?backup}on{:}off{/}\n"                                                  \
  "{?shadow_percent}  Shadow: {shadow_percent}% of the packets are computed by software too\n{/}" \
  "{?fault}  Fault: {fault}\n{/}"                                                                 \
  "{?next_attempt_ms}  The card is tried again in {next_attempt_ms} ms\n{/}"                      \
  "{?readable}  Temperature: {temperature} degrees Celsius, limit {temperature_limit}\n"          \
  "  Resets since power on: {resets}\n{/}"

constexpr auto kSas = Fields<CardView>({
    {"sas", "Security associations", [](auto& v) { return v.card.sas(); }},
    {"on_card", "Of them on the card", [](auto& v) { return v.card.card().sas(); }},
    {"room", "What the card takes", [](auto& v) { return v.card.capabilities().max_sas; }},
});
#define SW_SAS "Encrypt-card 1/0: {sas} SAs, {on_card} of them on the card, room for {room}\n"

struct FaultView {
  std::string_view name, sentence;
  std::uint64_t count;
};
constexpr auto kFault = Fields<FaultView>({
    {"name", "Fault", [](auto& v) { return v.name; }},
    {"text", "In words", [](auto& v) { return v.sentence; }},
    {"count", "How often", [](auto& v) { return v.count; }},
});
ListOf<kFault> Faults(const CardView& v) {
  std::vector<FaultView> out;
  for (std::size_t i = 1; i < hal::pcie::kTroubles; ++i)
    out.push_back(
        {hal::pcie::kTroubleTexts[i].name, hal::pcie::kTroubleTexts[i].sentence, v.card.card().counters().troubles[i]});
  return List<kFault>(out);
}
constexpr auto kStatistic = Fields<CardView>({
    {"card_packets", "By the card", [](auto& v) { return v.card.counters().on_card; }},
    {"software_packets", "By software", [](auto& v) { return v.card.counters().on_software; }},
    {"to_software", "Switches to software", [](auto& v) { return v.card.counters().to_software; }},
    {"to_card", "Returns to the card", [](auto& v) { return v.card.counters().to_card; }},
    {"retried_packets", "In flight, done again", [](auto& v) { return v.card.counters().retried; }},
    {"lost_packets", "In flight, lost", [](auto& v) { return v.card.counters().lost; }},
    {"shadowed_packets", "Computed twice", [](auto& v) { return v.card.counters().shadowed; }},
    {"different_results", "Of them", [](auto& v) { return v.card.counters().shadow_differences; }},
    {"probe_packets", "Sent to see whether it is well", [](auto& v) { return v.card.counters().probes; }},
    {"faults", "Every kind", [](auto& v) { return Faults(v); }},
});
#define SW_STATISTIC                                    \
  "Encrypt-card 1/0 statistics:\n"                      \
  "  packets by the card: {card_packets}\n"             \
  "  packets by software: {software_packets}\n"         \
  "  switches to software: {to_software}\n"             \
  "  returns to the card: {to_card}\n"                  \
  "  packets in flight done again: {retried_packets}\n" \
  "  packets in flight lost: {lost_packets}\n"          \
  "  packets computed twice: {shadowed_packets}\n"      \
  "  different results: {different_results}\n"          \
  "  probe packets: {probe_packets}\n"                  \
  "{*faults}{?count}  {name}: {count} ({text})\n{/}{/}"

constexpr auto kEvent = Fields<device::CardHost::Record>({
    {"time", "Local time", [](auto& v) { return DateTimeText(v.local_time); }},
    {"digest", "What happened", [](auto& v) { return v.digest; }},
    {"severity", "Severity", [](auto& v) { return Name(v.severity); }},
    {"text", "In words", [](auto& v) { return v.text; }},
});
constexpr auto kSyslog = Fields<device::CardHost>({
    {"events", "The newest last", [](auto& v) { return List<kEvent>(v.syslog()); }},
    {"overwritten", "Events that are gone", [](auto& v) { return v.overwritten(); }},
});
#define SW_SYSLOG                                                        \
  "Encrypt-card 1/0 syslog: {events} lines, {overwritten} overwritten\n" \
  "{*events}  {time} {digest} ({severity}): {text}\n{/}"

constexpr auto kDetails = Fields<CardDetailsView>({
    {"status", "As display encrypt-card status", [](auto& v) { return Part1<kStatus>(v.card); }},
    {"sa", "As display encrypt-card sa", [](auto& v) { return Part1<kSas>(v.card); }},
    {"statistic", "As display encrypt-card statistic", [](auto& v) { return Part1<kStatistic>(v.card); }},
    {"syslog", "As display encrypt-card syslog", [](auto& v) { return Part1<kSyslog>(v.host); }},
});

constexpr auto kFlow = Fields<ipsec::FastFlowView>({
    {"source", "Address", [](auto& v) { return v.source; }},
    {"source_port", "Port", [](auto& v) { return v.source_port; }},
    {"destination", "Address", [](auto& v) { return v.destination; }},
    {"destination_port", "Port", [](auto& v) { return v.destination_port; }},
    {"protocol", "IP protocol", [](auto& v) { return v.protocol; }},
    {"interface", "Interface", [](auto& v) { return v.interface; }},
    {"policy", "IPsec policy", [](auto& v) { return v.policy; }},
    {"number", "Of the policy", [](auto& v) { return v.number; }},
    {"packets", "That found it so", [](auto& v) { return v.packets; }},
});
constexpr auto kFastSwitch = Fields<FastSwitchView>({
    {"on", "encrypt-card fast-switch", [](auto& v) { return v.on; }},
    {"flows", "That keep their policy", [](auto& v) { return List<kFlow>(v.flows); }},
});

std::string_view StateName(const CardView& v) {
  return v.card.shut_down() ? "Administratively DOWN" : v.card.on_card() ? "UP" : "DOWN";
}
constexpr auto kPort = Fields<CardView>({
    {"state", "UP, DOWN or Administratively DOWN", [](auto& v) { return StateName(v); }},
    {"output_packets", "To the card", [](auto& v) { return v.card.card().counters().submitted; }},
    {"output_bytes", "To the card", [](auto& v) { return v.card.card().counters().bytes; }},
    {"input_packets", "Back from the card",
     [](auto& v) { return v.card.card().counters().completed + v.card.card().counters().faulted; }},
    {"undone_packets", "Of them given back undone", [](auto& v) { return v.card.card().counters().faulted; }},
});

}  // namespace

constexpr DisplayOf<CardView> kCardStatusDisplay(kStatus, SW_STATUS);
constexpr DisplayOf<CardView> kCardStatisticDisplay(kStatistic, SW_STATISTIC);
constexpr DisplayOf<CardView> kCardSaDisplay(kSas, SW_SAS);
constexpr DisplayOf<device::CardHost> kCardSyslogDisplay(kSyslog, SW_SYSLOG);
constexpr DisplayOf<CardDetailsView> kCardDetailsDisplay(kDetails,
                                                         "{*status}" SW_STATUS "{/}{*sa}" SW_SAS
                                                         "{/}{*statistic}" SW_STATISTIC "{/}{*syslog}" SW_SYSLOG "{/}");
constexpr DisplayOf<FastSwitchView> kFastSwitchDisplay(
    kFastSwitch,
    "Encrypt-card 1/0 fast-switch: {?on}on{:}off{/}, {flows} flows\n"
    "{*flows}  {source}:{source_port} -> {destination}:{destination_port}, protocol {protocol}: {interface}, "
    "policy {policy} {number}, {packets} packets\n{/}");
constexpr DisplayOf<CardView> kCardInterfaceDisplay(kPort,
                                                    "Encrypt1/0 current state: {state}\n"
                                                    "    {output_packets} packets to the card, {output_bytes} bytes\n"
                                                    "    {input_packets} packets back, {undone_packets} of them given "
                                                    "back undone\n");

}  // namespace sw::cli
