// The parts of the toy exchange that the tutorial does not show: queries and the replies to them, small records.
#include "connector/exchange/toy/toy_exchange.hpp"
#include "venue/query_string.hpp"

namespace calypte::connector::toy {

using namespace std::chrono_literals;
using venue::Records;
using venue::Request;
using venue::json::Value;

namespace {

void add_instrument(Value item, Records& out) {
  venue::Instrument instrument;
  const auto pair =
      TradingPair::parse(std::string(item.find("base").string()) + "-" + std::string(item.find("quote").string()));
  const auto tick = item.find("tick").decimal();
  const auto step = item.find("step").decimal();
  Status status = pair.status();
  if (pair && tick && step) {
    instrument.symbol = Symbol(item.find("symbol").string());
    instrument.rule.trading_pair = *pair;
    instrument.rule.min_price_increment = *tick;
    instrument.rule.min_base_amount_increment = *step;
    instrument.rule.min_order_size = item.find("min").decimal().value_or(0);
    status = instrument.rule.validate();
    if (status.ok()) return out.add(std::move(instrument));
  }
  out.add(venue::BadInstrument{std::string(item.find("symbol").string()), "not understood: " + status.to_string()});
}

template <typename Add>
bool add_each(Value list, Add add, Records& out) {
  for (const Value item : list.elements()) {
    if (!add(item, out)) return false;
  }
  return list.is_array();
}

}  // namespace

Result<venue::WireRequest> query_request(const Request& request) {
  const auto get = [](std::string target) {
    return venue::WireRequest{.method = venue::HttpMethod::get, .target = std::move(target), .headers = {}, .body = {}};
  };
  if (const auto* fills = std::get_if<venue::QueryFills>(&request)) {
    venue::QueryString range;
    range.add("from", std::to_string(to_unix_ms(fills->start))).add("to", std::to_string(to_unix_ms(fills->end)));
    return get(range.behind("/fills"));
  }
  if (std::holds_alternative<venue::QueryOpenOrders>(request)) return get("/orders");
  if (std::holds_alternative<venue::QueryBalances>(request)) return get("/balances");
  if (std::holds_alternative<venue::QueryInstruments>(request)) return get("/instruments");
  if (std::holds_alternative<venue::QueryServerTime>(request)) return get("/time");
  return Status(StatusCode::unsupported, "the toy exchange has no such request");
}

bool add_trade(Value item, Records& out) {
  venue::PublicTrade trade;
  const auto time = item.find("time").integer();
  trade.symbol = item.find("symbol").string();
  trade.trade_id = item.find("trade").scalar();
  if (!time || trade.symbol.empty() || trade.trade_id.empty()) return false;
  if (!item.find("price").wire_number(trade.price) || !item.find("amount").wire_number(trade.amount)) return false;
  trade.taker_side = item.find("side").string() == "sell" ? TradeType::sell : TradeType::buy;
  trade.venue_time = from_unix_ms(*time);
  out.add(trade);
  return true;
}

bool add_fill(Value item, Records& out) {
  venue::Fill fill;
  const auto price = item.find("price").decimal();
  const auto amount = item.find("amount").decimal();
  const auto fee = item.find("fee").decimal();
  const auto time = item.find("time").integer();
  const auto value = price && amount ? Decimal::checked_mul(*price, *amount) : std::nullopt;
  if (!value || !fee || !time || item.find("fill").scalar().empty()) return false;
  fill.symbol = Symbol(item.find("symbol").string());
  fill.trade_type = item.find("side").string() == "sell" ? TradeType::sell : TradeType::buy;
  fill.trade.trade_id = TradeId(item.find("fill").scalar());
  fill.trade.client_order_id = ClientOrderId(item.find("id").string());
  fill.trade.exchange_order_id = ExchangeOrderId(item.find("number").scalar());
  fill.trade.fill_time = from_unix_ms(*time);
  fill.trade.fill_price = *price;
  fill.trade.fill_base_amount = *amount;
  fill.trade.fill_quote_amount = *value;
  fill.trade.is_taker = item.find("maker").boolean() != true;
  fill.trade.fee = new_spot_fee({}, fill.trade_type, 0, {}, {{std::string(item.find("fee_asset").string()), *fee}});
  out.add(std::move(fill));
  return true;
}

bool add_balance(Value item, Records& out) {
  venue::BalanceReport report;
  report.asset = item.find("asset").string();
  report.total = item.find("total").decimal();
  report.available = item.find("free").decimal();
  if (const auto time = item.find("time").integer()) report.venue_time = from_unix_ms(*time);
  if (report.asset.empty() || !report.total || !report.available) return false;
  out.add(std::move(report));
  return true;
}

bool add_reply(const Request& asked, Value root, Records& out) {
  if (std::holds_alternative<venue::NewOrder>(asked)) return add_order(root.find("order"), out);
  if (std::holds_alternative<venue::CancelOrder>(asked)) return true;  // the stream says what became of it
  if (std::holds_alternative<venue::QueryOrder>(asked)) return add_order(root.find("order"), out);
  if (const auto* open = std::get_if<venue::QueryOpenOrders>(&asked)) {
    if (!add_each(root.find("orders"), add_order, out)) return false;
    out.add(venue::OpenOrdersComplete{open->symbol.value_or(Symbol())});
  } else if (std::holds_alternative<venue::QueryFills>(asked)) {
    if (!add_each(root.find("fills"), add_fill, out)) return false;
    venue::FillsPage page{.more = root.find("more").boolean().value_or(false), .next_start = {}, .next_end = {}};
    const auto next = root.find("next").integer();
    if (page.more && !next) return false;
    if (page.more) page.next_start = from_unix_ms(*next);
    out.add(page);
  } else if (std::holds_alternative<venue::QueryBalances>(asked)) {
    if (!add_each(root.find("balances"), add_balance, out)) return false;
    out.add(venue::BalancesComplete{});
  } else if (std::holds_alternative<venue::QueryInstruments>(asked)) {
    for (const Value item : root.find("instruments").elements()) add_instrument(item, out);
    return root.find("instruments").is_array();
  } else if (std::holds_alternative<venue::QueryServerTime>(asked)) {
    const auto time = root.find("time").integer();
    if (!time) return false;
    out.add(venue::ServerTime{from_unix_ms(*time), 1ms});
  }
  return true;
}

}  // namespace calypte::connector::toy
