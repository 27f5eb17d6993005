#include "connector/exchange/crypto_com/crypto_com_utils.hpp"

#include <array>
#include <limits>
#include <utility>

#include "connector/exchange/crypto_com/crypto_com_constants.hpp"

namespace calypte::connector::crypto_com {

using venue::Records;
using venue::json::Value;

namespace {

/// Reads a decimal that may be absent or null. False if it is there and none.
bool read_optional(Value value, std::optional<Decimal>& out) {
  if (value.is_null()) return true;
  out = value.decimal();
  return out.has_value();
}

std::optional<OrderState> state_of(std::string_view status, bool executed) noexcept {
  // There is no word for a partial fill, and PENDING and NEW are orders that the engine has not seen yet.
  if (status == "ACTIVE" || status == "NEW" || status == "PENDING") {
    return executed ? OrderState::partially_filled : OrderState::open;
  }
  if (status == "FILLED") return OrderState::filled;
  if (status == "CANCELED") return OrderState::canceled;
  if (status == "REJECTED") return OrderState::failed;
  if (status == "EXPIRED") return OrderState::expired;
  return std::nullopt;
}

bool is_post_only(Value instructions) {
  for (const Value word : instructions.elements()) {
    if (word.string() == "POST_ONLY" || word.string() == "SMART_POST_ONLY") return true;
  }
  return false;
}

std::optional<OrderType> type_of(std::string_view word, bool post_only) noexcept {
  if (word == "MARKET") return OrderType::market;
  if (word == "LIMIT") return post_only ? OrderType::limit_maker : OrderType::limit;
  return std::nullopt;
}

template <typename Id>
std::optional<Id> read_id(Value value) {
  const std::string_view text = value.scalar();
  if (text.empty()) return std::nullopt;
  return Id(text);
}

}  // namespace

std::optional<Time> read_ms(Value value) noexcept {
  // Beyond this the count of nanoseconds does not fit.
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max() / 1'000'000;
  const auto ms = value.integer();
  if (!ms || *ms <= 0 || *ms > kMax) return std::nullopt;
  return from_unix_ms(*ms);
}

std::optional<Time> read_created(Value item) noexcept {
  const auto ns = item.find("create_time_ns").integer();
  return ns && *ns > 0 ? from_unix_ns(*ns) : read_ms(item.find("create_time"));
}

std::optional<TradeType> parse_side(std::string_view word) noexcept {
  if (word == "BUY" || word == "buy") return TradeType::buy;
  if (word == "SELL" || word == "sell") return TradeType::sell;
  return std::nullopt;
}

Status status_of(std::int64_t code, std::string_view message) {
  if (code == 0) return {};
  const ErrorRow* row = find_error(code);
  return {row != nullptr ? row->status : StatusCode::rejected,
          row != nullptr ? row->reason : FailureReason::rejected_by_venue, std::string(message), std::to_string(code)};
}

bool add_levels(Value sides, Records& out, venue::LevelRange& range) {
  auto& levels = out.levels();
  range.begin = static_cast<std::uint32_t>(levels.size());
  for (const auto& [name, count] : {std::pair{"bids", &range.bid_count}, std::pair{"asks", &range.ask_count}}) {
    const Value side = sides.find(name);
    if (!side.is_null() && !side.is_array()) return false;
    for (const Value level : side.elements()) {
      venue::DepthLevel& read = levels.emplace_back();
      if (!level[0].wire_number(read.price) || !level[1].wire_number(read.amount)) return false;
      ++*count;
    }
  }
  return true;
}

bool add_trades(Value data, bool backfill, Records& out) {
  const std::size_t begin = out.items().size();
  for (const Value item : data.elements()) {
    venue::PublicTrade trade;
    const auto side = parse_side(item.find("s").string());
    const auto time = read_ms(item.find("t"));
    trade.symbol = item.find("i").string();
    trade.trade_id = item.find("d").scalar();
    if (!side || !time || trade.symbol.empty() || trade.trade_id.empty()) return false;
    if (!item.find("p").wire_number(trade.price) || !item.find("q").wire_number(trade.amount)) return false;
    trade.taker_side = *side;
    trade.venue_time = *time;
    trade.backfill = backfill;
    out.add(trade);
  }
  const auto added = out.items().subspan(begin);
  if (added.size() > 1) {
    const auto time_of = [](const venue::Record& r) { return std::get<venue::PublicTrade>(r).venue_time; };
    if (time_of(added.front()) > time_of(added.back())) std::reverse(added.begin(), added.end());
  }
  return data.is_array();
}

bool add_tickers(Value data, Records& out) {
  const auto level = [](Value price, Value amount, std::optional<venue::DepthLevel>& to) {
    // Null on an empty side, and without an amount over REST and in v2: then it is no level.
    if (price.is_null() || amount.is_null()) return true;
    to.emplace();
    return price.wire_number(to->price) && amount.wire_number(to->amount);
  };
  for (const Value item : data.elements()) {
    venue::BestBidAsk ticker;
    ticker.symbol = item.find("i").string();
    if (ticker.symbol.empty()) return false;
    if (!level(item.find("b"), item.find("bs"), ticker.bid)) return false;
    if (!level(item.find("k"), item.find("ks"), ticker.ask)) return false;
    if (const Value last = item.find("a"); !last.is_null()) {
      if (!last.wire_number(ticker.last_price.emplace())) return false;
    }
    ticker.venue_time = read_ms(item.find("t"));
    out.add(ticker);
  }
  return data.is_array();
}

bool add_order(Value order, Records& out) {
  venue::OrderReport report;
  OrderUpdate& update = report.update;
  update.client_order_id = read_id<ClientOrderId>(order.find("client_oid"));
  update.exchange_order_id = read_id<ExchangeOrderId>(order.find("order_id"));
  if (!update.client_order_id && !update.exchange_order_id) return false;
  if (!read_optional(order.find("cumulative_quantity"), update.executed_amount_base)) return false;
  if (!read_optional(order.find("cumulative_value"), update.executed_amount_quote)) return false;
  if (!read_optional(order.find("quantity"), report.amount)) return false;
  if (!read_optional(order.find("limit_price"), report.price)) return false;
  const bool executed = update.executed_amount_base && update.executed_amount_base->is_positive();
  const auto state = state_of(order.find("status").string(), executed);
  if (!state) return false;
  update.new_state = *state;
  update.venue_time = read_ms(order.find("update_time"));
  report.symbol = Symbol(order.find("instrument_name").string());
  report.trade_type = parse_side(order.find("side").string());
  report.order_type = type_of(order.find("order_type").string(), is_post_only(order.find("exec_inst")));
  if (report.order_type == OrderType::market) report.price.reset();

  const bool ended_early =
      *state == OrderState::canceled || *state == OrderState::failed || *state == OrderState::expired;
  const auto code = order.find("reason").integer();
  if (ended_early && code && *code != 0) {
    update.reason = status_of(*code, {}).reason();
    update.message = "reason " + std::to_string(*code);
  } else if (*state == OrderState::failed) {
    update.reason = FailureReason::rejected_by_venue;
  }
  out.add(std::move(report));
  return true;
}

bool add_orders(Value data, Records& out) {
  for (const Value order : data.elements()) {
    if (!add_order(order, out)) return false;
  }
  return data.is_array();
}

bool add_fills(Value data, Records& out) {
  for (const Value item : data.elements()) {
    const Value journal = item.find("journal_type");
    if (!journal.is_null() && journal.string() != "TRADING") continue;
    venue::Fill fill;
    TradeUpdate& trade = fill.trade;
    const auto id = read_id<TradeId>(item.find("trade_id"));
    const auto side = parse_side(item.find("side").string());
    const auto price = item.find("traded_price").decimal();
    const auto amount = item.find("traded_quantity").decimal();
    if (!id || !side || !price || !amount) return false;
    const auto quote = Decimal::checked_mul(*price, *amount);
    const auto time = read_created(item);
    std::optional<Decimal> fees;
    if (!quote || !time || !read_optional(item.find("fees"), fees)) return false;
    trade.trade_id = *id;
    trade.client_order_id = read_id<ClientOrderId>(item.find("client_oid"));
    trade.exchange_order_id = read_id<ExchangeOrderId>(item.find("order_id"));
    if (!trade.client_order_id && !trade.exchange_order_id) return false;
    trade.fill_time = *time;
    trade.fill_price = *price;
    trade.fill_base_amount = *amount;
    trade.fill_quote_amount = *quote;
    trade.is_taker = item.find("taker_side").string() != "MAKER";
    std::vector<TokenAmount> flat;
    // Negative fees are charged, positive ones are a rebate: the opposite of our sign.
    if (fees && !fees->is_zero()) {
      const std::string_view token = item.find("fee_instrument_name").string();
      if (token.empty()) return false;
      flat.push_back({std::string(token), -*fees});
    }
    trade.fee = new_spot_fee({}, *side, Decimal(0), {}, std::move(flat));
    fill.symbol = Symbol(item.find("instrument_name").string());
    fill.trade_type = *side;
    out.add(std::move(fill));
  }
  return data.is_array();
}

bool add_balances(Value data, Records& out) {
  const Value balances = data[0].find("position_balances");
  for (const Value item : balances.elements()) {
    venue::BalanceReport report;
    report.asset = item.find("instrument_name").string();
    report.total = item.find("quantity").decimal();
    const auto reserved = item.find("reserved_qty").decimal();
    if (report.asset.empty() || !report.total) return false;
    report.available = Decimal::checked_sub(*report.total, reserved.value_or(Decimal(0)));
    if (!report.available) return false;
    out.add(std::move(report));
  }
  return balances.is_array();
}

}  // namespace calypte::connector::crypto_com
