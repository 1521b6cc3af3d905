// Families out of displays: every number and every yes or no of a display's fields becomes one, so a new field is a new
// metric, and a secret, which is text, is none.
//
// Words are labels where they say which row it is, and stand in the _info family where they say how it is; no other text
// leaves the device. Any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/display/field.h"
#include "cli/metrics/exposition.h"

namespace sw::cli {

// A field under another name.
struct Renamed {
  std::string_view field, label;
};

// How records of one display become families.
struct FamilyShape {
  std::string_view prefix;                            // of the names, as sw8800_dvpn_session
  std::span<const Renamed> labels = {};               // which one it is
  std::span<const Renamed> info = {};                 // how it is, in words
  std::string_view up = {};                           // the field that says whether it is up
  std::span<const std::string_view> left_out = {};    // numbers that are names, and settings
  bool configured = false;                            // its rows are what is configured
};

// A record with the labels of what it belongs to.
struct FamilyRow {
  std::string labels;
  const Record* record;
};
void AddFamilies(const FamilyShape& shape, std::span<const Field> fields, const std::vector<FamilyRow>& rows,
                 Exposition& out);
// The rows of a list, below those of its owners; `labels` of the shape come behind theirs.
std::vector<FamilyRow> RowsOf(const std::vector<Record>& records, const FamilyShape& shape);
std::vector<FamilyRow> RowsUnder(const std::vector<FamilyRow>& owners, std::string_view list, const FamilyShape& shape);
const std::vector<Record>& ListIn(const Record& record, std::string_view field);

}  // namespace sw::cli
