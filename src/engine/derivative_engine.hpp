// The core of a derivative connector: an `ExchangeEngine` that also knows positions, the account's settings and
// funding.
//
// What it adds are four parts (Positions, AccountSettings, FundingInfos, FundingPayments) and the flows between them
// and the engine: positions are read by the sweep, orders need confirmed settings, funding times lead to payments.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "calypte/derivative.hpp"

#include "engine/account_settings.hpp"
#include "engine/exchange_engine.hpp"
#include "engine/funding_infos.hpp"
#include "engine/funding_payments.hpp"
#include "engine/journalled_keys.hpp"
#include "engine/positions.hpp"

namespace calypte::engine {

class DerivativeEngine final : public ExchangeEngine, public Derivative, private AccountExtension {
 public:
  /// Fails as `ExchangeEngine::create` does, and on a venue of another kind.
  static Result<std::unique_ptr<DerivativeEngine>> create(std::unique_ptr<venue::Venue> venue, Credentials credentials,
                                                          ExchangeEngineOptions options, LogSink& log, Time now);
  ~DerivativeEngine() override;

  // --- calypte/derivative.hpp ---

  [[nodiscard]] std::span<const PositionMode> supported_position_modes() const noexcept override;
  [[nodiscard]] AccountSetting<PositionMode> position_mode() const override;
  Status set_position_mode(PositionMode mode) override;
  [[nodiscard]] AccountSetting<std::uint32_t> leverage(const TradingPair& pair) const override;
  Status set_leverage(const TradingPair& pair, std::uint32_t leverage) override;
  [[nodiscard]] AccountSetting<MarginType> margin_type(const TradingPair& pair) const override;
  Status set_margin_type(const TradingPair& pair, MarginType type) override;
  [[nodiscard]] std::vector<Position> positions() const override { return positions_.all(); }
  [[nodiscard]] const Position* position(const TradingPair& pair, PositionSide side) const override;
  [[nodiscard]] std::optional<FundingInfo> funding_info(const TradingPair& pair) const override;
  [[nodiscard]] std::string buy_collateral_token(const TradingPair& pair) const override;
  [[nodiscard]] std::string sell_collateral_token(const TradingPair& pair) const override;

  // --- calypte/connector.hpp ---

  /// Venues push totals only. What is available is read with every sweep and soon after orders and fills, at most every
  /// two seconds; until then the margin and fee of what was opened meanwhile is taken off. Never above what the venue
  /// said.
  [[nodiscard]] Decimal available_balance(std::string_view asset) const override;
  /// Of an order that opens a position.
  [[nodiscard]] TradeFee fee(const TradingPair& pair, OrderType type, TradeType side, const Decimal& amount,
                             const std::optional<Decimal>& price) const override;
  /// The orders as ever, and one text more: which funding payments have been told.
  [[nodiscard]] std::vector<std::string> tracking_states() const override;
  Status restore_tracking_states(std::span<const std::string> states) override;

  void keep_changes() override;
  void write_changes(RoundWriter& round) override;
  void write_all(const std::function<RoundWriter&()>& next) const override;
  void restore(const Recovery& recovery, Time now) override;

  /// What the known fills add up to since the first list of positions, for tests and people.
  [[nodiscard]] const Positions& position_tracker() const noexcept { return positions_; }

 private:
  /// Trades that the venue made by itself; a later report of one that does not say so is still recognised.
  static constexpr std::size_t kVenueTradeMemory = 10'000;

  DerivativeEngine(Blueprint blueprint, LogSink& log, Time now);

  // ExchangeEngine
  void on_account_started() override;
  void on_pair_followed(const TradingPair& pair, const Symbol& symbol) override;
  void on_pair_dropped(const TradingPair& pair) override;
  void on_stopping() override;
  void advance() override;
  [[nodiscard]] Time next_own_wakeup() const override;
  void add_events(std::span<const Event> order_events, std::vector<Event>& events) override;
  void add_conditions(ConnectorStatus& status) const override;
  [[nodiscard]] Status check_position_action(TradeType side, const TradingPair& pair,
                                             const OrderOptions& options) const override;
  [[nodiscard]] PositionTerms position_terms(TradeType side, const TradingPair& pair,
                                             const OrderOptions& options) const override;
  [[nodiscard]] Status check_funds(TradeType side, const TradingPair& pair, const Decimal& amount, const Decimal& price,
                                   OrderType type, const OrderOptions& options) const override;

  // AccountExtension
  bool take_fill(const venue::Fill& fill, const TradingPair* pair, Time now) override;
  void on_stream_records(const venue::Records& records, Time now) override;
  void on_positions(const Reply& reply) override;
  void on_swept(Time now) override;

  [[nodiscard]] Status check_change() const;
  [[nodiscard]] Decimal margin(const TradingPair& pair, const Decimal& notional, const Decimal& leverage,
                               OrderType type) const;
  [[nodiscard]] Decimal margin_since(std::string_view asset, Time since) const;
  [[nodiscard]] std::string collateral_token(const TradingPair& pair, TradeType side) const;
  const TradingPair* known_pair(const Symbol& symbol);
  void know_leverages();
  void ask_balances_soon();
  void ask_balances();

  Positions positions_;
  AccountSettings settings_;
  FundingInfos funding_;
  FundingPayments payments_;
  JournalledKeys venue_trades_;
  RecentKeys unknown_symbols_{100};  // reported once
  std::vector<Event> own_events_;
  bool subscribed_ = false;
  bool infos_started_ = false;
  bool balances_asked_ = false;
  Time balances_due_ = kNever;
  Time last_balances_ = Time::min();
  Time last_freed_ = Time::min();  // when something last may have set margin free
};

}  // namespace calypte::engine
