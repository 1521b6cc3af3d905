// The engine's inside, shared by its parts (phase 1, quick mode, informational exchanges, liveness); not for others.
//
// Parts call each other with a reference to an SA; End() is the only call after which that reference is dead.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ipsec/ike/engine.h"
#include "ipsec/ike/exchange.h"
#include "ipsec/ike/vendor.h"

namespace sw::ipsec::ike {

using namespace std::chrono_literals;
// Our choices; the guide names none of them.
inline constexpr Duration kFirstRetransmit = 2s, kLongestRetransmit = 16s;
inline constexpr int kTries = 5;
inline constexpr Duration kHalfOpenLife = 30s;
inline constexpr Duration kQuickMemory = 60s;   // a finished exchange answers repetitions so long
inline constexpr Duration kReplacedLife = 30s;  // a replaced SA serves what is under way
inline constexpr Duration kResponderPatience = 10s;
inline constexpr Duration kCollision = 10s;               // two SAs as near in time as this replace each other not
inline constexpr std::size_t kNonceBytes = 20;            // RFC 2409 section 5: 8 to 256
inline constexpr int kDpdFailures = 3;                    // guide page 147
inline constexpr std::uint8_t kCertificateSignature = 4;  // RFC 2408 section 3.9: X.509 certificate - signature

using PeerKey = std::pair<std::string, Ipv4>;

// A phase 2 negotiation that was made, for the display.
struct ChildRow {
  std::uint32_t connection = 0;
  bool stay_alive = false;
  Spis own, theirs;
  Time expires = Time::Never();
  Ipv4 local;
};
struct PeerState {
  std::vector<std::uint32_t> ready;  // connections, oldest first
  std::vector<ChildRow> children;
  Time heard;
  Ipv4 local;
};

struct Opened {
  SecretBytes plain;
  Payloads payloads;  // views into plain, or into the datagram
};

struct Engine::Impl {
  Impl(Settings s, Services sv) : settings(std::move(s)), services(std::move(sv)) {}

  // An entry point holds one: the last to go runs what was put off.
  class Batch {
   public:
    explicit Batch(Impl& impl) : impl_(impl) { ++impl_.depth; }
    ~Batch();
    Batch(const Batch&) = delete;
    Batch& operator=(const Batch&) = delete;

   private:
    Impl& impl_;
  };

  // core.cc
  Time now() const { return services.now(); }
  const PeerSettings* FindPeer(const std::string& name) const;
  Phase1Sa* Find(std::uint32_t connection);
  Phase1Sa* Find(const Cookies& cookies, Ipv4 remote);
  Phase1Sa& Make(Role role, const Cookies& cookies, Endpoint local, Endpoint remote);
  void Index(Phase1Sa& sa, const Cookies& cookies);  // the other end's cookie is known now
  void Rearm(Phase1Sa& sa);
  void LeaveHalfOpen(const Phase1Sa& sa);  // of a responder: proven, or ended
  // failure: of what is not ready; nullopt: it was wanted so.
  void End(Phase1Sa& sa, const std::string& why, std::optional<Failure> failure = std::nullopt);
  Phase1Sa* Newest(const PeerKey& key);      // the ready SA to use
  Phase1Sa* Connecting(const PeerKey& key);  // our exchange under way
  void Later(std::function<void()> effect) { effects.push_back(std::move(effect)); }
  void Fail(const Wish& wish, const std::string& why);
  void CannotBegin(const Wish& wish, const std::string& why);
  void Dispatch(Endpoint local, Endpoint remote, ByteView message);
  void Tick(Phase1Sa& sa);
  std::uint32_t NewMessageId(const Phase1Sa& sa);
  std::uint64_t NewCookie();

