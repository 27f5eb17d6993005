// Sends requests: takes a throttle token, encodes and signs at the last moment, remembers what was asked, judges the
// outcome, and hands the decoded reply to whoever asked. Nothing is ever sent twice here, with one exception: a request
// that the venue refused for certain because of our clock is sent once more after the clock was corrected.
//
// Orders and cancels leave by the order entry stream whenever it takes them, everything else by REST.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string_view>
#include <vector>

#include "calypte/log.hpp"

#include "engine/actions.hpp"
#include "engine/clock_sync.hpp"
#include "engine/throttle.hpp"
#include "venue/venue.hpp"

namespace calypte::engine {

/// How a request ended.
struct Reply {
  const venue::Request& asked;
  const Status& status;
  venue::Records& records;  ///< empty unless the reply could be decoded
  Time sent;                ///< when it left, or when it was given up
  Time received;
};
using OnReply = std::function<void(const Reply&)>;

/// The stream on which requests may leave as frames.
class FrameRoute {
 public:
  FrameRoute(const FrameRoute&) = delete;
  FrameRoute& operator=(const FrameRoute&) = delete;
  /// Is it up, and would a frame leave at once? If not, the request at hand goes by REST.
  [[nodiscard]] virtual bool can_take(Time now) const = 0;
  /// Sends; only where it `can_take`.
  virtual void take(std::string frame, venue::RequestId id, const venue::Request& request, Time now) = 0;

 protected:
  FrameRoute() = default;
  ~FrameRoute() = default;
};

class RequestDesk {
 public:
  using Ticket = std::uint64_t;

  RequestDesk(venue::Venue& venue, Throttle throttle, ClockSync& clock, const Credentials& credentials,
              Actions& actions, LogSink& log);

  /// From now on orders and cancels leave by `route` whenever it takes them; null: nothing does. It must outlive the
  /// desk or be taken away.
  void set_frame_route(FrameRoute* route) noexcept { frame_route_ = route; }

  /// Queues a request. `on_reply` is called exactly once, never from inside this call. Requests that are not signed in
  /// the venue's scheme are encoded with the same stamp; the venue decides.
  Ticket submit(venue::Request request, Lane lane, Duration limit, OnReply on_reply);
  /// Takes back a request that has not left yet: true, and `on_reply` is not called.
  bool abandon(Ticket ticket);
  /// A request that has not left yet and may still be changed, but not into one of another kind; null if it has left.
  [[nodiscard]] venue::Request* unsent(Ticket ticket);
  /// Has it left?
  [[nodiscard]] bool was_sent(Ticket ticket) const;

  void on_outcome(venue::RequestId id, const venue::RequestOutcome& outcome, Time now);
  /// A frame of the order entry stream. An answer to something that waits is handed to whoever asked, and `records` is
  /// empty afterwards; otherwise the records of the frame are left there. A failure if it cannot be understood.
  Status on_answer(venue::Bytes frame, venue::Records& records, Time now);
  /// The order entry stream went down: what left by it and has no answer is unknown.
  void fail_frames(std::string_view reason, Time now);
  /// What the venue says of used-up limits, wherever it says it.
  void note_used(const venue::Records& records, Time now);
  /// Grants tokens, sends, and gives up what was not answered in time (a little later than the transport would).
  void on_time(Time now);
  void excuse(Duration lost, Time now);  ///< engine/excuse.hpp
  [[nodiscard]] Time next_wakeup(Time now) const;
  /// Everything waiting or in flight ends now: `not_sent` or `outcome_unknown`. What `on_reply` submits meanwhile
  /// waits.
  void fail_all(std::string_view reason, Time now);

  /// How many requests that place orders have left by REST so far.
  [[nodiscard]] std::uint64_t orders_by_rest() const noexcept { return orders_by_rest_; }
  /// When the venue was last heard of by an answer to a request; the epoch before the first.
  [[nodiscard]] Time last_answer() const noexcept { return last_answer_; }
  [[nodiscard]] std::size_t in_flight() const noexcept { return pending_.size(); }
  [[nodiscard]] const Throttle& throttle() const noexcept { return throttle_; }
  /// A strictly increasing number for frame ids and nonces.
  std::uint64_t next_nonce() noexcept { return ++nonce_; }
  [[nodiscard]] venue::Stamp stamp(Time now);
  /// The last thing known about whether the venue answers at all.
  [[nodiscard]] bool reachable() const noexcept { return reachable_; }
  [[nodiscard]] bool ever_answered() const noexcept { return ever_answered_; }

 private:
  struct Pending {
    venue::Request request;
    Lane lane = Lane::query;
    Duration limit{};
    OnReply on_reply;
    bool sent = false;
    Throttle::Ticket token = 0;
    Time sent_at{};
    Time deadline = kNever;
    bool clock_retried = false;
    std::uint64_t frame_id = 0;  // if it left as a frame
    Status refusal;  // a failure that is reported on the next turn, since on_reply must not run inside submit
  };

  /// What was asked by frames, for the decoder.
  class Asked final : public venue::AskedRequests {
   public:
    explicit Asked(const RequestDesk& desk) : desk_(desk) {}
    [[nodiscard]] const venue::Request* find(std::uint64_t id) const override;

   private:
    const RequestDesk& desk_;
  };

  void send(Ticket ticket, Pending& pending, Time now);
  bool send_frame(Ticket ticket, Pending& pending, Time now);
  /// The venue has answered: what its verdict means for the clock, the limits and whoever asked.
  void judge(std::map<Ticket, Pending>::iterator it, const Status& status, venue::Records& records, Time now);
  void finish(std::map<Ticket, Pending>::iterator it, const Status& status, venue::Records& records, Time now);
  void note_server_time(const Pending& pending, const venue::Records& records, Time now);

  venue::Venue& venue_;
  Throttle throttle_;
  ClockSync& clock_;
  const Credentials& credentials_;
  Actions& actions_;
  LogSink& log_;
  std::map<Ticket, Pending> pending_;
  std::map<Throttle::Ticket, Ticket> by_token_;
  std::map<std::uint64_t, Ticket> by_frame_;
  FrameRoute* frame_route_ = nullptr;
  std::vector<Ticket> refused_;
  venue::Records records_;
  Ticket next_ticket_ = 1;
  std::uint64_t nonce_ = 0;
  std::uint64_t orders_by_rest_ = 0;
  Time last_answer_{};
  bool reachable_ = false;
  bool ever_answered_ = false;
};

}  // namespace calypte::engine
