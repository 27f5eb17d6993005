// The chain as it grows: heads, reorganisations, the loading of the protocol's state, logs, books.
#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "engine/book_levels_editor.hpp"
#include "engine/order_book_editor.hpp"
#include "engine/protocol/protocol_engine.hpp"
#include "evm/json_rpc_calls.hpp"

namespace calypte::engine {

using namespace std::chrono_literals;

namespace {

constexpr Duration kReadLimit = 10s;
/// Reads of contracts in one request.
constexpr std::size_t kLoadChunk = 200;
/// Blocks that are caught up with one by one; behind a longer gap everything is loaded anew.
constexpr std::uint64_t kMaxGap = 32;
/// A node that shows an older head than another one did is behind; one that goes on showing it has another chain.
constexpr std::uint32_t kBehindLimit = 3;
/// What is offered as a tip where the node does not say: 1 gwei.
constexpr std::uint64_t kDefaultTip = 1'000'000'000;
constexpr Duration kHeadRetryMax = 30s;
constexpr int kWireDigits = 18;

bool is_revert(const evm::rpc::Error& error) {
  // Code 3 is a revert by the execution-apis specification; older nodes say so in words only.
  return error.code == 3 || !error.data.empty() || error.message.find("revert") != std::string::npos;
}

/// A book counts in 64 bits: what has more digits is rounded, never in the reader's favour.
std::optional<venue::WireNumber> to_wire(Decimal value, Rounding rounding) {
  while (value.significant_digits() > kWireDigits && value.scale() > 0) {
    value = value.rescaled(value.scale() - 1, rounding).normalized();
  }
  value = value.normalized();
  if (value.coefficient() > INT64_MAX || value.is_negative() || value.scale() > kWireDigits) return std::nullopt;
  return venue::WireNumber{static_cast<std::int64_t>(value.coefficient()), static_cast<std::uint8_t>(value.scale())};
}

std::vector<venue::DepthLevel> to_depth(const std::vector<evm::BookLevel>& levels, Rounding price_rounding) {
  std::vector<venue::DepthLevel> depth;
  for (const auto& level : levels) {
    const auto price = to_wire(level.price, price_rounding);
    const auto amount = to_wire(level.amount, Rounding::floor);
    if (price && amount && amount->mantissa > 0) depth.push_back({*price, *amount});
  }
  return depth;
}

}  // namespace

void ProtocolEngine::poll_head() {
  reading_ = true;
  head_wanted_ = false;
  const std::array calls = {evm::rpc::chain_id(), evm::rpc::get_block(evm::rpc::BlockTag::latest),
                            evm::rpc::gas_price(), evm::rpc::max_priority_fee_per_gas()};
  desk_.ask("head", calls, kReadLimit, now_, [this](const NodeReply& reply) { on_tip(reply); });
}

void ProtocolEngine::on_tip(const NodeReply& reply) {
  using Kind = evm::rpc::Message::Kind;
  if (!reply.status.ok()) return read_failed(reply.status);
  const auto& messages = reply.messages;
  for (const std::size_t needed : {0U, 1U, 2U}) {
    if (messages[needed].kind != Kind::result) return read_failed(messages[needed].error.status());
  }
  const auto chain = evm::rpc::decode_uint64(messages[0].result);
  if (!chain.ok()) return read_failed(chain.status());
  if (*chain != config_.chain_id) {
    loaded_ = false;
    set_books(OrderBookState::stale, "the node is on another chain");
    return read_failed({StatusCode::denied, FailureReason::wrong_chain,
                        fmt::format("the node is on chain {}, the configuration says {}", *chain, config_.chain_id)});
  }
  const auto tip = evm::rpc::decode_block(messages[1].result);
  if (!tip.ok()) return read_failed(tip.status());
  if (!*tip) return read_failed({StatusCode::unavailable, "the node has no block yet"});
  const auto gas_price = evm::rpc::decode_uint256(messages[2].result);
  if (!gas_price.ok()) return read_failed(gas_price.status());
  gas_ = {.base_fee = (*tip)->base_fee_per_gas, .tip = kDefaultTip, .gas_price = *gas_price};
  if (messages[3].kind == Kind::result) {
    const auto priority = evm::rpc::decode_uint256(messages[3].result);
    if (priority.ok()) gas_.tip = *priority;
  }
  follow(**tip);
}

void ProtocolEngine::follow(const evm::rpc::BlockHeader& tip) {
  if (!loaded_ || chain_.empty()) return load(tip, "loading");
  const auto& head = chain_.head();
  if (tip.hash == head.hash) {
    behind_ = 0;
    head_time_ = now_;
    if (std::exchange(unreachable_, false)) update_books();
    if (signer_ && !account_read_) return read_account();
    return read_done();
  }
  if (chain_.contains(tip.number, tip.hash) == true && ++behind_ < kBehindLimit) return read_done();
  behind_ = 0;
  if (chain_.extends(tip)) return read_logs({tip});
  if (tip.number > head.number + 1 && tip.number - head.number <= kMaxGap) return read_gap(tip);
  load(tip, tip.number > head.number + 1 ? "too many blocks were missed" : "the chain was reorganised");
}

void ProtocolEngine::read_gap(const evm::rpc::BlockHeader& tip) {
  std::vector<evm::rpc::Call> calls;
  for (std::uint64_t number = chain_.head().number + 1; number < tip.number; ++number) {
    calls.push_back(evm::rpc::get_block(number));
  }
  desk_.ask("blocks", calls, kReadLimit, now_, [this, tip](const NodeReply& reply) {
    if (!reply.status.ok()) return read_failed(reply.status);
    std::vector<evm::rpc::BlockHeader> blocks;
    evm::Hash32 parent = chain_.head().hash;
    const auto joins = [&](const evm::rpc::BlockHeader& block) {
      const bool child = block.parent_hash == parent;
      parent = block.hash;
      blocks.push_back(block);
      return child;
    };
    for (const auto& message : reply.messages) {
      if (message.kind != evm::rpc::Message::Kind::result) return read_failed(message.error.status());
      const auto block = evm::rpc::decode_block(message.result);
      if (!block.ok()) return read_failed(block.status());
      if (!*block || !joins(**block)) return load(tip, "the chain was reorganised");
    }
    if (!joins(tip)) return load(tip, "the chain was reorganised");
    read_logs(std::move(blocks));
  });
}

void ProtocolEngine::read_logs(std::vector<evm::rpc::BlockHeader> blocks) {
  std::vector<evm::rpc::Call> calls;
  const auto sources = venue_->log_sources();
  for (const auto& block : blocks) {
    evm::rpc::LogFilter filter;
    filter.block_hash = block.hash;
    filter.addresses = sources;
    calls.push_back(evm::rpc::get_logs(filter));
  }
  desk_.ask("logs", calls, kReadLimit, now_, [this, blocks = std::move(blocks)](const NodeReply& reply) {
    if (!reply.status.ok()) return read_failed(reply.status);
    std::vector<std::vector<evm::rpc::Log>> logs;
    for (const auto& message : reply.messages) {
      // A block that the node does not know any more: it will show another head.
      if (message.kind != evm::rpc::Message::Kind::result) return read_failed(message.error.status());
      auto of_block = evm::rpc::decode_logs(message.result);
      if (!of_block.ok()) return read_failed(of_block.status());
      logs.push_back(std::move(*of_block));
    }
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      const bool whole = std::ranges::all_of(
          logs[i], [&](const auto& log) { return log.block_hash == blocks[i].hash && !log.removed; });
      const Status applied = whole ? venue_->apply_logs(logs[i])
                                   : Status(StatusCode::malformed, "logs of another block than was asked for");
      if (!applied.ok()) {
        log_.log(LogLevel::warning, venue_->name(),
                 fmt::format("block {}: {}; the pools are loaded anew", blocks[i].number, applied.to_string()));
        return load(blocks.back(), "the logs did not fit the pools");
      }
      chain_.append(blocks[i]);
    }
    finish_market(blocks.back());
  });
}

