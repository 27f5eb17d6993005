#include "sim/dialects/crypto_com/crypto_com_venue.hpp"

namespace calypte::sim::crypto_com {

VenuePaths CryptoComVenue::paths() const {
  return {.rest = "/exchange/v1",
          .market_stream = "/exchange/v1/market",
          .user_stream = "/exchange/v1/user",
          .order_stream = "/exchange/v1/user"};
}

}  // namespace calypte::sim::crypto_com
