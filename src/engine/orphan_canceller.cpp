#include "engine/orphan_canceller.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <variant>

namespace calypte::engine {

using namespace std::chrono_literals;

namespace {

constexpr std::string_view kComponent = "guard";
constexpr Duration kPause = 1s;  ///< between listings, and after a failure

}  // namespace

Result<std::unique_ptr<OrphanCanceller>> OrphanCanceller::create(std::unique_ptr<venue::Venue> venue,
                                                                 Credentials credentials, const std::string& prefix,
                                                                 LogSink& log, Time now) {
  const auto& spec = venue->spec();
  if (spec.market_data_only) return Status(StatusCode::denied, fmt::format("{} has no orders here", spec.name));
  if (credentials.empty()) return Status(StatusCode::denied, "cancelling needs credentials");
  if (prefix.empty()) return Status(StatusCode::denied, "an empty prefix does not tell whose an order is");
  auto throttle = Throttle::create(spec.limits, {});
  if (!throttle.ok()) return throttle.status();
  auto ids = ClientOrderIds::create(prefix, spec.orders.max_client_order_id_length, now, 0);
  if (!ids.ok()) return ids.status();
  return std::unique_ptr<OrphanCanceller>(
      new OrphanCanceller(std::move(venue), std::move(credentials), std::move(*throttle), std::move(*ids), log));
}

OrphanCanceller::OrphanCanceller(std::unique_ptr<venue::Venue> venue, Credentials credentials, Throttle throttle,
                                 ClientOrderIds ids, LogSink& log)
    : venue_(std::move(venue)),
      credentials_(std::move(credentials)),
      log_(log),
      desk_(*venue_, std::move(throttle), clock_, credentials_, actions_, log_),
      ids_(std::move(ids)) {}

void OrphanCanceller::begin(Time gone_since, Time now) {
  if (running_ && !done_) return;
  running_ = true;
  done_ = false;
  asking_ = false;
  gone_since_ = gone_since;
  due_ = now;
  orders_.clear();
  left_ = 0;
  foreign_ = 0;
  trouble_ = {};
}

void OrphanCanceller::pause(Time now) {
  running_ = false;
  ++generation_;
  desk_.fail_all("paused", now);
}

void OrphanCanceller::on_outcome(venue::RequestId id, const venue::RequestOutcome& outcome, Time now) {
  desk_.on_outcome(id, outcome, now);
  on_time(now);
}

void OrphanCanceller::on_time(Time now) {
  // What an answer leads to leaves in the same round; the bound keeps a mistake from becoming an endless loop.
  for (int round = 0; round < 100; ++round) {
    act(now);
    desk_.on_time(now);
    if (next_wakeup(now) > now) return;
  }
}

Time OrphanCanceller::next_wakeup(Time now) const {
  const bool waits = !running_ || done_ || asking_ || cancels_under_way();
  return std::min(desk_.next_wakeup(now), waits ? kNever : due_);
}

bool OrphanCanceller::cancels_under_way() const {
  return std::any_of(orders_.begin(), orders_.end(), [](const auto& entry) { return entry.second.asking; });
}

std::size_t OrphanCanceller::cancelled() const noexcept {
  return static_cast<std::size_t>(
      std::count_if(orders_.begin(), orders_.end(), [](const auto& entry) { return entry.second.cancelled; }));
}

void OrphanCanceller::act(Time now) {
  if (!running_ || done_ || asking_ || now < due_ || cancels_under_way()) return;
  if (time_known_) {
    list();
  } else {
    ask_time();
  }
}

void OrphanCanceller::ask_time() {
  asking_ = true;
  desk_.submit(venue::QueryServerTime{}, Lane::cancel, 5s, [this, generation = generation_](const Reply& reply) {
    if (generation != generation_) return;
    asking_ = false;
    // Where it fails the list is tried all the same: our own clock may well do.
    time_known_ = true;
    if (!reply.status.ok()) log_.log(LogLevel::warning, kComponent, "the venue's time: " + reply.status.to_string());
  });
}

void OrphanCanceller::list() {
  asking_ = true;
  // As urgent as a cancel: without the list there is none.
  desk_.submit(venue::QueryOpenOrders{}, Lane::cancel, venue_->spec().orders.request_limit,
               [this, generation = generation_](const Reply& reply) {
                 if (generation != generation_) return;
                 asking_ = false;
                 on_list(reply);
               });
}

void OrphanCanceller::on_list(const Reply& reply) {
  due_ = reply.received + kPause;
  bool complete = false;
  for (const auto& record : reply.records.items()) {
    complete = complete || std::holds_alternative<venue::OpenOrdersComplete>(record);
  }
  if (!reply.status.ok() || !complete) {
    trouble_ =
        reply.status.ok() ? Status(StatusCode::malformed, "the list of open orders is not complete") : reply.status;
    due_ = std::max(due_, trouble_.retry_at().value_or(Time::min()));
    log_.log(LogLevel::error, kComponent, "open orders: " + trouble_.to_string());
    return;
  }
  left_ = 0;
  foreign_ = 0;
  for (const auto& record : reply.records.items()) {
    const auto* report = std::get_if<venue::OrderReport>(&record);
    if (report == nullptr) continue;
    const auto& id = report->update.client_order_id;
    if (!id || !ids_.has_prefix(*id)) {
      ++foreign_;
      continue;
    }
    ++left_;
    auto [it, added] = orders_.try_emplace(*id);
    it->second.ref = {
        .client_order_id = *id, .exchange_order_id = report->update.exchange_order_id, .symbol = report->symbol};
    it->second.cancelled = false;  // whatever was said of it before, it is open
    cancel(it->second);
  }
  // An order that left right before the end may need its time to be seen.
  done_ = left_ == 0 && reply.sent >= gone_since_ + venue_->spec().orders.max_visibility_delay;
}

void OrphanCanceller::cancel(Order& order) {
  order.asking = true;
  desk_.submit(venue::CancelOrder{order.ref}, Lane::cancel, venue_->spec().orders.request_limit,
               [this, id = order.ref.client_order_id, generation = generation_](const Reply& reply) {
                 if (generation == generation_) on_cancel(id, reply);
               });
}

void OrphanCanceller::on_cancel(const ClientOrderId& id, const Reply& reply) {
  Order& order = orders_.at(id);
  order.asking = false;
  if (reply.status.ok()) {
    order.cancelled = true;
    log_.log(LogLevel::info, kComponent, "cancelled " + id.value);
  } else if (reply.status.code() == StatusCode::order_not_found) {
    log_.log(LogLevel::info, kComponent, id.value + " has ended by itself");
  } else {
    trouble_ = reply.status;
    log_.log(LogLevel::error, kComponent, fmt::format("{} is not cancelled: {}", id.value, reply.status.to_string()));
  }
  due_ = std::max(reply.received, reply.status.retry_at().value_or(Time::min()));
}

}  // namespace calypte::engine
