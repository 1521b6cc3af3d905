// The text that Prometheus and its kin read: families of samples, in either of two forms. OpenMetrics 1.0 where the client
// asks for it, and the text format 0.0.4 of Prometheus otherwise; they differ in where a counter's _total stands.
//
// A value; any thread. Names and help are the caller's, label values are made safe: bytes that are no printable ASCII are
// written as ?.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace sw::cli {

enum class MetricKind : std::uint8_t { kGauge, kCounter, kInfo };
enum class MetricsForm : std::uint8_t { kPrometheus, kOpenMetrics };
std::string_view ContentType(MetricsForm form);
MetricsForm FormFor(std::string_view accept);  // the header of the request

using MetricValue = std::variant<std::int64_t, std::uint64_t, double>;

// name="value" behind what `labels` holds already.
void AddLabel(std::string& labels, std::string_view name, std::string_view value);

class Exposition {
 public:
  explicit Exposition(MetricsForm form) : form_(form) {}
  // What follows are its samples. `name` without _total or _info.
  void Family(std::string_view name, MetricKind kind, std::string_view help);
  void Sample(std::string_view labels, const MetricValue& value);
  std::string Finish() &&;

 private:
  MetricsForm form_;
  std::string sample_;  // the name of samples
  std::string text_;
};

}  // namespace sw::cli
