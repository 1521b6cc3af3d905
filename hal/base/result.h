// The one way a call reports failure in this code base.
//
// A Code is for the program, `why` is for the operator. No exception crosses a folder boundary; what a
// library throws is caught where the library is called. Success carries no heap.
#pragma once

#include <cassert>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace sw {

enum class Code : std::uint8_t {
  kOk,
  kBadValue,     // an argument or a byte that cannot be right
  kNotFound,
  kExists,
  kInUse,        // something else still refers to it
  kUnsupported,  // a right request that this engine or machine cannot serve
  kBusy,         // no room now; trying again later may work
  kDenied,       // authentication or permission
  kDevice,       // the operating system or the card failed
  kStorage,      // the configuration database failed
};

class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Code code, std::string why) : code_(code), why_(std::move(why)) {}

  bool ok() const { return code_ == Code::kOk; }
  Code code() const { return code_; }
  const std::string& why() const { return why_; }

  // Adds the caller's frame in front of the reason and keeps the code.
  Status Within(std::string_view frame) && {
    if (!ok()) why_.insert(0, std::string(frame) + ": ");
    return std::move(*this);
  }

 private:
  Code code_ = Code::kOk;
  std::string why_;
};

template <typename T>
class [[nodiscard]] Result {
  static_assert(!std::is_same_v<T, Status>, "return Status itself");

 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Status error) : state_(std::in_place_index<1>, std::move(error)) { assert(!std::get<1>(state_).ok()); }
  Result(Code code, std::string why) : Result(Status(code, std::move(why))) {}

  bool ok() const { return state_.index() == 0; }
  T& operator*() & { assert(ok()); return *std::get_if<0>(&state_); }
  const T& operator*() const& { assert(ok()); return *std::get_if<0>(&state_); }
  T&& operator*() && { assert(ok()); return std::move(*std::get_if<0>(&state_)); }
  T* operator->() { assert(ok()); return std::get_if<0>(&state_); }
  const T* operator->() const { assert(ok()); return std::get_if<0>(&state_); }
  Status status() const { return ok() ? Status() : *std::get_if<1>(&state_); }
  const std::string& why() const { assert(!ok()); return std::get_if<1>(&state_)->why(); }

 private:
  std::variant<T, Status> state_;
};

}  // namespace sw

// Returns from the enclosing function when `expr` (a Status) is not ok.
#define SW_TRY(expr)                                          \
  do {                                                        \
    if (::sw::Status sw_status = (expr); !sw_status.ok()) return sw_status; \
  } while (false)
