#include "device/lab/topology.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iterator>
#include <set>

#include "device/lab/host_script.h"
#include "device/lab/node_settings.h"
#include "device/lab/topology_text.h"
#include "hal/base/packet.h"

namespace sw::device {
namespace {

using namespace lab_file;

// Keys of containerlab that a lab of ours can do without, and ends of links that lead out of it.
constexpr std::string_view kIgnoredTop[] = {"prefix", "mgmt", "settings", "debug"};
constexpr std::string_view kIgnoredLink[] = {"labels", "vars", "ipv4",     "ipv6",     "host-interface",
                                             "remote", "vni",  "dst-port", "src-port", "mode"};
constexpr std::string_view kIgnoredEnd[] = {"mac", "ipv4", "ipv6", "vars"};
constexpr std::string_view kOutside[] = {"host", "mgmt-net", "macvlan", "dummy", "vxlan", "vxlan-stitch"};
constexpr int kMaxMtu = Packet::kRoom - Packet::kHeadroom, kMinMtu = 68;  // RFC 791

class TopologyReader {
 public:
  explicit TopologyReader(std::string file) : file_(std::move(file)) {}

  Topology Read(const YAML::Node& root) {
    if (!root.IsMap()) Refuse(root, "not a lab: expected name and topology");
    YAML::Node topology;
    maps_.Walk(root, "", kIgnoredTop,
               {{"name", [this](const YAML::Node& v) { out_.name = Name(v, "name"); }},
                {"topology", [&topology](const YAML::Node& v) { topology.reset(v); }}});
    if (out_.name.empty()) Refuse(root, "name is missing");
    if (!topology.IsDefined() || topology.IsNull()) Refuse(root, "topology is missing");
    ReadTopology(topology);
    return std::move(out_);
  }

 private:
  // What is known of a node while its links are read.
  struct Known {
    std::size_t index = 0;  // in out_.nodes
    NodeKind kind = NodeKind::kHost;
    std::size_t line = 0;
    std::vector<std::string> shell;            // exec lines for a shell
    std::map<std::string, std::string> ports;  // the link's name in the file: ours
    std::vector<std::string> links;            // their names, in the order of the file
  };

  void ReadTopology(const YAML::Node& topology) {
    YAML::Node nodes, links, kinds, groups;
    maps_.Walk(topology, "topology", {},
               {{"defaults", [this](const YAML::Node& v) { defaults_ = ReadNodeSettings(maps_, v, "defaults"); }},
                {"kinds", [this](const YAML::Node& v) { ReadShared(v, "kind", kinds_); }},
                {"groups", [this](const YAML::Node& v) { ReadShared(v, "group", groups_); }},
                {"nodes", [&nodes](const YAML::Node& v) { nodes.reset(v); }},
                {"links", [&links](const YAML::Node& v) { links.reset(v); }}});
    if (!nodes.IsMap() || nodes.size() == 0) Refuse(topology, "topology has no nodes");
    if (nodes.size() > Topology::kMaxNodes)
      Refuse(nodes, "more than " + std::to_string(Topology::kMaxNodes) + " nodes");
    for (const auto& entry : nodes) ReadNode(entry.first, entry.second);
    if (links.IsDefined() && !links.IsNull()) ReadLinks(links);
    for (auto& [name, node] : nodes_) SetUp(name, node);
    for (Topology::Link& link : out_.links) {
      for (Topology::End* end : {&link.a, &link.b}) Translate(*end);
    }
  }

  void ReadShared(const YAML::Node& map, const std::string& what, std::map<std::string, NodeSettings>& into) {
    if (map.IsNull()) return;
    if (!map.IsMap()) Refuse(map, what + "s must be a map");
    for (const auto& entry : map) {
      const std::string name = Text(entry.first, "a " + what);
      if (!into.emplace(name, ReadNodeSettings(maps_, entry.second, what + " " + name)).second) {
        Refuse(entry.first, Quoted(name) + " is there twice");
      }
    }
  }

  // The node's own word counts before its group's, that before its kind's, and that before the defaults; exec lines add
  // up in the other order.
  void ReadNode(const YAML::Node& key, const YAML::Node& value) {
    Topology::Node node;
    node.name = Name(key, "a node's name");
    node.line = LineOf(key);
    const NodeSettings own = ReadNodeSettings(maps_, value, "node " + node.name);
    const NodeSettings& of_group = groups_[own.group.empty() ? defaults_.group : own.group];
    std::string kind = own.kind.empty() ? of_group.kind : own.kind;
    if (kind.empty()) kind = defaults_.kind;
    if (kind.empty()) Refuse(key, "node " + node.name + " has no kind");
    const NodeSettings& of_kind = kinds_[kind];

    NodeSettings all;
    for (const NodeSettings* s : {&own, &of_group, &of_kind, const_cast<const NodeSettings*>(&defaults_)}) {
      if (all.startup_config.text.empty()) all.startup_config = s->startup_config;
      if (all.bound_startup.empty()) all.bound_startup = s->bound_startup;
      if (all.image.empty()) all.image = s->image;
      all.exec.insert(all.exec.begin(), s->exec.begin(), s->exec.end());
    }
    if (all.exec.size() > Topology::kMaxExec) Refuse(key, "node " + node.name + " has too many exec lines");
    Known known{out_.nodes.size(), KindOf(kind, all.image), node.line, {}, {}, {}};
    TakeKind(node, known, kind);
    TakeStartup(node, known, all);
    TakeExec(node, known, all.exec);
    if (known.kind == NodeKind::kBridge && !own.exec.empty())
      maps_.Note(own.exec.front().line, "exec of bridges", "a bridge runs nothing: its exec is left out");
    if (!nodes_.emplace(node.name, std::move(known)).second) Refuse(key, "node " + node.name + " is there twice");
    out_.nodes.push_back(std::move(node));
  }

