#include "engine/request_desk.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <variant>

#include "engine/excuse.hpp"

namespace calypte::engine {

using namespace std::chrono_literals;

namespace {

/// The transport reports a time-out itself; this is the second line, for a driver that forgets one.
constexpr Duration kGrace = 2s;
/// What to wait after "too many requests" where the venue does not say how long.
constexpr Duration kDefaultPenalty = 1s;

}  // namespace

RequestDesk::RequestDesk(venue::Venue& venue, Throttle throttle, ClockSync& clock, const Credentials& credentials,
                         Actions& actions, LogSink& log)
    : venue_(venue),
      throttle_(std::move(throttle)),
      clock_(clock),
      credentials_(credentials),
      actions_(actions),
      log_(log) {}

venue::Stamp RequestDesk::stamp(Time now) {
  return venue::Stamp{.time = clock_.venue_time(now),
                      .nonce = next_nonce(),
                      .credentials = credentials_.empty() ? nullptr : &credentials_};
}

RequestDesk::Ticket RequestDesk::submit(venue::Request request, Lane lane, Duration limit, OnReply on_reply) {
  const Ticket ticket = next_ticket_++;
  const auto token = throttle_.enqueue(venue_.limit_id(request), lane);
  auto& pending = pending_[ticket];
  pending.request = std::move(request);
  pending.lane = lane;
  pending.limit = limit;
  pending.on_reply = std::move(on_reply);
  if (token.ok()) {
    pending.token = *token;
    by_token_[*token] = ticket;
  } else {
    pending.refusal = token.status();
    refused_.push_back(ticket);
  }
  return ticket;
}

bool RequestDesk::abandon(Ticket ticket) {
  const auto it = pending_.find(ticket);
  if (it == pending_.end() || it->second.sent) return false;
  throttle_.abandon(it->second.token);
  by_token_.erase(it->second.token);
  pending_.erase(it);
  return true;
}

venue::Request* RequestDesk::unsent(Ticket ticket) {
  const auto it = pending_.find(ticket);
  return it == pending_.end() || it->second.sent ? nullptr : &it->second.request;
}

bool RequestDesk::was_sent(Ticket ticket) const {
  const auto it = pending_.find(ticket);
  return it == pending_.end() || it->second.sent;
}

const venue::Request* RequestDesk::Asked::find(std::uint64_t id) const {
  const auto by_frame = desk_.by_frame_.find(id);
  return by_frame == desk_.by_frame_.end() ? nullptr : &desk_.pending_.at(by_frame->second).request;
}

bool RequestDesk::send_frame(Ticket ticket, Pending& pending, Time now) {
  const bool may = std::holds_alternative<venue::NewOrder>(pending.request) ||
                   std::holds_alternative<venue::CancelOrder>(pending.request) ||
                   std::holds_alternative<venue::ArmDeadMan>(pending.request);
  if (!may || frame_route_ == nullptr || !frame_route_->can_take(now)) return false;
  const auto stamped = stamp(now);
  auto frame = venue_.encode_frame(pending.request, stamped);
  if (!frame.ok()) {
    if (frame.status().code() == StatusCode::unsupported) return false;
    pending.refusal = frame.status();
    refused_.push_back(ticket);
    return true;
  }
  pending.sent = true;
  pending.sent_at = now;
  pending.deadline = now + pending.limit;  // nobody else watches it
  pending.frame_id = stamped.nonce;
  by_frame_[stamped.nonce] = ticket;
  frame_route_->take(std::move(*frame), ticket, pending.request, now);
  return true;
}

void RequestDesk::send(Ticket ticket, Pending& pending, Time now) {
  if (send_frame(ticket, pending, now)) return;
  auto encoded = venue_.encode(pending.request, stamp(now));
  if (!encoded.ok()) {
    pending.refusal = encoded.status();
    refused_.push_back(ticket);
    return;
  }
  pending.sent = true;
  pending.sent_at = now;
  pending.deadline = now + pending.limit + kGrace;
  if (places_orders(pending.request)) ++orders_by_rest_;
  actions_.emplace_back(SendRequest{.id = ticket,
                                    .name = request_name(pending.request),
                                    .request = std::move(*encoded),
                                    .limit = pending.limit,
                                    .places_orders = places_orders(pending.request)});
}

void RequestDesk::on_time(Time now) {
  for (const auto token : throttle_.grant(now)) {
    const auto by_token = by_token_.find(token);
    if (by_token == by_token_.end()) continue;
    const Ticket ticket = by_token->second;
    by_token_.erase(by_token);
    send(ticket, pending_.at(ticket), now);
  }
  while (!refused_.empty()) {
    const auto refused = std::exchange(refused_, {});
    for (const Ticket ticket : refused) {
      const auto it = pending_.find(ticket);
      if (it == pending_.end()) continue;
      records_.clear();
      finish(it, Status(it->second.refusal), records_, now);
    }
  }
  std::vector<Ticket> late;
  for (const auto& [ticket, pending] : pending_) {
    if (now >= pending.deadline) late.push_back(ticket);
  }
  for (const Ticket ticket : late) {
    const auto it = pending_.find(ticket);
    if (it == pending_.end()) continue;
    records_.clear();
    finish(it, Status(StatusCode::outcome_unknown, "no answer within the limit"), records_, now);
  }
}

void RequestDesk::excuse(Duration lost, Time now) {
  for (auto& [ticket, pending] : pending_) {
    if (pending.sent) pending.deadline = excused(pending.deadline, lost, now);
  }
}

Time RequestDesk::next_wakeup(Time now) const {
  if (!refused_.empty()) return now;
  Time next = throttle_.next_wakeup(now);
  for (const auto& [ticket, pending] : pending_) next = std::min(next, pending.deadline);
  return next;
}

void RequestDesk::on_outcome(venue::RequestId id, const venue::RequestOutcome& outcome, Time now) {
  const auto it = pending_.find(id);
  if (it == pending_.end() || !it->second.sent) {
    log_.log(LogLevel::debug, "requests", fmt::format("an answer to request {} came after it was given up", id));
    return;
  }
  records_.clear();
  switch (outcome.kind) {
    case venue::RequestOutcome::Kind::not_sent:
      reachable_ = false;
      finish(it, Status(StatusCode::not_sent, FailureReason::connection, outcome.error), records_, now);
      return;
    case venue::RequestOutcome::Kind::unknown:
      reachable_ = false;
      finish(it, Status(StatusCode::outcome_unknown, outcome.error), records_, now);
      return;
    case venue::RequestOutcome::Kind::replied:
      break;
  }
  const Status status = venue_.decode_reply(it->second.request, outcome.reply, records_);
  judge(it, status, records_, now);
}

Status RequestDesk::on_answer(venue::Bytes frame, venue::Records& records, Time now) {
  const Asked asked(*this);
  auto answer = venue_.decode_answer(frame, asked, records);
  if (!answer.ok()) return answer.status();
  const auto by_frame = *answer ? by_frame_.find((*answer)->id) : by_frame_.end();
  if (by_frame == by_frame_.end()) {
    note_used(records, now);
    return {};
  }
  judge(pending_.find(by_frame->second), (*answer)->status, records, now);
  records.clear();
  return {};
}

void RequestDesk::fail_frames(std::string_view reason, Time now) {
  std::vector<Ticket> lost;
  lost.reserve(by_frame_.size());
  for (const auto& [frame, ticket] : by_frame_) lost.push_back(ticket);
  for (const Ticket ticket : lost) {
    const auto it = pending_.find(ticket);
    if (it == pending_.end()) continue;
    records_.clear();
    finish(it, Status(StatusCode::outcome_unknown, std::string(reason)), records_, now);
  }
}

void RequestDesk::note_used(const venue::Records& records, Time now) {
  for (const auto& record : records.items()) {
    if (const auto* used = std::get_if<venue::UsedWeight>(&record))
      throttle_.note_used(used->limit_id, used->used, now);
  }
}

void RequestDesk::judge(std::map<Ticket, Pending>::iterator it, const Status& status, venue::Records& records,
                        Time now) {
  Pending& pending = it->second;
  // An answer that says "I am down" or makes no sense proves that something answered, not that the venue works.
  reachable_ = status.code() != StatusCode::unavailable && status.code() != StatusCode::malformed &&
               status.code() != StatusCode::outcome_unknown;
  ever_answered_ = ever_answered_ || reachable_;
  if (reachable_) last_answer_ = now;
  note_server_time(pending, records, now);
  note_used(records, now);
  if (status.code() == StatusCode::rate_limited) {
    const Time until = std::max(status.retry_at().value_or(now + kDefaultPenalty), now + kDefaultPenalty);
    throttle_.block(venue_.limit_id(pending.request), until);
  }
  if (status.code() == StatusCode::clock_skew && !pending.clock_retried) {
    const auto token = throttle_.enqueue(venue_.limit_id(pending.request), pending.lane);
    if (token.ok()) {
      log_.log(LogLevel::warning, "requests", "the venue refused our time stamp; sending once more with its clock");
      // A new ticket, so that nothing of the first attempt can be taken for an answer to the second; whoever asked is
      // told once, by the second.
      Pending again = std::move(pending);
      by_frame_.erase(again.frame_id);
      again.frame_id = 0;
      pending_.erase(it);
      again.clock_retried = true;
      again.sent = false;
      again.deadline = kNever;
      again.token = *token;
      const Ticket ticket = next_ticket_++;
      by_token_[*token] = ticket;
      pending_.emplace(ticket, std::move(again));
      return;
    }
  }
  finish(it, status, records, now);
}

void RequestDesk::note_server_time(const Pending& pending, const venue::Records& records, Time now) {
  for (const auto& record : records.items()) {
    if (const auto* time = std::get_if<venue::ServerTime>(&record)) {
      clock_.add_sample(time->time, pending.sent_at, now, time->resolution);
    }
  }
}

void RequestDesk::finish(std::map<Ticket, Pending>::iterator it, const Status& status, venue::Records& records,
                         Time now) {
  // Out of the table first: `on_reply` may submit, abandon, or stop everything.
  const Pending pending = std::move(it->second);
  pending_.erase(it);
  if (pending.frame_id != 0) by_frame_.erase(pending.frame_id);
  if (!status.ok()) {
    log_.log(LogLevel::debug, "requests", fmt::format("{}: {}", request_name(pending.request), status.to_string()));
  }
  if (pending.on_reply) {
    pending.on_reply(Reply{.asked = pending.request,
                           .status = status,
                           .records = records,
                           .sent = pending.sent ? pending.sent_at : now,
                           .received = now});
  }
}

void RequestDesk::fail_all(std::string_view reason, Time now) {
  const Ticket end = next_ticket_;  // what a failure leads to is not failed in turn, or this might never end
  while (!pending_.empty() && pending_.begin()->first < end) {
    const auto it = pending_.begin();
    records_.clear();
    if (it->second.sent) {
      finish(it, Status(StatusCode::outcome_unknown, std::string(reason)), records_, now);
    } else {
      throttle_.abandon(it->second.token);
      by_token_.erase(it->second.token);
      finish(it, Status(StatusCode::not_sent, FailureReason::stopped, std::string(reason)), records_, now);
    }
  }
}

}  // namespace calypte::engine
