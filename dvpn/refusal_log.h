// Refusals as the operator of a server wants them: each client and reason once in a while, however often it comes
// again, and never more than so many. A stranger can make a list full, but not long. Senders of whom less is known have a
// list of their own, so that they displace nobody else.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>
#include <vector>

#include "dvpn/constants.h"
#include "dvpn/tunnel.h"

namespace sw::dvpn {

// What is known of who is refused: nothing; that it is where it says, by a good cookie; that it has the keys of a map.
enum class Sender : std::uint8_t { kStranger, kProven, kKeyed };

class RefusalLog {
 public:
  // True: worth a line, because it is new, or the last line about it is old.
  bool Note(Time now, Endpoint client, const std::string& reason, Sender sender = Sender::kProven) {
    return rows_[static_cast<std::size_t>(sender)].Note(now, client, reason);
  }
  std::vector<RefusalInfo> list() const;  // newest first

 private:
  struct Row {
    RefusalInfo info;
    Time said;
  };
  struct Rows {
    bool Note(Time now, Endpoint client, const std::string& reason);
    static std::string KeyOf(Endpoint client, const std::string& reason) {
      return client.address.ToString() + " " + reason;  // the port of a client behind a NAT changes
    }
    const std::size_t most;
    std::list<Row> rows = {};  // newest first
    std::unordered_map<std::string, std::list<Row>::iterator> by_key = {};
  };
  std::array<Rows, 3> rows_{{{kMaxStrangers}, {kMaxRefusals}, {kMaxRefusals}}};  // by sender
};

}  // namespace sw::dvpn
