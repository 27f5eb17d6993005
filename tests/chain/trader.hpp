// A strategy's whole connector on the chain of a test: runtime, sockets, journal, on a thread of its own, and the means
// to act and look from the thread of the test.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <gtest/gtest.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "calypte/calypte.hpp"

#include "support/chain.hpp"

namespace calypte::test {

class Trader {
 public:
  using Configure = std::function<void(ProtocolConfig&)>;

  /// Trades WETH-USDC with the second account, every 20 ms a look at the chain, fills after two blocks.
  explicit Trader(Chain& chain, const Configure& configure = {}) : chain_(chain) {
    ProtocolConfig config = usual_config(chain);
    if (configure) configure(config);
    auto added = runtime_.add_protocol(std::move(config));
    status_ = added.status();
    if (added.ok()) protocol_ = *added;
  }
  ~Trader() { end(); }
  Trader(const Trader&) = delete;
  Trader& operator=(const Trader&) = delete;

  static ProtocolConfig usual_config(Chain& chain) {
    ProtocolConfig config;
    config.chain_id = chain.chain_id();
    config.rpc_url = chain.rpc_url();
    config.stream_url = chain.stream_url();
    config.credentials.api_secret = Secret(owner(chain).private_key);
    config.trading_pairs = {pair()};
    for (const auto symbol : {"WETH", "USDC"}) config.tokens.push_back({symbol, chain.token(symbol).address});
    config.contracts = {{"v2_factory", chain.contract("v2_factory")},
                        {"v3_factory", chain.contract("v3_factory")},
                        {"router", chain.contract("swap_router_02")}};
    config.poll_every = std::chrono::milliseconds{20};
    config.cancel_on_stop = false;
    return config;
  }
  static TradingPair pair() { return TradingPair::from_assets("WETH", "USDC"); }
  static const ChainAccount& owner(Chain& chain) { return chain.account(1); }

  /// Of `add_protocol`.
  [[nodiscard]] const Status& status() const { return status_; }

  void begin() {
    ASSERT_TRUE(status_.ok()) << status_.to_string();
    thread_ = std::thread([this] { EXPECT_TRUE(runtime_.run(ears_).ok()); });
  }
  /// Starts, and waits until it may trade.
  void begin_trading() {
    begin();
    ASSERT_TRUE(wait([](Protocol& p) { return p.ready(); }, std::chrono::seconds{20})) << trouble();
  }
  void end() {
    if (!thread_.joinable()) return;
    runtime_.stop();
    thread_.join();
  }

  /// On the runtime's thread.
  template <typename F>
  auto call(F&& f) {
    std::promise<decltype(f(*protocol_))> promise;
    auto future = promise.get_future();
    const Status posted = runtime_.post([&] {
      if constexpr (std::is_void_v<decltype(f(*protocol_))>) {
        f(*protocol_);
        promise.set_value();
      } else {
        promise.set_value(f(*protocol_));
      }
    });
    if (!posted.ok()) throw std::runtime_error(posted.to_string());
    return future.get();
  }
  bool wait(const std::function<bool(Protocol&)>& until, std::chrono::milliseconds limit = std::chrono::seconds{10}) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (std::chrono::steady_clock::now() < deadline) {
      if (call([&](Protocol& p) { return until(p); })) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    return false;
  }
  /// Until the connector has seen the newest block of the chain and what it says of the account.
  bool catch_up() {
    const std::uint64_t newest = chain_.block_number();
    const bool there = wait([newest](Protocol& p) { return p.block_number() >= newest; });
    return there;
  }
  /// The names of the events of an order, in order.
  std::string story(const ClientOrderId& id) {
    return call([&](Protocol&) {
      std::string text;
      for (const auto& e : ears_.events) {
        std::visit(
            [&](const auto& x) {
              if constexpr (requires { x.order_id; }) {
                if (x.order_id == id) text.append(text.empty() ? "" : " ").append(event_name(e));
              }
            },
            e);
      }
      return text;
    });
  }
  bool wait_for_story(const ClientOrderId& id, std::string_view last) {
    return wait([&](Protocol&) {
      for (const auto& e : ears_.events) {
        const bool hit = std::visit(
            [&](const auto& x) {
              if constexpr (requires { x.order_id; }) return x.order_id == id && event_name(e) == last;
              return false;
            },
            e);
        if (hit) return true;
      }
      return false;
    });
  }
  template <typename E>
  std::vector<E> heard() {
    return call([&](Protocol&) {
      std::vector<E> found;
      for (const auto& e : ears_.events) {
        if (const auto* x = std::get_if<E>(&e)) found.push_back(*x);
      }
      return found;
    });
  }
  std::string trouble() {
    return call([&](Protocol& p) {
      std::string text;
      for (const auto& condition : p.status().conditions) {
        if (!condition.live) text += condition.name + ": " + condition.detail + "\n";
      }
      for (const auto& e : ears_.events) text += describe(e) + "\n";
      return text;
    });
  }
  [[nodiscard]] Protocol& protocol() { return *protocol_; }

  ClientOrderId buy(const Decimal& amount, const OrderOptions& options = {}) {
    return call([&](Protocol& p) { return p.buy(pair(), amount, OrderType::market, std::nullopt, options); });
  }
  ClientOrderId sell(const Decimal& amount, const OrderOptions& options = {}) {
    return call([&](Protocol& p) { return p.sell(pair(), amount, OrderType::market, std::nullopt, options); });
  }
  /// The transaction that the order was told to have.
  std::string transaction_of(const ClientOrderId& id) {
    return call([&](Protocol& p) {
      const auto* order = p.order(id);
      return order == nullptr || !order->exchange_order_id() ? std::string() : order->exchange_order_id()->value;
    });
  }

 private:
  struct Ears final : Strategy {
    void on_event(calypte::Exchange&, const Event& event) override { events.push_back(event); }
    std::vector<Event> events;
  };

  Chain& chain_;
  Runtime runtime_{{.tick = std::chrono::milliseconds{20}}};
  Ears ears_;
  Protocol* protocol_ = nullptr;
  Status status_;
  std::thread thread_;
};

}  // namespace calypte::test
