// The tutorial's connector in the engine that serves every venue: it gets ready, has a book, and trades.
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/exchange_engine.hpp"
#include "toy_row.hpp"
#include "venue/json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace calypte::connector {
namespace {

using namespace std::chrono_literals;

const TradingPair kPair = "BTC-USDT"_pair;

/// A world of one market and one account, whose answers are texts.
class ToyWorld {
 public:
  ToyWorld() {
    engine::ExchangeEngineOptions options;
    options.trading_pairs = {kPair};
    Credentials keys{.api_key = Secret("key"), .api_secret = Secret("secret"), .passphrase = {}};
    auto created = engine::ExchangeEngine::create(kToyRow.make(), std::move(keys), options, null_log(), now_);
    EXPECT_TRUE(created.ok()) << created.status().to_string();
    engine_ = std::move(*created);
    engine_->start(now_);
    drain();
  }

  engine::ExchangeEngine& engine() { return *engine_; }
  const std::vector<Event>& events() const { return events_; }
  /// How often a request to this target was sent: "POST /orders".
  int sent(const std::string& what) const { return sent_.contains(what) ? sent_.at(what) : 0; }

  void frame(venue::StreamKind stream, const std::string& text) {
    engine_->on_frame({.kind = stream}, buffer_.assign(text), now_);
    drain();
  }
  void run_for(Duration duration) {
    const Time end = now_ + duration;
    for (int i = 0; i < 10'000 && engine_->next_wakeup() <= end; ++i) {
      now_ = std::max(now_, engine_->next_wakeup());
      engine_->on_time(now_);
      drain();
    }
    now_ = end;
  }
  std::string time() const { return std::to_string(to_unix_ms(now_)); }
  void drain() {
    for (int round = 0; round < 1000; ++round) {
      const bool worked = engine_->settle();
      for (Event& event : std::exchange(engine_->events(), {})) events_.push_back(std::move(event));
      engine_->changed_books().clear();
      auto actions = std::exchange(engine_->actions(), {});
      if (!worked && actions.empty()) return;
      for (const auto& action : actions) std::visit([this](const auto& a) { carry_out(a); }, action);
    }
    ADD_FAILURE() << "the engine does not come to rest";
  }

 private:
  void carry_out(const engine::OpenStream& open) { engine_->on_stream_up(open.stream, now_); }
  void carry_out(const engine::CloseStream& close) { ADD_FAILURE() << "closed " << to_string(close.stream); }
  void carry_out(const engine::SendPing& ping) { engine_->on_stream_alive(ping.stream, now_); }
  void carry_out(const engine::SendFrame& frame) {
    venue::json::Document document;
    const venue::PaddedBuffer text(frame.text);
    const auto root = document.parse(text.bytes());
    ASSERT_TRUE(root.ok());
    const std::string to((*root).find("type").string());
    const std::string id((*root).find("id").text());
    if (to == "pong") return;
    engine_->on_frame(frame.stream, buffer_.assign(R"({"type":"answer","to":")" + to + R"(","id":)" + id + "}"), now_);
    if ((*root).find("channel").string() != "book") return;
    ++sent_[to + " book"];
    if (to != "subscribe") return;
    engine_->on_frame(frame.stream,
                      buffer_.assign(R"({"type":"book","symbol":"btcusdt","whole":true,"last":7,"time":)" + time() +
                                     R"(,"bids":[["100.0","1"],["99.5","2"]],"asks":[["101","1"]]})"),
                      now_);
  }
  void carry_out(const engine::SendRequest& request) {
    const std::string target = request.request.target.substr(0, request.request.target.find('?'));
    const std::string what = std::string(to_string(request.request.method)) + " " + target;
    ++sent_[what];
    engine_->on_outcome(request.id,
                        {.kind = venue::RequestOutcome::Kind::replied,
                         .reply = {200, {}, replies_.assign(answer(what, request.request.body))},
                         .error = {}},
                        now_);
  }
  std::string answer(const std::string& what, const std::string& body) {
    if (what == "GET /instruments") {
      return R"({"instruments":[{"symbol":"btcusdt","base":"BTC","quote":"USDT","tick":"0.5","step":"0.01"}]})";
    }
    if (what == "GET /time") return R"({"time":)" + time() + "}";
    if (what == "GET /balances") return R"({"balances":[{"asset":"USDT","total":"500","free":"500"}]})";
    if (what == "GET /orders") return R"({"orders":[]})";
    if (what == "GET /fills") return R"({"fills":[]})";
    if (what == "POST /orders") {
      const auto id = body.substr(7, body.find('"', 7) - 7);  // {"id":"...
      return R"({"order":{"id":")" + id + R"(","number":"77","symbol":"btcusdt","state":"open","done":"0","time":)" +
             time() + "}}";
    }
    ADD_FAILURE() << "asked " << what;
    return "{}";
  }

