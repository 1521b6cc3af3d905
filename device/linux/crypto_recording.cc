#include "device/linux/crypto_recording.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <string.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

namespace sw::device {

Result<std::unique_ptr<CryptoRecording>> CryptoRecording::Create(const std::string& path, hal::CryptoDevice& engine) {
  // A file that is there may be open to others: it is replaced, not written over.
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return Status(Code::kDevice, path + ": " + ::strerror(errno));
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  std::FILE* file = fd < 0 ? nullptr : ::fdopen(fd, "w");
  if (file == nullptr) return Status(Code::kDevice, path + ": " + ::strerror(errno));
  std::unique_ptr<CryptoRecording> out(new CryptoRecording(file));
  CryptoRecording* self = out.get();
  out->recorder_ =
      std::make_unique<hal::recorder::RecordingDevice>(engine, [self](std::string_view line) { self->Write(line); });
  return out;
}

CryptoRecording::~CryptoRecording() {
  std::fclose(file_);
}

void CryptoRecording::Write(std::string_view line) {
  if (full_) return;
  full_ = std::fwrite(line.data(), 1, line.size(), file_) != line.size() || std::fputc('\n', file_) == EOF;
  if (full_) fmt::print(stderr, "sw8800d: the recording ends here: {}\n", ::strerror(errno));
}

Result<hal::recorder::ReplayReport> ReplayRecording(const std::string& path, hal::CryptoDevice& engine) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Status(Code::kNotFound, "cannot read " + path);
  hal::recorder::Replay replay(engine, [] { return Time{std::chrono::steady_clock::now().time_since_epoch()}; });
  Result<hal::recorder::ReplayReport> report = hal::recorder::ReplayText(in, replay);
  if (!report.ok()) return report.status().Within(path);
  return report;
}

std::string Describe(const hal::recorder::ReplayReport& report, const std::string& engine) {
  std::string out = fmt::format("{} calls on {}: {} operations, {} compared, {} differences\n", report.calls, engine,
                                report.operations, report.compared, report.differences);
  for (const std::string& difference : report.first) out += "  " + difference + "\n";
  if (report.differences > report.first.size())
    out += fmt::format("  and {} more\n", report.differences - report.first.size());
  return out;
}

}  // namespace sw::device
