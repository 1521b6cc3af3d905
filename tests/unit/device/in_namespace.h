// Tests on the real kernel, each in a network namespace of its own; skipped for ordinary users.
#pragma once

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace sw::device {

inline constexpr int kNoNamespace = 77, kNoVlan = 78;  // exit codes of a child that cannot test here

inline std::string Sh(const std::string& command) {
  std::string out;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  std::array<char, 512> buffer;
  while (std::fgets(buffer.data(), static_cast<int>(buffer.size()), pipe) != nullptr) out += buffer.data();
  const int status = ::pclose(pipe);
  if (status != 0) ADD_FAILURE() << command << ": " << out;
  return out;
}

// The body runs in a child in a new namespace with a veth pair, "port" and "peer", both up.
template <typename Body>
void InNamespace(Body body) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root for a network namespace";
  std::fflush(nullptr);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (::unshare(CLONE_NEWNET) != 0) ::_exit(kNoNamespace);
    Sh("ip link add port type veth peer name peer");
    Sh("ip link set port up && ip link set peer up && ip link set lo up");
    body();
    std::fflush(nullptr);
    ::_exit(::testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == kNoNamespace)
    GTEST_SKIP() << "network namespaces are not allowed here";
  if (WIFEXITED(status) && WEXITSTATUS(status) == kNoVlan) GTEST_SKIP() << "this kernel has no 802.1Q VLAN links";
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "the child failed: see above";
}

}  // namespace sw::device
