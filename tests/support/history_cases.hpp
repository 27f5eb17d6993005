// What the history has to do whatever database it is in: cases for every store, run where they are instantiated
// (tests/unit/journal for SQLite, tests/postgresql for a real server).
//
// The cases MR-01 to MR-17 of the conformance list speak of a recorder that listens to the events of markets. Here the
// recorder is the journal and its feeder. Not here, because what they are about does not exist in the history: MR-08
// (rows of best bid and ask: prices are not journalled; recordings are what keeps market data), MR-09 to MR-12
// (positions and executors of strategy controllers; a connector's own positions are the venue's, read anew after each
// start, tests/unit/engine/positions_test.cpp), MR-18 and MR-19 (liquidity positions, which come with the protocols).
#pragma once

#include <algorithm>
#include <filesystem>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <vector>

#include "calypte/decimal.hpp"
#include "calypte/events.hpp"
#include "calypte/in_flight_order.hpp"

#include "journal/history_feeder.hpp"
#include "journal/history_schema.hpp"
#include "journal/history_store.hpp"
#include "journal/log_writer.hpp"
#include "support/history_records.hpp"

namespace calypte::journal::history_test {

/// A database to try: `fresh` empties it, or makes a new one, and says where it is.
struct Target {
  std::string name;
  std::function<std::string()> fresh;
};
inline void PrintTo(const Target& target, std::ostream* out) { *out << target.name; }
inline std::string name_of(const testing::TestParamInfo<Target>& target) { return target.param.name; }

class HistoryCases : public testing::TestWithParam<Target> {
 protected:
  void SetUp() override {
    where_ = GetParam().fresh();
    store_ = open();
  }
  std::unique_ptr<HistoryStore> open() {
    auto database = open_database(where_, DatabaseUse::writing);
    EXPECT_TRUE(database.ok()) << database.status().to_string();
    return std::make_unique<HistoryStore>(std::move(*database), log_);
  }
  void attach(HistoryStore& store, const engine::ConnectorIdentity& who = kWho, std::string_view journal = "j1") {
    const auto position = store.attach(who, journal);
    ASSERT_TRUE(position.ok()) << position.status().to_string();
  }
  void apply(const Records& records) {
    attach(*store_);
    const Status status = store_->apply(records.all());
    ASSERT_TRUE(status.ok()) << status.to_string();
  }
  /// The rows of a query as texts, columns joined by '|'; "-" is an empty one.
  std::vector<std::string> rows(std::string_view sql) {
    auto database = open_database(where_, DatabaseUse::writing);
    EXPECT_TRUE(database.ok());
    std::vector<std::string> found;
    Status status = (*database)->begin();
    if (status.ok()) {
      status = (*database)->run(sql, {}, [&found](SqlRow row) {
        std::string line;
        for (const SqlValue& value : row) line += (line.empty() ? "" : "|") + value.value_or("-");
        found.push_back(line);
      });
    }
    EXPECT_TRUE(status.ok()) << sql << ": " << status.to_string();
    (void)(*database)->commit();
    return found;
  }
  std::string one(std::string_view sql) {
    const auto found = rows(sql);
    EXPECT_EQ(found.size(), 1U) << sql;
    return found.empty() ? "" : found.front();
  }
  void run(std::string_view sql) { rows(sql); }

