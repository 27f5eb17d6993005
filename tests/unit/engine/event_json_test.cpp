// Events as JSON. The members of an event are filled, counted and compared generically, so that a member that is added
// to a struct and forgotten in `event_fields.hpp` fails here.
#include "engine/event_json.hpp"

#include <cstddef>
#include <gtest/gtest.h>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "calypte/decimal.hpp"

#include "engine/event_fields.hpp"

namespace calypte::engine {
namespace {

template <typename E>
concept HasMembers = requires(E& e) { members(e, [](std::string_view, auto&) {}); };

template <typename F>
void for_each_journalled(F&& body) {
  const auto one = [&]<typename E>(std::in_place_type_t<E>) {
    if constexpr (HasMembers<E>) body(E{});
  };
  [&]<typename... Es>(std::in_place_type_t<std::variant<Es...>>) {
    (one(std::in_place_type<Es>), ...);
  }(std::in_place_type<Event>);
}

// --- How many members a struct has, by the compiler's word ---

struct Anything {
  template <typename T>
  operator T() const {  // NOLINT(google-explicit-constructor)
    return T{};
  }
};
template <typename T, std::size_t... I>
constexpr bool takes(std::index_sequence<I...>) {
  return requires { T{((void)I, Anything{})...}; };
}
template <typename T, std::size_t N = 40>
constexpr std::size_t arity() {
  if constexpr (takes<T>(std::make_index_sequence<N>{})) {
    return N;
  } else {
    return arity<T, N - 1>();
  }
}
// A derived event is its base and nothing else.
template <typename E>
using Shape = std::conditional_t<std::is_base_of_v<OrderCreatedEvent, E>, OrderCreatedEvent,
                                 std::conditional_t<std::is_base_of_v<OrderCompletedEvent, E>, OrderCompletedEvent, E>>;

// --- Filling ---

enum class Optionals : std::uint8_t { unset, set, either };

class Filler {
 public:
  Filler(Optionals optionals, std::uint64_t seed) : optionals_(optionals), random_(seed) {}

  template <typename T>
  void operator()(std::string_view, T& place) {
    fill(place);
  }

 private:
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  bool coin() { return below(2) == 1; }

  template <typename T>
  void fill(std::optional<T>& place) {
    place.reset();
    if (optionals_ == Optionals::set || (optionals_ == Optionals::either && coin())) fill(place.emplace());
  }
  void fill(Time& place) {
    const std::vector<std::int64_t> times = {0, 1, -1, INT64_MAX, INT64_MIN, 1'700'000'000'123'456'789};
    place = from_unix_ns(coin() ? times[below(times.size())] : static_cast<std::int64_t>(random_()));
  }
  void fill(Decimal& place) {
    const std::vector<Decimal> edges = {
        Decimal{},
        "0.000000123456789012"_dec,
        "1000000000000000.000000000000000001"_dec,
        "-1.50"_dec,
        "0.00000000000000000000000000000000000001"_dec,
        "99999999999999999999999999999999999999"_dec,
    };
    place = coin() ? edges[below(edges.size())]
                   : Decimal::from_parts(static_cast<std::int64_t>(random_()), static_cast<int>(below(39)));
  }
  void fill(bool& place) { place = coin(); }
  void fill(std::uint32_t& place) { place = static_cast<std::uint32_t>(random_()); }
  void fill(std::string& place) {
    const std::vector<std::string> texts = {"",
                                            "plain",
                                            "quote \" backslash \\ slash /",
                                            "\n\r\t\b\f",
                                            std::string("nul \0 inside", 12),
                                            "\x7f \x01",
                                            "caf\xC3\xA9 \xE5\xB8\x81 \xF0\x9F\x98\x80",
                                            "{\"json\":[1,2]}"};
    place = texts[below(texts.size())];
  }
  void fill(TradingPair& place) { place = coin() ? "BTC-USDT"_pair : "1000.X_Y$:Z-USD"_pair; }
  void fill(TokenAmount& place) {
    fill(place.token);
    fill(place.amount);
  }
  void fill(TradeFee& place) {
    place.kind = coin() ? TradeFee::Kind::added_to_cost : TradeFee::Kind::deducted_from_returns;
    fill(place.percent);
    fill(place.percent_token);
    place.flat_fees.resize(below(3));
    for (TokenAmount& flat : place.flat_fees) fill(flat);
  }
  template <typename Tag>
  void fill(StrongText<Tag>& place) {
    fill(place.value);
  }
  template <typename E>
    requires std::is_enum_v<E>
  void fill(E& place) {
    // Enumerations start at 0 or 1; those with a value behind the last have no word for it.
    const auto first = std::is_same_v<E, OrderType> || std::is_same_v<E, TradeType> ? 1U : 0U;
    place = static_cast<E>(first + below(count_of(E{})));
  }
  static std::uint64_t count_of(StatusCode) { return 12; }
  static std::uint64_t count_of(FailureReason) { return 1U + static_cast<unsigned>(FailureReason::replaced); }
  static std::uint64_t count_of(OrderState) { return 12; }
  static std::uint64_t count_of(OrderType) { return 4; }
  static std::uint64_t count_of(TradeType) { return 2; }
  static std::uint64_t count_of(PositionAction) { return 3; }
  static std::uint64_t count_of(PositionSide) { return 3; }
  static std::uint64_t count_of(PositionMode) { return 2; }
  static std::uint64_t count_of(MarginType) { return 2; }
  static std::uint64_t count_of(LiquidationEvent::Kind) { return 3; }
  void fill(Status& place) {
    StatusCode code{};
    FailureReason reason{};
    std::string message;
    std::string venue_code;
    std::optional<Time> retry_at;
    fill(code);
    fill(reason);
    fill(message);
    fill(venue_code);
    fill(retry_at);
    place = Status(code, reason, message, venue_code);
    if (retry_at) place.set_retry_at(*retry_at);
  }

