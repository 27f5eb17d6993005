#include "sim/fault_plan.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <utility>
#include <variant>

namespace calypte::sim {

using namespace std::chrono_literals;

namespace {

constexpr Duration kSlow = 300ms;

constexpr std::array<std::string_view, kFaultKinds> kNames = {
    "connection cut",
    "connection cut in its handshake",
    "connection cut between frames",
    "half-open connection",
    "all connections half open",
    "connection held up",
    "connections refused",
    "slow message",
    "dropped depth diff",
    "duplicated depth diff",
    "reordered depth diff",
    "duplicated account message",
    "lost account message",
    "slow request or answer",
    "stale snapshot",
    "lost request",
    "lost answer",
    "request acted on late",
    "stalled request",
    "HTML page before acting",
    "HTML page after acting",
    "429 with Retry-After",
    "429 without Retry-After",
    "418 with Retry-After",
    "418 without Retry-After",
    "503 before acting",
    "503 after acting",
    "clock jump",
    "expired user stream",
    "sessions closed by the venue",
    "refused in maintenance",
    "delisting",
    "fill while unanswered",
    "death of the process",
};

venue::ServerReply gateway(int status, std::string_view text) {
  venue::ServerReply reply;
  reply.http_status = status;
  reply.headers = {{"Content-Type", "text/html"}};
  reply.body = fmt::format("<html><head><title>{} {}</title></head><body>{}</body></html>", status, text, text);
  return reply;
}

bool places_orders(std::string_view name) { return name == "private: new order" || name == "private: new orders"; }

}  // namespace

std::string_view to_string(Fault fault) noexcept { return kNames.at(static_cast<std::size_t>(fault)); }

FaultPlan::FaultPlan(std::uint64_t seed, const FaultRates& rates, World& world, SimulatedVenue& venue,
                     std::unique_ptr<venue::Venue> decoder, std::string delisted_symbol)
    : rates_(rates),
      world_(world),
      venue_(venue),
      decoder_(std::move(decoder)),
      delisted_symbol_(std::move(delisted_symbol)),
      connections_(seed ^ 0x636F6E6EULL),
      messages_(seed ^ 0x6D657373ULL),
      account_(seed ^ 0x61636374ULL),
      requests_(seed ^ 0x72657175ULL),
      replies_(seed ^ 0x7265706CULL),
      delays_(seed ^ 0x64656C61ULL),
      clock_(seed ^ 0x636C6F63ULL),
      venue_random_(seed ^ 0x76656E75ULL),
      deaths_(seed ^ 0x64656174ULL) {}

std::uint64_t FaultPlan::total() const noexcept {
  return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

Duration FaultPlan::between(std::int64_t least_ms, std::int64_t most_ms, core::Random& random) const {
  return std::chrono::milliseconds{
      least_ms + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most_ms - least_ms)))};
}

void FaultPlan::every(Duration mean, core::Random& random, Strike strike) {
  if (mean <= 0ns) return;
  // Uniform up to twice the mean: simple, and no two strikes can be excluded from falling together.
  const Duration wait{static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(mean.count()) * 2))};
  world_.at(world_.now() + wait, [this, mean, strike, generator = &random] {
    if (!acting_) return;
    (this->*strike)();
    every(mean, *generator, strike);
  });
}

