// The words that both markets have for orders, and how parameters of orders are read.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sim/dialects/binance/answer.hpp"
#include "sim/dialects/binance/parameters.hpp"
#include "sim/exchange.hpp"

namespace calypte::sim::binance {

[[nodiscard]] std::string_view side_word(Side side) noexcept;
[[nodiscard]] std::string_view status_word(const OrderRecord& order) noexcept;
[[nodiscard]] std::string_view self_trade_word(SelfTradePrevention mode) noexcept;

/// Reads `side`, which is mandatory.
[[nodiscard]] std::optional<Answer> read_side(const Parameters& parameters, Side& out);
/// Reads a mandatory number in the venue's notation; one with more than `places` is refused in the words of `too_fine`.
[[nodiscard]] std::optional<Answer> read_number(const Parameters& parameters, std::string_view name, int places,
                                                std::string too_fine, Decimal& out);
/// Reads `newClientOrderId`, if it is there.
[[nodiscard]] std::optional<Answer> read_client_id(const Parameters& parameters, std::string& out);
/// Reads `selfTradePreventionMode`, if it is there.
[[nodiscard]] std::optional<Answer> read_self_trade(const Parameters& parameters, SelfTradePrevention& out);

}  // namespace calypte::sim::binance
