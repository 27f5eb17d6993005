// Uniswap's contracts as far as they are read, from states that a test makes up. Arguments and selectors are looked at
// here byte by byte, so that this does not agree with the connector by construction.
#pragma once

#include <algorithm>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "calypte/protocol.hpp"

#include "connector/protocol/uniswap/uniswap_contracts.hpp"
#include "connector/protocol/uniswap/uniswap_protocol.hpp"
#include "connector/protocol/uniswap/v3_tick_math.hpp"
#include "evm/abi.hpp"
#include "evm/hex.hpp"
#include "evm/protocol_venue.hpp"
#include "evm/quantity.hpp"

namespace calypte::connector::uniswap {

inline evm::Address address_at(std::string_view text) {
  auto parsed = evm::Address::parse(text);
  EXPECT_TRUE(parsed.ok()) << text;
  return parsed ? *parsed : evm::Address{};
}

inline const std::string kWethText = "0x1000000000000000000000000000000000000001";
inline const std::string kUsdcText = "0x2000000000000000000000000000000000000002";
inline const std::string kDaiText = "0x3000000000000000000000000000000000000003";
inline const std::string kRouterText = "0xa000000000000000000000000000000000000001";
inline const std::string kV2FactoryText = "0xa000000000000000000000000000000000000002";
inline const std::string kV3FactoryText = "0xa000000000000000000000000000000000000003";
inline const evm::Address kWeth = address_at(kWethText);
inline const evm::Address kUsdc = address_at(kUsdcText);
inline const evm::Address kDai = address_at(kDaiText);
inline const evm::Address kAccount = address_at("0xabcdef0123456789abcdef0123456789abcdef01");

inline Uint256 units(std::string_view number, unsigned decimals) {
  return Uint256(std::string(number)) * boost::multiprecision::pow(Uint256(10), decimals);
}

/// WETH-USDC with DAI on the way, on a chain of which nothing is known.
inline ProtocolConfig test_config() {
  ProtocolConfig config;
  config.chain_id = 31337;
  config.rpc_url = "http://127.0.0.1:1";
  config.trading_pairs = {TradingPair::from_assets("WETH", "USDC")};
  config.tokens = {{"WETH", kWethText}, {"USDC", kUsdcText}, {"DAI", kDaiText}};
  config.contracts = {{"router", kRouterText}, {"v2_factory", kV2FactoryText}, {"v3_factory", kV3FactoryText}};
  return config;
}

class FakeChain {
 public:
  struct V2State {
    evm::Address token0;
    Uint256 reserve0;
    Uint256 reserve1;
  };
  struct V3State {
    evm::Address token0;
    int spacing = 0;
    int tick = 0;
    Uint256 sqrt_price;
    Uint128 liquidity = 0;
    std::map<int, std::pair<Uint128, Int128>> ticks;  ///< gross, net
  };
  struct Range {
    int lower;
    int upper;
    Uint128 liquidity;
  };

  evm::Address v2_factory = address_at(kV2FactoryText);
  evm::Address v3_factory = address_at(kV3FactoryText);
  evm::Address wrapped = kWeth;
  std::map<evm::Address, int> decimals = {{kWeth, 18}, {kUsdc, 6}, {kDai, 18}};
  std::map<evm::Address, V2State> v2;
  std::map<evm::Address, V3State> v3;
  /// Before anything else: by contract and selector, as hexadecimal text without 0x.
  std::map<std::pair<evm::Address, std::string>, evm::ReadResult> instead;
  std::size_t calls = 0;
  std::size_t steps = 0;

  /// token0 must be the smaller one; the reserves are in that order.
  evm::Address add_v2(const evm::Address& token0, const evm::Address& token1, const Uint256& reserve0,
                      const Uint256& reserve1) {
    const evm::Address pool = v2_pool_address(v2_factory, token0, token1);
    v2[pool] = {token0, reserve0, reserve1};
    return pool;
  }
  /// At the price of `tick`.
  evm::Address add_v3(const evm::Address& token0, const evm::Address& token1, std::uint32_t fee, int spacing, int tick,
                      const std::vector<Range>& ranges) {
    const evm::Address pool = v3_pool_address(v3_factory, token0, token1, fee);
    V3State state{token0, spacing, tick, sqrt_ratio_at_tick(tick), 0, {}};
    for (const Range& range : ranges) {
      state.ticks[range.lower].first += range.liquidity;
      state.ticks[range.lower].second += static_cast<Int128>(range.liquidity);
      state.ticks[range.upper].first += range.liquidity;
      state.ticks[range.upper].second -= static_cast<Int128>(range.liquidity);
      if (range.lower <= tick && tick < range.upper) state.liquidity += range.liquidity;
    }
    v3[pool] = state;
    return pool;
  }

