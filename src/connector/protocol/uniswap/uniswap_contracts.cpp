#include "connector/protocol/uniswap/uniswap_contracts.hpp"

#include <cassert>
#include <string>
#include <type_traits>
#include <utility>

#include "connector/protocol/uniswap/uniswap_constants.hpp"
#include "evm/abi.hpp"
#include "evm/abi_decoder.hpp"
#include "evm/hash32.hpp"
#include "evm/keccak.hpp"

namespace calypte::connector::uniswap {
namespace {

using evm::Int256;
using evm::abi::Decoder;
using evm::abi::Encoder;
using evm::abi::Event;
using evm::abi::Function;

constexpr std::size_t kWordSize = 32;

/// For arguments that always fit their types.
ReadCall ask(const Address& to, const Function& function, const Encoder& arguments = {}) {
  auto data = function.call(arguments);
  assert(data.ok());
  return {to, std::move(*data)};
}

Status expect_words(ByteView answer, std::size_t words) {
  if (answer.size() == words * kWordSize) return {};
  return {StatusCode::malformed, answer.empty() ? "no answer, as from an address without code"
                                                : "an answer of " + std::to_string(answer.size()) +
                                                      " bytes instead of " + std::to_string(words * kWordSize)};
}

Status expect_words(const evm::rpc::Log& log, std::size_t words) {
  if (log.data.size() == words * kWordSize) return {};
  return {StatusCode::malformed, "a log with " + std::to_string(log.data.size()) + " bytes of data"};
}

ByteView data_of(ByteView answer) { return answer; }
ByteView data_of(const evm::rpc::Log& log) { return log.data; }

/// What `decode` reads of the answer of a function, or of the data of a log, with `words` static values.
template <typename Source, typename F>
Result<std::invoke_result_t<F, Decoder&>> decoded(const Source& source, std::size_t words, F&& decode) {
  if (Status s = expect_words(source, words); !s.ok()) return s;
  Decoder in(data_of(source));
  auto value = decode(in);
  if (!in.ok()) return in.status();
  return value;
}

V2SyncEvent v2_reserves(Decoder& in) {
  V2SyncEvent reserves;
  reserves.reserve0 = in.uint(112);
  reserves.reserve1 = in.uint(112);
  return reserves;
}

std::pair<const Address&, const Address&> in_order(const Address& a, const Address& b) {
  return a < b ? std::pair<const Address&, const Address&>(a, b) : std::pair<const Address&, const Address&>(b, a);
}

}  // namespace

ReadCall ask_v3_factory(const Address& router) {
  static const Function kFunction("factory()");
  return ask(router, kFunction);
}
ReadCall ask_v2_factory(const Address& router) {
  static const Function kFunction("factoryV2()");
  return ask(router, kFunction);
}
ReadCall ask_wrapped(const Address& router) {
  static const Function kFunction("WETH9()");
  return ask(router, kFunction);
}
ReadCall ask_decimals(const Address& token) {
  static const Function kFunction("decimals()");
  return ask(token, kFunction);
}
ReadCall ask_v2_pair(const Address& factory, const Address& a, const Address& b) {
  static const Function kFunction("getPair(address,address)");
  return ask(factory, kFunction, Encoder().address(a).address(b));
}
ReadCall ask_v3_pool(const Address& factory, const Address& a, const Address& b, std::uint32_t fee_pips) {
  static const Function kFunction("getPool(address,address,uint24)");
  return ask(factory, kFunction, Encoder().address(a).address(b).uint(fee_pips, 24));
}
ReadCall ask_token0(const Address& pool) {
  static const Function kFunction("token0()");
  return ask(pool, kFunction);
}
ReadCall ask_reserves(const Address& pool) {
  static const Function kFunction("getReserves()");
  return ask(pool, kFunction);
}
ReadCall ask_slot0(const Address& pool) {
  static const Function kFunction("slot0()");
  return ask(pool, kFunction);
}
ReadCall ask_liquidity(const Address& pool) {
  static const Function kFunction("liquidity()");
  return ask(pool, kFunction);
}
ReadCall ask_tick_spacing(const Address& pool) {
  static const Function kFunction("tickSpacing()");
  return ask(pool, kFunction);
}
ReadCall ask_bitmap(const Address& pool, int word) {
  static const Function kFunction("tickBitmap(int16)");
  return ask(pool, kFunction, Encoder().integer(word, 16));
}
ReadCall ask_tick(const Address& pool, int tick) {
  static const Function kFunction("ticks(int24)");
  return ask(pool, kFunction, Encoder().integer(tick, 24));
}

Result<Address> read_address(ByteView answer) {
  return decoded(answer, 1, [](Decoder& in) { return in.address(); });
}

Result<int> read_decimals(ByteView answer) {
  return decoded(answer, 1, [](Decoder& in) { return static_cast<int>(in.uint_64(8)); });
}

Result<V2SyncEvent> read_reserves(ByteView answer) { return decoded(answer, 3, v2_reserves); }

Result<Slot0> read_slot0(ByteView answer) {
  // Price, tick, three numbers of the oracle, the protocol's share, and whether the pool is unlocked.
  return decoded(answer, 7, [](Decoder& in) {
    Slot0 slot;
    slot.sqrt_price = in.uint(160);
    slot.tick = static_cast<int>(in.integer_64(24));
    return slot;
  });
}

Result<Uint128> read_liquidity(ByteView answer) {
  return decoded(answer, 1, [](Decoder& in) { return static_cast<Uint128>(in.uint(128)); });
}

Result<int> read_tick_spacing(ByteView answer) {
  return decoded(answer, 1, [](Decoder& in) { return static_cast<int>(in.integer_64(24)); });
}

Result<Uint256> read_bitmap(ByteView answer) {
  return decoded(answer, 1, [](Decoder& in) { return in.uint(); });
}

Result<V3Tick> read_tick(int tick, ByteView answer) {
  // Gross and net liquidity, five numbers that fees and the oracle need, and whether it is initialised.
  bool initialized = false;
  auto found = decoded(answer, 8, [&](Decoder& in) {
    const V3Tick entry{tick, static_cast<Uint128>(in.uint(128)), static_cast<Int128>(in.integer(128))};
    for (int skipped = 0; skipped < 5; ++skipped) static_cast<void>(in.word());
    initialized = in.boolean();
    return entry;
  });
  if (found.ok() && (!initialized || found->gross == 0)) {
    return Status(StatusCode::malformed, "a tick of the bitmap that is not initialised");
  }
  return found;
}

Address v2_pool_address(const Address& factory, const Address& a, const Address& b) {
  static const evm::Hash32 kHash = *evm::Hash32::parse(kV2InitCodeHash);
  const auto& [token0, token1] = in_order(a, b);
  ByteString packed;
  evm::append(packed, token0.bytes);
  evm::append(packed, token1.bytes);
  return evm::create2_address(factory, evm::keccak256(ByteView(packed)), kHash);
}

Address v3_pool_address(const Address& factory, const Address& a, const Address& b, std::uint32_t fee_pips) {
  static const evm::Hash32 kHash = *evm::Hash32::parse(kV3InitCodeHash);
  const auto& [token0, token1] = in_order(a, b);
  const auto words = Encoder().address(token0).address(token1).uint(fee_pips, 24).encode();
  assert(words.ok());
  return evm::create2_address(factory, evm::keccak256(ByteView(*words)), kHash);
}

Result<std::optional<V2SyncEvent>> read_v2_event(const evm::rpc::Log& log) {
  static const Event kSync("Sync(uint112,uint112)", 0);
  if (!kSync.matches(log.topics)) return std::optional<V2SyncEvent>{};
  return decoded(log, 2, [](Decoder& in) { return std::optional(v2_reserves(in)); });
}

namespace {

Result<V3Event> read_initialize(const evm::rpc::Log& log) {
  return decoded(log, 2, [](Decoder& in) {
    V3InitializeEvent event;
    event.sqrt_price = in.uint(160);
    event.tick = static_cast<int>(in.integer_64(24));
    return V3Event(event);
  });
}

Result<V3Event> read_swap(const evm::rpc::Log& log) {
  return decoded(log, 5, [](Decoder& in) {
    static_cast<void>(in.integer());
    static_cast<void>(in.integer());
    V3SwapEvent event;
    event.sqrt_price = in.uint(160);
    event.liquidity = static_cast<Uint128>(in.uint(128));
    event.tick = static_cast<int>(in.integer_64(24));
    return V3Event(event);
  });
}

/// Owner and both ticks are topics of either event. The data of Mint begins with who paid.
template <typename LiquidityEvent>
Result<V3Event> read_position(const Event& event, const evm::rpc::Log& log, std::size_t words_before) {
  Decoder topics(event.indexed(log.topics));
  static_cast<void>(topics.address());
  LiquidityEvent change;
  change.tick_lower = static_cast<int>(topics.integer_64(24));
  change.tick_upper = static_cast<int>(topics.integer_64(24));
  if (!topics.ok()) return topics.status();
  return decoded(log, words_before + 3, [&](Decoder& in) {
    for (std::size_t i = 0; i < words_before; ++i) static_cast<void>(in.word());
    change.amount = static_cast<Uint128>(in.uint(128));
    return V3Event(change);
  });
}

}  // namespace

Result<V3Event> read_v3_event(const evm::rpc::Log& log) {
  static const Event kInitialize("Initialize(uint160,int24)", 0);
  static const Event kSwap("Swap(address,address,int256,int256,uint160,uint128,int24)", 2);
  static const Event kMint("Mint(address,address,int24,int24,uint128,uint256,uint256)", 3);
  static const Event kBurn("Burn(address,int24,int24,uint128,uint256,uint256)", 3);
  if (kSwap.matches(log.topics)) return read_swap(log);
  if (kMint.matches(log.topics)) return read_position<V3MintEvent>(kMint, log, 1);
  if (kBurn.matches(log.topics)) return read_position<V3BurnEvent>(kBurn, log, 0);
  if (kInitialize.matches(log.topics)) return read_initialize(log);
  return V3Event();
}

namespace {

/// Both tokens are topics of either event, and the fee follows where a factory has several.
Result<std::optional<PoolCreated>> read_created(const Event& event, const evm::rpc::Log& log, bool with_fee) {
  if (!event.matches(log.topics)) return std::optional<PoolCreated>{};
  Decoder topics(event.indexed(log.topics));
  PoolCreated created;
  created.token0 = topics.address();
  created.token1 = topics.address();
  created.fee_pips = with_fee ? static_cast<std::uint32_t>(topics.uint_64(24)) : kV2FeePips;
  if (!topics.ok()) return topics.status();
  return std::optional(created);
}

}  // namespace

Result<std::optional<PoolCreated>> read_v2_created(const evm::rpc::Log& log) {
  static const Event kPairCreated("PairCreated(address,address,address,uint256)", 2);
  return read_created(kPairCreated, log, false);
}

Result<std::optional<PoolCreated>> read_v3_created(const evm::rpc::Log& log) {
  static const Event kPoolCreated("PoolCreated(address,address,uint24,int24,address)", 3);
  return read_created(kPoolCreated, log, true);
}

Result<std::optional<Transfer>> read_transfer(const evm::rpc::Log& log) {
  static const Event kTransfer("Transfer(address,address,uint256)", 2);
  if (!kTransfer.matches(log.topics)) return std::optional<Transfer>{};
  Decoder topics(kTransfer.indexed(log.topics));
  Transfer transfer;
  transfer.from = topics.address();
  transfer.to = topics.address();
  if (!topics.ok()) return topics.status();
  return decoded(log, 1, [&](Decoder& in) {
    transfer.amount = in.uint();
    return std::optional(transfer);
  });
}

}  // namespace calypte::connector::uniswap
