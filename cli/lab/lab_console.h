// One operator in a lab: a session at each device, of which one is in front.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/session/session.h"
#include "device/lab/lab.h"

namespace sw::cli {

class LabConsole final : public Console, private ConsoleListener, private Neighbours {
 public:
  // Lab and grammar outlive the console. kNotFound: the lab has no such device.
  static Result<std::unique_ptr<LabConsole>> Create(device::Lab& lab, const Grammar& grammar, SessionOptions options,
                                                    const std::string& node);

  void Listen(ConsoleListener* listener) override { listener_ = listener; }
  const Ready& ready() const override { return Front().ready(); }
  void Execute(std::string_view line) override { Front().Execute(line); }
  void Send(Control control) override { Front().Send(control); }
  void Help(std::string_view text, std::function<void(std::string)> answer) override {
    Front().Help(text, std::move(answer));
  }
  void Complete(std::string_view text, std::function<void(Completion)> answer) override {
    Front().Complete(text, std::move(answer));
  }

 private:
  LabConsole(device::Lab& lab, const Grammar& grammar, SessionOptions options)
      : lab_(lab), grammar_(grammar), options_(std::move(options)) {}
  Session& Front() const { return *sessions_.at(front_); }

  void OnOutput(std::string_view text) override;
  void OnNotice(std::string_view text) override;
  void OnReady(const Ready& answer) override;
  std::vector<std::string> Names() const override;
  Status Select(const std::string& name) override;
  void BringToFront();

  device::Lab& lab_;
  const Grammar& grammar_;
  SessionOptions options_;
  ConsoleListener* listener_ = nullptr;
  std::string front_, next_;  // next_: who comes to the front when the line that runs is done
  std::map<std::string, std::unique_ptr<Session>> sessions_;
};

}  // namespace sw::cli
