// How the spot market writes orders and fills in its answers.
#include "sim/dialects/binance/order_words.hpp"
#include "sim/dialects/binance/spot_venue.hpp"

namespace calypte::sim::binance {

std::string_view type_word(const OrderRequest& request) noexcept {
  if (request.market) return "MARKET";
  return request.post_only ? "LIMIT_MAKER" : "LIMIT";
}

std::string_view time_in_force_word(const OrderRequest& request) noexcept {
  // A market order has none, and shows this one.
  if (request.market || request.time_in_force == TimeInForce::good_till_cancel) return "GTC";
  return request.time_in_force == TimeInForce::fill_or_kill ? "FOK" : "IOC";
}

std::string_view expiry_word(const OrderRecord& order) noexcept {
  if (status_word(order) != "EXPIRED") return {};
  if (order.request.market) return "INSUFFICIENT_LIQUIDITY";
  return order.close_reason == CloseReason::killed ? "UNFILLED_FOK_ORDER_EXPIRED" : "UNFILLED_IOC_QUANTITY_EXPIRED";
}

const BinanceSpotVenue::Extra& BinanceSpotVenue::extra_of(OrderId id) const {
  static const Extra kNone;
  const auto found = extras_.find(id);
  return found == extras_.end() ? kNone : found->second;
}

void BinanceSpotVenue::write_terms(Writer& out, const OrderRecord& order) const {
  const OrderRequest& request = order.request;
  const Instrument& spec = exchange_.instruments()[request.instrument];
  out.field("price", price_text(spec, request.market ? Decimal{} : request.price));
  out.field("origQty", quantity_text(spec, request.quantity)).field("executedQty", quantity_text(spec, order.filled));
  out.field("origQuoteOrderQty", value_text(extra_of(order.id).quote_quantity));
  out.field("cummulativeQuoteQty", value_text(order.filled_value));
  out.field("status", status_word(order)).field("timeInForce", time_in_force_word(request));
  out.field("type", type_word(request)).field("side", side_word(request.side));
}

std::string BinanceSpotVenue::order_object(const OrderRecord& order) const {
  const Instrument& spec = exchange_.instruments()[order.request.instrument];
  std::string text;
  Writer out(text);
  out.begin_object().field("symbol", spec.symbol).key("orderId").integer(order.id);
  out.key("orderListId").integer(std::int64_t{-1}).field("clientOrderId", order.request.client_id);
  write_terms(out, order);
  out.field("stopPrice", price_text(spec, {})).field("icebergQty", quantity_text(spec, {}));
  out.key("time").integer(venue_ms(order.created)).key("updateTime").integer(venue_ms(order.updated));
  out.key("isWorking").boolean(true).key("workingTime").integer(venue_ms(order.created));
  out.field("selfTradePreventionMode", self_trade_word(order.request.self_trade));
  if (const std::string_view reason = expiry_word(order); !reason.empty()) out.field("expiryReason", reason);
  out.end_object();
  return text;
}

std::string BinanceSpotVenue::trade_object(const FillRecord& fill) const {
  const Instrument& spec = exchange_.instruments()[fill.instrument];
  std::string text;
  Writer out(text);
  out.begin_object().field("symbol", spec.symbol).key("id").integer(fill.public_id);
  out.key("orderId").integer(fill.order).key("orderListId").integer(std::int64_t{-1});
  out.field("price", price_text(spec, fill.price)).field("qty", quantity_text(spec, fill.quantity));
  out.field("quoteQty", value_text(fill.price * fill.quantity));
  out.field("commission", value_text(fill.fee)).field("commissionAsset", fill.fee_asset);
  out.key("time").integer(venue_ms(fill.time)).key("isBuyer").boolean(fill.side == Side::buy);
  out.key("isMaker").boolean(fill.maker).key("isBestMatch").boolean(true).end_object();
  return text;
}

std::string BinanceSpotVenue::order_reply(const OrderRecord& order, Reply reply, std::size_t first_fill,
                                          Time now) const {
  const Instrument& spec = exchange_.instruments()[order.request.instrument];
  std::string text;
  Writer out(text);
  out.begin_object().field("symbol", spec.symbol).key("orderId").integer(order.id);
  out.key("orderListId").integer(std::int64_t{-1}).field("clientOrderId", order.request.client_id);
  out.key("transactTime").integer(venue_ms(now));
  if (reply == Reply::acknowledge) {
    out.end_object();
    return text;
  }
  write_terms(out, order);
  out.key("workingTime").integer(venue_ms(order.created));
  out.field("selfTradePreventionMode", self_trade_word(order.request.self_trade));
  if (const std::string_view reason = expiry_word(order); !reason.empty()) out.field("expiryReason", reason);
  if (reply == Reply::full) {
    out.key("fills").begin_array();
    const std::vector<FillRecord>& fills = exchange_.fills(order.request.account);
    for (std::size_t i = first_fill; i < fills.size(); ++i) {
      const FillRecord& fill = fills[i];
      if (fill.order != order.id) continue;
      out.begin_object().field("price", price_text(spec, fill.price)).field("qty", quantity_text(spec, fill.quantity));
      out.field("commission", value_text(fill.fee)).field("commissionAsset", fill.fee_asset);
      out.key("tradeId").integer(fill.public_id).end_object();
    }
    out.end_array();
  }
  out.end_object();
  return text;
}

std::string BinanceSpotVenue::cancel_reply(const OrderRecord& order, Time now) const {
  const Extra& extra = extra_of(order.id);
  std::string text;
  Writer out(text);
  out.begin_object().field("symbol", exchange_.instruments()[order.request.instrument].symbol);
  out.field("origClientOrderId", extra.original_client_id).key("orderId").integer(order.id);
  out.key("orderListId").integer(std::int64_t{-1}).field("clientOrderId", extra.cancel_id);
  out.key("transactTime").integer(venue_ms(now));
  write_terms(out, order);
  out.field("selfTradePreventionMode", self_trade_word(order.request.self_trade)).end_object();
  return text;
}

}  // namespace calypte::sim::binance
