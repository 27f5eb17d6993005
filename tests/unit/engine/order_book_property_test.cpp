// A model of a venue, a line that loses, repeats, swaps and delays messages, answers that are late, refused or lost,
// and cuts. Whenever the tracker says that a book is live, its levels have to be what the venue really had at that
// update id; and when the faults end, it has to come to life again.
#include <cstdint>
#include <functional>
#include <gtest/gtest.h>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>
#include <zlib.h>

#include "book_messages.hpp"
#include "core/random.hpp"

namespace calypte::engine::test {
namespace {

using Side = std::map<std::int64_t, std::int64_t>;  // price and amount in hundredths

constexpr Duration kTick = 10ms;

/// FNV-1a over the levels, best first, in hundredths.
struct Fingerprint {
  std::uint64_t value = 14'695'981'039'346'656'037U;
  void add(std::int64_t price, std::int64_t amount) noexcept {
    for (const auto number : {price, amount}) {
      value = (value ^ static_cast<std::uint64_t>(number)) * 1'099'511'628'211U;
      value ^= value >> 29U;
    }
  }
};
std::uint64_t fingerprint(const BookLevels& book) {
  const auto factor = [](int scale) -> std::int64_t { return scale == 0 ? 100 : scale == 1 ? 10 : 1; };
  Fingerprint print;
  const auto add = [&](const BookLevels::Level& level) {
    print.add(level.price * factor(book.price_scale()), level.amount * factor(book.amount_scale()));
  };
  for (auto i = book.bid_count(); i-- > 0;) add(book.raw_bids()[i]);
  print.add(0, 0);
  for (auto i = book.ask_count(); i-- > 0;) add(book.raw_asks()[i]);
  return print.value;
}

struct Message {
  bool snapshot = false;
  venue::SequenceIds ids;
  std::vector<venue::DepthLevel> bids;
  std::vector<venue::DepthLevel> asks;
  std::optional<std::uint32_t> checksum;
};

/// One book as the venue keeps it, and everything that it ever was.
class ModelVenue {
 public:
  ModelVenue(const venue::BookSpec& spec, std::uint64_t seed) : spec_(spec), random_(seed) {
    for (std::int64_t i = 1; i <= 20; ++i) {
      bids_[mid_ - i] = 100 + i;
      asks_[mid_ + i] = 200 + i;
    }
    remember();
    flush();
  }
  /// A small event with an id of its own.
  void step() {
    if (random_.chance(1, 6)) mid_ += random_.chance(1, 2) ? 1 : -1;
    for (; bids_.rbegin()->first >= mid_; bids_.erase(std::prev(bids_.end())))
      touched_bids_.insert(bids_.rbegin()->first);
    for (; asks_.begin()->first <= mid_; asks_.erase(asks_.begin())) touched_asks_.insert(asks_.begin()->first);
    auto& side = random_.chance(1, 2) ? bids_ : asks_;
    const auto distance = static_cast<std::int64_t>(1 + random_.below(25));
    const std::int64_t price = &side == &bids_ ? mid_ - distance : mid_ + distance;
    (&side == &bids_ ? touched_bids_ : touched_asks_).insert(price);
    if (side.size() > 5 && random_.chance(2, 5)) {
      side.erase(price);
    } else {
      side[price] = static_cast<std::int64_t>(1 + random_.below(900));
    }
    id_ += spec_.continuity == venue::Continuity::prev_link ? 1 + random_.below(40) : 1;
    if (!first_) first_ = id_;
    remember();
  }
  /// What changed since the last call.
  Message flush() {
    Message m;
    if (spec_.allow_decreasing_reset && first_ && random_.chance(1, 50)) {
      id_ = random_.below(10);
      remember();
    }
    const bool ids = spec_.continuity != venue::Continuity::unsequenced;
    if (ids) m.ids.last = id_;
    if (spec_.continuity == venue::Continuity::prev_link) m.ids.prev = sent_id_;
    if (ids && !spec_.allow_decreasing_reset) m.ids.first = first_.value_or(id_);
    if (spec_.truncate_depth == 0) {
      // Every price that was touched, also one that is as it was before: a snapshot may have been taken in between.
      m.bids = amounts_now(touched_bids_, bids_);
      m.asks = amounts_now(touched_asks_, asks_);
    } else {
      m.bids = changes(sent_bids_, window(bids_, true), bids_);
      m.asks = changes(sent_asks_, window(asks_, false), asks_);
    }
    touched_bids_.clear();
    touched_asks_.clear();
    m.checksum = checksum();
    sent_bids_ = window(bids_, true);
    sent_asks_ = window(asks_, false);
    sent_id_ = id_;
    first_.reset();
    return m;
  }
  [[nodiscard]] bool anything_new() const { return first_.has_value(); }
  /// The whole book at this moment; on a stream only right after `flush`.
  [[nodiscard]] Message snapshot() const {
    Message m;
    m.snapshot = true;
    if (spec_.continuity != venue::Continuity::unsequenced) m.ids.last = id_;
    for (const auto& [price, amount] : window(bids_, true)) m.bids.push_back({{price, 2}, {amount, 2}});
    for (const auto& [price, amount] : window(asks_, false)) m.asks.push_back({{price, 2}, {amount, 2}});
    m.checksum = checksum();
    return m;
  }
  [[nodiscard]] bool was(std::uint64_t id, std::uint64_t fingerprint) const {
    const auto it = past_.find(spec_.continuity == venue::Continuity::unsequenced ? 0 : id);
    return it != past_.end() && it->second.contains(fingerprint);
  }

