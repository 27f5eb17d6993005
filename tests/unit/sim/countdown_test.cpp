// countdownCancelAll of the simulated Binance perpetual market, by the fact sheet.
#include "perpetual_harness.hpp"

namespace calypte::sim::binance {
namespace {

using namespace std::chrono_literals;

class Countdown : public PerpetualHarness {
 protected:
  Reply arm(const std::string& ms, const std::string& symbol = "BTCUSDT", std::size_t account = 0) {
    return post("/fapi/v1/countdownCancelAll", {{"symbol", symbol}, {"countdownTime", ms}}, account);
  }
  std::size_t open(std::size_t account = 0) { return house_->exchange().open_orders(house_->account(account)).size(); }
  void rest() { ASSERT_EQ(limit("BUY", "60000", "0.01").status, 200); }
};

TEST_F(Countdown, cancels_every_order_of_the_symbol_when_it_runs_out) {
  rest();
  rest();
  const auto armed = arm("5000");
  ASSERT_EQ(armed.status, 200);
  EXPECT_EQ(armed.text("countdownTime"), "5000");
  EXPECT_EQ(armed.text("symbol"), "BTCUSDT");
  pass(4999ms);
  EXPECT_EQ(open(), 2U);
  pass(1ms);
  EXPECT_EQ(open(), 0U);
  rest();
  pass(60s);
  EXPECT_EQ(open(), 1U) << "it acts once";
}

TEST_F(Countdown, begins_anew_with_each_request_and_ends_with_zero) {
  rest();
  (void)arm("5000");
  pass(4s);
  (void)arm("5000");
  pass(4s);
  EXPECT_EQ(open(), 1U);
  (void)arm("0");
  pass(60s);
  EXPECT_EQ(open(), 1U);
}

TEST_F(Countdown, is_of_one_symbol_and_of_one_account) {
  rest();
  (void)arm("1000", "ETHUSDT");
  (void)arm("1000", "BTCUSDT", 1);
  pass(10s);
  EXPECT_EQ(open(), 1U);
}

TEST_F(Countdown, refuses_what_makes_no_sense) {
  EXPECT_NE(arm("-1").status, 200);
  EXPECT_NE(arm("soon").status, 200);
  EXPECT_NE(arm("1000", "NONESUCH").status, 200);
  EXPECT_NE(post("/fapi/v1/countdownCancelAll", {{"symbol", "BTCUSDT"}}).status, 200);
}

}  // namespace
}  // namespace calypte::sim::binance
