// Feeds the order book tracker: keeps the market streams connected and subscribed, decodes their frames, and fetches
// the snapshots that the tracker asks for. Where trades and funding have a route of their own it keeps that one too; a
// trouble of that route is none of the books. The same code for every venue.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "calypte/events.hpp"
#include "calypte/log.hpp"

#include "core/random.hpp"
#include "engine/clock_sync.hpp"
#include "engine/order_book_tracker.hpp"
#include "engine/request_desk.hpp"
#include "engine/session.hpp"
#include "engine/subscriptions.hpp"
#include "venue/venue.hpp"

namespace calypte::engine {

/// Messages of one kind of stream: what came and what could not be read.
struct FrameCounters {
  std::uint64_t frames = 0;
  std::uint64_t unreadable = 0;
  std::uint64_t bytes = 0;
};

/// Whoever wants to know of funding; the report is valid during the call.
using FundingSink = std::function<void(const venue::FundingReport&, Time)>;

class OrderBookTrackerDataSource {
 public:
  OrderBookTrackerDataSource(venue::Venue& venue, OrderBookTracker& tracker, RequestDesk& desk, ClockSync& clock,
                             core::Random random, Actions& actions, LogSink& log);

  /// False if the pair, or its symbol for another pair, is followed already, or is not.
  bool add_trading_pair(const TradingPair& pair, const Symbol& symbol, Time now);
  bool remove_trading_pair(const TradingPair& pair, Time now);
  [[nodiscard]] std::vector<TradingPair> trading_pairs() const;

  /// Derivatives: where the reports of `Channel::funding` go. Set before the first pair is followed.
  void set_funding_sink(FundingSink sink) { funding_sink_ = std::move(sink); }

  void start(Time now);
  void stop(Time now);

  void on_stream_up(venue::StreamId stream, Time now);
  void on_stream_down(venue::StreamId stream, std::string_view reason, Time now);
  void on_stream_alive(venue::StreamId stream, Time now);
  /// False if the message was nothing but market data: then nothing is left to be done, and no deadline came nearer.
  bool on_frame(venue::StreamId stream, venue::Bytes frame, Time now);
  void on_time(Time now);
  void excuse(Duration lost, Time now);  ///< engine/excuse.hpp
  [[nodiscard]] Time next_wakeup() const;

  /// `ConnectorErrorEvent`s: refused subscriptions and unreadable messages.
  [[nodiscard]] std::vector<Event>& events() noexcept { return events_; }
  [[nodiscard]] const FrameCounters& counters() const noexcept { return counters_; }
  /// The oldest sign of life among the connections that carry books; the epoch if one is down or there is none.
  [[nodiscard]] Time last_recv_time() const;

 private:
  struct Connection {
    Session session;
    Subscriptions subscriptions;
    Connection(OrderBookTrackerDataSource& owner, venue::StreamId stream);
  };
  /// The connections of one kind, and what a pair is subscribed to on them.
  struct Route {
    venue::StreamKind kind;
    std::vector<venue::Channel> channels;  // empty: the venue has no such route
    std::deque<Connection> connections;    // a deque, since connections hold references to their own parts
  };
  static constexpr std::size_t kRoutes = 2;
  struct Followed {
    Symbol symbol;
    std::array<std::size_t, kRoutes> connection{};  // by route
  };

  Route& books() noexcept { return routes_[0]; }
  Connection& connection_for_new_pair(Route& route, Time now, std::size_t& index);
  Connection& book_connection(const Followed& followed) { return books().connections[followed.connection[0]]; }
  Connection* find(venue::StreamId stream);
  bool handle_signals(Connection& connection, Time now);  ///< true if there was anything to handle
  bool carry_out_book_requests(Time now);
  void fetch_snapshot(const Symbol& symbol);
  bool apply(Connection& connection, Time now);
  bool apply_control(Connection& connection, const venue::Record& record, Time now);

  venue::Venue& venue_;
  OrderBookTracker& tracker_;
  RequestDesk& desk_;
  ClockSync& clock_;
  core::Random random_;
  Actions& actions_;
  LogSink& log_;
  FundingSink funding_sink_;
  std::array<Route, kRoutes> routes_;  // the books' first
  std::map<TradingPair, Followed> followed_;
  venue::Records records_;
  std::vector<Event> events_;
  FrameCounters counters_;
  bool running_ = false;
};

}  // namespace calypte::engine
