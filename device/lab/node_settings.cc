#include "device/lab/node_settings.h"

#include "device/lab/topology.h"

namespace sw::device::lab_file {
namespace {

// Keys of containerlab that a lab of ours can do without.
constexpr std::string_view kIgnored[] = {"aliases",
                                         "auto-remove",
                                         "cap-add",
                                         "certificate",
                                         "cgroup-parent",
                                         "cmd",
                                         "components",
                                         "config",
                                         "cpu",
                                         "cpu-set",
                                         "credentials",
                                         "devices",
                                         "dns",
                                         "enforce-startup-config",
                                         "entrypoint",
                                         "env",
                                         "env-files",
                                         "extras",
                                         "healthcheck",
                                         "image-pull-policy",
                                         "labels",
                                         "license",
                                         "memory",
                                         "mgmt-ipv4",
                                         "mgmt-ipv6",
                                         "network-mode",
                                         "ports",
                                         "position",
                                         "restart-policy",
                                         "runtime",
                                         "shm-size",
                                         "stages",
                                         "startup-delay",
                                         "suppress-startup-config",
                                         "sysctls",
                                         "tmpfs",
                                         "type",
                                         "ulimits",
                                         "user"};
constexpr std::string_view kStartup = "/etc/sw8800/startup.cfg";  // packaging/container/entry

// "../server.cfg:/etc/sw8800/startup.cfg:ro": the first part, when it is mounted there.
std::string BoundStartup(const YAML::Node& binds) {
  if (!binds.IsSequence()) Refuse(binds, "binds must be a list");
  for (const auto& bind : binds) {
    if (!bind.IsScalar()) continue;
    const std::string_view text = bind.Scalar();
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view rest = text.substr(colon + 1);
    if (rest.substr(0, rest.find(':')) == kStartup) return Text(bind, "a bind").substr(0, colon);
  }
  return {};
}

}  // namespace

NodeSettings ReadNodeSettings(MapReader& reader, const YAML::Node& node, const std::string& what) {
  NodeSettings s;
  if (node.IsNull()) return s;
  reader.Walk(node, what, kIgnored,
              {{"kind", [&s](const YAML::Node& v) { s.kind = Text(v, "kind"); }},
               {"group", [&s](const YAML::Node& v) { s.group = v.IsNull() ? "" : Text(v, "group"); }},
               {"image", [&s](const YAML::Node& v) { s.image = v.IsNull() ? "" : Text(v, "image"); }},
               {"startup-config",
                [&s](const YAML::Node& v) { s.startup_config = v.IsNull() ? Located() : Raw(v, "startup-config"); }},
               {"binds", [&s](const YAML::Node& v) { s.bound_startup = v.IsNull() ? "" : BoundStartup(v); }},
               {"exec", [&s](const YAML::Node& v) {
                  if (v.IsNull()) return;
                  if (!v.IsSequence()) Refuse(v, "exec must be a list of lines");
                  if (v.size() > Topology::kMaxExec) Refuse(v, "too many exec lines");
                  for (const auto& line : v) s.exec.push_back(Raw(line, "a line of exec"));
                }}});
  return s;
}

NodeKind KindOf(std::string_view kind, std::string_view image) {
  if (kind == "sw8800") return NodeKind::kSw8800;
  if (kind == "bridge" || kind == "ovs-bridge") return NodeKind::kBridge;
  const std::string_view last = image.substr(image.rfind('/') + 1);  // npos + 1 is 0
  return kind == "linux" && last.substr(0, last.find_first_of(":@")) == "sw8800" ? NodeKind::kContainer
                                                                                 : NodeKind::kHost;
}

}  // namespace sw::device::lab_file
