#include <cstdint>
#include <gtest/gtest.h>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "calypte/order_book.hpp"

#include "book_messages.hpp"
#include "core/random.hpp"
#include "engine/book_levels_editor.hpp"

namespace calypte::engine::test {
namespace {

LevelChanges replace(BookLevels& book, const Texts& bids, const Texts& asks, std::uint64_t id = 1) {
  return BookLevelsEditor::replace(book, levels(bids), levels(asks), id);
}
LevelChanges apply(BookLevels& book, const Texts& bids, const Texts& asks, std::uint64_t id = 2) {
  return BookLevelsEditor::apply(book, levels(bids), levels(asks), id);
}

TEST(BookLevels, snapshot_then_changes_near_and_far_from_the_touch) {
  BookLevels book;
  replace(book, {{"100", "1"}, {"99", "2"}, {"97", "3"}}, {{"101", "1"}, {"103", "2"}});
  const auto changes = apply(book, {{"98", "5"}, {"100", "0"}, {"97", "7"}}, {{"100.5", "4"}, {"103", "0"}});
  EXPECT_TRUE(changes.fits);
  EXPECT_EQ(changes.touched, 5U);
  EXPECT_EQ(changes.deleted_absent, 0U);
  EXPECT_EQ(picture(book), "99x2 98x5 97x7 | 100.5x4 101x1");
  EXPECT_EQ(book.best_bid()->update_id, 1U);
  EXPECT_EQ(book.bids()[1].update_id, 2U);
}

TEST(BookLevels, deleting_what_is_not_there_is_harmless_and_counted) {
  BookLevels book;
  replace(book, {{"100", "1"}}, {{"101", "1"}});
  // The second one is finer than the book and cannot be in it; it must not raise the scale either.
  const auto changes = apply(book, {{"99", "0"}, {"98.7654321", "0.000"}}, {});
  EXPECT_EQ(changes.deleted_absent, 2U);
  EXPECT_EQ(changes.touched, 0U);
  EXPECT_EQ(book.price_scale(), 0);
  EXPECT_EQ(picture(book), "100x1 | 101x1");
}

TEST(BookLevels, more_decimals_raise_the_scale_and_keep_every_value) {
  BookLevels book;
  replace(book, {{"100.5", "1"}}, {{"101", "2"}});
  EXPECT_EQ(book.price_scale(), 1);
  EXPECT_EQ(book.amount_scale(), 0);
  apply(book, {{"100.125", "0.25"}}, {});
  EXPECT_EQ(book.price_scale(), 3);
  EXPECT_EQ(book.amount_scale(), 2);
  EXPECT_EQ(picture(book), "100.5x1 100.125x0.25 | 101x2");
}

TEST(BookLevels, trailing_zeros_raise_no_scale_and_are_remembered) {
  BookLevels book;
  replace(book, {{"100", "1"}}, {{"101", "2"}});
  apply(book, {{"100.00", "3.5000"}}, {});
  EXPECT_EQ(book.price_scale(), 0);
  EXPECT_EQ(book.amount_scale(), 1);
  EXPECT_EQ(book.raw_bids().back().price_decimals, 2);
  EXPECT_EQ(book.raw_bids().back().amount_decimals, 4);
  EXPECT_EQ(picture(book), "100x3.5 | 101x2");
}

TEST(BookLevels, a_message_that_does_not_fit_leaves_the_book_untouched) {
  BookLevels book;
  replace(book, {{"100", "9000000000000000000"}}, {{"101", "1"}});
  // 0.1 would need the amount above to be counted in tenths.
  EXPECT_FALSE(apply(book, {{"99", "5"}}, {{"102", "0.1"}}).fits);
  EXPECT_EQ(picture(book), "100x9000000000000000000 | 101x1");
  EXPECT_EQ(book.amount_scale(), 0);
  // More places than 64 bits can count.
  EXPECT_FALSE(apply(book, {}, {{"0.0000000000000000001", "1"}}).fits);
  // No price at all.
  EXPECT_FALSE(apply(book, {{"0", "1"}}, {}).fits);
  EXPECT_FALSE(replace(book, {{"0.0", "1"}}, {}).fits);
  EXPECT_EQ(picture(book), "100x9000000000000000000 | 101x1");
}

TEST(BookLevels, negative_numbers_never_enter) {
  BookLevels book;
  const std::vector<venue::DepthLevel> bad{{.price = {-1, 0}, .amount = {1, 0}}};
  EXPECT_FALSE(BookLevelsEditor::apply(book, bad, {}, 1).fits);
  EXPECT_TRUE(book.empty());
}

TEST(BookLevels, H_25_snapshot_ignores_zero_amounts_and_the_last_duplicate_wins) {
  BookLevels book;
  replace(book, {{"100", "1"}, {"99", "0"}, {"98", "2"}, {"100.0", "7"}},
          {{"101", "0.00"}, {"102", "4"}, {"102", "5"}});
  EXPECT_EQ(picture(book), "100x7 98x2 | 102x5");
}

TEST(BookLevels, snapshot_takes_levels_in_any_order) {
  BookLevels book;
  replace(book, {{"98", "1"}, {"100", "2"}, {"99", "3"}}, {{"103", "1"}, {"101", "2"}, {"102", "3"}});
  EXPECT_EQ(picture(book), "100x2 99x3 98x1 | 101x2 102x3 103x1");
}

TEST(BookLevels, snapshot_starts_with_its_own_scale) {
  BookLevels book;
  replace(book, {{"0.00000001", "1"}}, {});
  EXPECT_EQ(book.price_scale(), 8);
  replace(book, {{"900000000000000000", "1"}}, {});
  EXPECT_EQ(book.price_scale(), 0);
  EXPECT_EQ(picture(book), "900000000000000000x1 |");
}

TEST(BookLevels, truncate_drops_the_worst) {
  BookLevels book;
  replace(book, {{"100", "1"}, {"99", "1"}, {"98", "1"}}, {{"101", "1"}, {"102", "1"}});
  BookLevelsEditor::truncate(book, 2);
  EXPECT_EQ(picture(book), "100x1 99x1 | 101x1 102x1");
  BookLevelsEditor::truncate(book, 0);
  EXPECT_EQ(book.bid_count(), 2U);
}

TEST(BookLevels, crossed_and_locked) {
  BookLevels book;
  replace(book, {{"100", "1"}}, {{"101", "1"}});
  EXPECT_FALSE(book.crossed());
  apply(book, {{"101", "1"}}, {});
  EXPECT_TRUE(book.crossed());
  replace(book, {{"100", "1"}}, {});
  EXPECT_FALSE(book.crossed());
}

// OB-01: of the crossed pair the smaller price times amount goes, repeatedly, also in a snapshot; the bid if equal.
TEST(BookLevels, OB_01_uncross_by_notional) {
  BookLevels book;
  replace(book, {{"50", "0.01"}, {"12", "2"}, {"11", "1"}}, {{"13", "1"}, {"14", "5"}});
  EXPECT_TRUE(book.crossed());
  EXPECT_EQ(BookLevelsEditor::uncross_by_notional(book), 1U);  // 0.5 against 13
  EXPECT_EQ(picture(book), "12x2 11x1 | 13x1 14x5");
  // 13.5 x 2 = 27 beats 13 x 1 and then stays below 14.
  apply(book, {{"13.5", "2"}}, {});
  EXPECT_EQ(BookLevelsEditor::uncross_by_notional(book), 1U);
  EXPECT_EQ(picture(book), "13.5x2 12x2 11x1 | 14x5");
  // 14 x 5 on both sides: the bid goes; then 13.5 < 14.
  apply(book, {{"14", "5"}}, {});
  EXPECT_EQ(BookLevelsEditor::uncross_by_notional(book), 1U);
  EXPECT_EQ(picture(book), "13.5x2 12x2 11x1 | 14x5");
  // A large ask removes one bid after the other.
  apply(book, {}, {{"11.5", "100"}});
  EXPECT_EQ(BookLevelsEditor::uncross_by_notional(book), 2U);
  EXPECT_EQ(picture(book), "11x1 | 11.5x100 14x5");
}

// OB-02: of the crossed pair the older update id goes, repeatedly; a new high bid may empty the ask side.
TEST(BookLevels, OB_02_uncross_by_update_id) {
  BookLevels book;
  replace(book, {{"12", "2"}, {"11", "1"}}, {{"13", "1"}, {"14", "5"}}, 1);
  apply(book, {{"13.5", "0.1"}}, {}, 2);
  EXPECT_EQ(BookLevelsEditor::uncross_by_update_id(book), 1U);
  EXPECT_EQ(picture(book), "13.5x0.1 12x2 11x1 | 14x5");
  apply(book, {}, {{"11.5", "1"}}, 3);
  EXPECT_EQ(BookLevelsEditor::uncross_by_update_id(book), 2U);
  EXPECT_EQ(picture(book), "11x1 | 11.5x1 14x5");
  apply(book, {{"20", "1"}}, {}, 4);
  EXPECT_EQ(BookLevelsEditor::uncross_by_update_id(book), 2U);
  EXPECT_EQ(picture(book), "20x1 11x1 |");
  // Equal ids: the bid goes.
  replace(book, {{"10", "1"}, {"8", "1"}}, {{"9", "1"}}, 5);
  EXPECT_EQ(BookLevelsEditor::uncross_by_update_id(book), 1U);
  EXPECT_EQ(picture(book), "8x1 | 9x1");
}

// Against the plainest possible book: a map. Prices with changing numbers of decimals, deep and shallow sides.
TEST(BookLevels, agrees_with_a_map_over_random_changes) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    core::Random random(seed);
    BookLevels book;
    std::map<std::int64_t, std::int64_t> bids;  // in hundredths of price and amount
    std::map<std::int64_t, std::int64_t> asks;
    const std::uint64_t span = 5 + random.below(200);
    for (int step = 0; step < 1500; ++step) {
      const bool is_bid = random.chance(1, 2);
      const auto distance = static_cast<std::int64_t>(random.below(span));
      std::int64_t price = is_bid ? 100'000 - distance : 100'001 + distance;
      std::int64_t amount = random.chance(2, 5) ? 0 : static_cast<std::int64_t>(1 + random.below(500));
      venue::DepthLevel level{.price = {price, 2}, .amount = {amount, 2}};
      while (level.price.mantissa % 10 == 0 && random.chance(1, 2)) {
        level.price.mantissa /= 10;
        --level.price.decimals;
        if (level.price.decimals == 0) break;
      }
      if (random.chance(1, 3)) level.amount = {amount * 1000, 5};
      auto& side = is_bid ? bids : asks;
      const bool was_there = side.contains(price);
      if (amount == 0) {
        side.erase(price);
      } else {
        side[price] = amount;
      }
      const std::vector<venue::DepthLevel> one{level};
      const auto changes = is_bid ? BookLevelsEditor::apply(book, one, {}, static_cast<std::uint64_t>(step))
                                  : BookLevelsEditor::apply(book, {}, one, static_cast<std::uint64_t>(step));
      ASSERT_TRUE(changes.fits);
      ASSERT_EQ(changes.deleted_absent, amount == 0 && !was_there ? 1U : 0U);
    }
    std::vector<OrderBookRow> expected_bids;
    for (auto it = bids.rbegin(); it != bids.rend(); ++it) {
      expected_bids.push_back({Decimal::from_parts(it->first, 2), Decimal::from_parts(it->second, 2), 0});
    }
    auto found = book.bids();
    for (auto& row : found) row.update_id = 0;
    EXPECT_EQ(found, expected_bids) << "seed " << seed;
    std::vector<OrderBookRow> expected_asks;
    for (const auto& [price, amount] : asks) {
      expected_asks.push_back({Decimal::from_parts(price, 2), Decimal::from_parts(amount, 2), 0});
    }
    found = book.asks();
    for (auto& row : found) row.update_id = 0;
    EXPECT_EQ(found, expected_asks) << "seed " << seed;
  }
}

