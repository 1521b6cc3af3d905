// The objects of the MIB that are configuration: which column each one is, and how its numbers read there. One table
// serves reading and writing.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cli/snmp/mib.h"
#include "config-db/store.h"
#include "hal/base/address.h"

namespace sw::cli::snmp {

struct Word {
  int number;
  std::string_view text;  // in the column; empty: NULL
};

struct ConfigObject {
  Oid oid;  // of a scalar, or of a column; the instance follows
  std::string_view table, column;
  Syntax syntax = Syntax::kInteger;
  std::span<const Word> words = {};  // enumerations
  bool address = false;              // octets: an IPv4 address
  bool secret = false;               // written, never read: reads as an empty string
};

struct ConfigTable {
  Oid entry;  // of the rows; empty: scalars
  std::string_view table;
  unsigned long row_status = 0;  // number of the RowStatus column; 0: none
};

std::span<const ConfigObject> ConfigObjects();
std::span<const ConfigTable> ConfigTables();

Value Read(const ConfigObject& object, const configdb::Row& row);
// The column's value; the reason when the MIB does not allow it.
Result<configdb::Value> Written(const ConfigObject& object, const Value& value);

std::string AddressOctets(Ipv4 address);  // as an InetAddress has it

// An index of variable length: the length, then each byte.
Oid StringIndex(std::string_view text);
std::optional<std::string> FromStringIndex(std::span<const unsigned long> index);

}  // namespace sw::cli::snmp