 private:
  [[nodiscard]] Side window(const Side& side, bool best_is_last) const {
    if (spec_.truncate_depth == 0 || side.size() <= spec_.truncate_depth) return side;
    const auto depth = static_cast<std::ptrdiff_t>(spec_.truncate_depth);
    return best_is_last ? Side(std::prev(side.end(), depth), side.end())
                        : Side(side.begin(), std::next(side.begin(), depth));
  }
  static std::vector<venue::DepthLevel> amounts_now(const std::set<std::int64_t>& prices, const Side& side) {
    std::vector<venue::DepthLevel> out;
    for (const auto price : prices) {
      const auto it = side.find(price);
      out.push_back({{price, 2}, {it == side.end() ? 0 : it->second, 2}});
    }
    return out;
  }
  /// No delete is sent for a level that only left the window.
  static std::vector<venue::DepthLevel> changes(const Side& before, const Side& now, const Side& all) {
    std::vector<venue::DepthLevel> out;
    for (const auto& [price, amount] : before) {
      if (!now.contains(price) && !all.contains(price)) out.push_back({{price, 2}, {0, 2}});
    }
    for (const auto& [price, amount] : now) {
      const auto it = before.find(price);
      if (it == before.end() || it->second != amount) out.push_back({{price, 2}, {amount, 2}});
    }
    return out;
  }
  [[nodiscard]] std::optional<std::uint32_t> checksum() const {
    if (spec_.checksum != venue::ChecksumKind::crc32_top10_stripped) return {};
    std::string text;
    const auto add = [&text](const auto& level) { text += std::to_string(level.first) + std::to_string(level.second); };
    std::size_t n = 0;
    for (auto it = asks_.begin(); it != asks_.end() && n < 10; ++it, ++n) add(*it);
    n = 0;
    for (auto it = bids_.rbegin(); it != bids_.rend() && n < 10; ++it, ++n) add(*it);
    return static_cast<std::uint32_t>(
        ::crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<unsigned>(text.size())));
  }
  void remember() {
    Fingerprint print;
    const Side bids = window(bids_, true);
    const Side asks = window(asks_, false);
    for (auto it = bids.rbegin(); it != bids.rend(); ++it) print.add(it->first, it->second);
    print.add(0, 0);
    for (const auto& [price, amount] : asks) print.add(price, amount);
    past_[spec_.continuity == venue::Continuity::unsequenced ? 0 : id_].insert(print.value);
  }

