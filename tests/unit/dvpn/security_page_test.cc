// The SECURITY section of sw8800-dvpn(7) names a test for what holds; this one says that they are there.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "test_paths.h"

namespace {

namespace fs = std::filesystem;

std::string Read(const fs::path& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

std::set<std::string> Tests() {
  static const std::regex kTest(R"(\nTEST(?:_F|_P)?\((\w+), (\w+)\))");
  std::set<std::string> out;
  for (const auto& entry : fs::directory_iterator(fs::path(SW_SOURCE_DIR) / "tests/unit/dvpn")) {
    const std::string text = Read(entry.path());
    for (std::sregex_iterator at(text.begin(), text.end(), kTest), end; at != end; ++at)
      out.insert((*at)[1].str() + "." + (*at)[2].str());
  }
  return out;
}

TEST(SecurityPage, NamesTestsThatAreThere) {
  const std::string page = Read(fs::path(SW_SOURCE_DIR) / "man/sw8800-dvpn.7");
  const std::string section =
      page.substr(page.find("\n.Sh SECURITY"), page.find("\n.Sh SEE ALSO") - page.find("\n.Sh SECURITY"));
  static const std::regex kName(R"(\b([A-Z]\w+\.[A-Z]\w{12,}))");
  const std::set<std::string> tests = Tests();
  std::size_t named = 0;
  for (std::sregex_iterator at(section.begin(), section.end(), kName), end; at != end; ++at, ++named)
    EXPECT_TRUE(tests.contains((*at)[1].str())) << (*at)[1].str();
  EXPECT_GT(named, 20U);
  // Those that are programs of their own.
  static const std::regex kProgram(R"(\.Pq test (\w+))");
  const std::string programs = Read(fs::path(SW_SOURCE_DIR) / "tests/CMakeLists.txt");
  named = 0;
  for (std::sregex_iterator at(section.begin(), section.end(), kProgram), end; at != end; ++at, ++named)
    EXPECT_NE(programs.find("add_test(NAME " + (*at)[1].str() + " "), std::string::npos) << (*at)[1].str();
  EXPECT_GT(named, 0U);
}

}  // namespace
