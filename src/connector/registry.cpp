#include "connector/registry.hpp"

#include <array>

#include "connector/derivative/binance_perpetual/binance_perpetual_derivative.hpp"
#include "connector/exchange/binance/binance_exchange.hpp"
#include "connector/exchange/crypto_com/crypto_com_exchange.hpp"
#include "connector/exchange/crypto_com/crypto_com_v2_replay.hpp"
#include "connector/exchange/kraken/kraken_exchange.hpp"
#include "connector/exchange/kraken/kraken_v1_replay.hpp"
#include "connector/exchange/okx/okx_exchange.hpp"
#include "connector/protocol/uniswap/uniswap_protocol.hpp"

namespace calypte::connector {

namespace {

template <typename T>
std::unique_ptr<venue::Venue> make() {
  return std::make_unique<T>();
}

constexpr std::array kVenues = {
    VenueRow{"crypto_com", ConnectorKind::exchange, &make<crypto_com::CryptoComExchange>},
    VenueRow{"crypto_com_v2", ConnectorKind::exchange, &make<crypto_com::CryptoComV2Replay>, true},
    VenueRow{"binance", ConnectorKind::exchange, &make<binance::BinanceExchange>},
    VenueRow{"binance_perpetual", ConnectorKind::derivative, &make<binance_perpetual::BinancePerpetualDerivative>},
    VenueRow{"kraken", ConnectorKind::exchange, &make<kraken::KrakenExchange>},
    VenueRow{"kraken_v1", ConnectorKind::exchange, &make<kraken::KrakenV1Replay>, true},
    VenueRow{"okx", ConnectorKind::exchange, &make<okx::OkxExchange>},
    VenueRow{"okx_2022", ConnectorKind::exchange, &make<okx::OkxUnnumberedReplay>, true},
};

constexpr std::array kProtocols = {ProtocolRow{"uniswap", &uniswap::make_uniswap}};

}  // namespace

std::span<const VenueRow> venues() noexcept { return kVenues; }

std::unique_ptr<venue::Venue> make_venue(std::string_view name) {
  for (const VenueRow& row : kVenues) {
    if (row.name == name) return row.make();
  }
  return nullptr;
}

std::span<const ProtocolRow> protocols() noexcept { return kProtocols; }

Result<std::unique_ptr<evm::ProtocolVenue>> make_protocol(const ProtocolConfig& config) {
  for (const ProtocolRow& row : kProtocols) {
    if (row.name == config.venue) return row.make(config);
  }
  return Status(StatusCode::denied, "there is no protocol named '" + config.venue + "'");
}

}  // namespace calypte::connector
