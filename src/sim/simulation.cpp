#include "sim/simulation.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "engine/journal_desk.hpp"
#include "engine/make_engine.hpp"
#include "engine/recovery.hpp"
#include "sim/chaos_strategy.hpp"
#include "sim/dialects/http_date.hpp"
#include "sim/mutations.hpp"
#include "sim/world.hpp"

namespace calypte::sim {

using namespace std::chrono_literals;

namespace {

constexpr std::string_view kPrefix = "sim";
/// The journal is begun anew by a checkpoint about this often.
constexpr Duration kCheckpointEvery = 40s;

class Run {
 public:
  explicit Run(const SimulationOptions& options);

  SimulationResult carry_out();

 private:
  struct Process {
    std::unique_ptr<engine::ExchangeEngine> engine;
    std::unique_ptr<engine::JournalDesk> desk;
  };

  Status make_process(const engine::Recovery* recovery);
  void boot();
  void on_death();
  void die_some_time();
  void checkpoint_some_time();
  void act_some_time();
  void fill(const ClientOrderId& id);
  void hear(const Event& event);
  void append(engine::RecordKind kind, std::string_view payload);
  void plant_mutation();
  void find_agreement();
  void set_flows(bool running);
  [[nodiscard]] engine::ExchangeEngine* engine() { return world_->alive() ? process_.engine.get() : nullptr; }
  [[nodiscard]] Duration wait(Duration mean, core::Random& random) const {
    return Duration{static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(mean.count()) * 2))};
  }
  void broken(std::string what) { own_violations_.push_back({world_->now(), std::move(what), {}}); }

  SimulationOptions options_;
  Time start_ = from_unix_ms(1'790'000'000'000);
  std::vector<TradingPair> pairs_ = {TradingPair::from_assets("BTC", "USDT"), TradingPair::from_assets("ETH", "USDT")};
  std::vector<std::string> symbols_;
  InstrumentKind kind_ = InstrumentKind::spot;
  core::Random random_;
  core::Random deaths_;
  std::unique_ptr<SimulatedVenue> venue_;
  ChaosStrategy strategy_;
  Process process_;
  std::vector<Process> dead_;  // their last round may still be on the stack
  std::unique_ptr<World> world_;
  std::unique_ptr<Oracle> oracle_;
  std::unique_ptr<FaultPlan> plan_;
  std::vector<std::pair<engine::RecordKind, std::string>> journal_;
  std::uint64_t lives_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t told_again_ = 0;  // in this life, from the journal's own mark
  Time died_{};
  bool recovering_ = false;
  bool acting_ = false;
  std::vector<Violation> own_violations_;
  SimulationResult result_;
};

Run::Run(const SimulationOptions& options)
    : options_(options),
      random_(options.seed ^ 0x72756EULL),
      deaths_(options.seed ^ 0x646965ULL),
      venue_(make_simulated_venue(options.venue, {.seed = options.seed, .orders_per_second = 3, .price_interval = 3s},
                                  start_)),
      strategy_(options.seed ^ 0x73747261ULL, pairs_) {}

Status Run::make_process(const engine::Recovery* recovery) {
  engine::ExchangeEngineOptions options;
  options.trading_pairs = pairs_;
  options.client_order_id_prefix = kPrefix;
  options.seed = options_.seed * 1000 + lives_;
  options.instance = ++lives_;
  options.instruments_refresh = 3min;
  const Time now = world_ ? world_->now() : start_;
  Credentials credentials{
      .api_key = Secret(venue_->test_api_key()), .api_secret = Secret(venue_->test_api_secret()), .passphrase = {}};
  auto made =
      engine::make_engine(mutated(options_.make_venue(options_.venue), options_.mutation), std::move(credentials),
                          std::move(options), options_.log != nullptr ? *options_.log : null_log(), now);
  if (!made.ok()) return made.status();
  process_.engine = std::move(*made);
  process_.desk = std::make_unique<engine::JournalDesk>(*process_.engine);
  if (recovery != nullptr) process_.desk->recover(*recovery, now);
  journal_.emplace_back(engine::RecordKind::connector,
                        engine::to_json(engine::ConnectorIdentity{
                            .venue = options_.venue, .prefix = std::string(kPrefix), .environment = "simulated"}));
  return {};
}

