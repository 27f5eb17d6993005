// A connector and a simulated venue in one process and in virtual time, joined by a network that can misbehave.
//
// The engine and the venue are the very ones of production; only sockets and clock are replaced. The same seed gives
// the same run, event by event. Nothing here knows which venue it is.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <vector>

#include "calypte/events.hpp"
#include "calypte/order_book.hpp"

#include "engine/exchange_engine.hpp"
#include "engine/journal_desk.hpp"
#include "engine/journal_record.hpp"
#include "sim/simulated_venue.hpp"
#include "venue/server_wire.hpp"

namespace calypte::sim {

/// What the network does to one request. One that goes as a frame shares its connection with others, so what is lost of
/// it takes the connection along, as TCP does.
enum class RequestFault : std::uint8_t {
  none,
  refuse,               ///< no connection: certainly not sent. A frame: the client finds its stream closed
  lose_request,         ///< cut on the way there: the venue never saw it, the client cannot know. A frame: stream cut
  lose_reply,           ///< the venue acted, the answer is lost. A frame: the stream is cut behind it
  stall,                ///< the venue never saw it; neither answer nor error, nor a cut stream
  gateway_error,        ///< a gateway answers 502 with a page; the venue never saw it. A frame: as `lose_request`
  gateway_error_after,  ///< the venue acted, then a gateway answers 502 with a page. A frame: as `lose_reply`
  late,                 ///< the client hears of a cut at once, the venue gets it seconds later. A frame: `lose_request`
  resend,  ///< as `lose_reply`, and somebody on the way sends it again: no network does, a bad client would
};

/// What becomes of one frame that the venue sends, besides its delay. A connection loses nothing and keeps the order,
/// so all but the two cuts stand for what the venue itself does: it leaves out, repeats or swaps messages.
enum class FrameFault : std::uint8_t { none, drop, twice, swap_with_next, cut_before, cut_after };

/// Which way something goes, for its delay.
enum class Way : std::uint8_t { connect, request, reply, to_venue, from_venue };

/// The moments of a round in which a process may die.
enum class Await : std::uint8_t {
  composed,  ///< the round's record is made and not yet in the journal
  appended,  ///< it is in the journal, nothing of the round has been done
  action,    ///< before each action
  telling,   ///< before each event
  heard,     ///< the strategy has heard it, the journal does not know yet
  told,      ///< the journal knows
};

/// How the network behaves; may be changed at any time and holds for what is sent from then on.
struct Network {
  Duration latency = std::chrono::milliseconds{5};  ///< one way
  bool refuse_connections = false;
  bool refuse_streams = false;  ///< WebSockets are answered with HTTP 503
  bool mute_streams = false;    ///< half-open sockets: what the venue sends on streams vanishes, pongs too
  /// Asked for each request by its name (`venue::request_name`), also for one that goes as a frame.
  std::function<RequestFault(std::string_view)> request_fault;
  /// Lets a test change what the venue answers to a request.
  std::function<void(std::string_view, venue::ServerReply&)> reply_on_the_way;
  /// Lets a test replace or drop (empty result) what the venue sends on a stream.
  std::function<std::optional<std::string>(venue::StreamId, std::string)> on_the_way;
  /// If set, asked instead of `latency`, one way, for each thing that travels. On one connection what is quicker waits
  /// for what left before it; requests overtake each other.
  std::function<Duration(Way)> delay;
  std::function<FrameFault(venue::StreamId, const std::string&)> frame_fault;
  /// Answers in the venue's place: it never sees the request.
  std::function<std::optional<venue::ServerReply>(std::string_view)> reply_instead;
  /// As `reply_on_the_way`, with the request; called before it.
  std::function<void(std::string_view, const venue::ServerRequest&, venue::ServerReply&)> replied;
};

/// Where the rounds of a process are written down.
struct WorldJournal {
  engine::JournalDesk* desk = nullptr;
  std::function<void(engine::RecordKind, std::string_view)> append;
};

class World {
 public:
  using Paths = VenuePaths;

  World(engine::ExchangeEngine& engine, venue::WireServer& server, Paths paths, Time start);

  [[nodiscard]] Time now() const noexcept { return now_; }
  Network network;
  /// The strategy's ears. Commands to the engine may be given inside.
  std::function<void(const Event&)> on_event;
  std::function<void(const OrderBook&)> on_order_book;

  void start();  ///< starts the engine
  void stop();
  /// Carries out what commands given outside of a callback have left to do.
  void settle();
  void run_for(Duration duration);
  /// Runs until the condition holds (checked after each step) or `limit` has passed; true if it holds.
  bool run_until(const std::function<bool()>& condition, Duration limit);
  /// Lets something happen at a time; what was scheduled first happens first.
  void at(Time when, std::function<void()> what);
  /// Ends every stream connection at both sides.
  void cut_streams(std::string_view reason);
  /// Gives every event of the server a chance to be carried out after it was called directly.
  void flush_server();

  // --- One connection at a time. ---

