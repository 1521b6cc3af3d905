#include "hal/pcie/pcie_device.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace sw::hal::pcie {
namespace {

constexpr std::size_t kCommands = 64;  // SA commands that the card has not taken yet
constexpr std::string_view kStatusNames[] = {"done",       "ICV wrong", "ranges impossible",
                                             "no such SA", "refused",   "failed"};
constexpr Verdict kVerdicts[] = {Verdict::kOk,   Verdict::kBadIcv, Verdict::kBadShape,
                                 Verdict::kNoSa, Verdict::kFault,  Verdict::kFault};

// A card that listens stops reaching for memory; one that does not has only our bounce memory.
bool Listens(Trouble trouble) {
  return trouble != Trouble::kAbsent && trouble != Trouble::kWrongCard && trouble != Trouble::kGone;
}

// The system may be waiting for this process to let it go.
bool IsToBeLetGo(Trouble trouble) {
  return trouble == Trouble::kAbsent || trouble == Trouble::kGone || trouble == Trouble::kRemoved;
}

}  // namespace

PcieDevice::PcieDevice(Transport& transport, std::function<Time()> now, DriverOptions options, MakeMap map)
    : transport_(transport),
      map_(map(transport)),
      now_(std::move(now)),
      options_(options),
      bring_up_(transport, *map_, options.bring_up) {
  capabilities_.engine = "card (not identified)";
}

PcieDevice::PcieDevice(std::unique_ptr<Transport> transport, std::function<Time()> now, DriverOptions options,
                       MakeMap map)
    : PcieDevice(*transport, std::move(now), options, map) {
  owned_ = std::move(transport);
}

PcieDevice::~PcieDevice() {
  if (running()) map_->Reset();
}

std::string PcieDevice::trouble_text() const {
  const std::string sentence(Text(trouble_).sentence);
  return detail_.empty() ? sentence : sentence + " (" + detail_ + ")";
}

void PcieDevice::SayState() {
  trace_.Say(TraceTopic::kMisc, "the card's state is {}", stage());
}

void PcieDevice::Restart() {
  if (!failed()) return;
  ladder_.Climb(transport_);
  bring_up_.Begin();
  SayState();
}

void PcieDevice::Fail(Trouble trouble, std::string detail) {
  if (failed()) return;
  bring_up_.Stop();
  trouble_ = trouble;
  detail_ = std::move(detail);
  ++counters_.troubles[static_cast<std::size_t>(trouble)];
  trace_.Say(TraceTopic::kError, "{}: {}", Text(trouble).name, trouble_text());
  if (Listens(trouble)) map_->Reset();
  if (IsToBeLetGo(trouble)) transport_.Release();
  for (const std::uint16_t tag : in_flight_.Busy()) {
    if (!in_flight_.command(tag)) ++counters_.faulted;
    memory_.Free(in_flight_.at(tag).pages);
    in_flight_.Finish(tag, Verdict::kFault);
  }
  memory_.WipeAllKeys();
  sas_ = HandleTable<Sa>(sas_.size());
}

void PcieDevice::Poll() {
  if (running()) return PollRunning();
  if (failed()) return PollFailed();
  PollBringUp();
}

void PcieDevice::PollFailed() {
  const Time now = now_();
  if (now < next_health_) return;
  next_health_ = now + options_.health_interval;
  const BusEvent event = transport_.Event();
  if (event == BusEvent::kLeaves) transport_.Release();
  if (event == BusEvent::kArrives) arrived_ = true;
}

void PcieDevice::PollBringUp() {
  const BringUp before = state();
  const Time now = now_();
  switch (bring_up_.Poll(now)) {
    case BringUpMachine::Step::kWait:
      break;
    case BringUpMachine::Step::kIdentified:
      if (!LayOut()) return Fail(Trouble::kNoMemory);
      bring_up_.Reset(now);
      break;
    case BringUpMachine::Step::kTested:
      MakeQueues();
      bring_up_.Enable(now);
      break;
    case BringUpMachine::Step::kRuns:
      trouble_ = Trouble::kNone;
      detail_.clear();
      ladder_.Works();
      next_health_ = now + options_.health_interval;
      break;
    case BringUpMachine::Step::kFailed:
      return FailBringUp();
  }
  if (state() != before) SayState();
}

