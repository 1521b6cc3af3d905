#include "cli/commands/tables.h"

namespace sw::cli {

// The order in which the subjects' settings are printed follows from render/configuration, within a section from here.
Result<Grammar> BuildGrammar(bool lab) {
  const std::span<const Command> tables[] = {
      SystemCommands(),        AaaCommands(),
      DvpnCommands(),          InterfaceCommands(),
      RouteCommands(),         PingCommands(),
      ConfigurationCommands(), DvpnDisplayCommands(),
      DebuggingCommands(),     lab ? LabCommands() : std::span<const Command>(),
  };
  return Grammar::Build(tables);
}

}  // namespace sw::cli