void FaultPlan::start() {
  acting_ = true;
  every(rates_.cut, connections_, &FaultPlan::cut_one);
  every(rates_.silence, connections_, &FaultPlan::fall_silent);
  every(rates_.hold_up, connections_, &FaultPlan::hold_one_up);
  every(rates_.refuse_connections, connections_, &FaultPlan::refuse_connections);
  every(rates_.clock_jump, clock_, &FaultPlan::jump_clock);
  every(rates_.expire_user_streams, venue_random_, &FaultPlan::expire_user_streams);
  every(rates_.close_sessions, venue_random_, &FaultPlan::close_sessions);
  every(rates_.maintenance, venue_random_, &FaultPlan::maintain);
  every(rates_.limited, replies_, &FaultPlan::limit_requests);
  if (!delisted_symbol_.empty() && one_in(rates_.delisting, venue_random_)) {
    world_.at(world_.now() + between(60'000, 240'000, venue_random_), [this] { delist(); });
  }
  world_.network.delay = [this](Way way) { return delay(way); };
  world_.network.frame_fault = [this](venue::StreamId stream, const std::string& text) {
    return frame_fault(stream, text);
  };
  world_.network.request_fault = [this](std::string_view name) { return request_fault(name); };
  world_.network.reply_instead = [this](std::string_view name) { return reply_instead(name); };
  world_.network.replied = [this](std::string_view name, const venue::ServerRequest& request,
                                  venue::ServerReply& reply) { replied(name, request, reply); };
}

void FaultPlan::stop() {
  acting_ = false;
  maintenance_until_ = limited_until_ = Time{};
  world_.network.refuse_connections = false;
  world_.network.refuse_streams = false;
  resume_trading();
}

void FaultPlan::resume_trading() {
  for (const auto& symbol : std::exchange(paused_, {})) {
    if (delisted_ && symbol == delisted_symbol_) continue;
    venue_.flow(symbol)->resume(world_.now());
  }
}

// --- Connections ---------------------------------------------------------------------------------------------------

std::optional<venue::ConnectionId> FaultPlan::any_connection() {
  const auto all = world_.connections();
  if (all.empty()) return std::nullopt;
  return all[connections_.below(all.size())];
}

void FaultPlan::cut_one() {
  // One in two waits for the next handshake, which is short and would hardly ever be hit by chance.
  if (connections_.chance(1, 2)) {
    const auto one = any_connection();
    if (!one) return;
    world_.cut(*one, "connection reset");
    count(Fault::cut);
    world_.at(world_.now() + 1ms, [this] {
      // The engine opens it again at once or after its back-off; the first one that is on its way then is cut too.
      const auto before = world_.connections();
      const Time until = world_.now() + 3s;
      auto look = std::make_shared<std::function<void()>>();
      *look = [this, before, until, weak = std::weak_ptr(look)] {
        const auto self = weak.lock();
        if (!acting_ || world_.now() > until || !self) return;
        for (const auto id : world_.connections()) {
          if (std::find(before.begin(), before.end(), id) != before.end()) continue;
          count(Fault::cut_in_handshake);
          world_.cut(id, "connection reset in the handshake");
          return;
        }
        world_.at(world_.now() + 4ms, [self] { (*self)(); });
      };
      (*look)();
    });
    return;
  }
  if (const auto one = any_connection()) {
    world_.cut(*one, "connection reset");
    count(Fault::cut);
  }
}

void FaultPlan::fall_silent() {
  if (connections_.chance(1, 4)) {
    for (const auto id : world_.connections()) world_.silence(id);
    count(Fault::silent_everything);
  } else if (const auto one = any_connection()) {
    world_.silence(*one);
    count(Fault::silent_connection);
  }
}

