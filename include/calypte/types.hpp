// The small vocabulary that everything shares: trading pairs, order types, sides, states and identifiers.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "calypte/result.hpp"

namespace calypte {

/// A pair in our notation, always BASE-QUOTE in upper case with one hyphen ("BTC-USDT"). A venue's own word for it is
/// a `Symbol`; the two types do not convert into each other except through the connector's symbol map.
class TradingPair {
 public:
  TradingPair() = default;
  /// `malformed` unless the text is two non-empty tokens of [A-Z0-9.:_$] joined by one hyphen, the base at most 255
  /// characters long.
  [[nodiscard]] static Result<TradingPair> parse(std::string_view text);
  /// Upper-cases its parts. Precondition: both are non-empty and hold no hyphen, base as above.
  [[nodiscard]] static TradingPair from_assets(std::string_view base, std::string_view quote);

  [[nodiscard]] std::string_view base() const noexcept { return std::string_view(text_).substr(0, dash_); }
  [[nodiscard]] std::string_view quote() const noexcept {
    return text_.empty() ? std::string_view{} : std::string_view(text_).substr(dash_ + 1U);
  }
  [[nodiscard]] const std::string& to_string() const noexcept { return text_; }
  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }

  friend bool operator==(const TradingPair& a, const TradingPair& b) noexcept { return a.text_ == b.text_; }
  friend auto operator<=>(const TradingPair& a, const TradingPair& b) noexcept { return a.text_ <=> b.text_; }

 private:
  std::string text_;
  std::uint8_t dash_ = 0;
};

inline namespace literals {
/// "BTC-USDT"_pair; throws `std::invalid_argument` if it is none.
[[nodiscard]] TradingPair operator""_pair(const char* text, std::size_t size);
}  // namespace literals

/// A text that is one kind of name and cannot be mistaken for another kind.
template <typename Tag>
struct StrongText {
  std::string value;

  StrongText() = default;
  explicit StrongText(std::string text) : value(std::move(text)) {}
  explicit StrongText(std::string_view text) : value(text) {}
  explicit StrongText(const char* text) : value(text) {}
  [[nodiscard]] bool empty() const noexcept { return value.empty(); }
  friend bool operator==(const StrongText&, const StrongText&) = default;
  friend auto operator<=>(const StrongText&, const StrongText&) = default;
};

using ClientOrderId = StrongText<struct ClientOrderIdTag>;      ///< made by us, known before the request leaves
using ExchangeOrderId = StrongText<struct ExchangeOrderIdTag>;  ///< given by the venue
using TradeId = StrongText<struct TradeIdTag>;                  ///< the venue's id of one of our fills
using Symbol = StrongText<struct SymbolTag>;                    ///< the venue's own name of an instrument

enum class OrderType : std::uint8_t { market = 1, limit = 2, limit_maker = 3, amm_swap = 4 };
enum class TradeType : std::uint8_t { buy = 1, sell = 2 };
enum class PositionAction : std::uint8_t { nil, open, close };
enum class TimeInForce : std::uint8_t { good_till_cancelled, immediate_or_cancel, fill_or_kill };

/// One position a pair that netting trades change, or a long and a short one side by side.
enum class PositionMode : std::uint8_t { one_way, hedge };
/// Which position a trade changes: the only one of the pair (one-way mode), or its long or short one (hedge mode).
enum class PositionSide : std::uint8_t { net, long_side, short_side };
/// Whether a position may use the whole account as its margin, or only what was set aside for it.
enum class MarginType : std::uint8_t { cross, isolated };

/// The numbers are part of the stored form of an order and never change.
enum class OrderState : std::uint8_t {
  pending_create = 0,
  open = 1,
  pending_cancel = 2,
  canceled = 3,
  partially_filled = 4,
  filled = 5,
  failed = 6,
  pending_approval = 7,
  approved = 8,
  created = 9,
  completed = 10,
  expired = 11,
};

[[nodiscard]] std::string_view to_string(OrderType type) noexcept;         // "LIMIT_MAKER"
[[nodiscard]] std::string_view to_string(TradeType type) noexcept;         // "BUY"
[[nodiscard]] std::string_view to_string(PositionAction action) noexcept;  // "NIL"
[[nodiscard]] std::string_view to_string(TimeInForce tif) noexcept;        // "GTC"
[[nodiscard]] std::string_view to_string(OrderState state) noexcept;       // "PENDING_CREATE"
[[nodiscard]] std::string_view to_string(PositionMode mode) noexcept;      // "ONEWAY"
[[nodiscard]] std::string_view to_string(PositionSide side) noexcept;      // "BOTH"
[[nodiscard]] std::string_view to_string(MarginType type) noexcept;        // "CROSSED"
[[nodiscard]] Result<OrderType> parse_order_type(std::string_view text);
[[nodiscard]] Result<TradeType> parse_trade_type(std::string_view text);
[[nodiscard]] Result<PositionAction> parse_position_action(std::string_view text);

[[nodiscard]] constexpr TradeType opposite(TradeType side) noexcept {
  return side == TradeType::buy ? TradeType::sell : TradeType::buy;
}

}  // namespace calypte

template <>
struct std::hash<calypte::TradingPair> {
  std::size_t operator()(const calypte::TradingPair& p) const noexcept {
    return std::hash<std::string_view>{}(p.to_string());
  }
};
template <typename Tag>
struct std::hash<calypte::StrongText<Tag>> {
  std::size_t operator()(const calypte::StrongText<Tag>& s) const noexcept {
    return std::hash<std::string_view>{}(s.value);
  }
};
