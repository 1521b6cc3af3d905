#include "cli/lab/lab_console.h"

#include <utility>

namespace sw::cli {

Result<std::unique_ptr<LabConsole>> LabConsole::Create(device::Lab& lab, const Grammar& grammar, SessionOptions options,
                                                       const std::string& node) {
  std::unique_ptr<LabConsole> console(new LabConsole(lab, grammar, std::move(options)));
  console->options_.neighbours = console.get();
  SW_TRY(console->Select(node));
  console->BringToFront();
  return console;
}

Status LabConsole::Select(const std::string& name) {
  device::Device* device = lab_.Find(name);
  if (device == nullptr) return {Code::kNotFound, "the lab has no device " + name};
  std::unique_ptr<Session>& session = sessions_[name];
  if (!session) session = std::make_unique<Session>(*device, grammar_, options_);
  next_ = name;
  return {};
}

// Only the session in front is heard.
void LabConsole::BringToFront() {
  if (!front_.empty()) Front().Listen(nullptr);
  front_ = std::exchange(next_, {});
  Front().Listen(this);
}

std::vector<std::string> LabConsole::Names() const {
  std::vector<std::string> out;
  for (const device::Lab::Node& node : lab_.nodes()) out.push_back(node.name);
  return out;
}

void LabConsole::OnOutput(std::string_view text) {
  if (listener_ != nullptr) listener_->OnOutput(text);
}
void LabConsole::OnNotice(std::string_view text) {
  if (listener_ != nullptr) listener_->OnNotice(text);
}
void LabConsole::OnReady(const Ready& answer) {
  const bool moves = !next_.empty();
  if (moves) BringToFront();
  if (listener_ != nullptr) listener_->OnReady(moves ? ready() : answer);
}

}  // namespace sw::cli
