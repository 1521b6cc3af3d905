#include "config-db/store.h"

#include <gtest/gtest.h>

#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "config-db/schema.h"

namespace sw::configdb {
namespace {

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "sw8800-store-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

Store Memory() {
  return std::move(*Store::Open(":memory:"));
}

void Sql(const std::string& path, const char* sql) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
  sqlite3_close(db);
}

TEST(Store, StartsWithTheFactoryRows) {
  Store store = Memory();
  ASSERT_EQ(store.Rows("system")->size(), 1U);
  EXPECT_EQ(store.Rows("interface")->front().Text("name"), "NULL0");
  EXPECT_EQ(store.Rows("isp_domain")->front().Text("name"), "system");
  EXPECT_EQ(store.Rows("dvpn_global")->front().IntOr("register_interval", 10), 10);
}

TEST(Store, GivesAnOlderDatabaseTheTablesAndColumnsThatCameSince) {
  Folder folder;
  const std::string path = folder.file("old.db");
  ASSERT_TRUE(Store::Open(path).ok());
  Sql(path,
      "UPDATE system SET sysname = 'kept'; DROP TABLE ike_peer; DROP TABLE ipsec_global;"
      "ALTER TABLE dvpn_class DROP COLUMN udp_port");
  Result<Store> store = Store::Open(path);
  ASSERT_TRUE(store.ok()) << store.status().why();
  EXPECT_EQ(store->Rows("system")->front().Text("sysname"), "kept");
  EXPECT_EQ(store->Rows("ipsec_global")->size(), 1U) << "with its factory row";
  auto edit = store->Begin({"console", "con0", "udp-port 2000"});
  EXPECT_TRUE(edit->Ensure("ike_peer", {"p1"}).ok());
  EXPECT_TRUE(edit->Ensure("dvpn_class", {"c1"}).ok());
  EXPECT_TRUE(edit->Set("dvpn_class", {"c1"}, "udp_port", std::int64_t{2000}).ok());
  EXPECT_TRUE(edit->Commit().ok());
}

TEST(Store, KeepsTheStartupConfigurationOfAFileItCannotUse) {
  Folder folder;
  const std::string path = folder.file("newer.db");
  {
    Result<Store> store = Store::Open(path);
    ASSERT_TRUE(store->SaveStartup("sysname kept", {}).ok());
  }
  Sql(path, "UPDATE meta SET value = '99' WHERE name = 'schema'");
  const std::string before = [&] {
    std::ifstream in(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }();
  Result<OpenedStore> opened = OpenOrMemory(path);
  ASSERT_TRUE(opened.ok());
  EXPECT_NE(opened->trouble.find("its schema is version '99'"), std::string::npos) << opened->trouble;
  EXPECT_EQ(opened->trouble.find('\n'), std::string::npos) << "one line";
  EXPECT_EQ(*opened->store.Startup(), "sysname kept");
  auto edit = opened->store.Begin({});
  EXPECT_TRUE(edit->Set("system", {std::int64_t{1}}, "sysname", "x").ok()) << "and the device can be configured";
  EXPECT_TRUE(edit->Commit().ok());
  std::ifstream in(path, std::ios::binary);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), before) << "the file is left as it is";
}

TEST(Store, ComesUpEmptyBesideAFileThatIsNoDatabase) {
  Folder folder;
  std::ofstream(folder.file("junk.db")) << std::string(8192, 'j');
  Result<OpenedStore> opened = OpenOrMemory(folder.file("junk.db"));
  ASSERT_TRUE(opened.ok());
  EXPECT_FALSE(opened->trouble.empty());
  EXPECT_EQ(opened->store.Rows("system")->size(), 1U);
  EXPECT_EQ(OpenOrMemory(folder.file("good.db"))->trouble, "");
}

