#include "connector/house/binance/binance_orders.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "connector/house/binance/binance_market_data.hpp"

namespace calypte::connector::binance {

using venue::Records;
using venue::json::Value;

namespace {

// --- Words of the venue --------------------------------------------------------------------------------------------

/// NEW_INSURANCE and NEW_ADL of USD-M are no states of an order and stay unknown.
std::optional<OrderState> state_of(std::string_view status, bool executed) noexcept {
  if (status == "NEW" || status == "PENDING_NEW" || status == "PENDING_CANCEL" || status == "PARTIALLY_FILLED") {
    return executed ? OrderState::partially_filled : OrderState::open;
  }
  if (status == "FILLED") return OrderState::filled;
  if (status == "CANCELED") return OrderState::canceled;
  if (status == "REJECTED") return OrderState::failed;
  if (status == "EXPIRED" || status == "EXPIRED_IN_MATCH") return OrderState::expired;
  return std::nullopt;
}

struct EndRow {
  std::string_view word;
  FailureReason reason;
};
/// Reject and expiry reasons of spot by words, expiry reasons of USD-M by numbers.
constexpr std::array kEnds = {
    EndRow{"INSUFFICIENT_BALANCES", FailureReason::insufficient_balance},
    EndRow{"WOULD_MATCH_IMMEDIATELY", FailureReason::would_take},
    EndRow{"UNFILLED_IOC_QUANTITY_EXPIRED", FailureReason::not_filled},
    EndRow{"UNFILLED_FOK_ORDER_EXPIRED", FailureReason::not_filled},
    EndRow{"INSUFFICIENT_LIQUIDITY", FailureReason::not_filled},
    EndRow{"EXECUTION_RULE_PRICE_RANGE_EXCEEDED", FailureReason::invalid_price},
    EndRow{"1", FailureReason::self_trade},
    EndRow{"2", FailureReason::not_filled},
    EndRow{"3", FailureReason::self_trade},
    EndRow{"4", FailureReason::reduce_only},
    EndRow{"5", FailureReason::account_restricted},
    EndRow{"7", FailureReason::instrument_not_tradable},
    EndRow{"9", FailureReason::not_filled},
};

/// Why an order ended early, where the venue says so. "NONE" and "0" say nothing.
void set_end_reason(OrderUpdate& update, std::string_view status, std::string_view word) {
  const OrderState state = update.new_state;
  const bool ended_early = state == OrderState::canceled || state == OrderState::failed || state == OrderState::expired;
  if (!ended_early) return;
  if (word == "NONE" || word == "0") word = {};
  const auto* row = std::ranges::find(kEnds, word, &EndRow::word);
  if (row != kEnds.end()) update.reason = row->reason;
  if (status == "EXPIRED_IN_MATCH") update.reason = FailureReason::self_trade;
  if (state == OrderState::failed && update.reason == FailureReason::none) {
    update.reason = FailureReason::rejected_by_venue;
  }
  update.message = word.empty() && status == "EXPIRED_IN_MATCH" ? status : word;
}

std::optional<TradeType> side_of(std::string_view word) noexcept {
  if (word == "BUY") return TradeType::buy;
  if (word == "SELL") return TradeType::sell;
  return std::nullopt;
}

/// Empty for stops and the like, which others may have placed.
std::optional<OrderType> type_of(std::string_view word, std::string_view time_in_force) noexcept {
  if (word == "MARKET") return OrderType::market;
  if (word == "LIMIT_MAKER") return OrderType::limit_maker;
  if (word == "LIMIT") return time_in_force == "GTX" ? OrderType::limit_maker : OrderType::limit;
  return std::nullopt;
}

std::optional<PositionSide> position_side_of(Value word) noexcept {
  if (word.is_null() || word.string() == "BOTH") return PositionSide::net;
  if (word.string() == "LONG") return PositionSide::long_side;
  if (word.string() == "SHORT") return PositionSide::short_side;
  return std::nullopt;
}

/// USD-M trades on the account by itself under ids of its own.
venue::FillOrigin origin_of(std::string_view client_order_id) noexcept {
  if (client_order_id.starts_with("autoclose-")) return venue::FillOrigin::liquidation;
  if (client_order_id.starts_with("adl_autoclose")) return venue::FillOrigin::deleveraging;
  if (client_order_id.starts_with("settlement_autoclose-") || client_order_id.starts_with("delivery_autoclose-")) {
    return venue::FillOrigin::settlement;
  }
  return venue::FillOrigin::order;
}

template <typename Id>
std::optional<Id> read_id(std::string_view text) {
  if (text.empty()) return std::nullopt;
  return Id(text);
}

/// Reads a decimal that may be absent or null. False if it is there and none.
bool read_optional(Value value, std::optional<Decimal>& out) {
  if (value.is_null()) return true;
  out = value.decimal();
  return out.has_value();
}

/// A quantity that was executed: absent, or not negative.
bool read_executed(Value value, std::optional<Decimal>& out) {
  return read_optional(value, out) && (!out || !out->is_negative());
}

/// What a report says beside the ids, in whichever keys.
struct OrderKeys {
  std::string_view symbol, side, type, time_in_force, amount, price, executed, status, reason;
};
constexpr OrderKeys kReplyKeys{"symbol", "side",        "type",   "timeInForce", "origQty",
                               "price",  "executedQty", "status", "expiryReason"};
constexpr OrderKeys kEventKeys{"s", "S", "o", "f", "q", "p", "z", "X", "r"};

bool read_report(Value order, const OrderKeys& keys, venue::OrderReport& report) {
  OrderUpdate& update = report.update;
  if (!read_executed(order.find(keys.executed), update.executed_amount_base)) return false;
  if (!read_optional(order.find(keys.amount), report.amount)) return false;
  if (!read_optional(order.find(keys.price), report.price)) return false;
  const std::string_view status = order.find(keys.status).string();
  const bool executed = update.executed_amount_base && update.executed_amount_base->is_positive();
  const auto state = state_of(status, executed);
  if (!state) return false;
  update.new_state = *state;
  report.symbol = Symbol(order.find(keys.symbol).string());
  report.trade_type = side_of(order.find(keys.side).string());
  report.order_type = type_of(order.find(keys.type).string(), order.find(keys.time_in_force).string());
  if (report.price && report.price->is_zero()) report.price.reset();  // a market order
  std::string_view reason = order.find(keys.reason).scalar();
  // Events tell the reason of an expiry apart from the one of a refusal.
  if (const Value expiry = order.find("eR"); !expiry.is_null()) reason = expiry.scalar();
  if (const Value expiry = order.find("er"); !expiry.is_null()) reason = expiry.scalar();
  set_end_reason(update, status, reason);
  return true;
}

bool read_reply_order(Value order, venue::OrderReport& report) {
  OrderUpdate& update = report.update;
  // In the reply to a cancel on the spot market `clientOrderId` is the id of the cancel.
  const Value original = order.find("origClientOrderId");
  update.client_order_id =
      read_id<ClientOrderId>(original.exists() ? original.string() : order.find("clientOrderId").string());
  update.exchange_order_id = read_id<ExchangeOrderId>(order.find("orderId").scalar());
  if (!update.exchange_order_id || !read_report(order, kReplyKeys, report)) return false;
  // The double m is the venue's. Orders of old times have a negative value, which means that it is not known.
  const Value spent =
      order.find("cummulativeQuoteQty").exists() ? order.find("cummulativeQuoteQty") : order.find("cumQuote");
  if (!read_optional(spent, update.executed_amount_quote)) return false;
  if (update.executed_amount_quote && update.executed_amount_quote->is_negative()) update.executed_amount_quote.reset();
  for (const char* key : {"updateTime", "transactTime", "time"}) {
    if (!update.venue_time) update.venue_time = read_ms(order.find(key));
  }
  return true;
}

/// One execution, in whichever keys.
struct FillKeys {
  std::string_view id, price, amount, fee, fee_asset;
};

/// Reads what all forms of a fill share. The fee is charged in an asset of the venue's choice, so it is a flat one; a
/// negative one is a rebate, as with us.
bool read_fill(Market market, Value item, const FillKeys& keys, TradeType side, venue::Fill& fill) {
  TradeUpdate& trade = fill.trade;
  const auto id = item.find(keys.id).integer();
  const auto price = item.find(keys.price).decimal();
  const auto amount = item.find(keys.amount).decimal();
  if (!id || *id <= 0 || !price || !amount || !amount->is_positive() || price->is_negative()) return false;
  const auto quote = Decimal::checked_mul(*price, *amount);
  std::optional<Decimal> fee;
  if (!quote || !read_optional(item.find(keys.fee), fee)) return false;
  trade.trade_id = TradeId(item.find(keys.id).scalar());
  trade.fill_price = *price;
  trade.fill_base_amount = *amount;
  trade.fill_quote_amount = *quote;
  std::vector<TokenAmount> flat;
  if (fee && !fee->is_zero()) {
    const std::string_view asset = item.find(keys.fee_asset).string();
    if (asset.empty()) return false;
    flat.push_back({std::string(asset), *fee});
  }
  trade.fee = market == Market::spot ? new_spot_fee({}, side, Decimal(0), {}, std::move(flat))
                                     : new_perpetual_fee({}, PositionAction::nil, Decimal(0), {}, std::move(flat));
  fill.trade_type = side;
  return true;
}

/// `fills` in the reply to a new order. They have no time, so the reply's counts; no role, but what fills before the
/// reply is written takes.
bool add_reply_fills(Value order, const venue::OrderReport& report, Records& out) {
  const Value list = order.find("fills");
  if (list.is_null()) return true;
  for (const Value item : list.elements()) {
    venue::Fill fill;
    if (!report.trade_type || !report.update.venue_time) return false;
    if (!read_fill(Market::spot, item, {"tradeId", "price", "qty", "commission", "commissionAsset"}, *report.trade_type,
                   fill)) {
      return false;
    }
    fill.trade.client_order_id = report.update.client_order_id;
    fill.trade.exchange_order_id = report.update.exchange_order_id;
    fill.trade.fill_time = *report.update.venue_time;
    fill.symbol = report.symbol;
    out.add(std::move(fill));
  }
  return list.is_array();
}

}  // namespace

// --- Objects of replies --------------------------------------------------------------------------------------------

bool add_order(Value order, Records& out) {
  venue::OrderReport report;
  if (!read_reply_order(order, report)) return false;
  out.add(std::move(report));
  return true;
}

bool add_orders(Value list, Records& out) {
  for (const Value order : list.elements()) {
    if (!add_order(order, out)) return false;
  }
  return list.is_array();
}

bool add_new_order_reply(Market market, const venue::NewOrder& asked, Value order, Records& out) {
  venue::OrderReport report;
  OrderUpdate& update = report.update;
  if (order.find("status").exists()) {
    if (!read_reply_order(order, report)) return false;
  } else {
    // The shortest form says that the venue has the order, and nothing more.
    update.exchange_order_id = read_id<ExchangeOrderId>(order.find("orderId").scalar());
    update.venue_time = read_ms(order.find("transactTime"));
    update.new_state = OrderState::open;
    if (!update.exchange_order_id) return false;
  }
  update.client_order_id = asked.client_order_id;
  report.symbol = asked.symbol;
  if (market == Market::spot && !add_reply_fills(order, report, out)) return false;
  out.add(std::move(report));
  return true;
}

bool add_named_order(const venue::OrderRef& asked, Value order, Records& out) {
  venue::OrderReport report;
  OrderUpdate& update = report.update;
  if (!read_reply_order(order, report)) return false;
  if (asked.exchange_order_id && asked.exchange_order_id != update.exchange_order_id) return false;
  if (!asked.client_order_id.empty()) update.client_order_id = asked.client_order_id;
  out.add(std::move(report));
  return true;
}

bool add_fills_page(Market market, const venue::QueryFills& asked, Duration window, Value list, Records& out) {
  std::size_t count = 0;
  std::optional<Time> last;
  for (const Value item : list.elements()) {
    const Value buyer = market == Market::spot ? item.find("isBuyer") : item.find("buyer");
    const Value maker = market == Market::spot ? item.find("isMaker") : item.find("maker");
    const auto is_buyer = buyer.boolean();
    const auto is_maker = maker.boolean();
    const auto time = read_ms(item.find("time"));
    const auto position_side = position_side_of(item.find("positionSide"));
    venue::Fill fill;
    TradeUpdate& trade = fill.trade;
    trade.exchange_order_id = read_id<ExchangeOrderId>(item.find("orderId").scalar());
    if (!is_buyer || !is_maker || !time || !trade.exchange_order_id || !position_side) return false;
    const TradeType side = *is_buyer ? TradeType::buy : TradeType::sell;
    if (!read_fill(market, item, {"id", "price", "qty", "commission", "commissionAsset"}, side, fill)) return false;
    if (!read_optional(item.find("realizedPnl"), trade.realized_profit)) return false;
    if (asked.order && asked.order->exchange_order_id == trade.exchange_order_id &&
        !asked.order->client_order_id.empty()) {
      trade.client_order_id = asked.order->client_order_id;
    }
    trade.fill_time = *time;
    trade.is_taker = !*is_maker;
    fill.symbol = Symbol(item.find("symbol").string());
    fill.position_side = *position_side;
    last = last ? std::max(*last, *time) : *time;
    out.add(std::move(fill));
    ++count;
  }
  venue::FillsPage page;
  const bool by_order = names_order(asked);
  if (count >= kFillsPerPage) {
    page.more = true;
    // Trades at the edge may share their millisecond with ones beyond it, so the edge is asked for again (trade ids
    // remove what comes twice), but never the same range: should one millisecond fill a page, time goes on. The fills
    // of one order cannot be continued by time.
    if (!by_order) page.next_start = std::max(*last, from_unix_ms(to_unix_ms(asked.start) + 1));
  } else if (!by_order && asked.start + window < asked.end) {
    page.more = true;
    page.next_start = asked.start + window;
  }
  out.add(page);
  return list.is_array();
}

bool add_balance(Value asset, Value free, Value locked, std::optional<Time> venue_time, Records& out) {
  venue::BalanceReport report;
  report.asset = asset.string();
  report.available = free.decimal();
  const auto held = locked.decimal();
  if (report.asset.empty() || !report.available || !held) return false;
  report.total = Decimal::checked_add(*report.available, *held);
  report.venue_time = venue_time;
  if (!report.total) return false;
  out.add(std::move(report));
  return true;
}

// --- The user stream -----------------------------------------------------------------------------------------------

bool add_execution(Market market, Value order, Records& out) {
  venue::OrderReport report;
  OrderUpdate& update = report.update;
  // On spot `C` is the order's id where `c` is the one of the cancel; USD-M always writes the order's own to `c`.
  const std::string_view original = order.find("C").string();
  const std::string_view client_order_id = original.empty() ? order.find("c").string() : original;
  update.client_order_id = read_id<ClientOrderId>(client_order_id);
  update.exchange_order_id = read_id<ExchangeOrderId>(order.find("i").scalar());
  update.venue_time = read_ms(order.find("T"));
  if (!update.exchange_order_id || !update.venue_time) return false;

  const std::string_view execution = order.find("x").string();
  const venue::FillOrigin origin = market == Market::usd_m ? origin_of(client_order_id) : venue::FillOrigin::order;
  const auto trade_id = order.find("t").integer();
  const auto position_side = position_side_of(order.find("ps"));
  // CALCULATED is how liquidations and deleveraging execute. Without an id of the trade the list of fills must tell it.
  const bool calculated = execution == "CALCULATED" && trade_id && *trade_id > 0;
  if (execution.empty() || !position_side) return false;
  if (execution == "TRADE" || calculated) {
    venue::Fill fill;
    TradeUpdate& trade = fill.trade;
    const auto side = side_of(order.find("S").string());
    const auto maker = order.find("m").boolean();
    if (!side || !maker || !read_fill(market, order, {"t", "L", "l", "n", "N"}, *side, fill)) return false;
    if (!read_optional(order.find("rp"), trade.realized_profit)) return false;
    trade.client_order_id = update.client_order_id;
    trade.exchange_order_id = update.exchange_order_id;
    trade.fill_time = *update.venue_time;
    trade.is_taker = !*maker;
    fill.symbol = Symbol(order.find("s").string());
    fill.position_side = *position_side;
    fill.origin = calculated && origin == venue::FillOrigin::order ? venue::FillOrigin::liquidation : origin;
    out.add(std::move(fill));
  }
  // What the venue trades by itself is no order of anybody, and its states have words of their own.
  const std::string_view status = order.find("X").string();
  if (status == "NEW_INSURANCE" || status == "NEW_ADL") return true;
  if (!read_report(order, kEventKeys, report)) return false;
  if (!read_executed(order.find("Z"), update.executed_amount_quote)) return false;
  out.add(std::move(report));
  return true;
}

}  // namespace calypte::connector::binance
