// What the exchange reads from the venue now and then: instruments, fees, and which books to follow.
#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <utility>
#include <variant>

#include "engine/exchange_engine.hpp"

namespace calypte::engine {

using namespace std::chrono_literals;

namespace {

constexpr Duration kListLimit = 20s;
constexpr Duration kRetryMin = 500ms;
constexpr Duration kRetryMax = 30s;

}  // namespace

void ExchangeEngine::refresh_instruments() {
  next_instruments_ = kNever;  // until the answer is there
  desk_.submit(venue::QueryInstruments{}, Lane::bulk, kListLimit, [this](const Reply& reply) {
    if (!running_) return;
    if (reply.status.ok()) {
      instrument_failures_ = 0;
      next_instruments_ = reply.received + options_.instruments_refresh;
      apply_instruments(reply);
      return;
    }
    const Duration pause =
        std::min<Duration>(kRetryMax, kRetryMin * (1LL << std::min<std::uint32_t>(instrument_failures_++, 6)));
    next_instruments_ = reply.received + pause;
    events_.push_back(
        ConnectorErrorEvent{.timestamp = reply.received, .channel = "instruments", .status = reply.status});
  });
}

void ExchangeEngine::apply_instruments(const Reply& reply) {
  std::vector<venue::Instrument> instruments;
  std::vector<std::string> problems;
  for (auto& record : reply.records.items()) {
    if (auto* instrument = std::get_if<venue::Instrument>(&record)) {
      instruments.push_back(std::move(*instrument));
    } else if (const auto* bad = std::get_if<venue::BadInstrument>(&record)) {
      problems.push_back(bad->symbol + ": " + bad->error);
    }
  }
  if (instruments.empty()) {
    // An empty list is a venue in trouble, not a venue without markets; what is known stays.
    problems.emplace_back("the list holds no usable instrument and is ignored");
  } else {
    for (auto& problem : instruments_.replace(std::move(instruments))) problems.push_back(std::move(problem));
  }
  for (const auto& problem : problems) {
    log_.log(LogLevel::error, venue_->spec().name, "instrument " + problem);
    events_.push_back(ConnectorErrorEvent{
        .timestamp = now_, .channel = "instruments", .status = Status(StatusCode::malformed, problem)});
  }
  follow_wanted_pairs();
  if (!instruments_.empty()) start_user_stream();
}

void ExchangeEngine::follow_wanted_pairs() {
  for (const auto& pair : wanted_pairs_) {
    if (const auto* entry = instruments_.find(pair)) {
      book_source_.add_trading_pair(pair, entry->symbol, now_);
      // Its fees are asked for if they have not been.
      if (running_ && venue_->spec().orders.fees_need_symbol && !fees_due_.contains(pair)) next_fees_ = now_;
      dead_man_.follow(entry->symbol, now_);
      on_pair_followed(pair, entry->symbol);
    } else if (!instruments_.empty() && book_tracker_.order_book(pair) == nullptr) {
      events_.push_back(ConnectorErrorEvent{
          .timestamp = now_,
          .channel = "instruments",
          .status = Status(StatusCode::denied, FailureReason::unknown_trading_pair,
                           fmt::format("{} has no instrument {}", venue_->spec().name, pair.to_string()))});
    }
  }
}

Status ExchangeEngine::add_trading_pair(const TradingPair& pair) {
  if (wanted_pairs_.contains(pair)) return {StatusCode::denied, pair.to_string() + " is followed already"};
  if (!instruments_.empty() && instruments_.find(pair) == nullptr) {
    return {StatusCode::denied, FailureReason::unknown_trading_pair, "no such instrument: " + pair.to_string()};
  }
  const Status armable = DeadMan::check(*venue_, dead_man_.on() ? options_.dead_man : Duration::zero(),
                                        wanted_pairs_.size() + 1, options_.rate_limits_share, true);
  if (!armable.ok()) return armable;
  wanted_pairs_.insert(pair);
  follow_wanted_pairs();
  dirty_ = true;
  return {};
}

Status ExchangeEngine::remove_trading_pair(const TradingPair& pair) {
  if (wanted_pairs_.erase(pair) == 0) return {StatusCode::denied, pair.to_string() + " is not followed"};
  book_source_.remove_trading_pair(pair, now_);
  fees_due_.erase(pair);
  if (const auto* entry = instruments_.find(pair)) dead_man_.drop(entry->symbol, now_);
  on_pair_dropped(pair);
  dirty_ = true;
  return {};
}

void ExchangeEngine::refresh_fees() {
  next_fees_ = kNever;
  if (!options_.trading_required) return;
  if (!venue_->spec().orders.fees_need_symbol) return ask_fees({}, nullptr);
  for (const auto& pair : wanted_pairs_) {
    const auto* entry = instruments_.find(pair);
    if (entry == nullptr) continue;  // comes when the instruments do
    Time& due = fees_due_.try_emplace(pair, now_).first->second;
    if (now_ >= due) {
      due = kNever;  // until the answer is there
      ask_fees({.symbol = entry->symbol}, &pair);
    } else {
      next_fees_ = std::min(next_fees_, due);
    }
  }
}

void ExchangeEngine::ask_fees(venue::QueryFees request, const TradingPair* of) {
  const auto pair = of == nullptr ? std::nullopt : std::optional(*of);
  desk_.submit(std::move(request), Lane::bulk, kListLimit, [this, pair](const Reply& reply) {
    if (reply.status.code() == StatusCode::unsupported) return;  // the schedule stays what it is
    const Time again = reply.received + (reply.status.ok() ? options_.fees_refresh : kRetryMax);
    if (pair) {
      const auto due = fees_due_.find(*pair);
      if (due == fees_due_.end()) return;  // not followed any more
      due->second = again;
    }
    if (!running_) return;
    next_fees_ = std::min(next_fees_, again);
    for (const auto& record : reply.records.items()) {
      const auto* report = std::get_if<venue::FeeReport>(&record);
      if (report == nullptr) continue;
      const auto* named = instruments_.pair_of(report->symbol.value);
      if (named == nullptr && !report->symbol.empty()) continue;
      auto& schema = named == nullptr ? default_fees_ : fees_[*named];
      schema.maker_percent_fee = report->maker_percent;
      schema.taker_percent_fee = report->taker_percent;
    }
  });
}

void ExchangeEngine::last_traded_prices(std::span<const TradingPair> pairs, LastTradedPricesDone done) {
  std::vector<TradingPair> wanted(pairs.begin(), pairs.end());
  dirty_ = true;
  desk_.submit(venue::QueryTickers{}, Lane::bulk, kListLimit,
               [this, wanted = std::move(wanted), done = std::move(done)](const Reply& reply) {
                 if (!reply.status.ok()) return done(reply.status);
                 std::vector<std::pair<TradingPair, Decimal>> prices;
                 for (const auto& record : reply.records.items()) {
                   const auto* last = std::get_if<venue::LastPrice>(&record);
                   const auto* pair = last == nullptr ? nullptr : instruments_.pair_of(last->symbol.value);
                   if (pair == nullptr || std::find(wanted.begin(), wanted.end(), *pair) == wanted.end()) continue;
                   prices.emplace_back(*pair, last->price);
                 }
                 done(std::move(prices));
               });
}

}  // namespace calypte::engine
