// Listen keys, and what the perpetual market tells those who listen to an account.
#include <algorithm>

#include "sim/dialects/binance/order_words.hpp"
#include "sim/dialects/binance/perpetual_venue.hpp"

namespace calypte::sim::binance {
namespace {

constexpr int kNoListenKey = -1125;
constexpr std::size_t kListenKeySize = 64;

/// `er`: why the order has expired.
std::string_view expiry_code(const OrderRecord& order) noexcept {
  if (order.state != OrderState::cancelled) return "0";
  switch (order.close_reason) {
    case CloseReason::self_trade:
      return "1";
    case CloseReason::not_filled:
      return order.request.market ? "9" : "2";
    case CloseReason::reduce_only:
      return "4";
    case CloseReason::liquidation:
      return "5";
    default:
      return "0";
  }
}

/// Whether a connection that was opened with "private/A/B" wants this event.
bool wants(std::string_view route, std::string_view event) {
  constexpr std::string_view kPrivate = "private";
  if (route.substr(0, kPrivate.size()) != kPrivate) return false;
  route.remove_prefix(kPrivate.size());
  if (route.empty()) return true;
  while (!route.empty()) {
    route.remove_prefix(1);
    const std::string_view name = route.substr(0, route.find('/'));
    if (name == event) return true;
    route.remove_prefix(name.size());
  }
  return false;
}

std::string key_object(const std::string& key) {
  std::string text;
  Writer(text).begin_object().field("listenKey", key).end_object();
  return text;
}

}  // namespace

// --- Listen keys -----------------------------------------------------------------------------------------------------

Answer BinancePerpetualVenue::start_listening(const Call& call) {
  ListenKey& entry = listen_keys_[call.account];
  if (entry.key.empty()) entry.key = random_text(kListenKeySize);
  entry.ends = call.now + perpetual_quirks_.listen_key_life;
  return success(key_object(entry.key));
}

Answer BinancePerpetualVenue::keep_listening(const Call& call) {
  const auto found = listen_keys_.find(call.account);
  if (found == listen_keys_.end()) return failure(kNoListenKey, "This listenKey does not exist.");
  found->second.ends = call.now + perpetual_quirks_.listen_key_life;
  return success(key_object(found->second.key));
}

Answer BinancePerpetualVenue::stop_listening(const Call& call) {
  listen_keys_.erase(call.account);
  return success("{}");
}

void BinancePerpetualVenue::expire(std::size_t account, Time now) {
  const auto found = listen_keys_.find(account);
  if (found == listen_keys_.end()) return;
  std::string text;
  Writer out(text);
  out.begin_object().field("e", "listenKeyExpired").key("E").integer(venue_ms(now));
  out.field("listenKey", found->second.key).end_object();
  // Not an event of the account: it is neither delayed nor subject to the faults of those.
  for (const auto& [id, connection] : connections_) {
    const auto& names = connection.streams;
    const bool listens = std::find(names.begin(), names.end(), found->second.key) != names.end();
    if (listens && wants(connection.route, "listenKeyExpired")) send_data(id, connection, found->second.key, text);
  }
  listen_keys_.erase(found);
}

void BinancePerpetualVenue::push(AccountId account, std::string_view event, std::string text, Time now) {
  const auto index = account_index(account);
  if (!index) return;
  user_event(
      [this, index = *index, name = std::string(event), body = std::move(text)](Time) {
        const auto key = listen_keys_.find(index);
        if (key == listen_keys_.end()) return;
        for (const auto& [id, connection] : connections_) {
          const auto& names = connection.streams;
          if (std::find(names.begin(), names.end(), key->second.key) == names.end()) continue;
          if (wants(connection.route, name)) send_data(id, connection, key->second.key, body);
        }
      },
      now);
}

// --- Events ----------------------------------------------------------------------------------------------------------

void BinancePerpetualVenue::tell_accounts(const std::vector<ExchangeEvent>& events, Time now) {
  const auto position_at = [&](std::size_t index, AccountId account) -> const PositionChanged* {
    const auto* change = index < events.size() ? std::get_if<PositionChanged>(&events[index]) : nullptr;
    return change != nullptr && change->account == account ? change : nullptr;
  };
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (const auto* change = std::get_if<OrderChanged>(&events[i])) {
      tell_change(change->order, now);
    } else if (const auto* fill = std::get_if<FillRecord>(&events[i])) {
      const OrderRecord* order = exchange_.order(fill->order);
      if (perpetual_quirks_.trade_lite && fill->origin == OrderOrigin::user) tell_trade_lite(*fill, now);
      const PositionChanged* position = position_at(i + 1, fill->account);
      if (position != nullptr) ++i;
      if (position != nullptr && perpetual_quirks_.account_update_first) tell_position(*position, now);
      tell_order(*order, fill->origin == OrderOrigin::user ? "TRADE" : "CALCULATED", fill, now);
      if (position != nullptr && !perpetual_quirks_.account_update_first) tell_position(*position, now);
      const auto account = account_index(fill->account);
      if (account && fill->order_filled == fill->quantity && fill->origin == OrderOrigin::user) {
        if (options_.quirks.order_count_falls_on_fill) give_order_count_back(*account, now);
      }
    } else if (const auto* position = std::get_if<PositionChanged>(&events[i])) {
      tell_position(*position, now);
    } else if (const auto* paid = std::get_if<FundingPaid>(&events[i])) {
      const PositionChanged* next = position_at(i + 1, paid->payment.account);
      const bool isolated = next != nullptr && next->cause == PositionChanged::Cause::funding;
      if (isolated) ++i;
      tell_funding(*paid, isolated ? next : nullptr, now);
    } else if (const auto* call = std::get_if<MarginCall>(&events[i])) {
      tell_margin_call(*call, now);
    } else if (const auto* setting = std::get_if<SettingChanged>(&events[i])) {
      tell_setting(*setting, now);
    }
  }
}

