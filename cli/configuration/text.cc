#include "cli/configuration/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <optional>
#include <vector>

#include "cli/grammar/interface_name.h"
#include "cli/grammar/line.h"
#include "cli/terminal/user_interfaces.h"
#include "config-db/schema.h"
#include "device/config/config.h"

namespace sw::cli {
namespace {

class Printer {
 public:
  Printer(const Form& form, const configdb::Row& row) : form_(form), row_(row) {}

  std::optional<std::string> Print() {
    if (!Visit(form_.tree, false) || !stored_) return std::nullopt;
    return std::move(out_);
  }

 private:
  std::string ColumnText(std::string_view column) const { return configdb::TextOf(row_[column]); }
  void Append(std::string_view word) {
    if (!out_.empty()) out_ += ' ';
    out_ += word;
  }

  bool Leaf(const Symbol& terminal, bool in_loop) {
    if (terminal.name.empty()) {
      Append(terminal.word);
      return true;
    }
    const std::string text = ColumnText(terminal.name);
    if (!terminal.keyword) {
      const bool other_spelling = terminal.spec.type == ArgumentType::kInt && terminal.spec.low == terminal.spec.high;
      if (text.empty() || other_spelling) return false;  // a keyword's number: the keyword is written
      Append(PrintArgument(terminal.spec, text));
      stored_ = true;
      return true;
    }
    bool same = terminal.stores_null ? text.empty() : text == terminal.value;
    if (in_loop) {  // the column holds the words of several alternatives
      for (const Token& word : Tokenise(text)) same = same || word.text == terminal.value;
    }
    if (!same) return false;
    Append(terminal.word);
    stored_ = stored_ || !text.empty();
    return true;
  }

  // True when the part could be written; otherwise nothing of it is.
  bool Visit(const FormNode& node, bool in_loop) {
    const std::size_t length = out_.size();
    const bool stored = stored_;
    auto undo = [&] {
      out_.resize(length);
      stored_ = stored;
      return false;
    };
    switch (node.kind) {
      case FormNode::Kind::kTerminal:
        return Leaf(form_.terminals[node.terminal], in_loop);
      case FormNode::Kind::kSequence:
        for (const FormNode& part : node.parts) {
          if (!Visit(part, in_loop)) return undo();
        }
        return true;
      case FormNode::Kind::kChoice:
        for (const FormNode& part : node.parts) {
          if (Visit(part, in_loop)) return true;
        }
        return false;
      case FormNode::Kind::kOption:
        stored_ = false;  // an option is written for what it stores, not for its words
        if (!Visit(node.parts.front(), in_loop) || !stored_) undo();
        stored_ = stored_ || stored;
        return true;
      case FormNode::Kind::kLoop: {
        bool any = false;
        for (const FormNode& part : node.parts) {  // as in an option: for what it stores
          const std::size_t before = out_.size();
          stored_ = false;
          const bool written = Visit(part, true) && stored_;
          if (!written) out_.resize(before);
          any = any || written;
        }
        stored_ = any || stored;
        return any;
      }
    }
    return false;
  }

