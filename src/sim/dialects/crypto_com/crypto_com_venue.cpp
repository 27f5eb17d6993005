#include "sim/dialects/crypto_com/crypto_com_venue.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

namespace calypte::sim::crypto_com {
namespace {

std::string hex(core::Random& random, std::size_t digits) {
  std::string text;
  while (text.size() < digits) text += fmt::format("{:016x}", random.next());
  text.resize(digits);
  return text;
}

std::string uuid(core::Random& random) {
  const std::string text = hex(random, 32);
  return text.substr(0, 8) + "-" + text.substr(8, 4) + "-" + text.substr(12, 4) + "-" + text.substr(16, 4) + "-" +
         text.substr(20);
}

/// Enough of everything to try things out.
std::vector<std::pair<std::string, Decimal>> default_purse() {
  return {{"BTC", 10}, {"ETH", 200}, {"CRO", 1000000}, {"USDT", 500000}, {"USD", 500000}};
}

}  // namespace

std::vector<Instrument> default_instruments() {
  const auto decimal = [](std::int64_t coefficient, int scale) { return Decimal::from_parts(coefficient, scale); };
  const auto spot = [](std::string base, std::string quote, Decimal tick, Decimal lot, Decimal price) {
    Instrument instrument;
    instrument.symbol = base + "_" + quote;
    instrument.base = std::move(base);
    instrument.quote = std::move(quote);
    instrument.tick = tick;
    instrument.lot = lot;
    instrument.start_price = price;
    return instrument;
  };
  std::vector<Instrument> list;
  list.push_back(spot("BTC", "USDT", decimal(1, 2), decimal(1, 5), decimal(6293527, 2)));
  list.push_back(spot("ETH", "USDT", decimal(1, 2), decimal(1, 4), decimal(274961, 2)));
  list.push_back(spot("CRO", "USDT", decimal(1, 5), decimal(1, 0), decimal(6100, 5)));
  list.push_back(spot("BTC", "USD", decimal(1, 2), decimal(1, 5), decimal(6291010, 2)));
  Instrument perpetual = spot("BTC", "USD", decimal(1, 1), decimal(1, 4), decimal(629200, 1));
  perpetual.symbol = "BTCUSD-PERP";
  perpetual.kind = InstrumentKind::perpetual;
  list.push_back(perpetual);
  Instrument delisted = spot("LUNA", "USDT", decimal(1, 4), decimal(1, 2), decimal(5000, 4));
  delisted.tradable = false;
  list.push_back(delisted);
  return list;
}

CryptoComVenue::CryptoComVenue(VenueOptions options, Time start)
    : options_(std::move(options)),
      random_(options_.seed),
      exchange_(options_.instruments.empty() ? default_instruments() : options_.instruments, options_.limits,
                random_.next()),
      now_(start) {
  // What repeats must take time, or the venue would never get to the end of a moment.
  Timing& timing = options_.timing;
  for (Duration* period : {&timing.ticker_push, &timing.candle_push, &timing.heartbeat, &timing.ping,
                           &timing.idle_delta, &timing.full_book}) {
    *period = std::max<Duration>(*period, 1ms);
  }
  core::Random keys = random_.split();
  for (AccountOptions& account : options_.accounts) {
    Account entry;
    entry.api_key = account.api_key.empty() ? hex(keys, 22) : account.api_key;
    entry.api_secret = account.api_secret.empty() ? hex(keys, 40) : account.api_secret;
    entry.ids = AccountIds{uuid(keys), uuid(keys)};
    entry.account =
        exchange_.accounts().open("account " + std::to_string(accounts_.size()), account.rates, account.fees);
    const auto purse = account.balances.empty() ? default_purse() : account.balances;
    for (const auto& [asset, amount] : purse) exchange_.accounts().deposit(entry.account, asset, amount, start);
    accounts_.push_back(std::move(entry));
  }
  core::Random flows = random_.split();
  for (std::size_t i = 0; i < exchange_.instruments().size(); ++i) {
    update_ids_.push_back(UpdateId{0, 370'000'000'000'000ULL + random_.below(1'000'000'000) * 64});
    const Instrument& instrument = exchange_.instruments()[i];
    if (!options_.flow || !instrument.tradable || instrument.kind != InstrumentKind::spot) continue;
    flows_.emplace_back(i, std::make_unique<OrderFlow>(exchange_, i, options_.flow_options, flows.next(), start));
    flows_.back().second->run(start);
  }
  exchange_.events().clear();
}

OrderFlow* CryptoComVenue::flow(std::string_view symbol) {
  for (auto& [instrument, flow] : flows_) {
    if (exchange_.instruments()[instrument].symbol == symbol) return flow.get();
  }
  return nullptr;
}

void CryptoComVenue::by_hand(const std::function<void(Exchange&)>& act, Time now) {
  advance(now);
  act(exchange_);
  collect(now);
}

void CryptoComVenue::schedule(Time at, int rank, Task task) {
  tasks_.emplace(TaskKey{at, rank, ++task_sequence_}, std::move(task));
}

Time CryptoComVenue::next_wakeup() const {
  Time next = tasks_.empty() ? kNever : tasks_.begin()->first.at;
  for (const auto& [instrument, flow] : flows_) next = std::min(next, flow->next());
  for (const auto& [id, connection] : connections_) {
    next = std::min({next, connection.next_heartbeat, connection.next_ping});
    for (const auto& [name, channel] : connection.channels) next = std::min(next, channel.next);
  }
  return next;
}

void CryptoComVenue::on_time(Time now) { advance(now); }

void CryptoComVenue::advance(Time now) {
  for (;;) {
    const Time at = std::max(next_wakeup(), now_);
    if (at > now) break;
    now_ = at;
    // The order in which things of one moment happen: the market, then what was put off, then what is published.
    for (auto& [instrument, flow] : flows_) {
      if (flow->next() > at) continue;
      flow->run(at);
      collect(at);
    }
    while (!tasks_.empty() && tasks_.begin()->first.at <= at) {
      auto node = tasks_.extract(tasks_.begin());
      node.mapped()(at);
      collect(at);
    }
    for (auto& [id, connection] : connections_) run_connection(id, connection, at);
    forget_closed();
  }
  now_ = std::max(now_, now);
}

void CryptoComVenue::run_connection(ConnectionId id, Connection& connection, Time now) {
  if (connection.closed) return;
  if (connection.next_heartbeat <= now) {
    connection.next_heartbeat = now + options_.timing.heartbeat;
    // Seen at the venue: nothing happens at the first two unanswered heartbeats; when the next one is due after them,
    // well over a minute after the first, the socket is closed as if all were well.
    if (connection.unanswered.size() >= 2) {
      close(id, connection, 1000);
      return;
    }
    std::int64_t beat = venue_ms(now);
    if (!connection.unanswered.empty()) beat = std::max(beat, connection.unanswered.back() + 1);
    connection.unanswered.push_back(beat);
    send(id, envelope(beat, "public/heartbeat", 0, {}, {}));
  }
  if (connection.next_ping <= now) {
    connection.next_ping = now + options_.timing.ping;
    actions_.emplace_back(venue::SendPing{id});
  }
  for (auto& [name, channel] : connection.channels) {
    if (channel.next <= now) publish(id, name, channel, now);
  }
}

void CryptoComVenue::forget_closed() {
  for (auto connection = connections_.begin(); connection != connections_.end();) {
    connection = connection->second.closed ? connections_.erase(connection) : std::next(connection);
  }
}

void CryptoComVenue::collect(Time now) {
  if (exchange_.events().empty()) return;
  std::vector<ExchangeEvent> events;
  events.swap(exchange_.events());
  const int order_rank = options_.quirks.trades_before_orders ? 2 : 1;
  const int trade_rank = options_.quirks.trades_before_orders ? 1 : 2;
  std::map<std::size_t, std::vector<PublicTrade>> prints;
  for (ExchangeEvent& event : events) {
    if (auto* printed = std::get_if<Printed>(&event)) {
      prints[printed->instrument].push_back(printed->trade);
    } else if (auto* change = std::get_if<OrderChanged>(&event)) {
      if (change->order.state == OrderState::pending && !options_.quirks.push_pending) continue;
      const Time at = now + options_.timing.order_push;
      if (!options_.quirks.conflate_order_pushes) {
        schedule(at, order_rank, [this, order = std::move(change->order)](Time) { push_order(order); });
        continue;
      }
      const OrderId id = change->order.id;
      if (pending_order_pushes_[id]++ > 0) continue;
      schedule(at, order_rank, [this, id](Time) {
        pending_order_pushes_.erase(id);
        push_order(*exchange_.order(id));
      });
    } else if (auto* fill = std::get_if<FillRecord>(&event)) {
      schedule(now + options_.timing.trade_push, trade_rank,
               [this, record = std::move(*fill)](Time) { push_fill(record); });
    } else if (const auto* balance = std::get_if<BalanceChanged>(&event)) {
      const auto index = account_index(balance->account);
      if (!index || accounts_[*index].balance_push_pending) continue;
      accounts_[*index].balance_push_pending = true;
      schedule(now + options_.timing.balance_push, 3, [this, index = *index](Time at) { push_balance(index, at); });
    }
  }
  for (const auto& [instrument, trades] : prints) push_trades(instrument, trades);
}

std::optional<std::size_t> CryptoComVenue::account_index(AccountId account) const {
  for (std::size_t i = 0; i < accounts_.size(); ++i) {
    if (accounts_[i].account == account) return i;
  }
  return std::nullopt;
}

}  // namespace calypte::sim::crypto_com
