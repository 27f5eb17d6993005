// The second process of `calypte guard`: watches one connector, and when that is dead cancels what it left open, by
// REST.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "calypte/credentials.hpp"
#include "calypte/log.hpp"
#include "calypte/result.hpp"
#include "calypte/runtime.hpp"

#include "engine/orphan_canceller.hpp"
#include "runtime/guard_watch.hpp"
#include "transport/client.hpp"
#include "transport/loop.hpp"

namespace calypte::runtime {

struct GuardOptions {
  std::filesystem::path journal;  ///< the folder of the connector's journal
  std::string venue;
  Environment environment = Environment::testnet;
  std::optional<LocalVenue> local = std::nullopt;
  Credentials credentials;
  std::string prefix = {};  ///< of client order ids; empty: as the connector's heartbeat says
  Duration after = std::chrono::seconds{15};
  bool keep = false;  ///< goes on watching after it has acted or the connector has stopped
};

/// How it ended; also the exit code of the program.
enum class GuardEnd : std::uint8_t {
  nothing_to_do = 0,      ///< the connector stopped cleanly, or the guard was told to end while it lived
  refused = 2,            ///< the heartbeat is another connector's
  nothing_was_open = 3,   ///< the connector died, and no order of its was open
  cancelled = 4,          ///< the connector died, orders of its were open, and now none is
  orders_may_be_left = 5  ///< the guard was told to end before it could be sure
};

/// Owned by its creator, on the loop's thread. Never cancels while the connector lives and beats; stops cancelling if
/// it comes back.
class Guard final : public transport::ClientEvents {
 public:
  /// `denied` where the configuration makes no sense; nothing is sent before the connector is dead.
  static Result<std::unique_ptr<Guard>> create(transport::Loop& loop, GuardOptions options, LogSink& log);
  ~Guard() override;

  /// Watches until it has something final to say.
  void start(std::function<void(GuardEnd)> done);
  /// Ends the watch now; `done` is told.
  void stop();

  void on_stream_up(venue::StreamId, Time) override {}
  void on_stream_down(venue::StreamId, const std::string&, Time) override {}
  void on_frame(venue::StreamId, venue::Bytes, Time) override {}
  void on_stream_alive(venue::StreamId, Time) override {}
  void on_outcome(venue::RequestId id, const venue::RequestOutcome& outcome, Time now) override;

 private:
  Guard(transport::Loop& loop, GuardOptions options, LogSink& log);
  void look();
  void note(GuardWatch::Verdict verdict);
  /// Whether the heartbeat is that of the connector which is to be watched.
  bool know(const HeartbeatOwner& owner, Time now);
  void act(Time now);
  void pump();
  void rest();
  void finish(GuardEnd end);

  transport::Loop& loop_;
  GuardOptions options_;
  LogSink& log_;
  GuardWatch watch_;
  std::optional<GuardWatch::Verdict> verdict_;  // the last one that was told
  std::unique_ptr<transport::Client> client_;
  std::unique_ptr<engine::OrphanCanceller> canceller_;  // from the first heartbeat on
  engine::Actions actions_;
  transport::Loop::Timer look_timer_;
  transport::Loop::Timer wakeup_;
  std::function<void(GuardEnd)> done_;
  bool acting_ = false;
  bool acted_ = false;  // for this death
};

}  // namespace calypte::runtime
