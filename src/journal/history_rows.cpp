#include "journal/history_rows.hpp"

#include <algorithm>
#include <type_traits>
#include <variant>

#include "venue/json_writer.hpp"

namespace calypte::journal {
namespace {

// --- Statements ---

using Names = std::vector<std::string_view>;

/// The first `keys` columns are the key; a row that is there keeps its values in the columns `kept`.
std::string upsert(std::string_view table, std::size_t keys, const Names& columns, const Names& kept = {}) {
  std::string names;
  std::string places;
  std::string key;
  std::string changes;
  std::size_t count = 0;
  for (const std::string_view column : columns) {
    const std::string_view comma = count == 0 ? "" : ", ";
    names.append(comma).append(column);
    places.append(comma).append("$").append(std::to_string(++count));
    if (count <= keys) {
      key.append(comma).append(column);
    } else if (std::ranges::find(kept, column) == kept.end()) {
      changes.append(changes.empty() ? "" : ", ").append(column).append(" = excluded.").append(column);
    }
  }
  std::string text("INSERT INTO ");
  text.append(table).append(" (").append(names).append(") VALUES (").append(places).append(") ON CONFLICT (");
  text.append(key).append(") DO ").append(changes.empty() ? "NOTHING" : "UPDATE SET " + changes);
  return text;
}

const Names& fill_columns() {
  static const Names kNames = {
      "connector_id",      "trading_pair", "trade_type",   "trade_id", "source",       "client_order_id",
      "exchange_order_id", "order_type",   "price",        "amount",   "quote_amount", "fee_json",
      "fee_amount",        "fee_token",    "fee_in_quote", "leverage", "position",     "taker",
      "realized_profit",   "time",         "receive_time", "late",     "overfill"};
  return kNames;
}
constexpr std::size_t kFillKeys = 4;

// --- Values ---

std::string text(std::string_view value) { return std::string(value); }
std::string text(const Decimal& value) { return value.to_string(); }
std::string text(Time value) { return std::to_string(to_unix_ns(value)); }
std::string text(bool value) { return value ? "1" : "0"; }
std::string text(const TradingPair& value) { return value.to_string(); }
template <typename Tag>
std::string text(const StrongText<Tag>& value) {
  return value.value;
}
template <typename T>
SqlValue text(const std::optional<T>& value) {
  return value ? SqlValue(text(*value)) : std::nullopt;
}

/// A fee in three columns: whole as JSON, as one amount of one token where it is one, and in the quote asset where that
/// needs no rate. What is not known stays empty: zero would be a claim.
void add_fee(Values& row, const TradeFee& fee, const TradingPair& pair, const Decimal& price, const Decimal& amount) {
  row.emplace_back(fee.to_json());
  if (fee.percent.is_zero() && fee.flat_fees.size() == 1) {
    row.emplace_back(text(fee.flat_fees.front().amount));
    row.emplace_back(fee.flat_fees.front().token);
  } else {
    row.emplace_back();
    row.emplace_back();
  }
  const auto in_quote = pair.empty() ? Result<Decimal>(Status(StatusCode::unsupported, "no pair"))
                                     : fee.fee_amount_in_token(pair, price, amount, pair.quote());
  row.push_back(in_quote ? SqlValue(text(*in_quote)) : std::nullopt);
}

std::string_view source_of(LiquidationEvent::Kind kind) noexcept {
  switch (kind) {
    case LiquidationEvent::Kind::liquidation:
      return "liquidation";
    case LiquidationEvent::Kind::deleveraging:
      return "deleveraging";
    case LiquidationEvent::Kind::settlement:
      return "settlement";
  }
  return "?";
}

}  // namespace

const std::string& order_statement() {
  static const std::string kText = upsert("orders", 2,
                                          {"connector_id",
                                           "client_order_id",
                                           "exchange_order_id",
                                           "exchange_order_ids",
                                           "trading_pair",
                                           "trade_type",
                                           "order_type",
                                           "time_in_force",
                                           "price",
                                           "amount",
                                           "leverage",
                                           "position",
                                           "creation_time",
                                           "state",
                                           "place",
                                           "executed_base",
                                           "executed_quote",
                                           "end_reason",
                                           "end_message",
                                           "last_update_time"});
  return kText;
}

const std::string& order_status_statement() {
  static const std::string kText = upsert(
      "order_status", 2, {"journal_id", "number", "connector_id", "client_order_id", "status", "detail", "time"});
  return kText;
}

const std::string& event_statement() {
  static const std::string kText = upsert(
      "events", 2, {"journal_id", "number", "connector_id", "name", "client_order_id", "trading_pair", "time", "json"});
  return kText;
}

const std::string& funding_statement() {
  static const std::string kText =
      upsert("funding_payments", 4,
             {"connector_id", "trading_pair", "payment_id", "time", "amount", "asset", "rate", "receive_time"});
  return kText;
}

const std::string& told_fill_statement() {
  static const std::string kText = upsert("trade_fills", kFillKeys, fill_columns());
  return kText;
}

const std::string& remembered_fill_statement() {
  static const std::string kText = upsert("trade_fills", kFillKeys, fill_columns(), {"late", "overfill"});
  return kText;
}

const std::string& unmatched_fill_statement() {
  static const std::string kText = upsert("trade_fills", kFillKeys, fill_columns(), fill_columns());
  return kText;
}

Values order_row(const std::string& connector, const InFlightOrder& order, std::string_view place) {
  const InFlightOrder::Intent& intent = order.intent();
  std::string ids;
  venue::json::Writer out(ids);
  out.begin_array();
  for (const ExchangeOrderId& id : order.exchange_order_ids()) out.string(id.value);
  out.end_array();
  return {connector,
          text(intent.client_order_id),
          text(order.exchange_order_id()),
          ids,
          text(intent.trading_pair),
          text(to_string(intent.trade_type)),
          text(to_string(intent.order_type)),
          text(to_string(intent.time_in_force)),
          text(intent.price),
          text(intent.amount),
          text(intent.leverage),
          text(to_string(intent.position)),
          text(intent.creation_time),
          text(to_string(order.state())),
          text(place),
          text(order.executed_amount_base()),
          text(order.executed_amount_quote()),
          text(to_string(order.end_reason())),
          order.end_message(),
          text(order.last_update_time())};
}

Values fill_row(const std::string& connector, const InFlightOrder& order, const TradeUpdate& fill) {
  const TradingPair& pair = order.trading_pair();
  Values row = {connector,
                text(pair),
                text(to_string(order.trade_type())),
                text(fill.trade_id),
                "order",
                text(order.client_order_id()),
                text(fill.exchange_order_id ? fill.exchange_order_id : order.exchange_order_id()),
                text(to_string(order.order_type())),
                text(fill.fill_price),
                text(fill.fill_base_amount),
                text(fill.fill_quote_amount)};
  add_fee(row, fill.fee, pair, fill.fill_price, fill.fill_base_amount);
  row.insert(row.end(),
             {text(order.intent().leverage), text(to_string(order.intent().position)), text(fill.is_taker),
              text(fill.realized_profit), text(fill.fill_time), text(fill.receive_time), text(false), text(false)});
  return row;
}

Values fill_row(const std::string& connector, const OrderFilledEvent& event) {
  Values row = {
      connector,         text(event.trading_pair), text(to_string(event.trade_type)), text(event.exchange_trade_id),
      "order",           text(event.order_id),     text(event.exchange_order_id),     text(to_string(event.order_type)),
      text(event.price), text(event.amount),       text(event.quote_amount)};
  add_fee(row, event.trade_fee, event.trading_pair, event.price, event.amount);
  row.insert(row.end(),
             {text(event.leverage), text(to_string(event.position)), text(event.is_taker), text(event.realized_profit),
              text(event.venue_time), text(event.timestamp), text(event.late), text(event.overfill)});
  return row;
}

Values fill_row(const std::string& connector, const LiquidationEvent& event) {
  Values row = {connector,
                text(event.trading_pair),
                text(to_string(event.trade_type)),
                text(event.exchange_trade_id),
                text(source_of(event.kind)),
                std::nullopt,
                std::nullopt,
                std::nullopt,
                text(event.price),
                text(event.amount),
                text(Decimal::checked_mul(event.price, event.amount))};
  add_fee(row, event.trade_fee, event.trading_pair, event.price, event.amount);
  row.insert(row.end(), {std::nullopt, std::nullopt, std::nullopt, text(event.realized_profit), text(event.venue_time),
                         text(event.timestamp), text(false), text(false)});
  return row;
}

Values fill_row(const std::string& connector, const UnmatchedFillEvent& event) {
  Values row = {connector,
                text(event.trading_pair),
                text(to_string(event.trade_type)),
                text(event.exchange_trade_id),
                "unmatched",
                text(event.client_order_id),
                text(event.exchange_order_id),
                std::nullopt,
                text(event.price),
                text(event.amount),
                text(Decimal::checked_mul(event.price, event.amount))};
  row.insert(row.end(), {std::nullopt, std::nullopt, std::nullopt, std::nullopt,  // the fee is not told
                         std::nullopt, std::nullopt, std::nullopt, std::nullopt, text(event.timestamp),
                         text(event.timestamp), text(false), text(false)});
  return row;
}

Values funding_row(const std::string& connector, const FundingPaymentCompletedEvent& event) {
  return {connector,   text(event.trading_pair), event.payment_id,     text(event.venue_time), text(event.amount),
          event.asset, text(event.rate),         text(event.timestamp)};
}

namespace {

template <typename E>
std::string detail_of(const E& event) {
  if constexpr (std::is_same_v<E, OrderCancelledEvent>) {
    if (event.reason == FailureReason::none) return event.message;
    return text(to_string(event.reason)) + (event.message.empty() ? "" : ": " + event.message);
  } else if constexpr (std::is_same_v<E, MarketOrderFailureEvent>) {
    return Status(event.code, event.reason, event.error_message, event.venue_code).to_string();
  } else if constexpr (std::is_same_v<E, OrderCancelFailedEvent>) {
    return event.status.to_string();
  } else if constexpr (std::is_same_v<E, OrderOutcomeUnknownEvent>) {
    return event.evidence;
  } else if constexpr (std::is_same_v<E, OrderOutcomeResolvedEvent>) {
    return text(to_string(event.state));
  } else if constexpr (std::is_same_v<E, OrderFilledEvent>) {
    return event.amount.to_string() + " @ " + event.price.to_string() + (event.late ? ", late" : "");
  } else if constexpr (std::is_base_of_v<OrderCompletedEvent, E>) {
    return event.incomplete ? "incomplete" : "";
  } else {
    return {};
  }
}

}  // namespace

EventSubject subject_of(const Event& event) {
  EventSubject subject;
  std::visit(
      [&subject]<typename E>(const E& e) {
        subject.time = e.timestamp;
        subject.detail = detail_of(e);
        if constexpr (requires { e.trading_pair; }) subject.trading_pair = text(e.trading_pair);
        if constexpr (requires { e.client_order_id; }) subject.client_order_id = text(e.client_order_id);
      },
      event);
  if (const auto* id = order_of(event); id != nullptr) {
    subject.client_order_id = text(*id);
    subject.about_order = true;
  }
  return subject;
}

}  // namespace calypte::journal
