// What one connection should be subscribed to, held apart from what it is: wanted, asked for, confirmed. After every
// reconnect the wanted set is asked for anew, and what is not confirmed in time is asked for again.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "calypte/log.hpp"

#include "engine/session.hpp"
#include "venue/venue.hpp"

namespace calypte::engine {

class Subscriptions {
 public:
  struct Outcome {
    enum class Kind : std::uint8_t { asked, confirmed, refused } kind = Kind::asked;
    venue::Subscription subscription;
    Status status;  ///< of a refusal
  };

  Subscriptions(venue::Venue& venue, Session& session, LogSink& log) : venue_(venue), session_(session), log_(log) {}

  void want(const venue::Subscription& subscription, Time now);
  void unwant(const venue::Subscription& subscription, Time now);
  /// Unsubscribes, waits for the answer (not for ever), and subscribes again: how a fresh snapshot is had.
  void renew(const venue::Subscription& subscription, Time now);

  void on_session_up(Time now);
  void on_session_down();
  void on_result(const venue::SubscriptionResult& result, Time now);
  /// A message of this subscription came: as good as a confirmation.
  void on_data(venue::Channel channel, std::string_view symbol);
  void on_time(Time now);
  void excuse(Duration lost, Time now);  ///< engine/excuse.hpp
  [[nodiscard]] Time next_wakeup() const;

  [[nodiscard]] std::vector<Outcome>& outcomes() noexcept { return outcomes_; }
  [[nodiscard]] std::size_t size() const noexcept { return wanted_.size(); }
  [[nodiscard]] bool all_confirmed() const noexcept;

 private:
  enum class State : std::uint8_t { idle, asked, confirmed, leaving, refused };
  struct Entry {
    State state = State::idle;
    Time deadline = kNever;         // of `asked`, `leaving` and `refused`
    std::uint64_t frame_id = 0;     // of the first frame that asked for it
    std::uint64_t frame_count = 0;  // how many frames that may have been, with the ids that follow
    std::uint32_t unanswered = 0;
  };

  void ask_for_idle(Time now);
  void send(std::vector<venue::Subscription> batch, bool on, Time now);

  venue::Venue& venue_;
  Session& session_;
  LogSink& log_;
  std::map<venue::Subscription, Entry> wanted_;
  std::vector<Outcome> outcomes_;
  venue::Frames frames_;
  std::uint64_t next_id_ = 1;
};

}  // namespace calypte::engine
