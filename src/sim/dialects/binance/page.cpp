#include "sim/dialects/binance/page.hpp"

#include <algorithm>
#include <utility>

#include "venue/json_writer.hpp"

namespace calypte::sim::binance {
namespace {

constexpr std::int64_t kDefaultLimit = 500;
constexpr std::int64_t kMaxLimit = 1000;

}  // namespace

std::string Page::list(std::vector<std::string> items) const {
  if (items.size() > limit) {
    const auto extra = static_cast<std::ptrdiff_t>(items.size() - limit);
    if (oldest_first) {
      items.erase(items.end() - extra, items.end());
    } else {
      items.erase(items.begin(), items.begin() + extra);
    }
  }
  std::string text;
  venue::json::Writer out(text);
  out.begin_array();
  for (const std::string& item : items) out.raw(item);
  out.end_array();
  return text;
}

std::variant<Page, Answer> read_page(const Parameters& parameters, std::string_view from_name, const PageRules& rules) {
  Page page;
  std::optional<std::int64_t> limit = kDefaultLimit;
  for (const auto& [name, value] : {std::pair<std::string_view, std::optional<std::int64_t>*>{from_name, &page.from},
                                    {"startTime", &page.start},
                                    {"endTime", &page.end},
                                    {"limit", &limit}}) {
    if (!parameters.has(name)) continue;
    *value = parameters.integer(name);
    if (!*value) return illegal(name, "^[0-9]{1,20}$");
  }
  if (page.from && (page.start || page.end)) {
    return failure(code::kBadCombination, "Combination of optional parameters invalid.");
  }
  const bool backwards = rules.recent_until && page.start && page.end && *page.end < *page.start;
  if (backwards || (page.start && page.end && *page.end - *page.start > rules.longest_ms)) {
    return failure(code::kTooLongAgo, std::string(rules.too_long));
  }
  if (*limit < 1) return bad_value("limit");
  page.limit = static_cast<std::size_t>(std::min(*limit, kMaxLimit));
  page.oldest_first = page.from || page.start;
  if (rules.recent_until && !page.from) {
    if (!page.end) page.end = page.start ? *page.start + rules.longest_ms : *rules.recent_until;
    if (!page.start) page.start = *page.end - rules.longest_ms;
  }
  return page;
}

}  // namespace calypte::sim::binance
