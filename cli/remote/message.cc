#include "cli/remote/message.h"

#include <nlohmann/json.hpp>

namespace sw::cli {
namespace {

using nlohmann::json;

// JSON knows characters only, what is typed and shown are bytes: each travels as the character of its number, so that
// both ends have the same ones, whatever they are.
std::string Characters(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      out += static_cast<char>(0xc0 | (byte >> 6));
      out += static_cast<char>(0x80 | (byte & 0x3f));
    }
  }
  return out;
}

// nlohmann's parser has seen to it that the text is UTF-8; characters above U+00FF are none of ours.
std::string Bytes(const json& j) {
  const auto& text = j.get_ref<const std::string&>();
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead < 0x80) {
      out += text[at];
    } else if ((lead & 0xfc) == 0xc0) {
      out += static_cast<char>((lead << 6) | (static_cast<unsigned char>(text[++at]) & 0x3f));
    } else {
      throw json::other_error::create(501, "a character that is no byte", nullptr);
    }
  }
  return out;
}

json Characters(const std::vector<std::string>& texts) {
  json out = json::array();
  for (const std::string& text : texts) out.push_back(Characters(text));
  return out;
}

json ToJson(const HelloMessage& m) {
  return {{"hello", Characters(m.from)}, {"interactive", m.interactive}};
}
json ToJson(const ExecuteMessage& m) {
  return {{"execute", Characters(m.line)}};
}
json ToJson(const ControlMessage& m) {
  return {{"control", static_cast<int>(m.control)}};
}
json ToJson(const HelpMessage& m) {
  return {{"help", Characters(m.text)}, {"id", m.id}};
}
json ToJson(const CompleteMessage& m) {
  return {{"complete", Characters(m.text)}, {"id", m.id}};
}
json ToJson(const CompletionMessage& m) {
  return {{"completion", {{"begin", m.completion.begin}, {"words", Characters(m.completion.words)}}}, {"id", m.id}};
}
json ToJson(const OutputMessage& m) {
  return {{"output", Characters(m.text)}};
}
json ToJson(const NoticeMessage& m) {
  return {{"notice", Characters(m.text)}};
}
json ToJson(const ReadyMessage& m) {
  const Ready& r = m.ready;
  return {{"ready",
           {{"prompt", Characters(r.prompt)},
            {"question", r.question},
            {"closed", r.closed},
            {"outcome", static_cast<int>(r.outcome)},
            {"reason", Characters(r.reason)},
            {"column", r.column},
            {"secret", r.secret},
            {"text", r.text},
            {"masked", Characters(r.masked)},
            {"remember", r.remember},
            {"history", r.history_size},
            {"page", r.page_lines},
            {"idle", r.idle_seconds}}}};
}

SocketMessage FromJson(const json& j) {
  if (j.contains("hello")) return HelloMessage{Bytes(j.at("hello")), j.at("interactive")};
  if (j.contains("execute")) return ExecuteMessage{Bytes(j.at("execute"))};
  if (j.contains("control")) return ControlMessage{static_cast<Control>(j.at("control").get<std::uint8_t>())};
  if (j.contains("help")) return HelpMessage{Bytes(j.at("help")), j.at("id")};
  if (j.contains("complete")) return CompleteMessage{Bytes(j.at("complete")), j.at("id")};
  if (j.contains("completion")) {
    const json& c = j.at("completion");
    Completion completion{.begin = c.at("begin"), .words = {}};
    for (const json& word : c.at("words")) completion.words.push_back(Bytes(word));
    return CompletionMessage{std::move(completion), j.at("id")};
  }
  if (j.contains("output")) return OutputMessage{Bytes(j.at("output"))};
  if (j.contains("notice")) return NoticeMessage{Bytes(j.at("notice"))};
  const json& r = j.at("ready");
  if (r.at("outcome").get<std::uint8_t>() > static_cast<std::uint8_t>(kLastOutcome))
    throw json::other_error::create(501, "no outcome of ours", nullptr);
  return ReadyMessage{{.prompt = Bytes(r.at("prompt")),
                       .question = r.at("question"),
                       .secret = r.at("secret"),
                       .text = r.at("text"),
                       .closed = r.at("closed"),
                       .outcome = static_cast<Outcome>(r.at("outcome").get<std::uint8_t>()),
                       .reason = Bytes(r.at("reason")),
                       .column = r.at("column"),
                       .masked = Bytes(r.at("masked")),
                       .remember = r.at("remember"),
                       .history_size = r.at("history"),
                       .page_lines = r.at("page"),
                       .idle_seconds = r.at("idle")}};
}

}  // namespace

std::string Encode(const SocketMessage& message) {
  const json j = std::visit([](const auto& m) { return ToJson(m); }, message);
  return j.dump() + "\n";
}

std::optional<SocketMessage> Decode(std::string_view line) {
  try {
    return FromJson(json::parse(line));
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

}  // namespace sw::cli
