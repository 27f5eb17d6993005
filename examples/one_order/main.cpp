// A whole strategy: waits until everything is ready, places one post-only order below the best bid, cancels it as soon
// as the venue has it, prints every event, and stops.
//
// Its argument is the line of JSON that a simulated venue prints when it starts:
//   calypte venue crypto_com > venue.json &
//   one_order "$(cat venue.json)"
#include <calypte/calypte.hpp>
#include <cstdio>
#include <string>
#include <string_view>

using namespace calypte;
using namespace calypte::literals;

class OneOrder : public Strategy {
 public:
  OneOrder(Runtime& runtime, TradingPair pair) : runtime_(runtime), pair_(std::move(pair)) {}
  [[nodiscard]] bool succeeded() const { return succeeded_; }

  void on_ready(Exchange& exchange) override {
    const auto bid = exchange.price(pair_, PriceType::best_bid);
    if (!bid) return runtime_.stop();  // nobody buys: there is nothing to stay below
    order_ = exchange.buy(pair_, "0.01"_dec, OrderType::limit_maker, *bid * "0.99"_dec);
  }
  void on_buy_order_created(Exchange& exchange, const BuyOrderCreatedEvent& event) override {
    if (event.order_id == order_ && !exchange.cancel(order_).ok()) runtime_.stop();
  }
  void on_order_cancelled(Exchange&, const OrderCancelledEvent& event) override {
    succeeded_ = event.order_id == order_;
    runtime_.stop();
  }
  void on_order_failure(Exchange&, const MarketOrderFailureEvent&) override { runtime_.stop(); }
  void on_event(Exchange&, const Event& event) override { std::puts(describe(event).c_str()); }

 private:
  Runtime& runtime_;
  TradingPair pair_;
  ClientOrderId order_;
  bool succeeded_ = false;
};

namespace {

/// The text of one field of a flat JSON object whose values hold no escapes; empty if it is not there.
std::string field(std::string_view json, const std::string& name) {
  const std::string key = "\"" + name + "\":\"";
  const auto begin = json.find(key);
  if (begin == std::string_view::npos) return {};
  json.remove_prefix(begin + key.size());
  return std::string(json.substr(0, json.find('"')));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fputs("usage: one_order '{\"venue\":\"crypto_com\",\"rest_url\":...}'\n", stderr), 2;
  const std::string_view json = argv[1];
  const TradingPair pair = TradingPair::from_assets("BTC", "USDT");

  ConnectorConfig config;
  config.venue = field(json, "venue");
  config.environment = Environment::local;
  config.local = LocalVenue{.rest_url = field(json, "rest_url"),
                            .market_stream_url = field(json, "market_stream_url"),
                            .user_stream_url = field(json, "user_stream_url"),
                            .trade_stream_url = field(json, "trade_stream_url"),
                            .order_stream_url = field(json, "order_stream_url"),
                            .ca_file = field(json, "ca_file")};
  config.credentials.api_key = Secret(field(json, "api_key"));
  config.credentials.api_secret = Secret(field(json, "api_secret"));
  config.trading_pairs = {pair};

  Runtime runtime;
  if (const auto exchange = runtime.add_exchange(std::move(config)); !exchange) {
    return std::fprintf(stderr, "%s\n", exchange.status().to_string().c_str()), 1;
  }
  OneOrder strategy(runtime, pair);
  if (const Status status = runtime.run(strategy); !status.ok()) {
    return std::fprintf(stderr, "%s\n", status.to_string().c_str()), 1;
  }
  return strategy.succeeded() ? 0 : 1;
}
