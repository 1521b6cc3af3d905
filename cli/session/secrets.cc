#include "cli/session/secrets.h"

#include <algorithm>

#include "cli/display/mask.h"
#include "cli/session/binding.h"
#include "cli/session/mask.h"
#include "cli/session/operator.h"
#include "config-db/schema.h"
#include "device/config/cipher_text.h"

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

bool IsForeignCipher(std::string_view text) {
  return text.size() > kLongestPlain && !device::Reveal(text);
}

void ConcealSecrets(std::vector<configdb::Assignment>& columns) {
  for (configdb::Assignment& form : columns) {
    if (!form.column.ends_with("_form") || form.value == configdb::Value("simple")) continue;
    const std::string_view name = form.column.substr(0, form.column.size() - std::string_view("_form").size());
    const auto secret = std::ranges::find(columns, name, &configdb::Assignment::column);
    if (secret == columns.end() || secret->value == configdb::Value()) continue;
    std::string& text = std::get<std::string>(secret->value);
    const bool bare = form.value == configdb::Value();
    const bool concealed = !bare && (text.size() > kLongestPlain || device::Reveal(text).has_value());
    if (!concealed) text = device::Conceal(text);
    form.value = "cipher";
  }
}

Status StoreSecret(Operator& session, const Match& match) {
  std::vector<configdb::Assignment> columns = ColumnsOf(match);
  ConcealSecrets(columns);
  return StoreColumns(session, match, columns);
}

}  // namespace sw::cli
