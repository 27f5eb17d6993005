#include "calypte/result.hpp"

namespace calypte {

std::string_view to_string(StatusCode code) noexcept {
  switch (code) {
    case StatusCode::ok:
      return "ok";
    case StatusCode::denied:
      return "denied";
    case StatusCode::not_sent:
      return "not sent";
    case StatusCode::rejected:
      return "rejected";
    case StatusCode::order_not_found:
      return "order not found";
    case StatusCode::malformed:
      return "malformed";
    case StatusCode::rate_limited:
      return "rate limited";
    case StatusCode::clock_skew:
      return "clock skew";
    case StatusCode::unauthenticated:
      return "unauthenticated";
    case StatusCode::unavailable:
      return "unavailable";
    case StatusCode::outcome_unknown:
      return "outcome unknown";
    case StatusCode::unsupported:
      return "unsupported";
  }
  return "?";
}

std::string_view to_string(FailureReason reason) noexcept {
  switch (reason) {
    case FailureReason::none:
      return "none";
    case FailureReason::unknown_trading_pair:
      return "unknown_trading_pair";
    case FailureReason::not_ready:
      return "not_ready";
    case FailureReason::invalid_amount:
      return "invalid_amount";
    case FailureReason::invalid_price:
      return "invalid_price";
    case FailureReason::below_min_order_size:
      return "below_min_order_size";
    case FailureReason::above_max_order_size:
      return "above_max_order_size";
    case FailureReason::below_min_notional:
      return "below_min_notional";
    case FailureReason::above_max_notional:
      return "above_max_notional";
    case FailureReason::too_many_significant_digits:
      return "too_many_significant_digits";
    case FailureReason::unsupported_order_type:
      return "unsupported_order_type";
    case FailureReason::insufficient_balance:
      return "insufficient_balance";
    case FailureReason::no_liquidity:
      return "no_liquidity";
    case FailureReason::reduce_only:
      return "reduce_only";
    case FailureReason::position_mode:
      return "position_mode";
    case FailureReason::invalid_leverage:
      return "invalid_leverage";
    case FailureReason::account_restricted:
      return "account_restricted";
    case FailureReason::invalid_position_action:
      return "invalid_position_action";
    case FailureReason::stopped:
      return "stopped";
    case FailureReason::queue_full:
      return "queue_full";
    case FailureReason::not_durable:
      return "not_durable";
    case FailureReason::rejected_by_venue:
      return "rejected_by_venue";
    case FailureReason::would_take:
      return "would_take";
    case FailureReason::self_trade:
      return "self_trade";
    case FailureReason::duplicate_client_order_id:
      return "duplicate_client_order_id";
    case FailureReason::instrument_not_tradable:
      return "instrument_not_tradable";
    case FailureReason::authentication:
      return "authentication";
    case FailureReason::rate_limited:
      return "rate_limited";
    case FailureReason::not_filled:
      return "not_filled";
    case FailureReason::never_arrived:
      return "never_arrived";
    case FailureReason::lost:
      return "lost";
    case FailureReason::connection:
      return "connection";
    case FailureReason::wrong_chain:
      return "wrong_chain";
    case FailureReason::wrong_contract:
      return "wrong_contract";
    case FailureReason::insufficient_allowance:
      return "insufficient_allowance";
    case FailureReason::network_fee_too_high:
      return "network_fee_too_high";
    case FailureReason::slippage:
      return "slippage";
    case FailureReason::deadline:
      return "deadline";
    case FailureReason::out_of_gas:
      return "out_of_gas";
    case FailureReason::reverted:
      return "reverted";
    case FailureReason::replaced:
      return "replaced";
  }
  return "?";
}

std::string Status::to_string() const {
  std::string text(calypte::to_string(code_));
  if (!venue_code_.empty()) text += " (" + venue_code_ + ")";
  if (reason_ != FailureReason::none) text.append(" [").append(calypte::to_string(reason_)).append("]");
  if (!message_.empty()) text += ": " + message_;
  return text;
}

}  // namespace calypte
