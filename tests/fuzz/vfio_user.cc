// Hostile vfio-user clients: the input is the byte stream, cut where the stream is read; a 0xff before a message brings
// a descriptor along. The server answers or ends the connection; a card that is driven by rubbish stays a card.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "hal/card/pci_function.h"
#include "hal/soft/software_device.h"
#include "hal/vfio/server.h"

namespace {

using namespace sw;
using namespace sw::hal;

struct NoRemote final : vfio::RemoteMemory {
  bool Read(std::uint64_t, ByteSpan out) override {
    std::fill(out.begin(), out.end(), std::uint8_t{0});
    return true;
  }
  bool Write(std::uint64_t, ByteView) override { return true; }
};
struct Memory final : card::HostMemory {
  explicit Memory(vfio::DmaTable& t) : table(t) {}
  bool Read(std::uint64_t a, ByteSpan out) override { return table.Read(a, out); }
  bool Write(std::uint64_t a, ByteView bytes) override { return table.Write(a, bytes); }
  bool WriteFlag(std::uint64_t a, std::uint32_t v) override { return table.WriteFlag(a, v); }
  vfio::DmaTable& table;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const int file = [] {
    const int fd = ::memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || ::ftruncate(fd, 0x10000) != 0) std::abort();
    return fd;
  }();
  NoRemote remote;
  vfio::DmaTable table(remote);
  Memory memory(table);
  card::PciFunction function(3);
  card::Card card({4, 8, 2}, *SoftwareDevice::Create({4, 1}), memory, function);
  function.Attach(card);
  vfio::ServerSession session(function, table, [](const vfio::Header& header, ByteView body) {
    if (header.size != sizeof header + body.size()) std::abort();
  });
  vfio::Assembler assembler;
  ByteView rest(data, size);
  Time now{};
  while (!rest.empty() && !session.over()) {
    std::vector<hal::Descriptor> fds;
    if (!assembler.midway() && rest[0] == 0xff) {
      fds.emplace_back(::dup(file));
      rest = rest.subspan(1);
      if (rest.empty()) break;
    }
    const ByteView piece = rest.first(std::min(rest.size(), assembler.wanted()));
    assembler.Feed(piece, std::move(fds), false);
    rest = rest.subspan(piece.size());
    if (assembler.broken()) break;
    if (auto message = assembler.Take()) session.OnMessage(std::move(*message));
    now = now + std::chrono::milliseconds(1);
    card.Work(now);
  }
  function.Detach();
  if (card.Read(pcie::kRegId) != pcie::kMagic) std::abort();
  return 0;
}
