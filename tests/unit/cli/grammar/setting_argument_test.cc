// A setting is described in one row; forms, helps and handlers name it and repeat none of its numbers.
#include "cli/grammar/setting_argument.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>

#include "cli/grammar/line.h"
#include "cli/subjects.h"
#include "test_paths.h"

namespace sw::cli {
namespace {

namespace fs = std::filesystem;

std::optional<SettingArgument> Resolve(std::string_view table, std::string_view name, std::string_view type = {}) {
  return ResolveArgument(name, type, configdb::FindTable(table));
}

std::string Shown(std::string_view table, std::string_view name, std::string_view type = {}) {
  const std::optional<SettingArgument> argument = Resolve(table, name, type);
  return argument ? DescribeArgument(argument->spec) : "none";
}

TEST(SettingArgument, TakesWhatTheSettingTakes) {
  EXPECT_EQ(Shown("dvpn_global", "map_age"), "INTEGER<10-180>");
  EXPECT_EQ(Shown("dvpn_class", "name"), "STRING<1-31>");
  EXPECT_EQ(Shown("interface", "description"), "TEXT<1-80>");
  EXPECT_EQ(Shown("dvpn_class", "public_ip"), "X.X.X.X");
  EXPECT_EQ(Shown("local_user", "bind_mac"), "H-H-H");
  EXPECT_EQ(Shown("acl_rule", "type_code"), "HEX<0000-ffff>");
  EXPECT_EQ(Shown("clock", "zone_offset"), "HH:MM:SS");
  EXPECT_EQ(Shown("clock", "summer_end_date"), "YYYY/MM/DD");
  EXPECT_EQ(Shown("dvpn_global", "nothing"), "none");
  EXPECT_FALSE(ResolveArgument("map_age", "", nullptr));
}

TEST(SettingArgument, TakesAPartOfTheRange) {
  EXPECT_EQ(Shown("interface", "mtu", "..1500"), "INTEGER<46-1500>");
  EXPECT_EQ(Shown("interface", "mtu", "100.."), "INTEGER<100-64000>");
  EXPECT_EQ(Shown("acl_rule", "protocol", "6..6"), "INTEGER<6-6>");
  for (const char* bad : {"..64001", "45..", "1500..100", "x..", "..9x", "46-1500"})
    EXPECT_EQ(Shown("interface", "mtu", bad), "none") << bad;
}

TEST(SettingArgument, TakesOtherSpellings) {
  EXPECT_EQ(Shown("dvpn_class", "pre_shared_key"), "STRING<1-127>");
  EXPECT_EQ(Shown("dvpn_class", "pre_shared_key", "concealed"), "STRING<1-220>");
  EXPECT_EQ(Shown("dvpn_class", "name", "concealed"), "none");
  EXPECT_EQ(Shown("acl_rule", "source_port", "named:tcp-port"), "INTEGER<0-65535>");
  EXPECT_EQ(Shown("info_loghost", "facility", "names:facility"), "") << "no number is taken";
  EXPECT_EQ(Shown("interface_address", "mask_length", "mask"), "X.X.X.X");
  const std::optional<SettingArgument> like = ResolveArgument("which", "interface.dvpn_id", nullptr);
  ASSERT_TRUE(like);
  EXPECT_EQ(DescribeArgument(like->spec), "INTEGER<1-65535>");
  EXPECT_FALSE(ResolveArgument("which", "interface.nothing", nullptr));
}

TEST(SettingArgument, LeavesAPresetUnsetUnlessItsRowOrLineNeedsIt) {
  EXPECT_EQ(Resolve("dvpn_global", "map_age")->spec.preset, 30);
  EXPECT_EQ(Resolve("super_password", "level")->spec.preset, std::nullopt) << "a key";
  EXPECT_EQ(Resolve("route_static", "preference")->spec.preset, std::nullopt) << "never NULL";
  EXPECT_EQ(Resolve("radius_scheme", "primary_accounting_port")->spec.preset, std::nullopt) << "kept as typed";
}

TEST(SettingArgument, SaysUnitAndPreset) {
  const auto said = [](std::string_view table, std::string_view name, std::string_view phrase,
                       std::string_view type = {}) { return FillPhrase(phrase, *Resolve(table, name, type)); };
  EXPECT_EQ(said("dvpn_global", "map_age", "{}"), "Seconds, 30 by default");
  EXPECT_EQ(said("user_interface", "screen_length", "{}; 0: no paging"), "Lines, 24 by default; 0: no paging");
  EXPECT_EQ(said("radius_scheme", "response_timeout", "Wait, in {}"), "Wait, in seconds, 3 by default");
  EXPECT_EQ(said("info_loghost", "facility", "{}", "names:facility"), "local7 by default");
  EXPECT_EQ(said("radius_scheme", "nas_ip", "{}"), "IP address, that of the outgoing interface by default");
  EXPECT_EQ(said("interface", "vlan_id", "{}"), "VLAN ID");
  EXPECT_EQ(said("dvpn_global", "map_age", "As typed"), "As typed");
}

struct Typed {
  std::string name, type;
};

// The arguments of a form as they are written.
std::vector<Typed> ArgumentsOf(std::string_view form) {
  std::vector<Typed> out;
  for (const Token& token : Tokenise(form)) {
    if (!token.text.starts_with('<')) continue;
    const std::string inside(token.text.substr(1, token.text.size() - 2));
    const std::size_t colon = std::min(inside.find(':'), inside.size());
    out.push_back({inside.substr(0, colon), inside.substr(std::min(colon + 1, inside.size()))});
  }
  return out;
}

TEST(Settings, StandInNoFormASecondTime) {
  const std::regex range("(int|string|text|named:[a-z-]+):.*");
  std::size_t settings = 0;
  for (const Subject& subject : Subjects()) {
    for (const Command& command : subject.commands) {
      const configdb::Table* table = configdb::FindTable(command.table);
      for (const std::string_view form : {command.form, command.undo}) {
        for (const Typed& argument : ArgumentsOf(form)) {
          const configdb::Column* column = table == nullptr ? nullptr : configdb::FindColumn(*table, argument.name);
          if (column == nullptr) continue;
          ++settings;
          EXPECT_FALSE(std::regex_match(argument.type, range)) << form << ": " << argument.name;
        }
      }
    }
  }
  EXPECT_GT(settings, 200U);
}

TEST(Settings, StandInNoHelpASecondTime) {
  const std::regex number("[0-9]+ by default");
  for (const Subject& subject : Subjects()) {
    for (const Command& command : subject.commands) {
      const configdb::Table* table = configdb::FindTable(command.table);
      if (table == nullptr) continue;
      EXPECT_FALSE(std::regex_search(std::string(command.help), number)) << command.form << ": " << command.help;
      for (const Typed& argument : ArgumentsOf(command.form)) {
        const std::optional<SettingArgument> setting = ResolveArgument(argument.name, argument.type, table);
        if (!setting || setting->setting == nullptr) continue;
        if (!setting->setting->preset && setting->setting->preset_words.empty()) continue;
        EXPECT_EQ(command.help.find(FillPhrase("{}", *setting)), std::string_view::npos)
            << command.form << ": " << command.help;
      }
    }
  }
}

// Neither what the device starts from nor what a handler falls back to is typed beside the column's name.
TEST(Settings, StandBesideNoReadOfARowASecondTime) {
  const std::regex read(R"re(Int(Or|Of)\([^()]*"[a-z_0-9]+", [1-9][0-9]*\)|Int\("[a-z_0-9]+"\)\.value_or\([1-9])re");
  std::vector<std::string> found;
  std::size_t files = 0;
  for (const char* folder : {"device", "cli"}) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(SW_SOURCE_DIR) / folder)) {
      if (entry.path().extension() != ".cc" && entry.path().extension() != ".h") continue;
      ++files;
      std::ifstream in(entry.path());
      for (std::string line; std::getline(in, line);)
        if (std::regex_search(line, read)) found.push_back(entry.path().filename().string() + ": " + line);
    }
  }
  EXPECT_GT(files, 100U);
  EXPECT_THAT(found, testing::IsEmpty());
}

}  // namespace
}  // namespace sw::cli
