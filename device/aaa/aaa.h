// Who may come in: ISP domains, their local users and RADIUS schemes, and who is in now. DVPN servers and terminals ask
// here.
//
// The domain of a user: the one behind the @ of its name, which must exist; without one the asking policy's (refused
// when it does not exist), and without that the default domain (by analogy with `ppp authentication-mode` of the
// siblings, Router 3000 page 361; no DVPN page says it). The domain's authentication method decides: `local`, `none`
// (everybody, at level 0), a RADIUS scheme, and local users instead when no server answers and `local` follows the
// scheme. HWTACACS schemes are stored only: their domains refuse, or take the local users.
//
// A RADIUS user who is in is accounted: start, interim every `timer realtime-accounting`, stop. Without an answer to
// the start, or after `retry realtime-accounting` unanswered interims, the user is cut, unless `accounting optional`. A
// stop that nobody answers is kept and sent again every kStopRetry, `retry stop-accounting` times, when the scheme says
// `stop-accounting-buffer enable`. A scheme without an accounting server is not accounted (our choice).
//
// One thread, the scheduler's; answers come later or at once, never after the Aaa is gone.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "device/aaa/radius_client.h"
#include "dvpn/authenticator.h"
#include "dvpn/models.h"

namespace sw::device {

enum class Service : std::uint8_t { kDvpn, kTerminal, kTelnet, kSsh };
std::string_view Name(Service service);  // "dvpn", "terminal" ...

struct LoginRequest {
  Service service = Service::kDvpn;
  dvpn::Credentials credentials;  // method kPap with a password, or kChap
  std::string from;               // Calling-Station-Id: an address, or empty
};

struct LoginAnswer {
  bool accepted = false;
  int level = 0;             // 0-3, for terminals
  std::string reason;        // when refused; for this device's log
  bool wrong = false;        // refused for name or proof: it may be a guess
  std::string user, domain;  // user as the client named it
  std::string accounting;    // the RADIUS scheme to account to; empty: none
  bool accounting_optional = false;
  std::string session_class;
  std::string checked_by;  // "local", "radius scheme NAME", "none"
  dvpn::Property property;  // of a DVPN client: what the user's lines or the RADIUS server say
};

// A user who is in, as `display connection` shows it; counters as last accounted.
struct Connection {
  std::uint64_t index = 0;
  Service service = Service::kDvpn;
  std::string user, domain, checked_by, accounting, session_id, from;
  Ipv4 address;  // DVPN: the private one
  Time since;
  std::uint64_t sent_packets = 0, sent_bytes = 0, received_packets = 0, received_bytes = 0;
};

// An accounting stop that no server has answered.
struct BufferedStop {
  std::string scheme, user, session_id;
  Time since;
  int sent = 0;
  std::vector<radius::Attribute> attributes;
};

class Aaa final : public dvpn::Authenticator {
 public:
  static constexpr std::chrono::seconds kStopRetry{60};  // ours; no page says how often

  // `sysname` is the NAS-Identifier. All outlive the Aaa; the configuration is read at each request.
  Aaa(Platform& platform, Random& random, Monitor& monitor, const AaaConfig& config, const std::string& sysname);
  ~Aaa() override;

  void Login(LoginRequest request, std::function<void(LoginAnswer)> done);
  // Somebody accepted is in; `cut` ends it (from accounting, or `cut connection`) and must lead to Close.
  std::uint64_t Open(const LoginAnswer& answer, Service service, std::string from, Ipv4 address,
                     std::function<void()> cut);
  void Close(std::uint64_t connection);
  void SetCounters(std::uint64_t connection, const dvpn::SessionInfo& session);
  // DVPN servers.
  void Authenticate(dvpn::Credentials credentials, std::function<void(dvpn::Verdict)> done) override;
  std::string OwnerOf(Ipv4 address) const override;  // among the local users for DVPN
  void OnMapBuilt(const dvpn::MapInfo& map, std::function<void()> cut);
  void OnMapRemoved(const dvpn::MapInfo& map);
  void OnSessionRemoved(const dvpn::SessionInfo& session);
  // Where interim accounting reads counters: the present session with a peer.
  using SessionLookup = std::function<std::optional<dvpn::SessionInfo>(const std::string& tunnel, Ipv4 peer)>;
  void set_session_lookup(SessionLookup lookup) { lookup_ = std::move(lookup); }

  void OnConfigChange() { radius_.ForgetQuiet(); }
  std::vector<Connection> connections() const;
  // Cuts those that `matches` selects; returns how many.
  std::size_t Cut(const std::function<bool(const Connection&)>& matches);
  std::vector<BufferedStop> buffered_stops() const;
  std::size_t ResetBufferedStops(const std::function<bool(const BufferedStop&)>& matches);
  RadiusClient& radius() { return radius_; }
  const RadiusClient& radius() const { return radius_; }

 private:
  friend class SavedUsers;
  struct Live;
  struct Buffered;
  struct Question;

  std::string CheckLocal(const Question& question, LoginAnswer& answer) const;  // empty: accepted
  void AskRadius(std::shared_ptr<Question> question);
  void Decide(const std::shared_ptr<Question>& question, std::string refusal);
  std::vector<radius::Attribute> Identity(const std::string& scheme, const std::string& user, const std::string& domain,
                                          Service service, const std::string& from) const;
  std::vector<radius::Attribute> Record(const Live& live, std::uint32_t status) const;
  void Start(Live& live);
  void Interim(std::uint64_t index);
  void Stop(Live& live);
  void SendStop(std::uint64_t key);
  void CutLive(std::uint64_t index, const std::string& why);
  void Refresh(Live& live);

  Platform& platform_;
  Monitor& monitor_;
  const AaaConfig& config_;
  const std::string& sysname_;
  RadiusClient radius_;
  SessionLookup lookup_;
  std::uint64_t last_ = 0, boot_ = 0;
  std::map<std::uint64_t, std::unique_ptr<Live>> live_;
  std::map<std::pair<std::string, Ipv4>, std::uint64_t> by_map_;  // tunnel, private address
  std::map<std::string, LoginAnswer> admitted_;                   // DVPN users between verdict and map
  std::map<std::uint64_t, std::unique_ptr<Buffered>> stops_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace sw::device