TEST(Store, CopiesAFileThatItMayOnlyRead) {
  Folder folder;
  const std::string path = folder.file("config.db");
  {
    Result<Store> store = Store::Open(path);
    auto edit = store->Begin({});
    ASSERT_TRUE(edit->Set("system", {std::int64_t{1}}, "sysname", "kept").ok());
    ASSERT_TRUE(edit->Commit().ok());
  }
  Result<Store> copy = Store::CopyInMemory(path);
  ASSERT_TRUE(copy.ok()) << copy.why();
  EXPECT_EQ(copy->Rows("system")->front().Text("sysname"), "kept");
}

TEST(Store, CommitsAnEditAsAWhole) {
  Store store = Memory();
  {
    auto edit = store.Begin({"console", "con0", "dvpn class c1"});
    ASSERT_TRUE(edit.ok());
    EXPECT_TRUE(*edit->Ensure("dvpn_class", {"c1"}));
    EXPECT_FALSE(*edit->Ensure("dvpn_class", {"c1"}));
    EXPECT_TRUE(*edit->Set("dvpn_class", {"c1"}, "public_ip", "192.0.2.1"));
    EXPECT_FALSE(*edit->Set("dvpn_class", {"c1"}, "public_ip", "192.0.2.1"));
    EXPECT_TRUE((*store.Find("dvpn_class", {"c1"})).has_value()) << "a read sees the edit's own rows";
    EXPECT_EQ(std::ranges::count(edit->changed_rows(), ChangedRow{"dvpn_class", {"c1"}}), 1);
    ASSERT_TRUE(edit->Commit().ok());
  }
  EXPECT_EQ((*store.Find("dvpn_class", {"c1"}))->Text("public_ip"), "192.0.2.1");
}

TEST(Store, ShowsARowThatAnEditHasJustMadeAsItStands) {
  Store store = Memory();
  const auto idle = [&] {
    const auto row = store.Find("dvpn_policy", {"p"});
    return row.ok() && *row ? (*row)->IntOr("session_idle_time", -1) : -2;
  };
  {
    Result<Edit> edit = store.Begin({});
    ASSERT_TRUE(edit->Ensure("dvpn_policy", {"p"}, {{"session_idle_time", std::int64_t{120}}}).ok());
    EXPECT_EQ(idle(), 120);
    EXPECT_FALSE(store.Find("dvpn_policy", {"q"})->has_value());
    ASSERT_TRUE(edit->Set("dvpn_policy", {"p"}, "session_idle_time", std::int64_t{240}).ok());
    EXPECT_EQ(idle(), 240);
    ASSERT_TRUE(edit->Remove("dvpn_policy", {"p"}).ok());
    EXPECT_EQ(idle(), -2);
    ASSERT_TRUE(edit->Ensure("dvpn_policy", {"p"}).ok());
    EXPECT_EQ(idle(), -1);
  }
  EXPECT_EQ(idle(), -2) << "the edit was dropped";
}

TEST(Store, ForgetsAnEditThatIsDropped) {
  Store store = Memory();
  {
    auto edit = store.Begin({});
    ASSERT_TRUE(edit->Ensure("dvpn_class", {"c1"}).ok());
  }
  EXPECT_FALSE((*store.Find("dvpn_class", {"c1"})).has_value());
  EXPECT_TRUE(store.Journal(10)->empty());
}

// All that a store holds, in print order.
std::vector<std::vector<Value>> Contents(const Store& store) {
  std::vector<std::vector<Value>> out;
  for (const Table& table : Tables()) {
    const std::vector<Row> rows = *store.Rows(table.name);
    for (const Row& row : rows) out.push_back(row.values);
  }
  return out;
}

