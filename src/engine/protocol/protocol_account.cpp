// What the account has and what became of its transactions, read at one block; and what that means for orders.
#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "engine/protocol/protocol_engine.hpp"
#include "evm/amount.hpp"
#include "evm/erc20.hpp"
#include "evm/json_rpc_calls.hpp"

namespace calypte::engine {

using namespace std::chrono_literals;

namespace {

constexpr Duration kAccountLimit = 10s;
constexpr int kNativeDecimals = 18;
/// Of an average price: more than any token has.
constexpr int kPricePlaces = 18;

evm::rpc::Call read_of(const evm::Address& contract, evm::ByteString data, const evm::Hash32& block) {
  evm::rpc::CallMessage message;
  message.to = contract;
  message.data = std::move(data);
  return evm::rpc::call(message, block);
}

Result<evm::Uint256> amount_in(const evm::rpc::Message& message) {
  if (message.kind != evm::rpc::Message::Kind::result) return message.error.status();
  const auto bytes = evm::rpc::decode_bytes(message.result);
  if (!bytes.ok()) return bytes.status();
  return evm::erc20::decode_amount(*bytes);
}

TradeId trade_id(const evm::Hash32& hash) { return TradeId(hash.to_string()); }

}  // namespace

void ProtocolEngine::read_account() {
  reading_ = true;
  const evm::Hash32 at = chain_.head().hash;
  const evm::Address& owner = signer_->address();
  std::vector<std::string> tokens;
  for (const auto& pair : config_.trading_pairs) {
    for (const auto symbol : {pair.base(), pair.quote()}) {
      const bool known = std::ranges::find(tokens, symbol) != tokens.end();
      if (!known && venue_->token(symbol) != nullptr) tokens.emplace_back(symbol);
    }
  }
  std::vector<evm::Hash32> hashes = intents_.hashes();
  std::vector<evm::rpc::Call> calls = {evm::rpc::get_balance(owner, at), evm::rpc::get_transaction_count(owner, at),
                                       evm::rpc::get_transaction_count(owner, evm::rpc::BlockTag::pending)};
  for (const auto& symbol : tokens) {
    const evm::Address& contract = venue_->token(symbol)->address;
    calls.push_back(read_of(contract, evm::erc20::balance_of(owner), at));
    calls.push_back(read_of(contract, evm::erc20::allowance(owner, venue_->spender()), at));
  }
  for (const auto& hash : hashes) calls.push_back(evm::rpc::get_receipt(hash));
  desk_.ask("account", calls, kAccountLimit, now_,
            [this, tokens = std::move(tokens), hashes = std::move(hashes)](const NodeReply& reply) {
              on_account(reply, tokens, hashes);
            });
}

void ProtocolEngine::on_account(const NodeReply& reply, const std::vector<std::string>& tokens,
                                const std::vector<evm::Hash32>& hashes) {
  if (!reply.status.ok()) return read_failed(reply.status);
  for (const auto& message : reply.messages) {
    if (message.kind != evm::rpc::Message::Kind::result) return read_failed(message.error.status());
  }
  const auto& messages = reply.messages;
  const auto coins = evm::rpc::decode_uint256(messages[0].result);
  const auto nonce = evm::rpc::decode_uint64(messages[1].result);
  const auto pending = evm::rpc::decode_uint64(messages[2].result);
  if (!coins.ok()) return read_failed(coins.status());
  if (!nonce.ok()) return read_failed(nonce.status());
  if (!pending.ok()) return read_failed(pending.status());

  std::vector<venue::BalanceReport> balances;
  const auto report = [&](std::string_view asset, const evm::Uint256& units, int decimals) {
    const auto amount = evm::to_decimal(units, decimals);
    if (!amount.ok()) return;
    const Decimal total = amount->normalized();  // zeros behind every one of 18 places help nobody
    balances.push_back({.asset = std::string(asset), .total = total, .available = total, .venue_time = {}});
  };
  report(native_asset(), *coins, kNativeDecimals);
  std::map<std::string, evm::Uint256, std::less<>> holdings;
  std::map<std::string, evm::Uint256, std::less<>> allowances;
  std::size_t next = 3;
  for (const auto& symbol : tokens) {
    const auto held = amount_in(messages[next++]);
    const auto allowed = amount_in(messages[next++]);
    if (!held.ok()) return read_failed(held.status());
    if (!allowed.ok()) return read_failed(allowed.status());
    const auto* token = venue_->token(symbol);
    if (token == nullptr) continue;
    report(symbol, *held, token->decimals);
    holdings[symbol] = *held;
    allowances[symbol] = *allowed;
  }
  ChainFacts facts{.chain = &chain_, .nonce = *nonce, .receipts = {}};
  for (const auto& hash : hashes) {
    auto receipt = evm::rpc::decode_receipt(messages[next++].result);
    if (!receipt.ok()) return read_failed(receipt.status());
    if (*receipt && (*receipt)->transaction_hash != hash) {
      return read_failed({StatusCode::malformed, "the node answered with the receipt of another transaction"});
    }
    facts.receipts.emplace(hash, std::move(*receipt));
  }

  coins_ = *coins;
  chain_nonce_ = *nonce;
  pending_nonce_ = *pending;
  holdings_ = std::move(holdings);
  allowances_ = std::move(allowances);
  balances_.apply_rest(balances, reply.sent, reply.received);
  account_read_ = true;
  ++account_reads_;
  for (const auto& judgement : intents_.judge(facts)) act_on(judgement);
  read_done();
}

// --- Judgements ------------------------------------------------------------------------------------------------------

void ProtocolEngine::act_on(const Judgement& judgement) {
  changed(judgement.id);
  Intent* const intent = intents_.find(judgement.id);
  if (intent == nullptr) return;  // forgotten
  const bool swap = intent->kind == Intent::Kind::swap;
  switch (judgement.kind) {
    case Judgement::Kind::seen:
      if (swap) report(intent->id, OrderState::open, judgement.attempt);
      return;
    case Judgement::Kind::confirmed:
      return on_confirmed(*intent, judgement);
    case Judgement::Kind::charged:
      return tell_network_fee(*intent, *judgement.receipt);
    case Judgement::Kind::unmined:
      log_.log(LogLevel::warning, venue_->name(),
               fmt::format("{}: transaction {} was in a block that is no part of the chain any more", intent->id.value,
                           judgement.attempt.to_string()));
      for (auto& attempt : intent->attempts) attempt.last_sent = Time{};
      return;
    case Judgement::Kind::replaced: {
      const Status status(StatusCode::rejected, FailureReason::replaced,
                          fmt::format("nonce {} was spent by another transaction of this account", intent->nonce()));
      if (swap) tell_failure(intent->id, {}, status);
      if (intent->kind == Intent::Kind::approval) tell_approval(*intent, std::nullopt, status);
      return;
    }
    case Judgement::Kind::expired:
      if (swap) report(intent->id, OrderState::expired, std::nullopt);
      // Its transaction would only cost what it costs to fail, and those behind it wait for its nonce.
      return replace_nonce(*intent);
    case Judgement::Kind::revoked:
      return tell_revoked(*intent, false);
    case Judgement::Kind::reinstated:
      return tell_revoked(*intent, true);
    case Judgement::Kind::forgotten:
      return;
  }
}

void ProtocolEngine::on_confirmed(Intent& intent, const Judgement& judgement) {
  const auto& receipt = *judgement.receipt;
  const bool cancelled = intent.find(judgement.attempt)->is_cancel;
  if (intent.kind == Intent::Kind::swap && !cancelled) {
    if (receipt.succeeded) return tell_swap(intent, receipt);
    if (!judgement.charged_before) tell_network_fee(intent, receipt);
    return explain_failure(intent.id, receipt);
  }
  if (!judgement.charged_before) tell_network_fee(intent, receipt);
  // The order keeps the name of its swap; the transaction that took its nonce is named by its fee.
  if (intent.kind == Intent::Kind::swap) return report(intent.id, OrderState::canceled, std::nullopt);
  if (intent.kind != Intent::Kind::approval) return;
  Status status;
  if (cancelled) {
    status = Status(StatusCode::rejected, FailureReason::none, "it was cancelled");
  } else if (!receipt.succeeded) {
    status = Status(StatusCode::rejected, FailureReason::reverted, "the token refused");
  } else if (intent.amount) {
    // Some tokens say yes and do nothing. What counts is what the token says now.
    const auto granted = allowances_.find(intent.token);
    const auto* token = venue_->token(intent.token);
    const auto asked = token == nullptr ? Result<evm::Uint256>(Status(StatusCode::malformed, "no such token"))
                                        : evm::to_units(*intent.amount, token->decimals);
    if (granted != allowances_.end() && asked.ok() && granted->second < *asked) {
      log_.log(LogLevel::warning, venue_->name(),
               fmt::format("{}: the allowance of {} is less than was approved", intent.id.value, intent.token));
    }
  }
  tell_approval(intent, judgement.attempt, std::move(status));
}

void ProtocolEngine::tell_swap(const Intent& intent, const evm::rpc::Receipt& receipt) {
  const auto fill = venue_->fill_of(intent.trading_pair, intent.side, signer_->address(), receipt);
  const auto paid = receipt.fee_paid();
  const evm::Hash32& hash = receipt.transaction_hash;
  OrderUpdate update;
  update.client_order_id = intent.id;
  update.exchange_order_id = ExchangeOrderId(hash.to_string());
  update.trading_pair = intent.trading_pair;
  update.new_state = OrderState::filled;
  update.receive_time = now_;
  if (fill.ok() && fill->base_amount > 0) {
    TradeUpdate trade;
    trade.trade_id = trade_id(hash);
    trade.client_order_id = intent.id;
    trade.exchange_order_id = update.exchange_order_id;
    trade.trading_pair = intent.trading_pair;
    trade.fill_time = now_;
    trade.receive_time = now_;
    trade.fill_base_amount = fill->base_amount.normalized();
    trade.fill_quote_amount = fill->quote_amount.normalized();
    trade.fill_price = Decimal::checked_div(fill->quote_amount, fill->base_amount, kPricePlaces, Rounding::half_even)
                           .value_or(Decimal())
                           .normalized();
    const auto cost = paid.ok() ? evm::to_decimal(*paid, kNativeDecimals) : Result<Decimal>(paid.status());
    if (cost.ok()) trade.fee.flat_fees.push_back({std::string(native_asset()), cost->normalized()});
    order_tracker_.process_trade_update(trade, intent.side, now_);
    // The swap is over whatever it exchanged: a token that keeps a part of each transfer gives less than was asked for.
    update.executed_amount_base = fill->base_amount;
    update.executed_amount_quote = fill->quote_amount;
  } else {
    const std::string text = fill.ok() ? "the receipt shows no exchange" : fill.status().to_string();
    log_.log(LogLevel::error, venue_->name(), fmt::format("{}: {}", intent.id.value, text));
    events_.push_back(ConnectorErrorEvent{.timestamp = now_,
                                          .channel = "receipt",
                                          .status = Status(StatusCode::malformed, intent.id.value + ": " + text)});
  }
  order_tracker_.process_order_update(update, now_);
}

/// The chain says only that it failed. Why is found by executing it again on the state of its block.
void ProtocolEngine::explain_failure(const ClientOrderId& id, const evm::rpc::Receipt& receipt) {
  const Intent* intent = intents_.find(id);
  const evm::Hash32 hash = receipt.transaction_hash;
  const bool gas_spent = receipt.gas_used + receipt.gas_used / 32 >= intent->action.gas_limit;
  evm::rpc::CallMessage message;
  message.from = signer_->address();
  message.to = intent->action.to;
  message.data = intent->action.data;
  message.value = intent->action.value;
  const std::array calls = {evm::rpc::call(message, receipt.position.block_hash)};
  desk_.ask("replay", calls, kAccountLimit, now_, [this, id, hash, gas_spent](const NodeReply& reply) {
    using Kind = evm::rpc::Message::Kind;
    Status why(StatusCode::rejected, FailureReason::reverted, "the contract refused");
    const bool reverts = reply.status.ok() && reply.messages.front().kind == Kind::error;
    if (reverts && !reply.messages.front().error.data.empty()) {
      why = venue_->explain_revert(reply.messages.front().error.data);
    } else if (gas_spent) {
      why = Status(StatusCode::rejected, FailureReason::out_of_gas, "the gas limit did not suffice");
    } else if (reverts) {
      why = Status(StatusCode::rejected, FailureReason::reverted, reply.messages.front().error.message);
    }
    tell_failure(id, hash, why);
  });
}

void ProtocolEngine::tell_failure(const ClientOrderId& id, const evm::Hash32& hash, const Status& why) {
  const std::optional<evm::Hash32> transaction = hash.is_zero() ? std::nullopt : std::optional(hash);
  if (why.reason() == FailureReason::deadline) return report(id, OrderState::expired, transaction);
  report(id, OrderState::failed, transaction, why.reason(), why.message());
}

void ProtocolEngine::tell_approval(const Intent& intent, const std::optional<evm::Hash32>& hash, Status status) {
  TokenApprovalEvent event{.timestamp = now_,
                           .order_id = intent.id,
                           .token = intent.token,
                           .spender = venue_->spender().to_string(),
                           .amount = intent.amount,
                           .transaction = {},
                           .status = std::move(status)};
  if (hash) event.transaction = ExchangeOrderId(hash->to_string());
  events_.emplace_back(std::move(event));
}

void ProtocolEngine::tell_network_fee(const Intent& intent, const evm::rpc::Receipt& receipt) {
  const auto paid = receipt.fee_paid();
  const auto amount = paid.ok() ? evm::to_decimal(*paid, kNativeDecimals) : Result<Decimal>(paid.status());
  if (!amount.ok()) {
    log_.log(LogLevel::error, venue_->name(), intent.id.value + ": network fee: " + amount.status().to_string());
    return;
  }
  events_.emplace_back(NetworkFeeEvent{.timestamp = now_,
                                       .order_id = intent.id,
                                       .transaction = ExchangeOrderId(receipt.transaction_hash.to_string()),
                                       .asset = std::string(native_asset()),
                                       .amount = amount->normalized()});
}

void ProtocolEngine::tell_revoked(const Intent& intent, bool reinstated) {
  if (intent.kind != Intent::Kind::swap) {
    log_.log(LogLevel::warning, venue_->name(),
             fmt::format("{}: the approval of {} is {} part of the chain", intent.id.value, intent.token,
                         reinstated ? "again" : "no longer"));
    return;
  }
  OrderFillRevokedEvent event{.timestamp = now_,
                              .order_id = intent.id,
                              .trading_pair = intent.trading_pair,
                              .exchange_trade_id = trade_id(*intent.filled),
                              .amount = {},
                              .quote_amount = {},
                              .reinstated = reinstated};
  if (const auto* order = order_tracker_.fetch_order(intent.id)) {
    const auto fill = order->order_fills().find(event.exchange_trade_id);
    if (fill != order->order_fills().end()) {
      event.amount = fill->second.fill_base_amount;
      event.quote_amount = fill->second.fill_quote_amount;
    }
  }
  log_.log(LogLevel::warning, venue_->name(),
           fmt::format("{}: its fill is {} part of the chain", intent.id.value, reinstated ? "again" : "no longer"));
  events_.emplace_back(std::move(event));
}

void ProtocolEngine::report(const ClientOrderId& id, OrderState state, const std::optional<evm::Hash32>& hash,
                            FailureReason reason, std::string message) {
  OrderUpdate update;
  update.client_order_id = id;
  if (hash) update.exchange_order_id = ExchangeOrderId(hash->to_string());
  update.new_state = state;
  update.receive_time = now_;
  update.reason = reason;
  update.message = std::move(message);
  order_tracker_.process_order_update(update, now_);
  dirty_ = true;
}

}  // namespace calypte::engine
