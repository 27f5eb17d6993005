// A small exchange with one perpetual contract, for the tests of positions, margin, funding and liquidation.
#pragma once

#include <gtest/gtest.h>
#include <utility>

#include "sim/exchange.hpp"

namespace calypte::sim {

/// Five minutes before a funding time of eight hours.
inline constexpr Time kContractStart = Time{std::chrono::hours{497'000} - std::chrono::minutes{5}};

inline Instrument contract_instrument() {
  Instrument instrument;
  instrument.symbol = "BTCUSDT";
  instrument.kind = InstrumentKind::perpetual;
  instrument.base = "BTC";
  instrument.quote = "USDT";
  instrument.tick = "0.1"_dec;
  instrument.lot = "0.001"_dec;
  instrument.start_price = 100;
  instrument.contract.emplace();
  return instrument;
}

struct ContractsTest : testing::Test {
  Exchange exchange{{contract_instrument()}, ExchangeLimits{}, 1};
  AccountId alice = open(1000);
  AccountId bob = open(1'000'000);
  Time now = kContractStart;

  AccountId open(const Decimal& wallet, FeeRates rates = {}) {
    const AccountId id = exchange.accounts().open("x", std::move(rates));
    exchange.accounts().deposit(id, "USDT", wallet, kContractStart);
    return id;
  }
  static OrderRequest order(AccountId account, Side side, Decimal price, Decimal quantity,
                            PositionSide position_side = PositionSide::net) {
    OrderRequest request;
    request.account = account;
    request.side = side;
    request.price = price;
    request.quantity = quantity;
    request.position_side = position_side;
    return request;
  }
  Exchange::Accepted place(const OrderRequest& request) { return exchange.place(request, now); }
  Refusal refusal(const OrderRequest& request) { return place(request).refusal; }
  /// Bob takes the other side of a trade of `account`.
  void trade(AccountId account, Side side, const Decimal& price, const Decimal& quantity,
             PositionSide position_side = PositionSide::net) {
    ASSERT_EQ(refusal(order(bob, opposite(side), price, quantity)), Refusal::none);
    ASSERT_EQ(refusal(order(account, side, price, quantity, position_side)), Refusal::none);
  }
  [[nodiscard]] Position held(AccountId account, PositionSide side = PositionSide::net) const {
    const Position* found = exchange.position(account, {0, side});
    return found == nullptr ? Position{} : *found;
  }
  [[nodiscard]] Decimal wallet(AccountId account) const { return exchange.accounts().balance(account, "USDT").total; }
  void expect_conserved() const {
    EXPECT_EQ(exchange.accounts().sum_of("USDT") - exchange.cost_basis("USDT"), exchange.accounts().deposited("USDT"));
  }
  template <typename T>
  [[nodiscard]] std::vector<T> events_of() {
    std::vector<T> found;
    for (const ExchangeEvent& event : exchange.events()) {
      if (const T* one = std::get_if<T>(&event)) found.push_back(*one);
    }
    return found;
  }
};

}  // namespace calypte::sim