TEST(Scratch, TakesBackWhatADroppedEditDid) {
  Store store = std::move(*Store::OpenScratch());
  const auto address = [](Edit& edit, const char* text) {
    ASSERT_TRUE(*edit.Ensure("interface_address", {"Tunnel0", text},
                             {{"mask_length", std::int64_t{24}}, {"sub", std::int64_t{1}}}));
  };
  {
    auto edit = store.Begin({});
    ASSERT_TRUE(*edit->Ensure("interface", {"Tunnel0"}, {{"kind", "Tunnel"}, {"number", std::int64_t{0}}}));
    for (const char* text : {"10.0.9.1", "10.0.1.1", "10.0.5.1"}) address(*edit, text);
    ASSERT_TRUE(*edit->Set("system", {std::int64_t{1}}, "sysname", "before"));
    ASSERT_TRUE(edit->Commit().ok());
  }
  const auto before = Contents(store);
  {
    auto edit = store.Begin({});
    ASSERT_TRUE(*edit->Set("system", {std::int64_t{1}}, "sysname", "after"));
    ASSERT_TRUE(*edit->Set("system", {std::int64_t{1}}, "sysname", Value()));
    ASSERT_TRUE(*edit->Set("interface", {"Tunnel0"}, "mtu", std::int64_t{1400}));
    ASSERT_TRUE(*edit->Remove("interface_address", {"Tunnel0", "10.0.1.1"}));
    address(*edit, "10.0.7.1");
    ASSERT_TRUE(*edit->Remove("interface", {"Tunnel0"})) << "and its addresses with it";
    ASSERT_TRUE(*edit->Ensure("interface", {"Tunnel0"}, {{"kind", "Tunnel"}, {"number", std::int64_t{0}}}));
    address(*edit, "10.0.5.1");
    ASSERT_TRUE(*edit->Ensure("dvpn_class", {"c"}));
    EXPECT_NE(Contents(store), before);
  }
  EXPECT_EQ(Contents(store), before) << "rows, values, and the order in which addresses came";
}

TEST(Scratch, IsAsStrictAsAnyStore) {
  Store store = std::move(*Store::OpenScratch());
  auto edit = store.Begin({});
  ASSERT_TRUE(edit->Ensure("dvpn_policy", {"p"}).ok());
  EXPECT_EQ(edit->Set("dvpn_policy", {"p"}, "session_keepalive_interval", std::int64_t{4}).status().code(),
            Code::kBadValue);
  EXPECT_EQ(edit->Ensure("interface", {"Tunnel0"}).status().code(), Code::kBadValue) << "kind is required";
  EXPECT_EQ(
      edit->Ensure("interface", {"Tunnel0"}, {{"kind", "Tunnel"}, {"number", std::int64_t{4096}}}).status().code(),
      Code::kBadValue);
  EXPECT_EQ(edit->Ensure("dvpn_class", {"c"}, {{"no_such", std::int64_t{1}}}).status().code(), Code::kNotFound);
  EXPECT_EQ(edit->Ensure("acl_rule", {std::int64_t{3000}, std::int64_t{0}}, {{"action", "permit"}}).status().code(),
            Code::kStorage)
      << "no such list";
}

TEST(Store, RefusesASecondEditWhileOneIsOpen) {
  Store store = Memory();
  auto first = store.Begin({});
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(store.Begin({}).status().code(), Code::kBusy);
}

TEST(Store, RefusesValuesOutsideTheirRange) {
  Store store = Memory();
  auto edit = store.Begin({});
  ASSERT_TRUE(edit->Ensure("dvpn_policy", {"p"}).ok());
  for (const Value& bad : {Value(std::int64_t{4}), Value(std::int64_t{301}), Value("10")}) {
    EXPECT_EQ(edit->Set("dvpn_policy", {"p"}, "session_keepalive_interval", bad).status().code(), Code::kBadValue);
  }
  EXPECT_TRUE(edit->Set("dvpn_policy", {"p"}, "session_keepalive_interval", std::int64_t{300}).ok());
  EXPECT_EQ(edit->Set("dvpn_policy", {"p"}, "no_such", std::int64_t{1}).status().code(), Code::kNotFound);
  EXPECT_EQ(edit->Set("dvpn_policy", {"q"}, "session_idle_time", std::int64_t{60}).status().code(), Code::kNotFound);
  EXPECT_EQ(edit->Ensure("dvpn_policy", {std::string(32, 'x')}).status().code(), Code::kBadValue);
  EXPECT_EQ(edit->Ensure("dvpn_policy", {std::string("a\0b", 3)}).status().code(), Code::kBadValue);
  EXPECT_EQ(edit->Ensure("interface", {"Tunnel0"}).status().code(), Code::kBadValue) << "kind is required";
}

