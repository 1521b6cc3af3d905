#include "device/config/keeping.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

#include "config-db/schema.h"
#include "device/config/cipher_text.h"
#include "device/config/password_hash.h"
#include "device/config/secret.h"

namespace sw::device {
namespace {

using configdb::Key;
using configdb::Row;

constexpr std::string_view kUsers = "local_user";

bool HasHashes(const configdb::Table& table, std::string_view form) {
  const configdb::Column* column = configdb::FindColumn(table, form);
  return column != nullptr && column->one_of.ends_with("|hash");
}

bool HasSecrets(const configdb::Table& table) {
  return std::ranges::any_of(table.columns, [](const configdb::Column& column) { return column.longest_plain != 0; });
}

// Of local users only: CHAP is computed from the text, and a user without a service may still become a DVPN client.
bool NeedsText(const Row& row) {
  const auto has = [&](std::string_view service) { return row.IntOr(service, 0) != 0; };
  return has("service_dvpn") || !(has("service_ssh") || has("service_terminal") || has("service_telnet"));
}

class Keeper {
 public:
  Keeper(configdb::Edit& edit, std::vector<KeepingNote>& notes) : edit_(edit), notes_(notes) {}

  Status Settle(const configdb::Table& table, const Key& key) {
    for (const configdb::Column& column : table.columns) {
      if (column.longest_plain == 0) continue;
      const Result<std::optional<Row>> row = edit_.store().Find(table.name, key);
      if (!row.ok()) return row.status();
      if (*row) SW_TRY(Settle(table, column, key, **row));
    }
    return {};
  }

 private:
  Status Settle(const configdb::Table& table, const configdb::Column& column, const Key& key, const Row& row) {
    const std::string form = std::string(column.name) + "_form";
    const Secret secret = SecretOf(row, column.name, form);
    if (!secret.set()) return {};
    const bool needs_text = table.name == kUsers && NeedsText(row);
    if (secret.form == SecretForm::kHash) {
      if (table.name == kUsers && row.IntOr("service_dvpn", 0) != 0) {
        notes_.push_back({true, "PASSWORD_HASH", fmt::format("user {} cannot come in by DVPN: CHAP needs the text of the "
                                                       "password, and a hash is kept; type it again",
                                                       configdb::KeyText(key))});
      }
      return {};
    }
    if (secret.form == SecretForm::kCipher && IsSealed(secret.text)) {
      if (const std::string why = WhyClosed(secret.text); !why.empty())
        notes_.push_back({true, "KEY_MISSING",
                          fmt::format("{} {}: {}", table.name, configdb::ShownKey(table, key), why)});
    }
    if (HasHashes(table, form) && !needs_text) return Hash(table, column, key, secret);
    const bool plain = secret.form == SecretForm::kSimple;
    if (plain ? !needs_text : IsSealed(secret.text)) return {};
    const std::optional<SecretBytes> text = secret.Reveal();
    if (!text) return {};
    if (plain && row.IntOr("service_dvpn", 0) != 0) {
      notes_.push_back({false, "PASSWORD_TEXT",
                        "passwords of users with service-type dvpn are kept as cipher text, not as hashes: CHAP needs "
                        "the text"});
    }
    return Store(table, column, key, Conceal(AsText(*text)), "cipher");
  }

  // Lines of one range have one password: it is hashed once.
  Status Hash(const configdb::Table& table, const configdb::Column& column, const Key& key, const Secret& secret) {
    std::string& hash = hashes_[secret.text];
    if (hash.empty()) {
      const std::optional<SecretBytes> text = secret.Reveal();
      if (!text) return {};
      const std::optional<std::string> made = HashPassword(AsText(*text));
      if (!made) return {Code::kStorage, "the password cannot be hashed: there is no memory for it"};
      hash = *made;
    }
    return Store(table, column, key, hash, "hash");
  }

  Status Store(const configdb::Table& table, const configdb::Column& column, const Key& key, const std::string& text,
               const std::string& form) {
    SW_TRY(edit_.Set(table.name, key, column.name, text).status());
    return edit_.Set(table.name, key, std::string(column.name) + "_form", form).status();
  }

  static std::string_view AsText(const SecretBytes& bytes) {
    return {reinterpret_cast<const char*>(bytes.view().data()), bytes.size()};
  }

  configdb::Edit& edit_;
  std::vector<KeepingNote>& notes_;
  std::map<std::string, std::string> hashes_;  // by the text as it was kept
};

}  // namespace

Status KeepSecrets(configdb::Edit& edit, std::vector<KeepingNote>& notes) {
  Keeper keeper(edit, notes);
  configdb::ChangedRows rows = edit.changed_rows();
  std::ranges::sort(rows);
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  for (const configdb::ChangedRow& row : rows) SW_TRY(keeper.Settle(*configdb::FindTable(row.table), row.key));
  return {};
}

Status KeepSecretsOf(configdb::Store& store, std::vector<KeepingNote>& notes) {
  Result<configdb::Edit> edit = store.Begin({"system", "start", "secrets are kept as this program keeps them"});
  if (!edit.ok()) return edit.status();
  Keeper keeper(*edit, notes);
  for (const configdb::Table& table : configdb::Tables()) {
    if (!HasSecrets(table)) continue;
    const Result<std::vector<Row>> rows = store.Rows(table.name);
    if (!rows.ok()) return rows.status();
    for (const Row& row : *rows)
      SW_TRY(keeper.Settle(table, {row.values.begin(), row.values.begin() + static_cast<std::ptrdiff_t>(table.keys)}));
  }
  return edit->changed() ? edit->Commit() : Status();
}

}  // namespace sw::device
