// Orders and cancels of the perpetual market.
#include <algorithm>
#include <fmt/format.h>

#include "sim/dialects/binance/order_words.hpp"
#include "sim/dialects/binance/perpetual_venue.hpp"

namespace calypte::sim::binance {
namespace {

namespace futures {
constexpr int kMarginInsufficient = -2019;
constexpr int kReduceOnlyRejected = -2022;
constexpr int kMaxOpenOrders = -2025;
constexpr int kMaxPosition = -2027;
constexpr int kPriceAboveMax = -4002;
constexpr int kQuantityZero = -4003;
constexpr int kQuantityBelowMin = -4004;
constexpr int kQuantityAboveMax = -4005;
constexpr int kPriceBelowMin = -4013;
constexpr int kNotATick = -4014;
constexpr int kPriceTooHigh = -4016;
constexpr int kNotAStep = -4023;
constexpr int kPriceTooLow = -4024;
constexpr int kPositionSide = -4061;
constexpr int kDuplicateClientId = -4116;
constexpr int kUseAlgoService = -4120;
constexpr int kSymbolClosed = -4141;
constexpr int kMinNotional = -4164;
constexpr int kFillOrKill = -5021;
constexpr int kPostOnly = -5022;
constexpr int kNothingToModify = -5027;
}  // namespace futures

constexpr std::size_t kMaxBatchPlace = 5;
constexpr std::size_t kMaxBatchCancel = 10;
constexpr std::int64_t kPriceFactorUpPercent = 115;
constexpr std::int64_t kPriceFactorDownPercent = 85;
constexpr std::string_view kConditional[] = {"STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET",
                                             "TRAILING_STOP_MARKET"};

std::optional<Answer> read_number(const Parameters& parameters, std::string_view name, int places, Decimal& out) {
  return read_number(parameters, name, places, "Precision is over the maximum defined for this asset.", out);
}

/// An answer as one element of the answer to a batch.
std::string element(const Answer& answer) { return answer.ok() ? answer.body : error_body(answer); }

}  // namespace

std::optional<Answer> BinancePerpetualVenue::read_terms(const Parameters& parameters, Wanted& wanted) const {
  OrderRequest& request = wanted.request;
  const Instrument& spec = exchange_.instruments()[request.instrument];
  if (auto refused = read_side(parameters, request.side)) return refused;
  const std::string_view type = parameters.get("type");
  if (type.empty()) return mandatory("type");
  if (std::find(std::begin(kConditional), std::end(kConditional), type) != std::end(kConditional)) {
    return failure(futures::kUseAlgoService,
                   "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead.");
  }
  if (type != "LIMIT" && type != "MARKET") return failure(code::kInvalidType, "Invalid orderType.");
  request.market = type == "MARKET";
  for (const std::string_view name : {"stopPrice", "activationPrice", "callbackRate", "quoteOrderQty"}) {
    if (parameters.has(name)) return not_required(name);
  }
  if (parameters.has("priceMatch") && parameters.get("priceMatch") != "NONE") return bad_value("priceMatch");
  if (request.market) {
    if (parameters.has("price")) return not_required("price");
    if (parameters.has("timeInForce")) return not_required("timeInForce");
  } else {
    const std::string_view word = parameters.get("timeInForce");
    if (word.empty()) return mandatory("timeInForce");
    if (word == "IOC") {
      request.time_in_force = TimeInForce::immediate_or_cancel;
    } else if (word == "FOK") {
      request.time_in_force = TimeInForce::fill_or_kill;
    } else if (word == "GTX") {
      request.post_only = true;
    } else if (word != "GTC") {
      return failure(code::kInvalidTimeInForce, "Invalid timeInForce.");
    }
    if (auto refused = read_number(parameters, "price", places(spec.tick) + 1, request.price)) return refused;
  }
  const std::string_view position_side = parameters.get("positionSide");
  if (position_side == "LONG") {
    request.position_side = PositionSide::long_side;
  } else if (position_side == "SHORT") {
    request.position_side = PositionSide::short_side;
  } else if (!position_side.empty() && position_side != "BOTH") {
    return bad_value("positionSide");
  }
  if (parameters.has("reduceOnly")) {
    const std::string_view word = parameters.get("reduceOnly");
    if (word != "true" && word != "false") return bad_value("reduceOnly");
    if (exchange_.hedge_mode(request.account)) return not_required("reduceOnly");
    request.reduce_only = word == "true";
  }
  return read_number(parameters, "quantity", places(spec.lot), request.quantity);
}

std::optional<Answer> BinancePerpetualVenue::check_filters(const OrderRequest& request) const {
  const Instrument& spec = exchange_.instruments()[request.instrument];
  if (!spec.tradable) return failure(futures::kSymbolClosed, "Symbol is closed.");
  const Decimal& mark = exchange_.prices(request.instrument)->mark();
  if (!request.market) {
    if (request.price > perpetual::max_price(spec))
      return failure(futures::kPriceAboveMax, "Price greater than max price.");
    if (request.price < spec.tick) return failure(futures::kPriceBelowMin, "Price less than min price.");
    if (!request.price.is_multiple_of(spec.tick)) {
      return failure(futures::kNotATick, "Price not increased by tick size.");
    }
    const Decimal highest =
        (mark * kPriceFactorUpPercent * Decimal::from_parts(1, 2)).round_to_multiple(spec.tick, Rounding::floor);
    const Decimal lowest =
        (mark * kPriceFactorDownPercent * Decimal::from_parts(1, 2)).round_to_multiple(spec.tick, Rounding::ceiling);
    if (request.side == Side::buy && request.price > highest) {
      return failure(futures::kPriceTooHigh,
                     fmt::format("Limit price can't be higher than {}.", price_text(spec, highest)));
    }
    if (request.side == Side::sell && request.price < lowest) {
      return failure(futures::kPriceTooLow,
                     fmt::format("Limit price can't be lower than {}.", price_text(spec, lowest)));
    }
  }
  if (request.quantity.is_zero()) return failure(futures::kQuantityZero, "Quantity less than or equal to zero.");
  if (request.quantity < spec.lot) return failure(futures::kQuantityBelowMin, "Quantity less than min quantity.");
  if (request.quantity > perpetual::max_quantity(spec)) {
    return failure(futures::kQuantityAboveMax, "Quantity greater than max quantity.");
  }
  if (!request.quantity.is_multiple_of(spec.lot)) {
    return failure(futures::kNotAStep, "Qty not increased by step size.");
  }
  const bool closes = request.reduce_only ||
                      (request.position_side == PositionSide::long_side && request.side == Side::sell) ||
                      (request.position_side == PositionSide::short_side && request.side == Side::buy);
  if (!closes && request.quantity * (request.market ? mark : request.price) < spec.min_notional) {
    return failure(futures::kMinNotional,
                   fmt::format("Order's notional must be no smaller than {} (unless you choose reduce only).",
                               perpetual::plain(spec.min_notional)));
  }
  return std::nullopt;
}

std::variant<BinancePerpetualVenue::Wanted, Answer> BinancePerpetualVenue::read_order(const Call& call) const {
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
    if (word != "ACK" && word != "RESULT") return bad_value("newOrderRespType");
    wanted.reply = word == "ACK" ? Reply::acknowledge : Reply::result;
  }
  if (auto refused = read_self_trade(parameters, wanted.request.self_trade)) return *refused;
  if (auto refused = check_filters(wanted.request)) return *refused;
  return wanted;
}

