#include "dvpn/refusal_log.h"

#include "dvpn/constants.h"

namespace sw::dvpn {

bool RefusalLog::Note(Time now, Endpoint client, const std::string& reason) {
  const std::string key = KeyOf(client, reason);
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    rows_.splice(rows_.begin(), rows_, found->second);
    Row& row = rows_.front();
    row.info.client = client;
    row.info.last = now;
    ++row.info.times;
    if (now < row.said + kRefusalQuiet) return false;
    row.said = now;
    return true;
  }
  if (rows_.size() >= kMaxRefusals) {
    // Full of news: the flood that filled it is known by now.
    if (now < rows_.back().said + kRefusalQuiet) return false;
    by_key_.erase(KeyOf(rows_.back().info.client, rows_.back().info.reason));
    rows_.pop_back();
  }
  rows_.push_front({{client, reason, 1, now}, now});
  by_key_.emplace(key, rows_.begin());
  return true;
}

std::vector<RefusalInfo> RefusalLog::list() const {
  std::vector<RefusalInfo> out;
  for (const Row& row : rows_) out.push_back(row.info);
  return out;
}

}  // namespace sw::dvpn
