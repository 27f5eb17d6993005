// Cancels what a dead connector left open: lists the account's open orders, cancels exactly those whose client order id
// is one of the connector's, and lists again until none is left. Sends no order and touches no other one.
//
// Deterministic, without a socket or clock: its driver carries out `actions` (requests only) and reports their
// outcomes. A cancel may be repeated without harm, so whatever fails is simply tried again.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "calypte/credentials.hpp"
#include "calypte/log.hpp"
#include "calypte/result.hpp"

#include "engine/actions.hpp"
#include "engine/client_order_ids.hpp"
#include "engine/clock_sync.hpp"
#include "engine/request_desk.hpp"
#include "venue/venue.hpp"

namespace calypte::engine {

class OrphanCanceller {
 public:
  /// `denied` for a venue without orders, an empty prefix (its ids could be anybody's), or missing credentials;
  /// `malformed` for a prefix that no id has.
  static Result<std::unique_ptr<OrphanCanceller>> create(std::unique_ptr<venue::Venue> venue, Credentials credentials,
                                                         const std::string& prefix, LogSink& log, Time now);

  /// Begins to list and cancel; nothing if it has begun. `gone_since`: when the connector can have sent its last order.
  void begin(Time gone_since, Time now);
  /// Sends nothing more. What is under way is answered, and changes nothing.
  void pause(Time now);
  void on_outcome(venue::RequestId id, const venue::RequestOutcome& outcome, Time now);
  void on_time(Time now);
  [[nodiscard]] Time next_wakeup(Time now) const;
  [[nodiscard]] Actions& actions() noexcept { return actions_; }

  /// A listing that was asked for late enough to show every order that the connector can have sent shows none of its.
  [[nodiscard]] bool done() const noexcept { return done_; }
  /// Orders of the connector that were seen open, and those of them whose cancel the venue has confirmed.
  [[nodiscard]] std::size_t found() const noexcept { return orders_.size(); }
  [[nodiscard]] std::size_t cancelled() const noexcept;
  [[nodiscard]] std::size_t left() const noexcept { return left_; }  ///< of the connector, in the last listing
  [[nodiscard]] std::size_t foreign() const noexcept {
    return foreign_;
  }  ///< not of the connector, in the last listing
  /// Why the last request failed; ok while none has.
  [[nodiscard]] const Status& trouble() const noexcept { return trouble_; }

 private:
  struct Order {
    venue::OrderRef ref;
    bool asking = false;
    bool cancelled = false;
  };
  OrphanCanceller(std::unique_ptr<venue::Venue> venue, Credentials credentials, Throttle throttle, ClientOrderIds ids,
                  LogSink& log);
  void act(Time now);
  void ask_time();
  void list();
  void on_list(const Reply& reply);
  void cancel(Order& order);
  void on_cancel(const ClientOrderId& id, const Reply& reply);
  [[nodiscard]] bool cancels_under_way() const;

  std::unique_ptr<venue::Venue> venue_;
  Credentials credentials_;
  LogSink& log_;
  Actions actions_;
  ClockSync clock_;
  RequestDesk desk_;
  ClientOrderIds ids_;
  std::map<ClientOrderId, Order> orders_;
  bool running_ = false;
  bool asking_ = false;  // for the time or a list
  bool time_known_ = false;
  bool done_ = false;
  Time due_{};
  Time gone_since_{};
  std::uint64_t generation_ = 0;
  std::size_t left_ = 0;
  std::size_t foreign_ = 0;
  Status trouble_;
};

}  // namespace calypte::engine
