// From a call of the strategy to a transaction that is on record, signed and sent.
#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "core/denied.hpp"
#include "engine/protocol/protocol_engine.hpp"
#include "evm/amount.hpp"
#include "evm/erc20.hpp"
#include "evm/json_rpc_calls.hpp"
#include "evm/send_error.hpp"

namespace calypte::engine {

using namespace std::chrono_literals;

namespace {

constexpr Duration kSendLimit = 10s;
/// A transaction that no block has yet is given to the node again this often: the same bytes cannot act twice.
constexpr Duration kSendAgain = 10s;
/// What the gas limit has above the node's estimate: the state may change until the transaction is mined.
constexpr std::uint64_t kGasMarginPercent = 25;
/// A transfer of coins to an account, by the protocol's definition.
constexpr std::uint64_t kTransferGas = 21'000;
constexpr int kCoin = 18;
const evm::Uint256 kUnlimited = ~evm::Uint256(0);

}  // namespace

// --- Checks, before anything is asked ------------------------------------------------------------------------------

Status ProtocolEngine::check_can_sign() const {
  if (Status status = trading_state(); !status.ok()) return status;
  if (!signer_) return {StatusCode::denied, FailureReason::authentication, "there is no key to sign with"};
  if (account_reads_ == 0) return denied(FailureReason::not_ready, "the balances are not known yet");
  if (!not_durable_.empty()) return denied(FailureReason::not_durable, not_durable_);
  const auto live = std::ranges::count_if(intents_.all(),
                                          [](const auto& entry) { return entry.second.phase != Intent::Phase::ended; });
  if (static_cast<std::size_t>(live) >= options_.order_limit) {
    return denied(FailureReason::queue_full, "too many transactions are under way");
  }
  return {};
}

Status ProtocolEngine::check_place(const TradingPair& pair, const Decimal& amount, OrderType type,
                                   const std::optional<Decimal>& price, const OrderOptions& options) const {
  if (Status status = check_can_sign(); !status.ok()) return status;
  if (!books_.contains(pair)) {
    return denied(FailureReason::unknown_trading_pair, pair.to_string() + " is not a pair of the configuration");
  }
  if (std::ranges::find(supported_order_types(), type) == supported_order_types().end()) {
    return denied(FailureReason::unsupported_order_type, "a swap is a market or a limit order");
  }
  if (amount <= 0) return denied(FailureReason::invalid_amount, "the amount must be positive");
  if (type == OrderType::limit && (!price || *price <= 0)) {
    return denied(FailureReason::invalid_price, "a limit order needs a positive price");
  }
  if (options.position != PositionAction::nil) {
    return denied(FailureReason::invalid_position_action, "a protocol has no positions");
  }
  const auto& slippage = options.swap.slippage;
  if (slippage && (slippage->is_negative() || *slippage >= 1)) {
    return denied(FailureReason::invalid_price, "the slippage limit is a fraction: 0.005 is half a percent");
  }
  if (options.swap.time_limit && *options.swap.time_limit < 1s) {
    return denied(FailureReason::deadline, "the time limit is at least a second");
  }
  return {};
}

Status ProtocolEngine::check_funds(const evm::SwapCall& call) const {
  evm::Uint256 promised = 0;  // to orders whose transactions are not in a block yet
  for (const auto& [id, intent] : intents_.all()) {
    if (intent.phase == Intent::Phase::ended || intent.mined || intent.token != call.pays.symbol || !intent.amount) {
      continue;
    }
    if (intent.kind != Intent::Kind::swap) continue;
    const auto units = evm::to_units(*intent.amount, call.pays.decimals);
    if (units.ok()) promised += *units;
  }
  const auto held = holdings_.find(call.pays.symbol);
  const evm::Uint256 needed = promised + call.pays_at_most;
  if (held == holdings_.end() || held->second < needed) {
    return denied(FailureReason::insufficient_balance,
                  fmt::format("the account does not hold enough {} for this order", call.pays.symbol));
  }
  const auto allowed = allowances_.find(call.pays.symbol);
  if (allowed == allowances_.end() || allowed->second < needed) {
    return denied(FailureReason::insufficient_allowance,
                  fmt::format("{} may not take enough {} from the account: approve it first", call.spender.to_string(),
                              call.pays.symbol));
  }
  return {};
}

// --- Commands ------------------------------------------------------------------------------------------------------

ClientOrderId ProtocolEngine::buy(const TradingPair& pair, const Decimal& amount, OrderType type,
                                  const std::optional<Decimal>& price, const OrderOptions& options) {
  return place(TradeType::buy, pair, amount, type, price, options);
}

ClientOrderId ProtocolEngine::sell(const TradingPair& pair, const Decimal& amount, OrderType type,
                                   const std::optional<Decimal>& price, const OrderOptions& options) {
  return place(TradeType::sell, pair, amount, type, price, options);
}

ClientOrderId ProtocolEngine::place(TradeType side, const TradingPair& pair, const Decimal& amount, OrderType type,
                                    const std::optional<Decimal>& price, const OrderOptions& options) {
  dirty_ = true;
  ClientOrderId id = ids_.next(side);
  const auto deny = [&](const Status& status) {
    events_.emplace_back(MarketOrderFailureEvent{.timestamp = now_,
                                                 .order_id = id,
                                                 .order_type = type,
                                                 .code = status.code(),
                                                 .reason = status.reason(),
                                                 .error_message = status.message(),
                                                 .venue_code = status.venue_code(),
                                                 .venue_time = {}});
    return id;
  };
  if (Status status = check_place(pair, amount, type, price, options); !status.ok()) return deny(status);
  const auto limit = options.swap.time_limit.value_or(config_.time_limit);
  const auto seconds = static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::seconds>(limit).count());
  evm::SwapOrder order{.trading_pair = pair,
                       .side = side,
                       .amount = amount,
                       .limit_price = type == OrderType::limit ? price : std::nullopt,
                       .slippage = options.swap.slippage.value_or(config_.slippage_limit),
                       .deadline = chain_.head().timestamp + seconds,
                       .account = signer_->address()};
  const auto call = venue_->swap(order);
  if (!call.ok()) return deny(call.status());
  if (Status status = check_funds(*call); !status.ok()) return deny(status);
  const auto budget = evm::to_units(options.swap.max_network_fee.value_or(config_.max_network_fee), kCoin);
  if (!budget.ok()) return deny(budget.status());
  const auto pays = evm::to_decimal(call->pays_at_most, call->pays.decimals);
  if (!pays.ok()) return deny(pays.status());
  const Status tracked =
      order_tracker_.start_tracking_order(InFlightOrder({.client_order_id = id,
                                                         .trading_pair = pair,
                                                         .order_type = type,
                                                         .trade_type = side,
                                                         .time_in_force = options.time_in_force,
                                                         .amount = amount,
                                                         .price = type == OrderType::limit ? price : std::nullopt,
                                                         .creation_time = now_}));
  if (!tracked.ok()) return deny(tracked);
  Intent intent;
  intent.id = id;
  intent.trading_pair = pair;
  intent.side = side;
  intent.token = call->pays.symbol;
  intent.amount = *pays;
  intent.action.to = call->to;
  intent.action.data = call->data;
  intent.action.chain_id = config_.chain_id;
  intent.budget = *budget;
  intent.deadline = order.deadline;
  intents_.add(std::move(intent));
  estimate(id);
  return id;
}

