#include "connector/exchange/binance/binance_exchange.hpp"

#include <utility>
#include <variant>

#include "connector/exchange/binance/binance_constants.hpp"
#include "connector/house/binance/binance_orders.hpp"
#include "venue/overload.hpp"

namespace calypte::connector::binance {

using venue::Records;
using venue::Request;
using venue::json::Value;

namespace {

/// Null for what is public or not offered.
const Endpoint* endpoint_of(const Request& request) noexcept {
  return std::visit(venue::Overload{
                        [](const venue::NewOrder&) { return &kPlace; },
                        [](const venue::CancelOrder&) { return &kCancel; },
                        [](const venue::CancelAllOrders&) { return &kCancelAll; },
                        [](const venue::QueryOrder&) { return &kOrder; },
                        [](const venue::QueryOpenOrders& r) { return r.symbol ? &kOpenOrders : &kAllOpenOrders; },
                        [](const venue::QueryFills& r) { return names_order(r) ? &kFillsOfOrder : &kFills; },
                        [](const venue::QueryBalances&) { return &kAccount; },
                        [](const venue::QueryFees&) { return &kAccount; },
                        [](const auto&) { return static_cast<const Endpoint*>(nullptr); },
                    },
                    request);
}

Status write_parameters(const Request& request, Parameters& out) {
  return std::visit(venue::Overload{
                        [&](const venue::NewOrder& r) { return write_new_order(Market::spot, r, out); },
                        [&](const venue::CancelOrder& r) { return write_order_name(r.order, out); },
                        [&](const venue::QueryOrder& r) { return write_order_name(r.order, out); },
                        [&](const venue::CancelAllOrders& r) {
                          if (!r.symbol) return Status(StatusCode::unsupported, "orders are cancelled by symbol here");
                          out.add("symbol", r.symbol->value);
                          return Status();
                        },
                        [&](const venue::QueryOpenOrders& r) {
                          if (r.symbol) out.add("symbol", r.symbol->value);
                          return Status();
                        },
                        [&](const venue::QueryFills& r) { return write_fills_query(r, kFillsWindow, out); },
                        [&](const venue::QueryBalances&) {
                          out.add("omitZeroBalances", "true");
                          return Status();
                        },
                        [&](const venue::QueryFees&) {
                          out.add("omitZeroBalances", "true");
                          return Status();
                        },
                        [](const auto&) { return Status(); },
                    },
                    request);
}

// --- Replies -------------------------------------------------------------------------------------------------------

bool add_instruments(Value root, Records& out) {
  const Value symbols = root.find("symbols");
  for (const Value item : symbols.elements()) {
    const auto spot = item.find("isSpotTradingAllowed").boolean();
    add_instrument(item, item.find("status").string() == "TRADING" && spot.value_or(true), out);
  }
  return symbols.is_array();
}

/// The orders that were cancelled. Those of a list of orders stand in the report of the list.
bool add_cancelled(Value list, Records& out) {
  for (const Value item : list.elements()) {
    const Value reports = item.find("orderReports");
    if (!(reports.is_array() ? add_orders(reports, out) : add_order(item, out))) return false;
  }
  return list.is_array();
}

bool add_balances(Value account, Records& out) {
  const Value balances = account.find("balances");
  for (const Value item : balances.elements()) {
    if (!add_balance(item.find("asset"), item.find("free"), item.find("locked"), std::nullopt, out)) return false;
  }
  out.add(venue::BalancesComplete{});
  return balances.is_array();
}

bool add_fees(Value account, Records& out) {
  const auto maker = account.find("commissionRates").find("maker").decimal();
  const auto taker = account.find("commissionRates").find("taker").decimal();
  if (!maker || !taker) return false;
  out.add(venue::FeeReport{Symbol(), *maker, *taker});
  return true;
}

bool add_reply(const Request& asked, Value reply, Records& out) {
  return std::visit(
      venue::Overload{
          [&](const venue::NewOrder& r) { return add_new_order_reply(Market::spot, r, reply, out); },
          [&](const venue::CancelOrder& r) { return add_named_order(r.order, reply, out); },
          [&](const venue::CancelAllOrders&) { return add_cancelled(reply, out); },
          [&](const venue::QueryOrder& r) { return add_named_order(r.order, reply, out); },
          [&](const venue::QueryOpenOrders& r) {
            out.add(venue::OpenOrdersComplete{r.symbol.value_or(Symbol())});
            return add_orders(reply, out);
          },
          [&](const venue::QueryFills& r) { return add_fills_page(Market::spot, r, kFillsWindow, reply, out); },
          [&](const venue::QueryBalances&) { return add_balances(reply, out); },
          [&](const venue::QueryFees&) { return add_fees(reply, out); },
          [&](const venue::QueryInstruments&) { return add_instruments(reply, out); },
          [&](const venue::QueryDepth& r) { return add_depth_reply(reply, r.symbol.value, kPaths.depth_limit, out); },
          [&](const venue::QueryTickers&) { return add_last_prices(reply, out); },
          [&](const venue::QueryServerTime&) { return add_server_time(reply, out); },
          [](const auto&) { return false; },  // never asked
      },
      asked);
}

constexpr Reading kReading{.market = Market::spot, .limits = kLimits, .add_reply = add_reply};

}  // namespace

BinanceExchange::BinanceExchange() : auth_(kLogin) {}

const venue::VenueSpec& BinanceExchange::spec() const noexcept { return kSpec; }

std::string_view BinanceExchange::limit_id(const Request& request) const noexcept {
  const Endpoint* endpoint = endpoint_of(request);
  return endpoint != nullptr ? endpoint->name : path_of(kPaths, request);
}

Result<venue::WireRequest> BinanceExchange::encode(const Request& request, const venue::Stamp& stamp) {
  const Endpoint* endpoint = endpoint_of(request);
  if (endpoint == nullptr) return encode_public(kPaths, request);
  Parameters parameters;
  if (Status status = write_parameters(request, parameters); !status.ok()) return status;
  return encode_call(*endpoint, parameters, auth_, stamp);
}

Status BinanceExchange::decode_reply(const Request& asked, const venue::WireReply& reply, Records& out) {
  const auto root = document_.parse(reply.body);
  const bool lasts = std::holds_alternative<venue::QueryDepth>(asked);
  if (lasts) asked_ = asked;
  return read_reply(kReading, lasts ? asked_ : asked, reply, root ? *root : Value(), out);
}

void BinanceExchange::subscribe(std::span<const venue::Subscription> subscriptions, bool on, std::uint64_t id,
                                venue::Frames& out) {
  subscribe_market(kStreams, kSpec.streams.max_channels_per_frame, subscriptions, on, id, out);
}

Status BinanceExchange::decode_frame(venue::StreamKind stream, venue::Bytes frame, Records& out) {
  const auto root = document_.parse(frame);
  if (!root) return root.status();
  return stream == venue::StreamKind::user ? decode_user_frame(*root, out) : decode_market_frame(*root, out);
}

Result<std::string> BinanceExchange::encode_frame(const Request& request, const venue::Stamp& stamp) {
  const Endpoint* endpoint = endpoint_of(request);
  if (endpoint == nullptr || !endpoint->by_frame) return Status(StatusCode::unsupported, "this request goes by REST");
  Parameters parameters;
  if (Status status = write_parameters(request, parameters); !status.ok()) return status;
  return encode_call_frame(*endpoint, std::move(parameters), auth_, stamp);
}

Result<std::optional<venue::Answer>> BinanceExchange::decode_answer(venue::Bytes frame,
                                                                    const venue::AskedRequests& asked, Records& out) {
  const auto root = document_.parse(frame);
  if (!root) return root.status();
  return read_answer(kReading, *root, asked, out);
}

}  // namespace calypte::connector::binance
