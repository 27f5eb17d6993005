#include "connector/protocol/uniswap/pool_error.hpp"

#include <string>

namespace calypte::connector::uniswap {

std::string_view to_string(PoolError error) noexcept {
  switch (error) {
    case PoolError::none:
      return "none";
    case PoolError::zero_amount:
      return "the amount is zero";
    case PoolError::zero_output:
      return "the amount is too small to give anything";
    case PoolError::not_initialized:
      return "the pool has no price yet";
    case PoolError::no_liquidity:
      return "the pool has no liquidity";
    case PoolError::not_enough_liquidity:
      return "the pool has not enough liquidity for the whole amount";
    case PoolError::price_limit_reached:
      return "the price limit stops the swap before the whole amount is exchanged";
    case PoolError::bad_price_limit:
      return "the price limit is on the wrong side of the price";
    case PoolError::too_many_ticks:
      return "the swap crosses more ticks than allowed";
    case PoolError::unknown_ticks:
      return "the swap leaves the ticks that are known";
    case PoolError::overflow:
      return "a number does not fit the type that the contract has for it";
    case PoolError::not_representable:
      return "the result has too many digits";
    case PoolError::invalid_state:
      return "no pool can have these parameters or this state";
    case PoolError::contradiction:
      return "the event does not fit the state of the pool";
    case PoolError::wrong_token:
      return "the pool does not trade this token";
    case PoolError::no_route:
      return "no pools lead from one token to the other";
    case PoolError::too_many_routes:
      return "too many candidate routes";
    case PoolError::invalid_slippage:
      return "the slippage limit is above 100 %";
  }
  return "unknown";
}

Status to_status(PoolError error) {
  assert(error != PoolError::none);
  FailureReason reason = FailureReason::none;
  switch (error) {
    case PoolError::zero_amount:
    case PoolError::zero_output:
    case PoolError::overflow:
      reason = FailureReason::invalid_amount;
      break;
    case PoolError::not_initialized:
    case PoolError::no_liquidity:
    case PoolError::not_enough_liquidity:
    case PoolError::too_many_ticks:
      reason = FailureReason::no_liquidity;
      break;
    case PoolError::price_limit_reached:
    case PoolError::bad_price_limit:
    case PoolError::invalid_slippage:
      reason = FailureReason::invalid_price;
      break;
    case PoolError::unknown_ticks:
    case PoolError::invalid_state:
    case PoolError::contradiction:
      reason = FailureReason::not_ready;
      break;
    case PoolError::wrong_token:
    case PoolError::no_route:
      reason = FailureReason::unknown_trading_pair;
      break;
    case PoolError::none:
    case PoolError::not_representable:
    case PoolError::too_many_routes:
      break;
  }
  return {StatusCode::denied, reason, std::string(to_string(error))};
}

}  // namespace calypte::connector::uniswap
