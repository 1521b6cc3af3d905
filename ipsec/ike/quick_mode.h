// One quick mode exchange (RFC 2409 section 5.5): SAs for IPsec, with a Diffie-Hellman exchange of its own when PFS is
// asked for. Owned by the exchanges of its ISAKMP SA (ipsec/ike/quick_modes.h), which say what may begin.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "hal/primitives.h"
#include "ipsec/ike/isakmp_sa.h"
#include "ipsec/ike/message_bodies.h"

namespace sw::ipsec::ike {

class QuickMode {
 public:
  enum class Step : std::uint8_t { kOffered, kAnswered, kDone };
  using Fault = std::optional<Notification>;

  QuickMode(Shared& shared, IsakmpSa& sa, Role role, std::uint32_t message_id);

  bool Offer(Wish wish);  // the initiator's first message. False: there is nothing to offer.
  // The message of this exchange that is due. kInvalidHashInformation: it is not the peer's, and nothing has changed.
  // After any other fault the exchange is over, unless the message was unreadable().
  Fault Take(const Header& header, ByteView message);
  bool SendAgain();         // false: tried often enough
  void AnswerRepetition();  // the same message came again
  void Abandon();           // it will be forgotten as it stands

  bool unreadable() const { return unreadable_; }
  bool Heard(const hal::Sha256Digest& digest) const { return heard_ == digest; }
  void SetHeard(const hal::Sha256Digest& digest) { heard_ = digest; }
  bool offered() const { return role_ == Role::kInitiator && step_ == Step::kOffered; }
  Step step() const { return step_; }
  Role role() const { return role_; }
  std::uint32_t message_id() const { return message_id_; }
  std::uint32_t connection() const { return connection_; }
  const Spis& own() const { return own_; }
  const Wish& wish() const { return wish_; }
  Time next() const { return out_.next; }
  Time forget() const { return forget_; }

 private:
  struct Ids;
  Fault TakeOffer(const Opened& opened);         // message 1
  Fault TakeAnswer(const Opened& opened);        // message 2
  Fault TakeConfirmation(const Opened& opened);  // message 3
  Fault Judge(const Payloads& payloads, const SaOffer& wire_offer, const Ids& ids);
  Fault Answer(const Payloads& payloads, const SaOffer& wire_offer, const Ids& ids);
  Bytes Message(const ChainWriter& rest, const SecretBytes& hash);
  std::pair<SaProtocol, std::uint32_t> inbound() const;  // what names the SAs to their owner
  AgreedSas Agreed() const;
  void Finish();

  Shared& shared_;
  IsakmpSa& sa_;
  const Role role_;
  const std::uint32_t message_id_;
  std::uint32_t connection_ = 0;
  Step step_ = Step::kOffered;
  bool unreadable_ = false;
  Wish wish_;  // the responder's policy and flow are in it, too
  Protection protection_;
  Spis own_, theirs_;
  std::optional<Alternative> chosen_;  // responder
  std::shared_ptr<const hal::DhKey> dh_;
  SecretBytes shared_secret_;
  Bytes nonce_i_, nonce_r_, iv_;
  hal::Sha256Digest heard_{};  // of the last message: the same again is a retransmission
  Outstanding out_;
  Time forget_ = Time::Never();
};

}  // namespace sw::ipsec::ike
