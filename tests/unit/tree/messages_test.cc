// Refusals as operators read them: for one condition there is one text, and it is written once
// (cli/session/refusals.h has those of several commands).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <string>
#include <vector>

#include "test_paths.h"

namespace {

namespace fs = std::filesystem;

// The literals that stand behind a code in the sources of `cli`, with the files where they do. Adjacent literals are
// one.
std::map<std::string, std::vector<std::string>> Refusals() {
  static const std::regex kJoint("\"\\s*\n\\s*\"");
  static const std::regex kRefusal(R"re(Code::k\w+,\s*(?:fmt::format\()?(?:std::string\()?"((?:[^"\\]|\\.)*)")re");
  std::map<std::string, std::vector<std::string>> out;
  const fs::path root = SW_SOURCE_DIR;
  for (const auto& entry : fs::recursive_directory_iterator(root / "cli")) {
    if (entry.path().extension() != ".cc") continue;
    std::ifstream in(entry.path());
    const std::string text = std::regex_replace(std::string{std::istreambuf_iterator<char>(in), {}}, kJoint, "");
    for (std::sregex_iterator at(text.begin(), text.end(), kRefusal), end; at != end; ++at)
      out[(*at)[1]].push_back(fs::relative(entry.path(), root).string());
  }
  return out;
}

TEST(Messages, AreWrittenOnce) {
  const auto refusals = Refusals();
  EXPECT_GT(refusals.size(), 100U);
  for (const auto& [text, files] : refusals)
    EXPECT_TRUE(files.size() == 1 || text.starts_with("--"))  // what an option takes is said behind its name
        << "\"" << text << "\": " << testing::PrintToString(files);
}

TEST(Messages, SayInOneWayThatSomethingIsNotThere) {
  for (const auto& [text, files] : Refusals()) {
    const bool own = text == "{} does not exist" || text == "The rule does not exist." ||  // captured devices say so
                     text == "The config file does not exist!";
    EXPECT_TRUE(own || text.find("does not exist") == std::string::npos) << text << ": " << files.front();
    EXPECT_EQ(text.find("No such"), std::string::npos) << text << ": " << files.front();
    EXPECT_EQ(text.find("is missing"), std::string::npos) << text << ": " << files.front();
  }
}

// A sentence begins with a capital letter or a value, and no text ends with a full stop but those of captured devices.
TEST(Messages, AreOfOneStyle) {
  for (const auto& [text, files] : Refusals()) {
    if (files.front().starts_with("cli/programs") || files.front().starts_with("cli/grammar")) continue;
    EXPECT_FALSE(text.empty()) << files.front();
    const bool captured = text.ends_with("exist.") || text.ends_with("set.") || text.ends_with(".cfg).");
    EXPECT_TRUE(captured || !text.ends_with('.')) << text << ": " << files.front();
    EXPECT_EQ(text.find("\\n"), std::string::npos) << text << ": " << files.front();
  }
}

}  // namespace
