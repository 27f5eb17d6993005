#include "cli/reconciliation.hpp"

#include <fmt/format.h>
#include <set>
#include <string_view>

namespace calypte::cli {

namespace {

/// Some venues call an order that could not live on expired, others cancelled; their ledger says cancelled.
std::string_view expected_ending(const sim::OrderRecord& record, std::string_view told) {
  switch (record.state) {
    case sim::OrderState::filled:
      return record.request.side == sim::Side::buy ? "BuyOrderCompletedEvent" : "SellOrderCompletedEvent";
    case sim::OrderState::cancelled:
      return told == "OrderExpiredEvent" ? told : "OrderCancelledEvent";
    case sim::OrderState::rejected:
      return "MarketOrderFailureEvent";
    case sim::OrderState::pending:
    case sim::OrderState::active:
      break;
  }
  return "";
}

/// Both sides as texts; a difference is noted with its place.
class Comparison {
 public:
  explicit Comparison(std::vector<std::string>& differences) : differences_(differences) {}
  void same(std::string_view where, std::string_view what, std::string_view ours, std::string_view venues) {
    if (ours != venues) {
      differences_.push_back(fmt::format("{}: {} is {} for the connector, {} at the venue", where, what, ours, venues));
    }
  }
  void same(std::string_view where, std::string_view what, const Decimal& ours, const Decimal& venues) {
    if (ours != venues) same(where, what, ours.to_string(), venues.to_string());
  }

 private:
  std::vector<std::string>& differences_;
};

/// The flat fees of a fill as one amount of the venue's fee asset; other assets are named as a difference.
Decimal charged(const OrderFilledEvent& fill, const std::string& asset, std::string_view where,
                std::vector<std::string>& differences) {
  Decimal sum;
  for (const auto& fee : fill.trade_fee.flat_fees) {
    if (fee.token == asset) {
      sum += fee.amount;
    } else if (!fee.amount.is_zero()) {
      differences.push_back(fmt::format("{}: a fee of {} {} that the venue charged in {}", where,
                                        fee.amount.to_string(), fee.token, asset));
    }
  }
  return sum;
}

}  // namespace

Reconciliation reconcile(const std::map<ClientOrderId, HeardOrder>& heard,
                         const std::vector<std::pair<std::string, Balance>>& balances,
                         const sim::SimulatedVenue& venue) {
  Reconciliation result;
  Comparison compare(result.differences);
  const auto& exchange = venue.exchange();
  const auto account = venue.test_account();

  std::map<sim::OrderId, std::map<std::string, const sim::FillRecord*>> venue_fills;
  for (const auto& fill : exchange.fills(account)) venue_fills[fill.order][venue.wire_trade_id(fill.id)] = &fill;

  std::map<std::string, std::map<ClientOrderId, HeardOrder>::const_iterator> by_exchange_id;
  for (auto it = heard.begin(); it != heard.end(); ++it) {
    if (it->second.exchange_order_id) by_exchange_id.emplace(it->second.exchange_order_id->value, it);
  }
  std::set<std::string> at_venue;
  for (const auto venue_id : exchange.orders(account)) {
    const auto& record = *exchange.order(venue_id);
    // By the venue's id first: some give an order another client id when it is cancelled.
    const auto by_venue_id = by_exchange_id.find(venue.wire_order_id(venue_id));
    const auto it =
        by_venue_id != by_exchange_id.end() ? by_venue_id->second : heard.find(ClientOrderId(record.request.client_id));
    const std::string where = "order " + (it == heard.end() ? record.request.client_id : it->first.value);
    at_venue.insert(it == heard.end() ? record.request.client_id : it->first.value);
    if (it == heard.end()) {
      result.differences.push_back(where + ": the venue has it, the connector never told of it");
      continue;
    }
    const HeardOrder& order = it->second;
    ++result.orders;
    compare.same(where, "the side", to_string(order.side), record.request.side == sim::Side::buy ? "BUY" : "SELL");
    compare.same(where, "the price", order.price, record.request.price);
    compare.same(where, "the amount", order.amount, record.request.quantity);
    compare.same(where, "the ending", order.ending, expected_ending(record, order.ending));
    compare.same(where, "the number of endings", fmt::format("{}", order.endings), "1");
    compare.same(where, "the exchange order id", order.exchange_order_id ? order.exchange_order_id->value : "",
                 order.created > 0 ? venue.wire_order_id(venue_id) : "");
    if (order.created > 1) result.differences.push_back(where + ": created more than once");

    Decimal filled;
    std::set<std::string> known;
    for (const auto& fill : order.fills) {
      const auto& trade_id = fill.exchange_trade_id.value;
      const std::string at = "fill " + trade_id;
      if (!known.insert(trade_id).second) result.differences.push_back(at + ": told twice");
      const auto& of_order = venue_fills[venue_id];
      const auto found = of_order.find(trade_id);
      if (found == of_order.end()) {
        result.differences.push_back(at + ": the venue knows of no such fill");
        continue;
      }
      ++result.fills;
      const auto& truth = *found->second;
      compare.same(at, "the price", fill.price, truth.price);
      compare.same(at, "the amount", fill.amount, truth.quantity);
      compare.same(at, "the quote amount", fill.quote_amount, truth.price * truth.quantity);
      compare.same(at, "maker or taker", fill.is_taker ? "taker" : "maker", truth.maker ? "maker" : "taker");
      compare.same(at, "the fee", charged(fill, truth.fee_asset, at, result.differences), truth.fee);
      result.fees[truth.fee_asset] += truth.fee;
      filled += fill.amount;
      (order.side == TradeType::buy ? result.bought : result.sold) += fill.amount;
    }
    for (const auto& [trade_id, fill] : venue_fills[venue_id]) {
      if (!known.contains(trade_id)) result.differences.push_back("fill " + trade_id + ": never told");
    }
    compare.same(where, "the filled amount", filled, record.filled);
    result.rows.push_back(fmt::format("{:<30} {:<4} {:>12} {:>11} {:>11}  {}", record.request.client_id,
                                      to_string(order.side), record.request.price.to_string(),
                                      record.request.quantity.to_string(), record.filled.to_string(),
                                      order.ending.empty() ? "alive" : order.ending));
  }
  for (const auto& [id, order] : heard) {
    if (!order.ending.empty()) ++result.endings[order.ending];
    if (!order.denied && !at_venue.contains(id.value)) {
      result.differences.push_back("order " + id.value + ": the venue never had it");
    }
  }

  std::map<std::string, Balance> ours(balances.begin(), balances.end());
  for (const auto& [asset, truth] : exchange.accounts().balances(account)) {
    ++result.balances;
    const auto& mine = ours[asset];
    compare.same("balance of " + asset, "the total", mine.total, truth.total);
    compare.same("balance of " + asset, "what is available", mine.available, truth.available());
    ours.erase(asset);
  }
  for (const auto& [asset, balance] : ours) {
    if (!balance.total.is_zero()) {
      result.differences.push_back("balance of " + asset + ": the venue holds none");
    }
  }
  return result;
}

}  // namespace calypte::cli
