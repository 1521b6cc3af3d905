#include "cli/session/seat.h"

#include <utility>

#include "cli/session/console.h"
#include "device/log/monitor.h"

namespace sw::cli {

Seat::Seat(SessionOptions options)
    : options_(std::move(options)),
      level_(options_.level),
      lines_(options_.lines != nullptr ? options_.lines : &own_lines_),
      terminal_{.monitor = options_.monitor} {}

Seat::~Seat() {
  lines_->Remove(use_);
}

void Seat::Take(Time now, std::function<void()> hang_up, std::function<void(std::string_view)> tell) {
  hang_up_ = std::move(hang_up);
  if (!options_.line) return;
  use_ = lines_->Add({.line = *options_.line,
                      .user = options_.protocol.empty() ? std::string() : options_.who,
                      .address = options_.address,
                      .protocol = options_.protocol,
                      .last_input = now,
                      .level = level_,
                      .hang_up = hang_up_,
                      .tell = std::move(tell)});
}

void Seat::Touch(Time now) {
  if (LineUse* use = lines_->Find(use_)) use->last_input = now;
}

void Seat::set_level(std::uint8_t level) {
  level_ = level;
  if (LineUse* use = lines_->Find(use_)) use->level = level;
}

void Seat::set_user(const std::string& user) {
  options_.who = user;
  if (LineUse* use = lines_->Find(use_)) use->user = user;
}

void Seat::Fill(const configdb::Store& store, Ready& ready) {
  if (!options_.line) return;
  const LineSettings settings = SettingsOf(store, *options_.line);
  history_.set_size(settings.history_size);
  ready.history_size = settings.history_size;
  ready.page_lines = page_lines_.value_or(settings.screen_length);
  ready.idle_seconds = options_.idles_out ? settings.idle_seconds : 0;
}

// A session at the console, or nowhere, is shown what the console's channel lets through.
bool Seat::Shows(const device::MonitorLine& line) const {
  const bool console = !options_.line || options_.line->type == LineType::kConsole;
  if (!terminal_.monitor || !(console ? line.console : line.monitor)) return false;
  return line.kind == device::InfoKind::kLog    ? terminal_.logging
         : line.kind == device::InfoKind::kTrap ? terminal_.trapping
                                                : terminal_.debugging;
}

}  // namespace sw::cli
