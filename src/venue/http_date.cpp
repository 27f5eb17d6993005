#include "venue/http_date.hpp"

#include <algorithm>
#include <charconv>

namespace calypte::venue {

namespace {

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// All of `text` as a number of digits only; -1 otherwise.
int number(std::string_view text) noexcept {
  int value = -1;
  if (text.empty() || text.front() == '-') return -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? value : -1;
}

}  // namespace

std::string_view header(std::span<const Header> headers, std::string_view name) noexcept {
  for (const Header& h : headers) {
    if (std::equal(h.name.begin(), h.name.end(), name.begin(), name.end(),
                   [](char a, char b) { return lower(a) == lower(b); })) {
      return h.value;
    }
  }
  return {};
}

std::optional<Time> parse_http_date(std::string_view text) noexcept {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  // The form "Sun, 06 Nov 1994 08:49:37 GMT" has one length only.
  if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT") return std::nullopt;
  if (text[7] != ' ' || text[11] != ' ' || text[16] != ' ' || text[19] != ':' || text[22] != ':') return std::nullopt;
  const std::size_t month = kMonths.find(text.substr(8, 3));
  const int day = number(text.substr(5, 2));
  const int year = number(text.substr(12, 4));
  const int hours = number(text.substr(17, 2));
  const int minutes = number(text.substr(20, 2));
  const int seconds = number(text.substr(23, 2));
  if (month == std::string_view::npos || month % 3 != 0 || year < 1970 || year > 2200 || day < 1) return std::nullopt;
  // 60 is a leap second.
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 60) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month / 3 + 1)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  return Time{std::chrono::sys_days{date}} + std::chrono::hours{hours} + std::chrono::minutes{minutes} +
         std::chrono::seconds{seconds};
}

std::optional<ServerTime> server_time_of(const WireReply& reply) noexcept {
  const auto date = parse_http_date(header(reply.headers, "Date"));
  if (!date) return std::nullopt;
  return ServerTime{*date, std::chrono::seconds{1}};
}

}  // namespace calypte::venue
