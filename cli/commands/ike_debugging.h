// The switches of `debugging ike`.
#pragma once

#include <array>
#include <string_view>

#include "ipsec/ike/models.h"

namespace sw::cli {

struct IkeSwitch {
  std::string_view word;
  ipsec::ike::Topic topic;
};
inline constexpr std::array<IkeSwitch, 5> kIkeSwitches{{{"error", ipsec::ike::Topic::kError},
                                                        {"exchange", ipsec::ike::Topic::kExchange},
                                                        {"message", ipsec::ike::Topic::kMessage},
                                                        {"misc", ipsec::ike::Topic::kMisc},
                                                        {"transport", ipsec::ike::Topic::kTransport}}};

}  // namespace sw::cli
