// A recording as the world of a whole connector: the engine asks for instruments, connects, subscribes and asks for the
// book; the recording answers.
#include <algorithm>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/replay/recording.hpp"
#include "connector/registry.hpp"
#include "engine/exchange_engine.hpp"
#include "support/test_data.hpp"

namespace calypte::cli {
namespace {

engine::ExchangeEngineOptions options_for(const TradingPair& pair, bool trading_required) {
  engine::ExchangeEngineOptions options;
  options.trading_pairs = {pair};
  options.trading_required = trading_required;
  return options;
}

class LiveEngine : public ::testing::Test {
 protected:
  /// False if the recording is not here.
  bool read(const std::string& name) {
    const auto path = test::recording(name);
    if (!path) return false;
    for (const auto& found : find_recordings(path->parent_path())) {
      if (found.path.filename() != path->filename()) continue;
      auto recording = read_recording(found);
      EXPECT_TRUE(recording.ok()) << recording.status().to_string();
      if (recording.ok()) recording_ = std::move(*recording);
    }
    return !recording_.events.empty();
  }
  static void skip() { GTEST_SKIP() << "the recording is not here; CALYPTE_RECORDINGS names its folder"; }

  void run(const std::string& pair, std::string instruments) {
    instruments_ = std::move(instruments);
    now_ = recording_.events.front().at;
    auto engine =
        engine::ExchangeEngine::create(connector::make_venue(recording_.venue), {},
                                       options_for(TradingPair::parse(pair).value(), false), null_log(), now_);
    ASSERT_TRUE(engine.ok()) << engine.status().to_string();
    engine_ = std::move(*engine);
    engine_->start(now_);
    drain();
    for (const RecordedEvent& event : recording_.events) {
      for (int i = 0; i < 1000 && engine_->next_wakeup() <= event.at; ++i) {
        now_ = std::max(now_, engine_->next_wakeup());
        engine_->on_time(now_);
        drain();
      }
      now_ = std::max(now_, event.at);
      if (event.kind == RecordedEvent::Kind::frame) {
        engine_->on_frame(stream_of(event.text), buffer_.assign(event.text), now_);
      } else if (event.kind == RecordedEvent::Kind::reply) {
        book_ = event.text;
        answer_book();
      }
      drain();
    }
  }

  void answer(venue::RequestId id, const std::string& body) {
    engine_->on_outcome(
        id, {.kind = venue::RequestOutcome::Kind::replied, .reply = {200, {}, replies_.assign(body)}, .error = {}},
        now_);
  }

  /// As soon as the book was asked for and is there.
  void answer_book() {
    if (!book_request_ || book_.empty()) return;
    answer(*std::exchange(book_request_, std::nullopt), std::exchange(book_, {}));
  }

  void drain() {
    engine_->settle();
    engine_->changed_books().clear();
    while (!engine_->actions().empty()) {
      for (auto& action : std::exchange(engine_->actions(), {})) {
        if (const auto* open = std::get_if<engine::OpenStream>(&action)) {
          own_trade_stream_ = own_trade_stream_ || open->stream.kind == venue::StreamKind::trades;
          engine_->on_stream_up(open->stream, now_);
        } else if (auto* frame = std::get_if<engine::SendFrame>(&action)) {
          sent_.push_back(std::move(frame->text));
          acknowledge(frame->stream, sent_.back());
        } else if (const auto* request = std::get_if<engine::SendRequest>(&action)) {
          serve(*request);
        } else if (std::holds_alternative<engine::CloseStream>(action)) {
          ADD_FAILURE() << "the engine closed the stream";
        }
      }
      engine_->settle();
    }
    for (const Event& event : std::exchange(engine_->events(), {})) {
      if (std::holds_alternative<TradeEvent>(event)) ++trades_;
      if (const auto* error = std::get_if<ConnectorErrorEvent>(&event)) {
        ADD_FAILURE() << error->channel << ": " << error->status.to_string();
      }
    }
  }

  /// Recorded before a venue parted its streams; trades come where they would come now.
  [[nodiscard]] venue::StreamId stream_of(std::string_view frame) const {
    const bool trade = own_trade_stream_ && frame.find(R"("e":"trade")") != std::string_view::npos;
    return {trade ? venue::StreamKind::trades : venue::StreamKind::market, 0};
  }

