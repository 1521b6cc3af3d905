#include "cli/session/secrets.h"

#include <algorithm>

#include "cli/display/mask.h"
#include "cli/session/binding.h"
#include "cli/session/mask.h"
#include "cli/session/operator.h"
#include "config-db/columns.h"
#include "config-db/schema.h"
#include "device/config/cipher_text.h"
#include "device/config/secret.h"

namespace sw::cli {
namespace {

constexpr std::size_t kLongestPlain = 16;

// The line with its secrets masked, where a view knows it; the view that knew the line before is asked first.
std::string MaskedIn(const Grammar& grammar, std::string_view line, std::size_t& view) {
  for (std::size_t i = 0; i < kViews; ++i) {
    const std::size_t at = (view + i) % kViews;
    const ParseResult parsed = grammar.Parse(static_cast<View>(at), kManage, line);
    if (!parsed.match) continue;
    const std::vector<Span> secrets = SecretsOf(line, *parsed.match);
    if (secrets.empty()) continue;
    view = at;
    return Removed(line, secrets, kMask);
  }
  return std::string(line);
}

}  // namespace

std::string MaskedText(Operator& session, std::string_view text) {
  if (session.seat().level() >= kSecretLevel) return std::string(text);
  std::string out;
  std::size_t view = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out += MaskedIn(session.grammar(), text.substr(0, end), view);
    if (end < text.size()) out += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string WhyCipherIsClosed(std::string_view text) {
  return text.size() > kLongestPlain ? device::WhyClosed(text) : std::string();
}

namespace {

// A plain secret was typed: as the row keeps it already, or as it is to be kept.
void TakePlain(configdb::Value& text, configdb::Value& form, const device::Secret& kept, bool person) {
  const std::string plain = std::get<std::string>(text);
  const bool simple = form == configdb::Value("simple");
  const bool may_keep = simple ? person && kept.form != device::SecretForm::kSimple
                               : kept.form == device::SecretForm::kCipher || (person && kept.set());
  if (may_keep && kept.Matches(plain)) {
    text = kept.text;
    form = kept.form == device::SecretForm::kHash ? "hash" : "cipher";
  } else if (!simple) {
    text = device::Conceal(plain);
    form = "cipher";
  }
}

}  // namespace

void ConcealSecrets(std::vector<configdb::Assignment>& columns, const configdb::Table& table,
                    const configdb::Row* kept) {
  for (configdb::Assignment& form : columns) {
    if (!form.column.ends_with("_form") || form.value == configdb::Value("hash")) continue;
    const std::string_view name = form.column.substr(0, form.column.size() - std::string_view("_form").size());
    const auto secret = std::ranges::find(columns, name, &configdb::Assignment::column);
    if (secret == columns.end() || secret->value == configdb::Value()) continue;
    const std::string& text = std::get<std::string>(secret->value);
    const bool cipher = form.value == configdb::Value("cipher");
    if (cipher && (text.size() > kLongestPlain || device::Reveal(text))) continue;
    const bool person = configdb::FindColumn(table, form.column)->one_of == configdb::kPasswordForms;
    TakePlain(secret->value, form.value, kept ? device::SecretOf(*kept, name, form.column) : device::Secret(), person);
  }
}

Status StoreSecret(Operator& session, const Match& match) {
  const configdb::Table& table = *configdb::FindTable(match.command->table);
  std::vector<configdb::Assignment> columns = ColumnsOf(match);
  const configdb::Key key = session.object().empty() ? configdb::Key{std::int64_t{1}} : session.object();
  std::optional<configdb::Row> kept;
  if (key.size() == table.keys) {
    Result<std::optional<configdb::Row>> row = session.store().Find(table.name, key);
    if (!row.ok()) return row.status();
    kept = std::move(*row);
  }
  ConcealSecrets(columns, table, kept ? &*kept : nullptr);
  return StoreColumns(session, match, columns);
}

}  // namespace sw::cli
