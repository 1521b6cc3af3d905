// The crypto engines that an operator can name: one row each, from which the programs' help, the line of the manual and
// the error for a name that is none of them are made. A row stands with its engine; hal/backend.cc lists them.
//
// `--crypto WORD` or `--crypto WORD:ARGUMENT`. An engine is either a card, which can fail and gets software behind it,
// or a device that works alone.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "hal/base/clock.h"
#include "hal/base/result.h"
#include "hal/crypto_card.h"
#include "hal/soft/engine_plan.h"

namespace sw::hal {

struct OpenedEngine {  // exactly one of them
  std::unique_ptr<CryptoCard> card;
  std::unique_ptr<CryptoDevice> device;
};

struct BackendServices {
  std::function<Time()> now;
  const EnginePlan& plan;  // what the software engine goes by
};

struct Backend {
  enum class Takes : std::uint8_t { kNothing, kArgument, kEither };
  std::string_view word;      // as typed
  Takes takes;                // behind ':'
  std::string_view argument;  // its name: ADDRESS
  std::string_view what;      // "a card ..."
  std::string_view needs;     // "vfio-pci bound to it"; empty: nothing
  // `argument` is empty where none was given. kBadValue: not an argument; a card that does not answer is no error.
  Result<OpenedEngine> (*open)(const std::string& argument, const BackendServices& services);
};

std::span<const Backend* const> Backends();
// kBadValue: `name` is none of them, and which there are; else what the row's open says.
Result<OpenedEngine> OpenEngine(const std::string& name, const BackendServices& services);
std::string BackendForms();  // "software, pcie:ADDRESS or vfio-user:SOCKET"
std::string BackendPage();   // an mdoc list of them, for sw8800d(8)

}  // namespace sw::hal
