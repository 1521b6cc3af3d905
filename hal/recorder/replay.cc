#include "hal/recorder/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sw::hal::recorder {

void Replay::Differs(std::string what) {
  ++report_.differences;
  if (report_.first.size() < kMostSaid) report_.first.push_back(std::move(what));
}

void Replay::Do(const Call& call) {
  ++report_.calls;
  std::visit([this](const auto& c) { On(c); }, call);
}

SaHandle Replay::Unknown() const {
  SaHandle out = ~SaHandle{0};
  while (std::ranges::any_of(sas_, [out](const auto& sa) { return sa.second == out; })) --out;
  return out;
}

void Replay::On(const SaAsked& asked) {
  if (asked.dry_run) {
    const Code code = engine_.Validate(asked.spec).code();
    if (code != asked.code)
      Differs(fmt::format("call {}: validate gives {}, {} was recorded", report_.calls, Name(code), Name(asked.code)));
    return;
  }
  const Result<SaHandle> added = engine_.AddSa(asked.spec);
  const Code code = added.status().code();
  if (code != asked.code)
    Differs(fmt::format("call {}: add gives {}, {} was recorded", report_.calls, Name(code), Name(asked.code)));
  if (!added.ok()) return;
  if (asked.code != Code::kOk || sas_.contains(asked.sa)) {
    (void)engine_.RemoveSa(*added);  // nothing in the recording can mean it
  } else {
    sas_[asked.sa] = *added;
  }
}

void Replay::On(const SaRemoved& removed) {
  const auto sa = sas_.find(removed.sa);
  const SaHandle handle = sa == sas_.end() ? Unknown() : sa->second;
  // The recorded engine may have been done where this one is not.
  if (removed.code == Code::kOk) WaitFor([this] { return with_engine_ == 0; });
  const Code code = engine_.RemoveSa(handle).code();
  const bool still_used = removed.code == Code::kInUse && code == Code::kOk;  // and here it was collected already
  if (code != removed.code && !still_used)
    Differs(fmt::format("call {}: remove gives {}, {} was recorded", report_.calls, Name(code), Name(removed.code)));
  if (code == Code::kOk && sa != sas_.end()) sas_.erase(sa);
}

void Replay::On(const Submitted& submitted) {
  const auto [place, fresh] = operations_.try_emplace(submitted.number);
  if (!fresh) return Differs(fmt::format("operation {} is submitted twice", submitted.number));
  ++report_.operations;
  Operation& operation = place->second;
  operation.call = submitted;
  CryptoOp op = submitted.op;
  const auto sa = sas_.find(op.sa);
  op.sa = sa == sas_.end() ? Unknown() : sa->second;
  op.data = submitted.absent ? nullptr : operation.call.packet.data();
  op.context = submitted.number;
  bool taken = false;
  WaitFor([&] { return taken = taken || engine_.Submit({&op, 1}) == 1; });
  if (taken) {
    ++with_engine_;
    return;
  }
  operation.done = true;
  Compare(submitted.number);
}

void Replay::On(const Completed& completed) {
  const auto operation = operations_.find(completed.number);
  if (operation == operations_.end() || operation->second.recorded)
    return Differs(fmt::format("operation {} is completed without being submitted", completed.number));
  operation->second.recorded = completed;
  Collect();
  Compare(completed.number);
}

void Replay::Collect() {
  std::array<CryptoOp, 32> some;
  const std::size_t count = engine_.Complete(some);
  for (const CryptoOp& op : std::span(some).first(count)) {
    const auto operation = operations_.find(op.context);
    if (operation == operations_.end() || operation->second.done) {
      Differs(fmt::format("operation {} is completed twice by the engine", op.context));
      continue;
    }
    --with_engine_;
    operation->second.done = true;
    operation->second.verdict = op.verdict;
    Compare(op.context);
  }
}

void Replay::WaitFor(const std::function<bool()>& enough) {
  const Time end = now_() + patience_;
  while (!enough() && now_() < end) Collect();
}

// When both ends of it are known, and once.
void Replay::Compare(std::uint64_t number) {
  const auto place = operations_.find(number);
  if (place == operations_.end()) return;
  const Operation& operation = place->second;
  if (!operation.done || !operation.recorded) return;
  const Completed& recorded = *operation.recorded;
  if (recorded.verdict != Verdict::kFault) {
    ++report_.compared;
    if (operation.verdict != recorded.verdict) {
      Differs(
          fmt::format("operation {}: {}, {} was recorded", number, Name(operation.verdict), Name(recorded.verdict)));
    } else if (operation.verdict == Verdict::kOk && operation.call.packet != recorded.packet) {
      Differs(fmt::format("operation {}: another result", number));
    }
  }
  operations_.erase(place);
}

const ReplayReport& Replay::Finish() {
  WaitFor([this] { return with_engine_ == 0; });
  for (const auto& [number, operation] : operations_)
    if (!operation.done) Differs(fmt::format("operation {}: the engine does not complete it", number));
  return report_;
}

Result<ReplayReport> ReplayText(std::istream& in, Replay& replay) {
  std::string line(kMostLine + 2, '\0');
  for (std::uint64_t number = 1; in.getline(line.data(), static_cast<std::streamsize>(line.size())); ++number) {
    const std::string_view text(line.data());
    if (number == 1) {
      if (text != kFirstLine) return Status(Code::kBadValue, "line 1: this is no recording of this version");
      continue;
    }
    if (text.empty() || text[0] == '#') continue;
    const Result<Call> call = ParseCall(text);
    if (!call.ok()) return Status(Code::kBadValue, fmt::format("line {}: {}", number, call.why()));
    replay.Do(*call);
  }
  if (!in.eof()) return Status(Code::kBadValue, "a line is longer than any call");
  return replay.Finish();
}

}  // namespace sw::hal::recorder
