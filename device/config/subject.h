// A subject of the configuration: its tables, how their rows become typed values, and who follows a change. All of them
// stand in one ordered array (device/subjects.cc), which loading, validating and committing walk; every table of the
// schema belongs to exactly one (tests/unit/device/config/subjects_test.cc).
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>

#include "device/config/config.h"
#include "device/config/rows.h"

namespace sw::device {

struct Engines;  // device/device_impl.h

struct SubjectTable {
  static constexpr std::size_t kRow = static_cast<std::size_t>(-1);

  std::string_view name;
  // Takes over what stands at `key` now and notes it in `delta`. Null: nothing of the table is kept as a value, who
  // needs it asks the store.
  void (*take)(const configdb::Key& key, Rows rows, Config& config, Delta& delta) = nullptr;
  // Rows whose first so many key columns are equal are one value and are taken together, in the store's order, with
  // those columns as the key: 1, the rows of one object; 0, the whole of a small table; kRow, each by itself.
  std::size_t together = kRow;
};

struct Subject {
  std::string_view name;  // of its room
  std::span<const SubjectTable> tables;
  // Refuses what changed when it cannot be right; the rest was valid before.
  Status (*validate)(const Config& config, const Delta& delta) = nullptr;
  // Before the commit: tells the engines, which may refuse. Doing it again with the old values takes it back.
  Status (*apply)(Engines& engines, const Delta& delta) = nullptr;
  // After the commit, in the same order: what nobody can refuse.
  void (*follow)(Engines& engines, const Delta& delta) = nullptr;
  // For a start: `all` in parts, so that one that is refused holds up no other. Null: it is one.
  void (*in_parts)(const Delta& all, const std::function<void(const Delta&)>& take) = nullptr;
};

std::span<const Subject> Subjects();

}  // namespace sw::device
