#include "engine/event_json.hpp"

#include <array>
#include <cassert>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "engine/event_fields.hpp"
#include "engine/stored_json.hpp"

namespace calypte::engine {
namespace {

using stored::Reader;
using stored::Value;
using stored::Writer;

/// What a journal holds, and the names under which it does.
using Journalled = std::tuple<BuyOrderCreatedEvent, SellOrderCreatedEvent, OrderFilledEvent, BuyOrderCompletedEvent,
                              SellOrderCompletedEvent, OrderCancelledEvent, OrderExpiredEvent, MarketOrderFailureEvent,
                              OrderCancelFailedEvent, OrderOutcomeUnknownEvent, OrderOutcomeResolvedEvent,
                              UnmatchedFillEvent, ExternalOrderEvent, LiquidationEvent, FundingPaymentCompletedEvent,
                              PositionModeChangedEvent, LeverageChangedEvent, MarginTypeChangedEvent,
                              TokenApprovalEvent, NetworkFeeEvent, OrderFillRevokedEvent>;

template <typename E, typename Types>
constexpr bool kIsOneOf = false;
template <typename E, typename... Types>
constexpr bool kIsOneOf<E, std::tuple<Types...>> = (std::is_same_v<E, Types> || ...);

// Has no `to_string` of its own.
constexpr std::array<std::string_view, 3> kLiquidationKinds = {"liquidation", "deleveraging", "settlement"};

/// Room for most events, so that a text grows once.
constexpr std::size_t kUsualSize = 512;

// --- Writing ---

class MemberWriter {
 public:
  explicit MemberWriter(Writer& out) : out_(out) {}

  template <typename T>
  void operator()(std::string_view name, const T& value) {
    out_.key(name);
    put(value);
  }
  template <typename T>
  void operator()(std::string_view name, const std::optional<T>& value) {
    if (value) (*this)(name, *value);
  }

 private:
  void put(Time value) { out_.integer(to_unix_ns(value)); }
  void put(bool value) { out_.boolean(value); }
  void put(std::uint32_t value) { out_.integer(std::uint64_t{value}); }
  void put(const Decimal& value) { stored::write(out_, value); }
  void put(const std::string& value) { stored::write_text(out_, value); }
  void put(const TradingPair& value) { stored::write_text(out_, value.to_string()); }
  void put(const TradeFee& value) { stored::write(out_, value); }
  void put(LiquidationEvent::Kind value) { out_.string(kLiquidationKinds[static_cast<std::size_t>(value)]); }
  template <typename Tag>
  void put(const StrongText<Tag>& value) {
    stored::write_text(out_, value.value);
  }
  template <typename E>
    requires std::is_enum_v<E>
  void put(E value) {
    out_.string(to_string(value));
  }
  void put(const Status& value) {
    out_.begin_object();
    (*this)("code", value.code());
    (*this)("reason", value.reason());
    (*this)("message", value.message());
    (*this)("venue_code", value.venue_code());
    (*this)("retry_at", value.retry_at());
    out_.end_object();
  }

  Writer& out_;
};

// --- Reading ---

class MemberReader {
 public:
  explicit MemberReader(Reader& in) : in_(in) {}

  template <typename T>
  void operator()(std::string_view name, T& place) {
    if (!get(in_.find(name), place)) in_.fail(name);
  }
  template <typename T>
  void operator()(std::string_view name, std::optional<T>& place) {
    if (in_.has(name)) (*this)(name, place.emplace());
  }

 private:
  template <typename T, typename Read>
  static bool take(Read read, T& place) {
    if (!read) return false;
    place = *std::move(read);
    return true;
  }
  static bool get(Value json, Time& place) {
    const auto value = json.integer();
    if (value) place = from_unix_ns(*value);
    return value.has_value();
  }
  static bool get(Value json, bool& place) { return take(json.boolean(), place); }
  static bool get(Value json, std::uint32_t& place) {
    const auto value = json.unsigned_integer();
    if (!value || *value > UINT32_MAX) return false;
    place = static_cast<std::uint32_t>(*value);
    return true;
  }
  static bool get(Value json, Decimal& place) { return take(json.decimal(), place); }
  static bool get(Value json, std::string& place) {
    place = std::string(json.string());
    return json.is_string();
  }
  static bool get(Value json, TradingPair& place) {
    if (json.is_string() && json.string().empty()) return true;  // where the venue named an instrument nobody knows
    return take(TradingPair::parse(json.string()), place);
  }
  static bool get(Value json, TradeFee& place) { return take(stored::read_fee(json), place); }
  static bool get(Value json, LiquidationEvent::Kind& place) {
    for (std::size_t i = 0; i < kLiquidationKinds.size(); ++i) {
      if (json.string() != kLiquidationKinds[i]) continue;
      place = static_cast<LiquidationEvent::Kind>(i);
      return true;
    }
    return false;
  }
  template <typename Tag>
  static bool get(Value json, StrongText<Tag>& place) {
    return get(json, place.value);
  }
  template <typename E>
    requires std::is_enum_v<E>
  static bool get(Value json, E& place) {
    return take(stored::parse_word<E>(json.string()), place);
  }
  static bool get(Value json, Status& place) {
    Reader in("status", json);
    MemberReader members(in);
    StatusCode code{};
    FailureReason reason{};
    std::string message;
    std::string venue_code;
    std::optional<Time> retry_at;
    members("code", code);
    members("reason", reason);
    members("message", message);
    members("venue_code", venue_code);
    members("retry_at", retry_at);
    if (!in.status().ok()) return false;
    place = Status(code, reason, std::move(message), std::move(venue_code));
    if (retry_at) place.set_retry_at(*retry_at);
    return true;
  }

  Reader& in_;
};

template <typename E>
Result<Event> read_event(std::string_view name, Value json) {
  Reader in(name, json);
  E event;
  members(event, MemberReader(in));
  if (!in.status().ok()) return in.status();
  return Event(std::move(event));
}

struct EventKind {
  std::string_view name;
  Result<Event> (*read)(std::string_view name, Value json);
};

template <typename... Types>
std::array<EventKind, sizeof...(Types)> kinds_of(const std::tuple<Types...>*) {
  return {EventKind{event_name(Event(Types{})), &read_event<Types>}...};
}

}  // namespace

bool is_journalled(const Event& event) noexcept {
  return std::visit([]<typename E>(const E&) { return kIsOneOf<E, Journalled>; }, event);
}

std::string event_to_json(const Event& event) {
  assert(is_journalled(event));
  std::string text;
  text.reserve(kUsualSize);
  Writer out(text);
  out.begin_object();
  std::visit(
      [&out]<typename E>(const E& e) {
        if constexpr (kIsOneOf<E, Journalled>) members(e, MemberWriter(out));
      },
      event);
  out.end_object();
  return text;
}

Result<Event> event_from_json(std::string_view name, std::string_view json) {
  static const auto kKinds = kinds_of(static_cast<const Journalled*>(nullptr));
  for (const EventKind& kind : kKinds) {
    if (kind.name != name) continue;
    const venue::PaddedBuffer buffer(json);
    stored::Document document;
    const auto root = document.parse(buffer.bytes());
    if (!root) return root.status();
    return kind.read(kind.name, *root);
  }
  return Status(StatusCode::malformed, "\"" + std::string(name) + "\" is not the name of a journalled event");
}

}  // namespace calypte::engine
