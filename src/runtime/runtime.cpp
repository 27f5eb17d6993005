#include "calypte/runtime.hpp"

#include <fmt/format.h>
#include <random>
#include <utility>

#include "connector/registry.hpp"
#include "engine/make_engine.hpp"
#include "runtime/driver.hpp"
#include "runtime/endpoints.hpp"
#include "transport/loop.hpp"

namespace calypte {

struct Runtime::Impl {
  explicit Impl(RuntimeOptions o)
      : options(std::move(o)), log(options.log ? *options.log : null_log()), tick_timer(loop) {}

  void arm_tick() {
    tick_timer.arm(loop.now() + options.tick, [this] {
      for (auto& driver : drivers) driver->tick();
      arm_tick();
    });
  }

  void begin_stop() {
    if (stopping) return;
    stopping = true;
    running_drivers = drivers.size();
    for (auto& driver : drivers) {
      driver->stop(options.stop_time_limit, [this] {
        if (--running_drivers == 0) loop.stop();
      });
    }
  }

  RuntimeOptions options;
  LogSink& log;
  transport::Loop loop;
  transport::Loop::Timer tick_timer;
  std::vector<std::unique_ptr<runtime::Driver>> drivers;
  std::size_t running_drivers = 0;
  bool running = false;
  bool stopping = false;
};

Runtime::Runtime(RuntimeOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Runtime::~Runtime() = default;

Result<Exchange*> Runtime::add_exchange(ConnectorConfig config) {
  const auto denied = [](std::string message) -> Result<Exchange*> {
    return Status(StatusCode::denied, std::move(message));
  };
  if (impl_->running) return denied("connectors are added before run");
  auto venue = connector::make_venue(config.venue);
  if (!venue) return denied(fmt::format("there is no connector named '{}'", config.venue));
  auto hosts = runtime::endpoints(venue->spec(), config);
  if (!hosts.ok()) return hosts.status();

  std::random_device entropy;
  const auto random64 = [&entropy] { return (std::uint64_t{entropy()} << 32U) | entropy(); };
  engine::ExchangeEngineOptions options;
  options.trading_pairs = std::move(config.trading_pairs);
  options.trading_required = config.trading_required;
  options.rate_limits_share = config.rate_limits_share;
  // An environment without that stream must not be asked for it again and again.
  options.order_entry = hosts->order_stream_url.empty() ? OrderEntry::rest : config.order_entry;
  options.client_order_id_prefix = config.client_order_id_prefix;
  options.dead_man = config.dead_man;
  options.seed = impl_->options.seed != 0 ? impl_->options.seed : random64();
  options.instance = random64();
  const engine::ConnectorIdentity identity{.venue = config.venue,
                                           .prefix = config.client_order_id_prefix,
                                           .environment = std::string(to_string(config.environment))};
  auto engine = engine::make_engine(std::move(venue), std::move(config.credentials), std::move(options), impl_->log,
                                    impl_->loop.now());
  if (!engine.ok()) return engine.status();
  std::unique_ptr<runtime::JournalKeeper> journal;
  if (!config.journal.folder.empty()) {
    auto opened = runtime::JournalKeeper::open(config.journal, identity, **engine, impl_->log, impl_->loop.now());
    if (!opened.ok()) return opened.status();
    journal = std::move(*opened);
  }
  std::unique_ptr<runtime::Heartbeat> heartbeat;
  if (!config.journal.folder.empty() && config.trading_required) {
    const runtime::HeartbeatOwner owner{.venue = config.venue,
                                        .environment = std::string(to_string(config.environment)),
                                        .prefix = config.client_order_id_prefix};
    auto opened = runtime::Heartbeat::open(config.journal.folder, owner, impl_->options.tick);
    if (!opened.ok()) return opened.status();
    heartbeat = std::move(*opened);
  }
  impl_->drivers.push_back(std::make_unique<runtime::Driver>(impl_->loop, std::move(*engine), std::move(*hosts),
                                                             config.cancel_on_stop, impl_->options.slow_callback_limit,
                                                             impl_->log));
  impl_->drivers.back()->set_journal(std::move(journal));
  impl_->drivers.back()->set_heartbeat(std::move(heartbeat));
  return static_cast<Exchange*>(&impl_->drivers.back()->engine());
}

Result<Derivative*> Runtime::add_derivative(ConnectorConfig config) {
  const auto venue = connector::make_venue(config.venue);
  if (venue && venue->spec().kind != ConnectorKind::derivative) {
    return Status(StatusCode::denied, fmt::format("'{}' is not a venue of derivatives", config.venue));
  }
  auto exchange = add_exchange(std::move(config));
  if (!exchange.ok()) return exchange.status();
  return dynamic_cast<Derivative*>(*exchange);
}

Status Runtime::run(Strategy& strategy) {
  if (impl_->drivers.empty()) return {StatusCode::denied, "there is no connector to run"};
  if (impl_->running) return {StatusCode::denied, "it is running already"};
  if (impl_->options.stop_on_signals) impl_->loop.on_termination_signal([impl = impl_.get()] { impl->begin_stop(); });
  impl_->running = true;
  impl_->stopping = false;
  Status status;
  std::size_t started = 0;
  for (auto& driver : impl_->drivers) {
    status = driver->start(strategy);
    if (!status.ok()) break;
    ++started;
  }
  if (status.ok()) {
    impl_->arm_tick();
    impl_->loop.run(impl_->options.spin);
    impl_->tick_timer.disarm();
  } else if (started > 0) {
    impl_->begin_stop();
    impl_->loop.run();
  }
  impl_->running = false;
  return status;
}

void Runtime::stop() {
  impl_->loop.post([impl = impl_.get()] { impl->begin_stop(); });
}

void Runtime::post(std::function<void()> f) {
  impl_->loop.post([impl = impl_.get(), f = std::move(f)] {
    for (auto& driver : impl->drivers) driver->note_time();
    f();
    for (auto& driver : impl->drivers) driver->pump();
  });
}

Time Runtime::now() const noexcept { return impl_->loop.now(); }

}  // namespace calypte
