// Orders and cancels by the venue's stream and by REST: the same outcomes by either way, against every venue that has a
// simulated one.
#include "support/venue_world.hpp"

namespace calypte::test {
namespace {

struct Way {
  std::string venue;
  OrderEntry entry = OrderEntry::automatic;
};

class EitherWay : public testing::TestWithParam<Way> {
 protected:
  VenueWorld& w() {
    if (!world_) restart();
    return *world_;
  }
  void restart() {
    VenueWorld::Options options;
    options.engine.order_entry = GetParam().entry;
    world_ = std::make_unique<VenueWorld>(GetParam().venue, std::move(options));
    world_->world->run_for(5s);  // the order stream is no condition of readiness
  }
  [[nodiscard]] bool by_stream() {
    return GetParam().entry == OrderEntry::automatic && !w().venue->paths().order_stream.empty();
  }
  /// How often it was sent, by the way that this test is about, and by the other one.
  std::size_t sent(std::string_view name) {
    return w().requests_sent((by_stream() ? "frame " : "request ") + std::string(name));
  }
  std::size_t sent_otherwise(std::string_view name) {
    return w().requests_sent((by_stream() ? "request " : "frame ") + std::string(name));
  }
  void fault_once(std::string name, sim::RequestFault fault) {
    w().world->network.request_fault = [name, fault, left = 1](std::string_view asked) mutable {
      return asked == name && left-- > 0 ? fault : sim::RequestFault::none;
    };
  }
  std::size_t orders_at_venue() { return w().venue->exchange().orders(w().venue->test_account()).size(); }

 private:
  std::unique_ptr<VenueWorld> world_;
};

TEST_P(EitherWay, an_order_and_its_cancel_leave_by_the_chosen_way_alone) {
  EXPECT_EQ(w().engine->order_entry().session().is_up(), by_stream());
  const auto id = w().open_buy();
  EXPECT_TRUE(w().cancel(id));
  w().world->run_for(2s);
  EXPECT_EQ(w().story(id), "BuyOrderCreated OrderCancelled");
  EXPECT_EQ(sent("private: new order"), 1U);
  EXPECT_EQ(sent("private: cancel order"), 1U);
  EXPECT_EQ(sent_otherwise("private: new order"), 0U);
  EXPECT_EQ(sent_otherwise("private: cancel order"), 0U);
  w().expect_balances_equal();
}

TEST_P(EitherWay, a_refusal_is_one_failure) {
  const auto id = w().buy("0.01"_dec, OrderType::limit, w().refused_price());
  w().world->run_for(5s);
  EXPECT_EQ(w().story(id), "MarketOrderFailure");
  EXPECT_EQ(w().all<MarketOrderFailureEvent>(id)[0].code, StatusCode::rejected);
  EXPECT_EQ(sent("private: new order"), 1U);
}

TEST_P(EitherWay, H_06_whatever_happens_to_an_order_on_its_way_it_is_sent_once) {
  using sim::RequestFault;
  for (const auto fault : {RequestFault::refuse, RequestFault::lose_request, RequestFault::lose_reply,
                           RequestFault::stall, RequestFault::gateway_error, RequestFault::gateway_error_after}) {
    restart();
    SCOPED_TRACE(static_cast<int>(fault));
    fault_once("private: new order", fault);
    const auto id = w().buy("0.01"_dec, OrderType::limit, w().low_price());
    w().world->run_for(180s);
    const bool arrived = fault == RequestFault::lose_reply || fault == RequestFault::gateway_error_after;
    EXPECT_EQ(orders_at_venue(), arrived ? 1U : 0U);
    EXPECT_EQ(w().count<BuyOrderCreatedEvent>(id), arrived ? 1U : 0U);
    ASSERT_EQ(w().count<MarketOrderFailureEvent>(id), arrived ? 0U : 1U);
    if (!arrived) {
      const auto reason = w().all<MarketOrderFailureEvent>(id)[0].reason;
      EXPECT_EQ(reason, fault == RequestFault::refuse ? FailureReason::connection : FailureReason::never_arrived);
    }
    EXPECT_EQ(sent("private: new order"), 1U);
    EXPECT_EQ(sent_otherwise("private: new order"), 0U);
    EXPECT_TRUE(w().engine->ready());
    // And by the same way again, once that is well.
    w().open_buy();
    EXPECT_EQ(sent("private: new order"), 2U);
  }
}

TEST_P(EitherWay, H_07_whatever_happens_to_a_cancel_on_its_way_the_order_ends_or_lives_as_the_venue_says) {
  using sim::RequestFault;
  for (const auto fault : {RequestFault::refuse, RequestFault::lose_request, RequestFault::lose_reply,
                           RequestFault::stall, RequestFault::gateway_error, RequestFault::gateway_error_after}) {
    restart();
    SCOPED_TRACE(static_cast<int>(fault));
    const auto id = w().open_buy();
    fault_once("private: cancel order", fault);
    w().cancel(id);
    w().world->run_for(60s);
    const bool arrived = fault == RequestFault::lose_reply || fault == RequestFault::gateway_error_after;
    EXPECT_EQ(w().count<OrderCancelledEvent>(id), arrived ? 1U : 0U) << w().story(id);
    EXPECT_EQ(w().engine->order(id)->is_open(), !arrived);
    EXPECT_EQ(w().at_venue(id)->state == sim::OrderState::cancelled, arrived);
    EXPECT_EQ(sent("private: cancel order"), 1U);
    EXPECT_EQ(sent_otherwise("private: cancel order"), 0U);
  }
}

TEST_P(EitherWay, while_the_stream_is_down_orders_go_by_rest_and_then_by_the_stream_again) {
  if (!by_stream()) GTEST_SKIP() << "there is no stream to go down";
  w().world->cut_streams("cut");
  const auto id = w().engine->buy(w().pair, "0.01"_dec, OrderType::limit, Decimal(1), {});
  w().world->settle();
  EXPECT_EQ(w().count<MarketOrderFailureEvent>(id) + w().requests_sent("request private: new order"), 1U)
      << "sent by REST, or refused for the lack of a price to judge by";
  EXPECT_EQ(w().requests_sent("frame private: new order"), 0U);
  w().make_ready();
  w().world->run_for(10s);
  w().open_buy();
  EXPECT_EQ(w().requests_sent("frame private: new order"), 1U);
}

TEST_P(EitherWay, answers_that_vanish_leave_the_order_to_the_other_sources) {
  if (!by_stream()) GTEST_SKIP() << "the answers of REST are dealt with by the hardening cases";
  w().world->network.on_the_way = [](venue::StreamId stream, std::string text) -> std::optional<std::string> {
    return stream.kind == venue::StreamKind::orders ? std::nullopt : std::optional(std::move(text));
  };
  const auto id = w().buy("0.01"_dec, OrderType::limit, w().low_price());
  w().world->run_for(60s);
  EXPECT_EQ(w().count<BuyOrderCreatedEvent>(id), 1U);
  EXPECT_TRUE(w().engine->order(id)->is_open());
  EXPECT_EQ(orders_at_venue(), 1U);
}

std::vector<Way> ways() {
  std::vector<Way> all;
  for (const auto& name : simulated_venues()) {
    all.push_back({name, OrderEntry::automatic});
    all.push_back({name, OrderEntry::rest});
  }
  return all;
}
INSTANTIATE_TEST_SUITE_P(Venues, EitherWay, testing::ValuesIn(ways()), [](const auto& test) {
  return test.param.venue + (test.param.entry == OrderEntry::rest ? "_rest" : "_stream");
});

}  // namespace
}  // namespace calypte::test
