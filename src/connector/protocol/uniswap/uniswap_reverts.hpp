// What the contracts' revert texts mean.
#pragma once

#include "calypte/result.hpp"

#include "evm/bytes.hpp"

namespace calypte::connector::uniswap {

/// `rejected` with the reason and the contract's own text; `reverted` for what is not in the table.
[[nodiscard]] Status explain_uniswap_revert(evm::ByteView data);

}  // namespace calypte::connector::uniswap
