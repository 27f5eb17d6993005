// Orders and cancels of the spot market.
#include <algorithm>
#include <fmt/format.h>

#include "sim/dialects/binance/order_words.hpp"
#include "sim/dialects/binance/spot_venue.hpp"

namespace calypte::sim::binance {
namespace {

constexpr int kAssetPrecision = 8;
/// PERCENT_PRICE_BY_SIDE: how far a limit price may be from the reference, as factors.
constexpr std::int64_t kPriceFactorUp = 5;
constexpr std::int64_t kPriceFactorDown = 5;

Answer filter_failure(std::string_view filter) {
  return failure(code::kFilter, fmt::format("Filter failure: {}", filter));
}
Answer rejected(std::string_view why) { return failure(code::kNewOrderRejected, std::string(why)); }

std::optional<Answer> read_number(const Parameters& parameters, std::string_view name, Decimal& out) {
  return read_number(parameters, name, kAssetPrecision, fmt::format("Parameter '{}' has too much precision.", name),
                     out);
}

Answer refused_by_exchange(Refusal refusal) {
  switch (refusal) {
    case Refusal::invalid_price:
      return filter_failure("PRICE_FILTER");
    case Refusal::invalid_quantity:
      return filter_failure("LOT_SIZE");
    case Refusal::below_min_notional:
    case Refusal::above_max_notional:
      return filter_failure("NOTIONAL");
    case Refusal::too_far:
      return filter_failure("PERCENT_PRICE_BY_SIDE");
    case Refusal::too_many_orders:
      return filter_failure("MAX_NUM_ORDERS");
    case Refusal::not_tradable:
      return rejected("Market is closed.");
    case Refusal::duplicate_client_id:
      return rejected("Duplicate order sent.");
    case Refusal::insufficient_balance:
      return rejected("Account has insufficient balance for requested action.");
    default:
      return failure(code::kUnknown, "An unknown error occurred while processing the request.");
  }
}

}  // namespace

std::optional<Answer> BinanceSpotVenue::read_terms(const Parameters& parameters, Wanted& wanted) const {
  OrderRequest& request = wanted.request;
  if (auto refused = read_side(parameters, request.side)) return refused;
  const std::string_view type = parameters.get("type");
  if (type.empty()) return mandatory("type");
  if (type != "LIMIT" && type != "MARKET" && type != "LIMIT_MAKER") {
    return failure(code::kInvalidType, "Invalid orderType.");
  }
  request.market = type == "MARKET";
  request.post_only = type == "LIMIT_MAKER";
  wanted.reply = request.post_only ? Reply::acknowledge : Reply::full;
  for (const std::string_view name : {"stopPrice", "trailingDelta", "icebergQty", "pegPriceType"}) {
    if (parameters.has(name)) return not_required(name);
  }
  if (type == "LIMIT") {
    const std::string_view word = parameters.get("timeInForce");
    if (word.empty()) return mandatory("timeInForce");
    if (word == "IOC") {
      request.time_in_force = TimeInForce::immediate_or_cancel;
    } else if (word == "FOK") {
      request.time_in_force = TimeInForce::fill_or_kill;
    } else if (word != "GTC") {
      return failure(code::kInvalidTimeInForce, "Invalid timeInForce.");
    }
  } else if (parameters.has("timeInForce")) {
    return not_required("timeInForce");
  }
  if (!request.market) {
    if (parameters.has("quoteOrderQty")) return not_required("quoteOrderQty");
    if (auto refused = read_number(parameters, "quantity", request.quantity)) return refused;
    return read_number(parameters, "price", request.price);
  }
  if (parameters.has("price")) return not_required("price");
  if (parameters.has("quantity") && parameters.has("quoteOrderQty")) return not_required("quoteOrderQty");
  if (parameters.has("quantity")) return read_number(parameters, "quantity", request.quantity);
  if (!parameters.has("quoteOrderQty")) {
    return failure(code::kMandatoryParameter,
                   "Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!");
  }
  if (auto refused = read_number(parameters, "quoteOrderQty", wanted.quote_quantity)) return refused;
  if (request.side == Side::buy) {
    request.notional = wanted.quote_quantity;
  } else {
    request.quantity = quantity_for(request.instrument, wanted.quote_quantity);
  }
  return std::nullopt;
}

Decimal BinanceSpotVenue::quantity_for(std::size_t instrument, const Decimal& quote) const {
  const Instrument& spec = exchange_.instruments()[instrument];
  const MatchingEngine& book = exchange_.book(instrument);
  std::vector<EngineLevel> bids;
  book.levels(Side::buy, book.level_count(Side::buy), bids);
  Decimal left = quote;
  Decimal quantity;
  for (const EngineLevel& level : bids) {
    const Decimal price = from_units(level.price, spec.tick);
    const Decimal here = from_units(level.quantity, spec.lot);
    if (price * here < left) {
      quantity += here;
      left -= price * here;
      continue;
    }
    return quantity +
           divide(left, price, kAssetPrecision, Rounding::floor).round_to_multiple(spec.lot, Rounding::floor);
  }
  // The book does not hold that much: what it lacks counts at the price of the last trade, and will expire.
  const Decimal price = exchange_.reference_price(instrument);
  return quantity + divide(left, price, kAssetPrecision, Rounding::floor).round_to_multiple(spec.lot, Rounding::floor);
}

std::optional<Answer> BinanceSpotVenue::check_filters(const Wanted& wanted) const {
  const OrderRequest& request = wanted.request;
  const Instrument& spec = exchange_.instruments()[request.instrument];
  if (!spec.tradable) return rejected("Market is closed.");
  const Decimal reference = exchange_.reference_price(request.instrument);
  if (!request.market) {
    if (request.price < spec.tick || !request.price.is_multiple_of(spec.tick)) return filter_failure("PRICE_FILTER");
    if (request.price > reference * kPriceFactorUp || request.price * kPriceFactorDown < reference) {
      return filter_failure("PERCENT_PRICE_BY_SIDE");
    }
  }
  const Decimal quantity =
      request.notional ? divide(*request.notional, reference, kAssetPrecision, Rounding::floor) : request.quantity;
  if (quantity < spec.lot || quantity > max_quantity(spec)) return filter_failure("LOT_SIZE");
  if (!request.notional && !quantity.is_multiple_of(spec.lot)) return filter_failure("LOT_SIZE");
  const Decimal notional =
      request.notional ? *request.notional : quantity * (request.market ? reference : request.price);
  if (notional < spec.min_notional || (!request.market && notional > spec.max_notional)) {
    return filter_failure("NOTIONAL");
  }
  return std::nullopt;
}

std::variant<BinanceSpotVenue::Wanted, Answer> BinanceSpotVenue::read_order(const Call& call) const {
  const Parameters& parameters = call.parameters;
  const auto instrument = named_instrument(parameters);
  if (const Answer* refused = std::get_if<Answer>(&instrument)) return *refused;
  Wanted wanted;
  wanted.request.account = accounts_[call.account].account;
  wanted.request.instrument = std::get<std::size_t>(instrument);
  if (auto refused = read_terms(parameters, wanted)) return *refused;
  if (auto refused = read_client_id(parameters, wanted.request.client_id)) return *refused;
  if (parameters.has("newOrderRespType")) {
    const std::string_view word = parameters.get("newOrderRespType");
    if (word != "ACK" && word != "RESULT" && word != "FULL") return bad_value("newOrderRespType");
    wanted.reply = word == "ACK" ? Reply::acknowledge : word == "RESULT" ? Reply::result : Reply::full;
  }
  if (auto refused = read_self_trade(parameters, wanted.request.self_trade)) return *refused;
  if (auto refused = check_filters(wanted)) return *refused;
  return wanted;
}

Answer BinanceSpotVenue::test_order(const Call& call) const {
  const auto wanted = read_order(call);
  if (const Answer* refused = std::get_if<Answer>(&wanted)) return *refused;
  return success("{}");
}

Answer BinanceSpotVenue::place_order(const Call& call) {
  auto read = read_order(call);
  if (const Answer* refused = std::get_if<Answer>(&read)) return *refused;
  Wanted& wanted = std::get<Wanted>(read);
  OrderRequest& request = wanted.request;
  if (request.client_id.empty()) request.client_id = random_text(22);
  request.tag = call.connection;
  if (request.post_only) {
    const auto touch = exchange_.book(request.instrument).best(opposite(request.side));
    const auto ticks = to_units(request.price, exchange_.instruments()[request.instrument].tick);
    if (touch && ticks && (request.side == Side::buy ? *touch <= *ticks : *touch >= *ticks)) {
      return rejected("Order would immediately match and take.");
    }
  }
  const std::size_t first_fill = exchange_.fills(request.account).size();
  const Exchange::Accepted accepted = exchange_.place(request, call.now);
  if (accepted.refusal != Refusal::none) return refused_by_exchange(accepted.refusal);
  if (!wanted.quote_quantity.is_zero()) extras_[accepted.id].quote_quantity = wanted.quote_quantity;
  return success(order_reply(*exchange_.order(accepted.id), wanted.reply, first_fill, call.now));
}

std::string BinanceSpotVenue::cancel_and_report(OrderId id, std::string client_id, Time now) {
  Extra& extra = extras_[id];
  extra.original_client_id = exchange_.order(id)->request.client_id;
  extra.cancel_id = client_id.empty() ? random_text(22) : std::move(client_id);
  if (options_.quirks.rekey_on_cancel) exchange_.set_client_id(id, extra.cancel_id);
  exchange_.cancel(id, now);
  return cancel_reply(*exchange_.order(id), now);
}

Answer BinanceSpotVenue::cancel_order(const Call& call) {
  const auto found = find_order(call);
  if (const Answer* refused = std::get_if<Answer>(&found)) return *refused;
  const OrderRecord* order = std::get<const OrderRecord*>(found);
  if (order == nullptr || exchange_.can_cancel(order->id) != Refusal::none) return unknown_order();
  const Parameters& parameters = call.parameters;
  std::string cancel_id;
  if (auto refused = read_client_id(parameters, cancel_id)) return *std::move(refused);
  if (parameters.has("cancelRestrictions")) {
    const std::string_view only = parameters.get("cancelRestrictions");
    if (only != "ONLY_NEW" && only != "ONLY_PARTIALLY_FILLED") return bad_value("cancelRestrictions");
    if ((only == "ONLY_NEW") != order->filled.is_zero()) {
      return failure(code::kCancelRejected, "Order was not canceled due to cancel restrictions.");
    }
  }
  return success(cancel_and_report(order->id, std::move(cancel_id), call.now));
}

Answer BinanceSpotVenue::cancel_open_orders(const Call& call) {
  const auto instrument = named_instrument(call.parameters);
  if (const Answer* refused = std::get_if<Answer>(&instrument)) return *refused;
  std::string list;
  Writer out(list);
  out.begin_array();
  bool any = false;
  for (const OrderId id : exchange_.open_orders(accounts_[call.account].account)) {
    if (exchange_.order(id)->request.instrument != std::get<std::size_t>(instrument)) continue;
    out.raw(cancel_and_report(id, {}, call.now));
    any = true;
  }
  out.end_array();
  if (!any && options_.quirks.cancel_all_of_nothing != 0) {
    return failure(options_.quirks.cancel_all_of_nothing, "Unknown order sent.");
  }
  return success(list);
}

}  // namespace calypte::sim::binance