void BinancePerpetualVenue::tell_change(const OrderRecord& order, Time now) {
  const OrderRequest& request = order.request;
  switch (order.state) {
    case OrderState::pending:
      told_.insert_or_assign(order.id, Told{request.price, request.quantity});
      tell_order(order, "NEW", nullptr, now);
      return;
    case OrderState::active: {
      // That it rests, or has filled in part, is known; only changed terms are news.
      Told& told = told_[order.id];
      if (told.price == request.price && told.quantity == request.quantity) return;
      told = Told{request.price, request.quantity};
      tell_order(order, "AMENDMENT", nullptr, now);
      return;
    }
    case OrderState::filled:
    case OrderState::rejected:
      told_.erase(order.id);
      return;
    case OrderState::cancelled:
      told_.erase(order.id);
      tell_order(order, order.close_reason == CloseReason::cancelled ? "CANCELED" : "EXPIRED", nullptr, now);
      return;
  }
}

void BinancePerpetualVenue::tell_order(const OrderRecord& order, std::string_view execution, const FillRecord* fill,
                                       Time now) {
  const OrderRequest& request = order.request;
  const Instrument& spec = exchange_.instruments()[request.instrument];
  const bool fresh = execution == "NEW";
  const Decimal filled = fresh ? Decimal{} : fill != nullptr ? fill->order_filled : order.filled;
  const Decimal value = fresh ? Decimal{} : fill != nullptr ? fill->order_value : order.filled_value;
  std::string_view status = status_word(order);
  // Told as it was at this fill, though the order may have gone on since.
  if (fill != nullptr) status = filled == request.quantity ? "FILLED" : "PARTIALLY_FILLED";
  const std::string price = price_text(spec, request.market ? Decimal{} : request.price);
  std::string text;
  Writer out(text);
  out.begin_object().field("e", "ORDER_TRADE_UPDATE").key("T").integer(venue_ms(now));
  out.key("E").integer(venue_ms(now)).key("o").begin_object();
  out.field("s", spec.symbol).field("c", request.client_id).field("S", request.side == Side::buy ? "BUY" : "SELL");
  const bool taken_over = request.origin != OrderOrigin::user;
  const std::string_view type = taken_over ? "LIQUIDATION" : perpetual::type_word(request);
  out.field("o", type).field("f", perpetual::time_in_force_word(request));
  out.field("q", quantity_text(spec, request.quantity)).field("p", price);
  out.field("ap", filled.is_zero() ? "0" : perpetual::plain(divide(value, filled, kMoneyPlaces))).field("sp", "0");
  out.field("x", execution).field("X", status).key("i").integer(order.id);
  out.field("l", quantity_text(spec, fill != nullptr ? fill->quantity : Decimal{}));
  out.field("z", quantity_text(spec, filled));
  out.field("L", fill != nullptr ? price_text(spec, fill->price) : std::string("0"));
  out.field("n", fill != nullptr ? perpetual::money(fill->fee) : std::string("0")).field("N", spec.quote);
  out.key("T").integer(venue_ms(fill != nullptr ? fill->time : order.updated));
  out.key("t").integer(fill != nullptr ? fill->public_id : std::uint64_t{0});
  out.field("b", "0").field("a", "0").key("m").boolean(fill != nullptr && fill->maker);
  out.key("R").boolean(request.reduce_only).field("wt", "CONTRACT_PRICE").field("ot", type);
  out.field("ps", perpetual::position_side_word(request.position_side)).key("cp").boolean(false);
  out.field("rp", perpetual::plain(fill != nullptr ? fill->realized : Decimal{})).key("pP").boolean(false);
  out.key("si").integer(std::int64_t{0}).key("ss").integer(std::int64_t{0});
  out.field("V", self_trade_word(request.self_trade)).field("pm", "NONE").key("gtd").integer(std::int64_t{0});
  out.field("er", fill != nullptr ? std::string_view("0") : expiry_code(order));
  out.end_object().end_object();
  push(request.account, "ORDER_TRADE_UPDATE", std::move(text), now);
}

