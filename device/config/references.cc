#include "device/config/references.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <unordered_set>

namespace sw::device {
namespace {

// Objects that must exist as long as they are named, and how that is said: {0} is the object, {1} who names it, {2} the
// same with what that is. What is not here may be named before it is made, and removed.
struct Text {
  std::string_view table;
  Code code;
  std::string_view form;
  bool early = false;  // it may be named before it is made
};
constexpr Text kTexts[] = {
    {"radius_scheme", Code::kNotFound, "radius scheme {0}, used by {1}, does not exist"},
    {"hwtacacs_scheme", Code::kNotFound, "hwtacacs scheme {0}, used by {1}, does not exist"},
    {"dvpn_policy", Code::kNotFound, "dvpn policy {0}, used by {1}, does not exist"},
    {"dvpn_class", Code::kNotFound, "dvpn class {0}, used by {1}, does not exist"},
    {"pki_domain", Code::kNotFound, "pki domain {0}, used by {1}, does not exist"},
    {"ike_dpd", Code::kNotFound, "ike dpd {0}, used by {1}, does not exist"},
    {"ike_peer", Code::kNotFound, "ike peer {0}, used by {1}, does not exist"},
    {"ipsec_proposal", Code::kInUse, "ipsec proposal {0} is used by {1}"},
    {"ipsec_policy_template", Code::kInUse, "ipsec policy-template {0} is used by {1}"},
    {"ipsec_policy", Code::kNotFound, "ipsec policy {0}, applied to {1}, does not exist"},
    {"acl", Code::kInUse, "ACL {0} is used by {2}", true},
};
// What the one that names an object is; {1} begins with it unless the name says it.
struct UserKind {
  std::string_view table, kind;
  bool says_kind = true;
};
constexpr UserKind kUsers[] = {
    {"isp_domain", "domain"},          {"ike_peer", "ike peer"},
    {"ipsec_policy", "ipsec policy"},  {"ipsec_policy_template", "ipsec policy-template"},
    {"interface", "interface", false}, {"user_interface", "user-interface", false},
};

const Text* FindText(std::string_view table) {
  const auto* found = std::ranges::find(kTexts, table, &Text::table);
  return found == std::end(kTexts) ? nullptr : found;
}

bool IsReferredTo(std::string_view table) {
  static const std::unordered_set<std::string_view> tables = [] {
    std::unordered_set<std::string_view> out;
    for (const configdb::Table& each : configdb::Tables())
      for (const configdb::Column& column : each.columns) out.insert(column.refers_to);
    return out;
  }();
  return tables.contains(table);
}

bool Refers(const configdb::Table& table) {
  return std::ranges::any_of(table.columns, [](const configdb::Column& column) { return !column.refers_to.empty(); });
}

// Whether rows of this table name others, or may be named.
bool Concerns(const configdb::Table& table) {
  static const std::vector<bool> concerns = [] {
    std::vector<bool> out;
    for (const configdb::Table& each : configdb::Tables()) out.push_back(Refers(each) || IsReferredTo(each.name));
    return out;
  }();
  return concerns[static_cast<std::size_t>(&table - configdb::Tables().data())];
}

Status Refuse(const Text& text, const std::string& name, std::string_view table, const configdb::Key& key) {
  const auto* found = std::ranges::find(kUsers, table, &UserKind::table);
  const std::string who = configdb::KeyText(key);
  const std::string whole = found == std::end(kUsers) ? who : fmt::format("{} {}", found->kind, who);
  const bool said = found != std::end(kUsers) && found->says_kind;
  return {text.code, fmt::format(fmt::runtime(text.form), name, said ? whole : who, whole)};
}

}  // namespace

void References::MustRefer(std::string_view user, std::string_view table) {
  const configdb::Table* found = configdb::FindTable(user);
  const auto refers = [table](const configdb::Column& column) { return column.refers_to == table; };
  if (found != nullptr && std::ranges::any_of(found->columns, refers)) return;
  fmt::print(stderr, "no column of {} refers to {}\n", user, table);
  std::abort();
}

void References::Take(const configdb::Table& table, const configdb::Key& key, const configdb::Row* row) {
  if (!Concerns(table)) return;
  if (IsReferredTo(table.name)) {
    const Object object{table.name, configdb::TextOf(key.front())};
    if (row != nullptr) {
      objects_[object].insert(key);
    } else if (const auto found = objects_.find(object); found != objects_.end()) {
      found->second.erase(key);
      if (found->second.empty()) objects_.erase(found);
    }
  }
  const User user{table.name, key};
  if (const auto before = names_.find(user); before != names_.end()) {
    for (const Object& object : before->second) users_.erase({object, user});
    names_.erase(before);
  }
  if (row == nullptr) return;
  std::vector<Object> named;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const configdb::Column& column = table.columns[i];
    if (column.refers_to.empty()) continue;
    if (std::string name = configdb::TextOf(row->values[i]); !name.empty()) named.emplace_back(column.refers_to, name);
  }
  for (const Object& object : named) users_.emplace(object, user);
  if (!named.empty()) names_.emplace(user, std::move(named));
}

Status References::Check(const configdb::Table& table, const configdb::Key& key) const {
  if (!Concerns(table)) return {};
  if (const auto named = names_.find({table.name, key}); named != names_.end()) {
    for (const Object& object : named->second)
      if (const Text* text = FindText(object.first); text != nullptr && !text->early && !objects_.contains(object))
        return Refuse(*text, object.second, table.name, key);
  }
  const Text* text = FindText(table.name);
  const Object object{table.name, configdb::TextOf(key.front())};
  if (text == nullptr || objects_.contains(object)) return {};
  const auto user = users_.lower_bound({object, {}});
  if (user == users_.end() || user->first != object) return {};
  return Refuse(*text, object.second, user->second.first, user->second.second);
}

}  // namespace sw::device
