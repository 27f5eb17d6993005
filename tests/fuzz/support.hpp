// What the fuzz targets share: taking an input apart, and telling whether two decodings gave the same.
#pragma once

#include <algorithm>
#include <boost/pfr.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "calypte/decimal.hpp"
#include "calypte/result.hpp"
#include "calypte/types.hpp"

#include "venue/records.hpp"

namespace calypte::fuzz {

/// An invariant; what breaks it is a find.
inline void require(bool condition, std::source_location place = std::source_location::current()) {
  if (condition) return;
  std::fprintf(stderr, "%s:%u: broken: %s\n", place.file_name(), place.line(), place.function_name());
  std::abort();
}

/// Takes an input apart from the front. Choices count from the letter 'a', so that a seed can be read and written by a
/// person; every byte is some choice. An input that is used up gives zeros and empty texts.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}
  explicit Input(std::string_view text) : rest_(text) {}
  [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }
  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  std::size_t choice(std::size_t count) {
    return rest_.empty() ? 0 : static_cast<std::uint8_t>(byte() - std::uint8_t{'a'}) % count;
  }
  std::string_view take(std::size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  /// Up to the next `end`, which is taken as well.
  std::string_view until(char end) {
    const std::string_view taken = rest_.substr(0, rest_.find(end));
    rest_.remove_prefix(std::min(rest_.size(), taken.size() + 1));
    return taken;
  }
  std::string_view line() { return until('\n'); }

 private:
  std::string_view rest_;
};

// --- A value as a text that differs whenever the value does. --------------------------------------------------------

template <typename T>
concept Optional = requires(const T& v) {
  v.has_value();
  *v;
};
template <typename T>
concept Range = requires(const T& v) {
  v.begin();
  v.end();
};

template <typename T>
void describe(std::string& out, const T& value) {
  const auto text = [&out](std::string_view t) { out.append(std::to_string(t.size())).append(":").append(t); };
  if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    text(value);
  } else if constexpr (std::is_same_v<T, Decimal> || std::is_same_v<T, TradingPair>) {
    text(value.to_string());
  } else if constexpr (std::is_same_v<T, Status>) {
    text(value.to_string());
    describe(out, value.retry_at());
  } else if constexpr (std::is_same_v<T, Time>) {
    out += std::to_string(value.time_since_epoch().count()) + ",";
  } else if constexpr (std::is_same_v<T, Duration>) {
    out += std::to_string(value.count()) + ",";
  } else if constexpr (std::is_enum_v<T>) {
    out += std::to_string(static_cast<int>(value)) + ",";
  } else if constexpr (std::is_integral_v<T>) {
    out += std::to_string(value) + ",";
  } else if constexpr (Optional<T>) {
    out += value.has_value() ? '+' : '-';
    if (value.has_value()) describe(out, *value);
  } else if constexpr (Range<T>) {
    out += '[';
    for (const auto& element : value) describe(out, element);
    out += ']';
  } else if constexpr (requires { value.value.size(); }) {  // StrongText
    text(value.value);
  } else {
    out += '{';
    boost::pfr::for_each_field(value, [&out](const auto& field) { describe(out, field); });
    out += '}';
  }
}

template <typename... T>
void describe(std::string& out, const std::variant<T...>& value) {
  out += std::to_string(value.index()) + "=";
  std::visit([&out](const auto& held) { describe(out, held); }, value);
}

template <typename T>
[[nodiscard]] std::string described(const T& value) {
  std::string out;
  describe(out, value);
  return out;
}

[[nodiscard]] inline std::string described(const Status& status, venue::Records& records) {
  std::string out;
  describe(out, status);
  describe(out, records.channel());
  for (const venue::Record& record : records.items()) describe(out, record);
  describe(out, records.levels());
  return out;
}

}  // namespace calypte::fuzz