ClientOrderId ProtocolEngine::approve(std::string_view token, const Decimal& amount) {
  return approve(token, std::optional(amount));
}

ClientOrderId ProtocolEngine::approve_unlimited(std::string_view token) { return approve(token, std::nullopt); }

ClientOrderId ProtocolEngine::approve(std::string_view token, const std::optional<Decimal>& amount) {
  dirty_ = true;
  Intent intent;
  intent.id = ids_.next(TradeType::buy);
  intent.kind = Intent::Kind::approval;
  intent.token = std::string(token);
  intent.amount = amount;
  const auto deny = [&](Status status) {
    tell_approval(intent, std::nullopt, std::move(status));
    return intent.id;
  };
  if (Status status = check_can_sign(); !status.ok()) return deny(std::move(status));
  const auto* known = venue_->token(token);
  if (known == nullptr) {
    return deny(denied(FailureReason::unknown_trading_pair, fmt::format("{} is in none of the pairs", token)));
  }
  evm::Uint256 units = kUnlimited;
  if (amount) {
    const auto exact = evm::to_units(*amount, known->decimals);
    if (!exact.ok()) return deny(exact.status());
    units = *exact;
  }
  const auto budget = evm::to_units(config_.max_network_fee, kCoin);
  if (!budget.ok()) return deny(budget.status());
  intent.action.to = known->address;
  intent.action.data = evm::erc20::approve(venue_->spender(), units);
  intent.action.chain_id = config_.chain_id;
  intent.budget = *budget;
  const ClientOrderId id = intents_.add(std::move(intent)).id;
  estimate(id);
  return id;
}

