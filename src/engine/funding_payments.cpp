#include "engine/funding_payments.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <variant>

#include "venue/json.hpp"
#include "venue/json_writer.hpp"

namespace calypte::engine {

using namespace std::chrono_literals;

namespace {

constexpr Duration kPaymentsRequestLimit = 10s;
constexpr Duration kPaymentsRetryMin = 1s;
constexpr Duration kPaymentsRetryMax = 60s;
constexpr Duration kAfterFunding = 3s;  // what venues need to book it
constexpr Duration kAfterHint = 500ms;
constexpr Duration kFundingLimit = 10min;
constexpr Duration kHintLimit = 2min;
constexpr Duration kBookedEarlier = 1min;  // a payment may be dated a little before its funding time, by our clock
constexpr Duration kBetweenSweeps = 1min;
constexpr Duration kPaymentClockMargin = 1min;
constexpr Duration kReach = 24h * 90;  // venues keep no longer history
constexpr std::uint32_t kMaxPages = 1000;
constexpr std::string_view kStateName = "funding_payments";

Duration pause_of(Duration first, std::uint32_t attempt) {
  return std::min<Duration>(kPaymentsRetryMax, first * (1LL << std::min<std::uint32_t>(attempt, 8)));
}

}  // namespace

FundingPayments::FundingPayments(const venue::VenueSpec& spec, RequestDesk& desk, const ClockSync& clock,
                                 const Instruments& instruments, LogSink& log)
    : spec_(spec), desk_(desk), clock_(clock), instruments_(instruments), log_(log) {}

void FundingPayments::start(Time now) {
  running_ = true;
  if (!began_) began_ = clock_.venue_time(now);
  ask(now);
}

void FundingPayments::stop() {
  running_ = false;
  reading_ = false;
  ++generation_;
  waits_.clear();
  due_ = kNever;
}

// --- When to read --------------------------------------------------------------------------------------------------

void FundingPayments::ask(Time now) {
  if (running_) due_ = std::min(due_, now);
}

void FundingPayments::on_swept(Time now) {
  if (last_pass_ == Time::min() || last_pass_ + kBetweenSweeps <= now) ask(now);
}

void FundingPayments::wait_for(Wait wait, Duration delay, Time now) {
  if (!running_) return;
  if (waits_.size() >= kMaxWaits) waits_.erase(waits_.begin());
  waits_.push_back(std::move(wait));
  attempts_ = 0;
  due_ = std::min(due_, now + delay);
}

void FundingPayments::expect(const TradingPair& pair, Time funding_time, bool held, Time now) {
  if (held) {
    wait_for({pair, funding_time - kBookedEarlier, now + kFundingLimit}, kAfterFunding, now);
  } else if (running_) {
    due_ = std::min(due_, now + kAfterFunding);
  }
}

void FundingPayments::on_booked(Time now) {
  wait_for({std::nullopt, clock_.venue_time(now) - kBookedEarlier, now + kHintLimit}, kAfterHint, now);
}

void FundingPayments::on_time(Time now) {
  if (running_ && !reading_ && now >= due_) begin_pass(now);
}

Time FundingPayments::next_wakeup() const { return running_ && !reading_ ? due_ : kNever; }

// --- One pass ------------------------------------------------------------------------------------------------------

void FundingPayments::begin_pass(Time now) {
  ++generation_;
  reading_ = true;
  due_ = kNever;
  last_pass_ = now;
  pass_began_ = clock_.venue_time(now);
  Time start = known_until_.value_or(*began_) - kOverlap;
  if (start < pass_began_ - kReach) {
    log_.log(LogLevel::error, "funding", "payments of more than 90 days ago are not read any more");
    start = pass_began_ - kReach;
  }
  read(std::max(start, floor_), pass_began_ + kPaymentClockMargin, 1);
}

void FundingPayments::read(Time start, Time end, std::uint32_t page) {
  // A long absence is read in pieces of what the venue lists in one go, oldest first.
  const Time until = std::min(end, start + spec_.positions.funding_history);
  desk_.submit(venue::QueryFundingPayments{.symbol = std::nullopt, .start = start, .end = until}, Lane::query,
               kPaymentsRequestLimit, [this, start, end, until, page, generation = generation_](const Reply& reply) {
                 if (generation != generation_) return;
                 for (const auto& record : reply.records.items()) {
                   const auto* payment = std::get_if<venue::FundingPayment>(&record);
                   // What is older than was asked for may be forgotten already.
                   if (payment != nullptr && payment->venue_time >= start) note(*payment, reply.received);
                 }
                 if (!reply.status.ok()) {
                   log_.log(LogLevel::warning, "funding",
                            fmt::format("the funding payments could not be read: {}", reply.status.to_string()));
                   return end_pass(false, start, reply.received);
                 }
                 Time next = until;
                 for (const auto& record : reply.records.items()) {
                   const auto* info = std::get_if<venue::FundingPaymentsPage>(&record);
                   if (info == nullptr || !info->more) continue;
                   next = info->next_start.value_or(start);
                   if (next <= start || page >= kMaxPages) {
                     log_.log(LogLevel::error, "funding", "the list of funding payments has no end");
                     return end_pass(false, start, reply.received);
                   }
                 }
                 if (next < end) return read(next, end, page + 1);
                 end_pass(true, pass_began_, reply.received);
               });
}

void FundingPayments::note(const venue::FundingPayment& payment, Time now) {
  if (payment.venue_time <= floor_ || ids_.contains(payment.id)) return;
  const bool news = known_until_ || payment.venue_time > *began_;
  remember(payment.id, payment.venue_time, news);
  if (!news) return;
  const auto* pair = instruments_.pair_of(payment.symbol.value);
  if (pair == nullptr) {
    log_.log(
        LogLevel::warning, "funding",
        fmt::format("payment {} is for {}, which is no instrument that is known", payment.id, payment.symbol.value));
  }
  std::erase_if(waits_, [&](const Wait& wait) {
    return payment.venue_time >= wait.since && (!wait.pair || (pair != nullptr && *wait.pair == *pair));
  });
  log_.log(
      LogLevel::info, "funding",
      fmt::format("{} {} {} for {}", payment.amount.is_negative() ? "paid" : "received", payment.amount.to_string(),
                  payment.asset, pair == nullptr ? payment.symbol.value : pair->to_string()));
  events_.emplace_back(FundingPaymentCompletedEvent{.timestamp = now,
                                                    .trading_pair = pair == nullptr ? TradingPair() : *pair,
                                                    .amount = payment.amount,
                                                    .asset = payment.asset,
                                                    .rate = payment.rate,
                                                    .payment_id = payment.id,
                                                    .venue_time = payment.venue_time});
}

void FundingPayments::end_pass(bool complete, Time known_until, Time now) {
  reading_ = false;
  if (!complete) {
    // What was read is known: a long absence need not be read from its beginning again.
    if (known_until_) known_until_ = std::max(*known_until_, known_until);
    due_ = std::min(due_, now + pause_of(kPaymentsRetryMin, failures_++));
    return;
  }
  failures_ = 0;
  changed_ = true;
  known_until_ = known_until_ ? std::max(*known_until_, known_until) : known_until;
  forget_until(*known_until_ - kOverlap - kPaymentsRetryMin);
  due_ = std::min(due_, now + spec_.positions.funding_poll);
  std::erase_if(waits_, [now](const Wait& wait) { return wait.give_up <= now; });
  if (!waits_.empty()) due_ = std::min(due_, now + pause_of(kAfterFunding, attempts_++));
}

// --- What is known -------------------------------------------------------------------------------------------------

void FundingPayments::remember(const std::string& id, Time time, bool told) {
  if (!ids_.try_emplace(id, time, told).second) return;
  by_time_.emplace(time, id);
  changed_ = true;
  if (ids_.size() <= kMaxIds) return;
  log_.log(LogLevel::error, "funding", fmt::format("more than {} funding payments at once", kMaxIds));
  floor_ = std::max(floor_, by_time_.begin()->first);
  forget_until(floor_);
}

void FundingPayments::forget_until(Time time) {
  while (!by_time_.empty() && by_time_.begin()->first <= time) {
    ids_.erase(by_time_.begin()->second);
    by_time_.erase(by_time_.begin());
  }
}

std::string FundingPayments::state() const {
  if (!known_until_) return {};
  std::string text;
  venue::json::Writer out(text);
  out.begin_object().key(kStateName).begin_object();
  out.key("known_until").integer(to_unix_ns(*known_until_));
  if (floor_ != Time::min()) out.key("floor").integer(to_unix_ns(floor_));
  out.key("ids").begin_array();
  for (const auto& [time, id] : by_time_) {
    out.begin_object().field("id", id).key("time").integer(to_unix_ns(time)).end_object();
  }
  out.end_array().end_object().end_object();
  return text;
}

bool FundingPayments::is_state(std::string_view json) {
  const venue::PaddedBuffer buffer(json);
  venue::json::Document document;
  const auto root = document.parse(buffer.bytes());
  return root.ok() && root->find(kStateName).exists();
}

Status FundingPayments::restore(std::string_view json, Time now) {
  const venue::PaddedBuffer buffer(json);
  venue::json::Document document;
  const auto root = document.parse(buffer.bytes());
  if (!root.ok()) return root.status();
  const auto object = root->find(kStateName);
  const auto known_until = object.find("known_until").integer();
  const auto floor = object.find("floor");
  const auto list = object.find("ids");
  std::vector<std::pair<std::string, Time>> ids;
  bool good = known_until && list.is_array() && (!floor.exists() || floor.integer());
  for (const auto entry : list.elements()) {
    const auto time = entry.find("time").integer();
    good = good && time && entry.find("id").is_string();
    if (good) ids.emplace_back(std::string(entry.find("id").string()), from_unix_ns(*time));
  }
  if (!good) return {StatusCode::malformed, "the stored state of funding payments cannot be read"};

  // A baseline that was read before this belongs to nobody: what the stored state does not know is news.
  for (auto it = ids_.begin(); it != ids_.end();) {
    if (it->second.second) {
      ++it;
      continue;
    }
    by_time_.erase({it->second.first, it->first});
    it = ids_.erase(it);
  }
  known_until_ = from_unix_ns(*known_until);
  floor_ = floor.exists() ? std::max(floor_, from_unix_ns(*floor.integer())) : floor_;
  for (const auto& [id, time] : ids) remember(id, time, true);
  reading_ = false;
  ++generation_;
  ask(now);
  return {};
}

}  // namespace calypte::engine
