#include "engine/order_id_waiters.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <utility>
#include <vector>

namespace calypte {
namespace detail {
namespace {

/// Takes the coroutine out first, so that it is resumed once whatever it does.
void resume(ExchangeOrderIdWait& wait, std::uint64_t ticket) {
  const auto found = wait.waiting.find(ticket);
  if (found == wait.waiting.end()) return;  // destroyed while it waited
  const std::coroutine_handle<> handle = found->second;
  wait.waiting.erase(found);
  handle.resume();
}

}  // namespace

void WaiterHub::add_deadline(Time deadline, std::weak_ptr<ExchangeOrderIdWait> wait, std::uint64_t ticket) {
  deadlines_.emplace(deadline, Ticket{std::move(wait), ticket});
}

void WaiterHub::enqueue(std::shared_ptr<ExchangeOrderIdWait> wait, std::uint64_t ticket) {
  ready_.emplace_back(std::move(wait), ticket);
}

void WaiterHub::expire() {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now_) {
    Ticket ticket = std::move(deadlines_.begin()->second);
    deadlines_.erase(deadlines_.begin());
    auto wait = ticket.wait.lock();
    if (wait && wait->waiting.contains(ticket.number)) enqueue(std::move(wait), ticket.number);
  }
}

void WaiterHub::run() {
  if (running_) return;
  running_ = true;
  while (!ready_.empty()) {
    const auto [wait, ticket] = std::move(ready_.front());
    ready_.pop_front();
    resume(*wait, ticket);
  }
  running_ = false;
}

}  // namespace detail

ExchangeOrderIdWaiters::~ExchangeOrderIdWaiters() {
  fail(Status(StatusCode::denied, FailureReason::stopped, "the order is not tracked any more"));
}

void ExchangeOrderIdWaiters::resolve(const ExchangeOrderId& id) {
  wait_->id = id;
  wake_all();
}

void ExchangeOrderIdWaiters::fail(Status reason) {
  if (wait_->id) return;
  if (!wait_->failure) wait_->failure = std::move(reason);
  wake_all();
}

void ExchangeOrderIdWaiters::wake_all() {
  const std::shared_ptr<detail::ExchangeOrderIdWait> wait = wait_;  // a resumed coroutine may destroy this object
  std::vector<std::uint64_t> tickets;
  tickets.reserve(wait->waiting.size());
  for (const auto& [ticket, handle] : wait->waiting) tickets.push_back(ticket);
  if (const auto hub = wait->hub.lock()) {
    for (const std::uint64_t ticket : tickets) hub->enqueue(wait, ticket);
  } else {
    for (const std::uint64_t ticket : tickets) detail::resume(*wait, ticket);
  }
}

ExchangeOrderIdAwaitable::ExchangeOrderIdAwaitable(std::shared_ptr<detail::ExchangeOrderIdWait> wait,
                                                   Duration time_limit)
    : wait_(std::move(wait)), time_limit_(time_limit) {}

ExchangeOrderIdAwaitable::~ExchangeOrderIdAwaitable() {
  if (ticket_ != 0) wait_->waiting.erase(ticket_);
}

bool ExchangeOrderIdAwaitable::await_ready() const noexcept { return wait_->id || wait_->failure; }

void ExchangeOrderIdAwaitable::await_suspend(std::coroutine_handle<> handle) {
  ticket_ = ++wait_->last_ticket;
  wait_->waiting.emplace(ticket_, handle);
  if (const auto hub = wait_->hub.lock()) {
    const Time now = hub->now();
    const Duration limit = std::max(time_limit_, Duration::zero());
    const Time deadline = limit > kNever - now ? kNever : now + limit;
    if (deadline != kNever) hub->add_deadline(deadline, wait_, ticket_);
  }
}

Result<ExchangeOrderId> ExchangeOrderIdAwaitable::await_resume() {
  ticket_ = 0;
  if (wait_->id) return *wait_->id;
  if (wait_->failure) return *wait_->failure;
  const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(time_limit_).count();
  return Status(StatusCode::outcome_unknown, fmt::format("the venue gave the order no id within {} ms", limit));
}

}  // namespace calypte