void Run::append(engine::RecordKind kind, std::string_view payload) {
  if (options_.mutation == Mutation::forget_journal_write && kind == engine::RecordKind::round &&
      deaths_.chance(1, 8)) {
    return;
  }
  journal_.emplace_back(kind, payload);
}

void Run::boot() {
  dead_.clear();
  plan_->restart_after(world_->now() - died_);
  engine::Recovery recovery;
  for (const auto& [kind, payload] : journal_) {
    const Status applied = recovery.apply(kind, payload);
    if (!applied.ok()) broken("the journal cannot be read: " + applied.to_string());
  }
  if (const Status made = make_process(&recovery); !made.ok()) throw std::runtime_error(made.to_string());
  world_->replace(*process_.engine);
  world_->keep_journal(
      {process_.desk.get(), [this](engine::RecordKind kind, std::string_view payload) { append(kind, payload); }});
  // A strategy that keeps its own books says what it has heard; another one relies on the journal's mark and may hear
  // the last event again.
  const bool own_mark = deaths_.chance(1, 2);
  told_again_ = 0;
  // Otherwise the mark of a process that died right after another one would be more than one event behind.
  if (own_mark && oracle_->last_number() > 0) {
    append(engine::RecordKind::told, engine::told_record(oracle_->last_number()));
  }
  recovering_ = true;
  for (const auto& [number, event] :
       recovery.events_to_tell(own_mark ? std::optional(oracle_->last_number()) : std::nullopt)) {
    if (!world_->tell(event, number)) {
      recovering_ = false;
      return;
    }
  }
  recovering_ = false;
  world_->start();
}

void Run::on_death() {
  if (plan_->acting()) plan_->count(Fault::death);
  oracle_->on_death(world_->now());
  died_ = world_->now();
  dead_.push_back(std::move(process_));
  process_ = {};
  const Duration down = deaths_.chance(1, 3) ? 5ms + wait(50ms, deaths_) : 100ms + wait(6s, deaths_);
  world_->at(world_->now() + down, [this] { boot(); });
}

void Run::die_some_time() {
  world_->at(world_->now() + wait(options_.rates.death, deaths_), [this] {
    if (!plan_->acting()) return;
    if (world_->alive()) {
      world_->die();
      on_death();
    }
    die_some_time();
  });
}

void Run::checkpoint_some_time() {
  world_->at(world_->now() + wait(kCheckpointEvery, deaths_), [this] {
    if (world_->alive()) {
      const std::size_t begin = journal_.size();
      journal_.push_back(journal_.front());  // whose journal it is
      journal_.emplace_back(engine::RecordKind::checkpoint_begin, "");
      auto rounds = process_.desk->checkpoint();
      const bool torn = plan_->acting() && options_.deaths && deaths_.chance(1, 6);
      if (torn) rounds.resize(deaths_.below(rounds.size() + 1));
      for (auto& round : rounds) journal_.emplace_back(engine::RecordKind::round, std::move(round));
      if (torn) {
        world_->die();
        on_death();
      } else {
        journal_.emplace_back(engine::RecordKind::checkpoint_end, "");
        journal_.emplace_back(engine::RecordKind::told, engine::told_record(oracle_->last_number()));
        journal_.erase(journal_.begin(), journal_.begin() + static_cast<std::ptrdiff_t>(begin));
      }
    }
    checkpoint_some_time();
  });
}

void Run::hear(const Event& event) {
  const std::uint64_t number = process_.engine->event_number();
  if (recovering_ && number != 0 && number <= oracle_->last_number()) {
    if (++told_again_ > 1) broken(fmt::format("event {} told again, which is not the last", number));
    return;
  }
  ++events_;
  oracle_->on_event(event, number, world_->now());
  if (acting_ && !recovering_) {
    strategy_.set_time(world_->now());
    strategy_.react(*process_.engine, dynamic_cast<Derivative*>(process_.engine.get()), event);
  }
}

