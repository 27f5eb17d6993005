#include "connector/exchange/kraken/kraken_utils.hpp"

#include <charconv>
#include <chrono>
#include <utility>

namespace calypte::connector::kraken {

using venue::Records;
using venue::json::Value;

namespace {

/// A whole number made of all of the text.
template <typename T>
bool read_digits(std::string_view text, T& out) noexcept {
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
  }
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  return read.ec == std::errc{} && read.ptr == text.data() + text.size();
}

/// The places behind a point as nanoseconds; what is finer is cut off.
bool read_fraction(std::string_view text, std::int64_t& nanoseconds) noexcept {
  text = text.substr(0, 9);
  if (!read_digits(text, nanoseconds)) return false;
  for (std::size_t i = text.size(); i < 9; ++i) nanoseconds *= 10;
  return true;
}

/// 10^-decimals.
std::optional<Decimal> step_of(Value decimals) {
  const auto scale = decimals.integer();
  if (!scale || *scale < 0 || *scale > Decimal::kMaxScale) return std::nullopt;
  return Decimal::from_parts(1, static_cast<int>(*scale));
}

}  // namespace

std::string_view common_asset(std::string_view asset) noexcept {
  if (asset == "XBT") return "BTC";
  if (asset == "XDG") return "DOGE";
  return asset;
}

std::optional<Time> parse_timestamp(std::string_view text) noexcept {
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' ||
      text.back() != 'Z') {
    return std::nullopt;
  }
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!read_digits(text.substr(0, 4), year) || !read_digits(text.substr(5, 2), month) ||
      !read_digits(text.substr(8, 2), day) || !read_digits(text.substr(11, 2), hour) ||
      !read_digits(text.substr(14, 2), minute) || !read_digits(text.substr(17, 2), second)) {
    return std::nullopt;
  }
  std::int64_t nanoseconds = 0;
  const std::string_view rest = text.substr(19, text.size() - 20);
  if (!rest.empty() && (rest[0] != '.' || !read_fraction(rest.substr(1), nanoseconds))) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  // Nanoseconds in 64 bits begin in 1678 and end in 2262.
  if (!date.ok() || year < 1970 || year > 2200 || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return Time{std::chrono::sys_days(date)} + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second) + Duration(nanoseconds);
}

std::optional<Time> parse_seconds(std::string_view text) noexcept {
  const auto point = text.find('.');
  std::int64_t seconds = 0;
  std::int64_t nanoseconds = 0;
  if (!read_digits(text.substr(0, point), seconds) || seconds > 7'000'000'000) return std::nullopt;
  if (point != std::string_view::npos && !read_fraction(text.substr(point + 1), nanoseconds)) return std::nullopt;
  return from_unix_ns(seconds * 1'000'000'000 + nanoseconds);
}

bool add_instruments(Value root, SymbolStyle style, Records& out) {
  const Value result = root.find("result");
  for (const auto& [name, item] : result.members()) {
    const std::string_view stream_name = item.find("wsname").string();  // always in the old words
    const auto slash = stream_name.find('/');
    if (slash == std::string_view::npos) continue;  // not on the streams
    const std::string_view base = common_asset(stream_name.substr(0, slash));
    const std::string_view quote = common_asset(stream_name.substr(slash + 1));
    std::string symbol(base);
    symbol.append("/").append(quote);
    if (style == SymbolStyle::v1) symbol = stream_name;
    const auto pair = TradingPair::parse(std::string(base) + "-" + std::string(quote));
    const auto tick =
        item.find("tick_size").exists() ? item.find("tick_size").decimal() : step_of(item.find("pair_decimals"));
    const auto step = step_of(item.find("lot_decimals"));
    const Value status = item.find("status");
    venue::Instrument instrument{Symbol(symbol), {}};
    Status verdict = pair.status();
    if (verdict.ok() && (!tick || !step)) verdict = {StatusCode::malformed, "tick or lot is missing"};
    if (verdict.ok()) {
      instrument.rule.trading_pair = *pair;
      instrument.rule.min_price_increment = *tick;
      instrument.rule.min_base_amount_increment = *step;
      instrument.rule.min_order_size = item.find("ordermin").decimal().value_or(*step);
      instrument.rule.min_notional_size = item.find("costmin").decimal().value_or(Decimal(0));
      instrument.rule.tradable = !status.exists() || status.string() == "online";
      verdict = instrument.rule.validate();
    }
    if (verdict.ok()) {
      out.add(std::move(instrument));
    } else {
      out.add(venue::BadInstrument{std::move(symbol), verdict.message()});
    }
  }
  return result.is_object();
}

}  // namespace calypte::connector::kraken