  /// The recordings of Binance hold no answers to frames.
  void acknowledge(venue::StreamId stream, const std::string& frame) {
    const auto id = frame.find(R"("id":)");
    if (id == std::string::npos) return;
    engine_->on_frame(stream, replies_.assign(R"({"result":null,)" + frame.substr(id)), now_);
  }

  void serve(const engine::SendRequest& request) {
    const auto asked = request_of_url(request.request.target);
    if (asked && std::holds_alternative<venue::QueryInstruments>(*asked)) {
      answer(request.id, instruments_);
    } else if (asked && std::holds_alternative<venue::QueryDepth>(*asked)) {
      book_request_ = request.id;
      answer_book();
    } else {
      engine_->on_outcome(request.id,
                          {.kind = venue::RequestOutcome::Kind::not_sent, .reply = {}, .error = "not recorded"}, now_);
    }
  }

  Recording recording_;
  std::unique_ptr<engine::ExchangeEngine> engine_;
  std::string instruments_;
  venue::PaddedBuffer buffer_;
  venue::PaddedBuffer replies_;
  Time now_{};
  std::optional<venue::RequestId> book_request_;
  std::string book_;  // recorded, and not asked for yet
  std::vector<std::string> sent_;
  std::uint64_t trades_ = 0;
  bool own_trade_stream_ = false;
};

constexpr std::string_view kFilters =
    R"("filters":[{"filterType":"PRICE_FILTER","tickSize":"0.01"},{"filterType":"LOT_SIZE","minQty":"0.00001",)"
    R"("stepSize":"0.00001"}]}]})";

TEST_F(LiveEngine, follows_binance) {
  if (!read("binance_spot/hftbacktest_spot_btcusdt_20240808.gz")) return skip();
  run("BTC-USDT", R"({"symbols":[{"symbol":"BTCUSDT","status":"TRADING","baseAsset":"BTC","quoteAsset":"USDT",)" +
                      std::string(kFilters));
  const OrderBook* book = engine_->order_book("BTC-USDT"_pair);
  ASSERT_NE(book, nullptr);
  EXPECT_TRUE(book->is_live()) << book->state_reason();
  ASSERT_FALSE(sent_.empty());
  EXPECT_NE(sent_[0].find("btcusdt@depth@100ms"), std::string::npos) << sent_[0];
  EXPECT_EQ(trades_, 9757U);
}

TEST_F(LiveEngine, follows_binance_perpetual) {
  if (!read("binance_usdm/hftbacktest_usdm_btcusdt_20240718.gz")) return skip();
  run("BTC-USDT", R"({"symbols":[{"symbol":"BTCUSDT","contractType":"PERPETUAL","status":"TRADING",)"
                  R"("baseAsset":"BTC","quoteAsset":"USDT",)" +
                      std::string(kFilters));
  const OrderBook* book = engine_->order_book("BTC-USDT"_pair);
  ASSERT_NE(book, nullptr);
  EXPECT_TRUE(book->is_live()) << book->state_reason();
  EXPECT_EQ(trades_, 974U);
}

TEST_F(LiveEngine, follows_kraken) {
  if (!read("kraken/depthcharge_v2_kraken_minagbp_d25_20260816.ndjson")) return skip();
  run("MINA-GBP",
      R"({"error":[],"result":{"MINAGBP":{"wsname":"MINA/GBP","pair_decimals":4,"lot_decimals":8,"ordermin":"1"}}})");
  const OrderBook* book = engine_->order_book("MINA-GBP"_pair);
  ASSERT_NE(book, nullptr);
  EXPECT_TRUE(book->is_live()) << book->state_reason();
  ASSERT_FALSE(sent_.empty());
  EXPECT_NE(sent_[0].find(R"("symbol":["MINA/GBP"],"depth":25)"), std::string::npos) << sent_[0];
}

TEST(MarketDataConnectors, can_be_created_without_credentials_and_not_for_trading) {
  for (const auto& row : connector::venues()) {
    if (row.replay_only || !row.make()->spec().market_data_only) continue;
    const auto create = [&](bool trading_required) {
      return engine::ExchangeEngine::create(row.make(), {}, options_for("BTC-USDT"_pair, trading_required), null_log(),
                                            from_unix_ms(1'700'000'000'000));
    };
    EXPECT_TRUE(create(false).ok()) << row.name << ": " << create(false).status().to_string();
    EXPECT_FALSE(create(true).ok()) << row.name;
  }
}

}  // namespace
}  // namespace calypte::cli