// --- Questions: asks 101x1, 102x2, 104x4; bids 100x1, 99x3 -----------------------------------------------------------

class BookQueries : public ::testing::Test {
 protected:
  BookQueries() { replace(book, {{"100", "1"}, {"99", "3"}}, {{"101", "1"}, {"102", "2"}, {"104", "4"}}); }
  BookLevels book;
};

TEST_F(BookQueries, prices_for_volumes) {
  EXPECT_EQ(book.price_for_volume(true, 2).price, 102);
  EXPECT_EQ(book.price_for_volume(true, 2).volume, 2);
  EXPECT_EQ(book.price_for_volume(true, 3).price, 102);
  EXPECT_EQ(book.price_for_volume(false, 2).price, 99);
  EXPECT_EQ(book.vwap_for_volume(true, 2).price, "101.5"_dec);
  EXPECT_EQ(book.vwap_for_volume(true, 3).price, divide(305, 3, 18));
  EXPECT_EQ(book.quote_volume_for_base_amount(true, 2).volume, 203);
  EXPECT_EQ(book.mid_price(), "100.5"_dec);
  EXPECT_EQ(book.volume_for_price(true, "102.5"_dec).volume, 3);
  EXPECT_EQ(book.volume_for_price(true, "102.5"_dec).price, 102);
}

