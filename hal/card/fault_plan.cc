#include "hal/card/fault_plan.h"

#include <charconv>
#include <limits>

namespace sw::hal::card {
namespace {

constexpr std::uint64_t kForever = std::numeric_limits<std::uint64_t>::max();

constexpr FaultWord kWords[] = {
    {FaultKind::kFail, "fail", 1, true, false, "goes into the fault state"},
    {FaultKind::kStuck, "stuck", 1, true, false, "its rings stop, its registers go on"},
    {FaultKind::kCorrupt, "corrupt", kForever, false, false, "one byte of every result is wrong"},
    {FaultKind::kDrop, "drop", 1, false, false, "a completion is never written"},
    {FaultKind::kDouble, "double", 1, false, false, "a completion is written twice"},
    {FaultKind::kReorder, "reorder", 1, false, false, "a packet completes after its successor"},
    {FaultKind::kBadIndex, "bad-index", 1, false, false, "a completion names a packet that does not exist"},
    {FaultKind::kSelfTest, "self-test", 1, false, false, "the next self test fails"},
    {FaultKind::kReset, "reset", 1, true, false, "it resets itself"},
    {FaultKind::kDisappear, "disappear", 1, true, false, "it is gone until it is plugged in again"},
    {FaultKind::kSlow, "slow", kForever, false, true, "every packet takes MILLISECONDS"},
    {FaultKind::kOverheat, "overheat", 1, true, false, "it passes its temperature limit"},
    {FaultKind::kUnplug, "unplug", 1, true, true, "it asks to be let go, and is back after MILLISECONDS"},
};

template <typename T>
bool TakeNumber(std::string_view& rest, T& out) {
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), out);
  if (error != std::errc() || out == 0) return false;
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  return true;
}

Result<Fault> ParseFault(std::string_view text) {
  const auto wrong = [text](std::string_view why) {
    return Status(Code::kBadValue, "fault '" + std::string(text) + "': " + std::string(why));
  };
  const FaultWord* word = nullptr;
  for (const FaultWord& w : kWords)
    if (text.substr(0, w.name.size()) == w.name && (word == nullptr || w.name.size() > word->name.size())) word = &w;
  if (word == nullptr) return wrong("no such fault");
  Fault fault{word->kind, 1, word->count, 0};
  std::string_view rest = text.substr(word->name.size());
  if (!rest.empty() && rest[0] == '@') {
    rest.remove_prefix(1);
    if (!TakeNumber(rest, fault.after)) return wrong("a number of packets from 1 on comes after '@'");
  }
  if (!rest.empty() && rest[0] == 'x' && !word->once) {
    rest.remove_prefix(1);
    if (!TakeNumber(rest, fault.count)) return wrong("a count from 1 on comes after 'x'");
  }
  if (!rest.empty() && rest[0] == '=' && word->takes_time) {
    rest.remove_prefix(1);
    if (!TakeNumber(rest, fault.milliseconds) || fault.milliseconds > 60000)
      return wrong("milliseconds from 1 to 60000 come after '='");
  }
  if (word->takes_time && fault.milliseconds == 0) return wrong("'=' and milliseconds are missing");
  if (!rest.empty()) return wrong("'" + std::string(rest) + "' does not belong there");
  return fault;
}

}  // namespace

std::span<const FaultWord> FaultWords() {
  return kWords;
}

std::string_view Name(FaultKind kind) {
  for (const FaultWord& word : kWords)
    if (word.kind == kind) return word.name;
  return "";
}

Result<FaultPlan> ParseFaultPlan(std::string_view text) {
  FaultPlan plan;
  if (text.size() > kMostPlanBytes) return Status(Code::kBadValue, "fault plan: longer than 255 bytes");
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    Result<Fault> fault = ParseFault(text.substr(0, comma));
    if (!fault.ok()) return fault.status();
    plan.push_back(*fault);
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
    if (text.empty()) return Status(Code::kBadValue, "fault plan: a fault is missing after the last ','");
  }
  return plan;
}

}  // namespace sw::hal::card
