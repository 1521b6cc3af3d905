// What passes between `sw8800` and a device over a UNIX socket: one JSON object a line.
//
//   to the device     {"hello": FROM, "interactive": BOOL}, first and once
//                     {"execute": LINE} {"control": NUMBER} {"help": TEXT, "id": N} {"complete": TEXT, "id": N}
//   from the device   {"output": TEXT} {"notice": TEXT} {"ready": {...}} {"help": TEXT, "id": N}
//                     {"completion": {"begin": N, "words": [...]}, "id": N}
//
// A string's characters stand for bytes, U+0000 to U+00FF. The device answers the hello by a "ready" with the first prompt. A line that is no such object, or longer than
// kMaxMessage, ends the connection. Our own format; both ends come from one build.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "cli/session/console.h"

namespace sw::cli {

inline constexpr std::size_t kMaxMessage = 8 << 20;

struct HelloMessage {
  std::string from;          // for the journal: "terminal", "script FILE"
  bool interactive = false;  // whether somebody can answer questions
};
struct ExecuteMessage { std::string line; };
struct ControlMessage { Control control; };
struct HelpMessage { std::string text; std::uint64_t id = 0; };  // a question and, coming back, its answer
struct CompleteMessage { std::string text; std::uint64_t id = 0; };
struct CompletionMessage { Completion completion; std::uint64_t id = 0; };
struct OutputMessage { std::string text; };
struct NoticeMessage { std::string text; };
struct ReadyMessage { Ready ready; };

using SocketMessage = std::variant<HelloMessage, ExecuteMessage, ControlMessage, HelpMessage, CompleteMessage, CompletionMessage,
                             OutputMessage, NoticeMessage, ReadyMessage>;

std::string Encode(const SocketMessage& message);                   // with its line end
std::optional<SocketMessage> Decode(std::string_view line);         // nullopt: not one of ours

}  // namespace sw::cli
