#include "cli/service/take_over.h"

#include <fmt/format.h>

#include <utility>

#include "hal/base/state.h"

namespace sw::cli {
namespace {

constexpr std::uint64_t kMark = 0x7377383830306e78;
constexpr std::size_t kAtATime = 100;  // descriptors; the kernel takes 253 in one message
// Of the successor for every answer: the predecessor has everything at hand.
constexpr Duration kAnswer = std::chrono::seconds(10);

Status Sent(TakeOverChannel& channel, TakeOverWord word) {
  return channel.Send({.word = word});
}

Status HandedOver(TakeOverChannel& channel, TakenOver taken) {
  TakeOverMessage some{.word = TakeOverWord::kDescriptors};
  for (auto& [name, descriptor] : taken.open) {
    some.open.emplace(name, std::move(descriptor));
    if (some.open.size() == kAtATime) SW_TRY(channel.Send(std::exchange(some, {.word = TakeOverWord::kDescriptors})));
  }
  SW_TRY(channel.Send(std::move(some)));
  return channel.Send({.word = TakeOverWord::kState, .state = EncodeSaved(taken.saved)});
}

Status Unexpected(const TakeOverMessage& message) {
  if (message.word == TakeOverWord::kFailed || message.word == TakeOverWord::kRefused)
    return {Code::kDenied, message.text};
  return {Code::kBadValue, fmt::format("message {} out of turn", static_cast<int>(message.word))};
}

}  // namespace

SecretBytes EncodeSaved(device::SavedParts& parts) {
  StateWriter state(Time{});
  std::uint64_t mark = kMark;
  std::uint32_t form = kTakeOverForm;
  state(mark, form, parts);
  return state.Take();
}

Result<device::SavedParts> DecodeSaved(ByteView bytes) {
  StateReader state(bytes, Time{});
  std::uint64_t mark = 0;
  std::uint32_t form = 0;
  device::SavedParts parts;
  if (bytes.size() > kMostSavedBytes) return {Code::kBadValue, "the saved state is too long"};
  state(mark, form);
  if (!state.ok() || mark != kMark || form != kTakeOverForm)
    return {Code::kUnsupported, fmt::format("the saved state is not of form {}", kTakeOverForm)};
  state(parts);
  if (!state.done()) return {Code::kBadValue, "the saved state is not whole"};
  return parts;
}

bool Agree(TakeOverChannel& channel, const Predecessor& device, const TakeOverMessage& ask) {
  Status may = device.MayBeTakenOver(ask.text);
  if (may.ok() && ask.form != kTakeOverForm)
    may = {Code::kUnsupported, fmt::format("form {} is asked for, this one has form {}", ask.form, kTakeOverForm)};
  if (may.ok()) return Sent(channel, TakeOverWord::kAgreed).ok();
  const bool form = may.code() == Code::kUnsupported;
  (void)channel.Send({.word = TakeOverWord::kRefused, .form = form ? kTakeOverForm : 0, .text = may.why()});
  return false;
}

bool HandOver(TakeOverChannel& channel, Predecessor& device, const std::function<Time()>& now) {
  const Time end = now() + kTakeOverPatience;
  Status done = HandedOver(channel, device.Hold());
  if (done.ok()) {
    Result<TakeOverMessage> answer = channel.Receive(std::max(Duration{}, end - now()));
    done = answer.status();
    if (done.code() == Code::kBusy) done = {Code::kBusy, "it does not answer for itself"};
    if (done.ok() && answer->word != TakeOverWord::kAlive) done = Unexpected(*answer);
  }
  if (done.ok()) done = Sent(channel, TakeOverWord::kGo);
  if (done.ok()) return true;
  device.GoOn(done.why());
  return false;
}

Status AskToTakeOver(TakeOverChannel& channel, const std::string& database) {
  SW_TRY(channel.Send({.word = TakeOverWord::kAsk, .form = kTakeOverForm, .text = database}));
  const Result<TakeOverMessage> answer = channel.Receive(kAnswer);
  if (!answer.ok()) return {Code::kUnsupported, "it does not know how: " + answer.why()};
  if (answer->word == TakeOverWord::kAgreed) return {};
  if (answer->word == TakeOverWord::kRefused && answer->form != 0) return {Code::kUnsupported, answer->text};
  return Unexpected(*answer);
}

Result<TakenOver> TakeNow(TakeOverChannel& channel) {
  SW_TRY(Sent(channel, TakeOverWord::kNow));
  TakenOver out;
  while (true) {
    Result<TakeOverMessage> message = channel.Receive(kAnswer);
    if (!message.ok()) return message.status();
    if (message->word == TakeOverWord::kDescriptors) {
      out.open.merge(message->open);
    } else if (message->word == TakeOverWord::kState) {
      Result<device::SavedParts> saved = DecodeSaved(message->state.view());
      if (!saved.ok()) {
        (void)channel.Send({.word = TakeOverWord::kFailed, .text = saved.why()});
        return saved.status();
      }
      out.saved = std::move(*saved);
      return out;
    } else {
      return Unexpected(*message);
    }
  }
}

Status GoOrLeave(TakeOverChannel& channel) {
  SW_TRY(Sent(channel, TakeOverWord::kAlive));
  const Result<TakeOverMessage> answer = channel.Receive(kTakeOverPatience);
  if (!answer.ok()) return answer.status();
  return answer->word == TakeOverWord::kGo ? Status() : Unexpected(*answer);
}

}  // namespace sw::cli
