#include "connector/derivative/binance_perpetual/binance_perpetual_derivative.hpp"

#include "connector/derivative/binance_perpetual/binance_perpetual_account.hpp"
#include "connector/derivative/binance_perpetual/binance_perpetual_constants.hpp"
#include "venue/overload.hpp"

namespace calypte::connector::binance_perpetual {

using venue::Records;
using venue::Request;
using venue::json::Value;

namespace {

/// Null for the requests of market data, which have no more to them than a path, and for what is not offered.
const Endpoint* endpoint_of(const Request& request) noexcept {
  return std::visit(venue::Overload{
                        [](const venue::NewOrder&) { return &kPlaceOrder; },
                        [](const venue::NewOrders&) { return &kPlaceBatch; },
                        [](const venue::CancelOrder&) { return &kCancelOrder; },
                        [](const venue::CancelOrders&) { return &kCancelBatch; },
                        [](const venue::CancelAllOrders&) { return &kCancelAll; },
                        [](const venue::ArmDeadMan&) { return &kCountdown; },
                        [](const venue::QueryOrder&) { return &kGetOrder; },
                        [](const venue::QueryOpenOrders& r) { return r.symbol ? &kOpenOrdersOfSymbol : &kOpenOrders; },
                        [](const venue::QueryFills&) { return &kFills; },
                        [](const venue::QueryBalances&) { return &kBalances; },
                        [](const venue::QueryPositions&) { return &kPositions; },
                        [](const venue::QueryFees&) { return &kCommission; },
                        [](const venue::QueryFunding&) { return &kFunding; },
                        [](const venue::QueryFundingPayments&) { return &kIncome; },
                        [](const venue::QueryPositionMode&) { return &kGetMode; },
                        [](const venue::SetPositionMode&) { return &kSetMode; },
                        [](const venue::QueryLeverage&) { return &kGetLeverage; },
                        [](const venue::SetLeverage&) { return &kSetLeverage; },
                        [](const venue::SetMarginType&) { return &kSetMarginType; },
                        [](const venue::OpenUserStream&) { return &kOpenStream; },
                        [](const venue::RenewUserStream&) { return &kRenewStream; },
                        [](const auto&) -> const Endpoint* { return nullptr; },
                    },
                    request);
}

/// What a changed setting is, which the reply does not repeat: it says that it is so now, or was so before.
void add_confirmed(const Request& asked, Records& out) {
  if (const auto* mode = std::get_if<venue::SetPositionMode>(&asked)) out.add(venue::PositionModeReport{mode->mode});
  if (const auto* margin = std::get_if<venue::SetMarginType>(&asked)) {
    out.add(venue::LeverageReport{margin->symbol, std::nullopt, margin->type});
  }
}

constexpr binance::Reading kReading{binance::Market::usd_m, kLimits, &add_reply};

}  // namespace

const venue::VenueSpec& BinancePerpetualDerivative::spec() const noexcept { return kSpec; }

std::string_view BinancePerpetualDerivative::limit_id(const Request& request) const noexcept {
  const Endpoint* endpoint = endpoint_of(request);
  return endpoint != nullptr ? endpoint->name : binance::path_of(kPaths, request);
}

Result<venue::WireRequest> BinancePerpetualDerivative::encode(const Request& request, const venue::Stamp& stamp) {
  const Endpoint* endpoint = endpoint_of(request);
  if (endpoint == nullptr) return binance::encode_public(kPaths, request);
  binance::Parameters parameters;
  if (Status status = write_parameters(request, parameters); !status.ok()) return status;
  return binance::encode_call(*endpoint, parameters, auth_, stamp);
}

Status BinancePerpetualDerivative::decode_reply(const Request& asked, const venue::WireReply& reply, Records& out) {
  const bool book = std::holds_alternative<venue::QueryDepth>(asked);
  if (book) asked_ = asked;
  const auto root = document_.parse(reply.body);
  Status status = binance::read_reply(kReading, book ? asked_ : asked, reply, root ? *root : Value(), out);
  if (status.ok()) add_confirmed(asked, out);
  return status;
}

Result<std::string> BinancePerpetualDerivative::encode_frame(const Request& request, const venue::Stamp& stamp) {
  const Endpoint* endpoint = endpoint_of(request);
  if (endpoint == nullptr || !endpoint->by_frame) return Status(StatusCode::unsupported, "this request goes by REST");
  binance::Parameters parameters;
  if (Status status = write_parameters(request, parameters); !status.ok()) return status;
  return binance::encode_call_frame(*endpoint, std::move(parameters), auth_, stamp);
}

Result<std::optional<venue::Answer>> BinancePerpetualDerivative::decode_answer(venue::Bytes frame,
                                                                               const venue::AskedRequests& asked,
                                                                               Records& out) {
  const auto root = document_.parse(frame);
  if (!root) return root.status();
  return binance::read_answer(kReading, *root, asked, out);
}

void BinancePerpetualDerivative::subscribe(std::span<const venue::Subscription> subscriptions, bool on,
                                           std::uint64_t id, venue::Frames& out) {
  binance::subscribe_market(kStreams, kSpec.streams.max_channels_per_frame, subscriptions, on, id, out);
}

Status BinancePerpetualDerivative::decode_frame(venue::StreamKind stream, venue::Bytes frame, Records& out) {
  const auto root = document_.parse(frame);
  if (!root) return root.status();
  const Value data = (*root).find("data").exists() ? (*root).find("data") : *root;
  const std::string_view event = (data.is_array() ? data[0] : data).find("e").string();
  const bool user = stream == venue::StreamKind::user;
  if (user && !data.is_object()) return {StatusCode::malformed, "a frame of the private stream is no object"};
  if (event != "markPriceUpdate" && (!user || event.empty())) {
    // On the private stream the wrapper names the key of the stream, which is nobody's business.
    return binance::decode_market_frame(user ? data : *root, out);
  }
  out.set_channel(event);
  const Records::Mark mark = out.mark();
  if (user ? add_user_event(data, out) : add_mark_prices(data, out)) return {};
  out.restore(mark);
  return {StatusCode::malformed, "a message of " + std::string(event) + " was not understood"};
}

}  // namespace calypte::connector::binance_perpetual
