#include "calypte/limit_order.hpp"

#include <gtest/gtest.h>

#include "unit/core/print.hpp"

namespace calypte {
namespace {

constexpr Time kNow = from_unix_ms(1'700'000'000'000);

LimitOrder order(const char* id, bool is_buy, const Decimal& price, const Decimal& quantity, std::int64_t age_s = -1) {
  LimitOrder o;
  o.client_order_id = ClientOrderId(id);
  o.trading_pair = "HBOT-USDT"_pair;
  o.is_buy = is_buy;
  o.base_currency = "HBOT";
  o.quote_currency = "USDT";
  o.price = price;
  o.quantity = quantity;
  if (age_s >= 0) o.creation_timestamp_us = to_unix_us(kNow) - age_s * 1'000'000;
  return o;
}

TEST(LimitOrder, LO_01_defaults) {
  const LimitOrder o = order("HBOT_1", true, 100, 10);
  EXPECT_EQ(o.filled_quantity, std::nullopt);
  EXPECT_EQ(o.creation_timestamp_us, 0);
  EXPECT_EQ(o.status, LimitOrderStatus::unknown);
  EXPECT_EQ(o.position, PositionAction::nil);
  EXPECT_EQ(o.age_s(kNow), -1);
}

TEST(LimitOrder, LO_02_age) {
  const LimitOrder o = order("HBOT_1", true, 100, 10, 100);
  const Time created = kNow - std::chrono::seconds(100);
  EXPECT_EQ(o.age_s(kNow), 100);
  EXPECT_EQ(o.age_s(created + std::chrono::seconds(50)), 50);
  EXPECT_EQ(o.age_s(created + std::chrono::milliseconds(1999)), 1);
  EXPECT_EQ(o.age_s(created), 0);
  EXPECT_EQ(o.age_s(created - std::chrono::microseconds(1)), -1);
  EXPECT_EQ(o.age_s(created - std::chrono::seconds(50)), -1);
}

TEST(LimitOrder, LO_03_table) {
  const std::vector<LimitOrder> orders = {
      order("HBOT_1", true, "1.0"_dec, 1), order("HBOT_2", true, "1.2"_dec, 2, 3661),
      order("HBOT_3", false, "1.8"_dec, 3, 59), order("HBOT_4", false, "2.0"_dec, 4, 360'000)};
  const auto rows = order_table(orders, "1.5"_dec, kNow);
  ASSERT_EQ(rows.size(), 4U);
  const auto line = [](const OrderTableRow& r) {
    return r.order_id + "|" + r.type + "|" + r.price.to_string() + "|" + r.spread + "|" + r.amount.to_string() + "|" +
           r.age + "|" + r.hanging;
  };
  EXPECT_EQ(line(rows[0]), "OT_4|sell|2.0|33.33%|4|100:00:00|n/a");
  EXPECT_EQ(line(rows[1]), "OT_3|sell|1.8|20.00%|3|00:00:59|n/a");
  EXPECT_EQ(line(rows[2]), "OT_2|buy|1.2|20.00%|2|01:01:01|n/a");
  EXPECT_EQ(line(rows[3]), "OT_1|buy|1.0|33.33%|1|n/a|n/a");

  const auto hanging = order_table(orders, "1.5"_dec, kNow, std::vector{ClientOrderId("HBOT_3")});
  EXPECT_EQ(hanging[0].hanging, "no");
  EXPECT_EQ(hanging[1].hanging, "yes");
}

TEST(LimitOrder, LO_03_table_at_its_edges) {
  EXPECT_TRUE(order_table({}, 1, kNow).empty());
  const auto rows = order_table({order("7", true, "99.5"_dec, 1)}, 0, kNow);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].order_id, "7");
  EXPECT_EQ(rows[0].spread, "n/a");
  EXPECT_EQ(order_table({order("7", true, "99.5"_dec, 1)}, 100, kNow)[0].spread, "0.50%");
}

TEST(LimitOrder, orders_by_price_then_id) {
  EXPECT_TRUE(order_by_price(order("a", true, 1, 1), order("b", true, 2, 1)) < 0);
  EXPECT_TRUE(order_by_price(order("b", true, 1, 1), order("a", true, "1.0"_dec, 1)) > 0);
  EXPECT_TRUE(order_by_price(order("a", true, 1, 5), order("a", false, "1.0"_dec, 1)) == 0);
}

}  // namespace
}  // namespace calypte