void PcieDevice::FailBringUp() {
  const Trouble trouble = ladder_.Failed(bring_up_.trouble());
  const bool same = trouble == bring_up_.trouble();
  Fail(trouble, same ? bring_up_.detail() : std::string(Text(bring_up_.trouble()).sentence));
}

bool PcieDevice::LayOut() {
  const CardShape& shape = bring_up_.shape();
  const std::size_t depth = std::min<std::size_t>({shape.depth, options_.depth, kMostDepth});
  capabilities_ = {};
  capabilities_.engine = shape.engine;
  capabilities_.transforms = shape.transforms;
  // The table is the card's: handle % its size is an SA's place, so only its use can be limited here.
  capabilities_.max_sas = std::min(shape.sas, options_.max_sas);
  capabilities_.max_burst = depth;
  sas_ = HandleTable<Sa>(shape.sas);
  queue_count_ = std::min(shape.queues, options_.queues);
  entries_ = static_cast<std::uint32_t>(std::bit_ceil(2 * (depth + kCommands)));
  queues_.clear();
  if (!memory_.LayOut(transport_, queue_count_ * map_->QueueBytes(entries_), depth, kCommands).ok()) return false;
  in_flight_.Start(depth, kCommands);
  return true;
}

void PcieDevice::MakeQueues() {
  const std::size_t bytes = map_->QueueBytes(entries_);
  for (std::uint32_t i = 0; i < queue_count_; ++i)
    queues_.push_back(map_->MakeQueue(i, entries_, memory_.Front(i * bytes, bytes)));
}

// False: the card is out of service now.
bool PcieDevice::LookForTheLate(Time now) {
  next_scan_ = now + options_.scan_interval;
  const auto late = [&] { return in_flight_.AnyOlderThan(options_.operation_deadline, now); };
  if (!late()) return true;
  const Condition card = map_->Look();  // a card that says what it has is not just late
  Reap();                               // and what arrived meanwhile is not late at all
  if (!running()) return false;
  const bool well = !card.gone && card.state == CardState::kRunning;
  if (!well) next_health_ = now;
  if (well && late()) Fail(Trouble::kHung, fmt::format("{} operations in flight", in_flight_.unanswered()));
  return running();
}

void PcieDevice::PollRunning() {
  Reap();
  const Time now = now_();
  if (!running()) return;
  if (now >= next_scan_ && !LookForTheLate(now)) return;
  if (now < next_health_) return;
  next_health_ = now + options_.health_interval;
  const BusEvent event = transport_.Event();
  if (event == BusEvent::kLeaves) return Fail(Trouble::kRemoved);
  const Condition card = map_->Look();
  if (event == BusEvent::kError && !card.gone) return Fail(Trouble::kBusError);
  if (card.gone) return Fail(Trouble::kGone);
  if (card.state == CardState::kFault) return Fail(Trouble::kFaultState, std::string(card.fault));
  if (card.state != CardState::kRunning || map_->Generation() != bring_up_.generation()) Fail(Trouble::kResetItself);
}

CardReading PcieDevice::Read() {
  return failed() || state() == BringUp::kIdentify ? CardReading{} : map_->Read();
}

