#include "dvpn/refusal_log.h"

#include <algorithm>
#include <functional>

namespace sw::dvpn {

bool RefusalLog::Rows::Note(Time now, Endpoint client, const std::string& reason) {
  const std::string key = KeyOf(client, reason);
  if (const auto found = by_key.find(key); found != by_key.end()) {
    rows.splice(rows.begin(), rows, found->second);
    Row& row = rows.front();
    row.info.client = client;
    row.info.last = now;
    ++row.info.times;
    if (now < row.said + kRefusalQuiet) return false;
    row.said = now;
    return true;
  }
  if (rows.size() >= most) {
    // Full of news: the flood that filled it is known by now.
    if (now < rows.back().said + kRefusalQuiet) return false;
    by_key.erase(KeyOf(rows.back().info.client, rows.back().info.reason));
    rows.pop_back();
  }
  rows.push_front({{client, reason, 1, now}, now});
  by_key.emplace(key, rows.begin());
  return true;
}

std::vector<RefusalInfo> RefusalLog::list() const {
  std::vector<RefusalInfo> out;
  for (const Rows& rows : rows_)
    for (const Row& row : rows.rows) out.push_back(row.info);
  std::ranges::stable_sort(out, std::greater(), &RefusalInfo::last);
  return out;
}

}  // namespace sw::dvpn
