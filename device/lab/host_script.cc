#include "device/lab/host_script.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>
#include <span>

#include "hal/base/address.h"

namespace sw::device {
namespace {

using Words = std::vector<std::string>;

// The commands of a shell line, each as words. Quotes join; && and ; part commands.
std::vector<Words> Commands(std::string_view line) {
  std::vector<Words> commands(1);
  std::string word;
  char quote = 0;
  bool open = false;
  const auto end_word = [&] {
    if (open) commands.back().push_back(word);
    word.clear();
    open = false;
  };
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote != 0) {
      if (c == quote)
        quote = 0;
      else
        word += c;
    } else if (c == '\'' || c == '"') {
      quote = c;
      open = true;
    } else if (c == ';' || c == '\n' || (c == '&' && i + 1 < line.size() && line[i + 1] == '&')) {
      end_word();
      if (!commands.back().empty()) commands.emplace_back();
      if (c == '&') ++i;
    } else if (static_cast<unsigned char>(c) <= ' ') {
      end_word();
    } else {
      word += c;
      open = true;
    }
  }
  end_word();
  if (commands.back().empty()) commands.pop_back();
  return commands;
}

// As ip(8) does: any beginning of the word will do.
bool Is(std::string_view word, std::string_view whole) {
  return !word.empty() && whole.starts_with(word);
}

bool OneOf(std::string_view word, std::span<const std::string_view> all) {
  return std::find(all.begin(), all.end(), word) != all.end();
}

class Reader {
 public:
  Reader(const PortOf& port_of, HostScript& out) : port_of_(port_of), out_(out) {}

  // A shell that is told to run a line runs it here, too; one inside another is not looked into.
  void Line(const std::string& line, bool inside = false) {
    for (Words words : Commands(line)) {
      if (words.front() == "sudo") words.erase(words.begin());
      static constexpr std::array<std::string_view, 3> kShells{"sh", "bash", "ash"};
      if (!inside && words.size() == 3 && OneOf(words[0], kShells) && words[1] == "-c") {
        Line(words[2], true);
      } else if (words.size() < 4 || words[0] != "ip" || !Ip(words)) {
        if (out_.left_out++ == 0) out_.first_left_out = line;
      }
    }
  }

 private:
  bool Ip(const Words& words) {
    const std::size_t object = words[1] == "-4" ? 2 : 1;
    const std::string_view what = words[object], verb = words[object + 1];
    const std::span<const std::string> rest = std::span(words).subspan(object + 2);
    if (rest.empty()) return false;
    if (Is(what, "address")) return OneOf(verb, kAdds) && Address(rest);
    if (Is(what, "link")) return Is(verb, "set") && Link(rest);
    if (Is(what, "route")) return OneOf(verb, kAdds) && Route(rest);
    return false;
  }

  bool Address(std::span<const std::string> words) {
    std::string address, link;
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (words[i] == "dev" && i + 1 < words.size())
        link = words[++i];
      else if (OneOf(words[i], kSaysNothing) && i + 1 < words.size())
        ++i;
      else if (address.empty())
        address = words[i];
      else
        return false;
    }
    const auto prefix = Prefix::Parse(address.find('/') == std::string::npos ? address + "/32" : address);
    const std::string port = link == "lo" ? "LoopBack" + std::to_string(loopbacks_) : port_of_(link);
    if (!prefix || port.empty() || (link == "lo" && prefix->length != 32)) return false;
    if (link == "lo") ++loopbacks_;
    In(port, "ip address " + prefix->address.ToString() + " " + prefix->mask().ToString() +
                 (link != "lo" && !addressed_.insert(port).second ? " sub" : ""));
    return true;
  }

  bool Link(std::span<const std::string> words) {
    if (words.front() == "dev") words = words.subspan(1);
    if (words.size() < 2) return false;
    if (words[0] == "lo" && words[1] == "up") return true;
    const std::string port = port_of_(words[0]);
    if (port.empty()) return false;
    std::string commands;
    for (std::size_t i = 1; i < words.size(); ++i) {
      int mtu = 0;
      if (words[i] == "up") {
        commands += "undo shutdown\n";
      } else if (words[i] == "down") {
        commands += "shutdown\n";
      } else if (words[i] == "mtu" && i + 1 < words.size()) {
        const std::string& number = words[++i];
        const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), mtu);
        if (error != std::errc() || end != number.data() + number.size() || mtu < 0) return false;
        commands += "mtu " + number + "\n";
      } else {
        return false;
      }
    }
    commands.pop_back();
    In(port, commands);
    return true;
  }

  bool Route(std::span<const std::string> words) {
    std::string via;
    const std::string& to = words.front() == "default" ? kEverything : words.front();
    for (std::size_t i = 1; i + 1 < words.size(); i += 2) {
      if (words[i] == "via")
        via = words[i + 1];
      else if (words[i] != "dev" && words[i] != "metric" && words[i] != "proto")
        return false;
    }
    const auto prefix = Prefix::Parse(to.find('/') == std::string::npos ? to + "/32" : to);
    const auto gateway = Ipv4::Parse(via);
    if (words.size() % 2 == 0 || !prefix || !gateway) return false;
    out_.commands += "ip route-static " + prefix->network().ToString() + " " + prefix->mask().ToString() + " " +
                     gateway->ToString() + "\n";
    return true;
  }

  void In(const std::string& port, const std::string& command) {
    out_.commands += "interface " + port + "\n" + command + "\nquit\n";
  }

  static constexpr std::array<std::string_view, 4> kAdds{"add", "a", "replace", "change"};
  static constexpr std::array<std::string_view, 5> kSaysNothing{"brd", "broadcast", "scope", "label", "metric"};
  inline static const std::string kEverything = "0.0.0.0/0";

  const PortOf& port_of_;
  HostScript& out_;
  int loopbacks_ = 0;
  std::set<std::string> addressed_;
};

}  // namespace

HostScript ReadHostScript(const std::vector<std::string>& lines, const PortOf& port_of) {
  HostScript out;
  Reader reader(port_of, out);
  for (const std::string& line : lines) reader.Line(line);
  return out;
}

}  // namespace sw::device
