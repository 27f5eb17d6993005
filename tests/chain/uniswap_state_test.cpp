// The connector's picture of the pools against the contracts themselves: quotes to the last unit, states that follow
// the logs, and calls that do exactly what was quoted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "connector/protocol/uniswap/route.hpp"
#include "connector/protocol/uniswap/uniswap_protocol.hpp"
#include "connector/protocol/uniswap/v3_tick_math.hpp"
#include "evm/abi.hpp"
#include "evm/amount.hpp"
#include "evm/hex.hpp"
#include "evm/json_rpc.hpp"
#include "evm/json_rpc_calls.hpp"
#include "evm/quantity.hpp"
#include "support/chain.hpp"
#include "support/local_http.hpp"
#include "venue/json.hpp"
#include "venue/wire.hpp"

namespace calypte::test {
namespace {

using connector::uniswap::PoolError;
using connector::uniswap::PoolRef;
using connector::uniswap::SwapKind;
using connector::uniswap::UniswapProtocol;
using connector::uniswap::V2Pool;
using connector::uniswap::V3Pool;
using evm::Address;
using evm::ReadCall;
using evm::ReadResult;
using evm::Uint256;

Address address_of_text(const std::string& text) {
  auto parsed = Address::parse(text);
  if (!parsed) throw std::runtime_error("no address: " + text);
  return *parsed;
}

/// An answer of the node, kept as long as its values are looked at.
class Answer {
 public:
  explicit Answer(const std::string& text) : buffer_(text) {
    auto parsed = document_.parse(buffer_.bytes());
    if (!parsed) throw std::runtime_error("no JSON: " + text.substr(0, 200));
    value_ = *parsed;
  }
  [[nodiscard]] const venue::json::Value& value() const { return value_; }

 private:
  venue::PaddedBuffer buffer_;
  venue::json::Document document_;
  venue::json::Value value_;
};

/// Uniform over the magnitudes from 1 to 2^bits.
class Amounts {
 public:
  explicit Amounts(std::uint64_t seed) : random_(seed) {}
  std::uint64_t number(std::uint64_t below) { return random_() % below; }
  Uint256 amount(unsigned most_bits) {
    const auto bits = static_cast<unsigned>(number(most_bits)) + 1;
    const Uint256 all = (Uint256(random_()) << 64U) | random_();
    return (all >> (128U - bits)) | (Uint256(1) << (bits - 1U));
  }

 private:
  std::mt19937_64 random_;
};

class UniswapState : public ChainTest {
 protected:
  static constexpr std::size_t kBatch = 400;

  void SetUp() override {
    ChainTest::SetUp();
    const std::string& url = chain().rpc_url();
    http_ = std::make_unique<LocalHttp>(static_cast<std::uint16_t>(std::stoul(url.substr(url.rfind(':') + 1))));
  }

  static std::unique_ptr<UniswapProtocol> make_venue(bool with_v3 = true) {
    ProtocolConfig config;
    config.chain_id = chain().chain_id();
    for (const auto& [symbol, token] : chain().tokens()) config.tokens.push_back({symbol, token.address});
    for (const auto& [base, quote] : std::vector<std::pair<const char*, const char*>>{{"WETH", "USDC"},
                                                                                      {"WBTC", "USDC"},
                                                                                      {"WETH", "DAI"},
                                                                                      {"DAI", "USDC"},
                                                                                      {"GEM", "WETH"},
                                                                                      {"GEM", "USDC"},
                                                                                      {"WBTC", "WETH"},
                                                                                      {"GEM", "DAI"},
                                                                                      {"TAX", "USDC"},
                                                                                      {"REFUSE", "USDC"},
                                                                                      {"STEP", "USDC"},
                                                                                      {"MUTE", "USDC"}}) {
      config.trading_pairs.push_back(TradingPair::from_assets(base, quote));
    }
    config.contracts = {{"v2_factory", chain().contract("v2_factory")},
                        {"v3_factory", chain().contract("v3_factory")},
                        {"router", chain().contract("swap_router_02")}};
    if (!with_v3) std::erase_if(config.contracts, [](const auto& c) { return c.role == "v3_factory"; });
    auto setup = connector::uniswap::read_setup(config);
    if (!setup) throw std::runtime_error(setup.status().to_string());
    return std::make_unique<UniswapProtocol>(std::move(*setup));
  }

