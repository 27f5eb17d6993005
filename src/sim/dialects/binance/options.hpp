// What can be chosen about a simulated Binance market: accounts, timing, what its manual leaves open, and faults.
// Shared by the spot and the perpetual venue.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "calypte/decimal.hpp"
#include "calypte/time.hpp"

#include "sim/exchange.hpp"
#include "sim/order_flow.hpp"

namespace calypte::sim::binance {

using namespace std::chrono_literals;

/// The key pair of RFC 8032, test 1: whoever tests with it knows the private half.
inline constexpr std::string_view kTestPublicKey = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

/// An account with a key that signs with HMAC-SHA-256 and, if wanted, one that signs with Ed25519.
struct AccountOptions {
  std::string api_key;  ///< empty: made from the venue's seed, like the secret
  std::string api_secret;
  std::string ed25519_api_key;                            ///< empty: made from the seed
  std::string ed25519_public_key;                         ///< 32 bytes in hex; empty: the account has no such key
  std::vector<std::pair<std::string, Decimal>> balances;  ///< empty: the venue's default purse
  FeeRates rates{Decimal::from_parts(1, 3), Decimal::from_parts(1, 3)};
  FeePolicy fees;
};

/// Everything here happens in the venue's own time, as given to its functions. Periods of streams are in `HouseRules`.
struct Timing {
  /// From a change to its user event. With none the event leaves before the reply to the request that caused it, which
  /// is what the real venue mostly does.
  Duration user_push = 0ms;
};

/// Points on which the manual is silent or unproven; the defaults are the fact sheet's.
struct Quirks {
  bool rekey_on_cancel = true;            ///< a cancelled order is found under the id of its cancel only
  int cancel_all_of_nothing = -2011;      ///< 0: an empty list instead of the error
  bool order_count_falls_on_fill = true;  ///< the first fill of an order gives its place in ORDERS back
};

/// What happens to the reply of a request over REST or the WebSocket API. Rules are used up in order.
struct ReplyFault {
  enum class Kind : std::uint8_t {
    cut_after_acting,       ///< the request takes effect, the connection is cut without a reply
    cut_before_acting,      ///< nothing happens but the cut
    bad_gateway_after,      ///< takes effect, answered with 502 and an HTML page
    bad_gateway_before,     ///< no effect, answered with 502 and an HTML page
    timeout_after_acting,   ///< takes effect, answered with -1007
    timeout_before_acting,  ///< no effect, answered with -1007
    overloaded_before,      ///< no effect, answered with -1008
  };
  std::string request;  ///< "POST /api/v3/order" or "order.place"; empty: any that is signed
  Kind kind = Kind::cut_after_acting;
  std::uint32_t count = 1;  ///< how many requests it hits
};

/// Faults of the venue, changed at any time by its owner. Counts are used up.
struct FaultPlan {
  std::set<std::uint64_t> drop_depth_events;       ///< diff depth events by number, from 1, over all feeds: never sent
  std::set<std::uint64_t> duplicate_depth_events;  ///< sent twice
  std::set<std::string> muted_streams;             ///< as subscribed: "btcusdt@depth@100ms"
  bool mute_data = false;                          ///< no data on any socket; pings and answers go on
  bool refuse_connections = false;                 ///< WebSockets are refused
  std::uint32_t duplicate_user_events = 0;         ///< the next user events are sent twice
  std::uint32_t lose_user_events = 0;              ///< the next user events are never sent
  std::vector<ReplyFault> replies;
  Duration clock_offset{0};  ///< the venue's clock against the caller's
};

struct VenueOptions {
  std::uint64_t seed = 1;
  std::vector<AccountOptions> accounts;  ///< empty: two accounts, the first of which also has the Ed25519 test key
  std::vector<Instrument> instruments;   ///< empty: the venue's default list
  bool flow = true;                      ///< background trading in every tradable instrument
  FlowOptions flow_options;
  Timing timing;
  Quirks quirks;
  Duration price_interval{0};  ///< contracts: how often mark prices move and are told, at most; 0: as the venue does
  bool limit_rates = true;     ///< refuse what exceeds the limits; they are counted and reported in any case
};

/// A window of the calendar in which something is counted, as `rateLimits` names it.
struct RateRule {
  std::string interval;  ///< "SECOND", "MINUTE", "DAY"
  std::uint32_t interval_number = 1;
  std::uint32_t limit = 0;
  [[nodiscard]] Duration length() const;
  [[nodiscard]] std::string short_name() const;  ///< as in the headers: "10S", "1M", "1D"
};

/// What differs between the markets of the house as data.
struct HouseRules {
  ExchangeLimits limits;
  RateRule weight{"MINUTE", 1, 6000};
  RateRule raw_requests{"MINUTE", 5, 300000};
  std::vector<RateRule> orders{{"SECOND", 10, 100}, {"DAY", 1, 200000}};
  /// So many refusals for exceeding the weight in one ban-free stretch lead to a ban, which doubles each time.
  std::uint32_t refusals_to_ban = 20;
  Duration ban = 2min;

  std::vector<std::pair<std::string, Duration>> depth_speeds{{"", 1000ms}, {"@100ms", 100ms}};
  Duration ticker_period = 1s;
  Duration kline_period = 2s;
  Duration fast_kline_period = 1s;  ///< of the interval 1s
  bool one_second_klines = true;
  std::size_t max_klines = 1000;
  std::size_t default_depth = 100;
  std::size_t max_depth = 5000;

  Duration ping = 20s;
  Duration connection_life = 24h;
  std::size_t incoming_per_second = 5;  ///< on market streams; one more and the connection is closed
  std::size_t streams_per_connection = 1024;
  std::uint32_t socket_api_connect_weight = 2;
};

}  // namespace calypte::sim::binance
