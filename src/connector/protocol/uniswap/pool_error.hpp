// Why a pool, a route or a book gave no figure. A quote is exact and complete, or one of these.
//
// The maths runs some hundred times a block, so its errors are one byte; `to_status` puts them into the words of the
// public interface. A `PoolError` is always found by us, from what we know of the chain: nothing has been sent.
#pragma once

#include <cassert>
#include <cstdint>
#include <string_view>
#include <utility>
#include <variant>

#include "calypte/result.hpp"

namespace calypte::connector::uniswap {

enum class PoolError : std::uint8_t {
  none,
  zero_amount,           ///< nothing was asked for
  zero_output,           ///< the amount is so small that nothing would come out (the V2 pair reverts then)
  not_initialized,       ///< the V3 pool has no price yet
  no_liquidity,          ///< the pool is empty
  not_enough_liquidity,  ///< the pool cannot exchange the whole amount; there is no partial quote
  price_limit_reached,   ///< the caller's price limit stops the swap before the whole amount is exchanged
  bad_price_limit,       ///< the price limit is on the wrong side of the price, or no price at all
  too_many_ticks,        ///< the swap crosses more initialised ticks than the caller allows
  unknown_ticks,         ///< the swap leaves the range of ticks that our state covers
  overflow,              ///< the contract would revert because a number does not fit its type
  not_representable,     ///< a result has more digits than a `Decimal`
  invalid_state,         ///< parameters or a state that no pool can have
  contradiction,         ///< an event that cannot follow our state: fetch the state again
  wrong_token,           ///< the pool or route does not trade this token
  no_route,              ///< no pools lead from one token to the other
  too_many_routes,       ///< more candidate routes than are tried
  invalid_slippage,      ///< a slippage limit above 100 %
};

[[nodiscard]] std::string_view to_string(PoolError error) noexcept;
/// `denied`, with the nearest FailureReason. Precondition: not `none`.
[[nodiscard]] Status to_status(PoolError error);

/// A value or a PoolError, the light relative of `Result`. Reading the value of a failed one is a bug and asserts.
template <typename T>
class [[nodiscard]] Outcome {
 public:
  Outcome(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
  // NOLINTNEXTLINE(google-explicit-constructor)
  Outcome(PoolError error) : state_(std::in_place_index<1>, error) { assert(error != PoolError::none); }

  [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }
  [[nodiscard]] PoolError error() const noexcept { return ok() ? PoolError::none : *std::get_if<1>(&state_); }
  [[nodiscard]] Status status() const { return ok() ? Status{} : to_status(error()); }
  [[nodiscard]] T& operator*() {
    assert(ok());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] const T& operator*() const {
    assert(ok());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] T* operator->() { return &**this; }
  [[nodiscard]] const T* operator->() const { return &**this; }

 private:
  std::variant<T, PoolError> state_;
};

}  // namespace calypte::connector::uniswap
