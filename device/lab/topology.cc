#include "device/lab/topology.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iterator>
#include <set>

namespace sw::device {
namespace {

// What a refused file throws inside this file; ParseTopology turns it into a Status.
struct Refused {
  std::size_t line;
  std::string why;
};

[[noreturn]] void Refuse(const YAML::Node& at, std::string why) {
  throw Refused{at.Mark().is_null() ? 1 : static_cast<std::size_t>(at.Mark().line) + 1, std::move(why)};
}

// Keys of containerlab that a lab of ours can do without.
constexpr std::string_view kIgnoredTop[] = {"prefix", "mgmt", "settings", "debug"};
constexpr std::string_view kIgnoredTopology[] = {"groups"};
constexpr std::string_view kIgnoredNode[] = {"image",
                                             "labels",
                                             "group",
                                             "env",
                                             "mgmt-ipv4",
                                             "mgmt-ipv6",
                                             "ports",
                                             "type",
                                             "user",
                                             "binds",
                                             "cpu",
                                             "memory",
                                             "runtime",
                                             "position",
                                             "stages",
                                             "license",
                                             "image-pull-policy",
                                             "startup-delay"};
constexpr std::string_view kIgnoredLink[] = {"labels", "vars"};

struct KindName {
  std::string_view name;
  Topology::Kind kind;
};
constexpr KindName kKinds[] = {{"sw8800", Topology::Kind::kSw8800}, {"bridge", Topology::Kind::kBridge}};

struct Unit {
  std::string_view name;
  double nanoseconds;
};
constexpr Unit kUnits[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
constexpr double kMaxDelay = 60e9;  // a minute, in ns: no link is slower

std::string Text(const YAML::Node& node, const std::string& what) {
  if (!node.IsScalar()) Refuse(node, what + " must be plain text");
  const std::string& text = node.Scalar();
  if (text.empty()) Refuse(node, what + " is empty");
  if (text.size() > Topology::kMaxText) Refuse(node, what + " is too long");
  if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; })) {
    Refuse(node, what + " holds a control character");
  }
  return text;
}

std::string Quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text.substr(0, 64)) out += static_cast<unsigned char>(c) < ' ' || c == 0x7f ? '?' : c;
  return out + (text.size() > 64 ? "...'" : "'");
}

// Names are shown in prompts and used in file names: letters, digits, '-', '_' and '.'.
std::string Name(const YAML::Node& node, const std::string& what) {
  std::string name = Text(node, what);
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  };
  if (name.size() > 63 || !std::all_of(name.begin(), name.end(), fits)) {
    Refuse(node, what + " " + Quoted(name) + " is not a name: at most 63 letters, digits, - _ .");
  }
  return name;
}

double NumberBefore(const YAML::Node& node, std::string_view text, std::string_view* rest) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc() || !(value >= 0)) Refuse(node, Quoted(text) + " does not start with a number");
  *rest = text.substr(static_cast<std::size_t>(end - text.data()));
  return value;
}

Duration Delay(const YAML::Node& node, const std::string& what) {
  const std::string text = Text(node, what);
  std::string_view unit;
  const double number = NumberBefore(node, text, &unit);
  for (const Unit& u : kUnits) {
    if (u.name != unit) continue;
    if (number * u.nanoseconds > kMaxDelay) Refuse(node, what + " is more than a minute");
    return Duration{static_cast<Duration::rep>(number * u.nanoseconds)};
  }
  Refuse(node, what + " " + Quoted(text) + " needs a unit: ns, us, ms or s");
}

double Share(const YAML::Node& node, const std::string& what) {
  const std::string text = Text(node, what);
  std::string_view unit;
  const double number = NumberBefore(node, text, &unit);
  if (unit != "%") Refuse(node, what + " " + Quoted(text) + " needs a percent sign");
  if (number > 100) Refuse(node, what + " is more than 100%");
  return number / 100;
}

// "eth3" is GigabitEthernet0/3. eth0 is containerlab's management network and carries no data.
std::string PortName(const YAML::Node& at, std::string_view eth) {
  int number = -1;
  const std::string_view digits = eth.starts_with("eth") ? eth.substr(3) : std::string_view();
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool plain =
      error == std::errc() && end == digits.data() + digits.size() && digits[0] != '-' && digits[0] != '0';
  if (digits == "0") Refuse(at, Quoted(eth) + " is the management port and cannot be linked");
  if (digits.empty() || !plain || number > Topology::kMaxPort) {
    Refuse(at, Quoted(eth) + " is not a port: eth1 to eth" + std::to_string(Topology::kMaxPort));
  }
  return "GigabitEthernet0/" + std::to_string(number);
}

class TopologyReader {
 public:
  explicit TopologyReader(std::string file) : file_(std::move(file)) {}

