#include "connector/protocol/uniswap/uniswap_protocol.hpp"

#include <algorithm>
#include <string>
#include <variant>

#include "connector/protocol/uniswap/uniswap_amounts.hpp"
#include "connector/protocol/uniswap/uniswap_constants.hpp"
#include "connector/protocol/uniswap/uniswap_contracts.hpp"
#include "connector/protocol/uniswap/uniswap_fill.hpp"
#include "connector/protocol/uniswap/uniswap_reverts.hpp"
#include "connector/protocol/uniswap/uniswap_router.hpp"
#include "evm/amount.hpp"

namespace calypte::connector::uniswap {
namespace {

Status deny(FailureReason reason, std::string text) { return {StatusCode::denied, reason, std::move(text)}; }

/// Of one pool, as a fraction.
Decimal fee_of_pool(const PoolRef& pool) {
  const auto* const v3 = std::get_if<const V3Pool*>(&pool);
  return Decimal::from_parts(v3 != nullptr ? (*v3)->key().fee_pips : kV2FeePips, 6).normalized();
}

SwapKind kind_of(TradeType side) { return side == TradeType::buy ? SwapKind::exact_out : SwapKind::exact_in; }

}  // namespace

Result<std::unique_ptr<evm::ProtocolVenue>> make_uniswap(const ProtocolConfig& config) {
  auto setup = read_setup(config);
  if (!setup) return setup.status();
  return std::unique_ptr<evm::ProtocolVenue>(std::make_unique<UniswapProtocol>(std::move(*setup)));
}

UniswapProtocol::UniswapProtocol(UniswapSetup setup) : setup_(std::move(setup)) {
  for (const ConfiguredPair& configured : setup_.pairs) {
    Pair pair;
    pair.configured = configured;
    pairs_.push_back(std::move(pair));
  }
  for (const auto& [first, second] : useful_combinations(setup_)) {
    combinations_.emplace(setup_.tokens[first].address, setup_.tokens[second].address);
  }
}

std::string_view UniswapProtocol::name() const noexcept { return kName; }

// --- State. --------------------------------------------------------------------------------------------------------

std::vector<evm::ReadCall> UniswapProtocol::begin_load() {
  loaded_ = false;
  loader_ = std::make_unique<UniswapLoader>(setup_);
  return loader_->begin();
}

Result<std::vector<evm::ReadCall>> UniswapProtocol::continue_load(std::span<const evm::ReadResult> answers) {
  if (loader_ == nullptr) return Status(StatusCode::malformed, "answers without a loading");
  auto calls = loader_->advance(answers);
  if (calls && !calls->empty()) return calls;
  const std::unique_ptr<UniswapLoader> loader = std::move(loader_);
  if (!calls) return calls;
  if (Status s = take_tokens(loader->decimals()); !s.ok()) return s;
  take_pools(loader->take_pools());
  loaded_ = true;
  return calls;
}

Status UniswapProtocol::take_tokens(const std::vector<int>& decimals) {
  if (!tokens_.empty()) {
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      if (tokens_[i].decimals != decimals[i]) {
        return deny(FailureReason::wrong_contract, "the token " + tokens_[i].symbol + " has changed its decimals");
      }
    }
    return {};
  }
  for (std::size_t i = 0; i < setup_.tokens.size(); ++i) {
    tokens_.push_back({setup_.tokens[i].symbol, setup_.tokens[i].address, decimals[i]});
  }
  for (Pair& pair : pairs_) {
    pair.scale.base_decimals = tokens_[pair.configured.base].decimals;
    pair.scale.quote_decimals = tokens_[pair.configured.quote].decimals;
    pair.scale.price_scale = pair.scale.quote_decimals;
    pair.rule.trading_pair = pair.configured.trading_pair;
    pair.rule.min_base_amount_increment = Decimal::from_parts(1, pair.scale.base_decimals);
    pair.rule.min_order_size = pair.rule.min_base_amount_increment;
    pair.rule.min_quote_amount_increment = Decimal::from_parts(1, pair.scale.quote_decimals);
    pair.rule.min_price_increment = Decimal::from_parts(1, pair.scale.price_scale);
  }
  return {};
}

