#include "device/lab/ladder.h"

#include <fmt/format.h>

#include <algorithm>

namespace sw::device {
namespace {

constexpr std::size_t kColumns = 80;

// `text` behind `head`, broken at blanks so that no line is wider than a terminal.
std::string Wrap(const std::string& head, std::string_view text) {
  const std::string margin(head.size() + 2, ' ');
  std::string out, line = head;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (line.size() + 1 + (end - at) > kColumns && line.size() > margin.size()) {
      out += line + "\n";
      line = margin.substr(1);
    }
    line += " " + std::string(text.substr(at, end - at));
    at = end + 1;
  }
  return out + line;
}

}  // namespace

std::string Ladder::NameOf(const std::string& peer) const {
  const std::optional<Ipv4> address = Ipv4::Parse(peer.substr(0, peer.find(':')));
  const std::string name = address ? name_of_(*address) : "";
  return name.empty() ? peer : name;
}

void Ladder::OnEvent(const std::string& node, const dvpn::Event& event) {
  using dvpn::What;
  if (event.what == What::kStep && event.sent) {
    const bool from_client = event.step % 2 == 1;
    const std::string peer = NameOf(event.peer);
    print_(Wrap(fmt::format("{:>10} {} {:<10} {}", from_client ? node : peer, from_client ? "-->" : "<--",
                            from_client ? peer : node, event.step),
                event.text));
  } else if (event.what == What::kMapBuilt || event.what == What::kSessionBuilt || event.what == What::kRefused) {
    print_(Wrap(fmt::format("{:>10}:", node), event.text));
  }
}

}  // namespace sw::device
