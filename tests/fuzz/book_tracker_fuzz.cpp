// Any stream of snapshots, diffs, quotes, cuts and time for one book, by every venue's scheme. The first byte chooses
// the scheme; then each step is a byte that says what happens, with the ids and levels behind it.
//
// A live book is sorted, not crossed and has no empty level. It never took a message that its ids say cannot follow,
// and what it took changed the levels as a map of prices would.
#include <array>
#include <map>
#include <optional>
#include <vector>

#include "connector/registry.hpp"
#include "engine/order_book_tracker.hpp"
#include "fuzz/support.hpp"

namespace {

using namespace calypte;
using namespace std::chrono_literals;
using fuzz::require;
using venue::Bootstrap;
using venue::BridgeRule;
using venue::Continuity;

/// Those of the venues, and the combinations of the knobs that none of them has.
const std::vector<venue::BookSpec>& specs() {
  static const std::vector<venue::BookSpec> all = [] {
    std::vector<venue::BookSpec> made;
    for (const auto& row : connector::venues()) made.push_back(row.make()->spec().book);
    made.push_back({.continuity = Continuity::range});
    made.push_back({.continuity = Continuity::increasing, .bootstrap = Bootstrap::rest_snapshot});
    made.push_back({.continuity = Continuity::increasing, .bootstrap = Bootstrap::every_message});
    made.push_back({.continuity = Continuity::unsequenced, .bootstrap = Bootstrap::every_message});
    made.push_back({.continuity = Continuity::unsequenced, .bootstrap = Bootstrap::rest_snapshot});
    made.push_back({.continuity = Continuity::range,
                    .bootstrap = Bootstrap::rest_snapshot,
                    .bridge = BridgeRule::covering,
                    .resync = venue::Resync::refetch_snapshot,
                    .truncate_depth = 3});
    return made;
  }();
  return all;
}

using Side = std::map<Decimal, Decimal>;
struct Levels {
  Side bids;
  Side asks;
  friend bool operator==(const Levels&, const Levels&) = default;
};
struct Message {
  venue::SequenceIds ids;
  venue::LevelRange range;
  venue::Records records;
};

Levels levels_of(const BookLevels& book) {
  Levels levels;
  for (const auto& row : book.bids()) levels.bids.emplace(row.price, row.amount);
  for (const auto& row : book.asks()) levels.asks.emplace(row.price, row.amount);
  require(levels.bids.size() == book.bid_count() && levels.asks.size() == book.ask_count());
  return levels;
}

/// An amount of zero deletes; in a whole book it says nothing.
void set(Side& side, std::span<const venue::DepthLevel> changes, bool best_is_last, std::size_t depth,
         bool whole = false) {
  for (const auto& level : changes) {
    if (level.amount.mantissa == 0) {
      if (!whole) side.erase(venue::to_decimal(level.price));
    } else {
      side[venue::to_decimal(level.price)] = venue::to_decimal(level.amount);
    }
  }
  while (depth != 0 && side.size() > depth) side.erase(best_is_last ? side.begin() : std::prev(side.end()));
}

void check_levels(const venue::BookSpec& spec, const BookLevels& book) {
  require(!book.crossed());
  const auto bids = book.raw_bids();
  const auto asks = book.raw_asks();
  for (std::size_t i = 0; i < bids.size(); ++i) {
    require(bids[i].amount > 0 && (i == 0 || bids[i - 1].price < bids[i].price));
  }
  for (std::size_t i = 0; i < asks.size(); ++i) {
    require(asks[i].amount > 0 && (i == 0 || asks[i - 1].price > asks[i].price));
  }
  if (!bids.empty() && !asks.empty()) require(bids.back().price < asks.back().price);
  if (spec.truncate_depth != 0) require(bids.size() <= spec.truncate_depth && asks.size() <= spec.truncate_depth);
}

/// How a message stands to a book that has everything up to `last`: written from the rules of the venues' manuals, not
/// from the tracker. `bridging`: `last` is the id of a REST snapshot, and nothing was joined to it yet.
enum class Place : std::uint8_t { follows, repeated, missed };
Place place_of(const venue::BookSpec& spec, std::uint64_t last, bool bridging, const venue::SequenceIds& ids) {
  if (spec.continuity == Continuity::unsequenced) return Place::follows;
  if (!ids.last) return Place::missed;
  if (spec.continuity == Continuity::increasing) return *ids.last > last ? Place::follows : Place::repeated;
  if (bridging) {
    if (*ids.last < last || (spec.bridge == BridgeRule::next && *ids.last == last)) return Place::repeated;
    const std::uint64_t newest_first = spec.bridge == BridgeRule::next ? last + 1 : last;
    const bool joins = ids.first  ? *ids.first <= newest_first
                       : ids.prev ? *ids.prev + 1 <= newest_first
                                  : *ids.last <= newest_first;
    const bool links = spec.bridge == BridgeRule::covering && ids.prev && *ids.prev <= last;
    return joins || links ? Place::follows : Place::missed;
  }
  if (spec.continuity == Continuity::range) {
    if (*ids.last <= last) return Place::repeated;
    return ids.first.value_or(*ids.last) == last + 1 ? Place::follows : Place::missed;
  }
  if (!ids.prev) return Place::missed;
  if (*ids.prev == last) return *ids.last >= last || spec.allow_decreasing_reset ? Place::follows : Place::missed;
  return *ids.last <= last && !spec.allow_decreasing_reset ? Place::repeated : Place::missed;
}

class Run {
 public:
  explicit Run(fuzz::Input in)
      : in_(in), spec_(specs()[in_.choice(specs().size())]), tracker_(spec_, {.max_held_back = 8}) {
    require(tracker_.add_trading_pair(pair_, Symbol("S"), now_));
    book_ = tracker_.order_book(pair_);
  }