Status ProtocolEngine::cancel(const ClientOrderId& id) {
  dirty_ = true;
  Intent* const intent = intents_.find(id);
  if (intent == nullptr || intent->phase == Intent::Phase::ended) {
    return denied(FailureReason::none, "the order is not known or has ended");
  }
  if (intent->mined) return denied(FailureReason::none, "it is in a block already");
  if (intent->phase == Intent::Phase::estimating) {
    // Nothing is signed: it never will be.
    const bool swap = intent->kind == Intent::Kind::swap;
    if (!swap) tell_approval(*intent, std::nullopt, denied(FailureReason::none, "it was cancelled"));
    intents_.remove(id);
    if (swap) report(id, OrderState::canceled, std::nullopt);
    cancel_alls_.note(id, CancellationOutcome::succeeded);
    return {};
  }
  if (intent->being_cancelled()) return {};
  const Status status = add_attempt(*intent, true);
  if (!status.ok() && intent->kind == Intent::Kind::swap) order_tracker_.process_cancel_failed(id, status, now_);
  return status;
}

Status ProtocolEngine::speed_up(const ClientOrderId& id) {
  dirty_ = true;
  Intent* const intent = intents_.find(id);
  if (intent == nullptr || intent->phase != Intent::Phase::waiting || intent->mined) {
    return denied(FailureReason::none, "there is no transaction of it that waits");
  }
  return add_attempt(*intent, intent->being_cancelled());
}

std::vector<ClientOrderId> ProtocolEngine::place_orders(std::span<const OrderIntent> orders) {
  std::vector<ClientOrderId> ids;
  for (const auto& order : orders) {
    ids.push_back(place(order.side, order.trading_pair, order.amount, order.type, order.price, order.options));
  }
  return ids;
}

std::vector<Status> ProtocolEngine::cancel_orders(std::span<const ClientOrderId> ids) {
  std::vector<Status> statuses;
  for (const auto& id : ids) statuses.push_back(cancel(id));
  return statuses;
}

void ProtocolEngine::cancel_all(Duration time_limit, CancelAllDone done) {
  dirty_ = true;
  std::vector<ClientOrderId> ids;
  for (const auto* order : order_tracker_.active_orders()) ids.push_back(order->client_order_id());
  cancel_alls_.begin(ids, now_ + time_limit, std::move(done));
  for (const auto& id : ids) {
    if (const Status status = cancel(id); !status.ok()) cancel_alls_.note(id, CancellationOutcome::failed);
  }
}

