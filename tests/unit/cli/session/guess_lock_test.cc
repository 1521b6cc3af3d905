// In virtual time: what is locked when, and that nobody can displace or prolong what concerns another.
#include "cli/session/guess_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sw::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr GuessLimits kLimits{5, minutes(10)};
constexpr Duration kNow{0};

class GuessLockTest : public testing::Test {
 protected:
  Duration Guess(std::string_view user, std::string_view address) { return lock_.Failed(user, address, now_, kLimits); }
  void Guess(std::string_view user, std::string_view address, int times) {
    for (int i = 0; i < times; ++i) (void)Guess(user, address);
  }
  Duration Locked(std::string_view user, std::string_view address) { return lock_.Locked(user, address, now_); }

  GuessLock lock_;
  Time now_{std::chrono::hours(1)};
};

TEST_F(GuessLockTest, AnswersComeLaterAndLater) {
  EXPECT_EQ(Guess("a", "192.0.2.1"), milliseconds(500));
  EXPECT_EQ(Guess("b", "192.0.2.1"), seconds(1)) << "of one address, whatever the user";
  EXPECT_EQ(Guess("b", "192.0.2.2"), seconds(1)) << "of one user, whatever the address";
  EXPECT_EQ(Guess("b", "192.0.2.1"), seconds(2));
  EXPECT_EQ(Guess("b", "192.0.2.1"), seconds(4));
}

TEST_F(GuessLockTest, TheLimitLocksUserAndAddressForTheTime) {
  Guess("admin", "192.0.2.1", 4);
  EXPECT_EQ(Locked("admin", "192.0.2.1"), kNow);
  Guess("admin", "192.0.2.1", 1);
  EXPECT_EQ(Locked("other", "192.0.2.1"), minutes(10)) << "the address";
  EXPECT_EQ(Locked("admin", "192.0.2.9"), minutes(10)) << "the user";
  EXPECT_EQ(Locked("other", "192.0.2.9"), kNow);
  now_ = now_ + (minutes(10) - seconds(1));
  EXPECT_EQ(Locked("admin", "192.0.2.1"), seconds(1)) << "asking makes it no longer";
  now_ = now_ + seconds(1);
  EXPECT_EQ(Locked("admin", "192.0.2.1"), kNow);
  Guess("admin", "192.0.2.1", 4);
  EXPECT_EQ(Locked("admin", "192.0.2.1"), kNow) << "he begins anew";
}

TEST_F(GuessLockTest, OldMistakesAreForgotten) {
  Guess("ann", "192.0.2.1", 4);
  now_ = now_ + minutes(10);
  EXPECT_EQ(Guess("ann", "192.0.2.1"), milliseconds(500));
}

TEST_F(GuessLockTest, WhoGuessesElsewhereShutsNobodyOutOfHisHome) {
  lock_.Succeeded("admin", "198.51.100.7", now_);
  for (int i = 0; i < 100; ++i) Guess("admin", "192.0.2." + std::to_string(i), 1);
  EXPECT_GT(Locked("admin", "192.0.2.200"), kNow);
  EXPECT_EQ(Locked("admin", "198.51.100.7"), kNow);
  lock_.Succeeded("admin", "198.51.100.7", now_);
  EXPECT_GT(Locked("admin", "192.0.2.200"), kNow) << "the lock stays";
  Guess("admin", "198.51.100.7", 5);
  EXPECT_EQ(Locked("admin", "198.51.100.7"), minutes(10)) << "at home the address is locked like any other";
}

TEST_F(GuessLockTest, WhoHasOnePasswordGuessesNoFaster) {
  for (int i = 0; i < 5; ++i) {
    (void)Guess("admin", "192.0.2.1");
    lock_.Succeeded("mon", "192.0.2.1", now_);
  }
  EXPECT_EQ(Locked("admin", "192.0.2.1"), minutes(10));
}

TEST_F(GuessLockTest, SuccessForgivesTheUser) {
  Guess("ann", "192.0.2.1", 4);
  lock_.Succeeded("ann", "192.0.2.1", now_);
  Guess("ann", "192.0.2.2", 4);
  EXPECT_EQ(Locked("ann", "192.0.2.3"), kNow);
}

