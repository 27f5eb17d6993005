// What the spot market tells its accounts: an execution report for each thing that happens to an order, then the
// balances that it has touched.
#include <algorithm>
#include <set>

#include "sim/dialects/binance/order_words.hpp"
#include "sim/dialects/binance/spot_venue.hpp"

namespace calypte::sim::binance {

/// One execution report: the order as it was right after, and what just happened to it.
struct BinanceSpotVenue::Report {
  const OrderRecord& order;
  std::string_view execution;        // x
  std::string_view status;           // X
  const FillRecord* fill = nullptr;  // of a TRADE
  Decimal quantity;                  // q: a purchase by value shows what it has bought in the end
  std::string_view expiry_reason{};  // eR
};

namespace {

const OrderRecord* record_of(const ExchangeEvent& event, OrderId id) {
  const auto* change = std::get_if<OrderChanged>(&event);
  return change != nullptr && change->order.id == id ? &change->order : nullptr;
}

/// The order as this batch of events leaves it.
const OrderRecord* last_record(const std::vector<ExchangeEvent>& events, OrderId id) {
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    if (const OrderRecord* record = record_of(*event, id)) return record;
  }
  return nullptr;
}

}  // namespace

void BinanceSpotVenue::tell_accounts(const std::vector<ExchangeEvent>& events, Time now) {
  std::map<AccountId, std::set<std::string>> touched;
  const auto touch_pair = [&](AccountId account, std::size_t instrument) {
    const Instrument& spec = exchange_.instruments()[instrument];
    touched[account].insert({spec.base, spec.quote});
  };
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (const auto* change = std::get_if<OrderChanged>(&events[i])) {
      const OrderRecord& order = change->order;
      touch_pair(order.request.account, order.request.instrument);
      tell_change(order, *last_record(events, order.id), now);
    } else if (const auto* fill = std::get_if<FillRecord>(&events[i])) {
      touch_pair(fill->account, fill->instrument);
      touched[fill->account].insert(fill->fee_asset);
      tell_fill(events, i, now);
    }
  }
  for (const auto& [account, assets] : touched) tell_balances(account, {assets.begin(), assets.end()}, now);
}

void BinanceSpotVenue::tell_change(const OrderRecord& order, const OrderRecord& final_state, Time now) {
  const Decimal quantity = order.request.notional ? final_state.request.quantity : order.request.quantity;
  if (order.state == OrderState::pending) {
    tell_report({order, "NEW", "NEW", nullptr, quantity}, now);
  } else if (order.state == OrderState::cancelled) {
    const std::string_view status = status_word(order);
    const std::string_view execution = status == "EXPIRED_IN_MATCH" ? "TRADE_PREVENTION" : status;
    tell_report({order, execution, status, nullptr, quantity, expiry_word(order)}, now);
  }
  // What fills is told by its fills; resting is not told.
}

void BinanceSpotVenue::tell_fill(const std::vector<ExchangeEvent>& events, std::size_t index, Time now) {
  const FillRecord& fill = std::get<FillRecord>(events[index]);
  if (const auto account = account_index(fill.account); account && options_.quirks.order_count_falls_on_fill) {
    if (first_fills_.insert(fill.order).second) give_order_count_back(*account, now);
  }
  const OrderRecord* after = nullptr;
  bool more_fills = false;
  for (std::size_t i = index + 1; i < events.size(); ++i) {
    if (after == nullptr) after = record_of(events[i], fill.order);
    const auto* next = std::get_if<FillRecord>(&events[i]);
    more_fills = more_fills || (next != nullptr && next->order == fill.order);
  }
  // Each fill is followed by its order, either as it goes on or as it ends.
  const OrderRecord* final_state = last_record(events, fill.order);
  const bool completes = !more_fills && final_state->state == OrderState::filled;
  const Decimal quantity = after->request.notional ? final_state->request.quantity : after->request.quantity;
  tell_report({*after, "TRADE", completes ? "FILLED" : "PARTIALLY_FILLED", &fill, quantity}, now);
}

