#include "cli/card/displays.h"
#include "cli/display/json.h"
#include "cli/display/json_fields.h"

namespace sw::cli {
namespace {

struct CardView {
  hal::FailoverDevice& card;
  Time now;
};
hal::pcie::CardReading Reading(const CardView& v) {
  hal::pcie::PcieDevice& driver = v.card.card();
  return driver.health() == hal::Health::kUp ? driver.Read() : hal::pcie::CardReading{};
}

constexpr Field<CardView> kStatus[] = {
    {"engine", "string", "What the card says of itself",
     [](const CardView& v) -> Json { return v.card.card().capabilities().engine; }},
    {"state", "string", "Of the driver", [](const CardView& v) -> Json { return Name(v.card.card().state()); }},
    {"processed_by", "string", "card, software or nobody",
     [](const CardView& v) -> Json { return v.card.on_card()  ? "card"
                                            : v.card.backup() ? "software"
                                                              : "nobody"; }},
    {"backup", "boolean", "Software takes over", [](const CardView& v) -> Json { return v.card.backup(); }},
    {"shadow_percent", "integer", "Of the packets that software computes too",
     [](const CardView& v) -> Json { return v.card.shadow(); }},
    {"fault", "string", "In words, or empty",
     [](const CardView& v) -> Json {
       const hal::pcie::PcieDevice& driver = v.card.card();
       return driver.trouble() == hal::pcie::Trouble::kNone ? std::string() : std::string(driver.trouble_text());
     }},
    {"next_attempt_ms", "integer", "Until the card is tried again; 0: it is not",
     [](const CardView& v) -> Json {
       const bool waits = !v.card.on_card() && !v.card.shut_down() && v.card.next_attempt() > v.now;
       return waits ? std::chrono::duration_cast<std::chrono::milliseconds>(v.card.next_attempt() - v.now).count() : 0;
     }},
    {"readable", "boolean", "The card answers; without it what follows is 0",
     [](const CardView& v) -> Json { return v.card.card().health() == hal::Health::kUp; }},
    {"temperature", "number", "Degrees Celsius", [](const CardView& v) -> Json { return Reading(v).temperature; }},
    {"temperature_limit", "number", "Degrees Celsius",
     [](const CardView& v) -> Json { return Reading(v).temperature_limit; }},
    {"resets", "integer", "Since power on", [](const CardView& v) -> Json { return Reading(v).generation; }},
};

constexpr Field<CardView> kSas[] = {
    {"sas", "integer", "Security associations", [](const CardView& v) -> Json { return v.card.sas(); }},
    {"on_card", "integer", "Of them on the card", [](const CardView& v) -> Json { return v.card.card().sas(); }},
    {"room", "integer", "What the card takes", [](const CardView& v) -> Json { return v.card.capabilities().max_sas; }},
};

struct FaultView {
  std::string_view name, sentence;
  std::uint64_t count;
};
constexpr Field<FaultView> kFault[] = {
    {"name", "string", "Fault", [](const FaultView& v) -> Json { return v.name; }},
    {"text", "string", "In words", [](const FaultView& v) -> Json { return v.sentence; }},
    {"count", "integer", "How often", [](const FaultView& v) -> Json { return v.count; }},
};
Json Faults(const CardView& v) {
  std::vector<FaultView> out;
  for (std::size_t i = 1; i < hal::pcie::kTroubles; ++i)
    out.push_back(
        {hal::pcie::kTroubleTexts[i].name, hal::pcie::kTroubleTexts[i].sentence, v.card.card().counters().troubles[i]});
  return Array(All(kFault), out);
}
constexpr Field<CardView> kStatistic[] = {
    {"card_packets", "integer", "By the card", [](const CardView& v) -> Json { return v.card.counters().on_card; }},
    {"software_packets", "integer", "By software",
     [](const CardView& v) -> Json { return v.card.counters().on_software; }},
    {"to_software", "integer", "Switches to software",
     [](const CardView& v) -> Json { return v.card.counters().to_software; }},
    {"to_card", "integer", "Returns to the card", [](const CardView& v) -> Json { return v.card.counters().to_card; }},
    {"retried_packets", "integer", "In flight, done again",
     [](const CardView& v) -> Json { return v.card.counters().retried; }},
    {"lost_packets", "integer", "In flight, lost", [](const CardView& v) -> Json { return v.card.counters().lost; }},
    {"shadowed_packets", "integer", "Computed twice",
     [](const CardView& v) -> Json { return v.card.counters().shadowed; }},
    {"different_results", "integer", "Of them",
     [](const CardView& v) -> Json { return v.card.counters().shadow_differences; }},
    {"probe_packets", "integer", "Sent to see whether it is well",
     [](const CardView& v) -> Json { return v.card.counters().probes; }},
    {"faults", "model", "Every kind", Faults, [] { return ArraySchema(All(kFault)); }},
};

constexpr Field<CardView> kDetails[] = {
    {"status", "model", "As display encrypt-card status",
     [](const CardView& v) -> Json { return Object(All(kStatus), v); }, [] { return ObjectSchema(All(kStatus)); }},
    {"sa", "model", "As display encrypt-card sa", [](const CardView& v) -> Json { return Object(All(kSas), v); },
     [] { return ObjectSchema(All(kSas)); }},
    {"statistic", "model", "As display encrypt-card statistic",
     [](const CardView& v) -> Json { return Object(All(kStatistic), v); },
     [] { return ObjectSchema(All(kStatistic)); }},
};

}  // namespace

std::string CardStatusJson(hal::FailoverDevice& card, Time now) {
  return Object(All(kStatus), CardView{card, now}).dump();
}
std::string CardStatisticJson(hal::FailoverDevice& card) {
  return Object(All(kStatistic), CardView{card, {}}).dump();
}
std::string CardSaJson(hal::FailoverDevice& card) {
  return Object(All(kSas), CardView{card, {}}).dump();
}
std::string CardDetailsJson(hal::FailoverDevice& card, Time now) {
  return Object(All(kDetails), CardView{card, now}).dump();
}

std::span<const JsonModel> CardJsonModels() {
  static constexpr JsonModel kModels[] = {
      {"display encrypt-card status", [] { return ObjectSchema(All(kStatus)); }},
      {"display encrypt-card sa", [] { return ObjectSchema(All(kSas)); }},
      {"display encrypt-card statistic", [] { return ObjectSchema(All(kStatistic)); }},
      {"display encrypt-card details", [] { return ObjectSchema(All(kDetails)); }},
  };
  return kModels;
}

}  // namespace sw::cli
