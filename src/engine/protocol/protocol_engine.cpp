#include "engine/protocol/protocol_engine.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <utility>

#include "engine/backoff.hpp"
#include "engine/order_book_editor.hpp"
#include "engine/order_reads.hpp"
#include "evm/amount.hpp"
#include "evm/json_rpc_calls.hpp"

namespace calypte::engine {

using namespace std::chrono_literals;

namespace {

constexpr venue::StreamId kStream{venue::StreamKind::market, 0};
constexpr std::array kOrderTypes = {OrderType::market, OrderType::limit};
constexpr int kCoinDecimals = 18;
/// What a swap over one pool usually costs; only `fee` uses it, orders are estimated by the node.
constexpr std::uint64_t kUsualSwapGas = 150'000;
/// The journal's memos of this engine: the prefix and the client order id.
constexpr std::string_view kMemo = "transaction/";
constexpr std::uint32_t kMaxIdLength = 36;

Status no_sense(std::string message) { return {StatusCode::denied, std::move(message)}; }

/// A deadline, confirmations and a budget that a person may have mistyped.
Status check_numbers(const ProtocolConfig& config) {
  if (config.chain_id == 0) return no_sense("chain_id is missing: which chain is meant is never guessed");
  if (config.rpc_url.empty()) return no_sense("rpc_url is missing: the address of a node");
  if (config.trading_pairs.empty()) return no_sense("there is no trading pair");
  if (config.slippage_limit.is_negative() || config.slippage_limit >= 1) {
    return no_sense("slippage_limit is a fraction: 0.005 is half a percent");
  }
  if (config.confirmations == 0) return no_sense("confirmations are at least 1: a block that holds the transaction");
  if (config.time_limit < 1s) return no_sense("time_limit is at least a second");
  if (config.max_network_fee <= 0) return no_sense("max_network_fee must be positive");
  if (config.poll_every < 10ms) return no_sense("poll_every is at least 10 ms");
  return {};
}

}  // namespace

Result<std::unique_ptr<ProtocolEngine>> ProtocolEngine::create(std::unique_ptr<evm::ProtocolVenue> venue,
                                                               ProtocolConfig config, ProtocolEngineOptions options,
                                                               LogSink& log, Time now) {
  if (Status status = check_numbers(config); !status.ok()) return status;
  if (!evm::to_units(config.max_network_fee, kCoinDecimals).ok()) {
    return no_sense("max_network_fee has more places than the chain's coin");
  }
  auto ids = ClientOrderIds::create(config.client_order_id_prefix, kMaxIdLength, now, options.instance);
  if (!ids.ok()) return no_sense("client_order_id_prefix: " + ids.status().message());
  std::optional<evm::Signer> signer;
  if (!config.credentials.api_secret.empty()) {
    auto made = evm::Signer::make(config.credentials.api_secret, options.blinding);
    if (!made.ok()) return made.status();
    signer.emplace(std::move(*made));
  } else if (config.trading_required) {
    return no_sense("trading needs the private key of the account as credentials.api_secret");
  }
  // The signer has it now; one copy less.
  config.credentials = {};
  return std::unique_ptr<ProtocolEngine>(
      new ProtocolEngine(std::move(venue), std::move(config), options, std::move(*ids), std::move(signer), log, now));
}

ProtocolEngine::ProtocolEngine(std::unique_ptr<evm::ProtocolVenue> venue, ProtocolConfig config,
                               ProtocolEngineOptions options, ClientOrderIds ids, std::optional<evm::Signer> signer,
                               LogSink& log, Time now)
    : log_(log),
      venue_(std::move(venue)),
      config_(std::move(config)),
      options_(options),
      ids_(std::move(ids)),
      signer_(std::move(signer)),
      account_text_(signer_ ? signer_->address().to_string() : std::string()),
      now_(now),
      desk_(actions_),
      order_tracker_(options_.orders, log_),
      intents_({.confirmations = config_.confirmations, .watch_blocks = config_.watch_blocks}) {
  if (!config_.stream_url.empty()) {
    stream_.emplace(kStream, stream_spec_, false, Backoff({}, core::Random(options_.seed)), actions_, log_);
  }
  for (const auto& pair : config_.trading_pairs) books_.emplace(pair, std::make_unique<OrderBook>(pair));
}

ProtocolEngine::~ProtocolEngine() = default;

// --- Inputs --------------------------------------------------------------------------------------------------------

void ProtocolEngine::start(Time now) {
  now_ = now;
  if (running_) return;
  running_ = true;
  dirty_ = true;
  reading_ = false;
  next_poll_ = now;
  // Why a transaction failed is asked for after it was judged. An order that the last stop, or the death of the
  // process, left without that answer is judged once more.
  for (auto& [id, intent] : intents_.all()) {
    if (intent.phase == Intent::Phase::ended && order_tracker_.fetch_tracked_order(id) != nullptr) {
      intent.phase = Intent::Phase::waiting;
    }
  }
  if (stream_) stream_->start(now);
}

void ProtocolEngine::stop(Time now) {
  now_ = now;
  if (!running_) return;
  running_ = false;
  dirty_ = true;
  if (stream_) stream_->stop(now);
  desk_.forget_all();
  reading_ = false;
  next_poll_ = kNever;
  account_read_ = false;
  loaded_ = false;
  set_books(OrderBookState::stale, "stopped");
  // What was not signed will not be.
  std::vector<ClientOrderId> unsigned_ones;
  for (const auto& [id, intent] : intents_.all()) {
    if (intent.phase == Intent::Phase::estimating) unsigned_ones.push_back(id);
  }
  const Status stopped(StatusCode::denied, FailureReason::stopped, "the connector was stopped before it was signed");
  for (const auto& id : unsigned_ones) refuse(id, stopped);
}

void ProtocolEngine::on_stream_up(venue::StreamId, Time now) {
  now_ = now;
  dirty_ = true;
  if (!stream_) return;
  stream_->on_up(now);
}

void ProtocolEngine::on_stream_down(venue::StreamId, std::string_view reason, Time now) {
  now_ = now;
  dirty_ = true;
  if (stream_) stream_->on_down(reason, now);
}

void ProtocolEngine::on_stream_alive(venue::StreamId, Time now) {
  now_ = now;
  if (stream_) stream_->on_alive(now);
}

void ProtocolEngine::on_frame(venue::StreamId, venue::Bytes frame, Time now) {
  now_ = now;
  dirty_ = true;
  if (stream_) stream_->on_alive(now);
  const auto root = frame_.parse(frame);
  const auto message = root.ok() ? evm::rpc::decode(*root) : Result<evm::rpc::Message>(root.status());
  if (!message.ok()) {
    events_.push_back(ConnectorErrorEvent{.timestamp = now, .channel = "node stream", .status = message.status()});
    return;
  }
  if (message->kind == evm::rpc::Message::Kind::error) {
    // The node is polled in any case, so that blocks are only learned later.
    events_.push_back(
        ConnectorErrorEvent{.timestamp = now, .channel = "node stream", .status = message->error.status()});
  } else if (message->kind == evm::rpc::Message::Kind::notification) {
    // That there is news; what it is is asked for, so that stream and polling cannot say different things.
    head_wanted_ = true;
  }
}

void ProtocolEngine::on_outcome(venue::RequestId id, const venue::RequestOutcome& outcome, Time now) {
  now_ = now;
  dirty_ = true;
  desk_.on_outcome(id, outcome, now);
}

void ProtocolEngine::on_time(Time now) {
  now_ = now;
  dirty_ = true;
}

void ProtocolEngine::excuse(Duration lost, Time now) {
  now_ = now;
  dirty_ = true;
  if (lost <= Duration::zero()) return;
  if (stream_) stream_->excuse(lost, now);
  cancel_alls_.excuse(lost, now);
}

bool ProtocolEngine::settle() {
  if (!dirty_) return false;
  dirty_ = false;
  if (running_) {
    if (stream_) {
      stream_->on_time(now_);
      auto signals = std::exchange(stream_->signals(), {});
      for (const auto signal : signals) {
        if (signal == Session::Signal::up) {
          stream_->send(evm::rpc::encode(1, evm::rpc::subscribe_new_heads()), now_);
          head_wanted_ = true;
        }
      }
    }
    if (loaded_ && !unreachable_ && now_ - head_time_ > unreachable_after()) {
      unreachable_ = true;
      set_books(OrderBookState::stale, "the node does not answer");
    }
    if (!reading_ && (head_wanted_ || now_ >= next_poll_)) poll_head();
    send_again();
  }
  while (desk_.settle(now_)) {
  }
  order_tracker_.on_time(now_);
  // The chain is the only one to ask, and is asked at every block.
  order_tracker_.questions().clear();
  for (auto& call : std::exchange(later_, {})) call();
  collect_events();
  cancel_alls_.settle(order_tracker_, now_);
  readiness_.update(status(), running_, now_, events_);
  return true;
}

void ProtocolEngine::collect_events() {
  const auto move_all = [this](std::vector<Event>& from) {
    std::move(from.begin(), from.end(), std::back_inserter(events_));
    from.clear();
  };
  move_all(order_tracker_.events());
  move_all(balances_.events());
}

Time ProtocolEngine::next_wakeup() const {
  Time next = std::min({order_tracker_.next_wakeup(), cancel_alls_.next_wakeup()});
  if (!running_) return next;
  if (stream_) next = std::min(next, stream_->next_wakeup());
  if (!reading_) next = std::min(next, next_poll_);
  if (loaded_ && !unreachable_) next = std::min(next, head_time_ + unreachable_after() + 1ms);
  return next;
}

// --- The journal ---------------------------------------------------------------------------------------------------

void ProtocolEngine::set_durable(bool durable, std::string_view reason) {
  if (durable == not_durable_.empty()) return;
  dirty_ = true;
  not_durable_ = durable ? std::string() : std::string(reason.empty() ? "the journal cannot be written" : reason);
  log_.log(durable ? LogLevel::info : LogLevel::error, venue_->name(),
           durable ? "the journal can be written again" : "no new orders: " + not_durable_);
  events_.push_back(ConnectorErrorEvent{
      .timestamp = now_,
      .channel = "journal",
      .status = durable ? Status() : Status(StatusCode::denied, FailureReason::not_durable, not_durable_)});
}

void ProtocolEngine::keep_changes() {
  keep_changes_ = true;
  order_tracker_.keep_changes();
}

void ProtocolEngine::write_changes(RoundWriter& round) {
  order_tracker_.write_changes(round);
  const std::set<ClientOrderId> ids(changed_.begin(), changed_.end());
  changed_.clear();
  for (const auto& id : ids) {
    const Intent* intent = intents_.find(id);
    const bool stored = intent != nullptr && !intent->attempts.empty();
    round.memo(std::string(kMemo) + id.value, stored ? to_json(*intent) : std::string());
  }
}

void ProtocolEngine::write_all(const std::function<RoundWriter&()>& next) const {
  order_tracker_.write_all(next);
  for (const auto& [id, intent] : intents_.all()) {
    if (!intent.attempts.empty()) next().memo(std::string(kMemo) + id.value, to_json(intent));
  }
}

void ProtocolEngine::restore(const Recovery& recovery, Time now) {
  now_ = now;
  dirty_ = true;
  order_tracker_.restore(recovery, now);
  for (const auto& [name, text] : recovery.memos()) {
    if (!name.starts_with(kMemo) || text.empty()) continue;
    auto intent = intent_from_json(text);
    if (!intent.ok()) {
      log_.log(LogLevel::error, venue_->name(), fmt::format("{}: {}", name, intent.status().to_string()));
      continue;
    }
    take_over(std::move(*intent));
  }
  // A transaction is on record before it leaves: without one nothing was ever signed.
  const Status never(StatusCode::not_sent, FailureReason::connection, "the process ended before it was signed");
  std::vector<ClientOrderId> unsigned_ones;
  for (const auto* order : order_tracker_.active_orders()) {
    if (intents_.find(order->client_order_id()) == nullptr) unsigned_ones.push_back(order->client_order_id());
  }
  for (const auto& id : unsigned_ones) order_tracker_.process_order_refused(id, never, now);
}

/// What became of it is looked at before any of it is sent again.
void ProtocolEngine::take_over(Intent intent) {
  if (intents_.find(intent.id) != nullptr) return;
  for (auto& attempt : intent.attempts) {
    attempt.last_sent = now_;
    attempt.submissions = 1;
  }
  changed(intent.id);
  intents_.add(std::move(intent));
}

std::vector<std::string> ProtocolEngine::tracking_states() const {
  auto states = order_tracker_.tracking_states();
  for (const auto& [id, intent] : intents_.all()) {
    if (!intent.attempts.empty()) states.push_back(to_json(intent));
  }
  return states;
}

Status ProtocolEngine::restore_tracking_states(std::span<const std::string> states) {
  dirty_ = true;
  std::vector<std::string> orders;
  for (const auto& state : states) {
    auto intent = intent_from_json(state);
    if (!intent.ok()) {
      orders.push_back(state);
    } else {
      take_over(std::move(*intent));
    }
  }
  return order_tracker_.restore_tracking_states(orders, now_);
}

bool ProtocolEngine::sweep_soon() {
  if (!running_ || !signer_) return false;
  dirty_ = true;
  account_read_ = false;
  head_wanted_ = true;
  return true;
}

// --- Reads ---------------------------------------------------------------------------------------------------------

ConnectorStatus ProtocolEngine::status() const {
  ConnectorStatus status;
  readiness_.add(status, "symbols_mapping_initialized", ever_loaded_, ever_loaded_ && trouble_.empty(),
                 trouble_.empty() ? "contracts, tokens and pools are not loaded yet" : trouble_);
  const bool books = loaded_ && !unreachable_;
  readiness_.add(status, "order_books_initialized", ever_loaded_, books,
                 loaded_ ? "the node does not answer" : "the pools are being loaded");
  const bool account = !config_.trading_required || account_read_;
  readiness_.add(status, "account_balance", !config_.trading_required || account_reads_ > 0,
                 account || account_reads_ > 0, "the balances are not known yet");
  return status;
}

const InFlightOrder* ProtocolEngine::order(const ClientOrderId& id) const { return order_tracker_.fetch_order(id); }

std::vector<const InFlightOrder*> ProtocolEngine::in_flight_orders() const { return order_tracker_.active_orders(); }

std::vector<LimitOrder> ProtocolEngine::limit_orders() const { return limit_orders_of(order_tracker_); }

std::string ProtocolEngine::explain(const ClientOrderId& id) const {
  std::string text = explain_order(order_tracker_, id);
  const Intent* intent = intents_.find(id);
  if (intent == nullptr) return text;
  for (const auto& attempt : intent->attempts) {
    const auto& transaction = attempt.signed_transaction;
    text +=
        fmt::format("  transaction {} nonce {}{}{}{}\n", transaction.hash.to_string(), transaction.transaction.nonce,
                    attempt.is_cancel ? ", takes the nonce back" : "", attempt.accepted ? ", a node has it" : "",
                    intent->mined == transaction.hash ? fmt::format(", in block {}", intent->mined_block) : "");
  }
  return text;
}

Decimal ProtocolEngine::balance(std::string_view asset) const {
  const auto* entry = balances_.find(asset);
  return entry == nullptr ? Decimal() : entry->total;
}

Decimal ProtocolEngine::available_balance(std::string_view asset) const {
  Decimal free = balance(asset);
  for (const auto& [id, intent] : intents_.all()) {
    // What is mined is part of the balance already.
    if (intent.phase == Intent::Phase::ended || intent.mined) continue;
    if (asset == native_asset()) {
      const auto held = evm::to_decimal(intent.budget, kCoinDecimals);
      if (held.ok()) free -= *held;
    } else if (intent.kind == Intent::Kind::swap && intent.token == asset && intent.amount) {
      free -= *intent.amount;
    }
  }
  return free.is_negative() ? Decimal() : free;
}

std::span<const OrderType> ProtocolEngine::supported_order_types() const noexcept { return kOrderTypes; }

std::vector<TradingPair> ProtocolEngine::all_trading_pairs() const {
  return ever_loaded_ ? config_.trading_pairs : std::vector<TradingPair>{};
}

const TradingRule* ProtocolEngine::trading_rule(const TradingPair& pair) const { return venue_->trading_rule(pair); }

const OrderBook* ProtocolEngine::order_book(const TradingPair& pair) const {
  const auto it = books_.find(pair);
  return it == books_.end() ? nullptr : it->second.get();
}

std::optional<Decimal> ProtocolEngine::price(const TradingPair& pair, PriceType type) const {
  return price_of(order_book(pair), type);
}

TradeFee ProtocolEngine::fee(const TradingPair&, OrderType, TradeType, const Decimal&,
                             const std::optional<Decimal>&) const {
  TradeFee fee;
  const evm::Uint256 each = gas_.base_fee ? evm::Uint256(*gas_.base_fee + gas_.tip) : gas_.gas_price;
  const auto amount = evm::to_decimal(each * kUsualSwapGas, kCoinDecimals);
  if (amount.ok()) fee.flat_fees.push_back({std::string(native_asset()), *amount});
  return fee;
}

Status ProtocolEngine::add_trading_pair(const TradingPair&) {
  return {StatusCode::unsupported, "the pairs of a protocol are those of its configuration"};
}

Status ProtocolEngine::remove_trading_pair(const TradingPair&) {
  return {StatusCode::unsupported, "the pairs of a protocol are those of its configuration"};
}

void ProtocolEngine::last_traded_prices(std::span<const TradingPair> pairs, LastTradedPricesDone done) {
  dirty_ = true;
  std::vector<std::pair<TradingPair, Decimal>> prices;
  for (const auto& pair : pairs) {
    if (const auto mid = price(pair, PriceType::mid_price)) prices.emplace_back(pair, *mid);
  }
  later_.emplace_back([done = std::move(done), prices = std::move(prices)] { done(prices); });
}

std::string_view ProtocolEngine::native_asset() const noexcept { return "ETH"; }

Result<SwapQuote> ProtocolEngine::quote(const TradingPair& pair, TradeType side, const Decimal& amount) const {
  if (Status status = trading_state(); !status.ok()) return status;
  auto quoted = venue_->quote(pair, side, amount, config_.slippage_limit);
  if (!quoted.ok()) return quoted;
  quoted->block_number = chain_.head().number;
  quoted->block_hash = chain_.head().hash.to_string();
  return quoted;
}

std::optional<Decimal> ProtocolEngine::allowance(std::string_view token) const {
  const auto it = allowances_.find(token);
  const auto* known = venue_->token(token);
  if (it == allowances_.end() || known == nullptr) return std::nullopt;
  auto amount = evm::to_decimal(it->second, known->decimals);
  // An unlimited allowance has more digits than a decimal; it is more than any amount that there is.
  if (!amount.ok()) return Decimal::from_parts(Decimal::kCoefficientLimit - 1, 0);
  return *amount;
}

/// Whether quotes are true now.
Status ProtocolEngine::trading_state() const {
  if (!running_) return {StatusCode::denied, FailureReason::stopped, "the connector is stopped"};
  if (!loaded_) {
    return {StatusCode::denied, FailureReason::not_ready, trouble_.empty() ? "the pools are being loaded" : trouble_};
  }
  if (unreachable_) return {StatusCode::denied, FailureReason::not_ready, "the node does not answer"};
  return {};
}

/// The last block is believed so long without an answer of the node.
Duration ProtocolEngine::unreachable_after() const { return std::max<Duration>(30s, config_.poll_every * 3); }

}  // namespace calypte::engine
