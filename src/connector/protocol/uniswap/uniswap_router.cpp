#include "connector/protocol/uniswap/uniswap_router.hpp"

#include <algorithm>
#include <cassert>
#include <span>
#include <string_view>
#include <variant>

#include "connector/protocol/uniswap/uniswap_constants.hpp"
#include "evm/abi.hpp"

namespace calypte::connector::uniswap {
namespace {

using evm::ByteString;
using evm::abi::Encoder;
using evm::abi::Function;

bool is_v3(const Hop& hop) { return std::holds_alternative<const V3Pool*>(hop.pool); }

const Address& hop_input(const Hop& hop) { return hop.zero_for_one ? token0_of(hop.pool) : token1_of(hop.pool); }
const Address& hop_output(const Hop& hop) { return hop.zero_for_one ? token1_of(hop.pool) : token0_of(hop.pool); }

std::uint32_t hop_fee(const Hop& hop) { return (*std::get_if<const V3Pool*>(&hop.pool))->key().fee_pips; }

/// One call of the router over hops of one version.
struct Leg {
  std::span<const Hop> hops;
  SwapKind kind = SwapKind::exact_in;
  Uint256 amount;
  Uint256 limit;
  Address recipient;
};

/// "token, fee, token, fee, token", packed; for an exact output from the end to the beginning.
ByteString v3_path(const Leg& leg) {
  ByteString path;
  const auto append_fee = [&](const Hop& hop) {
    const std::uint32_t fee = hop_fee(hop);
    for (const unsigned shift : {16U, 8U, 0U}) path.push_back(static_cast<std::uint8_t>((fee >> shift) & 0xFFU));
  };
  if (leg.kind == SwapKind::exact_in) {
    evm::append(path, hop_input(leg.hops.front()).bytes);
    for (const Hop& hop : leg.hops) {
      append_fee(hop);
      evm::append(path, hop_output(hop).bytes);
    }
  } else {
    evm::append(path, hop_output(leg.hops.back()).bytes);
    for (std::size_t i = leg.hops.size(); i-- > 0;) {
      append_fee(leg.hops[i]);
      evm::append(path, hop_input(leg.hops[i]).bytes);
    }
  }
  return path;
}

Result<ByteString> encode_v3(const Leg& leg) {
  // Without a limit on the price: the limit on the amounts is the one that counts for us.
  static const Function kInSingle("exactInputSingle((address,address,uint24,address,uint256,uint256,uint160))");
  static const Function kOutSingle("exactOutputSingle((address,address,uint24,address,uint256,uint256,uint160))");
  static const Function kIn("exactInput((bytes,address,uint256,uint256))");
  static const Function kOut("exactOutput((bytes,address,uint256,uint256))");
  const bool exact_in = leg.kind == SwapKind::exact_in;
  Encoder parameters;
  if (leg.hops.size() == 1) {
    const Hop& hop = leg.hops.front();
    parameters.address(hop_input(hop)).address(hop_output(hop)).uint(hop_fee(hop), 24).address(leg.recipient);
    parameters.uint(leg.amount).uint(leg.limit).uint(0, 160);
    return (exact_in ? kInSingle : kOutSingle).call(Encoder().tuple(parameters));
  }
  parameters.bytes(v3_path(leg)).address(leg.recipient).uint(leg.amount).uint(leg.limit);
  return (exact_in ? kIn : kOut).call(Encoder().tuple(parameters));
}

Result<ByteString> encode_v2(const Leg& leg) {
  static const Function kIn("swapExactTokensForTokens(uint256,uint256,address[],address)");
  static const Function kOut("swapTokensForExactTokens(uint256,uint256,address[],address)");
  Encoder path;
  path.address(hop_input(leg.hops.front()));
  for (const Hop& hop : leg.hops) path.address(hop_output(hop));
  return (leg.kind == SwapKind::exact_in ? kIn : kOut)
      .call(Encoder().uint(leg.amount).uint(leg.limit).array("address", path).address(leg.recipient));
}

Result<ByteString> encode_leg(const Leg& leg) { return is_v3(leg.hops.front()) ? encode_v3(leg) : encode_v2(leg); }

bool is_mixed(const Route& route) noexcept {
  const std::span<const Hop> hops = route.hops();
  return std::any_of(hops.begin(), hops.end(), [&](const Hop& hop) { return is_v3(hop) != is_v3(hops.front()); });
}

}  // namespace

bool router_can(const Route& route, SwapKind kind) noexcept { return kind == SwapKind::exact_in || !is_mixed(route); }

Result<evm::ByteString> encode_swap(const RouterSwap& swap) {
  static const Function kMulticall("multicall(uint256,bytes[])");
  assert(router_can(swap.route, swap.kind) && swap.amount != 0 && swap.limit != 0);
  const std::span<const Hop> hops = swap.route.hops();
  Encoder calls;
  if (!is_mixed(swap.route)) {
    const auto all = encode_leg({hops, swap.kind, swap.amount, swap.limit, swap.account});
    if (!all) return all.status();
    calls.bytes(*all);
  } else {
    // The router keeps what the first pool gives and the second leg swaps all of it. Its limit guards both: the calls
    // succeed together or not at all.
    Address itself;
    itself.bytes.back() = kRouterItself;
    const auto first = encode_leg({hops.first(1), swap.kind, swap.amount, 0, itself});
    if (!first) return first.status();
    const auto second = encode_leg({hops.subspan(1), swap.kind, kRouterBalance, swap.limit, swap.account});
    if (!second) return second.status();
    calls.bytes(*first).bytes(*second);
  }
  return kMulticall.call(Encoder().uint(swap.deadline).array("bytes", calls));
}

}  // namespace calypte::connector::uniswap
