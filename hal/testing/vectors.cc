#include "hal/testing/vectors.h"

#include "hal/testing/published_vectors.h"

namespace sw::vectors {

Bytes FromHex(std::string_view text) {
  if (text.size() % 2 != 0) throw std::invalid_argument("odd number of hex digits");
  Bytes out;
  for (std::size_t i = 0; i < text.size(); i += 2)
    out.push_back(static_cast<std::uint8_t>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  return out;
}

Bytes Record::Hex(const std::string& name) const {
  return FromHex(Text(name));
}

std::vector<Record> Parse(std::string_view text) {
  std::vector<Record> out(1);
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.empty() && !out.back().empty()) out.emplace_back();
    if (line.empty() || line[0] == '#') continue;
    const std::size_t space = line.find(' ');
    out.back().Set(std::string(line.substr(0, space)),
                   std::string(space == std::string_view::npos ? std::string_view() : line.substr(space + 1)));
  }
  if (out.back().empty()) out.pop_back();
  return out;
}

std::vector<Record> Published(std::string_view name) {
  for (const PublishedFile& file : kPublishedFiles)
    if (file.name == name) return Parse(file.text);
  throw std::runtime_error("no such vectors: " + std::string(name));
}

}  // namespace sw::vectors
