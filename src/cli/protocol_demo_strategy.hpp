// The demo's strategy for a protocol: approves exactly what it needs, then a fixed sequence of orders, one after the
// other, and writes down everything that it hears. The next step begins when the transactions of the last have ended.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calypte/calypte.hpp"

#include "cli/demo_strategy.hpp"

namespace calypte::cli {

/// What the connector told.
struct HeardOnChain {
  std::vector<OrderFilledEvent> fills;
  std::vector<NetworkFeeEvent> network_fees;
  std::map<std::string, std::size_t> endings;  ///< of orders, by the name of the event
};

class ProtocolDemoStrategy final : public Strategy {
 public:
  struct Options {
    TradingPair pair;
    Duration time_limit = std::chrono::seconds{50};
    std::function<Status(bool)> make_blocks;  ///< whether the chain goes on by the clock or stands still
    std::function<void(const LogLine&)> on_line;
    std::function<void()> finished;  ///< called once: everything is done, or `trouble` says why not
  };
  /// `protocol` must outlive it.
  ProtocolDemoStrategy(Options options, Protocol& protocol);

  void on_ready(Exchange& exchange) override;
  void on_tick(Exchange& exchange, Time now) override;
  void on_event(Exchange& exchange, const Event& event) override;

  [[nodiscard]] const HeardOnChain& heard() const noexcept { return heard_; }
  [[nodiscard]] bool done() const noexcept { return done_; }
  /// Why the sequence was not completed; empty if nothing was in its way.
  [[nodiscard]] const std::string& trouble() const noexcept { return trouble_; }

 private:
  struct Step {
    std::string title;
    void (ProtocolDemoStrategy::*begin)();
  };
  static const std::vector<Step>& steps();
  void approve_first();
  void look_at_quotes();
  void buy_at_market();
  void sell_at_market();
  void trade_with_limits();
  void buy_too_cheaply();
  void sell_and_regret();
  void resume_when_cancelling();
  void take_approvals_back();

  void approve(std::string_view token, const Decimal& amount);
  void order(TradeType side, const Decimal& amount, const std::optional<Decimal>& price, std::string ending);
  Result<SwapQuote> quote(TradeType side, const Decimal& amount);
  void ended(const ClientOrderId& id, std::string_view how);
  void give_up(std::string why);
  void note(std::string text);

  Options options_;
  Protocol& protocol_;
  HeardOnChain heard_;
  std::size_t next_step_ = 0;
  bool begun_ = false;
  bool done_ = false;
  bool asking_ = false;                           ///< an answer that is not an event is awaited
  std::map<ClientOrderId, std::string> waiting_;  ///< and the event that each is meant to end with
  std::optional<ClientOrderId> regretted_;        ///< until the node has its cancellation
  Time started_{};
  std::string trouble_;
};

}  // namespace calypte::cli