Answer BinancePerpetualVenue::refused_by_exchange(const OrderRequest& request, Refusal refusal) const {
  const Instrument& spec = exchange_.instruments()[request.instrument];
  switch (refusal) {
    case Refusal::insufficient_margin:
    case Refusal::insufficient_balance:
      return failure(futures::kMarginInsufficient, "Margin is insufficient.");
    case Refusal::reduce_only_rejected:
      return failure(futures::kReduceOnlyRejected, "ReduceOnly Order is rejected.");
    case Refusal::max_position:
      return failure(futures::kMaxPosition, "Exceeded the maximum allowable position at current leverage.");
    case Refusal::position_side_mismatch:
      return failure(futures::kPositionSide, "Order's position side does not match user's setting.");
    case Refusal::duplicate_client_id:
      return failure(futures::kDuplicateClientId, "ClientOrderId is duplicated.");
    case Refusal::too_many_orders:
      return failure(futures::kMaxOpenOrders, "Reach max open order limit.");
    case Refusal::not_tradable:
      return failure(futures::kSymbolClosed, "Symbol is closed.");
    case Refusal::invalid_price:
      return failure(futures::kNotATick, "Price not increased by tick size.");
    case Refusal::invalid_quantity:
      return failure(futures::kNotAStep, "Qty not increased by step size.");
    case Refusal::above_max_notional:
      return failure(futures::kQuantityAboveMax, "Quantity greater than max quantity.");
    case Refusal::too_far: {
      const bool buys = request.side == Side::buy;
      const std::string mark = price_text(spec, exchange_.prices(request.instrument)->mark());
      return failure(buys ? futures::kPriceTooHigh : futures::kPriceTooLow,
                     fmt::format("Limit price can't be {} than {}.", buys ? "higher" : "lower", mark));
    }
    default:
      return failure(code::kUnknown, "An unknown error occurred while processing the request.");
  }
}

