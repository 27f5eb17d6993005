// What the stored forms share: the words, numbers and fees of orders and events as JSON. Decimals are texts, times are
// integers of nanoseconds since 1970. Internal to the engine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "calypte/fees.hpp"
#include "calypte/result.hpp"
#include "calypte/time.hpp"
#include "calypte/types.hpp"

#include "venue/json.hpp"
#include "venue/json_writer.hpp"

namespace calypte::stored {

using venue::json::Document;
using venue::json::Value;
using venue::json::Writer;

// --- Words ---

/// The last value of an enumeration whose values follow each other without a gap from `kFirst` on.
template <typename E>
inline constexpr E kLast = E{};
template <typename E>
inline constexpr int kFirst = 0;
template <>
inline constexpr auto kLast<StatusCode> = StatusCode::unsupported;
template <>
inline constexpr auto kLast<FailureReason> = FailureReason::replaced;
template <>
inline constexpr auto kLast<OrderState> = OrderState::expired;
template <>
inline constexpr auto kLast<TimeInForce> = TimeInForce::fill_or_kill;
template <>
inline constexpr auto kLast<PositionMode> = PositionMode::hedge;
template <>
inline constexpr auto kLast<PositionSide> = PositionSide::short_side;
template <>
inline constexpr auto kLast<PositionAction> = PositionAction::close;
template <>
inline constexpr auto kLast<MarginType> = MarginType::isolated;
template <>
inline constexpr auto kLast<OrderType> = OrderType::amm_swap;
template <>
inline constexpr int kFirst<OrderType> = 1;
template <>
inline constexpr auto kLast<TradeType> = TradeType::sell;
template <>
inline constexpr int kFirst<TradeType> = 1;

/// The value whose `to_string` is this.
template <typename E>
Result<E> parse_word(std::string_view text) {
  for (int i = kFirst<E>; i <= static_cast<int>(kLast<E>); ++i) {
    if (to_string(static_cast<E>(i)) == text) return static_cast<E>(i);
  }
  return Status(StatusCode::malformed, "unknown word");
}

// --- Writing ---

/// A text from outside: what is no UTF-8 in it is replaced, because a JSON text with such a byte could not be read
/// again, and with it an order or an event would be lost.
void write_text(Writer& out, std::string_view text);
[[nodiscard]] std::string made_utf8(std::string_view text);
void write_time(Writer& out, std::string_view name, Time time);
void write(Writer& out, const Decimal& value);
void write(Writer& out, const TokenAmount& amount);
void write(Writer& out, const TradeFee& fee);

template <typename T>
std::string written(const T& value) {
  std::string text;
  Writer out(text);
  write(out, value);
  return text;
}

// --- Reading ---

/// Reads members into places and remembers the first that was wrong.
class Reader {
 public:
  /// `what` is named by failures, and must outlive the reader.
  Reader(std::string_view what, Value object);

  void text(std::string_view name, std::string& place);
  template <typename Id>
  void optional_id(std::string_view name, std::optional<Id>& place) {
    const Value v = object_.find(name);
    if (v.is_string() && !v.string().empty()) {
      place = Id(v.string());
    } else if (!v.is_null() && !v.is_string()) {
      fail(name);
    }
  }
  void pair(std::string_view name, TradingPair& place, bool may_be_empty);
  void decimal(std::string_view name, Decimal& place, bool required = true);
  void optional_decimal(std::string_view name, std::optional<Decimal>& place);
  void time(std::string_view name, Time& place);
  void boolean(std::string_view name, bool& place);
  template <typename T>
  void parsed(std::string_view name, Result<T> value, T& place) {
    if (value) {
      place = std::move(*value);
    } else {
      fail(name);
    }
  }
  void fail(std::string_view name);
  void fail(const Status& status);
  [[nodiscard]] Value find(std::string_view name) const noexcept { return object_.find(name); }
  [[nodiscard]] bool has(std::string_view name) const noexcept { return !object_.find(name).is_null(); }
  [[nodiscard]] const Status& status() const noexcept { return status_; }

 private:
  std::string_view what_;
  Value object_;
  Status status_;
};

template <typename T>
Result<T> finished(const Reader& in, T value) {
  if (!in.status().ok()) return in.status();
  return value;
}

[[nodiscard]] Result<TokenAmount> read_token_amount(Value json);
[[nodiscard]] Result<TradeFee> read_fee(Value json);

/// Parses a whole text and hands its root to `read`.
template <typename T>
Result<T> read_text(std::string_view json, Result<T> (*read)(Value)) {
  const venue::PaddedBuffer buffer(json);
  Document document;
  auto root = document.parse(buffer.bytes());
  if (!root) return root.status();
  return read(*root);
}

}  // namespace calypte::stored
