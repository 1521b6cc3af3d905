// How large files and classes are: a file has at most 400 lines, tests included, and so has a class over all the files
// it is written in.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <span>
#include <string>
#include <vector>

#include "test_paths.h"

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMost = 400;

// What is larger still, and how large it may be until it is divided. A row that is not needed any more fails.
const std::map<std::string, std::size_t> kLarger{};

using Lines = std::vector<std::string>;

constexpr const char* kProduct[] = {"cli", "config-db", "device", "dvpn", "hal", "ipsec", "man"};
constexpr const char* kTests[] = {"tests"};

std::map<std::string, Lines> Sources(std::span<const char* const> folders = kProduct) {
  std::map<std::string, Lines> out;
  const fs::path root = SW_SOURCE_DIR;
  for (const char* folder : folders)
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      if (entry.path().extension() != ".h" && entry.path().extension() != ".cc") continue;
      Lines& lines = out[fs::relative(entry.path(), root).string()];
      std::ifstream in(entry.path());
      for (std::string line; std::getline(in, line);) lines.push_back(line);
    }
  return out;
}

// The line behind the one that ends what begins at `first`: `end` at the depth of `first`, as clang-format writes it.
std::size_t Behind(const Lines& lines, std::size_t first, const std::string& end) {
  const std::string wanted = lines[first].substr(0, lines[first].find_first_not_of(' ')) + end;
  for (std::size_t at = first; at < lines.size(); ++at)
    if (lines[at].rfind(wanted, 0) == 0 ||
        (at == first && lines[at].find('{') != std::string::npos && lines[at].ends_with(end)))
      return at + 1;
  return first + 1;
}

// "dvpn: Session" -> lines: the bodies of classes, and what is written outside of them. Classes of one name in one
// folder count as one.
std::map<std::string, std::size_t> Classes(const std::map<std::string, Lines>& sources) {
  static const std::regex kClass(R"(^ *(?:class|struct) ([\w:]+)(?: final)?(?: :.*)?(?: \{.*)?$)");
  static const std::regex kMember(R"(^[\w].*?((?:\w+::)*\w+)::~?(?:\w+|operator.{1,3})\(.*)");
  std::map<std::string, std::size_t> out;
  for (const auto& [file, lines] : sources) {
    const std::string folder = file.substr(0, file.rfind('/')) + ": ";
    std::size_t inside = 0;  // of a class: what is nested is part of it
    for (std::size_t at = 0; at < lines.size(); ++at) {
      const std::string& line = lines[at];
      std::smatch found;
      if (at < inside || line.ends_with(";")) continue;
      const bool names_class = line.find("class ") != std::string::npos || line.find("struct ") != std::string::npos;
      const bool is_class = names_class && std::regex_match(line, found, kClass);
      const bool may_be_member =
          file.ends_with(".cc") && line.find("::") < line.find('(') && line[0] != ' ' && line[0] != '/';
      if (!is_class && !(may_be_member && std::regex_match(line, found, kMember))) continue;
      inside = Behind(lines, at, is_class ? "};" : "}");
      out[folder + found[1].str()] += inside - at;
    }
  }
  return out;
}

std::vector<std::string> TooLarge(const std::map<std::string, std::size_t>& sizes) {
  std::vector<std::string> out;
  for (const auto& [name, size] : sizes) {
    const auto larger = kLarger.find(name);
    if (size > (larger == kLarger.end() ? kMost : larger->second)) out.push_back(name + ": " + std::to_string(size));
  }
  return out;
}

std::map<std::string, std::size_t> Files() {
  std::map<std::string, std::size_t> out;
  for (const auto& [file, lines] : Sources()) out[file] = lines.size();
  for (const auto& [file, lines] : Sources(kTests)) out[file] = lines.size();
  return out;
}

TEST(Sizes, NoFileIsLong) {
  EXPECT_THAT(Files(), testing::SizeIs(testing::Gt(400U)));
  EXPECT_THAT(TooLarge(Files()), testing::IsEmpty());
}

TEST(Sizes, NoClassIsLongOverAllItsFiles) {
  const std::map<std::string, std::size_t> classes = Classes(Sources());
  EXPECT_THAT(classes, testing::SizeIs(testing::Gt(200U)));
  EXPECT_THAT(TooLarge(classes), testing::IsEmpty());
}

TEST(Sizes, WhatIsDividedIsNotExcusedAnyMore) {
  std::map<std::string, std::size_t> all = Files();
  all.merge(Classes(Sources()));
  for (const auto& [name, size] : kLarger) EXPECT_GT(all[name], kMost) << name << " is small enough: remove its row";
}

TEST(Sizes, OfAClassCountItsBodyAndItsMembersInAllFiles) {
  const std::map<std::string, Lines> sources{
      {"x/a.h", {"class A : public B {", " public:", "  struct Inner {", "    int n;", "  };", "  void F();", "};"}},
      {"x/a.cc",
       {"void A::F() {", "  if (x) {", "  }", "}", "A::A() = default;", "int A::G() { return 1; }", "void H() {", "}"}},
      {"x/b.cc", {"Result<int> A::K(int a,", "                 int b) {", "  return a;", "}"}}};
  EXPECT_THAT(Classes(sources), testing::ElementsAre(testing::Pair("x: A", 7U + 4U + 1U + 4U)));
}

}  // namespace
