#include "calypte/runtime.hpp"

#include <atomic>
#include <fmt/format.h>
#include <random>
#include <utility>

#include "calypte/protocol.hpp"

#include "connector/registry.hpp"
#include "engine/make_engine.hpp"
#include "engine/protocol/protocol_engine.hpp"
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

  [[nodiscard]] std::uint64_t random64() { return (std::uint64_t{entropy()} << 32U) | entropy(); }
  /// For jitter: the user's, or a new one.
  [[nodiscard]] std::uint64_t seed() { return options.seed != 0 ? options.seed : random64(); }

  struct Connector {
    std::unique_ptr<engine::Engine> engine;
    transport::Endpoints endpoints;
    engine::ConnectorIdentity identity;
    JournalConfig journal;
    bool cancel_on_stop = true;
    bool guarded = true;  // `calypte guard` may watch it
  };
  Status add(Connector connector) {
    std::unique_ptr<runtime::JournalKeeper> journal;
    std::unique_ptr<runtime::Heartbeat> heartbeat;
    if (!connector.journal.folder.empty()) {
      auto opened =
          runtime::JournalKeeper::open(connector.journal, connector.identity, *connector.engine, log, loop.now());
      if (!opened.ok()) return opened.status();
      journal = std::move(*opened);
    }
    if (!connector.journal.folder.empty() && connector.guarded) {
      const runtime::HeartbeatOwner owner{.venue = connector.identity.venue,
                                          .environment = connector.identity.environment,
                                          .prefix = connector.identity.prefix};
      auto opened = runtime::Heartbeat::open(connector.journal.folder, owner, options.tick);
      if (!opened.ok()) return opened.status();
      heartbeat = std::move(*opened);
    }
    drivers.push_back(std::make_unique<runtime::Driver>(loop, std::move(connector.engine),
                                                        std::move(connector.endpoints), connector.cancel_on_stop,
                                                        options.slow_callback_limit, log));
    drivers.back()->set_journal(std::move(journal));
    drivers.back()->set_heartbeat(std::move(heartbeat));
    return {};
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
  std::atomic<std::size_t> posted{0};  // functions of the user that wait for the loop
  std::random_device entropy;
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

  engine::ExchangeEngineOptions options;
  options.trading_pairs = std::move(config.trading_pairs);
  options.trading_required = config.trading_required;
  options.rate_limits_share = config.rate_limits_share;
  // An environment without that stream must not be asked for it again and again.
  options.order_entry = hosts->order_stream_url.empty() ? OrderEntry::rest : config.order_entry;
  options.client_order_id_prefix = config.client_order_id_prefix;
  options.dead_man = config.dead_man;
  options.seed = impl_->seed();
  options.instance = impl_->random64();
  auto engine = engine::make_engine(std::move(venue), std::move(config.credentials), std::move(options), impl_->log,
                                    impl_->loop.now());
  if (!engine.ok()) return engine.status();
  Exchange* const exchange = engine->get();
  const Status added = impl_->add({.engine = std::move(*engine),
                                   .endpoints = std::move(*hosts),
                                   .identity = {.venue = config.venue,
                                                .prefix = config.client_order_id_prefix,
                                                .environment = std::string(to_string(config.environment))},
                                   .journal = std::move(config.journal),
                                   .cancel_on_stop = config.cancel_on_stop,
                                   .guarded = config.trading_required});
  if (!added.ok()) return added;
  return exchange;
}

Result<Protocol*> Runtime::add_protocol(ProtocolConfig config) {
  if (impl_->running) return Status(StatusCode::denied, "connectors are added before run");
  auto venue = connector::make_protocol(config);
  if (!venue.ok()) return venue.status();
  engine::ProtocolEngineOptions options;
  options.seed = impl_->seed();
  options.instance = impl_->random64();
  for (auto& byte : options.blinding) byte = static_cast<std::uint8_t>(impl_->random64());
  transport::Endpoints hosts;
  hosts.own_node = true;
  hosts.rest_url = config.rpc_url;
  hosts.market_stream_url = config.stream_url;
  hosts.ca_file = config.ca_file;
  engine::ConnectorIdentity identity{.venue = config.venue,
                                     .prefix = config.client_order_id_prefix,
                                     .environment = fmt::format("chain {}", config.chain_id)};
  JournalConfig journal = std::move(config.journal);
  const bool cancel_on_stop = config.cancel_on_stop;
  auto engine =
      engine::ProtocolEngine::create(std::move(*venue), std::move(config), options, impl_->log, impl_->loop.now());
  if (!engine.ok()) return engine.status();
  Protocol* const protocol = engine->get();
  // A swap ends by its deadline: there is nothing that a guard would have to cancel.
  const Status added = impl_->add({.engine = std::move(*engine),
                                   .endpoints = std::move(hosts),
                                   .identity = std::move(identity),
                                   .journal = std::move(journal),
                                   .cancel_on_stop = cancel_on_stop,
                                   .guarded = false});
  if (!added.ok()) return added;
  return protocol;
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

Status Runtime::post(std::function<void()> f) {
  if (impl_->posted.fetch_add(1) >= kMaxPosted) {
    impl_->posted.fetch_sub(1);
    return {StatusCode::denied, FailureReason::queue_full,
            fmt::format("{} functions wait for the runtime's thread", kMaxPosted)};
  }
  impl_->loop.post([impl = impl_.get(), f = std::move(f)] {
    impl->posted.fetch_sub(1);
    for (auto& driver : impl->drivers) driver->note_time();
    f();
    for (auto& driver : impl->drivers) driver->pump();
  });
  return {};
}

Time Runtime::now() const noexcept { return impl_->loop.now(); }

}  // namespace calypte
