// What a command may ask of the session it runs in: the only door of command files to the one who typed the line.
//
// A handler gets an Operator and what was matched. It runs on the device's thread, inside the session's Execute, and
// may keep a reference in what it asks or starts: a session outlives its questions and its task. What it returns when
// it fails is shown behind " % " and refuses the line.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "cli/display/field.h"
#include "cli/grammar/grammar.h"
#include "cli/session/seat.h"
#include "config-db/store.h"
#include "hal/base/result.h"

namespace sw::device {
class Device;
}

namespace sw::cli {

// A command that goes on after its handler has returned. Calls Operator::Finish exactly once, from the scheduler's
// thread.
class Task {
 public:
  virtual ~Task() = default;  // stops silently
  virtual void Cancel() = 0;  // ends soon, by Finish
};

// The line that comes next is no command.
struct Question {
  std::string text;  // shown in the prompt's place
  std::function<Status(std::string_view)> then;
  bool secret = false;        // what is typed is not shown
  std::string unclosed = {};  // not empty: the next line is text as it is, in scripts too; when none comes,
                              // the command that wanted it is refused with this
};

class Operator {
 public:
  virtual ~Operator() = default;

  virtual device::Device& device() = 0;        // only where there is one: not in offline checks
  virtual configdb::Store& store() const = 0;  // the configuration's rows, to be read
  virtual const Grammar& grammar() const = 0;
  virtual Seat& seat() = 0;  // who this is, and where
  virtual View view() const = 0;
  virtual const configdb::Key& object() const = 0;  // the key of the view's own row; empty: none
  virtual void Enter(View view, configdb::Key object = {}) = 0;

  virtual void Print(std::string_view text) = 0;
  // What `run` would show, instead of showing it.
  virtual Result<Record> Capture(const std::function<Status()>& run) = 0;
  // Shows a model as the line asks: by the display's layout, or another one of it, or as JSON (`| json`).
  template <typename T>
  void Show(const DisplayOf<T>& display, const std::type_identity_t<T>& model) {
    ShowModel(display.fields, display.layout, &model);
  }
  template <typename T>
  void Show(const DisplayOf<T>& display, const std::type_identity_t<T>& model, const Layout& layout) {
    ShowModel(display.fields, layout.text, &model);
  }

  // One change of the configuration: `change` edits rows, then the device validates, applies and commits them all, or
  // nothing is different and the reason comes back.
  virtual Status Configure(const std::function<Status(configdb::Edit&)>& change) = 0;

  // The line ends with the answer to it.
  virtual void Put(Question question) = 0;
  // Asks whoever is there; where nobody is, `then` is called at once with `preset`.
  Status Ask(std::string question, std::string_view preset, std::function<Status(std::string_view answer)> then) {
    if (!seat().options().interactive) return then(preset);
    Put({std::move(question), std::move(then)});
    return {};
  }
  void AskSecret(std::string question, std::function<Status(std::string_view answer)> then) {
    Put({std::move(question), std::move(then), true});
  }
  void Collect(std::string unclosed, std::function<Status(std::string_view line)> then) {
    Put({{}, std::move(then), false, std::move(unclosed)});
  }

  virtual void Start(std::unique_ptr<Task> task) = 0;
  virtual void Finish(const Status& status = {}) = 0;  // of the task
  virtual void Close() = 0;                            // the session is over when the line ends

 private:
  virtual void ShowModel(std::span<const Field> fields, std::string_view layout, const void* model) = 0;
};

}  // namespace sw::cli
