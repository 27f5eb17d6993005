// Binance USD-M perpetual futures, as data. README.md has the sources.
#pragma once

#include <array>
#include <string_view>

#include "connector/house/binance/binance_answers.hpp"
#include "connector/house/binance/binance_market_data.hpp"
#include "connector/house/binance/binance_orders.hpp"
#include "venue/spec.hpp"

namespace calypte::connector::binance_perpetual {

using namespace std::chrono_literals;

inline constexpr binance::PublicPaths kPaths{.instruments = "/fapi/v1/exchangeInfo",
                                             .depth = "/fapi/v1/depth",
                                             .prices = "/fapi/v1/ticker/price",
                                             .time = "/fapi/v1/time",
                                             .depth_limit = 1000};
inline constexpr binance::StreamNames kStreams{
    .depth = "@depth@100ms", .trades = "@aggTrade", .ticker = "@bookTicker", .funding = "@markPrice@1s"};

// --- Where requests go. ---------------------------------------------------------------------------------------------

using binance::Endpoint;
using binance::Proof;
using enum venue::HttpMethod;

inline constexpr Endpoint kPlaceOrder{
    .name = "order.place", .method = post, .path = "/fapi/v1/order", .by_frame = true};
inline constexpr Endpoint kCancelOrder{
    .name = "order.cancel", .method = del, .path = "/fapi/v1/order", .by_frame = true};
inline constexpr Endpoint kPlaceBatch{.name = "place batch", .method = post, .path = "/fapi/v1/batchOrders"};
inline constexpr Endpoint kCancelBatch{.name = "cancel batch", .method = del, .path = "/fapi/v1/batchOrders"};
inline constexpr Endpoint kCancelAll{.name = "cancel all", .method = del, .path = "/fapi/v1/allOpenOrders"};
/// Cancels every order of the symbol, whoever placed it, unless it is asked for again in time.
inline constexpr Endpoint kCountdown{.name = "countdown", .method = post, .path = "/fapi/v1/countdownCancelAll"};
inline constexpr Endpoint kGetOrder{.name = "get order", .path = "/fapi/v1/order"};
inline constexpr Endpoint kOpenOrders{.name = "open orders", .path = "/fapi/v1/openOrders"};
inline constexpr Endpoint kOpenOrdersOfSymbol{.name = "open orders of a symbol", .path = "/fapi/v1/openOrders"};
inline constexpr Endpoint kFills{.name = "fills", .path = "/fapi/v1/userTrades"};
inline constexpr Endpoint kBalances{.name = "balances", .path = "/fapi/v3/balance"};
inline constexpr Endpoint kPositions{.name = "positions", .path = "/fapi/v3/positionRisk"};
inline constexpr Endpoint kCommission{.name = "commission rate", .path = "/fapi/v1/commissionRate"};
inline constexpr Endpoint kFunding{.name = "funding", .path = "/fapi/v1/premiumIndex", .proof = Proof::none};
inline constexpr Endpoint kIncome{.name = "income", .path = "/fapi/v1/income"};
inline constexpr Endpoint kGetMode{.name = "get position mode", .path = "/fapi/v1/positionSide/dual"};
inline constexpr Endpoint kSetMode{.name = "set position mode", .method = post, .path = "/fapi/v1/positionSide/dual"};
inline constexpr Endpoint kGetLeverage{.name = "get leverage", .path = "/fapi/v1/symbolConfig"};
inline constexpr Endpoint kSetLeverage{.name = "set leverage", .method = post, .path = "/fapi/v1/leverage"};
inline constexpr Endpoint kSetMarginType{.name = "set margin type", .method = post, .path = "/fapi/v1/marginType"};
inline constexpr Endpoint kOpenStream{
    .name = "open user stream", .method = post, .path = "/fapi/v1/listenKey", .proof = Proof::key};
inline constexpr Endpoint kRenewStream{
    .name = "renew user stream", .method = put, .path = "/fapi/v1/listenKey", .proof = Proof::key};

inline constexpr std::string_view kFundingIncome = "FUNDING_FEE";
inline constexpr std::size_t kPaymentsPerPage = 1000;
inline constexpr std::uint32_t kMaxBatchCreate = 5;
inline constexpr std::uint32_t kMaxBatchCancel = 10;
/// The longest time between the two times of a query for fills.
inline constexpr Duration kFillsWindow = 24h * 7;

// --- The table of the venue ----------------------------------------------------------------------------------------

/// Three routes: books and best prices on `/public`, trades, mark prices and funding on `/market`, the account on
/// `/private`. A subscription on the wrong one succeeds and stays silent.
inline constexpr std::array kEnvironments = {
    venue::EnvironmentSpec{.environment = Environment::live,
                           .rest_url = "https://fapi.binance.com",
                           .market_stream_url = "wss://fstream.binance.com/public/stream",
                           .user_stream_url = "wss://fstream.binance.com/private/ws",
                           .trade_stream_url = "wss://fstream.binance.com/market/stream",
                           .order_stream_url = "wss://ws-fapi.binance.com/ws-fapi/v1"},
    venue::EnvironmentSpec{.environment = Environment::testnet,
                           .rest_url = "https://demo-fapi.binance.com",
                           .market_stream_url = "wss://fstream.binancefuture.com/public/stream",
                           .user_stream_url = "wss://fstream.binancefuture.com/private/ws",
                           .trade_stream_url = "wss://fstream.binancefuture.com/market/stream",
                           .order_stream_url = "wss://testnet.binancefuture.com/ws-fapi/v1"},
    venue::EnvironmentSpec{Environment::local, "", "", ""},
};

/// One pool of weight an address; what a request weighs is charged to it. Orders count against pools of the account
/// instead; a batch counts as five against one of them, however many it holds.
using binance::kOrdersPer10s;
using binance::kOrdersPerMinute;
using binance::kWeightPool;
inline constexpr std::array kWeigh40 = {venue::LinkedLimit{kWeightPool, 40}};
inline constexpr std::array kWeigh30 = {venue::LinkedLimit{kWeightPool, 30}};
inline constexpr std::array kWeigh20 = {venue::LinkedLimit{kWeightPool, 20}};
inline constexpr std::array kWeigh10 = {venue::LinkedLimit{kWeightPool, 10}};
inline constexpr std::array kWeigh5 = {venue::LinkedLimit{kWeightPool, 5}};
inline constexpr std::array kWeigh2 = {venue::LinkedLimit{kWeightPool, 2}};
inline constexpr std::array kWeigh1 = {venue::LinkedLimit{kWeightPool, 1}};
inline constexpr std::array kOneOrder = {venue::LinkedLimit{kOrdersPer10s, 1}, venue::LinkedLimit{kOrdersPerMinute, 1}};
inline constexpr std::array kOneBatch = {venue::LinkedLimit{kOrdersPer10s, 5}, venue::LinkedLimit{kOrdersPerMinute, 1},
                                         venue::LinkedLimit{kWeightPool, 5}};
inline constexpr std::array kLimits = {
    venue::RateLimit{.id = kWeightPool, .limit = 2400, .interval = 60s, .linked = {}},
    venue::RateLimit{.id = kOrdersPer10s, .limit = 300, .interval = 10s, .linked = {}},
    venue::RateLimit{.id = kOrdersPerMinute, .limit = 1200, .interval = 60s, .linked = {}},
    venue::RateLimit{.id = kPaths.instruments, .limit = 2400, .interval = 60s, .linked = kWeigh1},
    venue::RateLimit{.id = kPaths.depth, .limit = 120, .interval = 60s, .linked = kWeigh20},
    venue::RateLimit{.id = kPaths.prices, .limit = 1200, .interval = 60s, .linked = kWeigh2},
    venue::RateLimit{.id = kPaths.time, .limit = 2400, .interval = 60s, .linked = kWeigh1},
    venue::RateLimit{.id = kPlaceOrder.name, .limit = 300, .interval = 10s, .linked = kOneOrder},
    venue::RateLimit{.id = kPlaceBatch.name, .limit = 60, .interval = 10s, .linked = kOneBatch},
    venue::RateLimit{.id = kCancelOrder.name, .limit = 2400, .interval = 60s, .linked = kWeigh1},
    venue::RateLimit{.id = kCancelBatch.name, .limit = 2400, .interval = 60s, .linked = kWeigh1},
    venue::RateLimit{.id = kCancelAll.name, .limit = 2400, .interval = 60s, .linked = kWeigh1},
    venue::RateLimit{.id = kCountdown.name, .limit = 240, .interval = 60s, .linked = kWeigh10},
    venue::RateLimit{.id = kGetOrder.name, .limit = 2400, .interval = 60s, .linked = kWeigh1},
    venue::RateLimit{.id = kOpenOrders.name, .limit = 60, .interval = 60s, .linked = kWeigh40},
    venue::RateLimit{.id = kOpenOrdersOfSymbol.name, .limit = 2400, .interval = 60s, .linked = kWeigh1},
    venue::RateLimit{.id = kFills.name, .limit = 480, .interval = 60s, .linked = kWeigh5},
    venue::RateLimit{.id = kBalances.name, .limit = 480, .interval = 60s, .linked = kWeigh5},
    venue::RateLimit{.id = kPositions.name, .limit = 480, .interval = 60s, .linked = kWeigh5},
    venue::RateLimit{.id = kCommission.name, .limit = 120, .interval = 60s, .linked = kWeigh20},
    venue::RateLimit{.id = kFunding.name, .limit = 2400, .interval = 60s, .linked = kWeigh1},
    venue::RateLimit{.id = kIncome.name, .limit = 80, .interval = 60s, .linked = kWeigh30},
    venue::RateLimit{.id = kGetMode.name, .limit = 80, .interval = 60s, .linked = kWeigh30},
    venue::RateLimit{.id = kSetMode.name, .limit = 2400, .interval = 60s, .linked = kWeigh1},
    venue::RateLimit{.id = kGetLeverage.name, .limit = 480, .interval = 60s, .linked = kWeigh5},
    venue::RateLimit{.id = kSetLeverage.name, .limit = 2400, .interval = 60s, .linked = kWeigh1},
    venue::RateLimit{.id = kSetMarginType.name, .limit = 2400, .interval = 60s, .linked = kWeigh1},
    venue::RateLimit{.id = kOpenStream.name, .limit = 2400, .interval = 60s, .linked = kWeigh1},
    venue::RateLimit{.id = kRenewStream.name, .limit = 2400, .interval = 60s, .linked = kWeigh1},
};

inline constexpr std::array kOrderTypes = {OrderType::limit, OrderType::limit_maker, OrderType::market};
inline constexpr std::array kPositionModes = {PositionMode::one_way, PositionMode::hedge};

inline constexpr venue::VenueSpec kSpec{
    .name = "binance_perpetual",
    .kind = ConnectorKind::derivative,
    .environments = kEnvironments,
    .book = {.continuity = venue::Continuity::prev_link,
             .bootstrap = venue::Bootstrap::rest_snapshot,
             .bridge = venue::BridgeRule::covering,
             .resync = venue::Resync::refetch_snapshot,
             .stale_after = 5min},  // a book that nobody changes says nothing, and there is no sign of life
    .streams = {.user_stream = venue::UserStreamStyle::listen_key,
                .order_stream_login = false,  // every frame is signed
                .own_trade_stream = true,
                .listen_key_renewal = 30min,  // a key lives for 60
                .max_channels_per_connection = 200,
                .max_channels_per_frame = 100,
                .max_frames_per_second = 5},
    .orders = {.types = kOrderTypes,
               .max_client_order_id_length = binance::kMaxClientOrderId,
               .cancel_is_final = true,
               .cancel_by_client_order_id = true,
               .query_by_client_order_id = true,
               .fills_by_order = true,
               .fills_need_symbol = true,
               .max_batch_create = kMaxBatchCreate,
               .max_batch_cancel = kMaxBatchCancel,
               .fees_need_symbol = true,
               .balances_in_real_time = false,  // the stream tells what the wallet holds, not what is free
               .fills_history = kFillsWindow - 1h},
    .positions = {.modes = kPositionModes, .max_leverage = 125, .funding_history = 24h * 7},
    // The manual names no bounds: shorter than this a lost request or two would run it out.
    .dead_man = {.kind = venue::DeadManKind::countdown, .shortest = 3s, .longest = 1h},
    .limits = kLimits,
};

}  // namespace calypte::connector::binance_perpetual
