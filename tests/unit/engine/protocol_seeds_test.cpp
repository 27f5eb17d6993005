// Whatever a node and a chain do, by seeds: what the strategy heard of its orders is what the chain has in the end.
#include <array>
#include <gmock/gmock.h>
#include <random>

#include "unit/engine/protocol_world.hpp"

namespace calypte::engine {
namespace {

class SeededRun {
 public:
  /// Every other chain never takes a block back.
  explicit SeededRun(std::uint64_t seed) : random_(seed), reorganises_(seed % 2 == 0) {
    world_.before_request = [this] {
      // In the middle of a reading as well.
      if (troubled_ && one_in(60)) change_chain();
    };
    world_.dies = [this] { return troubled_ && one_in(200); };
  }

  void run() {
    for (int step = 0; step < 150; ++step) {
      if (one_in(4)) calm();
      act();
      world_.pass(std::chrono::milliseconds{100 + pick(4000)});
    }
    calm();
    troubled_ = false;
    // Longer than orders are watched.
    for (int block = 0; block < 100; ++block) {
      world_.node.mine();
      world_.pass(3s);
    }
    judge();
  }

 private:
  [[nodiscard]] std::uint64_t pick(std::uint64_t below) { return random_() % below; }
  [[nodiscard]] bool one_in(std::uint64_t n) { return pick(n) == 0; }

  void calm() {
    auto& node = world_.node;
    node.down = node.lose_sends = node.lose_send_answers = false;
    node.refuse_sends.clear();
    node.lag = 0;
  }
  void change_chain() {
    auto& node = world_.node;
    node.lag = 0;
    if (reorganises_ && one_in(3)) {
      node.reorganise(1 + pick(5));
    } else {
      node.reverts = one_in(8);
      node.mine();
      node.reverts = false;
    }
  }
  void act() {
    auto& node = world_.node;
    switch (pick(16)) {
      case 0:
      case 1:
      case 2:
        return place();
      case 3:
        if (const auto id = any_order()) static_cast<void>(world_.engine->cancel(*id));
        return world_.pump();
      case 4:
        if (const auto id = any_order()) static_cast<void>(world_.engine->speed_up(*id));
        return world_.pump();
      case 5:
        node.lose_send_answers = true;
        return place();
      case 6:
        node.lose_sends = true;
        return place();
      case 7:
        node.down = true;
        return;
      case 8:  // it forgets
        if (!node.pool.empty())
          node.pool.erase(std::next(node.pool.begin(), static_cast<long>(pick(node.pool.size()))));
        return;
      case 9:
        node.refuse_sends =
            std::array{"txpool is full", "something odd", "insufficient funds for gas", "rate limit"}[pick(4)];
        return place();
      case 10:
        if (one_in(4)) node.spend_nonce();
        return;
      case 11:
        node.lag = 1 + pick(3);
        return;
      default:
        return change_chain();
    }
  }
  void place() {
    if (world_.engine->in_flight_orders().size() > 5) return;
    const auto id = world_.engine->buy(kWethUsdc, Decimal(orders_.size() + 1), OrderType::market, std::nullopt, {});
    orders_.push_back(id);
    world_.pump();
  }
  [[nodiscard]] std::optional<ClientOrderId> any_order() {
    const auto open = world_.engine->in_flight_orders();
    if (open.empty()) return std::nullopt;
    return open[pick(open.size())]->client_order_id();
  }

  void judge() {
    EXPECT_TRUE(world_.engine->ready());
    EXPECT_THAT(world_.engine->in_flight_orders(), testing::IsEmpty());
    // What the chain has, by the amount, which is different for every order.
    const auto& node = world_.node;
    std::map<std::uint64_t, int> swaps;
    std::set<std::string> without_effect;
    for (const auto& [hash, block] : node.mined) {
      const auto transaction = node.known.find(hash);
      if (transaction == node.known.end()) continue;
      const auto swap = SwapData::decode(transaction->second.transaction.data);
      if (swap && !node.failed.contains(hash)) {
        ++swaps[swap->amount];
      } else {
        without_effect.insert(hash.to_string());
      }
    }
    std::map<ClientOrderId, Decimal> heard;
    std::vector<Event> of_orders;
    for (const auto& event : world_.events) {
      if (const auto* fill = std::get_if<OrderFilledEvent>(&event)) {
        heard[fill->order_id] += fill->amount;
        EXPECT_TRUE(reorganises_ || !fill->late) << "its end was a guess" << explain(fill->order_id);
      }
      if (const auto* revoked = std::get_if<OrderFillRevokedEvent>(&event)) {
        EXPECT_TRUE(reorganises_);
        heard[revoked->order_id] += revoked->reinstated ? revoked->amount : -revoked->amount;
      } else if (const auto* fee = std::get_if<NetworkFeeEvent>(&event)) {
        without_effect.erase(fee->transaction.value);
      } else {
        of_orders.push_back(event);
      }
    }
    for (std::size_t i = 0; i < orders_.size(); ++i) {
      const int times = swaps[i + 1];
      EXPECT_LE(times, 1) << orders_[i].value << " was executed more than once";
      EXPECT_EQ(heard[orders_[i]].to_string(), std::to_string(times == 0 ? 0 : i + 1)) << explain(orders_[i]);
      const auto* order = world_.engine->order(orders_[i]);
      EXPECT_TRUE(order == nullptr || order->is_done()) << explain(orders_[i]);
    }
    EXPECT_THAT(without_effect, testing::IsEmpty()) << "mined, and its fee was never told";
    EXPECT_THAT(test_support::check_event_sequence(of_orders), testing::IsEmpty());
  }
  [[nodiscard]] std::string explain(const ClientOrderId& id) const {
    std::string text = "\n" + world_.engine->explain(id) + "\n";
    for (const auto& event : world_.events) {
      if (const auto* of = order_of(event); of != nullptr && *of == id) text += describe(event) + "\n";
    }
    return text;
  }

  std::mt19937_64 random_;
  bool reorganises_;
  ProtocolWorld world_{[](ProtocolConfig& config) { config.time_limit = 1min; }};
  std::vector<ClientOrderId> orders_;
  bool troubled_ = true;
};

class ProtocolSeeds : public testing::TestWithParam<std::uint64_t> {};

TEST_P(ProtocolSeeds, what_is_heard_of_orders_is_what_the_chain_has) {
  for (std::uint64_t seed = GetParam(); seed < GetParam() + 25; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRun(seed).run();
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, ProtocolSeeds, testing::Values(1, 26, 51, 76));

}  // namespace
}  // namespace calypte::engine
