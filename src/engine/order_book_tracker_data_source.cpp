#include "engine/order_book_tracker_data_source.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <variant>

namespace calypte::engine {

using namespace std::chrono_literals;
using venue::Channel;

namespace {

constexpr Duration kSnapshotLimit = 10s;

/// What a pair is subscribed to on the route of the books, or on that of the trades.
std::vector<Channel> channels_of(const venue::VenueSpec& spec, bool books) {
  std::vector<Channel> channels;
  if (books) channels.push_back(Channel::depth);
  if (books == spec.streams.own_trade_stream) return channels;
  channels.push_back(Channel::trades);
  if (spec.kind == ConnectorKind::derivative) channels.push_back(Channel::funding);
  return channels;
}

std::string kind_name(venue::StreamId stream) { return to_string(venue::StreamId{stream.kind, 0}); }

}  // namespace

OrderBookTrackerDataSource::Connection::Connection(OrderBookTrackerDataSource& owner, venue::StreamId stream)
    : session(stream, owner.venue_.spec().streams, false, Backoff({}, owner.random_.split()), owner.actions_,
              owner.log_),
      subscriptions(owner.venue_, session, owner.log_) {}

OrderBookTrackerDataSource::OrderBookTrackerDataSource(venue::Venue& venue, OrderBookTracker& tracker,
                                                       RequestDesk& desk, ClockSync& clock, core::Random random,
                                                       Actions& actions, LogSink& log)
    : venue_(venue),
      tracker_(tracker),
      desk_(desk),
      clock_(clock),
      random_(random),
      actions_(actions),
      log_(log),
      routes_{Route{venue::StreamKind::market, channels_of(venue.spec(), true), {}},
              Route{venue::StreamKind::trades, channels_of(venue.spec(), false), {}}} {}

OrderBookTrackerDataSource::Connection& OrderBookTrackerDataSource::connection_for_new_pair(Route& route, Time now,
                                                                                            std::size_t& index) {
  const std::size_t room = venue_.spec().streams.max_channels_per_connection;
  for (index = 0; index < route.connections.size(); ++index) {
    auto& connection = route.connections[index];
    if (connection.subscriptions.size() + route.channels.size() <= room) return connection;
  }
  auto& added = route.connections.emplace_back(
      *this, venue::StreamId{route.kind, static_cast<std::uint16_t>(route.connections.size())});
  if (running_) added.session.start(now);
  return added;
}

bool OrderBookTrackerDataSource::add_trading_pair(const TradingPair& pair, const Symbol& symbol, Time now) {
  if (followed_.contains(pair) || !tracker_.add_trading_pair(pair, symbol, now)) return false;
  auto& followed = followed_.emplace(pair, Followed{symbol, {}}).first->second;
  for (std::size_t i = 0; i < kRoutes; ++i) {
    if (routes_[i].channels.empty()) continue;
    auto& connection = connection_for_new_pair(routes_[i], now, followed.connection[i]);
    for (const auto channel : routes_[i].channels) connection.subscriptions.want({channel, symbol}, now);
    handle_signals(connection, now);
  }
  return true;
}

bool OrderBookTrackerDataSource::remove_trading_pair(const TradingPair& pair, Time now) {
  const auto it = followed_.find(pair);
  if (it == followed_.end()) return false;
  for (std::size_t i = 0; i < kRoutes; ++i) {
    for (const auto channel : routes_[i].channels) {
      routes_[i].connections[it->second.connection[i]].subscriptions.unwant({channel, it->second.symbol}, now);
    }
  }
  tracker_.remove_trading_pair(pair, now);
  followed_.erase(it);
  return true;
}

std::vector<TradingPair> OrderBookTrackerDataSource::trading_pairs() const {
  std::vector<TradingPair> pairs;
  pairs.reserve(followed_.size());
  for (const auto& [pair, followed] : followed_) pairs.push_back(pair);
  return pairs;
}

void OrderBookTrackerDataSource::start(Time now) {
  if (running_) return;
  running_ = true;
  for (auto& route : routes_) {
    for (auto& connection : route.connections) connection.session.start(now);
  }
}

void OrderBookTrackerDataSource::stop(Time now) {
  if (!running_) return;
  running_ = false;
  for (auto& route : routes_) {
    for (auto& connection : route.connections) {
      connection.session.stop(now);
      handle_signals(connection, now);
    }
  }
}

OrderBookTrackerDataSource::Connection* OrderBookTrackerDataSource::find(venue::StreamId stream) {
  for (auto& route : routes_) {
    if (route.kind == stream.kind && stream.index < route.connections.size()) return &route.connections[stream.index];
  }
  return nullptr;
}

void OrderBookTrackerDataSource::on_stream_up(venue::StreamId stream, Time now) {
  if (auto* connection = find(stream)) {
    connection->session.on_up(now);
    handle_signals(*connection, now);
  }
}

void OrderBookTrackerDataSource::on_stream_down(venue::StreamId stream, std::string_view reason, Time now) {
  if (auto* connection = find(stream)) {
    connection->session.on_down(reason, now);
    handle_signals(*connection, now);
  }
}

void OrderBookTrackerDataSource::on_stream_alive(venue::StreamId stream, Time now) {
  if (auto* connection = find(stream)) connection->session.on_alive(now);
}

bool OrderBookTrackerDataSource::handle_signals(Connection& connection, Time now) {
  const bool anything = !connection.session.signals().empty() || !connection.subscriptions.outcomes().empty();
  // Drained by swapping, since subscribing may bring the session down again and so add a signal.
  while (!connection.session.signals().empty()) {
    for (const auto signal : std::exchange(connection.session.signals(), {})) {
      if (signal == Session::Signal::up) {
        connection.subscriptions.on_session_up(now);
      } else if (signal == Session::Signal::down) {
        connection.subscriptions.on_session_down();
        for (const auto& [pair, followed] : followed_) {
          if (&book_connection(followed) != &connection) continue;
          tracker_.on_stream_down(followed.symbol.value, connection.session.down_reason(), now);
        }
      }
    }
  }
  for (const auto& outcome : std::exchange(connection.subscriptions.outcomes(), {})) {
    if (outcome.kind == Subscriptions::Outcome::Kind::refused) {
      events_.push_back(ConnectorErrorEvent{
          .timestamp = now,
          .channel = kind_name(connection.session.stream()) + ": " + outcome.subscription.symbol.value,
          .status = outcome.status});
    }
    if (outcome.subscription.channel != Channel::depth) continue;
    const std::string& symbol = outcome.subscription.symbol.value;
    // A snapshot by REST says nothing of the stream: it counts only once the stream is known to carry the book. One
    // that the stream itself brings may come before the answer to the request.
    const bool by_rest = venue_.spec().book.bootstrap == venue::Bootstrap::rest_snapshot;
    const auto begins = by_rest ? Subscriptions::Outcome::Kind::confirmed : Subscriptions::Outcome::Kind::asked;
    if (outcome.kind == begins) tracker_.on_subscribed(symbol, now);
    if (outcome.kind == Subscriptions::Outcome::Kind::refused) {
      tracker_.on_subscription_failed(symbol, outcome.status, now);
    }
  }
  return carry_out_book_requests(now) || anything;
}

bool OrderBookTrackerDataSource::carry_out_book_requests(Time now) {
  if (tracker_.requests().empty()) return false;
  for (const auto& request : std::exchange(tracker_.requests(), {})) {
    const auto it = followed_.find(request.trading_pair);
    if (it == followed_.end()) continue;
    if (request.kind == BookRequest::Kind::snapshot) {
      fetch_snapshot(request.symbol);
    } else {
      book_connection(it->second).subscriptions.renew({Channel::depth, request.symbol}, now);
    }
  }
  return true;
}

void OrderBookTrackerDataSource::fetch_snapshot(const Symbol& symbol) {
  desk_.submit(venue::QueryDepth{symbol}, Lane::bulk, kSnapshotLimit, [this, symbol](const Reply& reply) {
    if (!reply.status.ok()) {
      tracker_.on_snapshot_failed(symbol.value, reply.status, reply.received);
    }
    for (const auto& record : reply.records.items()) {
      if (const auto* snapshot = std::get_if<venue::DepthSnapshot>(&record)) {
        tracker_.on_snapshot(*snapshot, reply.records, reply.received);
      }
    }
  });
}

bool OrderBookTrackerDataSource::on_frame(venue::StreamId stream, venue::Bytes frame, Time now) {
  auto* connection = find(stream);
  if (connection == nullptr) return false;
  connection->session.on_alive(now);
  ++counters_.frames;
  counters_.bytes += frame.size();
  records_.clear();
  const Status status = venue_.decode_frame(stream.kind, frame, records_);
  if (!status.ok()) {
    ++counters_.unreadable;
    const auto channel =
        fmt::format("{}: {}", kind_name(stream), records_.channel().empty() ? "?" : records_.channel());
    log_.log(LogLevel::error, to_string(stream),
             fmt::format("{} {}: {}", venue_.spec().name, channel, status.to_string()));
    events_.push_back(ConnectorErrorEvent{.timestamp = now, .channel = channel, .status = status});
    // A chain shows by itself whether a message of the book was lost; where there is no chain every book is doubted.
    if (stream.kind == venue::StreamKind::market && venue_.spec().book.continuity == venue::Continuity::unsequenced) {
      tracker_.on_unreadable({}, channel, now);
    }
  }
  const bool control = apply(*connection, now);
  return handle_signals(*connection, now) || control || !status.ok();
}

bool OrderBookTrackerDataSource::apply(Connection& connection, Time now) {
  bool control = false;
  for (const auto& record : records_.items()) {
    if (const auto* diff = std::get_if<venue::DepthDiff>(&record)) {
      tracker_.on_diff(*diff, records_, now);
    } else if (const auto* trade = std::get_if<venue::PublicTrade>(&record)) {
      tracker_.on_trade(*trade, now);
    } else if (const auto* bbo = std::get_if<venue::BestBidAsk>(&record)) {
      tracker_.on_best_bid_ask(*bbo, now);
    } else {
      control = apply_control(connection, record, now) || control;
    }
  }
  return control;
}

bool OrderBookTrackerDataSource::apply_control(Connection& connection, const venue::Record& record, Time now) {
  if (const auto* snapshot = std::get_if<venue::DepthSnapshot>(&record)) {
    connection.subscriptions.on_data(Channel::depth, snapshot->symbol);
    tracker_.on_snapshot(*snapshot, records_, now);
  } else if (const auto* funding = std::get_if<venue::FundingReport>(&record)) {
    connection.subscriptions.on_data(Channel::funding, funding->symbol);
    if (!funding_sink_) return false;
    funding_sink_(*funding, now);
  } else if (const auto* heartbeat = std::get_if<venue::HeartbeatRequest>(&record)) {
    connection.session.send_now(heartbeat->reply);
  } else if (const auto* time = std::get_if<venue::ServerTime>(&record)) {
    clock_.add_sample(time->time, now, now, time->resolution);
  } else if (const auto* result = std::get_if<venue::SubscriptionResult>(&record)) {
    connection.subscriptions.on_result(*result, now);
  } else if (const auto* notice = std::get_if<venue::VenueNotice>(&record)) {
    events_.push_back(ConnectorErrorEvent{.timestamp = now,
                                          .channel = kind_name(connection.session.stream()) + ": " + notice->channel,
                                          .status = notice->status});
  } else {
    return false;
  }
  return true;
}

void OrderBookTrackerDataSource::on_time(Time now) {
  tracker_.on_time(now);
  for (auto& route : routes_) {
    for (auto& connection : route.connections) {
      connection.session.on_time(now);
      connection.subscriptions.on_time(now);
      handle_signals(connection, now);
    }
  }
  carry_out_book_requests(now);
}

void OrderBookTrackerDataSource::excuse(Duration lost, Time now) {
  tracker_.excuse(lost, now);
  for (auto& route : routes_) {
    for (auto& connection : route.connections) {
      connection.session.excuse(lost, now);
      connection.subscriptions.excuse(lost, now);
    }
  }
}

Time OrderBookTrackerDataSource::next_wakeup() const {
  Time next = tracker_.next_wakeup();
  for (const auto& route : routes_) {
    for (const auto& connection : route.connections) {
      next = std::min({next, connection.session.next_wakeup(), connection.subscriptions.next_wakeup()});
    }
  }
  return next;
}

Time OrderBookTrackerDataSource::last_recv_time() const {
  const auto& connections = routes_[0].connections;
  Time oldest = connections.empty() ? Time{} : kNever;
  for (const auto& connection : connections) oldest = std::min(oldest, connection.session.last_alive());
  return oldest;
}

}  // namespace calypte::engine
