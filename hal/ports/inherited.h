// Descriptors that outlive a process: what one offers by name, its successor opens by that name instead of anew. So a
// TUN device stays, a port stays bound, and what waits in a socket is not lost.
//
// The table is the process's own, as its descriptors are. Who opens a socket asks for its name first and offers it
// while it is open; nobody else need know of any of this. Any thread. Our choice; unix(7), SCM_RIGHTS.
#pragma once

#include <map>
#include <string>

#include "hal/ports/descriptor.h"

namespace sw::hal {

// A descriptor under a name, as long as this lives. The descriptor stays the caller's. Of two of one name the one that
// came first is found.
class Offered {
 public:
  Offered() = default;  // nothing
  Offered(std::string name, int fd);
  Offered(Offered&& other) noexcept;
  Offered& operator=(Offered&& other) noexcept;
  ~Offered();
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  int fd_ = -1;
};
std::map<std::string, int> AllOffered();
// "NAME 1", "NAME 2" ...: the first that nobody offers.
std::string FreeName(const std::string& name);

// What a predecessor had open, for whoever asks. Replaces what was left of another one.
void Inherit(std::map<std::string, Descriptor> descriptors);
Descriptor TakeInherited(const std::string& name);  // invalid: it had none, or somebody has it
void CloseInherited();                              // what nobody took

}  // namespace sw::hal
