// What the account holds, merged from the stream and from REST so that an older picture never overwrites a newer one.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "calypte/connector.hpp"
#include "calypte/events.hpp"
#include "calypte/in_flight_order.hpp"

#include "venue/records.hpp"

namespace calypte::engine {

class Balances {
 public:
  /// A pushed balance. Its age is the venue's time if given, else the time of receipt.
  void apply_stream(const venue::BalanceReport& report, Time received);
  /// A complete REST answer: assets that it does not hold are removed. It shows the account at some moment after it was
  /// asked for, so its age is the venue's time if given, else `asked`: a stream push received since then stays.
  void apply_rest(std::span<const venue::BalanceReport> reports, Time asked, Time received);

  [[nodiscard]] bool initialized() const noexcept { return initialized_; }
  [[nodiscard]] const Balance* find(std::string_view asset) const;
  [[nodiscard]] std::vector<std::pair<std::string, Balance>> all() const;
  /// `BalanceEvent`s of values that changed.
  [[nodiscard]] std::vector<Event>& events() noexcept { return events_; }

 private:
  struct Entry {
    Balance balance;
    Time as_of{};
    std::optional<Time> venue_as_of;
  };
  std::map<std::string, Entry, std::less<>> entries_;
  std::map<std::string, Time, std::less<>> removed_;
  std::vector<Event> events_;
  bool initialized_ = false;
};

/// The amounts that open orders hold, by asset: a buy holds quote (unfilled base times price, plus the maker fee if it
/// is added to cost), a sell holds base. An order without a price holds what `market_price` says, or nothing.
struct OrderHold {
  TradingPair trading_pair;
  TradeType side = TradeType::buy;
  Decimal unfilled;              ///< base
  std::optional<Decimal> price;  ///< limit price; empty for a market order
  Decimal fee_percent;           ///< fraction; 0 if the fee is deducted from returns
};
/// The effect of a fill on balances, fees included.
struct FillEffect {
  TradingPair trading_pair;
  TradeType side = TradeType::buy;
  Decimal base_amount;
  Decimal quote_amount;
  std::vector<TokenAmount> fees;  ///< as charged; negative for a rebate
  Time time{};
};
[[nodiscard]] std::map<std::string, Decimal> in_flight_asset_balances(std::span<const OrderHold> orders);

/// Available balance where the venue does not push it:
///   registered + held by the orders known at the snapshot - held by the orders now + effects of the fills since.
/// A fill not later than the snapshot is part of it already. Never negative: a deficit gives zero and `deficit`.
struct AvailableEstimate {
  Decimal available;
  Decimal deficit;
};
[[nodiscard]] AvailableEstimate estimate_available_balance(std::string_view asset, const Decimal& registered,
                                                           Time snapshot_time, std::span<const OrderHold> at_snapshot,
                                                           std::span<const OrderHold> now,
                                                           std::span<const FillEffect> fills);

}  // namespace calypte::engine
