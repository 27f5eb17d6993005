// Balances, holds and fees of every account of a simulated venue, as an exact double-entry ledger.
//
// The ledger is the oracle of the tests: what it says is what really happened, whatever the wire made of it. Nothing is
// rounded here. At every moment, for each asset, the sum over all accounts plus the venue's fees equals what was
// deposited, plus the cost basis of all positions where contracts are traded (sim/positions.hpp).
// One thread; every function is a plain state change at a time that the caller names.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "calypte/decimal.hpp"
#include "calypte/result.hpp"
#include "calypte/time.hpp"

#include "sim/matching_engine.hpp"

namespace calypte::sim {

using TradeId = std::uint64_t;

/// Fractions of what a fill is worth: 0.001 is ten basis points. A negative rate is a rebate.
struct FeeRates {
  Decimal maker;
  Decimal taker;
};
/// In which asset a fee is charged.
struct FeePolicy {
  enum class Charge : std::uint8_t {
    received,  ///< what the fill brings: base for a buy, quote for a sell
    quote,     ///< always quote; a buy then holds its fee as well
    token,     ///< `token` at par with quote; what the account cannot pay in it is charged as `received`
  };
  Charge charge = Charge::received;
  std::string token;
};

struct Balance {
  Decimal total;
  Decimal held;  ///< part of the total that open orders bind
  [[nodiscard]] Decimal available() const { return total - held; }
};

struct LedgerEntry {
  enum class Kind : std::uint8_t {
    deposit,
    hold,
    release,
    trade,
    fee,
    realized,   ///< profit or loss of a position that was reduced
    funding,    ///< `trade` is the id of the payment
    insurance,  ///< paid by the insurance fund for what a liquidation left owing
  };
  std::uint64_t sequence = 0;  ///< counts all entries of the venue
  Time time{};
  Kind kind = Kind::deposit;
  std::string asset;
  Decimal total_change;
  Decimal held_change;
  Balance after;
  OrderId order = 0;
  TradeId trade = 0;
};

/// One side of a fill, as amounts to be moved.
struct Leg {
  AccountId account = 0;
  OrderId order = 0;
  TradeId trade = 0;
  std::string_view gives;
  Decimal gives_amount;
  std::string_view gets;
  Decimal gets_amount;
  Decimal hold_used;  ///< how much of the order's hold this fill consumes; at least what it gives in that asset
  std::string fee_asset;
  Decimal fee;  ///< negative: a rebate
};

class Accounts {
 public:
  struct Options {
    bool recorded = true;  ///< false: balances only, for background flow that would fill the memory
  };
  AccountId open(std::string name, FeeRates rates, FeePolicy policy, Options options);
  AccountId open(std::string name, FeeRates rates, FeePolicy policy = {}) {
    return open(std::move(name), std::move(rates), std::move(policy), Options{});
  }
  void deposit(AccountId account, std::string_view asset, const Decimal& amount, Time now);

  /// Binds `amount` for an order. `denied` with insufficient_balance if it is not available; nothing changes then.
  Status hold(AccountId account, OrderId order, std::string_view asset, const Decimal& amount, Time now);
  /// Sets what the order still binds to another amount. `denied` as above if the increase is not available.
  Status change_hold(OrderId order, const Decimal& amount, Time now);
  /// Frees what the order still binds, once: `denied` if it binds nothing any more.
  Status release(OrderId order, Time now);
  /// Moves both legs of a fill and their fees. Preconditions: the legs balance each other and both orders hold enough.
  void settle(const Leg& buy, const Leg& sell, Time now);

  /// Moves `amount` (signed) between an account and the cost basis of its positions, or between two accounts by two
  /// calls: the caller keeps the sum. Unlike everything else this may leave the total below zero, until the insurance
  /// fund has paid. For accounts that trade contracts only: nothing may be held in this asset.
  void book(AccountId account, LedgerEntry::Kind kind, std::string_view asset, const Decimal& amount, OrderId order,
            TradeId trade, Time now);
  /// Takes a fee (a rebate if negative) to the venue, under the same terms.
  void charge(AccountId account, std::string_view asset, const Decimal& fee, OrderId order, TradeId trade, Time now);

  [[nodiscard]] Balance balance(AccountId account, std::string_view asset) const;
  [[nodiscard]] const std::map<std::string, Balance, std::less<>>& balances(AccountId account) const;
  [[nodiscard]] const std::vector<LedgerEntry>& ledger(AccountId account) const;
  [[nodiscard]] const FeeRates& rates(AccountId account) const;
  [[nodiscard]] const FeePolicy& policy(AccountId account) const;
  void set_rates(AccountId account, FeeRates rates);
  [[nodiscard]] bool recorded(AccountId account) const;
  [[nodiscard]] std::size_t count() const noexcept { return accounts_.size(); }
  /// What an order still binds; zero if nothing.
  [[nodiscard]] Decimal held_for(OrderId order) const;

  /// What the venue has earned, per asset.
  [[nodiscard]] const std::map<std::string, Decimal, std::less<>>& venue_fees() const noexcept { return fees_; }
  /// All accounts plus the venue's fees; equals `deposited` at every moment.
  [[nodiscard]] Decimal sum_of(std::string_view asset) const;
  [[nodiscard]] Decimal deposited(std::string_view asset) const;

 private:
  struct Account {
    std::string name;
    FeeRates rates;
    FeePolicy policy;
    Options options;
    std::map<std::string, Balance, std::less<>> balances;
    std::vector<LedgerEntry> ledger;
  };
  struct Hold {
    AccountId account = 0;
    std::string asset;
    Decimal amount;
  };
  void apply(AccountId account, LedgerEntry::Kind kind, std::string_view asset, const Decimal& total_change,
             const Decimal& held_change, OrderId order, TradeId trade, Time now);
  void settle_leg(const Leg& leg, Time now);

  std::vector<Account> accounts_;
  std::unordered_map<OrderId, Hold> holds_;  ///< looked up only
  std::map<std::string, Decimal, std::less<>> fees_;
  std::map<std::string, Decimal, std::less<>> deposits_;
  std::uint64_t sequence_ = 0;
};

}  // namespace calypte::sim
