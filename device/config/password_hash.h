// How passwords of people are kept: as yescrypt hashes, by the system's libcrypt and at its default cost (crypt(5)), so
// that who has the database has no password. Hashing takes about a tenth of a second and 16 MiB. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sw::device {

// nullopt: the system has no memory for it, or the password holds a zero byte.
std::optional<std::string> HashPassword(std::string_view password);
// Whether the text is a hash of this kind, at a cost that can be paid here; others are kept and match nothing.
bool IsPasswordHash(std::string_view text);
bool MatchesHash(std::string_view hash, std::string_view password);

}  // namespace sw::device
