#include <algorithm>
#include <gtest/gtest.h>

#include "calypte/order_book.hpp"

#include "unit/core/print.hpp"

namespace calypte {

// BookLevels has one writer, the editor of the engine, which this program does not link: this stands in for it.
class BookLevelsEditor {
 public:
  struct Row {
    std::int64_t price;
    std::int64_t amount;
  };
  static BookLevels build(int price_scale, int amount_scale, std::vector<Row> bids, std::vector<Row> asks) {
    BookLevels book;
    book.price_scale_ = static_cast<std::uint8_t>(price_scale);
    book.amount_scale_ = static_cast<std::uint8_t>(amount_scale);
    // Handed in best first, stored best last.
    std::reverse(bids.begin(), bids.end());
    std::reverse(asks.begin(), asks.end());
    for (const Row& r : bids) book.bids_.push_back({.price = r.price, .amount = r.amount, .update_id = 7});
    for (const Row& r : asks) book.asks_.push_back({.price = r.price, .amount = r.amount, .update_id = 7});
    return book;
  }
};

namespace {

/// asks 101x1, 102x2, 104x4; bids 100x1, 99x3; amounts in tenths and prices in hundredths, so that scales matter.
BookLevels book() {
  return BookLevelsEditor::build(2, 1, {{10'000, 10}, {9'900, 30}}, {{10'100, 10}, {10'200, 20}, {10'400, 40}});
}
BookLevels empty_book() { return BookLevelsEditor::build(2, 1, {}, {}); }

void expect(const OrderBookQueryResult& result, std::optional<Decimal> price, const Decimal& volume, bool complete) {
  ASSERT_EQ(result.price.has_value(), price.has_value());
  if (price) {
    EXPECT_EQ(*result.price, *price);
  }
  EXPECT_EQ(result.volume, volume);
  EXPECT_EQ(result.complete, complete);
}

TEST(BookLevels, best_prices_and_mid) {
  const BookLevels b = book();
  EXPECT_EQ(b.best_bid(), (OrderBookRow{100, 1, 7}));
  EXPECT_EQ(b.best_ask(), (OrderBookRow{101, 1, 7}));
  EXPECT_EQ(b.mid_price(), "100.5"_dec);
  EXPECT_FALSE(b.crossed());
  EXPECT_FALSE(b.empty());
  EXPECT_EQ(b.bid_count(), 2U);
  EXPECT_EQ(b.ask_count(), 3U);
  // The half of an odd sum has one place more.
  EXPECT_EQ(BookLevelsEditor::build(2, 0, {{100, 1}}, {{101, 1}}).mid_price(), "1.005"_dec);
  EXPECT_EQ(BookLevelsEditor::build(0, 0, {{INT64_MAX - 1, 1}}, {{INT64_MAX, 1}}).mid_price(),
            "9223372036854775806.5"_dec);
}

TEST(BookLevels, an_empty_side_has_no_price) {
  const BookLevels b = empty_book();
  EXPECT_TRUE(b.empty());
  EXPECT_EQ(b.best_bid(), std::nullopt);
  EXPECT_EQ(b.best_ask(), std::nullopt);
  EXPECT_EQ(b.mid_price(), std::nullopt);
  EXPECT_FALSE(b.crossed());
  EXPECT_TRUE(b.bids().empty());
  EXPECT_EQ(BookLevelsEditor::build(0, 0, {{1, 1}}, {}).mid_price(), std::nullopt);
}

TEST(BookLevels, crossed_includes_locked) {
  EXPECT_TRUE(BookLevelsEditor::build(0, 0, {{101, 1}}, {{101, 1}}).crossed());
  EXPECT_TRUE(BookLevelsEditor::build(0, 0, {{102, 1}}, {{101, 1}}).crossed());
  EXPECT_FALSE(BookLevelsEditor::build(0, 0, {{100, 1}}, {{101, 1}}).crossed());
}

TEST(BookLevels, rows_come_best_first) {
  const BookLevels b = book();
  EXPECT_EQ(b.asks(), (std::vector<OrderBookRow>{{101, 1, 7}, {102, 2, 7}, {104, 4, 7}}));
  EXPECT_EQ(b.bids(), (std::vector<OrderBookRow>{{100, 1, 7}, {99, 3, 7}}));
  EXPECT_EQ(b.asks(2), (std::vector<OrderBookRow>{{101, 1, 7}, {102, 2, 7}}));
  EXPECT_TRUE(b.bids(0).empty());
}

TEST(BookLevels, price_for_volume) {
  const BookLevels b = book();
  expect(b.price_for_volume(true, 1), 101, 1, true);
  expect(b.price_for_volume(true, 2), 102, 2, true);
  expect(b.price_for_volume(true, 3), 102, 3, true);
  expect(b.price_for_volume(true, "3.0000001"_dec), 104, "3.0000001"_dec, true);
  expect(b.price_for_volume(true, 7), 104, 7, true);
  expect(b.price_for_volume(false, 2), 99, 2, true);
}

TEST(BookLevels, price_for_quote_volume) {
  const BookLevels b = book();
  expect(b.price_for_quote_volume(true, 101), 101, 101, true);
  expect(b.price_for_quote_volume(true, "101.01"_dec), 102, "101.01"_dec, true);
  expect(b.price_for_quote_volume(true, 721), 104, 721, true);
  expect(b.price_for_quote_volume(false, 101), 99, 101, true);
  expect(b.price_for_quote_volume(false, 397), 99, 397, true);
}

TEST(BookLevels, vwap_for_volume) {
  const BookLevels b = book();
  expect(b.vwap_for_volume(true, 2), "101.5"_dec, 2, true);
  expect(b.vwap_for_volume(true, 3), "101.666666666666666667"_dec, 3, true);
  expect(b.vwap_for_volume(true, "0.3"_dec), 101, "0.3"_dec, true);
  expect(b.vwap_for_volume(false, 4), "99.25"_dec, 4, true);
}

TEST(BookLevels, volume_for_price) {
  const BookLevels b = book();
  expect(b.volume_for_price(true, "102.5"_dec), 102, 3, true);
  expect(b.volume_for_price(true, 102), 102, 3, true);
  expect(b.volume_for_price(true, "100.99"_dec), std::nullopt, 0, true);
  expect(b.volume_for_price(false, "99.5"_dec), 100, 1, true);
  expect(b.volume_for_price(false, 101), std::nullopt, 0, true);
}

TEST(BookLevels, H_27_quote_volume_for_price) {
  const BookLevels b = book();
  expect(b.quote_volume_for_price(true, "102.5"_dec), 102, 305, true);
  expect(b.quote_volume_for_price(true, 101), 101, 101, true);
  expect(b.quote_volume_for_price(false, 100), 100, 100, true);
  expect(b.quote_volume_for_price(false, 99), 99, 397, true);
}

TEST(BookLevels, quote_volume_for_base_amount) {
  const BookLevels b = book();
  expect(b.quote_volume_for_base_amount(true, 2), 102, 203, true);
  expect(b.quote_volume_for_base_amount(true, 7), 104, 721, true);
  expect(b.quote_volume_for_base_amount(false, "1.5"_dec), 99, "149.5"_dec, true);
}

TEST(BookLevels, H_28_depth_exhaustion_is_told_with_what_is_there) {
  const BookLevels b = book();
  expect(b.price_for_volume(true, 8), std::nullopt, 7, false);
  expect(b.price_for_volume(false, "4.1"_dec), std::nullopt, 4, false);
  expect(b.price_for_quote_volume(true, "721.01"_dec), std::nullopt, 721, false);
  expect(b.vwap_for_volume(true, 8), std::nullopt, 7, false);
  expect(b.volume_for_price(true, 105), 104, 7, false);
  expect(b.volume_for_price(false, 98), 99, 4, false);
  expect(b.quote_volume_for_price(true, 105), 104, 721, false);
  expect(b.quote_volume_for_price(false, 98), 99, 397, false);
  expect(b.quote_volume_for_base_amount(true, 10), 104, 721, false);
  for (const bool is_buy : {true, false}) {
    const BookLevels none = empty_book();
    expect(none.price_for_volume(is_buy, 1), std::nullopt, 0, false);
    expect(none.price_for_quote_volume(is_buy, 1), std::nullopt, 0, false);
    expect(none.vwap_for_volume(is_buy, 1), std::nullopt, 0, false);
    expect(none.volume_for_price(is_buy, 1), std::nullopt, 0, false);
    expect(none.quote_volume_for_price(is_buy, 1), std::nullopt, 0, false);
    expect(none.quote_volume_for_base_amount(is_buy, 1), std::nullopt, 0, false);
  }
}

TEST(BookLevels, simulated_orders_trim_the_last_row) {
  const BookLevels b = book();
  EXPECT_EQ(b.simulate_buy("2.5"_dec), (std::vector<OrderBookRow>{{101, 1, 7}, {102, "1.5"_dec, 7}}));
  EXPECT_EQ(b.simulate_buy(3), (std::vector<OrderBookRow>{{101, 1, 7}, {102, 2, 7}}));
  EXPECT_EQ(b.simulate_sell("1.00001"_dec), (std::vector<OrderBookRow>{{100, 1, 7}, {99, "0.00001"_dec, 7}}));
  EXPECT_EQ(b.simulate_buy(100).size(), 3U);
  EXPECT_TRUE(b.simulate_sell(0).empty());
  EXPECT_TRUE(b.simulate_sell(-1).empty());
}

TEST(BookLevels, nothing_asked_for_has_no_average_and_costs_nothing) {
  const BookLevels b = book();
  expect(b.vwap_for_volume(true, 0), std::nullopt, 0, false);
  expect(b.quote_volume_for_base_amount(true, 0), std::nullopt, 0, true);
  expect(b.vwap_for_volume(true, -1), std::nullopt, 0, false);
  expect(b.quote_volume_for_base_amount(true, -1), std::nullopt, 0, false);
}

TEST(BookLevels, sums_beyond_a_decimal_make_the_answer_incomplete) {
  // Each level is worth 8.5e37, so that the second one is too much.
  const BookLevels b = BookLevelsEditor::build(0, 0, {}, {{INT64_MAX - 1, INT64_MAX}, {INT64_MAX, INT64_MAX}});
  const OrderBookQueryResult result = b.quote_volume_for_price(true, INT64_MAX);
  EXPECT_FALSE(result.complete);
  EXPECT_EQ(result.price, Decimal(INT64_MAX - 1));
  EXPECT_EQ(result.volume, Decimal(INT64_MAX - 1) * INT64_MAX);
  EXPECT_FALSE(b.vwap_for_volume(true, Decimal(INT64_MAX) * 2).complete);
}

}  // namespace
}  // namespace calypte
