// Random sessions in contracts: whatever happens, nothing is created and nothing is lost.
#include <map>

#include "contracts_fixture.hpp"
#include "core/random.hpp"
#include "sim/order_flow.hpp"

namespace calypte::sim {
namespace {

struct Session {
  explicit Session(std::uint64_t seed, bool hedge) : random(seed), exchange(instruments(), ExchangeLimits{}, seed) {
    FlowOptions options;
    options.min_levels = 10;
    options.target_orders = 60;
    options.orders_per_second = 2;
    exchange.on_time(now);
    for (std::size_t i = 0; i < 2; ++i)
      flows.push_back(std::make_unique<OrderFlow>(exchange, i, options, seed + i, now));
    for (int i = 0; i < 4; ++i) {
      const AccountId id = exchange.accounts().open("x", FeeRates{"0.00019"_dec, "0.00047"_dec});
      exchange.accounts().deposit(id, "USDT", 3000 + 1000 * i, now);
      if (hedge && i % 2 == 0) {
        EXPECT_EQ(exchange.set_hedge_mode(id, true), Refusal::none);
      }
      if (i == 1) {
        EXPECT_EQ(exchange.set_margin_type(id, 0, MarginType::isolated), Refusal::none);
      }
      EXPECT_EQ(exchange.set_leverage(id, 0, 75), Refusal::none);
      accounts.push_back(id);
    }
  }
  static std::vector<Instrument> instruments() {
    Instrument one = contract_instrument();
    one.start_price = "60000.3"_dec;
    one.contract->price_interval = std::chrono::seconds{30};
    Instrument two = contract_instrument();
    two.symbol = "DOGEUSDT";
    two.base = "DOGE";
    two.tick = "0.00001"_dec;
    two.lot = 1;
    two.start_price = "0.12345"_dec;
    two.contract->funding_interval = std::chrono::hours{4};
    return {one, two};
  }

