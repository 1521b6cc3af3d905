// The keys of one session: the setup channel, the generation that is in use, and the one before it, which receives for
// kLinger more. Installs and removes SAs, and tells the index and the data-path workers of them.
#pragma once

#include <optional>

#include "dvpn/generation.h"
#include "dvpn/session_context.h"
#include "dvpn/session_index.h"

namespace sw::dvpn {

class SessionKeys {
 public:
  // `owner` is whom the index names. The setup channel goes on counting where the last session of the same pair
  // stopped, so that its messages stay replays.
  SessionKeys(SessionContext& context, SessionIndex& index, Session& owner);
  ~SessionKeys();
  SessionKeys(const SessionKeys&) = delete;
  SessionKeys& operator=(const SessionKeys&) = delete;

  ControlChannel& base() { return base_; }
  const ControlChannel& base() const { return base_; }
  std::optional<Generation>& current() { return current_; }
  const std::optional<Generation>& current() const { return current_; }
  std::optional<Generation>& retiring() { return retiring_; }
  ControlChannel* Find(std::uint64_t channel);  // nullptr: none of these three

  // What an exchange agreed upon. The views live as long as the call.
  struct Agreement {
    const SecretBytes& dh;
    bool initiator;
    std::uint32_t inbound_spi, outbound_spi;
    ByteView initiator_nonce, responder_nonce;
    hal::Sha256Digest transcript;
  };
  // Both SAs installed, the inbound one known to index and workers; nullopt: not possible, and said why.
  std::optional<Generation> Make(const Agreement& agreed);
  // `made` is what sends from here on. `active`: this end began the exchange, and will begin the next one.
  void Promote(Generation made, bool active);
  void Discard(std::optional<Generation>& gone);
  void OnTimer();  // the retiring generation goes when its time is over

  template <typename State>
  void Fields(State& state);
  // One generation, with its SAs; what is read is known to index and workers.
  template <typename State>
  void Fields(State& state, std::optional<Generation>& generation);

  // What the current generation protects, as `display dvpn ipsec-sa` has it.
  void AppendSas(Time now, Endpoint peer, std::vector<IpsecSaInfo>& out) const;

  void Describe(SessionInfo& out) const;  // suites, age, bytes, weakness

  bool active() const { return active_; }
  Time rekey_at() const { return rekey_at_; }
  Time deadline() const { return retiring_ ? retire_at_ : Time::Never(); }

 private:
  SessionContext& context_;
  SessionIndex& index_;
  Session& owner_;
  ControlChannel base_;
  std::optional<Generation> current_, retiring_;
  Time retire_at_, rekey_at_ = Time::Never();
  bool active_ = false;
};

}  // namespace sw::dvpn
