#include "runtime/endpoints.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace calypte::runtime {

Result<transport::Endpoints> endpoints(const venue::VenueSpec& spec, const ConnectorConfig& config) {
  const auto row = std::find_if(spec.environments.begin(), spec.environments.end(),
                                [&](const auto& e) { return e.environment == config.environment; });
  if (row == spec.environments.end()) {
    return Status(StatusCode::denied,
                  fmt::format("{} has no environment {}", spec.name, to_string(config.environment)));
  }
  if (config.environment == Environment::local) {
    if (!config.local) return Status(StatusCode::denied, "the environment local needs the addresses of a local venue");
    const auto& local = *config.local;
    if (local.ca_file.empty()) {
      return Status(StatusCode::denied, "the environment local needs the CA file of the local venue");
    }
    if (spec.streams.own_trade_stream && local.trade_stream_url.empty()) {
      return Status(StatusCode::denied,
                    fmt::format("{} has a route of its own for trades: trade_stream_url is missing", spec.name));
    }
    return transport::Endpoints{.environment = Environment::local,
                                .rest_url = local.rest_url,
                                .market_stream_url = local.market_stream_url,
                                .user_stream_url = local.user_stream_url,
                                .trade_stream_url = local.trade_stream_url,
                                .order_stream_url = local.order_stream_url,
                                .ca_file = local.ca_file};
  }
  if (config.local) {
    return Status(StatusCode::denied, fmt::format("addresses are only taken for the environment local, not for {}",
                                                  to_string(config.environment)));
  }
  if (spec.streams.own_trade_stream && row->trade_stream_url.empty()) {
    return Status(StatusCode::denied, fmt::format("{} has a route of its own for trades, and no address of it for {}",
                                                  spec.name, to_string(config.environment)));
  }
  return transport::Endpoints{.environment = config.environment,
                              .rest_url = std::string(row->rest_url),
                              .market_stream_url = std::string(row->market_stream_url),
                              .user_stream_url = std::string(row->user_stream_url),
                              .trade_stream_url = std::string(row->trade_stream_url),
                              .order_stream_url = std::string(row->order_stream_url),
                              .ca_file = {}};
}

}  // namespace calypte::runtime
