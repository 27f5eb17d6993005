#include "sim/chaos_strategy.hpp"

#include <algorithm>
#include <utility>

namespace calypte::sim {

namespace {

/// So many orders at once are enough; more are cancelled first.
constexpr std::size_t kMaxOpen = 14;

}  // namespace

PositionAction ChaosStrategy::position_action(Derivative& derivative, const TradingPair& pair, TradeType side,
                                              Decimal& amount) {
  const auto* held = derivative.position(pair, PositionSide::net);
  const bool reduces = held != nullptr && held->amount.is_positive() == (side == TradeType::sell);
  if (!reduces || !random_.chance(2, 3)) return PositionAction::open;
  if (random_.chance(2, 3)) amount = std::min(amount, held->amount.abs());
  return PositionAction::close;
}

std::optional<OrderIntent> ChaosStrategy::any_order(calypte::Exchange& exchange, Derivative* derivative) {
  OrderIntent order;
  order.trading_pair = pairs_[random_.below(pairs_.size())];
  const TradingRule* rule = exchange.trading_rule(order.trading_pair);
  const OrderBook* book = exchange.order_book(order.trading_pair);
  if (rule == nullptr || book == nullptr) return std::nullopt;
  const auto bid = book->last_known().best_bid();
  const auto ask = book->last_known().best_ask();
  if (!bid || !ask) return std::nullopt;
  order.side = random_.chance(1, 2) ? TradeType::buy : TradeType::sell;
  const bool buys = order.side == TradeType::buy;
  const Decimal notional = std::max(rule->min_notional_size * 2, Decimal(20)) * Decimal(1 + random_.below(12));
  order.amount = std::max(rule->quantize_amount(divide(notional, bid->price, 8)), rule->min_order_size);
  const Decimal tick = rule->min_price_increment;
  const Decimal far = tick * Decimal(random_.below(60));
  const Decimal own = buys ? bid->price : ask->price;
  const Decimal other = buys ? ask->price : bid->price;
  const Decimal away = buys ? own - far : own + far;
  const Decimal across = buys ? other + far : other - far;
  switch (random_.below(10)) {
    case 0:
      order.type = OrderType::market;
      break;
    case 1:
      order.price = across;
      break;
    case 2:
      order.price = across;
      order.options.time_in_force = calypte::TimeInForce::immediate_or_cancel;
      break;
    case 3:
    case 4:
      order.type = OrderType::limit_maker;
      order.price = random_.chance(1, 5) ? across : away;
      break;
    case 5:
      // First in line.
      order.price = buys ? own + tick : own - tick;
      break;
    default:
      order.price = away;
      break;
  }
  const auto types = exchange.supported_order_types();
  if (std::find(types.begin(), types.end(), order.type) == types.end()) order.type = OrderType::limit;
  if (order.type == OrderType::limit && !order.price) order.price = across;
  if (derivative != nullptr) {
    order.options.position = position_action(*derivative, order.trading_pair, order.side, order.amount);
  }
  return order;
}

std::optional<ClientOrderId> ChaosStrategy::place(calypte::Exchange& exchange, Derivative* derivative) {
  const auto order = any_order(exchange, derivative);
  if (!order) return std::nullopt;
  auto id = order->side == TradeType::buy
                ? exchange.buy(order->trading_pair, order->amount, order->type, order->price, order->options)
                : exchange.sell(order->trading_pair, order->amount, order->type, order->price, order->options);
  placed_.emplace(id, now_);
  return id;
}

std::optional<ClientOrderId> ChaosStrategy::place_several(calypte::Exchange& exchange, Derivative* derivative) {
  std::vector<OrderIntent> orders;
  const std::size_t count = 2 + random_.below(4);
  for (std::size_t i = 0; i < count; ++i) {
    if (auto order = any_order(exchange, derivative)) orders.push_back(std::move(*order));
  }
  const auto ids = exchange.place_orders(orders);
  for (const auto& id : ids) placed_.emplace(id, now_);
  return ids.empty() ? std::nullopt : std::optional(ids[random_.below(ids.size())]);
}

std::optional<ClientOrderId> ChaosStrategy::cancel(calypte::Exchange& exchange, std::size_t count) {
  const auto open = exchange.in_flight_orders();
  if (open.empty()) return std::nullopt;
  std::vector<ClientOrderId> ids;
  ids.reserve(count);
  for (std::size_t i = 0; i < count; ++i) ids.push_back(open[random_.below(open.size())]->client_order_id());
  if (count == 1) {
    (void)exchange.cancel(ids[0]);
  } else {
    (void)exchange.cancel_orders(ids);
  }
  return ids[0];
}

std::optional<ClientOrderId> ChaosStrategy::act(calypte::Exchange& exchange, Derivative* derivative) {
  const std::size_t open = exchange.in_flight_orders().size();
  const auto dice = random_.below(40);
  if (dice == 0) {
    exchange.cancel_all(std::chrono::seconds{10}, [](const std::vector<CancellationResult>&) {});
    return std::nullopt;
  }
  if (dice == 1 && derivative != nullptr) {
    (void)derivative->set_leverage(pairs_[random_.below(pairs_.size())],
                                   static_cast<std::uint32_t>(2 + random_.below(18)));
    return std::nullopt;
  }
  if (open > kMaxOpen || dice < 12) return cancel(exchange, dice % 3 == 0 ? 1 + random_.below(4) : 1);
  return dice < 18 ? place_several(exchange, derivative) : place(exchange, derivative);
}

void ChaosStrategy::react(calypte::Exchange& exchange, Derivative* derivative, const Event& event) {
  const bool fill = std::holds_alternative<OrderFilledEvent>(event);
  const bool created =
      std::holds_alternative<BuyOrderCreatedEvent>(event) || std::holds_alternative<SellOrderCreatedEvent>(event);
  if ((!fill && !created) || !random_.chance(1, 5)) return;
  if (fill) {
    (void)place(exchange, derivative);
  } else {
    (void)cancel(exchange, 1);
  }
}

}  // namespace calypte::sim
