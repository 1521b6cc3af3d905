#include "hal/ports/hardening.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

namespace sw::hal {
namespace {

// In a child, for all of it is for good. Its exit status says which line did not hold.
int InChild(int (*test)()) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(test());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Hardening, KeepsMemoryPrivate) {
  EXPECT_EQ(InChild([] {
              const Status done = KeepMemoryPrivate();
              if (!done.ok() && done.code() != Code::kDenied) return 1;
              rlimit core{1, 1};
              if (::getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_max != 0) return 2;
              if (::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0) return 3;
              if (::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) return 4;
              return 0;
            }),
            0);
}

TEST(Hardening, RefusesToStartProgramsOnEveryThread) {
  EXPECT_EQ(InChild([] {
              if (!KeepMemoryPrivate().ok() && ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) return 1;
              if (!FilterSystemCalls().ok()) return 2;
              int other = 0;
              std::thread([&other] { other = ::unshare(CLONE_NEWNS) == -1 ? errno : 0; }).join();
              if (other != EPERM) return 3;
              ::execl("/bin/true", "true", nullptr);
              if (errno != EPERM) return 4;
              return ::getpid() > 0 ? 0 : 5;  // the rest goes on
            }),
            0);
}

}  // namespace
}  // namespace sw::hal
