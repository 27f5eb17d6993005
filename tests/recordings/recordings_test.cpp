// Recorded traffic of real venues, exactly: what was found in each recording when it was taken into the collection must
// come out of the live decoder and tracker, and a recording that was tampered with must be noticed.
//
// The collection tells best prices in two ways, and so do we: at the very id of a message, and within the ids that it
// covers. Where our figure differs from the collection's, the reason stands beside it.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "cli/command_replay.hpp"
#include "cli/replay/recording.hpp"
#include "cli/replay/replayer.hpp"
#include "connector/registry.hpp"
#include "support/test_data.hpp"

namespace calypte::cli {
namespace {

namespace fs = std::filesystem;

/// The recording as `replay` finds it; empty if it is not there.
std::optional<FoundRecording> find(const std::string& name) {
  const auto path = test::recording(name);
  if (!path) return std::nullopt;
  for (auto& found : find_recordings(path->parent_path())) {
    if (found.path.filename() == path->filename()) return found;
  }
  ADD_FAILURE() << name << " is there, but is not taken for a recording";
  return std::nullopt;
}

/// One recording a test, in the member `recording_`.
class Recordings : public ::testing::Test {
 protected:
  /// False, with the test skipped or failed, if there is nothing to replay.
  bool read(const std::string& name) {
    recording_.name = name;
    const auto found = find(name);
    if (!found) return false;
    auto recording = read_recording(*found);
    EXPECT_TRUE(recording.ok()) << recording.status().to_string();
    if (!recording.ok()) return false;
    recording_ = std::move(*recording);
    return true;
  }
  void skip() {
    GTEST_SKIP() << "the recording " << recording_.name << " is not here; CALYPTE_RECORDINGS names its folder";
  }
  ReplayResult replay_it() {
    const auto venue = connector::make_venue(recording_.venue);
    EXPECT_NE(venue, nullptr) << recording_.venue;
    return replay(recording_, *venue);
  }
  /// Replays it as it is; everything that is to be judged must be without fault.
  ReplayResult replay_sound() {
    ReplayResult result = replay_it();
    for (const auto& fault : result.faults) ADD_FAILURE() << fault;
    EXPECT_EQ(result.undecoded, 0U);
    EXPECT_EQ(result.bad_instruments, 0U);
    EXPECT_EQ(result.notices, 0U);
    EXPECT_EQ(result.resubscriptions, 0U);
    EXPECT_EQ(result.unasked_books, 0U);
    EXPECT_EQ(result.books_live, result.books_followed);
    EXPECT_EQ(result.books.breaks, 0U);
    EXPECT_EQ(result.books.crossed, 0U);
    EXPECT_EQ(result.books.checksum_bad, 0U);
    EXPECT_EQ(result.books.resyncs, 0U);
    EXPECT_EQ(result.books.went_silent, 0U);
    EXPECT_EQ(result.books.unknown_symbol, 0U);
    EXPECT_EQ(result.books.overflows, 0U);
    return result;
  }
  Recording recording_;
};

std::map<std::string, std::uint64_t> messages(const ReplayResult& result) {
  std::map<std::string, std::uint64_t> counts;
  for (const auto& [channel, channel_counts] : result.channels) counts[channel] = channel_counts.messages;
  return counts;
}

/// First event at or behind `from` whose text holds `part`.
std::size_t event_with(const Recording& recording, std::string_view part, std::size_t from = 0) {
  for (std::size_t i = from; i < recording.events.size(); ++i) {
    if (recording.events[i].text.find(part) != std::string::npos) return i;
  }
  ADD_FAILURE() << "no message with " << part;
  return 0;
}

// --- Binance, spot -------------------------------------------------------------------------------------------------

TEST_F(Recordings, binance_spot_20210814) {
  if (!read("binance_spot/cryptofeed_20210814.jsonl.gz")) return skip();
  const auto result = replay_sound();
  const std::map<std::string, std::uint64_t> expected{
      {"depth@100ms", 546}, {"bookTicker", 412}, {"aggTrade", 28}, {"kline_1m", 17}};
  EXPECT_EQ(messages(result), expected);
  EXPECT_EQ(result.replies, 5U);
  EXPECT_EQ(result.books_followed, 4U);
  EXPECT_EQ(result.books.bridges, 4U);
  EXPECT_EQ(result.books.diffs + result.books.keep_alives + result.books.stale, 546U);
  EXPECT_EQ(result.books.trades, 28U);
  EXPECT_EQ(result.quotes.compared, 200U);
  EXPECT_EQ(result.quotes.agreed, 200U);
  // The collection counts 96, of applied messages only. The tracker also compares the REST books themselves, of which
  // two have an id at which the venue told its best prices.
  EXPECT_EQ(result.books.bbo_compared, 98U);
  EXPECT_EQ(result.books.bbo_agreed, 98U);
}

TEST_F(Recordings, binance_spot_20211011) {
  if (!read("binance_spot/cryptofeed_20211011.jsonl.gz")) return skip();
  const auto result = replay_sound();
  const std::map<std::string, std::uint64_t> expected{
      {"depth@100ms", 177}, {"bookTicker", 84}, {"aggTrade", 2}, {"kline_1m", 2}};
  EXPECT_EQ(messages(result), expected);
  EXPECT_EQ(result.books.snapshots, 4U);
  EXPECT_EQ(result.books.bridges, 4U);
  EXPECT_EQ(result.books.diffs, 172U);
  EXPECT_EQ(result.books.stale, 5U);
  EXPECT_EQ(result.books.trades, 2U);
  EXPECT_EQ(result.quotes.compared, 51U);
  EXPECT_EQ(result.quotes.agreed, 51U);
  EXPECT_EQ(result.books.bbo_compared, 26U);
  EXPECT_EQ(result.books.bbo_agreed, 26U);
}

TEST_F(Recordings, binance_spot_20240808) {
  if (!read("binance_spot/hftbacktest_spot_btcusdt_20240808.gz")) return skip();
  const auto result = replay_sound();
  const std::map<std::string, std::uint64_t> expected{{"depth@100ms", 3451}, {"bookTicker", 28040}, {"trade", 9757}};
  EXPECT_EQ(messages(result), expected);
  EXPECT_EQ(result.frames + result.replies, 41249U);
  EXPECT_EQ(result.books.bridges, 1U);
  EXPECT_EQ(result.books.diffs + result.books.stale, 3451U);
  EXPECT_EQ(result.books.trades, 9757U);
  // The collection counts 2,894. One message came before the REST book and was held back: it was applied together with
  // that and left no picture of its own.
  EXPECT_EQ(result.quotes.compared, 2893U);
  EXPECT_EQ(result.quotes.agreed, 2893U);
  EXPECT_EQ(result.books.bbo_compared, 564U);
  EXPECT_EQ(result.books.bbo_agreed, 564U);
}

// --- Binance, USD-M perpetual --------------------------------------------------------------------------------------

TEST_F(Recordings, binance_perpetual_20210722) {
  if (!read("binance_usdm/cryptofeed_20210722.jsonl.gz")) return skip();
  const auto result = replay_sound();
  const std::map<std::string, std::uint64_t> expected{
      {"depth@100ms", 764}, {"bookTicker", 613}, {"aggTrade", 91}, {"kline_1m", 67}};
  EXPECT_EQ(messages(result), expected);
  EXPECT_EQ(result.books.snapshots, 4U);
  EXPECT_EQ(result.books.bridges, 4U);
  EXPECT_EQ(result.books.diffs, 752U);
  EXPECT_EQ(result.books.stale, 12U);
  EXPECT_EQ(result.books.trades, 91U);
  EXPECT_EQ(result.quotes.compared, 237U);
  EXPECT_EQ(result.quotes.agreed, 237U);
  EXPECT_EQ(result.books.bbo_compared, 50U);
  EXPECT_EQ(result.books.bbo_agreed, 50U);
}

TEST_F(Recordings, binance_perpetual_20240718) {
  if (!read("binance_usdm/hftbacktest_usdm_btcusdt_20240718.gz")) return skip();
  const auto result = replay_sound();
  const std::map<std::string, std::uint64_t> expected{{"depth@0ms", 3326}, {"bookTicker", 7113}, {"trade", 974}};
  EXPECT_EQ(messages(result), expected);
  EXPECT_EQ(result.frames + result.replies, 11414U);
  EXPECT_EQ(result.books.bridges, 1U);
  EXPECT_EQ(result.books.diffs + result.books.stale, 3326U);
  EXPECT_EQ(result.books.trades, 974U);
  EXPECT_EQ(result.quotes.compared, 1713U);
  EXPECT_EQ(result.quotes.agreed, 1713U);
  EXPECT_EQ(result.books.bbo_compared, 195U);
  EXPECT_EQ(result.books.bbo_agreed, 195U);
}

// --- Kraken --------------------------------------------------------------------------------------------------------

TEST_F(Recordings, kraken_v1_20210417) {
  if (!read("kraken/cryptofeed_20210417.jsonl.gz")) return skip();
  const auto result = replay_sound();
  const std::map<std::string, std::uint64_t> expected{
      {"book-1000", 4279}, {"heartbeat", 92}, {"subscriptionStatus", 30},
      {"ticker", 18},      {"trade", 8},      {"systemStatus", 3}};
  EXPECT_EQ(messages(result), expected);
  EXPECT_EQ(result.books_followed, 10U);
  EXPECT_EQ(result.books.snapshots, 10U);
  EXPECT_EQ(result.books.diffs, 4269U);
  EXPECT_EQ(result.books.checksum_ok, 4269U);
  EXPECT_EQ(result.books.trades, 10U);
}

TEST_F(Recordings, kraken_v2_20260816) {
  if (!read("kraken/depthcharge_v2_kraken_minagbp_d25_20260816.ndjson")) return skip();
  const auto result = replay_sound();
  EXPECT_EQ(messages(result).at("book"), 30U);
  EXPECT_EQ(messages(result).at("heartbeat"), 60U);
  EXPECT_EQ(result.books.snapshots, 1U);
  EXPECT_EQ(result.books.diffs, 29U);
  EXPECT_EQ(result.books.checksum_ok, 30U);
}

// --- OKX -----------------------------------------------------------------------------------------------------------

TEST_F(Recordings, okx_20220513) {
  if (!read("okx/cryptofeed_okx_20220513.jsonl.gz")) return skip();
  const auto result = replay_sound();
  const std::map<std::string, std::uint64_t> expected{
      {"books/update", 287}, {"trades", 74}, {"tickers", 28}, {"subscribe", 18}, {"books/snapshot", 3}};
  EXPECT_EQ(messages(result), expected);
  EXPECT_EQ(result.replies, 25U);
  EXPECT_EQ(result.books.checksum_ok, 290U);
  EXPECT_EQ(result.books.deleted_absent, 953U);
  EXPECT_EQ(result.books.trades, 74U);
}

TEST_F(Recordings, okcoin_20230527) {
  if (!read("okx/cryptofeed_okcoin_20230527.jsonl.gz")) return skip();
  const auto result = replay_sound();
  const std::map<std::string, std::uint64_t> expected{{"books/snapshot", 4}, {"books/update", 2}, {"candle1m", 12},
                                                      {"subscribe", 40},     {"tickers", 8},      {"trades", 4}};
  EXPECT_EQ(messages(result), expected);
  EXPECT_EQ(result.books.checksum_ok, 6U);
  EXPECT_EQ(result.books.trades, 4U);
}

// --- Crypto.com ----------------------------------------------------------------------------------------------------

TEST_F(Recordings, crypto_com_v2_20211123) {
  if (!read("cryptocom/cryptofeed_v2api_20211123.jsonl.gz")) return skip();
  const auto result = replay_sound();
  const std::map<std::string, std::uint64_t> expected{{"book", 1525},      {"ticker", 1484}, {"trade", 139},
                                                      {"candlestick", 10}, {"subscribe", 4}, {"public/heartbeat", 1}};
  EXPECT_EQ(messages(result), expected);
  EXPECT_EQ(result.books_followed, 10U);
  EXPECT_EQ(result.books.stale, 113U);  // whole books that are older than the one we have
  EXPECT_EQ(result.books.snapshots, 1525U - 113U);
  EXPECT_EQ(result.channels.at("book").repeated, 76U);
  EXPECT_EQ(result.channels.at("ticker").repeated, 3U);
  EXPECT_EQ(result.channels.at("trade").repeated, 0U);
  EXPECT_EQ(result.books.trades, 1143U);
}

// --- Single messages -----------------------------------------------------------------------------------------------

/// How many messages led to records, and how many were of no interest; none may be misunderstood.
void expect_decoded(const std::string& folder, std::uint64_t with_records, std::uint64_t without_records) {
  const auto found = find(folder);
  if (!found) GTEST_SKIP() << folder << " is not here; CALYPTE_RECORDINGS names its folder";
  const auto result = replay_file(*found);
  for (const auto& fault : result.faults) ADD_FAILURE() << fault;
  EXPECT_EQ(result.frames - result.without_records, with_records);
  EXPECT_EQ(result.without_records, without_records);
}

TEST(SingleMessages, binance_perpetual) { expect_decoded("binance_usdm/nautilus/market_data_json", 5, 4); }
// 15 frames: a refused order, level3, candles and the like are passed over.
TEST(SingleMessages, kraken) { expect_decoded("kraken/nautilus", 6, 9); }
TEST(SingleMessages, okx) { expect_decoded("okx/nautilus", 4, 16); }
TEST(SingleMessages, crypto_com) { expect_decoded("cryptocom/v1_wire_capture_20260922_frames.jsonl", 8, 2); }

// --- What is wrong must be noticed ---------------------------------------------------------------------------------

TEST_F(Recordings, a_dropped_diff_of_a_range_chain_is_noticed) {
  if (!read("binance_spot/hftbacktest_spot_btcusdt_20240808.gz")) return skip();
  const auto at = event_with(recording_, "depthUpdate", 20'000);
  recording_.events.erase(recording_.events.begin() + static_cast<std::ptrdiff_t>(at));
  const auto result = replay_it();
  EXPECT_EQ(result.books.breaks, 1U);
  EXPECT_EQ(result.books_live, 0U);  // no further REST book was recorded
  EXPECT_FALSE(result.faults.empty());
}

TEST_F(Recordings, a_dropped_diff_of_linked_messages_is_noticed) {
  if (!read("binance_usdm/hftbacktest_usdm_btcusdt_20240718.gz")) return skip();
  const auto at = event_with(recording_, "depthUpdate", 5'000);
  recording_.events.erase(recording_.events.begin() + static_cast<std::ptrdiff_t>(at));
  const auto result = replay_it();
  EXPECT_EQ(result.books.breaks, 1U);
  EXPECT_FALSE(result.faults.empty());
}

TEST_F(Recordings, a_wrong_amount_disagrees_with_the_venues_best_prices) {
  if (!read("binance_spot/cryptofeed_20210814.jsonl.gz")) return skip();
  // The amount at the best bid of the REST book of FTMUSDT.
  auto& text =
      recording_.events[event_with(recording_, R"({"lastUpdateId":800360994,"bids":[["0.33993000","1500.)")].text;
  text.replace(text.find("1500."), 5, "1501.");
  const auto result = replay_it();
  EXPECT_LT(result.books.bbo_agreed + result.quotes.agreed, result.books.bbo_compared + result.quotes.compared);
  EXPECT_FALSE(result.faults.empty());
}

TEST_F(Recordings, a_flipped_digit_of_kraken_is_noticed) {
  if (!read("kraken/cryptofeed_20210417.jsonl.gz")) return skip();
  // The first update of XMR/USD, at the best bid.
  auto& text = recording_.events[event_with(recording_, R"({"b":[["354.15000000","5.00000000")")].text;
  text.replace(text.find("5.00000000\""), 10, "5.00000001");
  const auto result = replay_it();
  EXPECT_EQ(result.books.checksum_bad, 1U);
  EXPECT_EQ(result.resubscriptions, 1U);
  EXPECT_EQ(result.books_live, 9U);
  EXPECT_FALSE(result.faults.empty());
}

TEST_F(Recordings, a_dropped_update_of_kraken_is_noticed) {
  if (!read("kraken/depthcharge_v2_kraken_minagbp_d25_20260816.ndjson")) return skip();
  const auto at = event_with(recording_, R"("type":"update","data":[{"symbol":"MINA/GBP")");
  recording_.events.erase(recording_.events.begin() + static_cast<std::ptrdiff_t>(at));
  const auto result = replay_it();
  EXPECT_EQ(result.books.checksum_bad, 1U);
  EXPECT_FALSE(result.faults.empty());
}

TEST_F(Recordings, a_lost_trailing_zero_of_kraken_is_noticed) {
  if (!read("kraken/depthcharge_v2_kraken_minagbp_d25_20260816.ndjson")) return skip();
  // The same value in other digits: what a detour over floating point does to a number.
  auto& text = recording_.events[event_with(recording_, R"("type":"snapshot")")].text;
  const auto price = text.find(R"({"price":)", text.find(R"("bids":)"));
  const auto qty = text.find(R"("qty":)", price);
  const auto end = text.find('}', qty);
  ASSERT_NE(end, std::string::npos);
  text.insert(end, "0");
  const auto result = replay_it();
  EXPECT_GE(result.books.checksum_bad, 1U);
}

TEST_F(Recordings, a_dropped_update_of_okx_is_noticed) {
  if (!read("okx/cryptofeed_okx_20220513.jsonl.gz")) return skip();
  const auto at = event_with(recording_, R"("action":"update")");
  recording_.events.erase(recording_.events.begin() + static_cast<std::ptrdiff_t>(at));
  const auto result = replay_it();
  EXPECT_GE(result.books.checksum_bad, 1U);
  EXPECT_FALSE(result.faults.empty());
}

TEST_F(Recordings, the_live_connector_of_okx_wants_numbered_messages) {
  if (!read("okx/cryptofeed_okx_20220513.jsonl.gz")) return skip();
  // Of before messages were numbered. Today that is a message of which part is missing, whatever its checksum says.
  recording_.venue = "okx";
  const auto result = replay_it();
  EXPECT_EQ(result.books.breaks, 3U);
  EXPECT_EQ(result.books_live, 0U);
}

TEST_F(Recordings, a_message_that_was_cut_off_is_undecoded) {
  if (!read("binance_spot/cryptofeed_20211011.jsonl.gz")) return skip();
  auto& text = recording_.events[event_with(recording_, "aggTrade")].text;
  text.resize(text.size() / 2);
  const auto result = replay_it();
  EXPECT_EQ(result.undecoded, 1U);
  EXPECT_FALSE(result.faults.empty());
}

TEST_F(Recordings, a_message_without_a_field_is_undecoded) {
  if (!read("binance_spot/cryptofeed_20211011.jsonl.gz")) return skip();
  auto& text = recording_.events[event_with(recording_, "depthUpdate")].text;
  text.replace(text.find("\"U\":"), 4, "\"X\":");
  const auto result = replay_it();
  EXPECT_EQ(result.undecoded, 1U);
  EXPECT_FALSE(result.faults.empty());
}

// --- The command ---------------------------------------------------------------------------------------------------

class ReplayCommand : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(::testing::TempDir()) / ("calypte_replay_" + std::string(test->name()));
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "kraken");
  }
  void TearDown() override { fs::remove_all(folder_); }
  void write(std::string_view text, const std::string& name) {
    std::ofstream(folder_ / "kraken" / name, std::ios::binary) << text;
  }
  int run(bool check) { return run_replay({.folder = folder_.string(), .check = check, .json = true}); }
  fs::path folder_;
};

constexpr std::string_view kHead = "{\"captured_at\":\"2026\"}\n";
constexpr std::string_view kHeartbeat = "{\"rx_ns\":1,\"frame\":{\"channel\":\"heartbeat\"}}\n";

TEST_F(ReplayCommand, nothing_to_replay_is_an_error) {
  EXPECT_EQ(run(true), 2);
  EXPECT_EQ(run_replay({.folder = (folder_ / "nowhere").string(), .check = false, .json = true}), 2);
}

TEST_F(ReplayCommand, a_sound_recording_passes) {
  write(std::string(kHead) + std::string(kHeartbeat), "depthcharge_v2_x.ndjson");
  EXPECT_EQ(run(true), 0);
}

TEST_F(ReplayCommand, a_recording_without_a_decoder_is_no_fault) {
  fs::create_directories(folder_ / "elsewhere");
  std::ofstream(folder_ / "elsewhere" / "cryptofeed_x.jsonl.gz") << "anything";
  EXPECT_EQ(run(true), 0);
}

TEST_F(ReplayCommand, an_unreadable_message_fails_the_check_and_only_that) {
  write(std::string(kHead) + "{\"rx_ns\":1,\"frame\":{\"channel\":\"book\",\"type\":\"update\",\"data\":[{}]}}\n",
        "depthcharge_v2_x.ndjson");
  EXPECT_EQ(run(true), 1);
  EXPECT_EQ(run(false), 0);
}

TEST_F(ReplayCommand, a_file_that_is_not_of_its_format_fails_the_check) {
  write(std::string(kHead) + "{\"frame\":{}}\n", "depthcharge_v2_x.ndjson");
  EXPECT_EQ(run(true), 1);
}

TEST_F(ReplayCommand, a_file_that_was_cut_off_fails_the_check) {
  const auto path = test::recording("kraken/cryptofeed_20210417.jsonl.gz");
  if (!path) GTEST_SKIP() << "the recordings are not here; CALYPTE_RECORDINGS names their folder";
  const std::string whole = test::read_file(*path);
  write(std::string_view(whole).substr(0, whole.size() / 2), "cryptofeed_x.jsonl.gz");
  const auto found = find_recordings(folder_);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(read_recording(found[0]).status().code(), StatusCode::malformed);
  EXPECT_EQ(run(true), 1);
}

TEST(ReplayPairs, are_readable_without_a_list_of_instruments) {
  EXPECT_EQ(derive_pair("BTCUSDT"), "BTC-USDT"_pair);
  EXPECT_EQ(derive_pair("MINA/GBP"), "MINA-GBP"_pair);
  EXPECT_EQ(derive_pair("BTC-USD-220527"), "BTC-USD.220527"_pair);
  EXPECT_EQ(derive_pair("MATIC_USDT"), "MATIC-USDT"_pair);
  EXPECT_EQ(derive_pair("X"), "X-ANY"_pair);
}

}  // namespace
}  // namespace calypte::cli
