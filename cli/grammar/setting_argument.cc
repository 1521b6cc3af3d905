#include "cli/grammar/setting_argument.h"

#include <fmt/format.h>

#include <cctype>
#include <charconv>

namespace sw::cli {
namespace {

using configdb::Column;
using configdb::Shape;

ArgumentType TypeOf(const Column& column) {
  if (column.type == configdb::Type::kInt) return ArgumentType::kInt;
  switch (column.shape) {
    case Shape::kWord:
      return ArgumentType::kString;
    case Shape::kLine:
      return ArgumentType::kText;
    case Shape::kAddress:
      return ArgumentType::kAddress;
    case Shape::kMac:
      return ArgumentType::kMac;
    case Shape::kHex:
      return ArgumentType::kHex;
    case Shape::kTime:
      return ArgumentType::kTime;
    case Shape::kHourMinute:
      return ArgumentType::kHourMinute;
    case Shape::kDate:
      return ArgumentType::kDate;
  }
  return ArgumentType::kString;
}

// Addresses, times and the like have a length that nobody needs to be told.
bool HasRange(ArgumentType type) {
  return type == ArgumentType::kInt || type == ArgumentType::kString || type == ArgumentType::kText;
}

ArgumentSpec SpecOf(const Column& column) {
  ArgumentSpec spec;
  spec.type = TypeOf(column);
  if (!HasRange(spec.type)) return spec;
  spec.low = column.low;
  spec.high = column.longest_plain != 0 ? column.longest_plain : column.high;
  return spec;
}

// One end of "LOW..HIGH"; what is left out is the setting's.
bool ReadEnd(std::string_view text, std::int64_t& end) {
  if (text.empty()) return true;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), end);
  return error == std::errc() && stop == text.data() + text.size();
}

std::optional<ArgumentSpec> PartOf(const Column& column, std::string_view range) {
  const std::size_t dots = range.find("..");
  ArgumentSpec spec = SpecOf(column);
  const std::int64_t low = spec.low, high = spec.high;
  if (!HasRange(spec.type) || !ReadEnd(range.substr(0, dots), spec.low) ||
      !ReadEnd(range.substr(dots + 2), spec.high)) {
    return std::nullopt;
  }
  return low <= spec.low && spec.low <= spec.high && spec.high <= high ? std::optional(spec) : std::nullopt;
}

std::optional<ArgumentSpec> SpellingOf(const Column& column, std::string_view type) {
  if (type.empty()) return SpecOf(column);
  if (type.find("..") != std::string_view::npos) return PartOf(column, type);
  if (type == "concealed") {
    ArgumentSpec spec = SpecOf(column);
    spec.high = column.high;
    return column.longest_plain == 0 ? std::nullopt : std::optional(spec);
  }
  const bool names_only = type.starts_with("names:");
  std::optional<ArgumentSpec> spec = ParseArgumentSpec(names_only ? fmt::format("named:{}", type.substr(6)) : type);
  if (spec && spec->type == ArgumentType::kNamed && !names_only && column.type == configdb::Type::kInt) {
    spec->low = column.low;
    spec->high = column.high;
  }
  return spec;
}

const Column* Like(std::string_view type) {
  const std::size_t dot = type.find('.');
  if (dot == std::string_view::npos) return nullptr;
  const configdb::Table* table = configdb::FindTable(type.substr(0, dot));
  return table == nullptr ? nullptr : configdb::FindColumn(*table, type.substr(dot + 1));
}

// A preset that is typed is not stored, unless the row or the line needs it.
bool LeavesPreset(const configdb::Table& table, const Column& column) {
  const bool key = static_cast<std::size_t>(&column - table.columns.data()) < table.keys;
  return column.preset.has_value() && !key && !column.required && !column.keeps_preset;
}

}  // namespace

std::optional<SettingArgument> ResolveArgument(std::string_view name, std::string_view type,
                                               const configdb::Table* table) {
  if (const Column* like = Like(type)) return SettingArgument{SpecOf(*like), like};
  const Column* column = table == nullptr ? nullptr : configdb::FindColumn(*table, name);
  std::optional<ArgumentSpec> spec = column == nullptr ? ParseArgumentSpec(type) : SpellingOf(*column, type);
  if (!spec) return std::nullopt;
  if (column != nullptr && LeavesPreset(*table, *column)) spec->preset = column->preset;
  return SettingArgument{*spec, column};
}

std::string FillPhrase(std::string_view phrase, const SettingArgument& argument) {
  const std::size_t at = phrase.find("{}");
  if (at == std::string_view::npos || argument.setting == nullptr) return std::string(phrase);
  const Column& setting = *argument.setting;
  std::string filled(setting.unit);
  if (at == 0 && !filled.empty()) filled[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(filled[0])));
  const std::string preset = setting.preset ? PrintArgument(argument.spec, std::to_string(*setting.preset))
                                            : std::string(setting.preset_words);
  if (!preset.empty()) filled += fmt::format("{}{} by default", filled.empty() ? "" : ", ", preset);
  return fmt::format("{}{}{}", phrase.substr(0, at), filled, phrase.substr(at + 2));
}

}  // namespace sw::cli
