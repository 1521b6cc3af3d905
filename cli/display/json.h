// Display models as JSON, and the schemas of that (JSON Schema, draft 2020-12).
//
// Bytes that are no UTF-8 become U+FFFD each, NUL becomes \u0000: the text is JSON whatever the values hold.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace sw::cli {

struct Display;
struct Record;

std::string JsonText(const Record& record,
                     std::uint8_t level);  // of several lines, the last one ended; `level`: of the operator
nlohmann::ordered_json SchemaOf(std::string_view command, const Display& display);

}  // namespace sw::cli
