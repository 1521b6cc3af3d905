#include "cli/session/secrets.h"

#include <algorithm>

#include "cli/session/binding.h"
#include "cli/session/session.h"
#include "device/config/cipher_text.h"

namespace sw::cli {
namespace {

constexpr std::size_t kLongestPlain = 16;

}  // namespace

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

Status StoreSecret(Session& session, const Match& match) {
  std::vector<configdb::Assignment> columns = ColumnsOf(match);
  ConcealSecrets(columns);
  return StoreColumns(session, match, columns);
}

}  // namespace sw::cli
