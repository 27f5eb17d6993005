#include "connector/exchange/crypto_com/crypto_com_exchange.hpp"

#include <algorithm>

#include "connector/exchange/crypto_com/crypto_com_constants.hpp"
#include "connector/exchange/crypto_com/crypto_com_utils.hpp"
#include "venue/http_date.hpp"
#include "venue/json_writer.hpp"
#include "venue/overload.hpp"
#include "venue/query_string.hpp"

namespace calypte::connector::crypto_com {

using venue::Records;
using venue::Request;
using venue::json::Value;
using venue::json::Writer;

namespace {

std::string_view method_of(const Request& request) noexcept {
  return std::visit(
      venue::Overload{
          [](const venue::NewOrder&) { return kCreateOrder; }, [](const venue::CancelOrder&) { return kCancelOrder; },
          [](const venue::CancelAllOrders&) { return kCancelAllOrders; },
          [](const venue::QueryOrder&) { return kGetOrderDetail; },
          [](const venue::QueryOpenOrders&) { return kGetOpenOrders; },
          [](const venue::QueryFills&) { return kGetTrades; }, [](const venue::QueryBalances&) { return kUserBalance; },
          [](const venue::QueryInstruments&) { return kGetInstruments; },
          [](const venue::QueryDepth&) { return kGetBook; }, [](const venue::QueryTickers&) { return kGetTickers; },
          [](const venue::QueryServerTime&) { return kGetTickers; },
          [](const venue::QueryFees&) { return kGetFeeRate; },
          [](const venue::ArmDeadMan&) { return kSetCancelOnDisconnect; },
          [](const auto&) { return std::string_view(); },  // not offered
      },
      request);
}

bool changes_orders(const Request& request) noexcept {
  return std::holds_alternative<venue::NewOrder>(request) || std::holds_alternative<venue::CancelOrder>(request) ||
         std::holds_alternative<venue::CancelAllOrders>(request);
}

Status denied(FailureReason reason, std::string message) { return {StatusCode::denied, reason, std::move(message)}; }

// --- Requests. Every number inside the parameters is a string: both sides sign the same text then. -----------------

Status write_order(const venue::NewOrder& order, Writer& params) {
  const bool market = order.type == OrderType::market;
  const bool post_only = order.type == OrderType::limit_maker;
  if (order.type == OrderType::amm_swap) {
    return {StatusCode::unsupported, FailureReason::unsupported_order_type, "an order type of on-chain venues"};
  }
  if (post_only && order.time_in_force != TimeInForce::good_till_cancelled) {
    return {StatusCode::unsupported, FailureReason::unsupported_order_type, "a post-only order must be GTC here"};
  }
  if (!market && !order.price) return denied(FailureReason::invalid_price, "a limit order needs a price");
  if (order.client_order_id.empty() || order.client_order_id.value.size() > kMaxClientOrderId) {
    return denied(FailureReason::duplicate_client_order_id, "the client order id must have 1 to 36 characters");
  }
  params.field("instrument_name", order.symbol.value).field("side", order.side == TradeType::buy ? "BUY" : "SELL");
  params.field("type", market ? "MARKET" : "LIMIT");
  if (!market) params.field("price", order.price->normalized().to_string());
  params.field("quantity", order.amount.normalized().to_string());
  params.field("client_oid", order.client_order_id.value);
  if (post_only) params.key("exec_inst").begin_array().string("POST_ONLY").end_array();
  if (!market) {
    const bool ioc = order.time_in_force == TimeInForce::immediate_or_cancel;
    const bool fok = order.time_in_force == TimeInForce::fill_or_kill;
    params.field("time_in_force", ioc ? "IMMEDIATE_OR_CANCEL" : fok ? "FILL_OR_KILL" : "GOOD_TILL_CANCEL");
  }
  params.field("spot_margin", "SPOT");  // never borrow
  return {};
}

/// By the venue's id where we know it: it wins there too.
Status write_order_name(const venue::OrderRef& order, Writer& params) {
  if (order.exchange_order_id) {
    params.field("order_id", order.exchange_order_id->value);
  } else if (!order.client_order_id.empty()) {
    params.field("client_oid", order.client_order_id.value);
  } else {
    return denied(FailureReason::none, "an order without any id cannot be named to the venue");
  }
  return {};
}

Status write_symbol(const std::optional<Symbol>& symbol, Writer& params) {
  if (symbol) params.field("instrument_name", symbol->value);
  return {};
}

Status write_parameters(const Request& request, Writer& params) {
  return std::visit(venue::Overload{
                        [&](const venue::NewOrder& r) { return write_order(r, params); },
                        [&](const venue::CancelOrder& r) { return write_order_name(r.order, params); },
                        [&](const venue::QueryOrder& r) { return write_order_name(r.order, params); },
                        [&](const venue::CancelAllOrders& r) { return write_symbol(r.symbol, params); },
                        [&](const venue::QueryOpenOrders& r) { return write_symbol(r.symbol, params); },
                        [&](const venue::ArmDeadMan&) {
                          params.field("scope", "CONNECTION");  // the orders that came by this connection
                          return Status();
                        },
                        [&](const venue::QueryFills& r) {
                          params.field("start_time", std::to_string(to_unix_ns(r.start)));
                          params.field("end_time", std::to_string(to_unix_ns(r.end)));
                          params.field("limit", std::to_string(kFillsPerPage));
                          return write_symbol(r.symbol, params);
                        },
                        [](const auto&) { return Status(); },
                    },
                    request);
}

/// Public requests are a path with a query; empty for private ones.
std::optional<std::string> public_target(const Request& request) {
  const std::string path = "/" + std::string(method_of(request));
  venue::QueryString query;
  if (const auto* depth = std::get_if<venue::QueryDepth>(&request)) {
    return query.add("instrument_name", depth->symbol.value).add("depth", std::to_string(kBookDepth)).behind(path);
  }
  if (std::holds_alternative<venue::QueryServerTime>(request)) {
    return query.add("instrument_name", kClockInstrument).behind(path);
  }
  if (std::holds_alternative<venue::QueryInstruments>(request)) return path;
  if (std::holds_alternative<venue::QueryTickers>(request)) return path;
  return std::nullopt;
}

// --- Replies -------------------------------------------------------------------------------------------------------

/// The verdict where the venue's own code is missing: a gateway spoke, or nobody whom we know.
Status judge_without_code(const Request& asked, const venue::WireReply& reply, std::string_view what) {
  const std::string text = "HTTP " + std::to_string(reply.http_status) + ": " + std::string(what);
  if (reply.http_status == 429) return {StatusCode::rate_limited, FailureReason::rate_limited, text};
  const bool page = reply.body.view().starts_with("<");
  if (!page && reply.http_status >= 200 && reply.http_status < 300) return {StatusCode::malformed, text};
  return {changes_orders(asked) ? StatusCode::outcome_unknown : StatusCode::unavailable, text};
}

Status judge(const Request& asked, const venue::WireReply& reply, Value root) {
  const auto code = root.find("code").integer();
  if (!code) return judge_without_code(asked, reply, "no code in the reply");
  if (*code == 0 && reply.http_status / 100 != 2) return judge_without_code(asked, reply, "a failure without code");
  Status status = status_of(*code, root.find("message").string());
  const bool doubtful = *code != 0 && find_error(*code) == nullptr && reply.http_status >= 500;
  if (doubtful || status.code() == StatusCode::outcome_unknown) {
    // A query that was not answered may be repeated; of an order nobody knows whether it took effect.
    const StatusCode open = changes_orders(asked) ? StatusCode::outcome_unknown : StatusCode::unavailable;
    return {open, doubtful ? FailureReason::none : status.reason(), status.message(), status.venue_code()};
  }
  return status;
}

void add_acknowledgement(Value result, Records& out) {
  // Accepted, not yet at the matching engine: whether it rests, fills or is refused comes by the stream.
  venue::OrderReport report;
  if (const auto id = result.find("client_oid").scalar(); !id.empty())
    report.update.client_order_id = ClientOrderId(id);
  if (const auto id = result.find("order_id").scalar(); !id.empty()) {
    report.update.exchange_order_id = ExchangeOrderId(id);
  }
  report.update.new_state = OrderState::open;
  out.add(std::move(report));
}

void add_instruments(Value data, Records& out) {
  for (const Value item : data.elements()) {
    const std::string_view product = item.find("product_type").string();
    // Spot only; tokenised shares and the like trade under rules of their own.
    if (item.find("inst_type").string() != "CCY_PAIR") continue;
    if (!product.empty() && product != "DIGITAL_CURRENCIES") continue;
    const std::string_view symbol = item.find("symbol").string();
    const auto pair = TradingPair::parse(std::string(item.find("base_ccy").string()) + "-" +
                                         std::string(item.find("quote_ccy").string()));
    const auto tick = item.find("price_tick_size").decimal();
    const auto step = item.find("qty_tick_size").decimal();
    const auto tradable = item.find("tradable").boolean();
    venue::Instrument instrument;
    Status status;
    if (symbol.empty() || !tick || !step || !tradable) {
      status = {StatusCode::malformed, "symbol, tick, step or tradable is missing"};
    } else if (!pair) {
      status = pair.status();
    } else {
      instrument.symbol = Symbol(symbol);
      instrument.rule.trading_pair = *pair;
      instrument.rule.min_order_size = *step;
      instrument.rule.min_price_increment = *tick;
      instrument.rule.min_base_amount_increment = *step;
      instrument.rule.tradable = *tradable;
      status = instrument.rule.validate();
    }
    if (status.ok()) {
      out.add(std::move(instrument));
    } else {
      out.add(venue::BadInstrument{std::string(symbol), status.message()});
    }
  }
}

bool add_fills_page(const venue::QueryFills& asked, Value data, Records& out) {
  if (!add_fills(data, out)) return false;
  venue::FillsPage page;
  const std::size_t count = data.size();
  if (count >= kFillsPerPage) {
    // The page is full. Entries on its edge may share their nanosecond with ones beyond it, so the edge is asked for
    // again (trade ids remove what comes twice), but never the same range.
    const auto first = read_created(data[0]);
    const auto last = read_created(data[count - 1]);
    if (!first || !last) return false;
    page.more = true;
    if (*first >= *last) {
      page.next_end = std::min(*last + Duration{1}, asked.end - Duration{1});
    } else {
      page.next_start = std::max(*last, asked.start + Duration{1});
    }
  }
  out.add(page);
  return true;
}

bool add_last_prices(Value data, Records& out) {
  for (const Value item : data.elements()) {
    if (item.find("a").is_null()) continue;
    const auto price = item.find("a").decimal();
    const std::string_view symbol = item.find("i").string();
    if (!price || symbol.empty()) return false;
    out.add(venue::LastPrice{Symbol(symbol), *price});
  }
  return data.is_array();
}

bool add_fees(Value result, Records& out) {
  const auto fraction = [](Value basis_points) -> std::optional<Decimal> {
    const auto value = basis_points.decimal();
    if (!value) return std::nullopt;
    return Decimal::checked_mul(*value, Decimal::from_parts(1, 4));
  };
  const auto maker = fraction(result.find("effective_spot_maker_rate_bps"));
  const auto taker = fraction(result.find("effective_spot_taker_rate_bps"));
  if (!maker || !taker) return false;
  out.add(venue::FeeReport{Symbol(), *maker, *taker});
  return true;
}

bool add_reply(const Request& asked, Value root, Records& out) {
  const Value result = root.find("result");
  const Value data = result.find("data");
  return std::visit(
      venue::Overload{
          [&](const venue::NewOrder&) {
            if (result.find("order_id").scalar().empty()) return false;
            add_acknowledgement(result, out);
            return true;
          },
          [](const venue::CancelOrder&) { return true; }, [](const venue::CancelAllOrders&) { return true; },
          [&](const venue::ArmDeadMan&) {
            // What is not repeated was at least accepted; another scope would be another promise.
            const Value scope = result.find("scope");
            return !scope.exists() || scope.string() == "CONNECTION";
          },
          [&](const venue::QueryOrder&) { return add_order(result, out); },
          [&](const venue::QueryOpenOrders& r) {
            if (!add_orders(data, out)) return false;
            out.add(venue::OpenOrdersComplete{r.symbol.value_or(Symbol())});
            return true;
          },
          [&](const venue::QueryFills& r) { return add_fills_page(r, data, out); },
          [&](const venue::QueryBalances&) {
            if (!add_balances(data, out)) return false;
            out.add(venue::BalancesComplete{});
            return true;
          },
          [&](const venue::QueryInstruments&) {
            add_instruments(data, out);
            return data.is_array();
          },
          [&](const venue::QueryDepth&) { return add_depth_reply(result, out); },
          [&](const venue::QueryTickers&) { return add_last_prices(data, out); },
          [](const venue::QueryServerTime&) { return true; },
          [&](const venue::QueryFees&) { return add_fees(result, out); },
          [](const auto&) { return false; },  // never asked
      },
      asked);
}

}  // namespace

const venue::VenueSpec& CryptoComExchange::spec() const noexcept { return kSpec; }

std::string_view CryptoComExchange::limit_id(const Request& request) const noexcept { return method_of(request); }

Result<venue::WireRequest> CryptoComExchange::encode(const Request& request, const venue::Stamp& stamp) {
  venue::WireRequest wire;
  if (auto target = public_target(request)) {
    wire.target = std::move(*target);
    return wire;
  }
  const std::string_view method = method_of(request);
  if (method.empty()) return Status(StatusCode::unsupported, "Crypto.com spot has no such request");
  if (method == kSetCancelOnDisconnect) {
    return Status(StatusCode::unsupported, "what happens at a disconnect is said on the connection itself");
  }
  wire.method = venue::HttpMethod::post;
  wire.target.append("/").append(method);
  wire.headers.push_back({"Content-Type", "application/json"});
  Writer writer(wire.body);
  writer.begin_object().key("id").integer(stamp.nonce).field("method", method).key("params").begin_object();
  if (Status status = write_parameters(request, writer); !status.ok()) return status;
  writer.end_object().end_object();
  if (Status status = auth_.sign(wire, stamp); !status.ok()) return status;
  return wire;
}

Result<std::string> CryptoComExchange::encode_frame(const Request& request, const venue::Stamp& stamp) {
  if (!std::holds_alternative<venue::NewOrder>(request) && !std::holds_alternative<venue::CancelOrder>(request) &&
      !std::holds_alternative<venue::ArmDeadMan>(request)) {
    return Status(StatusCode::unsupported, "the private socket takes orders, cancels and what is to happen at its end");
  }
  std::string frame;
  Writer writer(frame);
  writer.begin_object().key("id").integer(stamp.nonce).field("method", method_of(request));
  writer.key("params").begin_object();
  if (Status status = write_parameters(request, writer); !status.ok()) return status;
  writer.end_object().key("nonce").integer(to_unix_ms(stamp.time)).end_object();
  return frame;
}

Result<std::optional<venue::Answer>> CryptoComExchange::decode_answer(venue::Bytes frame,
                                                                      const venue::AskedRequests& asked, Records& out) {
  const auto root = document_.parse(frame);
  if (!root) return root.status();
  const Records::Mark mark = out.mark();
  const std::string_view method = root->find("method").string();
  if (method != kCreateOrder && method != kCancelOrder && method != kSetCancelOnDisconnect) {
    if (Status status = decode_any_frame(*root, out); !status.ok()) {
      out.restore(mark);
      return status;
    }
    return std::optional<venue::Answer>();
  }
  out.set_channel(method);
  const auto id = root->find("id").unsigned_integer();
  const Request* request = id ? asked.find(*id) : nullptr;
  if (request == nullptr || method_of(*request) != method) {
    // Too late for whoever asked; that an order was accepted is news all the same.
    const Value result = root->find("result");
    if (method == kCreateOrder && root->find("code").integer() == 0 && !result.find("order_id").scalar().empty()) {
      add_acknowledgement(result, out);
    }
    return std::optional<venue::Answer>();
  }
  venue::Answer answer{.id = *id, .status = judge(*request, {.http_status = 200, .headers = {}, .body = {}}, *root)};
  if (answer.status.ok() && !add_reply(*request, *root, out)) {
    out.restore(mark);
    answer.status = {StatusCode::malformed, "the answer to " + std::string(method) + " was not understood"};
  }
  return std::optional(std::move(answer));
}

Status CryptoComExchange::decode_reply(const Request& asked, const venue::WireReply& reply, Records& out) {
  const auto time = venue::server_time_of(reply);
  if (time) out.add(*time);
  // Whatever the reply says otherwise, the clock is all that was asked for.
  if (time && std::holds_alternative<venue::QueryServerTime>(asked)) return {};
  const auto root = document_.parse(reply.body);
  if (!root) return judge_without_code(asked, reply, root.status().message());
  if (Status status = judge(asked, reply, *root); !status.ok()) return status;
  if (std::holds_alternative<venue::QueryServerTime>(asked)) {
    return {StatusCode::malformed, "the reply has no Date header"};
  }
  const Records::Mark mark = out.mark();
  if (add_reply(asked, *root, out)) return {};
  out.restore(mark);
  return {StatusCode::malformed, "the reply to " + std::string(method_of(asked)) + " was not understood"};
}

}  // namespace calypte::connector::crypto_com
