// What the engine wants done in the world, drained in order by its driver (the runtime, or the simulator).
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "calypte/time.hpp"

#include "venue/wire.hpp"

namespace calypte::engine {

struct OpenStream {
  venue::StreamId stream;
  std::string target = {};  ///< appended to the URL of this kind of stream
};
struct CloseStream {
  venue::StreamId stream;
};
struct SendFrame {
  venue::StreamId stream;
  std::string text;
  /// Of a request that goes as a frame, otherwise 0. The driver answers it with `on_outcome`, `not_sent`, if the stream
  /// is not open, and only then: what became of a frame that was handed over is told by the stream.
  venue::RequestId request = 0;
  std::string_view name = {};  ///< as in `SendRequest`
  bool places_orders = false;  ///< as in `SendRequest`
};
struct SendPing {
  venue::StreamId stream;
};
/// The driver answers each of these exactly once with `on_outcome`.
struct SendRequest {
  venue::RequestId id = 0;
  std::string_view name;  ///< what is asked, in the words of `venue::request_name`
  venue::WireRequest request;
  Duration limit{};
  /// It may leave only when the journal has this round: if that failed the driver answers `not_sent`.
  bool places_orders = false;
};

using Action = std::variant<OpenStream, CloseStream, SendFrame, SendPing, SendRequest>;
using Actions = std::vector<Action>;

}  // namespace calypte::engine
