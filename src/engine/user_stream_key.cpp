#include "engine/user_stream_key.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace calypte::engine {

using namespace std::chrono_literals;

namespace {

/// After a renewal whose outcome is not known; keys live much longer than their renewal takes.
constexpr Duration kRenewalRetry = 5s;

const venue::UserStreamKey* key_in(const venue::Records& records) {
  for (const auto& record : records.items()) {
    if (const auto* key = std::get_if<venue::UserStreamKey>(&record)) return key;
  }
  return nullptr;
}

/// The venue said that it will not renew this key, and saying it again would not help.
bool is_final(const Status& status) {
  switch (status.code()) {
    case StatusCode::rejected:
    case StatusCode::order_not_found:
    case StatusCode::unauthenticated:
    case StatusCode::unsupported:
      return true;
    default:
      return false;
  }
}

}  // namespace

void UserStreamKey::start(Time now) {
  if (running_) return;
  running_ = true;
  backoff_.reset();
  due_ = now;
  on_time(now);
}

void UserStreamKey::stop() {
  running_ = false;
  ++generation_;
  key_.reset();
  due_ = kNever;
}

void UserStreamKey::replace(std::string_view reason, Time now) {
  if (!running_ || !key_) return;
  log_.log(LogLevel::warning, "user", "the key of the private stream is given up: " + std::string(reason));
  ++generation_;
  key_.reset();
  backoff_.on_lived(opened_at_, now);
  const bool first = backoff_.attempt() == 0;
  const Duration delay = backoff_.next();
  due_ = first ? now : now + delay;
  owner_.lost(reason, now);
  on_time(now);
}

void UserStreamKey::on_time(Time now) {
  if (!running_ || asking_ || now < due_) return;
  if (key_) {
    renew(now);
  } else {
    open(now);
  }
}

Time UserStreamKey::next_wakeup() const { return running_ && !asking_ ? due_ : kNever; }

void UserStreamKey::open(Time /*now*/) {
  asking_ = true;
  desk_.submit(venue::OpenUserStream{}, Lane::query, spec_.orders.request_limit,
               [this, generation = generation_](const Reply& reply) {
                 asking_ = false;
                 if (generation == generation_) on_opened(reply);
                 on_time(reply.received);
               });
}

void UserStreamKey::on_opened(const Reply& reply) {
  const auto* key = key_in(reply.records);
  Status status = reply.status;
  if (status.ok() && (key == nullptr || key->key.empty())) status = {StatusCode::malformed, "the reply holds no key"};
  if (!status.ok()) {
    due_ = std::max(reply.received + backoff_.next(), status.retry_at().value_or(Time::min()));
    owner_.trouble(status, reply.received);
    return;
  }
  key_ = key->key;
  opened_at_ = reply.received;
  known_good_at_ = reply.received;
  due_ = reply.received + spec_.streams.listen_key_renewal;
  owner_.opened(key->target, reply.received);
}

void UserStreamKey::renew(Time /*now*/) {
  asking_ = true;
  desk_.submit(venue::RenewUserStream{*key_}, Lane::query, spec_.orders.request_limit,
               [this, generation = generation_](const Reply& reply) {
                 asking_ = false;
                 if (generation == generation_) on_renewed(reply);
                 on_time(reply.received);
               });
}

void UserStreamKey::on_renewed(const Reply& reply) {
  if (reply.status.ok()) {
    const auto* key = key_in(reply.records);
    if (key != nullptr && key->key != *key_) return replace("the venue renewed another key", reply.received);
    known_good_at_ = reply.received;
    due_ = reply.received + spec_.streams.listen_key_renewal;
    return;
  }
  owner_.trouble(reply.status, reply.received);
  // One that nobody could renew for so long is as good as expired.
  const bool too_old = reply.received - known_good_at_ >= 2 * spec_.streams.listen_key_renewal;
  if (is_final(reply.status) || too_old) return replace(reply.status.to_string(), reply.received);
  due_ = std::max(reply.received + kRenewalRetry, reply.status.retry_at().value_or(Time::min()));
}

}  // namespace calypte::engine