void UniswapProtocol::take_pools(UniswapPools pools) {
  pools_ = std::move(pools);
  std::vector<Address> between;
  between.reserve(setup_.tokens.size());
  for (const ConfiguredToken& token : setup_.tokens) between.push_back(token.address);
  for (Pair& pair : pairs_) {
    pair.pools = pools_.candidates(setup_.tokens[pair.configured.base].address,
                                   setup_.tokens[pair.configured.quote].address, between);
    choose_scale(pair);
  }
}

/// Once, so that prices do not change their form while one trades.
void UniswapProtocol::choose_scale(Pair& pair) {
  if (pair.scale_known) return;
  const auto sale = small_sale(market_of(pair));
  if (!sale) return;
  const int most = std::min(kMaxPriceScale, Decimal::kMaxScale - pair.scale.base_decimals);
  pair.scale.price_scale = scale_for_digits(sale->quote.amount_out, sale->quote.amount_in, pair.scale.base_decimals,
                                            pair.scale.quote_decimals, kPriceDigits, most);
  pair.rule.min_price_increment = Decimal::from_parts(1, pair.scale.price_scale);
  pair.scale_known = true;
}

std::vector<Address> UniswapProtocol::log_sources() const {
  std::vector<Address> sources = pools_.addresses();
  if (setup_.v2_factory) sources.push_back(*setup_.v2_factory);
  if (setup_.v3_factory) sources.push_back(*setup_.v3_factory);
  return sources;
}

Status UniswapProtocol::apply_logs(std::span<const evm::rpc::Log> logs) {
  if (!loaded_) return deny(FailureReason::not_ready, "the pools are not loaded");
  for (std::size_t i = 0; i < logs.size(); ++i) {
    const bool in_order =
        i == 0 || (logs[i - 1].block_hash == logs[i].block_hash && logs[i - 1].log_index < logs[i].log_index);
    Status s =
        in_order ? apply_log(logs[i]) : Status(StatusCode::malformed, "the logs are not in the order of a block");
    if (!s.ok()) {
      loaded_ = false;
      return s;
    }
  }
  for (Pair& pair : pairs_) choose_scale(pair);
  return {};
}

Status UniswapProtocol::apply_log(const evm::rpc::Log& log) {
  if (log.removed) return {StatusCode::malformed, "a log that was taken back"};
  const bool of_v2 = setup_.v2_factory && log.address == *setup_.v2_factory;
  const bool of_v3 = setup_.v3_factory && log.address == *setup_.v3_factory;
  if (!of_v2 && !of_v3) return pools_.apply(log);
  const auto created = of_v2 ? read_v2_created(log) : read_v3_created(log);
  if (!created) return created.status();
  if (!created->has_value() || !combinations_.contains({(*created)->token0, (*created)->token1})) return {};
  const bool of_use = of_v2 || std::any_of(kFeeTiers.begin(), kFeeTiers.end(),
                                           [&](const FeeTier& tier) { return tier.fee_pips == (*created)->fee_pips; });
  return of_use ? Status(StatusCode::unavailable, "there is a new pool") : Status{};
}

// --- Reads. --------------------------------------------------------------------------------------------------------

const evm::Token* UniswapProtocol::token(std::string_view symbol) const {
  if (tokens_.empty()) return nullptr;
  for (const Pair& pair : pairs_) {
    for (const std::size_t place : {pair.configured.base, pair.configured.quote}) {
      if (tokens_[place].symbol == symbol) return &tokens_[place];
    }
  }
  return nullptr;
}

const TradingRule* UniswapProtocol::trading_rule(const TradingPair& trading_pair) const {
  const Pair* const pair = tokens_.empty() ? nullptr : find_pair(trading_pair);
  return pair == nullptr ? nullptr : &pair->rule;
}

const UniswapProtocol::Pair* UniswapProtocol::find_pair(const TradingPair& trading_pair) const {
  const auto found = std::find_if(pairs_.begin(), pairs_.end(),
                                  [&](const Pair& p) { return p.configured.trading_pair == trading_pair; });
  return found == pairs_.end() ? nullptr : &*found;
}