  venue::BookSpec spec_;
  core::Random random_;
  Side bids_;
  Side asks_;
  Side sent_bids_;
  Side sent_asks_;
  std::int64_t mid_ = 100'000;
  std::uint64_t id_ = 1000;
  std::uint64_t sent_id_ = 0;
  std::optional<std::uint64_t> first_;
  std::set<std::int64_t> touched_bids_;
  std::set<std::int64_t> touched_asks_;
  std::map<std::uint64_t, std::set<std::uint64_t>> past_;
};

/// The line between the two, and the hands that carry out the tracker's requests.
class Run {
 public:
  Run(const venue::BookSpec& spec, std::uint64_t seed)
      : spec_(spec),
        f_(spec, {.max_held_back = 200, .seed = seed}),
        venue_(spec, seed * 7 + 1),
        random_(seed * 13 + 5) {
    connect(0ms);
  }
  void run(Duration duration, bool faults) {
    faults_ = faults;
    const Time end = f_.now + duration;
    while (f_.now < end && !::testing::Test::HasFailure()) tick();
  }
  [[nodiscard]] const TrackerFixture& tracker() const { return f_; }
  [[nodiscard]] std::uint64_t live_checks() const { return live_checks_; }

 private:
  [[nodiscard]] bool by_rest() const { return spec_.bootstrap == venue::Bootstrap::rest_snapshot; }
  void at(Duration delay, std::function<void()> what) { todo_.emplace(f_.now + delay, std::move(what)); }

  void tick() {
    f_.now += kTick;
    for (auto n = random_.below(4); n > 0; --n) venue_.step();
    if (++ticks_ % 5 == 0) publish();
    if (faults_ && random_.chance(1, 1500)) cut();
    while (!todo_.empty() && todo_.begin()->first <= f_.now) {
      const auto what = std::move(todo_.begin()->second);
      todo_.erase(todo_.begin());
      what();
      check();
    }
    f_.tracker.on_time(f_.now);
    check();
    for (const auto& request : std::exchange(f_.tracker.requests(), {})) carry_out(request.kind);
    f_.tracker.events().clear();
    f_.tracker.changed().clear();
  }
  void publish() {
    if (!venue_.anything_new() && spec_.continuity != venue::Continuity::prev_link) return;
    Message m = venue_.flush();
    if (spec_.bootstrap == venue::Bootstrap::every_message) m = venue_.snapshot();
    if (subscribed_) send(std::move(m));
  }
  void send(Message m) {
    Duration delay = 10ms;
    if (faults_ && random_.chance(1, 20)) {
      const auto kind = random_.below(4);
      if (kind == 0) return;                        // lost
      if (kind == 1) deliver_in(delay, m);          // twice at once
      if (kind == 2) deliver_in(delay + 200ms, m);  // and again much later
      if (kind == 3) delay += 60ms;                 // overtaken by the next
    }
    deliver_in(delay, std::move(m));
  }
  void deliver_in(Duration delay, Message m) {
    at(delay, [this, epoch = epoch_, m = std::move(m)] {
      if (epoch == epoch_) deliver(m);
    });
  }
  void deliver(const Message& m) {
    f_.records.clear();
    auto& levels = f_.records.levels();
    levels.insert(levels.end(), m.bids.begin(), m.bids.end());
    levels.insert(levels.end(), m.asks.begin(), m.asks.end());
    const venue::LevelRange range{0, static_cast<std::uint32_t>(m.bids.size()),
                                  static_cast<std::uint32_t>(m.asks.size())};
    if (m.snapshot) {
      f_.tracker.on_snapshot({"BTCUSDT", m.ids, range, m.checksum, {}, 0}, f_.records, f_.now);
    } else {
      f_.tracker.on_diff({"BTCUSDT", m.ids, range, m.checksum, {}}, f_.records, f_.now);
    }
  }
  void cut() {
    ++epoch_;
    subscribed_ = false;
    f_.tracker.on_stream_down("BTCUSDT", "cut", f_.now);
    connect(300ms);
  }
  void connect(Duration delay) {
    const auto epoch = ++epoch_;
    subscribed_ = false;
    at(delay, [this, epoch] {
      if (epoch != epoch_) return;
      f_.tracker.on_subscribed("BTCUSDT", f_.now);
      subscribed_ = true;
      if (by_rest()) return;
      venue_.flush();
      send(venue_.snapshot());
    });
  }
  void carry_out(BookRequest::Kind kind) {
    if (kind == BookRequest::Kind::resubscribe) return connect(50ms);
    if (faults_ && random_.chance(1, 10)) return;  // no answer at all
    const Duration there{static_cast<std::int64_t>(random_.below(200'000'000))};
    const Duration back{static_cast<std::int64_t>(random_.below(200'000'000))};
    const bool refused = faults_ && random_.chance(1, 5);
    at(there, [this, back, refused] {
      at(back, [this, refused, m = venue_.snapshot()] {
        if (refused) {
          f_.tracker.on_snapshot_failed("BTCUSDT", {StatusCode::unavailable, "HTTP 503"}, f_.now);
        } else {
          deliver(m);
        }
      });
    });
  }
  void check() {
    const auto* levels = f_.book().live();
    if (levels == nullptr) return;
    ++live_checks_;
    ASSERT_TRUE(venue_.was(f_.book().last_update_id(), fingerprint(*levels)))
        << "at " << f_.book().last_update_id() << ": " << picture(*levels) << "\n"
        << f_.tracker.explain("BTC-USDT"_pair);
  }

