#include "cli/metrics/exposition.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

namespace sw::cli {
namespace {

struct KindRow {
  std::string_view suffix, open_metrics, prometheus;
};
constexpr KindRow kKinds[] = {{"", "gauge", "gauge"}, {"_total", "counter", "counter"}, {"_info", "info", "gauge"}};

}  // namespace

std::string_view ContentType(MetricsForm form) {
  return form == MetricsForm::kOpenMetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                           : "text/plain; version=0.0.4; charset=utf-8";
}

MetricsForm FormFor(std::string_view accept) {
  return accept.find("application/openmetrics-text") == std::string_view::npos ? MetricsForm::kPrometheus
                                                                               : MetricsForm::kOpenMetrics;
}

void AddLabel(std::string& labels, std::string_view name, std::string_view value) {
  if (!labels.empty()) labels += ',';
  labels.append(name).append("=\"");
  for (const char c : value) {
    if (c == '"' || c == '\\') {
      labels += '\\';
      labels += c;
    } else if (c == '\n') {
      labels += "\\n";
    } else {
      labels += c < ' ' || c > '~' ? '?' : c;
    }
  }
  labels += '"';
}

void Exposition::Family(std::string_view name, MetricKind kind, std::string_view help) {
  const KindRow& row = kKinds[static_cast<std::size_t>(kind)];
  sample_ = std::string(name) + std::string(row.suffix);
  const bool open = form_ == MetricsForm::kOpenMetrics;
  const std::string_view family = open ? name : std::string_view(sample_);
  text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", family, help, family, open ? row.open_metrics : row.prometheus);
}

void Exposition::Sample(std::string_view labels, const MetricValue& value) {
  text_ += sample_;
  if (!labels.empty()) text_.append("{").append(labels).append("}");
  text_ += ' ';
  std::visit([this](auto number) { fmt::format_to(std::back_inserter(text_), "{}", number); }, value);
  text_ += '\n';
}

std::string Exposition::Finish() && {
  if (form_ == MetricsForm::kOpenMetrics) text_ += "# EOF\n";
  return std::move(text_);
}

}  // namespace sw::cli