  const Form& form_;
  const configdb::Row& row_;
  std::string out_;
  bool stored_ = false;
};

// The sections of the text, in print order; one line per subject. Our choice, after captured devices of Comware V3:
// global lines, AAA, IKE and IPsec, DVPN, interfaces, routes.
struct Section {
  std::string_view table;
  Views views;            // of the section's lines: one view, or several that view_of chooses from
  bool object = false;    // a head line per row; otherwise lines of system view
  bool together = false;  // rows follow each other without a #
  View (*view_of)(const configdb::Row& row) = nullptr;
};

View InterfaceViewOf(const configdb::Row& row) {
  return InterfaceName::Parse(row.TextOr("name", ""))->type->view;
}
View AclViewOf(const configdb::Row& row) {
  constexpr View kKinds[] = {View::kAclInterface, View::kAclBasic, View::kAclAdvanced, View::kAclMac};
  return kKinds[*row.Int("number") / 1000 - 1];
}
View ProposalViewOf(const configdb::Row& row) {
  return row.Text("kind") ? View::kIpsecCardProposal : View::kIpsecProposal;
}
View PolicyViewOf(const configdb::Row& row) {
  return row.Text("mode") == "manual" ? View::kIpsecPolicyManual : View::kIpsecPolicyIsakmp;
}

constexpr Section kSections[] = {
    {"system", In(View::kSystem)},
    {"super_password", In(View::kSystem)},
    {"command_privilege", In(View::kSystem)},
    {"terminal", In(View::kSystem)},
    {"clock", In(View::kSystem)},
    {"info_center", In(View::kSystem)},
    {"info_channel", In(View::kSystem)},
    {"info_source", In(View::kSystem)},
    {"info_loghost", In(View::kSystem)},
    {"file_global", In(View::kSystem)},
    {"l2tp_global", In(View::kSystem)},
    {"radius_scheme", In(View::kRadiusScheme), true},
    {"hwtacacs_scheme", In(View::kHwtacacsScheme), true},
    {"ssh_key", In(View::kSystem)},
    {"isp_domain", In(View::kIspDomain), true},
    {"local_user", In(View::kLocalUser), true, true},
    {"aaa_global", In(View::kSystem)},  // names a domain
    {"ip_pool", In(View::kSystem)},
    {"local_server", In(View::kSystem)},
    {"ike_global", In(View::kSystem)},
    {"ike_proposal", In(View::kIkeProposal), true},
    {"ike_dpd", In(View::kIkeDpd), true},
    {"pki_domain", In(View::kPkiDomain), true},
    {"ike_peer", In(View::kIkePeer), true},
    {"ipsec_global", In(View::kSystem)},
    {"ipsec_proposal", In(View::kIpsecProposal) | In(View::kIpsecCardProposal), true, true, ProposalViewOf},
    {"ipsec_policy_template", In(View::kIpsecPolicyTemplate), true},
    {"ipsec_policy", In(View::kIpsecPolicyManual) | In(View::kIpsecPolicyIsakmp), true, false, PolicyViewOf},
    {"dvpn_global", In(View::kSystem)},
    {"dvpn_class", In(View::kDvpnClass), true},
    {"dvpn_policy", In(View::kDvpnPolicy), true},
    {"encrypt_card_global", In(View::kSystem)},
    {"encrypt_card", In(View::kEncrypt), true},
    {"time_range", In(View::kSystem)},
    {"acl", kAclViews, true, true, AclViewOf},
    {"nat_address_group", In(View::kSystem)},
    {"vrrp_global", In(View::kSystem)},
    {"interface", kInterfaceViews, true, false, InterfaceViewOf},
    {"l2tp_group", In(View::kL2tpGroup), true},
    {"route_static", In(View::kSystem)},
    {"snmp_global", In(View::kSystem)},
    {"snmp_community", In(View::kSystem)},
    {"snmp_target", In(View::kSystem)},
    {"metrics_global", In(View::kSystem)},
    {"user_interface", In(View::kUserInterface), true},
};

View ViewOf(const Section& section, const configdb::Row& row) {
  return section.view_of != nullptr ? section.view_of(row) : static_cast<View>(std::countr_zero(section.views));
}

class Text {
 public:
  Text(const Grammar& grammar, const configdb::Store& store, const LineNote& note = {})
      : grammar_(grammar), store_(store), note_(note) {}

  // Lines of one row by the commands of `view`; of list commands, those of the lists that belong to `owner`.
  Status Lines(View view, std::string_view table, const configdb::Row& row, std::string& out) {
    for (const Grammar::Entry* entry : EntriesOf(view)) {
      const Command& command = *entry->command;
      if (command.stores == Stores::kColumns && command.table == table) Line(*entry, row, " ", out);
      if (command.stores == Stores::kList && view != View::kSystem) SW_TRY(List(*entry, row, out));
    }
    return {};
  }

  // Its rows are few, and every line of the device is printed whether it has one or not.
  Status UserInterfaces(const std::optional<LineRange>& only, std::string& out) {
    Result<std::string> text = LineSections(store_, only, [this](const configdb::Row& row) -> Result<std::string> {
      std::string lines;
      SW_TRY(Lines(View::kUserInterface, "user_interface", row, lines));
      return lines;
    });
    if (text.ok()) out += *text;
    return text.status();
  }

  Status Of(const Section& section, const ConfigurationFilter& filter, std::string& out) {
    if (section.table == "user_interface") return UserInterfaces(std::nullopt, out);
    const Result<std::vector<configdb::Row>> rows = store_.Rows(section.table);
    if (!rows.ok()) return rows.status();
    std::vector<const Grammar::Entry*> one_liners;
    for (const Grammar::Entry* entry : EntriesOf(View::kSystem)) {
      const Command& command = *entry->command;
      const bool line = command.stores == Stores::kColumns || command.stores == Stores::kList;
      if (line && command.table == section.table) one_liners.push_back(entry);
    }
    std::string text;
    for (const configdb::Row& row : *rows) {
      if (!filter.interface.empty() && row.Text("name") != filter.interface) continue;
      if (!filter.interface_type.empty() && row.Text("kind") != filter.interface_type) continue;
      if (section.object && !section.together) text += "#\n";
      if (section.object) {
        SW_TRY(Object(section, row, text));
        continue;
      }
      if (section.table == "system" && !row.Text("sysname")) {  // always printed, as captured devices do
        text += fmt::format(" sysname {}\n", device::kDefaultSysname);
      }
      for (const Grammar::Entry* entry : one_liners) Line(*entry, row, " ", text);
    }
    if (text.empty()) return {};
    out += text.starts_with('#') ? text : "#\n" + text;
    return {};
  }

