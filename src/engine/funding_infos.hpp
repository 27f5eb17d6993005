// Mark price, index price and funding of the followed contracts: asked for once, then kept by the stream.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "calypte/derivative.hpp"
#include "calypte/events.hpp"
#include "calypte/log.hpp"

#include "engine/clock_sync.hpp"
#include "engine/request_desk.hpp"
#include "engine/setting.hpp"
#include "venue/records.hpp"

namespace calypte::engine {

/// Owned by one engine, used on its thread. Reports may be partial; an older one only fills in what is not known. As
/// many entries as contracts are followed.
class FundingInfos {
 public:
  FundingInfos(RequestDesk& desk, const ClockSync& clock, LogSink& log) : desk_(desk), clock_(clock), log_(log) {}
  FundingInfos(const FundingInfos&) = delete;
  FundingInfos& operator=(const FundingInfos&) = delete;

  void start(Time now);
  void stop() { running_ = false; }
  /// Asks for the contract's funding. A second call does nothing.
  void follow(const TradingPair& pair, const Symbol& symbol, Time now);
  void drop(const TradingPair& pair);
  /// From the stream; of a contract that is not followed nothing is kept.
  void on_report(const venue::FundingReport& report, Time now);
  void on_time(Time now);
  [[nodiscard]] Time next_wakeup() const;

  /// Empty until everything about the contract was told once.
  [[nodiscard]] const std::optional<FundingInfo>* find(const TradingPair& pair) const;
  /// Followed contracts of which something is not known.
  [[nodiscard]] std::vector<TradingPair> missing() const;
  /// `FundingInfoEvent` where a value changed; the owner takes and clears.
  [[nodiscard]] std::vector<Event>& events() noexcept { return events_; }
  /// Funding times of the venue that have come, each once, while they were known; the owner takes and clears.
  [[nodiscard]] std::vector<std::pair<TradingPair, Time>>& come() noexcept { return come_; }

 private:
  struct Entry {
    Symbol symbol;
    std::optional<Decimal> index_price;
    std::optional<Decimal> mark_price;
    std::optional<Decimal> rate;
    std::optional<Time> next_funding_time;
    Time local{};  // of the newest report: receipt, or asking
    std::optional<Time> venue_time;
    std::optional<FundingInfo> info;
    std::optional<Time> come;  // the newest funding time that was told of
    Inquiry inquiry;
  };

  void ask(const TradingPair& pair, Entry& entry);
  void apply(const TradingPair& pair, Entry& entry, const venue::FundingReport& report, Time local, Time now);
  void note_funding_time(const TradingPair& pair, Entry& entry, Time now);

  RequestDesk& desk_;
  const ClockSync& clock_;
  LogSink& log_;
  bool running_ = false;
  std::map<TradingPair, Entry> entries_;
  std::map<std::string, TradingPair, std::less<>> by_symbol_;
  std::vector<Event> events_;
  std::vector<std::pair<TradingPair, Time>> come_;
};

}  // namespace calypte::engine
