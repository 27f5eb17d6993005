// Holds what a connector says against what the venue knows to be true.
//
// All the time: a book that is claimed to be live must be one that the venue really had, and the events of every order
// must come in the order that events.hpp promises, across the deaths of processes too. When the faults have ended:
// books, orders, fills, fees, balances, positions and funding must be equal to the venue's ledger, nothing may be open
// on one side only, and no order may have been placed twice.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "calypte/derivative.hpp"
#include "calypte/events.hpp"

#include "engine/exchange_engine.hpp"
#include "sim/chaos_strategy.hpp"
#include "sim/simulated_venue.hpp"

namespace calypte::sim {

struct Violation {
  Time at{};
  std::string what;
  std::string evidence;  ///< what has been learned about the order, line by line
};

class Oracle {
 public:
  /// Watches the books of the pairs from now on. Both must outlive it.
  Oracle(SimulatedVenue& venue, const std::vector<TradingPair>& pairs, InstrumentKind kind);

  /// A book has changed and is shown to the strategy.
  void on_book(const OrderBook& book, Time now);
  /// The strategy hears an event; `number` is that of the journal, 0 for an event that has none.
  void on_event(const Event& event, std::uint64_t number, Time now);
  /// A process has died, at this time; what was placed at that moment may be forgotten.
  void on_death(Time now) { deaths_.insert(now); }
  /// The last event that the strategy has, as its own database knows.
  [[nodiscard]] std::uint64_t last_number() const noexcept { return last_number_; }

  /// What does not agree now that the faults have ended. Empty: everything does.
  [[nodiscard]] std::vector<Violation> compare(const engine::ExchangeEngine& engine, const ChaosStrategy& strategy,
                                               const std::string& delisted, Time now) const;

  [[nodiscard]] const std::vector<Violation>& violations() const noexcept { return violations_; }
  [[nodiscard]] std::uint64_t orders_created() const noexcept { return created_; }
  [[nodiscard]] std::uint64_t fills() const noexcept { return fills_; }
  [[nodiscard]] std::uint64_t books_compared() const noexcept { return books_compared_; }

 private:
  /// A book's best levels, by pair, that the venue had at some time.
  struct Market {
    TradingPair pair;
    std::size_t instrument = 0;
    std::unordered_set<std::uint64_t> states;
    std::vector<EngineLevel> levels;
  };
  struct Heard {
    bool created = false;
    bool unknown = false;
    std::string ending;
    bool ending_complete = false;  ///< Completed, and not `incomplete`
    Decimal base;
    Decimal quote;
    std::map<std::string, OrderFilledEvent> fills;  // by trade id
    std::vector<std::string> story;
  };
  struct Rules;

  static constexpr std::size_t kDepth = 12;

  void note_book(std::size_t instrument);
  [[nodiscard]] Market* market_of(std::size_t instrument);
  void broken(Time now, std::string what, const ClientOrderId& id);
  void compare_books(const engine::ExchangeEngine& engine, const std::string& delisted, std::vector<Violation>& out,
                     Time now) const;
  void compare_orders(const engine::ExchangeEngine& engine, const ChaosStrategy& strategy, std::vector<Violation>& out,
                      Time now) const;
  void compare_account(const engine::ExchangeEngine& engine, std::vector<Violation>& out, Time now) const;
  [[nodiscard]] std::string story(const ClientOrderId& id) const;

  SimulatedVenue& venue_;
  std::vector<Market> markets_;
  std::map<ClientOrderId, Heard> orders_;
  std::map<std::string, FundingPaymentCompletedEvent> payments_;
  std::set<Time> deaths_;
  std::vector<Violation> violations_;
  std::uint64_t last_number_ = 0;
  std::uint64_t created_ = 0;
  std::uint64_t fills_ = 0;
  std::uint64_t books_compared_ = 0;
};

}  // namespace calypte::sim