  std::string where_;
  Lines log_;
  std::unique_ptr<HistoryStore> store_;
};

using Lined = std::vector<std::string>;

TEST_P(HistoryCases, MR_01_a_store_says_whose_it_is_and_how_far) {
  const auto position = store_->attach(kWho, "j1");
  ASSERT_TRUE(position.ok()) << position.status().to_string();
  EXPECT_EQ(position->last_sequence, 0U);
  EXPECT_EQ(one("SELECT venue, prefix, environment FROM connectors"), "crypto_com|cal|local");
  EXPECT_EQ(one("SELECT name, last_sequence FROM journals"), "j1|0");
  EXPECT_EQ(one("SELECT version FROM schema_version"), std::to_string(kSchemaVersion));
}

TEST_P(HistoryCases, MR_02_a_stored_fill_is_found) {
  Records records;
  const auto order = make_order("cal1");
  records.round(&order, {filled(order, "T1", 100, 1)});
  apply(records);
  auto database = open_database(where_, DatabaseUse::reading);
  ASSERT_TRUE(database.ok());
  Lined found;
  const Status status = read_history(**database, {.table = HistoryTable::fills}, [&found](SqlRow row) {
    ASSERT_EQ(row.size(), columns_of(HistoryTable::fills).size());
    found.push_back(*row[0] + " " + *row[1] + " " + *row[2] + " " + *row[3] + " " + *row[6] + " " + *row[7]);
  });
  EXPECT_TRUE(status.ok()) << status.to_string();
  EXPECT_EQ(found, Lined{"1700000000000000004 crypto_com cal1 T1 100 1"});
}

TEST_P(HistoryCases, MR_03_a_created_buy_is_an_order_and_a_status) {
  Records records;
  const auto order = make_order("cal1");
  records.round(&order, {created<BuyOrderCreatedEvent>(order)});
  apply(records);
  EXPECT_EQ(one("SELECT client_order_id, trading_pair, trade_type, order_type, time_in_force, price, amount, leverage, "
                "position, creation_time, state, executed_base FROM orders"),
            "cal1|BTC-USDT|BUY|LIMIT|GTC|100.50|2|1|NIL|1700000000000000001|PENDING_CREATE|0");
  EXPECT_EQ(one("SELECT client_order_id, status, time FROM order_status"), "cal1|BuyOrderCreated|1700000000000000002");
  EXPECT_TRUE(rows("SELECT 1 FROM trade_fills").empty());
}

TEST_P(HistoryCases, MR_04_a_created_sell_is_an_order_and_a_status_and_the_position_is_kept) {
  Records records;
  const auto order = make_order("cal1", TradeType::sell);
  records.round(&order, {created<SellOrderCreatedEvent>(order)});
  apply(records);
  EXPECT_EQ(one("SELECT trade_type FROM orders"), "SELL");
  EXPECT_EQ(one("SELECT status FROM order_status"), "SellOrderCreated");
  EXPECT_EQ(one("SELECT last_sequence, last_hash FROM journals"), "1|1001");
}

TEST_P(HistoryCases, MR_05_created_then_filled) {
  Records records;
  const auto order = make_order("cal1");
  records.round(&order, {created<BuyOrderCreatedEvent>(order)});
  records.round(&order, {filled(order, "T1", "100.5"_dec, 1)});
  apply(records);
  EXPECT_EQ(rows("SELECT status FROM order_status ORDER BY number"), (Lined{"BuyOrderCreated", "OrderFilled"}));
  EXPECT_EQ(one("SELECT client_order_id, trade_id, price, amount, quote_amount, fee_amount, fee_token, fee_in_quote, "
                "taker, late, time, receive_time, source FROM trade_fills"),
            "cal1|T1|100.5|1|100.5|0.010|USDT|0.010|0|0|1700000000000000004|1700000000000000005|order");
}

TEST_P(HistoryCases, MR_06_a_fill_whose_fee_has_no_rate_is_kept) {
  // The case says that the fee in quote is 0 then. It is empty here, which a sum counts as 0: a 0 would be a claim.
  Records records;
  const auto order = make_order("cal1");
  auto fill = filled(order, "T1", 100, 1);
  fill.trade_fee.flat_fees = {{"CRO", "1.5"_dec}};
  records.round(&order, {fill});
  apply(records);
  EXPECT_EQ(one("SELECT trade_id, fee_amount, fee_token, fee_in_quote FROM trade_fills"), "T1|1.5|CRO|-");
  EXPECT_EQ(one("SELECT coalesce(sum(fee_in_quote), 0) FROM trade_fills"), "0");
}

TEST_P(HistoryCases, MR_07_created_then_completed) {
  Records records;
  const auto order = make_order("cal1");
  records.round(&order, {created<BuyOrderCreatedEvent>(order)});
  BuyOrderCompletedEvent completed;
  completed.order_id = order.client_order_id();
  records.round(&order, {completed});
  apply(records);
  EXPECT_EQ(rows("SELECT status FROM order_status ORDER BY number"), (Lined{"BuyOrderCreated", "BuyOrderCompleted"}));
  EXPECT_TRUE(rows("SELECT 1 FROM trade_fills").empty());
}

TEST_P(HistoryCases, MR_13_a_connector_that_is_added_twice_is_there_once) {
  attach(*store_);
  attach(*store_);
  attach(*open());
  EXPECT_EQ(one("SELECT count(*) FROM connectors"), "1");
  EXPECT_EQ(one("SELECT count(*) FROM journals"), "1");
}

TEST_P(HistoryCases, MR_14_what_is_stored_already_counts_when_a_connector_comes_back) {
  Records records;
  const auto order = make_order("cal1");
  records.round(&order, {created<BuyOrderCreatedEvent>(order)});
  records.round(&order, {filled(order, "T1", 100, 1)});
  apply(records);
  auto again = open();
  const auto position = again->attach(kWho, "j1");
  ASSERT_TRUE(position.ok());
  EXPECT_EQ(position->last_sequence, 2U);
  EXPECT_EQ(position->last_hash, 1002U);
  EXPECT_TRUE(again->apply(records.all()).ok());  // nothing of it is new
  EXPECT_EQ(one("SELECT count(*) FROM order_status"), "2");
  EXPECT_EQ(one("SELECT count(*) FROM trade_fills"), "1");
}

TEST_P(HistoryCases, MR_15_MR_16_a_connector_that_leaves_takes_nothing_along) {
  Records records;
  const auto order = make_order("cal1");
  records.round(&order, {created<BuyOrderCreatedEvent>(order)});
  apply(records);
  auto other = open();
  attach(*other, {.venue = "binance", .prefix = "cal", .environment = "local"}, "j2");
  EXPECT_TRUE(other->apply(records.all()).ok());
  store_.reset();
  other.reset();
  EXPECT_EQ(rows("SELECT c.venue, o.client_order_id FROM orders o JOIN connectors c ON c.id = o.connector_id "
                 "ORDER BY c.venue"),
            (Lined{"binance|cal1", "crypto_com|cal1"}));
  // A journal is one connector's only.
  auto wrong = open();
  EXPECT_FALSE(wrong->attach({.venue = "okx", .prefix = "cal", .environment = "local"}, "j1").ok());
  EXPECT_EQ(one("SELECT count(*) FROM connectors"), "2");
}

TEST_P(HistoryCases, MR_17_the_order_of_a_connector_stands_under_its_name) {
  Records records;
  const auto order = make_order("cal1");
  records.round(&order, {created<BuyOrderCreatedEvent>(order)});
  apply(records);
  EXPECT_EQ(one("SELECT c.venue, o.client_order_id FROM orders o JOIN connectors c ON c.id = o.connector_id"),
            "crypto_com|cal1");
}

TEST_P(HistoryCases, H_34_decimals_come_back_as_they_went_in) {
  Records records;
  const auto order = make_order("cal1");
  auto fill = filled(order, "T1", "0.000000123456789012"_dec, "1000000000000000.000000000000000001"_dec);
  fill.quote_amount = "99999999999999999999999999999999999999"_dec;
  fill.realized_profit = "-0.00000000000000000000000000000000000001"_dec;
  fill.trade_fee.flat_fees = {{"USDT", "0.1000"_dec}};
  records.round(&order, {fill});
  apply(records);
  EXPECT_EQ(one("SELECT price, amount, quote_amount, realized_profit, fee_amount FROM trade_fills"),
            "0.000000123456789012|1000000000000000.000000000000000001|99999999999999999999999999999999999999|"
            "-0.00000000000000000000000000000000000001|0.1000");
  const auto back = engine::event_from_json("OrderFilledEvent", one("SELECT json FROM events"));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(std::get<OrderFilledEvent>(*back).amount.to_string(), "1000000000000000.000000000000000001");
}

TEST_P(HistoryCases, H_35_funding_is_kept_by_pair_and_payment) {
  const Time when = from_unix_ns(1'700'000'000'000'000'000);
  Records records;
  records.round(nullptr, {paid("BTC-USDT"_pair, "P1", when), paid("ETH-USDT"_pair, "P1", when)});
  records.round(nullptr, {paid("BTC-USDT"_pair, "P1", when)});
  records.round(nullptr, {paid("BTC-USDT"_pair, "P2", when + 8h)});
  apply(records);
  EXPECT_EQ(rows("SELECT trading_pair, payment_id, amount, asset, rate FROM funding_payments ORDER BY 1, 2"),
            (Lined{"BTC-USDT|P1|-0.25|USDT|-", "BTC-USDT|P2|-0.25|USDT|-", "ETH-USDT|P1|-0.25|USDT|-"}));
}

TEST_P(HistoryCases, a_fill_is_one_row_whoever_tells_of_it) {
  Records records;
  auto order = make_order("cal1");
  TradeUpdate trade;
  trade.trade_id = TradeId("T1");
  trade.client_order_id = order.client_order_id();
  trade.trading_pair = order.trading_pair();
  trade.fill_price = 100;
  trade.fill_base_amount = 1;
  trade.fill_quote_amount = 100;
  ASSERT_TRUE(order.apply(trade));
  UnmatchedFillEvent unmatched;
  unmatched.trading_pair = order.trading_pair();
  unmatched.exchange_trade_id = TradeId("T1");
  unmatched.price = 100;
  unmatched.amount = 1;
  records.round(nullptr, {unmatched});
  auto late = filled(order, "T1", 100, 1);
  late.late = true;
  records.round(&order, {late}, {TradeId("T1")});
  // A checkpoint says the order again, with all its fills; it does not know that one was late.
  records.round(&order, {}, {TradeId("T1")});
  records.round(nullptr, {unmatched});
  apply(records);
  EXPECT_EQ(one("SELECT trade_id, client_order_id, source, late FROM trade_fills"), "T1|cal1|order|1");
  // The other side of a trade with oneself is another fill.
  Records more;
  const auto sell = make_order("cal2", TradeType::sell);
  for (std::size_t i = 0; i < 4; ++i) more.add(engine::RecordKind::told, engine::told_record(1));
  more.round(&sell, {filled(sell, "T1", 100, 1)});
  apply(more);
  EXPECT_EQ(rows("SELECT trade_type FROM trade_fills ORDER BY 1"), (Lined{"BUY", "SELL"}));
}

TEST_P(HistoryCases, an_order_is_one_row_and_shows_its_last_state) {
  Records records;
  auto order = make_order("cal1");
  records.round(&order, {});
  OrderUpdate update;
  update.client_order_id = order.client_order_id();
  update.exchange_order_id = ExchangeOrderId("V\"1");
  update.new_state = OrderState::canceled;
  update.reason = FailureReason::would_take;
  update.message = std::string("nul \0 byte", 10);
  update.receive_time = from_unix_ns(1'700'000'000'000'000'007);
  ASSERT_TRUE(order.apply(update));
  OrderCancelledEvent cancelled;
  cancelled.order_id = order.client_order_id();
  cancelled.reason = FailureReason::would_take;
  cancelled.message = "crossed";
  records.round(&order, {cancelled});
  apply(records);
  EXPECT_EQ(one("SELECT state, exchange_order_id, exchange_order_ids, end_reason, last_update_time FROM orders"),
            "CANCELED|V\"1|[\"V\\\"1\"]|would_take|1700000000000000007");
  EXPECT_EQ(one("SELECT status, detail FROM order_status"), "OrderCancelled|would_take: crossed");
}

TEST_P(HistoryCases, what_cannot_be_read_is_logged_and_holds_up_nothing) {
  Records records;
  const auto order = make_order("cal1");
  engine::RoundWriter round;
  round.order("cal0", "{");
  round.event(1, "FromTheFutureEvent", R"({"a":"caf\u00e9"})");
  round.event(2, "OrderExpiredEvent", "\xFF");
  round.order("cal1", engine::stored_order_json(order, {}, {}));
  records.add(engine::RecordKind::round, std::string(round.bytes()));
  records.add(engine::RecordKind::round, "no round");
  records.round(&order, {});
  apply(records);
  EXPECT_EQ(one("SELECT client_order_id FROM orders"), "cal1");
  EXPECT_EQ(rows("SELECT name FROM events ORDER BY number"), (Lined{"FromTheFutureEvent", "OrderExpiredEvent"}));
  EXPECT_EQ(log_.lines().size(), 4U);
  EXPECT_EQ(store_->last_sequence(), 3U);
}

TEST_P(HistoryCases, a_batch_is_applied_whole_or_not_at_all) {
  attach(*store_);
  Records records;
  const auto order = make_order("cal1");
  records.round(&order, {created<BuyOrderCreatedEvent>(order)});
  records.round(&order, {filled(order, "T1", 100, 1)});
  run("ALTER TABLE trade_fills RENAME TO hidden");
  const Status failed = store_->apply(records.all());
  EXPECT_FALSE(failed.ok());
  EXPECT_EQ(one("SELECT count(*) FROM orders"), "0");
  EXPECT_EQ(one("SELECT count(*) FROM order_status"), "0");
  EXPECT_EQ(one("SELECT last_sequence FROM journals"), "0");
  run("ALTER TABLE hidden RENAME TO trade_fills");
  attach(*store_);
  EXPECT_TRUE(store_->apply(records.all()).ok());
  EXPECT_EQ(one("SELECT count(*) FROM order_status"), "2");
  EXPECT_EQ(one("SELECT count(*) FROM trade_fills"), "1");
}

TEST_P(HistoryCases, version_1_is_brought_up_to_date) {
  Records records;
  const auto order = make_order("cal1");
  records.round(&order, {filled(order, "T1", "100.50"_dec, 1)});
  apply(records);
  store_.reset();
  // Version 1 is what it was before the two columns came.
  run("ALTER TABLE trade_fills DROP COLUMN realized_profit");
  run("ALTER TABLE trade_fills DROP COLUMN fee_in_quote");
  run("UPDATE schema_version SET version = 1");
  auto database = open_database(where_, DatabaseUse::reading);
  ASSERT_TRUE(database.ok());
  EXPECT_EQ(read_history(**database, {}, [](SqlRow) {}).code(), StatusCode::unsupported);

  store_ = open();
  attach(*store_);
  EXPECT_EQ(one("SELECT version FROM schema_version"), "2");
  EXPECT_EQ(one("SELECT trade_id, price, realized_profit, fee_in_quote FROM trade_fills"), "T1|100.50|-|-");
  auto profit = filled(order, "T2", 100, 1);
  profit.realized_profit = "1.25"_dec;
  records.round(&order, {profit});
  EXPECT_TRUE(store_->apply(records.all()).ok());
  EXPECT_EQ(rows("SELECT trade_id, realized_profit FROM trade_fills ORDER BY 1"), (Lined{"T1|-", "T2|1.25"}));
}

TEST_P(HistoryCases, a_newer_version_is_refused_and_left_alone) {
  attach(*store_);
  run("UPDATE schema_version SET version = 3");
  auto again = open();
  const auto position = again->attach(kWho, "j1");
  ASSERT_FALSE(position.ok());
  EXPECT_EQ(position.status().code(), StatusCode::unsupported);
  EXPECT_NE(position.status().message().find("version 3"), std::string::npos) << position.status().message();
  EXPECT_EQ(one("SELECT version FROM schema_version"), "3");
  auto database = open_database(where_, DatabaseUse::reading);
  ASSERT_TRUE(database.ok());
  EXPECT_EQ(read_history(**database, {}, [](SqlRow) {}).code(), StatusCode::unsupported);
}

TEST_P(HistoryCases, the_newest_are_shown_oldest_first) {
  Records records;
  for (int i = 0; i < 5; ++i) {
    records.round(nullptr, {paid("BTC-USDT"_pair, "P" + std::to_string(i), from_unix_ns(100 + i))});
  }
  apply(records);
  const auto ids = [&](HistoryQuery query) {
    query.table = HistoryTable::funding;
    auto database = open_database(where_, DatabaseUse::reading);
    Lined found;
    const Status status = read_history(**database, query, [&found](SqlRow row) { found.push_back(*row[6]); });
    EXPECT_TRUE(status.ok()) << status.to_string();
    return found;
  };
  EXPECT_EQ(ids({.limit = 2}), (Lined{"P3", "P4"}));
  EXPECT_EQ(ids({.since = from_unix_ns(102)}), (Lined{"P2", "P3", "P4"}));
  EXPECT_EQ(ids({.since = from_unix_ns(105)}), Lined{});
}

// --- The feeder, with a log on disk ---

class FeederCases : public HistoryCases {
 protected:
  void SetUp() override {
    HistoryCases::SetUp();
    store_.reset();
    std::string test = testing::UnitTest::GetInstance()->current_test_info()->name();
    std::ranges::replace(test, '/', '-');
    folder_ = std::filesystem::temp_directory_path() / ("calypte-feeder-" + std::to_string(::getpid()) + "-" + test);
    std::filesystem::remove_all(folder_);
    open_log();
  }
  void TearDown() override {
    writer_.reset();
    std::filesystem::remove_all(folder_);
  }
  void open_log() {
    writer_.reset();
    auto writer = LogWriter::open(folder_, {.segment_size = 4096, .sync_every = 0ns});
    ASSERT_TRUE(writer.ok()) << writer.status().to_string();
    writer_ = std::move(*writer);
  }
  /// A round with one event, long enough for a few to fill a segment.
  void append() {
    Records records;
    const auto order = make_order("cal" + std::to_string(++event_));
    engine::RoundWriter round;
    const Event event = created<BuyOrderCreatedEvent>(order);
    round.order(order.client_order_id().value, engine::stored_order_json(order, {}, {}));
    round.event(event_, event_name(event), engine::event_to_json(event));
    const auto sequence = writer_->append(static_cast<std::uint32_t>(engine::RecordKind::round), round.bytes());
    ASSERT_TRUE(sequence.ok()) << sequence.status().to_string();
  }
  std::unique_ptr<HistoryFeeder> feed() {
    auto feeder = HistoryFeeder::start(
        {.folder = folder_, .where = where_, .identity = kWho, .poll = 1ms, .first_retry = 1ms, .last_retry = 5ms},
        log_);
    EXPECT_TRUE(feeder.ok()) << feeder.status().to_string();
    return std::move(*feeder);
  }
  template <typename Condition>
  static bool wait_for(Condition condition) {
    for (const auto until = std::chrono::steady_clock::now() + 20s; std::chrono::steady_clock::now() < until;) {
      if (condition()) return true;
      std::this_thread::sleep_for(1ms);
    }
    return false;
  }
  std::string events() {
    return one("SELECT count(*), coalesce(min(number), 0), coalesce(max(number), 0) FROM events");
  }

