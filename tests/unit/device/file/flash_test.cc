// Files of flash:, in a directory of the test's own; above all what must not be reachable.
#include "device/file/flash.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace sw::device {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class FlashTest : public testing::Test {
 protected:
  FlashTest() {
    std::string name = (fs::temp_directory_path() / "flash-test-XXXXXX").string();
    base_ = ::mkdtemp(name.data());
    std::ofstream(base_ / "outside") << "not yours";
    flash_.emplace(*Flash::Open((base_ / "flash").string()));
  }
  ~FlashTest() override { fs::remove_all(base_); }

  static FlashPath At(std::string_view typed) { return *Flash::Resolve({}, typed); }
  std::vector<std::string> Names(std::string_view directory, bool all = false) {
    std::vector<std::string> out;
    const Result<std::vector<FlashEntry>> entries = flash_->List(At(directory), all);
    for (const FlashEntry& entry : *entries)
      out.push_back(entry.deleted ? "[" + entry.name + "]" : entry.directory ? entry.name + "/" : entry.name);
    return out;
  }

  fs::path base_;
  std::optional<Flash> flash_;
};

TEST_F(FlashTest, RepairRemovesWhatInterruptedWritesHaveLeft) {
  ASSERT_TRUE(flash_->MakeDirectory(At("d")).ok());
  ASSERT_TRUE(flash_->Write(At("d/a.cfg"), "text").ok());
  std::ofstream(base_ / "flash" / ".new") << "half";
  std::ofstream(base_ / "flash" / "d" / ".new") << "half";
  ASSERT_TRUE(flash_->SetBoot({"d/a.cfg", ""}).ok());  // replaces the first of them
  std::ofstream(base_ / "flash" / ".new") << "half";
  const Result<std::size_t> removed = flash_->Repair();
  ASSERT_TRUE(removed.ok()) << removed.why();
  EXPECT_EQ(*removed, 2U);
  EXPECT_FALSE(fs::exists(base_ / "flash" / ".new"));
  EXPECT_EQ(*flash_->Read(At("d/a.cfg")), "text");
  EXPECT_EQ(flash_->boot().main, "d/a.cfg");
  EXPECT_EQ(*flash_->Repair(), 0U);
}

TEST(FlashPaths, AreReadFromTheCurrentDirectoryOrTheRoot) {
  const FlashPath here = {"logs"};
  EXPECT_EQ(*Flash::Resolve(here, "a.cfg"), (FlashPath{"logs", "a.cfg"}));
  EXPECT_EQ(*Flash::Resolve(here, "/a.cfg"), FlashPath{"a.cfg"});
  EXPECT_EQ(*Flash::Resolve(here, "flash:/a.cfg"), FlashPath{"a.cfg"});
  EXPECT_EQ(*Flash::Resolve(here, "flash:a.cfg"), FlashPath{"a.cfg"});
  EXPECT_EQ(*Flash::Resolve(here, "../b/./c"), (FlashPath{"b", "c"}));
  EXPECT_EQ(*Flash::Resolve(here, ".."), FlashPath{});
  EXPECT_EQ(ToString(FlashPath{}), "flash:/");
  EXPECT_EQ(ToString(FlashPath{"b", "c"}), "flash:/b/c");
}

TEST(FlashPaths, HostileNamesAreRefused) {
  const std::string names[] = {
      "..",
      "../..",
      "a/../..",
      "flash:/../etc/passwd",
      "/../x",
      ".boot",
      ".recycle/a",
      "a\\b",
      "a:b",
      "http://x",
      "a*",
      "a|b",
      std::string("a\0b", 3),
      "a\nb",
      "\x1b[2J",
      "\xc3\xa4",
      std::string(65, 'x'),
      "1/2/3/4/5/6/7/8/9",
  };
  for (const std::string& name : names) EXPECT_FALSE(Flash::Resolve({}, name).ok()) << name;
}

TEST_F(FlashTest, WritesReadsAndReplaces) {
  ASSERT_TRUE(flash_->Write(At("a.cfg"), "one").ok());
  ASSERT_TRUE(flash_->Write(At("a.cfg"), "two").ok());
  EXPECT_EQ(*flash_->Read(At("a.cfg")), "two");
  EXPECT_EQ(flash_->Read(At("b.cfg")).status().code(), Code::kNotFound);
  EXPECT_EQ(flash_->Write(At("no/a"), "x").code(), Code::kNotFound);
  EXPECT_THAT(Names("/"), ElementsAre("a.cfg"));
  EXPECT_EQ(flash_->Find(At("a.cfg"))->size, 3U);
}

TEST_F(FlashTest, SymbolicLinksLeadNowhere) {
  fs::create_symlink(base_ / "outside", base_ / "flash" / "link");
  fs::create_directory_symlink(base_, base_ / "flash" / "up");
  fs::create_symlink(base_ / "outside", base_ / "flash" / ".new");
  EXPECT_FALSE(flash_->Read(At("link")).ok());
  EXPECT_FALSE(flash_->Read(At("up/outside")).ok());
  EXPECT_FALSE(flash_->List(At("up"), false).ok());
  EXPECT_FALSE(flash_->Write(At("up/new"), "x").ok());
  EXPECT_FALSE(flash_->Erase(At("up/outside")).ok());
  EXPECT_FALSE(flash_->Move(At("up"), At("down")).ok());
  EXPECT_FALSE(flash_->Write(At("a"), "x").ok()) << "not through a link in the place of the new file either";
  EXPECT_THAT(Names("/"), ElementsAre());
  EXPECT_TRUE(flash_->Format().ok());
  std::ifstream in(base_ / "outside");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "not yours");
  EXPECT_TRUE(fs::exists(base_ / "flash"));
}

