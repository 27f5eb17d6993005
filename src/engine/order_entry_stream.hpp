// The connection on which orders and cancels leave as frames, and their answers. Not needed for readiness: while it is
// down, requests go by REST.
//
// What was handed to the stream before it went down is `outcome_unknown` at once; nothing is sent again.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "calypte/events.hpp"
#include "calypte/log.hpp"

#include "engine/clock_sync.hpp"
#include "engine/order_book_tracker_data_source.hpp"
#include "engine/request_desk.hpp"
#include "engine/session.hpp"
#include "venue/venue.hpp"

namespace calypte::engine {

class OrderEntryStream final : public FrameRoute {
 public:
  OrderEntryStream(venue::Venue& venue, RequestDesk& desk, ClockSync& clock, core::Random random, Actions& actions,
                   LogSink& log);

  void start(Time now);
  void stop(Time now);
  void on_stream_up(Time now);
  void on_stream_down(std::string_view reason, Time now);
  void on_stream_alive(Time now) { session_.on_alive(now); }
  /// An answer goes to whoever asked; what answers nobody is left in `records()`.
  void on_frame(venue::Bytes frame, Time now);
  void on_time(Time now);
  void excuse(Duration lost, Time now) { session_.excuse(lost, now); }  ///< engine/excuse.hpp
  [[nodiscard]] Time next_wakeup() const { return session_.next_wakeup(); }

  [[nodiscard]] bool can_take(Time now) const override { return session_.can_send(now); }
  void take(std::string frame, venue::RequestId id, const venue::Request& request, Time now) override;

  [[nodiscard]] venue::Records& records() noexcept { return records_; }
  [[nodiscard]] const Session& session() const noexcept { return session_; }
  /// `ConnectorErrorEvent`s: refused log-ins, unreadable frames, errors that belong to no request.
  [[nodiscard]] std::vector<Event>& events() noexcept { return events_; }
  [[nodiscard]] const FrameCounters& counters() const noexcept { return counters_; }

 private:
  void handle_signals(Time now);
  void apply_control(const venue::Record& record, Time now);

  venue::Venue& venue_;
  RequestDesk& desk_;
  ClockSync& clock_;
  LogSink& log_;
  Session session_;
  venue::Records records_;
  std::vector<Event> events_;
  FrameCounters counters_;
};

}  // namespace calypte::engine
