// A commit that is interrupted at any step leaves the old configuration or the new one.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <optional>

#include "config-db/store.h"
#include "tests/unit/config-db/fault_vfs.h"

namespace sw::configdb {
namespace {

class StoreFaults : public testing::TestWithParam<Fault> {
 protected:
  void SetUp() override {
    FaultVfs::Get().Arm(Fault::kNone, 0);
    std::string pattern = (std::filesystem::temp_directory_path() / "sw8800-faults-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    Result<Store> store = Store::Open(Path());
    ASSERT_TRUE(store.ok()) << store.status().why();
    ASSERT_TRUE(Change(*store, "old").ok());
    ASSERT_TRUE(store->SaveStartup("startup of old", {"test", "test", "save"}).ok());
  }
  void TearDown() override {
    FaultVfs::Get().Arm(Fault::kNone, 0);
    std::filesystem::remove_all(folder_);
  }
  std::string Path() const { return (folder_ / "config.db").string(); }

  // One commit that touches several rows of several tables.
  static Status Change(Store& store, const std::string& word) {
    Result<Edit> edit = store.Begin({"test", "test", "change to " + word});
    if (!edit.ok()) return edit.status();
    for (const char* name : {"a", "b", "c"}) {
      SW_TRY(edit->Ensure("dvpn_class", {name}).status());
      SW_TRY(edit->Set("dvpn_class", {name}, "local_user", word).status());
      SW_TRY(edit->Ensure("local_user", {word + name}).status());
    }
    SW_TRY(edit->Set("system", {std::int64_t{1}}, "sysname", word).status());
    return edit->Commit();
  }

  // Which of the two it is; anything else fails the test.
  std::string State() {
    FaultVfs::Get().Arm(Fault::kNone, 0);
    Result<Store> store = Store::Open(Path());
    EXPECT_TRUE(store.ok()) << store.status().why();
    if (!store.ok()) return "none";
    const std::string word = store->Rows("system")->front().TextOr("sysname", "none");
    const std::size_t generations = word == "new" ? 2 : 1;
    const std::vector<Row> classes = *store->Rows("dvpn_class");
    for (const Row& row : classes) EXPECT_EQ(row.TextOr("local_user", "none"), word);
    EXPECT_EQ(classes.size(), 3U);
    EXPECT_EQ(store->Rows("local_user")->size(), 3 * generations);
    const Result<std::vector<JournalEntry>> journal = store->Journal(1000);
    EXPECT_TRUE(journal.ok());
    std::int64_t commits = 0;
    for (const JournalEntry& entry : *journal) commits = std::max(commits, entry.commit);
    EXPECT_EQ(static_cast<std::size_t>(commits), generations) << "the journal goes with the rows";
    EXPECT_EQ(store->Startup()->value_or("none"), "startup of old") << "the startup configuration is never touched";
    return word;
  }

  // In a process of its own: opens, changes, and may die meanwhile or, when `closes`, as it closes: what the WAL holds
  // is copied back then. True when it died.
  bool Child(Fault fault, int at, bool closes = false) {
    const pid_t child = ::fork();
    if (child == 0) {
      std::optional<Result<Store>> store(Store::Open(Path()));
      if (!closes) FaultVfs::Get().Arm(fault, at);
      const bool done = store->ok() && Change(**store, "new").ok();
      FaultVfs::Get().Arm(closes ? fault : Fault::kNone, at);
      if (closes) store.reset();
      FaultVfs::Get().Arm(Fault::kNone, 0);
      ::_exit(done ? 0 : 1);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status));
    return WEXITSTATUS(status) == FaultVfs::kDied;
  }

  std::filesystem::path folder_;
};

constexpr int kMostSteps = 500;

class StoreDies : public StoreFaults {};

TEST_P(StoreDies, AtAnyStepOfACommitTheOldOrTheNewConfigurationIsThere) {
  int at = 0;
  for (; at < kMostSteps; ++at) {
    SCOPED_TRACE(at);
    if (!Child(GetParam(), at)) break;
    EXPECT_EQ(State(), "old") << "nothing was told to be committed yet";
    if (HasFailure()) return;
  }
  EXPECT_GT(at, 3) << "a commit has steps at which it can be interrupted";
  EXPECT_LT(at, kMostSteps);
  EXPECT_EQ(State(), "new") << "the last round met no fault";
}

TEST_P(StoreDies, AtAnyStepOfCopyingTheWalBackTheNewConfigurationIsThere) {
  const std::filesystem::path kept = folder_.string() + ".kept";
  std::filesystem::copy(folder_, kept);
  int at = 0;
  for (; at < kMostSteps; ++at) {
    SCOPED_TRACE(at);
    const bool died = Child(GetParam(), at, true);
    EXPECT_EQ(State(), "new") << "it was told to be committed";
    if (HasFailure() || !died) break;
    std::filesystem::remove_all(folder_);
    std::filesystem::copy(kept, folder_);
  }
  EXPECT_GT(at, 3) << "copying back has steps at which it can be interrupted";
  EXPECT_LT(at, kMostSteps);
  std::filesystem::remove_all(kept);
}
INSTANTIATE_TEST_SUITE_P(Kinds, StoreDies, testing::Values(Fault::kDie, Fault::kTear));

class StoreFails : public StoreFaults {};

TEST_P(StoreFails, AtAnyStepTheReasonIsSaidAndTheOldConfigurationStays) {
  int at = 0;
  for (; at < kMostSteps; ++at) {
    SCOPED_TRACE(at);
    {
      Result<Store> store = Store::Open(Path());
      ASSERT_TRUE(store.ok());
      FaultVfs::Get().Arm(GetParam(), at);
      const Status changed = Change(*store, "new");
      FaultVfs::Get().Arm(Fault::kNone, 0);
      if (changed.ok()) break;
      EXPECT_FALSE(changed.why().empty());
      EXPECT_EQ(store->Rows("system")->front().TextOr("sysname", "none"), "old") << "the open store goes on";
    }
    EXPECT_EQ(State(), "old");
    if (HasFailure()) return;
  }
  EXPECT_GT(at, 3);
  EXPECT_EQ(State(), "new");
}

TEST_P(StoreFails, TheSameStoreTakesTheChangeOnceTheFaultIsOver) {
  int at = 0;
  for (; at < kMostSteps; ++at) {
    SCOPED_TRACE(at);
    std::filesystem::remove_all(folder_);
    SetUp();
    Result<Store> store = Store::Open(Path());
    ASSERT_TRUE(store.ok());
    FaultVfs::Get().Arm(GetParam(), at);
    const Status changed = Change(*store, "new");
    if (changed.ok()) break;
    EXPECT_FALSE(store->SaveStartup("startup of new", {"test", "test", "save"}).ok()) << "it is as bad as before";
    FaultVfs::Get().Arm(Fault::kNone, 0);
    EXPECT_EQ(changed.why().find('\n'), std::string::npos) << "one line";
    EXPECT_EQ(store->Startup()->value_or("none"), "startup of old");
    const Status again = Change(*store, "new");
    EXPECT_TRUE(again.ok()) << again.why();
    EXPECT_TRUE(store->SaveStartup("startup of new", {"test", "test", "save"}).ok());
    EXPECT_EQ(store->Startup()->value_or("none"), "startup of new");
    if (HasFailure()) return;
  }
  EXPECT_GT(at, 3);
}
INSTANTIATE_TEST_SUITE_P(Kinds, StoreFails, testing::Values(Fault::kError, Fault::kFull));

}  // namespace
}  // namespace sw::configdb