void BinancePerpetualVenue::tell_trade_lite(const FillRecord& fill, Time now) {
  const Instrument& spec = exchange_.instruments()[fill.instrument];
  const OrderRequest& request = exchange_.order(fill.order)->request;
  std::string text;
  Writer out(text);
  out.begin_object().field("e", "TRADE_LITE").key("E").integer(venue_ms(now)).key("T").integer(venue_ms(fill.time));
  out.field("s", spec.symbol).field("q", quantity_text(spec, request.quantity));
  out.field("p", price_text(spec, request.market ? Decimal{} : request.price)).key("m").boolean(fill.maker);
  out.field("c", fill.client_id).field("S", fill.side == Side::buy ? "BUY" : "SELL");
  out.field("L", price_text(spec, fill.price)).field("l", quantity_text(spec, fill.quantity));
  out.key("t").integer(fill.public_id).key("i").integer(fill.order).end_object();
  push(fill.account, "TRADE_LITE", std::move(text), now);
}

void BinancePerpetualVenue::write_position(Writer& out, AccountId account, const PositionKey& key,
                                           const Position& held) const {
  const Instrument& spec = exchange_.instruments()[key.instrument];
  const Decimal& mark = exchange_.prices(key.instrument)->mark();
  const bool isolated = exchange_.contract_settings(account, key.instrument).margin == MarginType::isolated;
  out.begin_object().field("s", spec.symbol).field("pa", quantity_text(spec, held.amount));
  out.field("ep", perpetual::plain(held.entry_price())).field("bep", perpetual::plain(held.entry_price()));
  out.field("cr", perpetual::plain(held.realized));
  out.field("up", perpetual::plain(held.is_open() ? held.unrealized_at(mark) : Decimal{}));
  out.field("mt", isolated ? "isolated" : "cross").field("iw", perpetual::plain(held.isolated_wallet));
  out.field("ps", perpetual::position_side_word(key.side)).field("ma", spec.quote).end_object();
}

