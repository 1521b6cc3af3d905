// A sw8800-card of this build, in a process of its own, for as long as the object lives.
#pragma once

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "test_paths.h"

namespace sw::hal::card {

class CardProcess {
 public:
  explicit CardProcess(std::vector<std::string> options = {}) {
    char folder[] = "/tmp/sw8800-card-XXXXXX";
    folder_ = ::mkdtemp(folder);
    socket_ = folder_ + "/card.sock";
    Start(std::move(options));
  }
  ~CardProcess() {
    End(SIGTERM);
    ::unlink(socket_.c_str());
    ::rmdir(folder_.c_str());
  }
  CardProcess(const CardProcess&) = delete;

  const std::string& socket() const { return socket_; }
  void Signal(int number) const { ::kill(pid_, number); }
  void End(int number) {
    if (pid_ <= 0) return;
    ::kill(pid_, number);
    ::kill(pid_, SIGCONT);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  void Start(std::vector<std::string> options = {}) {
    options.insert(options.begin(), {SW_BINARY_DIR "/bin/sw8800-card", "--socket", socket_});
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that dies leaves no card behind
      // What leaks is looked for where the card runs in process; at the end of this process the search can hang.
      ::setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
      std::vector<char*> arguments;
      for (std::string& option : options) arguments.push_back(option.data());
      arguments.push_back(nullptr);
      ::execv(arguments[0], arguments.data());
      ::_exit(127);
    }
    while (::access(socket_.c_str(), F_OK) != 0 && ::waitpid(pid_, nullptr, WNOHANG) == 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));  // for a file, not for a protocol
  }

 private:
  std::string folder_, socket_;
  pid_t pid_ = 0;
};

}  // namespace sw::hal::card
