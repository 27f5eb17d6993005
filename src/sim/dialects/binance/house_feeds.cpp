// Streams of market data: their names, their listeners, and what is published at fixed times.
#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "sim/dialects/binance/house.hpp"

namespace calypte::sim::binance {

std::optional<Duration> kline_length(std::string_view interval) {
  static constexpr std::pair<std::string_view, Duration> kLengths[] = {
      {"1s", 1s}, {"1m", 1min}, {"3m", 3min}, {"5m", 5min}, {"15m", 15min}, {"30m", 30min}, {"1h", 1h},
      {"2h", 2h}, {"4h", 4h},   {"6h", 6h},   {"8h", 8h},   {"12h", 12h},   {"1d", 24h},    {"3d", 72h}};
  for (const auto& [name, length] : kLengths) {
    if (name == interval) return length;
  }
  return std::nullopt;
}

std::vector<EngineLevel> difference(const std::vector<EngineLevel>& before, const std::vector<EngineLevel>& after,
                                    Side side) {
  const auto comes_first = [side](const EngineLevel& a, const EngineLevel& b) {
    return side == Side::buy ? a.price > b.price : a.price < b.price;
  };
  std::vector<EngineLevel> changes;
  auto old = before.begin();
  auto now = after.begin();
  while (old != before.end() || now != after.end()) {
    if (now == after.end() || (old != before.end() && comes_first(*old, *now))) {
      changes.push_back(EngineLevel{old->price, 0, 0});
      ++old;
    } else if (old == before.end() || comes_first(*now, *old)) {
      changes.push_back(*now);
      ++now;
    } else {
      if (old->quantity != now->quantity) changes.push_back(*now);
      ++old;
      ++now;
    }
  }
  return changes;
}

std::optional<FeedSpec> BinanceHouse::parse_stream(std::string_view name, std::string_view) const {
  FeedSpec spec;
  if (name == "!miniTicker@arr") {
    spec.kind = FeedKind::mini_ticker;
    spec.every = rules_.ticker_period;
    return spec;
  }
  const std::size_t at = name.find('@');
  if (at == std::string_view::npos) return std::nullopt;
  spec.instrument = find_lower_symbol(name.substr(0, at));
  if (!spec.instrument) return std::nullopt;
  const std::string_view what = name.substr(at + 1);
  if (what == "trade" || what == "aggTrade") {
    spec.kind = what == "trade" ? FeedKind::trade : FeedKind::aggregated_trade;
    return spec;
  }
  if (what == "bookTicker") {
    spec.kind = FeedKind::book_ticker;
    return spec;
  }
  if (what == "ticker" || what == "miniTicker") {
    spec.kind = what == "ticker" ? FeedKind::ticker : FeedKind::mini_ticker;
    spec.every = rules_.ticker_period;
    return spec;
  }
  if (constexpr std::string_view kKline = "kline_"; what.substr(0, kKline.size()) == kKline) {
    const std::string_view interval = what.substr(kKline.size());
    const auto length = kline_length(interval);
    if (!length || (interval == "1s" && !rules_.one_second_klines)) return std::nullopt;
    spec.kind = FeedKind::kline;
    spec.every = interval == "1s" ? rules_.fast_kline_period : rules_.kline_period;
    spec.interval = interval;
    spec.interval_length = *length;
    return spec;
  }
  constexpr std::string_view kDepth = "depth";
  if (what.substr(0, kDepth.size()) != kDepth) return std::nullopt;
  std::string_view rest = what.substr(kDepth.size());
  spec.kind = FeedKind::depth;
  for (const auto& [word, levels] : {std::pair<std::string_view, std::size_t>{"5", 5}, {"10", 10}, {"20", 20}}) {
    if (rest.substr(0, rest.find('@')) != word) continue;
    spec.kind = FeedKind::partial_depth;
    spec.depth = levels;
    rest.remove_prefix(word.size());
    break;
  }
  for (const auto& [suffix, period] : rules_.depth_speeds) {
    if (suffix != rest) continue;
    spec.every = period;
    return spec;
  }
  return std::nullopt;
}

void BinanceHouse::subscribe(ConnectionId id, Connection& connection, const std::string& name, Time now) {
  const auto& names = connection.streams;
  if (std::find(names.begin(), names.end(), name) != names.end()) return;
  connection.streams.push_back(name);
  on_subscribed(id, connection, name, now);
  const std::optional<FeedSpec> spec = parse_stream(name, connection.route);
  if (!spec) return;
  const auto [place, is_new] = feeds_.try_emplace(name);
  Feed& feed = place->second;
  feed.listeners.insert(id);
  if (!is_new) return;
  feed.spec = *spec;
  if (spec->kind != FeedKind::depth) {
    if (spec->every > Duration{0}) feed.next = next_beat(spec->every, now);
    return;
  }
  const MatchingEngine& book = exchange_.book(*spec->instrument);
  book.levels(Side::buy, book.level_count(Side::buy), feed.bids);
  book.levels(Side::sell, book.level_count(Side::sell), feed.asks);
  feed.last_id = book_update_id(*spec->instrument);
}

void BinanceHouse::unsubscribe(ConnectionId id, Connection& connection, const std::string& name) {
  connection.streams.erase(std::remove(connection.streams.begin(), connection.streams.end(), name),
                           connection.streams.end());
  const auto feed = feeds_.find(name);
  if (feed == feeds_.end()) return;
  feed->second.listeners.erase(id);
  if (feed->second.listeners.empty()) feeds_.erase(feed);
}

void BinanceHouse::publish_text(const std::string& name, const Feed& feed, const std::string& data) {
  if (faults_.muted_streams.count(name) > 0) return;
  for (const ConnectionId id : feed.listeners) {
    const auto connection = connections_.find(id);
    if (connection != connections_.end()) send_data(id, connection->second, name, data);
  }
}

void BinanceHouse::send_data(ConnectionId id, const Connection& connection, std::string_view name,
                             const std::string& data) {
  if (faults_.mute_data) return;
  if (!connection.combined) {
    send(id, data);
    return;
  }
  std::string text;
  Writer(text).begin_object().field("stream", name).key("data").raw(data).end_object();
  send(id, std::move(text));
}

void BinanceHouse::publish(const std::string& name, Feed& feed, Time now) {
  switch (feed.spec.kind) {
    case FeedKind::depth:
      publish_depth(name, feed, now);
      break;
    case FeedKind::partial_depth: {
      const std::size_t instrument = *feed.spec.instrument;
      if (feed.last_id == book_update_id(instrument)) break;  // A book that stands still is not told again.
      publish_text(name, feed, partial_depth_event(instrument, feed, now));
      feed.last_id = book_update_id(instrument);
      break;
    }
    case FeedKind::ticker:
    case FeedKind::mini_ticker:
      publish_tickers(name, feed, now);
      break;
    case FeedKind::kline:
      publish_kline(name, feed, now);
      break;
    case FeedKind::book_ticker:
    case FeedKind::trade:
    case FeedKind::aggregated_trade:
    case FeedKind::other:
      break;
  }
}

namespace {

/// Adds the levels that a snapshot has shown and whose end result is what it was before.
void add_shown(std::vector<EngineLevel>& changes, std::set<std::int64_t>& shown, const std::vector<EngineLevel>& levels,
               Side side) {
  for (const std::int64_t price : std::exchange(shown, {})) {
    const auto same = [price](const EngineLevel& level) { return level.price == price; };
    if (std::ranges::any_of(changes, same)) continue;
    const auto level = std::ranges::find_if(levels, same);
    changes.push_back(level == levels.end() ? EngineLevel{price, 0, 0} : *level);
  }
  std::ranges::sort(changes, [side](const EngineLevel& a, const EngineLevel& b) {
    return side == Side::buy ? a.price > b.price : a.price < b.price;
  });
}

}  // namespace

void BinanceHouse::note_shown(std::size_t instrument) {
  const MatchingEngine& book = exchange_.book(instrument);
  std::vector<EngineLevel> levels;
  for (auto& [name, feed] : feeds_) {
    if (feed.spec.kind != FeedKind::depth || feed.spec.instrument != instrument || feed.first_id == 0) continue;
    book.levels(Side::buy, book.level_count(Side::buy), levels);
    for (const auto& level : difference(feed.bids, levels, Side::buy)) feed.shown_bids.insert(level.price);
    book.levels(Side::sell, book.level_count(Side::sell), levels);
    for (const auto& level : difference(feed.asks, levels, Side::sell)) feed.shown_asks.insert(level.price);
  }
}

void BinanceHouse::publish_depth(const std::string& name, Feed& feed, Time now) {
  if (feed.first_id == 0) return;
  const std::size_t instrument = *feed.spec.instrument;
  const MatchingEngine& book = exchange_.book(instrument);
  std::vector<EngineLevel> bids;
  std::vector<EngineLevel> asks;
  book.levels(Side::buy, book.level_count(Side::buy), bids);
  book.levels(Side::sell, book.level_count(Side::sell), asks);
  DepthEvent event;
  event.bids = difference(feed.bids, bids, Side::buy);
  event.asks = difference(feed.asks, asks, Side::sell);
  add_shown(event.bids, feed.shown_bids, bids, Side::buy);
  add_shown(event.asks, feed.shown_asks, asks, Side::sell);
  // What came and went within the interval unseen leaves nothing to tell; its ids are part of the next event.
  if (event.bids.empty() && event.asks.empty()) return;
  event.instrument = instrument;
  event.first_id = feed.first_id;
  event.last_id = book_update_id(instrument);
  event.previous_id = feed.last_id;
  feed.bids = std::move(bids);
  feed.asks = std::move(asks);
  feed.first_id = 0;
  feed.last_id = event.last_id;
  const std::uint64_t number = ++depth_events_made_;
  if (faults_.drop_depth_events.count(number) > 0) return;
  const std::string text = depth_event(event, now);
  publish_text(name, feed, text);
  if (faults_.duplicate_depth_events.count(number) > 0) publish_text(name, feed, text);
}

void BinanceHouse::publish_tickers(const std::string& name, Feed& feed, Time now) {
  const bool mini = feed.spec.kind == FeedKind::mini_ticker;
  const auto traded = [this](std::size_t instrument) { return !exchange_.tape(instrument).trades().empty(); };
  if (feed.spec.instrument) {
    if (traded(*feed.spec.instrument)) publish_text(name, feed, ticker_event(*feed.spec.instrument, mini, now));
    return;
  }
  std::string list;
  Writer out(list);
  out.begin_array();
  for (std::size_t i = 0; i < exchange_.instruments().size(); ++i) {
    if (traded(i)) out.raw(ticker_event(i, mini, now));
  }
  out.end_array();
  if (list != "[]") publish_text(name, feed, list);
}

void BinanceHouse::publish_kline(const std::string& name, Feed& feed, Time now) {
  const std::size_t instrument = *feed.spec.instrument;
  const std::vector<Candle> list = candles(instrument, feed.spec.interval_length, 2, now);
  if (list.empty()) return;
  // The candle that has just ended is told once more, as final, if its end fell into the last period.
  const Time before = now - feed.spec.every;
  if (list.size() == 2 && list.back().open_time > before) {
    publish_text(name, feed, kline_event(instrument, feed.spec, list.front(), true, now));
  }
  publish_text(name, feed, kline_event(instrument, feed.spec, list.back(), false, now));
}

}  // namespace calypte::sim::binance
