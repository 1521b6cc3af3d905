// The tables that the engines walk are those of the manual.
#include "dvpn/registration_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "man/generate/registration.h"
#include "test_paths.h"

namespace sw::dvpn::table {
namespace {

TEST(RegistrationTable, IsTheOneOfTheManual) {
  std::ifstream in(SW_SOURCE_DIR "/man/sw8800-dvpn.7");
  const std::string page{std::istreambuf_iterator<char>(in), {}};
  const std::string begin = ".\\\" made by registration-model\n", end = ".\\\" end\n";
  const std::size_t from = page.find(begin), to = page.find(end, from);
  ASSERT_NE(from, std::string::npos);
  ASSERT_NE(to, std::string::npos);
  EXPECT_EQ(page.substr(from + begin.size(), to - from - begin.size()), man::RegistrationTables())
      << "print it with 'registration-model tables'";
}

// Whatever happens, an attempt ends: by a timer where nothing comes.
TEST(RegistrationTable, NoStateOfAnAttemptIsWithoutAnEnd) {
  for (const ClientRow row : {ClientRow::kAlgReq, ClientRow::kKexReq, ClientRow::kAuthenReq, ClientRow::kReq})
    for (const ClientInput input : {ClientInput::kLimit, ClientInput::kDoubt, ClientInput::kRefuse})
      EXPECT_EQ(After(row, Of(client::kTable.At(row, input)), Outcome::kError), ClientRow::kInit);
  for (const ServerRow row :
       {ServerRow::kAuthenInit, ServerRow::kAsking, ServerRow::kInit, ServerRow::kRefused, ServerRow::kUnproven})
    EXPECT_EQ(After(row, Of(server::kTable.At(row, ServerInput::kAge)), Outcome::kNext), ServerRow::kNone);
}

TEST(RegistrationTable, EveryRowIsAStateOfTheMibAndNoReservedOne) {
  for (std::size_t r = 1; r < kClientRows; ++r) {
    EXPECT_NE(kClientRowNames[r].state, MapState::kClientConfigReq);
    EXPECT_EQ(kClientRowNames[r].name, Name(kClientRowNames[r].state));
  }
  for (std::size_t r = 1; r < kServerRows; ++r) EXPECT_NE(kServerRowNames[r].state, MapState::kServerConfigInit);
}

}  // namespace
}  // namespace sw::dvpn::table