void ProtocolEngine::load(const evm::rpc::BlockHeader& block, std::string_view why) {
  if (std::exchange(loaded_, false)) {
    log_.log(LogLevel::info, venue_->name(), fmt::format("{}; everything is read at block {}", why, block.number));
  }
  set_books(OrderBookState::stale, std::string(why));
  account_read_ = false;
  target_ = block;
  continue_load(venue_->begin_load());
}

void ProtocolEngine::continue_load(std::vector<evm::ReadCall> calls) {
  load_calls_ = std::move(calls);
  load_answers_.clear();
  if (!load_calls_.empty()) return ask_load_chunk();
  if (!venue_->loaded()) return read_failed({StatusCode::malformed, "the protocol could not be loaded"});
  loaded_ = true;
  ever_loaded_ = true;
  chain_.reset(target_);
  finish_market(target_);
}

void ProtocolEngine::ask_load_chunk() {
  std::vector<evm::rpc::Call> calls;
  const std::size_t begin = load_answers_.size();
  const std::size_t end = std::min(begin + kLoadChunk, load_calls_.size());
  for (std::size_t i = begin; i < end; ++i) {
    evm::rpc::CallMessage message;
    message.to = load_calls_[i].to;
    message.data = load_calls_[i].data;
    calls.push_back(evm::rpc::call(message, target_.hash));
  }
  desk_.ask("state", calls, kReadLimit, now_, [this](const NodeReply& reply) { on_load_chunk(reply); });
}