  /// eth_call of all, in batches.
  std::vector<ReadResult> ask_all(std::span<const ReadCall> calls) {
    std::vector<ReadResult> results(calls.size());
    for (std::size_t begin = 0; begin < calls.size(); begin += kBatch) {
      std::vector<evm::rpc::NumberedCall> batch;
      for (std::size_t i = begin; i < std::min(calls.size(), begin + kBatch); ++i) {
        evm::rpc::CallMessage message;
        message.to = calls[i].to;
        message.data = calls[i].data;
        batch.push_back({i, evm::rpc::call(message, evm::rpc::BlockTag::latest)});
      }
      const Answer answer(http_->post(evm::rpc::encode_batch(batch)));
      std::size_t answered = 0;
      for (const auto& element : answer.value().elements()) {
        auto message = evm::rpc::decode(element);
        if (!message || !message->id) throw std::runtime_error("an answer that is none");
        ReadResult& result = results.at(*message->id);
        ++answered;
        if (message->kind == evm::rpc::Message::Kind::error) {
          result.status = Status(StatusCode::rejected, message->error.message);
        } else {
          result.data = *evm::rpc::decode_bytes(message->result);
        }
      }
      if (answered != batch.size()) throw std::runtime_error("calls without answers");
    }
    return results;
  }

  void load(UniswapProtocol& venue) {
    std::vector<ReadCall> next = venue.begin_load();
    while (!next.empty()) {
      auto more = venue.continue_load(ask_all(next));
      ASSERT_TRUE(more.ok()) << more.status().to_string();
      next = std::move(*more);
    }
    ASSERT_TRUE(venue.loaded());
    seen_ = chain().block_number();
  }

  /// Feeds the logs of all blocks since the last time.
  void follow(UniswapProtocol& venue) {
    const std::uint64_t newest = chain().block_number();
    if (newest == seen_) return;
    evm::rpc::LogFilter filter;
    filter.from_block = seen_ + 1;
    filter.to_block = newest;
    filter.addresses = venue.log_sources();
    const Answer answer(http_->post(evm::rpc::encode(1, evm::rpc::get_logs(filter))));
    auto logs = evm::rpc::decode_logs(answer.value().find("result"));
    ASSERT_TRUE(logs.ok()) << logs.status().to_string();
    std::map<std::uint64_t, std::vector<evm::rpc::Log>> blocks;
    for (auto& log : *logs) blocks[log.block_number].push_back(log);
    for (const auto& [number, of_block] : blocks) {
      const Status status = venue.apply_logs(of_block);
      ASSERT_TRUE(status.ok()) << status.to_string();
    }
    logs_seen_ += logs->size();
    seen_ = newest;
  }

  static std::vector<PoolRef> all_pools(const UniswapProtocol& venue) {
    std::vector<PoolRef> all;
    std::vector<const ChainToken*> tokens;
    for (const auto& [symbol, token] : chain().tokens()) tokens.push_back(&token);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const auto between =
            venue.pools().candidates(address_of_text(tokens[i]->address), address_of_text(tokens[j]->address), {});
        all.insert(all.end(), between.begin(), between.end());
      }
    }
    return all;
  }

  void swap_exactly(UniswapProtocol& venue, const ChainAccount& account, Amounts& random);
  void expect_quotes_of_contracts(const UniswapProtocol& venue, std::uint64_t seed, int amounts);

  /// What the connector would do, done by an account that has allowed it, and told to the connector.
  evm::SwapFill execute(UniswapProtocol& venue, const evm::SwapCall& call, const ChainAccount& account) {
    const ChainReceipt receipt = chain().execute(account.address, call.to.to_hex(), evm::to_hex(call.data));
    EXPECT_TRUE(receipt.succeeded) << call.quote.route;
    const Answer answer(receipt.json);
    const auto decoded = evm::rpc::decode_receipt(answer.value());
    if (!decoded || !decoded->has_value()) throw std::runtime_error("no receipt: " + decoded.status().to_string());
    follow(venue);
    const auto fill =
        venue.fill_of(call.quote.trading_pair, call.quote.side, address_of_text(account.address), **decoded);
    EXPECT_TRUE(fill.ok()) << fill.status().to_string();
    return fill ? *fill : evm::SwapFill{};
  }
  static void allow_everything(const ChainAccount& account) {
    for (const auto& [symbol, token] : chain().tokens()) {
      if (symbol == "REFUSE") continue;
      chain().approve(symbol, account.address, chain().contract("swap_router_02"), ~Uint256(0));
    }
  }
  static evm::SwapOrder order_of(const ChainAccount& account, const TradingPair& pair, TradeType side,
                                 const Decimal& amount) {
    evm::SwapOrder order;
    order.trading_pair = pair;
    order.side = side;
    order.amount = amount;
    order.deadline = chain().block_timestamp() + 3600;
    order.account = address_of_text(account.address);
    return order;
  }