void Run::act_some_time() {
  world_->at(world_->now() + 50ms + wait(900ms, random_), [this] {
    if (!acting_) return;
    auto* running = engine();
    if (running != nullptr && (running->ready() || random_.chance(1, 6))) {
      strategy_.set_time(world_->now());
      const auto id = strategy_.act(*running, dynamic_cast<Derivative*>(running));
      if (id && random_.chance(1, 3)) {
        world_->at(world_->now() + 2ms + wait(25ms, random_), [this, order = *id] { fill(order); });
      }
    }
    act_some_time();
  });
}

/// Somebody trades with this order just now.
void Run::fill(const ClientOrderId& id) {
  const auto venue_id = venue_->exchange().find_client_id(venue_->test_account(), id.value);
  if (!venue_id || !plan_->acting()) return;
  const OrderRecord order = *venue_->exchange().order(*venue_id);
  const auto& listed = venue_->exchange().instruments()[order.request.instrument];
  if (order.state != OrderState::active || !listed.tradable || order.request.market) return;
  auto* flow = venue_->flow(listed.symbol);
  if (flow == nullptr || flow->paused()) return;
  OrderRequest request;
  request.account = flow->taker_account();
  request.instrument = order.request.instrument;
  request.side = opposite(order.request.side);
  request.price = order.request.price;
  request.quantity = order.request.quantity - order.filled;
  if (random_.chance(1, 2)) {
    request.quantity = std::max(
        (request.quantity * Decimal::from_parts(4, 1)).round_to_multiple(listed.lot, Rounding::floor), listed.lot);
  }
  request.time_in_force = TimeInForce::immediate_or_cancel;
  const auto* ours = engine() == nullptr ? nullptr : engine()->order(id);
  if (ours == nullptr || ours->state() == calypte::OrderState::pending_create ||
      ours->state() == calypte::OrderState::pending_cancel) {
    plan_->count(Fault::fill_while_unanswered);
  }
  (void)venue_->place(request, world_->now());
  world_->flush_server();
}

void Run::plant_mutation() {
  if (options_.mutation == Mutation::send_twice) {
    world_->network.request_fault = [inner = world_->network.request_fault](std::string_view name) {
      const RequestFault fault = inner(name);
      return fault == RequestFault::lose_reply ? RequestFault::resend : fault;
    };
  }
  if (options_.mutation == Mutation::completed_before_filled) {
    world_->before_telling = [](std::vector<Event>& events) {
      std::vector<Event> first;
      std::vector<Event> rest;
      for (auto& event : events) {
        const bool completed = std::holds_alternative<BuyOrderCompletedEvent>(event) ||
                               std::holds_alternative<SellOrderCompletedEvent>(event);
        (completed ? first : rest).push_back(std::move(event));
      }
      std::move(rest.begin(), rest.end(), std::back_inserter(first));
      events = std::move(first);
    };
  }
}

void Run::set_flows(bool running) {
  for (const auto& symbol : symbols_) {
    if (plan_->delisted() && symbol == plan_->delisted_symbol()) continue;
    auto* flow = venue_->flow(symbol);
    running ? flow->resume(world_->now()) : flow->pause();
  }
}

void Run::find_agreement() {
  const Time end = world_->now() + options_.quiet;
  const Time began = world_->now();
  std::vector<Violation> left;
  // Trading goes on while the connector recovers: that is what shows it what it has missed.
  for (Duration pause = 5s; world_->now() < end; pause = std::min<Duration>(pause * 2, 40s)) {
    world_->run_for(pause);
    set_flows(false);
    world_->run_for(3s);
    left =
        oracle_->compare(*process_.engine, strategy_, plan_->delisted() ? plan_->delisted_symbol() : "", world_->now());
    if (left.empty()) {
      result_.agreed_after = world_->now() - began;
      return;
    }
    set_flows(true);
  }
  result_.agreed_after = world_->now() - began;
  for (auto& violation : left) own_violations_.push_back(std::move(violation));
}

