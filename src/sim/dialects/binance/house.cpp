// The house: accounts, time, and what becomes of what happened at the exchange.
#include "sim/dialects/binance/house.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>

namespace calypte::sim::binance {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

std::vector<AccountOptions> two_accounts() {
  std::vector<AccountOptions> accounts(2);
  accounts[0].ed25519_public_key = kTestPublicKey;
  return accounts;
}

std::optional<EngineLevel> best_of(const MatchingEngine& book, Side side) {
  std::vector<EngineLevel> level;
  book.levels(side, 1, level);
  return level.empty() ? std::nullopt : std::optional<EngineLevel>(level.front());
}

}  // namespace

BinanceHouse::BinanceHouse(VenueOptions options, HouseRules rules, ExchangeHabits habits,
                           std::vector<Instrument> default_instruments,
                           const std::vector<std::pair<std::string, Decimal>>& default_purse, Time start)
    : options_(std::move(options)),
      rules_(std::move(rules)),
      random_(options_.seed),
      exchange_(options_.instruments.empty() ? std::move(default_instruments) : options_.instruments, rules_.limits,
                random_.next(), habits),
      now_(start),
      markets_(exchange_.instruments().size()),
      weight_(rules_.weight),
      raw_requests_(rules_.raw_requests) {
  if (options_.accounts.empty()) options_.accounts = two_accounts();
  for (AccountOptions& account : options_.accounts) {
    Account entry;
    entry.api_key = account.api_key.empty() ? random_text(64) : account.api_key;
    entry.api_secret = account.api_secret.empty() ? random_text(64) : account.api_secret;
    entry.ed25519_public_key = account.ed25519_public_key;
    if (!entry.ed25519_public_key.empty()) {
      entry.ed25519_api_key = account.ed25519_api_key.empty() ? random_text(64) : account.ed25519_api_key;
    }
    for (const RateRule& rule : rules_.orders) entry.orders.emplace_back(rule);
    entry.account =
        exchange_.accounts().open("account " + std::to_string(accounts_.size()), account.rates, account.fees);
    const auto& purse = account.balances.empty() ? default_purse : account.balances;
    for (const auto& [asset, amount] : purse) exchange_.accounts().deposit(entry.account, asset, amount, start);
    accounts_.push_back(std::move(entry));
  }
  for (std::size_t i = 0; i < markets_.size(); ++i) {
    markets_[i].lower_symbol = lower(exchange_.instruments()[i].symbol);
    // Ids differ from market to market, so that one that is used for the wrong market is found out.
    markets_[i].update_id = 1'000'000'000 + random_.below(1'000'000'000) * 10;
  }
}

void BinanceHouse::open_market(Time start) {
  core::Random flows = random_.split();
  for (std::size_t i = 0; i < exchange_.instruments().size(); ++i) {
    if (!options_.flow || !is_traded(i)) continue;
    flows_.emplace_back(i, std::make_unique<OrderFlow>(exchange_, i, options_.flow_options, flows.next(), start));
    flows_.back().second->run(start);
  }
  collect(start);
}

bool BinanceHouse::is_traded(std::size_t instrument) const { return exchange_.instruments()[instrument].tradable; }

std::string BinanceHouse::random_text(std::size_t size) {
  constexpr std::string_view kCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text += kCharacters[random_.below(kCharacters.size())];
  return text;
}

OrderFlow* BinanceHouse::flow(std::string_view symbol) {
  for (auto& [instrument, flow] : flows_) {
    if (exchange_.instruments()[instrument].symbol == symbol) return flow.get();
  }
  return nullptr;
}

void BinanceHouse::by_hand(const std::function<void(Exchange&)>& act, Time now) {
  advance(now);
  act(exchange_);
  collect(now);
}

std::string BinanceHouse::wire_trade_id(TradeId id) const {
  const auto found = public_ids_.find(id);
  return found == public_ids_.end() ? std::string() : std::to_string(found->second);
}

std::optional<std::size_t> BinanceHouse::account_index(AccountId account) const {
  for (std::size_t i = 0; i < accounts_.size(); ++i) {
    if (accounts_[i].account == account) return i;
  }
  return std::nullopt;
}

std::optional<std::size_t> BinanceHouse::find_lower_symbol(std::string_view text) const {
  for (std::size_t i = 0; i < markets_.size(); ++i) {
    if (markets_[i].lower_symbol == text) return i;
  }
  return std::nullopt;
}

void BinanceHouse::schedule(Time at, std::function<void(Time)> task) {
  tasks_.emplace(std::pair(at, ++task_sequence_), std::move(task));
}

Time BinanceHouse::next_wakeup() const {
  Time next = tasks_.empty() ? kNever : tasks_.begin()->first.first;
  next = std::min(next, next_venue_event());
  for (const auto& [instrument, flow] : flows_) next = std::min(next, flow->next());
  for (const auto& [name, feed] : feeds_) next = std::min(next, feed.next);
  for (const auto& [id, connection] : connections_) {
    next = std::min({next, connection.next_ping, connection.since + rules_.connection_life});
  }
  return next;
}

