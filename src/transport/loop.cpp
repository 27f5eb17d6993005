#include "transport/loop.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <utility>

#include "transport/loop_impl.hpp"

namespace calypte::transport {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr Duration kBeat = std::chrono::milliseconds{100};
/// Between two signs of life of the loop; a busy machine is late by less.
constexpr Duration kHeld = std::chrono::milliseconds{250};

}  // namespace

void Loop::Impl::wait_for_signal() {
  signals->async_wait([this](error_code error, int) {
    if (error) return;
    wait_for_signal();
    if (const auto f = on_signal) f();
  });
}

void Loop::Impl::start_beat() {
  if (!beating) last_beat = now();
  beating = true;
  beat.expires_after(kBeat);
  beat.async_wait([this](error_code error) {
    if (error || !beating) return;
    const Time time = now();
    note_gap(time);
    last_beat = time;
    start_beat();
  });
}

void Loop::Impl::stop_beat() {
  beating = false;
  beat.cancel();
}

void Loop::Impl::note_gap(Time time) noexcept {
  if (!beating || time - last_beat < kHeld) return;
  lost += time - last_beat;
  last_beat = time;
}

Loop::Loop() : impl_(std::make_unique<Impl>()) {
  impl_->wall_at_start = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  impl_->steady_at_start = std::chrono::steady_clock::now();
}

Loop::~Loop() = default;

Time Loop::now() const noexcept { return impl_->now(); }

void Loop::run(bool spin) {
  auto& context = impl_->context;
  impl_->start_beat();
  while (!impl_->stop_requested.load(std::memory_order_relaxed)) {
    if (context.stopped()) context.restart();
    if (spin) {
      context.poll();
    } else {
      context.run();
    }
  }
  impl_->stop_beat();
  impl_->stop_requested = false;
}

void Loop::run_for(Duration limit) {
  auto& context = impl_->context;
  if (context.stopped()) context.restart();
  if (context.run_one_for(limit) > 0) context.poll();
}

void Loop::stop() {
  impl_->stop_requested = true;
  impl_->context.stop();
}

Duration Loop::lost_time(Time now) noexcept {
  impl_->note_gap(now);
  return impl_->lost;
}

void Loop::post(std::function<void()> f) { asio::post(impl_->context, std::move(f)); }

void Loop::on_termination_signal(std::function<void()> f) {
  impl_->on_signal = std::move(f);
  if (impl_->signals) return;
  impl_->signals.emplace(impl_->context, SIGINT, SIGTERM);
  impl_->wait_for_signal();
}

// The wait's handler may be queued already when the timer is re-armed or destroyed, so it holds the state weakly and
// knows for which arming it was made.
struct Loop::Timer::Impl {
  struct State {
    explicit State(asio::io_context& context) : timer(context) {}
    asio::steady_timer timer;
    std::function<void()> f;
    Time when = kNever;
    std::uint64_t arming = 0;
  };
  explicit Impl(Loop& l) : loop(l), state(std::make_shared<State>(l.impl().context)) {}
  Loop& loop;
  std::shared_ptr<State> state;
};

Loop::Timer::Timer(Loop& loop) : impl_(std::make_unique<Impl>(loop)) {}
Loop::Timer::~Timer() = default;

void Loop::Timer::arm(Time when, std::function<void()> f) {
  auto& state = *impl_->state;
  if (when == kNever) return disarm();
  // Drivers arm after every event, mostly for the time that is armed already: that must cost no system call.
  const bool armed_for_it = state.when == when && state.f;
  state.f = std::move(f);
  if (armed_for_it) return;
  state.when = when;
  state.timer.expires_at(impl_->loop.impl().steady(when));
  state.timer.async_wait([weak = std::weak_ptr(impl_->state), arming = ++state.arming](error_code error) {
    const auto live = weak.lock();
    if (error || !live || live->arming != arming) return;
    live->when = kNever;
    const auto due = std::exchange(live->f, nullptr);
    if (due) due();
  });
}

void Loop::Timer::disarm() {
  auto& state = *impl_->state;
  if (!state.f) return;
  ++state.arming;
  state.f = nullptr;
  state.when = kNever;
  state.timer.cancel();
}

}  // namespace calypte::transport