void ProtocolEngine::estimate_network_fee(const TradingPair& pair, TradeType side, const Decimal& amount,
                                          NetworkFeeDone done) {
  dirty_ = true;
  const auto fail = [&](Status status) {
    later_.emplace_back([done = std::move(done), status = std::move(status)] { done(status); });
  };
  if (Status status = check_place(pair, amount, OrderType::market, std::nullopt, {}); !status.ok()) {
    return fail(std::move(status));
  }
  const auto seconds = static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::seconds>(config_.time_limit).count());
  const auto call = venue_->swap({.trading_pair = pair,
                                  .side = side,
                                  .amount = amount,
                                  .limit_price = {},
                                  .slippage = config_.slippage_limit,
                                  .deadline = chain_.head().timestamp + seconds,
                                  .account = signer_->address()});
  if (!call.ok()) return fail(call.status());
  if (Status status = check_funds(*call); !status.ok()) return fail(std::move(status));
  evm::rpc::CallMessage message;
  message.from = signer_->address();
  message.to = call->to;
  message.data = call->data;
  const std::array calls = {evm::rpc::estimate_gas(message, evm::rpc::BlockTag::latest)};
  desk_.ask("estimate", calls, kSendLimit, now_, [this, done = std::move(done)](const NodeReply& reply) {
    if (!reply.status.ok()) return done(reply.status);
    const auto& answer = reply.messages.front();
    if (answer.kind != evm::rpc::Message::Kind::result) return done(venue_->explain_revert(answer.error.data));
    const auto gas = evm::rpc::decode_uint64(answer.result);
    if (!gas.ok()) return done(gas.status());
    const evm::Uint256 each = gas_.base_fee ? evm::Uint256(*gas_.base_fee + gas_.tip) : gas_.gas_price;
    const std::uint64_t limit = *gas + *gas * kGasMarginPercent / 100;
    const auto expected = evm::to_decimal(each * *gas, kCoin);
    const auto at_most = evm::to_decimal(market_offer(gas_).max_fee * limit, kCoin);
    if (!expected.ok()) return done(expected.status());
    if (!at_most.ok()) return done(at_most.status());
    done(NetworkFee{.expected = *expected, .at_most = *at_most, .gas = *gas});
  });
}

// --- Estimate, sign, send ------------------------------------------------------------------------------------------

/// Executes the call without sending it: whatever the contracts would refuse is found here, before anything is signed
/// and paid for. The chain's id is asked for in the same request.
void ProtocolEngine::estimate(const ClientOrderId& id) {
  const Intent& intent = *intents_.find(id);
  evm::rpc::CallMessage message;
  message.from = signer_->address();
  message.to = intent.action.to;
  message.data = intent.action.data;
  const std::array calls = {evm::rpc::chain_id(), evm::rpc::call(message, evm::rpc::BlockTag::latest),
                            evm::rpc::estimate_gas(message, evm::rpc::BlockTag::latest)};
  desk_.ask("estimate", calls, kSendLimit, now_, [this, id](const NodeReply& reply) { on_estimate(id, reply); });
}

void ProtocolEngine::on_estimate(const ClientOrderId& id, const NodeReply& reply) {
  using Kind = evm::rpc::Message::Kind;
  Intent* const intent = intents_.find(id);
  if (intent == nullptr || intent->phase != Intent::Phase::estimating) return;  // cancelled meanwhile
  dirty_ = true;
  if (!reply.status.ok()) {
    // A question changes nothing: the order certainly did not happen.
    return refuse(id, Status(StatusCode::not_sent, FailureReason::connection,
                             "the node could not be asked: " + reply.status.message()));
  }
  const auto& chain = reply.messages[0];
  const auto number =
      chain.kind == Kind::result ? evm::rpc::decode_uint64(chain.result) : Result<std::uint64_t>(chain.error.status());
  if (!number.ok() || *number != config_.chain_id) {
    return refuse(id, denied(FailureReason::wrong_chain, "the node is not on the chain of the configuration"));
  }
  for (const std::size_t i : {1U, 2U}) {
    const auto& error = reply.messages[i].error;
    if (reply.messages[i].kind == Kind::result) continue;
    if (!error.data.empty()) return refuse(id, venue_->explain_revert(error.data));
    return refuse(id, Status(StatusCode::rejected, FailureReason::reverted, error.message));
  }
  if (intent->kind == Intent::Kind::approval) {
    const auto answer = evm::rpc::decode_bytes(reply.messages[1].result);
    if (!answer.ok() || !evm::erc20::says_yes(*answer)) {
      return refuse(id, Status(StatusCode::rejected, FailureReason::reverted, "the token says no to the approval"));
    }
  }
  const auto gas = evm::rpc::decode_uint64(reply.messages[2].result);
  if (!gas.ok()) return refuse(id, Status(StatusCode::rejected, FailureReason::reverted, gas.status().message()));
  if (!not_durable_.empty()) return refuse(id, denied(FailureReason::not_durable, not_durable_));
  sign_action(*intent, *gas);
}

