#include "runtime/guard.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <variant>

#include "connector/registry.hpp"
#include "runtime/endpoints.hpp"

namespace calypte::runtime {

using namespace std::chrono_literals;

namespace {

constexpr std::string_view kComponent = "guard";

}  // namespace

Guard::Guard(transport::Loop& loop, GuardOptions options, LogSink& log)
    : loop_(loop), options_(std::move(options)), log_(log), watch_(options_.after), look_timer_(loop), wakeup_(loop) {}

Guard::~Guard() = default;

Result<std::unique_ptr<Guard>> Guard::create(transport::Loop& loop, GuardOptions options, LogSink& log) {
  const auto denied = [](std::string text) -> Result<std::unique_ptr<Guard>> {
    return Status(StatusCode::denied, std::move(text));
  };
  const auto venue = connector::make_venue(options.venue);
  if (!venue) return denied(fmt::format("there is no connector named '{}'", options.venue));
  if (options.after < 1s) return denied("a connector is not given up before it was silent for a second");
  ConnectorConfig config;
  config.venue = options.venue;
  config.environment = options.environment;
  config.local = options.local;
  auto hosts = endpoints(venue->spec(), config);
  if (!hosts.ok()) return hosts.status();
  // What would be wrong in the moment of need is found now.
  if (venue->spec().market_data_only) return denied(fmt::format("{} has no orders here", options.venue));
  if (options.credentials.empty()) return denied("cancelling needs credentials");
  std::unique_ptr<Guard> guard(new Guard(loop, std::move(options), log));
  auto client = transport::Client::create(loop, std::move(*hosts), *guard, {}, log);
  if (!client.ok()) return client.status();
  guard->client_ = std::move(*client);
  return guard;
}

void Guard::start(std::function<void(GuardEnd)> done) {
  done_ = std::move(done);
  look();
}

void Guard::stop() { finish(acting_ ? GuardEnd::orders_may_be_left : GuardEnd::nothing_to_do); }

void Guard::finish(GuardEnd end) {
  if (!done_) return;
  look_timer_.disarm();
  wakeup_.disarm();
  client_->shut_down();
  std::exchange(done_, nullptr)(end);
}

void Guard::look() {
  const Time now = loop_.now();
  look_timer_.arm(now + std::clamp<Duration>(options_.after / 10, 50ms, 500ms), [this] { look(); });
  const auto beat = read_heartbeat(options_.journal);
  if (beat && !know(beat->owner, now)) return finish(GuardEnd::refused);
  const auto lock_held = [this] {
    const auto held = journal_is_in_use(options_.journal);
    return held.ok() && *held;
  };
  const auto verdict = watch_.look(beat, lock_held, now);
  if (verdict != verdict_) note(verdict);
  verdict_ = verdict;
  if (verdict == GuardWatch::Verdict::dead) {
    if (!acted_) act(now);
    return;
  }
  if (acting_) rest();
  acted_ = false;
  if (verdict == GuardWatch::Verdict::stopped && !options_.keep) finish(GuardEnd::nothing_to_do);
}

bool Guard::know(const HeartbeatOwner& owner, Time now) {
  const bool other_prefix = !options_.prefix.empty() && owner.prefix != options_.prefix;
  if (owner.venue != options_.venue || owner.environment != to_string(options_.environment) || other_prefix) {
    log_.log(LogLevel::error, kComponent,
             fmt::format("the journal belongs to {} ({}) with the prefix '{}'", owner.venue, owner.environment,
                         owner.prefix));
    return false;
  }
  if (canceller_) return true;
  options_.prefix = owner.prefix;
  auto canceller = engine::OrphanCanceller::create(connector::make_venue(options_.venue),
                                                   std::move(options_.credentials), owner.prefix, log_, now);
  if (!canceller.ok()) {
    log_.log(LogLevel::error, kComponent, canceller.status().message());
    return false;
  }
  canceller_ = std::move(*canceller);
  return true;
}

void Guard::note(GuardWatch::Verdict verdict) {
  switch (verdict) {
    case GuardWatch::Verdict::absent:
      return log_.log(LogLevel::info, kComponent, "no connector has lived here yet");
    case GuardWatch::Verdict::alive:
      return log_.log(LogLevel::info, kComponent, "the connector is alive");
    case GuardWatch::Verdict::stopped:
      return log_.log(LogLevel::info, kComponent, "the connector has stopped cleanly");
    case GuardWatch::Verdict::dead:
      return log_.log(LogLevel::warning, kComponent, watch_.reason() + ": cancelling its open orders");
  }
}

void Guard::act(Time now) {
  if (acting_) return;
  acting_ = true;
  canceller_->begin(watch_.gone_since(), now);
  pump();
}

void Guard::rest() {
  acting_ = false;
  canceller_->pause(loop_.now());
  wakeup_.disarm();
  log_.log(LogLevel::warning, kComponent,
           fmt::format("the connector is back: {} of its orders were cancelled so far", canceller_->cancelled()));
}

void Guard::on_outcome(venue::RequestId id, const venue::RequestOutcome& outcome, Time now) {
  // An answer that comes when the connector is back belongs to nobody.
  if (!acting_) return;
  canceller_->on_outcome(id, outcome, now);
  pump();
}

void Guard::pump() {
  const Time now = loop_.now();
  canceller_->on_time(now);
  actions_.swap(canceller_->actions());
  for (auto& action : std::exchange(actions_, {})) {
    if (auto* request = std::get_if<engine::SendRequest>(&action)) {
      client_->send_request(request->id, std::move(request->request), request->limit);
    }
  }
  if (canceller_->done()) {
    acting_ = false;
    acted_ = true;
    wakeup_.disarm();
    log_.log(LogLevel::warning, kComponent,
             fmt::format("{} orders of the connector were open, {} were cancelled here, none is left; {} others were "
                         "left alone",
                         canceller_->found(), canceller_->cancelled(), canceller_->foreign()));
    if (!options_.keep) finish(canceller_->found() == 0 ? GuardEnd::nothing_was_open : GuardEnd::cancelled);
    return;
  }
  wakeup_.arm(canceller_->next_wakeup(now), [this] { pump(); });
}

}  // namespace calypte::runtime
