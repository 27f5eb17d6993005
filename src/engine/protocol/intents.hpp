// What is to happen on the chain once, and what the chain says about it: pure, fed with blocks and receipts.
//
// An intent has one nonce, and every transaction that was ever signed for it has that nonce: the action itself, dearer
// copies of it, and cancellations, which send nothing to ourselves. The chain executes one transaction a nonce, so the
// action happens at most once whatever is sent how often, and is known by the hashes of its transactions. Evidence ends
// an intent, never its absence:
//
//   a receipt of one of its transactions, `confirmations` blocks deep;
//   its nonce spent by a transaction that is not one of them, for as many blocks (`replaced`);
//   its deadline, which the contract enforces, passed by the clock of as many blocks (`expired`).
//
// A transaction that no node shows is sent again, the same bytes: that it is not seen says nothing. After its end an
// intent is watched for `watch_blocks` more, because a reorganisation can take a fill back, or bring one about after a
// cancellation had won.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calypte/time.hpp"
#include "calypte/types.hpp"

#include "engine/protocol/chain_view.hpp"
#include "evm/json_rpc_types.hpp"
#include "evm/transaction.hpp"

namespace calypte::engine {

/// One signed transaction of an intent.
struct Attempt {
  bool is_cancel = false;
  evm::SignedTransaction signed_transaction;
  bool accepted = false;  ///< a node said that it has it
  Time last_sent{};       ///< not stored: after a restart it is sent anew
  /// Not stored; 1 after a restart. A refusal is about one submission: it says something of the transaction only if
  /// there was no other, whose answer may have been lost.
  std::uint32_t submissions = 0;
};

struct Intent {
  enum class Kind : std::uint8_t {
    swap,
    approval,
    filler,  ///< takes a nonce that was given out and not used, so that later ones can be mined
  };
  enum class Phase : std::uint8_t {
    estimating,  ///< nothing is signed
    waiting,     ///< signed; the chain decides
    ended,
  };
  ClientOrderId id;
  Kind kind = Kind::swap;
  Phase phase = Phase::estimating;
  TradingPair trading_pair;  ///< of a swap
  TradeType side = TradeType::buy;
  std::string token;              ///< that is paid, or approved
  std::optional<Decimal> amount;  ///< of an approval; empty: unlimited. Of a swap: the most that is paid
  evm::Transaction action;        ///< everything but what is offered for gas
  evm::Uint256 budget = 0;        ///< wei that one transaction may cost
  std::uint64_t deadline = 0;     ///< Unix seconds of the chain's clock; 0: none
  std::vector<Attempt> attempts;

  // What the chain said last.
  std::optional<evm::Hash32> mined;  ///< which attempt stands in the chain now
  std::uint64_t mined_block = 0;
  std::optional<std::uint64_t> spent_since;  ///< block since which the nonce is spent by a stranger
  std::optional<std::uint64_t> late_since;   ///< block since which the deadline has passed
  std::uint64_t ended_block = 0;             ///< when it ended, or when the chain last changed its mind
  std::optional<evm::Hash32> filled;         ///< the transaction whose fill was told
  bool revoked = false;                      ///< and taken back
  std::optional<evm::Hash32> charged;        ///< the transaction whose network fee was told

  [[nodiscard]] std::uint64_t nonce() const noexcept { return action.nonce; }
  /// The attempt that offers most, which is the one that nodes keep; null if nothing is signed.
  [[nodiscard]] const Attempt* newest() const noexcept { return attempts.empty() ? nullptr : &attempts.back(); }
  [[nodiscard]] Attempt* find(const evm::Hash32& hash);
  [[nodiscard]] bool accepted() const noexcept;
  /// What offers most takes the nonce back.
  [[nodiscard]] bool being_cancelled() const noexcept { return !attempts.empty() && attempts.back().is_cancel; }
};

/// What a reading of the chain says.
struct ChainFacts {
  const ChainView* chain = nullptr;
  std::uint64_t nonce = 0;  ///< the account's next one, by the state of the head
  /// Of every hash that was asked for; empty: it is not in the chain that the node follows.
  std::map<evm::Hash32, std::optional<evm::rpc::Receipt>> receipts;
};

/// What follows for an intent.
struct Judgement {
  enum class Kind : std::uint8_t {
    seen,        ///< first evidence that a node or the chain has it
    confirmed,   ///< `receipt` of `attempt` is deep enough
    charged,     ///< likewise, after the end and without effect: only its network fee is news
    unmined,     ///< it was in a block and is in none now
    replaced,    ///< a stranger's transaction spent the nonce
    expired,     ///< it can only fail from now on; the nonce is still to be spent
    revoked,     ///< the fill that was told is gone
    reinstated,  ///< and back
    forgotten,   ///< watched long enough
  };
  ClientOrderId id;
  Kind kind = Kind::seen;
  evm::Hash32 attempt;
  std::optional<evm::rpc::Receipt> receipt;
  bool charged_before = false;  ///< its network fee was told already
};

struct IntentOptions {
  std::uint32_t confirmations = 2;
  std::uint32_t watch_blocks = 64;
};

class Intents {
 public:
  explicit Intents(IntentOptions options) : options_(options) {}

  /// Precondition: the id is new. Stays valid until it is forgotten.
  Intent& add(Intent intent);
  [[nodiscard]] Intent* find(const ClientOrderId& id);
  [[nodiscard]] const Intent* find(const ClientOrderId& id) const;
  /// Nothing of it was ever signed, or nothing that was signed ever left.
  void remove(const ClientOrderId& id);
  [[nodiscard]] const std::map<ClientOrderId, Intent>& all() const noexcept { return intents_; }
  [[nodiscard]] std::map<ClientOrderId, Intent>& all() noexcept { return intents_; }

  /// The transactions whose receipts are of interest.
  [[nodiscard]] std::vector<evm::Hash32> hashes() const;
  /// Judges every intent by a new head; changes what it says of the chain, and its phase where it ends.
  [[nodiscard]] std::vector<Judgement> judge(const ChainFacts& facts);
  /// The first nonce that none of the intents has and that is at least `at_least`.
  [[nodiscard]] std::uint64_t next_nonce(std::uint64_t at_least) const;

 private:
  void judge(Intent& intent, const ChainFacts& facts, std::vector<Judgement>& out);
  void judge_mined(Intent& intent, const evm::rpc::Receipt& receipt, const ChainView& chain,
                   std::vector<Judgement>& out);
  static void revoke(Intent& intent, std::uint64_t head, std::vector<Judgement>& out);
  void judge_absent(Intent& intent, const ChainFacts& facts, std::vector<Judgement>& out);
  [[nodiscard]] bool deep_enough(std::uint64_t since, std::uint64_t head) const noexcept {
    return head + 1 >= since + options_.confirmations;
  }

  IntentOptions options_;
  std::map<ClientOrderId, Intent> intents_;
};

/// For the journal: everything but what the next reading of the chain tells anew.
[[nodiscard]] std::string to_json(const Intent& intent);
[[nodiscard]] Result<Intent> intent_from_json(std::string_view json);

}  // namespace calypte::engine