  void run() {
    for (int steps = 0; !in_.empty() && steps < 300; ++steps) {
      step();
      check();
    }
  }

 private:
  void step() {
    switch (in_.choice(12)) {
      case 0:
        return tracker_.on_subscribed("S", now_);
      case 1:
      case 2:
        return snapshot();
      case 3:
      case 4:
      case 5:
        return diff();
      case 6:
        now_ += std::chrono::milliseconds{in_.byte()} * in_.byte();
        return tracker_.on_time(now_);
      case 7:
        now_ = std::max(now_, std::min(tracker_.next_wakeup(), now_ + 2h));
        return tracker_.on_time(now_);
      case 8:
        tracker_.on_stream_down("S", "cut", now_);
        require(!book_->is_live());
        return;
      case 9: {
        tracker_.on_unreadable("S", "fuzz", now_);
        require(!book_->is_live());
        return;
      }
      case 10: {
        venue::BestBidAsk quote;
        quote.symbol = "S";
        quote.update_id = id();
        quote.bid = venue::DepthLevel{number(), number()};
        quote.ask = venue::DepthLevel{number(), number()};
        return tracker_.on_best_bid_ask(quote, now_);
      }
      default:
        if (in_.choice(2) == 0) return tracker_.on_snapshot_failed("S", {StatusCode::unavailable, "fuzz"}, now_);
        tracker_.on_subscription_failed("S", {StatusCode::rejected, "fuzz"}, now_);
        require(!book_->is_live());
        return;
    }
  }

  /// Near what the book has, so that messages often follow, and sometimes anything.
  std::uint64_t id() {
    const std::uint8_t step = in_.byte();
    if (step < 250) return book_->last_update_id() + step - std::min<std::uint64_t>(book_->last_update_id(), 100);
    return step == 255 ? UINT64_MAX : std::uint64_t{1} << (step - 200U);
  }
  venue::WireNumber number() {
    const std::uint8_t value = in_.byte();
    if (value < 200) return {value % 40, static_cast<std::uint8_t>(value / 40)};
    return {INT64_MAX - value, static_cast<std::uint8_t>(value % 19)};
  }
  Message message() {
    Message m;
    const std::size_t ids = in_.choice(8);
    if ((ids & 1U) == 0) m.ids.last = id();
    if ((ids & 2U) == 0) m.ids.first = id();
    if ((ids & 4U) == 0) m.ids.prev = id();
    if (ids == 7) {  // the ids of a message that follows
      const std::uint64_t last = book_->last_update_id();
      m.ids = {last + 1, last + 1 + in_.byte() % 4, last};
      if (spec_.continuity == Continuity::range) m.ids.prev.reset();
    }
    m.range.bid_count = static_cast<std::uint32_t>(in_.choice(4));
    m.range.ask_count = static_cast<std::uint32_t>(in_.choice(4));
    for (std::uint32_t i = 0; i < m.range.bid_count + m.range.ask_count; ++i) {
      venue::DepthLevel level{number(), number()};
      if (i >= m.range.bid_count && level.price.mantissa < 100) level.price.mantissa += 20;
      m.records.levels().push_back(level);
    }
    return m;
  }

