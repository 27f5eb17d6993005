// What a mined swap exchanged.
#pragma once

#include "calypte/result.hpp"
#include "calypte/types.hpp"

#include "evm/json_rpc_types.hpp"
#include "evm/protocol_venue.hpp"

namespace calypte::connector::uniswap {

/// From the Transfer logs of both tokens: what came to the account less what left it, so that what a token keeps for
/// itself shows. `malformed` if the account did not get one and pay the other. It also is `malformed` where the router
/// paid with coins that somebody had left in it, because then the account paid nothing.
[[nodiscard]] Result<evm::SwapFill> read_fill(const evm::Token& base, const evm::Token& quote, TradeType side,
                                              const evm::Address& account, const evm::rpc::Receipt& receipt);

}  // namespace calypte::connector::uniswap
