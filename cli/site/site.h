// The first configuration of a site: a DVPN server, or a client that one invited. Values in, command lines out; nothing
// here asks, writes or knows a device. Our choice: the strongest suite that every build has, CHAP, a key of 256 bits.
#pragma once

#include <optional>
#include <string>

#include "hal/base/address.h"
#include "hal/base/random.h"
#include "hal/base/result.h"

namespace sw::cli {

// What a client needs to know to register: made at the server, pasted at the client. Holds secrets in clear text.
struct Invitation {
  Ipv4 server;                    // public address
  Ipv4 server_tunnel;             // private address
  Prefix tunnel;                  // the client's own private address
  std::optional<Prefix> network{};  // behind the server
  std::string user{}, password{}, key{};

  std::string ToText() const;  // one word
  static Result<Invitation> FromText(std::string_view text);
};

// Of this end, at either end.
struct Site {
  std::string link;               // of this machine, toward the public network
  Prefix address;                 // on that link
  std::optional<Prefix> network{};  // behind this end
};

struct ServerSite {
  Site site;
  Prefix tunnel;       // this end's private address
  std::string branch;  // the first client's user
};

// The first client gets the address behind the server's; kBadValue when the network of the tunnel has none left.
Result<Invitation> Invite(const ServerSite&, Random&);

std::string ServerLines(const ServerSite&, const Invitation& first);
std::string ClientLines(const Site&, const Invitation&);
// What the server is told of a client's network; empty without one.
std::string LinesForServer(const Site&, const Invitation&);
// For sw8800d --config.
std::string IniLines(const Site&);

}  // namespace sw::cli
