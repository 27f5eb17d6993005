#include "sim/dialects/binance/rate_windows.hpp"

#include <string>

namespace calypte::sim::binance {

Duration RateRule::length() const {
  const Duration unit = interval == "SECOND" ? Duration{1s} : interval == "MINUTE" ? Duration{1min} : Duration{24h};
  return unit * interval_number;
}

std::string RateRule::short_name() const { return std::to_string(interval_number) + interval.substr(0, 1); }

}  // namespace calypte::sim::binance