  void TakeKind(Topology::Node& node, const Known& known, const std::string& kind) {
    if (known.kind == NodeKind::kBridge) node.kind = Topology::Kind::kBridge;
    if (known.kind != NodeKind::kHost) return;
    node.kind = Topology::Kind::kHost;
    maps_.Note(known.line, "kind " + kind, "nodes of kind " + Quoted(kind) + " are plain hosts here");
  }

  void TakeStartup(Topology::Node& node, const Known& known, const NodeSettings& all) {
    const Located& startup = all.startup_config;
    const bool ours = known.kind == NodeKind::kSw8800 || known.kind == NodeKind::kContainer;
    if (!ours) {
      if (!startup.text.empty()) maps_.Note(startup.line, "startup", "a startup-config of another system is left out");
    } else if (startup.text.find('\n') != std::string::npos) {
      node.startup_text = startup.text;
    } else if (!startup.text.empty()) {
      node.startup_config = Path(startup, node.name);
    } else if (!all.bound_startup.empty()) {
      node.startup_config = Resolved(all.bound_startup);
    }
  }

  std::string Path(const Located& at, const std::string& node) const {
    static constexpr std::string_view kNodeName = "__clabNodeName__";
    std::string path = Text(at, "startup-config");
    if (path.find("://") != std::string::npos) Refuse(at.line, Quoted(path) + " is not a file here: fetch it first");
    if (const std::size_t found = path.find(kNodeName); found != std::string::npos) {
      path.replace(found, kNodeName.size(), node);
    }
    return Resolved(path);
  }

  std::string Resolved(const std::string& path) const {
    return (std::filesystem::path(file_).parent_path() / path).lexically_normal().string();
  }

  void TakeExec(Topology::Node& node, Known& known, const std::vector<Located>& exec) {
    for (const Located& line : exec) {
      if (known.kind == NodeKind::kSw8800) {
        node.exec.push_back(Text(line, "a line of exec"));
      } else {
        known.shell.push_back(line.text);
      }
    }
  }

  void ReadLinks(const YAML::Node& links) {
    if (!links.IsSequence()) Refuse(links, "links must be a list");
    if (links.size() > Topology::kMaxLinks)
      Refuse(links, "more than " + std::to_string(Topology::kMaxLinks) + " links");
    for (const auto& link : links) ReadLink(link);
  }

  void ReadLink(const YAML::Node& value) {
    Topology::Link link;
    link.line = LineOf(value);
    YAML::Node ends, end;
    maps_.Walk(value, "a link", kIgnoredLink,
               {{"endpoints", [&ends](const YAML::Node& v) { ends.reset(v); }},
                {"endpoint", [&end](const YAML::Node& v) { end.reset(v); }},
                {"type", [](const YAML::Node& v) { Text(v, "type"); }},
                {"mtu", [this, &link](const YAML::Node& v) { link.mtu = Mtu(v); }},
                {"impair", [this, &link](const YAML::Node& v) { ReadImpairment(v, link.impairment); }}});
    if (ends.IsDefined() && !ends.IsNull()) {
      if (!ends.IsSequence() || ends.size() != 2) Refuse(ends, "a link has exactly two endpoints");
      link.a = ReadEnd(ends[0]);
      link.b = ReadEnd(ends[1]);
    } else if (end.IsDefined() && !end.IsNull()) {
      link.a = ReadEnd(end);
      maps_.Note(LineOf(end), "one end", "a link with one end leads out of the lab: nothing is behind it here");
    } else {
      Refuse(value, "a link without endpoints");
    }
    const auto bridge = [this](const Topology::End& e) {
      return !e.node.empty() && nodes_.at(e.node).kind == NodeKind::kBridge;
    };
    if (bridge(link.a) && bridge(link.b)) Refuse(value, "two bridges cannot be linked: make them one");
    out_.links.push_back(std::move(link));
  }

  int Mtu(const YAML::Node& at) {
    const int mtu = Number(at, "mtu");
    if (mtu != 0 && mtu < kMinMtu) Refuse(at, "an mtu is at least " + std::to_string(kMinMtu));
    if (mtu > kMaxMtu)
      maps_.Note(LineOf(at), "large mtu", "an mtu of more than " + std::to_string(kMaxMtu) + " is taken as that");
    return std::min(mtu, kMaxMtu);
  }

