// Sealed control messages of one association and one generation of keys: counters, replay window, reasons.
//
// Each direction has its own keys and counts its messages from 1; the receiver takes each counter once, out of order by
// up to 63. Header and clear part are authenticated with the body. A message that is refused changes nothing.
#pragma once

#include <cstdint>

#include "dvpn/drop.h"
#include "dvpn/keying.h"
#include "dvpn/wire.h"

namespace sw::dvpn {

class ReplayWindow {
 public:
  enum class Check : std::uint8_t { kNew, kSeen, kOld };
  Check Look(std::uint32_t counter) const;
  void Take(std::uint32_t counter);
  std::uint32_t highest() const { return highest_; }
  template <typename State>
  void Fields(State& state) {
    state(highest_, seen_);
  }

 private:
  std::uint32_t highest_ = 0;
  std::uint64_t seen_ = 0;  // bit n: highest_ - n was taken
};

class ControlChannel {
 public:
  // `forward`: this end sends with keys.forward.
  ControlChannel(const hal::Suite& suite, ChannelKeys keys, bool forward);
  explicit ControlChannel(const hal::Suite& suite) : suite_(&suite), id_(0) {}  // for Fields() to fill

  // How far a channel has counted, without its keys: another one with the same keys can go on from there.
  struct Counters {
    std::uint32_t sent = 0;
    ReplayWindow window;
    template <typename State>
    void Fields(State& state) {
      state.Counter(sent);
      window.Fields(state);
    }
  };
  Counters counters() const { return {sent_, window_}; }
  void GoOn(const Counters& from) {
    sent_ = from.sent;
    window_ = from.window;
  }

  template <typename State>
  void Fields(State& state) {
    state(id_, send_.cipher, send_.integrity, receive_.cipher, receive_.integrity);
    state.Counter(sent_);
    window_.Fields(state);
    const auto fit = [this](const hal::SealKeys& keys) {
      return keys.cipher.size() == hal::Info(suite_->cipher).key_bytes &&
             keys.integrity.size() == hal::Info(suite_->integrity).key_bytes;
    };
    if (!fit(send_) || !fit(receive_)) state.Refuse();
  }

  std::uint64_t id() const { return id_; }
  bool spent() const { return sent_ == ~std::uint32_t{0}; }

  // A whole datagram; empty when the counter is used up. `clear` goes in front of the sealed part.
  Bytes Seal(wire::Type type, ByteView clear, ByteView plain, Random& random) {
    return SealUnder(id_, type, clear, plain, random);
  }
  // The same, with another name in the header: KEX-RSP, whose receiver cannot know the channel yet.
  Bytes SealUnder(std::uint64_t name, wire::Type type, ByteView clear, ByteView plain, Random& random);

  struct Opened {
    Drop drop = Drop::kForged;
    bool ok = false;
    bool newest = false;  // no message with a higher counter came before
    SecretBytes plain;
  };
  // `clear_bytes`: how much of the body is not sealed.
  Opened Open(const wire::Frame& frame, std::size_t clear_bytes = 0);

 private:
  const hal::Suite* suite_;
  std::uint64_t id_;
  hal::SealKeys send_, receive_;
  std::uint32_t sent_ = 0;
  ReplayWindow window_;
};

}  // namespace sw::dvpn