  std::unique_ptr<LocalHttp> http_;
  std::uint64_t seen_ = 0;
  std::size_t logs_seen_ = 0;
  std::map<std::string, int> kinds_;
};

/// One quote of ours and the call that asks the contract for the same.
struct Case {
  PoolRef pool;
  SwapKind kind;
  bool zero_for_one;
  Uint256 amount;
};

ReadCall contract_quote(const Case& c) {
  static const evm::abi::Function kIn("quoteExactInputSingle((address,address,uint256,uint24,uint160))");
  static const evm::abi::Function kOut("quoteExactOutputSingle((address,address,uint256,uint24,uint160))");
  static const evm::abi::Function kAmountsOut("getAmountsOut(uint256,address[])");
  static const evm::abi::Function kAmountsIn("getAmountsIn(uint256,address[])");
  const Address& in = c.zero_for_one ? token0_of(c.pool) : token1_of(c.pool);
  const Address& out = c.zero_for_one ? token1_of(c.pool) : token0_of(c.pool);
  const bool exact_in = c.kind == SwapKind::exact_in;
  if (const auto* const* v3 = std::get_if<const V3Pool*>(&c.pool)) {
    evm::abi::Encoder parameters;
    parameters.address(in).address(out).uint(c.amount).uint((*v3)->key().fee_pips, 24).uint(0, 160);
    return {address_of_text(Chain::shared().contract("quoter")),
            *(exact_in ? kIn : kOut).call(evm::abi::Encoder().tuple(parameters))};
  }
  evm::abi::Encoder path;
  path.address(in).address(out);
  return {address_of_text(Chain::shared().contract("v2_router")),
          *(exact_in ? kAmountsOut : kAmountsIn).call(evm::abi::Encoder().uint(c.amount).array("address", path))};
}

Uint256 word_of(const ReadResult& answer, std::size_t index) {
  if (answer.data.size() < 32 * (index + 1)) throw std::runtime_error("an answer that is too short");
  return evm::from_big_endian(evm::ByteView(answer.data).subspan(32 * index, 32));
}

/// How the contract's answer compares with ours; empty if they are the same.
std::string difference(const Case& c, const ReadResult& answer) {
  const bool exact_in = c.kind == SwapKind::exact_in;
  if (const auto* const* v2 = std::get_if<const V2Pool*>(&c.pool)) {
    const auto ours = (*v2)->quote(c.kind, c.zero_for_one, c.amount);
    if (!answer.status.ok()) return ours.ok() ? "the pair refuses" : "";
    const Uint256 theirs = word_of(answer, exact_in ? 3 : 2);
    // The router computes what the pair then refuses: nothing for something, or more than it can count.
    if (ours.error() == PoolError::zero_output) return theirs == 0 ? "" : "the pair gives something";
    if (ours.error() == PoolError::overflow) return ((c.amount | theirs) >> 90U) != 0 ? "" : "no overflow";
    if (!ours.ok()) return std::string(to_string(ours.error()));
    return (exact_in ? ours->amount_out : ours->amount_in) == theirs ? "" : "other amounts";
  }
  const V3Pool& pool = **std::get_if<const V3Pool*>(&c.pool);
  const auto ours = pool.quote(c.kind, c.zero_for_one, c.amount);
  if (!answer.status.ok()) {
    return ours.ok() ? "the pool refuses: " + answer.status.message() : "";
  }
  const Uint256 after = word_of(answer, 1);
  if (ours.error() == PoolError::not_enough_liquidity) {
    // The quoter tells of a part. It has gone to the last price then.
    const Uint256 last = c.zero_for_one ? Uint256(connector::uniswap::min_sqrt_ratio() + 1)
                                        : Uint256(connector::uniswap::max_sqrt_ratio() - 1);
    return after == last ? "" : "the pool has enough";
  }
  if (ours.error() == PoolError::unknown_ticks) {
    const bool beyond = c.zero_for_one ? after <= connector::uniswap::sqrt_ratio_at_tick(pool.known_lower())
                                       : after >= connector::uniswap::sqrt_ratio_at_tick(pool.known_upper());
    return beyond ? "" : "the swap stays inside the window";
  }
  if (!ours.ok()) return std::string(to_string(ours.error()));
  if ((exact_in ? ours->amount_out : ours->amount_in) != word_of(answer, 0)) return "other amounts";
  if (ours->sqrt_price_after != after) return "another price afterwards";
  return "";
}

