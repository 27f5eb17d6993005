// What is checked all the time: books and the order of events. The final comparison is in oracle_compare.cpp.
#include "sim/oracle.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <variant>

namespace calypte::sim {

namespace {

/// So many violations are kept; a run that has one is a failed one anyway.
constexpr std::size_t kMaxViolations = 20;
constexpr std::size_t kMaxStory = 60;

void mix(std::uint64_t& hash, std::uint64_t value) {
  hash ^= value + 0x9E3779B97F4A7C15ULL + (hash << 6U) + (hash >> 2U);
  hash *= 0xBF58476D1CE4E5B9ULL;
}

__extension__ using Wide = __int128;

Wide power_of_ten(int exponent) {
  Wide value = 1;
  for (int i = 0; i < exponent; ++i) value *= 10;
  return value;
}

/// Of a number in 10^-scale, in whole steps; empty if it is none.
struct Steps {
  explicit Steps(const Decimal& step, int scale) {
    // step = mantissa / 10^places; steps = raw * 10^places / (mantissa * 10^scale)
    const int after = places(step);
    const Decimal whole = step * Decimal::from_parts(1, 0);
    mantissa = static_cast<Wide>(to_units(whole, Decimal::from_parts(1, after)).value_or(1));
    numerator = power_of_ten(after);
    denominator = mantissa * power_of_ten(scale);
  }
  [[nodiscard]] std::optional<std::int64_t> of(std::int64_t raw) const {
    const Wide product = static_cast<Wide>(raw) * numerator;
    if (product % denominator != 0) return std::nullopt;
    return static_cast<std::int64_t>(product / denominator);
  }
  Wide mantissa = 1;
  Wide numerator = 1;
  Wide denominator = 1;
};

}  // namespace

Oracle::Oracle(SimulatedVenue& venue, const std::vector<TradingPair>& pairs, InstrumentKind kind) : venue_(venue) {
  const auto& instruments = venue.exchange().instruments();
  for (const auto& pair : pairs) {
    for (std::size_t i = 0; i < instruments.size(); ++i) {
      const auto& each = instruments[i];
      if (each.kind == kind && each.base == pair.base() && each.quote == pair.quote()) {
        markets_.push_back({.pair = pair, .instrument = i, .states = {}, .levels = {}});
      }
    }
  }
  for (const auto& market : markets_) note_book(market.instrument);
  venue_.by_hand(
      [this](Exchange& exchange) { exchange.watch_books([this](std::size_t instrument) { note_book(instrument); }); },
      Time{});
}

Oracle::Market* Oracle::market_of(std::size_t instrument) {
  const auto found = std::find_if(markets_.begin(), markets_.end(),
                                  [&](const Market& market) { return market.instrument == instrument; });
  return found == markets_.end() ? nullptr : &*found;
}

void Oracle::note_book(std::size_t instrument) {
  Market* market = market_of(instrument);
  if (market == nullptr) return;
  std::uint64_t hash = 1;
  for (const Side side : {Side::buy, Side::sell}) {
    venue_.exchange().book(instrument).levels(side, kDepth, market->levels);
    for (const auto& level : market->levels) {
      mix(hash, static_cast<std::uint64_t>(level.price));
      mix(hash, static_cast<std::uint64_t>(level.quantity));
    }
    mix(hash, market->levels.size());
  }
  // Eight bytes a change of the book, for the life of a run.
  market->states.insert(hash);
}

void Oracle::on_book(const OrderBook& book, Time now) {
  const BookLevels* live = book.live();
  if (live == nullptr || violations_.size() >= kMaxViolations) return;
  const auto market = std::find_if(markets_.begin(), markets_.end(),
                                   [&](const Market& each) { return each.pair == book.trading_pair(); });
  if (market == markets_.end()) return;
  ++books_compared_;
  const auto& instrument = venue_.exchange().instruments()[market->instrument];
  const Steps price(instrument.tick, live->price_scale());
  const Steps amount(instrument.lot, live->amount_scale());
  std::uint64_t hash = 1;
  bool fits = true;
  for (const auto& side : {live->raw_bids(), live->raw_asks()}) {
    const std::size_t count = std::min(side.size(), kDepth);
    for (std::size_t i = 0; i < count; ++i) {
      const auto& level = side[side.size() - 1 - i];
      const auto ticks = price.of(level.price);
      const auto lots = amount.of(level.amount);
      fits = fits && ticks && lots;
      mix(hash, static_cast<std::uint64_t>(ticks.value_or(0)));
      mix(hash, static_cast<std::uint64_t>(lots.value_or(0)));
    }
    mix(hash, count);
  }
  if (fits && market->states.contains(hash)) return;
  const auto bid = live->best_bid();
  const auto ask = live->best_ask();
  violations_.push_back(
      {now,
       fmt::format("the book of {} is claimed to be live, and the venue never had it: best {} / {}, update {}",
                   book.trading_pair().to_string(), bid ? bid->price.to_string() : "-",
                   ask ? ask->price.to_string() : "-", book.last_update_id()),
       {}});
}

void Oracle::broken(Time now, std::string what, const ClientOrderId& id) {
  if (violations_.size() < kMaxViolations) {
    violations_.push_back({now, fmt::format("order {}: {}", id.value, what), story(id)});
  }
}

std::string Oracle::story(const ClientOrderId& id) const {
  const auto found = orders_.find(id);
  std::string text = "heard:";
  if (found == orders_.end()) return text + " nothing\n";
  text += '\n';
  for (const auto& line : found->second.story) text += "  " + line + "\n";
  return text;
}

/// The rules of events.hpp for one event of an order.
struct Oracle::Rules {
  Oracle& oracle;
  Time now;