  Optionals optionals_;
  std::mt19937_64 random_;
};

// --- Comparing ---

template <typename E>
void expect_same(const E& a, const E& b) {
  std::vector<const void*> places;
  members(a, [&places](std::string_view, const auto& member) { places.push_back(&member); });
  std::size_t at = 0;
  members(b, [&]<typename T>(std::string_view name, const T& member) {
    EXPECT_TRUE(*static_cast<const T*>(places[at++]) == member) << event_name(Event(a)) << "." << name;
  });
}

template <typename E>
void expect_round_trip(const E& event) {
  const std::string json = event_to_json(event);
  const auto back = event_from_json(event_name(event), json);
  ASSERT_TRUE(back.ok()) << back.status().to_string() << "\n" << json;
  ASSERT_TRUE(std::holds_alternative<E>(*back));
  expect_same(event, std::get<E>(*back));
  // The scale of a decimal is no part of its value, but of its text.
  EXPECT_EQ(event_to_json(*back), json);
}

TEST(EventJson, every_member_of_every_journalled_event_is_described) {
  std::size_t kinds = 0;
  for_each_journalled([&kinds]<typename E>(E event) {
    std::size_t count = 0;
    members(event, [&count](std::string_view, const auto&) { ++count; });
    EXPECT_EQ(count, arity<Shape<E>>()) << event_name(Event(event));
    ++kinds;
  });
  EXPECT_EQ(kinds, 21U);
}

TEST(EventJson, what_is_described_is_journalled_and_nothing_else) {
  const auto check = []<typename E>(const E& event) {
    EXPECT_EQ(is_journalled(event), HasMembers<E>) << event_name(Event(event));
  };
  [&check]<typename... Es>(std::in_place_type_t<std::variant<Es...>>) {
    (check(Es{}), ...);
  }(std::in_place_type<Event>);
  EXPECT_TRUE(is_journalled(OrderFilledEvent{}));
  EXPECT_FALSE(is_journalled(BalanceEvent{}));
  EXPECT_FALSE(is_journalled(PositionChangedEvent{}));
}

TEST(EventJson, round_trip_of_every_kind_as_it_is_made) {
  for_each_journalled([](auto event) { expect_round_trip(event); });
}

TEST(EventJson, H_34_round_trip_of_every_kind_with_any_values) {
  for (const Optionals optionals : {Optionals::unset, Optionals::set, Optionals::either}) {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      for_each_journalled([&](auto event) {
        members(event, Filler(optionals, seed));
        expect_round_trip(event);
      });
      if (HasFailure()) return;
    }
  }
}

TEST(EventJson, H_34_decimals_keep_every_digit) {
  OrderFilledEvent fill;
  fill.price = "0.000000123456789012"_dec;
  fill.amount = "1000000000000000.000000000000000001"_dec;
  fill.quote_amount = "123456789.0123456789012500"_dec;
  const auto back = event_from_json("OrderFilledEvent", event_to_json(fill));
  ASSERT_TRUE(back.ok()) << back.status().to_string();
  const auto& read = std::get<OrderFilledEvent>(*back);
  EXPECT_EQ(read.price.to_string(), "0.000000123456789012");
  EXPECT_EQ(read.amount.to_string(), "1000000000000000.000000000000000001");
  EXPECT_EQ(read.quote_amount.to_string(), "123456789.0123456789012500");
}

TEST(EventJson, the_form_is_fixed) {
  OrderFilledEvent fill;
  fill.timestamp = from_unix_ns(1'700'000'000'000'000'001);
  fill.order_id = ClientOrderId("cal1");
  fill.trading_pair = "BTC-USDT"_pair;
  fill.trade_type = TradeType::sell;
  fill.price = "10.50"_dec;
  fill.amount = 2;
  fill.quote_amount = "21.0"_dec;
  fill.trade_fee.flat_fees = {{"USDT", "0.01"_dec}};
  fill.exchange_trade_id = TradeId("77");
  fill.late = true;
  EXPECT_EQ(event_to_json(fill),
            R"({"timestamp":1700000000000000001,"order_id":"cal1","trading_pair":"BTC-USDT","trade_type":"SELL",)"
            R"("order_type":"LIMIT","price":"10.50","amount":"2","quote_amount":"21.0","trade_fee":)"
            R"({"fee_type":"AddedToCost","percent":"0","percent_token":"","flat_fees":[{"token":"USDT",)"
            R"("amount":"0.01"}]},"exchange_trade_id":"77","leverage":"1","position":"NIL","venue_time":0,)"
            R"("is_taker":true,"late":true,"overfill":false})");
  PositionModeChangedEvent mode;
  mode.mode = PositionMode::hedge;
  mode.status = Status(StatusCode::rejected, FailureReason::position_mode, "open \"orders\"", "-4067");
  EXPECT_EQ(event_to_json(mode),
            R"({"timestamp":0,"mode":"HEDGE","status":{"code":"rejected","reason":"position_mode",)"
            R"("message":"open \"orders\"","venue_code":"-4067"}})");
}

