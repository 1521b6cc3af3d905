// Writes the registration of DVPN as spin reads it, or as sw8800-dvpn(7) shows it: registration-model { model | tables
// }
#include <cstdio>
#include <string_view>

#include "man/generate/registration.h"

int main(int argc, char** argv) {
  const std::string_view what = argc == 2 ? argv[1] : "";
  if (what != "model" && what != "tables") {
    std::fputs("usage: registration-model { model | tables }\n", stderr);
    return 2;
  }
  const std::string text = what == "model" ? sw::man::RegistrationModel() : sw::man::RegistrationTables();
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 1;
}
