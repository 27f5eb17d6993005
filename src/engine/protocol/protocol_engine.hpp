// The engine of protocols: follows the chain block by block, keeps the protocol's state and the account true for the
// newest of them, and carries orders from a call of `buy` to a receipt that is deep enough.
//
//   protocol_engine.cpp    start and stop, the round, reads
//   protocol_heads.cpp     blocks, reorganisations, loading, logs, books
//   protocol_account.cpp   balances, allowances, nonce, receipts, and what their judgements mean for orders
//   protocol_orders.cpp    buy, sell, approve, cancel, speed up: estimate, sign, send
//
// What the market does and what the account has are read at one block, named by its hash; between blocks nothing
// changes. A reading that fails changes nothing and is made again.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "calypte/log.hpp"
#include "calypte/protocol.hpp"

#include "engine/balances.hpp"
#include "engine/cancel_alls.hpp"
#include "engine/client_order_ids.hpp"
#include "engine/engine.hpp"
#include "engine/order_tracker.hpp"
#include "engine/protocol/chain_view.hpp"
#include "engine/protocol/intents.hpp"
#include "engine/protocol/network_fees.hpp"
#include "engine/protocol/node_desk.hpp"
#include "engine/readiness.hpp"
#include "engine/session.hpp"
#include "evm/protocol_venue.hpp"
#include "evm/signer.hpp"
#include "venue/spec.hpp"

namespace calypte::engine {

struct ProtocolEngineOptions {
  std::uint64_t seed = 1;                   ///< jitter
  std::uint64_t instance = 1;               ///< distinguishes processes in client order ids
  std::array<std::uint8_t, 32> blinding{};  ///< evm/signer.hpp
  std::size_t order_limit = 100;            ///< orders and approvals that have not ended; one more is denied
  OrderTrackerOptions orders;
};

class ProtocolEngine final : public Engine, public Protocol {
 public:
  /// Fails on a configuration that makes no sense: no chain, no pairs, trading without a key, a key that is none.
  static Result<std::unique_ptr<ProtocolEngine>> create(std::unique_ptr<evm::ProtocolVenue> venue,
                                                        ProtocolConfig config, ProtocolEngineOptions options,
                                                        LogSink& log, Time now);
  ~ProtocolEngine() override;

  // --- engine/engine.hpp ---

  void start(Time now) override;
  void stop(Time now) override;
  void on_stream_up(venue::StreamId stream, Time now) override;
  void on_stream_down(venue::StreamId stream, std::string_view reason, Time now) override;
  void on_stream_alive(venue::StreamId stream, Time now) override;
  void on_frame(venue::StreamId stream, venue::Bytes frame, Time now) override;
  void on_outcome(venue::RequestId id, const venue::RequestOutcome& outcome, Time now) override;
  void on_time(Time now) override;
  void excuse(Duration lost, Time now) override;
  bool settle() override;
  [[nodiscard]] std::vector<const OrderBook*>& changed_books() noexcept override { return changed_books_; }
  [[nodiscard]] Time next_wakeup() const override;
  void set_durable(bool durable, std::string_view reason) override;
  void keep_changes() override;
  void write_changes(RoundWriter& round) override;
  void write_all(const std::function<RoundWriter&()>& next) const override;
  void restore(const Recovery& recovery, Time now) override;
  [[nodiscard]] bool account_live() const noexcept override { return account_read_; }
  bool sweep_soon() override;
  [[nodiscard]] std::uint64_t sweeps() const noexcept override { return account_reads_; }
  bool disarm_dead_man(Time) override { return false; }
  [[nodiscard]] bool dead_man_disarmed() const override { return true; }
  [[nodiscard]] Time last_contact() const override { return desk_.last_answer(); }

  // --- calypte/connector.hpp, calypte/protocol.hpp ---

