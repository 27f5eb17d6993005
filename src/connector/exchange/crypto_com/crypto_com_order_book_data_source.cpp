// Public channels: what is subscribed to, and what their frames and the depth reply mean.
#include <optional>

#include "connector/exchange/crypto_com/crypto_com_constants.hpp"
#include "connector/exchange/crypto_com/crypto_com_exchange.hpp"
#include "connector/exchange/crypto_com/crypto_com_utils.hpp"
#include "venue/json_writer.hpp"

namespace calypte::connector::crypto_com {

using venue::Channel;
using venue::Records;
using venue::json::Value;

namespace {

/// `book` replaces the book, `book.update` changes it; the ids `u` are large and irregular and only `pu` links them.
bool add_book(Value result, bool update, Records& out) {
  const std::string_view symbol = result.find("instrument_name").string();
  const auto depth = result.find("depth").unsigned_integer();
  for (const Value item : result.find("data").elements()) {
    const auto last = item.find("u").unsigned_integer();
    const Value sides = update ? item.find("update") : item;
    venue::LevelRange levels;
    if (symbol.empty() || !last || !sides.is_object() || !add_levels(sides, out, levels)) return false;
    const auto time = read_ms(item.find("t"));
    if (update) {
      const auto previous = item.find("pu").unsigned_integer();
      if (!previous) return false;
      out.add(venue::DepthDiff{.symbol = symbol,
                               .ids = {.first = {}, .last = last, .prev = previous},
                               .levels = levels,
                               .checksum = {},
                               .venue_time = time});
    } else {
      out.add(venue::DepthSnapshot{.symbol = symbol,
                                   .ids = {.first = {}, .last = last, .prev = {}},
                                   .levels = levels,
                                   .checksum = {},
                                   .venue_time = time,
                                   .depth = static_cast<std::uint32_t>(depth.value_or(0))});
    }
  }
  return result.find("data").is_array();
}

}  // namespace

bool add_market_data(Value result, bool first, Records& out) {
  const std::string_view channel = result.find("channel").string();
  if (channel == "book.update") return add_book(result, true, out);
  if (channel == "book") return add_book(result, false, out);
  if (channel == "trade") return add_trades(result.find("data"), first, out);
  if (channel == "ticker") return add_tickers(result.find("data"), out);
  return true;
}

bool add_depth_reply(Value result, Records& out) {
  const Value item = result.find("data")[0];
  venue::DepthSnapshot book;
  book.symbol = result.find("instrument_name").string();
  book.depth = static_cast<std::uint32_t>(result.find("depth").unsigned_integer().value_or(0));
  book.venue_time = read_ms(item.find("t"));
  if (book.symbol.empty() || !item.is_object() || !add_levels(item, out, book.levels)) return false;
  out.add(book);
  return true;
}

std::string channel_name(const venue::Subscription& subscription) {
  const std::string& symbol = subscription.symbol.value;
  switch (subscription.channel) {
    case Channel::depth:
      return "book." + symbol + "." + std::to_string(kBookDepth);
    case Channel::trades:
      return "trade." + symbol;
    case Channel::ticker:
      return "ticker." + symbol;
    case Channel::funding:
    case Channel::user_orders:
      return symbol.empty() ? "user.order" : "user.order." + symbol;
    case Channel::user_fills:
      return symbol.empty() ? "user.trade" : "user.trade." + symbol;
    case Channel::user_balances:
      return "user.balance";
  }
  return {};
}

void CryptoComExchange::subscribe(std::span<const venue::Subscription> subscriptions, bool on, std::uint64_t id,
                                  venue::Frames& out) {
  // The parameters of books stand beside the list of channels, so books have frames of their own.
  for (const bool books : {true, false}) {
    std::size_t at = 0;
    while (at < subscriptions.size()) {
      std::string frame;
      venue::json::Writer writer(frame);
      std::uint32_t count = 0;
      for (; at < subscriptions.size() && count < kSpec.streams.max_channels_per_frame; ++at) {
        if ((subscriptions[at].channel == Channel::depth) != books) continue;
        if (count++ == 0) {
          writer.begin_object().key("id").integer(id).field("method", on ? "subscribe" : "unsubscribe");
          writer.key("params").begin_object().key("channels").begin_array();
        }
        writer.string(channel_name(subscriptions[at]));
      }
      if (count == 0) continue;
      writer.end_array();
      if (books && on) {
        // Without these two the venue sends whole books, twice a second.
        writer.field("book_subscription_type", "SNAPSHOT_AND_UPDATE").key("book_update_frequency").raw("10");
      }
      writer.end_object().end_object();
      out.push_back(std::move(frame));
      ++id;
    }
  }
}

}  // namespace calypte::connector::crypto_com