Result<const UniswapProtocol::Pair*> UniswapProtocol::ready_pair(const TradingPair& trading_pair) const {
  const Pair* const pair = find_pair(trading_pair);
  if (pair == nullptr) {
    return deny(FailureReason::unknown_trading_pair, trading_pair.to_string() + " is not a configured trading pair");
  }
  if (!loaded_) return deny(FailureReason::not_ready, "the pools are not loaded");
  return pair;
}

Market UniswapProtocol::market_of(const Pair& pair) const {
  return {setup_.tokens[pair.configured.base].address, setup_.tokens[pair.configured.quote].address, pair.pools,
          pair.scale};
}

Result<UniswapProtocol::Priced> UniswapProtocol::price(const TradingPair& trading_pair, TradeType side,
                                                       const Decimal& amount) const {
  const auto pair = ready_pair(trading_pair);
  if (!pair) return pair.status();
  if (!amount.is_positive()) {
    return deny(FailureReason::invalid_amount, "the amount " + amount.to_string() + " is not positive");
  }
  const auto units = evm::to_units(amount, (*pair)->scale.base_decimals);
  if (!units) return units.status();
  const Market market = market_of(**pair);
  const SwapKind kind = kind_of(side);
  const bool buy = side == TradeType::buy;
  RouteChoice choice;
  choice.mixed_versions = kind == SwapKind::exact_in;  // see `router_can`
  const auto best = best_route(market.pools, buy ? market.quote : market.base, buy ? market.base : market.quote, kind,
                               *units, choice);
  if (!best && best.error() == PoolError::no_route) {
    return deny(FailureReason::no_liquidity, "there are no pools between the tokens of " + trading_pair.to_string());
  }
  if (!best) return best.status();
  const Uint256& exchanged = buy ? best->quote.amount_in : best->quote.amount_out;
  // A limit of zero would be none, for the router as for us.
  if (exchanged == 0) {
    return deny(FailureReason::invalid_amount, "the amount " + amount.to_string() + " is too small to exchange");
  }
  return Priced{*pair, *best, *units, exchanged};
}

Result<SwapQuote> UniswapProtocol::quote(const TradingPair& pair, TradeType side, const Decimal& amount,
                                         const Decimal& slippage) const {
  const auto priced = price(pair, side, amount);
  if (!priced) return priced.status();
  const auto limit = quote_after_slippage(priced->quote, slippage, side);
  if (!limit) return limit.status();
  return describe(*priced, side, amount, *limit);
}

Result<SwapQuote> UniswapProtocol::describe(const Priced& priced, TradeType side, const Decimal& amount,
                                            const Uint256& limit) const {
  const PairScale& scale = priced.pair->scale;
  const auto quote_amount = evm::to_decimal(priced.quote, scale.quote_decimals);
  const auto limit_amount = evm::to_decimal(limit, scale.quote_decimals);
  const auto average = price_of(priced.quote, priced.base, scale, side);
  if (!quote_amount || !limit_amount || !average) {
    return deny(FailureReason::invalid_amount, "the quote for " + amount.to_string() + " has too many digits");
  }
  if (average->is_zero()) {
    return deny(FailureReason::no_liquidity,
                "the price is less than the increment " + priced.pair->rule.min_price_increment.to_string());
  }
  SwapQuote quote;
  quote.trading_pair = priced.pair->configured.trading_pair;
  quote.side = side;
  quote.amount = amount;
  quote.quote_amount = *quote_amount;
  quote.price = *average;
  quote.price_impact = price_impact(priced.best.route, priced.best.quote);
  quote.limit_amount = *limit_amount;
  quote.route = describe_route(priced.best.route);
  return quote;
}

std::string UniswapProtocol::symbol_of(const Address& token) const {
  const auto found = std::find_if(setup_.tokens.begin(), setup_.tokens.end(),
                                  [&](const ConfiguredToken& t) { return t.address == token; });
  return found == setup_.tokens.end() ? token.to_string() : found->symbol;
}

std::string UniswapProtocol::describe_route(const Route& route) const {
  std::string text = symbol_of(route.token_in());
  for (const Hop& hop : route.hops()) {
    const bool v3 = std::holds_alternative<const V3Pool*>(hop.pool);
    const Decimal percent = (fee_of_pool(hop.pool) * Decimal(100)).normalized();
    text += " > " + symbol_of(hop.zero_for_one ? token1_of(hop.pool) : token0_of(hop.pool)) + (v3 ? " (v3 " : " (v2 ") +
            percent.to_string() + "%)";
  }
  return text;
}

