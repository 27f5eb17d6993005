#include "venue/wire.hpp"

#include "venue/requests.hpp"

namespace calypte::venue {

std::string to_string(StreamId id) {
  std::string text = id.kind == StreamKind::user ? "user" : "market";
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
  };
  return std::visit(Names{}, request);
}

}  // namespace calypte::venue
