#include "man/generate/pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config-db/schema.h"
#include "test_paths.h"

namespace sw::man {
namespace {

using testing::HasSubstr;

const cli::Grammar& AllCommands() {
  static const Result<cli::Grammar> grammar = cli::BuildGrammar(true);
  return *grammar;
}

TEST(Pages, HaveEveryCommandOfEverySubject) {
  const std::string page = CommandsPage(AllCommands(), cli::Subjects());
  std::size_t commands = 0, described = 0;
  for (const cli::Subject& subject : cli::Subjects()) {
    EXPECT_THAT(page, HasSubstr(".Sh " + std::string(subject.title)));
    commands += subject.commands.size();
  }
  for (std::size_t at = 0; (at = page.find(".Bd -ragged", at)) != std::string::npos; ++at) ++described;
  EXPECT_EQ(described, commands);
  EXPECT_THAT(page, HasSubstr("\\fBdvpn\\fP \\fBclient\\fP \\fBregister\\-interval\\fP \\fIregister\\-interval\\fP"));
  EXPECT_THAT(page, HasSubstr("INTEGER<3\\-60>"));
}

TEST(Pages, HaveEveryTableAndColumnOfTheDatabase) {
  const std::string page = DatabasePage();
  for (const configdb::Table& table : configdb::Tables()) {
    EXPECT_THAT(page, HasSubstr(".Ss " + std::string(table.name) + "\n"));
    for (const configdb::Column& column : table.columns)
      EXPECT_THAT(page, HasSubstr(".It Li " + std::string(column.name) + "\n"));
  }
}

TEST(Pages, SayRangeDefaultUnitAndOriginOfASetting) {
  const std::string page = DatabasePage();
  EXPECT_THAT(page, HasSubstr(".It Li session_history_age\ninteger, 1 to 100.\nDefault: 50 hours.\n"
                              "Origin: MIB SessionHisAgeTime; the command is our choice.\n"));
  EXPECT_THAT(page, HasSubstr(".It Li ike_peer\ntext, 1 to 15 bytes, names a row of ike_peer.\n"));
  EXPECT_THAT(page, HasSubstr(".It Li pre_shared_key\ntext, 1 to 300 bytes, secret.\n"));
  EXPECT_THAT(CommandsPage(AllCommands(), cli::Subjects()),
              HasSubstr(".It Ar map\\-age\nSeconds, 30 by default (INTEGER<10\\-180>).\nOrigin: "
                        "A3COM\\-HUAWEI\\-DVPN\\-MIB.\n"));
}

TEST(Pages, CoverageIsCountedAndSaysWhatIsNotThere) {
  const std::string page = CoveragePage(
      AllCommands(), "# remark\n[Files] user\nsave [ <file> ]\nno such { a | b }\tnobody has it\ndir [ /every ]\n");
  EXPECT_THAT(page, HasSubstr(".Sh Files\n"));
  EXPECT_THAT(page, HasSubstr(".It acts Ta save [ file ]\n"));
  EXPECT_THAT(page, HasSubstr(".It absent Ta no such { a | b }\n.It \\& Ta because nobody has it\n"));
  EXPECT_THAT(page, HasSubstr(".It in part Ta dir [ /every ]\n.It \\& Ta not dir /every\n"));
  EXPECT_THAT(page, HasSubstr("Of the 3 commands that the guide, its siblings and recollection of them name, 1 act, 0 "
                              "are\nstored and printed only, 1 are there in part, and 1 are absent"));
}

TEST(Pages, SayWhereNamesAreRecollection) {
  const std::string page = CommandsPage(AllCommands(), cli::Subjects());
  EXPECT_THAT(page, HasSubstr(".Sh Encryption card\nAll names but encrypt\\-card shadow"));
}

}  // namespace
}  // namespace sw::man
