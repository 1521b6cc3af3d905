#include "hal/fuzz/garbage.h"

#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

#include "hal/pcie/register_map.h"
#include "hal/vfio/message.h"

namespace sw::hal::fuzz {
namespace {

using vfio::Append;
using vfio::Command;

constexpr std::size_t kMemory = 1 << 20;
constexpr std::uint64_t kAddress = 0x200000;
constexpr Duration kPatience = std::chrono::seconds(1);
constexpr std::uint32_t kEntries = 64;
constexpr std::string_view kVersion = R"({"capabilities":{"max_msg_fds":16,"max_data_xfer_size":1048576}})";

class Client {
 public:
  Client(Random& random, Descriptor socket) : random_(random), socket_(std::move(socket)) {
    memory_ = Descriptor(::memfd_create("card-fuzz", MFD_CLOEXEC));
    if (memory_.valid() && ::ftruncate(memory_.get(), kMemory) == 0)
      bytes_ =
          static_cast<std::uint8_t*>(::mmap(nullptr, kMemory, PROT_READ | PROT_WRITE, MAP_SHARED, memory_.get(), 0));
  }
  ~Client() {
    if (usable()) ::munmap(bytes_, kMemory);
  }
  bool usable() const { return bytes_ != nullptr && bytes_ != MAP_FAILED; }
  bool open() const { return socket_.open(); }

  void Greet() {
    Bytes body;
    Append(body, vfio::Version{vfio::kMajor, vfio::kMinor});
    body.insert(body.end(), kVersion.begin(), kVersion.end());
    body.push_back(0);
    Say(Command::kVersion, body);
    Map(kAddress, kMemory, 3, 0);
  }
  // A ring in the lent memory with descriptors in it, and the card running, as far as it lets itself be brought there.
  void StartCard() {
    for (std::size_t i = 0; i < kEntries; ++i) Describe(i);
    WriteRegister(pcie::kRegControl, 1);
    WriteRegister(pcie::kRegControl, 2);
    constexpr std::uint32_t kRing = pcie::kRegRings;
    const std::pair<std::uint32_t, std::uint32_t> ring[] = {{pcie::kRingSubmission, kAddress},
                                                            {pcie::kRingSubmission + 4, 0},
                                                            {pcie::kRingCompletion, kAddress + 0x8000},
                                                            {pcie::kRingCompletion + 4, 0},
                                                            {pcie::kRingVector, 1},
                                                            {pcie::kRingEntries, Chance(8) ? Number() : kEntries}};
    for (const auto& [offset, value] : ring) WriteRegister(kRing + offset, value);
    WriteRegister(pcie::kRegControl, 4);
    tail_ = 0;
  }
  void DoSomething() {
    switch (Below(12)) {
      case 0:
        return Map(Address(), Chance(2) ? 4096U << Below(6) : Number(), Below(5), Chance(3) ? Number() : 0);
      case 1:
        return Unmap();
      case 2:
        return WriteRegister(Below(pcie::kBarBytes), Number());
      case 3:
        return WriteRegister(pcie::kRegControl, Chance(4) ? Number() : 1U << Below(3));
      case 4:
        return WriteRegister(pcie::kRegRings + 4 * Below(64), Number());
      case 5:
        return Noise();
      case 6:
        return Interrupts();
      case 7:
        return StartCard();
      case 8:
        if (Chance(8)) Say(Command::kReset, {});
        return;
      default:
        Describe(tail_ % kEntries);
        tail_ += 1 + (Chance(10) ? Below(kEntries) : 0);
        WriteRegister(pcie::kRegDoorbells + (Chance(12) ? 4 * Below(16) : 0), Chance(16) ? Number() : tail_ % kEntries);
    }
  }

