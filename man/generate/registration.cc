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

// The two tables of one end, by the names that spin's model uses. A name that is empty is that of "the state stays".
template <typename T, typename Rows, typename Inputs, typename Outcomes>
std::string ModelOf(std::string_view who, const T& table, const Rows& rows, const Inputs& inputs,
                    const Outcomes& outcomes) {
  const std::string prefix(1, static_cast<char>(std::toupper(who.front())));
  const auto row = [&](auto r) {
    const std::string_view name = rows[static_cast<std::size_t>(r)].name;
    return Macro(prefix + "_", name.empty() ? "stay" : name);
  };
  const auto input = [&](std::size_t i) { return Macro(prefix + "I_", inputs[i]); };
  const auto action = [&](auto a) {
    const std::string_view word = outcomes[static_cast<std::size_t>(a)].word;
    return Macro(prefix + "A_", word == "-" ? "drop" : word);
  };
  std::string out;
  for (std::size_t r = 0; r < rows.size(); ++r) out += fmt::format("#define {} {}\n", row(r), r);
  for (std::size_t i = 0; i < inputs.size(); ++i) out += fmt::format("#define {} {}\n", input(i), i);
  for (std::size_t a = 1; a < outcomes.size(); ++a) out += fmt::format("#define {} {}\n", action(a), a);
  out += fmt::format("#define {}_INPUTS {}\n", prefix, inputs.size());
  out += fmt::format("hidden byte {0}_action[{1}], {0}_next[{2}], {0}_other[{2}], {0}_error[{2}];\n", who,
                     rows.size() * inputs.size(), outcomes.size());
  out += fmt::format("inline {}_table() {{\n", who);
  for (std::size_t r = 1; r < rows.size(); ++r)
    for (std::size_t i = 0; i < inputs.size(); ++i)
      out += fmt::format("  {}_action[{} * {}_INPUTS + {}] = {};\n", who, row(r), prefix, input(i),
                         action(table.cells[r][i]));
  for (std::size_t a = 1; a < outcomes.size(); ++a)
    out += fmt::format("  {0}_next[{1}] = {2};\n  {0}_other[{1}] = {3};\n  {0}_error[{1}] = {4};\n", who, action(a),
                       row(outcomes[a].next), row(outcomes[a].other), row(outcomes[a].error));
  return out + "}\n";
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
  return "/* Made from dvpn/registration_table.h by registration-model. */\n" +
         ModelOf("client", client::kTable, kClientRowNames, kClientInputNames, kClientOutcomes) +
         ModelOf("server", server::kTable, kServerRowNames, kServerInputNames, kServerOutcomes);
}

}  // namespace sw::man
