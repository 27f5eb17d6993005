// Feeds the user stream tracker: keeps the private stream connected, with a log-in or a key, and subscribed, and
// decodes its frames.
#pragma once

#include <vector>

#include "calypte/events.hpp"
#include "calypte/log.hpp"

#include "engine/clock_sync.hpp"
#include "engine/order_book_tracker_data_source.hpp"
#include "engine/request_desk.hpp"
#include "engine/session.hpp"
#include "engine/subscriptions.hpp"
#include "engine/user_stream_key.hpp"
#include "venue/venue.hpp"

namespace calypte::engine {

class UserStreamTrackerDataSource {
 public:
  UserStreamTrackerDataSource(venue::Venue& venue, RequestDesk& desk, ClockSync& clock, core::Random random,
                              Actions& actions, LogSink& log);

  void start(Time now);
  void stop(Time now);
  void on_stream_up(Time now);
  void on_stream_down(std::string_view reason, Time now);
  void on_stream_alive(Time now) { session_.on_alive(now); }
  /// Decodes one frame; the private records are left in `records()` for the tracker.
  void on_frame(venue::Bytes frame, Time now);
  void on_time(Time now);
  void excuse(Duration lost, Time now);  ///< engine/excuse.hpp
  [[nodiscard]] Time next_wakeup() const;

  [[nodiscard]] venue::Records& records() noexcept { return records_; }
  /// Logged in and every channel confirmed; where there is nothing to subscribe to, up.
  [[nodiscard]] bool subscribed() const noexcept { return session_.is_up() && subscriptions_.all_confirmed(); }
  [[nodiscard]] Time last_recv_time() const noexcept { return session_.last_alive(); }
  [[nodiscard]] const Session& session() const noexcept { return session_; }
  [[nodiscard]] std::vector<Event>& events() noexcept { return events_; }
  [[nodiscard]] const FrameCounters& counters() const noexcept { return counters_; }

 private:
  void handle_signals(Time now);
  [[nodiscard]] bool uses_key() const noexcept {
    return venue_.spec().streams.user_stream == venue::UserStreamStyle::listen_key;
  }
  /// A connect that has just failed leaves it open whether the network or the key was the reason.
  void doubt_key(Session::State before, Time now);

  venue::Venue& venue_;
  RequestDesk& desk_;
  ClockSync& clock_;
  LogSink& log_;
  Session session_;
  Subscriptions subscriptions_;
  UserStreamKey key_;
  venue::Records records_;
  std::vector<Event> events_;
  FrameCounters counters_;
};

}  // namespace calypte::engine
