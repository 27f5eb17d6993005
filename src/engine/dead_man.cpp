#include "engine/dead_man.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace calypte::engine {

using namespace std::chrono_literals;

namespace {

constexpr std::string_view kChannel = "dead-man switch";
constexpr Duration kShortestRetry = 250ms;
constexpr Duration kLongestRetry = 5s;
/// A connection is asked again after this; the answer to the first attempt may still come.
constexpr Duration kConnectionRetry = 1s;

std::string in_seconds(Duration d) {
  return fmt::format("{:g} s", std::chrono::duration<double>(d).count());  // for a person
}

/// How long the countdown must be at least so that arming `symbols` of them takes no more than half of the limit.
Duration affordable(const venue::RateLimit& limit, std::uint32_t weight, std::size_t symbols, const Decimal& share) {
  const auto units = static_cast<std::int64_t>(symbols) * weight;
  const Decimal half = Decimal(static_cast<std::int64_t>(limit.limit)) * share * Decimal::from_parts(5, 1);
  const auto allowed =
      std::max<std::int64_t>(1, static_cast<std::int64_t>(half.rescaled(0, Rounding::floor).coefficient()));
  // Each is armed three times within the length of the countdown.
  return Duration(3 * units * limit.interval.count() / allowed);
}

}  // namespace

Status DeadMan::check(const venue::Venue& venue, Duration after, std::size_t symbols, const Decimal& rate_limits_share,
                      bool orders_by_frames) {
  const auto& spec = venue.spec();
  const auto deny = [](std::string text) { return Status(StatusCode::denied, "dead-man switch: " + std::move(text)); };
  if (after < Duration::zero()) return deny("its time is negative");
  if (after == Duration::zero()) return {};
  switch (spec.dead_man.kind) {
    case venue::DeadManKind::none:
      return {};
    case venue::DeadManKind::on_disconnect:
      if (orders_by_frames) return {};
      return deny(
          "this venue cancels what came by a connection when that ends, and orders are set to go by REST; let "
          "them go by the stream, or leave it off and run `calypte guard`");
    case venue::DeadManKind::countdown:
      break;
  }
  if (after < spec.dead_man.shortest || after > spec.dead_man.longest) {
    return deny(fmt::format("{} is not within {} and {}", in_seconds(after), in_seconds(spec.dead_man.shortest),
                            in_seconds(spec.dead_man.longest)));
  }
  const std::string_view id = venue.limit_id(venue::ArmDeadMan{});
  const auto find = [&](std::string_view name) {
    return std::find_if(spec.limits.begin(), spec.limits.end(), [&](const auto& row) { return row.id == name; });
  };
  const auto row = find(id);
  if (row == spec.limits.end()) return {};
  Duration least = affordable(*row, row->weight, symbols, rate_limits_share);
  for (const auto& link : row->linked) {
    if (const auto pool = find(link.id); pool != spec.limits.end()) {
      least = std::max(least, affordable(*pool, link.weight, symbols, rate_limits_share));
    }
  }
  if (after >= least) return {};
  return deny(
      fmt::format("keeping {} symbols armed for {} would take more than half of a rate limit; at least {} are "
                  "needed for so many",
                  symbols, in_seconds(after), in_seconds(least)));
}

DeadMan::DeadMan(const venue::Venue& venue, Duration after, RequestDesk& desk, HasOpenOrders has_open_orders,
                 LogSink& log)
    : kind_(venue.spec().dead_man.kind),
      venue_name_(venue.spec().name),
      after_(after),
      longest_request_(venue.spec().orders.request_limit),
      desk_(desk),
      has_open_orders_(std::move(has_open_orders)),
      log_(log) {}

