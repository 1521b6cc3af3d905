// Draws registrations as the ladder of guide page 207, client on the left, each message as it is sent.
#pragma once

#include <functional>
#include <string>

#include "dvpn/event.h"
#include "hal/base/address.h"

namespace sw::device {

class Ladder {
 public:
  // `name_of`: which node owns a public address; empty when none does.
  Ladder(std::function<std::string(Ipv4)> name_of, std::function<void(const std::string&)> print)
      : name_of_(std::move(name_of)), print_(std::move(print)) {}
  void OnEvent(const std::string& node, const dvpn::Event& event);

 private:
  std::string NameOf(const std::string& peer) const;
  std::function<std::string(Ipv4)> name_of_;
  std::function<void(const std::string&)> print_;
};

}  // namespace sw::device