  Topology Read(const YAML::Node& root) {
    if (!root.IsMap()) Refuse(root, "not a lab: expected name and topology");
    YAML::Node topology;
    Walk(root, "", kIgnoredTop,
         {{"name", [this](const YAML::Node& v) { out_.name = Name(v, "name"); }},
          {"topology", [&topology](const YAML::Node& v) { topology.reset(v); }}});
    if (out_.name.empty()) Refuse(root, "name is missing");
    if (!topology.IsDefined() || topology.IsNull()) Refuse(root, "topology is missing");
    ReadTopology(topology);
    return std::move(out_);
  }

 private:
  // What a node, a kind or the defaults may say.
  struct Settings {
    std::string kind, startup_config;
    std::vector<std::string> exec;
  };
  struct Row {
    std::string_view key;
    std::function<void(const YAML::Node&)> read;
  };

  void Walk(const YAML::Node& map, const std::string& what, std::span<const std::string_view> ignored,
            const std::vector<Row>& rows) {
    if (!map.IsMap()) Refuse(map, (what.empty() ? "the file" : what) + " must be a map");
    std::set<std::string> seen;
    for (const auto& entry : map) {
      const std::string key = Text(entry.first, "a key");
      if (!seen.insert(key).second) Refuse(entry.first, Quoted(key) + " is there twice");
      const auto row = std::find_if(rows.begin(), rows.end(), [&key](const Row& r) { return r.key == key; });
      if (row != rows.end()) {
        row->read(entry.second);
      } else if (std::find(ignored.begin(), ignored.end(), key) != ignored.end()) {
        out_.notes.push_back(file_ + ":" + std::to_string(entry.first.Mark().line + 1) + ": " + key +
                             " means nothing in a lab of sw8800 and is left out");
      } else {
        Refuse(entry.first, Quoted(key) + " is not known" + (what.empty() ? "" : " in " + what));
      }
    }
  }

  void ReadTopology(const YAML::Node& topology) {
    YAML::Node nodes, links;
    Walk(topology, "topology", kIgnoredTopology,
         {{"defaults", [this](const YAML::Node& v) { defaults_ = ReadSettings(v, "defaults"); }},
          {"kinds", [this](const YAML::Node& v) { ReadKinds(v); }},
          {"nodes", [&nodes](const YAML::Node& v) { nodes.reset(v); }},
          {"links", [&links](const YAML::Node& v) { links.reset(v); }}});
    if (!nodes.IsMap() || nodes.size() == 0) Refuse(topology, "topology has no nodes");
    if (nodes.size() > Topology::kMaxNodes)
      Refuse(nodes, "more than " + std::to_string(Topology::kMaxNodes) + " nodes");
    for (const auto& entry : nodes) ReadNode(entry.first, entry.second);
    if (!links.IsDefined() || links.IsNull()) return;
    if (!links.IsSequence()) Refuse(links, "links must be a list");
    if (links.size() > Topology::kMaxLinks)
      Refuse(links, "more than " + std::to_string(Topology::kMaxLinks) + " links");
    for (const auto& link : links) ReadLink(link);
  }

  Settings ReadSettings(const YAML::Node& node, const std::string& what) {
    Settings s;
    if (node.IsNull()) return s;
    Walk(node, what, kIgnoredNode,
         {{"kind", [&s](const YAML::Node& v) { s.kind = Text(v, "kind"); }},
          {"startup-config", [&s](const YAML::Node& v) { s.startup_config = Text(v, "startup-config"); }},
          {"exec", [&s](const YAML::Node& v) {
             if (!v.IsSequence()) Refuse(v, "exec must be a list of lines");
             if (v.size() > Topology::kMaxExec) Refuse(v, "too many exec lines");
             for (const auto& line : v) s.exec.push_back(Text(line, "a line of exec"));
           }}});
    return s;
  }

  void ReadKinds(const YAML::Node& kinds) {
    if (!kinds.IsMap()) Refuse(kinds, "kinds must be a map");
    for (const auto& entry : kinds) {
      const std::string name = Text(entry.first, "a kind");
      FindKind(entry.first, name);
      if (!kinds_.emplace(name, ReadSettings(entry.second, "kind " + name)).second) {
        Refuse(entry.first, Quoted(name) + " is there twice");
      }
    }
  }

  static Topology::Kind FindKind(const YAML::Node& at, const std::string& name) {
    for (const KindName& k : kKinds) {
      if (k.name == name) return k.kind;
    }
    Refuse(at, Quoted(name) + " is not a kind this lab has: sw8800 or bridge");
  }