  void snapshot() {
    const Message m = message();
    const std::uint64_t snapshots = tracker_.counters(pair_).snapshots;
    tracker_.on_snapshot({"S", m.ids, m.range, {}, {}, 0}, m.records, now_);
    if (tracker_.counters(pair_).snapshots == snapshots) return;
    // What was held back may be joined to it already; else the rule of the first diff holds for the next one.
    bridging_ = spec_.bootstrap == Bootstrap::rest_snapshot && book_->last_update_id() == book_->snapshot_update_id();
    bridging_known_ = !bridging_ || spec_.bridge == BridgeRule::next;
    if (!book_->is_live()) {  // a quote of the same id, come earlier, says otherwise
      require(book_->state() == OrderBookState::stale);
      return;
    }
    if (spec_.bootstrap == Bootstrap::rest_snapshot) return;
    Levels whole;
    set(whole.bids, m.records.bids(m.range), true, spec_.truncate_depth, true);
    set(whole.asks, m.records.asks(m.range), false, spec_.truncate_depth, true);
    require(levels_of(*book_->live()) == whole);
  }

  void diff() {
    const Message m = message();
    const bool was_live = book_->is_live();
    const std::uint64_t last = book_->last_update_id();
    const engine::BookCounters before = tracker_.counters(pair_);
    Levels expected = levels_of(book_->last_known());
    tracker_.on_diff({"S", m.ids, m.range, {}, {}}, m.records, now_);
    const engine::BookCounters after = tracker_.counters(pair_);
    const bool taken = after.diffs + after.keep_alives > before.diffs + before.keep_alives;
    require(was_live || !book_->is_live());
    require(was_live || !taken);
    if (!was_live || spec_.bootstrap == Bootstrap::every_message) return;
    if (bridging_known_) {
      const Place place = place_of(spec_, last, bridging_, m.ids);
      if (place == Place::missed) require(!taken && !book_->is_live());
      if (place == Place::repeated) require(!taken);
      if (place == Place::follows) require(taken || !book_->is_live());
    }
    if (!taken) {
      if (book_->is_live()) require(levels_of(*book_->live()) == expected && book_->last_update_id() == last);
      return;
    }
    bridging_ = false;
    bridging_known_ = true;
    set(expected.bids, m.records.bids(m.range), true, 0);
    set(expected.asks, m.records.asks(m.range), false, 0);
    set(expected.bids, {}, true, spec_.truncate_depth);
    set(expected.asks, {}, false, spec_.truncate_depth);
    if (book_->is_live()) require(levels_of(*book_->live()) == expected);
  }

  void check() {
    require((book_->live() != nullptr) == (book_->state() == OrderBookState::live));
    require(tracker_.all_live() == book_->is_live());
    if (const BookLevels* levels = book_->live()) check_levels(spec_, *levels);
    require(tracker_.requests().size() <= 2);
    tracker_.requests().clear();
    tracker_.events().clear();
    for (const OrderBook* changed : tracker_.changed()) require(changed == book_ && book_->is_live());
    tracker_.changed().clear();
  }

  fuzz::Input in_;
  const venue::BookSpec& spec_;
  const TradingPair pair_ = "BTC-USDT"_pair;
  Time now_ = from_unix_ms(1'700'000'000'000);
  engine::OrderBookTracker tracker_;
  const OrderBook* book_ = nullptr;
  bool bridging_ = false;
  /// False where a held diff that ends at the snapshot's own id may have been joined to it: it cannot be seen.
  bool bridging_known_ = true;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Run(fuzz::Input(data, size)).run();
  return 0;
}