  std::filesystem::path folder_;
  std::unique_ptr<LogWriter> writer_;
  std::uint64_t event_ = 0;
};

TEST_P(FeederCases, it_follows_the_log_over_segments_and_starts) {
  for (int i = 0; i < 10; ++i) append();
  auto feeder = feed();
  ASSERT_TRUE(wait_for([&] { return feeder->stored_sequence() == 10; })) << feeder->health().to_string();
  for (int i = 0; i < 30; ++i) append();
  ASSERT_TRUE(wait_for([&] { return feeder->stored_sequence() == 40; })) << feeder->health().to_string();
  EXPECT_TRUE(feeder->stop(10s));
  EXPECT_EQ(events(), "40|1|40");
  feeder.reset();

  for (int run = 0; run < 3; ++run) open_log();  // runs that wrote nothing leave empty segments
  for (int i = 0; i < 10; ++i) append();
  feeder = feed();
  EXPECT_TRUE(feeder->stop(10s));
  EXPECT_EQ(events(), "50|1|50");
  EXPECT_TRUE(feeder->health().ok());
  EXPECT_TRUE(log_.lines().empty()) << log_.lines().front();
}

TEST_P(FeederCases, stop_copies_what_is_there_and_a_destructor_does_not_wait) {
  for (int i = 0; i < 20; ++i) append();
  feed().reset();
  auto feeder = feed();
  EXPECT_TRUE(feeder->stop(10s));
  EXPECT_EQ(feeder->stored_sequence(), 20U);
  EXPECT_EQ(events(), "20|1|20");
}

TEST_P(FeederCases, a_store_that_fails_is_tried_again_and_nothing_is_lost) {
  append();
  auto feeder = feed();
  ASSERT_TRUE(wait_for([&] { return feeder->stored_sequence() == 1; })) << feeder->health().to_string();
  run("ALTER TABLE order_status RENAME TO hidden");
  append();
  ASSERT_TRUE(wait_for([&] { return !feeder->health().ok(); }));
  EXPECT_EQ(feeder->stored_sequence(), 1U);
  run("ALTER TABLE hidden RENAME TO order_status");
  ASSERT_TRUE(wait_for([&] { return feeder->stored_sequence() == 2; })) << feeder->health().to_string();
  ASSERT_TRUE(wait_for([&] { return feeder->health().ok(); }));
  EXPECT_EQ(events(), "2|1|2");
  EXPECT_FALSE(log_.lines().empty());
}

TEST_P(FeederCases, a_log_that_lost_its_end_is_copied_anew) {
  for (int i = 0; i < 5; ++i) append();
  EXPECT_TRUE(feed()->stop(10s));
  // What a power failure may do: the database has more than the log, and the log goes on differently.
  writer_.reset();
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    if (entry.path().extension() == ".log") std::filesystem::remove(entry.path());
  }
  event_ = 0;
  open_log();
  for (int i = 0; i < 3; ++i) append();
  event_ = 100;
  for (int i = 0; i < 4; ++i) append();
  auto feeder = feed();
  EXPECT_TRUE(feeder->stop(10s)) << feeder->health().to_string();
  EXPECT_EQ(feeder->stored_sequence(), 7U);
  EXPECT_EQ(one("SELECT count(*) FROM events WHERE number > 100"), "4");
  EXPECT_EQ(one("SELECT last_sequence FROM journals"), "7");
  ASSERT_FALSE(log_.lines().empty());
  EXPECT_NE(log_.lines().front().find("anew"), std::string::npos);
}

