// A client of the simulated Binance perpetual market.
#pragma once

#include "binance_harness.hpp"
#include "sim/dialects/binance/perpetual_venue.hpp"

namespace calypte::sim::binance {

class PerpetualHarness : public BinanceHarness {
 protected:
  void SetUp() override { restart(quiet()); }
  void restart(VenueOptions options, PerpetualQuirks quirks = {}) {
    house_ = std::make_unique<BinancePerpetualVenue>(std::move(options), quirks, now_);
    frames_.clear();
  }
  static void change(Pairs& pairs, const Pairs& more) {
    for (const auto& pair : more) {
      const auto same = std::find_if(pairs.begin(), pairs.end(), [&](const auto& p) { return p.first == pair.first; });
      if (same != pairs.end()) {
        same->second = pair.second;
      } else {
        pairs.push_back(pair);
      }
    }
  }
  Reply post(const std::string& path, Pairs pairs, std::size_t account = 0) {
    return signed_request(venue::HttpMethod::post, path, std::move(pairs), account);
  }
  Reply read(const std::string& path, Pairs pairs = {}, std::size_t account = 0) {
    return signed_request(venue::HttpMethod::get, path, std::move(pairs), account);
  }
  Reply limit(std::string side, std::string price, std::string quantity, const Pairs& more = {},
              std::size_t account = 0) {
    Pairs pairs{{"symbol", "BTCUSDT"},  {"side", std::move(side)},   {"type", "LIMIT"},
                {"timeInForce", "GTC"}, {"price", std::move(price)}, {"quantity", std::move(quantity)}};
    change(pairs, more);
    return post("/fapi/v1/order", std::move(pairs), account);
  }
  Reply market(std::string side, std::string quantity, Pairs more = {}, std::size_t account = 0) {
    Pairs pairs{
        {"symbol", "BTCUSDT"}, {"side", std::move(side)}, {"type", "MARKET"}, {"quantity", std::move(quantity)}};
    change(pairs, more);
    return post("/fapi/v1/order", std::move(pairs), account);
  }
  Reply cancel(Pairs pairs) {
    pairs.insert(pairs.begin(), {"symbol", "BTCUSDT"});
    return signed_request(venue::HttpMethod::del, "/fapi/v1/order", std::move(pairs));
  }
  Reply listen_key(venue::HttpMethod method) {
    return request(method, "/fapi/v1/listenKey", {}, {{"X-MBX-APIKEY", house_->api_key()}});
  }
  /// A connection that hears the events of the first account.
  venue::ConnectionId listener(const std::string& target = "/private/ws?listenKey=") {
    return connect(target + listen_key(venue::HttpMethod::post).text("listenKey"));
  }
  /// The events of a connection since the last call, by name.
  std::vector<std::string> names(const std::vector<std::string>& texts) {
    std::vector<std::string> list;
    for (const std::string& text : texts) list.emplace_back(Parsed(text)["e"].string());
    return list;
  }
  [[nodiscard]] std::string api_frame(std::string_view method, std::map<std::string, std::string> p) {
    p["apiKey"] = house_->api_key();
    p["timestamp"] = now_ms();
    std::string payload;
    for (const auto& [name, value] : p) payload += (payload.empty() ? "" : "&") + name + "=" + value;
    p["signature"] = hmac_of(house_->api_secret(), payload);
    std::string text;
    Writer out(text);
    out.begin_object().field("id", "x1").field("method", method).key("params").begin_object();
    for (const auto& [name, value] : p) {
      if (name == "timestamp") {
        out.key(name).raw(value);
      } else {
        out.field(name, value);
      }
    }
    out.end_object().end_object();
    return text;
  }
  void by_hand(const std::function<void(Exchange&)>& act) {
    house_->by_hand(act, now_);
    drain();
  }
};

}  // namespace calypte::sim::binance