TEST_F(GuessLockTest, TheConsoleWaitsAndIsNeverLocked) {
  Guess("console", "", 200);
  EXPECT_LE(Locked("console", ""), GuessLock::kLongestWait);
  now_ = now_ + GuessLock::kLongestWait;
  EXPECT_EQ(Locked("console", ""), kNow);
  Guess("admin", "192.0.2.1", 5);
  EXPECT_EQ(Locked("admin", ""), kNow) << "what is tried over the network is no matter of the console";
}

TEST_F(GuessLockTest, InventedNamesAndAddressesDisplaceOnlyEachOther) {
  Guess("admin", "192.0.2.1", 5);
  Guess("ann", "192.0.2.2", 3);
  for (int i = 0; i < 5000; ++i)
    Guess("invented" + std::to_string(i), "10." + std::to_string(i / 250) + ".0." + std::to_string(i % 250), 1);
  EXPECT_LE(lock_.guessers(now_).size(), 2 * GuessLock::kMost);
  EXPECT_EQ(Locked("admin", "203.0.113.1"), minutes(10));
  EXPECT_EQ(Locked("nobody", "192.0.2.1"), minutes(10));
  Guess("ann", "203.0.113.2", 2);
  EXPECT_EQ(Locked("ann", "203.0.113.3"), minutes(10)) << "her three were still counted";
}

TEST_F(GuessLockTest, WhenAllAreLockedStrangersWait) {
  for (std::size_t i = 0; i < GuessLock::kMost; ++i) Guess("u" + std::to_string(i), "x" + std::to_string(i), 5);
  lock_.Succeeded("admin", "198.51.100.7", now_);
  EXPECT_EQ(Locked("admin", "198.51.100.7"), kNow);
  EXPECT_EQ(Guess("one-more", "198.51.100.8"), GuessLock::kLongestWait);
  EXPECT_EQ(Locked("one-more", "198.51.100.8"), GuessLock::kLongestWait);
  EXPECT_EQ(lock_.guessers(now_).size(), 2 * GuessLock::kMost);
  now_ = now_ + minutes(10);
  EXPECT_EQ(Locked("one-more", "198.51.100.8"), kNow);
  EXPECT_TRUE(lock_.guessers(now_).empty());
}

TEST_F(GuessLockTest, AddressesOfOneIpv6NetworkAreOne) {
  EXPECT_EQ(AttackerOf("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(AttackerOf("192.0.2.1"), "192.0.2.1");
  for (int i = 0; i < 5; ++i) Guess("u" + std::to_string(i), "2001:db8::" + std::to_string(i), 1);
  EXPECT_EQ(Locked("x", "2001:db8::99"), minutes(10));
  EXPECT_EQ(Locked("x", "2001:db8:0:1::99"), kNow);
}

TEST_F(GuessLockTest, ResetLetsInOneOrAll) {
  Guess("a", "192.0.2.1", 5);
  Guess("b", "192.0.2.2", 5);
  EXPECT_EQ(lock_.Reset("a", ""), 1U);
  EXPECT_EQ(Locked("a", "192.0.2.9"), kNow);
  EXPECT_EQ(lock_.Reset("", "192.0.2.1"), 1U);
  EXPECT_EQ(Locked("x", "192.0.2.1"), kNow);
  EXPECT_EQ(lock_.Reset("nobody", ""), 0U);
  EXPECT_EQ(lock_.Reset("", ""), 2U);
  EXPECT_TRUE(lock_.guessers(now_).empty());
}

TEST_F(GuessLockTest, TheWorstAreShownFirst) {
  Guess("few", "192.0.2.1", 1);
  Guess("many", "192.0.2.2", 3);
  Guess("locked", "192.0.2.3", 5);
  std::vector<std::string> names;
  for (const Guesser& each : lock_.guessers(now_)) names.push_back(each.name);
  EXPECT_THAT(names, testing::ElementsAre("locked", "many", "few", "192.0.2.3", "192.0.2.2", "192.0.2.1"));
}

TEST(LoggedName, CannotPoseAsAnotherPartOfTheLine) {
  EXPECT_EQ(LoggedName("ann"), "ann");
  EXPECT_EQ(LoggedName("x from 192.0.2.1 ssh2: y\n%"), "x?from?192.0.2.1?ssh2??y?%");
  EXPECT_EQ(LoggedName(""), "?");
  EXPECT_EQ(LoggedName(std::string(500, 'a')).size(), 80U);
  EXPECT_EQ(LoggedName("\xff\xc3\xa9"), "???");
}

}  // namespace
}  // namespace sw::cli