void FaultPlan::hold_one_up() {
  if (const auto one = any_connection()) {
    world_.hold_up(*one, world_.now() + between(300, 9'000, connections_));
    count(Fault::held_up);
  }
}

void FaultPlan::refuse_connections() {
  world_.network.refuse_connections = true;
  count(Fault::refused_connections);
  world_.at(world_.now() + between(500, 8'000, connections_), [this] { world_.network.refuse_connections = false; });
}

Duration FaultPlan::delay(Way way) {
  const Duration usual = 1ms + std::chrono::microseconds{delays_.below(12'000)};
  if (!one_in(way == Way::from_venue || way == Way::to_venue ? rates_.delay * 8 : rates_.delay, delays_)) return usual;
  const Duration late = between(50, delays_.chance(1, 4) ? 7'000 : 1'500, delays_);
  if (late > kSlow) count(way == Way::from_venue || way == Way::to_venue ? Fault::slow_message : Fault::slow_request);
  return late;
}

// --- Messages ------------------------------------------------------------------------------------------------------

FrameFault FaultPlan::frame_fault(venue::StreamId stream, const std::string& text) {
  if (!acting_) return FrameFault::none;
  if (one_in(rates_.message * 8, messages_)) {
    count(Fault::cut_between_frames);
    return messages_.chance(1, 2) ? FrameFault::cut_before : FrameFault::cut_after;
  }
  const bool market = stream.kind == venue::StreamKind::market;
  // What the message is about is looked up only if the dice say that something happens to it.
  const std::uint32_t many = market ? rates_.message : rates_.account_message;
  if (many == 0 || stream.kind == venue::StreamKind::trades || stream.kind == venue::StreamKind::orders) {
    return FrameFault::none;
  }
  core::Random& random = market ? messages_ : account_;
  const auto dice = random.below(std::uint64_t{many} * 4);
  if (dice >= 8) return FrameFault::none;
  records_.clear();
  if (!decoder_->decode_frame(stream.kind, buffer_.assign(text), records_).ok()) return FrameFault::none;
  const auto tells = [this]<typename... Kinds>(std::variant<Kinds...>*) {
    return std::any_of(records_.items().begin(), records_.items().end(),
                       [](const auto& record) { return (std::holds_alternative<Kinds>(record) || ...); });
  };
  if (market) {
    const auto chained = decoder_->spec().book.continuity;
    if (chained != venue::Continuity::range && chained != venue::Continuity::prev_link) return FrameFault::none;
    if (!tells(static_cast<std::variant<venue::DepthDiff>*>(nullptr))) return FrameFault::none;
    if (dice < 2) {
      count(Fault::dropped_diff);
      return FrameFault::drop;
    }
    if (dice < 5) {
      count(Fault::duplicated_diff);
      return FrameFault::twice;
    }
    count(Fault::reordered_diff);
    return FrameFault::swap_with_next;
  }
  if (!tells(static_cast<std::variant<venue::OrderReport, venue::Fill, venue::BalanceReport, venue::PositionReport>*>(
          nullptr))) {
    return FrameFault::none;
  }
  if (dice < 6) {
    count(Fault::duplicated_account_message);
    return FrameFault::twice;
  }
  count(Fault::lost_account_message);
  return FrameFault::drop;
}

// --- Requests ------------------------------------------------------------------------------------------------------

RequestFault FaultPlan::request_fault(std::string_view name) {
  if (!acting_ || rates_.request == 0) return RequestFault::none;
  // What places orders is hit three times as often: it is what there is to lose.
  const auto dice = requests_.below(std::uint64_t{rates_.request} * (places_orders(name) ? 1 : 3));
  switch (dice) {
    case 0:
      count(Fault::lost_request);
      return RequestFault::lose_request;
    case 1:
      count(Fault::lost_reply);
      return RequestFault::lose_reply;
    case 2:
      count(Fault::late_request);
      return RequestFault::late;
    case 3:
      count(Fault::stalled_request);
      return RequestFault::stall;
    case 4:
      count(Fault::page_before);
      return RequestFault::gateway_error;
    case 5:
      count(Fault::page_after);
      return RequestFault::gateway_error_after;
    default:
      return RequestFault::none;
  }
}

void FaultPlan::limit_requests() {
  static constexpr std::array kLimits = {Fault::too_many_requests, Fault::too_many_requests_without_time, Fault::banned,
                                         Fault::banned_without_time};
  limit_ = kLimits.at(replies_.below(kLimits.size()));
  limited_until_ = world_.now() + between(100, 5'000, replies_);
}

std::optional<venue::ServerReply> FaultPlan::reply_instead(std::string_view /*name*/) {
  if (!acting_) return std::nullopt;
  if (world_.now() < maintenance_until_) {
    count(Fault::maintenance);
    return gateway(503, "Service Unavailable");
  }
  if (world_.now() < limited_until_) {
    count(limit_);
    const bool ban = limit_ == Fault::banned || limit_ == Fault::banned_without_time;
    auto reply = gateway(ban ? 418 : 429, ban ? "I'm a teapot" : "Too Many Requests");
    if (limit_ == Fault::banned || limit_ == Fault::too_many_requests) {
      const auto seconds = std::chrono::ceil<std::chrono::seconds>(limited_until_ - world_.now()).count();
      reply.headers.push_back({"Retry-After", std::to_string(seconds)});
    }
    return reply;
  }
  if (one_in(rates_.request, replies_)) {
    count(Fault::unavailable_before);
    return gateway(503, "Service Unavailable");
  }
  return std::nullopt;
}

void FaultPlan::replied(std::string_view name, const venue::ServerRequest& request, venue::ServerReply& reply) {
  if (name == "public: query depth" && reply.http_status == 200) {
    auto& old = old_snapshots_[request.target];
    if (!old.empty() && one_in(4, replies_)) {
      count(Fault::stale_snapshot);
      reply.body = old;
    } else {
      old = reply.body;
    }
  }
  if (one_in(rates_.request, replies_)) {
    count(Fault::unavailable_after);
    reply = gateway(503, "Service Unavailable");
  }
}

// --- The venue -----------------------------------------------------------------------------------------------------

void FaultPlan::jump_clock() {
  // Ahead only: a venue's clock does not step back, and ours is steady while a process lives. What ours does between
  // two lives is `restart_after`.
  venue_.set_clock_offset(venue_.clock_offset() + between(200, 9'000, clock_));
  count(Fault::clock_jump);
}

void FaultPlan::restart_after(Duration down) {
  if (!acting_ || !clock_.chance(1, 2)) return;
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(down).count();
  if (ms < 2) return;
  venue_.set_clock_offset(venue_.clock_offset() - between(0, ms, clock_));
  count(Fault::clock_jump);
}

void FaultPlan::expire_user_streams() {
  // Where the private stream needs no key the session is what can end: `close_sessions`.
  if (decoder_->spec().streams.user_stream != venue::UserStreamStyle::listen_key) return;
  venue_.expire_user_streams(world_.now());
  world_.flush_server();
  count(Fault::expired_user_stream);
}

void FaultPlan::close_sessions() {
  venue_.close_sockets(venue_random_.chance(1, 2) ? 1001 : 1013, world_.now());
  world_.flush_server();
  count(Fault::closed_sessions);
}

void FaultPlan::maintain() {
  maintenance_until_ = world_.now() + between(1'000, 20'000, venue_random_);
  count(Fault::maintenance);
  world_.network.refuse_streams = true;
  for (const auto& instrument : venue_.exchange().instruments()) {
    auto* flow = venue_.flow(instrument.symbol);
    if (flow == nullptr || flow->paused()) continue;
    flow->pause();
    paused_.push_back(instrument.symbol);
  }
  venue_.close_sockets(1012, world_.now());
  world_.flush_server();
  world_.at(maintenance_until_, [this] {
    if (!acting_) return;
    world_.network.refuse_streams = false;
    resume_trading();
  });
}

void FaultPlan::delist() {
  if (!acting_) return;
  const auto instrument = venue_.exchange().find_instrument(delisted_symbol_);
  if (!instrument) return;
  delisted_ = true;
  count(Fault::delisting);
  if (auto* flow = venue_.flow(delisted_symbol_)) flow->pause();
  venue_.by_hand(
      [&](Exchange& exchange) {
        exchange.set_tradable(*instrument, false);
        for (const OrderId id : exchange.open_orders(venue_.test_account())) {
          if (exchange.order(id)->request.instrument == *instrument) (void)exchange.cancel(id, world_.now());
        }
      },
      world_.now());
  world_.flush_server();
}

// --- Ours ----------------------------------------------------------------------------------------------------------

bool FaultPlan::dies(Await /*moment*/) { return one_in(rates_.death_in_round, deaths_); }

}  // namespace calypte::sim
