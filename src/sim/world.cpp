// The clock, the rounds and the lives of the process; what travels is in world_network.cpp.
#include "sim/world.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace calypte::sim {

namespace {

constexpr std::uint64_t kMaxStepsAtOneTime = 100'000;

}  // namespace

World::World(engine::ExchangeEngine& engine, venue::WireServer& server, Paths paths, Time start)
    : engine_(&engine), server_(server), paths_(std::move(paths)), now_(start) {}

void World::at(Time when, std::function<void()> what) { queue_.push({when, next_number_++, std::move(what)}); }

void World::digest(std::string_view text) {
  // FNV-1a, with the time in front: the same texts at other times are another run.
  const auto add = [this](std::uint8_t byte) { digest_ = (digest_ ^ byte) * 1099511628211ULL; };
  auto time = static_cast<std::uint64_t>(to_unix_ns(now_));
  for (int i = 0; i < 8; ++i, time >>= 8U) add(static_cast<std::uint8_t>(time & 0xFFU));
  for (const char c : text) add(static_cast<std::uint8_t>(c));
}

void World::note_sent(std::string text) {
  digest(text);
  if (keep_history) sent_.push_back(std::move(text));
}

void World::start() {
  engine_->start(now_);
  settle();
}

void World::stop() {
  engine_->stop(now_);
  settle();
}

bool World::strikes(Await moment) {
  if (!dies || !dies(moment)) return false;
  die();
  if (on_death) on_death();
  return true;
}

bool World::tell(const Event& event, std::uint64_t number) {
  if (strikes(Await::telling)) return false;
  digest(event_name(event));
  digest(describe(event));
  if (keep_history) events_.push_back(event);
  if (on_event) {
    engine_->set_event_number(number);
    on_event(event);
    engine_->set_event_number(0);
  }
  if (number == 0) return true;
  if (strikes(Await::heard)) return false;
  if (journal_.desk != nullptr) journal_.append(engine::RecordKind::told, engine::told_record(number));
  return !strikes(Await::told);
}

void World::settle() {
  // The same round as the runtime's: settle, write down, carry out, tell; until nothing is left.
  while (engine_ != nullptr) {
    engine_->settle();
    auto actions = std::exchange(engine_->actions(), {});
    auto events = std::exchange(engine_->events(), {});
    auto books = std::exchange(engine_->changed_books(), {});
    if (before_telling) before_telling(events);
    std::vector<std::uint64_t> numbers(events.size(), 0);
    bool written = false;
    if (journal_.desk != nullptr) {
      const std::string_view record = journal_.desk->compose(events);
      for (std::size_t i = 0; i < events.size(); ++i) numbers[i] = journal_.desk->number_of(i);
      written = !record.empty();
      if (written) {
        if (strikes(Await::composed)) return;
        journal_.append(engine::RecordKind::round, record);
        if (strikes(Await::appended)) return;
      }
    }
    if (actions.empty() && events.empty() && books.empty() && !written) return;
    for (auto& action : actions) {
      if (strikes(Await::action)) return;
      carry_out(action);
    }
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (!tell(events[i], numbers[i])) return;
    }
    for (const auto* book : books) {
      if (on_order_book) on_order_book(*book);
    }
  }
}

void World::die() {
  engine_ = nullptr;
  journal_ = {};
  unanswered_.clear();
  ++life_;
  // The kernel closes the sockets: what was written before still arrives, then the end does.
  for (const auto& [stream, connection] : std::exchange(stream_connection_, {})) {
    const auto found = links_.find(connection);
    if (found == links_.end()) continue;
    Link& link = found->second;
    link.client = false;
    at(arrival(link, Way::to_venue), [this, id = connection] {
      const auto it = links_.find(id);
      if (it == links_.end()) return;
      if (it->second.server) server_lost(id);
      forget(id);
    });
  }
}

void World::replace(engine::ExchangeEngine& engine) { engine_ = &engine; }

Time World::next_time() const {
  Time next = server_.next_wakeup();
  if (engine_ != nullptr) next = std::min(next, engine_->next_wakeup());
  if (!queue_.empty()) next = std::min(next, queue_.top().at);
  return std::max(next, now_);
}

void World::step(Time until) {
  ++steps_;
  const Time next = next_time();
  if (next > until) {
    // What is commanded from outside happens now, not when the engine last had something to do.
    now_ = until;
    if (engine_ != nullptr) engine_->on_time(now_);
    settle();
    return;
  }
  // Something that asks to be woken now, for ever, is a bug of the engine or of the venue; say so instead of hanging.
  steps_at_this_time_ = next == now_ ? steps_at_this_time_ + 1 : 0;
  if (steps_at_this_time_ > kMaxStepsAtOneTime) throw std::logic_error("virtual time stands still");
  now_ = next;
  if (!queue_.empty() && queue_.top().at <= now_) {
    const auto what = queue_.top().what;
    queue_.pop();
    what();
  } else if (server_.next_wakeup() <= now_) {
    server_.on_time(now_);
    flush_server();
    // The engine saw nothing of this; whatever it does will arrive later.
    return;
  } else if (engine_ != nullptr) {
    engine_->on_time(now_);
  }
  settle();
}

void World::run_for(Duration duration) {
  settle();
  const Time end = now_ + duration;
  while (now_ < end) step(end);
}

bool World::run_until(const std::function<bool()>& condition, Duration limit) {
  settle();
  const Time end = now_ + limit;
  while (!condition()) {
    if (now_ >= end) return false;
    step(end);
  }
  return true;
}

}  // namespace calypte::sim
