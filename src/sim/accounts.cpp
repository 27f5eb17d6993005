#include "sim/accounts.hpp"

#include <cassert>
#include <utility>

namespace calypte::sim {
namespace {

Status insufficient(std::string_view asset) {
  return {StatusCode::denied, FailureReason::insufficient_balance, "not enough " + std::string(asset) + " available"};
}

}  // namespace

AccountId Accounts::open(std::string name, FeeRates rates, FeePolicy policy, Options options) {
  accounts_.push_back(Account{std::move(name), rates, std::move(policy), options, {}, {}});
  return static_cast<AccountId>(accounts_.size() - 1);
}

void Accounts::apply(AccountId account, LedgerEntry::Kind kind, std::string_view asset, const Decimal& total_change,
                     const Decimal& held_change, OrderId order, TradeId trade, Time now) {
  Account& owner = accounts_.at(account);
  auto found = owner.balances.find(asset);
  if (found == owner.balances.end()) found = owner.balances.emplace(std::string(asset), Balance{}).first;
  Balance& balance = found->second;
  balance.total += total_change;
  balance.held += held_change;
  assert(!balance.held.is_negative() && (balance.held.is_zero() || balance.held <= balance.total));
  ++sequence_;
  if (!owner.options.recorded) return;
  owner.ledger.push_back(
      LedgerEntry{sequence_, now, kind, std::string(asset), total_change, held_change, balance, order, trade});
}

void Accounts::deposit(AccountId account, std::string_view asset, const Decimal& amount, Time now) {
  apply(account, LedgerEntry::Kind::deposit, asset, amount, 0, 0, 0, now);
  deposits_[std::string(asset)] += amount;
}

Status Accounts::hold(AccountId account, OrderId order, std::string_view asset, const Decimal& amount, Time now) {
  assert(holds_.find(order) == holds_.end() && !amount.is_negative());
  if (balance(account, asset).available() < amount) return insufficient(asset);
  apply(account, LedgerEntry::Kind::hold, asset, 0, amount, order, 0, now);
  holds_.emplace(order, Hold{account, std::string(asset), amount});
  return {};
}

Status Accounts::change_hold(OrderId order, const Decimal& amount, Time now) {
  const auto found = holds_.find(order);
  if (found == holds_.end()) return {StatusCode::denied, "the order binds nothing"};
  Hold& hold = found->second;
  const Decimal change = amount - hold.amount;
  if (change.is_positive() && balance(hold.account, hold.asset).available() < change) return insufficient(hold.asset);
  if (!change.is_zero()) {
    const auto kind = change.is_positive() ? LedgerEntry::Kind::hold : LedgerEntry::Kind::release;
    apply(hold.account, kind, hold.asset, 0, change, order, 0, now);
  }
  hold.amount = amount;
  return {};
}

Status Accounts::release(OrderId order, Time now) {
  const auto found = holds_.find(order);
  if (found == holds_.end()) return {StatusCode::denied, "the order binds nothing"};
  const Hold hold = std::move(found->second);
  holds_.erase(found);
  if (!hold.amount.is_zero()) {
    apply(hold.account, LedgerEntry::Kind::release, hold.asset, 0, -hold.amount, order, 0, now);
  }
  return {};
}

void Accounts::settle_leg(const Leg& leg, Time now) {
  Hold& hold = holds_.at(leg.order);
  assert(hold.account == leg.account && hold.asset == leg.gives && leg.hold_used <= hold.amount);
  hold.amount -= leg.hold_used;
  assert(balance(leg.account, leg.gives).total >= leg.gives_amount);
  apply(leg.account, LedgerEntry::Kind::trade, leg.gives, -leg.gives_amount, -leg.hold_used, leg.order, leg.trade, now);
  apply(leg.account, LedgerEntry::Kind::trade, leg.gets, leg.gets_amount, 0, leg.order, leg.trade, now);
  if (leg.fee.is_zero()) return;
  apply(leg.account, LedgerEntry::Kind::fee, leg.fee_asset, -leg.fee, 0, leg.order, leg.trade, now);
  fees_[leg.fee_asset] += leg.fee;
}

void Accounts::settle(const Leg& buy, const Leg& sell, Time now) {
  assert(buy.gives_amount == sell.gets_amount && buy.gets_amount == sell.gives_amount);
  settle_leg(sell, now);
  settle_leg(buy, now);
}

void Accounts::book(AccountId account, LedgerEntry::Kind kind, std::string_view asset, const Decimal& amount,
                    OrderId order, TradeId trade, Time now) {
  if (!amount.is_zero()) apply(account, kind, asset, amount, 0, order, trade, now);
}

void Accounts::charge(AccountId account, std::string_view asset, const Decimal& fee, OrderId order, TradeId trade,
                      Time now) {
  if (fee.is_zero()) return;
  apply(account, LedgerEntry::Kind::fee, asset, -fee, 0, order, trade, now);
  fees_[std::string(asset)] += fee;
}

Balance Accounts::balance(AccountId account, std::string_view asset) const {
  const auto& all = accounts_.at(account).balances;
  const auto found = all.find(asset);
  return found == all.end() ? Balance{} : found->second;
}

const std::map<std::string, Balance, std::less<>>& Accounts::balances(AccountId account) const {
  return accounts_.at(account).balances;
}
const std::vector<LedgerEntry>& Accounts::ledger(AccountId account) const { return accounts_.at(account).ledger; }
const FeeRates& Accounts::rates(AccountId account) const { return accounts_.at(account).rates; }
const FeePolicy& Accounts::policy(AccountId account) const { return accounts_.at(account).policy; }
void Accounts::set_rates(AccountId account, FeeRates rates) { accounts_.at(account).rates = rates; }
bool Accounts::recorded(AccountId account) const { return accounts_.at(account).options.recorded; }

Decimal Accounts::held_for(OrderId order) const {
  const auto found = holds_.find(order);
  return found == holds_.end() ? Decimal{} : found->second.amount;
}

Decimal Accounts::sum_of(std::string_view asset) const {
  Decimal sum;
  for (const Account& account : accounts_) {
    const auto found = account.balances.find(asset);
    if (found != account.balances.end()) sum += found->second.total;
  }
  const auto fee = fees_.find(asset);
  return fee == fees_.end() ? sum : sum + fee->second;
}

Decimal Accounts::deposited(std::string_view asset) const {
  const auto found = deposits_.find(asset);
  return found == deposits_.end() ? Decimal{} : found->second;
}

}  // namespace calypte::sim