void ProtocolEngine::sign_action(Intent& intent, std::uint64_t gas) {
  intent.action.gas_limit = gas + gas * kGasMarginPercent / 100;
  intent.action.nonce = intents_.next_nonce(std::max(chain_nonce_, pending_nonce_));
  const Status status = add_attempt(intent, false);
  if (!status.ok()) refuse(intent.id, status);
}

evm::Transaction ProtocolEngine::cancel_transaction(const Intent& intent) const {
  evm::Transaction transaction;
  transaction.chain_id = config_.chain_id;
  transaction.nonce = intent.nonce();
  transaction.gas_limit = kTransferGas;
  transaction.to = signer_->address();
  return transaction;
}

Status ProtocolEngine::add_attempt(Intent& intent, bool is_cancel) {
  evm::Transaction transaction = is_cancel ? cancel_transaction(intent) : intent.action;
  GasOffer wanted = market_offer(gas_);
  evm::Uint256 at_least = 0;
  if (const Attempt* before = intent.newest()) {
    wanted = replacement_offer(offer_of(before->signed_transaction.transaction), gas_);
    at_least = replacement_offer(offer_of(before->signed_transaction.transaction), {}).max_fee;
  }
  const auto offer = within_budget(wanted, transaction.gas_limit, intent.budget, gas_, at_least);
  if (!offer.ok()) return offer.status();
  if (evm::Uint256(offer->max_fee * transaction.gas_limit) > coins_) {
    return denied(FailureReason::insufficient_balance,
                  fmt::format("the account does not hold enough {} for the network fee", native_asset()));
  }
  set_offer(transaction, *offer, gas_);
  auto made = evm::sign_transaction(std::move(transaction), *signer_);
  if (!made.ok()) return made.status();
  intent.phase = intent.phase == Intent::Phase::ended ? Intent::Phase::ended : Intent::Phase::waiting;
  intent.attempts.push_back(
      {.is_cancel = is_cancel, .signed_transaction = std::move(*made), .accepted = false, .last_sent = {}});
  send(intent, intent.attempts.back());
  return {};
}

void ProtocolEngine::send(Intent& intent, Attempt& attempt) {
  attempt.last_sent = now_;
  ++attempt.submissions;
  changed(intent.id);
  dirty_ = true;
  const std::array calls = {evm::rpc::send_raw_transaction(attempt.signed_transaction.raw)};
  desk_.ask(
      "send transaction", calls, kSendLimit, now_,
      [this, id = intent.id, hash = attempt.signed_transaction.hash](const NodeReply& reply) {
        on_sent(id, hash, reply);
      },
      true);
}

