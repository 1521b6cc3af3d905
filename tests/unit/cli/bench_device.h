// A device on the lab's IP stack in virtual time, a session on it, and what the session says, as text.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/session/session.h"
#include "cli/subjects.h"
#include "device/device.h"
#include "device/lab/lab_platform.h"
#include "hal/base/virtual_scheduler.h"
#include "hal/soft/software_device.h"

namespace sw::cli {

class Screen final : public ConsoleListener {
 public:
  void OnOutput(std::string_view output) override { text += output; }
  void OnNotice(std::string_view notice) override { notices += notice; }
  void OnReady(const Ready& now) override {
    ready = now;
    ++answers;
  }
  std::string text, notices;
  Ready ready;
  int answers = 0;
};

class TestBench {
 public:
  explicit TestBench(SessionOptions options = {})
      : grammar(std::move(*BuildGrammar())), random(7), link(scheduler, random, packets), platform(scheduler, packets) {
    crypto = std::move(*hal::SoftwareDevice::Create());
    (void)platform.AddPort("GigabitEthernet0/0", link, {}, {0, 0xf, 0xe2, 0, 0, 1});
    device = std::move(*device::Device::Create(
        platform, std::move(*configdb::Store::Open(":memory:")),
        {.crypto = *crypto, .random = random, .wall_clock = [] { return std::int64_t{1293910531}; }}));
    Open(options);
  }
  void Open(SessionOptions options) {
    session = std::make_unique<Session>(*device, grammar, options);
    session->Listen(&screen);
  }

  // Runs a line; what it printed.
  std::string Run(std::string_view line) {
    screen.text.clear();
    session->Execute(line);
    return screen.text;
  }
  Outcome OutcomeOf(std::string_view line) {
    (void)Run(line);
    return screen.ready.outcome;
  }
  void RunAll(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) (void)Run(line);
  }
  std::string prompt() const { return session->ready().prompt; }

  Grammar grammar;
  VirtualScheduler scheduler;
  SeededRandom random;
  PacketPool packets;
  hal::VirtualLink link;
  device::LabPlatform platform;
  std::unique_ptr<hal::SoftwareDevice> crypto;
  std::unique_ptr<device::Device> device;
  Screen screen;
  std::unique_ptr<Session> session;
};

}  // namespace sw::cli
