// Errors as values. A `Status` says what went wrong, in words a program can act on, and how certain we are.
//
// The certainty is the point: only `denied`, `not_sent` and `rejected` may end an order. Everything else leaves the
// outcome open, and the engine asks the venue until it has a positive answer.
#pragma once

#include <cassert>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "calypte/time.hpp"

namespace calypte {

enum class StatusCode : std::uint8_t {
  ok,
  denied,           ///< refused by us before anything was sent
  not_sent,         ///< the transport is certain that no byte of the request left
  rejected,         ///< the venue's definite refusal
  order_not_found,  ///< the venue says that it does not know the order; not yet evidence of anything
  malformed,        ///< bytes that could not be read
  rate_limited,     ///< definite refusal of this attempt; `retry_at` says when to try again if the venue told us
  clock_skew,       ///< definite refusal because of our time stamp; synchronise, then try again
  unauthenticated,  ///< definite refusal because of the key, the signature or the address
  unavailable,      ///< maintenance or overload: a query may be repeated; an order's outcome is unknown
  outcome_unknown,  ///< the request may or may not have taken effect
  unsupported,      ///< the venue or the connector does not offer this
};

/// The machine-readable reason inside a failure, the same words for every venue.
enum class FailureReason : std::uint8_t {
  none,
  // Found by us, before sending.
  unknown_trading_pair,
  not_ready,
  invalid_amount,
  invalid_price,
  below_min_order_size,
  above_max_order_size,
  below_min_notional,
  above_max_notional,
  too_many_significant_digits,
  unsupported_order_type,
  insufficient_balance,
  no_liquidity,
  invalid_position_action,
  stopped,
  queue_full,
  not_durable,  ///< the journal cannot be written, so nothing new is sent
  // Said by the venue.
  rejected_by_venue,
  would_take,  ///< a post-only order would have crossed
  self_trade,
  duplicate_client_order_id,
  instrument_not_tradable,
  authentication,
  rate_limited,
  not_filled,          ///< an immediate-or-cancel or fill-or-kill order did not fill
  reduce_only,         ///< it would have opened or turned a position
  position_mode,       ///< it names a position that the account's mode does not have, or the mode cannot change now
  invalid_leverage,    ///< more than the contract, or the size of the position, allows
  account_restricted,  ///< in liquidation, or allowed to reduce only
  // Found by evidence over time.
  never_arrived,  ///< the venue definitely does not know the order after its maximum delay
  lost,           ///< acknowledged once, then definitely and repeatedly unknown to the venue
  connection,     ///< no byte of the request left this machine
  // On a chain.
  wrong_chain,             ///< the node is on another chain than the configuration says
  wrong_contract,          ///< an address is not the contract that it is said to be
  insufficient_allowance,  ///< the protocol may not take so much of the token; `Protocol::approve` lets it
  network_fee_too_high,    ///< the transaction could cost more than its limit
  slippage,                ///< the chain would have filled, or would fill, at a worse price than the limit
  deadline,                ///< its time was over when it was mined
  out_of_gas,              ///< the gas limit did not suffice
  reverted,                ///< the contract refused for another reason, which the message names
  replaced,                ///< its nonce was spent by a transaction that is not ours
};

[[nodiscard]] std::string_view to_string(StatusCode code) noexcept;
[[nodiscard]] std::string_view to_string(FailureReason reason) noexcept;

class [[nodiscard]] Status {
 public:
  Status() = default;  ///< ok
  Status(StatusCode code, FailureReason reason, std::string message, std::string venue_code = {})
      : code_(code), reason_(reason), message_(std::move(message)), venue_code_(std::move(venue_code)) {}
  Status(StatusCode code, std::string message) : code_(code), message_(std::move(message)) {}

  [[nodiscard]] bool ok() const noexcept { return code_ == StatusCode::ok; }
  [[nodiscard]] StatusCode code() const noexcept { return code_; }
  [[nodiscard]] FailureReason reason() const noexcept { return reason_; }
  /// Human-readable; carries the venue's own text verbatim where there is one. Never holds a secret.
  [[nodiscard]] const std::string& message() const noexcept { return message_; }
  /// The venue's own code as text, empty if the error is not the venue's.
  [[nodiscard]] const std::string& venue_code() const noexcept { return venue_code_; }
  [[nodiscard]] std::optional<Time> retry_at() const noexcept { return retry_at_; }
  Status& set_retry_at(Time t) {
    retry_at_ = t;
    return *this;
  }
  /// True if the request certainly had no effect: this, and only this, may end an order that was never acknowledged.
  [[nodiscard]] bool certainly_without_effect() const noexcept {
    return code_ == StatusCode::denied || code_ == StatusCode::not_sent || code_ == StatusCode::rejected ||
           code_ == StatusCode::rate_limited || code_ == StatusCode::clock_skew ||
           code_ == StatusCode::unauthenticated || code_ == StatusCode::unsupported;
  }
  /// "rejected (306): INSUFFICIENT_AVAILABLE_BALANCE"
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const Status&, const Status&) = default;

 private:
  StatusCode code_ = StatusCode::ok;
  FailureReason reason_ = FailureReason::none;
  std::string message_;
  std::string venue_code_;
  std::optional<Time> retry_at_;
};

/// A value or the reason why there is none. Reading the value of a failed result is a bug and asserts.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(Status status) : state_(std::in_place_index<1>, std::move(status)) {
    assert(!std::get<1>(state_).ok() && "a Result built from a Status needs a failure");
  }

  [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }
  [[nodiscard]] T& value() & {
    assert(ok());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] const T& value() const& {
    assert(ok());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] T&& value() && {
    assert(ok());
    return std::move(*std::get_if<0>(&state_));
  }
  [[nodiscard]] T& operator*() & { return value(); }
  [[nodiscard]] const T& operator*() const& { return value(); }
  [[nodiscard]] T&& operator*() && { return std::move(*this).value(); }
  [[nodiscard]] T* operator->() { return &value(); }
  [[nodiscard]] const T* operator->() const { return &value(); }
  [[nodiscard]] Status status() const { return ok() ? Status{} : *std::get_if<1>(&state_); }

 private:
  std::variant<T, Status> state_;
};

}  // namespace calypte
