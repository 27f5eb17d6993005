// A simulated Binance USD-M futures market with perpetual contracts, seen from its wire: REST below /fapi, streams on
// three routes, user streams by listen key, and the WebSocket API with orders.
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

/// BTCUSDT, ETHUSDT, SOLUSDT, 1000SHIBUSDT and BTCUSDC, and LUNAUSDT, which is being settled.
[[nodiscard]] std::vector<Instrument> default_perpetual_instruments();

/// Points that the manual leaves open or that have changed lately; the defaults are the fact sheet's.
struct PerpetualQuirks {
  bool averages_in_replies = false;  ///< avgPrice and cumQuote in answers to commands, as before July 2026
  bool account_update_first = true;  ///< which of the two messages of a fill leaves first
  bool trade_lite = true;            ///< the short message of a fill, before both
  bool huge_order_ids = false;       ///< beyond 2^53, as some symbols have them
  Duration listen_key_life = 60min;
};

class BinancePerpetualVenue final : public BinanceHouse {
 public:
  BinancePerpetualVenue(const VenueOptions& options, Time start)
      : BinancePerpetualVenue(options, PerpetualQuirks{}, start) {}
  BinancePerpetualVenue(const VenueOptions& options, PerpetualQuirks quirks, Time start);

  [[nodiscard]] VenuePaths paths() const override;
  /// Every listen key ends now, as if its hour had passed.
  void expire_user_streams(Time now) override;

 private:
  enum class Reply : std::uint8_t { acknowledge, result };
  /// An order that has passed everything but the exchange.
  struct Wanted {
    OrderRequest request;
    Reply reply = Reply::acknowledge;
  };
  struct ListenKey {
    std::string key;
    Time ends{};
  };
  /// What was told of an open order last, to know an amendment.
  struct Told {
    Decimal price;
    Decimal quantity;
  };
  /// A position with everything that is computed for it.
  struct View {
    Position held;
    ContractSettings settings;
    Exposure exposure;
    Decimal mark;
    Decimal notional;  ///< signed
    Decimal unrealized;
    Decimal position_margin;
    Decimal order_margin;
    Decimal maintenance;
    std::optional<Decimal> liquidation;
  };

  // perpetual_venue.cpp
  void add_public_endpoints();
  void add_order_endpoints();
  void add_account_endpoints();
  [[nodiscard]] std::optional<Opened> open_target(std::string_view path, std::string_view query) const override;
  [[nodiscard]] std::optional<FeedSpec> parse_stream(std::string_view name, std::string_view route) const override;
  [[nodiscard]] UpdateIds next_update_ids(std::size_t instrument, std::uint64_t current,
                                          std::uint64_t changes) override;
  [[nodiscard]] Time next_venue_event() const override;
  void run_venue_events(Time now) override;

  // perpetual_market.cpp: market data
  void publish(const std::string& name, Feed& feed, Time now) override;
  [[nodiscard]] std::string price_text(const Instrument& instrument, const Decimal& price) const override;
  [[nodiscard]] std::string quantity_text(const Instrument& instrument, const Decimal& quantity) const override;
  [[nodiscard]] std::string depth_snapshot(std::size_t instrument, std::size_t depth, Time now) const override;
  [[nodiscard]] std::string depth_event(const DepthEvent& event, Time now) const override;
  [[nodiscard]] std::string partial_depth_event(std::size_t instrument, const Feed& feed, Time now) const override;
  [[nodiscard]] std::string book_ticker_event(std::size_t instrument, Time now) const override;
  [[nodiscard]] std::string trade_event(std::size_t instrument, const PublicTrade& trade, Time now) const override;
  [[nodiscard]] std::string aggregated_trade_event(std::size_t instrument, const AggregatedTrade& trade,
                                                   Time now) const override;
  [[nodiscard]] std::string ticker_event(std::size_t instrument, bool mini, Time now) const override;
  [[nodiscard]] std::string public_trade(std::size_t instrument, const PublicTrade& trade) const override;
  [[nodiscard]] std::string aggregated_trade(std::size_t instrument, const AggregatedTrade& trade) const override;
  [[nodiscard]] std::string book_ticker(std::size_t instrument, Time now) const override;
  [[nodiscard]] std::string day_ticker(std::size_t instrument, Time now) const override;
  [[nodiscard]] std::string mark_price_event(std::size_t instrument, Time now) const;
  Answer exchange_info(const Call& call) const;
  void write_symbol(Writer& out, const Instrument& instrument) const;
  Answer get_checked_depth(const Call& call);
  Answer get_premium_index(const Call& call) const;
  Answer get_funding_rates(const Call& call) const;
  Answer get_funding_info(const Call& call) const;
  Answer get_open_interest(const Call& call) const;

