#include "sim/dialects/binance/order_words.hpp"

#include <algorithm>
#include <utility>

namespace calypte::sim::binance {
namespace {

constexpr std::string_view kNumber = "^([0-9]{1,20})(\\.[0-9]{1,20})?$";
constexpr std::string_view kClientId = "^[\\.A-Z\\:/a-z0-9_-]{1,36}$";
constexpr std::size_t kLongestClientId = 36;

bool is_client_id(std::string_view text) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_.:/").find(c) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= kLongestClientId && std::all_of(text.begin(), text.end(), good);
}

}  // namespace

std::string_view side_word(Side side) noexcept { return side == Side::buy ? "BUY" : "SELL"; }

std::string_view self_trade_word(SelfTradePrevention mode) noexcept {
  switch (mode) {
    case SelfTradePrevention::cancel_maker:
      return "EXPIRE_MAKER";
    case SelfTradePrevention::cancel_taker:
      return "EXPIRE_TAKER";
    case SelfTradePrevention::cancel_both:
      return "EXPIRE_BOTH";
    case SelfTradePrevention::none:
      break;
  }
  return "NONE";
}

std::string_view status_word(const OrderRecord& order) noexcept {
  switch (order.state) {
    case OrderState::pending:
    case OrderState::active:
      return order.filled.is_zero() ? "NEW" : "PARTIALLY_FILLED";
    case OrderState::filled:
      return "FILLED";
    case OrderState::rejected:
      return "REJECTED";
    case OrderState::cancelled:
      break;
  }
  if (order.close_reason == CloseReason::cancelled) return "CANCELED";
  return order.close_reason == CloseReason::self_trade ? "EXPIRED_IN_MATCH" : "EXPIRED";
}

std::optional<Answer> read_side(const Parameters& parameters, Side& out) {
  const std::string_view side = parameters.get("side");
  if (side.empty()) return mandatory("side");
  if (side != "BUY" && side != "SELL") return failure(code::kInvalidSide, "Invalid side.");
  out = side == "BUY" ? Side::buy : Side::sell;
  return std::nullopt;
}

std::optional<Answer> read_number(const Parameters& parameters, std::string_view name, int places, std::string too_fine,
                                  Decimal& out) {
  if (!parameters.has(name)) return mandatory(name);
  const auto value = parameters.decimal(name);
  if (!value) return illegal(name, kNumber);
  if (value->normalized().scale() > places) return failure(code::kPrecision, std::move(too_fine));
  out = *value;
  return std::nullopt;
}

std::optional<Answer> read_client_id(const Parameters& parameters, std::string& out) {
  if (!parameters.has("newClientOrderId")) return std::nullopt;
  if (!is_client_id(parameters.get("newClientOrderId"))) return illegal("newClientOrderId", kClientId);
  out = parameters.get("newClientOrderId");
  return std::nullopt;
}

std::optional<Answer> read_self_trade(const Parameters& parameters, SelfTradePrevention& out) {
  const std::string_view word = parameters.get("selfTradePreventionMode");
  if (word.empty()) return std::nullopt;
  for (const auto mode : {SelfTradePrevention::none, SelfTradePrevention::cancel_maker,
                          SelfTradePrevention::cancel_taker, SelfTradePrevention::cancel_both}) {
    if (self_trade_word(mode) != word) continue;
    out = mode;
    return std::nullopt;
  }
  return bad_value("selfTradePreventionMode");
}

}  // namespace calypte::sim::binance