void DeadMan::start(Time now) {
  if (running_ || after_ <= Duration::zero()) return;
  if (kind_ == venue::DeadManKind::none) {
    log_.log(LogLevel::warning, kChannel,
             fmt::format("{} has none: nobody cancels the open orders if this process dies, unless `calypte guard` "
                         "watches it",
                         venue_name_));
    return;
  }
  running_ = true;
  disarming_ = false;
  for (auto& [symbol, countdown] : countdowns_) countdown.due = now;
  orders_by_rest_seen_ = desk_.orders_by_rest();
  uncovered_told_ = false;
  if (kind_ == venue::DeadManKind::countdown) {
    log_.log(LogLevel::info, kChannel,
             fmt::format("{} after our death {} cancels every open order of the followed symbols, also those that "
                         "other programs of the account or its owner placed",
                         in_seconds(after_), venue_name_));
  } else {
    log_.log(LogLevel::info, kChannel,
             fmt::format("{} cancels the orders of our connection as soon as it sees that end, whatever the length; "
                         "orders that go by REST are not covered",
                         venue_name_));
  }
}

void DeadMan::stop() {
  running_ = false;
  was_armed_ = false;
  ++generation_;
  connection_ = 0;
  armed_connection_ = 0;
  asking_ = false;
  failing_ = false;
  due_ = kNever;
  for (auto& [symbol, countdown] : countdowns_) countdown = Countdown{.followed = countdown.followed};
}

void DeadMan::follow(const Symbol& symbol, Time now) {
  if (!on() || kind_ != venue::DeadManKind::countdown) return;
  auto [it, added] = countdowns_.try_emplace(symbol);
  if (!added && it->second.followed) return;
  it->second.followed = true;
  it->second.due = now;
}

void DeadMan::drop(const Symbol& symbol, Time now) {
  const auto it = countdowns_.find(symbol);
  if (it == countdowns_.end()) return;
  it->second.followed = false;
  it->second.due = now;
}

Duration DeadMan::request_limit() const { return std::min(longest_request_, after_ / 3); }

void DeadMan::on_time(std::uint64_t connection, Time now) {
  if (!running_) return;
  if (kind_ == venue::DeadManKind::on_disconnect) {
    if (connection != connection_) {
      connection_ = connection;
      due_ = connection == 0 ? kNever : now;
      asking_ = false;
    }
    if (connection_ != 0 && !asking_ && now >= due_) arm_connection();
    note_orders_by_rest(now);
  } else {
    note_run_out(now);
    for (auto it = countdowns_.begin(); it != countdowns_.end();) {
      auto& [symbol, countdown] = *it;
      const bool wanted = !disarming_ && (countdown.followed || has_open_orders_(symbol));
      const bool waits = countdown.asking || (disarming_ ? countdown.taken_back : now < countdown.due);
      if (!waits && !wanted && !countdown.perhaps_armed) {
        countdown.taken_back = true;
        if (!countdown.followed) {
          it = countdowns_.erase(it);
          continue;
        }
      } else if (!waits) {
        arm(symbol, wanted ? after_ : Duration::zero());
      }
      ++it;
    }
  }
  was_armed_ = was_armed_ || armed(now);
}

Time DeadMan::next_wakeup() const {
  if (!running_) return kNever;
  Time next = asking_ || armed_connection_ == connection_ ? kNever : due_;
  for (const auto& [symbol, countdown] : countdowns_) {
    if (!countdown.asking && !(disarming_ && countdown.taken_back)) next = std::min(next, countdown.due);
    // Then it is to be told that it ran out.
    if (countdown.armed_until != Time::min()) next = std::min(next, countdown.armed_until);
  }
  return next;
}

void DeadMan::arm(const Symbol& symbol, Duration after) {
  auto& countdown = countdowns_[symbol];
  countdown.asking = true;
  countdown.taken_back = after == Duration::zero();
  countdown.perhaps_armed = countdown.perhaps_armed || after > Duration::zero();
  desk_.submit(venue::ArmDeadMan{.symbol = symbol, .after = after}, Lane::cancel, request_limit(),
               [this, symbol, after, generation = generation_](const Reply& reply) {
                 if (generation == generation_) on_armed(symbol, after, reply);
               });
}