  evm::ReadResult answer(const evm::ReadCall& call) {
    ++calls;
    const std::string data = evm::to_hex(call.data).substr(2);
    const std::string selector = data.substr(0, 8);
    if (const auto found = instead.find({call.to, selector}); found != instead.end()) return found->second;
    const auto word = [&](std::size_t i) {
      return evm::from_big_endian(evm::ByteView(call.data).subspan(4 + 32 * i, 32));
    };
    const auto token = [&](std::size_t i) {
      evm::Address a;
      std::copy_n(call.data.begin() + static_cast<std::ptrdiff_t>(4 + 32 * i + 12), 20, a.bytes.begin());
      return a;
    };
    const auto number = [&](std::size_t i) {
      return static_cast<int>(evm::from_twos_complement(evm::ByteView(call.data).subspan(4 + 32 * i, 32)));
    };
    if (call.to == address_at(kRouterText)) {
      if (selector == "c45a0155") return words({as_word(v3_factory)});
      if (selector == "68e0d4e1") return words({as_word(v2_factory)});
      if (selector == "4aa4a4fc") return words({as_word(wrapped)});
    }
    if (selector == "313ce567" && decimals.contains(call.to)) return words({Uint256(decimals[call.to])});
    if (call.to == v2_factory && selector == "e6a43905") {
      const evm::Address pool = v2_pool_address(v2_factory, token(0), token(1));
      return words({v2.contains(pool) ? as_word(pool) : Uint256(0)});
    }
    if (call.to == v3_factory && selector == "1698ee82") {
      const evm::Address pool = v3_pool_address(v3_factory, token(0), token(1), static_cast<std::uint32_t>(word(2)));
      return words({v3.contains(pool) ? as_word(pool) : Uint256(0)});
    }
    if (const auto pair = v2.find(call.to); pair != v2.end()) {
      if (selector == "0dfe1681") return words({as_word(pair->second.token0)});
      if (selector == "0902f1ac") return words({pair->second.reserve0, pair->second.reserve1, 1700000000});
    }
    if (const auto pool = v3.find(call.to); pool != v3.end()) {
      const V3State& state = pool->second;
      if (selector == "0dfe1681") return words({as_word(state.token0)});
      if (selector == "3850c7bd") return words({state.sqrt_price, signed_word(state.tick), 0, 1, 1, 0, 1});
      if (selector == "1a686502") return words({Uint256(state.liquidity)});
      if (selector == "d0c93a7c") return words({Uint256(state.spacing)});
      if (selector == "5339c296") return words({bitmap(state, number(0))});
      if (selector == "f30dba93") {
        const auto tick = state.ticks.find(number(0));
        if (tick == state.ticks.end()) return words(std::vector<Uint256>(8));
        return words({Uint256(tick->second.first), signed_word(tick->second.second), 5, 6, 7, 8, 9, 1});
      }
    }
    return {};  // what an address without code answers
  }

  /// Loads everything, or the failure.
  Status load(evm::ProtocolVenue& venue) {
    std::vector<evm::ReadCall> next = venue.begin_load();
    for (steps = 0; !next.empty(); ++steps) {
      std::vector<evm::ReadResult> answers;
      for (const evm::ReadCall& call : next) answers.push_back(answer(call));
      auto more = venue.continue_load(answers);
      if (!more) return more.status();
      next = std::move(*more);
    }
    return {};
  }

  static evm::ReadResult words(const std::vector<Uint256>& values) {
    evm::ReadResult result;
    for (const Uint256& value : values) evm::append(result.data, evm::to_word(value));
    return result;
  }
  static Uint256 as_word(const evm::Address& a) { return evm::from_big_endian(a.bytes); }
  static Uint256 signed_word(Int128 value) {
    const Uint256 size(static_cast<Uint128>(value < 0 ? -value : value));
    return value < 0 ? Uint256(0) - size : size;
  }

 private:
  static Uint256 bitmap(const V3State& state, int word) {
    Uint256 bits = 0;
    for (const auto& [tick, liquidity] : state.ticks) {
      const int compressed = tick / state.spacing;
      if (compressed >= word * 256 && compressed < (word + 1) * 256) {
        bit_set(bits, static_cast<unsigned>(compressed - word * 256));
      }
    }
    return bits;
  }
};

/// A log as a node tells it; `topics` after the first are words.
inline evm::rpc::Log make_log(const evm::Address& source, std::string_view event, const std::vector<Uint256>& topics,
                              const std::vector<Uint256>& data, std::uint64_t index = 0) {
  evm::rpc::Log log;
  log.address = source;
  auto first = evm::Hash32::parse(event);
  EXPECT_TRUE(first.ok());
  log.topics.push_back(*first);
  for (const Uint256& topic : topics) log.topics.push_back(evm::to_hash32(topic));
  log.data = FakeChain::words(data).data;
  log.log_index = index;
  return log;
}

// First topics, as ethers computes them from the published ABI.
inline constexpr std::string_view kSyncTopic = "0x1c411e9a96e071241c2f21f7726b17ae89e3cab4c78be50e062b03a9fffbbad1";
inline constexpr std::string_view kSwapTopic = "0xc42079f94a6350d7e6235f29174924f928cc2ac818eb64fed8004e115fbcca67";
inline constexpr std::string_view kMintTopic = "0x7a53080ba414158be7ec69b987b5fb7d07dee101fe85488f0853ae16239d0bde";
inline constexpr std::string_view kBurnTopic = "0x0c396cd989a39f4459b5fa1aed6a9a8dcdbc45908acfd67e028cd568da98982c";
inline constexpr std::string_view kInitializeTopic =
    "0x98636036cb66a9c19a37435efc1e90142190214e8abeb821bdba3f2990dd4c95";
inline constexpr std::string_view kPoolCreatedTopic =
    "0x783cca1c0412dd0d695e784568c96da2e9c22ff989357a2e8b1d9b2b4e6b7118";
inline constexpr std::string_view kPairCreatedTopic =
    "0x0d3648bd0f6ba80134a33ba9275ac585d9d315f0ad8355cddefde31afa28d0e9";
inline constexpr std::string_view kTransferTopic = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";

inline std::unique_ptr<evm::ProtocolVenue> make_or_fail(const ProtocolConfig& config = test_config()) {
  auto made = make_uniswap(config);
  EXPECT_TRUE(made.ok()) << made.status().to_string();
  return made ? std::move(*made) : nullptr;
}

}  // namespace calypte::connector::uniswap