TEST_F(BookQueries, H_27_quote_volume_for_price_sums_price_times_amount) {
  EXPECT_EQ(book.quote_volume_for_price(true, "102.5"_dec).volume, 305);
  EXPECT_EQ(book.quote_volume_for_price(false, 99).volume, 397);
  EXPECT_EQ(book.quote_volume_for_price(false, 100).volume, 100);
}

TEST_F(BookQueries, H_28_a_short_book_says_so_and_gives_what_is_there) {
  const auto price = book.price_for_volume(true, 8);
  EXPECT_FALSE(price.complete);
  EXPECT_FALSE(price.price);
  EXPECT_EQ(price.volume, 7);
  const auto quote = book.quote_volume_for_base_amount(true, 10);
  EXPECT_FALSE(quote.complete);
  EXPECT_EQ(quote.volume, 721);
  EXPECT_FALSE(book.vwap_for_volume(false, 5).complete);
  EXPECT_FALSE(book.price_for_quote_volume(false, 398).complete);
  EXPECT_TRUE(book.price_for_quote_volume(false, 397).complete);
  EXPECT_FALSE(book.volume_for_price(true, 105).complete);
  EXPECT_EQ(book.volume_for_price(true, 105).volume, 7);
  EXPECT_EQ(book.simulate_sell(10).size(), 2U);
  EXPECT_EQ(book.simulate_buy(2)[1].amount, 1);
}

}  // namespace
}  // namespace calypte::engine::test
