#include "engine/user_stream_tracker.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>
#include <utility>
#include <variant>

#include "engine/order_transitions.hpp"
#include "venue/json.hpp"
#include "venue/json_writer.hpp"

namespace calypte::engine {

using namespace std::chrono_literals;

namespace {

constexpr Duration kRetryPause = 1s;
constexpr Duration kRetryPauseMax = 30s;
constexpr Duration kClockMargin = 60s;
constexpr Duration kFillPushLimit = 2s;
/// Open orders of others that are remembered as told; of more, the rest is not told.
constexpr std::size_t kExternalOrders = 10'000;
constexpr std::string_view kFillsKnown = "fills_known";

}  // namespace

UserStreamTracker::UserStreamTracker(const venue::VenueSpec& spec, RequestDesk& desk, const ClockSync& clock,
                                     OrderTracker& orders, Balances& balances, const Instruments& instruments,
                                     UserStreamOptions options, LogSink& log)
    : spec_(spec),
      desk_(desk),
      clock_(clock),
      orders_(orders),
      balances_(balances),
      instruments_(instruments),
      options_(options),
      log_(log),
      inquiries_(spec, desk, clock, orders, instruments, [this](const Reply& reply) { apply_reply(reply); }) {}

void UserStreamTracker::start(Time now) {
  if (running_) return;
  running_ = true;
  // Fills of orders that are older than this process (a restart) matter too.
  if (fills_wanted_from_ == Time{}) {
    fills_wanted_from_ = now;
    for (const auto* order : orders_.all_fillable_orders()) {
      fills_wanted_from_ = std::min(fills_wanted_from_, order->creation_time());
    }
    fills_known_changed_ = true;
  }
  next_sweep_ = now;
}

void UserStreamTracker::stop() {
  running_ = false;
  live_ = false;
  subscribed_ = false;
  step_ = Step::idle;
  ++generation_;
  next_sweep_ = kNever;
  inquiries_.clear();
}

void UserStreamTracker::set_subscribed(bool subscribed, Time now) {
  if (subscribed == subscribed_ || !running_) return;
  subscribed_ = subscribed;
  if (subscribed) {
    // Whatever happened between the last sweep and this moment was on no stream.
    ++subscription_epoch_;
    sweep_soon(now);
  } else {
    live_ = false;
    next_sweep_ = std::min(next_sweep_, now + options_.poll_without_stream);
  }
}

void UserStreamTracker::sweep_soon(Time now) { next_sweep_ = now; }

void UserStreamTracker::on_stream_records(const venue::Records& records, Time now) {
  apply_orders_and_fills(records, now);
  for (const auto& record : records.items()) {
    if (const auto* balance = std::get_if<venue::BalanceReport>(&record)) balances_.apply_stream(*balance, now);
  }
  if (extension_ != nullptr) extension_->on_stream_records(records, now);
  forward_questions(now);
}

void UserStreamTracker::apply_orders_and_fills(const venue::Records& records, Time now) {
  for (const auto& record : records.items()) {
    if (const auto* report = std::get_if<venue::OrderReport>(&record)) {
      OrderUpdate update = report->update;
      if (const auto* pair = instruments_.pair_of(report->symbol.value)) update.trading_pair = *pair;
      update.receive_time = now;
      orders_.process_order_update(update, now);
      // A report that is ahead of the fills is normal for a moment; if the fills do not follow they were lost.
      const auto* order = update.client_order_id     ? orders_.fetch_order(*update.client_order_id)
                          : update.exchange_order_id ? orders_.fetch_order(*update.exchange_order_id)
                                                     : nullptr;
      if (order != nullptr && order->venue_executed_amount_base() > order->executed_amount_base()) {
        inquiries_.ask(OrderQuestion::Kind::fills, order->client_order_id(), now + kFillPushLimit);
      }
    } else if (const auto* fill = std::get_if<venue::Fill>(&record)) {
      TradeUpdate trade = fill->trade;
      const auto* pair = instruments_.pair_of(fill->symbol.value);
      if (extension_ != nullptr && extension_->take_fill(*fill, pair, now)) continue;
      if (pair != nullptr) trade.trading_pair = *pair;
      trade.receive_time = now;
      orders_.process_trade_update(trade, fill->trade_type, now);
    }
  }
}

void UserStreamTracker::apply_reply(const Reply& reply) {
  apply_orders_and_fills(reply.records, reply.received);
  forward_questions(reply.received);
}

void UserStreamTracker::forward_questions(Time now) {
  for (const auto& question : std::exchange(orders_.questions(), {})) {
    inquiries_.ask(question.kind, question.client_order_id, now);
  }
}

void UserStreamTracker::on_time(Time now) {
  orders_.on_time(now);
  forward_questions(now);
  inquiries_.on_time(now);
  if (running_ && step_ == Step::idle && now >= next_sweep_) begin_sweep(now);
}

Time UserStreamTracker::next_wakeup() const {
  Time next = std::min(orders_.next_wakeup(), inquiries_.next_wakeup());
  if (running_ && step_ == Step::idle) next = std::min(next, next_sweep_);
  return next;
}

void UserStreamTracker::begin_sweep(Time now) {
  ++generation_;
  sweep_epoch_ = subscription_epoch_;
  sweep_began_ = now;
  step_ = Step::fills;
  step_failed_ = false;
  next_sweep_ = kNever;
  // Fills before states, so that what completes an order is known before the order is said to be complete.
  fills_to_ask_.clear();
  for (const auto& symbol : symbols_of_fills()) {
    const Time known = fills_known_until_.try_emplace(symbol, fills_wanted_from_).first->second;
    const Time start = std::max(known - options_.sweep_overlap, now - spec_.orders.fills_history);
    fills_to_ask_.push_back({symbol, clock_.venue_time(start), clock_.venue_time(now + kClockMargin), 1});
  }
  std::reverse(fills_to_ask_.begin(), fills_to_ask_.end());  // the next one is the last
  ask_next_fills();
}

std::set<Symbol> UserStreamTracker::symbols_of_fills() const {
  if (!spec_.orders.fills_need_symbol) return {Symbol()};
  std::set<Symbol> symbols;
  const auto add = [&](const TradingPair& pair) {
    if (const auto* entry = instruments_.find(pair)) symbols.insert(entry->symbol);
  };
  if (pairs_ != nullptr) {
    for (const auto& pair : *pairs_) add(pair);
  }
  for (const auto* order : orders_.all_fillable_orders()) add(order->trading_pair());
  return symbols;
}

void UserStreamTracker::ask_next_fills() {
  if (fills_to_ask_.empty()) return ask_open_orders();
  const FillsQuestion question = std::move(fills_to_ask_.back());
  fills_to_ask_.pop_back();
  ask_fills(question);
}

void UserStreamTracker::ask_fills(const FillsQuestion& question) {
  venue::QueryFills fills{.start = question.start, .end = question.end};
  if (!question.symbol.empty()) fills.symbol = question.symbol;
  desk_.submit(std::move(fills), Lane::query, spec_.orders.request_limit,
               [this, question, generation = generation_](const Reply& reply) {
                 apply_reply(reply);
                 if (generation != generation_) return;
                 if (!reply.status.ok()) {
                   // Orders could be found complete whose fills are not known: they wait for the next sweep.
                   note_failure(reply);
                   return ask_balances();
                 }
                 Time& known_before = fills_known_until_[question.symbol];
                 Time known_until = sweep_began_;
                 for (const auto& record : reply.records.items()) {
                   const auto* info = std::get_if<venue::FillsPage>(&record);
                   if (info == nullptr || !info->more) continue;
                   if (question.page >= options_.max_fill_pages) {
                     log_.log(
                         LogLevel::error, "user",
                         fmt::format("more than {} pages of fills; the rest is left to the next sweep", question.page));
                     // Pages that go forward are known up to the next one, where the next sweep shall begin; of those
                     // that go back the oldest are missing.
                     known_until = known_before;
                     if (info->next_start && !info->next_end) {
                       known_until = *info->next_start - clock_.offset() + options_.sweep_overlap;
                     }
                     break;
                   }
                   return ask_fills({question.symbol, info->next_start.value_or(question.start),
                                     info->next_end.value_or(question.end), question.page + 1});
                 }
                 known_before = std::max(known_before, std::min(known_until, sweep_began_));
                 fills_known_changed_ = true;
                 ask_next_fills();
               });
}

void UserStreamTracker::ask_open_orders() {
  step_ = Step::open_orders;
  desk_.submit(venue::QueryOpenOrders{}, Lane::query, spec_.orders.request_limit,
               [this, generation = generation_](const Reply& reply) {
                 apply_reply(reply);
                 if (generation != generation_) return;
                 if (reply.status.ok()) {
                   find_missing_orders(reply);
                   tell_external_orders(reply);
                 } else {
                   note_failure(reply);
                 }
                 ask_balances();
               });
}

void UserStreamTracker::find_missing_orders(const Reply& reply) {
  std::set<ClientOrderId> listed;
  std::set<ExchangeOrderId> listed_by_venue_id;
  bool complete = false;
  for (const auto& record : reply.records.items()) {
    if (const auto* report = std::get_if<venue::OrderReport>(&record)) {
      if (report->update.client_order_id) listed.insert(*report->update.client_order_id);
      if (report->update.exchange_order_id) listed_by_venue_id.insert(*report->update.exchange_order_id);
    } else if (const auto* mark = std::get_if<venue::OpenOrdersComplete>(&record)) {
      complete = complete || mark->symbol.empty();
    }
  }
  if (!complete) return;
  for (const auto* order : orders_.all_updatable_orders()) {
    // An order that was on its way when the list was asked for may rightly be absent.
    if (order->creation_time() + spec_.orders.max_visibility_delay > reply.sent) continue;
    const auto& venue_id = order->exchange_order_id();
    if (listed.contains(order->client_order_id()) || (venue_id && listed_by_venue_id.contains(*venue_id))) continue;
    // Not being open is no end: the order's own record says which one it was.
    inquiries_.ask(OrderQuestion::Kind::state, order->client_order_id(), reply.received);
  }
}

void UserStreamTracker::tell_external_orders(const Reply& reply) {
  std::set<std::string> listed;
  for (const auto& record : reply.records.items()) {
    const auto* report = std::get_if<venue::OrderReport>(&record);
    if (report == nullptr || is_terminal(report->update.new_state)) continue;
    const auto& [client_id, exchange_id] = std::tie(report->update.client_order_id, report->update.exchange_order_id);
    const bool ours = (client_id && orders_.fetch_order(*client_id) != nullptr) ||
                      (exchange_id && orders_.fetch_order(*exchange_id) != nullptr);
    if (ours) continue;
    if (listed.size() >= kExternalOrders) {
      log_.log(LogLevel::error, "user", fmt::format("more than {} open orders are not ours", kExternalOrders));
      break;
    }
    const auto* pair = instruments_.pair_of(report->symbol.value);
    std::string key = report->symbol.value + ' ' +
                      (exchange_id ? exchange_id->value
                       : client_id ? client_id->value
                                   : "");
    const bool told = external_orders_.contains(key);
    listed.insert(std::move(key));
    if (told) continue;
    events_.emplace_back(ExternalOrderEvent{.timestamp = reply.received,
                                            .trading_pair = pair == nullptr ? TradingPair() : *pair,
                                            .client_order_id = client_id,
                                            .exchange_order_id = exchange_id,
                                            .trade_type = report->trade_type,
                                            .order_type = report->order_type,
                                            .amount = report->amount,
                                            .price = report->price,
                                            .executed_amount = report->update.executed_amount_base});
    log_.log(LogLevel::warning, "user", describe(events_.back()));
  }
  // One that is gone from the list and comes back is told again: it was not open in between.
  external_orders_ = std::move(listed);
}

// --- What is to be remembered ---

void UserStreamTracker::write_changes(RoundWriter& round) {
  if (std::exchange(fills_known_changed_, false)) write_all(round);
}

void UserStreamTracker::write_all(RoundWriter& round) const {
  if (fills_wanted_from_ == Time{}) return;
  std::string text;
  venue::json::Writer out(text);
  out.begin_object().key("from").integer(to_unix_ns(fills_wanted_from_));
  out.key("until").begin_object();
  // A fill that waits for its order is in memory only: the next process has to read it again.
  const Time waiting = orders_.oldest_waiting_fill();
  const Time most = waiting == kNever ? kNever : waiting - clock_.offset();
  for (const auto& [symbol, until] : fills_known_until_) {
    out.key(symbol.value).integer(to_unix_ns(std::min(until, most)));
  }
  out.end_object().end_object();
  round.memo(kFillsKnown, text);
}

void UserStreamTracker::restore(const Recovery& recovery) {
  const auto memo = recovery.memos().find(kFillsKnown);
  if (memo == recovery.memos().end()) return;
  const venue::PaddedBuffer buffer(memo->second);
  venue::json::Document document;
  const auto root = document.parse(buffer.bytes());
  const auto from = root ? root->find("from").integer() : std::nullopt;
  if (!from) {
    log_.log(LogLevel::error, "user", "the journal does not say up to when the fills are known");
    return;
  }
  fills_wanted_from_ = from_unix_ns(*from);
  for (const auto& [symbol, value] : root->find("until").members()) {
    if (const auto until = value.integer()) fills_known_until_[Symbol(symbol)] = from_unix_ns(*until);
  }
}

void UserStreamTracker::ask_balances() {
  step_ = Step::balances;
  desk_.submit(venue::QueryBalances{}, Lane::query, spec_.orders.request_limit,
               [this, generation = generation_](const Reply& reply) {
                 apply_balances(reply);
                 if (generation != generation_) return;
                 if (!reply.status.ok()) note_failure(reply);
                 extension_ != nullptr ? ask_positions() : end_sweep(reply.received);
               });
}

void UserStreamTracker::apply_balances(const Reply& reply) {
  if (!reply.status.ok()) return;
  std::vector<venue::BalanceReport> reports;
  bool complete = false;
  for (const auto& record : reply.records.items()) {
    if (const auto* balance = std::get_if<venue::BalanceReport>(&record)) reports.push_back(*balance);
    complete = complete || std::holds_alternative<venue::BalancesComplete>(record);
  }
  if (complete) balances_.apply_rest(reports, reply.sent, reply.received);
}

void UserStreamTracker::ask_positions() {
  step_ = Step::positions;
  desk_.submit(venue::QueryPositions{}, Lane::query, spec_.orders.request_limit,
               [this, generation = generation_](const Reply& reply) {
                 extension_->on_positions(reply);
                 if (generation != generation_) return;
                 if (!reply.status.ok()) note_failure(reply);
                 end_sweep(reply.received);
               });
}

void UserStreamTracker::note_failure(const Reply& reply) {
  step_failed_ = true;
  log_.log(LogLevel::warning, "user",
           fmt::format("{} failed: {}", request_name(reply.asked), reply.status.to_string()));
}

void UserStreamTracker::end_sweep(Time now) { step_failed_ ? sweep_failed(now) : sweep_done(now); }

void UserStreamTracker::sweep_failed(Time now) {
  step_ = Step::idle;
  ++failures_;
  const Duration pause =
      std::min<Duration>(kRetryPauseMax, kRetryPause * (1LL << std::min<std::uint32_t>(failures_ - 1, 5)));
  next_sweep_ = now + pause;
  log_.log(LogLevel::warning, "user",
           fmt::format("the account could not be compared with the venue; again in {} s",
                       std::chrono::duration_cast<std::chrono::seconds>(pause).count()));
}

void UserStreamTracker::sweep_done(Time now) {
  step_ = Step::idle;
  failures_ = 0;
  ++sweeps_;
  if (extension_ != nullptr) extension_->on_swept(now);
  if (subscribed_ && sweep_epoch_ != subscription_epoch_) {
    // The stream came (back) up in the middle of it: only a sweep that began afterwards closes the gap.
    next_sweep_ = now;
    return;
  }
  if (subscribed_) {
    live_ = true;
    initialized_ = true;
  }
  // One that was wanted during this one is not forgotten.
  next_sweep_ = std::min(next_sweep_, now + (live_ ? options_.poll_with_stream : options_.poll_without_stream));
}

}  // namespace calypte::engine
