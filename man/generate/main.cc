// Writes the generated manual pages into a folder, and the schemas of displays below it: manual-pages FOLDER
// REFERENCE-COMMANDS
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "man/generate/pages.h"

namespace {

bool Write(const std::string& path, const std::string& text) {
  std::ofstream out(path);
  out << text;
  return static_cast<bool>(out.flush());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: manual-pages FOLDER REFERENCE-COMMANDS\n", stderr);
    return 2;
  }
  const std::string folder = argv[1];
  std::ifstream in(argv[2]);
  const std::string reference{std::istreambuf_iterator<char>(in), {}};
  const sw::Result<sw::cli::Grammar> grammar = sw::cli::BuildGrammar(true);
  if (!grammar.ok()) {
    std::fprintf(stderr, "manual-pages: %s\n", grammar.status().why().c_str());
    return 1;
  }
  std::error_code ignored;  // what is really wrong shows when a file is written
  std::filesystem::create_directories(folder + "/schema", ignored);
  bool schemas = true;
  for (const auto& [name, text] : sw::man::Schemas(*grammar))
    schemas = Write(folder + "/schema/" + name, text) && schemas;
  const bool done = schemas &&
                    Write(folder + "/sw8800-commands.7", sw::man::CommandsPage(*grammar, sw::cli::Subjects())) &&
                    Write(folder + "/sw8800-db.5", sw::man::DatabasePage()) &&
                    Write(folder + "/sw8800-coverage.7", sw::man::CoveragePage(*grammar, reference));
  if (!done || reference.empty())
    std::fprintf(stderr, "manual-pages: %s cannot be written, or %s not read\n", argv[1], argv[2]);
  return done && !reference.empty() ? 0 : 1;
}