  // perpetual_orders.cpp: orders and cancels
  [[nodiscard]] std::variant<Wanted, Answer> read_order(const Call& call) const;
  [[nodiscard]] std::optional<Answer> read_terms(const Parameters& parameters, Wanted& wanted) const;
  [[nodiscard]] std::optional<Answer> check_filters(const OrderRequest& request) const;
  [[nodiscard]] Answer refused_by_exchange(const OrderRequest& request, Refusal refusal) const;
  Answer place_order(const Call& call);
  Answer test_order(const Call& call) const;
  Answer modify_order(const Call& call);
  Answer cancel_order(const Call& call);
  Answer place_batch(const Call& call);
  Answer cancel_batch(const Call& call);
  Answer cancel_open_orders(const Call& call);
  Answer set_countdown(const Call& call);
  void cancel_all(AccountId account, std::size_t instrument, Time now);

  // perpetual_reads.cpp: what became of orders
  /// `always_new`: as an acknowledgement shows it, whatever has become of it.
  [[nodiscard]] std::string order_reply(const OrderRecord& order, bool always_new) const;
  [[nodiscard]] std::string order_object(const OrderRecord& order) const override;
  void write_order(Writer& out, const OrderRecord& order, bool averages, bool with_time, bool always_new) const;
  Answer get_open_order(const Call& call) const;
  Answer get_all_orders(const Call& call) const;
  Answer get_user_trades(const Call& call) const;
  Answer get_order_counts(const Call& call);

  // perpetual_account.cpp: balances, positions and settings
  [[nodiscard]] View view(AccountId account, const PositionKey& key) const;
  [[nodiscard]] std::vector<PositionKey> position_keys(AccountId account, bool all,
                                                       std::optional<std::size_t> only) const;
  Answer get_balance(const Call& call) const;
  Answer get_account(const Call& call, bool all) const;
  Answer get_positions(const Call& call, bool all) const;
  void write_account_asset(Writer& out, AccountId account, const std::string& asset, Time now) const;
  Answer get_position_mode(const Call& call) const;
  Answer set_position_mode(const Call& call);
  Answer set_margin_type(const Call& call);
  Answer set_leverage(const Call& call);
  Answer get_symbol_config(const Call& call) const;
  Answer get_account_config(const Call& call) const;
  Answer get_leverage_brackets(const Call& call) const;
  Answer get_commission_rate(const Call& call) const;
  Answer get_income(const Call& call) const;

  // perpetual_events.cpp: listen keys and what is told
  Answer start_listening(const Call& call);
  Answer keep_listening(const Call& call);
  Answer stop_listening(const Call& call);
  void expire(std::size_t account, Time now);
  void tell_accounts(const std::vector<ExchangeEvent>& events, Time now) override;
  void tell_order(const OrderRecord& order, std::string_view execution, const FillRecord* fill, Time now);
  void tell_change(const OrderRecord& order, Time now);
  void tell_trade_lite(const FillRecord& fill, Time now);
  void tell_position(const PositionChanged& change, Time now);
  void tell_funding(const FundingPaid& paid, const PositionChanged* position, Time now);
  void tell_margin_call(const MarginCall& call, Time now);
  void tell_setting(const SettingChanged& change, Time now);
  void write_position(Writer& out, AccountId account, const PositionKey& key, const Position& held) const;
  void push(AccountId account, std::string_view event, std::string text, Time now);

  PerpetualQuirks perpetual_quirks_;
  std::map<std::size_t, ListenKey> listen_keys_;  ///< by index of the account
  std::map<OrderId, Told> told_;                  ///< open orders of recorded accounts
  std::map<std::pair<AccountId, std::size_t>, Time> countdowns_;
  std::uint64_t last_update_ = 0;  ///< update ids run through all books
};

// Words of the wire (perpetual_reads.cpp).
namespace perpetual {
[[nodiscard]] std::string_view type_word(const OrderRequest& request) noexcept;
[[nodiscard]] std::string_view time_in_force_word(const OrderRequest& request) noexcept;
[[nodiscard]] std::string_view position_side_word(PositionSide side) noexcept;
[[nodiscard]] std::string plain(const Decimal& value);
/// With eight places.
[[nodiscard]] std::string money(const Decimal& value);
/// LOT_SIZE: the most that one order may be for.
[[nodiscard]] Decimal max_quantity(const Instrument& instrument);
[[nodiscard]] Decimal max_price(const Instrument& instrument);
}  // namespace perpetual

}  // namespace calypte::sim::binance
