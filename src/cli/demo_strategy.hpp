// The demo's strategy: quotes both sides of one pair around the mid, moves the quotes with the market, and writes down
// everything that it hears.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calypte/calypte.hpp"

#include "cli/latency.hpp"

namespace calypte::cli {

/// What the connector told about one order.
struct HeardOrder {
  TradeType side = TradeType::buy;
  Decimal price;
  Decimal amount;  ///< as accepted, after fitting to the rule
  Time asked{};
  std::optional<ExchangeOrderId> exchange_order_id = std::nullopt;
  std::uint32_t created = 0;
  std::vector<OrderFilledEvent> fills = {};
  std::string ending = {};  ///< name of the event; empty while it lives
  std::uint32_t endings = 0;
  bool denied = false;
};

struct LogLine {
  Time time{};
  std::string text;
};

class DemoStrategy final : public Strategy {
 public:
  struct Options {
    TradingPair pair;
    Decimal order_notional = 500;  ///< quote, each side
    Duration requote_every = std::chrono::milliseconds{1500};
    Duration quote_for{};  ///< then `finished` is called
  };
  DemoStrategy(Options options, Runtime& runtime, std::function<void()> finished);

  void on_ready(Exchange& exchange) override;
  void on_tick(Exchange& exchange, Time now) override;
  void on_order_book(Exchange& exchange, const OrderBook& book) override;
  void on_event(Exchange& exchange, const Event& event) override;
  void on_stop(Exchange& exchange) override;

  [[nodiscard]] const std::map<ClientOrderId, HeardOrder>& orders() const noexcept { return orders_; }
  [[nodiscard]] const std::deque<LogLine>& log() const noexcept { return log_; }  ///< the newest last; bounded
  [[nodiscard]] const Latency& order_latency() const noexcept { return order_latency_; }
  [[nodiscard]] const Latency& book_latency() const noexcept { return book_latency_; }
  [[nodiscard]] std::uint64_t book_updates() const noexcept { return book_updates_; }
  [[nodiscard]] Time quoting_since() const noexcept { return ready_at_; }
  [[nodiscard]] bool was_ready() const noexcept { return ready_at_ != Time{}; }
  /// Called with every line of the log, as it is written.
  std::function<void(const LogLine&)> on_line;

 private:
  void requote(Exchange& exchange);
  void quote(Exchange& exchange, TradeType side, const Decimal& price);
  void note(Time time, std::string text);

  Options options_;
  Runtime& runtime_;
  std::function<void()> finished_;
  std::map<ClientOrderId, HeardOrder> orders_;
  std::deque<LogLine> log_;
  Latency order_latency_;
  Latency book_latency_;
  std::uint64_t book_updates_ = 0;
  Time ready_at_{};
  Time last_requote_{};
  bool stopping_ = false;
};

}  // namespace calypte::cli