  [[nodiscard]] Heard& heard(const ClientOrderId& id) const { return oracle.orders_[id]; }

  void created(const OrderCreatedEvent& event) const {
    Heard& order = heard(event.order_id);
    if (order.created) oracle.broken(now, "created twice", event.order_id);
    if (!order.ending.empty()) oracle.broken(now, "created after its end", event.order_id);
    if (!order.fills.empty()) oracle.broken(now, "created after a fill", event.order_id);
    order.created = true;
    ++oracle.created_;
  }
  void ended(const ClientOrderId& id, std::string_view name) const {
    Heard& order = heard(id);
    if (!order.ending.empty()) oracle.broken(now, fmt::format("ended twice: {}, {}", order.ending, name), id);
    order.ending = name;
  }
  void completed(const OrderCompletedEvent& event) const {
    ended(event.order_id, "Completed");
    Heard& order = heard(event.order_id);
    if (!order.created) oracle.broken(now, "completed without having been created", event.order_id);
    order.ending_complete = !event.incomplete;
    if (!event.incomplete && (event.base_asset_amount != order.base || event.quote_asset_amount != order.quote)) {
      oracle.broken(now,
                    fmt::format("completed with {} for {}, and the fills before add up to {} for {}",
                                event.base_asset_amount.to_string(), event.quote_asset_amount.to_string(),
                                order.base.to_string(), order.quote.to_string()),
                    event.order_id);
    }
  }
  void filled(const OrderFilledEvent& event) const {
    Heard& order = heard(event.order_id);
    if (!order.created && order.ending.empty()) oracle.broken(now, "filled before it was created", event.order_id);
    if (!order.ending.empty() && !event.late) oracle.broken(now, "filled after its end, not as late", event.order_id);
    if (order.ending.empty() && event.late) oracle.broken(now, "a late fill before its end", event.order_id);
    if (order.ending_complete) oracle.broken(now, "filled after it was completed", event.order_id);
    if (!order.fills.emplace(event.exchange_trade_id.value, event).second) {
      oracle.broken(now, fmt::format("filled twice by trade {}", event.exchange_trade_id.value), event.order_id);
    }
    if (event.overfill) oracle.broken(now, "filled with more than was asked for", event.order_id);
    order.base += event.amount;
    order.quote += event.quote_amount;
    ++oracle.fills_;
  }

  void operator()(const BuyOrderCreatedEvent& event) const { created(event); }
  void operator()(const SellOrderCreatedEvent& event) const { created(event); }
  void operator()(const OrderFilledEvent& event) const { filled(event); }
  void operator()(const BuyOrderCompletedEvent& event) const { completed(event); }
  void operator()(const SellOrderCompletedEvent& event) const { completed(event); }
  void operator()(const OrderCancelledEvent& event) const { ended(event.order_id, "Cancelled"); }
  void operator()(const OrderExpiredEvent& event) const { ended(event.order_id, "Expired"); }
  void operator()(const MarketOrderFailureEvent& event) const { ended(event.order_id, "Failure"); }
  void operator()(const OrderOutcomeUnknownEvent& event) const { heard(event.order_id).unknown = true; }
  void operator()(const OrderOutcomeResolvedEvent& event) const {
    Heard& order = heard(event.order_id);
    if (!order.unknown) oracle.broken(now, "resolved, and was never unknown", event.order_id);
    order.unknown = false;
  }
  void operator()(const UnmatchedFillEvent& event) const {
    oracle.broken(now, fmt::format("a fill of nobody's, trade {}", event.exchange_trade_id.value),
                  event.client_order_id.value_or(ClientOrderId("?")));
  }
  void operator()(const ExternalOrderEvent& event) const {
    oracle.broken(now, "an order that the connector does not take for its own",
                  event.client_order_id.value_or(ClientOrderId("?")));
  }
  void operator()(const FundingPaymentCompletedEvent& event) const {
    if (!oracle.payments_.emplace(event.payment_id, event).second && oracle.violations_.size() < kMaxViolations) {
      oracle.violations_.push_back({now, fmt::format("funding payment {} told twice", event.payment_id), {}});
    }
  }
  void operator()(const auto&) const {}
};

void Oracle::on_event(const Event& event, std::uint64_t number, Time now) {
  if (number != 0) {
    if (number != last_number_ + 1 && violations_.size() < kMaxViolations) {
      violations_.push_back(
          {now, fmt::format("event {} follows event {}: {}", number, last_number_, describe(event)), {}});
    }
    last_number_ = number;
  }
  std::visit(
      [&](const auto& each) {
        if constexpr (requires { each.order_id; }) {
          auto& lines = orders_[each.order_id].story;
          if (lines.size() < kMaxStory)
            lines.push_back(fmt::format("{} #{} {}", to_unix_ms(now), number, describe(event)));
        }
      },
      event);
  std::visit(Rules{*this, now}, event);
}

}  // namespace calypte::sim
