#include "calypte/events.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace calypte {
namespace {

/// True if a value can stand behind "key=" as it is.
bool is_plain(std::string_view value) noexcept {
  return !value.empty() && std::all_of(value.begin(), value.end(),
                                       [](char c) { return c > ' ' && c != '"' && c != '\\' && c != '\x7f'; });
}

/// Builds "Name key=value key=value". What is not known is left out, so that a line says only what is true.
class Line {
 public:
  explicit Line(std::string_view name) : text_(name) {}

  Line& add(std::string_view key, std::string_view value) {
    text_.append(" ").append(key).append("=");
    if (is_plain(value)) {
      text_.append(value);
    } else {
      append_quoted(value);
    }
    return *this;
  }
  Line& add(std::string_view key, const Decimal& value) { return add(key, std::string_view(value.to_string())); }
  Line& add(std::string_view key, const TradingPair& pair) { return add(key, std::string_view(pair.to_string())); }
  template <typename Tag>
  Line& add(std::string_view key, const StrongText<Tag>& id) {
    return add(key, std::string_view(id.value));
  }
  template <typename T>
  Line& add(std::string_view key, const std::optional<T>& value) {
    if (value) add(key, *value);
    return *this;
  }
  Line& add_if(bool condition, std::string_view key, std::string_view value) {
    return condition ? add(key, value) : *this;
  }
  Line& add_flag(bool condition, std::string_view key) {
    if (condition) text_.append(" ").append(key);
    return *this;
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  /// Venue texts may hold anything; the line stays one line, in printable characters and UTF-8.
  void append_quoted(std::string_view value) {
    text_ += '"';
    for (const char c : value) {
      if (c == '"' || c == '\\') text_ += '\\';
      const bool control = (c >= 0 && c < ' ') || c == '\x7f';
      text_ += control ? ' ' : c;
    }
    text_ += '"';
  }
  std::string text_;
};

void add_position(Line& line, PositionAction position, const Decimal& leverage) {
  line.add_if(position != PositionAction::nil, "position", to_string(position));
  if (leverage != 1) line.add("leverage", leverage);
}

void add_fee(Line& line, const TradeFee& fee) {
  if (!fee.percent.is_zero()) {
    line.add("fee_fraction", fee.percent);
    line.add_if(!fee.percent_token.empty(), "fee_token", fee.percent_token);
  }
  for (const TokenAmount& flat : fee.flat_fees) line.add("fee", flat.amount.to_string() + ":" + flat.token);
}

std::string_view name_of(const BuyOrderCreatedEvent&) noexcept { return "BuyOrderCreatedEvent"; }
std::string_view name_of(const SellOrderCreatedEvent&) noexcept { return "SellOrderCreatedEvent"; }
std::string_view name_of(const OrderFilledEvent&) noexcept { return "OrderFilledEvent"; }
std::string_view name_of(const BuyOrderCompletedEvent&) noexcept { return "BuyOrderCompletedEvent"; }
std::string_view name_of(const SellOrderCompletedEvent&) noexcept { return "SellOrderCompletedEvent"; }
std::string_view name_of(const OrderCancelledEvent&) noexcept { return "OrderCancelledEvent"; }
std::string_view name_of(const OrderExpiredEvent&) noexcept { return "OrderExpiredEvent"; }
std::string_view name_of(const MarketOrderFailureEvent&) noexcept { return "MarketOrderFailureEvent"; }
std::string_view name_of(const OrderCancelFailedEvent&) noexcept { return "OrderCancelFailedEvent"; }
std::string_view name_of(const OrderOutcomeUnknownEvent&) noexcept { return "OrderOutcomeUnknownEvent"; }
std::string_view name_of(const OrderOutcomeResolvedEvent&) noexcept { return "OrderOutcomeResolvedEvent"; }
std::string_view name_of(const UnmatchedFillEvent&) noexcept { return "UnmatchedFillEvent"; }
std::string_view name_of(const BalanceEvent&) noexcept { return "BalanceEvent"; }
std::string_view name_of(const TradeEvent&) noexcept { return "TradeEvent"; }
std::string_view name_of(const OrderBookStateEvent&) noexcept { return "OrderBookStateEvent"; }
std::string_view name_of(const ReadyEvent&) noexcept { return "ReadyEvent"; }
std::string_view name_of(const ConnectorErrorEvent&) noexcept { return "ConnectorErrorEvent"; }
std::string_view name_of(const PositionChangedEvent&) noexcept { return "PositionChangedEvent"; }
std::string_view name_of(const PositionMismatchEvent&) noexcept { return "PositionMismatchEvent"; }
std::string_view name_of(const LiquidationEvent&) noexcept { return "LiquidationEvent"; }
std::string_view name_of(const MarginCallEvent&) noexcept { return "MarginCallEvent"; }
std::string_view name_of(const FundingInfoEvent&) noexcept { return "FundingInfoEvent"; }
std::string_view name_of(const FundingPaymentCompletedEvent&) noexcept { return "FundingPaymentCompletedEvent"; }
std::string_view name_of(const PositionModeChangedEvent&) noexcept { return "PositionModeChangedEvent"; }
std::string_view name_of(const LeverageChangedEvent&) noexcept { return "LeverageChangedEvent"; }
std::string_view name_of(const MarginTypeChangedEvent&) noexcept { return "MarginTypeChangedEvent"; }
std::string_view name_of(const ExternalOrderEvent&) noexcept { return "ExternalOrderEvent"; }
std::string_view name_of(const TokenApprovalEvent&) noexcept { return "TokenApprovalEvent"; }
std::string_view name_of(const NetworkFeeEvent&) noexcept { return "NetworkFeeEvent"; }
std::string_view name_of(const OrderFillRevokedEvent&) noexcept { return "OrderFillRevokedEvent"; }

void add_fields(Line& line, const OrderCreatedEvent& e) {
  line.add("id", e.order_id)
      .add("price", e.price)
      .add("amount", e.amount)
      .add("type", to_string(e.type))
      .add("pair", e.trading_pair)
      .add("exchange_id", e.exchange_order_id);
  add_position(line, e.position, e.leverage);
}

void add_fields(Line& line, const OrderFilledEvent& e) {
  line.add("id", e.order_id)
      .add("price", e.price)
      .add("amount", e.amount)
      .add("side", to_string(e.trade_type))
      .add("pair", e.trading_pair)
      .add("trade", e.exchange_trade_id);
  add_fee(line, e.trade_fee);
  line.add("role", e.is_taker ? "taker" : "maker");
  add_position(line, e.position, e.leverage);
  line.add("realized", e.realized_profit).add_flag(e.late, "late").add_flag(e.overfill, "overfill");
}

void add_fields(Line& line, const OrderCompletedEvent& e) {
  line.add("id", e.order_id)
      .add("base_amount", e.base_asset_amount)
      .add("quote_amount", e.quote_asset_amount)
      .add("base", e.base_asset)
      .add("quote", e.quote_asset)
      .add("exchange_id", e.exchange_order_id)
      .add_flag(e.incomplete, "incomplete");
}

void add_fields(Line& line, const OrderCancelledEvent& e) {
  line.add("id", e.order_id)
      .add("exchange_id", e.exchange_order_id)
      .add_if(e.reason != FailureReason::none, "reason", to_string(e.reason))
      .add_if(!e.message.empty(), "message", e.message);
}

void add_fields(Line& line, const OrderExpiredEvent& e) {
  line.add("id", e.order_id).add("exchange_id", e.exchange_order_id);
}

void add_fields(Line& line, const MarketOrderFailureEvent& e) {
  line.add("id", e.order_id)
      .add("code", to_string(e.code))
      .add("reason", to_string(e.reason))
      .add_if(!e.venue_code.empty(), "venue_code", e.venue_code)
      .add_if(!e.error_message.empty(), "message", e.error_message);
}

void add_fields(Line& line, const OrderCancelFailedEvent& e) {
  line.add("id", e.order_id).add("status", std::string_view(e.status.to_string()));
}

void add_fields(Line& line, const OrderOutcomeUnknownEvent& e) {
  line.add("id", e.order_id).add("evidence", e.evidence);
}

void add_fields(Line& line, const OrderOutcomeResolvedEvent& e) {
  line.add("id", e.order_id).add("state", to_string(e.state));
}

void add_fields(Line& line, const UnmatchedFillEvent& e) {
  line.add("price", e.price)
      .add("amount", e.amount)
      .add("side", to_string(e.trade_type))
      .add("pair", e.trading_pair)
      .add("trade", e.exchange_trade_id)
      .add("id", e.client_order_id)
      .add("exchange_id", e.exchange_order_id);
}

void add_fields(Line& line, const ExternalOrderEvent& e) {
  line.add("pair", e.trading_pair).add("id", e.client_order_id).add("exchange_id", e.exchange_order_id);
  if (e.trade_type) line.add("side", to_string(*e.trade_type));
  if (e.amount) line.add("amount", *e.amount);
  if (e.price) line.add("price", *e.price);
  if (e.executed_amount) line.add("executed", *e.executed_amount);
}

void add_fields(Line& line, const TokenApprovalEvent& e) {
  line.add("id", e.order_id).add("token", e.token).add("amount", e.amount).add("transaction", e.transaction);
  if (!e.amount) line.add("limit", "none");
  line.add("status", std::string_view(e.status.to_string()));
}

void add_fields(Line& line, const NetworkFeeEvent& e) {
  line.add("id", e.order_id).add("fee", e.amount).add("asset", e.asset).add("transaction", e.transaction);
}

void add_fields(Line& line, const OrderFillRevokedEvent& e) {
  line.add("id", e.order_id)
      .add("pair", e.trading_pair)
      .add("amount", e.amount)
      .add("quote_amount", e.quote_amount)
      .add("trade", e.exchange_trade_id)
      .add("reinstated", e.reinstated ? "true" : "false");
}

void add_fields(Line& line, const BalanceEvent& e) {
  line.add("asset", e.asset).add("total", e.total).add("available", e.available);
}

void add_fields(Line& line, const TradeEvent& e) {
  line.add("price", e.price)
      .add("amount", e.amount)
      .add("side", to_string(e.type))
      .add("pair", e.trading_pair)
      .add("trade", e.trade_id);
}

void add_fields(Line& line, const OrderBookStateEvent& e) {
  line.add("pair", e.trading_pair).add("state", to_string(e.state)).add_if(!e.reason.empty(), "reason", e.reason);
}

void add_fields(Line& line, const ReadyEvent& e) { line.add("ready", e.ready ? "true" : "false"); }

void add_fields(Line& line, const ConnectorErrorEvent& e) {
  line.add("channel", e.channel).add("status", std::string_view(e.status.to_string()));
}

void add_fields(Line& line, const PositionChangedEvent& e) {
  line.add("pair", e.trading_pair)
      .add("side", to_string(e.side))
      .add("amount", e.amount)
      .add("entry", e.entry_price)
      .add("unrealized", e.unrealized_profit)
      .add("leverage", e.leverage);
}

void add_fields(Line& line, const PositionMismatchEvent& e) {
  line.add("pair", e.trading_pair)
      .add("side", to_string(e.side))
      .add("by_fills", e.amount_by_fills)
      .add("at_venue", e.amount_at_venue);
}

void add_fields(Line& line, const LiquidationEvent& e) {
  constexpr std::array<std::string_view, 3> kKinds = {"liquidation", "deleveraging", "settlement"};
  line.add("kind", kKinds.at(static_cast<std::size_t>(e.kind)))
      .add("price", e.price)
      .add("amount", e.amount)
      .add("trade_side", to_string(e.trade_type))
      .add("pair", e.trading_pair)
      .add("side", to_string(e.side))
      .add("trade", e.exchange_trade_id);
  add_fee(line, e.trade_fee);
  line.add("realized", e.realized_profit);
}

void add_fields(Line& line, const MarginCallEvent& e) {
  line.add("pair", e.trading_pair)
      .add("side", to_string(e.side))
      .add("amount", e.amount)
      .add("mark", e.mark_price)
      .add("maintenance_margin", e.maintenance_margin);
}

void add_fields(Line& line, const FundingInfoEvent& e) {
  line.add("pair", e.trading_pair).add("index", e.index_price).add("mark", e.mark_price).add("rate", e.rate);
}

void add_fields(Line& line, const FundingPaymentCompletedEvent& e) {
  line.add("pair", e.trading_pair)
      .add("amount", e.amount)
      .add("asset", e.asset)
      .add("rate", e.rate)
      .add("payment", e.payment_id);
}

void add_outcome(Line& line, const Status& status) {
  line.add_if(!status.ok(), "status", std::string_view(status.to_string()));
}

void add_fields(Line& line, const PositionModeChangedEvent& e) {
  line.add("mode", to_string(e.mode));
  add_outcome(line, e.status);
}

void add_fields(Line& line, const LeverageChangedEvent& e) {
  line.add("pair", e.trading_pair).add("leverage", Decimal(std::int64_t{e.leverage}));
  add_outcome(line, e.status);
}

void add_fields(Line& line, const MarginTypeChangedEvent& e) {
  line.add("pair", e.trading_pair).add("type", to_string(e.type));
  add_outcome(line, e.status);
}

}  // namespace

std::string_view to_string(OrderBookState state) noexcept {
  switch (state) {
    case OrderBookState::unsynced:
      return "unsynced";
    case OrderBookState::buffering:
      return "buffering";
    case OrderBookState::live:
      return "live";
    case OrderBookState::stale:
      return "stale";
  }
  return "?";
}

std::string_view event_name(const Event& event) noexcept {
  return std::visit([](const auto& e) { return name_of(e); }, event);
}

const ClientOrderId* order_of(const Event& event) noexcept {
  return std::visit(
      [](const auto& e) -> const ClientOrderId* {
        if constexpr (requires { e.order_id; }) {
          return &e.order_id;
        } else {
          return nullptr;
        }
      },
      event);
}

bool ends_order(const Event& event) noexcept {
  return std::holds_alternative<BuyOrderCompletedEvent>(event) ||
         std::holds_alternative<SellOrderCompletedEvent>(event) || std::holds_alternative<OrderCancelledEvent>(event) ||
         std::holds_alternative<OrderExpiredEvent>(event) || std::holds_alternative<MarketOrderFailureEvent>(event);
}

std::string describe(const Event& event) {
  Line line(event_name(event));
  std::visit([&line](const auto& e) { add_fields(line, e); }, event);
  return line.take();
}

}  // namespace calypte
