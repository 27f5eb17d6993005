#include "runtime/driver.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <variant>

namespace calypte::runtime {

namespace {

using namespace std::chrono_literals;

/// A callback that takes longer than this has moved the time.
constexpr Duration kNoticeable = 5ms;
constexpr Duration kReportEvery = 1s;
constexpr std::string_view kStrategyChannel = "strategy";
constexpr std::string_view kOwnChannel = "runtime";

auto whole_ms(Duration d) { return std::chrono::duration_cast<std::chrono::milliseconds>(d).count(); }

bool places_orders(const engine::Action& action) {
  if (const auto* request = std::get_if<engine::SendRequest>(&action)) return request->places_orders;
  const auto* frame = std::get_if<engine::SendFrame>(&action);
  return frame != nullptr && frame->places_orders;
}

}  // namespace

Driver::Driver(transport::Loop& loop, std::unique_ptr<engine::Engine> engine, transport::Endpoints endpoints,
               bool cancel_on_stop, Duration slow_callback_limit, LogSink& log)
    : loop_(loop),
      engine_(std::move(engine)),
      endpoints_(std::move(endpoints)),
      cancel_on_stop_(cancel_on_stop),
      slow_callback_limit_(slow_callback_limit),
      log_(log),
      wakeup_(loop),
      stop_deadline_(loop) {}

Driver::~Driver() = default;

Status Driver::start(Strategy& strategy) {
  auto client = transport::Client::create(loop_, endpoints_, *this, {}, log_);
  if (!client.ok()) return client.status();
  client_ = std::move(*client);
  strategy_ = &strategy;
  told_ready_ = false;
  stop_ = Stop::no;
  tell_what_was_not_heard();
  engine_->start(loop_.now());
  pump();
  return {};
}

template <typename F>
void Driver::call_strategy(std::string_view callback, F&& f, bool report_slow) {
  const Time before = loop_.now();
  std::forward<F>(f)();
  const Time after = loop_.now();
  const Duration took = after - before;
  if (took < kNoticeable && took <= slow_callback_limit_) return;
  catch_up(after, took);
  // What the callback asked for is stamped and signed with the present time, not with that of its input.
  engine_->excuse(Duration::zero(), after);
  if (took > slow_callback_limit_ && report_slow) note_slow(callback, took, after);
}

void Driver::note_slow(std::string_view callback, Duration took, Time now) {
  ++slow_callbacks_;
  // A strategy that is always slow is told so once a second. One that blocks for longer than that is told each time.
  if (now - slow_reported_ < kReportEvery) return;
  slow_reported_ = now;
  report(kStrategyChannel,
         fmt::format("{} took {} ms; nothing else could happen meanwhile ({} callbacks were too slow so far)", callback,
                     whole_ms(took), slow_callbacks_),
         now);
}

void Driver::report(std::string_view channel, std::string text, Time now) {
  log_.log(LogLevel::warning, channel, text);
  engine_->events().push_back(ConnectorErrorEvent{
      .timestamp = now, .channel = std::string(channel), .status = Status(StatusCode::unavailable, std::move(text))});
}

void Driver::catch_up(Time now, Duration strategy_took) {
  const Duration lost = loop_.lost_time(now) - lost_seen_;
  if (lost <= Duration::zero()) return;
  lost_seen_ += lost;
  engine_->excuse(lost, now);
  if (strategy_ != nullptr && lost - strategy_took >= kReportEvery) {
    report(kOwnChannel, fmt::format("nothing could be read for {} ms", whole_ms(lost)), now);
  }
}

void Driver::pump() {
  // A command inside a callback must not start a second round inside the first: its effects follow in this one.
  if (pumping_) return;
  pumping_ = true;
  bool worked = false;
  for (;;) {
    worked = engine_->settle() || worked;
    actions_.swap(engine_->actions());
    events_.swap(engine_->events());
    books_.swap(engine_->changed_books());
    if (actions_.empty() && events_.empty() && books_.empty()) break;
    const bool on_record =
        !journal_ ||
        journal_->write(events_, std::ranges::any_of(actions_, [](const auto& a) { return places_orders(a); }));
    for (auto& action : actions_) {
      if (!on_record && places_orders(action)) {
        refuse(action);
      } else {
        carry_out(action);
      }
    }
    if (strategy_ != nullptr) {
      for (std::size_t i = 0; i < events_.size(); ++i) tell(events_[i], journal_ ? journal_->number_of(i) : 0);
      for (const auto* book : books_) {
        call_strategy("on_order_book", [&] { strategy_->on_order_book(*engine_, *book); });
      }
    }
    actions_.clear();
    events_.clear();
    books_.clear();
  }
  pumping_ = false;
  // A book message that changed nothing but levels moves deadlines later at most: the timer that stands fires early
  // then, finds nothing, and is set anew. Setting it at every message would cost more than the message.
  if (!worked) return;
  wakeup_.arm(engine_->next_wakeup(), [this] {
    note_time();
    pump();
  });
  advance_stop();
}

void Driver::tell_what_was_not_heard() {
  if (!journal_) return;
  for (const auto& [number, event] : journal_->take_events_to_tell(strategy_->last_event_seen(*engine_))) {
    tell(event, number);
  }
}

void Driver::tell(const Event& event, std::uint64_t number) {
  engine_->set_event_number(number);
  const auto* error = std::get_if<ConnectorErrorEvent>(&event);
  // One that is slow at hearing that it is slow would hear of nothing else.
  const bool tells_of_slowness =
      error != nullptr && (error->channel == kStrategyChannel || error->channel == kOwnChannel);
  call_strategy(event_name(event), [&] { deliver(*strategy_, *engine_, event); }, !tells_of_slowness);
  engine_->set_event_number(0);
  if (journal_) journal_->told(number);
  const auto* ready = std::get_if<ReadyEvent>(&event);
  if (ready != nullptr && ready->ready && !told_ready_) {
    told_ready_ = true;
    call_strategy("on_ready", [&] { strategy_->on_ready(*engine_); });
  }
}

void Driver::note_time() {
  const Time now = loop_.now();
  catch_up(now);
  engine_->on_time(now);
}

void Driver::tick() {
  if (strategy_ == nullptr) return;
  note_time();
  if (heartbeat_) heartbeat_->beat(loop_.now(), engine_->last_contact());
  if (journal_) journal_->tidy();
  call_strategy("on_tick", [&] { strategy_->on_tick(*engine_, loop_.now()); });
  pump();
}

void Driver::carry_out(engine::Action& action) {
  if (!client_) return;
  if (auto* request = std::get_if<engine::SendRequest>(&action)) {
    client_->send_request(request->id, std::move(request->request), request->limit);
  } else if (auto* frame = std::get_if<engine::SendFrame>(&action)) {
    const bool taken = client_->send_frame(frame->stream, std::move(frame->text));
    if (!taken && frame->request != 0) not_sent(frame->request, "the stream is not open");
  } else if (const auto* ping = std::get_if<engine::SendPing>(&action)) {
    client_->send_ping(ping->stream);
  } else if (const auto* open = std::get_if<engine::OpenStream>(&action)) {
    client_->open_stream(open->stream, open->target);
  } else if (const auto* close = std::get_if<engine::CloseStream>(&action)) {
    client_->close_stream(close->stream);
  }
}

void Driver::refuse(engine::Action& action) {
  const auto* request = std::get_if<engine::SendRequest>(&action);
  not_sent(request != nullptr ? request->id : std::get<engine::SendFrame>(action).request,
           "the journal cannot be written");
}

void Driver::not_sent(venue::RequestId request, std::string error) {
  // We are in the middle of a round; the engine is told by this very round, which goes on while anything is left.
  engine_->on_outcome(request, {.kind = venue::RequestOutcome::Kind::not_sent, .reply = {}, .error = std::move(error)},
                      loop_.now());
}

void Driver::stop(Duration limit, std::function<void()> done) {
  if (stopped_) return;
  if (strategy_ == nullptr) {
    loop_.post(std::move(done));
    return;
  }
  stopped_ = std::move(done);
  call_strategy("on_stop", [&] { strategy_->on_stop(*engine_); });
  stop_deadline_.arm(loop_.now() + limit, [this] {
    if (!stopped_) return;
    log_.log(LogLevel::error, engine_->name(),
             fmt::format("stopping with {} orders whose end is not known", engine_->in_flight_orders().size()));
    finish_stop();
  });
  if (!cancel_on_stop_) {
    disarm_and_finish_stop();
    return;
  }
  stop_ = Stop::cancelling;
  engine_->cancel_all(limit, [this](const std::vector<CancellationResult>& results) {
    stop_ = Stop::ending;
    const auto open = std::count_if(results.begin(), results.end(), [](const auto& result) {
      return result.outcome != CancellationOutcome::succeeded;
    });
    if (open > 0) log_.log(LogLevel::error, engine_->name(), fmt::format("{} cancels were not confirmed", open));
  });
  pump();
}

void Driver::advance_stop() {
  if (stop_ == Stop::ending && engine_->in_flight_orders().empty()) {
    stop_ = Stop::sweeping;
    sweeps_before_ = engine_->sweeps();
    // Without a live private stream there is nobody to ask; waiting for the limit would help nobody.
    if (!engine_->account_live() || !engine_->sweep_soon()) return disarm_and_finish_stop();
    pump();
  } else if (stop_ == Stop::sweeping && engine_->sweeps() > sweeps_before_) {
    disarm_and_finish_stop();
  } else if (stop_ == Stop::disarming && engine_->dead_man_disarmed()) {
    finish_stop();
  }
}

void Driver::disarm_and_finish_stop() {
  const bool to_be_disarmed = engine_->disarm_dead_man(loop_.now());
  // With orders left behind it stays armed.
  if (!to_be_disarmed || !engine_->in_flight_orders().empty()) return finish_stop();
  stop_ = Stop::disarming;
  pump();
}

void Driver::finish_stop() {
  auto done = std::exchange(stopped_, nullptr);
  stop_deadline_.disarm();
  stop_ = Stop::no;
  // Orders that should be gone and may not be are a case for the guard.
  const bool clean = !cancel_on_stop_ || engine_->in_flight_orders().empty();
  if (heartbeat_ && clean) heartbeat_->stopped_cleanly();
  engine_->stop(loop_.now());
  pump();
  wakeup_.disarm();
  strategy_ = nullptr;
  if (client_) client_->shut_down();
  // The client may be on the call stack; it goes when the loop is back.
  loop_.post([client = std::shared_ptr<transport::Client>(std::move(client_)), done = std::move(done)]() mutable {
    client.reset();
    if (done) done();
  });
}

void Driver::on_stream_up(venue::StreamId stream, Time now) {
  catch_up(now);
  engine_->on_stream_up(stream, now);
  pump();
}

void Driver::on_stream_down(venue::StreamId stream, const std::string& reason, Time now) {
  catch_up(now);
  engine_->on_stream_down(stream, reason, now);
  pump();
}

void Driver::on_frame(venue::StreamId stream, venue::Bytes frame, Time received) {
  catch_up(received);
  engine_->on_frame(stream, frame, received);
  pump();
}

void Driver::on_stream_alive(venue::StreamId stream, Time now) {
  catch_up(now);
  engine_->on_stream_alive(stream, now);
}

void Driver::on_outcome(venue::RequestId id, const venue::RequestOutcome& outcome, Time now) {
  catch_up(now);
  engine_->on_outcome(id, outcome, now);
  pump();
}

}  // namespace calypte::runtime