Answer BinancePerpetualVenue::test_order(const Call& call) const {
  const auto wanted = read_order(call);
  if (const Answer* refused = std::get_if<Answer>(&wanted)) return *refused;
  return success("{}");
}

Answer BinancePerpetualVenue::place_order(const Call& call) {
  auto read = read_order(call);
  if (const Answer* refused = std::get_if<Answer>(&read)) return *refused;
  Wanted& wanted = std::get<Wanted>(read);
  OrderRequest& request = wanted.request;
  if (request.client_id.empty()) request.client_id = random_text(22);
  request.tag = call.connection;
  // Whether it is allowed at all comes first: what is refused for another reason is not told about the book.
  const Refusal refusal = exchange_.can_accept(request);
  if (refusal != Refusal::none) return refused_by_exchange(request, refusal);
  if (request.post_only && exchange_.would_take(request)) {
    return failure(futures::kPostOnly,
                   "Due to the order could not be executed as maker, the Post Only order will be rejected. The order "
                   "will not be recorded in the order history");
  }
  if (request.time_in_force == TimeInForce::fill_or_kill && !exchange_.would_fill(request)) {
    return failure(futures::kFillOrKill,
                   "Due to the order could not be filled immediately, the FOK order has been rejected. The order will "
                   "not be recorded in the order history");
  }
  const Exchange::Accepted accepted = exchange_.place(request, call.now);
  if (accepted.refusal != Refusal::none) return refused_by_exchange(request, accepted.refusal);
  const bool waits = request.market || request.time_in_force != TimeInForce::good_till_cancel;
  return success(order_reply(*exchange_.order(accepted.id), wanted.reply == Reply::acknowledge || !waits));
}

Answer BinancePerpetualVenue::modify_order(const Call& call) {
  const Parameters& parameters = call.parameters;
  const auto found = find_order(call);
  if (const Answer* refused = std::get_if<Answer>(&found)) return *refused;
  const OrderRecord* order = std::get<const OrderRecord*>(found);
  if (!parameters.has("side")) return mandatory("side");
  if (order == nullptr || exchange_.can_cancel(order->id) != Refusal::none) {
    return failure(code::kNoSuchOrder, "Order does not exist.");
  }
  OrderRequest request = order->request;
  const Instrument& spec = exchange_.instruments()[request.instrument];
  if (parameters.get("side") != (request.side == Side::buy ? "BUY" : "SELL")) {
    return failure(code::kInvalidSide, "Invalid side.");
  }
  if (auto refused = read_number(parameters, "quantity", places(spec.lot), request.quantity)) return *refused;
  if (auto refused = read_number(parameters, "price", places(spec.tick) + 1, request.price)) return *refused;
  if (auto refused = check_filters(request)) return *refused;
  if (request.price == order->request.price && request.quantity == order->request.quantity) {
    return failure(futures::kNothingToModify, "No need to modify the order.");
  }
  const OrderId id = order->id;
  if (request.quantity <= order->filled) {
    // What it has filled already is all that is wanted: nothing is left to rest.
    exchange_.cancel(id, call.now);
    return success(order_reply(*exchange_.order(id), false));
  }
  const Refusal refusal = exchange_.accept_amendment(id, request.price, request.quantity, call.now);
  if (refusal != Refusal::none) return refused_by_exchange(request, refusal);
  exchange_.enter_amendment(id, request.price, request.quantity, {}, call.now);
  return success(order_reply(*exchange_.order(id), false));
}

