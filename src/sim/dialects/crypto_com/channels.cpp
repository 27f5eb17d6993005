// Subscriptions, and what the market channels publish.
#include <algorithm>
#include <charconv>

#include "sim/dialects/crypto_com/crypto_com_venue.hpp"

namespace calypte::sim::crypto_com {
namespace {

using venue::json::Value;

/// {"id":N,"method":"subscribe","code":0,"result":{...,"data":DATA}}
std::string data_frame(std::int64_t id, std::string_view instrument, std::string_view subscription,
                       std::string_view channel, std::string_view data, std::string_view extra_key = {},
                       std::string_view extra_value = {}) {
  std::string text;
  Writer out(text);
  begin_envelope(out, id, "subscribe", 0);
  out.key("result").begin_object();
  if (!instrument.empty()) out.field("instrument_name", instrument);
  out.field("subscription", subscription).field("channel", channel);
  if (!extra_key.empty()) out.key(extra_key).raw(extra_value);
  out.key("data").raw(data).end_object().end_object();
  return text;
}

/// What changed between two windows: levels of `now` that are new or different, and those that left with size 0.
std::vector<EngineLevel> changes(const std::vector<EngineLevel>& before, const std::vector<EngineLevel>& now,
                                 Side side) {
  std::vector<EngineLevel> list;
  const auto better = [&](const EngineLevel& a, const EngineLevel& b) {
    return side == Side::buy ? a.price > b.price : a.price < b.price;
  };
  auto old_level = before.begin();
  auto new_level = now.begin();
  while (old_level != before.end() || new_level != now.end()) {
    if (new_level == now.end() || (old_level != before.end() && better(*old_level, *new_level))) {
      list.push_back(EngineLevel{old_level->price, 0, 0});
      ++old_level;
    } else if (old_level == before.end() || better(*new_level, *old_level)) {
      list.push_back(*new_level);
      ++new_level;
    } else {
      if (!(*old_level == *new_level)) list.push_back(*new_level);
      ++old_level;
      ++new_level;
    }
  }
  return list;
}

/// The venue's checksum is undocumented and cannot be reproduced; ours only has its looks.
std::int64_t checksum(std::uint64_t update_id) {
  return static_cast<std::int32_t>(core::Random(update_id).next() >> 32U);
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t dot = text.find('.');
    parts.push_back(text.substr(0, dot));
    if (dot == std::string_view::npos) return parts;
    text.remove_prefix(dot + 1);
  }
}

void write_trades(Writer& out, const std::vector<const PublicTrade*>& newest_first, const Instrument& spec,
                  Duration clock_offset) {
  out.begin_array();
  for (const PublicTrade* trade : newest_first) {
    out.begin_object().field("d", std::to_string(trade->id)).key("t").integer(to_unix_ms(trade->time + clock_offset));
    out.field("p", trade->price.to_string()).field("q", trade->quantity.to_string());
    out.field("s", side_word(trade->taker_side)).field("i", spec.symbol);
    out.field("m", std::to_string(trade->match_id)).end_object();
  }
  out.end_array();
}

}  // namespace

std::variant<CryptoComVenue::Channel, CryptoComVenue::Answer> CryptoComVenue::parse_book_channel(std::string_view rest,
                                                                                                 Value params) const {
  const auto parts = split(rest);
  const auto instrument = exchange_.find_instrument(parts[0]);
  if (!instrument) return Answer{code::kInvalidRequest, {}, "Unknown symbol"};
  std::size_t depth = 0;
  if (parts.size() == 2) std::from_chars(parts[1].data(), parts[1].data() + parts[1].size(), depth);
  if (depth != 10 && depth != 50 && depth != 150) return Answer{code::kBadArgument, {}, "Invalid depth"};
  const bool camel = options_.quirks.camel_case_book_params;
  Value mode = params.find("book_subscription_type");
  if (!mode.exists() && camel) mode = params.find("bookSubscriptionType");
  Value frequency = params.find("book_update_frequency");
  if (!frequency.exists() && camel) frequency = params.find("bookUpdateFrequency");
  Channel channel;
  channel.kind = ChannelKind::book;
  channel.instrument = instrument;
  channel.depth = depth;
  const std::string_view word = mode.string();
  if (!word.empty() && word != "SNAPSHOT" && word != "SNAPSHOT_AND_UPDATE") {
    return Answer{code::kBadArgument, {}, "Invalid book_subscription_type"};
  }
  channel.deltas = word == "SNAPSHOT_AND_UPDATE";
  channel.every = options_.timing.full_book;
  if (channel.deltas) {
    const std::int64_t every_ms = frequency.exists() ? frequency.integer().value_or(0) : 100;
    if (depth == 150 || (every_ms != 10 && every_ms != 100)) {
      return Answer{code::kBadArgument, {}, "Unsupported depth/interval combination"};
    }
    channel.every = std::chrono::milliseconds{every_ms};
  }
  return channel;
}