TEST(Store, TakesTheAddressesWithTheirInterface) {
  Store store = Memory();
  auto edit = store.Begin({});
  ASSERT_TRUE(*edit->Ensure("interface", {"Tunnel0"}, {{"kind", "Tunnel"}, {"number", std::int64_t{0}}}));
  ASSERT_TRUE(*edit->Ensure("interface_address", {"Tunnel0", "10.0.0.1"},
                            {{"mask_length", std::int64_t{24}}, {"sub", std::int64_t{0}}}));
  EXPECT_TRUE(*edit->Remove("interface", {"Tunnel0"}));
  EXPECT_FALSE(*edit->Remove("interface", {"Tunnel0"}));
  EXPECT_TRUE(store.Rows("interface_address")->empty());
}

TEST(Store, ListsInPrintOrder) {
  Store store = Memory();
  auto edit = store.Begin({});
  auto add = [&](const char* name, const char* kind, std::int64_t number, Value sub) {
    ASSERT_TRUE(edit->Ensure("interface", {name}, {{"kind", kind}, {"number", number}, {"sub", sub}}).ok());
  };
  add("Tunnel10", "Tunnel", 10, {});
  add("Tunnel9", "Tunnel", 9, {});
  add("LoopBack0", "LoopBack", 0, {});
  add("GigabitEthernet0/0.10", "GigabitEthernet", 0, std::int64_t{10});
  add("GigabitEthernet0/0.2", "GigabitEthernet", 0, std::int64_t{2});
  add("GigabitEthernet0/0", "GigabitEthernet", 0, {});
  const std::vector<Assignment> route = {{"preference", std::int64_t{60}}};
  for (const char* destination : {"192.0.2.0", "9.0.0.0", "10.0.0.0"}) {
    ASSERT_TRUE(edit->Ensure("route_static", {destination, std::int64_t{24}, "1.1.1.1", ""}, route).ok());
  }
  std::string interfaces, destinations;
  const std::vector<Row> interface_rows = *store.Rows("interface"), route_rows = *store.Rows("route_static");
  for (const Row& row : interface_rows) interfaces += *row.Text("name") + " ";
  for (const Row& row : route_rows) destinations += *row.Text("destination") + " ";
  EXPECT_EQ(interfaces,
            "GigabitEthernet0/0 GigabitEthernet0/0.2 GigabitEthernet0/0.10 LoopBack0 Tunnel9 Tunnel10 NULL0 ");
  EXPECT_EQ(destinations, "9.0.0.0 10.0.0.0 192.0.2.0 ");
}

TEST(Store, JournalsWhoChangedWhatAndMasksSecrets) {
  Store store = Memory();
  auto edit = store.Begin({"alice", "con0", "pre-shared-key simple ***"});
  ASSERT_TRUE(edit->Set("dvpn_global", {std::int64_t{1}}, "pre_shared_key", "hidden").ok());
  ASSERT_TRUE(edit->Set("dvpn_global", {std::int64_t{1}}, "map_age", std::int64_t{40}).ok());
  ASSERT_TRUE(edit->Commit().ok());
  const auto journal = *store.Journal(10);
  ASSERT_EQ(journal.size(), 2U);
  EXPECT_EQ(journal[0].origin.who, "alice");
  EXPECT_EQ(journal[0].before, "");
  EXPECT_EQ(journal[0].after, "***");
  EXPECT_EQ(journal[1].column, "map_age");
  EXPECT_EQ(journal[1].after, "40");
  EXPECT_EQ(journal[0].commit, journal[1].commit);
  EXPECT_EQ(journal[0].when.size(), 20U);
  EXPECT_EQ(store.Journal(1)->front().column, "map_age") << "the newest are kept";
}