namespace {

/// {"e":"ACCOUNT_UPDATE",...,"a":{"m":M,"B":[...] and the opening of what follows.
void begin_account_update(Writer& out, std::int64_t ms, std::string_view cause) {
  out.begin_object().field("e", "ACCOUNT_UPDATE").key("E").integer(ms).key("T").integer(ms);
  out.key("a").begin_object().field("m", cause);
}

void write_wallet(Writer& out, const std::string& asset, const Decimal& wallet, const Decimal& cross,
                  const Decimal& change) {
  out.key("B").begin_array().begin_object().field("a", asset).field("wb", perpetual::money(wallet));
  out.field("cw", perpetual::money(cross)).field("bc", perpetual::plain(change)).end_object().end_array();
}

}  // namespace

void BinancePerpetualVenue::tell_position(const PositionChanged& change, Time now) {
  const bool covered = change.cause == PositionChanged::Cause::insurance;
  std::string text;
  Writer out(text);
  begin_account_update(out, venue_ms(now), covered ? "INSURANCE_CLEAR" : "ORDER");
  const std::string& asset = exchange_.instruments()[change.key.instrument].quote;
  write_wallet(out, asset, change.wallet, change.cross_wallet, {});
  out.key("P").begin_array();
  write_position(out, change.account, change.key, change.position);
  out.end_array().end_object().end_object();
  push(change.account, "ACCOUNT_UPDATE", std::move(text), now);
}

void BinancePerpetualVenue::tell_funding(const FundingPaid& paid, const PositionChanged* position, Time now) {
  const Instrument& spec = exchange_.instruments()[paid.payment.position.instrument];
  std::string text;
  Writer out(text);
  begin_account_update(out, venue_ms(now), "FUNDING_FEE");
  out.field("S", spec.symbol);
  write_wallet(out, spec.quote, paid.wallet, paid.cross_wallet, paid.payment.payment);
  out.key("P").begin_array();
  if (position != nullptr) write_position(out, position->account, position->key, position->position);
  out.end_array().end_object().end_object();
  push(paid.payment.account, "ACCOUNT_UPDATE", std::move(text), now);
}

void BinancePerpetualVenue::tell_margin_call(const MarginCall& call, Time now) {
  std::string text;
  Writer out(text);
  out.begin_object().field("e", "MARGIN_CALL").key("E").integer(venue_ms(now));
  out.field("cw", perpetual::plain(call.cross_wallet)).key("p").begin_array();
  for (const PositionKey& key : call.positions) {
    const Instrument& spec = exchange_.instruments()[key.instrument];
    const View shown = view(call.account, key);
    const bool isolated = shown.settings.margin == MarginType::isolated;
    out.begin_object().field("s", spec.symbol).field("ps", perpetual::position_side_word(key.side));
    out.field("pa", quantity_text(spec, shown.held.amount)).field("mt", isolated ? "ISOLATED" : "CROSSED");
    out.field("iw", perpetual::plain(shown.held.isolated_wallet)).field("mp", perpetual::money(shown.mark));
    out.field("up", perpetual::plain(shown.unrealized)).field("mm", perpetual::plain(shown.maintenance)).end_object();
  }
  out.end_array().end_object();
  push(call.account, "MARGIN_CALL", std::move(text), now);
}

void BinancePerpetualVenue::tell_setting(const SettingChanged& change, Time now) {
  if (!change.instrument) return;  // Nobody is told of a new position mode.
  const Instrument& spec = exchange_.instruments()[*change.instrument];
  std::string text;
  Writer out(text);
  if (change.leverage) {
    out.begin_object().field("e", "ACCOUNT_CONFIG_UPDATE").key("E").integer(venue_ms(now));
    out.key("T").integer(venue_ms(now)).key("ac").begin_object().field("s", spec.symbol);
    out.key("l").integer(std::int64_t{change.settings.leverage}).end_object().end_object();
    push(change.account, "ACCOUNT_CONFIG_UPDATE", std::move(text), now);
    return;
  }
  begin_account_update(out, venue_ms(now), "MARGIN_TYPE_CHANGE");
  out.key("B").begin_array().end_array().key("P").begin_array();
  write_position(out, change.account, {*change.instrument, PositionSide::net}, Position{});
  out.end_array().end_object().end_object();
  push(change.account, "ACCOUNT_UPDATE", std::move(text), now);
}

}  // namespace calypte::sim::binance
