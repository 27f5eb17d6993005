#include "cli/key_check.hpp"

#include <fmt/format.h>
#include <fstream>
#include <memory>
#include <optional>
#include <utility>

#include "venue/json.hpp"

namespace calypte::cli {

using namespace std::chrono_literals;

namespace {

/// Keeps the last thing that went wrong below the connector, such as a certificate that is not trusted.
class LastWarning final : public LogSink {
 public:
  void log(LogLevel level, std::string_view component, std::string_view message) override {
    if (enabled(level)) text = fmt::format("{}: {}", component, message);
  }
  [[nodiscard]] bool enabled(LogLevel level) const noexcept override { return level >= LogLevel::warning; }
  std::string text;
};

class WaitForReady final : public Strategy {
 public:
  WaitForReady(Runtime& runtime, Duration limit) : runtime_(runtime), deadline_(runtime.now() + limit) {}

  void on_ready(Exchange& exchange) override {
    balances = exchange.balances().size();
    runtime_.stop();
  }
  void on_event(Exchange&, const Event& event) override {
    const auto* error = std::get_if<ConnectorErrorEvent>(&event);
    if (error == nullptr) return;
    last_error = error->status;
    // The only answer that trying again does not change.
    if (error->status.code() == StatusCode::unauthenticated) runtime_.stop();
  }
  void on_tick(Exchange& exchange, Time now) override {
    missing.clear();
    for (const auto& condition : exchange.status().conditions) {
      if (condition.live) continue;
      missing += fmt::format("{}{}{}{}", missing.empty() ? "" : "; ", condition.name,
                             condition.detail.empty() ? "" : ": ", condition.detail);
    }
    if (now >= deadline_) runtime_.stop();
  }

  std::optional<std::size_t> balances;
  Status last_error;
  std::string missing;

 private:
  Runtime& runtime_;
  Time deadline_;
};

}  // namespace

Result<std::size_t> check_keys(ConnectorConfig config, Duration limit) {
  config.trading_required = true;
  config.cancel_on_stop = false;  // what is open belongs to somebody else
  const auto log = std::make_shared<LastWarning>();
  Runtime runtime({.tick = 100ms, .stop_time_limit = 2s, .stop_on_signals = true, .log = log});
  const auto exchange = runtime.add_exchange(std::move(config));
  if (!exchange.ok()) return exchange.status();
  WaitForReady strategy(runtime, limit);
  if (Status ran = runtime.run(strategy); !ran.ok()) return ran;
  if (strategy.balances) return *strategy.balances;
  if (strategy.last_error.code() == StatusCode::unauthenticated) return strategy.last_error;
  std::string text = fmt::format("not ready in time; missing: {}", strategy.missing);
  if (!strategy.last_error.ok()) text += fmt::format("; last error: {}", strategy.last_error.to_string());
  if (!log->text.empty()) text += fmt::format("; last warning: {}", log->text);
  return Status(StatusCode::unavailable, std::move(text));
}

Result<LocalVenue> read_local_venue(const std::string& file) {
  constexpr std::size_t kMaxBytes = 64U << 10U;
  std::ifstream in(file, std::ios::binary);
  std::string text(kMaxBytes, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.empty()) return Status(StatusCode::denied, fmt::format("{} cannot be read or is empty", file));
  venue::json::Document document;
  const venue::PaddedBuffer buffer(text);
  const auto root = document.parse(buffer.bytes());
  if (!root.ok()) return Status(StatusCode::malformed, fmt::format("{}: {}", file, root.status().message()));
  const auto field = [&](const char* name) { return std::string(root->find(name).string()); };
  return LocalVenue{.rest_url = field("rest_url"),
                    .market_stream_url = field("market_stream_url"),
                    .user_stream_url = field("user_stream_url"),
                    .trade_stream_url = field("trade_stream_url"),
                    .order_stream_url = field("order_stream_url"),
                    .ca_file = field("ca_file")};
}

}  // namespace calypte::cli
