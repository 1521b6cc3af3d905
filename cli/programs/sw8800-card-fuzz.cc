// sw8800-card-fuzz: whether a card behind a vfio-user socket computes what software computes, whatever it is asked, and
// whether it survives clients that mean no good.
#include <fmt/format.h>

#include <chrono>
#include <fstream>

#include "cli/programs/options.h"
#include "hal/fuzz/garbage.h"
#include "hal/fuzz/story.h"
#include "hal/pcie/pcie_device.h"
#include "hal/soft/software_device.h"
#include "hal/vfio/user_transport.h"

namespace sw {
namespace {

namespace po = boost::program_options;
using namespace std::chrono_literals;

constexpr int kDifference = 1, kNoCard = 3;
constexpr std::size_t kGarbageEvery = 4, kGarbage = 400, kTries = 400;

struct Options {
  std::string socket, recording;
  std::uint64_t seed = 1;
  unsigned seconds = 60;
  std::size_t steps = 60;
};

po::options_description Describe(Options& options) {
  po::options_description out("sw8800-card-fuzz compares a card behind a vfio-user socket with software. Options");
  out.add_options()("help,h", "show this")("version", "show the version")(
      "socket", po::value(&options.socket)->value_name("PATH")->required(), "of the card")(
      "seconds", po::value(&options.seconds)->value_name("N")->default_value(options.seconds), "how long at most")(
      "seed", po::value(&options.seed)->value_name("N")->default_value(options.seed), "of the first story")(
      "steps", po::value(&options.steps)->value_name("N")->default_value(options.steps), "of a story")(
      "recording", po::value(&options.recording)->value_name("FILE"),
      "where a difference is written, for sw8800d --replay-crypto");
  return out;
}

Time Now() {
  return {std::chrono::steady_clock::now().time_since_epoch()};
}

// A driver of its own on the card, which is reset by it.
struct Card {
  explicit Card(const std::string& socket)
      : driver(std::make_unique<hal::vfio::UserTransport>(socket, 1s), Now, Patient()) {
    for (const Time end = Now() + 10s; Now() < end && driver.health() == hal::Health::kDown;) {
      if (driver.failed()) driver.Restart();  // it may still be busy with the client before
      driver.Poll();
    }
  }
  static hal::pcie::DriverOptions Patient() {
    hal::pcie::DriverOptions out;
    out.operation_deadline = 1s;
    return out;
  }
  bool up() const { return driver.health() == hal::Health::kUp; }
  hal::pcie::PcieDevice driver;
};

class Fuzzer {
 public:
  explicit Fuzzer(const Options& options) : options_(options) {}

  int Run() {
    for (const Time end = Now() + std::chrono::seconds(options_.seconds); Now() < end; ++round_) {
      const std::uint64_t seed = options_.seed + round_;
      if (const int over = OneStory(seed); over >= 0) return over;
      if (round_ % kGarbageEvery != kGarbageEvery - 1) continue;
      SeededRandom random(seed);
      if (!hal::fuzz::Garbage(random, options_.socket, kGarbage).ok()) return Gone(seed);
      ++garbage_;
    }
    fmt::print("{} stories, {} packets, {} hostile clients: no difference\n", round_, packets_, garbage_);
    return 0;
  }

 private:
  static std::unique_ptr<hal::SoftwareDevice> Software() { return std::move(*hal::SoftwareDevice::Create()); }

  int Gone(std::uint64_t seed) const {
    fmt::print("the card does not come up{}\n", round_ == 0 ? std::string() : fmt::format(" any more, seed {}", seed));
    return round_ == 0 ? kNoCard : kDifference;
  }
  std::optional<hal::fuzz::Difference> Tell(const hal::fuzz::Story& story) const {
    Card card(options_.socket);
    if (!card.up()) return hal::fuzz::Difference{0, "the card does not come up: " + card.driver.trouble_text()};
    const auto software = Software();
    auto difference = hal::fuzz::Tell(story, card.driver, *software, Now, 5s);
    if (difference && card.driver.failed()) difference->text += ": " + card.driver.trouble_text();
    return difference;
  }
  int OneStory(std::uint64_t seed) {
    hal::Capabilities capabilities;
    {
      const Card card(options_.socket);
      if (!card.up()) return Gone(seed);
      capabilities = card.driver.capabilities();
    }
    SeededRandom random(seed);
    const auto software = Software();
    hal::fuzz::Story story = hal::fuzz::MakeStory(random, capabilities, *software, options_.steps);
    packets_ += hal::fuzz::Packets(story);
    const auto difference = Tell(story);
    if (!difference) return -1;
    fmt::print("seed {}, step {} of {}: {}\n", seed, difference->step, story.size(), difference->text);
    story.resize(difference->step + 1);
    return Report(std::move(story));
  }
  int Report(hal::fuzz::Story story) const {
    const auto differs = [this](const hal::fuzz::Story& less) { return Tell(less).has_value(); };
    if (!differs(story)) {
      fmt::print("it does not happen again\n");
      return kDifference;
    }
    story = hal::fuzz::Minimise(std::move(story), differs, kTries);
    const auto difference = Tell(story);
    fmt::print("{} steps and {} packets of it are enough{}\n", story.size(), hal::fuzz::Packets(story),
               difference ? ": " + difference->text : std::string());
    if (options_.recording.empty()) return kDifference;
    std::ofstream out(options_.recording);
    out << hal::fuzz::Recording(story, *Software()) << std::flush;
    fmt::print("{}{}\n", out.good() ? "written to " : "cannot write ", options_.recording);
    return kDifference;
  }

  const Options options_;
  std::size_t round_ = 0, packets_ = 0, garbage_ = 0;
};

}  // namespace
}  // namespace sw

int main(int argc, char** argv) {
  sw::Options options;
  const sw::po::options_description described = sw::Describe(options);
  const auto finish = [](sw::po::variables_map& values) { sw::po::notify(values); };
  if (const auto ended = sw::programs::ParseOptions("sw8800-card-fuzz", described, argc, argv, "", finish))
    return *ended;
  return sw::Fuzzer(options).Run();
}
