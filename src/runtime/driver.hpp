// One connector on the loop: carries the engine's actions to the client, the client's news to the engine, and events to
// the strategy. The round is: settle, carry out, tell; until nothing is left.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "calypte/log.hpp"
#include "calypte/runtime.hpp"
#include "calypte/strategy.hpp"

#include "engine/engine.hpp"
#include "runtime/heartbeat.hpp"
#include "runtime/journal_keeper.hpp"
#include "transport/client.hpp"
#include "transport/loop.hpp"

namespace calypte::runtime {

class Driver final : public transport::ClientEvents {
 public:
  Driver(transport::Loop& loop, std::unique_ptr<engine::Engine> engine, transport::Endpoints endpoints,
         bool cancel_on_stop, Duration slow_callback_limit, LogSink& log);
  /// Before the start: keeps a journal from now on.
  void set_journal(std::unique_ptr<JournalKeeper> journal) { journal_ = std::move(journal); }
  ~Driver() override;

  [[nodiscard]] engine::Engine& engine() noexcept { return *engine_; }
  /// Callbacks of the strategy that took longer than the limit.
  [[nodiscard]] std::uint64_t slow_callbacks() const noexcept { return slow_callbacks_; }

  /// Before the start: shows at each tick that the loop lives.
  void set_heartbeat(std::unique_ptr<Heartbeat> heartbeat) { heartbeat_ = std::move(heartbeat); }

  /// A failure says that the endpoints cannot be used (a bad URL, an unreadable CA file).
  Status start(Strategy& strategy);
  void tick();
  /// Before code of the strategy runs outside of an input: it, and the orders it places, see the present time.
  void note_time();
  /// Tells the strategy, cancels what is open if so configured, closes, and calls `done`, at the latest after `limit`.
  void stop(Duration limit, std::function<void()> done);
  /// After commands were given outside of a callback.
  void pump();

  void on_stream_up(venue::StreamId stream, Time now) override;
  void on_stream_down(venue::StreamId stream, const std::string& reason, Time now) override;
  void on_frame(venue::StreamId stream, venue::Bytes frame, Time received) override;
  void on_stream_alive(venue::StreamId stream, Time now) override;
  void on_outcome(venue::RequestId id, const venue::RequestOutcome& outcome, Time now) override;

 private:
  void carry_out(engine::Action& action);
  /// An order that may not leave because it is not on record.
  void refuse(engine::Action& action);
  void not_sent(venue::RequestId request, std::string error);
  void tell(const Event& event, std::uint64_t number);
  void tell_what_was_not_heard();
  /// To be called with the present time before the engine is given anything: if the loop stood still (a callback that
  /// blocked, a machine that slept), what the venue sent meanwhile is still unread, and the engine must not take our
  /// absence for its silence. So waits for the venue are prolonged first (engine/excuse.hpp; the transport does the
  /// same for its own), then what lies in the sockets is read, and only then does the clock decide again. What cannot
  /// be helped on one thread: while it is held nobody answers pings, so a venue whose patience is shorter than the
  /// callback closes the connection; then it is opened again and the account is compared with the venue.
  void catch_up(Time now, Duration strategy_took = Duration::zero());
  void report(std::string_view channel, std::string text, Time now);
  /// Runs a callback of the strategy and reports it if it takes too long.
  template <typename F>
  void call_strategy(std::string_view callback, F&& f, bool report_slow = true);
  void note_slow(std::string_view callback, Duration took, Time now);
  void advance_stop();
  void disarm_and_finish_stop();
  void finish_stop();

  transport::Loop& loop_;
  std::unique_ptr<engine::Engine> engine_;
  transport::Endpoints endpoints_;
  bool cancel_on_stop_;
  Duration slow_callback_limit_;
  LogSink& log_;
  std::unique_ptr<JournalKeeper> journal_;  // null: none is kept
  std::unique_ptr<Heartbeat> heartbeat_;    // null: nobody watches
  std::unique_ptr<transport::Client> client_;
  transport::Loop::Timer wakeup_;
  transport::Loop::Timer stop_deadline_;
  Strategy* strategy_ = nullptr;
  bool told_ready_ = false;
  bool pumping_ = false;
  Duration lost_seen_{};  // of `Loop::lost_time`
  std::uint64_t slow_callbacks_ = 0;
  Time slow_reported_{};     // when a slow callback was told last
  engine::Actions actions_;  // these three keep their memory from round to round
  std::vector<Event> events_;
  std::vector<const OrderBook*> books_;
  /// Stopping: the cancels are answered and the orders have ended; then a last sweep compares the account with the
  /// venue, so that what is left behind is true; then the venue's dead-man switch is taken back; then the connections
  /// close.
  enum class Stop : std::uint8_t { no, cancelling, ending, sweeping, disarming } stop_ = Stop::no;
  std::uint64_t sweeps_before_ = 0;
  std::function<void()> stopped_;
};

}  // namespace calypte::runtime
