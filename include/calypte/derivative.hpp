// What a strategy can do with a derivative connector besides what every exchange offers: position mode, leverage,
// margin, positions and funding.
//
// What the account is set to lives at the venue, and other clients of the same account may change it. So each setting
// is known (`confirmed`), being changed, or not known, and is never guessed: an order that depends on a setting that is
// not confirmed is denied. Threading and lifetimes are those of calypte/connector.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "calypte/connector.hpp"
#include "calypte/decimal.hpp"
#include "calypte/events.hpp"
#include "calypte/result.hpp"
#include "calypte/time.hpp"
#include "calypte/types.hpp"

namespace calypte {

struct Position {
  TradingPair trading_pair;
  PositionSide side = PositionSide::net;
  Decimal amount;  ///< base; negative: short; never 0
  Decimal entry_price;
  Decimal unrealized_profit;  ///< quote, as the venue said last; it moves with the mark price
  Decimal leverage = 1;       ///< that the contract is set to
  std::optional<Decimal> liquidation_price;
  std::optional<MarginType> margin_type;
  std::optional<Time> venue_time;
  Time update_time{};
  friend bool operator==(const Position&, const Position&) = default;
};

struct FundingInfo {
  TradingPair trading_pair;
  Decimal index_price;
  Decimal mark_price;
  Decimal rate;  ///< a fraction, of the interval that ends at `next_funding_time`; it may still move until then
  Time next_funding_time{};
  Time update_time{};
  friend bool operator==(const FundingInfo&, const FundingInfo&) = default;
};

/// A setting of the account: what the venue said last, and whether that can be relied on.
template <typename T>
struct AccountSetting {
  enum class State : std::uint8_t {
    unknown,    ///< never told, or an attempt to change it has an unknown outcome; the venue is being asked
    changing,   ///< a change was sent and is not answered
    confirmed,  ///< the venue said so
  };
  State state = State::unknown;
  std::optional<T> value;  ///< the last confirmed one
  [[nodiscard]] bool is(const T& wanted) const { return state == State::confirmed && value == wanted; }
};

class Derivative : public virtual Exchange {
 public:
  [[nodiscard]] virtual std::span<const PositionMode> supported_position_modes() const noexcept = 0;
  [[nodiscard]] virtual AccountSetting<PositionMode> position_mode() const = 0;
  /// Changes the mode of the whole account. `denied` if the venue has no such mode, a change is under way, or the
  /// connector is not running; otherwise one `PositionModeChangedEvent` tells the outcome. Nothing is sent if the mode
  /// is confirmed already; the event comes all the same.
  virtual Status set_position_mode(PositionMode mode) = 0;

  [[nodiscard]] virtual AccountSetting<std::uint32_t> leverage(const TradingPair& pair) const = 0;
  /// Likewise, for one contract: one `LeverageChangedEvent`. `denied` if it is 0 or above what any contract of the
  /// venue offers; what this contract offers is judged by the venue.
  virtual Status set_leverage(const TradingPair& pair, std::uint32_t leverage) = 0;

  [[nodiscard]] virtual AccountSetting<MarginType> margin_type(const TradingPair& pair) const = 0;
  /// Likewise: one `MarginTypeChangedEvent`.
  virtual Status set_margin_type(const TradingPair& pair, MarginType type) = 0;

  /// Every position of the account that is not 0.
  [[nodiscard]] virtual std::vector<Position> positions() const = 0;
  /// Null if there is none. `side` is `net` in one-way mode. Valid until the next callback.
  [[nodiscard]] virtual const Position* position(const TradingPair& pair,
                                                 PositionSide side = PositionSide::net) const = 0;

  /// Empty until the venue told it.
  [[nodiscard]] virtual std::optional<FundingInfo> funding_info(const TradingPair& pair) const = 0;

  /// The token that an order of this side binds as margin.
  [[nodiscard]] virtual std::string buy_collateral_token(const TradingPair& pair) const = 0;
  [[nodiscard]] virtual std::string sell_collateral_token(const TradingPair& pair) const = 0;

 protected:
  Derivative() = default;
};

/// The key of a position in a map: the pair, in hedge mode followed by the side ("BTC-USDT", "BTC-USDTLONG").
[[nodiscard]] std::string position_key(const TradingPair& pair, PositionSide side, PositionMode mode);
/// Which position an order changes. In one-way mode always `net`; in hedge mode an opening buy and a closing sell
/// belong to the long one, the others to the short one.
[[nodiscard]] PositionSide position_side_of(PositionMode mode, TradeType side, PositionAction action) noexcept;

}  // namespace calypte
