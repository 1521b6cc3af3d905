#include "hal/base/secret.h"

#include <gtest/gtest.h>

#include <ostream>
#include <type_traits>

namespace sw {
namespace {

TEST(Wipe, ClearsEveryByteAndTakesNothing) {
  Bytes bytes{1, 2, 3};
  Wipe(bytes);
  EXPECT_EQ(bytes, Bytes(3, 0));
  Wipe({});
}

TEST(SecretBytes, ComparesByLengthAndContent) {
  EXPECT_EQ(SecretBytes(std::string_view("key")), SecretBytes(AsBytes("key")));
  EXPECT_FALSE(SecretBytes(std::string_view("key")) == SecretBytes(std::string_view("kez")));
  EXPECT_FALSE(SecretBytes(std::string_view("key")) == SecretBytes(std::string_view("ke")));
  EXPECT_EQ(SecretBytes(), SecretBytes(std::size_t{0}));
}

TEST(SecretBytes, MovingLeavesNothingBehindAndCopyingLeavesBoth) {
  SecretBytes a(std::string_view("key"));
  const SecretBytes copy = a;
  const SecretBytes moved = std::move(a);
  EXPECT_TRUE(a.empty());
  EXPECT_EQ(moved, copy);
  SecretBytes b(std::string_view("longer old key"));
  b = moved;
  EXPECT_EQ(b, copy);
}

template <typename T>
concept Printable = requires(std::ostream& out, const T& t) {
  out << t;
};
static_assert(!Printable<SecretBytes>, "a secret must not be printable");
static_assert(!std::is_convertible_v<SecretBytes, ByteView> && !std::is_convertible_v<std::string_view, SecretBytes>);

}  // namespace
}  // namespace sw
