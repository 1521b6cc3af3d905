#include "hal/backend.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <vector>

#include "hal/soft/backend.h"
#include "hal/vfio/backend.h"

namespace sw::hal {
namespace {

constexpr const Backend* kBackends[] = {&soft::kBackend, &vfio::kUserBackend, &vfio::kKernelBackend};

std::vector<std::string> FormsOf(const Backend& row) {
  std::vector<std::string> out;
  if (row.takes != Backend::Takes::kArgument) out.emplace_back(row.word);
  if (row.takes != Backend::Takes::kNothing) out.push_back(fmt::format("{}:{}", row.word, row.argument));
  return out;
}

bool Fits(const Backend& row, bool has_argument) {
  return row.takes == Backend::Takes::kEither || has_argument == (row.takes == Backend::Takes::kArgument);
}

std::string Lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

}  // namespace

std::span<const Backend* const> Backends() {
  return kBackends;
}

Result<OpenedEngine> OpenEngine(const std::string& name, const BackendServices& services) {
  const std::size_t mark = name.find(':');
  const std::string argument = mark == std::string::npos ? std::string() : name.substr(mark + 1);
  for (const Backend* row : kBackends)
    if (row->word == name.substr(0, mark) && Fits(*row, mark != std::string::npos) &&
        (mark == std::string::npos || !argument.empty()))
      return row->open(argument, services);
  return Status(Code::kBadValue, fmt::format("{}: not {}", name, BackendForms()));
}

std::string BackendForms() {
  std::vector<std::string> forms;
  for (const Backend* row : kBackends)
    for (std::string& form : FormsOf(*row)) forms.push_back(std::move(form));
  std::string out;
  for (std::size_t i = 0; i < forms.size(); ++i)
    out += (i == 0 ? "" : i + 1 == forms.size() ? " or " : ", ") + forms[i];
  return out;
}

std::string BackendPage() {
  std::string out = ".Bl -tag -width Ds -compact\n";
  for (const Backend* row : kBackends) {
    if (row->takes != Backend::Takes::kArgument) out += fmt::format(".It Cm {}\n", row->word);
    if (row->takes != Backend::Takes::kNothing)
      out += fmt::format(".It Cm {} : Ns Ar {}\n", row->word, Lower(row->argument));
    out += fmt::format("{}{}\n", row->what, row->needs.empty() ? "" : fmt::format("; needs {}", row->needs));
  }
  return out + ".El\n";
}

}  // namespace sw::hal