std::string BinanceSpotVenue::execution_report(const Report& report, Time now) const {
  const OrderRecord& order = report.order;
  const OrderRequest& request = order.request;
  const Instrument& spec = exchange_.instruments()[request.instrument];
  const Extra& extra = extra_of(order.id);
  const bool cancelled = report.status == "CANCELED" && !extra.cancel_id.empty();
  const FillRecord* fill = report.fill;
  const std::string none = quantity_text(spec, {});
  std::string text;
  Writer out(text);
  out.begin_object().field("e", "executionReport").key("E").integer(venue_ms(now)).field("s", spec.symbol);
  // A cancel brings its own id, and the order's moves over to C.
  out.field("c", cancelled ? extra.cancel_id : request.client_id);
  out.field("S", side_word(request.side)).field("o", type_word(request)).field("f", time_in_force_word(request));
  out.field("q", quantity_text(spec, report.quantity));
  out.field("p", price_text(spec, request.market ? Decimal{} : request.price)).field("P", none).field("F", none);
  out.key("g").integer(std::int64_t{-1}).field("C", cancelled ? extra.original_client_id : std::string());
  out.field("x", report.execution).field("X", report.status).field("r", "NONE").key("i").integer(order.id);
  out.field("l", quantity_text(spec, fill != nullptr ? fill->quantity : Decimal{}));
  const bool fresh = report.execution == "NEW";
  out.field("z", quantity_text(spec, fresh ? Decimal{} : order.filled));
  out.field("L", price_text(spec, fill != nullptr ? fill->price : Decimal{}));
  if (fill != nullptr) {
    out.field("n", value_text(fill->fee)).field("N", fill->fee_asset);
  } else {
    out.field("n", "0").key("N").null();
  }
  out.key("T").integer(venue_ms(fill != nullptr ? fill->time : order.updated));
  out.key("t").integer(fill != nullptr ? static_cast<std::int64_t>(fill->public_id) : std::int64_t{-1});
  out.key("I").integer(last_execution_);
  const bool works = report.status == "NEW" || report.status == "PARTIALLY_FILLED";
  out.key("w").boolean(works && (fresh || !request.market)).key("m").boolean(fill != nullptr && fill->maker);
  out.key("M").boolean(fill != nullptr).key("O").integer(venue_ms(order.created));
  out.field("Z", value_text(fresh ? Decimal{} : order.filled_value));
  out.field("Y", value_text(fill != nullptr ? fill->price * fill->quantity : Decimal{}));
  out.field("Q", value_text(extra.quote_quantity)).key("W").integer(venue_ms(order.created));
  out.field("V", self_trade_word(request.self_trade));
  if (!report.expiry_reason.empty()) out.field("eR", report.expiry_reason);
  if (report.execution == "TRADE_PREVENTION") {
    const std::string prevented = quantity_text(spec, report.quantity - order.filled);
    out.key("v").integer(last_execution_).field("A", prevented).field("B", prevented);
  }
  out.end_object();
  return text;
}

void BinanceSpotVenue::tell_report(const Report& report, Time now) {
  const auto account = account_index(report.order.request.account);
  if (!account) return;
  last_execution_ += 1 + random_.below(3);
  std::string event = execution_report(report, now + options_.timing.user_push);
  user_event([this, account = *account, text = std::move(event)](Time) { push_to_subscriptions(account, text); }, now);
}

void BinanceSpotVenue::tell_balances(AccountId id, const std::vector<std::string>& assets, Time now) {
  const auto account = account_index(id);
  if (!account) return;
  std::string text;
  Writer out(text);
  out.begin_object().field("e", "outboundAccountPosition").key("E").integer(venue_ms(now + options_.timing.user_push));
  out.key("u").integer(venue_ms(now)).key("B").begin_array();
  for (const std::string& asset : assets) {
    const Balance balance = exchange_.accounts().balance(id, asset);
    out.begin_object().field("a", asset).field("f", value_text(balance.available()));
    out.field("l", value_text(balance.held)).end_object();
  }
  out.end_array().end_object();
  user_event([this, account = *account, event = std::move(text)](Time) { push_to_subscriptions(account, event); }, now);
}

}  // namespace calypte::sim::binance
