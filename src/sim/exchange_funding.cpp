// Contracts: prices and funding as time goes by.
#include <algorithm>
#include <utility>

#include "sim/exchange.hpp"

namespace calypte::sim {

const ContractPrices* Exchange::prices(std::size_t instrument) const {
  const auto& prices = markets_.at(instrument).prices;
  return prices ? &*prices : nullptr;
}

void Exchange::set_fair_price(std::size_t instrument, const Decimal& price) {
  if (is_contract(instrument)) markets_[instrument].prices->set_fair(price);
}

Time Exchange::next_due() const {
  Time next = kNever;
  for (const Market& market : markets_) {
    if (market.prices) next = std::min({next, market.prices->next_sample(), market.prices->next_funding()});
  }
  return next;
}

void Exchange::on_time(Time now) {
  if (!clocks_started_) {
    clocks_started_ = true;
    for (Market& market : markets_) {
      if (market.prices) market.prices->begin(now);
    }
  }
  for (Time at = next_due(); at <= now; at = next_due()) {
    // What is paid at a funding time is paid at the mark price of that very moment.
    for (std::size_t i = 0; i < markets_.size(); ++i) {
      if (markets_[i].prices && markets_[i].prices->next_sample() <= at) sample_prices(i);
    }
    for (std::size_t i = 0; i < markets_.size(); ++i) {
      if (markets_[i].prices && markets_[i].prices->next_funding() <= at) settle_funding(i, at);
    }
    check_margins(at);
  }
}

void Exchange::sample_prices(std::size_t instrument) {
  Market& market = markets_[instrument];
  const auto bid = market.engine.best(Side::buy);
  const auto ask = market.engine.best(Side::sell);
  std::optional<Decimal> middle;
  if (bid && ask) middle = divide(from_units(*bid + *ask, instruments_[instrument].tick), 2, kMoneyPlaces);
  market.prices->sample(middle);
}

void Exchange::pin_mark_price(std::size_t instrument, const std::optional<Decimal>& price, Time now) {
  if (!is_contract(instrument)) return;
  markets_[instrument].prices->pin(price);
  check_margins(now);
}

void Exchange::fix_funding_rate(std::size_t instrument, const std::optional<Decimal>& rate) {
  if (is_contract(instrument)) markets_[instrument].prices->fix_rate(rate);
}

void Exchange::set_funding_interval(std::size_t instrument, Duration interval, Time now) {
  if (is_contract(instrument)) markets_[instrument].prices->set_interval(interval, now);
}

void Exchange::settle_funding(std::size_t instrument, Time now) {
  if (!is_contract(instrument)) return;
  Market& market = markets_[instrument];
  const Decimal rate = market.prices->rate();
  const Decimal mark = market.prices->mark();
  const std::string& asset = margin_asset(instrument);
  market.funding.push_back(FundingSettlement{now, rate, mark});
  Decimal sum;
  for (AccountId account = 0; account < owners_.size(); ++account) {
    for (auto& [key, held] : owners_[account].positions) {
      if (key.instrument != instrument || !held.is_open()) continue;
      FundingPayment payment;
      payment.id = ++last_payment_id_;
      payment.account = account;
      payment.position = key;
      payment.amount = held.amount;
      payment.mark = mark;
      payment.rate = rate;
      payment.payment = (-held.amount * mark * rate).rescaled(kMoneyPlaces, Rounding::half_even).normalized();
      payment.time = now;
      sum += payment.payment;
      accounts_.book(account, LedgerEntry::Kind::funding, asset, payment.payment, 0, payment.id, now);
      if (!accounts_.recorded(account)) continue;
      const bool isolated = contract_settings(account, instrument).margin == MarginType::isolated;
      if (isolated) held.isolated_wallet += payment.payment;
      owners_[account].payments.push_back(payment);
      events_.emplace_back(FundingPaid{payment, accounts_.balance(account, asset).total, cross_wallet(account, asset)});
      if (isolated) position_changed(account, key, PositionChanged::Cause::funding);
    }
  }
  accounts_.book(rounding_, LedgerEntry::Kind::funding, asset, -sum, 0, ++last_payment_id_, now);
  market.prices->end_interval(now);
}

const std::vector<FundingPayment>& Exchange::funding_payments(AccountId account) const {
  static const std::vector<FundingPayment> kNone;
  const Owner* who = find_owner(account);
  return who == nullptr ? kNone : who->payments;
}

const std::vector<FundingSettlement>& Exchange::funding_history(std::size_t instrument) const {
  return markets_.at(instrument).funding;
}

}  // namespace calypte::sim
