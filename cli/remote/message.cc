#include "cli/remote/message.h"

#include <nlohmann/json.hpp>

namespace sw::cli {
namespace {

using nlohmann::json;

json ToJson(const HelloMessage& m) {
  return {{"hello", m.from}, {"interactive", m.interactive}};
}
json ToJson(const ExecuteMessage& m) {
  return {{"execute", m.line}};
}
json ToJson(const ControlMessage& m) {
  return {{"control", static_cast<int>(m.control)}};
}
json ToJson(const HelpMessage& m) {
  return {{"help", m.text}, {"id", m.id}};
}
json ToJson(const CompleteMessage& m) {
  return {{"complete", m.text}, {"id", m.id}};
}
json ToJson(const CompletionMessage& m) {
  return {{"completion", {{"begin", m.completion.begin}, {"words", m.completion.words}}}, {"id", m.id}};
}
json ToJson(const OutputMessage& m) {
  return {{"output", m.text}};
}
json ToJson(const NoticeMessage& m) {
  return {{"notice", m.text}};
}
json ToJson(const ReadyMessage& m) {
  const Ready& r = m.ready;
  return {{"ready",
           {{"prompt", r.prompt},
            {"question", r.question},
            {"closed", r.closed},
            {"outcome", static_cast<int>(r.outcome)},
            {"reason", r.reason},
            {"column", r.column},
            {"secret", r.secret},
            {"remember", r.remember},
            {"history", r.history_size},
            {"page", r.page_lines},
            {"idle", r.idle_seconds}}}};
}

SocketMessage FromJson(const json& j) {
  if (j.contains("hello")) return HelloMessage{j.at("hello"), j.at("interactive")};
  if (j.contains("execute")) return ExecuteMessage{j.at("execute")};
  if (j.contains("control")) return ControlMessage{static_cast<Control>(j.at("control").get<std::uint8_t>())};
  if (j.contains("help")) return HelpMessage{j.at("help"), j.at("id")};
  if (j.contains("complete")) return CompleteMessage{j.at("complete"), j.at("id")};
  if (j.contains("completion")) {
    const json& c = j.at("completion");
    return CompletionMessage{{c.at("begin"), c.at("words").get<std::vector<std::string>>()}, j.at("id")};
  }
  if (j.contains("output")) return OutputMessage{j.at("output")};
  if (j.contains("notice")) return NoticeMessage{j.at("notice")};
  const json& r = j.at("ready");
  return ReadyMessage{{.prompt = r.at("prompt"),
                       .question = r.at("question"),
                       .secret = r.at("secret"),
                       .closed = r.at("closed"),
                       .outcome = static_cast<Outcome>(r.at("outcome").get<std::uint8_t>()),
                       .reason = r.at("reason"),
                       .column = r.at("column"),
                       .remember = r.at("remember"),
                       .history_size = r.at("history"),
                       .page_lines = r.at("page"),
                       .idle_seconds = r.at("idle")}};
}

}  // namespace

std::string Encode(const SocketMessage& message) {
  const json j = std::visit([](const auto& m) { return ToJson(m); }, message);
  // Bytes that are no UTF-8 are typed by people too: they become U+FFFD and the device refuses them by name.
  return j.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::optional<SocketMessage> Decode(std::string_view line) {
  try {
    return FromJson(json::parse(line));
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

}  // namespace sw::cli