void UniswapState::expect_quotes_of_contracts(const UniswapProtocol& venue, std::uint64_t seed, int amounts) {
  // The quoter lets the pool pay before it takes everything back, so that the token has to do what it is told.
  chain().set_manner("REFUSE", "proper");
  Amounts random(seed);
  std::vector<Case> cases;
  for (const PoolRef& pool : all_pools(venue)) {
    for (const SwapKind kind : {SwapKind::exact_in, SwapKind::exact_out}) {
      for (const bool zero_for_one : {true, false}) {
        for (int i = 0; i < amounts; ++i) cases.push_back({pool, kind, zero_for_one, random.amount(96)});
      }
    }
  }
  std::vector<ReadCall> calls;
  calls.reserve(cases.size());
  for (const Case& c : cases) calls.push_back(contract_quote(c));
  const std::vector<ReadResult> answers = ask_all(calls);
  std::size_t exact = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const std::string how = difference(cases[i], answers[i]);
    EXPECT_EQ(how, "") << address_of(cases[i].pool).to_hex() << (cases[i].zero_for_one ? " 0 for 1 " : " 1 for 0 ")
                       << (cases[i].kind == SwapKind::exact_in ? "in " : "out ") << cases[i].amount;
    if (answers[i].status.ok()) ++exact;
  }
  // Otherwise refusals would be all that was compared.
  EXPECT_GT(exact, cases.size() / 2);
  RecordProperty("cases", static_cast<int>(cases.size()));
}

TEST_F(UniswapState, finds_every_pool_of_the_chain) {
  const auto venue = make_venue();
  load(*venue);
  std::vector<std::string> found;
  for (const PoolRef& pool : all_pools(*venue)) found.push_back(address_of(pool).to_hex());
  std::vector<std::string> there;
  for (const auto& [name, pool] : chain().pools()) there.push_back(pool.address);
  EXPECT_THAT(found, testing::UnorderedElementsAreArray(there));
}

TEST_F(UniswapState, quotes_of_all_pools_are_those_of_the_contracts_to_the_last_unit) {
  const auto venue = make_venue();
  load(*venue);
  expect_quotes_of_contracts(*venue, 1, 40);
}

/// "sell two v2 v3": the kind of call that a route makes.
std::string kind_of_call(const SwapQuote& quote) {
  const auto has = [&](const char* text) { return quote.route.find(text) != std::string::npos; };
  return std::string(quote.side == TradeType::buy ? "buy" : "sell") + (has("%) > ") ? " two" : " one") +
         (has("(v2") ? " v2" : "") + (has("(v3") ? " v3" : "");
}

