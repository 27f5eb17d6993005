#include "cli/replay/replayer.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <unordered_set>
#include <utility>

#include "connector/registry.hpp"

namespace calypte::cli {

namespace {

/// Deadlines that fall due between two events; more mean that one of them is set anew again and again.
constexpr int kMaxWakeups = 10'000;

class Replayer {
 public:
  Replayer(venue::Venue& venue, const Recording& recording)
      : venue_(venue),
        recording_(recording),
        // A recorded answer may come later than we would have waited.
        tracker_(venue.spec().book, {.snapshot_limit = std::chrono::hours{24}}) {
    result_.recording = recording.name;
    result_.venue = recording.venue;
    result_.conversation = recording.conversation;
  }

  ReplayResult run() {
    for (const RecordedEvent& event : recording_.events) {
      wake_until(event.at);
      switch (event.kind) {
        case RecordedEvent::Kind::connected:
          connected(event);
          break;
        case RecordedEvent::Kind::frame:
          frame(event);
          break;
        case RecordedEvent::Kind::reply:
          reply(event);
          break;
      }
      carry_out_requests();
    }
    finish();
    return std::move(result_);
  }

 private:
  /// The recording may step back between connections; the tracker's time does not.
  void wake_until(Time at) {
    for (int i = 0; i < kMaxWakeups && tracker_.next_wakeup() <= at; ++i) {
      now_ = std::max(now_, tracker_.next_wakeup());
      tracker_.on_time(now_);
      carry_out_requests();
    }
    now_ = std::max(now_, at);
  }

  /// The first time nothing follows; a connection that comes again takes its books down and subscribes anew.
  void connected(const RecordedEvent& event) {
    for (const auto& [symbol, connection] : connections_) {
      if (connection != event.connection) continue;
      tracker_.on_stream_down(symbol, "connected again", now_);
      tracker_.on_subscribed(symbol, now_);
    }
  }

  void undecoded(const RecordedEvent& event, const Status& status) {
    if (result_.undecoded++ != 0) return;
    result_.faults.push_back(fmt::format("first undecoded message{}{}: {}: {}", event.connection.empty() ? "" : " of ",
                                         event.connection, status.to_string(),
                                         std::string_view(event.text).substr(0, 120)));
  }

  void frame(const RecordedEvent& event) {
    ++result_.frames;
    records_.clear();
    const Status status = venue_.decode_frame(venue::StreamKind::market, buffer_.assign(event.text), records_);
    std::string channel(records_.channel().empty() ? "?" : records_.channel());
    auto& counts = result_.channels[channel];
    ++counts.messages;
    if (!seen_[channel].insert(std::hash<std::string_view>{}(event.text)).second) ++counts.repeated;
    if (!status.ok()) {
      undecoded(event, status);
      // As live: where nothing chains the messages, an unreadable one puts every book in doubt.
      if (venue_.spec().book.continuity == venue::Continuity::unsequenced) tracker_.on_unreadable({}, channel, now_);
    } else if (records_.empty()) {
      ++result_.without_records;
    }
    for (const auto& record : records_.items()) apply(record, event);
  }

  void apply(const venue::Record& record, const RecordedEvent& event) {
    if (const auto* answer = std::get_if<venue::SubscriptionResult>(&record)) {
      if (!answer->status.ok()) ++result_.notices;
    } else if (std::holds_alternative<venue::VenueNotice>(record)) {
      ++result_.notices;
    }
    if (!recording_.conversation) return;
    if (const auto* diff = std::get_if<venue::DepthDiff>(&record)) {
      follow(diff->symbol, event.connection);
      apply_diff(*diff);
    } else if (const auto* snapshot = std::get_if<venue::DepthSnapshot>(&record)) {
      follow(snapshot->symbol, event.connection);
      tracker_.on_snapshot(*snapshot, records_, now_);
    } else if (const auto* trade = std::get_if<venue::PublicTrade>(&record)) {
      follow(trade->symbol, event.connection);
      tracker_.on_trade(*trade, now_);
    } else if (const auto* quote = std::get_if<venue::BestBidAsk>(&record)) {
      follow(quote->symbol, event.connection);
      quotes_.on_quote(*quote);
      tracker_.on_best_bid_ask(*quote, now_);
    }
    tracker_.events().clear();
    tracker_.changed().clear();
  }

  void apply_diff(const venue::DepthDiff& diff) {
    const OrderBook* book = tracker_.order_book_by_symbol(diff.symbol);
    const bool was_live = book != nullptr && book->is_live();
    const std::uint64_t before = was_live ? book->last_update_id() : 0;
    tracker_.on_diff(diff, records_, now_);
    // What is held back is applied later, together, and leaves no picture in between to compare.
    const bool applied = was_live && book->is_live() && book->last_update_id() != before;
    if (applied) quotes_.on_applied(diff.symbol, diff.ids, *book);
  }

  void follow(std::string_view symbol, const std::string& connection) {
    if (tracker_.order_book_by_symbol(symbol) != nullptr) return;
    const std::string name(symbol);
    const auto known = pairs_.find(name);
    const TradingPair pair = known != pairs_.end() ? known->second : derive_pair(symbol);
    if (!tracker_.add_trading_pair(pair, Symbol(name), now_)) {
      // Two symbols of one pair, as of a list with several markets.
      if (!tracker_.add_trading_pair(derive_pair(name + "-BY.SYMBOL"), Symbol(name), now_)) return;
    }
    connections_.emplace(name, connection);
    tracker_.on_subscribed(symbol, now_);
  }

