#include "venue/wire.hpp"

#include "venue/requests.hpp"

namespace calypte::venue {

std::string to_string(StreamId id) {
  std::string text;
  switch (id.kind) {
    case StreamKind::market:
      text = "market";
      break;
    case StreamKind::user:
      text = "user";
      break;
    case StreamKind::trades:
      text = "trades";
      break;
    case StreamKind::orders:
      text = "orders";
      break;
  }
  if (id.index != 0) text += '#' + std::to_string(id.index);
  return text;
}

std::string_view to_string(HttpMethod method) noexcept {
  switch (method) {
    case HttpMethod::get:
      return "GET";
    case HttpMethod::post:
      return "POST";
    case HttpMethod::put:
      return "PUT";
    case HttpMethod::del:
      return "DELETE";
  }
  return "?";
}

std::string_view request_name(const Request& request) noexcept {
  struct Names {
    std::string_view operator()(const NewOrder&) const { return "private: new order"; }
    std::string_view operator()(const CancelOrder&) const { return "private: cancel order"; }
    std::string_view operator()(const CancelAllOrders&) const { return "private: cancel all orders"; }
    std::string_view operator()(const QueryOrder&) const { return "private: query order"; }
    std::string_view operator()(const QueryOpenOrders&) const { return "private: query open orders"; }
    std::string_view operator()(const QueryFills&) const { return "private: query fills"; }
    std::string_view operator()(const QueryBalances&) const { return "private: query balances"; }
    std::string_view operator()(const QueryInstruments&) const { return "public: query instruments"; }
    std::string_view operator()(const QueryDepth&) const { return "public: query depth"; }
    std::string_view operator()(const QueryTickers&) const { return "public: query tickers"; }
    std::string_view operator()(const QueryServerTime&) const { return "public: query server time"; }
    std::string_view operator()(const QueryFees&) const { return "private: query fees"; }
    std::string_view operator()(const ArmDeadMan&) const { return "private: arm dead-man switch"; }
    std::string_view operator()(const NewOrders&) const { return "private: new orders"; }
    std::string_view operator()(const CancelOrders&) const { return "private: cancel orders"; }
    std::string_view operator()(const OpenUserStream&) const { return "private: open user stream"; }
    std::string_view operator()(const RenewUserStream&) const { return "private: renew user stream"; }
    std::string_view operator()(const QueryPositions&) const { return "private: query positions"; }
    std::string_view operator()(const QueryFunding&) const { return "public: query funding"; }
    std::string_view operator()(const QueryFundingPayments&) const { return "private: query funding payments"; }
    std::string_view operator()(const QueryPositionMode&) const { return "private: query position mode"; }
    std::string_view operator()(const SetPositionMode&) const { return "private: set position mode"; }
    std::string_view operator()(const QueryLeverage&) const { return "private: query leverage"; }
    std::string_view operator()(const SetLeverage&) const { return "private: set leverage"; }
    std::string_view operator()(const SetMarginType&) const { return "private: set margin type"; }
  };
  return std::visit(Names{}, request);
}

}  // namespace calypte::venue
