// Placing and cancelling orders: from the strategy's call to the request, and from its answer to the tracker.
#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <variant>

#include "core/denied.hpp"
#include "engine/exchange_engine.hpp"

namespace calypte::engine {

using namespace std::chrono_literals;

namespace {

/// An accepted cancel is reported by the stream at once; if it is not, the order is asked for after this long.
constexpr Duration kCancelReportLimit = 3s;

/// Of one order of a batch; null if its part did not fail, or is not mentioned.
const Status* failure_of(const ClientOrderId& id, const venue::Records& records) {
  for (const auto& record : records.items()) {
    const auto* outcome = std::get_if<venue::OrderOutcome>(&record);
    if (outcome != nullptr && outcome->client_order_id == id && !outcome->status.ok()) return &outcome->status;
  }
  return nullptr;
}

bool names(const venue::OrderRef& order, const venue::Records& records) {
  return std::ranges::any_of(records.items(), [&](const venue::Record& record) {
    if (const auto* outcome = std::get_if<venue::OrderOutcome>(&record)) {
      return outcome->client_order_id == order.client_order_id;
    }
    const auto* report = std::get_if<venue::OrderReport>(&record);
    return report != nullptr &&
           (report->update.client_order_id == order.client_order_id ||
            (order.exchange_order_id && report->update.exchange_order_id == order.exchange_order_id));
  });
}

}  // namespace

ClientOrderId ExchangeEngine::buy(const TradingPair& pair, const Decimal& amount, OrderType type,
                                  const std::optional<Decimal>& price, const OrderOptions& options) {
  return place(TradeType::buy, pair, amount, type, price, options);
}

ClientOrderId ExchangeEngine::sell(const TradingPair& pair, const Decimal& amount, OrderType type,
                                   const std::optional<Decimal>& price, const OrderOptions& options) {
  return place(TradeType::sell, pair, amount, type, price, options);
}

ClientOrderId ExchangeEngine::place(TradeType side, const TradingPair& pair, const Decimal& amount, OrderType type,
                                    const std::optional<Decimal>& price, const OrderOptions& options) {
  auto prepared = prepare(side, pair, amount, type, price, options);
  if (prepared.request) submit_orders({std::move(*prepared.request)});
  return prepared.id;
}

ExchangeEngine::PreparedOrder ExchangeEngine::prepare(TradeType side, const TradingPair& pair, const Decimal& amount,
                                                      OrderType type, const std::optional<Decimal>& price,
                                                      const OrderOptions& options) {
  dirty_ = true;
  ClientOrderId id = ids_.next(side);
  const auto* instrument = instruments_.find(pair);
  Decimal fitted_amount = amount;
  std::optional<Decimal> fitted_price = type == OrderType::market ? std::nullopt : price;
  if (instrument != nullptr && amount > 0) {
    fitted_amount = instrument->rule.quantize_amount(amount);
    if (fitted_price && *fitted_price > 0) fitted_price = instrument->rule.quantize_price(*fitted_price, side);
  }
  Status status = check_order(side, pair, fitted_amount, type, fitted_price, options);
  if (status.reason() == FailureReason::invalid_amount && amount > 0) {
    status = denied(FailureReason::below_min_order_size,
                    fmt::format("amount {} is less than one step of {}", amount.to_string(),
                                instrument->rule.min_base_amount_increment.to_string()));
  }
  const PositionTerms terms = status.ok() ? position_terms(side, pair, options) : PositionTerms{};
  if (status.ok()) {
    status = order_tracker_.start_tracking_order(InFlightOrder({.client_order_id = id,
                                                                .trading_pair = pair,
                                                                .order_type = type,
                                                                .trade_type = side,
                                                                .time_in_force = options.time_in_force,
                                                                .amount = fitted_amount,
                                                                .price = fitted_price,
                                                                .creation_time = now_,
                                                                .leverage = terms.leverage,
                                                                .position = options.position}));
  }
  if (!status.ok()) {
    deny(id, type, status);
    return {id, std::nullopt};
  }
  return {id, venue::NewOrder{.client_order_id = id,
                              .symbol = instrument->symbol,
                              .side = side,
                              .type = type,
                              .time_in_force = options.time_in_force,
                              .amount = fitted_amount,
                              .price = fitted_price,
                              .position = options.position,
                              .position_side = terms.side,
                              .reduce_only = terms.reduce_only}};
}

void ExchangeEngine::submit_orders(std::vector<venue::NewOrder> orders) {
  const Duration limit = venue_->spec().orders.request_limit;
  if (orders.size() == 1) {
    const ClientOrderId id = orders.front().client_order_id;
    submitting_[id] = desk_.submit(std::move(orders.front()), Lane::order, limit,
                                   [this, id](const Reply& reply) { on_order_placed(id, reply); });
    return;
  }
  std::vector<ClientOrderId> ids;
  ids.reserve(orders.size());
  for (const auto& order : orders) ids.push_back(order.client_order_id);
  const auto ticket = desk_.submit(venue::NewOrders{std::move(orders)}, Lane::order, limit,
                                   [this](const Reply& reply) { on_orders_placed(reply); });
  for (const auto& id : ids) submitting_[id] = ticket;
}

std::vector<ClientOrderId> ExchangeEngine::place_orders(std::span<const OrderIntent> orders) {
  std::vector<ClientOrderId> ids;
  ids.reserve(orders.size());
  std::vector<venue::NewOrder> batch;
  for (const auto& o : orders) {
    auto prepared = prepare(o.side, o.trading_pair, o.amount, o.type, o.price, o.options);
    ids.push_back(std::move(prepared.id));
    if (!prepared.request) continue;
    batch.push_back(std::move(*prepared.request));
    if (batch.size() >= venue_->spec().orders.max_batch_create) submit_orders(std::exchange(batch, {}));
  }
  if (!batch.empty()) submit_orders(std::move(batch));
  return ids;
}

std::vector<Status> ExchangeEngine::cancel_orders(std::span<const ClientOrderId> ids) {
  std::vector<Status> results;
  results.reserve(ids.size());
  for (const auto& id : ids) results.push_back(cancel(id));
  return results;
}

void ExchangeEngine::deny(const ClientOrderId& id, OrderType type, const Status& status) {
  collect_events();  // what happened before the call is told before its refusal
  log_.log(LogLevel::warning, venue_->spec().name, fmt::format("order {} {}", id.value, status.to_string()));
  events_.push_back(MarketOrderFailureEvent{.timestamp = now_,
                                            .order_id = id,
                                            .order_type = type,
                                            .code = status.code(),
                                            .reason = status.reason(),
                                            .error_message = status.message(),
                                            .venue_code = status.venue_code(),
                                            .venue_time = std::nullopt});
}

Status ExchangeEngine::check_order(TradeType side, const TradingPair& pair, const Decimal& amount, OrderType type,
                                   const std::optional<Decimal>& price, const OrderOptions& options) const {
  if (!running_) return denied(FailureReason::stopped, "the connector is not running");
  if (!not_durable_.empty()) return denied(FailureReason::not_durable, not_durable_);
  if (!options_.trading_required) return denied(FailureReason::not_ready, "this connector was started without trading");
  const auto types = supported_order_types();
  if (std::find(types.begin(), types.end(), type) == types.end()) {
    return denied(FailureReason::unsupported_order_type, fmt::format("{} is not offered here", to_string(type)));
  }
  if (type == OrderType::limit_maker && options.time_in_force != TimeInForce::good_till_cancelled) {
    return denied(FailureReason::unsupported_order_type,
                  "a post-only order cannot be immediate-or-cancel or fill-or-kill");
  }
  if (instruments_.empty()) return denied(FailureReason::not_ready, "the instruments are not loaded yet");
  const auto* instrument = instruments_.find(pair);
  if (instrument == nullptr) {
    return denied(FailureReason::unknown_trading_pair,
                  fmt::format("{} has no instrument {}", name(), pair.to_string()));
  }
  if (!initialized()) {
    for (const auto& condition : status().conditions) {
      if (!condition.initialized) {
        return denied(FailureReason::not_ready, fmt::format("{}: {}", condition.name, condition.detail));
      }
    }
  }

  // Before the position, whose settings are known of followed pairs only.
  if (!instrument->rule.tradable) {
    return denied(FailureReason::instrument_not_tradable, pair.to_string() + " is not tradable now");
  }
  if (const Status action = check_position_action(side, pair, options); !action.ok()) return action;

  std::optional<Decimal> judged_price = price;
  if (type == OrderType::market) {
    const auto* book = book_tracker_.order_book(pair);
    const auto* levels = book == nullptr ? nullptr : book->live();
    if (levels == nullptr) {
      return denied(FailureReason::no_liquidity, "the order book is not in sync: no price to judge a market order by");
    }
    const auto best = side == TradeType::buy ? levels->best_ask() : levels->best_bid();
    if (!best) return denied(FailureReason::no_liquidity, "nothing to trade with: that side of the book is empty");
    // The worst price that it would reach; for an order larger than the book, the best that can be said.
    judged_price = levels->price_for_volume(side == TradeType::buy, amount).price.value_or(best->price);
  }
  if (const Status rule = instrument->rule.check(type, amount, judged_price); !rule.ok()) return rule;
  return check_funds(side, pair, amount, judged_price.value_or(Decimal()), type, options);
}

Status ExchangeEngine::check_position_action(TradeType /*side*/, const TradingPair& /*pair*/,
                                             const OrderOptions& options) const {
  if (options.position == PositionAction::nil) return {};
  return denied(FailureReason::invalid_position_action, "a spot order opens and closes no position");
}

Status ExchangeEngine::check_funds(TradeType side, const TradingPair& pair, const Decimal& amount, const Decimal& price,
                                   OrderType type, const OrderOptions& /*options*/) const {
  std::string asset(side == TradeType::buy ? pair.quote() : pair.base());
  Decimal needed = amount;
  if (side == TradeType::buy) {
    const TradeFee expected = fee(pair, type, side, amount, price);
    const Decimal notional = price * amount;
    needed = notional;
    if (expected.kind == TradeFee::Kind::added_to_cost && expected.percent_token.empty()) {
      needed += notional * expected.percent;
    }
  }
  // A push that is still on its way must not refuse an order that the venue would take, so the more generous of what
  // the venue said last and what follows from it counts. If both are wrong the venue refuses for certain.
  const auto* entry = balances_.find(asset);
  const Decimal said = entry == nullptr ? Decimal() : entry->available;
  const Decimal available = std::max(said, projected_balance(asset));
  if (needed <= available) return {};
  return denied(
      FailureReason::insufficient_balance,
      fmt::format("needs {} {}, {} available", needed.normalized().to_string(), asset, available.to_string()));
}

void ExchangeEngine::on_order_placed(const ClientOrderId& id, const Reply& reply) {
  submitting_.erase(id);
  if (reply.status.ok()) {
    user_tracker_.apply_reply(reply);
    const auto* order = order_tracker_.fetch_order(id);
    if (order != nullptr && order->state() == OrderState::pending_create) {
      order_tracker_.process_outcome_unknown(id, "the answer to the order does not say what became of it", now_);
    }
  } else if (reply.status.certainly_without_effect()) {
    order_tracker_.process_order_refused(id, reply.status, now_);
  } else {
    order_tracker_.process_outcome_unknown(id, reply.status.to_string(), now_);
  }
}

void ExchangeEngine::on_orders_placed(const Reply& reply) {
  const auto& orders = std::get<venue::NewOrders>(reply.asked).orders;
  for (const auto& order : orders) submitting_.erase(order.client_order_id);
  if (!reply.status.ok()) {
    for (const auto& order : orders) {
      if (reply.status.certainly_without_effect()) {
        order_tracker_.process_order_refused(order.client_order_id, reply.status, now_);
      } else {
        order_tracker_.process_outcome_unknown(order.client_order_id, reply.status.to_string(), now_);
      }
    }
    return;
  }
  user_tracker_.apply_reply(reply);
  for (const auto& asked : orders) {
    const auto& id = asked.client_order_id;
    const Status* failure = failure_of(id, reply.records);
    const auto* order = order_tracker_.fetch_order(id);
    if (failure != nullptr && failure->certainly_without_effect()) {
      order_tracker_.process_order_refused(id, *failure, now_);
    } else if (failure != nullptr) {
      order_tracker_.process_outcome_unknown(id, failure->to_string(), now_);
    } else if (order != nullptr && order->state() == OrderState::pending_create) {
      order_tracker_.process_outcome_unknown(id, "the answer to the batch does not name the order", now_);
    }
  }
}

bool ExchangeEngine::take_back(const ClientOrderId& id) {
  const auto submitting = submitting_.find(id);
  if (submitting == submitting_.end()) return false;
  auto* request = desk_.unsent(submitting->second);
  if (request == nullptr) return false;
  auto* batch = std::get_if<venue::NewOrders>(request);
  if (batch != nullptr && batch->orders.size() > 1) {
    std::erase_if(batch->orders, [&](const auto& order) { return order.client_order_id == id; });
  } else if (!desk_.abandon(submitting->second)) {
    return false;
  }
  submitting_.erase(submitting);
  return true;
}

Status ExchangeEngine::cancel(const ClientOrderId& id) {
  dirty_ = true;
  const auto* order = order_tracker_.fetch_tracked_order(id);
  if (order == nullptr) order = order_tracker_.fetch_lost_order(id);
  if (order == nullptr) {
    return denied(FailureReason::none,
                  order_tracker_.fetch_order(id) == nullptr ? "no such order" : "the order has ended");
  }
  if (!running_) return denied(FailureReason::stopped, "the connector is not running");
  if (take_back(id)) {
    // It was still waiting for its turn: nothing left, and nothing will.
    OrderUpdate update;
    update.client_order_id = id;
    update.new_state = OrderState::canceled;
    update.receive_time = now_;
    update.message = "cancelled before it was sent";
    order_tracker_.process_order_update(update, now_);
    return {};
  }
  cancel_wanted_.insert(id);
  // Those that may share a request wait for the end of this round, which costs no time.
  if (venue_->spec().orders.max_batch_cancel <= 1) send_waiting_cancels();
  return {};
}

void ExchangeEngine::send_waiting_cancels() {
  // A cancel that overtakes its order finds nothing and the order lives on; so it waits until the venue has the order.
  std::map<Symbol, std::vector<ClientOrderId>> ready;
  for (auto it = cancel_wanted_.begin(); it != cancel_wanted_.end();) {
    const auto* order = order_tracker_.fetch_tracked_order(*it);
    if (order == nullptr) order = order_tracker_.fetch_lost_order(*it);
    if (order == nullptr) {
      it = cancel_wanted_.erase(it);
      continue;
    }
    const bool nameable = order->exchange_order_id().has_value() || venue_->spec().orders.cancel_by_client_order_id;
    const bool on_its_way = order->state() == OrderState::pending_create || submitting_.contains(*it);
    if (on_its_way || !nameable) {
      ++it;
      continue;
    }
    const ClientOrderId id = *it;
    it = cancel_wanted_.erase(it);
    const auto* instrument = instruments_.find(order->trading_pair());
    const bool alone = venue_->spec().orders.max_batch_cancel <= 1 || instrument == nullptr;
    if (alone) {
      send_cancel(id);
    } else if (!canceling_.contains(id)) {
      ready[instrument->symbol].push_back(id);
    }
  }
  for (const auto& [symbol, ids] : ready) send_cancels(symbol, ids);
}

void ExchangeEngine::send_cancels(const Symbol& symbol, std::span<const ClientOrderId> ids) {
  const std::size_t most = venue_->spec().orders.max_batch_cancel;
  for (; !ids.empty(); ids = ids.subspan(std::min(most, ids.size()))) {
    const auto part = ids.first(std::min(most, ids.size()));
    if (part.size() == 1) {
      send_cancel(part.front());
      continue;
    }
    venue::CancelOrders request;
    for (const auto& id : part) {
      canceling_.insert(id);
      request.orders.push_back({id, order_tracker_.fetch_order(id)->exchange_order_id(), symbol});
    }
    desk_.submit(std::move(request), Lane::cancel, venue_->spec().orders.request_limit,
                 [this](const Reply& reply) { on_cancels_answered(reply); });
  }
}

void ExchangeEngine::on_cancels_answered(const Reply& reply) {
  const auto& orders = std::get<venue::CancelOrders>(reply.asked).orders;
  if (reply.status.ok()) user_tracker_.apply_reply(reply);
  const Status not_named(StatusCode::outcome_unknown, "the answer to the batch does not name the order");
  for (const auto& order : orders) {
    const Status* failure = failure_of(order.client_order_id, reply.records);
    if (!reply.status.ok()) {
      on_cancel_answered(order.client_order_id, reply.status);
    } else if (failure != nullptr) {
      on_cancel_answered(order.client_order_id, *failure);
    } else {
      on_cancel_answered(order.client_order_id, names(order, reply.records) ? Status() : not_named);
    }
  }
}

void ExchangeEngine::send_cancel(const ClientOrderId& id) {
  const auto* order = order_tracker_.fetch_order(id);
  const auto* instrument = order == nullptr ? nullptr : instruments_.find(order->trading_pair());
  if (instrument == nullptr) {
    order_tracker_.process_cancel_failed(id, denied(FailureReason::unknown_trading_pair, "the instrument is gone"),
                                         now_);
    cancel_alls_.note(id, CancellationOutcome::failed);
    return;
  }
  if (!canceling_.insert(id).second) return;
  desk_.submit(venue::CancelOrder{{id, order->exchange_order_id(), instrument->symbol}}, Lane::cancel,
               venue_->spec().orders.request_limit, [this, id](const Reply& reply) {
                 // What had been executed until then stands in the reply of some venues, and may be news.
                 user_tracker_.apply_reply(reply);
                 on_cancel_answered(id, reply.status);
               });
}

void ExchangeEngine::on_cancel_answered(const ClientOrderId& id, const Status& status) {
  canceling_.erase(id);
  auto& inquiries = user_tracker_.inquiries();
  switch (status.code()) {
    case StatusCode::ok:
      if (venue_->spec().orders.cancel_is_final) {
        OrderUpdate update;
        update.client_order_id = id;
        update.new_state = OrderState::canceled;
        update.receive_time = now_;
        order_tracker_.process_order_update(update, now_);
      } else {
        order_tracker_.process_cancel_accepted(id, now_);
        inquiries.ask(OrderQuestion::Kind::state, id, now_ + kCancelReportLimit);
      }
      cancel_alls_.note(id, CancellationOutcome::succeeded);
      return;
    case StatusCode::rate_limited:
    case StatusCode::clock_skew:
      // Refused for certain and for a reason that passes: a cancel goes out again when the throttle lets it.
      if (running_) cancel_wanted_.insert(id);
      return;
    case StatusCode::order_not_found:
      order_tracker_.process_cancel_failed(id, status, now_);
      // Venues answer the same for an order that is not open any more: of one that they had it says nothing but that,
      // and only the question for its state can count towards its being lost. (Six cancels of an order that was filled
      // while its state could not be asked for gave it up: binance_perpetual, seed 1202.)
      if (!order_tracker_.is_acknowledged(id)) order_tracker_.process_order_not_found(id, now_);
      cancel_alls_.note(id, CancellationOutcome::failed);
      break;
    case StatusCode::outcome_unknown:
    case StatusCode::unavailable:
    case StatusCode::malformed:
      order_tracker_.process_cancel_failed(id, status, now_);
      cancel_alls_.note(id, CancellationOutcome::unknown);
      break;
    default:
      order_tracker_.process_cancel_failed(id, status, now_);
      cancel_alls_.note(id, CancellationOutcome::failed);
      break;
  }
  if (running_) inquiries.ask(OrderQuestion::Kind::state, id, now_);
}

void ExchangeEngine::cancel_all(Duration time_limit, CancelAllDone done) {
  dirty_ = true;
  std::vector<ClientOrderId> ids;
  for (const auto* order : order_tracker_.active_orders()) {
    if (!order->is_done()) ids.push_back(order->client_order_id());
  }
  cancel_alls_.begin(ids, now_ + time_limit, std::move(done));
  for (const auto& id : ids) {
    if (const Status status = cancel(id); !status.ok()) cancel_alls_.note(id, CancellationOutcome::failed);
  }
}

std::vector<OrderHold> ExchangeEngine::holds() const {
  std::vector<OrderHold> result;
  for (const auto* order : order_tracker_.active_orders()) {
    const Decimal unfilled = order->amount() - order->executed_amount_base();
    if (unfilled <= 0) continue;
    std::optional<Decimal> price = order->price();
    if (!price)
      price = this->price(order->trading_pair(),
                          order->trade_type() == TradeType::buy ? PriceType::best_ask : PriceType::best_bid);
    const TradeFee expected = fee(order->trading_pair(), order->order_type(), order->trade_type(), unfilled, price);
    const bool added = expected.kind == TradeFee::Kind::added_to_cost && expected.percent_token.empty();
    result.push_back({.trading_pair = order->trading_pair(),
                      .side = order->trade_type(),
                      .unfilled = unfilled,
                      .price = price,
                      .fee_percent = added ? expected.percent : Decimal()});
  }
  return result;
}

Decimal ExchangeEngine::projected_balance(std::string_view asset) const {
  const auto* entry = balances_.find(asset);
  if (entry == nullptr) return {};
  const auto estimate =
      estimate_available_balance(asset, entry->available, funds_.time, funds_.holds, holds(), funds_.fills_since);
  return estimate.ok() ? estimate->available : entry->available;
}

void ExchangeEngine::note_funds(std::span<const Event> order_events) {
  for (const auto& event : order_events) {
    const auto* fill = std::get_if<OrderFilledEvent>(&event);
    if (fill == nullptr) continue;
    if (funds_.fills_since.size() >= kMaxFillsSince) {
      // Beyond the bound the projection would be wrong without a word; a fresh picture makes it needless.
      if (!std::exchange(funds_.told_full, true)) {
        log_.log(LogLevel::warning, venue_->spec().name,
                 "too many fills since the balances were told; asking for them");
        user_tracker_.sweep_soon(now_);
      }
      continue;
    }
    funds_.fills_since.push_back({.trading_pair = fill->trading_pair,
                                  .side = fill->trade_type,
                                  .base_amount = fill->amount,
                                  .quote_amount = fill->quote_amount,
                                  .fees = fill->trade_fee.flat_fees,
                                  // When it happened, not when we heard of it: a balance told in between holds it.
                                  .time = std::min(fill->timestamp, fill->venue_time - clock_.offset())});
  }
  const auto tells_balance = [](const Event& event) { return std::holds_alternative<BalanceEvent>(event); };
  if (std::ranges::none_of(balances_.events(), tells_balance)) return;
  funds_ = {.time = now_, .holds = holds(), .fills_since = {}};
}

}  // namespace calypte::engine
