// What became of orders on the perpetual market, and the words that they are told in.
#include <algorithm>

#include "sim/dialects/binance/perpetual_venue.hpp"

namespace calypte::sim::binance {
namespace perpetual {

std::string_view type_word(const OrderRequest& request) noexcept { return request.market ? "MARKET" : "LIMIT"; }

std::string_view time_in_force_word(const OrderRequest& request) noexcept {
  // A market order has none, and shows this one.
  if (request.market) return "GTC";
  if (request.post_only) return "GTX";
  if (request.time_in_force == TimeInForce::good_till_cancel) return "GTC";
  return request.time_in_force == TimeInForce::fill_or_kill ? "FOK" : "IOC";
}

std::string_view position_side_word(PositionSide side) noexcept {
  switch (side) {
    case PositionSide::long_side:
      return "LONG";
    case PositionSide::short_side:
      return "SHORT";
    case PositionSide::net:
      break;
  }
  return "BOTH";
}

std::string_view status_word(const OrderRecord& order) noexcept {
  switch (order.state) {
    case OrderState::pending:
    case OrderState::active:
      return order.filled.is_zero() ? "NEW" : "PARTIALLY_FILLED";
    case OrderState::filled:
      return "FILLED";
    case OrderState::rejected:
      return "REJECTED";
    case OrderState::cancelled:
      break;
  }
  if (order.close_reason == CloseReason::cancelled) return "CANCELED";
  return order.close_reason == CloseReason::self_trade ? "EXPIRED_IN_MATCH" : "EXPIRED";
}

std::string plain(const Decimal& value) { return value.normalized().to_string(); }

std::string money(const Decimal& value) {
  const Decimal plain = value.normalized();
  return plain.scale() >= kMoneyPlaces ? plain.to_string()
                                       : plain.rescaled(kMoneyPlaces, Rounding::toward_zero).to_string();
}

Decimal max_quantity(const Instrument& instrument) { return instrument.lot * 10'000'000; }
Decimal max_price(const Instrument& instrument) {
  return (instrument.start_price * 100).round_to_multiple(instrument.tick, Rounding::floor);
}

}  // namespace perpetual

namespace {

constexpr std::int64_t kDefaultLimit = 500;
constexpr std::int64_t kMaxLimit = 1000;
constexpr std::int64_t kWeekMs = 7LL * 24 * 60 * 60 * 1000;

/// Which part of a list is asked for: from an id on, or within at most seven days, by default the last ones.
struct Window {
  std::optional<std::int64_t> from;
  std::int64_t start = 0;
  std::int64_t end = 0;
  bool oldest_first = false;  ///< a beginning was named: the oldest so many, else the newest
  std::size_t limit = 0;

