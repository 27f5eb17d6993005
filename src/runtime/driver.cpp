#include "runtime/driver.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <variant>

namespace calypte::runtime {

Driver::Driver(transport::Loop& loop, std::unique_ptr<engine::ExchangeEngine> engine, transport::Endpoints endpoints,
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
  engine_->start(loop_.now());
  pump();
  return {};
}

template <typename F>
void Driver::call_strategy(std::string_view callback, F&& f) {
  const Time before = loop_.now();
  std::forward<F>(f)();
  const Duration took = loop_.now() - before;
  if (took > slow_callback_limit_) {
    log_.log(LogLevel::warning, "strategy",
             fmt::format("{} took {} ms; nothing else could happen meanwhile", callback,
                         std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
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
    for (auto& action : actions_) carry_out(action);
    if (strategy_ != nullptr) {
      for (const auto& event : events_) tell(event);
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
    engine_->on_time(loop_.now());
    pump();
  });
  advance_stop();
}

void Driver::tell(const Event& event) {
  call_strategy(event_name(event), [&] { deliver(*strategy_, *engine_, event); });
  const auto* ready = std::get_if<ReadyEvent>(&event);
  if (ready != nullptr && ready->ready && !told_ready_) {
    told_ready_ = true;
    call_strategy("on_ready", [&] { strategy_->on_ready(*engine_); });
  }
}

void Driver::note_time() { engine_->on_time(loop_.now()); }

void Driver::tick() {
  if (strategy_ == nullptr) return;
  note_time();
  call_strategy("on_tick", [&] { strategy_->on_tick(*engine_, loop_.now()); });
  pump();
}

void Driver::carry_out(engine::Action& action) {
  if (!client_) return;
  if (auto* request = std::get_if<engine::SendRequest>(&action)) {
    client_->send_request(request->id, std::move(request->request), request->limit);
  } else if (auto* frame = std::get_if<engine::SendFrame>(&action)) {
    const bool taken = client_->send_frame(frame->stream, std::move(frame->text));
    if (!taken && frame->request != 0) refuse_frame(frame->request);
  } else if (const auto* ping = std::get_if<engine::SendPing>(&action)) {
    client_->send_ping(ping->stream);
  } else if (const auto* open = std::get_if<engine::OpenStream>(&action)) {
    client_->open_stream(open->stream, open->target);
  } else if (const auto* close = std::get_if<engine::CloseStream>(&action)) {
    client_->close_stream(close->stream);
  }
}

void Driver::refuse_frame(venue::RequestId request) {
  // We are in the middle of a round; the engine is told by this very round, which goes on while anything is left.
  engine_->on_outcome(request,
                      {.kind = venue::RequestOutcome::Kind::not_sent, .reply = {}, .error = "the stream is not open"},
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
    finish_stop();
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
    sweeps_before_ = engine_->user_stream().sweeps();
    // Without a live private stream there is nobody to ask; waiting for the limit would help nobody.
    if (!engine_->user_stream().live() || !engine_->sweep_soon()) return finish_stop();
    pump();
  } else if (stop_ == Stop::sweeping && engine_->user_stream().sweeps() > sweeps_before_) {
    finish_stop();
  }
}

void Driver::finish_stop() {
  auto done = std::exchange(stopped_, nullptr);
  stop_deadline_.disarm();
  stop_ = Stop::no;
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
  engine_->on_stream_up(stream, now);
  pump();
}

void Driver::on_stream_down(venue::StreamId stream, const std::string& reason, Time now) {
  engine_->on_stream_down(stream, reason, now);
  pump();
}

void Driver::on_frame(venue::StreamId stream, venue::Bytes frame, Time received) {
  engine_->on_frame(stream, frame, received);
  pump();
}

void Driver::on_stream_alive(venue::StreamId stream, Time now) { engine_->on_stream_alive(stream, now); }

void Driver::on_outcome(venue::RequestId id, const venue::RequestOutcome& outcome, Time now) {
  engine_->on_outcome(id, outcome, now);
  pump();
}

}  // namespace calypte::runtime
