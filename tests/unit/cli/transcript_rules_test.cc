// tests/transcripts/README.md says where each rule of the command line is shown: the file is there, the row stands in
// it, and no transcript is without a rule.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "test_paths.h"

namespace sw::cli {
namespace {

struct Rule {
  std::string rule, file, row, source;
};

std::string Trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(' ');
  return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

std::string Unquoted(const std::string& cell) {
  return cell.size() >= 2 && cell.front() == '`' && cell.back() == '`' ? cell.substr(1, cell.size() - 2)
                                                                       : std::string();
}

// A stroke within a cell is written as the box drawing one.
std::string WithStrokes(std::string text) {
  constexpr std::string_view kStroke = "│";
  for (std::size_t at; (at = text.find(kStroke)) != std::string::npos;) text.replace(at, kStroke.size(), "|");
  return text;
}

const std::filesystem::path kFolder = std::filesystem::path(SW_SOURCE_DIR) / "tests/transcripts";

std::vector<Rule> Rules() {
  std::vector<Rule> out;
  std::ifstream in(kFolder / "README.md");
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("| ") || line.starts_with("| rule |")) continue;
    std::vector<std::string> cells;
    for (std::size_t at = 1, end; (end = line.find('|', at)) != std::string::npos; at = end + 1) {
      cells.push_back(Trimmed(line.substr(at, end - at)));
    }
    EXPECT_EQ(cells.size(), 4u) << line;
    if (cells.size() == 4) out.push_back({cells[0], Unquoted(cells[1]), WithStrokes(Unquoted(cells[2])), cells[3]});
  }
  return out;
}

TEST(TranscriptRulesTest, EveryRuleHasItsFileAndRow) {
  const std::vector<Rule> rules = Rules();
  EXPECT_GT(rules.size(), 100u);
  for (const Rule& rule : rules) {
    EXPECT_TRUE(rule.source == "seen" || rule.source == "own") << rule.rule;
    EXPECT_FALSE(rule.row.empty()) << rule.rule;
    std::ifstream in(kFolder / rule.file);
    EXPECT_TRUE(in.is_open()) << rule.rule << ": " << rule.file;
    bool found = false;
    for (std::string line; !found && std::getline(in, line);) {
      found = !line.starts_with("# ") && Trimmed(line) == Trimmed(rule.row);
    }
    EXPECT_TRUE(found) << rule.rule << ": no row of " << rule.file << " is\n" << rule.row;
  }
}

TEST(TranscriptRulesTest, EveryTranscriptShowsARule) {
  std::set<std::string> named;
  for (const Rule& rule : Rules()) named.insert(rule.file);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kFolder)) {
    if (entry.path().extension() != ".txt") continue;
    const std::string file = std::filesystem::relative(entry.path(), kFolder).string();
    EXPECT_TRUE(named.contains(file)) << file << " shows no rule of README.md";
  }
}

}  // namespace
}  // namespace sw::cli
