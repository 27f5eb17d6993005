#include "engine/order_book_tracker.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <unordered_map>
#include <utility>

#include "core/random.hpp"
#include "engine/book_sync.hpp"

namespace calypte::engine {

namespace {

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};

}  // namespace

BookCounters& BookCounters::operator+=(const BookCounters& other) noexcept {
  snapshots += other.snapshots;
  diffs += other.diffs;
  keep_alives += other.keep_alives;
  stale += other.stale;
  held_back += other.held_back;
  dropped_unsynced += other.dropped_unsynced;
  overflows += other.overflows;
  breaks += other.breaks;
  bridges += other.bridges;
  resyncs += other.resyncs;
  crossed += other.crossed;
  unrepresentable += other.unrepresentable;
  checksum_ok += other.checksum_ok;
  checksum_bad += other.checksum_bad;
  trades += other.trades;
  bbo_compared += other.bbo_compared;
  bbo_agreed += other.bbo_agreed;
  refreshes += other.refreshes;
  went_silent += other.went_silent;
  deleted_absent += other.deleted_absent;
  unknown_symbol += other.unknown_symbol;
  return *this;
}

struct OrderBookTracker::State {
  explicit State(OrderBookTracker& tracker)
      : context{.spec = tracker.spec_,
                .options = tracker.options_,
                .log = tracker.log_,
                .requests = tracker.requests_,
                .events = tracker.events_,
                .changed = tracker.changed_,
                .scratch = {}},
        random(tracker.options_.seed) {}

  /// Null, and counted, if nobody follows the symbol.
  BookSync* find(std::string_view symbol) {
    const auto it = by_symbol.find(symbol);
    if (it != by_symbol.end()) return it->second;
    ++retired.unknown_symbol;
    return nullptr;
  }
  [[nodiscard]] const BookSync* find(const TradingPair& pair) const {
    const auto it = books.find(pair);
    return it != books.end() && it->second->tracked() ? it->second.get() : nullptr;
  }
  /// After anything that may have set a deadline.
  void wake_for(const BookSync& book) noexcept { wake = std::min(wake, book.next_wakeup()); }
  void note_initialized() noexcept {
    initialized = initialized || (context.without_picture == 0 && !by_symbol.empty());
  }

  BookContext context;
  core::Random random;
  std::map<TradingPair, std::unique_ptr<BookSync>> books;  // those that were removed, too: a book keeps its identity
  std::unordered_map<std::string, BookSync*, TextHash, std::equal_to<>> by_symbol;  // tracked; only looked up
  BookCounters retired;                                                             // of books that were removed
  Time wake = kNever;                                                               // not later than any deadline
  bool initialized = false;
};

OrderBookTracker::OrderBookTracker(venue::BookSpec spec, OrderBookTrackerOptions options, LogSink& log)
    : spec_(spec), options_(options), log_(log), state_(std::make_unique<State>(*this)) {}

OrderBookTracker::~OrderBookTracker() = default;

bool OrderBookTracker::add_trading_pair(const TradingPair& pair, const Symbol& symbol, Time now) {
  if (state_->find(pair) != nullptr || state_->by_symbol.contains(symbol.value)) return false;
  auto& book = state_->books[pair];
  if (!book) book = std::make_unique<BookSync>(pair, state_->context, state_->random.split());
  book->start(symbol, now);
  state_->by_symbol.emplace(symbol.value, book.get());
  return true;
}

bool OrderBookTracker::remove_trading_pair(const TradingPair& pair, Time now) {
  const auto it = state_->books.find(pair);
  if (it == state_->books.end() || !it->second->tracked()) return false;
  BookSync& book = *it->second;
  book.stop(now);
  state_->retired += book.counters();
  state_->by_symbol.erase(book.symbol().value);
  std::erase_if(requests_, [&pair](const BookRequest& request) { return request.trading_pair == pair; });
  state_->note_initialized();
  return true;
}

std::vector<TradingPair> OrderBookTracker::trading_pairs() const {
  std::vector<TradingPair> pairs;
  for (const auto& [pair, book] : state_->books) {
    if (book->tracked()) pairs.push_back(pair);
  }
  return pairs;
}

