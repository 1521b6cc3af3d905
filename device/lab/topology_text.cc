#include "device/lab/topology_text.h"

#include <algorithm>
#include <charconv>

#include "device/lab/topology.h"

namespace sw::device::lab_file {
namespace {

struct Unit {
  std::string_view name;
  double nanoseconds;
};
constexpr Unit kUnits[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
constexpr double kMaxDelay = 60e9;  // a minute, in ns: no link is slower

bool Control(char c) {
  return static_cast<unsigned char>(c) < ' ' || c == 0x7f;
}

double NumberBefore(const YAML::Node& node, std::string_view text, std::string_view* rest) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc() || !(value >= 0)) Refuse(node, Quoted(text) + " does not start with a number");
  *rest = text.substr(static_cast<std::size_t>(end - text.data()));
  return value;
}

}  // namespace

std::size_t LineOf(const YAML::Node& at) {
  return at.Mark().is_null() ? 1 : static_cast<std::size_t>(at.Mark().line) + 1;
}

void Refuse(const YAML::Node& at, std::string why) {
  Refuse(LineOf(at), std::move(why));
}

void Refuse(std::size_t line, std::string why) {
  throw Refused{line, std::move(why)};
}

Located Raw(const YAML::Node& node, const std::string& what) {
  if (!node.IsScalar()) Refuse(node, what + " must be plain text");
  return {node.Scalar(), LineOf(node)};
}

std::string Text(const YAML::Node& node, const std::string& what) {
  return Text(Raw(node, what), what);
}

std::string Text(const Located& at, const std::string& what) {
  if (at.text.empty()) Refuse(at.line, what + " is empty");
  if (at.text.size() > Topology::kMaxText) Refuse(at.line, what + " is too long");
  if (std::any_of(at.text.begin(), at.text.end(), Control)) Refuse(at.line, what + " holds a control character");
  return at.text;
}

std::string Quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text.substr(0, 64)) out += Control(c) ? '?' : c;
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

std::string PortOfEth(const YAML::Node& at, std::string_view eth) {
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

int Number(const YAML::Node& node, const std::string& what) {
  const std::string text = Text(node, what);
  int value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > 99999) {
    Refuse(node, what + " " + Quoted(text) + " is not a number from 0 to 99999");
  }
  return value;
}

}  // namespace sw::device::lab_file