void ProtocolEngine::on_load_chunk(const NodeReply& reply) {
  if (!reply.status.ok()) return read_failed(reply.status);
  for (const auto& message : reply.messages) {
    if (message.kind == evm::rpc::Message::Kind::result) {
      auto data = evm::rpc::decode_bytes(message.result);
      if (!data.ok()) return read_failed(data.status());
      load_answers_.push_back({Status(), std::move(*data)});
    } else if (is_revert(message.error)) {
      load_answers_.push_back({Status(StatusCode::rejected, "reverted"), message.error.data});
    } else {
      return read_failed(message.error.status());
    }
  }
  if (load_answers_.size() < load_calls_.size()) return ask_load_chunk();
  auto next = venue_->continue_load(load_answers_);
  if (!next.ok()) return read_failed(next.status());
  continue_load(std::move(*next));
}

void ProtocolEngine::finish_market(const evm::rpc::BlockHeader& head) {
  trouble_.clear();
  failures_ = 0;
  head_time_ = now_;
  unreachable_ = false;
  account_read_ = false;
  log_.log(LogLevel::debug, venue_->name(), fmt::format("block {} {}", head.number, head.hash.to_string()));
  update_books();
  if (signer_) return read_account();
  read_done();
}

void ProtocolEngine::read_failed(const Status& status) {
  reading_ = false;
  dirty_ = true;
  const bool news = trouble_ != status.message();
  if (!loaded_) trouble_ = status.message();
  // Told once, and again whenever it is something else.
  if (news && (!loaded_ || failures_ == 0)) {
    log_.log(LogLevel::warning, venue_->name(), "the chain cannot be read: " + status.to_string());
    events_.push_back(ConnectorErrorEvent{.timestamp = now_, .channel = "chain", .status = status});
  }
  const auto steps = std::min<std::uint32_t>(failures_++, 5);
  next_poll_ = now_ + std::min<Duration>(kHeadRetryMax, std::max<Duration>(config_.poll_every, 100ms) * (1U << steps));
}

void ProtocolEngine::read_done() {
  reading_ = false;
  dirty_ = true;
  failures_ = 0;
  next_poll_ = now_ + config_.poll_every;
}

void ProtocolEngine::update_books() {
  std::vector<evm::BookLevel> bids;
  std::vector<evm::BookLevel> asks;
  const auto& head = chain_.head();
  for (auto& [pair, book] : books_) {
    bids.clear();
    asks.clear();
    venue_->book(pair, bids, asks);
    OrderBookEditor editor(*book);
    const auto bid_depth = to_depth(bids, Rounding::floor);
    const auto ask_depth = to_depth(asks, Rounding::ceiling);
    BookLevelsEditor::replace(editor.levels(), bid_depth, ask_depth, head.number);
    editor.set_updated(head.number, now_, from_unix_ms(static_cast<std::int64_t>(head.timestamp) * 1000));
    editor.set_snapshot_update_id(head.number);
    if (book->state() != OrderBookState::live) {
      editor.set_state(OrderBookState::live, "block " + std::to_string(head.number), now_);
      events_.push_back(
          OrderBookStateEvent{.timestamp = now_, .trading_pair = pair, .state = book->state(), .reason = {}});
    }
    changed_books_.push_back(book.get());
  }
}

void ProtocolEngine::set_books(OrderBookState state, const std::string& reason) {
  for (auto& [pair, book] : books_) {
    if (book->state() == state || book->state() == OrderBookState::unsynced) continue;
    OrderBookEditor(*book).set_state(state, reason, now_);
    events_.push_back(OrderBookStateEvent{.timestamp = now_, .trading_pair = pair, .state = state, .reason = reason});
  }
}

}  // namespace calypte::engine