Status PcieDevice::Validate(const SaSpec& spec) const {
  if (!running()) return {Code::kDevice, "the card is not running"};
  const auto matches = [&spec](const Capability& c) {
    return c.cipher == spec.cipher && c.integrity == spec.integrity;
  };
  if (std::ranges::none_of(capabilities_.transforms, matches))
    return {Code::kUnsupported, "the card does not offer this transform"};
  if (spec.cipher_key.size() != Info(spec.cipher).key_bytes ||
      spec.integrity_key.size() != Info(spec.integrity).key_bytes ||
      spec.cipher_key.size() + spec.integrity_key.size() > PacketMemory::kKeyBytes) {
    return {Code::kBadValue, "a key has the wrong size"};
  }
  if (sas_.count() >= capabilities_.max_sas) return {Code::kBusy, "the card's SA table is full"};
  return {};
}

Result<SaHandle> PcieDevice::AddSa(const SaSpec& spec) {
  Poll();
  if (Status status = Validate(spec); !status.ok()) return status;
  if (in_flight_.commands_full()) return Status(Code::kBusy, "the card has not taken earlier SA commands yet");
  const SaHandle handle =
      sas_.Add({spec.direction, static_cast<std::uint32_t>(Info(spec.integrity).icv_bytes), 0, 0, 0});
  const std::uint32_t queue = QueueOf(handle);
  const std::uint16_t tag = in_flight_.TakeCommand(handle, queue, now_());
  queues_[queue]->AddSa(tag, handle, spec, memory_.PutKeys(in_flight_.command_number(tag), spec));
  queues_[queue]->Ring();
  trace_.Say(TraceTopic::kCommand, "add SA {}: {} {}, {}; ring {}, index {}", handle,
             spec.direction == Direction::kSeal ? "seal" : "open", Info(spec.cipher).name, Info(spec.integrity).name,
             queue, tag);
  return handle;
}

Status PcieDevice::RemoveSa(SaHandle handle) {
  Poll();
  const Sa* sa = sas_.Find(handle);
  if (sa == nullptr) return {Code::kNotFound, "no such SA"};
  if (sa->in_flight != 0) return {Code::kInUse, "operations of this SA are not collected yet"};
  if (in_flight_.commands_full()) return {Code::kBusy, "the card has not taken earlier SA commands yet"};
  const std::uint32_t queue = QueueOf(handle);
  const std::uint16_t tag = in_flight_.TakeCommand(handle, queue, now_());
  queues_[queue]->RemoveSa(tag, handle);
  queues_[queue]->Ring();
  trace_.Say(TraceTopic::kCommand, "remove SA {}; ring {}, index {}", handle, queue, tag);
  sas_.Remove(handle);
  return {};
}

std::size_t PcieDevice::Submit(std::span<const CryptoOp> burst) {
  Poll();
  if (!running()) return 0;
  const Time now = now_();
  std::size_t taken = 0;
  for (const CryptoOp& op : burst) {
    if (in_flight_.full() || !memory_.HasRoomFor(op.size)) break;
    const std::uint32_t queue = QueueOf(op.sa);
    const std::uint16_t number = in_flight_.TakePacket(op, queue, now);
    InFlight::Tag& tag = in_flight_.at(number);
    if (Sa* sa = sas_.Find(op.sa)) {
      ++sa->in_flight;
      tag.sequence = sa->submitted++;
    }
    queues_[queue]->Packet(number, op, memory_.Place(op, number, tag.pages));
    ++taken;
    counters_.bytes += op.size;
    trace_.Say(TraceTopic::kPacket, "SA {}: {} bytes to the card; ring {}, index {}", op.sa, op.size, queue, number);
  }
  counters_.submitted += taken;
  Ring();
  return taken;
}

void PcieDevice::Ring() {
  for (const auto& queue : queues_) queue->Ring();
}

std::size_t PcieDevice::Complete(std::span<CryptoOp> done) {
  Poll();
  return in_flight_.Collect(done, [this](const CryptoOp& op) {
    if (Sa* sa = sas_.Find(op.sa); sa != nullptr && sa->in_flight != 0) --sa->in_flight;
  });
}

