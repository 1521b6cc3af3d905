// Dependencies point downwards only: reads every #include line of the tree and refuses an arrow that points up, and one
// that leads from a subject's room into another subject's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "test_paths.h"

namespace {

namespace fs = std::filesystem;

// What each folder may include besides itself. The longest prefix of a path names its folder.
const std::map<std::string, std::set<std::string>> kMayInclude{
    {"hal/base", {}},
    {"hal", {"hal/base"}},
    {"ipsec", {"hal", "hal/base"}},
    {"dvpn", {"ipsec", "hal", "hal/base"}},
    {"config-db", {"hal/base"}},
    {"device", {"config-db", "dvpn", "ipsec", "hal", "hal/base"}},
    {"cli", {"device", "config-db", "dvpn", "ipsec", "hal", "hal/base"}},
};

// Libraries that only some places may name: the prefix of an include, and the paths that may use it.
struct Door {
  std::string include;
  std::vector<std::string> places;
};
const std::vector<Door> kDoors{
    {"openssl/", {"hal/soft/"}},
    {"crypt.h", {"device/config/"}},
    {"sqlite3.h", {"config-db/"}},
    {"boost/asio", {"device/event_loop.cc", "cli/metrics/http_server.cc"}},
    {"boost/beast", {"cli/metrics/http_server.cc"}},
    {"boost/program_options", {"cli/programs/"}},
    {"netlink/", {"hal/ports/"}},
    {"yaml-cpp/", {"device/lab/"}},
    {"nlohmann/", {"cli/", "hal/vfio/"}},
    {"net-snmp/", {"cli/snmp/"}},
    {"libssh/", {"cli/ssh/"}},
    {"readline/", {"cli/shell/"}},
    {"sys/socket.h", {"hal/ports/", "hal/vfio/", "device/linux/", "cli/programs/", "cli/remote/", "cli/ssh/"}},
};

struct Include {
  std::string file, path;
  bool quoted;
};

// Rooms of cli, config-db and device that hold no subject but what all subjects share.
const std::set<std::string> kShared{"audit",  "config",  "configuration", "display",  "grammar",
                                    "lab",    "linux",   "metrics",       "programs", "remote",
                                    "replay", "service", "session",       "shell",    "site"};
// Subjects that every subject may use: what it stands on, whom it tells, and the time.
const std::set<std::string> kForAll{"interface", "log", "clock"};
std::vector<Include> AllIncludes() {
  std::vector<Include> out;
  const fs::path root = SW_SOURCE_DIR;
  for (const auto& [folder, unused] : kMayInclude) {
    if (folder == "hal/base") continue;  // part of hal
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      if (entry.path().extension() != ".h" && entry.path().extension() != ".cc") continue;
      std::ifstream in(entry.path());
      for (std::string line; std::getline(in, line);) {
        if (line.rfind("#include ", 0) != 0) continue;
        const std::size_t end = line.find_last_of("\">");
        out.push_back({fs::relative(entry.path(), root).string(), line.substr(10, end - 10), line[9] == '"'});
      }
    }
  }
  return out;
}

std::string FolderOf(const std::string& path) {
  if (path.rfind("hal/base/", 0) == 0) return "hal/base";
  return path.substr(0, path.find('/'));
}

TEST(Dependencies, PointDownwardsOnly) {
  std::vector<std::string> upwards;
  for (const Include& include : AllIncludes()) {
    if (!include.quoted || include.path == "version.h") continue;
    const std::string from = FolderOf(include.file), to = FolderOf(include.path);
    if (from != to && !kMayInclude.at(from).contains(to)) upwards.push_back(include.file + " includes " + include.path);
  }
  EXPECT_THAT(upwards, testing::IsEmpty());
}

// The subject of a path; empty: none.
std::string SubjectOf(const std::string& path) {
  const std::size_t room = path.find('/') + 1, end = path.find('/', room);
  if (end == std::string::npos) return {};
  const std::string floor = path.substr(0, room - 1), name = path.substr(room, end - room);
  const bool has_subjects = floor == "cli" || floor == "config-db" || floor == "device";
  return has_subjects && !kShared.contains(name) ? name : std::string();
}

TEST(Dependencies, LeadFromASubjectToNoOther) {
  std::vector<std::string> strays;
  for (const Include& include : AllIncludes()) {
    const std::string from = SubjectOf(include.file), to = include.quoted ? SubjectOf(include.path) : std::string();
    if (from.empty() || to.empty() || from == to || kForAll.contains(to)) continue;
    strays.push_back(include.file + " includes " + include.path);
  }
  EXPECT_THAT(strays, testing::IsEmpty());
}

// Commands and displays see an operator, not the session it is; displays see values, not the device.
TEST(Dependencies, OfCommandsGoThroughNarrowDoors) {
  const std::set<std::string> session{"cli/session/session.h", "cli/session/changes.h"};
  std::vector<std::string> strays;
  for (const Include& include : AllIncludes()) {
    const bool commands = include.file.starts_with("cli/") && include.file.find("commands.cc") != std::string::npos;
    const bool displays = include.file.starts_with("cli/") && include.file.find("displays.") != std::string::npos;
    const bool wide = ((commands || displays) && session.contains(include.path)) ||
                      (displays && (include.path == "device/device.h" || include.path == "cli/session/operator.h"));
    if (wide) strays.push_back(include.file + " includes " + include.path);
  }
  EXPECT_THAT(strays, testing::IsEmpty());
}

TEST(Dependencies, AreReadFromEveryFolder) {
  std::set<std::string> folders;
  for (const Include& include : AllIncludes()) folders.insert(FolderOf(include.file));
  EXPECT_THAT(folders, testing::IsSupersetOf({"hal/base", "hal", "ipsec", "dvpn", "config-db", "device", "cli"}));
}

TEST(Dependencies, ReachLibrariesThroughTheirDoors) {
  std::vector<std::string> strays;
  for (const Include& include : AllIncludes())
    for (const Door& door : kDoors) {
      if (include.quoted || include.path.rfind(door.include, 0) != 0) continue;
      bool allowed = false;
      for (const std::string& place : door.places) allowed |= include.file.rfind(place, 0) == 0;
      if (!allowed) strays.push_back(include.file + " includes <" + include.path + ">");
    }
  EXPECT_THAT(strays, testing::IsEmpty());
}

}  // namespace
