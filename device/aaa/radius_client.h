// Asks RADIUS servers and never waits for them: requests go out by a UDP port, answers and silence come back as events.
//
// Of a scheme's two servers the primary is asked while it is active and not quiet. A server that leaves `retry`
// transmissions unanswered, each for `timer response-timeout`, is quiet for `timer quiet` minutes: whatever waits for
// it goes to the other one at once. When none is left the request ends without an answer. (Order and quiet timer:
// Switch 8800 guide pages 248-249 and siblings.) Answers that are malformed or forged are counted and change nothing, and
// so are answers to access requests without Message-Authenticator, unless the scheme takes them (our choice).
//
// One thread, the scheduler's. `done` is called exactly once, later, and not after the client is gone. Requests are
// bounded: 256 per server are under way, kMaxWaiting wait.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "device/aaa/radius_packet.h"
#include "device/aaa/values.h"
#include "device/log/monitor.h"
#include "device/platform.h"
#include "hal/base/random.h"

namespace sw::device {

struct RadiusStatistics {
  std::uint64_t requests = 0, retransmissions = 0, accepted = 0, rejected = 0, accounted = 0;
  std::uint64_t unanswered = 0;  // requests that no server answered
  std::uint64_t discarded = 0;   // datagrams that were no valid answer
};

class RadiusClient {
 public:
  enum class Outcome : std::uint8_t { kAccepted, kRejected, kNoAnswer };
  struct Reply {
    Outcome outcome = Outcome::kNoAnswer;
    std::vector<radius::Attribute> attributes;
    std::string why;  // kNoAnswer, kRejected
  };
  using Done = std::function<void(Reply)>;
  static constexpr std::size_t kMaxWaiting = 10000;  // ours: a whole domain may come back at once

  RadiusClient(Platform& platform, Random& random, Monitor& monitor, const AaaConfig& config);  // all outlive it
  ~RadiusClient();
  RadiusClient(const RadiusClient&) = delete;
  RadiusClient& operator=(const RadiusClient&) = delete;

  void Authenticate(const std::string& scheme, std::vector<radius::Attribute> attributes, SecretBytes password,
                    Done done);
  void Account(const std::string& scheme, std::vector<radius::Attribute> attributes, Done done);

  // A scheme changed: what it holds against its servers is forgotten.
  void ForgetQuiet() {
    quiet_until_.clear();
    unproved_.clear();
  }
  const RadiusStatistics& statistics() const { return statistics_; }
  void ResetStatistics() { statistics_ = {}; }
  // Of servers[index] of a scheme: it did not answer, and is left alone for so long. Zero: it may be asked.
  Duration quiet(Endpoint server) const;

 private:
  struct Exchange {
    std::string scheme;
    bool accounting = false;
    std::vector<radius::Attribute> attributes;
    SecretBytes password;
    Done done;
    std::size_t server = 0;  // 0 primary, 1 secondary
    std::array<bool, 2> tried{};
    Endpoint to;
    std::uint8_t id = 0;
    int sent = 0;
    Bytes packet;
    SecretBytes key;
    Scheduler::TimerId timer = 0;
  };
  using Pointer = std::shared_ptr<Exchange>;
  struct Slot {
    Endpoint server;
    std::uint8_t id;
    friend auto operator<=>(const Slot&, const Slot&) = default;
  };

  void Begin(Pointer exchange);  // chooses a server and sends, waits for room, or ends
  bool Usable(const RadiusServerConfig& server) const;
  void Send(const Pointer& exchange);
  void OnTimeout(const Pointer& exchange);
  void OnDatagrams(std::vector<dvpn::Datagram>& burst);
  void Finish(const Pointer& exchange, Reply reply);  // later, by the scheduler
  void Release(Exchange& exchange);                   // its slot and timer
  void Admit();                                       // those that wait for room
  UdpPort* Port(Ipv4 source);
  bool MayTake(const Exchange& exchange, const radius::Answer& answer);

  Platform& platform_;
  Random& random_;
  Monitor& monitor_;
  const AaaConfig& config_;
  std::map<Ipv4, std::unique_ptr<UdpPort>> ports_;  // by source address
  std::map<Slot, Pointer> under_way_;
  std::deque<Pointer> waiting_;
  std::map<Endpoint, Time> quiet_until_;
  std::map<Endpoint, std::uint8_t> last_id_;
  std::set<Endpoint> unproved_;  // servers of which the log has said that their answers prove nothing
  RadiusStatistics statistics_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace sw::device