std::variant<CryptoComVenue::Channel, CryptoComVenue::Answer> CryptoComVenue::parse_channel(
    const Connection& connection, std::string_view name, Value params) const {
  const std::size_t dot = name.find('.');
  const std::string_view word = name.substr(0, dot);
  const std::string_view rest = dot == std::string_view::npos ? std::string_view{} : name.substr(dot + 1);
  Channel channel;
  if (word == "user") {
    static constexpr std::pair<std::string_view, ChannelKind> kUser[] = {{"order", ChannelKind::user_order},
                                                                         {"trade", ChannelKind::user_trade},
                                                                         {"balance", ChannelKind::user_balance},
                                                                         {"positions", ChannelKind::user_positions}};
    if (!connection.user) return Answer{code::kInvalidRequest, {}, "Unrecognized channel"};
    if (!connection.account) return Answer{code::kUnauthorized, {}, {}};
    const auto parts = split(rest);
    for (const auto& [kind_name, kind] : kUser) {
      if (parts[0] != kind_name) continue;
      channel.kind = kind;
      const bool scoped = kind == ChannelKind::user_order || kind == ChannelKind::user_trade;
      if (parts.size() == 1) return channel;
      if (parts.size() > 2 || !scoped) break;
      channel.instrument = exchange_.find_instrument(parts[1]);
      if (!channel.instrument) return Answer{code::kInvalidRequest, {}, "Unknown symbol"};
      return channel;
    }
    return Answer{code::kInvalidRequest, {}, "Unrecognized channel"};
  }
  if (connection.user) return Answer{code::kInvalidRequest, {}, "Unrecognized channel"};
  if (word == "book") return parse_book_channel(rest, params);
  if (word == "candlestick") {
    const auto parts = split(rest);
    const auto length = candle_length(parts[0]);
    if (parts.size() != 2 || !length) return Answer{code::kInvalidRequest, {}, "Unrecognized channel"};
    channel.kind = ChannelKind::candlestick;
    channel.interval = parts[0];
    channel.candle_length = *length;
    channel.every = options_.timing.candle_push;
    channel.instrument = exchange_.find_instrument(parts[1]);
  } else if (word == "trade" || word == "ticker") {
    channel.kind = word == "trade" ? ChannelKind::trade : ChannelKind::ticker;
    channel.every = options_.timing.ticker_push;
    channel.instrument = exchange_.find_instrument(rest);
  } else {
    return Answer{code::kInvalidRequest, {}, "Unrecognized channel"};
  }
  if (!channel.instrument) return Answer{code::kInvalidRequest, {}, "Unknown symbol"};
  return channel;
}