Answer BinancePerpetualVenue::cancel_order(const Call& call) {
  const auto found = find_order(call);
  if (const Answer* refused = std::get_if<Answer>(&found)) return *refused;
  const OrderRecord* order = std::get<const OrderRecord*>(found);
  if (order == nullptr || exchange_.can_cancel(order->id) != Refusal::none) return unknown_order();
  const OrderId id = order->id;
  exchange_.cancel(id, call.now);
  return success(order_reply(*exchange_.order(id), false));
}

Answer BinancePerpetualVenue::place_batch(const Call& call) {
  if (!call.parameters.has("batchOrders")) return mandatory("batchOrders");
  const venue::PaddedBuffer buffer(call.parameters.get("batchOrders"));
  venue::json::Document document;
  const auto parsed = document.parse(buffer.bytes());
  if (!parsed || !parsed->is_array()) return bad_value("batchOrders");
  if (parsed->size() == 0 || parsed->size() > kMaxBatchPlace) return bad_value("batchOrders");
  std::string list;
  Writer out(list);
  out.begin_array();
  for (const Value each : parsed->elements()) {
    Parameters parameters;
    parameters.add_members(each);
    out.raw(element(place_order(Call{parameters, call.account, call.connection, call.now})));
  }
  out.end_array();
  return success(list);
}

Answer BinancePerpetualVenue::cancel_batch(const Call& call) {
  if (!call.parameters.has("symbol")) return mandatory("symbol");
  // The manual writes the names of the lists with capitals; clients that write them without are served as well.
  const auto spelled = [&](std::string_view name, std::string_view small) {
    return call.parameters.has(small) ? small : name;
  };
  const std::string_view ids = spelled("orderIdList", "orderidlist");
  const bool by_id = call.parameters.has(ids);
  const std::string_view name = by_id ? ids : spelled("origClientOrderIdList", "origclientorderidlist");
  if (!call.parameters.has(name)) return mandatory(name);
  const venue::PaddedBuffer buffer(call.parameters.get(name));
  venue::json::Document document;
  const auto parsed = document.parse(buffer.bytes());
  if (!parsed || !parsed->is_array() || parsed->size() == 0 || parsed->size() > kMaxBatchCancel) return bad_value(name);
  std::string list;
  Writer out(list);
  out.begin_array();
  for (const Value each : parsed->elements()) {
    Parameters parameters;
    parameters.set("symbol", std::string(call.parameters.get("symbol")));
    parameters.set(by_id ? "orderId" : "origClientOrderId", std::string(each.scalar()));
    out.raw(element(cancel_order(Call{parameters, call.account, call.connection, call.now})));
  }
  out.end_array();
  return success(list);
}

void BinancePerpetualVenue::cancel_all(AccountId account, std::size_t instrument, Time now) {
  for (const OrderId id : exchange_.open_orders(account)) {
    if (exchange_.order(id)->request.instrument == instrument) exchange_.cancel(id, now);
  }
}

Answer BinancePerpetualVenue::cancel_open_orders(const Call& call) {
  const auto instrument = named_instrument(call.parameters);
  if (const Answer* refused = std::get_if<Answer>(&instrument)) return *refused;
  cancel_all(accounts_[call.account].account, std::get<std::size_t>(instrument), call.now);
  return success(R"({"code":200,"msg":"The operation of cancel all open order is done."})");
}

Answer BinancePerpetualVenue::set_countdown(const Call& call) {
  const auto instrument = named_instrument(call.parameters);
  if (const Answer* refused = std::get_if<Answer>(&instrument)) return *refused;
  if (!call.parameters.has("countdownTime")) return mandatory("countdownTime");
  const auto ms = call.parameters.integer("countdownTime");
  if (!ms || *ms < 0) return bad_value("countdownTime");
  const std::pair what{accounts_[call.account].account, std::get<std::size_t>(instrument)};
  if (*ms == 0) {
    countdowns_.erase(what);
  } else {
    countdowns_.insert_or_assign(what, call.now + std::chrono::milliseconds{*ms});
  }
  std::string text;
  Writer(text)
      .begin_object()
      .field("symbol", call.parameters.get("symbol"))
      .field("countdownTime", std::to_string(*ms))
      .end_object();
  return success(text);
}

}  // namespace calypte::sim::binance
