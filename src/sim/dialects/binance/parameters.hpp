// The parameters of a request, wherever they stood: query, form body, or the object of a WebSocket API frame.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "calypte/decimal.hpp"

#include "venue/json.hpp"

namespace calypte::sim::binance {

class Parameters {
 public:
  using Map = std::map<std::string, std::string, std::less<>>;

  /// "a=b&c=d" with percent-encoding and + for blank. What is there already stays: the query goes before the body.
  void add_encoded(std::string_view text);
  /// The scalar members of a JSON object by their text; lists and objects as they stand.
  void add_members(venue::json::Value object);
  void set(std::string name, std::string value) { values_.insert_or_assign(std::move(name), std::move(value)); }

  /// Present and not empty.
  [[nodiscard]] bool has(std::string_view name) const { return !get(name).empty(); }
  [[nodiscard]] std::string_view get(std::string_view name) const;  ///< empty if absent
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name) const;
  /// Only the plain notation that the venue takes: digits and at most one point.
  [[nodiscard]] std::optional<Decimal> decimal(std::string_view name) const;
  [[nodiscard]] const Map& all() const noexcept { return values_; }

 private:
  Map values_;
};

[[nodiscard]] std::string decode_percent(std::string_view text);

}  // namespace calypte::sim::binance
