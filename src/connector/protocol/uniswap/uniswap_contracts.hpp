// The functions and events of Uniswap's contracts and of ERC-20 tokens: calls out, answers and logs in.
//
// What contracts answer comes from a node that is not trusted. Every decoder is strict about length and ranges;
// `malformed` says what it was.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "calypte/result.hpp"

#include "connector/protocol/uniswap/pool_types.hpp"
#include "connector/protocol/uniswap/v2_pool.hpp"
#include "connector/protocol/uniswap/v3_pool.hpp"
#include "evm/address.hpp"
#include "evm/bytes.hpp"
#include "evm/json_rpc_types.hpp"
#include "evm/protocol_venue.hpp"

namespace calypte::connector::uniswap {

using evm::ByteString;
using evm::ByteView;
using evm::ReadCall;

// --- Reads. --------------------------------------------------------------------------------------------------------

/// `factory()`, `factoryV2()` and `WETH9()` of a router.
[[nodiscard]] ReadCall ask_v3_factory(const Address& router);
[[nodiscard]] ReadCall ask_v2_factory(const Address& router);
[[nodiscard]] ReadCall ask_wrapped(const Address& router);
[[nodiscard]] ReadCall ask_decimals(const Address& token);
[[nodiscard]] ReadCall ask_v2_pair(const Address& factory, const Address& a, const Address& b);
[[nodiscard]] ReadCall ask_v3_pool(const Address& factory, const Address& a, const Address& b, std::uint32_t fee_pips);
[[nodiscard]] ReadCall ask_token0(const Address& pool);
[[nodiscard]] ReadCall ask_reserves(const Address& pool);
[[nodiscard]] ReadCall ask_slot0(const Address& pool);
[[nodiscard]] ReadCall ask_liquidity(const Address& pool);
[[nodiscard]] ReadCall ask_tick_spacing(const Address& pool);
[[nodiscard]] ReadCall ask_bitmap(const Address& pool, int word);
[[nodiscard]] ReadCall ask_tick(const Address& pool, int tick);

struct Slot0 {
  Uint256 sqrt_price;
  int tick = 0;
};

/// Of the functions that return one address.
[[nodiscard]] Result<Address> read_address(ByteView answer);
/// At most 255.
[[nodiscard]] Result<int> read_decimals(ByteView answer);
[[nodiscard]] Result<V2SyncEvent> read_reserves(ByteView answer);
[[nodiscard]] Result<Slot0> read_slot0(ByteView answer);
[[nodiscard]] Result<Uint128> read_liquidity(ByteView answer);
[[nodiscard]] Result<int> read_tick_spacing(ByteView answer);
[[nodiscard]] Result<Uint256> read_bitmap(ByteView answer);
/// `malformed` also for a tick that is not initialised: only those of the bitmap are asked for.
[[nodiscard]] Result<V3Tick> read_tick(int tick, ByteView answer);

// --- Where pools stand. --------------------------------------------------------------------------------------------

/// Where the router looks for a pool. Tokens in any order.
[[nodiscard]] Address v2_pool_address(const Address& factory, const Address& a, const Address& b);
[[nodiscard]] Address v3_pool_address(const Address& factory, const Address& a, const Address& b,
                                      std::uint32_t fee_pips);

// --- Logs. Each reader gives an empty value for a log of another event, and `malformed` for a broken one. ----------

struct V3MintEvent : V3LiquidityEvent {};
struct V3BurnEvent : V3LiquidityEvent {};
/// monostate: an event that moves neither price nor liquidity, or one that is not known.
using V3Event = std::variant<std::monostate, V3InitializeEvent, V3SwapEvent, V3MintEvent, V3BurnEvent>;

[[nodiscard]] Result<std::optional<V2SyncEvent>> read_v2_event(const evm::rpc::Log& log);
[[nodiscard]] Result<V3Event> read_v3_event(const evm::rpc::Log& log);

/// A factory has made a pool.
struct PoolCreated {
  Address token0;
  Address token1;
  std::uint32_t fee_pips = 0;  ///< V2: kV2FeePips
};
[[nodiscard]] Result<std::optional<PoolCreated>> read_v2_created(const evm::rpc::Log& log);
[[nodiscard]] Result<std::optional<PoolCreated>> read_v3_created(const evm::rpc::Log& log);

struct Transfer {
  Address from;
  Address to;
  Uint256 amount;
};
/// Of an ERC-20 token; that the log is of the right one is the caller's to check.
[[nodiscard]] Result<std::optional<Transfer>> read_transfer(const evm::rpc::Log& log);

}  // namespace calypte::connector::uniswap
