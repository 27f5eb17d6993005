#include "calypte/limit_order.hpp"

#include <algorithm>

namespace calypte {
namespace {

constexpr std::string_view kNotAvailable = "n/a";

std::string spread_text(const Decimal& price, const Decimal& mid_price) {
  if (!mid_price.is_positive()) return std::string(kNotAvailable);
  const auto distance = Decimal::checked_sub(price, mid_price);
  const auto percent = distance ? Decimal::checked_mul(distance->abs(), 100) : std::nullopt;
  const auto spread = percent ? Decimal::checked_div(*percent, mid_price, 2, Rounding::half_even) : std::nullopt;
  return spread ? spread->to_string() + "%" : std::string(kNotAvailable);
}

std::string age_text(std::int64_t age_s) {
  if (age_s < 0) return std::string(kNotAvailable);
  const auto two_digits = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return two_digits(age_s / 3600) + ":" + two_digits(age_s / 60 % 60) + ":" + two_digits(age_s % 60);
}

}  // namespace

std::int64_t LimitOrder::age_s(Time now) const noexcept {
  const std::int64_t now_us = to_unix_us(now);
  if (creation_timestamp_us == 0 || creation_timestamp_us > now_us) return -1;
  return (now_us - creation_timestamp_us) / 1'000'000;
}

std::strong_ordering order_by_price(const LimitOrder& a, const LimitOrder& b) noexcept {
  if (const auto by_price = a.price <=> b.price; by_price != 0) return by_price;
  return a.client_order_id <=> b.client_order_id;
}

std::vector<OrderTableRow> order_table(const std::vector<LimitOrder>& orders, const Decimal& mid_price, Time now,
                                       const std::optional<std::vector<ClientOrderId>>& hanging_order_ids) {
  std::vector<const LimitOrder*> sorted;
  sorted.reserve(orders.size());
  for (const LimitOrder& order : orders) sorted.push_back(&order);
  std::sort(sorted.begin(), sorted.end(), [](const LimitOrder* a, const LimitOrder* b) {
    return a->is_buy != b->is_buy ? b->is_buy : order_by_price(*a, *b) > 0;
  });

  std::vector<OrderTableRow> rows;
  rows.reserve(sorted.size());
  for (const LimitOrder* order : sorted) {
    const std::string& id = order->client_order_id.value;
    std::string hanging(kNotAvailable);
    if (hanging_order_ids) {
      const auto& ids = *hanging_order_ids;
      hanging = std::find(ids.begin(), ids.end(), order->client_order_id) != ids.end() ? "yes" : "no";
    }
    rows.push_back({.order_id = id.substr(id.size() - std::min<std::size_t>(id.size(), 4)),
                    .type = order->is_buy ? "buy" : "sell",
                    .price = order->price,
                    .spread = spread_text(order->price, mid_price),
                    .amount = order->quantity,
                    .age = age_text(order->age_s(now)),
                    .hanging = std::move(hanging)});
  }
  return rows;
}

}  // namespace calypte
