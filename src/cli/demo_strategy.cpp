#include "cli/demo_strategy.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <variant>

namespace calypte::cli {

namespace {

constexpr std::size_t kLogLines = 200;

Time time_of(const Event& event) {
  return std::visit([](const auto& e) { return e.timestamp; }, event);
}

}  // namespace

DemoStrategy::DemoStrategy(Options options, Runtime& runtime, std::function<void()> finished)
    : options_(std::move(options)), runtime_(runtime), finished_(std::move(finished)) {}

void DemoStrategy::note(Time time, std::string text) {
  log_.push_back({time, std::move(text)});
  if (log_.size() > kLogLines) log_.pop_front();
  if (on_line) on_line(log_.back());
}

void DemoStrategy::on_ready(Exchange& exchange) {
  ready_at_ = exchange.current_time();
  note(ready_at_, fmt::format("{} is ready; quoting {}", exchange.name(), options_.pair.to_string()));
  requote(exchange);
}

void DemoStrategy::on_stop(Exchange& exchange) {
  stopping_ = true;
  note(exchange.current_time(), "stopping: every order is cancelled");
}

void DemoStrategy::on_tick(Exchange& exchange, Time now) {
  if (!was_ready() || stopping_) return;
  if (now - ready_at_ >= options_.quote_for) {
    stopping_ = true;
    finished_();
    return;
  }
  if (now - last_requote_ >= options_.requote_every) requote(exchange);
}

void DemoStrategy::on_order_book(Exchange& /*exchange*/, const OrderBook& book) {
  ++book_updates_;
  book_latency_.add(runtime_.now() - book.last_update_time());
}

void DemoStrategy::requote(Exchange& exchange) {
  const auto* book = exchange.order_book(options_.pair);
  const auto* rule = exchange.trading_rule(options_.pair);
  const auto* levels = book == nullptr ? nullptr : book->live();
  if (levels == nullptr || rule == nullptr) return;  // no price to quote at: what stands is left, nothing is added
  const auto bid = levels->best_bid();
  const auto ask = levels->best_ask();
  if (!bid || !ask) return;
  last_requote_ = exchange.current_time();

  // One tick better than the touch where there is room, else at the touch: close enough to be traded with.
  const Decimal tick = rule->min_price_increment;
  const bool room = ask->price - bid->price > tick * 2;
  const Decimal buy_at = room ? bid->price + tick : bid->price;
  const Decimal sell_at = room ? ask->price - tick : ask->price;
  std::optional<Decimal> standing_buy;
  std::optional<Decimal> standing_sell;
  for (const auto* order : exchange.in_flight_orders()) {
    if (order->state() == OrderState::pending_cancel || !order->price()) continue;
    const bool is_buy = order->trade_type() == TradeType::buy;
    const Decimal wanted = is_buy ? bid->price : ask->price;
    if ((*order->price() - wanted).abs() <= tick * 2) {
      (is_buy ? standing_buy : standing_sell) = *order->price();
    } else {
      const Status status = exchange.cancel(order->client_order_id());
      if (!status.ok()) note(exchange.current_time(), "cancel: " + status.to_string());
    }
  }
  if (!standing_buy) quote(exchange, TradeType::buy, buy_at);
  if (!standing_sell) quote(exchange, TradeType::sell, sell_at);
}

void DemoStrategy::quote(Exchange& exchange, TradeType side, const Decimal& price) {
  const Decimal amount = divide(options_.order_notional, price, 8, Rounding::toward_zero);
  const Time asked = exchange.current_time();
  const ClientOrderId id = side == TradeType::buy ? exchange.buy(options_.pair, amount, OrderType::limit_maker, price)
                                                  : exchange.sell(options_.pair, amount, OrderType::limit_maker, price);
  HeardOrder heard{.side = side, .price = price, .amount = amount, .asked = asked};
  if (const auto* order = exchange.order(id)) {
    heard.price = order->price().value_or(price);
    heard.amount = order->amount();
  }
  orders_.emplace(id, std::move(heard));
}

void DemoStrategy::on_event(Exchange& exchange, const Event& event) {
  if (std::holds_alternative<TradeEvent>(event)) return;
  note(time_of(event), describe(event));
  const auto* id = order_of(event);
  const auto it = id == nullptr ? orders_.end() : orders_.find(*id);
  if (it == orders_.end()) return;
  HeardOrder& order = it->second;
  const OrderCreatedEvent* created = std::get_if<BuyOrderCreatedEvent>(&event);
  if (created == nullptr) created = std::get_if<SellOrderCreatedEvent>(&event);
  if (created != nullptr) {
    ++order.created;
    order.exchange_order_id = created->exchange_order_id;
    order_latency_.add(exchange.current_time() - order.asked);
  } else if (const auto* fill = std::get_if<OrderFilledEvent>(&event)) {
    order.fills.push_back(*fill);
  } else if (ends_order(event)) {
    ++order.endings;
    order.ending = event_name(event);
    const auto* failure = std::get_if<MarketOrderFailureEvent>(&event);
    order.denied = failure != nullptr && failure->code == StatusCode::denied;
  }
}

}  // namespace calypte::cli