  [[nodiscard]] std::string_view name() const noexcept override { return venue_->name(); }
  [[nodiscard]] ConnectorKind kind() const noexcept override { return ConnectorKind::protocol; }
  [[nodiscard]] Time current_time() const noexcept override { return now_; }
  [[nodiscard]] ConnectorStatus status() const override;
  ClientOrderId buy(const TradingPair& pair, const Decimal& amount, OrderType type, const std::optional<Decimal>& price,
                    const OrderOptions& options) override;
  ClientOrderId sell(const TradingPair& pair, const Decimal& amount, OrderType type,
                     const std::optional<Decimal>& price, const OrderOptions& options) override;
  Status cancel(const ClientOrderId& id) override;
  std::vector<ClientOrderId> place_orders(std::span<const OrderIntent> orders) override;
  std::vector<Status> cancel_orders(std::span<const ClientOrderId> ids) override;
  void cancel_all(Duration time_limit, CancelAllDone done) override;
  [[nodiscard]] const InFlightOrder* order(const ClientOrderId& id) const override;
  [[nodiscard]] std::vector<const InFlightOrder*> in_flight_orders() const override;
  [[nodiscard]] std::vector<LimitOrder> limit_orders() const override;
  [[nodiscard]] std::string explain(const ClientOrderId& id) const override;
  [[nodiscard]] std::vector<std::string> tracking_states() const override;
  Status restore_tracking_states(std::span<const std::string> states) override;
  [[nodiscard]] Decimal balance(std::string_view asset) const override;
  [[nodiscard]] Decimal available_balance(std::string_view asset) const override;
  [[nodiscard]] std::vector<std::pair<std::string, Balance>> balances() const override { return balances_.all(); }
  [[nodiscard]] std::span<const OrderType> supported_order_types() const noexcept override;
  [[nodiscard]] std::vector<TradingPair> trading_pairs() const override { return config_.trading_pairs; }
  [[nodiscard]] std::vector<TradingPair> all_trading_pairs() const override;
  [[nodiscard]] const TradingRule* trading_rule(const TradingPair& pair) const override;
  [[nodiscard]] const OrderBook* order_book(const TradingPair& pair) const override;
  [[nodiscard]] std::optional<Decimal> price(const TradingPair& pair, PriceType type) const override;
  /// The pools' fees are part of every price; what is added is the network fee of a usual swap, as a flat fee.
  [[nodiscard]] TradeFee fee(const TradingPair& pair, OrderType type, TradeType side, const Decimal& amount,
                             const std::optional<Decimal>& price) const override;
  Status add_trading_pair(const TradingPair& pair) override;
  Status remove_trading_pair(const TradingPair& pair) override;
  void last_traded_prices(std::span<const TradingPair> pairs, LastTradedPricesDone done) override;
  [[nodiscard]] std::uint64_t chain_id() const noexcept override { return config_.chain_id; }
  [[nodiscard]] std::string_view native_asset() const noexcept override;
  [[nodiscard]] std::string_view account() const noexcept override { return account_text_; }
  [[nodiscard]] std::uint64_t block_number() const noexcept override { return loaded_ ? chain_.head().number : 0; }
  [[nodiscard]] Result<SwapQuote> quote(const TradingPair& pair, TradeType side, const Decimal& amount) const override;
  void estimate_network_fee(const TradingPair& pair, TradeType side, const Decimal& amount,
                            NetworkFeeDone done) override;
  [[nodiscard]] std::optional<Decimal> allowance(std::string_view token) const override;
  ClientOrderId approve(std::string_view token, const Decimal& amount) override;
  ClientOrderId approve_unlimited(std::string_view token) override;
  Status speed_up(const ClientOrderId& id) override;

  // --- For tests and people ---

  [[nodiscard]] const Intents& intents() const noexcept { return intents_; }
  [[nodiscard]] const ChainView& chain() const noexcept { return chain_; }

 private:
  ProtocolEngine(std::unique_ptr<evm::ProtocolVenue> venue, ProtocolConfig config, ProtocolEngineOptions options,
                 ClientOrderIds ids, std::optional<evm::Signer> signer, LogSink& log, Time now);

  // protocol_heads.cpp
  void poll_head();
  void on_tip(const NodeReply& reply);
  void follow(const evm::rpc::BlockHeader& tip);
  void read_gap(const evm::rpc::BlockHeader& tip);
  void read_logs(std::vector<evm::rpc::BlockHeader> blocks);
  void load(const evm::rpc::BlockHeader& block, std::string_view why);
  void continue_load(std::vector<evm::ReadCall> calls);
  void ask_load_chunk();
  void on_load_chunk(const NodeReply& reply);
  void finish_market(const evm::rpc::BlockHeader& head);
  void read_failed(const Status& status);
  void read_done();
  void update_books();
  void set_books(OrderBookState state, const std::string& reason);

