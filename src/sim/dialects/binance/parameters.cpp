#include "sim/dialects/binance/parameters.hpp"

#include <algorithm>
#include <charconv>

namespace calypte::sim::binance {
namespace {

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string decode_percent(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit_of(text[i + 1]) >= 0 && digit_of(text[i + 2]) >= 0) {
      plain += static_cast<char>(digit_of(text[i + 1]) * 16 + digit_of(text[i + 2]));
      i += 2;
    } else {
      plain += text[i] == '+' ? ' ' : text[i];
    }
  }
  return plain;
}

void Parameters::add_encoded(std::string_view text) {
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    values_.emplace(decode_percent(pair.substr(0, equals)), decode_percent(pair.substr(equals + 1)));
  }
}

void Parameters::add_members(venue::json::Value object) {
  for (const auto [key, value] : object.members()) {
    if (value.is_null()) continue;
    values_.emplace(std::string(key), std::string(value.is_string() ? value.string() : value.text()));
  }
}

std::string_view Parameters::get(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::string_view{} : std::string_view(found->second);
}

std::optional<std::int64_t> Parameters::integer(std::string_view name) const {
  const std::string_view text = get(name);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Decimal> Parameters::decimal(std::string_view name) const {
  const std::string_view text = get(name);
  if (text.empty() || text.find_first_not_of("0123456789.") != std::string_view::npos) return std::nullopt;
  const auto value = Decimal::parse(text);
  if (!value) return std::nullopt;
  return *value;
}

}  // namespace calypte::sim::binance
