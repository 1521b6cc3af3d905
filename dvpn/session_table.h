// The sessions of one tunnel, found by peer, by control channel and by SA; their timers; what is said when they come
// and go. One session per peer carries traffic; a second one may be in setup to succeed it, and a closing one lingers.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "dvpn/session.h"

namespace sw::dvpn {

class SessionObserver {
 public:
  virtual ~SessionObserver() = default;
  virtual void OnSessionProven(Session& session) = 0;
  virtual void OnSessionEnding(Session& session) = 0;  // by itself; not called for Remove() and Close()
};

class SessionTable {
 public:
  SessionTable(Core& core, SessionObserver& observer) : core_(core), observer_(observer) {}
  ~SessionTable() { sessions_.clear(); }

  template <typename State>
  void Fields(State& state);  // into an empty table; dvpn/session_state.cc

  // The session becomes the peer's own at once, or, where a proven one exists, when it is proven itself.
  Session& Add(SessionSpec spec);
  Session* Find(Ipv4 peer) const;  // the one that carries or will carry traffic
  Session* OfChannel(std::uint64_t channel) const;
  Session* OfSa(ipsec::SaId sa) const;
  std::size_t size() const { return sessions_.size(); }
  std::vector<Session*> all() const;  // the peers' own, by private address

  void OnTimer(std::uint64_t key);
  void Settle(Session& session);  // after every call into a session that may have changed its stage
  void Remove(Session& session, const std::string& why);  // at once, nothing is sent
  void Close(Session& session, const std::string& why);   // the peer is told
  void CloseAll(const std::string& why);
  // This end has another map: no pair secret that was used until now can come again.
  void ForgetEnded();

 private:
  void Detach(Session& session, const std::string& why);
  void Erase(Session& session);

  Core& core_;
  SessionObserver& observer_;
  SessionIndex index_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Session>> sessions_;  // by key
  std::unordered_map<Ipv4, Session*> by_peer_;                            // the peers' own
  std::unordered_map<Ipv4, Session*> successors_;                         // in setup beside a proven one
};

}  // namespace sw::dvpn
