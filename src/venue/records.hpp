// Records: what a venue's bytes mean, in one vocabulary for all venues. Decoders make them, the engine applies them.
//
// The market-data records are views: symbols point into the frame or the decoder's scratch and levels into the
// `Records` arena. They are valid until the next decode. The private ones own their texts.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "calypte/decimal.hpp"
#include "calypte/fees.hpp"
#include "calypte/in_flight_order.hpp"
#include "calypte/result.hpp"
#include "calypte/time.hpp"
#include "calypte/trading_rule.hpp"
#include "calypte/types.hpp"

#include "venue/wire.hpp"

namespace calypte::venue {

/// A non-negative number exactly as it stood on the wire: mantissa / 10^decimals, trailing zeros kept ("1.50" is 150
/// with 2 decimals). 16 bytes, no allocation; the form of prices and amounts between decoder and book.
struct WireNumber {
  std::int64_t mantissa = 0;
  std::uint8_t decimals = 0;
  friend bool operator==(WireNumber, WireNumber) = default;
};
/// Reads plain or exponent notation. False if it is no non-negative number or does not fit.
[[nodiscard]] bool parse_wire_number(std::string_view text, WireNumber& out) noexcept;
[[nodiscard]] inline Decimal to_decimal(WireNumber n) noexcept { return Decimal::from_parts(n.mantissa, n.decimals); }

struct DepthLevel {
  WireNumber price;
  WireNumber amount;  ///< absolute; 0 deletes the level
};

/// A range of the arena: bids first, then asks.
struct LevelRange {
  std::uint32_t begin = 0;
  std::uint32_t bid_count = 0;
  std::uint32_t ask_count = 0;
};

/// The ids that chain book messages; absent where the venue has none.
struct SequenceIds {
  std::optional<std::uint64_t> first;  ///< first update id inside the message
  std::optional<std::uint64_t> last;   ///< last update id inside the message
  std::optional<std::uint64_t> prev;   ///< the last id of the message before
};

/// A whole book.
struct DepthSnapshot {
  std::string_view symbol;
  SequenceIds ids;
  LevelRange levels;
  std::optional<std::uint32_t> checksum;  ///< of the book after this message; signed ones as their two's complement
  std::optional<Time> venue_time;
  std::uint32_t depth = 0;  ///< the window that the venue promises a side; 0: all
};
/// Changes of a book. With no levels it is a keep-alive that still moves the chain.
struct DepthDiff {
  std::string_view symbol;
  SequenceIds ids;
  LevelRange levels;
  std::optional<std::uint32_t> checksum;
  std::optional<Time> venue_time;
};
struct PublicTrade {
  std::string_view symbol;
  std::string_view trade_id;
  TradeType taker_side = TradeType::buy;
  WireNumber price;
  WireNumber amount;
  Time venue_time{};
  bool backfill = false;  ///< happened before the subscription; not news
};
struct BestBidAsk {
  std::string_view symbol;
  std::optional<std::uint64_t> update_id;  ///< comparable with the book's ids where the venue has that
  std::optional<DepthLevel> bid;
  std::optional<DepthLevel> ask;
  std::optional<WireNumber> last_price;
  std::optional<Time> venue_time;
};

/// A tradable instrument and its rule. `symbol` is the venue's name.
struct Instrument {
  Symbol symbol;
  TradingRule rule;  ///< with its trading pair
};
/// An entry of the instrument list that could not be understood; the others stand.
struct BadInstrument {
  std::string symbol;
  std::string error;
};

/// The state of an order of ours. Ids in `update`; the rest is for orders that we do not know.
struct OrderReport {
  OrderUpdate update;
  Symbol symbol;
  std::optional<TradeType> trade_type;
  std::optional<OrderType> order_type;
  std::optional<Decimal> amount;
  std::optional<Decimal> price;
};
/// Who asked for a trade of this account.
enum class FillOrigin : std::uint8_t {
  order,         ///< an order, ours or another client's
  liquidation,   ///< the venue closed the position for want of margin
  deleveraging,  ///< the venue closed it against a bankrupt one of the other side
  settlement,    ///< the contract ended
};
/// One of our executions.
struct Fill {
  TradeUpdate trade;
  Symbol symbol;
  TradeType trade_type = TradeType::buy;
  PositionSide position_side = PositionSide::net;  ///< derivatives
  FillOrigin origin = FillOrigin::order;
};
/// What became of one order of a batch that has no report of its own: its part of the request failed.
struct OrderOutcome {
  ClientOrderId client_order_id;
  Status status;
};
struct BalanceReport {
  std::string asset;
  std::optional<Decimal> total;
  std::optional<Decimal> available;
  std::optional<Time> venue_time;
};
/// Marks that the balances just decoded are all of the account's: assets that are absent are gone.
struct BalancesComplete {};
/// Marks that the open orders just decoded are all of the account's (for `symbol`, or for every symbol if it is empty).
struct OpenOrdersComplete {
  Symbol symbol;
};
/// A page of fills is decoded. `more` if the venue holds older or newer ones in the asked range; ask again from `next`.
struct FillsPage {
  bool more = false;
  std::optional<Time> next_start;
  std::optional<Time> next_end;
};
struct LastPrice {
  Symbol symbol;
  Decimal price;
};
struct ServerTime {
  Time time{};
  Duration resolution{};  ///< how coarse it is: one second for an HTTP Date header
};
struct FeeReport {
  Symbol symbol;          ///< empty: the account's default
  Decimal maker_percent;  ///< fractions
  Decimal taker_percent;
};
/// How much of a rate limit the venue says is used up in its present window.
struct UsedWeight {
  std::string_view limit_id;  ///< a row of the venue's table
  std::uint32_t used = 0;
};
/// A key for the private stream.
struct UserStreamKey {
  std::string key;
  std::string target;  ///< what is appended to the URL of the user stream
};
/// The key or the session of the private stream is over; the connection that stands will stay silent.
struct UserStreamExpired {};

// --- Derivatives ---------------------------------------------------------------------------------------------------

/// A position, as it is after the change that is reported. Absent fields are not known from this source.
struct PositionReport {
  Symbol symbol;
  PositionSide side = PositionSide::net;
  Decimal amount;  ///< base; negative: short; 0: closed
  std::optional<Decimal> entry_price;
  std::optional<Decimal> unrealized_profit;
  std::optional<Decimal> liquidation_price;
  std::optional<MarginType> margin_type;
  std::optional<Time> venue_time;
};
/// Marks that the positions just decoded are all of the account's.
struct PositionsComplete {};
/// Prices and funding of a contract; a view like other market data. Absent fields are unchanged.
struct FundingReport {
  std::string_view symbol;
  std::optional<Decimal> index_price;
  std::optional<Decimal> mark_price;
  std::optional<Decimal> rate;  ///< a fraction, of the interval that ends at `next_funding_time`
  std::optional<Time> next_funding_time;
  std::optional<Time> venue_time;
};
/// A funding payment that has been booked.
struct FundingPayment {
  Symbol symbol;
  std::string id;  ///< the venue's, unique within the account
  Decimal amount;  ///< positive: received
  std::string asset;
  std::optional<Decimal> rate;
  Time venue_time{};
};
/// A page of funding payments is decoded; the next one starts at `next_start`.
struct FundingPaymentsPage {
  bool more = false;
  std::optional<Time> next_start;
};
/// A payment was booked, says the stream, without enough to tell it from others: ask for the payments.
struct FundingBooked {};
struct PositionModeReport {
  PositionMode mode = PositionMode::one_way;
};
/// Absent fields are unchanged.
struct LeverageReport {
  Symbol symbol;
  std::optional<std::uint32_t> leverage;
  std::optional<MarginType> margin_type;
};
/// The venue warns that a position may be liquidated.
struct MarginCall {
  Symbol symbol;
  PositionSide side = PositionSide::net;
  Decimal amount;
  std::optional<Decimal> mark_price;
  std::optional<Decimal> maintenance_margin;
};

/// Answer to a login frame.
struct LoginResult {
  std::uint64_t id = 0;
  Status status;
};
/// Answer to a subscribe or unsubscribe frame. `channel` is the venue's word for it.
struct SubscriptionResult {
  std::uint64_t id = 0;
  std::string channel;
  Status status;
};
/// The server wants this frame back, now.
struct HeartbeatRequest {
  std::string reply;
};
/// The server answered our ping, or sent a sign of life that needs no answer.
struct HeartbeatSeen {};
/// The venue says something that belongs to no request: an error frame, an unknown channel.
struct VenueNotice {
  Status status;
  std::string channel;
};

using Record =
    std::variant<DepthSnapshot, DepthDiff, PublicTrade, BestBidAsk, Instrument, BadInstrument, OrderReport, Fill,
                 BalanceReport, BalancesComplete, OpenOrdersComplete, FillsPage, LastPrice, ServerTime, FeeReport,
                 LoginResult, SubscriptionResult, HeartbeatRequest, HeartbeatSeen, VenueNotice, OrderOutcome,
                 UsedWeight, UserStreamKey, UserStreamExpired, PositionReport, PositionsComplete, FundingReport,
                 FundingPayment, FundingPaymentsPage, FundingBooked, PositionModeReport, LeverageReport, MarginCall>;

/// The output of a decoder. Reuse one object: it keeps its memory.
class Records {
 public:
  void clear() noexcept {
    items_.clear();
    levels_.clear();
    channel_size_ = 0;
  }
  template <typename T>
  void add(T record) {
    items_.emplace_back(std::move(record));
  }
  /// How much is in here. A decoder that fails half-way takes back what it appended: `restore(mark)`.
  struct Mark {
    std::size_t items = 0;
    std::size_t levels = 0;
  };
  [[nodiscard]] Mark mark() const noexcept { return {items_.size(), levels_.size()}; }
  void restore(Mark mark) {
    items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(mark.items), items_.end());
    levels_.resize(mark.levels);
  }
  [[nodiscard]] std::span<Record> items() noexcept { return items_; }
  [[nodiscard]] std::span<const Record> items() const noexcept { return items_; }
  [[nodiscard]] bool empty() const noexcept { return items_.empty(); }

  /// The arena of levels. A decoder appends bids, then asks, and notes the range.
  [[nodiscard]] std::vector<DepthLevel>& levels() noexcept { return levels_; }
  [[nodiscard]] std::span<const DepthLevel> bids(const LevelRange& r) const noexcept {
    return std::span(levels_).subspan(r.begin, r.bid_count);
  }
  [[nodiscard]] std::span<const DepthLevel> asks(const LevelRange& r) const noexcept {
    return std::span(levels_).subspan(r.begin + r.bid_count, r.ask_count);
  }

  /// The venue's own name of the channel that the message belonged to ("book.update"), for counters and error texts;
  /// set as early as it is known, so that an error can name it. At most 31 characters are kept.
  void set_channel(std::string_view channel) noexcept;
  [[nodiscard]] std::string_view channel() const noexcept { return {channel_.data(), channel_size_}; }

 private:
  std::vector<Record> items_;
  std::vector<DepthLevel> levels_;
  std::array<char, 32> channel_{};
  std::size_t channel_size_ = 0;
};

}  // namespace calypte::venue