  // messages.cc
  void Transmit(const Phase1Sa& sa, ByteView message);
  void TransmitTo(Endpoint local, Endpoint remote, ByteView message);
  void SendFirst(Phase1Sa& sa, Outstanding& out, Bytes message, bool repeat);
  bool Repeat(Phase1Sa& sa, Outstanding& out);  // false: tried often enough
  Bytes Clear(const Phase1Sa& sa, const ChainWriter& chain) const;
  Bytes Sealed(const Phase1Sa& sa, Exchange exchange, std::uint32_t id, PayloadType first, Bytes body, Bytes& iv) const;
  std::optional<Opened> Open(const Phase1Sa& sa, ByteView message, const Header& header, Bytes& iv) const;
  void Tell(Topic topic, const Phase1Sa& sa, const std::string& text, What what = What::kNote);
  void Tell(Topic topic, Ipv4 local, Ipv4 remote, const std::string& peer, const std::string& text,
            What what = What::kNote);
  void Drop(Phase1Sa& sa, Notification why);
  void CountDrop(Notification why);

  // failures.cc
  void Explain(Phase1Sa& sa, const std::string& text);
  void TellFailed(Phase1Sa& sa, Failure failure, const std::string& detail);
  void TellFailed(Ipv4 local, Ipv4 remote, const std::string& peer, int phase, Failure failure,
                  const std::string& detail);

  // phase1.cc
  bool Begin(const PeerSettings& peer, Endpoint local, Endpoint remote, std::vector<Wish> waiting);
  void Continue(Phase1Sa& sa, const Header& header, ByteView message, Endpoint local, Endpoint remote);
  std::optional<Notification> Take(Phase1Sa& sa, const Payloads& payloads, Endpoint local, Endpoint remote);
  std::optional<Notification> TakeMain2(Phase1Sa& sa, const Payloads& payloads);
  std::optional<Notification> TakeMain3(Phase1Sa& sa, const Payloads& payloads);
  std::optional<Notification> TakeMain4(Phase1Sa& sa, const Payloads& payloads);
  std::optional<Notification> TakeMain5(Phase1Sa& sa, const Payloads& payloads);
  std::optional<Notification> TakeMain6(Phase1Sa& sa, const Payloads& payloads);
  std::optional<Notification> TakeAggressive2(Phase1Sa& sa, const Payloads& payloads);
  std::optional<Notification> TakeAggressive3(Phase1Sa& sa, const Payloads& payloads);
  void Established(Phase1Sa& sa, const Payloads& payloads);

  // phase1_parts.cc
  std::vector<Phase1Proposal> Usable(const std::vector<const PeerSettings*>& peers) const;
  std::optional<Notification> TakeAnswer(Phase1Sa& sa, const Payloads& payloads);
  std::optional<Notification> TakeKey(Phase1Sa& sa, const Payloads& payloads);
  void ChooseDh(Phase1Sa& sa, bool shared);
  bool AgreeKeys(Phase1Sa& sa);
  void AddKey(Phase1Sa& sa, ChainWriter& chain);
  void AddNatDetection(const Phase1Sa& sa, ChainWriter& chain) const;
  void DetectNat(Phase1Sa& sa, const Payloads& payloads);
  void Float(Phase1Sa& sa);
  Bytes OwnIdentity(const Phase1Sa& sa, const PeerSettings& peer) const;

  // phase1_auth.cc
  bool AddAuthentication(Phase1Sa& sa, ChainWriter& chain, bool with_id);
  void AddCertificateRequest(const Phase1Sa& sa, ChainWriter& chain) const;
  std::optional<Notification> Authenticate(Phase1Sa& sa, const Payloads& payloads);
  bool IdentityFits(const Phase1Sa& sa, const PeerSettings& peer, const Identity& id) const;
  std::optional<Notification> CheckSignature(Phase1Sa& sa, const Payloads& payloads, const Identity& id, ByteView hash);

  // openers.cc
  void Opener(const Header& header, ByteView message, Endpoint local, Endpoint remote);
  const PeerSettings* ForWhom(const Header& header, const Payloads& payloads, const Identity* id, Endpoint local,
                              Endpoint remote, ChosenPhase1& chosen);
  Phase1Sa* Admit(const Header& header, const Payloads& payloads, const PeerSettings& peer, const ChosenPhase1& chosen,
                  Endpoint local, Endpoint remote, ByteView message);
  void OpenMain(const Header& header, const Payloads& payloads, Endpoint local, Endpoint remote, ByteView message);
  void OpenAggressive(const Header& header, const Payloads& payloads, Endpoint local, Endpoint remote,
                      ByteView message);
  bool Room(Ipv4 remote);
  void RefuseOpener(const Header& header, Endpoint local, Endpoint remote, Notification why);

