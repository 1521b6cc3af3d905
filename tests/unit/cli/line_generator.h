// Random lines, made from the forms themselves: a new command is covered the day it stands in a table.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cli/grammar/grammar.h"
#include "hal/base/random.h"

namespace sw::cli {

class Generator {
 public:
  Generator(const Grammar& grammar, std::uint64_t seed) : grammar_(grammar), random_(seed) {}

  std::string Line(View view, bool objects_only = false) {
    std::vector<const Grammar::Entry*> choices;
    for (const Grammar::Entry& entry : grammar_.entries()) {
      const Command& command = *entry.command;
      if (entry.undo || command.stores == Stores::kNothing || (command.views & In(view)) == 0) continue;
      if (!objects_only || command.stores == Stores::kObject) choices.push_back(&entry);
    }
    if (choices.empty()) return {};
    // Of two, the one that came less often, so that none is left out by chance.
    const Grammar::Entry* one = choices[Below(choices.size())];
    const Grammar::Entry* two = choices[Below(choices.size())];
    const Grammar::Entry& chosen = times_[two] < times_[one] ? *two : *one;
    ++times_[&chosen];
    return Text(chosen.form, chosen.form.tree);
  }
  // Into some other view than this one: there are few such commands among many settings.
  std::string Entrance() {
    static constexpr const char* kEntrances[] = {
        "interface tunnel %", "interface tunnel %",      "interface GigabitEthernet0/0",
        "dvpn class %",       "dvpn policy %",           "ipsec policy % 1 isakmp",
        "ike peer %",         "ipsec policy % 2 manual", "ipsec policy-template % 1",
        "domain %",           "user-interface vty 0 4",  "user-interface console 0",
        "radius scheme %",    "hwtacacs scheme %",       "interface GigabitEthernet0/0.1",
    };
    if (Below(2) == 0) return Line(View::kSystem, true);
    std::string line = kEntrances[Below(std::size(kEntrances))];
    const std::size_t name = line.find('%');
    if (name == std::string::npos) return line;
    return line.replace(
        name, 1, line.find("tunnel") == std::string::npos ? (Below(2) == 0 ? "a" : "b") : std::to_string(Below(3)));
  }
  // Texts and words are as long as they may be.
  void set_long() { long_ = true; }
  // A line of this command.
  std::string Of(const Grammar::Entry& entry) { return Text(entry.form, entry.form.tree); }
  std::size_t Below(std::size_t n) { return random_.U32() % n; }

 private:
  std::string Text(const Form& form, const FormNode& node) {
    switch (node.kind) {
      case FormNode::Kind::kTerminal:
        return Word(form.terminals[node.terminal]);
      case FormNode::Kind::kSequence: {
        std::string out;
        for (const FormNode& part : node.parts) Join(out, Text(form, part));
        return out;
      }
      case FormNode::Kind::kChoice:
        return Text(form, node.parts[Below(node.parts.size())]);
      case FormNode::Kind::kOption:
        return Below(2) == 0 ? std::string() : Text(form, node.parts.front());
      case FormNode::Kind::kLoop: {
        std::string out;
        const std::size_t first = Below(node.parts.size());
        Join(out, Text(form, node.parts[first]));
        for (std::size_t i = 0; i < node.parts.size(); ++i) {
          if (i != first && Below(2) == 0) Join(out, Text(form, node.parts[i]));
        }
        return out;
      }
    }
    return {};
  }
  static void Join(std::string& out, const std::string& word) {
    if (!word.empty()) out += (out.empty() ? "" : " ") + word;
  }
  std::string Address() {
    return "10." + std::to_string(Below(200)) + "." + std::to_string(Below(200)) + "." + std::to_string(1 + Below(200));
  }
  std::string Word(const Symbol& terminal) {
    if (terminal.keyword) return terminal.word;
    const ArgumentSpec& spec = terminal.spec;
    if (terminal.name.starts_with("header_")) return "%text " + std::to_string(Below(100)) + "%";
    if (terminal.name == "fingerprint") return "SHA256:" + std::string(43, static_cast<char>('A' + Below(4)));
    if (terminal.name == "view") return "system";
    if (terminal.name == "default_domain") return "a";  // of those that may be there
    if (terminal.name == "command") return Below(2) == 0 ? "interface" : "undo interface";
    switch (spec.type) {
      case ArgumentType::kInt:
        if (terminal.name == "mask_length") return "24";
        if (terminal.name == "rule") return std::to_string(Below(4));   // few, so that remarks find theirs
        if (terminal.name == "first") return std::to_string(Below(2));  // user interfaces, of those there are
        if (terminal.name == "last") return std::to_string(2 + Below(3));
        if (terminal.name == "number" && spec.low == 1000) {  // ACLs of every kind
          return std::to_string(1000 * (1 + Below(4)) + Below(3));
        }
        return std::to_string(spec.low + static_cast<std::int64_t>(Below(static_cast<std::size_t>(
                                             std::min<std::int64_t>(spec.high - spec.low, 50) + 1))));
      case ArgumentType::kAddress:
        return Address();
      case ArgumentType::kMask:
        return "255.255.255.0";
      case ArgumentType::kWildcard:
        return "0";
      case ArgumentType::kString:
        return std::string(static_cast<std::size_t>(std::max<std::int64_t>(long_ ? spec.high : spec.low, 1)),
                           static_cast<char>('a' + Below(4)));
      case ArgumentType::kText:
        if (long_) return std::string(static_cast<std::size_t>(spec.high), 'x');
        return "some text " + std::to_string(Below(100));
      case ArgumentType::kInterfaceWord:
        return "Tunnel" + std::to_string(Below(3));
      case ArgumentType::kInterfaceNumber: {
        if (spec.interface_type == "NULL") return "0";
        if (spec.interface_type == "GigabitEthernet")
          return Below(2) == 0 ? "0/0" : "0/0." + std::to_string(1 + Below(3));
        return std::to_string(Below(3));
      }
      case ArgumentType::kNamed:
        return std::string(spec.names[Below(spec.names.size())].name);
      case ArgumentType::kTime:
        return "0" + std::to_string(1 + Below(9)) + ":00:00";
      case ArgumentType::kHourMinute:  // what begins does so before what ends
        return terminal.name == "start_time" ? "08:0" + std::to_string(Below(10)) : "18:0" + std::to_string(Below(10));
      case ArgumentType::kHoursMinutes:
        return "100:0" + std::to_string(Below(10));
      case ArgumentType::kDate:
        return terminal.name == "summer_start_date" ? "2010/03/28" : "2010/10/31";
      case ArgumentType::kUsDate:
        return terminal.name == "from_date" ? "01/01/2008" : "01/01/2012";
      case ArgumentType::kMac:
        return "00e0-fc01-000" + std::to_string(Below(10));
      case ArgumentType::kHex:
        return "080" + std::to_string(Below(10));
    }
    return {};
  }

  const Grammar& grammar_;
  SeededRandom random_;
  bool long_ = false;
  std::map<const Grammar::Entry*, int> times_;
};

}  // namespace sw::cli
