// The crypto engine's calls in a file, and such a file done again: `sw8800d --record-crypto`, `--replay-crypto`.
#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "hal/recorder/recording_device.h"
#include "hal/recorder/replay.h"

namespace sw::device {

class CryptoRecording {
 public:
  // Makes the file anew, readable by its owner only: it holds keys and packets. The engine outlives this.
  static Result<std::unique_ptr<CryptoRecording>> Create(const std::string& path, hal::CryptoDevice& engine);
  ~CryptoRecording();
  CryptoRecording(const CryptoRecording&) = delete;
  hal::CryptoDevice& engine() { return *recorder_; }

 private:
  explicit CryptoRecording(std::FILE* file) : file_(file) {}
  void Write(std::string_view line);

  std::FILE* file_;
  bool full_ = false;  // a write failed: nothing is written any more, and it was said
  std::unique_ptr<hal::recorder::RecordingDevice> recorder_;
};

// kNotFound, kBadValue: no recording.
Result<hal::recorder::ReplayReport> ReplayRecording(const std::string& path, hal::CryptoDevice& engine);
// For the operator, several lines.
std::string Describe(const hal::recorder::ReplayReport& report, const std::string& engine);

}  // namespace sw::device