  void reply(const RecordedEvent& event) {
    ++result_.replies;
    if (const auto* depth = std::get_if<venue::QueryDepth>(&*event.request); depth && recording_.conversation) {
      const std::string symbol = depth->symbol.value;
      follow(symbol, {});
      answers_[symbol].push_back(&event);
      deliver(symbol);
      return;
    }
    decode(event);
    for (auto& record : records_.items()) {
      if (auto* instrument = std::get_if<venue::Instrument>(&record)) {
        ++result_.instruments;
        pairs_.emplace(instrument->symbol.value, instrument->rule.trading_pair);
      } else if (std::holds_alternative<venue::BadInstrument>(record)) {
        ++result_.bad_instruments;
      }
    }
  }

  bool decode(const RecordedEvent& event) {
    records_.clear();
    const Status status = venue_.decode_reply(*event.request, {200, {}, buffer_.assign(event.text)}, records_);
    if (!status.ok()) undecoded(event, status);
    return status.ok();
  }

  /// Hands the oldest recorded answer over if the tracker waits for one.
  void deliver(const std::string& symbol) {
    auto& answers = answers_[symbol];
    if (answers.empty() || !wanted_.contains(symbol)) return;
    wanted_.erase(symbol);
    const RecordedEvent& event = *answers.front();
    answers.erase(answers.begin());
    if (!decode(event)) return tracker_.on_snapshot_failed(symbol, {StatusCode::malformed, "unreadable"}, now_);
    for (const auto& record : records_.items()) {
      if (const auto* snapshot = std::get_if<venue::DepthSnapshot>(&record)) {
        tracker_.on_snapshot(*snapshot, records_, now_);
      }
    }
  }

  void carry_out_requests() {
    while (!tracker_.requests().empty()) {
      for (const auto& request : std::exchange(tracker_.requests(), {})) {
        if (request.kind == engine::BookRequest::Kind::resubscribe) {
          ++result_.resubscriptions;
        } else {
          wanted_.insert(request.symbol.value);
          deliver(request.symbol.value);
        }
      }
    }
  }

  void fault_if(std::uint64_t count, std::string_view what) {
    if (count != 0) result_.faults.push_back(fmt::format("{} {}", count, what));
  }

  void finish() {
    quotes_.finish();
    result_.quotes = quotes_.counts();
    result_.books = tracker_.counters();
    for (const auto& [symbol, answers] : answers_) result_.unasked_books += answers.size();
    for (const TradingPair& pair : tracker_.trading_pairs()) {
      // A symbol of which there were only trades has no book to be judged.
      const auto counters = tracker_.counters(pair);
      if (counters.snapshots + counters.diffs + counters.held_back + counters.dropped_unsynced == 0) continue;
      ++result_.books_followed;
      if (const OrderBook* book = tracker_.order_book(pair); book->is_live()) {
        ++result_.books_live;
      } else {
        result_.faults.push_back(pair.to_string() + " is not live at the end: " + book->state_reason());
      }
    }
    const auto& books = result_.books;
    fault_if(result_.undecoded, "undecoded messages");
    fault_if(books.breaks, "breaks of a chain");
    fault_if(books.crossed, "crossed books");
    fault_if(books.checksum_bad, "wrong checksums");
    fault_if(books.unrepresentable, "numbers that fit no book");
    fault_if(books.bbo_compared - books.bbo_agreed, "best prices that disagree at the same id");
    fault_if(result_.quotes.compared - result_.quotes.agreed, "best prices that disagree within a message's ids");
  }

  venue::Venue& venue_;
  const Recording& recording_;
  engine::OrderBookTracker tracker_;
  QuoteCheck quotes_;
  venue::Records records_;
  venue::PaddedBuffer buffer_;
  ReplayResult result_;
  Time now_{};
  std::map<std::string, TradingPair> pairs_;
  std::map<std::string, std::string> connections_;  // of the followed symbols
  std::map<std::string, std::vector<const RecordedEvent*>> answers_;
  std::unordered_set<std::string> wanted_;
  std::map<std::string, std::unordered_set<std::size_t>> seen_;  // hashes of the messages of a channel
};

}  // namespace

ReplayResult replay(const Recording& recording, venue::Venue& venue) { return Replayer(venue, recording).run(); }

ReplayResult replay_file(const FoundRecording& found) {
  ReplayResult result;
  result.recording = found.name;
  const auto venue = connector::make_venue(found.venue);
  if (venue == nullptr) return result;
  const auto recording = read_recording(found);
  if (recording.ok()) return replay(*recording, *venue);
  result.venue = found.venue;
  result.faults.push_back("cannot be read: " + recording.status().to_string());
  return result;
}

TradingPair derive_pair(std::string_view symbol) {
  std::string text(symbol);
  for (char& c : text) {
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!letter && c != '.') c = '-';
  }
  auto dash = text.find('-');
  if (dash == std::string::npos) {
    constexpr std::array<std::string_view, 8> kQuotes = {"USDT", "USDC", "BUSD", "BTC", "ETH", "BNB", "EUR", "USD"};
    for (const std::string_view quote : kQuotes) {
      if (text.size() <= quote.size() || !text.ends_with(quote)) continue;
      dash = text.size() - quote.size();
      text.insert(dash, "-");
      break;
    }
  }
  if (dash == std::string::npos || dash == 0 || dash + 1 == text.size()) return TradingPair::from_assets(text, "ANY");
  // "BTC-USD-220527" is a contract of its own beside BTC-USD.
  std::string quote = text.substr(dash + 1);
  std::replace(quote.begin(), quote.end(), '-', '.');
  return TradingPair::from_assets(text.substr(0, dash), quote);
}

}  // namespace calypte::cli
