// The replies to requests, as records.
#include <string>
#include <utility>

#include "connector/derivative/binance_perpetual/binance_perpetual_account.hpp"
#include "connector/derivative/binance_perpetual/binance_perpetual_constants.hpp"
#include "connector/derivative/binance_perpetual/binance_perpetual_derivative.hpp"
#include "connector/house/binance/binance_orders.hpp"
#include "venue/overload.hpp"
#include "venue/query_string.hpp"

namespace calypte::connector::binance_perpetual {

using binance::Market;
using venue::Records;
using venue::json::Value;

namespace {

bool add_instruments(Value root, Records& out) {
  const Value symbols = root.find("symbols");
  for (const Value item : symbols.elements()) {
    // The same list holds futures with an expiry, and contracts on things that are traded at hours of their own.
    if (item.find("contractType").string() != "PERPETUAL") continue;
    binance::add_instrument(item, item.find("status").string() == "TRADING", out);
    if (auto* added = std::get_if<venue::Instrument>(&out.items().back())) {
      const std::string_view margin = item.find("marginAsset").string();
      added->rule.buy_order_collateral_token = margin;
      added->rule.sell_order_collateral_token = margin;
    }
  }
  return symbols.is_array();
}

/// An order that was placed. Where the reply says NEW it says no more than that the order was accepted: by then it may
/// have been filled already, as the stream tells.
bool add_placed(const venue::NewOrder& asked, Value order, Records& out) {
  const auto id = order.find("clientOrderId").string();
  if (!id.empty() && id != asked.client_order_id.value) return false;
  if (!binance::add_new_order_reply(Market::usd_m, asked, order, out)) return false;
  auto& update = std::get<venue::OrderReport>(out.items().back()).update;
  if (update.new_state != OrderState::open) return true;
  update.executed_amount_base.reset();
  update.executed_amount_quote.reset();
  update.venue_time.reset();
  return true;
}

/// A part of a batch that failed: why there is no order. False if the venue does not say so.
bool add_outcome(const venue::Request& asked, const ClientOrderId& id, Value part, Records& out) {
  Status status =
      binance::judge(Market::usd_m, asked, {200, part.find("code").integer(), part.find("msg").string(), std::nullopt});
  if (status.ok()) return false;
  out.add(venue::OrderOutcome{id, std::move(status)});
  return true;
}

bool add_batch(const venue::NewOrders& asked, Value root, Records& out) {
  if (!root.is_array() || root.size() != asked.orders.size()) return false;
  auto order = asked.orders.begin();
  for (const Value part : root.elements()) {
    const bool failed = part.find("code").exists();
    if (failed ? !add_outcome(*order, order->client_order_id, part, out) : !add_placed(*order, part, out)) return false;
    ++order;
  }
  return true;
}

bool add_cancel_batch(const venue::CancelOrders& asked, Value root, Records& out) {
  if (!root.is_array() || root.size() != asked.orders.size()) return false;
  auto order = asked.orders.begin();
  for (const Value part : root.elements()) {
    const bool failed = part.find("code").exists();
    if (failed ? !add_outcome(venue::CancelOrder{*order}, order->client_order_id, part, out)
               : !binance::add_named_order(*order, part, out)) {
      return false;
    }
    ++order;
  }
  return true;
}

bool add_user_stream(Value root, Records& out) {
  const std::string_view key = root.find("listenKey").string();
  if (key.empty()) return false;
  std::string target = "/";
  venue::append_percent_encoded(target, key);
  out.add(venue::UserStreamKey{std::string(key), std::move(target)});
  return true;
}

/// The reply repeats what was set; the number stands there as a text. One that names something else confirms nothing.
bool confirms_countdown(const venue::ArmDeadMan& asked, Value root) {
  const auto ms = root.find("countdownTime").decimal();
  return asked.symbol && root.find("symbol").string() == asked.symbol->value && ms &&
         *ms == std::chrono::ceil<std::chrono::milliseconds>(asked.after).count();
}

bool add_fees(Value root, Records& out) {
  const std::string_view symbol = root.find("symbol").string();
  const auto maker = root.find("makerCommissionRate").decimal();
  const auto taker = root.find("takerCommissionRate").decimal();
  if (symbol.empty() || !maker || !taker) return false;
  out.add(venue::FeeReport{.symbol = Symbol(symbol), .maker_percent = *maker, .taker_percent = *taker});
  return true;
}

/// The venue renews the key that the account has now, whichever we think of, and says which one. It did not always.
bool add_renewal(Value root, Records& out) {
  return root.find("listenKey").exists() ? add_user_stream(root, out) : root.is_object();
}

}  // namespace

bool add_reply(const venue::Request& asked, Value root, Records& out) {
  return std::visit(venue::Overload{
                        [&](const venue::NewOrder& r) { return add_placed(r, root, out); },
                        [&](const venue::CancelOrder& r) { return binance::add_named_order(r.order, root, out); },
                        [&](const venue::QueryOrder& r) { return binance::add_named_order(r.order, root, out); },
                        [&](const venue::NewOrders& r) { return add_batch(r, root, out); },
                        [&](const venue::CancelOrders& r) { return add_cancel_batch(r, root, out); },
                        [&](const venue::CancelAllOrders&) { return root.is_object(); },
                        [&](const venue::QueryOpenOrders& r) {
                          if (!binance::add_orders(root, out)) return false;
                          out.add(venue::OpenOrdersComplete{r.symbol.value_or(Symbol())});
                          return true;
                        },
                        [&](const venue::QueryFills& r) {
                          return binance::add_fills_page(Market::usd_m, r, kFillsWindow, root, out);
                        },
                        [&](const venue::QueryBalances&) { return add_balances(root, out); },
                        [&](const venue::QueryInstruments&) { return add_instruments(root, out); },
                        [&](const venue::QueryDepth& r) {
                          return binance::add_depth_reply(root, r.symbol.value, kPaths.depth_limit, out);
                        },
                        [&](const venue::QueryTickers&) { return binance::add_last_prices(root, out); },
                        [&](const venue::QueryServerTime&) { return binance::add_server_time(root, out); },
                        [&](const venue::QueryFees&) { return add_fees(root, out); },
                        [&](const venue::OpenUserStream&) { return add_user_stream(root, out); },
                        [&](const venue::RenewUserStream&) { return add_renewal(root, out); },
                        [&](const venue::QueryPositions&) { return add_positions(root, out); },
                        [&](const venue::QueryFunding&) { return add_funding(root, out); },
                        [&](const venue::QueryFundingPayments& r) { return add_funding_payments(r, root, out); },
                        [&](const venue::QueryPositionMode&) { return add_position_mode(root, out); },
                        [&](const venue::SetPositionMode&) { return root.is_object(); },
                        [&](const venue::QueryLeverage&) { return add_leverage(root, out); },
                        [&](const venue::SetLeverage&) { return add_leverage(root, out); },
                        [&](const venue::SetMarginType&) { return root.is_object(); },
                        [&](const venue::ArmDeadMan& r) { return confirms_countdown(r, root); },
                    },
                    asked);
}

}  // namespace calypte::connector::binance_perpetual
