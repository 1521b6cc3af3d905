// One module put together: configuration rows in, engines driven, display models out.
//
// Lifetime: the platform and the crypto device outlive the Device. Everything runs on the platform's scheduler thread.
// Configuration changes only through Commit: it validates the edited rows as a whole, tells the engines, and
// commits the transaction; the work is that of the changed rows, however much is configured. When a row cannot be right
// or an engine cannot do it, everything is as before and the Status says why. Sources of behaviour: guide pages
// 205-210, dvpn/ and device/config/config.h.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config-db/store.h"
#include "device/clock/device_clock.h"
#include "device/clock/local_time.h"
#include "device/dvpn/info.h"
#include "device/platform.h"
#include "device/saved.h"
#include "dvpn/event.h"
#include "dvpn/history.h"
#include "dvpn/models.h"
#include "hal/base/random.h"
#include "hal/base/result.h"
#include "hal/crypto_device.h"
#include "ipsec/gateway_models.h"
#include "ipsec/ike/models.h"

namespace sw::hal {
class FailoverDevice;
}

namespace sw::device {

class Aaa;
class AclTable;
class AlgorithmWatch;
struct CardChange;
class CardHost;
class CommitGuard;
struct Config;
class Flash;
struct InterfaceView;
class IpsecHost;
class Monitor;
struct MonitorLine;
class Ping;
struct PingEvent;
struct PingOptions;
class RebootSchedule;
class Tftp;
struct TftpOrder;

class Device {
 public:
  struct Services {
    hal::CryptoDevice& crypto;
    Random& random;
    std::function<std::int64_t()> wall_clock;          // seconds since 1970, UTC
    std::function<void(const MonitorLine&)> log = {};  // subscribed before the first row is applied; may be empty
    hal::FailoverDevice* card = nullptr;               // `crypto`, when it is a card with its backup
    std::string flash = {};                            // directory of the files; empty: they go with the device
    SavedParts saved = {};                             // of a predecessor that this device goes on for; empty: of none
  };
  // Takes the rows as they are in the store and applies them; rows that cannot be applied are named on the monitor
  // and left in the store, so that a device always comes up far enough to be mended. kBadValue: what a predecessor
  // saved cannot be gone on with, and why.
  static Result<std::unique_ptr<Device>> Create(Platform& platform, configdb::Store store, Services services);
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  // For a successor, while nothing else runs: data paths are held, and what comes waits. To go on after that costs
  // numbers (hal/base/state.h), and nothing else.
  SavedParts Save();

  configdb::Store& store();
  Status Commit(configdb::Edit& edit);
  CommitGuard& commit_guard();                   // takes back what nobody confirms
  void OnCommit(std::function<void()> handler);  // called after each change that took effect; one handler

  Scheduler& scheduler();
  Monitor& monitor();
  // Shows every DVPN event as it happens, before it becomes text; one observer (the lab's ladder, tests).
  void ObserveEvents(std::function<void(Time, const dvpn::Event&)> observer);
  // Sees maps and sessions as they are built and removed, as long as the device lives.
  void WatchChanges(std::function<void(Time, const dvpn::Event&)> watcher);
  void WatchCard(std::function<void(const CardChange&)> watcher);  // going out of service and coming back, likewise
  Aaa& aaa();                                                      // logins, users who are in, RADIUS
  const Aaa& aaa() const;
  std::int64_t wall_clock() const;  // seconds since 1970, UTC
  LocalTime local_time() const;     // what the device's own clock shows
  const DeviceClock& clock() const;
  void SetClock(LocalTime local);  // from now on it shows this, until the device starts again
  RebootSchedule& reboot_schedule();
  Result<Flash*> flash();  // opened with the first call; kStorage
  // Takes the rows of `startup` and starts anew: uptime, debugging, buffers, maps and sessions. What `reboot` does.
  Status Restart(const configdb::Store& startup, const configdb::Origin& origin);
  Duration uptime() const;
  const hal::Capabilities& crypto() const;
  hal::FailoverDevice* card() const;  // null: none
  CardHost& card_host();
  void PollCrypto();             // the card has signalled, or time has passed
  const Config& config() const;  // the applied rows, typed
  std::string sysname() const;

  std::vector<ipsec::FastFlowView> fast_flows() const;  // what the card switches by itself
  void ForgetFastFlows();                               // they are found anew

  IpsecHost& ipsec();
  const IpsecHost& ipsec() const;
  AclTable& acls();
  AlgorithmWatch& algorithms();  // which ones peers use, and when last

  std::vector<InterfaceView> interfaces() const;  // in the order of `display current-configuration`
  void ResetInterfaceCounters(const std::vector<std::string>& names);  // what interfaces() shows counts anew
  std::vector<RouteEntry> routes() const;
  std::vector<dvpn::MapInfo> maps() const;
  std::vector<dvpn::SessionInfo> sessions() const;
  std::vector<dvpn::IpsecSaInfo> ipsec_sas() const;
  DvpnInfo dvpn_info() const;                            // global
  std::optional<DvpnInfo> dvpn_info(int dvpn_id) const;  // one domain; nullopt: not here

  std::vector<dvpn::SessionRecord> dvpn_history();  // by domain and peer; counters of running sessions included
  void ResetDvpnHistory();                          // what is over; running sessions stay
  // Why a peer or a registration stands where it stands, line by line (dvpn/why.h). kNotFound: no such class.
  std::vector<std::string> WhyDvpn() const;  // every tunnel, the worst first
  std::vector<std::string> WhyDvpnPeer(Ipv4 peer_private) const;
  std::vector<std::string> WhyDvpnPair(Ipv4 a, Ipv4 b) const;  // two clients of a server here
  Result<std::vector<std::string>> WhyDvpnClass(const std::string& dvpn_class) const;

  // Removes maps, and with them their sessions; nullopt: whatever the domain, whatever the peer.
  std::vector<ipsec::ike::SaInfo> ike_sas() const;  // ascending by connection
  const ipsec::ike::Counters& ike_counters() const;
  // Tells the peers and forgets; nullopt: all. kNotFound: no such connection.
  Status ResetIkeSa(std::optional<std::uint32_t> connection);

  Status ResetDvpnMap(std::optional<int> dvpn_id, std::optional<Ipv4> peer_private);
  Status ResetDvpnSession(int dvpn_id, Ipv4 peer_private);
  void ResetDvpnStatistics();
  // For labs: what happens to the message of one step where it arrives, at every tunnel; nullopt: nothing any more.
  void InjectDvpnFault(std::optional<dvpn::Fault> fault);

  // Starts at once; `events` is called on the scheduler's thread until Finished or until the Ping is destroyed.
  Result<std::unique_ptr<Ping>> StartPing(PingOptions options, std::function<void(const PingEvent&)> events);
  Result<std::unique_ptr<Tftp>> StartTftp(TftpOrder order, std::function<void(Result<std::string>)> done);

 private:
  struct Impl;
  explicit Device(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sw::device
