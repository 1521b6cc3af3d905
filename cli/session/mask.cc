#include "cli/session/mask.h"

#include <algorithm>
#include <span>

#include "cli/grammar/line.h"
#include "cli/grammar/text.h"
#include "config-db/schema.h"

namespace sw::cli {
namespace {

// A secret stands behind one of these words. Command references of Comware V3, V5 and V7; some are of other makes.
struct SecretWord {
  std::string_view word;
  std::size_t shortest = 0;      // letters that an abbreviation has at least; 0: it is written out
  std::string_view first = {};   // only in lines that begin so
  std::string_view unless = {};  // and not behind this word
};
constexpr SecretWord kSecretWords[] = {
    {"simple", 3},
    {"cipher", 3},
    {"irreversible-cipher"},
    {"password", 4, {}, "authentication-type"},
    {"passwd"},
    {"passphrase"},
    {"secret"},
    {"shared-secret"},
    {"pre-shared-key", 7},
    {"key", 0, {}, "gre"},
    {"key-string"},
    {"auth-key"},
    {"authentication-key"},
    {"string-key"},
    {"encryption-hex"},
    {"authentication-hex"},
    {"md5"},
    {"hmac-md5"},
    {"hmac-sha-256"},
    {"sha", 0, "snmp-agent"},
    {"des56", 0, "snmp-agent"},
    {"aes128", 0, "snmp-agent"},
    {"community", 4, "snmp-agent"},
    {"securityname", 0, "snmp-agent"},
};
// They may stand between that word and the secret.
constexpr std::string_view kBetween[] = {
    "simple",
    "cipher",
    "hash",
    "plain",
    "plain-text",
    "irreversible-cipher",
    "authentication",
    "accounting",
    "authorization",
    "read",
    "write",
    "inbound",
    "outbound",
    "esp",
    "ah",
    "rfc2082",
    "rfc2453",
    "rfc4822",
    "usual",
    "nonstandard",
    "md5",
    "sha",
    "0",
    "7",
};
constexpr std::string_view kBetweenWithNumber = "level";  // password level 3 simple x

bool IsOneOf(std::span<const std::string_view> words, std::string_view word) {
  return std::ranges::any_of(words, [word](std::string_view each) { return SameWord(each, word); });
}

bool IsNumber(std::string_view word) {
  return word.size() <= 3 && word.find_first_not_of("0123456789") == std::string_view::npos;
}

bool Announces(const Tokens& tokens, std::size_t at) {
  const std::string_view token = tokens[at].text;
  return std::ranges::any_of(kSecretWords, [&](const SecretWord& row) {
    const bool same =
        row.shortest == 0 ? SameWord(row.word, token) : token.size() >= row.shortest && HasPrefix(row.word, token);
    const std::string_view first = tokens[SameWord(tokens.front().text, "undo") ? 1 : 0].text;
    if (!same || (!row.first.empty() && !HasPrefix(row.first, first))) return false;
    return row.unless.empty() || at == 0 || !SameWord(row.unless, tokens[at - 1].text);
  });
}

// The word that the announced secret is; tokens.size(): none follows.
std::size_t SecretBehind(const Tokens& tokens, std::size_t at) {
  std::size_t next = at + 1;
  while (next + 1 < tokens.size()) {
    const std::string_view word = tokens[next].text;
    const bool short_form = HasPrefix("simple", word) || HasPrefix("cipher", word);
    if (SameWord(word, kBetweenWithNumber)) {
      next += 2;
    } else if (IsOneOf(kBetween, word) || short_form || (SameWord(tokens[at].text, "md5") && IsNumber(word))) {
      ++next;
    } else {
      break;
    }
  }
  return next;
}

}  // namespace

std::vector<Span> SecretsOf(std::string_view line, const Match& match) {
  const configdb::Table* table = configdb::FindTable(match.command->table);
  if (table == nullptr) return SecretsOf(line);
  std::vector<Span> out;
  for (const Argument& argument : match.arguments) {
    const configdb::Column* column = configdb::FindColumn(*table, argument.terminal->name);
    const bool secret = !argument.terminal->keyword && column != nullptr && column->secret;
    if (secret) out.push_back({argument.begin, argument.end});
  }
  return out;
}

std::vector<Span> SecretsOf(std::string_view line) {
  std::vector<Span> out;
  const Tokens tokens = Tokenise(line);
  for (std::size_t at = 0; at + 1 < tokens.size(); ++at) {
    if (!Announces(tokens, at)) continue;
    const std::size_t secret = SecretBehind(tokens, at);
    if (secret >= tokens.size()) continue;
    out.push_back({tokens[secret].begin, tokens[secret].begin + tokens[secret].text.size()});
    at = secret;  // a secret announces nothing
  }
  return out;
}

std::string Starred(std::string_view line, const std::vector<Span>& secrets) {
  std::string out(line);
  for (const Span& secret : secrets)
    out.replace(secret.begin, secret.end - secret.begin, secret.end - secret.begin, '*');
  return out;
}

std::string Removed(std::string_view line, const std::vector<Span>& secrets, std::string_view mask) {
  std::string out;
  std::size_t at = 0;
  for (const Span& secret : secrets) {
    out += line.substr(at, secret.begin - at);
    out += mask;
    at = secret.end;
  }
  return out += line.substr(at);
}

std::string MaskSecrets(std::string_view line) {
  return Starred(line, SecretsOf(line));
}

}  // namespace sw::cli
