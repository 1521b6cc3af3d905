// What differs between two configuration texts, section by section.
#pragma once

#include <string>
#include <string_view>

namespace sw::cli {

// Lines that only `before` has start with -, lines that only `after` has with +, under the head of their section, which
// is shown with a blank when it stands in both. Order within a section does not count. Empty: the texts say the same.
// Time is linear in their length.
std::string ConfigurationDiff(std::string_view before, std::string_view after);

}  // namespace sw::cli
