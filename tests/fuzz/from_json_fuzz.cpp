// Any bytes as the stored form of an order, a fill, a fee and an amount, and as the tracking states of an engine: what
// is accepted is written and read again as an equal value, and every question about it has an answer.
#include <string>
#include <vector>

#include "calypte/fees.hpp"
#include "calypte/in_flight_order.hpp"

#include "connector/registry.hpp"
#include "engine/make_engine.hpp"
#include "fuzz/support.hpp"

namespace {

using namespace calypte;
using fuzz::require;

template <typename T>
std::optional<T> round_trip(std::string_view text) {
  auto value = T::from_json(text);
  if (!value.ok()) {
    require(value.status().code() == StatusCode::malformed && !value.status().message().empty());
    return std::nullopt;
  }
  const std::string once = value->to_json();
  const auto again = T::from_json(once);
  require(again.ok() && *again == *value && again->to_json() == once);
  return std::move(*value);
}

void order(std::string_view text) {
  const auto order = round_trip<InFlightOrder>(text);
  if (!order) return;
  require(!order->client_order_id().empty());
  require(!(order->is_open() && order->is_done()));
  require(!order->exchange_order_id() || order->exchange_order_ids().size() <= 64);
  (void)order->is_completely_filled();
  (void)order->average_executed_price();
  (void)order->cumulative_fee_paid(order->quote_asset());
  (void)order->to_limit_order();
}

std::unique_ptr<engine::ExchangeEngine> make_engine(std::string_view venue) {
  engine::ExchangeEngineOptions options;
  options.trading_pairs = {"BTC-USDT"_pair};
  auto made = engine::make_engine(connector::make_venue(venue), {Secret("key"), Secret("c2VjcmV0"), {}},
                                  std::move(options), null_log(), from_unix_ms(1'700'000'000'000));
  require(made.ok());
  return std::move(*made);
}

/// A line is an order. What is restored is given out again, and another engine makes the same of it.
void tracking_states(fuzz::Input in, std::string_view venue) {
  std::vector<std::string> states;
  while (!in.empty() && states.size() < 16) states.emplace_back(in.line());
  const auto first = make_engine(venue);
  if (!first->restore_tracking_states(states).ok()) return;
  require(!first->settle() || first->events().size() < 1'000);
  const auto kept = first->tracking_states();
  require(kept.size() <= states.size() + 1);  // a derivative adds what it knows of funding payments
  for (const auto* order : first->in_flight_orders()) require(first->order(order->client_order_id()) == order);
  (void)first->limit_orders();
  const auto second = make_engine(venue);
  require(second->restore_tracking_states(kept).ok());
  require(second->tracking_states() == kept);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input in(data, size);
  switch (in.choice(6)) {
    case 0:
      order(in.rest());
      break;
    case 1:
      (void)round_trip<TradeUpdate>(in.rest());
      break;
    case 2:
      (void)round_trip<TradeFee>(in.rest());
      break;
    case 3:
      (void)round_trip<TokenAmount>(in.rest());
      break;
    case 4:
      tracking_states(in, "crypto_com");
      break;
    default:
      tracking_states(in, "binance_perpetual");
      break;
  }
  return 0;
}
