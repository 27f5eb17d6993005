// What the private requests say.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "connector/derivative/binance_perpetual/binance_perpetual_constants.hpp"
#include "connector/derivative/binance_perpetual/binance_perpetual_derivative.hpp"
#include "connector/house/binance/binance_orders.hpp"
#include "venue/json_writer.hpp"
#include "venue/overload.hpp"

namespace calypte::connector::binance_perpetual {

using binance::Market;
using binance::Parameters;

namespace {

Status denied(std::string message) { return {StatusCode::denied, std::move(message)}; }

bool is_number(const std::optional<ExchangeOrderId>& id) {
  return id && !id->empty() && std::ranges::all_of(id->value, [](char c) { return c >= '0' && c <= '9'; });
}

Status write_batch(const venue::NewOrders& request, Parameters& out) {
  if (request.orders.empty() || request.orders.size() > kMaxBatchCreate) return denied("a batch has 1 to 5 orders");
  std::string list;
  venue::json::Writer writer(list);
  writer.begin_array();
  for (const venue::NewOrder& order : request.orders) {
    Parameters one;
    if (Status status = write_new_order(Market::usd_m, order, one); !status.ok()) return status;
    writer.raw(one.json());
  }
  writer.end_array();
  out.add("batchOrders", list);
  return {};
}

/// All by the venue's ids or all by ours: the two lists exclude each other.
Status write_cancel_batch(const venue::CancelOrders& request, Parameters& out) {
  const auto& orders = request.orders;
  if (orders.empty() || orders.size() > kMaxBatchCancel) return denied("a batch has 1 to 10 cancels");
  const bool one_symbol = std::ranges::all_of(orders, [&](const auto& o) { return o.symbol == orders[0].symbol; });
  if (!one_symbol) return denied("a batch of cancels is of one symbol");
  const bool by_venue_id = std::ranges::all_of(orders, [](const auto& o) { return is_number(o.exchange_order_id); });
  std::string list;
  venue::json::Writer writer(list);
  writer.begin_array();
  for (const venue::OrderRef& order : orders) {
    if (by_venue_id) {
      writer.raw(order.exchange_order_id->value);
    } else if (!order.client_order_id.empty()) {
      writer.string(order.client_order_id.value);
    } else {
      return denied("a batch of cancels names all orders by the venue's ids or all by ours");
    }
  }
  writer.end_array();
  out.add("symbol", orders[0].symbol.value).add(by_venue_id ? "orderIdList" : "origClientOrderIdList", list);
  return {};
}

/// The whole millisecond at or after a time: the last one that a query covers.
std::int64_t end_ms(Time time) { return to_unix_ms(time + 1ms - Duration{1}); }

}  // namespace

Status write_parameters(const venue::Request& request, Parameters& out) {
  return std::visit(venue::Overload{
                        [&](const venue::NewOrder& r) { return write_new_order(Market::usd_m, r, out); },
                        [&](const venue::NewOrders& r) { return write_batch(r, out); },
                        [&](const venue::CancelOrder& r) { return write_order_name(r.order, out); },
                        [&](const venue::CancelOrders& r) { return write_cancel_batch(r, out); },
                        [&](const venue::QueryOrder& r) { return write_order_name(r.order, out); },
                        [&](const venue::QueryFills& r) { return write_fills_query(r, kFillsWindow, out); },
                        [&](const venue::CancelAllOrders& r) -> Status {
                          if (!r.symbol)
                            return {StatusCode::unsupported, "all orders are cancelled one symbol at a time here"};
                          out.add("symbol", r.symbol->value);
                          return {};
                        },
                        [&](const venue::ArmDeadMan& r) -> Status {
                          if (!r.symbol) return denied("a countdown is of one symbol");
                          out.add("symbol", r.symbol->value);
                          out.add_integer("countdownTime",
                                          std::chrono::ceil<std::chrono::milliseconds>(r.after).count());
                          return {};
                        },
                        [&](const venue::QueryOpenOrders& r) -> Status {
                          if (r.symbol) out.add("symbol", r.symbol->value);
                          return {};
                        },
                        [&](const venue::QueryFees& r) -> Status {
                          if (!r.symbol) return denied("the rates are those of one symbol");
                          out.add("symbol", r.symbol->value);
                          return {};
                        },
                        [&](const venue::QueryFunding& r) -> Status {
                          out.add("symbol", r.symbol.value);
                          return {};
                        },
                        [&](const venue::QueryFundingPayments& r) -> Status {
                          if (r.symbol) out.add("symbol", r.symbol->value);
                          out.add("incomeType", kFundingIncome);
                          out.add_integer("startTime", to_unix_ms(r.start)).add_integer("endTime", end_ms(r.end));
                          out.add_integer("limit", static_cast<std::int64_t>(kPaymentsPerPage));
                          return {};
                        },
                        [&](const venue::SetPositionMode& r) -> Status {
                          out.add("dualSidePosition", r.mode == PositionMode::hedge ? "true" : "false");
                          return {};
                        },
                        [&](const venue::QueryLeverage& r) -> Status {
                          out.add("symbol", r.symbol.value);
                          return {};
                        },
                        [&](const venue::SetLeverage& r) -> Status {
                          out.add("symbol", r.symbol.value).add_integer("leverage", r.leverage);
                          return {};
                        },
                        [&](const venue::SetMarginType& r) -> Status {
                          out.add("symbol", r.symbol.value);
                          out.add("marginType", r.type == MarginType::isolated ? "ISOLATED" : "CROSSED");
                          return {};
                        },
                        [](const auto&) { return Status(); },  // nothing to say
                    },
                    request);
}

}  // namespace calypte::connector::binance_perpetual