void CryptoComVenue::subscribe(ConnectionId id, Connection& connection, Value frame, Time now) {
  const std::int64_t request_id = id_of(frame);
  const Value params = frame.find("params");
  const Value names = params.find("channels");
  if (!names.is_array() || names.size() == 0) {
    send(id, envelope(request_id, "subscribe", code::kBadArgument, {}, {}));
    return;
  }
  for (const Value each : names.elements()) {
    const std::string name(each.string());
    auto parsed = parse_channel(connection, name, params);
    if (const Answer* refused = std::get_if<Answer>(&parsed)) {
      std::string text;
      Writer out(text);
      begin_envelope(out, request_id, "subscribe", refused->code);
      out.field("channel", name);
      out.field("message", refused->message.empty() ? std::string(message_of(refused->code)) : refused->message);
      out.end_object();
      send(id, std::move(text));
      continue;
    }
    const bool known = connection.channels.count(name) > 0;
    if (!known && connection.channels.size() >= options_.rate_limits.channels_per_connection) {
      send(id, envelope(request_id, "subscribe", code::kTooManyChannels, {}, {}));
      continue;
    }
    // A second subscription is acknowledged and changes nothing: there is one stream.
    if (!known) connection.channels.emplace(name, std::move(std::get<Channel>(parsed)));
    const ChannelKind kind = connection.channels.at(name).kind;
    if (known || kind == ChannelKind::book || kind == ChannelKind::user_trade) {
      std::string text;
      Writer out(text);
      begin_envelope(out, request_id, "subscribe", 0);
      out.field("channel", name).end_object();
      send(id, std::move(text));
    }
    if (!known) start_channel(id, connection, name, request_id, now);
  }
}

void CryptoComVenue::unsubscribe(ConnectionId id, Connection& connection, Value frame) {
  for (const Value name : frame.find("params").find("channels").elements()) {
    const auto found = connection.channels.find(std::string(name.string()));
    if (found != connection.channels.end()) connection.channels.erase(found);
  }
  send(id, envelope(id_of(frame), "unsubscribe", 0, {}, {}));
}

void CryptoComVenue::start_channel(ConnectionId id, Connection& connection, const std::string& name,
                                   std::int64_t request_id, Time now) {
  Channel& channel = connection.channels.at(name);
  const std::string symbol = channel.instrument ? exchange_.instruments()[*channel.instrument].symbol : std::string();
  std::string data;
  Writer out(data);
  switch (channel.kind) {
    case ChannelKind::book:
      channel.next = now + options_.timing.book_snapshot;
      return;
    case ChannelKind::trade: {
      const auto& trades = exchange_.tape(*channel.instrument).trades();
      std::vector<const PublicTrade*> recent;
      for (auto trade = trades.rbegin(); trade != trades.rend() && recent.size() < 50; ++trade) {
        recent.push_back(&*trade);
      }
      write_trades(out, recent, exchange_.instruments()[*channel.instrument], faults_.clock_offset);
      send_data(id, name, data_frame(request_id, symbol, name, "trade", data));
      return;
    }
    case ChannelKind::ticker:
      out.begin_array().raw(ticker_object(*channel.instrument, true, now)).end_array();
      send_data(id, name, data_frame(request_id, symbol, name, "ticker", data));
      channel.next = now + channel.every;
      return;
    case ChannelKind::candlestick:
      channel.last_text = candles_array(channel, 1);
      send_data(id, name,
                data_frame(request_id, symbol, name, "candlestick", candles_array(channel, 300), "interval",
                           "\"" + channel.interval + "\""));
      channel.next = now + channel.every;
      return;
    case ChannelKind::user_order: {
      const Account& who = accounts_[*connection.account];
      out.begin_array();
      for (const OrderId order_id : exchange_.open_orders(who.account)) {
        const OrderRecord& order = *exchange_.order(order_id);
        if (channel.instrument && order.request.instrument != *channel.instrument) continue;
        write_order(out, order, exchange_.instruments()[order.request.instrument], who.ids,
                    exchange_.accounts().rates(who.account), OrderForm::push, faults_.clock_offset);
      }
      out.end_array();
      send_data(id, name, data_frame(request_id, symbol, name, "user.order", data));
      return;
    }
    case ChannelKind::user_balance:
      out.begin_array().raw(balance_object(*connection.account)).end_array();
      send_data(id, name, data_frame(request_id, {}, name, "user.balance", data));
      return;
    case ChannelKind::user_positions:
      send_data(id, name, data_frame(request_id, {}, name, "user.positions", "[]"));
      return;
    case ChannelKind::user_trade:
      return;
  }
}

