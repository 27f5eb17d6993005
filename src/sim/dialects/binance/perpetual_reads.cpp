// What became of orders on the perpetual market, and the words that they are told in.
#include "sim/dialects/binance/order_words.hpp"
#include "sim/dialects/binance/page.hpp"
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

/// Without times, the last seven days.
PageRules pages(std::int64_t now_ms) {
  return {.longest_ms = std::int64_t{7} * 24 * 60 * 60 * 1000,
          .too_long = "More than 7 days between startTime and endTime.",
          .recent_until = now_ms};
}

}  // namespace

void BinancePerpetualVenue::write_order(Writer& out, const OrderRecord& order, bool averages, bool with_time,
                                        bool always_new) const {
  const OrderRequest& request = order.request;
  const Instrument& spec = exchange_.instruments()[request.instrument];
  const Decimal filled = always_new ? Decimal{} : order.filled;
  const std::string executed = quantity_text(spec, filled);
  out.begin_object().key("orderId").integer(order.id).field("symbol", spec.symbol);
  out.field("status", always_new ? std::string_view("NEW") : status_word(order));
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
  out.field("side", side_word(request.side));
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

Answer BinancePerpetualVenue::get_open_order(const Call& call) const {
  const auto found = find_order(call);
  if (const Answer* refused = std::get_if<Answer>(&found)) return *refused;
  const OrderRecord* order = std::get<const OrderRecord*>(found);
  if (order == nullptr || is_closed(order->state)) return failure(code::kNoSuchOrder, "Order does not exist.");
  return success(order_object(*order));
}

Answer BinancePerpetualVenue::get_all_orders(const Call& call) const {
  const auto symbol = optional_instrument(call.parameters);
  if (const Answer* refused = std::get_if<Answer>(&symbol)) return *refused;
  const auto only = std::get<std::optional<std::size_t>>(symbol);
  const auto window = read_page(call.parameters, "orderId", pages(venue_ms(call.now)));
  if (const Answer* refused = std::get_if<Answer>(&window)) return *refused;
  const Page& wanted = std::get<Page>(window);
  std::vector<std::string> items;
  for (const OrderId id : exchange_.orders(accounts_[call.account].account)) {
    const OrderRecord& order = *exchange_.order(id);
    if (only && order.request.instrument != *only) continue;
    if (wanted.takes(id, venue_ms(order.created))) items.push_back(order_object(order));
  }
  return success(wanted.list(std::move(items)));
}

Answer BinancePerpetualVenue::get_user_trades(const Call& call) const {
  const auto instrument = named_instrument(call.parameters);
  if (const Answer* refused = std::get_if<Answer>(&instrument)) return *refused;
  const auto window = read_page(call.parameters, "fromId", pages(venue_ms(call.now)));
  if (const Answer* refused = std::get_if<Answer>(&window)) return *refused;
  const Page& wanted = std::get<Page>(window);
  const auto order = call.parameters.integer("orderId");
  if (call.parameters.has("orderId") && !order) return illegal("orderId", "^[0-9]{1,20}$");
  std::vector<std::string> items;
  for (const FillRecord& fill : exchange_.fills(accounts_[call.account].account)) {
    if (fill.instrument != std::get<std::size_t>(instrument) ||
        (order && static_cast<std::int64_t>(fill.order) != *order))
      continue;
    if (!wanted.takes(fill.public_id, venue_ms(fill.time))) continue;
    const Instrument& spec = exchange_.instruments()[fill.instrument];
    std::string text;
    Writer out(text);
    out.begin_object().field("symbol", spec.symbol).key("id").integer(fill.public_id);
    out.key("orderId").integer(fill.order).field("side", side_word(fill.side));
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