void BinanceHouse::on_time(Time now) { advance(now); }

void BinanceHouse::advance(Time now) {
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
    if (next_venue_event() <= at) {
      run_venue_events(at);
      collect(at);
    }
    while (!tasks_.empty() && tasks_.begin()->first.first <= at) {
      auto node = tasks_.extract(tasks_.begin());
      node.mapped()(at);
      collect(at);
    }
    for (auto& [name, feed] : feeds_) {
      if (feed.next > at) continue;
      feed.next = feed.spec.kind == FeedKind::depth ? kNever : next_beat(feed.spec.every, at);
      publish(name, feed, at);
    }
    run_connections(at);
    forget_closed();
  }
  now_ = std::max(now_, now);
}

void BinanceHouse::run_connections(Time now) {
  for (auto& [id, connection] : connections_) {
    if (connection.closed) continue;
    if (connection.since + rules_.connection_life <= now) {
      close(id, connection, 1001);
    } else if (connection.next_ping <= now) {
      connection.next_ping = now + rules_.ping;
      actions_.emplace_back(venue::SendPing{id});
    }
  }
}

void BinanceHouse::collect(Time now) {
  while (!exchange_.events().empty()) {
    const std::vector<ExchangeEvent> events = std::exchange(exchange_.events(), {});
    std::map<std::size_t, std::vector<PublicTrade>> prints;
    for (const ExchangeEvent& event : events) {
      if (const auto* printed = std::get_if<Printed>(&event)) prints[printed->instrument].push_back(printed->trade);
      if (const auto* fill = std::get_if<FillRecord>(&event)) public_ids_.emplace(fill->id, fill->public_id);
    }
    tell_accounts(events, now);
    for (const auto& [instrument, trades] : prints) print(instrument, trades, now);
  }
  note_book_changes(now);
}

void BinanceHouse::print(std::size_t instrument, const std::vector<PublicTrade>& trades, Time now) {
  Market& market = markets_[instrument];
  std::vector<AggregatedTrade> aggregated;
  std::uint64_t match = 0;
  for (const PublicTrade& trade : trades) {
    if (aggregated.empty() || trade.match_id != match || trade.price != aggregated.back().price) {
      AggregatedTrade next;
      next.id = ++market.last_aggregated;
      next.price = trade.price;
      next.first_trade = trade.id;
      next.time = trade.time;
      next.taker_side = trade.taker_side;
      aggregated.push_back(next);
    }
    match = trade.match_id;
    aggregated.back().quantity += trade.quantity;
    aggregated.back().last_trade = trade.id;
  }
  for (const auto& [name, feed] : feeds_) {
    if (feed.spec.instrument != instrument) continue;
    if (feed.spec.kind == FeedKind::trade) {
      for (const PublicTrade& trade : trades) publish_text(name, feed, trade_event(instrument, trade, now));
    } else if (feed.spec.kind == FeedKind::aggregated_trade) {
      for (const auto& trade : aggregated) publish_text(name, feed, aggregated_trade_event(instrument, trade, now));
    }
  }
  for (AggregatedTrade& trade : aggregated) market.aggregated.push_back(trade);
  while (market.aggregated.size() > TradeTape::kMaxTrades) market.aggregated.pop_front();
}

UpdateIds BinanceHouse::next_update_ids(std::size_t, std::uint64_t current, std::uint64_t changes) {
  return {current + 1, current + changes};
}

void BinanceHouse::note_book_changes(Time now) {
  for (std::size_t i = 0; i < markets_.size(); ++i) {
    Market& market = markets_[i];
    const MatchingEngine& book = exchange_.book(i);
    if (book.version() == market.version) continue;
    const UpdateIds ids = next_update_ids(i, market.update_id, book.version() - market.version);
    assert(ids.first > market.update_id && ids.last >= ids.first);
    market.version = book.version();
    market.update_id = ids.last;
    const auto bid = best_of(book, Side::buy);
    const auto ask = best_of(book, Side::sell);
    const auto same = [](const std::optional<EngineLevel>& a, const std::optional<EngineLevel>& b) {
      return a.has_value() == b.has_value() && (!a || (a->price == b->price && a->quantity == b->quantity));
    };
    const bool moved = !same(bid, market.best_bid) || !same(ask, market.best_ask);
    market.best_bid = bid;
    market.best_ask = ask;
    for (auto& [name, feed] : feeds_) {
      if (feed.spec.kind == FeedKind::depth && feed.spec.instrument == i) {
        if (feed.first_id == 0) feed.first_id = ids.first;
        // A book that nobody changes has nothing to tell, so its feed has no beat of its own.
        if (feed.next == kNever) feed.next = next_beat(feed.spec.every, now);
      }
      const bool here = !feed.spec.instrument || feed.spec.instrument == i;
      if (moved && here && feed.spec.kind == FeedKind::book_ticker) {
        publish_text(name, feed, book_ticker_event(i, now));
      }
    }
  }
}

}  // namespace calypte::sim::binance