  Time now_ = from_unix_ms(1'790'000'000'000);
  std::unique_ptr<engine::ExchangeEngine> engine_;
  venue::PaddedBuffer buffer_;
  venue::PaddedBuffer replies_;
  std::vector<Event> events_;
  std::map<std::string, int> sent_;
};

/// What was heard of orders.
std::string story(const std::vector<Event>& events) {
  std::string text;
  for (const Event& event : events) {
    if (order_of(event) != nullptr) text += std::string(event_name(event)) + " ";
  }
  return text;
}

TEST(ToyInTheEngine, gets_ready_and_trades) {
  ToyWorld world;
  world.run_for(5s);
  ASSERT_TRUE(world.engine().ready());
  EXPECT_EQ(world.engine().price(kPair, PriceType::best_bid), 100);
  EXPECT_EQ(world.engine().available_balance("USDT"), 500);

  world.frame(venue::StreamKind::market,
              R"({"type":"book","symbol":"btcusdt","whole":false,"first":8,"last":8,"bids":[["100.5","3"]],"asks":[],)"
              R"("time":)" +
                  world.time() + "}");
  EXPECT_EQ(world.engine().price(kPair, PriceType::best_bid), "100.5"_dec);

  const auto id = world.engine().buy(kPair, "0.5"_dec, OrderType::limit, "100"_dec, {});
  world.drain();
  EXPECT_EQ(world.sent("POST /orders"), 1);
  world.frame(venue::StreamKind::user,
              R"({"type":"fill","fill":"9","id":")" + id.value +
                  R"(","number":"77","symbol":"btcusdt","side":"buy","price":"100","amount":"0.5","fee":"0.05",)"
                  R"("fee_asset":"USDT","maker":true,"time":)" +
                  world.time() + "}");
  world.frame(venue::StreamKind::user, R"({"type":"order","id":")" + id.value +
                                           R"(","number":"77","symbol":"btcusdt","state":"done","done":"0.5","time":)" +
                                           world.time() + "}");
  world.run_for(1s);
  EXPECT_EQ(story(world.events()), "BuyOrderCreatedEvent OrderFilledEvent BuyOrderCompletedEvent ");
}

TEST(ToyInTheEngine, a_gap_in_the_book_is_noticed) {
  ToyWorld world;
  world.run_for(5s);
  ASSERT_NE(world.engine().order_book(kPair)->live(), nullptr);
  const int subscribed = world.sent("subscribe book");
  world.frame(venue::StreamKind::market,
              R"({"type":"book","symbol":"btcusdt","whole":false,"first":9,"last":9,"bids":[["100.5","3"]],"asks":[],)"
              R"("time":)" +
                  world.time() + "}");
  world.run_for(5s);
  EXPECT_EQ(world.sent("subscribe book"), subscribed + 1);
  EXPECT_EQ(world.engine().price(kPair, PriceType::best_bid), 100);  // the new picture, without the change
}

TEST(ToyFuzz, its_target_takes_anything) {
  for (const std::string text : {"", "{", R"({"type":"fill"})", R"({"type":"book","bids":[["1"]]})", "\xff"}) {
    EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()), 0);
  }
}

}  // namespace
}  // namespace calypte::connector