  venue::BookSpec spec_;
  TrackerFixture f_;
  ModelVenue venue_;
  core::Random random_;
  std::multimap<Time, std::function<void()>> todo_;
  bool faults_ = true;
  bool subscribed_ = false;
  std::uint64_t epoch_ = 0;
  std::uint64_t ticks_ = 0;
  std::uint64_t live_checks_ = 0;
};

void prove(const venue::BookSpec& spec, bool shows_faults) {
  BookCounters sum;
  std::uint64_t live_checks = 0;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Run run(spec, seed);
    run.run(30s, true);
    run.run(60s, false);
    EXPECT_TRUE(run.tracker().book().is_live()) << run.tracker().tracker.explain("BTC-USDT"_pair);
    sum += run.tracker().counters();
    live_checks += run.live_checks();
    if (::testing::Test::HasFailure()) return;
  }
  EXPECT_GT(live_checks, 20'000U);  // it was mostly live, not just never wrong
  if (shows_faults) {
    EXPECT_GT(sum.breaks + sum.checksum_bad, 12U);
    EXPECT_GT(sum.resyncs, 6U);
  }
}

TEST(OrderBookProperty, binance_spot) { prove(binance_spot(), true); }
TEST(OrderBookProperty, binance_perpetual) { prove(binance_perpetual(), true); }
TEST(OrderBookProperty, crypto_com) { prove(crypto_com(), true); }
TEST(OrderBookProperty, okx_with_resets) {
  auto spec = okx();
  spec.checksum = venue::ChecksumKind::none;
  prove(spec, true);
}
TEST(OrderBookProperty, bybit) { prove(bybit(), true); }
TEST(OrderBookProperty, kraken) { prove(kraken(), true); }
TEST(OrderBookProperty, hyperliquid) { prove(hyperliquid(), false); }
TEST(OrderBookProperty, binance_spot_with_frequent_refreshes) {
  auto spec = binance_spot();
  spec.snapshot_refresh = 700ms;
  prove(spec, true);
}
TEST(OrderBookProperty, binance_perpetual_with_frequent_refreshes) {
  auto spec = binance_perpetual();
  spec.snapshot_refresh = 700ms;
  prove(spec, true);
}

}  // namespace
}  // namespace calypte::engine::test
