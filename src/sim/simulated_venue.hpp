// What every simulated venue offers besides its wire: its credentials, its paths, and the truth.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/exchange.hpp"
#include "sim/order_flow.hpp"
#include "venue/server_wire.hpp"

namespace calypte::sim {

/// Where a venue's wire is found on its host.
struct VenuePaths {
  std::string rest;
  std::string market_stream;
  std::string user_stream;
  std::string trade_stream = {};  ///< empty: the market stream carries them
  std::string order_stream = {};  ///< empty: no order entry by frames
};

class SimulatedVenue : public venue::WireServer {
 public:
  [[nodiscard]] virtual VenuePaths paths() const = 0;
  /// The test account.
  [[nodiscard]] virtual AccountId test_account() const = 0;
  [[nodiscard]] virtual const std::string& test_api_key() const = 0;
  [[nodiscard]] virtual const std::string& test_api_secret() const = 0;
  /// A key of the same account that signs with Ed25519, by the private key of test 1 of RFC 8032; empty: it has none.
  [[nodiscard]] virtual std::string_view test_ed25519_api_key() const { return {}; }
  /// What really happened, past the wire.
  [[nodiscard]] virtual const Exchange& exchange() const = 0;
  /// Does something to the exchange past the wire, with the pushes that follow from it.
  virtual void by_hand(const std::function<void(Exchange&)>& act, Time now) = 0;
  /// Trades by hand: places an order of any account.
  Exchange::Accepted place(const OrderRequest& request, Time now);
  /// The background flow of an instrument; null where there is none.
  [[nodiscard]] virtual OrderFlow* flow(std::string_view symbol) = 0;
  /// Ends every permission to listen to an account, where there are such that end by themselves; else does nothing.
  virtual void expire_user_streams(Time) {}
  /// The venue's clock against the caller's. Its own time must not step back by a change of this.
  virtual void set_clock_offset(Duration offset) = 0;
  [[nodiscard]] virtual Duration clock_offset() const = 0;
  /// Ends every WebSocket connection.
  virtual void close_sockets(std::uint16_t code, Time now) = 0;
  /// The ids of an order and of a fill as they stand on this venue's wire.
  [[nodiscard]] virtual std::string wire_order_id(OrderId id) const = 0;
  [[nodiscard]] virtual std::string wire_trade_id(TradeId id) const = 0;
};

struct SimulatedVenueOptions {
  std::uint64_t seed = 1;
  std::uint32_t orders_per_second = 50;  ///< background trading of each instrument; 0: a standing book
  Duration price_interval{0};            ///< contracts: how often mark prices move, at most; 0: as the venue does
  Duration heartbeat{0};  ///< how often the venue asks for a sign of life where it does so itself; 0: as the venue does
};

/// Null if there is no simulated venue of this name.
[[nodiscard]] std::unique_ptr<SimulatedVenue> make_simulated_venue(std::string_view name,
                                                                   const SimulatedVenueOptions& options, Time start);
[[nodiscard]] std::vector<std::string_view> simulated_venue_names();

}  // namespace calypte::sim
