// What can be chosen about the simulated Crypto.com: accounts, timing, what its manual leaves open, and faults.
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

namespace calypte::sim::crypto_com {

using namespace std::chrono_literals;

/// An account with one key. An empty key and secret are made from the venue's seed.
struct AccountOptions {
  std::string api_key;
  std::string api_secret;
  std::vector<std::pair<std::string, Decimal>> balances;
  FeeRates rates{Decimal::from_parts(25, 4), Decimal::from_parts(50, 4)};
  FeePolicy fees;
};

/// Everything here happens in the venue's own time, as given to its functions.
struct Timing {
  Duration to_book = 1ms;         ///< from the acceptance of an order, cancel or amendment to its effect
  Duration socket_ack = 0ms;      ///< from a private request on the socket to its acknowledgement
  Duration order_push = 2ms;      ///< from a change to its user.order frame
  Duration trade_push = 2ms;      ///< from a fill to its user.trade frame
  Duration balance_push = 200ms;  ///< balances are conflated over this time
  Duration book_snapshot = 1s;    ///< from the acknowledgement of a book channel to its snapshot
  Duration ticker_push = 500ms;
  Duration candle_push = 1s;
  Duration heartbeat = 30s;
  Duration ping = 5s;
  Duration idle_delta = 5s;    ///< an empty delta after this long without a change
  Duration full_book = 500ms;  ///< SNAPSHOT mode
};

/// Points on which the manual is silent or unproven; the defaults are the fact sheet's.
struct Quirks {
  bool camel_case_book_params = false;  ///< honour bookSubscriptionType and bookUpdateFrequency
  bool conflate_order_pushes = false;   ///< changes of one order within `order_push` arrive as the last one only
  bool trades_before_orders = true;     ///< which of two pushes of the same moment leaves first
  bool push_pending = false;            ///< also push the state before the book
  bool number_strings_only = true;      ///< a JSON number as price or quantity is refused
  bool account_scope_cancel_on_disconnect = false;
  int cancel_of_closed_order = 316;  ///< 316, 212 or 40401
  int unknown_order = 40401;         ///< 40401 or 212
};

struct RateLimits {
  bool rest = true;
  bool sockets = true;
  std::uint32_t user_frames_per_second = 150;
  std::uint32_t market_frames_per_second = 100;
  std::size_t channels_per_connection = 400;
};

struct VenueOptions {
  std::uint64_t seed = 1;
  std::vector<AccountOptions> accounts = {AccountOptions{}};  ///< without balances: a default purse
  std::vector<Instrument> instruments;                        ///< empty: the default list
  bool flow = true;                                           ///< background trading in every tradable spot instrument
  FlowOptions flow_options;
  ExchangeLimits limits{.max_aggressive_bps = 500, .max_passive_bps = 5000};
  Timing timing;
  Quirks quirks;
  RateLimits rate_limits;
};

/// What happens to the reply of a REST request. Rules are used up in order.
struct ReplyFault {
  enum class Kind : std::uint8_t {
    cut_after_acting,       ///< the request takes effect, the connection is cut without a reply
    cut_before_acting,      ///< nothing happens but the cut
    bad_gateway_after,      ///< takes effect, answered with 502 and an HTML page
    bad_gateway_before,     ///< no effect, answered with 502 and an HTML page
    timeout_after_acting,   ///< takes effect, answered with 40801
    internal_error_before,  ///< no effect, answered with 50001
  };
  std::string method;  ///< "private/create-order"; empty: any private method
  Kind kind = Kind::cut_after_acting;
  std::uint32_t count = 1;  ///< how many requests it hits
};

/// Faults of the venue, changed at any time by its owner. Counts are used up.
struct FaultPlan {
  std::set<std::uint64_t> drop_deltas;       ///< book deltas by number, from 1, over all streams: never sent
  std::set<std::uint64_t> duplicate_deltas;  ///< sent twice
  std::set<std::string> muted_channels;      ///< as subscribed: "book.BTC_USDT.50", "user.order"
  bool mute_data = false;                    ///< no data on any socket; heartbeats, pings and answers go on
  bool refuse_connections = false;           ///< WebSockets are refused
  std::uint32_t reject_auths = 0;            ///< the next public/auth are answered with 40101
  std::uint32_t duplicate_fill_pushes = 0;   ///< the next user.trade frames are sent twice
  std::uint32_t lose_fill_pushes = 0;        ///< the next user.trade frames are never sent
  std::uint32_t lose_order_pushes = 0;       ///< the next user.order frames are never sent
  std::vector<ReplyFault> replies;
  Duration clock_offset{0};  ///< the venue's clock against the caller's
};

}  // namespace calypte::sim::crypto_com
