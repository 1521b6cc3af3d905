#include "cli/snmp/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "cli/snmp/objects.h"
#include "config-db/schema.h"
#include "device/config/cipher_text.h"

namespace sw::cli::snmp {
namespace {

constexpr int kActive = 1, kCreateAndGo = 4, kDestroy = 6;  // RowStatus, as far as the MIB allows it
const Oid kClearDomain = {1, 1, 21, 0}, kClearStatistics = {1, 1, 22, 0}, kClearHistory = {1, 1, 28, 0};

bool Begins(const Oid& oid, const Oid& with) {
  return oid.size() >= with.size() && std::equal(with.begin(), with.end(), oid.begin());
}

// The row that an instance names; nullopt: it names none.
std::optional<configdb::Key> KeyOf(const ConfigTable& table, const configdb::Store& store,
                                   std::span<const unsigned long> instance) {
  if (table.entry.empty()) {
    if (instance.size() != 1 || instance[0] != 0) return std::nullopt;
    return configdb::Key{std::int64_t{1}};
  }
  if (table.table != "interface") {
    std::optional<std::string> name = FromStringIndex(instance);
    if (!name || name->empty()) return std::nullopt;
    return configdb::Key{*name};
  }
  if (instance.size() != 1 || instance[0] == 0) return std::nullopt;
  configdb::Key key = {fmt::format("Tunnel{}", instance[0] - 1)};
  const Result<std::optional<configdb::Row>> row = store.Find("interface", key);
  return row.ok() && *row ? std::optional(key) : std::nullopt;
}

struct Target {
  const ConfigTable* table = nullptr;
  const ConfigObject* object = nullptr;  // null: the RowStatus
  configdb::Key key;
};

std::optional<Target> Find(const configdb::Store& store, const Oid& oid) {
  for (const ConfigTable& table : ConfigTables()) {
    if (table.row_status != 0) {
      Oid status = table.entry;
      status.push_back(table.row_status);
      if (Begins(oid, status)) {
        const auto key = KeyOf(table, store, std::span(oid).subspan(status.size()));
        return key ? std::optional(Target{&table, nullptr, *key}) : std::nullopt;
      }
    }
    for (const ConfigObject& object : ConfigObjects()) {
      if (object.table != table.table || !Begins(oid, object.oid)) continue;
      if (table.entry.empty() != (object.oid.size() == 3)) continue;
      const auto key = KeyOf(table, store, std::span(oid).subspan(object.oid.size()));
      if (key) return Target{&table, &object, *key};
    }
  }
  return std::nullopt;
}

Refusal SetRow(configdb::Edit& edit, const Target& target, std::int64_t status) {
  const Result<std::optional<configdb::Row>> row = edit.store().Find(target.table->table, target.key);
  if (!row.ok()) return Refusal::kCommitFailed;
  switch (status) {
    case kCreateAndGo:
      if (*row) return Refusal::kInconsistentValue;
      return edit.Ensure(target.table->table, target.key).ok() ? Refusal::kNone : Refusal::kNoCreation;
    case kActive:
      return *row ? Refusal::kNone : Refusal::kInconsistentValue;
    case kDestroy:
      return edit.Remove(target.table->table, target.key).ok() ? Refusal::kNone : Refusal::kCommitFailed;
    default:
      return Refusal::kWrongValue;
  }
}

Refusal SetColumn(configdb::Edit& edit, const Target& target, const Value& value) {
  const ConfigObject& object = *target.object;
  Result<configdb::Value> written = Written(object, value);
  if (!written.ok()) return written.status().code() == Code::kUnsupported ? Refusal::kWrongType : Refusal::kWrongValue;
  if (object.secret && !std::holds_alternative<std::monostate>(*written)) {
    // A secret arrives in plain and is kept concealed.
    written = configdb::Value(device::Conceal(configdb::TextOf(*written)));
    const std::string form = std::string(object.column) + "_form";
    if (!edit.Set(object.table, target.key, form, "cipher").ok()) return Refusal::kNoCreation;
  }
  const Result<bool> set = edit.Set(object.table, target.key, object.column, *written);
  if (set.ok()) return Refusal::kNone;
  return set.status().code() == Code::kBadValue ? Refusal::kWrongValue : Refusal::kNoCreation;
}

// The scalars that act when they are written.
bool Acts(const Oid& oid) {
  return oid == kClearDomain || oid == kClearStatistics || oid == kClearHistory;
}

bool IsDvpnId(std::int64_t number) {
  const configdb::Table& interfaces = *configdb::FindTable("interface");
  return configdb::CheckValue(interfaces, *configdb::FindColumn(interfaces, "dvpn_id"), number).ok();
}

Refusal CheckAction(const Assignment& assignment) {
  if (assignment.value.syntax != Syntax::kInteger) return Refusal::kWrongType;
  const std::int64_t number = assignment.value.number;
  if (assignment.oid == kClearDomain) return IsDvpnId(number) ? Refusal::kNone : Refusal::kWrongValue;
  return number == 1 ? Refusal::kNone : Refusal::kWrongValue;
}

void Act(device::Device& device, const Assignment& assignment) {
  if (assignment.oid == kClearStatistics) device.ResetDvpnStatistics();
  if (assignment.oid == kClearHistory) device.ResetDvpnHistory();
  if (assignment.oid == kClearDomain)  // without such a domain there is nothing to clear
    (void)device.ResetDvpnMap(static_cast<int>(assignment.value.number), std::nullopt);
}

}  // namespace

Refusal Write(device::Device& device, const std::vector<Assignment>& assignments, const std::string& from) {
  std::vector<std::pair<Target, const Value*>> targets;
  std::vector<const Assignment*> actions;
  for (const Assignment& assignment : assignments) {
    if (Acts(assignment.oid)) {
      if (const Refusal refusal = CheckAction(assignment); refusal != Refusal::kNone) return refusal;
      actions.push_back(&assignment);
      continue;
    }
    std::optional<Target> target = Find(device.store(), assignment.oid);
    if (!target) return Refusal::kNotWritable;
    if (target->object == nullptr && assignment.value.syntax != Syntax::kInteger) return Refusal::kWrongType;
    targets.emplace_back(std::move(*target), &assignment.value);
  }
  if (!targets.empty()) {
    Result<configdb::Edit> edit = device.store().Begin({"snmp", from, "set"});
    if (!edit.ok()) return Refusal::kCommitFailed;
    // Rows first, so that a request may create one and fill it.
    for (const bool rows : {true, false}) {
      for (const auto& [target, value] : targets) {
        if ((target.object == nullptr) != rows) continue;
        const Refusal refusal = rows ? SetRow(*edit, target, value->number) : SetColumn(*edit, target, *value);
        if (refusal != Refusal::kNone) return refusal;
      }
    }
    if (edit->changed() && !device.Commit(*edit).ok()) return Refusal::kInconsistentValue;
  }
  for (const Assignment* action : actions) Act(device, *action);
  return Refusal::kNone;
}

}  // namespace sw::cli::snmp