void PcieDevice::Reap() {
  Answer answer;
  for (std::uint32_t i = 0; i < queues_.size(); ++i) {
    for (std::uint32_t seen = 0; seen < entries_ && queues_[i]->Next(answer); ++seen) {
      const Trouble trouble = Doubt(i, answer);
      if (trouble != Trouble::kNone) return Fail(trouble, Explain(trouble, answer));
      Believe(answer);
    }
    queues_[i]->Acknowledge();
  }
}

Trouble PcieDevice::Doubt(std::uint32_t queue, const Answer& answer) {
  if (answer.generation != bring_up_.generation()) return Trouble::kResetItself;
  if (!in_flight_.known(answer.tag)) return Trouble::kBadIndex;
  const InFlight::Tag& tag = in_flight_.at(answer.tag);
  if (!tag.busy) return Trouble::kCompletedTwice;
  if (tag.queue != queue || tag.op.sa != answer.sa) return Trouble::kBadIndex;
  const CompletionStatus status = answer.status;
  if (in_flight_.command(answer.tag)) return status == CompletionStatus::kOk ? Trouble::kNone : Trouble::kSaRefused;
  const Sa* sa = sas_.Find(answer.sa);
  if (sa != nullptr && tag.sequence != sa->completed) return Trouble::kOutOfOrder;
  const bool possible =
      status == CompletionStatus::kBadShape ||
      (sa == nullptr ? status == CompletionStatus::kNoSa
                     : status == CompletionStatus::kOk || status == CompletionStatus::kFault ||
                           (status == CompletionStatus::kBadIcv && sa->direction == Direction::kOpen));
  if (!possible) return Trouble::kBadCompletion;
  return status == CompletionStatus::kFault ? Trouble::kOperationFailed : Trouble::kNone;
}

// What the operator reads beside the sentence of what Doubt found.
std::string PcieDevice::Explain(Trouble trouble, const Answer& answer) {
  switch (trouble) {
    case Trouble::kResetItself:
      return "a completion of another generation";
    case Trouble::kCompletedTwice:
      return fmt::format("index {}", answer.tag);
    case Trouble::kBadIndex:
      return in_flight_.known(answer.tag) ? fmt::format("index {} of SA {}", answer.tag, answer.sa)
                                          : fmt::format("index {}", answer.tag);
    case Trouble::kOutOfOrder:
      return fmt::format("SA {}: {} before {}", answer.sa, in_flight_.at(answer.tag).sequence,
                         sas_.Find(answer.sa)->completed);
    case Trouble::kSaRefused:
    case Trouble::kBadCompletion:
      return fmt::format("status {}", static_cast<int>(answer.status));
    default:
      return {};
  }
}

void PcieDevice::Believe(const Answer& answer) {
  InFlight::Tag& tag = in_flight_.at(answer.tag);
  if (in_flight_.command(answer.tag)) {
    trace_.Say(TraceTopic::kCommand, "SA {}: command {} is done", answer.sa, answer.tag);
    memory_.WipeKeys(in_flight_.command_number(answer.tag));
    return in_flight_.Finish(answer.tag, Verdict::kOk);
  }
  Sa* sa = sas_.Find(answer.sa);
  if (sa != nullptr) ++sa->completed;
  ++counters_.completed;
  if (answer.status == CompletionStatus::kOk) {
    // The card checked the ranges; this side does not take its word for where to write.
    memory_.TakeBack(tag.op, answer.tag, tag.pages, tag.op.cipher_offset, tag.op.cipher_length);
    if (sa->direction == Direction::kSeal)
      memory_.TakeBack(tag.op, answer.tag, tag.pages, tag.op.icv_offset, sa->icv_bytes);
  }
  trace_.Say(TraceTopic::kPacket, "SA {}: index {} is back: {}", tag.op.sa, answer.tag,
             kStatusNames[static_cast<std::size_t>(answer.status)]);
  memory_.Free(tag.pages);
  in_flight_.Finish(answer.tag, kVerdicts[static_cast<std::size_t>(answer.status)]);
}

}  // namespace sw::hal::pcie
