#include "calypte/in_flight_order.hpp"

#include <algorithm>
#include <utility>

#include "engine/order_id_waiters.hpp"
#include "engine/order_transitions.hpp"

namespace calypte {
namespace {

constexpr std::size_t kIdHistory = 64;
constexpr int kAveragePlaces = 18;
constexpr int kReducedPlaces = 12;  // two such factors below 10^7 fit into 38 digits

/// Reports that only a venue which accepted the order can make.
bool shows_acceptance(OrderState reported) noexcept {
  return reported == OrderState::open || reported == OrderState::partially_filled || reported == OrderState::filled;
}

/// For averages and other statistics: exact where it fits, else from factors cut to fewer places.
std::optional<Decimal> product(const Decimal& a, const Decimal& b) {
  if (auto exact = Decimal::checked_mul(a, b)) return exact;
  const Decimal short_a = a.scale() > kReducedPlaces ? a.rescaled(kReducedPlaces, Rounding::half_even) : a;
  const Decimal short_b = b.scale() > kReducedPlaces ? b.rescaled(kReducedPlaces, Rounding::half_even) : b;
  return Decimal::checked_mul(short_a, short_b);
}

}  // namespace

InFlightOrder::InFlightOrder(Intent intent, OrderState initial_state)
    : intent_(std::move(intent)),
      state_(initial_state),
      last_update_time_(intent_.creation_time),
      acknowledged_(shows_acceptance(initial_state) || initial_state == OrderState::pending_cancel ||
                    initial_state == OrderState::canceled || initial_state == OrderState::expired),
      waiters_(std::make_shared<ExchangeOrderIdWaiters>()) {}

std::optional<Decimal> InFlightOrder::average_executed_price() const {
  Decimal base;
  Decimal cost;
  for (const auto& [id, fill] : fills_) {
    const auto part = product(fill.fill_price, fill.fill_base_amount);
    const auto next_cost = part ? Decimal::checked_add(cost, *part) : std::nullopt;
    const auto next_base = Decimal::checked_add(base, fill.fill_base_amount);
    if (!next_cost || !next_base) return std::nullopt;
    cost = *next_cost;
    base = *next_base;
  }
  for (int places = kAveragePlaces; places >= 0; --places) {
    if (auto mean = Decimal::checked_div(cost, base, places, Rounding::half_even)) return mean;
  }
  return std::nullopt;
}

Result<Decimal> InFlightOrder::cumulative_fee_paid(std::string_view token, const RateSource& rates) const {
  Decimal sum;
  for (const auto& [id, fill] : fills_) {
    auto fee = fill.fee.fee_amount_in_token(intent_.trading_pair, fill.fill_price, fill.fill_base_amount, token, rates);
    if (!fee) return fee.status();
    const auto next = Decimal::checked_add(sum, *fee);
    if (!next) return Status(StatusCode::malformed, "the sum of the fees does not fit into a decimal");
    sum = *next;
  }
  return sum;
}

bool InFlightOrder::is_open() const noexcept { return !engine::is_terminal(state_); }

bool InFlightOrder::is_filled() const noexcept {
  return state_ == OrderState::filled || (intent_.amount.is_positive() && executed_amount_base_ >= intent_.amount);
}

bool InFlightOrder::is_done() const noexcept { return engine::is_terminal(state_) || is_filled(); }

bool InFlightOrder::is_failure() const noexcept {
  return state_ == OrderState::failed || state_ == OrderState::canceled || state_ == OrderState::expired;
}

bool InFlightOrder::is_completely_filled() const noexcept {
  if (!executed_amount_base_.is_positive()) return false;
  if (executed_amount_base_ >= intent_.amount) return true;
  return state_ == OrderState::filled && venue_executed_amount_base_.is_positive() &&
         executed_amount_base_ >= venue_executed_amount_base_;
}

bool InFlightOrder::has_executed() const noexcept {
  return venue_executed_amount_base_.is_positive() || executed_amount_base_.is_positive();
}

bool InFlightOrder::is_named_by(const std::optional<ClientOrderId>& client_order_id,
                                const std::optional<ExchangeOrderId>& exchange_order_id) const noexcept {
  if (client_order_id && *client_order_id == intent_.client_order_id) return true;
  return exchange_order_id && std::find(exchange_order_ids_.begin(), exchange_order_ids_.end(), *exchange_order_id) !=
                                  exchange_order_ids_.end();
}

bool InFlightOrder::remember_id(const ExchangeOrderId& id) {
  if (id.empty()) return false;
  if (std::find(exchange_order_ids_.begin(), exchange_order_ids_.end(), id) != exchange_order_ids_.end()) return false;
  if (exchange_order_ids_.size() == kIdHistory) exchange_order_ids_.erase(exchange_order_ids_.begin());
  exchange_order_ids_.push_back(id);
  exchange_order_id_ = id;
  return true;
}

void InFlightOrder::end_of_change() {
  const std::shared_ptr<ExchangeOrderIdWaiters> waiters = waiters_;
  if (exchange_order_id_) {
    if (waiters->wait()->id != exchange_order_id_) waiters->resolve(*exchange_order_id_);
  } else if (engine::is_terminal(state_)) {
    waiters->fail(Status(StatusCode::rejected, end_reason_,
                         "the order ended (" + std::string(to_string(state_)) + ") before the venue gave it an id" +
                             (end_message_.empty() ? std::string{} : ": " + end_message_)));
  }
}

void InFlightOrder::update_exchange_order_id(const ExchangeOrderId& id) {
  if (remember_id(id)) end_of_change();
}

ExchangeOrderIdAwaitable InFlightOrder::get_exchange_order_id(Duration time_limit) const {
  return ExchangeOrderIdAwaitable(waiters_->wait(), time_limit);
}

namespace {

/// The answer to a cancel often has no time of the venue, so ours stands in; the venue's clock may run ahead, and a
/// report of before may still be on its way. Only a report well after it is evidence that the cancel failed.
constexpr Duration kUntimedCancelMargin = std::chrono::seconds{5};

}  // namespace

bool InFlightOrder::apply_state(const OrderUpdate& update) {
  // An order that has executed is not merely open, whatever word the venue uses.
  const OrderState reported =
      update.new_state == OrderState::open && has_executed() ? OrderState::partially_filled : update.new_state;
  if (engine::is_terminal(state_)) return false;
  bool changed = false;
  if (!acknowledged_ && (shows_acceptance(reported) || has_executed())) changed = acknowledged_ = true;

  const auto verdict = engine::verdict(state_, reported);
  const bool newer = update.venue_time && (!last_venue_time_ || *update.venue_time > *last_venue_time_);
  const bool older = update.venue_time && last_venue_time_ && *update.venue_time < *last_venue_time_;
  const bool cancel = reported == OrderState::pending_cancel;
  const bool take =
      verdict == engine::Verdict::if_newer ? newer : verdict == engine::Verdict::taken && !(cancel && older);
  if (!engine::is_terminal(reported)) {
    const auto time =
        cancel && !update.venue_time ? std::optional(update.receive_time + kUntimedCancelMargin) : update.venue_time;
    if (time) last_venue_time_ = std::max(last_venue_time_.value_or(*time), *time);
  }
  if (!take) return changed;
  state_ = reported;
  if (engine::is_terminal(reported)) {
    end_reason_ = update.reason;
    end_message_ = update.message;
  }
  return true;
}

bool InFlightOrder::apply(const OrderUpdate& update) {
  if (!is_named_by(update.client_order_id, update.exchange_order_id)) return false;
  bool changed = update.exchange_order_id && remember_id(*update.exchange_order_id);
  if (update.executed_amount_base && *update.executed_amount_base > venue_executed_amount_base_) {
    venue_executed_amount_base_ = *update.executed_amount_base;
    changed = true;
  }
  changed = apply_state(update) || changed;
  if (changed) last_update_time_ = std::max(last_update_time_, update.venue_time.value_or(update.receive_time));
  end_of_change();
  return changed;
}

bool InFlightOrder::apply(const TradeUpdate& trade) {
  if (!is_named_by(trade.client_order_id, trade.exchange_order_id)) return false;
  if (!trade.fill_base_amount.is_positive() || fills_.contains(trade.trade_id)) return false;
  const auto base = Decimal::checked_add(executed_amount_base_, trade.fill_base_amount);
  const auto quote = Decimal::checked_add(executed_amount_quote_, trade.fill_quote_amount);
  if (!base || !quote) return false;
  fills_.emplace(trade.trade_id, trade);
  executed_amount_base_ = *base;
  executed_amount_quote_ = *quote;
  if (!engine::is_terminal(state_)) acknowledged_ = true;
  last_update_time_ = std::max(last_update_time_, trade.fill_time);
  return true;
}

void InFlightOrder::apply_cancel_refused() {
  if (state_ != OrderState::pending_cancel) return;
  state_ = has_executed()  ? OrderState::partially_filled
           : acknowledged_ ? OrderState::open
                           : OrderState::pending_create;
  // The report of the cancel that was refused must not count as news when it is repeated.
  if (last_venue_time_) *last_venue_time_ += Duration{1};
}

LimitOrder InFlightOrder::to_limit_order() const {
  LimitOrder order;
  order.client_order_id = intent_.client_order_id;
  order.trading_pair = intent_.trading_pair;
  order.is_buy = intent_.trade_type == TradeType::buy;
  order.base_currency = std::string(base_asset());
  order.quote_currency = std::string(quote_asset());
  order.price = intent_.price.value_or(Decimal{});
  order.quantity = intent_.amount;
  order.filled_quantity = executed_amount_base_;
  order.creation_timestamp_us = to_unix_us(intent_.creation_time);
  order.status = LimitOrderStatus::unknown;
  order.position = intent_.position;
  return order;
}

bool operator==(const InFlightOrder& a, const InFlightOrder& b) {
  return a.intent_ == b.intent_ && a.exchange_order_id_ == b.exchange_order_id_ &&
         a.exchange_order_ids_ == b.exchange_order_ids_ && a.state_ == b.state_ &&
         a.last_update_time_ == b.last_update_time_ && a.last_venue_time_ == b.last_venue_time_ &&
         a.acknowledged_ == b.acknowledged_ && a.end_reason_ == b.end_reason_ && a.end_message_ == b.end_message_ &&
         a.executed_amount_base_ == b.executed_amount_base_ && a.executed_amount_quote_ == b.executed_amount_quote_ &&
         a.venue_executed_amount_base_ == b.venue_executed_amount_base_ && a.fills_ == b.fills_;
}

}  // namespace calypte
