// The engines an operator can name: what is refused and with which words, and that help and manual are the rows'.
#include "hal/backend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "test_paths.h"

namespace sw::hal {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Result<OpenedEngine> Open(const std::string& name) {
  return OpenEngine(name, {[] { return Time{}; }, EnginePlan{}});
}

TEST(Backend, SoftwareIsADeviceAndACardIsACard) {
  const Result<OpenedEngine> software = Open("software"), card = Open("vfio-user:/nowhere/card.sock");
  ASSERT_TRUE(software.ok() && card.ok());
  EXPECT_NE(software->device, nullptr);
  EXPECT_EQ(software->card, nullptr);
  ASSERT_NE(card->card, nullptr);
  EXPECT_EQ(card->device, nullptr);
  card->card->Poll();
  EXPECT_EQ(card->card->trouble(), pcie::Trouble::kAbsent);
}

TEST(Backend, AnotherNameIsRefusedWithAllThatThereAre) {
  for (const char* name :
       {"", ":", "softwar", "software:", "software:x", "vfio-user", "vfio-user:", "pcie:", "Software", "pci:auto"}) {
    const Result<OpenedEngine> engine = Open(name);
    ASSERT_EQ(engine.status().code(), Code::kBadValue) << name;
    EXPECT_EQ(engine.why(), std::string(name) + ": not " + BackendForms());
  }
}

TEST(Backend, APciAddressIsCheckedAndAnEmptySlotIsACardThatIsNotThere) {
  for (const char* name : {"pcie:card", "pcie:0000:01:00.9", "pcie:../x", "pcie:Auto"})
    EXPECT_THAT(Open(name).why(), HasSubstr("not a PCI address, as 0000:01:00.0, and not auto")) << name;
  const Result<OpenedEngine> engine = Open("pcie:fffe:ff:1f.7");
  ASSERT_TRUE(engine.ok()) << engine.why();
  engine->card->Poll();
  EXPECT_EQ(engine->card->trouble(), pcie::Trouble::kAbsent);
  EXPECT_THAT(engine->card->trouble_text(), HasSubstr("fffe:ff:1f.7: there is no such PCI device"));
}

TEST(Backend, EachHasAWordOfItsOwnAndSaysWhatItIs) {
  std::set<std::string_view> words;
  for (const Backend* row : Backends()) {
    EXPECT_TRUE(words.insert(row->word).second) << row->word;
    EXPECT_THAT(BackendForms(), HasSubstr(row->word));
    EXPECT_THAT(BackendPage(), AllOf(HasSubstr(row->what), HasSubstr(row->needs)));
    EXPECT_EQ(row->argument.empty(), row->takes == Backend::Takes::kNothing) << row->word;
  }
}

TEST(Backend, TheManualHasTheRows) {
  std::ifstream in(SW_SOURCE_DIR "/man/sw8800d.8");
  const std::string page{std::istreambuf_iterator<char>(in), {}};
  const std::string begin = ".\\\" begin of the engines\n", end = ".\\\" end of the engines\n";
  const std::size_t from = page.find(begin), to = page.find(end);
  ASSERT_NE(from, std::string::npos);
  ASSERT_NE(to, std::string::npos);
  EXPECT_EQ(page.substr(from + begin.size(), to - from - begin.size()), BackendPage());
}

}  // namespace
}  // namespace sw::hal
