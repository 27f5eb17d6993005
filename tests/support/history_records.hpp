// Journals for tests of the history: records as an engine would leave them, and a log sink that any thread may use.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "calypte/decimal.hpp"
#include "calypte/events.hpp"
#include "calypte/in_flight_order.hpp"
#include "calypte/log.hpp"

#include "engine/event_json.hpp"
#include "engine/journal_record.hpp"
#include "engine/stored_order.hpp"
#include "journal/log_reader.hpp"

namespace calypte::journal::history_test {

using namespace std::chrono_literals;

/// Keeps what is logged; may be called by any thread.
class Lines : public LogSink {
 public:
  void log(LogLevel level, std::string_view, std::string_view message) override {
    const std::scoped_lock lock(mutex_);
    if (level >= LogLevel::warning) lines_.emplace_back(message);
  }
  [[nodiscard]] std::vector<std::string> lines() const {
    const std::scoped_lock lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

inline const engine::ConnectorIdentity kWho{.venue = "crypto_com", .prefix = "cal", .environment = "local"};

/// Records as a journal would hold them.
class Records {
 public:
  /// A round of this order, with those of its fills that are named, and of these events.
  void round(const InFlightOrder* order, const std::vector<Event>& events, const std::vector<TradeId>& fills = {}) {
    engine::RoundWriter round;
    if (order != nullptr) {
      round.order(order->client_order_id().value, engine::stored_order_json(*order, {}, fills));
    }
    for (const Event& event : events) {
      round.event(++last_event_, event_name(event), engine::event_to_json(event));
    }
    add(engine::RecordKind::round, std::string(round.bytes()));
  }
  void add(engine::RecordKind kind, std::string payload) {
    payloads_.push_back(std::make_unique<std::string>(std::move(payload)));
    const std::uint64_t sequence = records_.size() + 1;
    records_.push_back({.sequence = sequence,
                        .kind = static_cast<std::uint32_t>(kind),
                        .payload = *payloads_.back(),
                        .hash = 1000 + sequence});
  }
  [[nodiscard]] std::span<const LogRecord> all() const { return records_; }
  [[nodiscard]] std::uint64_t last_event() const { return last_event_; }

 private:
  std::vector<std::unique_ptr<std::string>> payloads_;
  std::vector<LogRecord> records_;
  std::uint64_t last_event_ = 0;
};

inline InFlightOrder make_order(std::string_view id, TradeType side = TradeType::buy) {
  return InFlightOrder({.client_order_id = ClientOrderId(id),
                        .trading_pair = "BTC-USDT"_pair,
                        .order_type = OrderType::limit,
                        .trade_type = side,
                        .amount = "2"_dec,
                        .price = "100.50"_dec,
                        .creation_time = from_unix_ns(1'700'000'000'000'000'001)});
}
template <typename E>
E created(const InFlightOrder& order) {
  E event;
  event.timestamp = from_unix_ns(1'700'000'000'000'000'002);
  event.trading_pair = order.trading_pair();
  event.order_id = order.client_order_id();
  event.amount = order.amount();
  event.price = order.price();
  event.exchange_order_id = ExchangeOrderId("V1");
  return event;
}
inline OrderFilledEvent filled(const InFlightOrder& order, std::string_view trade, Decimal price, Decimal amount) {
  OrderFilledEvent event;
  event.timestamp = from_unix_ns(1'700'000'000'000'000'005);
  event.venue_time = from_unix_ns(1'700'000'000'000'000'004);
  event.order_id = order.client_order_id();
  event.trading_pair = order.trading_pair();
  event.trade_type = order.trade_type();
  event.price = price;
  event.amount = amount;
  event.quote_amount = Decimal::checked_mul(price, amount).value_or(Decimal{});
  event.trade_fee.flat_fees = {{"USDT", "0.010"_dec}};
  event.exchange_trade_id = TradeId(trade);
  event.is_taker = false;
  return event;
}
inline FundingPaymentCompletedEvent paid(TradingPair pair, std::string_view id, Time when) {
  FundingPaymentCompletedEvent event;
  event.timestamp = from_unix_ns(1'700'000'000'000'000'009);
  event.trading_pair = std::move(pair);
  event.amount = "-0.25"_dec;
  event.asset = "USDT";
  event.payment_id = id;
  event.venue_time = when;
  return event;
}

}  // namespace calypte::journal::history_test