Status UniswapProtocol::not_reached(const Priced& priced, const evm::SwapOrder& order) {
  const auto average = price_of(priced.quote, priced.base, priced.pair->scale, order.side);
  return deny(FailureReason::not_filled, "the price is " + (average ? average->to_string() : "out of range") +
                                             " now, and the limit " + order.limit_price->to_string());
}

Result<evm::SwapCall> UniswapProtocol::swap(const evm::SwapOrder& order) const {
  const auto priced = price(order.trading_pair, order.side, order.amount);
  if (!priced) return priced.status();
  if (order.account.is_zero()) return deny(FailureReason::not_ready, "there is no account to swap for");
  const bool buy = order.side == TradeType::buy;
  Uint256 limit = 0;
  if (order.limit_price) {
    if (!order.limit_price->is_positive()) {
      return deny(FailureReason::invalid_price, "price " + order.limit_price->to_string() + " is not positive");
    }
    const auto at_price = quote_at_price(priced->base, *order.limit_price, priced->pair->scale, order.side);
    if (!at_price) return deny(FailureReason::invalid_price, "the amount at the limit price needs more than 256 bits");
    if (buy ? priced->quote > *at_price : priced->quote < *at_price) return not_reached(*priced, order);
    limit = *at_price;
  } else {
    const auto after = quote_after_slippage(priced->quote, order.slippage, order.side);
    if (!after) return after.status();
    limit = *after;
  }
  auto description = describe(*priced, order.side, order.amount, limit);
  if (!description) return description.status();
  auto data =
      encode_swap({priced->best.route, kind_of(order.side), priced->base, limit, order.deadline, order.account});
  if (!data) return data.status();
  const evm::Token& base = tokens_[priced->pair->configured.base];
  const evm::Token& quote = tokens_[priced->pair->configured.quote];
  evm::SwapCall call;
  call.to = setup_.router;
  call.data = std::move(*data);
  call.spender = setup_.router;
  call.pays = buy ? quote : base;
  call.pays_at_most = buy ? limit : priced->base;
  call.receives = buy ? base : quote;
  call.receives_at_least = buy ? priced->base : limit;
  call.quote = std::move(*description);
  return call;
}

void UniswapProtocol::book(const TradingPair& trading_pair, std::vector<evm::BookLevel>& bids,
                           std::vector<evm::BookLevel>& asks) const {
  bids.clear();
  asks.clear();
  const auto pair = ready_pair(trading_pair);
  if (!pair) return;
  const TwoSides sides = book_of(market_of(**pair));
  for (const SyntheticLevel& level : sides.bids) bids.push_back({level.price, level.amount});
  for (const SyntheticLevel& level : sides.asks) asks.push_back({level.price, level.amount});
}

Decimal UniswapProtocol::pool_fee(const TradingPair& trading_pair) const {
  const auto pair = ready_pair(trading_pair);
  if (!pair) return 0;
  const auto sale = small_sale(market_of(**pair));
  if (!sale) return 0;
  // Each pool takes its part of what the one before has left.
  Decimal left = 1;
  for (const Hop& hop : sale->route.hops()) left *= Decimal(1) - fee_of_pool(hop.pool);
  return (Decimal(1) - left).normalized();
}

// --- After the fact. -----------------------------------------------------------------------------------------------

Result<evm::SwapFill> UniswapProtocol::fill_of(const TradingPair& trading_pair, TradeType side, const Address& account,
                                               const evm::rpc::Receipt& receipt) const {
  const Pair* const pair = find_pair(trading_pair);
  if (pair == nullptr) {
    return deny(FailureReason::unknown_trading_pair, trading_pair.to_string() + " is not a configured trading pair");
  }
  if (tokens_.empty()) return deny(FailureReason::not_ready, "the tokens are not loaded");
  return read_fill(tokens_[pair->configured.base], tokens_[pair->configured.quote], side, account, receipt);
}

Status UniswapProtocol::explain_revert(evm::ByteView data) const { return explain_uniswap_revert(data); }

}  // namespace calypte::connector::uniswap