/// Swaps something random that is worth at most some ten thousand, with the quote itself as its limit, and compares
/// what was quoted, what the receipt shows, and what the account has.
void UniswapState::swap_exactly(UniswapProtocol& venue, const ChainAccount& account, Amounts& random) {
  static const std::vector<std::pair<TradingPair, Decimal>> kPairs = {
      {TradingPair::from_assets("WETH", "USDC"), 20}, {TradingPair::from_assets("WBTC", "USDC"), 1},
      {TradingPair::from_assets("WETH", "DAI"), 20},  {TradingPair::from_assets("GEM", "WETH"), 4000},
      {TradingPair::from_assets("GEM", "USDC"), 500}, {TradingPair::from_assets("WBTC", "WETH"), 1},
      {TradingPair::from_assets("GEM", "DAI"), 4000}, {TradingPair::from_assets("MUTE", "USDC"), 5000}};
  const auto& [pair, most] = kPairs[random.number(kPairs.size())];
  const bool buy = random.number(2) == 0;
  const Decimal amount = most * Decimal::from_parts(static_cast<Decimal::Int128>(random.number(999'999) + 1), 6);
  const auto call = venue.swap(order_of(account, pair, buy ? TradeType::buy : TradeType::sell, amount));
  ASSERT_TRUE(call.ok()) << pair.to_string() << " " << amount.to_string() << ": " << call.status().to_string();
  const auto owned = [&](std::string_view symbol) {
    const auto units = evm::to_decimal(chain().balance(symbol, account.address), chain().token(symbol).decimals);
    EXPECT_TRUE(units.ok());
    return *units;
  };
  const Decimal base_before = owned(pair.base());
  const Decimal quote_before = owned(pair.quote());
  const evm::SwapFill fill = execute(venue, *call, account);
  EXPECT_EQ(fill.base_amount, (owned(pair.base()) - base_before).abs()) << call->quote.route;
  EXPECT_EQ(fill.quote_amount, (owned(pair.quote()) - quote_before).abs()) << call->quote.route;
  EXPECT_EQ(fill.quote_amount, call->quote.quote_amount) << call->quote.route;
  const std::string kind = kind_of_call(call->quote);
  if (buy && kind.ends_with(" v2")) {
    // This router gives away what the rounding of the payment buys on top: less than one unit of the quote is worth.
    EXPECT_GE(fill.base_amount, amount) << call->quote.route;
    const Decimal one = Decimal::from_parts(1, chain().token(pair.quote()).decimals);
    EXPECT_LE((fill.base_amount - amount).rescaled(15, Rounding::ceiling) * call->quote.price,
              one * 2 + call->quote.price * Decimal::from_parts(1, 15))
        << call->quote.route;
  } else {
    EXPECT_EQ(fill.base_amount, amount) << call->quote.route;
  }
  ++kinds_[kind];
}

TEST_F(UniswapState, swaps_without_any_slippage_do_what_was_quoted_and_the_state_follows) {
  const ChainAccount& account = chain().account(2);
  allow_everything(account);
  Amounts random(2);
  const auto v2_only = make_venue(false);
  load(*v2_only);
  for (int i = 0; i < 30 && !HasFatalFailure(); ++i) swap_exactly(*v2_only, account, random);
  const auto venue = make_venue();
  load(*venue);
  for (int i = 0; i < 100 && !HasFatalFailure(); ++i) swap_exactly(*venue, account, random);
  for (const std::string kind : {"buy one v2", "sell one v2", "buy two v2", "sell two v2", "buy one v3", "sell one v3",
                                 "buy two v3", "sell two v3", "sell two v2 v3"}) {
    EXPECT_GT(kinds_[kind], 0) << "no call of this kind has been made: " << kind;
  }
  EXPECT_GE(logs_seen_, 130U);
  expect_quotes_of_contracts(*venue, 3, 12);
}

TEST_F(UniswapState, the_state_that_followed_is_the_state_that_is_read_anew) {
  const auto venue = make_venue();
  load(*venue);
  const ChainAccount& trader = chain().account(3);
  // Far through the ranges of two pools and back.
  chain().trade("weth_usdc_500", "WETH", Uint256("300000000000000000000"), trader.address);
  chain().trade("weth_usdc_500", "USDC", Uint256(500'000'000'000), trader.address);
  chain().trade("weth_usdc_v2", "USDC", Uint256(50'000'000'000), trader.address);
  // A position more, and half of one less: mint and decreaseLiquidity of the position manager.
  const auto& pool = chain().pool("weth_usdc_3000");
  const std::string deployer = chain().deployer().address;
  const Uint256 million(1'000'000'000'000);
  const auto signed_word = [](int value) { return value < 0 ? Uint256(0) - Uint256(-value) : Uint256(value); };
  const ChainReceipt minted =
      chain().execute(deployer, chain().contract("position_manager"),
                      chain_call("0x88316456", {chain().token(pool.token0).address, chain().token(pool.token1).address,
                                                3000, signed_word(-887220), signed_word(887220), million / 1000,
                                                million, 0, 0, deployer, Uint256(1) << 40U}));
  ASSERT_TRUE(minted.succeeded);
  const ChainReceipt burned = chain().execute(deployer, chain().contract("position_manager"),
                                              chain_call("0x0c49ccbe", {1, 1000, 0, 0, Uint256(1) << 40U}));
  ASSERT_TRUE(burned.succeeded);
  follow(*venue);
  EXPECT_GE(logs_seen_, 5U);
  const auto fresh = make_venue();
  load(*fresh);
  const auto followed = all_pools(*venue);
  const auto read = all_pools(*fresh);
  ASSERT_EQ(followed.size(), read.size());
  for (std::size_t i = 0; i < read.size(); ++i) {
    if (const auto* const* v2 = std::get_if<const V2Pool*>(&read[i])) {
      const V2Pool& other = **std::get_if<const V2Pool*>(&followed[i]);
      EXPECT_TRUE((*v2)->reserve0() == other.reserve0() && (*v2)->reserve1() == other.reserve1());
      continue;
    }
    const V3Pool& a = **std::get_if<const V3Pool*>(&read[i]);
    const V3Pool& b = **std::get_if<const V3Pool*>(&followed[i]);
    EXPECT_EQ(a.sqrt_price(), b.sqrt_price());
    EXPECT_EQ(a.tick(), b.tick());
    EXPECT_TRUE(a.liquidity() == b.liquidity());
    EXPECT_TRUE(std::equal(a.ticks().begin(), a.ticks().end(), b.ticks().begin(), b.ticks().end()))
        << a.key().address.to_hex();
  }
}

TEST_F(UniswapState, a_token_that_takes_a_fee_shows_what_arrived) {
  const ChainAccount& account = chain().account(4);
  allow_everything(account);
  const auto venue = make_venue();
  load(*venue);
  const TradingPair pair = TradingPair::from_assets("TAX", "USDC");
  const auto call = venue->swap(order_of(account, pair, TradeType::buy, 100));
  ASSERT_TRUE(call.ok()) << call.status().to_string();
  const Uint256 before = chain().balance("TAX", account.address);
  const evm::SwapFill fill = execute(*venue, *call, account);
  EXPECT_EQ(fill.base_amount, Decimal(99));
  EXPECT_EQ(*evm::to_decimal(chain().balance("TAX", account.address) - before, 18), Decimal(99));
  EXPECT_EQ(fill.quote_amount, call->quote.quote_amount);
}

TEST_F(UniswapState, what_the_contracts_refuse_has_a_reason) {
  const ChainAccount& account = chain().account(5);
  const auto venue = make_venue();
  load(*venue);
  const TradingPair pair = TradingPair::from_assets("WETH", "USDC");
  const auto refusal = [&](const evm::SwapOrder& order) {
    const auto call = venue->swap(order);
    EXPECT_TRUE(call.ok()) << call.status().to_string();
    try {
      chain().call(call->to.to_hex(), evm::to_hex(call->data), account.address);
    } catch (const ChainError& error) {
      return venue->explain_revert(*evm::from_hex(error.data().empty() ? "0x" : error.data()));
    }
    return Status{};
  };
  evm::SwapOrder sale = order_of(account, pair, TradeType::sell, 1);
  evm::SwapOrder purchase = order_of(account, pair, TradeType::buy, 1);
  EXPECT_EQ(refusal(sale).reason(), FailureReason::insufficient_allowance);
  allow_everything(account);
  EXPECT_TRUE(refusal(sale).ok());
  EXPECT_TRUE(refusal(purchase).ok());
  evm::SwapOrder late = sale;
  late.deadline = chain().block_timestamp() - 1;
  EXPECT_EQ(refusal(late).reason(), FailureReason::deadline);
  // Somebody was faster, and the connector has not heard of it.
  chain().trade("weth_usdc_500", "WETH", Uint256("1000000000000000000"), chain().account(6).address);
  EXPECT_EQ(refusal(sale).reason(), FailureReason::slippage);
  chain().trade("weth_usdc_500", "USDC", Uint256(20'000'000'000), chain().account(6).address);
  EXPECT_EQ(refusal(purchase).reason(), FailureReason::slippage);
  // A token that takes a fee cannot be sold to a V3 pool for as much as was quoted.
  const Status taxed = refusal(order_of(account, TradingPair::from_assets("TAX", "USDC"), TradeType::sell, 1000));
  EXPECT_EQ(taxed.code(), StatusCode::rejected);
  EXPECT_TRUE(taxed.reason() == FailureReason::reverted || taxed.reason() == FailureReason::slippage)
      << taxed.to_string();
}

}  // namespace
}  // namespace calypte::test