const OrderBook* OrderBookTracker::order_book(const TradingPair& pair) const {
  const auto* book = state_->find(pair);
  return book != nullptr ? &book->book() : nullptr;
}

const OrderBook* OrderBookTracker::order_book_by_symbol(std::string_view symbol) const {
  const auto it = state_->by_symbol.find(symbol);
  return it != state_->by_symbol.end() ? &it->second->book() : nullptr;
}

bool OrderBookTracker::initialized() const noexcept {
  return state_->initialized || state_->context.without_picture == 0;
}

bool OrderBookTracker::all_live() const noexcept { return state_->context.live == state_->by_symbol.size(); }

void OrderBookTracker::on_subscribed(std::string_view symbol, Time now) {
  auto* book = state_->find(symbol);
  if (book == nullptr) return;
  book->on_subscribed(now);
  state_->wake_for(*book);
}

void OrderBookTracker::on_stream_down(std::string_view symbol, std::string_view reason, Time now) {
  if (auto* book = state_->find(symbol)) book->on_stream_down(reason, now);
}

void OrderBookTracker::on_snapshot(const venue::DepthSnapshot& snapshot, const venue::Records& records, Time now) {
  auto* book = state_->find(snapshot.symbol);
  if (book == nullptr) return;
  book->on_snapshot(snapshot, records, now);
  state_->note_initialized();
  state_->wake_for(*book);
}

void OrderBookTracker::on_diff(const venue::DepthDiff& diff, const venue::Records& records, Time now) {
  auto* book = state_->find(diff.symbol);
  if (book == nullptr) return;
  book->on_diff({diff.ids, diff.checksum, diff.venue_time, records.bids(diff.levels), records.asks(diff.levels)}, now);
  state_->wake_for(*book);
}

void OrderBookTracker::on_trade(const venue::PublicTrade& trade, Time now) {
  if (auto* book = state_->find(trade.symbol)) book->on_trade(trade, now);
}

void OrderBookTracker::on_best_bid_ask(const venue::BestBidAsk& bbo, Time now) {
  auto* book = state_->find(bbo.symbol);
  if (book == nullptr) return;
  book->on_best_bid_ask(bbo, now);
  state_->wake_for(*book);
}

void OrderBookTracker::on_unreadable(std::string_view symbol, std::string_view reason, Time now) {
  if (!symbol.empty()) {
    if (auto* book = state_->find(symbol)) {
      book->on_unreadable(reason, now);
      state_->wake_for(*book);
    }
    return;
  }
  for (auto& [pair, book] : state_->books) {
    if (!book->tracked()) continue;
    book->on_unreadable(reason, now);
    state_->wake_for(*book);
  }
}

void OrderBookTracker::on_snapshot_failed(std::string_view symbol, const Status& status, Time now) {
  auto* book = state_->find(symbol);
  if (book == nullptr) return;
  book->on_snapshot_failed(status, now);
  state_->wake_for(*book);
}

void OrderBookTracker::on_subscription_failed(std::string_view symbol, const Status& status, Time now) {
  auto* book = state_->find(symbol);
  if (book == nullptr) return;
  book->on_subscription_failed(status, now);
  state_->wake_for(*book);
}

void OrderBookTracker::on_time(Time now) {
  if (now < state_->wake) return;
  state_->wake = kNever;
  for (auto& [pair, book] : state_->books) {
    if (!book->tracked()) continue;
    book->on_time(now);
    state_->wake_for(*book);
  }
}

void OrderBookTracker::excuse(Duration lost, Time now) {
  for (auto& [pair, book] : state_->books) {
    if (book->tracked()) book->excuse(lost, now);
  }
}

Time OrderBookTracker::next_wakeup() const { return state_->wake; }

BookCounters OrderBookTracker::counters() const {
  BookCounters sum = state_->retired;
  for (const auto& [pair, book] : state_->books) {
    if (book->tracked()) sum += book->counters();
  }
  return sum;
}

BookCounters OrderBookTracker::counters(const TradingPair& pair) const {
  const auto* book = state_->find(pair);
  return book != nullptr ? book->counters() : BookCounters{};
}

std::string OrderBookTracker::explain(const TradingPair& pair) const {
  const auto* book = state_->find(pair);
  return book != nullptr ? book->explain() : pair.to_string() + ": not followed";
}

}  // namespace calypte::engine
