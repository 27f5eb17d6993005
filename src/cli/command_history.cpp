#include "cli/command_history.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <utility>
#include <vector>

#include "journal/history_feeder.hpp"
#include "journal/history_store.hpp"

namespace calypte::cli {
namespace {

using journal::HistoryColumn;
using journal::HistoryTable;
using journal::SqlRow;
using journal::SqlValue;

constexpr std::array<std::pair<std::string_view, HistoryTable>, 4> kTables = {{
    {"orders", HistoryTable::orders},
    {"fills", HistoryTable::fills},
    {"funding", HistoryTable::funding},
    {"events", HistoryTable::events},
}};

int failed(std::string_view why) {
  fmt::print(stderr, "calypte history: {}\n", why);
  return 2;
}

template <typename T>
bool read_number(std::string_view text, T& number) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc{} && read.ptr == text.data() + text.size();
}

/// Digits in the places of '0', everything else as it stands.
bool has_form(std::string_view text, std::string_view form) {
  return text.size() == form.size() && std::ranges::equal(text, form, [](char have, char want) {
           return want == '0' ? have >= '0' && have <= '9' : have == want;
         });
}

int part(std::string_view text, std::size_t at, std::size_t size) {
  int number = 0;
  read_number(text.substr(at, size), number);
  return number;
}

std::string cell(const SqlValue& value, const HistoryColumn& column) {
  if (!value) return "";
  std::int64_t ns = 0;
  if (column.is_time && read_number(std::string_view(*value), ns)) return utc_text(from_unix_ns(ns));
  return *value;
}

/// On one line and without anything that would move the cursor: texts of venues may hold anything.
std::string printable(std::string text) {
  std::ranges::replace_if(text, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }, ' ');
  return text;
}

void print_plain(std::span<const HistoryColumn> columns, const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const HistoryColumn& column : columns) widths.push_back(column.name.size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  const auto print = [&](auto&& text_of) {
    std::string line;
    for (std::size_t i = 0; i < columns.size(); ++i) line += fmt::format("{:<{}}  ", text_of(i), widths[i]);
    line.erase(line.find_last_not_of(' ') + 1);
    fmt::print("{}\n", line);
  };
  print([&](std::size_t i) { return columns[i].name; });
  for (const auto& row : rows) {
    print([&](std::size_t i) { return row[i].empty() ? std::string_view("-") : std::string_view(row[i]); });
  }
}

}  // namespace

std::optional<Time> parse_since(std::string_view text, Time now) {
  using namespace std::chrono;
  if (has_form(text, "0000-00-00") || has_form(text, "0000-00-00T00:00:00")) {
    const year_month_day day{year(part(text, 0, 4)), month(static_cast<unsigned>(part(text, 5, 2))),
                             std::chrono::day(static_cast<unsigned>(part(text, 8, 2)))};
    // Beyond these years nanoseconds do not fit.
    if (!day.ok() || day.year() < year(1970) || day.year() > year(2200)) return std::nullopt;
    Time time = sys_days(day);
    if (text.size() > 10) {
      const int h = part(text, 11, 2);
      const int m = part(text, 14, 2);
      const int s = part(text, 17, 2);
      if (h > 23 || m > 59 || s > 59) return std::nullopt;
      time += hours(h) + minutes(m) + seconds(s);
    }
    return time;
  }
  std::uint32_t count = 0;
  if (text.size() < 2 || !read_number(text.substr(0, text.size() - 1), count) || count > 100'000) return std::nullopt;
  switch (text.back()) {
    case 'm':
      return now - minutes(count);
    case 'h':
      return now - hours(count);
    case 'd':
      return now - days(count);
    default:
      return std::nullopt;
  }
}

std::string utc_text(Time time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss<Duration> clock(time - day);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:09}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

std::string csv_field(std::string_view value) {
  if (value.find_first_of("\",\r\n") == std::string_view::npos) return std::string(value);
  std::string text = "\"";
  for (const char c : value) {
    if (c == '"') text += '"';
    text += c;
  }
  return text + '"';
}

int run_history(const HistoryOptions& options) {
  journal::HistoryQuery query;
  query.limit = options.limit;
  const auto table = std::ranges::find(kTables, options.table, &decltype(kTables)::value_type::first);
  if (table == kTables.end()) return failed("the tables are orders, fills, funding and events");
  query.table = table->second;
  if (!options.since.empty()) {
    query.since = parse_since(options.since, std::chrono::system_clock::now());
    if (!query.since) return failed("--since is a date as 2026-11-30, a time as 2026-11-30T12:34:56, or 90m, 12h, 7d");
  }

  std::string where = options.where;
  std::error_code error;
  if (!journal::is_postgresql(where) && std::filesystem::is_directory(where, error)) {
    where = *journal::history_location(where, "");
  }
  auto database = journal::open_database(where, journal::DatabaseUse::reading);
  if (!database) return failed(database.status().message());
  const auto columns = journal::columns_of(query.table);
  if (options.csv) {
    std::string head;
    for (const HistoryColumn& column : columns) head.append(head.empty() ? "" : ",").append(column.name);
    fmt::print("{}\r\n", head);
  }
  std::vector<std::vector<std::string>> rows;
  const Status status = journal::read_history(**database, query, [&](SqlRow row) {
    std::vector<std::string> cells;
    cells.reserve(columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) cells.push_back(cell(row[i], columns[i]));
    if (!options.csv) {
      for (std::string& one : cells) one = printable(std::move(one));
      rows.push_back(std::move(cells));
      return;
    }
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) line.append(i == 0 ? "" : ",").append(csv_field(cells[i]));
    fmt::print("{}\r\n", line);
  });
  if (!status.ok()) return failed(status.message());
  if (!options.csv) print_plain(columns, rows);
  return 0;
}

}  // namespace calypte::cli
