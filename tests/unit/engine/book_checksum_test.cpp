// The expected values were made with Python, apart from this code: zlib.crc32 over the text that the venue's rule
// describes, joined from the same number texts, that is
//   Kraken: "".join(t(p) + t(a) for p, a in asks[:10]) + the same for bids[:10], t = lambda x: x.replace(".",
//   "").lstrip("0") OKX:    ":".join over i < 25 of bids[i].price, bids[i].amount, asks[i].price, asks[i].amount where
//   there are such
#include "engine/book_checksum.hpp"

#include <cstdint>
#include <gtest/gtest.h>

#include "book_messages.hpp"
#include "engine/book_levels_editor.hpp"

namespace calypte::engine::test {
namespace {

constexpr auto kKraken = venue::ChecksumKind::crc32_top10_stripped;
constexpr auto kOkx = venue::ChecksumKind::crc32_top25_interleaved;

BookLevels book_of(const Texts& bids, const Texts& asks) {
  BookLevels book;
  EXPECT_TRUE(BookLevelsEditor::replace(book, levels(bids), levels(asks), 1).fits);
  return book;
}

const Texts kBids = {{"6997.01000", "1.00007919"},  {"6994.02000", "2.00015838"},  {"6991.03000", "3.00023757"},
                     {"6988.04000", "4.00031676"},  {"6985.05000", "5.00039595"},  {"6982.06000", "6.00047514"},
                     {"6979.07000", "7.00055433"},  {"6976.08000", "8.00063352"},  {"6973.09000", "9.00071271"},
                     {"6970.10000", "10.00079190"}, {"6967.11000", "11.00087109"}, {"6964.12000", "12.00095028"}};
const Texts kAsks = {{"7001.00500", "0.00000042"}, {"7003.01500", "0.00104771"}, {"7005.02500", "0.00209500"},
                     {"7007.03500", "0.00314229"}, {"7009.04500", "0.00418958"}, {"7011.05500", "0.00523687"},
                     {"7013.06500", "0.00628416"}, {"7015.07500", "0.00733145"}, {"7017.08500", "0.00837874"},
                     {"7019.09500", "0.00942603"}, {"7021.10500", "0.01047332"}, {"7023.11500", "0.01152061"}};

TEST(BookChecksum, kraken_takes_the_ten_best_of_each_side) {
  EXPECT_EQ(book_checksum(kKraken, book_of(kBids, kAsks)), 791293314U);
  // Only the ten best: without the other two it is the same, without the tenth it is not.
  EXPECT_EQ(book_checksum(kKraken, book_of({kBids.begin(), kBids.begin() + 10}, {kAsks.begin(), kAsks.begin() + 10})),
            791293314U);
  EXPECT_NE(book_checksum(kKraken, book_of({kBids.begin(), kBids.begin() + 9}, kAsks)), 791293314U);
}

TEST(BookChecksum, kraken_with_a_short_side_and_small_numbers) {
  const Texts bids = {{"0.12291", "27.10000000"}, {"0.12290", "0.00100000"}, {"0.00029", "5.00000000"}};
  EXPECT_EQ(book_checksum(kKraken, book_of(bids, {{"0.12307", "600.00000000"}})), 986291648U);
}

TEST(BookChecksum, the_digits_of_the_wire_count_not_the_value) {
  const Texts bids = {{"0.12291", "27.10000000"}, {"0.12290", "0.00100000"}, {"0.00029", "5.00000000"}};
  // One zero more behind the point is the same price and another text.
  EXPECT_NE(book_checksum(kKraken, book_of(bids, {{"0.123070", "600.00000000"}})), 986291648U);
  EXPECT_EQ(book_checksum(kKraken, book_of({}, {{"0.123070", "600.00000000"}})), 974860873U);
}

TEST(BookChecksum, a_later_change_of_scale_does_not_change_the_texts) {
  BookLevels book = book_of({{"5.1", "2"}, {"5.02", "0.5"}}, {{"5.13", "1.05"}});
  EXPECT_TRUE(BookLevelsEditor::apply(book, levels({{"4.999", "10"}}), {}, 2).fits);
  EXPECT_EQ(book.price_scale(), 3);
  EXPECT_EQ(book_checksum(kOkx, book), 1146796121U);
}

TEST(BookChecksum, okx_interleaves_25_levels) {
  const Texts bids = {{"0.009999", "1"},  {"0.009998", "4"},  {"0.009997", "7"},  {"0.009996", "10"},
                      {"0.009995", "13"}, {"0.009994", "16"}, {"0.009993", "19"}, {"0.009992", "22"},
                      {"0.009991", "25"}, {"0.00999", "28"},  {"0.009989", "31"}, {"0.009988", "34"},
                      {"0.009987", "37"}, {"0.009986", "40"}, {"0.009985", "43"}, {"0.009984", "46"},
                      {"0.009983", "49"}, {"0.009982", "52"}, {"0.009981", "55"}, {"0.00998", "58"},
                      {"0.009979", "61"}, {"0.009978", "64"}, {"0.009977", "67"}, {"0.009976", "70"},
                      {"0.009975", "73"}, {"0.009974", "76"}, {"0.009973", "79"}};
  const Texts asks = {{"1", "0.01"},    {"1.5", "0.02"},  {"2", "0.03"},   {"2.5", "0.04"},  {"3", "0.05"},
                      {"3.5", "0.06"},  {"4", "0.07"},    {"4.5", "0.08"}, {"5", "0.09"},    {"5.5", "0.10"},
                      {"6", "0.11"},    {"6.5", "0.12"},  {"7", "0.13"},   {"7.5", "0.14"},  {"8", "0.15"},
                      {"8.5", "0.16"},  {"9", "0.17"},    {"9.5", "0.18"}, {"10", "0.19"},   {"10.5", "0.20"},
                      {"11", "0.21"},   {"11.5", "0.22"}, {"12", "0.23"},  {"12.5", "0.24"}, {"13", "0.25"},
                      {"13.5", "0.26"}, {"14", "0.27"}};
  EXPECT_EQ(book_checksum(kOkx, book_of(bids, asks)), 3212567749U);
  EXPECT_NE(book_checksum(kOkx, book_of({bids.begin(), bids.begin() + 24}, asks)), 3212567749U);
}

TEST(BookChecksum, okx_goes_on_alone_where_one_side_has_ended) {
  // The venue's own two examples: even sides, with a negative value, and uneven ones.
  EXPECT_EQ(static_cast<std::int32_t>(
                book_checksum(kOkx, book_of({{"3366.1", "7"}, {"3366", "6"}}, {{"3366.8", "9"}, {"3368", "8"}}))),
            -1881014294);
  EXPECT_EQ(book_checksum(kOkx, book_of({{"3366.1", "7"}}, {{"3366.8", "9"}, {"3368", "8"}, {"3372", "8"}})),
            831078360U);
}

TEST(BookChecksum, zero_means_absent_where_the_venue_says_so) {
  EXPECT_TRUE(means_absent(kOkx, 0));
  EXPECT_FALSE(means_absent(kOkx, 1));
  EXPECT_FALSE(means_absent(kKraken, 0));
}

TEST(BookChecksum, an_empty_book_is_an_empty_text) {
  EXPECT_EQ(book_checksum(kKraken, {}), 0U);
  EXPECT_EQ(book_checksum(kOkx, {}), 0U);
}

}  // namespace
}  // namespace calypte::engine::test