TEST_P(FeederCases, segments_that_were_copied_may_be_removed) {
  for (int i = 0; i < 20; ++i) append();
  EXPECT_TRUE(feed()->stop(10s));
  const auto files = segments_of(folder_);
  ASSERT_TRUE(files.ok());
  ASSERT_GT(files->size(), 3U);
  std::filesystem::remove(files->at(0).path);
  std::filesystem::remove(files->at(1).path);
  for (int i = 0; i < 5; ++i) append();
  EXPECT_TRUE(feed()->stop(10s));
  EXPECT_EQ(events(), "25|1|25");
  EXPECT_TRUE(log_.lines().empty());
}

TEST_P(FeederCases, two_journals_of_a_connector_share_the_database) {
  for (int i = 0; i < 3; ++i) append();
  EXPECT_TRUE(feed()->stop(10s));
  writer_.reset();
  std::filesystem::remove_all(folder_);
  open_log();
  event_ = 0;
  for (int i = 0; i < 2; ++i) append();
  EXPECT_TRUE(feed()->stop(10s));
  EXPECT_EQ(rows("SELECT last_sequence FROM journals ORDER BY id"), (Lined{"3", "2"}));
  EXPECT_EQ(one("SELECT count(*) FROM events"), "5");
  EXPECT_EQ(one("SELECT count(*) FROM orders"), "3");
  EXPECT_EQ(one("SELECT count(*) FROM connectors"), "1");
}

TEST_P(FeederCases, two_feeders_of_one_journal_do_not_count_twice) {
  auto first = feed();
  auto second = feed();
  for (int i = 0; i < 50; ++i) append();
  EXPECT_TRUE(wait_for([&] { return first->stored_sequence() == 50 && second->stored_sequence() == 50; }));
  EXPECT_EQ(events(), "50|1|50");
}

}  // namespace calypte::journal::history_test
