// What an account may ask on the spot market.
#include <algorithm>

#include "sim/dialects/binance/spot_venue.hpp"

namespace calypte::sim::binance {
namespace {

constexpr std::int64_t kDefaultLimit = 500;
constexpr std::int64_t kMaxLimit = 1000;
constexpr std::int64_t kDayMs = std::int64_t{24} * 60 * 60 * 1000;

/// Which part of a list is asked for: from an id on, within times, the newest or the oldest so many.
struct Page {
  std::optional<std::int64_t> from;
  std::optional<std::int64_t> start;
  std::optional<std::int64_t> end;
  std::size_t limit = 0;

  [[nodiscard]] bool takes(std::int64_t id, std::int64_t ms) const {
    return (!from || id >= *from) && (!start || ms >= *start) && (!end || ms <= *end);
  }
  /// Lists run from old to new: from where they are asked for, else up to the newest.
  [[nodiscard]] std::string list(std::vector<std::string> items) const {
    if (items.size() > limit) {
      const auto extra = static_cast<std::ptrdiff_t>(items.size() - limit);
      if (from || start) {
        items.erase(items.end() - extra, items.end());
      } else {
        items.erase(items.begin(), items.begin() + extra);
      }
    }
    std::string text;
    Writer out(text);
    out.begin_array();
    for (const std::string& item : items) out.raw(item);
    out.end_array();
    return text;
  }
};

std::variant<Page, Answer> page_of(const Parameters& parameters, std::string_view from_name) {
  Page page;
  for (const auto& [name, value] : {std::pair<std::string_view, std::optional<std::int64_t>*>{from_name, &page.from},
                                    {"startTime", &page.start},
                                    {"endTime", &page.end}}) {
    *value = parameters.integer(name);
    if (parameters.has(name) && !*value) return illegal(name, "^[0-9]{1,20}$");
  }
  if (page.from && (page.start || page.end)) {
    return failure(code::kBadCombination, "Combination of optional parameters invalid.");
  }
  if (page.start && page.end && *page.end - *page.start > kDayMs) {
    return failure(code::kTooLongAgo, "More than 24 hours between startTime and endTime.");
  }
  const auto limit = parameters.has("limit") ? parameters.integer("limit") : std::optional(kDefaultLimit);
  if (!limit) return illegal("limit", "^[0-9]{1,20}$");
  if (*limit < 1) return failure(code::kBadValue, "Data sent for parameter 'limit' is not valid.");
  page.limit = static_cast<std::size_t>(std::min(*limit, kMaxLimit));
  return page;
}

}  // namespace

std::variant<const OrderRecord*, Answer> BinanceSpotVenue::find_order(const Call& call) const {
  const auto instrument = named_instrument(call.parameters);
  if (const Answer* refused = std::get_if<Answer>(&instrument)) return *refused;
  const bool by_id = call.parameters.has("orderId");
  const bool by_client_id = call.parameters.has("origClientOrderId");
  if (!by_id && !by_client_id) {
    return failure(code::kMandatoryParameter,
                   "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!");
  }
  const AccountId account = accounts_[call.account].account;
  const OrderRecord* none = nullptr;
  const OrderRecord* order = nullptr;
  if (by_id) {
    const auto id = call.parameters.integer("orderId");
    if (!id) return illegal("orderId", "^[0-9]{1,20}$");
    order = exchange_.order(static_cast<OrderId>(*id));
  } else if (const auto id = exchange_.find_client_id(account, call.parameters.get("origClientOrderId"))) {
    order = exchange_.order(*id);
  }
  if (order == nullptr || order->request.account != account ||
      order->request.instrument != std::get<std::size_t>(instrument)) {
    return none;
  }
  // The exchange knows an order by its former names too; the venue does not.
  if (by_client_id && order->request.client_id != call.parameters.get("origClientOrderId")) return none;
  return order;
}

Answer BinanceSpotVenue::get_order(const Call& call) const {
  const auto found = find_order(call);
  if (const Answer* refused = std::get_if<Answer>(&found)) return *refused;
  const OrderRecord* order = std::get<const OrderRecord*>(found);
  if (order == nullptr) return failure(code::kNoSuchOrder, "Order does not exist.");
  return success(order_object(*order));
}

Answer BinanceSpotVenue::get_open_orders(const Call& call) const {
  std::optional<std::size_t> only;
  if (call.parameters.has("symbol")) {
    const auto instrument = named_instrument(call.parameters);
    if (const Answer* refused = std::get_if<Answer>(&instrument)) return *refused;
    only = std::get<std::size_t>(instrument);
  }
  std::string list;
  Writer out(list);
  out.begin_array();
  for (const OrderId id : exchange_.open_orders(accounts_[call.account].account)) {
    const OrderRecord& order = *exchange_.order(id);
    if (!only || order.request.instrument == *only) out.raw(order_object(order));
  }
  out.end_array();
  return success(list);
}

Answer BinanceSpotVenue::get_all_orders(const Call& call) const {
  const auto instrument = named_instrument(call.parameters);
  if (const Answer* refused = std::get_if<Answer>(&instrument)) return *refused;
  const auto page = page_of(call.parameters, "orderId");
  if (const Answer* refused = std::get_if<Answer>(&page)) return *refused;
  const Page& wanted = std::get<Page>(page);
  std::vector<std::string> items;
  for (const OrderId id : exchange_.orders(accounts_[call.account].account)) {
    const OrderRecord& order = *exchange_.order(id);
    if (order.request.instrument != std::get<std::size_t>(instrument)) continue;
    if (wanted.takes(static_cast<std::int64_t>(id), venue_ms(order.created))) items.push_back(order_object(order));
  }
  return success(wanted.list(std::move(items)));
}

Answer BinanceSpotVenue::get_my_trades(const Call& call) const {
  const auto instrument = named_instrument(call.parameters);
  if (const Answer* refused = std::get_if<Answer>(&instrument)) return *refused;
  const auto page = page_of(call.parameters, "fromId");
  if (const Answer* refused = std::get_if<Answer>(&page)) return *refused;
  const Page& wanted = std::get<Page>(page);
  const auto order = call.parameters.integer("orderId");
  if (call.parameters.has("orderId") && !order) return illegal("orderId", "^[0-9]{1,20}$");
  if (order && (wanted.start || wanted.end)) {
    return failure(code::kBadCombination, "Combination of optional parameters invalid.");
  }
  std::vector<std::string> items;
  for (const FillRecord& fill : exchange_.fills(accounts_[call.account].account)) {
    if (fill.instrument != std::get<std::size_t>(instrument)) continue;
    if (order && static_cast<std::int64_t>(fill.order) != *order) continue;
    if (wanted.takes(static_cast<std::int64_t>(fill.public_id), venue_ms(fill.time))) {
      items.push_back(trade_object(fill));
    }
  }
  return success(wanted.list(std::move(items)));
}

Answer BinanceSpotVenue::get_account(const Call& call) const {
  const AccountId account = accounts_[call.account].account;
  const FeeRates& rates = exchange_.accounts().rates(account);
  const auto basis_points = [](const Decimal& rate) {
    return static_cast<std::int64_t>((rate * 10000).rescaled(0, Rounding::half_even).coefficient());
  };
  std::string text;
  Writer out(text);
  out.begin_object();
  out.key("makerCommission").integer(basis_points(rates.maker));
  out.key("takerCommission").integer(basis_points(rates.taker));
  out.key("buyerCommission").integer(std::int64_t{0}).key("sellerCommission").integer(std::int64_t{0});
  out.key("commissionRates").begin_object();
  out.field("maker", value_text(rates.maker)).field("taker", value_text(rates.taker));
  out.field("buyer", value_text({})).field("seller", value_text({})).end_object();
  out.key("canTrade").boolean(true).key("canWithdraw").boolean(true).key("canDeposit").boolean(true);
  out.key("brokered").boolean(false).key("requireSelfTradePrevention").boolean(false).key("preventSor").boolean(false);
  out.key("updateTime").integer(venue_ms(call.now)).field("accountType", "SPOT");
  out.key("balances").begin_array();
  const bool omit_zeros = call.parameters.get("omitZeroBalances") == "true";
  for (const auto& [asset, balance] : exchange_.accounts().balances(account)) {
    if (omit_zeros && balance.total.is_zero()) continue;
    out.begin_object().field("asset", asset).field("free", value_text(balance.available()));
    out.field("locked", value_text(balance.held)).end_object();
  }
  out.end_array().key("permissions").begin_array().string("SPOT").end_array();
  out.key("uid").integer(std::int64_t{354937868} + account).end_object();
  return success(text);
}

Answer BinanceSpotVenue::get_commission(const Call& call) const {
  const auto instrument = named_instrument(call.parameters);
  if (const Answer* refused = std::get_if<Answer>(&instrument)) return *refused;
  const FeeRates& rates = exchange_.accounts().rates(accounts_[call.account].account);
  std::string text;
  Writer out(text);
  const auto write = [&](std::string_view name, const Decimal& maker, const Decimal& taker) {
    out.key(name).begin_object().field("maker", value_text(maker)).field("taker", value_text(taker));
    out.field("buyer", value_text({})).field("seller", value_text({})).end_object();
  };
  out.begin_object().field("symbol", exchange_.instruments()[std::get<std::size_t>(instrument)].symbol);
  write("standardCommission", rates.maker, rates.taker);
  write("specialCommission", {}, {});
  write("taxCommission", {}, {});
  const bool discount = exchange_.accounts().policy(accounts_[call.account].account).charge == FeePolicy::Charge::token;
  out.key("discount").begin_object().key("enabledForAccount").boolean(discount).key("enabledForSymbol").boolean(true);
  out.field("discountAsset", "BNB").field("discount", "0.75000000").end_object().end_object();
  return success(text);
}

Answer BinanceSpotVenue::get_trade_fees(const Call& call) const {
  const auto named = named_instruments(call.parameters);
  if (const Answer* refused = std::get_if<Answer>(&named)) return *refused;
  const FeeRates& rates = exchange_.accounts().rates(accounts_[call.account].account);
  std::string list;
  Writer out(list);
  out.begin_array();
  for (const std::size_t instrument : std::get<std::vector<std::size_t>>(named)) {
    out.begin_object().field("symbol", exchange_.instruments()[instrument].symbol);
    out.field("makerCommission", rates.maker.to_string()).field("takerCommission", rates.taker.to_string());
    out.end_object();
  }
  out.end_array();
  return success(list);
}

Answer BinanceSpotVenue::get_order_counts(const Call& call) {
  std::string text;
  Writer out(text);
  write_rate_limits(out, call.account, false, true, call.now);
  return success(text);
}

}  // namespace calypte::sim::binance
