// Doubles of the public interfaces: what a test sets is what is answered. They place nothing.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "calypte/connector.hpp"
#include "calypte/derivative.hpp"

namespace calypte::test {

class FakeExchange : public virtual Exchange {
 public:
  std::map<TradingPair, TradingRule> rules;
  std::map<std::pair<TradingPair, PriceType>, Decimal> prices;
  std::map<std::string, Balance, std::less<>> held;
  TradeFeeSchema fees;

  [[nodiscard]] std::string_view name() const noexcept override { return "fake"; }
  [[nodiscard]] ConnectorKind kind() const noexcept override { return ConnectorKind::exchange; }
  [[nodiscard]] Time current_time() const noexcept override { return {}; }
  [[nodiscard]] ConnectorStatus status() const override { return {}; }
  ClientOrderId buy(const TradingPair&, const Decimal&, OrderType, const std::optional<Decimal>&,
                    const OrderOptions&) override {
    return {};
  }
  ClientOrderId sell(const TradingPair&, const Decimal&, OrderType, const std::optional<Decimal>&,
                     const OrderOptions&) override {
    return {};
  }
  Status cancel(const ClientOrderId&) override { return not_offered(); }
  std::vector<ClientOrderId> place_orders(std::span<const OrderIntent>) override { return {}; }
  std::vector<Status> cancel_orders(std::span<const ClientOrderId>) override { return {}; }
  void cancel_all(Duration, CancelAllDone) override {}
  [[nodiscard]] const InFlightOrder* order(const ClientOrderId&) const override { return nullptr; }
  [[nodiscard]] std::vector<const InFlightOrder*> in_flight_orders() const override { return {}; }
  [[nodiscard]] std::vector<LimitOrder> limit_orders() const override { return {}; }
  [[nodiscard]] std::string explain(const ClientOrderId&) const override { return {}; }
  [[nodiscard]] std::vector<std::string> tracking_states() const override { return {}; }
  Status restore_tracking_states(std::span<const std::string>) override { return not_offered(); }
  [[nodiscard]] std::uint64_t event_number() const noexcept override { return 0; }
  [[nodiscard]] Decimal balance(std::string_view asset) const override { return find(asset).total; }
  [[nodiscard]] Decimal available_balance(std::string_view asset) const override { return find(asset).available; }
  [[nodiscard]] std::vector<std::pair<std::string, Balance>> balances() const override { return {}; }
  [[nodiscard]] std::span<const OrderType> supported_order_types() const noexcept override { return {}; }
  [[nodiscard]] std::vector<TradingPair> trading_pairs() const override { return {}; }
  [[nodiscard]] std::vector<TradingPair> all_trading_pairs() const override { return {}; }
  [[nodiscard]] const TradingRule* trading_rule(const TradingPair& pair) const override {
    const auto it = rules.find(pair);
    return it == rules.end() ? nullptr : &it->second;
  }
  [[nodiscard]] const OrderBook* order_book(const TradingPair&) const override { return nullptr; }
  [[nodiscard]] std::optional<Decimal> price(const TradingPair& pair, PriceType type) const override {
    const auto it = prices.find({pair, type});
    return it == prices.end() ? std::nullopt : std::optional(it->second);
  }
  [[nodiscard]] TradeFee fee(const TradingPair&, OrderType type, TradeType side, const Decimal&,
                             const std::optional<Decimal>&) const override {
    const bool maker = type == OrderType::limit_maker;
    return new_spot_fee(fees, side, maker ? fees.maker_percent_fee : fees.taker_percent_fee, fees.percent_fee_token,
                        maker ? fees.maker_fixed_fees : fees.taker_fixed_fees);
  }
  Status add_trading_pair(const TradingPair&) override { return not_offered(); }
  Status remove_trading_pair(const TradingPair&) override { return not_offered(); }
  void last_traded_prices(std::span<const TradingPair>, LastTradedPricesDone) override {}

 protected:
  static Status not_offered() { return {StatusCode::unsupported, "a double"}; }

 private:
  [[nodiscard]] Balance find(std::string_view asset) const {
    const auto it = held.find(asset);
    return it == held.end() ? Balance{} : it->second;
  }
};

class FakeDerivative : public FakeExchange, public Derivative {
 public:
  AccountSetting<std::uint32_t> confirmed_leverage{.state = AccountSetting<std::uint32_t>::State::confirmed,
                                                   .value = 1};
  std::string collateral_token;  ///< empty: the quote

  [[nodiscard]] ConnectorKind kind() const noexcept override { return ConnectorKind::derivative; }
  [[nodiscard]] std::span<const PositionMode> supported_position_modes() const noexcept override { return {}; }
  [[nodiscard]] AccountSetting<PositionMode> position_mode() const override { return {}; }
  Status set_position_mode(PositionMode) override { return not_offered(); }
  [[nodiscard]] AccountSetting<std::uint32_t> leverage(const TradingPair&) const override { return confirmed_leverage; }
  Status set_leverage(const TradingPair&, std::uint32_t) override { return not_offered(); }
  [[nodiscard]] AccountSetting<MarginType> margin_type(const TradingPair&) const override { return {}; }
  Status set_margin_type(const TradingPair&, MarginType) override { return not_offered(); }
  [[nodiscard]] std::vector<Position> positions() const override { return {}; }
  [[nodiscard]] const Position* position(const TradingPair&, PositionSide) const override { return nullptr; }
  [[nodiscard]] std::optional<FundingInfo> funding_info(const TradingPair&) const override { return {}; }
  [[nodiscard]] std::string buy_collateral_token(const TradingPair&) const override { return collateral_token; }
  [[nodiscard]] std::string sell_collateral_token(const TradingPair&) const override { return collateral_token; }
};

}  // namespace calypte::test
