#include "cli/session/refusals.h"

#include <fmt/format.h>

namespace sw::cli {

Status NoSuch(std::string_view what) {
  return {Code::kNotFound, fmt::format("{} does not exist", what)};
}
Status NoVpnInstance(std::string_view name) {
  return {Code::kNotFound, fmt::format("There is no VPN instance {}: this device has none", name)};
}
Status NoEncryptionCard() {
  return {Code::kNotFound, "This device has no encryption card"};
}
Status NoSuchDay() {
  return {Code::kBadValue, "There is no such day"};
}
Status NoConfigFile() {
  return {Code::kNotFound, "The config file does not exist!"};
}
Status IsDirectory(std::string_view path) {
  return {Code::kBadValue, fmt::format("{} is a directory", path)};
}

}  // namespace sw::cli
