// Questions to a node: several calls in one request, answers in the order of the calls. Nothing is repeated here.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "calypte/result.hpp"
#include "calypte/time.hpp"

#include "engine/actions.hpp"
#include "evm/json_rpc.hpp"
#include "venue/json.hpp"

namespace calypte::engine {

/// What became of a request. With a failure there are no messages, and a transaction in it may or may not have been
/// taken unless the status is certain; otherwise one message for each call, a result or the node's error. Valid during
/// the call of `OnNodeReply`.
struct NodeReply {
  Status status;
  std::span<const evm::rpc::Message> messages;
  Time sent;
  Time received;
};
using OnNodeReply = std::function<void(const NodeReply&)>;

class NodeDesk {
 public:
  /// At most so many requests wait for their answers; one more fails at once, as `not_sent`.
  static constexpr std::size_t kMaxWaiting = 1000;

  explicit NodeDesk(Actions& actions) : actions_(actions) {}

  /// `on_reply` is called once, never from inside this call; not at all after `forget_all`. `places_orders`: it may
  /// leave only when the journal has the round. `name` is a literal, for logs and for tests that look at what is asked.
  void ask(std::string_view name, std::span<const evm::rpc::Call> calls, Duration limit, Time now, OnNodeReply on_reply,
           bool places_orders = false);
  void on_outcome(venue::RequestId id, const venue::RequestOutcome& outcome, Time now);
  /// Tells those that `ask` could not send. True if there were any.
  bool settle(Time now);
  /// What is asked is of no interest any more.
  void forget_all() { waiting_.clear(); }

  [[nodiscard]] Time last_answer() const noexcept { return last_answer_; }
  /// Did the last request reach the node?
  [[nodiscard]] bool reachable() const noexcept { return reachable_; }

 private:
  struct Waiting {
    std::size_t calls = 0;
    Time sent{};
    bool refused = false;
    OnNodeReply on_reply;
  };
  void finish(std::map<venue::RequestId, Waiting>::iterator it, Status status, Time now);

  Actions& actions_;
  std::map<venue::RequestId, Waiting> waiting_;
  venue::json::Document document_;
  std::vector<evm::rpc::Message> messages_;
  venue::RequestId next_id_ = 1;
  Time last_answer_{};
  bool reachable_ = false;
};

}  // namespace calypte::engine