  [[nodiscard]] std::vector<venue::ConnectionId> connections() const;  ///< that are up or being made
  [[nodiscard]] std::optional<venue::StreamId> stream_of(venue::ConnectionId connection) const;
  /// What is under way in either direction is lost. One that is being made ends in the middle of its handshake.
  void cut(venue::ConnectionId connection, std::string_view reason);
  /// Half open from now on: whatever either side sends vanishes, pings and the closing too. Only we can end it.
  void silence(venue::ConnectionId connection);
  /// Nothing of this connection arrives before `until`; then all of it does, as after lost packets.
  void hold_up(venue::ConnectionId connection, Time until);

  // --- The life of the process. ---

  /// Writes every round down before it is carried out. Before the start.
  void keep_journal(WorldJournal journal) { journal_ = std::move(journal); }
  /// Asked at each moment at which a process may die; true: it does.
  std::function<bool(Await)> dies;
  /// Called when it has died by `dies`; must not destroy the engine before the round has returned.
  std::function<void()> on_death;
  /// The process ends at once: its connections break, what has left it goes on, nothing of the engine is used any more.
  void die();
  [[nodiscard]] bool alive() const noexcept { return engine_ != nullptr; }
  /// Another process takes over; `start` comes next.
  void replace(engine::ExchangeEngine& engine);
  /// Tells an event that the former process did not get around to telling. False if the process died of it.
  bool tell(const Event& event, std::uint64_t number);
  /// Lets a test bring the events of a round into disorder.
  std::function<void(std::vector<Event>&)> before_telling;

  /// Off for long runs, which need neither of the two lists.
  bool keep_history = true;
  [[nodiscard]] const std::vector<Event>& events() const noexcept { return events_; }
  /// Every frame and request that the engine sent: "market> ...", "request private: new order", and, if that went as a
  /// frame, "frame private: new order". Bodies of requests are not kept.
  [[nodiscard]] const std::vector<std::string>& sent() const noexcept { return sent_; }
  [[nodiscard]] std::uint64_t steps() const noexcept { return steps_; }
  /// Of everything that the engine did and told so far, in order: equal for equal runs.
  [[nodiscard]] std::uint64_t digest() const noexcept { return digest_; }

 private:
  struct Happening {
    Time at;
    std::uint64_t number;  // what was scheduled first happens first
    std::function<void()> what;
  };
  struct Later {
    bool operator()(const Happening& a, const Happening& b) const noexcept {
      return a.at != b.at ? a.at > b.at : a.number > b.number;
    }
  };

  /// One connection, seen from both ends.
  struct Link {
    venue::StreamId stream;
    bool client = true;   ///< our side has not given it up
    bool server = false;  ///< the venue has it
    bool silent = false;
    Time to_venue{};  ///< nothing arrives before what left earlier
    Time to_client{};
    std::optional<std::string> swapped = std::nullopt;  ///< a frame that lets the next one pass
  };

  [[nodiscard]] Duration delay(Way way) const { return network.delay ? network.delay(way) : network.latency; }
  [[nodiscard]] Time arrival(Link& link, Way way);
  [[nodiscard]] bool strikes(Await moment);
  void digest(std::string_view text);
  void note_sent(std::string text);

  [[nodiscard]] Time next_time() const;
  void step(Time until);

  // world_network.cpp
  void carry_out(engine::Action& action);
  void open(const engine::OpenStream& action);
  void close(const engine::CloseStream& action);
  void ping(const engine::SendPing& action);
  [[nodiscard]] const std::string& path_of(venue::StreamKind kind) const;
  void send(engine::SendRequest& request);
  void send(engine::SendFrame& frame);
  void send_order_frame(engine::SendFrame& frame);
  void arrive(venue::RequestId id, RequestFault fault, std::string_view name, const venue::ServerRequest& arriving);
  void push(venue::ConnectionId connection, std::string text);
  void push_in_order(venue::ConnectionId connection, std::string text, bool cut_behind);
  /// The client's end of a link, if it is up and not silent.
  [[nodiscard]] Link* heard_by_client(venue::ConnectionId connection);
  [[nodiscard]] Link* link_of(venue::StreamId stream);
  void forget(venue::ConnectionId connection);
  void client_lost(venue::ConnectionId connection, std::string_view reason);
  void server_lost(venue::ConnectionId connection);
  void answer_with_page(venue::RequestId id);
  void answer_after(Duration delay, venue::RequestId id, venue::RequestOutcome::Kind kind, std::string_view error);
  void answer_with(venue::RequestId id, const venue::ServerReply& reply);
  void answer(venue::RequestId id, const venue::RequestOutcome& outcome);

  engine::ExchangeEngine* engine_;  // null between two lives
  venue::WireServer& server_;
  Paths paths_;
  Time now_;
  WorldJournal journal_;
  std::priority_queue<Happening, std::vector<Happening>, Later> queue_;
  std::uint64_t next_number_ = 0;
  std::uint64_t steps_ = 0;
  std::uint64_t steps_at_this_time_ = 0;
  venue::ConnectionId next_connection_ = 1;
  std::map<venue::ConnectionId, Link> links_;
  std::map<venue::StreamId, venue::ConnectionId> stream_connection_;  // of the living process
  std::set<venue::RequestId> unanswered_;                             // likewise
  std::uint64_t life_ = 0;                                            // answers to a former process are for nobody
  venue::PaddedBuffer buffer_;
  std::vector<Event> events_;
  std::vector<std::string> sent_;
  std::uint64_t digest_ = 14695981039346656037ULL;
};

}  // namespace calypte::sim
