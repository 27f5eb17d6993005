#include "sim/dialects/crypto_com/wire_words.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>

namespace calypte::sim::crypto_com {

std::string_view message_of(int code) noexcept {
  switch (code) {
    case code::kOk:
      return "NO_ERROR";
    case code::kDuplicateClientId:
      return "DUPLICATE_CLORDID";
    case code::kNotTradable:
      return "INSTRUMENT_NOT_TRADABLE";
    case code::kInvalidInstrument:
      return "INVALID_INSTRUMENT";
    case code::kInvalidOrderId:
      return "INVALID_ORDERID";
    case code::kInvalidQuantity:
      return "INVALID_ORDERQTY";
    case code::kInvalidOrderType:
      return "INVALID_ORDTYPE";
    case code::kInvalidExecInst:
      return "INVALID_EXECINST";
    case code::kInvalidSide:
      return "INVALID_SIDE";
    case code::kInvalidTimeInForce:
      return "INVALID_TIF";
    case code::kInsufficientBalance:
      return "INSUFFICIENT_AVAILABLE_BALANCE";
    case code::kInvalidPrice:
      return "INVALID_PRICE";
    case code::kMarketNotOpen:
      return "MARKET_IS_NOT_OPEN";
    case code::kTooLarge:
      return "EXCEEDS_MAX_ORDER_SIZE";
    case code::kFarAway:
      return "FAR_AWAY_LIMIT_PRICE";
    case code::kNoActiveOrder:
      return "NO_ACTIVE_ORDER";
    case code::kTooManyOrders:
      return "EXCEEDS_MAX_ALLOWED_ORDERS";
    case code::kTooSmall:
      return "BELOW_MIN_ORDER_SIZE";
    case code::kBadRequest:
      return "Bad request";
    case code::kUnknownMethod:
      return "No such method";
    case code::kInvalidRequest:
      return "Invalid request";
    case code::kBadArgument:
      return "Missing or invalid argument";
    case code::kUnauthorized:
      return "Authentication failure";
    case code::kInvalidNonce:
      return "Invalid nonce";
    case code::kTooManyChannels:
      return "Maximum subscriptions exceeded";
    case code::kNotFound:
      return "NOT_FOUND";
    case code::kTimeout:
      return "REQUEST_TIMEOUT";
    case code::kTooManyRequests:
      return "TOO_MANY_REQUESTS";
    case code::kSelfTrade:
      return "SELF_TRADE_PREVENTION";
    case code::kPostOnly:
      return "POST_ONLY_REJ";
    case code::kInternal:
      return "ERR_INTERNAL";
    default:
      return "ERROR";
  }
}

int http_status_of(int code) noexcept {
  switch (code) {
    case code::kOk:
    case code::kNotFound:
    case code::kSelfTrade:
      return 200;
    case code::kInsufficientBalance:
    case code::kInternal:
      return 500;
    case code::kUnauthorized:
      return 401;
    case code::kTimeout:
      return 408;
    case code::kTooManyRequests:
      return 429;
    default:
      return 400;
  }
}

int code_of(Refusal refusal) noexcept {
  switch (refusal) {
    case Refusal::none:
      return code::kOk;
    case Refusal::unknown_instrument:
      return code::kInvalidInstrument;
    case Refusal::not_tradable:
      return code::kNotTradable;
    case Refusal::invalid_price:
      return code::kInvalidPrice;
    case Refusal::invalid_quantity:
      return code::kInvalidQuantity;
    case Refusal::below_min_notional:
      return code::kTooSmall;
    case Refusal::above_max_notional:
      return code::kTooLarge;
    case Refusal::too_far:
      return code::kFarAway;
    case Refusal::insufficient_balance:
      return code::kInsufficientBalance;
    case Refusal::duplicate_client_id:
      return code::kDuplicateClientId;
    case Refusal::too_many_orders:
      return code::kTooManyOrders;
    case Refusal::no_liquidity:
      return code::kMarketNotOpen;
    case Refusal::unknown_order:
      return code::kNotFound;
    case Refusal::closed_order:
      return code::kNoActiveOrder;
    default:
      break;  // What only contracts know: they are not traded here.
  }
  return code::kInternal;
}

int reason_of(const OrderRecord& order) noexcept {
  if (order.state == OrderState::rejected) return code_of(order.refusal);
  if (order.state != OrderState::cancelled) return 0;
  switch (order.close_reason) {
    case CloseReason::killed:
      return code::kFillOrKill;
    case CloseReason::not_filled:
    case CloseReason::budget_spent:
      return code::kImmediateOrCancel;
    case CloseReason::would_take:
      return code::kPostOnly;
    case CloseReason::self_trade:
      return code::kSelfTrade;
    case CloseReason::filled:
    case CloseReason::cancelled:
    case CloseReason::refused:
    case CloseReason::reduce_only:
    case CloseReason::liquidation:
      return 0;
  }
  return 0;
}

std::string_view side_word(Side side) noexcept { return side == Side::buy ? "BUY" : "SELL"; }

std::string_view time_in_force_word(TimeInForce value) noexcept {
  switch (value) {
    case TimeInForce::good_till_cancel:
      return "GOOD_TILL_CANCEL";
    case TimeInForce::immediate_or_cancel:
      return "IMMEDIATE_OR_CANCEL";
    case TimeInForce::fill_or_kill:
      return "FILL_OR_KILL";
  }
  return "?";
}

std::string_view status_word(OrderState state) noexcept {
  switch (state) {
    case OrderState::pending:
      return "PENDING";
    case OrderState::active:
      return "ACTIVE";
    case OrderState::filled:
      return "FILLED";
    case OrderState::cancelled:
      return "CANCELED";
    case OrderState::rejected:
      return "REJECTED";
  }
  return "?";
}

std::string date_of(Time time) {
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(time)};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

std::string at_least_places(const Decimal& value, const Decimal& step) {
  const Decimal shortest = value.normalized();
  return shortest.rescaled(std::max(shortest.scale(), places(step)), Rounding::toward_zero).to_string();
}

std::string plain(const Decimal& value) { return value.normalized().to_string(); }

void write_order(Writer& out, const OrderRecord& order, const Instrument& instrument, const AccountIds& ids,
                 const FeeRates& rates, OrderForm form, Duration clock_offset) {
  const OrderRequest& request = order.request;
  const Time created = order.created + clock_offset;
  const Time updated = order.updated + clock_offset;
  const Decimal price = request.market ? Decimal{} : request.price;
  const Decimal value = request.notional ? *request.notional
                        : request.market ? order.band_price * request.quantity
                                         : price * request.quantity;
  out.begin_object();
  out.field("account_id", ids.account_id);
  out.field("order_id", std::to_string(order.id));
  out.field("client_oid", request.client_id);
  out.field("order_type", request.market ? "MARKET" : "LIMIT");
  out.field("time_in_force", time_in_force_word(request.time_in_force));
  out.field("side", side_word(request.side));
  out.key("exec_inst").begin_array();
  if (request.post_only) out.string("POST_ONLY");
  out.end_array();
  out.field("quantity", at_least_places(request.quantity, instrument.lot));
  out.field("limit_price", request.market ? "0" : at_least_places(price, instrument.tick));
  out.field("order_value", plain(value));
  out.field("maker_fee_rate", at_least_places(rates.maker, Decimal::from_parts(1, 6)));
  out.field("taker_fee_rate", at_least_places(rates.taker, Decimal::from_parts(1, 6)));
  out.field("avg_price", order.filled.is_zero() ? "0.0" : plain(divide(order.filled_value, order.filled, 12)));
  out.field("cumulative_quantity", at_least_places(order.filled, instrument.lot));
  out.field("cumulative_value", plain(order.filled_value));
  out.field("cumulative_fee", plain(order.fee));
  out.field("status", status_word(order.state));
  out.field("update_user_id", ids.user_id);
  out.field("order_date", date_of(created));
  out.field("instrument_name", instrument.symbol);
  out.field("fee_instrument_name", order.fee_asset);
  const int reason = reason_of(order);
  if (form == OrderForm::history || reason != 0) out.field("reason", std::to_string(reason));
  out.key("create_time").integer(to_unix_ms(created));
  out.field("create_time_ns", std::to_string(to_unix_ns(created)));
  out.key("update_time").integer(to_unix_ms(updated));
  if (form == OrderForm::push) {
    out.key("transaction_time").integer(to_unix_ms(updated));
    out.field("transaction_time_ns", std::to_string(to_unix_ns(updated)));
  }
  out.end_object();
}

void write_fill(Writer& out, const FillRecord& fill, const Instrument& instrument, const AccountIds& ids, bool rest,
                Duration clock_offset) {
  const Time time = fill.time + clock_offset;
  out.begin_object();
  out.field("account_id", ids.account_id);
  out.field("event_date", date_of(time));
  out.field("journal_type", "TRADING");
  out.field("traded_quantity", at_least_places(fill.quantity, instrument.lot));
  out.field("traded_price", at_least_places(fill.price, instrument.tick));
  out.field("fees", plain(-fill.fee));
  out.field("order_id", std::to_string(fill.order));
  out.field("trade_id", std::to_string(fill.id));
  out.field("trade_match_id", std::to_string(fill.match_id));
  out.field("client_oid", fill.client_id);
  out.field("taker_side", fill.maker ? "MAKER" : "TAKER");
  out.field("side", side_word(fill.side));
  out.field("instrument_name", instrument.symbol);
  out.field("fee_instrument_name", fill.fee_asset);
  out.key("create_time").integer(to_unix_ms(time));
  out.field("create_time_ns", std::to_string(to_unix_ns(time)));
  if (rest) out.field("transact_time_ns", std::to_string(to_unix_ns(time)));
  out.end_object();
}

void write_instrument(Writer& out, const Instrument& instrument) {
  const bool perpetual = instrument.kind == InstrumentKind::perpetual;
  out.begin_object();
  out.field("symbol", instrument.symbol);
  out.field("inst_type", perpetual ? "PERPETUAL_SWAP" : "CCY_PAIR");
  out.field("display_name",
            perpetual ? instrument.base + instrument.quote + " Perpetual" : instrument.base + "/" + instrument.quote);
  out.field("base_ccy", instrument.base);
  out.field("quote_ccy", instrument.quote);
  out.key("quote_decimals").integer(std::int64_t{places(instrument.tick)});
  out.key("quantity_decimals").integer(std::int64_t{places(instrument.lot)});
  out.field("price_tick_size", instrument.tick.to_string());
  out.field("qty_tick_size", instrument.lot.to_string());
  out.field("max_leverage", "50");
  out.key("tradable").boolean(instrument.tradable);
  out.key("expiry_timestamp_ms").integer(std::int64_t{0});
  out.key("beta_product").boolean(false);
  if (perpetual) {
    out.field("underlying_symbol", instrument.base + instrument.quote + "-INDEX");
    out.field("contract_size", "1");
  }
  out.field("product_type", "DIGITAL_CURRENCIES");
  out.key("margin_buy_enabled").boolean(false);
  out.key("margin_sell_enabled").boolean(false);
  out.end_object();
}

void write_levels(Writer& out, const std::vector<EngineLevel>& levels, const Instrument& instrument) {
  out.begin_array();
  for (const EngineLevel& level : levels) {
    out.begin_array();
    out.string(from_units(level.price, instrument.tick).to_string());
    out.string(level.quantity == 0 ? "0" : from_units(level.quantity, instrument.lot).to_string());
    out.string(std::to_string(level.orders));
    out.end_array();
  }
  out.end_array();
}

}  // namespace calypte::sim::crypto_com
