// Coroutines that wait for the venue's id of an order.
//
// `detail::ExchangeOrderIdWait` is what is waited on. It is shared by the awaitables and outlives the order.
// `ExchangeOrderIdWaiters` is the side that wakes; all copies of an order share one, and when the last copy is gone it
// gives up the wait. `WaiterHub` is the tracker's clock and queue: with it, whoever is woken resumes when the tracker
// has finished the fact that it is busy with; an order outside any tracker resumes its waiters at once.
#pragma once

#include <algorithm>
#include <coroutine>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "calypte/in_flight_order.hpp"

namespace calypte {
namespace detail {

class WaiterHub;

struct ExchangeOrderIdWait {
  std::optional<ExchangeOrderId> id;
  std::optional<Status> failure;                             ///< why no id will come
  std::map<std::uint64_t, std::coroutine_handle<>> waiting;  ///< by ticket: in the order of arrival
  std::uint64_t last_ticket = 0;
  std::weak_ptr<WaiterHub> hub;
};

/// Owned by the tracker.
class WaiterHub {
 public:
  void set_now(Time now) noexcept { now_ = std::max(now_, now); }
  [[nodiscard]] Time now() const noexcept { return now_; }
  void add_deadline(Time deadline, std::weak_ptr<ExchangeOrderIdWait> wait, std::uint64_t ticket);
  void enqueue(std::shared_ptr<ExchangeOrderIdWait> wait, std::uint64_t ticket);
  /// Moves everyone whose time is over to the queue.
  void expire();
  /// Resumes the queue until it is empty. A call from inside a resumed coroutine returns at once; the outer one goes
  /// on.
  void run();
  [[nodiscard]] Time next_deadline() const noexcept { return deadlines_.empty() ? kNever : deadlines_.begin()->first; }

 private:
  struct Ticket {
    std::weak_ptr<ExchangeOrderIdWait> wait;
    std::uint64_t number = 0;
  };
  Time now_{};
  std::multimap<Time, Ticket> deadlines_;  ///< an entry whose ticket was served is dropped when its time comes
  std::deque<std::pair<std::shared_ptr<ExchangeOrderIdWait>, std::uint64_t>> ready_;
  bool running_ = false;
};

}  // namespace detail

class ExchangeOrderIdWaiters {
 public:
  ExchangeOrderIdWaiters() : wait_(std::make_shared<detail::ExchangeOrderIdWait>()) {}
  ExchangeOrderIdWaiters(const ExchangeOrderIdWaiters&) = delete;
  ExchangeOrderIdWaiters& operator=(const ExchangeOrderIdWaiters&) = delete;
  ~ExchangeOrderIdWaiters();

  void attach(const std::shared_ptr<detail::WaiterHub>& hub) { wait_->hub = hub; }
  [[nodiscard]] const std::shared_ptr<detail::ExchangeOrderIdWait>& wait() const noexcept { return wait_; }
  void resolve(const ExchangeOrderId& id);
  /// No id will come; without effect if there is one. A later id replaces the failure.
  void fail(Status reason);

 private:
  void wake_all();
  std::shared_ptr<detail::ExchangeOrderIdWait> wait_;
};

}  // namespace calypte
