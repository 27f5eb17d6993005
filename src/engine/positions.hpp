// The account's positions: what the venue says of them, and what the known fills add up to.
//
// Reports of the stream and REST lists are merged so that an older picture never overwrites a newer one, by the rule of
// engine/balances.hpp: of two different venue times the later one wins; otherwise our own times decide, that of receipt
// for a push and that of asking for a list.
//
// Besides, every fill of the account is added up. At each sweep the sum is compared with what the venue holds: it may
// differ while something is on its way, so only a difference that two sweeps in a row show alike, with nothing heard of
// the position in between, is told as a mismatch; the venue's amount is the new base of the sum then.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "calypte/derivative.hpp"
#include "calypte/events.hpp"
#include "calypte/log.hpp"

#include "engine/recent_keys.hpp"
#include "venue/records.hpp"

namespace calypte::engine {

/// Owned by one engine, used on its thread.
class Positions {
 public:
  using Key = std::pair<TradingPair, PositionSide>;
  struct Report {
    TradingPair trading_pair;
    venue::PositionReport report;
  };
  /// Different positions of one account; reports of further ones are dropped and logged as an error.
  static constexpr std::size_t kMaxPositions = 10'000;
  /// Fills that are remembered, so that each counts once; more lie never between two sweeps that show them all.
  static constexpr std::size_t kFillMemory = 50'000;

  explicit Positions(LogSink& log = null_log()) : log_(log), counted_(kFillMemory) {}

  /// A pushed position; what it leaves out stays as it is.
  void apply_stream(const TradingPair& pair, const venue::PositionReport& report, Time received);
  /// A REST list. If it is `complete`, positions that it does not hold are closed, unless they were pushed since
  /// `asked`, and the list is compared with the fills. One asked for before one that was applied is ignored.
  void apply_rest(std::span<const Report> reports, bool complete, Time asked, Time received);
  /// A fill of the account, told any number of times by any source. `happened` is its time by our clock.
  void add_fill(const TradingPair& pair, PositionSide side, TradeType trade, const TradeId& id, const Decimal& amount,
                Time happened);
  /// The contract is set to this leverage from now on; positions tell it.
  void set_leverage(const TradingPair& pair, const Decimal& leverage);

  [[nodiscard]] std::vector<Position> all() const;  ///< by pair and side, none that is 0
  /// Null if there is none; valid until the next change.
  [[nodiscard]] const Position* find(const TradingPair& pair, PositionSide side) const;
  /// Any position of the pair that is not 0.
  [[nodiscard]] bool holds(const TradingPair& pair) const;
  /// What the fills add up to since the first list; empty if that is not known (yet).
  [[nodiscard]] std::optional<Decimal> amount_by_fills(const TradingPair& pair, PositionSide side) const;
  /// A complete list was applied once.
  [[nodiscard]] bool initialized() const noexcept { return list_.has_value(); }

  /// `PositionChangedEvent` where amount or entry price changed, `PositionMismatchEvent`; the owner takes and clears.
  [[nodiscard]] std::vector<Event>& events() noexcept { return events_; }

 private:
  struct Age {
    Time local{};
    std::optional<Time> venue;
    bool pushed = false;
  };
  struct Entry {
    Position position;
    std::optional<Age> age;    // empty: never told
    std::uint64_t answer = 0;  // the number of the list that held it last
  };
  /// When a list was asked for and answered: it shows the account at some moment in between.
  struct Window {
    Time asked{};
    Time received{};
  };
  struct Sum {
    Decimal amount;
    bool known = false;       // there is a base, and nothing happened that may or may not be in it
    Window base;              // the list that it is the base of
    std::uint64_t heard = 0;  // counts fills and changes of the amount
    std::optional<std::pair<Decimal, std::uint64_t>>
        difference;  // venue less fills at the last sweep, and `heard` then
  };

  static bool older(const Age& age, const std::optional<Age>& other);
  Entry* entry_of(const Key& key);
  void update(const Key& key, Entry& entry, const venue::PositionReport& report, const Age& age, Time received);
  void changed(const Key& key, const Position& position, Time now);
  [[nodiscard]] Sum& sum_of(const Key& key);
  void compare(const Window& window);

  LogSink& log_;
  std::map<Key, Entry> entries_;  // a closed one stays with its age, so that a late old push cannot bring it back
  std::map<Key, Sum> sums_;
  std::map<TradingPair, Decimal> leverages_;
  RecentKeys counted_;
  std::vector<Event> events_;
  std::optional<Window> first_list_;
  std::optional<Window> list_;  // the newest complete one
  std::optional<Time> last_asked_;
  std::uint64_t answers_ = 0;
  bool full_ = false;
};

}  // namespace calypte::engine
