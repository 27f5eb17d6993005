// The calls of a token contract (ERC-20) that we make.
#pragma once

#include "calypte/result.hpp"

#include "evm/address.hpp"
#include "evm/bytes.hpp"
#include "evm/uint256.hpp"

namespace calypte::evm::erc20 {

[[nodiscard]] ByteString balance_of(const Address& owner);
[[nodiscard]] ByteString allowance(const Address& owner, const Address& spender);
/// Some tokens refuse to change an allowance that is not zero into another that is not zero.
[[nodiscard]] ByteString approve(const Address& spender, const Uint256& amount);
/// What the first two return.
[[nodiscard]] Result<Uint256> decode_amount(ByteView returned);
/// What `approve` and `transfer` return: true, or nothing at all from tokens older than the standard.
[[nodiscard]] bool says_yes(ByteView returned);

}  // namespace calypte::evm::erc20
