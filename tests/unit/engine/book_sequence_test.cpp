#include "engine/book_sequence.hpp"

#include <gtest/gtest.h>

#include "book_messages.hpp"

namespace calypte::engine::test {
namespace {

using V = SequenceVerdict;

TEST(BookSequence, range_follows_by_exactly_one) {
  const auto spec = binance_spot();
  EXPECT_EQ(judge_chain(spec, 100, ids_range(101, 105), false), V::accept);
  EXPECT_EQ(judge_chain(spec, 100, ids_range(101, 101), true), V::keep_alive);
  EXPECT_EQ(judge_chain(spec, 100, ids_range(102, 105), false), V::gap);
  EXPECT_EQ(judge_chain(spec, 100, ids_range(99, 105), false), V::gap);  // overlap: never sent by a healthy venue
  EXPECT_EQ(judge_chain(spec, 100, ids_range(96, 100), false), V::stale);
  EXPECT_EQ(judge_chain(spec, 100, {}, false), V::gap);
}

TEST(BookSequence, a_plain_counter_is_a_range_of_one) {
  EXPECT_EQ(judge_chain(bybit(), 7, ids_last(8), false), V::accept);
  EXPECT_EQ(judge_chain(bybit(), 7, ids_last(9), false), V::gap);
  EXPECT_EQ(judge_chain(bybit(), 7, ids_last(7), false), V::stale);
}

TEST(BookSequence, prev_link_is_equality_and_ids_jump) {
  const auto spec = crypto_com();
  EXPECT_EQ(judge_chain(spec, 100, ids_link(100, 5000), false), V::accept);
  EXPECT_EQ(judge_chain(spec, 100, ids_link(101, 5000), false), V::gap);
  EXPECT_EQ(judge_chain(spec, 100, ids_link(99, 5000), false), V::gap);
  EXPECT_EQ(judge_chain(spec, 100, ids_link(90, 95), false), V::stale);
  EXPECT_EQ(judge_chain(spec, 100, ids_link(90, 100), false), V::stale);
  EXPECT_EQ(judge_chain(spec, 100, ids_last(101), false), V::gap);  // no link at all
}

TEST(BookSequence, keep_alive_links_to_itself) {
  EXPECT_EQ(judge_chain(crypto_com(), 100, ids_link(100, 100), true), V::keep_alive);
  EXPECT_EQ(judge_chain(crypto_com(), 100, ids_link(99, 99), true), V::stale);
  EXPECT_EQ(judge_chain(crypto_com(), 100, ids_link(101, 101), true), V::gap);
}

TEST(BookSequence, a_smaller_last_is_a_reset_only_where_it_is_announced) {
  EXPECT_EQ(judge_chain(okx(), 15, ids_link(15, 3), false), V::reset);
  EXPECT_EQ(judge_chain(crypto_com(), 15, ids_link(15, 3), false), V::gap);
  // The venue's example: (-,10) (10,15) (15,15) (15,3) (3,5).
  std::uint64_t last = 10;
  for (const auto& [prev, next] : {std::pair{10, 15}, {15, 15}, {15, 3}, {3, 5}}) {
    const auto ids = ids_link(static_cast<std::uint64_t>(prev), static_cast<std::uint64_t>(next));
    const auto verdict = judge_chain(okx(), last, ids, prev == next);
    EXPECT_TRUE(verdict == V::accept || verdict == V::keep_alive || verdict == V::reset) << prev << " " << next;
    last = *ids.last;
  }
  // What follows a lost reset looks old, and must not be taken for a repetition.
  EXPECT_EQ(judge_chain(okx(), 15, ids_link(3, 5), false), V::gap);
}

TEST(BookSequence, increasing_and_unsequenced) {
  const venue::BookSpec increasing{.continuity = venue::Continuity::increasing};
  EXPECT_EQ(judge_chain(increasing, 10, ids_last(500), false), V::accept);
  EXPECT_EQ(judge_chain(increasing, 10, ids_last(10), false), V::stale);
  EXPECT_EQ(judge_chain(increasing, 10, {}, false), V::gap);
  EXPECT_EQ(judge_chain(kraken(), 10, {}, false), V::accept);
  EXPECT_EQ(judge_chain(kraken(), 10, {}, true), V::keep_alive);
}

TEST(BookSequence, bridge_next) {
  const auto spec = binance_spot();
  EXPECT_EQ(judge_bridge(spec, 100, ids_range(90, 100), false), V::stale);
  EXPECT_EQ(judge_bridge(spec, 100, ids_range(95, 110), false), V::accept);
  EXPECT_EQ(judge_bridge(spec, 100, ids_range(101, 110), false), V::accept);
  EXPECT_EQ(judge_bridge(spec, 100, ids_range(102, 110), false), V::gap);
  EXPECT_EQ(judge_bridge(spec, 100, {}, false), V::gap);
}

TEST(BookSequence, bridge_covering) {
  const auto spec = binance_perpetual();
  const auto ids = [](std::uint64_t prev, std::uint64_t first, std::uint64_t last) {
    return venue::SequenceIds{.first = first, .last = last, .prev = prev};
  };
  EXPECT_EQ(judge_bridge(spec, 100, ids(80, 85, 99), false), V::stale);
  EXPECT_EQ(judge_bridge(spec, 100, ids(80, 85, 100), false), V::accept);
  EXPECT_EQ(judge_bridge(spec, 100, ids(80, 85, 120), false), V::accept);
  EXPECT_EQ(judge_bridge(spec, 100, ids(100, 105, 120), false), V::accept);  // prev == S
  EXPECT_EQ(judge_bridge(spec, 100, ids(98, 105, 120), false), V::accept);   // S lies between two messages
  EXPECT_EQ(judge_bridge(spec, 100, ids(101, 105, 120), false), V::gap);
}

TEST(BookSequence, bridge_without_steps_or_ids) {
  const venue::BookSpec increasing{.continuity = venue::Continuity::increasing};
  EXPECT_EQ(judge_bridge(increasing, 100, ids_last(100), false), V::stale);
  EXPECT_EQ(judge_bridge(increasing, 100, ids_last(170), false), V::accept);
  EXPECT_EQ(judge_bridge(kraken(), 100, {}, false), V::accept);
}

TEST(BookSequence, describe_names_what_there_is) {
  EXPECT_EQ(describe(ids_range(1, 2)), "first 1, last 2");
  EXPECT_EQ(describe(ids_link(3, 4)), "last 4, previous 3");
  EXPECT_EQ(describe(venue::SequenceIds{}), "no ids");
}

}  // namespace
}  // namespace calypte::engine::test
