// Frames of the private stream.
#include "connector/derivative/binance_perpetual/binance_perpetual_account.hpp"
#include "connector/derivative/binance_perpetual/binance_perpetual_derivative.hpp"
#include "connector/house/binance/binance_orders.hpp"

namespace calypte::connector::binance_perpetual {

bool add_user_event(venue::json::Value event, venue::Records& out) {
  const std::string_view type = event.find("e").string();
  if (type == "ORDER_TRADE_UPDATE") return binance::add_execution(binance::Market::usd_m, event.find("o"), out);
  if (type == "ACCOUNT_UPDATE") return add_account_update(event, out);
  if (type == "ACCOUNT_CONFIG_UPDATE") return add_config_update(event, out);
  if (type == "MARGIN_CALL") return add_margin_calls(event, out);
  if (type == "listenKeyExpired") {
    out.add(venue::UserStreamExpired{});
    return true;
  }
  // TRADE_LITE is a fill without its fee, which comes once more and whole by ORDER_TRADE_UPDATE. ALGO_UPDATE and its
  // older relatives speak of orders that wait for a price, of which we place none; what they become when they are
  // triggered comes as an order.
  return true;
}

}  // namespace calypte::connector::binance_perpetual