TEST_F(FlashTest, DirectoriesAreMadeAndRemovedWhenEmpty) {
  ASSERT_TRUE(flash_->MakeDirectory(At("d")).ok());
  EXPECT_EQ(flash_->MakeDirectory(At("d")).code(), Code::kExists);
  ASSERT_TRUE(flash_->Write(At("d/f"), "x").ok());
  EXPECT_EQ(flash_->RemoveDirectory(At("d")).code(), Code::kInUse);
  EXPECT_EQ(flash_->RemoveDirectory(At("d/f")).code(), Code::kBadValue);
  EXPECT_EQ(flash_->Delete(At("d")).code(), Code::kBadValue);
  EXPECT_EQ(flash_->Write(At("d"), "x").code(), Code::kBadValue);
  ASSERT_TRUE(flash_->Erase(At("d/f")).ok());
  EXPECT_TRUE(flash_->RemoveDirectory(At("d")).ok());
  EXPECT_EQ(flash_->RemoveDirectory(At("/")).code(), Code::kInUse);
}

TEST_F(FlashTest, CopiesAndMoves) {
  ASSERT_TRUE(flash_->MakeDirectory(At("d")).ok());
  ASSERT_TRUE(flash_->Write(At("a"), "x").ok());
  ASSERT_TRUE(flash_->Copy(At("a"), At("d/b")).ok());
  EXPECT_FALSE(flash_->Copy(At("a"), At("a")).ok());
  EXPECT_EQ(flash_->Move(At("a"), At("d/b")).code(), Code::kExists);
  ASSERT_TRUE(flash_->Move(At("a"), At("d/c")).ok());
  EXPECT_THAT(Names("d"), ElementsAre("b", "c"));
  EXPECT_FALSE(flash_->Move(At("d"), At("d/e")).ok());
  EXPECT_TRUE(flash_->Move(At("d"), At("e")).ok());
  EXPECT_EQ(*flash_->Read(At("e/c")), "x");
}

TEST_F(FlashTest, TheRecycleBinKeepsWhatIsDeleted) {
  ASSERT_TRUE(flash_->MakeDirectory(At("d")).ok());
  ASSERT_TRUE(flash_->Write(At("d/a"), "x").ok());
  ASSERT_TRUE(flash_->Write(At("a"), "y").ok());
  ASSERT_TRUE(flash_->Delete(At("d/a")).ok());
  EXPECT_THAT(Names("d"), ElementsAre());
  EXPECT_THAT(Names("d", true), ElementsAre("[a]"));
  EXPECT_THAT(Names("/", true), ElementsAre("a", "d/"));
  ASSERT_TRUE(flash_->Undelete(At("d/a")).ok());
  EXPECT_EQ(*flash_->Read(At("d/a")), "x");
  EXPECT_EQ(flash_->Undelete(At("d/a")).code(), Code::kNotFound);
  ASSERT_TRUE(flash_->Delete(At("d/a")).ok());
  ASSERT_TRUE(flash_->Write(At("d/a"), "z").ok());
  EXPECT_EQ(flash_->Undelete(At("d/a")).code(), Code::kExists);
  EXPECT_THAT(*flash_->Bin(), ElementsAre(FlashPath{"d", "a"}));
  EXPECT_TRUE(flash_->EraseDeleted({"d", "a"}).ok());
  EXPECT_THAT(*flash_->Bin(), ElementsAre());
}

TEST_F(FlashTest, TheBootChoiceIsKeptAndFormatForgetsAll) {
  EXPECT_EQ(flash_->boot(), (BootFiles{"startup.cfg", ""}));
  ASSERT_TRUE(flash_->SetBoot({"a.cfg", "b.cfg"}).ok());
  flash_.reset();
  flash_.emplace(*Flash::Open((base_ / "flash").string()));
  EXPECT_EQ(flash_->boot(), (BootFiles{"a.cfg", "b.cfg"}));
  ASSERT_TRUE(flash_->SetBoot({"", "b.cfg"}).ok());
  EXPECT_EQ(flash_->boot(), (BootFiles{"", "b.cfg"}));
  ASSERT_TRUE(flash_->MakeDirectory(At("d")).ok());
  ASSERT_TRUE(flash_->Write(At("d/a"), "x").ok());
  ASSERT_TRUE(flash_->Format().ok());
  EXPECT_THAT(Names("/", true), ElementsAre());
  EXPECT_EQ(flash_->boot(), BootFiles{});
  EXPECT_GT(flash_->Space()->total, 0U);
}

TEST(FlashTemporary, IsRemovedWithTheFlash) {
  std::string name = (fs::temp_directory_path() / "flash-temporary-XXXXXX").string();
  const fs::path base = ::mkdtemp(name.data());
  ::setenv("TMPDIR", base.c_str(), 1);
  {
    Flash flash = *Flash::OpenTemporary();
    EXPECT_TRUE(flash.Write({"a"}, "x").ok());
    EXPECT_FALSE(fs::is_empty(base));
  }
  ::unsetenv("TMPDIR");
  EXPECT_TRUE(fs::is_empty(base));
  fs::remove_all(base);
}

}  // namespace
}  // namespace sw::device
