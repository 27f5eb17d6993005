// What goes wrong in a simulated world, from one seed: when, where, how often; and how often it was.
//
// Every subject has a generator of its own, so that one more fault of a kind does not change when the others strike.
// What is injected keeps to what a transport and a venue may do. A TCP connection neither loses nor reorders what was
// written to it, so loss, repetition and disorder on a stream are only made where they stand for the venue's own doing
// and where its protocol lets a client know:
//   - Depth diffs carry ids that chain them (crypto_com: u/pu, binance: U/u, binance_perpetual: pu): any of them may be
//     missing, come twice or swapped, and the next one reveals it.
//   - Messages of the account have no such ids. They may come twice. None of the venues promises that they are
//     complete over a break of the connection, and outages without a break are known; whoever lost one finds it by
//     reconciling, so they may be lost too.
//   - Public trades, mark prices and answers to our own frames are left alone: nobody could know that one is missing.
// Requests travel by connections of their own and overtake each other and the streams freely.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "calypte/time.hpp"

#include "core/random.hpp"
#include "sim/simulated_venue.hpp"
#include "sim/world.hpp"
#include "venue/venue.hpp"

namespace calypte::sim {

enum class Fault : std::uint8_t {
  // Connections.
  cut,                  ///< one connection, at any moment
  cut_in_handshake,     ///< one that is being made
  cut_between_frames,   ///< before or behind a frame, also between two that were written at once
  silent_connection,    ///< half open: nothing passes, pings neither
  silent_everything,    ///< all of them at once
  held_up,              ///< what a connection carries arrives late and all at once
  refused_connections,  ///< for some seconds
  slow_message,         ///< by more than 300 ms
  // Messages of the streams.
  dropped_diff,
  duplicated_diff,
  reordered_diff,
  duplicated_account_message,
  lost_account_message,
  // Requests.
  slow_request,     ///< by more than 300 ms, there or back; a snapshot is out of date then, an answer behind the stream
  stale_snapshot,   ///< the same answer as some time ago
  lost_request,     ///< cut on the way there
  lost_reply,       ///< the venue has acted
  late_request,     ///< the client was told of a cut, yet the venue acts
  stalled_request,  ///< neither answer nor effect
  page_before,      ///< a gateway's HTML page, the venue never saw the request
  page_after,       ///< likewise, and the venue has acted
  too_many_requests,  ///< 429 with Retry-After
  too_many_requests_without_time,
  banned,  ///< 418 with Retry-After
  banned_without_time,
  unavailable_before,  ///< 503 with a text of some gateway
  unavailable_after,   ///< likewise, and the venue has acted
  // The venue.
  clock_jump,             ///< its clock against ours
  expired_user_stream,    ///< every listen key or subscription to the account
  closed_sessions,        ///< the venue ends all connections
  maintenance,            ///< it answers nothing but 503 for a while, and does not trade
  delisting,              ///< a pair ends: its orders are cancelled, new ones refused
  fill_while_unanswered,  ///< somebody trades with an order whose request or cancel is not answered yet
  // Ours.
  death,  ///< of the process
};
inline constexpr std::size_t kFaultKinds = static_cast<std::size_t>(Fault::death) + 1;
[[nodiscard]] std::string_view to_string(Fault fault) noexcept;
using FaultCounts = std::array<std::uint64_t, kFaultKinds>;

/// How often. Intervals are means; one in so many for each message or request. Zero: never.
struct FaultRates {
  Duration cut = std::chrono::seconds{45};
  Duration silence = std::chrono::seconds{150};
  Duration hold_up = std::chrono::seconds{40};
  Duration refuse_connections = std::chrono::seconds{200};
  Duration clock_jump = std::chrono::seconds{120};
  Duration expire_user_streams = std::chrono::seconds{150};
  Duration close_sessions = std::chrono::seconds{150};
  Duration maintenance = std::chrono::seconds{280};
  Duration limited = std::chrono::seconds{100};  ///< 429 and 418 begin
  std::uint32_t message = 250;                   ///< of each kind of fault of a stream's messages
  std::uint32_t account_message = 12;
  std::uint32_t request = 90;  ///< of each kind of fault of a request
  std::uint32_t delay = 40;
  std::uint32_t delisting = 5;  ///< one run in so many
  Duration death = std::chrono::seconds{70};
  std::uint32_t death_in_round = 220;  ///< one in so many of the moments of a round
};

class FaultPlan {
 public:
  /// `decoder` tells what a message is about.
  FaultPlan(std::uint64_t seed, const FaultRates& rates, World& world, SimulatedVenue& venue,
            std::unique_ptr<venue::Venue> decoder, std::string delisted_symbol);

  void start();
  /// Nothing new goes wrong from now on, and what lasts ends.
  void stop();
  [[nodiscard]] bool acting() const noexcept { return acting_; }
  /// Whether the process dies at this moment of a round.
  [[nodiscard]] bool dies(Await moment);
  /// Mean time between deaths out of a clear sky; their owner lets them happen and counts them here.
  void count(Fault fault) noexcept { ++counts_[static_cast<std::size_t>(fault)]; }
  /// The clock of the next process may be behind ours by as much: it was put right while nobody looked.
  void restart_after(Duration down);

  [[nodiscard]] const FaultCounts& counts() const noexcept { return counts_; }
  [[nodiscard]] std::uint64_t total() const noexcept;
  [[nodiscard]] bool delisted() const noexcept { return delisted_; }
  [[nodiscard]] const std::string& delisted_symbol() const noexcept { return delisted_symbol_; }

 private:
  using Strike = void (FaultPlan::*)();
  void every(Duration mean, core::Random& random, Strike strike);
  [[nodiscard]] bool one_in(std::uint32_t many, core::Random& random) {
    return acting_ && many > 0 && random.below(many) == 0;
  }
  [[nodiscard]] Duration between(std::int64_t least_ms, std::int64_t most_ms, core::Random& random) const;
  [[nodiscard]] std::optional<venue::ConnectionId> any_connection();

  void cut_one();
  void fall_silent();
  void hold_one_up();
  void refuse_connections();
  void jump_clock();
  void expire_user_streams();
  void close_sessions();
  void maintain();
  void limit_requests();
  void delist();
  void resume_trading();

  [[nodiscard]] Duration delay(Way way);
  [[nodiscard]] FrameFault frame_fault(venue::StreamId stream, const std::string& text);
  [[nodiscard]] RequestFault request_fault(std::string_view name);
  [[nodiscard]] std::optional<venue::ServerReply> reply_instead(std::string_view name);
  void replied(std::string_view name, const venue::ServerRequest& request, venue::ServerReply& reply);

  FaultRates rates_;
  World& world_;
  SimulatedVenue& venue_;
  std::unique_ptr<venue::Venue> decoder_;
  std::string delisted_symbol_;
  core::Random connections_;
  core::Random messages_;
  core::Random account_;
  core::Random requests_;
  core::Random replies_;
  core::Random delays_;
  core::Random clock_;
  core::Random venue_random_;
  core::Random deaths_;
  FaultCounts counts_{};
  bool acting_ = false;
  bool delisted_ = false;
  std::vector<std::string> paused_;  // symbols whose trading the maintenance has stopped
  Time maintenance_until_{};
  Time limited_until_{};
  Fault limit_ = Fault::too_many_requests;
  std::map<std::string, std::string, std::less<>> old_snapshots_;  // by target without its signature; one a symbol
  venue::PaddedBuffer buffer_;
  venue::Records records_;
};

}  // namespace calypte::sim
