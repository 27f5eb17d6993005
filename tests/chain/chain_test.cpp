// That the chain which other tests stand on is what docs/test-chain.md says.
#include "support/chain.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <ctime>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace calypte::test {
namespace {

using evm::Uint256;
using testing::HasSubstr;

constexpr auto kDecimals = "0x313ce567";
constexpr auto kTransfer = "0xa9059cbb";
constexpr auto kTransferFrom = "0x23b872dd";
constexpr auto kApprove = "0x095ea7b3";
constexpr auto kSlot0 = "0x3850c7bd";
constexpr auto kLiquidity = "0x1a686502";
constexpr auto kReserves = "0x0902f1ac";
constexpr auto kAmountsOut = "0xd06ca61f";
constexpr auto kQuoteV3 = "0xc6a5026a";
constexpr auto kSwapV3 = "0x04e45aaf";

const Uint256 kEther("1000000000000000000");
const Uint256 kUsdc = 1'000'000;

Uint256 ask(const std::string& address, const char* selector, std::size_t word = 0) {
  return chain_word(Chain::shared().call(address, chain_call(selector, {})), word);
}

/// What the quoter and the reference formula need.
struct Swap {
  std::string in;
  std::string out;
  std::uint32_t fee = 0;
  Uint256 amount;
};

Uint256 quote_v3(const Swap& swap) {
  auto& chain = Chain::shared();
  const auto data = chain_call(
      kQuoteV3, {chain.token(swap.in).address, chain.token(swap.out).address, swap.amount, Uint256(swap.fee), 0});
  return chain_word(chain.call(chain.contract("quoter"), data));
}

Uint256 quote_v2(const Swap& swap) {
  auto& chain = Chain::shared();
  const auto data =
      chain_call(kAmountsOut, {swap.amount, 64, 2, chain.token(swap.in).address, chain.token(swap.out).address});
  return chain_word(chain.call(chain.contract("v2_router"), data), 3);
}

ChainReceipt swap_v3(const Swap& swap, const std::string& trader, const Uint256& least) {
  auto& chain = Chain::shared();
  return chain.execute(trader, chain.contract("swap_router_02"),
                       chain_call(kSwapV3, {chain.token(swap.in).address, chain.token(swap.out).address,
                                            Uint256(swap.fee), trader, swap.amount, least, 0}));
}

/// Whether the processes have ended, waiting for it for five seconds at most. They need not be our children.
class Ended {
 public:
  explicit Ended(pid_t process) : handle_(static_cast<int>(::syscall(SYS_pidfd_open, process, 0))) {}
  ~Ended() { ::close(handle_); }
  Ended(const Ended&) = delete;
  Ended& operator=(const Ended&) = delete;
  [[nodiscard]] bool now() const { return wait(0); }
  [[nodiscard]] bool soon() const { return wait(5000); }