SimulationResult Run::carry_out() {
  if (venue_ == nullptr || !options_.make_venue || options_.make_venue(options_.venue) == nullptr) {
    result_.error = "there is no simulated venue of this name: " + options_.venue;
    return result_;
  }
  if (const Status made = make_process(nullptr); !made.ok()) {
    result_.error = made.to_string();
    return result_;
  }
  kind_ = process_.engine->kind() == ConnectorKind::derivative ? InstrumentKind::perpetual : InstrumentKind::spot;
  for (const auto& instrument : venue_->exchange().instruments()) {
    const bool ours = instrument.kind == kind_ && std::any_of(pairs_.begin(), pairs_.end(), [&](const auto& pair) {
                        return pair.base() == instrument.base && pair.quote() == instrument.quote;
                      });
    if (ours) symbols_.push_back(instrument.symbol);
    // Markets that nobody looks at cost time and show nothing.
    if (auto* flow = venue_->flow(instrument.symbol); flow != nullptr && !ours) flow->pause();
  }
  world_ = std::make_unique<World>(*process_.engine, *venue_, venue_->paths(), start_);
  world_->keep_history = false;
  world_->keep_journal(
      {process_.desk.get(), [this](engine::RecordKind kind, std::string_view payload) { append(kind, payload); }});
  oracle_ = std::make_unique<Oracle>(*venue_, pairs_, kind_);
  plan_ = std::make_unique<FaultPlan>(options_.seed, options_.rates, *world_, *venue_,
                                      options_.make_venue(options_.venue), symbols_.back());
  world_->on_event = [this](const Event& event) { hear(event); };
  // What every HTTP server shows, and what a connector whose clock is wrong finds the right time by.
  world_->network.reply_on_the_way = [this](std::string_view, venue::ServerReply& reply) {
    const bool dated = std::any_of(reply.headers.begin(), reply.headers.end(),
                                   [](const venue::Header& header) { return header.name == "Date"; });
    if (!dated) reply.headers.push_back({"Date", http_date(world_->now() + venue_->clock_offset())});
  };
  world_->on_order_book = [this](const OrderBook& book) { oracle_->on_book(book, world_->now()); };
  venue_->set_clock_offset(std::chrono::milliseconds{static_cast<std::int64_t>(random_.below(40'000)) - 20'000});
  if (kind_ == InstrumentKind::perpetual) {
    venue_->by_hand(
        [&](Exchange& exchange) {
          exchange.on_time(start_);
          for (const auto& symbol : symbols_) {
            exchange.set_funding_interval(*exchange.find_instrument(symbol), 2min, start_);
          }
        },
        start_);
  }
  world_->start();
  if (!world_->run_until([this] { return process_.engine->ready(); }, 60s)) {
    result_.error = "the connector did not become ready";
    return result_;
  }
  world_->run_for(2s);

  plan_->start();
  plant_mutation();
  world_->on_death = [this] { on_death(); };
  if (options_.deaths) {
    world_->dies = [this](Await moment) { return plan_->dies(moment); };
    die_some_time();
  }
  checkpoint_some_time();
  acting_ = true;
  act_some_time();
  const Time end = world_->now() + options_.length;
  while (world_->now() < end) world_->run_for(std::min<Duration>(end - world_->now(), 10s));

  acting_ = false;
  plan_->stop();
  (void)world_->run_until([this] { return world_->alive(); }, 60s);
  find_agreement();

  result_.faults = plan_->counts();
  result_.fault_total = plan_->total();
  result_.orders = strategy_.placed().size();
  result_.orders_at_venue = venue_->exchange().orders(venue_->test_account()).size();
  result_.fills = oracle_->fills();
  result_.events = events_;
  result_.books_compared = oracle_->books_compared();
  result_.virtual_time = world_->now() - start_;
  result_.digest = world_->digest();
  result_.violations = oracle_->violations();
  for (auto& violation : own_violations_) result_.violations.push_back(std::move(violation));
  return result_;
}

}  // namespace

SimulationResult simulate(const SimulationOptions& options) { return Run(options).carry_out(); }

std::string explain(const Violation& violation) {
  std::string text = fmt::format("at {} ms: {}\n", to_unix_ms(violation.at) - 1'790'000'000'000, violation.what);
  if (!violation.evidence.empty()) text += violation.evidence;
  return text;
}

}  // namespace calypte::sim
