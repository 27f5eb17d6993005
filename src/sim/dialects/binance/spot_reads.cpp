// What an account may ask on the spot market.
#include <algorithm>

#include "sim/dialects/binance/page.hpp"
#include "sim/dialects/binance/spot_venue.hpp"

namespace calypte::sim::binance {
namespace {

constexpr PageRules kPages{.longest_ms = std::int64_t{24} * 60 * 60 * 1000,
                           .too_long = "More than 24 hours between startTime and endTime.",
                           .recent_until = std::nullopt};

}  // namespace

Answer BinanceSpotVenue::get_all_orders(const Call& call) const {
  const auto instrument = named_instrument(call.parameters);
  if (const Answer* refused = std::get_if<Answer>(&instrument)) return *refused;
  const auto page = read_page(call.parameters, "orderId", kPages);
  if (const Answer* refused = std::get_if<Answer>(&page)) return *refused;
  const Page& wanted = std::get<Page>(page);
  std::vector<std::string> items;
  for (const OrderId id : exchange_.orders(accounts_[call.account].account)) {
    const OrderRecord& order = *exchange_.order(id);
    if (order.request.instrument != std::get<std::size_t>(instrument)) continue;
    if (wanted.takes(id, venue_ms(order.created))) items.push_back(order_object(order));
  }
  return success(wanted.list(std::move(items)));
}

Answer BinanceSpotVenue::get_my_trades(const Call& call) const {
  const auto instrument = named_instrument(call.parameters);
  if (const Answer* refused = std::get_if<Answer>(&instrument)) return *refused;
  const auto page = read_page(call.parameters, "fromId", kPages);
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
    if (wanted.takes(fill.public_id, venue_ms(fill.time))) {
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
