#include "hal/ports/inherited.h"

#include <mutex>
#include <utility>

namespace sw::hal {
namespace {

struct Table {
  std::mutex mutex;
  std::map<std::string, int> offered;
  std::map<std::string, Descriptor> inherited;
};
Table& TheTable() {
  static Table table;
  return table;
}

}  // namespace

Offered::Offered(std::string name, int fd) : name_(std::move(name)), fd_(fd) {
  Table& table = TheTable();
  const std::lock_guard lock(table.mutex);
  if (!table.offered.emplace(name_, fd_).second) fd_ = -1;
}

Offered::Offered(Offered&& other) noexcept : name_(std::move(other.name_)), fd_(std::exchange(other.fd_, -1)) {}

Offered& Offered::operator=(Offered&& other) noexcept {
  std::swap(name_, other.name_);
  std::swap(fd_, other.fd_);
  return *this;
}

Offered::~Offered() {
  if (fd_ < 0) return;
  Table& table = TheTable();
  const std::lock_guard lock(table.mutex);
  table.offered.erase(name_);
}

std::map<std::string, int> AllOffered() {
  Table& table = TheTable();
  const std::lock_guard lock(table.mutex);
  return table.offered;
}

std::string FreeName(const std::string& name) {
  Table& table = TheTable();
  const std::lock_guard lock(table.mutex);
  for (int i = 1;; ++i)
    if (std::string out = name + " " + std::to_string(i); !table.offered.contains(out)) return out;
}

void Inherit(std::map<std::string, Descriptor> descriptors) {
  Table& table = TheTable();
  const std::lock_guard lock(table.mutex);
  table.inherited = std::move(descriptors);
}

Descriptor TakeInherited(const std::string& name) {
  Table& table = TheTable();
  const std::lock_guard lock(table.mutex);
  auto node = table.inherited.extract(name);
  return node.empty() ? Descriptor() : std::move(node.mapped());
}

void CloseInherited() {
  Inherit({});
}

}  // namespace sw::hal
