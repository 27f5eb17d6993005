#include "calypte/types.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <stdexcept>

namespace calypte {
namespace {

constexpr char kHyphen = '-';
constexpr std::size_t kMaxBaseSize = std::numeric_limits<std::uint8_t>::max();

// Written out rather than <cctype>, whose answers depend on the locale.
constexpr bool is_asset_character(char c) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == ':' || c == '_' || c == '$';
}
constexpr char upper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

Status unknown_word(std::string_view kind) {
  return {StatusCode::malformed, std::string("not the name of ").append(kind)};
}

}  // namespace

Result<TradingPair> TradingPair::parse(std::string_view text) {
  const auto is_asset = [](std::string_view asset) {
    return !asset.empty() && std::all_of(asset.begin(), asset.end(), is_asset_character);
  };
  const std::size_t dash = text.find(kHyphen);
  // Without a hyphen `dash` is npos, which is larger than any base.
  if (dash > kMaxBaseSize || !is_asset(text.substr(0, dash)) || !is_asset(text.substr(dash + 1))) {
    return Status(StatusCode::malformed, "not a trading pair of the form BASE-QUOTE");
  }
  TradingPair pair;
  pair.text_ = text;
  pair.dash_ = static_cast<std::uint8_t>(dash);
  return pair;
}

TradingPair TradingPair::from_assets(std::string_view base, std::string_view quote) {
  assert(!base.empty() && !quote.empty() && base.size() <= kMaxBaseSize);
  assert(base.find(kHyphen) == std::string_view::npos && quote.find(kHyphen) == std::string_view::npos);
  TradingPair pair;
  pair.text_.reserve(base.size() + 1 + quote.size());
  pair.text_.append(base).append(1, kHyphen).append(quote);
  std::transform(pair.text_.begin(), pair.text_.end(), pair.text_.begin(), upper);
  pair.dash_ = static_cast<std::uint8_t>(base.size());
  return pair;
}

TradingPair literals::operator""_pair(const char* text, std::size_t size) {
  auto parsed = TradingPair::parse({text, size});
  if (!parsed) throw std::invalid_argument("not a trading pair literal: " + std::string(text, size));
  return *std::move(parsed);
}

std::string_view to_string(OrderType type) noexcept {
  switch (type) {
    case OrderType::market:
      return "MARKET";
    case OrderType::limit:
      return "LIMIT";
    case OrderType::limit_maker:
      return "LIMIT_MAKER";
    case OrderType::amm_swap:
      return "AMM_SWAP";
  }
  return "?";
}

std::string_view to_string(TradeType type) noexcept {
  switch (type) {
    case TradeType::buy:
      return "BUY";
    case TradeType::sell:
      return "SELL";
  }
  return "?";
}

std::string_view to_string(PositionAction action) noexcept {
  switch (action) {
    case PositionAction::nil:
      return "NIL";
    case PositionAction::open:
      return "OPEN";
    case PositionAction::close:
      return "CLOSE";
  }
  return "?";
}

std::string_view to_string(PositionMode mode) noexcept { return mode == PositionMode::one_way ? "ONEWAY" : "HEDGE"; }

std::string_view to_string(PositionSide side) noexcept {
  switch (side) {
    case PositionSide::net:
      return "BOTH";
    case PositionSide::long_side:
      return "LONG";
    case PositionSide::short_side:
      return "SHORT";
  }
  return "?";
}

std::string_view to_string(MarginType type) noexcept { return type == MarginType::cross ? "CROSSED" : "ISOLATED"; }

std::string_view to_string(TimeInForce tif) noexcept {
  switch (tif) {
    case TimeInForce::good_till_cancelled:
      return "GTC";
    case TimeInForce::immediate_or_cancel:
      return "IOC";
    case TimeInForce::fill_or_kill:
      return "FOK";
  }
  return "?";
}

std::string_view to_string(OrderState state) noexcept {
  switch (state) {
    case OrderState::pending_create:
      return "PENDING_CREATE";
    case OrderState::open:
      return "OPEN";
    case OrderState::pending_cancel:
      return "PENDING_CANCEL";
    case OrderState::canceled:
      return "CANCELED";
    case OrderState::partially_filled:
      return "PARTIALLY_FILLED";
    case OrderState::filled:
      return "FILLED";
    case OrderState::failed:
      return "FAILED";
    case OrderState::pending_approval:
      return "PENDING_APPROVAL";
    case OrderState::approved:
      return "APPROVED";
    case OrderState::created:
      return "CREATED";
    case OrderState::completed:
      return "COMPLETED";
    case OrderState::expired:
      return "EXPIRED";
  }
  return "?";
}

Result<OrderType> parse_order_type(std::string_view text) {
  for (const auto type : {OrderType::market, OrderType::limit, OrderType::limit_maker, OrderType::amm_swap}) {
    if (text == to_string(type)) return type;
  }
  return unknown_word("an order type");
}

Result<TradeType> parse_trade_type(std::string_view text) {
  for (const auto type : {TradeType::buy, TradeType::sell}) {
    if (text == to_string(type)) return type;
  }
  return unknown_word("a trade type");
}

Result<PositionAction> parse_position_action(std::string_view text) {
  for (const auto action : {PositionAction::nil, PositionAction::open, PositionAction::close}) {
    if (text == to_string(action)) return action;
  }
  return unknown_word("a position action");
}

}  // namespace calypte
