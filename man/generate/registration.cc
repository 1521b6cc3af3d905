#include "man/generate/registration.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include <fmt/format.h>

#include "dvpn/registration_table.h"

namespace sw::man {
namespace {

using namespace dvpn::table;

template <typename Rows, typename Inputs, typename Outcomes, typename T>
std::string RowsOf(const T& table, const Rows& rows, const Inputs& inputs, const Outcomes& outcomes) {
  std::string out =
      ".Bl -column \"AUTHENINIT, asking\" \"the last request again\" \"give up\" \"AUTHENREQ, REQ, INIT\"\n";
  out += ".It Sy state Ta Sy comes Ta Sy does Ta Sy then\n";
  for (std::size_t r = 1; r < rows.size(); ++r)
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const auto& o = outcomes[static_cast<std::size_t>(table.cells[r][i])];
      if (o.word == "-") continue;
      std::string then;
      for (const auto row : {o.next, o.other, o.error}) {
        const std::string name(rows[static_cast<std::size_t>(row)].name);  // empty: the state stays
        if (name.empty() || ("; " + then + ";").find("; " + name + ";") != std::string::npos) continue;
        then += then.empty() ? name : "; " + name;
      }
      if (then.empty()) then = rows[r].name;
      out += fmt::format(".It {} Ta {} Ta {} Ta {}\n", rows[r].name, inputs[i], o.word, then);
    }
  return out + ".El\n";
}

template <typename Outcomes>
std::string Words(const Outcomes& outcomes) {
  std::string out = ".Bl -tag -width \"give up\" -compact\n";
  for (std::size_t a = 1; a < outcomes.size(); ++a)
    out += fmt::format(".It {}\n{}\n", outcomes[a].word == "-" ? "\\-" : outcomes[a].word, outcomes[a].meaning);
  return out + ".El\n";
}

std::string Macro(std::string_view prefix, std::string_view name) {
  std::string out(prefix);
  for (const char c : name)
    out += std::isalnum(static_cast<unsigned char>(c)) ? static_cast<char>(std::toupper(c)) : '_';
  return out;
}

template <typename Names, typename NameOf>
void Defines(std::string& out, std::string_view prefix, const Names& names, NameOf name_of) {
  for (std::size_t n = 0; n < names.size(); ++n)
    if (!name_of(names[n]).empty()) out += fmt::format("#define {} {}\n", Macro(prefix, name_of(names[n])), n);
}

// table[state][input] as one expression a row, so that what is looked up is what the engine looks up.
template <typename T, typename Rows, typename Outcomes>
void Lookup(std::string& out, std::string_view who, const T& table, const Rows& rows, const Outcomes& outcomes) {
  std::size_t cells = 0;
  out += fmt::format("inline {}_init() {{\n  d_step {{\n", who);
  for (std::size_t r = 1; r < rows.size(); ++r)
    for (std::size_t i = 0; i < table.cells[r].size(); ++i, ++cells)
      out += fmt::format("    {0}_action[{1}] = {2};\n", who, r * table.cells[r].size() + i,
                         static_cast<int>(table.cells[r][i]));
  for (std::size_t a = 1; a < outcomes.size(); ++a)
    out += fmt::format("    {0}_next[{1}] = {2}; {0}_other[{1}] = {3}; {0}_error[{1}] = {4};\n", who, a,
                       static_cast<int>(outcomes[a].next), static_cast<int>(outcomes[a].other),
                       static_cast<int>(outcomes[a].error));
  out += "  }\n}\n";
}

}  // namespace

std::string RegistrationTables() {
  std::string out = ".Pp\nThe client:\n";
  out += RowsOf(client::kTable, kClientRowNames, kClientInputNames, kClientOutcomes);
  out += ".Pp\nwith\n" + Words(kClientOutcomes);
  out += ".Pp\nThe server:\n";
  out += RowsOf(server::kTable, kServerRowNames, kServerInputNames, kServerOutcomes);
  out += ".Pp\nwith\n" + Words(kServerOutcomes);
  return out;
}

std::string RegistrationModel() {
  std::string out = "/* Made from dvpn/registration_table.h by manual-pages. */\n";
  const auto row = [](const RowName& r) { return r.name; };
  const auto input = [](std::string_view n) { return n; };
  const auto word = [](const auto& o) { return o.word == "-" ? std::string_view("drop") : o.word; };
  Defines(out, "C_", kClientRowNames, row);
  Defines(out, "CI_", kClientInputNames, input);
  Defines(out, "CA_", kClientOutcomes, word);
  Defines(out, "S_", kServerRowNames, row);
  Defines(out, "SI_", kServerInputNames, input);
  Defines(out, "SA_", kServerOutcomes, word);
  out += fmt::format("#define C_INPUTS {}\n#define S_INPUTS {}\n", kClientInputs, kServerInputs);
  out += fmt::format("hidden byte client_action[{}], client_next[{}], client_other[{}], client_error[{}];\n",
                     kClientRows * kClientInputs, kClientActions, kClientActions, kClientActions);
  out += fmt::format("hidden byte server_action[{}], server_next[{}], server_other[{}], server_error[{}];\n",
                     kServerRows * kServerInputs, kServerActions, kServerActions, kServerActions);
  Lookup(out, "client", client::kTable, kClientRowNames, kClientOutcomes);
  Lookup(out, "server", server::kTable, kServerRowNames, kServerOutcomes);
  return out;
}

}  // namespace sw::man