  void ReadImpairment(const YAML::Node& at, hal::Impairment& i) {
    maps_.WalkStrictly(at, "impair",
                       {{"delay", [&i](const YAML::Node& x) { i.delay = Delay(x, "delay"); }},
                        {"jitter", [&i](const YAML::Node& x) { i.jitter = Delay(x, "jitter"); }},
                        {"loss", [&i](const YAML::Node& x) { i.loss = Share(x, "loss"); }},
                        {"duplicate", [&i](const YAML::Node& x) { i.duplicate = Share(x, "duplicate"); }}});
  }

  // "node:port", or a map of both. The node is empty where the link leads out of the lab.
  Topology::End ReadEnd(const YAML::Node& at) {
    Topology::End end;
    if (at.IsMap()) {
      maps_.Walk(at, "an endpoint", kIgnoredEnd,
                 {{"node", [&end](const YAML::Node& v) { end.node = Text(v, "node"); }},
                  {"interface", [&end](const YAML::Node& v) { end.interface = Text(v, "interface"); }}});
    } else {
      const std::string text = Text(at, "an endpoint");
      const std::size_t colon = text.find(':');
      if (colon == std::string::npos) Refuse(at, "endpoint " + Quoted(text) + " is not node:port");
      end = {text.substr(0, colon), text.substr(colon + 1)};
    }
    const auto node = nodes_.find(end.node);
    const bool outside = std::find(std::begin(kOutside), std::end(kOutside), end.node) != std::end(kOutside);
    if (node == nodes_.end() && outside) {
      maps_.Note(LineOf(at), "end " + end.node, end.node + " is outside of the lab: nothing is behind its links here");
      return {};
    }
    if (node == nodes_.end()) Refuse(at, "endpoint " + Quoted(end.node) + " names a node that is not there");
    if (end.interface.empty()) Refuse(at, "endpoint " + Quoted(end.node) + " names no port");
    Known& known = node->second;
    const bool ours = known.kind == NodeKind::kSw8800 || known.kind == NodeKind::kContainer;
    const std::string port = ours ? PortOfEth(at, end.interface) : "";
    if (!known.ports.emplace(end.interface, port).second) {
      Refuse(at, Quoted(end.node + ":" + end.interface) + " is linked already");
    }
    known.links.push_back(end.interface);
    return end;
  }

  // Ports of a host whatever their links are called, and what its shell would set up.
  void SetUp(const std::string& name, Known& known) {
    if (known.kind == NodeKind::kBridge || known.kind == NodeKind::kSw8800) return;
    if (known.kind == NodeKind::kHost) NamePorts(name, known);
    const HostScript script = ReadHostScript(known.shell, [&known](std::string_view link) {
      const auto port = known.ports.find(std::string(link));
      return port == known.ports.end() ? std::string() : port->second;
    });
    out_.nodes[known.index].startup_text += script.commands;
    if (script.left_out == 0) return;
    maps_.Note(known.line, "exec of " + name,
               name + ": " + std::to_string(script.left_out) + " command(s) of its exec left out, the first of " +
                   Quoted(script.first_left_out));
  }

  // ethN is port N where it can be; the others take the free ones, in the order of the file.
  void NamePorts(const std::string& name, Known& known) {
    if (known.links.size() > Topology::kMaxPort) {
      Refuse(known.line, "node " + name + " has more than " + std::to_string(Topology::kMaxPort) + " links");
    }
    std::set<int> taken;
    const auto take = [&](const std::string& link, int number) {
      taken.insert(number);
      known.ports[link] = "GigabitEthernet0/" + std::to_string(number);
    };
    for (const std::string& link : known.links) {
      if (const int number = NumberOfEth(link); number != 0) take(link, number);
    }
    std::string told;
    int next = 1;
    for (const std::string& link : known.links) {
      if (!known.ports[link].empty()) continue;
      while (taken.contains(next)) ++next;
      take(link, next);
      if (told.size() < Topology::kMaxText)
        told += (told.empty() ? "" : ", ") + Quoted(link) + " is " + known.ports[link];
    }
    if (!told.empty()) maps_.Note(known.line, "ports of " + name, name + ": " + told);
  }

  // 0: another name.
  static int NumberOfEth(std::string_view link) {
    int number = 0;
    if (!link.starts_with("eth") || link.size() < 4 || link[3] == '0' || link[3] == '-') return 0;
    const auto [end, error] = std::from_chars(link.data() + 3, link.data() + link.size(), number);
    return error == std::errc() && end == link.data() + link.size() && number <= Topology::kMaxPort ? number : 0;
  }

  void Translate(Topology::End& end) const {
    if (end.node.empty()) return;
    const std::string& port = nodes_.at(end.node).ports.at(end.interface);
    if (!port.empty()) end.interface = port;
  }

  const std::string file_;
  Topology out_;
  MapReader maps_{file_, out_.notes};
  NodeSettings defaults_;
  std::map<std::string, NodeSettings> kinds_, groups_;
  std::map<std::string, Known> nodes_;
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