TEST(Store, KeepsTheStartupConfigurationApart) {
  Folder folder;
  const std::string path = folder.file("a.db");
  {
    Store store = std::move(*Store::Open(path));
    EXPECT_EQ(*store.Startup(), std::nullopt);
    ASSERT_TRUE(store.SaveStartup("#\nreturn\n", {"alice", "con0", "save"}).ok());
    ASSERT_TRUE(store.SaveStartup("#\n sysname X\n#\nreturn\n", {"alice", "con0", "save"}).ok());
  }
  EXPECT_EQ(*Store::Open(path)->Startup(), "#\n sysname X\n#\nreturn\n");
}

TEST(Store, KeepsTheFileToItsOwner) {
  Folder folder;
  const std::string path = folder.file("a.db");
  Store store = std::move(*Store::Open(path));
  struct stat info {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  ASSERT_EQ(::stat((path + "-wal").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST(Store, RefusesWhatItCannotUseInOneLine) {
  Folder folder;
  std::ofstream(folder.file("noise.db")) << std::string(8192, 'x');
  Sql(folder.file("other.db"), "CREATE TABLE t (x)");
  { ASSERT_TRUE(Store::Open(folder.file("newer.db")).ok()); }
  Sql(folder.file("newer.db"), "UPDATE meta SET value = '2'");
  for (const char* name : {"noise.db", "other.db", "newer.db", "no/such/folder.db"}) {
    const auto opened = Store::Open(folder.file(name));
    ASSERT_FALSE(opened.ok()) << name;
    EXPECT_EQ(opened.status().code(), Code::kStorage);
    EXPECT_EQ(opened.why().find('\n'), std::string::npos);
    EXPECT_NE(opened.why().find(name), std::string::npos) << opened.why();
  }
}

TEST(Store, RefusesAReadOnlyFile) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write any file";
  Folder folder;
  { ASSERT_TRUE(Store::Open(folder.file("a.db")).ok()); }
  ::chmod(folder.file("a.db").c_str(), 0400);
  EXPECT_EQ(Store::Open(folder.file("a.db")).status().code(), Code::kStorage);
}

TEST(Store, KeepsACommittedEditWhenTheProcessDies) {
  Folder folder;
  const std::string path = folder.file("a.db");
  const pid_t child = ::fork();
  if (child == 0) {
    auto store = Store::Open(path);
    auto first = store->Begin({});
    (void)first->Ensure("dvpn_class", {"kept"});
    (void)first->Commit();
    auto second = store->Begin({});
    (void)second->Ensure("dvpn_class", {"lost"});
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  auto store = Store::Open(path);
  ASSERT_TRUE(store.ok()) << store.why();
  EXPECT_TRUE((*store->Find("dvpn_class", {"kept"})).has_value());
  EXPECT_FALSE((*store->Find("dvpn_class", {"lost"})).has_value());
}

// Every column's CHECK stands in the file too, whoever writes it.
TEST(Schema, PutsTheRangesIntoTheDatabase) {
  Folder folder;
  { ASSERT_TRUE(Store::Open(folder.file("a.db")).ok()); }
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(folder.file("a.db").c_str(), &db), SQLITE_OK);
  for (const char* sql :
       {"UPDATE dvpn_global SET map_age = 9", "UPDATE dvpn_global SET map_age = 'x'", "UPDATE system SET sysname = ''",
        "INSERT INTO system VALUES (2, 'x')", "UPDATE interface SET kind = 'Serial'"}) {
    EXPECT_NE(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sql;
  }
  EXPECT_EQ(sqlite3_exec(db, "UPDATE dvpn_global SET map_age = 10", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(db);
}

}  // namespace
}  // namespace sw::configdb
