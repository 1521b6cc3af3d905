// Completions of a program for a shell, made from its table of options, so that they cannot say anything else.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/program_options.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace sw::programs {

namespace completion {

// Words for an option's value that are the name of something in the file system.
inline constexpr std::array<std::string_view, 3> kFiles{"FILE", "PATH", "SOCKET"};

inline std::string ValueOf(const boost::program_options::option_description& option) {
  const std::string shown = option.format_parameter();  // "FILE (=/var/lib/…)", or nothing
  return option.semantic()->max_tokens() == 0 ? "" : shown.substr(0, shown.find(' '));
}

inline bool IsFile(std::string_view value) {
  return std::ranges::find(kFiles, value) != kFiles.end();
}

inline std::string FunctionOf(std::string_view program) {
  std::string out = "_" + std::string(program);
  std::ranges::replace(out, '-', '_');
  return out;
}

inline std::string Bash(std::string_view program, const boost::program_options::options_description& described) {
  std::string all, files, others;
  for (const auto& option : described.options()) {
    const std::string name = "--" + option->long_name(), value = ValueOf(*option);
    all += (all.empty() ? "" : " ") + name;
    if (value.empty()) continue;
    std::string& list = IsFile(value) ? files : others;
    list += (list.empty() ? "" : "|") + name;
  }
  std::string out =
      fmt::format("{}() {{\n  local word=${{COMP_WORDS[COMP_CWORD]}}\n  case ${{COMP_WORDS[COMP_CWORD-1]}} in\n",
                  FunctionOf(program));
  if (!files.empty())
    out += fmt::format("    {}) mapfile -t COMPREPLY < <(compgen -f -- \"$word\"); return ;;\n", files);
  if (!others.empty()) out += fmt::format("    {}) COMPREPLY=(); return ;;\n", others);
  out += fmt::format("  esac\n  mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$word\")\n}}\n", all);
  return out + fmt::format("complete -o filenames -F {} {}\n", FunctionOf(program), program);
}

inline std::string Zsh(std::string_view program, const boost::program_options::options_description& described) {
  std::string out = fmt::format("#compdef {}\n_arguments", program);
  for (const auto& option : described.options()) {
    std::string about = option->description();
    for (const char* special : {"'", "[", "]", ":"}) std::erase(about, *special);
    std::ranges::replace(about, '\n', ' ');
    const std::string value = ValueOf(*option);
    out += fmt::format(" \\\n  '*--{}[{}]{}'", option->long_name(), about,
                       value.empty() ? "" : ":" + value + ":" + (IsFile(value) ? "_files" : ""));
  }
  return out + "\n";
}

}  // namespace completion

// The script for `shell`, bash or zsh; nullopt for another shell.
inline std::optional<std::string> Completion(std::string_view shell, std::string_view program,
                                             const boost::program_options::options_description& described) {
  if (shell == "bash") return completion::Bash(program, described);
  if (shell == "zsh") return completion::Zsh(program, described);
  return std::nullopt;
}

}  // namespace sw::programs
