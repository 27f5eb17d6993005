// What an account pays, as the venue says, for the pairs that are followed from the start and for those that come
// later.
#include <algorithm>
#include <gmock/gmock.h>
#include <string_view>

#include "support/venue_case.hpp"

namespace calypte::test {
namespace {

class Fees : public VenueCase {
 protected:
  [[nodiscard]] Decimal fee_of(const TradingPair& pair, OrderType type) {
    return w().engine->fee(pair, type, TradeType::buy, 1, Decimal(100)).percent;
  }
  [[nodiscard]] const sim::FeeRates& rates() {
    return w().venue->exchange().accounts().rates(w().venue->test_account());
  }
};

TEST_P(Fees, are_the_accounts_own_for_every_followed_pair) {
  ASSERT_NE(rates().taker, Decimal()) << "nothing to be told apart from what is not known";
  ASSERT_TRUE(w().world->run_until([&] { return fee_of(w().pair, OrderType::limit) == rates().taker; }, 30s));
  EXPECT_EQ(fee_of(w().pair, OrderType::limit_maker), rates().maker);
  EXPECT_EQ(fee_of(w().pair, OrderType::market), rates().taker);
}

TEST_P(Fees, of_a_pair_that_is_added_later_are_asked_for_where_the_venue_tells_them_by_pair) {
  const auto all = w().engine->all_trading_pairs();
  const auto other = std::find_if(all.begin(), all.end(), [&](const auto& pair) { return pair != w().pair; });
  ASSERT_NE(other, all.end());
  ASSERT_TRUE(w().engine->add_trading_pair(*other).ok());
  EXPECT_TRUE(w().world->run_until([&] { return fee_of(*other, OrderType::limit) == rates().taker; }, 30s));
  EXPECT_EQ(fee_of(*other, OrderType::limit_maker), rates().maker);
}

TEST_P(Fees, are_asked_for_again_after_a_failure) {
  auto& world = with({.start = false});
  int failures = 0;
  world.world->network.request_fault = [&failures](std::string_view name) {
    const bool fees = name == "private: query fees";
    return fees && failures++ < 2 ? sim::RequestFault::gateway_error : sim::RequestFault::none;
  };
  world.world->start();
  world.make_ready();
  ASSERT_TRUE(world.world->run_until([&] { return fee_of(world.pair, OrderType::limit) == rates().taker; }, 10min));
  EXPECT_EQ(failures, 3);
}

INSTANTIATE_TEST_SUITE_P(Venues, Fees, testing::ValuesIn(simulated_venues()), venue_of_test);

}  // namespace
}  // namespace calypte::test
