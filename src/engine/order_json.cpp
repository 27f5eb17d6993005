// The stored form of orders, fills and fees. Decimals are texts, states are numbers as texts, times are integers of
// nanoseconds since 1970. Members that older versions did not write get their defaults when they are read.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "calypte/fees.hpp"
#include "calypte/in_flight_order.hpp"

#include "engine/stored_json.hpp"

namespace calypte {
namespace {

using stored::Document;
using stored::finished;
using stored::parse_word;
using stored::read_fee;
using stored::read_text;
using stored::read_token_amount;
using stored::Reader;
using stored::Value;
using stored::write;
using stored::write_text;
using stored::write_time;
using stored::Writer;
using stored::written;

// --- Writing ---

void write_id(Writer& out, std::string_view name, const std::optional<ExchangeOrderId>& id) {
  out.key(name);
  if (id) {
    out.string(id->value);
  } else {
    out.null();
  }
}

void write(Writer& out, const TradeUpdate& trade) {
  out.begin_object();
  out.field("trade_id", trade.trade_id.value);
  out.key("client_order_id");
  if (trade.client_order_id) {
    out.string(trade.client_order_id->value);
  } else {
    out.null();
  }
  write_id(out, "exchange_order_id", trade.exchange_order_id);
  out.field("trading_pair", trade.trading_pair.to_string());
  write_time(out, "fill_timestamp", trade.fill_time);
  write_time(out, "receive_timestamp", trade.receive_time);
  out.field("fill_price", trade.fill_price.to_string());
  out.field("fill_base_amount", trade.fill_base_amount.to_string());
  out.field("fill_quote_amount", trade.fill_quote_amount.to_string());
  out.key("fee");
  write(out, trade.fee);
  out.key("is_taker").boolean(trade.is_taker);
  if (trade.realized_profit) out.field("realized_profit", trade.realized_profit->to_string());
  out.end_object();
}

// --- Reading ---

Result<TradeUpdate> read_trade(Value json) {
  Reader in("trade update", json);
  TradeUpdate trade;
  in.text("trade_id", trade.trade_id.value);
  in.optional_id("client_order_id", trade.client_order_id);
  in.optional_id("exchange_order_id", trade.exchange_order_id);
  in.pair("trading_pair", trade.trading_pair, true);
  in.time("fill_timestamp", trade.fill_time);
  in.time("receive_timestamp", trade.receive_time);
  in.decimal("fill_price", trade.fill_price);
  in.decimal("fill_base_amount", trade.fill_base_amount);
  in.decimal("fill_quote_amount", trade.fill_quote_amount);
  if (in.has("fee")) in.parsed("fee", read_fee(in.find("fee")), trade.fee);
  in.boolean("is_taker", trade.is_taker);
  in.optional_decimal("realized_profit", trade.realized_profit);
  return finished(in, std::move(trade));
}

Result<OrderState> parse_state(Value json) {
  const auto number = json.integer();
  if (!number || *number < 0 || *number > static_cast<int>(OrderState::expired)) {
    return Status(StatusCode::malformed, "unknown state");
  }
  return static_cast<OrderState>(*number);
}

}  // namespace

std::string TokenAmount::to_json() const { return written(*this); }
Result<TokenAmount> TokenAmount::from_json(std::string_view json) { return read_text(json, read_token_amount); }
std::string TradeFee::to_json() const { return written(*this); }
Result<TradeFee> TradeFee::from_json(std::string_view json) { return read_text(json, read_fee); }
std::string TradeUpdate::to_json() const {
  std::string text;
  Writer out(text);
  write(out, *this);
  return text;
}
Result<TradeUpdate> TradeUpdate::from_json(std::string_view json) { return read_text(json, read_trade); }

std::string InFlightOrder::to_json() const {
  std::vector<TradeId> all;
  all.reserve(fills_.size());
  for (const auto& [id, fill] : fills_) all.push_back(id);
  return to_json(all);
}

std::string InFlightOrder::to_json(std::span<const TradeId> fills) const {
  std::string text;
  Writer out(text);
  out.begin_object();
  out.field("client_order_id", intent_.client_order_id.value);
  write_id(out, "exchange_order_id", exchange_order_id_);
  out.key("exchange_order_ids").begin_array();
  for (const ExchangeOrderId& id : exchange_order_ids_) out.string(id.value);
  out.end_array();
  out.field("trading_pair", intent_.trading_pair.to_string());
  out.field("order_type", to_string(intent_.order_type));
  out.field("trade_type", to_string(intent_.trade_type));
  out.field("time_in_force", to_string(intent_.time_in_force));
  out.key("price");
  if (intent_.price) {
    out.string(intent_.price->to_string());
  } else {
    out.null();
  }
  out.field("amount", intent_.amount.to_string());
  out.field("executed_amount_base", executed_amount_base_.to_string());
  out.field("executed_amount_quote", executed_amount_quote_.to_string());
  out.field("venue_executed_amount_base", venue_executed_amount_base_.to_string());
  out.field("last_state", std::to_string(static_cast<int>(state_)));
  out.key("acknowledged").boolean(acknowledged_);
  out.field("end_reason", to_string(end_reason_));
  write_text(out.key("end_message"), end_message_);
  out.field("leverage", intent_.leverage.to_string());
  out.field("position", to_string(intent_.position));
  write_time(out, "creation_timestamp", intent_.creation_time);
  write_time(out, "last_update_timestamp", last_update_time_);
  out.key("last_venue_timestamp");
  if (last_venue_time_) {
    out.integer(to_unix_ns(*last_venue_time_));
  } else {
    out.null();
  }
  out.key("order_fills").begin_object();
  for (const auto& id : fills) {
    const auto fill = fills_.find(id);
    if (fill == fills_.end()) continue;
    out.key(id.value);
    write(out, fill->second);
  }
  out.end_object().end_object();
  return text;
}

void InFlightOrder::add_fills_of(const InFlightOrder& earlier) {
  if (earlier.client_order_id() != client_order_id()) return;
  fills_.insert(earlier.fills_.begin(), earlier.fills_.end());
}

Result<InFlightOrder> InFlightOrder::from_json(std::string_view json) {
  const venue::PaddedBuffer buffer(json);
  Document document;
  auto root = document.parse(buffer.bytes());
  if (!root) return root.status();

  Reader in("order", *root);
  Intent intent;
  in.text("client_order_id", intent.client_order_id.value);
  if (intent.client_order_id.empty()) in.fail("client_order_id");
  in.pair("trading_pair", intent.trading_pair, false);
  in.parsed("order_type", parse_order_type(in.find("order_type").string()), intent.order_type);
  in.parsed("trade_type", parse_trade_type(in.find("trade_type").string()), intent.trade_type);
  if (in.has("time_in_force")) {
    in.parsed("time_in_force", parse_word<TimeInForce>(in.find("time_in_force").string()), intent.time_in_force);
  }
  in.optional_decimal("price", intent.price);
  in.decimal("amount", intent.amount);
  in.decimal("leverage", intent.leverage, false);
  if (in.has("position")) in.parsed("position", parse_position_action(in.find("position").string()), intent.position);
  in.time("creation_timestamp", intent.creation_time);
  OrderState state = OrderState::pending_create;
  in.parsed("last_state", parse_state(in.find("last_state")), state);

  InFlightOrder order(std::move(intent), state);
  if (in.has("exchange_order_ids") && !in.find("exchange_order_ids").is_array()) in.fail("exchange_order_ids");
  for (const Value id : in.find("exchange_order_ids").elements()) {
    if (!id.is_string() || id.string().empty()) in.fail("exchange_order_ids");
    order.remember_id(ExchangeOrderId(id.string()));
  }
  std::optional<ExchangeOrderId> id;
  in.optional_id("exchange_order_id", id);
  if (id) order.remember_id(*id);
  in.decimal("executed_amount_base", order.executed_amount_base_, false);
  in.decimal("executed_amount_quote", order.executed_amount_quote_, false);
  order.venue_executed_amount_base_ = order.executed_amount_base_;
  in.decimal("venue_executed_amount_base", order.venue_executed_amount_base_, false);
  in.boolean("acknowledged", order.acknowledged_);
  if (in.has("end_reason"))
    in.parsed("end_reason", parse_word<FailureReason>(in.find("end_reason").string()), order.end_reason_);
  if (in.has("end_message")) in.text("end_message", order.end_message_);
  in.time("last_update_timestamp", order.last_update_time_);
  if (in.has("last_venue_timestamp")) in.time("last_venue_timestamp", order.last_venue_time_.emplace());
  if (in.has("order_fills") && !in.find("order_fills").is_object()) in.fail("order_fills");
  for (const auto& [key, value] : in.find("order_fills").members()) {
    auto fill = read_trade(value);
    if (!fill) {
      in.fail(fill.status());
      break;
    }
    order.fills_.insert_or_assign(TradeId(key), std::move(*fill));
  }
  if (!in.status().ok()) return in.status();
  order.end_of_change();
  return order;
}

}  // namespace calypte
