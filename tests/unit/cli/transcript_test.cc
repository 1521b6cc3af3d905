// Transcripts: tests/transcripts/*.txt are screens as they must look. Each file is a session from its first prompt on.
//
// A line that begins with the prompt then shown is typed; what follows up to the next prompt is what the screen must
// show. A typed line that ends in ? asks for help, one that ends in <TAB> for completion: all words that fit follow on
// one line. <CTRL-Z> alone is that key. A first line "# option ..." sets up the session; other lines with # at the top
// are remarks.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "test_paths.h"
#include "tests/unit/cli/bench_device.h"

namespace sw::cli {
namespace {

struct Transcript {
  SessionOptions options;
  std::string remarks;
  std::vector<std::string> lines;
};

Transcript Load(const std::filesystem::path& path) {
  Transcript out;
  std::ifstream in(path);
  bool remarks = true;
  for (std::string line; std::getline(in, line);) {
    remarks = remarks && line.starts_with('#');
    if (!remarks) {
      out.lines.push_back(line);
      continue;
    }
    out.remarks += line + "\n";
    if (line == "# interactive") out.options.interactive = true;
    if (line == "# level monitor") out.options.level = kMonitor;
    if (line == "# virtual line") out.options.line = LineId{LineType::kVty, 0};
    if (line == "# console") out.options.line = LineId{LineType::kConsole, 0};
  }
  return out;
}

std::string Type(TestBench& bench, std::string typed) {
  bench.screen.text.clear();
  if (typed == "<CTRL-Z>") {
    bench.session->Send(Control::kReturn);
    return bench.screen.text;
  }
  std::string out;
  if (typed.ends_with('?')) {
    typed.pop_back();
    bench.session->Help(typed, [&](const std::string& help) { out = help; });
    return out;
  }
  if (typed.ends_with("<TAB>")) {
    typed.resize(typed.size() - 5);
    bench.session->Complete(typed, [&](const Completion& completion) {
      for (const std::string& word : completion.words) out += (out.empty() ? "" : " ") + word;
    });
    return out + "\n";
  }
  bench.session->Execute(typed);
  bench.scheduler.RunFor(std::chrono::minutes(1));  // a ping takes its time
  return bench.screen.text;
}

class TranscriptTest : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(TranscriptTest, LooksAsWritten) {
  const Transcript transcript = Load(GetParam());
  TestBench bench(transcript.options);
  std::string expected, screen;
  for (std::size_t i = 0; i < transcript.lines.size(); ++i) expected += transcript.lines[i] + "\n";
  for (const std::string& line : transcript.lines) {
    const std::string prompt = bench.prompt();
    // Questions of several lines end in the line that is answered.
    const std::string last = prompt.substr(prompt.rfind('\n') + 1);
    if (!line.starts_with(last)) continue;
    screen += prompt + line.substr(last.size()) + "\n";
    screen += Type(bench, line.substr(last.size()));
  }
  EXPECT_EQ(screen, expected);
  // After a change that is meant: write down what there is now, and read the difference.
  if (std::getenv("SW_WRITE_TRANSCRIPTS") != nullptr) std::ofstream(GetParam()) << transcript.remarks << screen;
}

std::vector<std::filesystem::path> Files() {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(SW_SOURCE_DIR) + "/tests/transcripts")) {
    if (entry.path().extension() == ".txt") out.push_back(entry.path());
  }
  std::ranges::sort(out);
  return out;
}

INSTANTIATE_TEST_SUITE_P(Transcripts, TranscriptTest, testing::ValuesIn(Files()),
                         [](const auto& each) { return each.param.stem().string(); });

}  // namespace
}  // namespace sw::cli
