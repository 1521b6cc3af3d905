// The references' commands, typed one by one: what the coverage page says is what the terminal does.
#include "man/generate/coverage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>

#include "cli/subjects.h"
#include "test_paths.h"

namespace sw::man {
namespace {

using testing::Contains;
using testing::SizeIs;

const cli::Grammar& AllCommands() {
  static const Result<cli::Grammar> grammar = cli::BuildGrammar(true);
  return *grammar;
}

const std::vector<CoverageRow>& Rows() {
  static const std::vector<CoverageRow> rows = [] {
    std::ifstream in(std::string(SW_SOURCE_DIR) + "/man/generate/reference-commands.txt");
    return CoverageOf(AllCommands(), std::string{std::istreambuf_iterator<char>(in), {}});
  }();
  return rows;
}

CoverageRow One(const std::string& row) {
  const std::vector<CoverageRow> rows = CoverageOf(AllCommands(), "[A] any\n" + row);
  EXPECT_THAT(rows, SizeIs(1));
  return rows.front();
}

std::vector<std::string> LinesOf(const CoverageRow& row) {
  std::vector<std::string> out;
  for (const TypedForm& form : row.forms) out.push_back(form.line);
  return out;
}

TEST(Coverage, TypesEachPartOfASyntax) {
  EXPECT_EQ(One("sysname <text>").status(), Coverage::kActs);
  EXPECT_THAT(LinesOf(One("undo acl { all | number <number> }")),
              testing::ElementsAre("undo acl all", "undo acl number 1000"));
  EXPECT_THAT(LinesOf(One("pfs { dh-group1 | dh-group2 }")), testing::ElementsAre("pfs dh-group1", "pfs dh-group2"));
  EXPECT_THAT(LinesOf(One("terminal { monitor | logging }*")), Contains("terminal monitor logging"));
}

TEST(Coverage, ComparesWholeWordsAndWholeCommands) {
  EXPECT_EQ(One("sysn <text>").status(), Coverage::kAbsent) << "an abbreviation is not the command";
  EXPECT_EQ(One("sysname").status(), Coverage::kAbsent) << "nor is its beginning";
  EXPECT_EQ(One("sysname <text> <text>").status(), Coverage::kAbsent);
  EXPECT_EQ(One("sysname text").status(), Coverage::kAbsent) << "a keyword is no argument";
  EXPECT_EQ(One("snmp-agent usm-user v3 <name> <group>").status(), Coverage::kAbsent);
  const CoverageRow part = One("pfs { dh-group1 | dh-group99 }");
  EXPECT_EQ(part.status(), Coverage::kInPart);
  EXPECT_FALSE(part.forms.back().taken);
  EXPECT_EQ(part.forms.back().line, "pfs dh-group99");
}

TEST(Coverage, TellsWhatActsFromWhatIsKept) {
  EXPECT_EQ(One("l2tp enable").status(), Coverage::kKept);
  EXPECT_EQ(One("duplex { auto | full | half }").status(), Coverage::kKept);
  EXPECT_EQ(One("snmp-agent").status(), Coverage::kActs);
}

TEST(Coverage, ReadsEveryRowOfTheReferences) {
  EXPECT_GT(Rows().size(), 300U);
  std::map<std::string, int> subjects;
  for (const CoverageRow& row : Rows()) {
    EXPECT_FALSE(row.forms.empty()) << row.subject << ": " << row.syntax;
    EXPECT_FALSE(row.subject.empty()) << row.syntax;
    ++subjects[row.subject];
  }
  EXPECT_GT(subjects.size(), 25U);
}

// What is absent says why, and what is there gives no reason.
TEST(Coverage, GivesAReasonForWhatIsNotThereAndForNothingElse) {
  for (const CoverageRow& row : Rows()) {
    const bool whole = row.status() == Coverage::kActs || row.status() == Coverage::kKept;
    std::string refused;
    for (const TypedForm& form : row.forms)
      if (!form.taken) refused += "\n  " + form.line;
    EXPECT_EQ(row.reason.empty(), whole) << row.subject << ": " << row.syntax << refused;
  }
}

}  // namespace
}  // namespace sw::man
