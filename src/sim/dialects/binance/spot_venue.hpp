// A simulated Binance spot market, seen from its wire: REST below /api/v3, market streams, and the WebSocket API with
// orders and the user's events. Listen keys are gone, as at the real venue since February 2026.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/dialects/binance/house.hpp"

namespace calypte::sim::binance {

/// BTCUSDT, ETHUSDT, BNBUSDT and BTCUSDC, and LUNAUSDT, whose trading is suspended.
[[nodiscard]] std::vector<Instrument> default_spot_instruments();

class BinanceSpotVenue final : public BinanceHouse {
 public:
  BinanceSpotVenue(VenueOptions options, Time start) : BinanceSpotVenue(std::move(options), HouseRules{}, start) {}
  BinanceSpotVenue(VenueOptions options, HouseRules rules, Time start);

  [[nodiscard]] VenuePaths paths() const override;

 private:
  enum class Reply : std::uint8_t { acknowledge, result, full };
  /// An order that has passed everything but the exchange.
  struct Wanted {
    OrderRequest request;
    Reply reply = Reply::full;
    Decimal quote_quantity;  ///< as asked for; a sale by value is turned into a quantity
  };
  /// What an order shows besides its record.
  struct Extra {
    Decimal quote_quantity;
    std::string cancel_id;           ///< of the cancel that ended it
    std::string original_client_id;  ///< before that
  };

  [[nodiscard]] std::optional<Opened> open_target(std::string_view path, std::string_view query) const override;
  void tell_accounts(const std::vector<ExchangeEvent>& events, Time now) override;

  // spot_venue.cpp
  void add_endpoints();
  void add_private_endpoints();
  Answer exchange_info(const Call& call) const;
  void write_symbol(Writer& out, const Instrument& instrument) const;

  // spot_orders.cpp
  [[nodiscard]] std::variant<Wanted, Answer> read_order(const Call& call) const;
  [[nodiscard]] std::optional<Answer> read_terms(const Parameters& parameters, Wanted& wanted) const;
  [[nodiscard]] std::optional<Answer> check_filters(const Wanted& wanted) const;
  /// How much must be sold to bring this much of quote, in whole lots, as the book is now.
  [[nodiscard]] Decimal quantity_for(std::size_t instrument, const Decimal& quote) const;
  Answer place_order(const Call& call);
  Answer test_order(const Call& call) const;
  Answer cancel_order(const Call& call);
  Answer cancel_open_orders(const Call& call);
  /// Cancels and writes the report of it; `client_id` is that of the cancel, empty for a random one.
  [[nodiscard]] std::string cancel_and_report(OrderId id, std::string client_id, Time now);

  // spot_reads.cpp
  Answer get_all_orders(const Call& call) const;
  Answer get_my_trades(const Call& call) const;
  Answer get_account(const Call& call) const;
  Answer get_commission(const Call& call) const;
  Answer get_trade_fees(const Call& call) const;
  Answer get_order_counts(const Call& call);

  // spot_words.cpp
  /// The members from `price` on that every report of an order has.
  void write_terms(Writer& out, const OrderRecord& order) const;
  [[nodiscard]] std::string order_object(const OrderRecord& order) const override;
  [[nodiscard]] std::string trade_object(const FillRecord& fill) const;
  [[nodiscard]] std::string order_reply(const OrderRecord& order, Reply reply, std::size_t first_fill, Time now) const;
  [[nodiscard]] std::string cancel_reply(const OrderRecord& order, Time now) const;
  [[nodiscard]] const Extra& extra_of(OrderId id) const;

  // spot_events.cpp
  struct Report;
  [[nodiscard]] std::string execution_report(const Report& report, Time now) const;
  void tell_change(const OrderRecord& order, const OrderRecord& final_state, Time now);
  void tell_fill(const std::vector<ExchangeEvent>& events, std::size_t index, Time now);
  void tell_report(const Report& report, Time now);
  void tell_balances(AccountId account, const std::vector<std::string>& assets, Time now);

  std::map<OrderId, Extra> extras_;  ///< kept like the orders of recorded accounts
  std::set<OrderId> first_fills_;    ///< orders that have begun to fill, of recorded accounts
  std::uint64_t last_execution_ = 0;
};

/// LOT_SIZE and MARKET_LOT_SIZE: the most that one order may be for.
[[nodiscard]] Decimal max_quantity(const Instrument& instrument);

// Words of the wire (spot_words.cpp).
[[nodiscard]] std::string_view type_word(const OrderRequest& request) noexcept;
[[nodiscard]] std::string_view time_in_force_word(const OrderRequest& request) noexcept;
/// Why an order has expired; empty if it has not.
[[nodiscard]] std::string_view expiry_word(const OrderRecord& order) noexcept;

}  // namespace calypte::sim::binance
