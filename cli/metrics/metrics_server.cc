#include "cli/metrics/metrics_server.h"

#include <functional>
#include <utility>
#include <vector>

#include "cli/metrics/http_server.h"
#include "cli/metrics/sources.h"
#include "config-db/schema.h"

namespace sw::cli {
namespace {

constexpr std::string_view kTable = "metrics_global";
constexpr const char* kLoopback = "127.0.0.1";

// One answer on its way: what has been taken so far.
struct Gathering {
  std::vector<Taken> taken;
  std::function<void(std::vector<Taken>)> done;
};

}  // namespace

struct MetricsServer::Impl {
  Impl(device::EventLoop& l, device::Device& d) : loop(l), device(d) {}

  // The next source, and then the others, each in a turn of its own.
  void Take(const std::shared_ptr<Gathering>& gathering) {
    const auto sources = MetricsSources();
    gathering->taken.push_back(sources[gathering->taken.size()].take(device));
    if (gathering->taken.size() == sources.size()) return gathering->done(std::move(gathering->taken));
    PostTake(gathering);
  }
  void PostTake(std::shared_ptr<Gathering> gathering) {
    loop.Post([this, held = std::weak_ptr<bool>(alive), gathering = std::move(gathering)] {
      if (!held.expired()) Take(gathering);
    });
  }

  device::EventLoop& loop;
  device::Device& device;
  std::shared_ptr<bool> alive = std::make_shared<bool>(true);  // of the device's thread
  std::unique_ptr<HttpServer> http;
};

MetricsSettings MetricsSettingsOf(const configdb::Store& store) {
  MetricsSettings out{false, kLoopback, configdb::Preset<std::uint16_t>(kTable, "port")};
  const Result<std::optional<configdb::Row>> row = store.Find(kTable, {std::int64_t{1}});
  if (!row.ok() || !*row) return out;
  out.enabled = (*row)->IntOr("server", 0) != 0;
  out.address = (*row)->TextOr("address", out.address);
  out.port = static_cast<std::uint16_t>((*row)->IntOr("port", out.port));
  return out;
}

MetricsServer::MetricsServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
MetricsServer::~MetricsServer() = default;

Result<std::unique_ptr<MetricsServer>> MetricsServer::Start(device::EventLoop& loop, device::Device& device,
                                                            const MetricsSettings& settings) {
  auto impl = std::make_unique<Impl>(loop, device);
  // The text is made where `done` runs: on the device's thread only what was taken is handed over.
  const auto handler = [self = impl.get()](const std::string& accept, std::function<void(HttpServer::Page)> respond) {
    const MetricsForm form = FormFor(accept);
    auto gathering = std::make_shared<Gathering>();
    gathering->done = [form, respond = std::move(respond)](std::vector<Taken> taken) {
      respond({std::string(ContentType(form)),
               [form, taken = std::move(taken)] { return MetricsText(taken, form); }});
    };
    self->PostTake(std::move(gathering));
  };
  Result<std::unique_ptr<HttpServer>> http = HttpServer::Listen(settings.address, settings.port, handler);
  if (!http.ok()) return http.status();
  impl->http = std::move(*http);
  return std::unique_ptr<MetricsServer>(new MetricsServer(std::move(impl)));
}

int MetricsServer::port() const {
  return impl_->http->port();
}

}  // namespace sw::cli
