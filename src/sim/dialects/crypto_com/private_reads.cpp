// Private methods that only read: orders, fills, balances, fees.
#include <algorithm>
#include <set>

#include "sim/dialects/crypto_com/crypto_com_venue.hpp"

namespace calypte::sim::crypto_com {
namespace {

using venue::json::Value;

struct Window {
  Time from{};
  Time until = kNever;
  std::size_t limit = 100;
  bool valid = true;
};

/// start_time inclusive, end_time exclusive, by default the last day; 13 digits are milliseconds, 19 nanoseconds.
Window window_of(Value params, Time venue_now, Duration clock_offset) {
  Window window;
  const auto read = [&](std::string_view key, Time fallback) {
    const Value value = params.find(key);
    if (!value.exists()) return fallback;
    const auto number = value.integer();
    if (!number || *number < 0) {
      window.valid = false;
      return fallback;
    }
    return *number > 100'000'000'000'000'000 ? from_unix_ns(*number) : from_unix_ms(*number);
  };
  const Time until = read("end_time", venue_now + Duration{1});
  const Time from = read("start_time", until - std::chrono::hours{24});
  window.from = from - clock_offset;
  window.until = until - clock_offset;
  if (const Value limit = params.find("limit"); limit.exists()) {
    const auto number = limit.integer();
    if (!number || *number < 1 || *number > 100) {
      window.valid = false;
    } else {
      window.limit = static_cast<std::size_t>(*number);
    }
  }
  return window;
}

Decimal usd_price(const Exchange& exchange, const std::string& asset) {
  if (asset == "USD" || asset == "USDT") return 1;
  for (const std::string_view quote : {"_USD", "_USDT"}) {
    if (const auto instrument = exchange.find_instrument(asset + std::string(quote))) {
      return exchange.reference_price(*instrument);
    }
  }
  return 0;
}

/// Basis points, as a decimal text.
std::string in_bps(const Decimal& rate) { return plain(rate * 10000); }

}  // namespace

CryptoComVenue::Answer CryptoComVenue::open_orders(Value params, std::size_t account) const {
  std::optional<std::size_t> only;
  if (const Value symbol = params.find("instrument_name"); symbol.exists()) {
    only = exchange_.find_instrument(symbol.string());
    if (!only) return {code::kInvalidInstrument, {}, {}};
  }
  const Account& who = accounts_[account];
  Answer answer;
  Writer out(answer.result);
  out.begin_object().key("data").begin_array();
  for (const OrderId id : exchange_.open_orders(who.account)) {
    const OrderRecord& order = *exchange_.order(id);
    if (only && order.request.instrument != *only) continue;
    write_order(out, order, exchange_.instruments()[order.request.instrument], who.ids,
                exchange_.accounts().rates(who.account), OrderForm::open, faults_.clock_offset);
  }
  out.end_array().end_object();
  return answer;
}

CryptoComVenue::Answer CryptoComVenue::order_detail(Value params, std::size_t account) const {
  if (!params.find("order_id").exists() && !params.find("client_oid").exists()) return {code::kBadArgument, {}, {}};
  const OrderRecord* order = find_order(params, "order_id", "client_oid", account);
  if (order == nullptr) return {options_.quirks.unknown_order, {}, {}};
  const Account& who = accounts_[account];
  Answer answer;
  Writer out(answer.result);
  write_order(out, *order, exchange_.instruments()[order->request.instrument], who.ids,
              exchange_.accounts().rates(who.account), OrderForm::history, faults_.clock_offset);
  return answer;
}

CryptoComVenue::Answer CryptoComVenue::order_history(Value params, std::size_t account, Time now) const {
  const Window window = window_of(params, venue_time(now), faults_.clock_offset);
  if (!window.valid) return {code::kBadArgument, {}, {}};
  std::optional<std::size_t> only;
  if (const Value symbol = params.find("instrument_name"); symbol.exists()) {
    only = exchange_.find_instrument(symbol.string());
    if (!only) return {code::kInvalidInstrument, {}, {}};
  }
  const Account& who = accounts_[account];
  Answer answer;
  Writer out(answer.result);
  out.begin_object().key("data").begin_array();
  std::size_t written = 0;
  const auto& all = exchange_.orders(who.account);
  for (auto id = all.rbegin(); id != all.rend() && written < window.limit; ++id) {
    const OrderRecord& order = *exchange_.order(*id);
    if (only && order.request.instrument != *only) continue;
    if (order.created < window.from || order.created >= window.until || !is_closed(order.state)) continue;
    write_order(out, order, exchange_.instruments()[order.request.instrument], who.ids,
                exchange_.accounts().rates(who.account), OrderForm::history, faults_.clock_offset);
    ++written;
  }
  out.end_array().end_object();
  return answer;
}

CryptoComVenue::Answer CryptoComVenue::private_trades(Value params, std::size_t account, Time now) const {
  const Window window = window_of(params, venue_time(now), faults_.clock_offset);
  if (!window.valid) return {code::kBadArgument, {}, {}};
  std::optional<std::size_t> only;
  if (const Value symbol = params.find("instrument_name"); symbol.exists()) {
    only = exchange_.find_instrument(symbol.string());
    if (!only) return {code::kInvalidInstrument, {}, {}};
  }
  const Account& who = accounts_[account];
  Answer answer;
  Writer out(answer.result);
  out.begin_object().key("data").begin_array();
  std::size_t written = 0;
  const auto& all = exchange_.fills(who.account);
  for (auto fill = all.rbegin(); fill != all.rend() && written < window.limit; ++fill) {
    if (only && fill->instrument != *only) continue;
    if (fill->time < window.from || fill->time >= window.until) continue;
    write_fill(out, *fill, exchange_.instruments()[fill->instrument], who.ids, true, faults_.clock_offset);
    ++written;
  }
  out.end_array().end_object();
  return answer;
}

std::string CryptoComVenue::balance_object(std::size_t account) const {
  Decimal total;
  Decimal available;
  std::string positions;
  Writer list(positions);
  list.begin_array();
  for (const auto& [asset, balance] : exchange_.accounts().balances(accounts_[account].account)) {
    const Decimal price = usd_price(exchange_, asset);
    const Decimal value = price * balance.total;
    total += value;
    available += price * balance.available();
    list.begin_object();
    list.field("quantity", plain(balance.total)).field("reserved_qty", plain(balance.held));
    list.field("collateral_amount", plain(value)).field("haircut", "0");
    list.key("collateral_eligible").boolean(true);
    list.field("market_value", plain(value)).field("max_withdrawal_balance", plain(balance.available()));
    list.field("instrument_name", asset).field("hourly_interest_rate", "0");
    list.end_object();
  }
  list.end_array();
  std::string text;
  Writer out(text);
  out.begin_object();
  out.field("total_available_balance", plain(available)).field("total_margin_balance", plain(total));
  for (const std::string_view zero : {"total_initial_margin", "total_haircut", "total_position_im",
                                      "total_maintenance_margin", "total_position_cost"}) {
    out.field(zero, "0");
  }
  out.field("total_cash_balance", plain(total)).field("total_collateral_value", plain(total));
  out.field("total_session_unrealized_pnl", "0").field("instrument_name", "USD");
  out.field("total_session_realized_pnl", "0").key("position_balances").raw(positions);
  out.key("credit_limits").begin_array().end_array().field("total_isolated_cash_balance", "0");
  out.key("isolated_positions").begin_array().end_array();
  out.field("total_effective_leverage", "0").field("position_limit", "0").field("used_position_limit", "0");
  out.field("total_borrow", "0");
  out.key("is_liquidating").boolean(false).key("has_risk").boolean(false).key("terminatable").boolean(true);
  out.end_object();
  return text;
}

CryptoComVenue::Answer CryptoComVenue::user_balance(std::size_t account) const {
  Answer answer;
  Writer out(answer.result);
  out.begin_object().key("data").begin_array().raw(balance_object(account)).end_array().end_object();
  return answer;
}

CryptoComVenue::Answer CryptoComVenue::fee_rate(std::size_t account) const {
  const FeeRates& rates = exchange_.accounts().rates(accounts_[account].account);
  Answer answer;
  Writer out(answer.result);
  out.begin_object().field("spot_tier", "1").field("deriv_tier", "1");
  out.field("effective_spot_maker_rate_bps", in_bps(rates.maker));
  out.field("effective_spot_taker_rate_bps", in_bps(rates.taker));
  out.field("effective_deriv_maker_rate_bps", in_bps(rates.maker));
  out.field("effective_deriv_taker_rate_bps", in_bps(rates.taker)).end_object();
  return answer;
}

CryptoComVenue::Answer CryptoComVenue::instrument_fee_rate(Value params, std::size_t account) const {
  const auto instrument = exchange_.find_instrument(params.find("instrument_name").string());
  if (!instrument) return {code::kInvalidInstrument, {}, {}};
  const FeeRates& rates = exchange_.accounts().rates(accounts_[account].account);
  Answer answer;
  Writer out(answer.result);
  out.begin_object().field("instrument_name", exchange_.instruments()[*instrument].symbol);
  out.field("effective_maker_rate_bps", in_bps(rates.maker));
  out.field("effective_taker_rate_bps", in_bps(rates.taker)).end_object();
  return answer;
}

CryptoComVenue::Answer CryptoComVenue::get_accounts(std::size_t account) const {
  const AccountIds& ids = accounts_[account].ids;
  Answer answer;
  Writer out(answer.result);
  out.begin_object().key("master_account").begin_object();
  out.field("uuid", ids.account_id).field("user_uuid", ids.user_id).field("name", "simulated");
  out.key("enabled").boolean(true).key("tradable").boolean(true);
  out.field("margin_access", "DEFAULT").field("derivatives_access", "DISABLED").end_object();
  out.key("sub_account_list").begin_array().end_array().end_object();
  return answer;
}

CryptoComVenue::Answer CryptoComVenue::currency_networks(Time now) const {
  Answer answer;
  Writer out(answer.result);
  out.begin_object().key("update_time").integer(venue_ms(now)).key("currency_map").begin_object();
  std::set<std::string> assets;
  for (const Instrument& instrument : exchange_.instruments()) {
    assets.insert(instrument.base);
    assets.insert(instrument.quote);
  }
  for (const std::string& asset : assets) {
    out.key(asset).begin_object().field("full_name", asset).field("default_network", "SIM");
    out.key("network_list").begin_array().begin_object().field("network_id", "SIM");
    out.field("withdrawal_fee", "0.1").key("withdraw_enabled").boolean(false);
    out.field("min_withdrawal_amount", "1").key("deposit_enabled").boolean(false);
    out.key("confirmation_required").integer(std::int64_t{1}).end_object().end_array().end_object();
  }
  out.end_object().end_object();
  return answer;
}

}  // namespace calypte::sim::crypto_com