  // protocol_account.cpp
  void read_account();
  void on_account(const NodeReply& reply, const std::vector<std::string>& tokens,
                  const std::vector<evm::Hash32>& hashes);
  void act_on(const Judgement& judgement);
  void on_confirmed(Intent& intent, const Judgement& judgement);
  void tell_swap(const Intent& intent, const evm::rpc::Receipt& receipt);
  void explain_failure(const ClientOrderId& id, const evm::rpc::Receipt& receipt);
  void tell_failure(const ClientOrderId& id, const evm::Hash32& hash, const Status& why);
  void tell_approval(const Intent& intent, const std::optional<evm::Hash32>& hash, Status status);
  void tell_network_fee(const Intent& intent, const evm::rpc::Receipt& receipt);
  void tell_revoked(const Intent& intent, bool reinstated);
  void report(const ClientOrderId& id, OrderState state, const std::optional<evm::Hash32>& hash,
              FailureReason reason = FailureReason::none, std::string message = {});

  // protocol_orders.cpp
  ClientOrderId place(TradeType side, const TradingPair& pair, const Decimal& amount, OrderType type,
                      const std::optional<Decimal>& price, const OrderOptions& options);
  ClientOrderId approve(std::string_view token, const std::optional<Decimal>& amount);
  [[nodiscard]] Status check_place(const TradingPair& pair, const Decimal& amount, OrderType type,
                                   const std::optional<Decimal>& price, const OrderOptions& options) const;
  [[nodiscard]] Status check_can_sign() const;
  [[nodiscard]] Status check_funds(const evm::SwapCall& call) const;
  void estimate(const ClientOrderId& id);
  void on_estimate(const ClientOrderId& id, const NodeReply& reply);
  void sign_action(Intent& intent, std::uint64_t gas);
  /// Signs one more transaction of the intent and sends it; the failure says why nothing was signed.
  Status add_attempt(Intent& intent, bool is_cancel);
  void send(Intent& intent, Attempt& attempt);
  void on_sent(const ClientOrderId& id, const evm::Hash32& hash, const NodeReply& reply);
  /// Nothing of it can happen any more, and nothing did.
  void refuse(const ClientOrderId& refused, const Status& status);
  void replace_nonce(Intent& intent);
  void fill_gap(std::uint64_t nonce);
  void send_again();
  [[nodiscard]] evm::Transaction cancel_transaction(const Intent& intent) const;

  [[nodiscard]] Status trading_state() const;
  [[nodiscard]] Duration unreachable_after() const;
  void changed(const ClientOrderId& id) {
    if (keep_changes_) changed_.push_back(id);
  }
  void collect_events();
  void take_over(Intent intent);

  LogSink& log_;
  std::unique_ptr<evm::ProtocolVenue> venue_;
  ProtocolConfig config_;
  ProtocolEngineOptions options_;
  ClientOrderIds ids_;
  std::optional<evm::Signer> signer_;
  std::string account_text_;
  Time now_;
  bool running_ = false;
  bool dirty_ = true;
  std::string not_durable_;

  NodeDesk desk_;
  venue::StreamSpec stream_spec_;
  std::optional<Session> stream_;  // empty: the node is polled
  venue::json::Document frame_;
  OrderTracker order_tracker_;
  Balances balances_;
  Readiness readiness_;
  CancelAlls cancel_alls_;
  Intents intents_;

  // The market.
  ChainView chain_;
  GasMarket gas_;
  bool loaded_ = false;
  bool ever_loaded_ = false;
  bool reading_ = false;      // a reading of the chain is under way
  bool head_wanted_ = false;  // news came meanwhile
  Time next_poll_ = kNever;
  bool unreachable_ = false;  // for too long to go on believing the last block
  Time head_time_{};          // when the newest head was learned
  std::uint32_t behind_ = 0;  // looks in a row that showed an older head
  std::uint32_t failures_ = 0;
  std::string trouble_;  // why the market is not known; empty: it is
  evm::rpc::BlockHeader target_;
  std::vector<evm::ReadCall> load_calls_;
  std::vector<evm::ReadResult> load_answers_;
  std::map<TradingPair, std::unique_ptr<OrderBook>> books_;
  std::vector<const OrderBook*> changed_books_;

  // The account.
  bool account_read_ = false;  // as of the newest head
  std::uint64_t account_reads_ = 0;
  std::uint64_t chain_nonce_ = 0;                                // by the state of the head
  std::uint64_t pending_nonce_ = 0;                              // with what waits at the node
  evm::Uint256 coins_ = 0;                                       // wei
  std::map<std::string, evm::Uint256, std::less<>> allowances_;  // by token, smallest units
  std::map<std::string, evm::Uint256, std::less<>> holdings_;

  // For the journal.
  bool keep_changes_ = false;
  std::vector<ClientOrderId> changed_;
  std::vector<std::function<void()>> later_;  // answers that must not come from inside a call
};

}  // namespace calypte::engine