  [[nodiscard]] bool takes(std::uint64_t id, std::int64_t ms) const {
    return from ? static_cast<std::int64_t>(id) >= *from : ms >= start && ms <= end;
  }
  [[nodiscard]] std::string list(std::vector<std::string> items) const {
    if (items.size() > limit) {
      const auto extra = static_cast<std::ptrdiff_t>(items.size() - limit);
      if (from || oldest_first) {
        items.erase(items.end() - extra, items.end());
      } else {
        items.erase(items.begin(), items.begin() + extra);
      }
    }
    std::string text;
    Writer out(text);
    out.begin_array();
    for (const std::string& item : items) out.raw(item);
    out.end_array();
    return text;
  }
};

std::variant<Window, Answer> window_of(const Parameters& parameters, std::string_view from_name, std::int64_t now) {
  for (const std::string_view name :
       {from_name, std::string_view("startTime"), std::string_view("endTime"), std::string_view("limit")}) {
    if (parameters.has(name) && !parameters.integer(name)) return illegal(name, "^[0-9]{1,20}$");
  }
  Window window;
  window.from = parameters.integer(from_name);
  const auto start = parameters.integer("startTime");
  const auto end = parameters.integer("endTime");
  if (window.from && (start || end)) {
    return failure(code::kBadCombination, "Combination of optional parameters invalid.");
  }
  if (start && end && (*end < *start || *end - *start > kWeekMs)) {
    return failure(code::kTooLongAgo, "More than 7 days between startTime and endTime.");
  }
  window.end = end ? *end : start ? *start + kWeekMs : now;
  window.start = start ? *start : window.end - kWeekMs;
  window.oldest_first = start.has_value();
  const std::int64_t limit = parameters.integer("limit").value_or(kDefaultLimit);
  if (limit < 1) return failure(code::kBadValue, "Data sent for parameter 'limit' is not valid.");
  window.limit = static_cast<std::size_t>(std::min(limit, kMaxLimit));
  return window;
}

std::string_view self_trade_word(SelfTradePrevention mode) noexcept {
  switch (mode) {
    case SelfTradePrevention::cancel_maker:
      return "EXPIRE_MAKER";
    case SelfTradePrevention::cancel_taker:
      return "EXPIRE_TAKER";
    case SelfTradePrevention::cancel_both:
      return "EXPIRE_BOTH";
    case SelfTradePrevention::none:
      break;
  }
  return "NONE";
}

}  // namespace

void BinancePerpetualVenue::write_order(Writer& out, const OrderRecord& order, bool averages, bool with_time,
                                        bool always_new) const {
  const OrderRequest& request = order.request;
  const Instrument& spec = exchange_.instruments()[request.instrument];
  const Decimal filled = always_new ? Decimal{} : order.filled;
  const std::string executed = quantity_text(spec, filled);
  out.begin_object().key("orderId").integer(order.id).field("symbol", spec.symbol);
  out.field("status", always_new ? std::string_view("NEW") : perpetual::status_word(order));
  out.field("clientOrderId", request.client_id);
  out.field("price", price_text(spec, request.market ? Decimal{} : request.price));
  if (averages) {
    const Decimal value = always_new ? Decimal{} : order.filled_value;
    out.field("avgPrice", filled.is_zero() ? "0.00000" : perpetual::money(divide(value, filled, kMoneyPlaces)));
    out.field("cumQuote", perpetual::plain(value));
  }
  out.field("origQty", quantity_text(spec, request.quantity)).field("executedQty", executed);
  if (!with_time) out.field("cumQty", executed);
  out.field("timeInForce", perpetual::time_in_force_word(request)).field("type", perpetual::type_word(request));
  out.key("reduceOnly").boolean(request.reduce_only).key("closePosition").boolean(false);
  out.field("side", request.side == Side::buy ? "BUY" : "SELL");
  out.field("positionSide", perpetual::position_side_word(request.position_side)).field("stopPrice", "0");
  out.field("workingType", "CONTRACT_PRICE").key("priceProtect").boolean(false);
  out.field("origType", perpetual::type_word(request)).field("priceMatch", "NONE");
  out.field("selfTradePreventionMode", self_trade_word(request.self_trade));
  out.key("goodTillDate").integer(std::int64_t{0});
  if (with_time) out.key("time").integer(venue_ms(order.created));
  out.key("updateTime").integer(venue_ms(always_new ? order.created : order.updated)).end_object();
}

std::string BinancePerpetualVenue::order_reply(const OrderRecord& order, bool always_new) const {
  std::string text;
  Writer out(text);
  // An acknowledgement knows nothing of what the book made of the order; the answer to a cancel or a change does.
  const bool unknown = always_new && order.state != OrderState::rejected;
  write_order(out, order, perpetual_quirks_.averages_in_replies, false, unknown);
  return text;
}

std::string BinancePerpetualVenue::order_object(const OrderRecord& order) const {
  std::string text;
  Writer out(text);
  write_order(out, order, true, true, false);
  return text;
}

std::variant<const OrderRecord*, Answer> BinancePerpetualVenue::find_order(const Call& call) const {
  const auto instrument = named_instrument(call.parameters);
  if (const Answer* refused = std::get_if<Answer>(&instrument)) return *refused;
  const bool by_id = call.parameters.has("orderId");
  if (!by_id && !call.parameters.has("origClientOrderId")) {
    return failure(code::kMandatoryParameter,
                   "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!");
  }
  const AccountId account = accounts_[call.account].account;
  const OrderRecord* none = nullptr;
  const OrderRecord* order = nullptr;
  if (by_id) {
    const auto id = call.parameters.integer("orderId");
    if (!id) return illegal("orderId", "^[0-9]{1,20}$");
    order = exchange_.order(static_cast<OrderId>(*id));
  } else if (const auto id = exchange_.find_client_id(account, call.parameters.get("origClientOrderId"))) {
    order = exchange_.order(*id);
  }
  if (order == nullptr || order->request.account != account ||
      order->request.instrument != std::get<std::size_t>(instrument)) {
    return none;
  }
  return order;
}

Answer BinancePerpetualVenue::get_order(const Call& call) const {
  const auto found = find_order(call);
  if (const Answer* refused = std::get_if<Answer>(&found)) return *refused;
  const OrderRecord* order = std::get<const OrderRecord*>(found);
  if (order == nullptr) return failure(code::kNoSuchOrder, "Order does not exist.");
  return success(order_object(*order));
}

Answer BinancePerpetualVenue::get_open_order(const Call& call) const {
  const auto found = find_order(call);
  if (const Answer* refused = std::get_if<Answer>(&found)) return *refused;
  const OrderRecord* order = std::get<const OrderRecord*>(found);
  if (order == nullptr || is_closed(order->state)) return failure(code::kNoSuchOrder, "Order does not exist.");
  return success(order_object(*order));
}

Answer BinancePerpetualVenue::get_open_orders(const Call& call) const {
  std::optional<std::size_t> only;
  if (call.parameters.has("symbol")) {
    const auto instrument = named_instrument(call.parameters);
    if (const Answer* refused = std::get_if<Answer>(&instrument)) return *refused;
    only = std::get<std::size_t>(instrument);
  }
  std::string list;
  Writer out(list);
  out.begin_array();
  for (const OrderId id : exchange_.open_orders(accounts_[call.account].account)) {
    const OrderRecord& order = *exchange_.order(id);
    if (!only || order.request.instrument == *only) out.raw(order_object(order));
  }
  out.end_array();
  return success(list);
}

Answer BinancePerpetualVenue::get_all_orders(const Call& call) const {
  std::optional<std::size_t> only;
  if (call.parameters.has("symbol")) {
    const auto instrument = named_instrument(call.parameters);
    if (const Answer* refused = std::get_if<Answer>(&instrument)) return *refused;
    only = std::get<std::size_t>(instrument);
  }
  const auto window = window_of(call.parameters, "orderId", venue_ms(call.now));
  if (const Answer* refused = std::get_if<Answer>(&window)) return *refused;
  const Window& wanted = std::get<Window>(window);
  std::vector<std::string> items;
  for (const OrderId id : exchange_.orders(accounts_[call.account].account)) {
    const OrderRecord& order = *exchange_.order(id);
    if (only && order.request.instrument != *only) continue;
    if (wanted.takes(id, venue_ms(order.created))) items.push_back(order_object(order));
  }
  return success(wanted.list(std::move(items)));
}

Answer BinancePerpetualVenue::get_user_trades(const Call& call) const {
  std::optional<std::size_t> only;
  if (call.parameters.has("symbol")) {
    const auto instrument = named_instrument(call.parameters);
    if (const Answer* refused = std::get_if<Answer>(&instrument)) return *refused;
    only = std::get<std::size_t>(instrument);
  } else {
    return mandatory("symbol");
  }
  const auto window = window_of(call.parameters, "fromId", venue_ms(call.now));
  if (const Answer* refused = std::get_if<Answer>(&window)) return *refused;
  const Window& wanted = std::get<Window>(window);
  const auto order = call.parameters.integer("orderId");
  if (call.parameters.has("orderId") && !order) return illegal("orderId", "^[0-9]{1,20}$");
  std::vector<std::string> items;
  for (const FillRecord& fill : exchange_.fills(accounts_[call.account].account)) {
    if (fill.instrument != *only || (order && static_cast<std::int64_t>(fill.order) != *order)) continue;
    if (!wanted.takes(fill.public_id, venue_ms(fill.time))) continue;
    const Instrument& spec = exchange_.instruments()[fill.instrument];
    std::string text;
    Writer out(text);
    out.begin_object().field("symbol", spec.symbol).key("id").integer(fill.public_id);
    out.key("orderId").integer(fill.order).field("side", fill.side == Side::buy ? "BUY" : "SELL");
    out.field("price", price_text(spec, fill.price)).field("qty", quantity_text(spec, fill.quantity));
    out.field("realizedPnl", perpetual::money(fill.realized));
    out.field("quoteQty", perpetual::plain(fill.price * fill.quantity));
    out.field("commission", perpetual::money(fill.fee)).field("commissionAsset", fill.fee_asset);
    out.key("time").integer(venue_ms(fill.time));
    out.field("positionSide", perpetual::position_side_word(fill.position_side));
    out.key("buyer").boolean(fill.side == Side::buy).key("maker").boolean(fill.maker).end_object();
    items.push_back(std::move(text));
  }
  return success(wanted.list(std::move(items)));
}

Answer BinancePerpetualVenue::get_order_counts(const Call& call) {
  std::string text;
  Writer out(text);
  write_rate_limits(out, call.account, false, true, call.now);
  return success(text);
}

}  // namespace calypte::sim::binance
