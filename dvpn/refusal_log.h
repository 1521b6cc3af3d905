// Refusals as the operator of a server wants them: each client and reason once in a while, however often it comes
// again, and never more than so many. A stranger can make this list full, but not long.
#pragma once

#include <list>
#include <string>
#include <unordered_map>
#include <vector>

#include "dvpn/tunnel.h"

namespace sw::dvpn {

class RefusalLog {
 public:
  // True: worth a line, because it is new, or the last line about it is old.
  bool Note(Time now, Endpoint client, const std::string& reason);
  std::vector<RefusalInfo> list() const;  // newest first

 private:
  struct Row {
    RefusalInfo info;
    Time said;
  };
  static std::string KeyOf(Endpoint client, const std::string& reason) {
    return client.address.ToString() + " " + reason;  // the port of a client behind a NAT changes
  }
  std::list<Row> rows_;  // newest first
  std::unordered_map<std::string, std::list<Row>::iterator> by_key_;
};

}  // namespace sw::dvpn
