#include "sim/simulated_venue.hpp"

#include "sim/dialects/binance/perpetual_venue.hpp"
#include "sim/dialects/binance/spot_venue.hpp"
#include "sim/dialects/crypto_com/crypto_com_venue.hpp"

namespace calypte::sim {

Exchange::Accepted SimulatedVenue::place(const OrderRequest& request, Time now) {
  Exchange::Accepted accepted;
  by_hand([&](Exchange& exchange) { accepted = exchange.place(request, now); }, now);
  return accepted;
}

std::unique_ptr<SimulatedVenue> make_simulated_venue(std::string_view name, const SimulatedVenueOptions& options,
                                                     Time start) {
  if (name == "crypto_com") {
    crypto_com::VenueOptions venue;
    venue.seed = options.seed;
    venue.flow_options.orders_per_second = options.orders_per_second;
    return std::make_unique<crypto_com::CryptoComVenue>(std::move(venue), start);
  }
  if (name == "binance") {
    binance::VenueOptions venue;
    venue.seed = options.seed;
    venue.flow_options.orders_per_second = options.orders_per_second;
    return std::make_unique<binance::BinanceSpotVenue>(std::move(venue), start);
  }
  if (name == "binance_perpetual") {
    binance::VenueOptions venue;
    venue.seed = options.seed;
    venue.flow_options.orders_per_second = options.orders_per_second;
    return std::make_unique<binance::BinancePerpetualVenue>(std::move(venue), start);
  }
  return nullptr;
}

std::vector<std::string_view> simulated_venue_names() { return {"crypto_com"}; }

}  // namespace calypte::sim
