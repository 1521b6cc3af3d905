// What the kernel says of sensors, from a directory of the test's own.
#include "device/system/resources.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace sw::device {
namespace {

namespace fs = std::filesystem;

TEST(Temperatures, AreThoseOfZonesAndChipsAndNothingElse) {
  std::string name = (fs::temp_directory_path() / "sensors-XXXXXX").string();
  const fs::path root = ::mkdtemp(name.data());
  EXPECT_TRUE(ReadTemperatures(root).empty());
  fs::create_directories(root / "thermal" / "thermal_zone0");
  std::ofstream(root / "thermal" / "thermal_zone0" / "type") << "acpitz\n";
  std::ofstream(root / "thermal" / "thermal_zone0" / "temp") << "27800\n";
  fs::create_directories(root / "thermal" / "cooling_device0");
  fs::create_directories(root / "hwmon" / "hwmon3");
  std::ofstream(root / "hwmon" / "hwmon3" / "name") << "coretemp\n";
  std::ofstream(root / "hwmon" / "hwmon3" / "temp1_input") << "-1500\n";
  std::ofstream(root / "hwmon" / "hwmon3" / "temp1_max") << "100000\n";
  std::ofstream(root / "hwmon" / "hwmon3" / "temp2_input") << "not a number\n";
  const std::vector<Temperature> got = ReadTemperatures(root);
  ASSERT_EQ(got.size(), 2U);
  EXPECT_EQ(got[0].sensor, "acpitz");
  EXPECT_DOUBLE_EQ(got[0].celsius, 27.8);
  EXPECT_EQ(got[1].sensor, "coretemp temp1");
  EXPECT_DOUBLE_EQ(got[1].celsius, -1.5);
  fs::remove_all(root);
}

}  // namespace
}  // namespace sw::device
