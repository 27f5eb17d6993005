#include "connector/registry.hpp"

#include <array>

#include "connector/exchange/crypto_com/crypto_com_exchange.hpp"
#include "connector/exchange/crypto_com/crypto_com_v2_replay.hpp"

namespace calypte::connector {

namespace {

template <typename T>
std::unique_ptr<venue::Venue> make() {
  return std::make_unique<T>();
}

constexpr std::array kVenues = {
    VenueRow{"crypto_com", ConnectorKind::exchange, &make<crypto_com::CryptoComExchange>},
    VenueRow{"crypto_com_v2", ConnectorKind::exchange, &make<crypto_com::CryptoComV2Replay>, true},
};

}  // namespace

std::span<const VenueRow> venues() noexcept { return kVenues; }

std::unique_ptr<venue::Venue> make_venue(std::string_view name) {
  for (const VenueRow& row : kVenues) {
    if (row.name == name) return row.make();
  }
  return nullptr;
}

}  // namespace calypte::connector