 private:
  bool Chance(std::uint32_t one_in) { return random_.U32() % one_in == 0; }
  std::uint32_t Below(std::uint32_t bound) { return random_.U32() % bound; }
  std::uint32_t Number() {
    constexpr std::uint32_t kOdd[] = {0, 1, 63, 64, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff, kMemory};
    return Chance(2) ? kOdd[Below(std::size(kOdd))] : random_.U32();
  }
  std::uint64_t Address() { return Chance(4) ? random_.U64() : kAddress + (Chance(3) ? Number() : Below(kMemory)); }
  void Describe(std::size_t at) {
    pcie::Descriptor d;
    random_.Fill({reinterpret_cast<std::uint8_t*>(&d), sizeof d});
    if (!Chance(10)) d.opcode = static_cast<pcie::Opcode>(1 + Below(3));
    if (!Chance(10)) d.sa = Below(8);
    if (!Chance(10)) d.segments = static_cast<std::uint8_t>(Below(4));
    for (pcie::Segment& segment : d.inline_segments) segment = {Address(), Chance(10) ? Number() : Below(3000), 0};
    for (std::uint32_t& word : d.words)
      if (!Chance(10)) word = Below(1500);
    std::memcpy(bytes_ + at * sizeof d, &d, sizeof d);
  }
  void Say(Command command, ByteView body, std::span<const int> fds = {}, std::uint32_t flags = 0) {
    const auto size = static_cast<std::uint32_t>(sizeof(vfio::Header) + body.size());
    const vfio::Header header{++id_, command, size, flags, 0};
    if (!socket_.open() || !socket_.Send(header, body, fds, kPatience)) return;
    while (socket_.open() && socket_.Receive(Duration(0))) {  // answers are of no interest, but must not pile up
    }
  }
  void Map(std::uint64_t address, std::uint64_t size, std::uint32_t flags, std::uint64_t offset) {
    Bytes body;
    Append(body, vfio::DmaMap{sizeof(vfio::DmaMap), flags, offset, address, size});
    const int fd = memory_.get();
    Say(Command::kDmaMap, body, std::span(&fd, Chance(8) ? 0 : 1));
  }
  void Unmap() {
    Bytes body;
    const bool all = Chance(8);
    Append(body, vfio::DmaUnmap{sizeof(vfio::DmaUnmap), all ? vfio::kUnmapAll : Below(2),
                                all         ? 0
                                : Chance(2) ? kAddress
                                            : Address(),
                                all         ? 0
                                : Chance(2) ? kMemory
                                            : Number()});
    Say(Command::kDmaUnmap, body);
    Map(kAddress, kMemory, 3, 0);  // mostly it stays reachable
  }
  void WriteRegister(std::uint32_t offset, std::uint32_t value) {
    Bytes body;
    Append(body, vfio::RegionAccess{offset, vfio::kBar0Region, 4});
    Append(body, value);
    Say(Command::kRegionWrite, body, {}, vfio::kFlagNoReply);
  }
  void Interrupts() {
    Bytes body;
    const Descriptor event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    const int fds[] = {event.get(), event.get()};
    const std::uint32_t count = Below(3);
    Append(body, vfio::SetIrqs{sizeof(vfio::SetIrqs), 1U << Below(3) | 8U << Below(3), Below(6), Below(3), count});
    Say(Command::kSetIrqs, body, std::span(fds, Chance(4) ? Below(3) : count));
  }
  void Noise() {
    Bytes body(Below(80));
    random_.Fill(body);
    Say(static_cast<Command>(Below(20)), body, {}, Chance(4) ? random_.U32() : 0);
  }

  Random& random_;
  vfio::MessageSocket socket_;
  Descriptor memory_;
  std::uint8_t* bytes_ = nullptr;
  std::uint16_t id_ = 0;
  std::uint32_t tail_ = 0;
};

}  // namespace

Status Garbage(Random& random, const std::string& socket, std::size_t messages) {
  Result<Descriptor> connected = vfio::ConnectUnix(socket, kPatience);
  if (!connected.ok()) return connected.status();
  Client client(random, std::move(*connected));
  if (!client.usable()) return {Code::kDevice, "no memory to lend"};
  client.Greet();
  client.StartCard();
  for (std::size_t i = 0; i < messages && client.open(); ++i) client.DoSomething();
  return {};
}

}  // namespace sw::hal::fuzz
