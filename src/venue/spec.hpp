// The constant table of a venue. What varies between venues as data is a column here and has one implementation in the
// engine. A new column needs two venues that use it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "calypte/connector.hpp"
#include "calypte/runtime.hpp"
#include "calypte/time.hpp"
#include "calypte/types.hpp"

#include "venue/requests.hpp"

namespace calypte::venue {

using namespace std::chrono_literals;

/// The hosts of one environment. Nothing else can be reached while it is chosen.
struct EnvironmentSpec {
  Environment environment;
  std::string_view rest_url;  ///< "https://api.crypto.com/exchange/v1"; empty for local: given by the user
  std::string_view market_stream_url;
  std::string_view user_stream_url;
  std::string_view trade_stream_url = {};  ///< trades and funding, where they have a route of their own
  std::string_view order_stream_url = {};  ///< order entry by frames; empty: REST only
};

// --- Order books: the five knobs that every scheme in use decomposes into. -----------------------------------------

/// How one message follows another.
enum class Continuity : std::uint8_t {
  range,        ///< first == last applied + 1 (a plain +1 counter has first == last)
  prev_link,    ///< prev == last applied; ids may jump
  unsequenced,  ///< no id; a checksum or snapshots keep it honest, receipt time is the update id
  increasing,   ///< last > last applied, steps unknown: order can be checked, gaps cannot
};
/// Where the first picture comes from.
enum class Bootstrap : std::uint8_t {
  stream_snapshot,  ///< the subscription begins with a snapshot; diffs before it are dropped
  rest_snapshot,    ///< buffer diffs, ask by REST, bridge
  every_message,    ///< every message is a whole book
};
/// Which diff may be the first one on top of a REST snapshot S.
enum class BridgeRule : std::uint8_t {
  next,      ///< drop last <= S; need first <= S + 1 <= last
  covering,  ///< drop last < S; need first <= S <= last, or prev == S
};
/// What to do when a book is out of sync.
enum class Resync : std::uint8_t { resubscribe, refetch_snapshot };
enum class ChecksumKind : std::uint8_t {
  none,
  crc32_top10_stripped,     ///< Kraken: asks then bids, ten a side, digits without point and leading zeros
  crc32_top25_interleaved,  ///< OKX: bid and ask in turn, 25 a side, "price:amount" joined by ':'; 0 means absent
};

struct BookSpec {
  Continuity continuity = Continuity::unsequenced;
  Bootstrap bootstrap = Bootstrap::stream_snapshot;
  BridgeRule bridge = BridgeRule::next;
  Resync resync = Resync::resubscribe;
  ChecksumKind checksum = ChecksumKind::none;
  std::uint32_t truncate_depth = 0;     ///< levels beyond it are dropped after each message; 0: keep all
  bool allow_decreasing_reset = false;  ///< prev_link: last < prev announces a restart of the ids and is accepted
  Duration stale_after = 30s;           ///< no message for a subscribed book for this long: not trusted
  Duration snapshot_refresh = 3600s;    ///< a fresh snapshot at least this often, as a fallback
};

// --- Streams ------------------------------------------------------------------------------------------------------

enum class UserStreamStyle : std::uint8_t {
  none,         ///< REST polling only
  login_frame,  ///< connect, log in, subscribe (the log-in may be all there is to subscribe to)
  listen_key,   ///< ask for a key by REST, connect to it, renew it before it expires
};
struct StreamSpec {
  UserStreamStyle user_stream = UserStreamStyle::none;
  bool order_stream_login = false;      ///< the order entry stream wants a log-in frame before the first order
  bool own_trade_stream = false;        ///< trades and funding come by `StreamKind::trades`, not by `market`
  Duration listen_key_renewal = 30min;  ///< `listen_key`: how often the key is renewed
  Duration settle_after_connect = 0s;   ///< send nothing this long after connecting
  Duration idle_limit = 60s;            ///< no frame of any kind for this long: the connection is dead
  Duration login_limit = 10s;
  Duration subscribe_limit = 10s;
  Duration connect_limit = 10s;
  Duration ping_every = 20s;  ///< WebSocket ping from our side; 0: none
  std::uint32_t max_channels_per_connection = 200;
  std::uint32_t max_channels_per_frame = 50;
  std::uint32_t max_frames_per_second = 20;
};

// --- Rate limits ---------------------------------------------------------------------------------------------------

struct LinkedLimit {
  std::string_view id;
  std::uint32_t weight = 1;
};
/// At most `limit` units of weight within `interval`. Pools are limits that others link to.
struct RateLimit {
  std::string_view id;
  std::uint32_t limit = 1;
  Duration interval = 1s;
  std::uint32_t weight = 1;
  std::span<const LinkedLimit> linked;
};

// --- Orders --------------------------------------------------------------------------------------------------------

/// How a venue can be made to cancel our orders when we are gone.
enum class DeadManKind : std::uint8_t {
  none,
  on_disconnect,  ///< orders that came by a connection go when it ends; armed once by a frame on that connection
  countdown,      ///< orders of a symbol go when a countdown runs out; armed again and again by a request
};
struct DeadManSpec {
  DeadManKind kind = DeadManKind::none;
  Duration shortest = 1s;  ///< of a countdown
  Duration longest = 1h;
};

struct OrderSpec {
  std::span<const OrderType> types;
  std::uint32_t max_client_order_id_length = 36;
  bool cancel_is_final = false;  ///< a positive answer to a cancel means cancelled; else a report follows
  bool cancel_by_client_order_id = true;
  bool query_by_client_order_id = true;
  bool fills_by_order = false;          ///< QueryFills may name an order
  bool fills_need_symbol = false;       ///< QueryFills must name a symbol: one query a followed instrument
  std::uint32_t max_batch_create = 1;   ///< orders in one NewOrders; 1: the venue has no such request
  std::uint32_t max_batch_cancel = 1;   ///< orders of one symbol in one CancelOrders; likewise
  bool fees_need_symbol = false;        ///< QueryFees must name a symbol
  bool balances_in_real_time = true;    ///< the stream pushes balances on every change
  Duration max_visibility_delay = 10s;  ///< an accepted order can be found by query after at most this long
  Duration fills_history = 24h;         ///< how far back fills can be listed in one query
  Duration request_limit = 10s;         ///< how long a reply to an order request is awaited
};

/// What only derivatives have.
struct PositionSpec {
  std::span<const PositionMode> modes;  ///< the first one is the venue's default
  std::uint32_t max_leverage = 1;       ///< of any contract; the venue knows the limit of each
  Duration funding_history = 24h * 7;   ///< how far back funding payments can be listed in one query
  Duration funding_poll = 10min;        ///< how often payments are asked for besides right after each funding time
};

struct VenueSpec {
  std::string_view name;
  ConnectorKind kind = ConnectorKind::exchange;
  std::span<const EnvironmentSpec> environments;
  BookSpec book;
  StreamSpec streams;
  OrderSpec orders;
  PositionSpec positions = {};
  DeadManSpec dead_man = {};
  std::span<const RateLimit> limits;
  bool market_data_only = false;  ///< the private half is not written yet; trading is refused
};

/// What to subscribe to on a stream.
/// `funding` is mark price, index price and funding rate of a perpetual.
enum class Channel : std::uint8_t { depth, trades, ticker, funding, user_orders, user_fills, user_balances };
struct Subscription {
  Channel channel = Channel::depth;
  Symbol symbol;  ///< empty for account-wide channels
  friend bool operator==(const Subscription&, const Subscription&) = default;
  friend auto operator<=>(const Subscription&, const Subscription&) = default;
};

}  // namespace calypte::venue