TEST(EventJson, a_text_that_is_no_utf8_costs_its_bytes_but_not_the_event) {
  OrderOutcomeUnknownEvent unknown;
  unknown.evidence = "HTTP 502: \xFF\xC3(\xE2\x82 \xED\xA0\x80 \xF8 caf\xC3\xA9 \xC0\xAF \xF4\x90\x80\x80 end\xE2";
  const auto back = event_from_json("OrderOutcomeUnknownEvent", event_to_json(unknown));
  ASSERT_TRUE(back.ok()) << back.status().to_string();
  const std::string& read = std::get<OrderOutcomeUnknownEvent>(*back).evidence;
  EXPECT_TRUE(read.starts_with("HTTP 502: \xEF\xBF\xBD\xEF\xBF\xBD(\xEF\xBF\xBD")) << read;
  EXPECT_NE(read.find(" caf\xC3\xA9 "), std::string::npos) << read;
  EXPECT_TRUE(read.ends_with(" end\xEF\xBF\xBD")) << read;
}

TEST(EventJson, members_that_are_not_known_are_ignored) {
  OrderExpiredEvent event;
  event.order_id = ClientOrderId("cal1");
  std::string json = event_to_json(event);
  json.insert(1, R"("from_the_future":{"a":[1]},)");
  const auto back = event_from_json("OrderExpiredEvent", json);
  ASSERT_TRUE(back.ok()) << back.status().to_string();
  expect_same(event, std::get<OrderExpiredEvent>(*back));
}

TEST(EventJson, a_missing_or_wrong_member_is_malformed_and_named) {
  for_each_journalled([]<typename E>(E event) {
    members(event, Filler(Optionals::set, 5));
    const std::string json = event_to_json(event);
    const std::string_view name = event_name(Event(event));
    members(event, [&]<typename T>(std::string_view member, const T&) {
      const std::size_t at = json.find("\"" + std::string(member) + "\":");
      ASSERT_NE(at, std::string::npos);
      std::string renamed = json;
      renamed[at + 1] = '!';
      constexpr bool kOptional = requires(const T& t) { t.has_value(); };
      const auto without = event_from_json(name, renamed);
      EXPECT_EQ(without.ok(), kOptional) << renamed;
      if (!kOptional) {
        EXPECT_EQ(without.status().code(), StatusCode::malformed);
        EXPECT_NE(without.status().message().find(member), std::string::npos) << without.status().message();
      }
      // An array is none of ours.
      std::string wrong = json;
      wrong.insert(at, "\"" + std::string(member) + "\":[],");
      EXPECT_EQ(event_from_json(name, wrong).status().code(), StatusCode::malformed) << wrong;
    });
  });
}

TEST(EventJson, bad_input_is_malformed) {
  const auto code = [](std::string_view name, std::string_view json) {
    return event_from_json(name, json).status().code();
  };
  const std::string good = event_to_json(OrderExpiredEvent{});
  EXPECT_EQ(code("OrderExpiredEvent", good), StatusCode::ok);
  for (const std::string_view name : {"", "BalanceEvent", "orderexpiredevent", "OrderExpiredEvent "}) {
    EXPECT_EQ(code(name, good), StatusCode::malformed) << name;
  }
  for (const std::string_view json : {"", "null", "[]", "1", "{", "{}", "\"x\"", "{\"timestamp\":1.5}", "\xFF"}) {
    EXPECT_EQ(code("OrderExpiredEvent", json), StatusCode::malformed) << json;
  }
  LeverageChangedEvent leverage;
  leverage.leverage = 4'294'967'295;
  std::string json = event_to_json(leverage);
  EXPECT_EQ(code("LeverageChangedEvent", json), StatusCode::ok);
  json.replace(json.find("4294967295"), 10, "4294967296");
  EXPECT_EQ(code("LeverageChangedEvent", json), StatusCode::malformed);
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(code("OrderExpiredEvent", std::string_view(good).substr(0, size)), StatusCode::malformed) << size;
  }
}

}  // namespace
}  // namespace calypte::engine
