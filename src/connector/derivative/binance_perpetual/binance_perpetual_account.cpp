#include "connector/derivative/binance_perpetual/binance_perpetual_account.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "connector/derivative/binance_perpetual/binance_perpetual_constants.hpp"

namespace calypte::connector::binance_perpetual {

using binance::read_ms;
using venue::Records;
using venue::json::Value;

namespace {

/// The coin-margined market shares hosts and streams since the two were merged. Without the mark it is ours.
bool is_coin_margined(Value item) noexcept { return item.find("st").integer() == 2; }

/// A price of which 0 and the empty text say that there is none.
bool read_price(Value value, std::optional<Decimal>& out) {
  if (!read_optional(value, out)) return false;
  if (out && out->is_zero()) out.reset();
  return true;
}

bool read_margin_type(Value value, std::optional<MarginType>& out) noexcept {
  if (value.is_null()) return true;
  out = parse_margin_type(value.string());
  return out.has_value();
}

std::optional<std::uint32_t> read_leverage(Value value) noexcept {
  const auto leverage = value.integer();
  if (!leverage || *leverage < 1 || *leverage > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  return static_cast<std::uint32_t>(*leverage);
}

/// The symbol, side and amount that every message on a position has.
template <typename T>
bool read_position(Value symbol, Value side, Value amount, T& out) {
  const auto position_side = parse_position_side(side.string());
  const auto signed_amount = amount.decimal();
  if (symbol.string().empty() || !position_side || !signed_amount) return false;
  out.symbol = Symbol(symbol.string());
  out.side = *position_side;
  out.amount = *signed_amount;
  return true;
}

bool add_mark_price(Value data, Records& out) {
  venue::FundingReport report;
  report.symbol = data.find("s").string();
  if (report.symbol.empty() || !read_price(data.find("p"), report.mark_price) || !report.mark_price) return false;
  if (!read_price(data.find("i"), report.index_price) || !read_optional(data.find("r"), report.rate)) return false;
  report.next_funding_time = read_ms(data.find("T"));
  report.venue_time = read_ms(data.find("E"));
  out.add(report);
  return true;
}

bool read_payment(Value item, venue::FundingPayment& payment) {
  const auto amount = item.find("income").decimal();
  const auto time = read_ms(item.find("time"));
  payment.symbol = Symbol(item.find("symbol").string());
  payment.id = item.find("tranId").scalar();
  payment.asset = item.find("asset").string();
  if (!amount || !time || payment.symbol.empty() || payment.id.empty() || payment.asset.empty()) return false;
  payment.amount = *amount;
  payment.venue_time = *time;
  return true;
}

}  // namespace

std::optional<PositionSide> parse_position_side(std::string_view word) noexcept {
  if (word == "BOTH") return PositionSide::net;
  if (word == "LONG") return PositionSide::long_side;
  if (word == "SHORT") return PositionSide::short_side;
  return std::nullopt;
}

std::optional<MarginType> parse_margin_type(std::string_view word) noexcept {
  if (word == "CROSSED" || word == "cross") return MarginType::cross;
  if (word == "ISOLATED" || word == "isolated") return MarginType::isolated;
  return std::nullopt;
}

bool read_optional(Value value, std::optional<Decimal>& out) {
  if (value.is_null() || (value.is_string() && value.string().empty())) return true;
  out = value.decimal();
  return out.has_value();
}

// --- Replies -------------------------------------------------------------------------------------------------------

bool add_balances(Value root, Records& out) {
  for (const Value item : root.elements()) {
    venue::BalanceReport report;
    report.asset = item.find("asset").string();
    report.total = item.find("balance").decimal();
    report.available = item.find("availableBalance").decimal();
    if (report.asset.empty() || !report.total || !report.available) return false;
    out.add(std::move(report));
  }
  out.add(venue::BalancesComplete{});
  return root.is_array();
}

bool add_positions(Value root, Records& out) {
  for (const Value item : root.elements()) {
    venue::PositionReport report;
    if (!read_position(item.find("symbol"), item.find("positionSide"), item.find("positionAmt"), report)) return false;
    if (!read_optional(item.find("entryPrice"), report.entry_price)) return false;
    if (!read_optional(item.find("unRealizedProfit"), report.unrealized_profit)) return false;
    if (!read_price(item.find("liquidationPrice"), report.liquidation_price)) return false;
    if (!read_margin_type(item.find("marginType"), report.margin_type)) return false;  // not in v3
    report.venue_time = read_ms(item.find("updateTime"));
    out.add(std::move(report));
  }
  out.add(venue::PositionsComplete{});
  return root.is_array();
}

bool add_position_mode(Value root, Records& out) {
  const auto dual = root.find("dualSidePosition").boolean();
  if (!dual) return false;
  out.add(venue::PositionModeReport{*dual ? PositionMode::hedge : PositionMode::one_way});
  return true;
}

bool add_leverage(Value root, Records& out) {
  if (root.is_array()) {
    for (const Value item : root.elements()) {
      if (!item.is_object() || !add_leverage(item, out)) return false;
    }
    return true;
  }
  venue::LeverageReport report;
  report.symbol = Symbol(root.find("symbol").string());
  report.leverage = read_leverage(root.find("leverage"));
  if (report.symbol.empty() || !report.leverage) return false;
  if (!read_margin_type(root.find("marginType"), report.margin_type)) return false;
  out.add(std::move(report));
  return true;
}

bool add_funding(Value root, Records& out) {
  venue::FundingReport report;
  report.symbol = root.find("symbol").string();
  if (report.symbol.empty() || !read_price(root.find("markPrice"), report.mark_price) || !report.mark_price) {
    return false;
  }
  if (!read_price(root.find("indexPrice"), report.index_price)) return false;
  if (!read_optional(root.find("lastFundingRate"), report.rate)) return false;
  report.next_funding_time = read_ms(root.find("nextFundingTime"));
  report.venue_time = read_ms(root.find("time"));
  out.add(report);
  return true;
}

bool add_funding_payments(const venue::QueryFundingPayments& asked, Value root, Records& out) {
  if (!root.is_array()) return false;
  std::vector<venue::FundingPayment> payments;
  payments.reserve(root.size());
  for (const Value item : root.elements()) {
    if (item.find("incomeType").string() != kFundingIncome) return false;
    if (!read_payment(item, payments.emplace_back())) return false;
  }
  const bool full = payments.size() >= kPaymentsPerPage;
  // A page that is not all there is can be continued only where the oldest come first.
  if (full && payments.front().venue_time > payments.back().venue_time) return false;
  if (!payments.empty() && payments.front().venue_time > payments.back().venue_time) std::ranges::reverse(payments);
  venue::FundingPaymentsPage page;
  if (full) {
    // Every contract pays at the same moment, so the edge of a page cuts through a moment: it is asked for again, and
    // ids remove what comes twice. Where one moment fills a page on its own, the rest of it cannot be reached.
    page.more = true;
    page.next_start = std::max(payments.back().venue_time, asked.start + 1ms);
  }
  for (venue::FundingPayment& payment : payments) out.add(std::move(payment));
  out.add(page);
  return true;
}

// --- Frames --------------------------------------------------------------------------------------------------------

bool add_mark_prices(Value data, Records& out) {
  if (data.is_object()) return is_coin_margined(data) || add_mark_price(data, out);
  for (const Value item : data.elements()) {
    if (!item.is_object() || !add_mark_prices(item, out)) return false;
  }
  return data.is_array();
}

bool add_account_update(Value event, Records& out) {
  const Value change = event.find("a");
  const auto time = read_ms(event.find("T"));
  if (!change.is_object() || !time) return false;
  const std::string_view cause = change.find("m").string();
  for (const Value item : change.find("B").elements()) {
    venue::BalanceReport report;
    report.asset = item.find("a").string();
    report.total = item.find("wb").decimal();
    report.venue_time = time;
    if (report.asset.empty() || !report.total) return false;
    out.add(std::move(report));
  }
  for (const Value item : change.find("P").elements()) {
    venue::PositionReport report;
    if (!read_position(item.find("s"), item.find("ps"), item.find("pa"), report)) return false;
    if (!read_optional(item.find("ep"), report.entry_price)) return false;
    if (!read_optional(item.find("up"), report.unrealized_profit)) return false;
    if (!read_margin_type(item.find("mt"), report.margin_type)) return false;
    report.venue_time = time;
    // The setting itself has no event of its own; that of the leverage has.
    if (cause == "MARGIN_TYPE_CHANGE" && report.margin_type) {
      out.add(venue::LeverageReport{report.symbol, std::nullopt, report.margin_type});
    }
    out.add(std::move(report));
  }
  // Neither the amount nor the contract of the payment is told for certain, so it has to be asked for.
  if (cause == "FUNDING_FEE") out.add(venue::FundingBooked{});
  return true;
}

bool add_config_update(Value event, Records& out) {
  const Value contract = event.find("ac");
  if (!contract.exists()) return event.find("ai").is_object();  // multi-assets margin of the account
  venue::LeverageReport report;
  report.symbol = Symbol(contract.find("s").string());
  report.leverage = read_leverage(contract.find("l"));
  if (report.symbol.empty() || !report.leverage) return false;
  out.add(std::move(report));
  return true;
}

bool add_margin_calls(Value event, Records& out) {
  const Value positions = event.find("p");
  for (const Value item : positions.elements()) {
    venue::MarginCall call;
    if (!read_position(item.find("s"), item.find("ps"), item.find("pa"), call)) return false;
    if (!read_price(item.find("mp"), call.mark_price)) return false;
    if (!read_optional(item.find("mm"), call.maintenance_margin)) return false;
    out.add(std::move(call));
  }
  return positions.is_array();
}

}  // namespace calypte::connector::binance_perpetual