  // The node's own word counts before its kind's, and that before the defaults; exec lines add up in the other order.
  void ReadNode(const YAML::Node& key, const YAML::Node& value) {
    Topology::Node node;
    node.name = Name(key, "a node's name");
    node.line = static_cast<std::size_t>(key.Mark().line) + 1;
    const Settings own = ReadSettings(value, "node " + node.name);
    const std::string& kind = own.kind.empty() ? defaults_.kind : own.kind;
    if (kind.empty()) Refuse(key, "node " + node.name + " has no kind");
    node.kind = FindKind(value.IsMap() && value["kind"] ? value["kind"] : key, kind);
    const Settings& of_kind = kinds_[kind];
    for (const Settings* s : {&own, &of_kind, const_cast<const Settings*>(&defaults_)}) {
      if (node.startup_config.empty()) node.startup_config = s->startup_config;
      node.exec.insert(node.exec.begin(), s->exec.begin(), s->exec.end());
    }
    if (node.exec.size() > Topology::kMaxExec) Refuse(key, "node " + node.name + " has too many exec lines");
    if (node.kind == Topology::Kind::kBridge) {
      if (!own.startup_config.empty() || !own.exec.empty())
        Refuse(key, "a bridge has no configuration and runs nothing");
      node.startup_config.clear();
      node.exec.clear();
    }
    if (!node.startup_config.empty()) {
      const auto path = std::filesystem::path(file_).parent_path() / node.startup_config;
      node.startup_config = path.lexically_normal().string();
    }
    if (!nodes_.emplace(node.name, node.kind).second) Refuse(key, "node " + node.name + " is there twice");
    out_.nodes.push_back(std::move(node));
  }

  Topology::End ReadEnd(const YAML::Node& at) {
    const std::string text = Text(at, "an endpoint");
    const std::size_t colon = text.find(':');
    if (colon == std::string::npos) Refuse(at, "endpoint " + Quoted(text) + " is not node:port");
    Topology::End end{text.substr(0, colon), text.substr(colon + 1)};
    const auto node = nodes_.find(end.node);
    if (node == nodes_.end()) Refuse(at, "endpoint " + Quoted(text) + " names a node that is not there");
    if (end.interface.empty()) Refuse(at, "endpoint " + Quoted(text) + " names no port");
    if (node->second == Topology::Kind::kSw8800) end.interface = PortName(at, end.interface);
    if (!used_.insert(end.node + ":" + end.interface).second) Refuse(at, Quoted(text) + " is linked already");
    return end;
  }

  void ReadLink(const YAML::Node& value) {
    Topology::Link link;
    link.line = static_cast<std::size_t>(value.Mark().line) + 1;
    bool joined = false;
    Walk(value, "a link", kIgnoredLink,
         {{"endpoints",
           [&](const YAML::Node& v) {
             if (!v.IsSequence() || v.size() != 2) Refuse(v, "a link has exactly two endpoints");
             link.a = ReadEnd(v[0]);
             link.b = ReadEnd(v[1]);
             joined = true;
           }},
          {"impair", [&](const YAML::Node& v) {
             hal::Impairment& i = link.impairment;
             Walk(v, "impair", {},
                  {{"delay", [&i](const YAML::Node& x) { i.delay = Delay(x, "delay"); }},
                   {"jitter", [&i](const YAML::Node& x) { i.jitter = Delay(x, "jitter"); }},
                   {"loss", [&i](const YAML::Node& x) { i.loss = Share(x, "loss"); }},
                   {"duplicate", [&i](const YAML::Node& x) { i.duplicate = Share(x, "duplicate"); }}});
           }}});
    if (!joined) Refuse(value, "a link without endpoints");
    const bool bridges =
        nodes_.at(link.a.node) == Topology::Kind::kBridge && nodes_.at(link.b.node) == Topology::Kind::kBridge;
    if (bridges) Refuse(value, "two bridges cannot be linked: make them one");
    out_.links.push_back(std::move(link));
  }

  const std::string file_;
  Topology out_;
  Settings defaults_;
  std::map<std::string, Settings> kinds_;
  std::map<std::string, Topology::Kind> nodes_;
  std::set<std::string> used_;
};

}  // namespace

Result<Topology> ParseTopology(std::string_view text, const std::string& file) {
  const auto refused = [&file](std::size_t line, const std::string& why) {
    return Status(Code::kBadValue, file + ":" + std::to_string(line) + ": " + why);
  };
  if (text.size() > Topology::kMaxFile) return refused(1, "larger than a lab file may be (1 MiB)");
  if (text.find('\0') != std::string_view::npos) return refused(1, "not a text file");
  try {
    return TopologyReader(file).Read(YAML::Load(std::string(text)));
  } catch (const Refused& r) {
    return refused(r.line, r.why);
  } catch (const YAML::Exception& e) {
    return refused(e.mark.is_null() ? 1 : static_cast<std::size_t>(e.mark.line) + 1, "not YAML: " + e.msg);
  } catch (const std::exception& e) {
    return refused(1, std::string("cannot be read: ") + e.what());
  }
}

}  // namespace sw::device
