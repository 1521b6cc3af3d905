#include "cli/metrics/exposition.h"

#include <gtest/gtest.h>

namespace sw::cli {
namespace {

std::string Text(MetricsForm form) {
  Exposition out(form);
  out.Family("sw_sent_packets", MetricKind::kCounter, "Sent");
  std::string labels;
  AddLabel(labels, "peer", "10.0.0.1");
  AddLabel(labels, "user", "a\"b\\c\nd\xff\x01");
  out.Sample(labels, std::uint64_t{18446744073709551615U});
  out.Family("sw_age_seconds", MetricKind::kGauge, "Age");
  out.Sample("", std::int64_t{-1});
  out.Sample("x=\"y\"", 0.5);
  out.Family("sw_device", MetricKind::kInfo, "What it is");
  out.Sample("version=\"1\"", std::int64_t{1});
  return std::move(out).Finish();
}

TEST(Exposition, InTheFormOfPrometheus) {
  EXPECT_EQ(Text(MetricsForm::kPrometheus),
            "# HELP sw_sent_packets_total Sent\n# TYPE sw_sent_packets_total counter\n"
            "sw_sent_packets_total{peer=\"10.0.0.1\",user=\"a\\\"b\\\\c\\nd??\"} 18446744073709551615\n"
            "# HELP sw_age_seconds Age\n# TYPE sw_age_seconds gauge\n"
            "sw_age_seconds -1\nsw_age_seconds{x=\"y\"} 0.5\n"
            "# HELP sw_device_info What it is\n# TYPE sw_device_info gauge\nsw_device_info{version=\"1\"} 1\n");
}

TEST(Exposition, InThatOfOpenMetrics) {
  EXPECT_EQ(Text(MetricsForm::kOpenMetrics),
            "# HELP sw_sent_packets Sent\n# TYPE sw_sent_packets counter\n"
            "sw_sent_packets_total{peer=\"10.0.0.1\",user=\"a\\\"b\\\\c\\nd??\"} 18446744073709551615\n"
            "# HELP sw_age_seconds Age\n# TYPE sw_age_seconds gauge\n"
            "sw_age_seconds -1\nsw_age_seconds{x=\"y\"} 0.5\n"
            "# HELP sw_device What it is\n# TYPE sw_device info\nsw_device_info{version=\"1\"} 1\n# EOF\n");
}

TEST(Exposition, IsChosenByTheClient) {
  EXPECT_EQ(FormFor(""), MetricsForm::kPrometheus);
  EXPECT_EQ(FormFor("text/plain;version=0.0.4;q=0.5,*/*;q=0.1"), MetricsForm::kPrometheus);
  EXPECT_EQ(FormFor("application/openmetrics-text;version=1.0.0,text/plain;q=0.5"), MetricsForm::kOpenMetrics);
}

}  // namespace
}  // namespace sw::cli