void CryptoComVenue::publish(ConnectionId id, const std::string& name, Channel& channel, Time now) {
  if (channel.kind == ChannelKind::book) {
    publish_book(id, name, channel, now);
    return;
  }
  channel.next = now + channel.every;
  const std::string& symbol = exchange_.instruments()[*channel.instrument].symbol;
  if (channel.kind == ChannelKind::ticker) {
    const std::uint64_t state = exchange_.book(*channel.instrument).version();
    if (state == channel.last_update) return;
    channel.last_update = state;
    send_data(id, name,
              data_frame(-1, symbol, name, "ticker", "[" + ticker_object(*channel.instrument, true, now) + "]"));
  } else if (channel.kind == ChannelKind::candlestick) {
    std::string latest = candles_array(channel, 1);
    if (latest == channel.last_text) return;
    channel.last_text = latest;
    send_data(id, name,
              data_frame(-1, symbol, name, "candlestick", latest, "interval", "\"" + channel.interval + "\""));
  }
}

std::string CryptoComVenue::candles_array(const Channel& channel, std::size_t count) const {
  const Instrument& spec = exchange_.instruments()[*channel.instrument];
  std::string text;
  Writer out(text);
  out.begin_array();
  for (const Candle& candle : exchange_.tape(*channel.instrument).candles(channel.candle_length, count)) {
    out.begin_object().field("o", candle.open.to_string()).field("h", candle.high.to_string());
    out.field("l", candle.low.to_string()).field("c", candle.close.to_string());
    out.field("v", at_least_places(candle.volume, spec.lot)).key("t").integer(venue_ms(candle.open_time));
    out.key("ut").integer(venue_ms(candle.last_update)).end_object();
  }
  out.end_array();
  return text;
}

std::uint64_t CryptoComVenue::update_id(std::size_t instrument) {
  UpdateId& state = update_ids_[instrument];
  const std::uint64_t version = exchange_.book(instrument).version();
  if (version != state.version) {
    // Large and irregular steps, as at the venue, so that nobody can count on +1.
    state.id += (version - state.version) * 64 * (1 + random_.below(600));
    state.version = version;
  }
  return state.id;
}

void CryptoComVenue::publish_book(ConnectionId id, const std::string& name, Channel& channel, Time now) {
  channel.next = now + channel.every;
  if (channel.deltas && channel.started) {
    publish_delta(id, name, channel, now);
    return;
  }
  const std::size_t instrument = *channel.instrument;
  const Instrument& spec = exchange_.instruments()[instrument];
  channel.started = true;
  channel.last_update = update_id(instrument);
  channel.last_sent = now;
  exchange_.book(instrument).levels(Side::buy, channel.depth, channel.bids);
  exchange_.book(instrument).levels(Side::sell, channel.depth, channel.asks);
  std::string data;
  Writer out(data);
  out.begin_array().begin_object().key("asks");
  write_levels(out, channel.asks, spec);
  out.key("bids");
  write_levels(out, channel.bids, spec);
  out.key("t").integer(venue_ms(now)).key("tt").integer(venue_ms(exchange_.last_book_change(instrument)));
  out.key("u").integer(channel.last_update).key("cs").integer(checksum(channel.last_update));
  out.end_object().end_array();
  send_data(id, name, data_frame(-1, spec.symbol, name, "book", data, "depth", std::to_string(channel.depth)));
}

void CryptoComVenue::publish_delta(ConnectionId id, const std::string& name, Channel& channel, Time now) {
  const std::size_t instrument = *channel.instrument;
  const Instrument& spec = exchange_.instruments()[instrument];
  std::vector<EngineLevel> bids;
  std::vector<EngineLevel> asks;
  exchange_.book(instrument).levels(Side::buy, channel.depth, bids);
  exchange_.book(instrument).levels(Side::sell, channel.depth, asks);
  const auto bid_changes = changes(channel.bids, bids, Side::buy);
  const auto ask_changes = changes(channel.asks, asks, Side::sell);
  const bool idle = bid_changes.empty() && ask_changes.empty();
  if (idle && now - channel.last_sent < options_.timing.idle_delta) return;
  const std::uint64_t previous = channel.last_update;
  // A sign of life repeats the last id even if the book changed outside the window.
  if (!idle) channel.last_update = update_id(instrument);
  channel.last_sent = now;
  channel.bids = std::move(bids);
  channel.asks = std::move(asks);
  std::string data;
  Writer out(data);
  out.begin_array().begin_object().key("update").begin_object().key("asks");
  write_levels(out, ask_changes, spec);
  out.key("bids");
  write_levels(out, bid_changes, spec);
  out.end_object();
  out.key("t").integer(venue_ms(now)).key("tt").integer(venue_ms(exchange_.last_book_change(instrument)));
  out.key("u")
      .integer(channel.last_update)
      .key("pu")
      .integer(previous)
      .key("cs")
      .integer(checksum(channel.last_update));
  out.end_object().end_array();
  const std::uint64_t number = ++deltas_made_;
  if (faults_.drop_deltas.count(number) > 0) return;
  const std::string text =
      data_frame(-1, spec.symbol, name, "book.update", data, "depth", std::to_string(channel.depth));
  send_data(id, name, text);
  if (faults_.duplicate_deltas.count(number) > 0) send_data(id, name, text);
}