 private:
  [[nodiscard]] bool wait(int milliseconds) const {
    pollfd waiting{.fd = handle_, .events = POLLIN, .revents = 0};
    return ::poll(&waiting, 1, milliseconds) == 1;
  }
  int handle_;
};

// --- What is on it ---

TEST_F(ChainTest, has_the_id_and_the_fee_that_were_asked_for_and_the_time_of_the_machine) {
  EXPECT_EQ(chain().request_text("eth_chainId"), "0x7a69");
  EXPECT_EQ(chain().chain_id(), 31337U);
  EXPECT_EQ(chain().base_fee(), 1'000'000'000);
  const auto now = static_cast<std::uint64_t>(std::time(nullptr));
  chain().mine();
  EXPECT_GE(chain().block_timestamp(), now);
  EXPECT_LE(chain().block_timestamp(), static_cast<std::uint64_t>(std::time(nullptr)) + 1);
}

TEST_F(ChainTest, all_contracts_tokens_and_pools_have_code) {
  const auto code = [](const std::string& address) {
    return chain().request_text("eth_getCode", "[\"" + address + "\",\"latest\"]").size();
  };
  for (const char* name : {"weth", "v2_factory", "v2_router", "v3_factory", "swap_router", "swap_router_02",
                           "position_manager", "quoter", "tick_lens"}) {
    EXPECT_GT(code(chain().contract(name)), 1000U) << name;
  }
  EXPECT_EQ(chain().tokens().size(), 9U);
  for (const auto& [symbol, token] : chain().tokens()) {
    EXPECT_EQ(ask(token.address, kDecimals), token.decimals) << symbol;
    EXPECT_GT(chain().balance(symbol, chain().account(9).address), 0) << symbol;
  }
  EXPECT_EQ(chain().pools().size(), 26U);
  for (const auto& [name, pool] : chain().pools()) {
    EXPECT_GT(code(pool.address), 1000U) << name;
    EXPECT_LT(chain().token(pool.token0).address, chain().token(pool.token1).address) << name;
  }
}

TEST_F(ChainTest, pairs_stand_in_both_orders) {
  EXPECT_EQ(chain().pool("weth_usdc_500").token0, "USDC");
  EXPECT_EQ(chain().pool("wbtc_usdc_500").token0, "WBTC");
  EXPECT_EQ(chain().pool("weth_dai_3000").token0, "DAI");
  EXPECT_EQ(chain().pool("gem_weth_3000").token0, "GEM");
}

TEST_F(ChainTest, accounts_have_done_nothing_yet) {
  for (std::size_t i = 0; i < 10; ++i) {
    const auto& account = chain().account(i);
    EXPECT_EQ(chain().nonce(account.address), 0U);
    EXPECT_EQ(chain().coins(account.address), 10'000 * kEther);
    EXPECT_EQ(chain().balance("USDC", account.address), 10'000'000 * kUsdc);
    EXPECT_EQ(chain().allowance("USDC", account.address, chain().contract("swap_router_02")), 0);
  }
  EXPECT_EQ(chain().account(0).address, "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266");
}

TEST_F(ChainTest, there_are_pools_without_liquidity_and_without_a_price) {
  const auto& dry = chain().pool("weth_usdc_100").address;
  EXPECT_NE(ask(dry, kSlot0), 0);
  EXPECT_EQ(ask(dry, kLiquidity), 0);
  EXPECT_THROW((void)quote_v3({.in = "WETH", .out = "USDC", .fee = 100, .amount = kEther}), ChainError);
  EXPECT_EQ(ask(chain().pool("gem_usdc_500").address, kSlot0), 0);
  EXPECT_EQ(ask(chain().pool("dai_usdc_v2").address, kReserves), 0);
  // A price between two ranges, with liquidity on both sides of it.
  EXPECT_EQ(ask(chain().pool("wbtc_usdc_10000").address, kLiquidity), 0);
  EXPECT_GT(quote_v3({.in = "WBTC", .out = "USDC", .fee = 10000, .amount = 1'000'000}), 570 * kUsdc);
  EXPECT_GT(quote_v3({.in = "USDC", .out = "WBTC", .fee = 10000, .amount = 600 * kUsdc}), 930'000);
}

// --- Trading on it ---

TEST_F(ChainTest, the_quoter_answers_near_the_price_and_worse_for_more) {
  const Swap one{.in = "WETH", .out = "USDC", .fee = 500, .amount = kEther};
  EXPECT_LT(quote_v3(one), 2'499 * kUsdc);  // 2500 without the fee
  EXPECT_GT(quote_v3(one), 2'498 * kUsdc);
  Swap many = one;
  many.amount = 500 * kEther;
  EXPECT_LT(quote_v3(many), 500 * quote_v3(one) - 1'000 * kUsdc);
}

TEST_F(ChainTest, the_direct_pool_is_the_better_way_for_little_and_two_hops_are_for_much) {
  const auto direct = [](const Uint256& amount) {
    return quote_v3({.in = "GEM", .out = "USDC", .fee = 10000, .amount = amount});
  };
  const auto two_hops = [](const Uint256& amount) {
    const auto weth = quote_v3({.in = "GEM", .out = "WETH", .fee = 3000, .amount = amount});
    return quote_v3({.in = "WETH", .out = "USDC", .fee = 500, .amount = weth});
  };
  EXPECT_GT(direct(kEther), two_hops(kEther));
  EXPECT_GT(two_hops(1'000 * kEther), 2 * direct(1'000 * kEther));
}

TEST_F(ChainTest, a_swap_by_the_router_gives_what_the_quoter_said) {
  const auto& trader = chain().account(1).address;
  const Swap swap{.in = "WETH", .out = "USDC", .fee = 500, .amount = 3 * kEther};
  const auto quoted = quote_v3(swap);
  const auto before = chain().balance("USDC", trader);
  chain().approve("WETH", trader, chain().contract("swap_router_02"), swap.amount);

  const auto refused = swap_v3(swap, trader, quoted + 1);
  EXPECT_FALSE(refused.succeeded);
  EXPECT_EQ(chain().balance("USDC", trader), before);

  const auto receipt = swap_v3(swap, trader, quoted);
  EXPECT_TRUE(receipt.succeeded);
  EXPECT_EQ(receipt.logs, 3U);  // two transfers and the swap
  EXPECT_EQ(chain().balance("USDC", trader), before + quoted);
  EXPECT_EQ(chain().allowance("WETH", trader, chain().contract("swap_router_02")), 0);
  EXPECT_EQ(chain().nonce(trader), 3U);
}

TEST_F(ChainTest, a_v2_pair_quotes_by_its_formula_and_swaps) {
  const Swap swap{.in = "WETH", .out = "USDC", .fee = 3000, .amount = kEther};
  const auto& pair = chain().pool("weth_usdc_v2").address;
  const Uint256 usdc = ask(pair, kReserves, 0);
  const Uint256 weth = ask(pair, kReserves, 1);
  const Uint256 expected = kEther * 997 * usdc / (weth * 1000 + kEther * 997);
  EXPECT_EQ(quote_v2(swap), expected);

  const auto& trader = chain().account(2).address;
  const auto before = chain().balance("USDC", trader);
  chain().trade("weth_usdc_v2", "WETH", kEther, trader);
  EXPECT_EQ(chain().balance("USDC", trader), before + expected);
  EXPECT_EQ(ask(pair, kReserves, 1), weth + kEther);
}

TEST_F(ChainTest, others_trade_in_either_direction_and_move_the_price) {
  const Swap sell{.in = "WBTC", .out = "USDC", .fee = 3000, .amount = 1'000'000};
  const auto before = quote_v3(sell);
  chain().trade("wbtc_usdc_3000", "USDC", 100'000 * kUsdc, chain().account(9).address);
  const auto dearer = quote_v3(sell);
  EXPECT_GT(dearer, before);
  chain().trade("wbtc_usdc_3000", "WBTC", 300'000'000, chain().account(9).address);
  EXPECT_LT(quote_v3(sell), dearer);
  EXPECT_THROW(chain().trade("wbtc_usdc_3000", "DAI", 1, chain().account(9).address), std::runtime_error);
}

// --- Tokens that misbehave ---

TEST_F(ChainTest, one_token_answers_false_and_moves_nothing) {
  const auto& [me, other] = std::pair(chain().account(0).address, chain().account(1).address);
  const auto& token = chain().token("REFUSE").address;
  const auto before = chain().balance("REFUSE", other);
  for (const auto& data : {chain_call(kTransfer, {other, 1}), chain_call(kApprove, {other, 1}),
                           chain_call(kTransferFrom, {me, other, 1})}) {
    EXPECT_EQ(chain_word(chain().call(token, data, me)), 0) << data;
    EXPECT_TRUE(chain().execute(me, token, data).succeeded) << data;
  }
  EXPECT_EQ(chain().balance("REFUSE", other), before);
  EXPECT_EQ(chain().allowance("REFUSE", me, other), 0);
}

TEST_F(ChainTest, one_token_keeps_a_hundredth) {
  const auto& [me, other] = std::pair(chain().account(0).address, chain().account(1).address);
  const auto mine = chain().balance("TAX", me);
  const auto theirs = chain().balance("TAX", other);
  EXPECT_TRUE(chain().execute(me, chain().token("TAX").address, chain_call(kTransfer, {other, 10'000})).succeeded);
  EXPECT_EQ(chain().balance("TAX", me), mine - 10'000);
  EXPECT_EQ(chain().balance("TAX", other), theirs + 9'900);
  // Buying: the pool sends what was quoted, less arrives. Selling: the pool misses the hundredth.
  chain().approve("USDC", me, chain().contract("swap_router_02"), 100 * kUsdc);
  const Swap buy{.in = "USDC", .out = "TAX", .fee = 3000, .amount = 100 * kUsdc};
  const auto quoted = quote_v3(buy);
  EXPECT_TRUE(swap_v3(buy, me, 0).succeeded);
  EXPECT_EQ(chain().balance("TAX", me), mine - 10'000 + quoted - quoted / 100);
  chain().approve("TAX", me, chain().contract("swap_router_02"), kEther);
  EXPECT_FALSE(swap_v3({.in = "TAX", .out = "USDC", .fee = 3000, .amount = kEther}, me, 0).succeeded);
}

TEST_F(ChainTest, one_token_wants_its_allowance_at_zero_before_it_changes) {
  const auto& [me, other] = std::pair(chain().account(0).address, chain().account(1).address);
  chain().approve("STEP", me, other, 5);
  EXPECT_THROW(chain().approve("STEP", me, other, 6), std::runtime_error);
  EXPECT_EQ(chain().allowance("STEP", me, other), 5);
  chain().approve("STEP", me, other, 0);
  chain().approve("STEP", me, other, 6);
  EXPECT_EQ(chain().allowance("STEP", me, other), 6);
}

TEST_F(ChainTest, one_token_answers_nothing_and_trades) {
  const auto& me = chain().account(0).address;
  const auto& token = chain().token("MUTE").address;
  for (const char* method : {kTransfer, kApprove}) {
    EXPECT_EQ(chain().call(token, chain_call(method, {chain().account(1).address, 1}), me), "0x");
  }
  const Swap sell{.in = "MUTE", .out = "USDC", .fee = 3000, .amount = kEther};
  chain().approve("MUTE", me, chain().contract("swap_router_02"), kEther);
  const auto before = chain().balance("USDC", me);
  const auto quoted = quote_v3(sell);
  EXPECT_TRUE(swap_v3(sell, me, quoted).succeeded);
  EXPECT_EQ(chain().balance("USDC", me), before + quoted);
}

TEST_F(ChainTest, a_token_can_change_its_manner) {
  const auto& [me, other] = std::pair(chain().account(0).address, chain().account(1).address);
  chain().set_manner("GEM", "pause");
  try {
    (void)chain().call(chain().token("GEM").address, chain_call(kTransfer, {other, 1}), me);
    FAIL() << "a paused token moved";
  } catch (const ChainError& error) {
    EXPECT_THAT(error.what(), HasSubstr("PAUSED"));
    EXPECT_THAT(error.data(), testing::StartsWith("0x08c379a0"));
    EXPECT_EQ(error.code(), 3);
  }
  chain().set_manner("GEM", "proper");
  EXPECT_EQ(chain_word(chain().call(chain().token("GEM").address, chain_call(kTransfer, {other, 1}), me)), 1);
  EXPECT_THROW(chain().set_manner("GEM", "polite"), std::runtime_error);
}

// --- Staging ---

TEST_F(ChainTest, a_snapshot_takes_everything_back) {
  const auto& [me, other] = std::pair(chain().account(0).address, chain().account(1).address);
  const auto block = chain().block_number();
  const auto fee = chain().base_fee("pending");
  const auto coins = chain().coins(me);
  const auto snapshot = chain().snapshot();
  chain().set_next_base_fee(77'000'000'000);
  chain().set_next_timestamp(chain().block_timestamp() + 100'000);
  chain().execute(me, other, "0x", {.value = kEther});
  EXPECT_EQ(chain().base_fee(), 77'000'000'000);
  EXPECT_LT(chain().coins(me), coins - kEther);
  chain().set_mining(false);
  const auto waiting = chain().send(me, other, "0x", {.value = kEther});
  EXPECT_EQ(chain().nonce(me, true), 2U);
  chain().set_next_base_fee(99'000'000'000);

  chain().revert(snapshot);
  EXPECT_EQ(chain().block_number(), block);
  EXPECT_EQ(chain().coins(me), coins);
  EXPECT_EQ(chain().nonce(me, true), 0U);
  EXPECT_EQ(chain().base_fee("pending"), fee);
  EXPECT_FALSE(chain().receipt(waiting));
  const auto receipt =
      chain().wait_for_receipt(chain().send(me, other, "0x", {.value = kEther}));  // mines again by itself
  EXPECT_EQ(receipt.block_number, block + 1);
  EXPECT_LE(chain().block_timestamp(), static_cast<std::uint64_t>(std::time(nullptr)) + 1);
  EXPECT_THROW(chain().revert(snapshot), std::runtime_error);
}

TEST_F(ChainTest, a_transaction_waits_is_dropped_and_is_mined_on_request) {
  const auto& [me, other] = std::pair(chain().account(0).address, chain().account(1).address);
  chain().set_mining(false);
  const auto first = chain().send(me, other, "0x", {.value = 1});
  EXPECT_FALSE(chain().receipt(first));
  EXPECT_TRUE(chain().drop(first));
  EXPECT_FALSE(chain().drop(first));
  const auto second = chain().send(me, other, "0x", {.value = 2});
  chain().mine(3);
  const auto receipt = chain().wait_for_receipt(second);
  EXPECT_TRUE(receipt.succeeded);
  EXPECT_EQ(receipt.block_number + 2, chain().block_number());
  EXPECT_EQ(receipt.gas_used, 21'000);
  EXPECT_FALSE(chain().receipt(first));
}

TEST_F(ChainTest, a_reorganisation_takes_a_transaction_away) {
  const auto& [me, other] = std::pair(chain().account(0).address, chain().account(1).address);
  const auto before = chain().coins(other);
  const auto hash = chain().send(me, other, "0x", {.value = kEther});
  const auto there = chain().wait_for_receipt(hash);
  chain().reorganise(1);
  EXPECT_FALSE(chain().receipt(hash));
  EXPECT_EQ(chain().coins(other), before);
  EXPECT_EQ(chain().block_number(), there.block_number);
}

TEST_F(ChainTest, a_reorganisation_moves_a_transaction_to_another_block) {
  const auto& [me, other] = std::pair(chain().account(0).address, chain().account(1).address);
  const auto hash = chain().send(me, other, "0x", {.value = kEther});
  const auto there = chain().wait_for_receipt(hash);
  const auto raw = chain().raw_transaction(hash);
  chain().mine();
  chain().reorganise(2, {{.raw = raw, .block = 1}});
  const auto moved = chain().wait_for_receipt(hash);
  EXPECT_EQ(moved.block_number, there.block_number + 1);
  EXPECT_NE(moved.block_hash, there.block_hash);
}

TEST_F(ChainTest, a_higher_fee_goes_first_and_replaces) {
  const auto& [me, other] = std::pair(chain().account(0).address, chain().account(1).address);
  const Uint256 gwei = 1'000'000'000;
  chain().set_mining(false);
  const auto cheap = chain().send(me, other, "0x", {.value = 1, .max_fee = 10 * gwei, .tip = gwei});
  const auto hasty = chain().send(other, me, "0x", {.value = 1, .max_fee = 30 * gwei, .tip = 3 * gwei});
  const auto again = chain().send(me, other, "0x", {.value = 2, .max_fee = 20 * gwei, .tip = 2 * gwei, .nonce = 0});
  chain().mine();
  EXPECT_FALSE(chain().receipt(cheap));
  EXPECT_THAT(chain().wait_for_receipt(hasty).json, HasSubstr(R"("transactionIndex":"0x0")"));
  EXPECT_THAT(chain().wait_for_receipt(again).json, HasSubstr(R"("transactionIndex":"0x1")"));
}

TEST(Chain, mines_by_the_clock_or_on_request_as_its_options_say) {
  Chain by_hand({.chain_id = 4242, .mining = false, .base_fee = 30'000'000'000});
  EXPECT_EQ(by_hand.request_text("eth_chainId"), "0x1092");
  EXPECT_EQ(by_hand.base_fee(), 30'000'000'000);
  const auto waiting = by_hand.send(by_hand.account(0).address, by_hand.account(1).address, "0x", {.value = 1});
  EXPECT_FALSE(by_hand.receipt(waiting));
  by_hand.mine();
  EXPECT_TRUE(by_hand.wait_for_receipt(waiting).succeeded);
  EXPECT_EQ(by_hand.contract("quoter"), Chain::shared().contract("quoter"));

  Chain by_clock({.block_time = std::chrono::seconds(1)});
  const auto hash = by_clock.send(by_clock.account(0).address, by_clock.account(1).address, "0x", {.value = 1});
  EXPECT_TRUE(by_clock.wait_for_receipt(hash).succeeded);
}

TEST(Chain, what_is_not_there_is_told) {
  EXPECT_THROW((void)Chain::shared().pool("weth_usdc_400"), std::runtime_error);
  EXPECT_THROW((void)Chain::shared().request("eth_no_such_method"), ChainError);
  const auto process =
      cli::ChainProcess::start({.tools = CALYPTE_SOURCE_DIR "/tools/chain", .arguments = {"--packages", "/nowhere"}});
  ASSERT_FALSE(process.ok()) << "a chain without packages";
  EXPECT_THAT(process.status().message(), HasSubstr("run tools/npm-packages tools/chain /nowhere"));
}

// --- The end of it ---

TEST(ChainProcess, nothing_survives_the_object) {
  auto chain = std::make_unique<Chain>();
  const Ended program(chain->program());
  const Ended anvil(chain->anvil());
  EXPECT_FALSE(program.now() || anvil.now());
  chain.reset();
  EXPECT_TRUE(program.now());
  EXPECT_TRUE(anvil.now());
}

TEST(ChainProcess, anvil_does_not_survive_the_program_that_started_it) {
  const Chain chain;
  const Ended anvil(chain.anvil());
  ::kill(chain.program(), SIGKILL);
  EXPECT_TRUE(anvil.soon());
}

TEST(ChainProcess, neither_survives_a_test_that_is_killed) {
  std::array<int, 2> told{};
  ASSERT_EQ(::pipe(told.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const Chain chain;
    const std::array<pid_t, 2> processes = {chain.program(), chain.anvil()};
    if (::write(told[1], processes.data(), sizeof processes) < 0) ::_exit(1);
    ::pause();
    ::_exit(1);
  }
  std::array<pid_t, 2> processes{};
  ASSERT_EQ(::read(told[0], processes.data(), sizeof processes), static_cast<ssize_t>(sizeof processes));
  const Ended program(processes[0]);
  const Ended anvil(processes[1]);
  EXPECT_FALSE(program.now() || anvil.now());
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(program.soon());
  EXPECT_TRUE(anvil.soon());
  ::close(told[0]);
  ::close(told[1]);
}

}  // namespace
}  // namespace calypte::test
