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
#include <string>
#include <vector>

#include "calypte/events.hpp"
#include "calypte/order_book.hpp"

#include "engine/exchange_engine.hpp"
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
};

/// How the network behaves; may be changed at any time and holds for what is sent from then on.
struct Network {
  Duration latency = std::chrono::milliseconds{5};  ///< one way
  bool refuse_connections = false;
  bool mute_streams = false;  ///< half-open sockets: what the venue sends on streams vanishes, pongs too
  /// Asked for each request by its name (`venue::request_name`), also for one that goes as a frame.
  std::function<RequestFault(std::string_view)> request_fault;
  /// Lets a test change what the venue answers to a request.
  std::function<void(std::string_view, venue::ServerReply&)> reply_on_the_way;
  /// Lets a test replace or drop (empty result) what the venue sends on a stream.
  std::function<std::optional<std::string>(venue::StreamId, std::string)> on_the_way;
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
  /// Ends every stream connection at both sides.
  void cut_streams(std::string_view reason);
  /// Gives every event of the server a chance to be carried out after it was called directly.
  void flush_server();

  [[nodiscard]] const std::vector<Event>& events() const noexcept { return events_; }
  /// Every frame and request that the engine sent: "market> ...", "request private: new order", and, if that went as a
  /// frame, "frame private: new order". Bodies of requests are not kept.
  [[nodiscard]] const std::vector<std::string>& sent() const noexcept { return sent_; }
  [[nodiscard]] std::uint64_t steps() const noexcept { return steps_; }

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

  void at(Time when, std::function<void()> what);
  [[nodiscard]] Time next_time() const;
  void step(Time until);
  void carry_out(engine::Action& action);
  [[nodiscard]] const std::string& path_of(venue::StreamKind kind) const;
  void send(engine::SendRequest& request);
  void send(engine::SendFrame& frame);
  void send_order_frame(engine::SendFrame& frame);
  void cut(venue::ConnectionId connection, std::string_view reason);
  void answer_with_page(venue::RequestId id);
  void answer(venue::RequestId id, const venue::RequestOutcome& outcome);

  engine::ExchangeEngine& engine_;
  venue::WireServer& server_;
  Paths paths_;
  Time now_;
  std::priority_queue<Happening, std::vector<Happening>, Later> queue_;
  std::uint64_t next_number_ = 0;
  std::uint64_t steps_ = 0;
  std::uint64_t steps_at_this_time_ = 0;
  venue::ConnectionId next_connection_ = 1;
  std::map<venue::StreamId, venue::ConnectionId> stream_connection_;
  std::map<venue::ConnectionId, venue::StreamId> connection_stream_;
  std::map<venue::RequestId, bool> unanswered_;
  venue::PaddedBuffer buffer_;
  std::vector<Event> events_;
  std::vector<std::string> sent_;
};

}  // namespace calypte::sim
