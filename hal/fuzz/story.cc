#include "hal/fuzz/story.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "hal/recorder/call.h"
#include "hal/recorder/recording_device.h"

namespace sw::hal::fuzz {
namespace {

constexpr SaHandle kNobody = 0x7ffffff1;  // a handle that no engine gave

// Handles of the SAs of a story at one engine; those that were removed stay, as stale ones.
using Handles = std::map<std::uint32_t, SaHandle>;

SaHandle HandleOf(const Handles& handles, std::uint32_t sa) {
  const auto found = handles.find(sa);
  return found == handles.end() ? kNobody : found->second;
}

struct End {
  Verdict verdict = Verdict::kFault;
  Bytes bytes;
};

// A burst through an engine, to its end; shorter than the burst: not all came back.
std::vector<End> Through(CryptoDevice& engine, const Handles& handles, const std::vector<Packet>& packets,
                         const std::function<Time()>& now, Duration patience) {
  std::vector<End> ends(packets.size());
  std::vector<CryptoOp> ops;
  for (std::size_t i = 0; i < packets.size(); ++i) {
    ends[i].bytes = packets[i].bytes;
    CryptoOp& op = ops.emplace_back(packets[i].op);
    op.sa = HandleOf(handles, packets[i].sa);
    op.data = op.size == 0 ? nullptr : ends[i].bytes.data();
    op.context = i;
  }
  std::size_t sent = 0, back = 0;
  for (const Time end = now() + patience; back < ops.size() && now() < end;) {
    sent += engine.Submit(std::span(ops).subspan(sent));
    CryptoOp some[16];
    const std::size_t n = engine.Complete(some);
    for (const CryptoOp& op : std::span(some).first(n)) ends[op.context].verdict = op.verdict;
    back += n;
    if (engine.health() == Health::kDown && n == 0) break;
  }
  if (back < ops.size()) ends.resize(back);
  return ends;
}

std::optional<std::string> Compare(const std::vector<End>& card, const std::vector<End>& right) {
  if (card.size() != right.size()) return fmt::format("{} of {} packets came back", card.size(), right.size());
  for (std::size_t i = 0; i < card.size(); ++i) {
    if (card[i].verdict != right[i].verdict)
      return fmt::format("packet {} of the burst: {}, and {} by software", i, recorder::Name(card[i].verdict),
                         recorder::Name(right[i].verdict));
    if (card[i].verdict == Verdict::kOk && card[i].bytes != right[i].bytes) {
      const auto at = std::ranges::mismatch(card[i].bytes, right[i].bytes).in1 - card[i].bytes.begin();
      return fmt::format("packet {} of the burst: another result, from byte {} on", i, at);
    }
  }
  return std::nullopt;
}

// One step at one engine; what came of its packets.
struct Teller {
  CryptoDevice& engine;
  const std::function<Time()>& now;
  Duration patience;
  Handles handles = {};

  Code Command(const Step& step) {
    if (step.what == Step::What::kRemove) return engine.RemoveSa(HandleOf(handles, step.sa)).code();
    const Result<SaHandle> added = engine.AddSa(step.spec);
    if (added.ok()) handles[step.sa] = *added;
    return added.status().code();
  }
  std::vector<End> Burst(const Step& step) { return Through(engine, handles, step.packets, now, patience); }
};

}  // namespace

std::size_t Packets(const Story& story) {
  std::size_t out = 0;
  for (const Step& step : story) out += step.packets.size();
  return out;
}

std::optional<Difference> Tell(const Story& story, CryptoDevice& card, CryptoDevice& software,
                               const std::function<Time()>& now, Duration patience) {
  Teller to_card{card, now, patience}, to_software{software, now, patience};
  for (std::size_t at = 0; at < story.size(); ++at) {
    const Step& step = story[at];
    if (step.what == Step::What::kBurst) {
      if (const auto text = Compare(to_card.Burst(step), to_software.Burst(step))) return Difference{at, *text};
    } else if (const Code code = to_card.Command(step), right = to_software.Command(step); code != right) {
      return Difference{
          at, fmt::format("{} of an SA: {}, and {} by software", step.what == Step::What::kAdd ? "adding" : "removal",
                          recorder::Name(code), recorder::Name(right))};
    }
    if (card.health() == Health::kDown) return Difference{at, "the card is down"};
  }
  return std::nullopt;
}

Story Minimise(Story story, const std::function<bool(const Story&)>& differs, std::size_t tries) {
  const auto without = [&](std::size_t size, auto leave_out) {
    for (std::size_t part = size / 2; part != 0; part /= 2)
      for (std::size_t at = 0; at < size && tries != 0;) {
        Story less = story;
        const std::size_t left = leave_out(less, at, std::min(part, size - at));
        --tries;
        if (left == size || !differs(less)) {
          at += part;
          continue;
        }
        story = std::move(less);
        size = left;
      }
  };
  without(story.size(), [](Story& less, std::size_t at, std::size_t count) {
    const auto from = less.begin() + static_cast<std::ptrdiff_t>(at);
    less.erase(from, from + static_cast<std::ptrdiff_t>(count));
    return less.size();
  });
  for (std::size_t step = 0; step < story.size(); ++step)
    without(story[step].packets.size(), [step](Story& less, std::size_t at, std::size_t count) {
      std::vector<Packet>& packets = less[step].packets;
      const auto from = packets.begin() + static_cast<std::ptrdiff_t>(at);
      packets.erase(from, from + static_cast<std::ptrdiff_t>(count));
      return packets.size();
    });
  return story;
}

std::string Recording(const Story& story, CryptoDevice& software) {
  std::string out;
  recorder::RecordingDevice recording(software, [&out](std::string_view line) {
    out.append(line);
    out += '\n';
  });
  const std::function<Time()> still = [] { return Time{}; };
  Teller teller{recording, still, std::chrono::seconds(1)};
  for (const Step& step : story) {
    if (step.what == Step::What::kBurst) {
      (void)teller.Burst(step);
    } else {
      (void)teller.Command(step);
    }
  }
  return out;
}

}  // namespace sw::hal::fuzz