  // quick.cc
  void StartQuick(Phase1Sa& sa, Wish wish);
  void ReceiveQuick(Phase1Sa& sa, const Header& header, ByteView message);
  std::optional<Notification> TakeQuick1(Phase1Sa& sa, Quick& quick, const Opened& opened);
  std::optional<Notification> TakeQuick2(Phase1Sa& sa, Quick& quick, const Opened& opened);
  std::optional<Notification> TakeQuick3(Phase1Sa& sa, Quick& quick, const Opened& opened);
  AgreedSas AgreedFrom(const Phase1Sa& sa, const Quick& quick) const;
  void Finish(Phase1Sa& sa, Quick& quick);
  void Abandon(const Quick& quick);  // it will be forgotten as it stands
  Bytes QuickMessage(const Phase1Sa& sa, Quick& quick, const ChainWriter& rest, const SecretBytes& hash) const;
  bool Busy(const Wish& wish) const;

  // informational.cc
  void ReceiveInformational(Phase1Sa& sa, const Header& header, ByteView message);
  void SendInformational(Phase1Sa& sa, PayloadType type, ByteView body);
  void SendNotify(Phase1Sa& sa, Notification type, Protocol protocol, Bytes spi, Bytes data);
  void TakeNotify(Phase1Sa& sa, const Notify& notify);
  bool TakeDelete(Phase1Sa& sa, const Delete& deleted);  // false: it ended the SA
  void SendDelete(Phase1Sa& sa);

  // liveness.cc
  void Alive(Phase1Sa& sa);
  void StartTimers(Phase1Sa& sa);
  bool LivenessTick(Phase1Sa& sa);  // false: the SA has ended
  void AskDpd(Phase1Sa& sa);
  void Probe(Phase1Sa& sa, const DpdSettings& dpd);
  void LosePeer(const PeerKey& key, Ipv4 local, const std::string& why);
  void Rekey(Phase1Sa& sa);

  Settings settings;
  Services services;
  Counters counters;
  std::map<std::uint32_t, std::unique_ptr<Phase1Sa>> sas;  // by connection
  // By cookies; where the responder's is not known yet, also by the other end's address.
  std::map<std::pair<Cookies, Ipv4>, std::uint32_t> by_cookies;
  std::set<std::pair<Time, std::uint32_t>> deadlines;
  std::map<PeerKey, PeerState> peers;
  std::map<PeerKey, std::uint32_t> connecting;
  std::map<Ipv4, std::vector<std::uint32_t>> half_open;  // responder's, oldest first
  std::size_t half_open_count = 0;
  std::map<hal::DhGroup, std::pair<Time, std::shared_ptr<const hal::DhKey>>> shared_dh;
  Time ration_from;  // RSA in aggressive mode
  int ration = 0;
  std::uint32_t last_connection = 0;
  std::deque<std::function<void()>> effects;
  int depth = 0;
};

Failure FailureOf(Notification why);
inline const Payload* One(const Payloads& payloads, PayloadType type) {
  return Find(payloads, type);
}
Bytes CopyOf(ByteView view);
// Everything behind the hash payload up to the last payload's end: what the hashes of phase 2 cover.
ByteView BehindHash(const Opened& opened);
bool HashIs(const Opened& opened, const SecretBytes& expected);
// The body of a message of phase 2: the hash payload, then `rest`.
Bytes HashedBody(const ChainWriter& rest, const SecretBytes& hash);
// The duration of one kind among the attributes that a RESPONDER-LIFETIME notification carries; 0: none.
std::uint32_t NotifiedLife(ByteView attributes, std::uint16_t type_attribute, LifeType kind);

}  // namespace sw::ipsec::ike
