#include "cli/lab/tour.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <sstream>
#include <utility>

#include "cli/session/session.h"
#include "device/lab/ladder.h"

namespace sw::cli {
namespace {

constexpr Duration kLineLimit = std::chrono::minutes(1);
constexpr Duration kWaitLimit = std::chrono::seconds(30);

class PrintingListener final : public ConsoleListener {
 public:
  explicit PrintingListener(const Print& print) : print_(print) {}
  void OnOutput(std::string_view text) override { print_(text); }
  void OnNotice(std::string_view text) override { print_(text); }
  void OnReady(const Ready&) override { ready_ = true; }
  bool ready() const { return ready_; }

 private:
  const Print& print_;
  bool ready_ = false;
};

void RunLine(device::EventLoop& loop, const Grammar& grammar, device::Lab::Node& node, const std::string& line,
             const Print& print) {
  Session session(*node.device, grammar, {.from = "lab", .monitor = true});
  session.seat().terminal().debugging = true;
  PrintingListener listener(print);
  session.Listen(&listener);
  print(session.ready().prompt + line + "\n");
  session.Execute(line);
  loop.RunUntil([&] { return listener.ready(); }, kLineLimit);
  session.Listen(nullptr);
}

// The node whose interface has the address; asked late, because addresses come with the configuration.
std::string OwnerOf(const device::Lab& lab, Ipv4 wanted) {
  for (const device::Lab::Node& node : lab.nodes())
    for (const device::InterfaceConfig& interface : node.device->config().interfaces)
      for (const Prefix& address : interface.addresses)
        if (address.address == wanted) return node.name;
  return {};
}

void DrawLadder(device::Lab& lab, const Print& print) {
  auto ladder = std::make_shared<device::Ladder>([&lab](Ipv4 address) { return OwnerOf(lab, address); },
                                                 [print](const std::string& line) { print(line + "\n"); });
  for (device::Lab::Node& node : lab.nodes())
    node.device->ObserveEvents(
        [ladder, name = node.name](Time, const dvpn::Event& event) { ladder->OnEvent(name, event); });
}

std::size_t UpMaps(const device::Device& device) {
  const std::vector<dvpn::MapInfo> maps = device.maps();
  return static_cast<std::size_t>(std::count_if(maps.begin(), maps.end(), [](const dvpn::MapInfo& map) {
    return map.state == dvpn::MapState::kServerFinished || map.state == dvpn::MapState::kClientSuccess;
  }));
}

std::size_t UpSessions(const device::Device& device) {
  const std::vector<dvpn::SessionInfo> sessions = device.sessions();
  return static_cast<std::size_t>(std::count_if(sessions.begin(), sessions.end(), [](const dvpn::SessionInfo& session) {
    return session.state == dvpn::SessionState::kSetupSuccess;
  }));
}

Status Wait(device::EventLoop& loop, device::Lab& lab, const std::string& name, const std::string& what,
            std::size_t count) {
  const device::Device* device = lab.Find(name);
  if (device == nullptr || (what != "maps" && what != "sessions"))
    return {Code::kBadValue, fmt::format("wait {} {} {}: not a thing to wait for", name, what, count)};
  auto reached = [&] { return (what == "maps" ? UpMaps(*device) : UpSessions(*device)) >= count; };
  if (loop.RunUntil(reached, kWaitLimit)) return {};
  return {Code::kBusy, fmt::format("{} did not come to {} {} in {} s", name, count, what,
                                   std::chrono::duration_cast<std::chrono::seconds>(kWaitLimit).count())};
}

class Tour {
 public:
  Tour(device::EventLoop& loop, const Grammar& grammar, device::Lab& lab, const std::function<Status()>& boot,
       const Print& print)
      : loop_(loop), grammar_(grammar), lab_(lab), boot_(boot), print_(print) {}

  Status Line(const std::string& line) {
    if (line.empty() || line.front() == '#') return {};
    std::istringstream words(line);
    std::string word, name, what;
    words >> word;
    if (word == "echo") {
      print_(line.substr(std::min(line.size(), std::size_t{5})) + "\n");
      return {};
    }
    if (line == "boot") return Boot();
    if (line == "ladder on") {
      DrawLadder(lab_, print_);
      return {};
    }
    if (line == "ladder off") {
      NoLadder();
      return {};
    }
    std::size_t count = 0;
    if (word == "wait" && words >> name >> what >> count) return Wait(loop_, lab_, name, what, count);
    const std::size_t mark = line.find("> ");
    for (device::Lab::Node& node : lab_.nodes()) {
      if (mark == std::string::npos || node.name != line.substr(0, mark)) continue;
      RunLine(loop_, grammar_, node, line.substr(mark + 2), print_);
      return {};
    }
    return {Code::kBadValue, "not a line of a tour: " + line};
  }

  Status End() {
    NoLadder();
    return Boot();
  }

 private:
  Status Boot() { return std::exchange(booted_, true) ? Status() : boot_(); }
  void NoLadder() {
    for (device::Lab::Node& node : lab_.nodes()) node.device->ObserveEvents({});
  }

  device::EventLoop& loop_;
  const Grammar& grammar_;
  device::Lab& lab_;
  const std::function<Status()>& boot_;
  const Print& print_;
  bool booted_ = false;
};

}  // namespace

std::string RunLine(device::EventLoop& loop, const Grammar& grammar, device::Lab::Node& node, const std::string& line) {
  std::string out;
  RunLine(loop, grammar, node, line, [&out](std::string_view text) { out += text; });
  return out;
}

Status RunTour(std::string_view script, device::EventLoop& loop, const Grammar& grammar, device::Lab& lab,
               const std::function<Status()>& boot, const Print& print) {
  Tour tour(loop, grammar, lab, boot, print);
  std::istringstream lines{std::string(script)};
  Status done;
  for (std::string line; done.ok() && std::getline(lines, line);) done = tour.Line(line);
  const Status ended = tour.End();
  return done.ok() ? ended : done;
}

}  // namespace sw::cli
