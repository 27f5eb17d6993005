#include "sim/simulated_venue.hpp"

#include <array>
#include <utility>

#include "sim/dialects/binance/perpetual_venue.hpp"
#include "sim/dialects/binance/spot_venue.hpp"
#include "sim/dialects/crypto_com/crypto_com_venue.hpp"

namespace calypte::sim {

Exchange::Accepted SimulatedVenue::place(const OrderRequest& request, Time now) {
  Exchange::Accepted accepted;
  by_hand([&](Exchange& exchange) { accepted = exchange.place(request, now); }, now);
  return accepted;
}

namespace {

template <typename Venue, typename Options>
std::unique_ptr<SimulatedVenue> make(const SimulatedVenueOptions& options, Time start) {
  Options venue;
  venue.seed = options.seed;
  venue.flow_options.orders_per_second = options.orders_per_second;
  if constexpr (requires { venue.price_interval; }) venue.price_interval = options.price_interval;
  if constexpr (requires { venue.timing.heartbeat; }) {
    if (options.heartbeat > Duration::zero()) venue.timing.heartbeat = options.heartbeat;
  }
  return std::make_unique<Venue>(std::move(venue), start);
}

struct VenueRow {
  std::string_view name;
  std::unique_ptr<SimulatedVenue> (*make)(const SimulatedVenueOptions&, Time);
};
constexpr std::array kVenues = {
    VenueRow{"crypto_com", &make<crypto_com::CryptoComVenue, crypto_com::VenueOptions>},
    VenueRow{"binance", &make<binance::BinanceSpotVenue, binance::VenueOptions>},
    VenueRow{"binance_perpetual", &make<binance::BinancePerpetualVenue, binance::VenueOptions>},
};

}  // namespace

std::unique_ptr<SimulatedVenue> make_simulated_venue(std::string_view name, const SimulatedVenueOptions& options,
                                                     Time start) {
  for (const VenueRow& row : kVenues) {
    if (row.name == name) return row.make(options, start);
  }
  return nullptr;
}

std::vector<std::string_view> simulated_venue_names() {
  std::vector<std::string_view> names;
  names.reserve(kVenues.size());
  for (const VenueRow& row : kVenues) names.push_back(row.name);
  return names;
}

}  // namespace calypte::sim
