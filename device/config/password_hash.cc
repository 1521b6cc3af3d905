#include "device/config/password_hash.h"

#include <crypt.h>

#include <algorithm>
#include <memory>

#include "hal/base/bytes.h"
#include "hal/base/secret.h"
#include "hal/primitives.h"

namespace sw::device {
namespace {

constexpr std::string_view kMark = "$y$j", kFlavour = "T$";  // yescrypt with its default flags and 4 KiB blocks
constexpr std::string_view kCosts = "789AB";                  // 4 to 64 MiB
constexpr int kDefaultCost = 0;
constexpr int kSaltBytes = 16;

// The scratch memory of libcrypt holds what was made of the password.
struct Scratch {
  ~Scratch() { Wipe(ByteSpan(reinterpret_cast<std::uint8_t*>(&data), sizeof data)); }
  crypt_data data{};
};

std::string Crypt(std::string_view password, const std::string& setting) {
  SecretBytes text(password.size() + 1);
  std::copy(password.begin(), password.end(), text.span().begin());
  const auto scratch = std::make_unique<Scratch>();
  const char* out = ::crypt_rn(reinterpret_cast<const char*>(text.view().data()), setting.c_str(), &scratch->data,
                               sizeof scratch->data);
  return out == nullptr ? std::string() : std::string(out);
}

}  // namespace

std::optional<std::string> HashPassword(std::string_view password) {
  if (password.find('\0') != std::string_view::npos) return std::nullopt;
  char salt[kSaltBytes], setting[CRYPT_GENSALT_OUTPUT_SIZE];
  hal::SystemRandom().Fill(ByteSpan(reinterpret_cast<std::uint8_t*>(salt), sizeof salt));
  if (::crypt_gensalt_rn("$y$", kDefaultCost, salt, sizeof salt, setting, sizeof setting) == nullptr)
    return std::nullopt;
  std::string out = Crypt(password, setting);
  return IsPasswordHash(out) ? std::optional(std::move(out)) : std::nullopt;
}

bool IsPasswordHash(std::string_view text) {
  if (!text.starts_with(kMark)) return false;
  text.remove_prefix(kMark.size());
  return text.size() > 1 + kFlavour.size() && kCosts.find(text.front()) != std::string_view::npos &&
         text.substr(1).starts_with(kFlavour);
}

bool MatchesHash(std::string_view hash, std::string_view password) {
  if (!IsPasswordHash(hash) || password.find('\0') != std::string_view::npos) return false;
  const std::string made = Crypt(password, std::string(hash));
  return hal::EqualConstantTime(AsBytes(made), AsBytes(hash));
}

}  // namespace sw::device
