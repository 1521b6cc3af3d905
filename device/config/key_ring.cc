#include "device/config/key_ring.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <optional>
#include <utility>

#include "hal/base/file.h"
#include "hal/base64.h"
#include "hal/primitives.h"

namespace sw::device {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr const char* kCredential = "/sw8800.key";

InstallationKey KeyOf(SecretBytes bytes) {
  const SecretBytes id = hal::HkdfExpand(hal::HkdfExtract(AsBytes("sw8800 installation"), bytes.view()), "id", {},
                                         kKeyIdBytes);
  return {std::string(id.view().begin(), id.view().end()), std::move(bytes)};
}

void WipeText(std::string& text) {
  Wipe(ByteSpan(reinterpret_cast<std::uint8_t*>(text.data()), text.size()));
}

Result<KeyRing> Load(const std::string& path) {
  Result<std::string> text = ReadRegularFile(path);
  if (!text.ok()) return text.status();
  Result<KeyRing> ring = KeyRing::Parse(*text);
  WipeText(*text);
  if (!ring.ok()) return Status(ring.status()).Within(path);
  return ring;
}

// Whole or not at all, also when the machine stops in the middle.
Status Write(const std::string& path, const SecretBytes& text) {
  const std::string draft = path + ".new";
  const auto failed = [&path] { return Status(Code::kStorage, path + ": " + std::strerror(errno)); };
  const int fd = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return failed();
  const bool written = ::fchmod(fd, 0600) == 0 &&
                       ::write(fd, text.view().data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       ::fsync(fd) == 0;
  const Status trouble = written ? Status() : failed();
  ::close(fd);
  if (!trouble.ok()) return trouble;
  return ::rename(draft.c_str(), path.c_str()) == 0 ? Status() : failed();
}

struct Holder {
  std::mutex mutex;
  std::shared_ptr<const KeyRing> ring;
};
Holder& OfProcess() {
  static Holder holder;
  return holder;
}

}  // namespace

std::string ShownKeyId(std::string_view id) {
  std::string out;
  for (const char byte : id) out += fmt::format("{:02x}", static_cast<std::uint8_t>(byte));
  return out;
}

Result<KeyRing> KeyRing::Parse(std::string_view text) {
  KeyRing out;
  for (int number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    std::optional<Bytes> bytes = hal::FromBase64(line);
    if (!bytes || bytes->size() != kKeyBytes) return Status(Code::kBadValue, fmt::format("line {} is no key", number));
    out.keys_.push_back(KeyOf(SecretBytes(ByteView(*bytes))));
    Wipe(*bytes);
  }
  if (out.keys_.empty()) return Status(Code::kBadValue, "it holds no key");
  return out;
}

KeyRing KeyRing::WithNewKey(Random& random) {
  SecretBytes key(kKeyBytes);
  random.Fill(key.span());
  KeyRing out;
  out.keys_.push_back(KeyOf(std::move(key)));
  return out;
}

const InstallationKey* KeyRing::Find(std::string_view id) const {
  const auto found = std::ranges::find(keys_, id, &InstallationKey::id);
  return found == keys_.end() ? nullptr : &*found;
}

void KeyRing::Append(KeyRing others) {
  for (InstallationKey& key : others.keys_) keys_.push_back(std::move(key));
}

SecretBytes KeyRing::Text() const {
  std::string text;
  for (const InstallationKey& key : keys_) text += hal::Base64(key.key.view()) + "\n";
  SecretBytes out{std::string_view(text)};
  WipeText(text);
  return out;
}

std::shared_ptr<const KeyRing> Keys() {
  Holder& holder = OfProcess();
  const std::lock_guard lock(holder.mutex);
  if (!holder.ring) {
    hal::SystemRandom random;
    holder.ring = std::make_shared<const KeyRing>(KeyRing::WithNewKey(random));
  }
  return holder.ring;
}

void UseKeys(KeyRing keys) {
  Holder& holder = OfProcess();
  const std::lock_guard lock(holder.mutex);
  holder.ring = std::make_shared<const KeyRing>(std::move(keys));
}

std::string KeyFileOf(const std::string& database) {
  return database + ".key";
}

Status UseKeysOf(const std::string& database, MissingKey missing) {
  std::optional<KeyRing> ring;
  if (const char* folder = std::getenv("CREDENTIALS_DIRECTORY"); folder != nullptr) {
    const std::string path = std::string(folder) + kCredential;
    if (::access(path.c_str(), F_OK) == 0) {
      Result<KeyRing> credential = Load(path);
      if (!credential.ok()) return credential.status();
      ring = std::move(*credential);
    }
  }
  const std::string path = KeyFileOf(database);
  if (::access(path.c_str(), F_OK) == 0) {
    Result<KeyRing> file = Load(path);
    if (!file.ok()) return file.status();
    ring ? ring->Append(std::move(*file)) : void(ring = std::move(*file));
  }
  Status kept;
  if (!ring) {
    if (missing == MissingKey::kIsAnError) return {Code::kNotFound, path + ": not there"};
    hal::SystemRandom random;
    ring = KeyRing::WithNewKey(random);
    kept = Write(path, ring->Text());
    if (!kept.ok())
      kept = Status(kept.code(), kept.why() + "; cipher text that is typed now cannot be opened after the next start");
  }
  UseKeys(std::move(*ring));
  return kept;
}

}  // namespace sw::device
