// The venues' own dead-man switches: what is asked and what counts as a confirmation.
#include <gtest/gtest.h>

#include "connector/derivative/binance_perpetual/binance_perpetual_derivative.hpp"
#include "connector/exchange/binance/binance_exchange.hpp"
#include "connector/exchange/crypto_com/crypto_com_exchange.hpp"

namespace calypte::connector {
namespace {

using namespace std::chrono_literals;
using namespace venue;

struct DeadManRequests : public testing::Test {
  Credentials credentials{Secret("key"), Secret("secret"), {}};
  Stamp stamp{from_unix_ms(1'610'905'028'000), 77, &credentials};
  PaddedBuffer buffer;
  Records records;
};

TEST_F(DeadManRequests, a_countdown_of_binance_perpetual) {
  binance_perpetual::BinancePerpetualDerivative venue;
  const ArmDeadMan arm{.symbol = Symbol("BTCUSDT"), .after = 30s};
  const auto wire = venue.encode(arm, stamp);
  ASSERT_TRUE(wire.ok());
  EXPECT_EQ((*wire).method, HttpMethod::post);
  EXPECT_TRUE((*wire).target.starts_with("/fapi/v1/countdownCancelAll?symbol=BTCUSDT&countdownTime=30000&"));
  EXPECT_EQ(venue.encode(ArmDeadMan{.symbol = std::nullopt, .after = 30s}, stamp).status().code(), StatusCode::denied);
  EXPECT_EQ(venue.encode_frame(arm, stamp).status().code(), StatusCode::unsupported) << "by REST only";

  const auto judged = [&](const ArmDeadMan& asked, std::string_view body, int status = 200) {
    return venue.decode_reply(asked, {status, {}, buffer.assign(body)}, records).code();
  };
  EXPECT_EQ(judged(arm, R"({"symbol":"BTCUSDT","countdownTime":"30000"})"), StatusCode::ok);
  EXPECT_EQ(judged(arm, R"({"symbol":"ETHUSDT","countdownTime":"30000"})"), StatusCode::malformed);
  EXPECT_EQ(judged(arm, R"({"symbol":"BTCUSDT","countdownTime":"0"})"), StatusCode::malformed) << "that is: disarmed";
  EXPECT_EQ(judged(arm, R"({})"), StatusCode::malformed);
  EXPECT_EQ(judged({.symbol = Symbol("BTCUSDT")}, R"({"symbol":"BTCUSDT","countdownTime":"0"})"), StatusCode::ok);
  EXPECT_EQ(judged(arm, R"({"code":-1121,"msg":"Invalid symbol."})", 400), StatusCode::rejected);
  EXPECT_EQ(judged(arm, "<html>", 502), StatusCode::unavailable) << "it may be asked again";
}

class FrameSevenIs final : public AskedRequests {
 public:
  [[nodiscard]] const Request* find(std::uint64_t id) const override { return id == 77 ? &request_ : nullptr; }

 private:
  Request request_ = ArmDeadMan{};
};

TEST_F(DeadManRequests, a_connection_of_crypto_com) {
  crypto_com::CryptoComExchange venue;
  const auto frame = venue.encode_frame(ArmDeadMan{}, stamp);
  ASSERT_TRUE(frame.ok());
  EXPECT_EQ(*frame, R"({"id":77,"method":"private/set-cancel-on-disconnect","params":{"scope":"CONNECTION"},)"
                    R"("nonce":1610905028000})");
  EXPECT_EQ(venue.encode(ArmDeadMan{}, stamp).status().code(), StatusCode::unsupported)
      << "by REST it would be said of no connection";

  const auto judged = [&](std::string_view text) {
    const auto answer = venue.decode_answer(buffer.assign(text), FrameSevenIs(), records);
    EXPECT_TRUE(answer.ok() && answer->has_value()) << text;
    return answer.ok() && *answer ? (*answer)->status.code() : StatusCode::malformed;
  };
  const std::string begin = R"({"id":77,"method":"private/set-cancel-on-disconnect","code":)";
  EXPECT_EQ(judged(begin + R"(0,"result":{"scope":"CONNECTION"}})"), StatusCode::ok);
  EXPECT_EQ(judged(begin + R"(0})"), StatusCode::ok);
  EXPECT_EQ(judged(begin + R"(0,"result":{"scope":"ACCOUNT"}})"), StatusCode::malformed);
  EXPECT_EQ(judged(begin + R"(40004,"message":"no"})"), StatusCode::rejected);
}

TEST_F(DeadManRequests, binance_spot_has_none) {
  binance::BinanceExchange venue;
  EXPECT_EQ(venue.spec().dead_man.kind, DeadManKind::none);
  EXPECT_EQ(venue.encode(ArmDeadMan{.symbol = Symbol("BTCUSDT"), .after = 30s}, stamp).status().code(),
            StatusCode::unsupported);
}

}  // namespace
}  // namespace calypte::connector