void DeadMan::on_armed(const Symbol& symbol, Duration after, const Reply& reply) {
  const auto it = countdowns_.find(symbol);
  if (it == countdowns_.end()) return;
  auto& countdown = it->second;
  countdown.asking = false;
  const Time now = reply.received;
  if (reply.status.ok()) {
    countdown.failing = false;
    if (after == Duration::zero()) {
      countdown.armed_until = Time::min();
      countdown.perhaps_armed = false;
      countdown.due = now;  // followed anew meanwhile, or forgotten
      return;
    }
    countdown.armed_until = reply.sent + after;
    countdown.due = std::max(now, reply.sent + after / 3);
    return;
  }
  const bool final = reply.status.certainly_without_effect() && reply.status.code() != StatusCode::not_sent &&
                     reply.status.code() != StatusCode::rate_limited;
  const Duration pause = final ? std::max<Duration>(after_ / 3, kShortestRetry)
                               : std::clamp<Duration>(after_ / 12, kShortestRetry, kLongestRetry);
  countdown.due = std::max(now + pause, reply.status.retry_at().value_or(Time::min()));
  if (std::exchange(countdown.failing, true)) return;
  report(Status(reply.status.code(), reply.status.reason(),
                fmt::format("{}: {}: {}", symbol.value, after == Duration::zero() ? "not disarmed" : "not armed",
                            reply.status.message()),
                reply.status.venue_code()),
         now);
}

void DeadMan::note_run_out(Time now) {
  for (auto& [symbol, countdown] : countdowns_) {
    if (countdown.armed_until == Time::min() || now < countdown.armed_until) continue;
    countdown.armed_until = Time::min();
    if (disarming_) continue;
    report(Status(StatusCode::unavailable,
                  fmt::format("{}: it could not be armed again in time; the venue cancels the orders of the symbol",
                              symbol.value)),
           now);
  }
}

void DeadMan::arm_connection() {
  if (armed_connection_ == connection_) return;
  asking_ = true;
  desk_.submit(
      venue::ArmDeadMan{}, Lane::cancel, longest_request_,
      [this, connection = connection_, generation = generation_](const Reply& reply) {
        if (generation != generation_ || connection != connection_) return;
        asking_ = false;
        if (reply.status.ok()) {
          armed_connection_ = connection;
          failing_ = false;
          uncovered_told_ = false;
          return;
        }
        due_ = std::max(reply.received + kConnectionRetry, reply.status.retry_at().value_or(Time::min()));
        // The stream was too busy for the frame, and this request has no other way.
        const bool busy = reply.status.code() == StatusCode::unsupported;
        if (busy || std::exchange(failing_, true)) return;
        report(Status(reply.status.code(), reply.status.reason(),
                      "the connection for orders is not armed: " + reply.status.message(), reply.status.venue_code()),
               reply.received);
      });
}

void DeadMan::note_orders_by_rest(Time now) {
  const std::uint64_t left = desk_.orders_by_rest();
  if (left == orders_by_rest_seen_) return;
  orders_by_rest_seen_ = left;
  if (std::exchange(uncovered_told_, true)) return;
  report(Status(StatusCode::unsupported,
                "an order left by REST: it belongs to no connection, so the venue does not cancel it if this process "
                "dies; `calypte guard` covers such orders"),
         now);
}

void DeadMan::disarm(Time now) {
  if (!running_ || disarming_) return;
  disarming_ = true;
  for (auto& [symbol, countdown] : countdowns_) {
    countdown.taken_back = false;
    countdown.due = now;
  }
}

bool DeadMan::disarmed() const {
  return std::all_of(countdowns_.begin(), countdowns_.end(),
                     [](const auto& entry) { return entry.second.taken_back && !entry.second.asking; });
}

bool DeadMan::armed(Time now) const {
  if (!running_) return false;
  if (kind_ == venue::DeadManKind::on_disconnect) return connection_ != 0 && armed_connection_ == connection_;
  return !disarming_ && !countdowns_.empty() &&
         std::all_of(countdowns_.begin(), countdowns_.end(),
                     [&](const auto& entry) { return !entry.second.followed || entry.second.armed_until > now; });
}

void DeadMan::report(Status status, Time now) {
  log_.log(LogLevel::error, kChannel, status.to_string());
  events_.push_back(
      ConnectorErrorEvent{.timestamp = now, .channel = std::string(kChannel), .status = std::move(status)});
}

}  // namespace calypte::engine
