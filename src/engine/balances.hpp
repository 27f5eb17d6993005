// What the account holds, merged from the stream and from REST so that an older picture never overwrites a newer one.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "calypte/connector.hpp"
#include "calypte/events.hpp"
#include "calypte/fees.hpp"

#include "venue/records.hpp"

namespace calypte::engine {

/// Owned by one engine, used on its thread. Every value has its own age, because a venue may push totals only. Of two
/// values that both carry the venue's time the later one wins; otherwise our own times decide: that of receipt for a
/// push, that of asking for a REST answer, which shows the account at some moment after it was asked for. So a push
/// that came between asking and answering stays. A value that was never told is zero. Holds one entry for each asset
/// that the venue named; at the bound those that it does not list any more are forgotten, and if that is not enough, an
/// asset that was not known is ignored and an error tells so once.
class Balances {
 public:
  static constexpr std::size_t kMaxAssets = 20'000;

  /// A pushed balance; what it leaves out stays as it is.
  void apply_stream(const venue::BalanceReport& report, Time received);
  /// A complete REST answer: assets that it does not hold are removed, unless they were pushed since `asked`. An answer
  /// that was asked for before one that is applied already is ignored.
  void apply_rest(std::span<const venue::BalanceReport> reports, Time asked, Time received);

  /// A REST answer was applied once.
  [[nodiscard]] bool initialized() const noexcept { return last_asked_.has_value(); }
  /// When the newest REST answer that was applied was asked for.
  [[nodiscard]] std::optional<Time> last_asked() const noexcept { return last_asked_; }
  /// Null if the asset is not known; valid until the next `apply`.
  [[nodiscard]] const Balance* find(std::string_view asset) const;
  [[nodiscard]] std::vector<std::pair<std::string, Balance>> all() const;  ///< by asset
  /// `BalanceEvent`s of values that changed; the owner takes them and clears.
  [[nodiscard]] std::vector<Event>& events() noexcept { return events_; }

 private:
  struct Age {
    std::optional<Time> local;  // empty: never told
    std::optional<Time> venue;
    bool pushed = false;
  };
  struct Entry {
    Balance balance;
    Age total;
    Age available;
    std::uint64_t answer = 0;  // the number of the REST answer that held it last
    bool present = false;      // a removed asset keeps its ages, so that a late old push cannot bring it back
  };

  static bool older(const Age& age, const Age& other);
  /// The asset's entry; null at the bound.
  Entry* entry_of(const std::string& asset, Time now);
  void update(Entry& entry, const venue::BalanceReport& report, const Age& age, Time received);

  std::map<std::string, Entry, std::less<>> entries_;
  std::vector<Event> events_;
  std::optional<Time> last_asked_;
  bool told_full_ = false;
  std::uint64_t answers_ = 0;
};

/// The unfilled part of an order that has not ended.
struct OrderHold {
  TradingPair trading_pair;
  TradeType side = TradeType::buy;
  Decimal unfilled;              ///< base
  std::optional<Decimal> price;  ///< of a market order what it is expected to cost; empty if nobody knows
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

/// The amounts that open orders hold, by asset: a buy holds quote (unfilled base times price, plus the fee if it is
/// added to cost), a sell holds base. A buy without a price holds nothing. `malformed` if a number does not fit.
[[nodiscard]] Result<std::map<std::string, Decimal>> in_flight_asset_balances(std::span<const OrderHold> orders);

/// Never negative: a deficit gives zero and `deficit`.
struct AvailableEstimate {
  Decimal available;
  Decimal deficit;
};
/// Available balance of a spot account where the venue does not push it:
///   registered + held by the orders known at the snapshot - held by the orders now + effects of the fills since.
/// A fill not later than the snapshot is part of it already. `malformed` if a number does not fit.
[[nodiscard]] Result<AvailableEstimate> estimate_available_balance(std::string_view asset, const Decimal& registered,
                                                                   Time snapshot_time,
                                                                   std::span<const OrderHold> at_snapshot,
                                                                   std::span<const OrderHold> now,
                                                                   std::span<const FillEffect> fills);

}  // namespace calypte::engine