void CryptoComVenue::push_trades(std::size_t instrument, const std::vector<PublicTrade>& trades) {
  const Instrument& spec = exchange_.instruments()[instrument];
  const std::string name = "trade." + spec.symbol;
  std::string data;
  for (auto& [id, connection] : connections_) {
    if (connection.channels.count(name) == 0) continue;
    if (data.empty()) {
      std::vector<const PublicTrade*> newest_first;
      for (auto trade = trades.rbegin(); trade != trades.rend(); ++trade) newest_first.push_back(&*trade);
      Writer out(data);
      write_trades(out, newest_first, spec, faults_.clock_offset);
    }
    send_data(id, name, data_frame(-1, spec.symbol, name, "trade", data));
  }
}

void CryptoComVenue::push_order(const OrderRecord& order) {
  if (faults_.lose_order_pushes > 0) {
    --faults_.lose_order_pushes;
    return;
  }
  const auto index = account_index(order.request.account);
  if (!index) return;
  const Instrument& spec = exchange_.instruments()[order.request.instrument];
  std::string data;
  Writer out(data);
  out.begin_array();
  write_order(out, order, spec, accounts_[*index].ids, exchange_.accounts().rates(order.request.account),
              OrderForm::push, faults_.clock_offset);
  out.end_array();
  for (auto& [id, connection] : connections_) {
    if (connection.account != index) continue;
    for (const auto& [name, channel] : connection.channels) {
      if (channel.kind != ChannelKind::user_order) continue;
      if (channel.instrument && *channel.instrument != order.request.instrument) continue;
      send_data(id, name, data_frame(-1, spec.symbol, name, "user.order", data));
    }
  }
}

void CryptoComVenue::push_fill(const FillRecord& fill) {
  if (faults_.lose_fill_pushes > 0) {
    --faults_.lose_fill_pushes;
    return;
  }
  int copies = 1;
  if (faults_.duplicate_fill_pushes > 0) {
    --faults_.duplicate_fill_pushes;
    copies = 2;
  }
  const auto index = account_index(fill.account);
  if (!index) return;
  const Instrument& spec = exchange_.instruments()[fill.instrument];
  std::string data;
  Writer out(data);
  out.begin_array();
  write_fill(out, fill, spec, accounts_[*index].ids, false, faults_.clock_offset);
  out.end_array();
  for (auto& [id, connection] : connections_) {
    if (connection.account != index) continue;
    for (const auto& [name, channel] : connection.channels) {
      if (channel.kind != ChannelKind::user_trade) continue;
      if (channel.instrument && *channel.instrument != fill.instrument) continue;
      for (int i = 0; i < copies; ++i) send_data(id, name, data_frame(-1, spec.symbol, name, "user.trade", data));
    }
  }
}

void CryptoComVenue::push_balance(std::size_t account, Time) {
  accounts_[account].balance_push_pending = false;
  const std::string data = "[" + balance_object(account) + "]";
  for (auto& [id, connection] : connections_) {
    if (connection.account != account) continue;
    for (const auto& [name, channel] : connection.channels) {
      if (channel.kind == ChannelKind::user_balance) {
        send_data(id, name, data_frame(-1, {}, name, "user.balance", data));
      }
    }
  }
}

}  // namespace calypte::sim::crypto_com