void ProtocolEngine::on_sent(const ClientOrderId& id, const evm::Hash32& hash, const NodeReply& reply) {
  using Kind = evm::rpc::Message::Kind;
  Intent* const intent = intents_.find(id);
  Attempt* const attempt = intent == nullptr ? nullptr : intent->find(hash);
  if (attempt == nullptr) return;
  dirty_ = true;
  Status status = reply.status;
  auto error = evm::rpc::SendError::unknown;
  if (status.ok() && reply.messages.front().kind == Kind::error) {
    const auto failure = evm::rpc::classify_send_error(reply.messages.front().error);
    status = failure.status;
    error = failure.error;
  }
  if (status.ok() || error == evm::rpc::SendError::already_known) {
    const bool first = !intent->accepted();
    if (!std::exchange(attempt->accepted, true)) changed(id);
    if (first && intent->kind == Intent::Kind::swap && intent->phase == Intent::Phase::waiting) {
      report(id, OrderState::open, hash);
    }
    if (attempt->is_cancel && intent->kind == Intent::Kind::swap && intent->phase == Intent::Phase::waiting) {
      order_tracker_.process_cancel_accepted(id, now_);
    }
    return;
  }
  // What a node had once it may have still, whatever a later submission of it is answered; and what an earlier one left
  // open stays open.
  if (attempt->accepted || attempt->submissions > 1) return;
  if (!status.certainly_without_effect()) {
    if (intent->kind == Intent::Kind::swap && !attempt->is_cancel && !intent->accepted()) {
      order_tracker_.process_outcome_unknown(id, status.to_string(), now_);
    }
    return;
  }
  // This attempt is nowhere. One that only repeats another leaves that one as it is.
  const bool was_cancel = attempt->is_cancel;
  std::erase_if(intent->attempts, [&](const Attempt& a) { return a.signed_transaction.hash == hash; });
  changed(id);
  if (!intent->attempts.empty()) {
    log_.log(LogLevel::warning, venue_->name(),
             fmt::format("{}: a replacement was refused: {}", id.value, status.to_string()));
    if (!was_cancel) return;
    if (intent->kind == Intent::Kind::swap) order_tracker_.process_cancel_failed(id, status, now_);
    cancel_alls_.note(id, CancellationOutcome::failed);
    return;
  }
  const std::uint64_t nonce = intent->nonce();
  refuse(id, status);
  fill_gap(nonce);
}

void ProtocolEngine::refuse(const ClientOrderId& refused, const Status& status) {
  const ClientOrderId id(refused.value);  // a text of its own: the one that is given may be the intent's, which goes
  const Intent* intent = intents_.find(id);
  if (intent == nullptr) return;
  dirty_ = true;
  changed(id);
  const auto kind = intent->kind;
  if (kind == Intent::Kind::approval) tell_approval(*intent, std::nullopt, status);
  intents_.remove(id);
  if (kind == Intent::Kind::swap) order_tracker_.process_order_refused(id, status, now_);
}

/// Later nonces are given out already: without this one the chain would never come to them.
void ProtocolEngine::fill_gap(std::uint64_t nonce) {
  if (intents_.next_nonce(0) <= nonce || nonce < chain_nonce_) return;
  Intent filler;
  filler.id = ids_.next(TradeType::buy);
  filler.kind = Intent::Kind::filler;
  filler.action.nonce = nonce;
  filler.action.chain_id = config_.chain_id;
  const auto budget = evm::to_units(config_.max_network_fee, kCoin);
  if (budget.ok()) filler.budget = *budget;
  filler.action = cancel_transaction(filler);
  const ClientOrderId id = filler.id;
  Intent& added = intents_.add(std::move(filler));
  if (const Status status = add_attempt(added, true); !status.ok()) {
    log_.log(LogLevel::error, venue_->name(),
             fmt::format("nonce {} is free and later ones wait for it: {}", nonce, status.to_string()));
    intents_.remove(id);
  }
}

void ProtocolEngine::replace_nonce(Intent& intent) {
  if (intent.being_cancelled()) return;
  if (const Status status = add_attempt(intent, true); !status.ok()) {
    log_.log(LogLevel::warning, venue_->name(),
             fmt::format("{}: its nonce could not be taken back: {}", intent.id.value, status.to_string()));
  }
}

void ProtocolEngine::send_again() {
  if (!loaded_ || account_reads_ == 0 || !not_durable_.empty()) return;
  for (auto& [id, intent] : intents_.all()) {
    if (intent.mined || intent.attempts.empty() || chain_nonce_ > intent.nonce()) continue;
    // A fill that was told and taken back is brought back; otherwise what offers most is what nodes keep.
    Attempt* attempt = intent.revoked && intent.filled ? intent.find(*intent.filled) : nullptr;
    if (attempt == nullptr) attempt = &intent.attempts.back();
    if (now_ - attempt->last_sent >= kSendAgain) send(intent, *attempt);
  }
}

}  // namespace calypte::engine