  void act() {
    const AccountId account = accounts[random.below(accounts.size())];
    const std::size_t instrument = random.below(2);
    const Instrument& spec = exchange.instruments()[instrument];
    const auto open = exchange.open_orders(account);
    const std::uint64_t dice = random.below(100);
    if (dice < 20 && !open.empty()) {
      exchange.cancel(open[random.below(open.size())], now);
      return;
    }
    if (dice < 26 && !open.empty()) {
      const OrderRecord record = *exchange.order(open[random.below(open.size())]);
      const Decimal quantity = record.request.quantity + spec.lot;
      if (exchange.accept_amendment(record.id, record.request.price, quantity, now) == Refusal::none) {
        exchange.enter_amendment(record.id, record.request.price, quantity, {}, now);
      }
      return;
    }
    if (dice < 30) {
      exchange.set_leverage(account, instrument, static_cast<std::uint32_t>(random.below(130)));
      return;
    }
    if (dice == 30) {
      exchange.set_hedge_mode(account, random.chance(1, 2));
      return;
    }
    OrderRequest request;
    request.account = account;
    request.instrument = instrument;
    request.side = random.chance(1, 2) ? Side::buy : Side::sell;
    if (exchange.hedge_mode(account)) {
      request.position_side = random.chance(1, 2) ? PositionSide::long_side : PositionSide::short_side;
    } else {
      request.reduce_only = random.chance(1, 3);
    }
    request.market = random.chance(1, 3);
    const auto shift = static_cast<std::int64_t>(random.below(200)) - 100;
    const Decimal mark = exchange.prices(instrument)->mark();
    request.price = (mark + mark * Decimal::from_parts(shift, 4)).round_to_multiple(spec.tick, Rounding::floor);
    request.quantity =
        divide(Decimal(50 + random.below(30'000)), mark, 8).round_to_multiple(spec.lot, Rounding::ceiling);
    const std::uint64_t tif = random.below(6);
    request.time_in_force = tif == 0   ? TimeInForce::fill_or_kill
                            : tif == 1 ? TimeInForce::immediate_or_cancel
                                       : TimeInForce::good_till_cancel;
    request.post_only = tif == 2 && !request.market;
    if (const Position* held = exchange.position(account, {instrument, request.position_side})) {
      if (request.reduce_only || exchange.hedge_mode(account))
        request.quantity = std::min(request.quantity, held->amount.abs());
    }
    exchange.place(request, now);
  }

  void pass_time() {
    now += std::chrono::seconds{random.below(600)};
    for (std::size_t i = 0; i < flows.size(); ++i) {
      flows[i]->run(now);
      exchange.set_fair_price(i, from_units(flows[i]->fair_price_ticks(), exchange.instruments()[i].tick));
    }
    exchange.on_time(now);
    if (random.chance(1, 12)) {  // A jump that liquidates the bold.
      const std::size_t instrument = random.below(2);
      const auto shift = static_cast<std::int64_t>(random.below(1600)) - 800;
      const Decimal mark = exchange.prices(instrument)->mark();
      exchange.pin_mark_price(instrument, (mark + mark * Decimal::from_parts(shift, 4)).rescaled(8, Rounding::floor),
                              now);
      exchange.pin_mark_price(instrument, std::nullopt, now);
    }
  }

  void check() {
    ASSERT_EQ(exchange.accounts().sum_of("USDT") - exchange.cost_basis("USDT"), exchange.accounts().deposited("USDT"));
    for (const AccountId account : accounts) {
      // Positions are the sums of the fills, and what the wallet gained is what fills and funding say.
      std::map<PositionKey, Decimal> amounts;
      Decimal realized;
      Decimal fees;
      for (const FillRecord& fill : exchange.fills(account)) {
        amounts[{fill.instrument, fill.position_side}] += fill.side == Side::buy ? fill.quantity : -fill.quantity;
        realized += fill.realized;
        fees += fill.fee;
        if (fill.origin == OrderOrigin::liquidation) ++liquidations;
        if (fill.origin == OrderOrigin::deleveraging) ++deleveragings;
      }
      Decimal booked;
      for (const auto& [key, held] : exchange.positions(account)) {
        ASSERT_EQ(held.amount, amounts[key]);
        ASSERT_EQ(held.amount.is_zero(), held.cost.is_zero());
        if (key.side == PositionSide::long_side) {
          ASSERT_FALSE(held.amount.is_negative());
        }
        if (key.side == PositionSide::short_side) {
          ASSERT_FALSE(held.amount.is_positive());
        }
        booked += held.realized;
        amounts.erase(key);
      }
      ASSERT_TRUE(amounts.empty());
      ASSERT_EQ(booked, realized);
      Decimal funding;
      for (const FundingPayment& payment : exchange.funding_payments(account)) funding += payment.payment;
      std::map<LedgerEntry::Kind, Decimal> ledger;
      for (const LedgerEntry& entry : exchange.accounts().ledger(account)) ledger[entry.kind] += entry.total_change;
      ASSERT_EQ(ledger[LedgerEntry::Kind::realized], realized);
      ASSERT_EQ(ledger[LedgerEntry::Kind::funding], funding);
      ASSERT_EQ(ledger[LedgerEntry::Kind::fee], -fees);
      const Decimal wallet = exchange.accounts().balance(account, "USDT").total;
      ASSERT_EQ(wallet,
                ledger[LedgerEntry::Kind::deposit] + realized + funding - fees + ledger[LedgerEntry::Kind::insurance]);
      payments += exchange.funding_payments(account).size();
    }
    for (std::size_t i = 0; i < 2; ++i) ASSERT_EQ(net(i), Decimal(0));
  }
  /// All positions of a contract: for every buyer there is a seller.
  [[nodiscard]] Decimal net(std::size_t instrument) const {
    Decimal sum;
    for (AccountId account = 0; account < exchange.accounts().count(); ++account) {
      for (const auto& [key, held] : exchange.positions(account)) {
        if (key.instrument == instrument) sum += held.amount;
      }
    }
    return sum;
  }

  core::Random random;
  Exchange exchange;
  Time now = kContractStart;
  std::vector<std::unique_ptr<OrderFlow>> flows;
  std::vector<AccountId> accounts;
  std::size_t liquidations = 0;
  std::size_t deleveragings = 0;
  std::size_t payments = 0;
};

class ContractSessions : public testing::TestWithParam<std::pair<std::uint64_t, bool>> {};

TEST_P(ContractSessions, conserve_money_and_positions_at_every_step) {
  Session session(GetParam().first, GetParam().second);
  for (int step = 0; step < 150; ++step) {
    for (int i = 0; i < 3; ++i) session.act();
    session.pass_time();
    session.check();
    ASSERT_FALSE(HasFatalFailure()) << step;
    session.exchange.events().clear();
  }
  // The session has seen what it is meant to see.
  EXPECT_GT(session.payments, 0U);
  EXPECT_GT(session.liquidations + session.deleveragings, 0U);

  // Taken over, everybody is flat, owes nothing, and the books still agree.
  for (const AccountId account : session.accounts) {
    const auto positions = session.exchange.positions(account);
    for (const auto& [key, held] : positions) session.exchange.liquidate(account, key, session.now);
    EXPECT_FALSE(session.exchange.accounts().balance(account, "USDT").total.is_negative());
    for (const auto& [key, held] : session.exchange.positions(account)) EXPECT_FALSE(held.is_open());
  }
  session.check();
}

INSTANTIATE_TEST_SUITE_P(Seeds, ContractSessions,
                         testing::Values(std::pair{1ULL, false}, std::pair{2ULL, false}, std::pair{3ULL, true},
                                         std::pair{4ULL, true}, std::pair{5ULL, true}));

}  // namespace
}  // namespace calypte::sim