  Status Object(const Section& section, const configdb::Row& row, std::string& out) {
    for (const Grammar::Entry* entry : EntriesOf(View::kSystem)) {
      const Command& command = *entry->command;
      if (command.stores == Stores::kObject && command.table == section.table) Line(*entry, row, "", out);
    }
    return Lines(ViewOf(section, row), section.table, row, out);
  }

 private:
  Status List(const Grammar::Entry& entry, const configdb::Row& owner, std::string& out) {
    if (!lists_.contains(entry.command->table)) {
      Result<std::vector<configdb::Row>> rows = store_.Rows(entry.command->table);
      if (!rows.ok()) return rows.status();
      auto& by_owner = lists_[entry.command->table];
      for (configdb::Row& row : *rows) by_owner[configdb::TextOf(row.values.front())].push_back(std::move(row));
    }
    const auto& by_owner = lists_[entry.command->table];
    const auto mine = by_owner.find(configdb::TextOf(owner.values.front()));
    if (mine == by_owner.end()) return {};
    for (const configdb::Row& row : mine->second) Line(entry, row, " ", out);
    return {};
  }

  void Line(const Grammar::Entry& entry, const configdb::Row& row, std::string_view indent, std::string& out) {
    const std::optional<std::string> line = PrintCommand(entry.form, row);
    if (!line) return;
    if (note_) {
      const configdb::Table& table = *configdb::FindTable(entry.command->table);
      const configdb::Key key(row.values.begin(), row.values.begin() + static_cast<std::ptrdiff_t>(table.keys));
      out += note_(entry.form, table.name, key);
    }
    out.append(indent).append(*line).append("\n");
  }

  // The commands of a view that store something.
  const std::vector<const Grammar::Entry*>& EntriesOf(View view) {
    std::vector<const Grammar::Entry*>& entries = entries_[static_cast<std::size_t>(view)];
    if (!entries.empty()) return entries;
    for (const Grammar::Entry& entry : grammar_.entries()) {
      const bool stores = entry.command->stores != Stores::kNothing;
      if (!entry.undo && stores && (entry.command->views & In(view)) != 0) entries.push_back(&entry);
    }
    return entries;
  }

  const Grammar& grammar_;
  const configdb::Store& store_;
  const LineNote note_;
  std::array<std::vector<const Grammar::Entry*>, kViews> entries_;
  std::map<std::string_view, std::map<std::string, std::vector<configdb::Row>>> lists_;  // table, owner
};

}  // namespace

std::optional<std::string> PrintCommand(const Form& form, const configdb::Row& row) {
  return Printer(form, row).Print();
}

namespace {

// Whether a section is the one that was asked for, by how it begins or by the name its view has in the prompt.
bool Wanted(const Section& section, std::string_view name, std::string_view text) {
  if (!section.object && section.table != "user_interface") {
    if (name == "system") return true;
  } else {
    for (const ViewRow& row : kViewRows)
      if ((section.views & In(row.view)) != 0 && !row.prompt.empty() && row.prompt.starts_with(name)) return true;
  }
  text.remove_prefix(std::min(text.find_first_not_of("# \n"), text.size()));
  return text.starts_with(name);
}

}  // namespace

Result<std::string> ConfigurationText(const Grammar& grammar, const configdb::Store& store,
                                      const ConfigurationFilter& filter) {
  std::string out;
  Text text(grammar, store, filter.note);
  for (const Section& section : kSections) {
    const bool interfaces = section.table == "interface";
    if (filter.part == Part::kInterfaces && !interfaces) continue;
    if (filter.part == Part::kAllButInterfaces && interfaces) continue;
    if (filter.section.empty()) {
      SW_TRY(text.Of(section, filter, out));
      continue;
    }
    std::string part;
    SW_TRY(text.Of(section, filter, part));
    if (Wanted(section, filter.section, part)) out += part;
  }
  return out + "#\nreturn\n";
}

Result<std::string> ViewText(const Grammar& grammar, const configdb::Store& store, View view,
                             const configdb::Key& object) {
  std::string out;
  Text text(grammar, store);
  if (view == View::kUserInterface) {
    SW_TRY(text.UserInterfaces(LineRange::Parse(configdb::KeyText(object)), out));
    return out + "#\nreturn\n";
  }
  for (const Section& section : kSections) {
    if (view == View::kSystem && !section.object) SW_TRY(text.Of(section, {}, out));
    if (!section.object || object.empty() || (section.views & In(view)) == 0) continue;
    const Result<std::optional<configdb::Row>> row = store.Find(section.table, object);
    if (!row.ok()) return row.status();
    out = "#\n";
    if (*row) SW_TRY(text.Object(section, **row, out));
  }
  return out + "#\nreturn\n";
}

}  // namespace sw::cli
