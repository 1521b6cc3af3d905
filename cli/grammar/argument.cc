#include "cli/grammar/argument.h"

#include <fmt/format.h>

#include <charconv>

#include "cli/grammar/interface_name.h"
#include "hal/base/address.h"

namespace sw::cli {
namespace {

std::optional<std::int64_t> Number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string_view TakeField(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view field = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return field;
}

std::optional<ArgumentType> TypeOf(std::string_view name) {
  constexpr std::pair<std::string_view, ArgumentType> kTypes[] = {
      {"int", ArgumentType::kInt},           {"ip", ArgumentType::kAddress},    {"mask", ArgumentType::kMask},
      {"wildcard", ArgumentType::kWildcard}, {"string", ArgumentType::kString}, {"text", ArgumentType::kText},
  };
  for (const auto& [word, type] : kTypes) {
    if (word == name) return type;
  }
  return std::nullopt;
}

const InterfaceType* FindType(std::string_view name) {
  for (const InterfaceType& type : InterfaceTypes()) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

}  // namespace

std::optional<ArgumentSpec> ParseArgumentSpec(std::string_view spec) {
  ArgumentSpec out;
  const std::optional<ArgumentType> type = TypeOf(TakeField(spec, ':'));
  if (!type) return std::nullopt;
  out.type = *type;
  const bool ranged = *type == ArgumentType::kInt || *type == ArgumentType::kString || *type == ArgumentType::kText;
  if (!ranged) return spec.empty() ? std::optional(out) : std::nullopt;
  std::string_view range = TakeField(spec, ':');
  const std::optional<std::int64_t> low = Number(TakeField(range, '-')), high = Number(range);
  if (!low || !high || *low > *high) return std::nullopt;
  out.low = *low;
  out.high = *high;
  if (spec.empty()) return out;
  out.preset = Number(spec);
  if (*type != ArgumentType::kInt || !out.preset) return std::nullopt;
  return out;
}

std::optional<std::string> AcceptArgument(const ArgumentSpec& spec, std::string_view token) {
  const auto size = static_cast<std::int64_t>(token.size());
  switch (spec.type) {
    case ArgumentType::kInt: {
      const std::optional<std::int64_t> number = Number(token);
      if (!number || token.front() == '-' || *number < spec.low || *number > spec.high) return std::nullopt;
      return std::to_string(*number);
    }
    case ArgumentType::kAddress: {
      const std::optional<Ipv4> address = Ipv4::Parse(token);
      return address ? std::optional(address->ToString()) : std::nullopt;
    }
    case ArgumentType::kMask: {
      const std::optional<Ipv4> mask = Ipv4::Parse(token);
      const std::optional<std::uint8_t> length = mask ? MaskLength(*mask) : std::nullopt;
      return length ? std::optional(std::to_string(*length)) : std::nullopt;
    }
    case ArgumentType::kWildcard: {
      const std::optional<Ipv4> wildcard = token == "0" ? Ipv4() : Ipv4::Parse(token);
      return wildcard ? std::optional(wildcard->ToString()) : std::nullopt;
    }
    case ArgumentType::kString:
    case ArgumentType::kText:
      if (size < spec.low || size > spec.high) return std::nullopt;
      return std::string(token);
    case ArgumentType::kInterfaceWord: {
      const std::optional<InterfaceName> name = InterfaceName::Parse(token);
      return name ? std::optional(name->ToString()) : std::nullopt;
    }
    case ArgumentType::kInterfaceNumber: {
      const InterfaceType* type = FindType(spec.interface_type);
      const std::optional<InterfaceName> name = InterfaceName::ParseNumber(*type, token);
      return name ? std::optional(name->ToString()) : std::nullopt;
    }
  }
  return std::nullopt;
}

std::string DescribeArgument(const ArgumentSpec& spec) {
  switch (spec.type) {
    case ArgumentType::kInt:
      return fmt::format("INTEGER<{}-{}>", spec.low, spec.high);
    case ArgumentType::kAddress:
    case ArgumentType::kMask:
    case ArgumentType::kWildcard:
      return "X.X.X.X";
    case ArgumentType::kString:
      return fmt::format("STRING<{}-{}>", spec.low, spec.high);
    case ArgumentType::kText:
      return fmt::format("TEXT<{}-{}>", spec.low, spec.high);
    case ArgumentType::kInterfaceWord:
      return {};
    case ArgumentType::kInterfaceNumber:
      return std::string(FindType(spec.interface_type)->number_help);
  }
  return {};
}

std::string PrintArgument(const ArgumentSpec& spec, std::string_view value) {
  if (spec.type == ArgumentType::kMask) {
    const Prefix prefix{{}, static_cast<std::uint8_t>(Number(value).value_or(0))};
    return prefix.mask().ToString();
  }
  if (spec.type == ArgumentType::kWildcard && value == "0.0.0.0") return "0";
  return std::string(value);
}

}  // namespace sw::cli
