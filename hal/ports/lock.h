// Locks that name their holder, between processes. They go with the process that holds them, however it ends.
//
// A file lock is flock(2) on a file of its own, which holds "PID NOTE" and is removed with the lock: any process of the
// machine that sees the file. A name lock is an abstract UNIX socket: any process of the network namespace. Our choice.
// Errors: kInUse, with the holder and what it says of itself; kDevice: there can be no lock there (a read-only folder).
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "hal/base/result.h"
#include "hal/ports/descriptor.h"
#include "hal/ports/inherited.h"

namespace sw::hal {

class Lock {
 public:
  // `note`: one line for who is refused; may be empty. `what` is locked, for the reason.
  static Result<Lock> OfFile(const std::string& path, std::string_view what, std::string_view note);
  static std::optional<pid_t> Holder(const std::string& path);  // of a file lock; nullopt: nobody has it
  static Result<Lock> OfName(const std::string& name, std::string_view what);
  Lock(Lock&& other) noexcept = default;
  Lock& operator=(Lock&& other) noexcept = default;
  ~Lock();
  // Names this process as the holder. What was inherited names the process that had it until then.
  void Sign();

 private:
  Lock(Descriptor held, std::string name, std::string file, std::string note)
      : held_(std::move(held)),
        offered_(std::move(name), held_.get()),
        file_(std::move(file)),
        note_(std::move(note)) {}
  Descriptor held_;
  Offered offered_;   // "lock PATH", "lock NAME"
  std::string file_;  // to remove; empty: none
  std::string note_;
};

}  // namespace sw::hal
