#include "engine/exchange_engine.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

#include "engine/excuse.hpp"
#include "engine/order_reads.hpp"

namespace calypte::engine {

using namespace std::chrono_literals;

Result<std::unique_ptr<ExchangeEngine>> ExchangeEngine::create(std::unique_ptr<venue::Venue> venue,
                                                               Credentials credentials, ExchangeEngineOptions options,
                                                               LogSink& log, Time now) {
  if (options.trading_required && venue->spec().kind == ConnectorKind::derivative) {
    return Status(StatusCode::denied,
                  fmt::format("{}: derivatives are traded by a derivative connector", venue->spec().name));
  }
  auto blueprint = check_configuration(std::move(venue), std::move(credentials), std::move(options), now);
  if (!blueprint.ok()) return blueprint.status();
  return std::unique_ptr<ExchangeEngine>(new ExchangeEngine(std::move(*blueprint), log, now));
}

Result<ExchangeEngine::Blueprint> ExchangeEngine::check_configuration(std::unique_ptr<venue::Venue> venue,
                                                                      Credentials credentials,
                                                                      ExchangeEngineOptions options, Time now) {
  const auto& spec = venue->spec();
  const auto refuse = [&](std::string message) -> Result<Blueprint> {
    return Status(StatusCode::denied, fmt::format("{}: {}", spec.name, message));
  };
  if (options.trading_pairs.empty()) return refuse("no trading pair is named");
  if (options.trading_required && spec.market_data_only) return refuse("this connector offers market data only so far");
  if (options.trading_required && credentials.empty()) return refuse("trading needs credentials");
  if (options.rate_limits_share <= 0 || options.rate_limits_share > 1) {
    return refuse("the share of the rate limits must be above 0 and at most 1");
  }
  auto throttle = Throttle::create(spec.limits, Throttle::Options{.share = options.rate_limits_share});
  if (!throttle.ok()) return Status(StatusCode::denied, "rate limits: " + throttle.status().message());
  if (options.trading_required) {
    const bool offered = std::any_of(spec.environments.begin(), spec.environments.end(),
                                     [](const auto& environment) { return !environment.order_stream_url.empty(); });
    Status possible = DeadMan::check(*venue, options.dead_man, options.trading_pairs.size(), options.rate_limits_share,
                                     offered && options.order_entry == OrderEntry::automatic);
    if (!possible.ok()) return refuse(possible.message());
  }
  auto ids = ClientOrderIds::create(options.client_order_id_prefix, spec.orders.max_client_order_id_length, now,
                                    options.instance);
  if (!ids.ok()) return Status(StatusCode::denied, "client_order_id_prefix: " + ids.status().message());
  // An order that the venue does not find yet is only then evidence when it had the time to become visible.
  options.orders.not_found_span = std::max(options.orders.not_found_span, spec.orders.max_visibility_delay);
  options.books.seed = options.seed;
  return Blueprint{std::move(venue), std::move(credentials), std::move(options), std::move(*throttle), std::move(*ids)};
}

ExchangeEngine::ExchangeEngine(Blueprint blueprint, LogSink& log, Time now)
    : log_(log),
      venue_(std::move(blueprint.venue)),
      credentials_(std::move(blueprint.credentials)),
      options_(std::move(blueprint.options)),
      now_(now),
      random_(options_.seed),
      desk_(*venue_, std::move(blueprint.throttle), clock_, credentials_, actions_, log_),
      order_tracker_(options_.orders, log_),
      book_tracker_(venue_->spec().book, options_.books, log_),
      book_source_(*venue_, book_tracker_, desk_, clock_, random_.split(), actions_, log_),
      user_tracker_(venue_->spec(), desk_, clock_, order_tracker_, balances_, instruments_, options_.user_stream, log_),
      user_source_(*venue_, desk_, clock_, random_.split(), actions_, log_),
      order_stream_(*venue_, desk_, clock_, random_.split(), actions_, log_),
      dead_man_(
          *venue_, options_.trading_required ? options_.dead_man : Duration::zero(), desk_,
          [this](const Symbol& symbol) {
            const auto open = order_tracker_.active_orders();
            return std::any_of(open.begin(), open.end(), [&](const InFlightOrder* order) {
              const auto* entry = instruments_.find(order->trading_pair());
              return entry != nullptr && entry->symbol == symbol;
            });
          },
          log_),
      ids_(std::move(blueprint.ids)),
      wanted_pairs_(options_.trading_pairs.begin(), options_.trading_pairs.end()) {
  user_tracker_.follow(wanted_pairs_);
}

ExchangeEngine::~ExchangeEngine() = default;

// --- Inputs
// -----------------------------------------------------------------------------------------------------------

void ExchangeEngine::start(Time now) {
  now_ = now;
  if (running_) return;
  running_ = true;
  dirty_ = true;
  next_instruments_ = now;
  next_fees_ = now;
  book_source_.start(now);
  if (!instruments_.empty()) start_user_stream();
  on_time(now);
}

void ExchangeEngine::start_user_stream() {
  // Not before the symbols are known: what the venue says of orders and fills could not be told apart by pair.
  if (!options_.trading_required || user_started_) return;
  user_started_ = true;
  user_tracker_.start(now_);
  user_source_.start(now_);
  const auto& environments = venue_->spec().environments;
  const bool offered = std::any_of(environments.begin(), environments.end(),
                                   [](const auto& environment) { return !environment.order_stream_url.empty(); });
  if (offered && options_.order_entry == OrderEntry::automatic) {
    desk_.set_frame_route(&order_stream_);
    order_stream_.start(now_);
  }
  dead_man_.start(now_);
  on_account_started();
}

void ExchangeEngine::stop(Time now) {
  now_ = now;
  if (!running_) return;
  running_ = false;
  dirty_ = true;
  on_stopping();
  book_source_.stop(now);
  user_source_.stop(now);
  order_stream_.stop(now);
  user_tracker_.stop();
  dead_man_.stop();
  user_started_ = false;
  desk_.fail_all("stopped", now);
  next_instruments_ = kNever;
  next_fees_ = kNever;
  collect_events();
}

void ExchangeEngine::on_stream_up(venue::StreamId stream, Time now) {
  now_ = now;
  dirty_ = true;
  switch (stream.kind) {
    case venue::StreamKind::user:
      return user_source_.on_stream_up(now);
    case venue::StreamKind::orders:
      return order_stream_.on_stream_up(now);
    case venue::StreamKind::market:
    case venue::StreamKind::trades:
      return book_source_.on_stream_up(stream, now);
  }
}

void ExchangeEngine::on_stream_down(venue::StreamId stream, std::string_view reason, Time now) {
  now_ = now;
  dirty_ = true;
  switch (stream.kind) {
    case venue::StreamKind::user:
      return user_source_.on_stream_down(reason, now);
    case venue::StreamKind::orders:
      return order_stream_.on_stream_down(reason, now);
    case venue::StreamKind::market:
    case venue::StreamKind::trades:
      return book_source_.on_stream_down(stream, reason, now);
  }
}

void ExchangeEngine::on_stream_alive(venue::StreamId stream, Time now) {
  now_ = now;
  switch (stream.kind) {
    case venue::StreamKind::user:
      return user_source_.on_stream_alive(now);
    case venue::StreamKind::orders:
      return order_stream_.on_stream_alive(now);
    case venue::StreamKind::market:
    case venue::StreamKind::trades:
      return book_source_.on_stream_alive(stream, now);
  }
}

void ExchangeEngine::on_frame(venue::StreamId stream, venue::Bytes frame, Time now) {
  now_ = now;
  if (stream.kind == venue::StreamKind::market || stream.kind == venue::StreamKind::trades) {
    dirty_ = book_source_.on_frame(stream, frame, now) || dirty_;
    return;
  }
  dirty_ = true;
  if (stream.kind == venue::StreamKind::orders) {
    order_stream_.on_frame(frame, now);
    // What a late answer says of an order is true although nobody waits for it any more.
    user_tracker_.on_stream_records(order_stream_.records(), now);
    return;
  }
  user_source_.on_frame(frame, now);
  user_tracker_.on_stream_records(user_source_.records(), now);
}

void ExchangeEngine::on_outcome(venue::RequestId id, const venue::RequestOutcome& outcome, Time now) {
  now_ = now;
  dirty_ = true;
  desk_.on_outcome(id, outcome, now);
}

void ExchangeEngine::on_time(Time now) {
  now_ = now;
  dirty_ = true;
  if (!running_) return;
  book_source_.on_time(now);
  if (options_.trading_required) {
    user_source_.on_time(now);
    order_stream_.on_time(now);
  }
  if (now >= next_instruments_) refresh_instruments();
  if (now >= next_fees_) refresh_fees();
}

void ExchangeEngine::excuse(Duration lost, Time now) {
  now_ = now;
  dirty_ = true;
  if (lost <= Duration::zero()) return;
  desk_.excuse(lost, now);
  book_source_.excuse(lost, now);
  user_source_.excuse(lost, now);
  order_stream_.excuse(lost, now);
  cancel_alls_.excuse(lost, now);
}

void ExchangeEngine::set_durable(bool durable, std::string_view reason) {
  if (durable == not_durable_.empty()) return;
  not_durable_ = durable ? std::string() : std::string(reason.empty() ? "the journal cannot be written" : reason);
  if (durable) {
    log_.log(LogLevel::info, venue_->spec().name, "the journal can be written again");
  } else {
    log_.log(LogLevel::error, venue_->spec().name, "no new orders: " + not_durable_);
  }
  events_.push_back(ConnectorErrorEvent{
      .timestamp = now_,
      .channel = "journal",
      .status = durable ? Status() : Status(StatusCode::denied, FailureReason::not_durable, not_durable_)});
}

void ExchangeEngine::keep_changes() { order_tracker_.keep_changes(); }

void ExchangeEngine::write_changes(RoundWriter& round) {
  order_tracker_.write_changes(round);
  user_tracker_.write_changes(round);
}

void ExchangeEngine::write_all(const std::function<RoundWriter&()>& next) const {
  order_tracker_.write_all(next);
  user_tracker_.write_all(next());
}

void ExchangeEngine::restore(const Recovery& recovery, Time now) {
  now_ = now;
  dirty_ = true;
  order_tracker_.restore(recovery, now);
  user_tracker_.restore(recovery);
}

bool ExchangeEngine::disarm_dead_man(Time now) {
  now_ = now;
  dirty_ = true;
  if (!dead_man_.on()) return false;
  const auto open = order_tracker_.active_orders().size();
  if (open == 0) {
    dead_man_.disarm(now);
    return true;
  }
  log_.log(LogLevel::warning, venue_->spec().name,
           fmt::format("the dead-man switch stays armed: the venue will cancel what is left of {} open orders", open));
  return true;
}

bool ExchangeEngine::sweep_soon() {
  if (!running_ || !options_.trading_required) return false;
  dirty_ = true;
  user_tracker_.sweep_soon(now_);
  return true;
}

Time ExchangeEngine::next_wakeup() const {
  Time next = desk_.next_wakeup(now_);
  if (running_) {
    next = std::min({next, book_source_.next_wakeup(), next_instruments_, next_fees_});
    if (options_.trading_required) {
      next = std::min({next, user_source_.next_wakeup(), user_tracker_.next_wakeup(), order_stream_.next_wakeup()});
    }
    next = std::min({next, next_own_wakeup(), dead_man_.next_wakeup()});
  }
  return std::min(next, cancel_alls_.next_wakeup());
}

bool ExchangeEngine::settle() {
  // A market message that changed nothing but levels leaves nothing to do here: this is the hot path.
  if (!dirty_ && book_tracker_.events().empty() && book_source_.events().empty()) return false;
  dirty_ = false;
  // One answer may lead to the next request; a bound keeps a mistake from becoming an endless loop.
  for (int round = 0; round < 100; ++round) {
    if (running_ && options_.trading_required) {
      user_tracker_.set_subscribed(user_source_.subscribed(), now_);
      user_tracker_.on_time(now_);
      send_waiting_cancels();
      dead_man_.on_time(order_stream_.session().is_up() ? order_stream_.session().connects() : 0, now_);
    }
    if (running_) advance();
    desk_.on_time(now_);
    const Time next = running_ ? std::min(user_tracker_.next_wakeup(), next_own_wakeup()) : kNever;
    if (desk_.next_wakeup(now_) > now_ && next > now_) break;
  }
  collect_events();
  cancel_alls_.settle(order_tracker_, now_);
  readiness_.update(status(), running_, now_, events_);
  return true;
}

void ExchangeEngine::collect_events() {
  const auto move_all = [this](std::vector<Event>& from) {
    std::move(from.begin(), from.end(), std::back_inserter(events_));
    from.clear();
  };
  note_funds(order_tracker_.events());
  std::vector<Event> own;
  add_events(order_tracker_.events(), own);
  move_all(order_tracker_.events());
  move_all(user_tracker_.events());
  move_all(balances_.events());
  move_all(own);
  move_all(book_tracker_.events());
  move_all(book_source_.events());
  move_all(user_source_.events());
  move_all(order_stream_.events());
  move_all(dead_man_.events());
}

// --- Readiness
// ----------------------------------------------------------------------------------------------------------

ConnectorStatus ExchangeEngine::status() const {
  ConnectorStatus status;
  const auto add = [&](std::string_view name, bool initialized, bool live, std::string detail) {
    readiness_.add(status, name, initialized, live, std::move(detail));
  };
  const auto join = [](const std::vector<TradingPair>& pairs) {
    std::string text;
    for (const auto& pair : pairs) text += (text.empty() ? "" : ", ") + pair.to_string();
    return text;
  };

  add("symbols_mapping_initialized", !instruments_.empty(), !instruments_.empty(),
      "the instruments are not loaded yet");

  std::vector<TradingPair> without_rule;
  std::vector<TradingPair> without_book;
  bool books_initialized = true;
  for (const auto& pair : wanted_pairs_) {
    if (trading_rule(pair) == nullptr) without_rule.push_back(pair);
    const auto* book = book_tracker_.order_book(pair);
    if (book == nullptr || !book->is_live()) without_book.push_back(pair);
    books_initialized = books_initialized && book != nullptr;
  }
  books_initialized = books_initialized && book_tracker_.initialized();
  add("order_books_initialized", books_initialized, without_book.empty(), "not in sync: " + join(without_book));

  const bool trading = options_.trading_required;
  add("account_balance", !trading || balances_.initialized(), !trading || balances_.initialized(),
      "the balances are not known yet");
  add("trading_rule_initialized", !trading || without_rule.empty(), !trading || without_rule.empty(),
      "no trading rule for: " + join(without_rule));
  const auto& session = user_source_.session();
  add("user_stream_initialized", !trading || user_tracker_.initialized(), !trading || user_tracker_.live(),
      session.is_up() ? "orders, fills and balances are being compared with the venue"
                      : "the private stream is down: " + session.down_reason());
  if (dead_man_.on()) {
    const bool armed = dead_man_.armed(now_);
    add("dead_man_armed", armed || dead_man_.was_armed(), armed,
        "the venue would not cancel our orders if this process died now");
  }
  add_conditions(status);
  return status;
}

bool ExchangeEngine::initialized() const {
  const auto conditions = status().conditions;
  return std::all_of(conditions.begin(), conditions.end(), [](const auto& c) { return c.initialized; });
}

// --- Reads
// --------------------------------------------------------------------------------------------------------------

const InFlightOrder* ExchangeEngine::order(const ClientOrderId& id) const { return order_tracker_.fetch_order(id); }

std::vector<const InFlightOrder*> ExchangeEngine::in_flight_orders() const { return order_tracker_.active_orders(); }

std::vector<LimitOrder> ExchangeEngine::limit_orders() const { return limit_orders_of(order_tracker_); }

std::string ExchangeEngine::explain(const ClientOrderId& id) const { return explain_order(order_tracker_, id); }

std::vector<std::string> ExchangeEngine::tracking_states() const { return order_tracker_.tracking_states(); }

Status ExchangeEngine::restore_tracking_states(std::span<const std::string> states) {
  dirty_ = true;
  const Status status = order_tracker_.restore_tracking_states(states, now_);
  // What happened to them meanwhile is not known until the venue has been asked.
  user_tracker_.sweep_soon(now_);
  return status;
}

Decimal ExchangeEngine::balance(std::string_view asset) const {
  const auto* entry = balances_.find(asset);
  return entry == nullptr ? Decimal() : entry->total;
}

Decimal ExchangeEngine::available_balance(std::string_view asset) const {
  if (!venue_->spec().orders.balances_in_real_time) return projected_balance(asset);
  const auto* entry = balances_.find(asset);
  return entry == nullptr ? Decimal() : entry->available;
}

std::vector<std::pair<std::string, Balance>> ExchangeEngine::balances() const { return balances_.all(); }

std::vector<TradingPair> ExchangeEngine::trading_pairs() const { return {wanted_pairs_.begin(), wanted_pairs_.end()}; }

const TradingRule* ExchangeEngine::trading_rule(const TradingPair& pair) const {
  const auto* entry = instruments_.find(pair);
  return entry == nullptr ? nullptr : &entry->rule;
}

const OrderBook* ExchangeEngine::order_book(const TradingPair& pair) const { return book_tracker_.order_book(pair); }

std::optional<Decimal> ExchangeEngine::price(const TradingPair& pair, PriceType type) const {
  return price_of(book_tracker_.order_book(pair), type);
}

const TradeFeeSchema& ExchangeEngine::fee_schema(const TradingPair& pair) const {
  const auto it = fees_.find(pair);
  return it == fees_.end() ? default_fees_ : it->second;
}

TradeFee ExchangeEngine::fee(const TradingPair& pair, OrderType type, TradeType side, const Decimal& /*amount*/,
                             const std::optional<Decimal>& /*price*/) const {
  const auto& schema = fee_schema(pair);
  const bool maker = type == OrderType::limit_maker;
  return new_spot_fee(schema, side, maker ? schema.maker_percent_fee : schema.taker_percent_fee,
                      schema.percent_fee_token, maker ? schema.maker_fixed_fees : schema.taker_fixed_fees);
}

}  // namespace calypte::engine
