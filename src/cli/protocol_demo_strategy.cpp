#include "cli/protocol_demo_strategy.hpp"

#include <fmt/format.h>
#include <utility>
#include <variant>

namespace calypte::cli {

namespace {

using namespace std::chrono_literals;

// Base.
const Decimal kMarketBuy = "0.5"_dec;
const Decimal kMarketSell = "0.3"_dec;
const Decimal kLimitBuy = "0.25"_dec;
const Decimal kLimitSell = "0.2"_dec;
const Decimal kCheapBuy = "0.1"_dec;
const Decimal kRegrettedSell = "0.2"_dec;
/// Prices of limit orders, relative to the quote.
const Decimal kWorse = "0.005"_dec;
const Decimal kOutOfReach = "0.05"_dec;
constexpr int kPricePlacesShown = 2;

std::string percent(const Decimal& fraction) {
  return (fraction * 100).rescaled(4, Rounding::half_even).to_string() + " %";
}

}  // namespace

ProtocolDemoStrategy::ProtocolDemoStrategy(Options options, Protocol& protocol)
    : options_(std::move(options)), protocol_(protocol), started_(Time{}) {}

const std::vector<ProtocolDemoStrategy::Step>& ProtocolDemoStrategy::steps() {
  static const std::vector<Step> all = {
      {"approve exactly what the first orders need", &ProtocolDemoStrategy::approve_first},
      {"quotes, and what a transaction will cost", &ProtocolDemoStrategy::look_at_quotes},
      {"buy at the market", &ProtocolDemoStrategy::buy_at_market},
      {"sell at the market; approve the next buy", &ProtocolDemoStrategy::sell_at_market},
      {"buy and sell with a limit, side by side", &ProtocolDemoStrategy::trade_with_limits},
      {"a limit that the quote does not reach: it fails, and nothing is signed or paid",
       &ProtocolDemoStrategy::buy_too_cheaply},
      {"the chain stands still: a sale waits, and is cancelled by taking its nonce",
       &ProtocolDemoStrategy::sell_and_regret},
      {"take back what is left of the approvals", &ProtocolDemoStrategy::take_approvals_back},
  };
  return all;
}

void ProtocolDemoStrategy::note(std::string text) {
  if (options_.on_line) options_.on_line({protocol_.current_time(), std::move(text)});
}

void ProtocolDemoStrategy::give_up(std::string why) {
  if (done_ || !trouble_.empty()) return;
  trouble_ = std::move(why);
  options_.finished();
}

void ProtocolDemoStrategy::on_ready(Exchange& exchange) {
  if (begun_) return;
  begun_ = true;
  note(fmt::format("{} is ready at block {} of chain {}", exchange.name(), protocol_.block_number(),
                   protocol_.chain_id()));
  const auto* book = exchange.order_book(options_.pair);
  const auto* levels = book == nullptr ? nullptr : book->live();
  const auto bid = levels == nullptr ? std::nullopt : levels->best_bid();
  const auto ask = levels == nullptr ? std::nullopt : levels->best_ask();
  if (bid && ask) {
    note(fmt::format("{} by the pools: {} at {} | {} at {}", options_.pair.to_string(), bid->amount.to_string(),
                     bid->price.to_string(), ask->price.to_string(), ask->amount.to_string()));
  }
}

void ProtocolDemoStrategy::on_tick(Exchange&, Time now) {
  if (done_ || !trouble_.empty()) return;
  if (started_ == Time{}) started_ = now;
  if (now - started_ >= options_.time_limit) return give_up("it was not done in time");
  if (regretted_) resume_when_cancelling();
  if (!begun_ || asking_ || !waiting_.empty() || !protocol_.ready()) return;
  if (next_step_ == steps().size()) {
    done_ = true;
    return options_.finished();
  }
  const Step& step = steps()[next_step_++];
  note(fmt::format("--- {}", step.title));
  (this->*step.begin)();
}

// --- Steps ---------------------------------------------------------------------------------------------------------

void ProtocolDemoStrategy::approve_first() {
  const auto bought = quote(TradeType::buy, kMarketBuy);
  if (!bought.ok()) return give_up(bought.status().to_string());
  approve(options_.pair.quote(), bought->limit_amount);
  approve(options_.pair.base(), kMarketSell + kLimitSell + kRegrettedSell);
}

void ProtocolDemoStrategy::look_at_quotes() {
  for (const auto side : {TradeType::buy, TradeType::sell}) {
    for (const auto& amount : {kMarketBuy, Decimal(50)}) {
      const auto found = quote(side, amount);
      if (!found.ok()) return give_up(found.status().to_string());
      note(fmt::format("{} {} {}: price {}, impact {}, {} {} {}, by {}", to_string(side), amount.to_string(),
                       options_.pair.base(), found->price.rescaled(kPricePlacesShown, Rounding::half_even).to_string(),
                       percent(found->price_impact), side == TradeType::buy ? "pays at most" : "receives at least",
                       found->limit_amount.to_string(), options_.pair.quote(), found->route));
    }
  }
  asking_ = true;
  protocol_.estimate_network_fee(options_.pair, TradeType::buy, kMarketBuy, [this](Result<Protocol::NetworkFee> fee) {
    asking_ = false;
    if (!fee.ok()) return give_up(fee.status().to_string());
    note(fmt::format("network fee of that buy: {} {} expected, {} at most ({} gas)", fee->expected.to_string(),
                     protocol_.native_asset(), fee->at_most.to_string(), fee->gas));
  });
}

void ProtocolDemoStrategy::buy_at_market() {
  order(TradeType::buy, kMarketBuy, std::nullopt, "BuyOrderCompletedEvent");
}

void ProtocolDemoStrategy::sell_at_market() {
  order(TradeType::sell, kMarketSell, std::nullopt, "SellOrderCompletedEvent");
  const auto next = quote(TradeType::buy, kLimitBuy);
  if (!next.ok()) return give_up(next.status().to_string());
  const Decimal price = (next->price * (kWorse + 1)).rescaled(kPricePlacesShown, Rounding::away_from_zero);
  approve(options_.pair.quote(), price * kLimitBuy);
}

void ProtocolDemoStrategy::trade_with_limits() {
  const auto allowed = protocol_.allowance(options_.pair.quote());
  const auto sold = quote(TradeType::sell, kLimitSell);
  if (!allowed || !sold.ok()) return give_up("there is no allowance or no quote");
  const Decimal price = divide(*allowed, kLimitBuy, kPricePlacesShown, Rounding::toward_zero);
  order(TradeType::buy, kLimitBuy, price, "BuyOrderCompletedEvent");
  const Decimal least = sold->price * (Decimal(1) - kWorse);
  order(TradeType::sell, kLimitSell, least.rescaled(kPricePlacesShown, Rounding::toward_zero),
        "SellOrderCompletedEvent");
}

void ProtocolDemoStrategy::buy_too_cheaply() {
  const auto found = quote(TradeType::buy, kCheapBuy);
  if (!found.ok()) return give_up(found.status().to_string());
  const Decimal price = found->price * (Decimal(1) - kOutOfReach);
  order(TradeType::buy, kCheapBuy, price.rescaled(kPricePlacesShown, Rounding::toward_zero), "MarketOrderFailureEvent");
}

void ProtocolDemoStrategy::sell_and_regret() {
  if (Status still = options_.make_blocks(false); !still.ok()) return give_up(still.to_string());
  order(TradeType::sell, kRegrettedSell, std::nullopt, "OrderCancelledEvent");
  regretted_ = waiting_.begin()->first;
}

/// Blocks go on once the node has the replacement: earlier, either of the two could be mined.
void ProtocolDemoStrategy::resume_when_cancelling() {
  const auto* order = protocol_.order(*regretted_);
  if (order == nullptr || order->state() != OrderState::pending_cancel) return;
  regretted_.reset();
  if (Status goes_on = options_.make_blocks(true); !goes_on.ok()) give_up(goes_on.to_string());
}

void ProtocolDemoStrategy::take_approvals_back() {
  approve(options_.pair.base(), 0);
  approve(options_.pair.quote(), 0);
}

// --- What the steps are made of ------------------------------------------------------------------------------------

Result<SwapQuote> ProtocolDemoStrategy::quote(TradeType side, const Decimal& amount) {
  return protocol_.quote(options_.pair, side, amount);
}

void ProtocolDemoStrategy::approve(std::string_view token, const Decimal& amount) {
  const ClientOrderId id = protocol_.approve(token, amount);
  note(fmt::format("{}: approve {} {}", id.value, amount.to_string(), token));
  waiting_.emplace(id, "TokenApprovalEvent");
}

void ProtocolDemoStrategy::order(TradeType side, const Decimal& amount, const std::optional<Decimal>& price,
                                 std::string ending) {
  const OrderType type = price ? OrderType::limit : OrderType::market;
  const ClientOrderId id = side == TradeType::buy ? protocol_.buy(options_.pair, amount, type, price)
                                                  : protocol_.sell(options_.pair, amount, type, price);
  note(fmt::format("{}: {} {} {}", id.value, to_string(side), amount.to_string(),
                   price ? "at " + price->to_string() : "at the market"));
  waiting_.emplace(id, std::move(ending));
}

void ProtocolDemoStrategy::on_event(Exchange&, const Event& event) {
  if (std::holds_alternative<TradeEvent>(event)) return;
  note(describe(event));
  if (const auto* fill = std::get_if<OrderFilledEvent>(&event)) heard_.fills.push_back(*fill);
  if (const auto* fee = std::get_if<NetworkFeeEvent>(&event)) heard_.network_fees.push_back(*fee);
  const auto* id = order_of(event);
  if (id == nullptr) return;
  if (regretted_ == *id && std::holds_alternative<SellOrderCreatedEvent>(event)) {
    note(id->value + ": cancel");
    if (Status status = protocol_.cancel(*id); !status.ok()) return give_up(status.to_string());
  }
  if (const auto* approval = std::get_if<TokenApprovalEvent>(&event)) {
    return ended(*id, approval->status.ok() ? "TokenApprovalEvent" : approval->status.to_string());
  }
  if (!ends_order(event)) return;
  ++heard_.endings[std::string(event_name(event))];
  ended(*id, event_name(event));
}

void ProtocolDemoStrategy::ended(const ClientOrderId& id, std::string_view how) {
  const auto it = waiting_.find(id);
  if (it == waiting_.end()) return;
  if (it->second != how) give_up(fmt::format("{} was to end with {}, and ended with {}", id.value, it->second, how));
  waiting_.erase(it);
}

}  // namespace calypte::cli
