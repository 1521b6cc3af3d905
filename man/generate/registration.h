// The registration of DVPN as documents: the tables of dvpn/registration_table.h for sw8800-dvpn(7), and the same as
// Promela for spin.
#pragma once

#include <string>

namespace sw::man {

// Two mdoc lists, client and server: state, what comes, what is done, the state after. What is only dropped is left
// out.
std::string RegistrationTables();

// The same as Promela: a name for each state, input and action, and an inline for each end that fills in its tables,
// one line for each cell. tests/model/registration.pml walks them.
std::string RegistrationModel();

}  // namespace sw::man
