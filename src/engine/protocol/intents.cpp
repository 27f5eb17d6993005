#include "engine/protocol/intents.hpp"

#include <algorithm>
#include <utility>

namespace calypte::engine {

Attempt* Intent::find(const evm::Hash32& hash) {
  const auto it = std::ranges::find_if(attempts, [&](const Attempt& a) { return a.signed_transaction.hash == hash; });
  return it == attempts.end() ? nullptr : &*it;
}

bool Intent::accepted() const noexcept {
  return std::ranges::any_of(attempts, [](const Attempt& a) { return a.accepted; });
}

Intent& Intents::add(Intent intent) {
  const ClientOrderId id = intent.id;
  return intents_.emplace(id, std::move(intent)).first->second;
}

Intent* Intents::find(const ClientOrderId& id) {
  const auto it = intents_.find(id);
  return it == intents_.end() ? nullptr : &it->second;
}

const Intent* Intents::find(const ClientOrderId& id) const {
  const auto it = intents_.find(id);
  return it == intents_.end() ? nullptr : &it->second;
}

void Intents::remove(const ClientOrderId& id) { intents_.erase(id); }

std::vector<evm::Hash32> Intents::hashes() const {
  std::vector<evm::Hash32> out;
  for (const auto& [id, intent] : intents_) {
    for (const auto& attempt : intent.attempts) out.push_back(attempt.signed_transaction.hash);
  }
  return out;
}

std::uint64_t Intents::next_nonce(std::uint64_t at_least) const {
  std::uint64_t next = at_least;
  for (const auto& [id, intent] : intents_) {
    if (!intent.attempts.empty()) next = std::max(next, intent.nonce() + 1);
  }
  return next;
}

std::vector<Judgement> Intents::judge(const ChainFacts& facts) {
  std::vector<Judgement> judgements;
  // In the order of their nonces, which is the order in which the chain executes them.
  std::vector<Intent*> order;
  for (auto& [id, intent] : intents_) {
    if (intent.phase != Intent::Phase::estimating) order.push_back(&intent);
  }
  std::ranges::sort(order, {}, [](const Intent* intent) { return intent->nonce(); });
  for (Intent* intent : order) judge(*intent, facts, judgements);
  for (const auto& judgement : judgements) {
    if (judgement.kind == Judgement::Kind::forgotten) intents_.erase(judgement.id);
  }
  return judgements;
}

void Intents::judge(Intent& intent, const ChainFacts& facts, std::vector<Judgement>& out) {
  const ChainView& chain = *facts.chain;
  for (const auto& attempt : intent.attempts) {
    const auto found = facts.receipts.find(attempt.signed_transaction.hash);
    // A reading that did not ask for all of it says nothing about it.
    if (found == facts.receipts.end()) return;
    if (!found->second) continue;
    // The node may be ahead of us, or have changed to another branch between two answers: then the next head decides.
    if (chain.contains(found->second->position.block_number, found->second->position.block_hash) == false) return;
    if (found->second->position.block_number > chain.head().number) return;
    return judge_mined(intent, *found->second, chain, out);
  }
  judge_absent(intent, facts, out);
}

void Intents::judge_mined(Intent& intent, const evm::rpc::Receipt& receipt, const ChainView& chain,
                          std::vector<Judgement>& out) {
  using Kind = Judgement::Kind;
  const evm::Hash32& hash = receipt.transaction_hash;
  Attempt* const attempt = intent.find(hash);
  if (!intent.accepted()) out.push_back({intent.id, Kind::seen, hash, std::nullopt});
  attempt->accepted = true;
  intent.mined = hash;
  intent.mined_block = receipt.position.block_number;
  intent.spent_since.reset();
  intent.late_since.reset();
  const std::uint64_t head = chain.head().number;
  // The same transaction may have another outcome in another block: there the price has moved, or its time is over.
  const bool swapped = !attempt->is_cancel && receipt.succeeded;
  if (!deep_enough(receipt.position.block_number, head)) return;
  if (intent.phase == Intent::Phase::waiting) {
    intent.phase = Intent::Phase::ended;
    intent.ended_block = head;
    if (swapped) intent.filled = hash;
    const bool charged_before = std::exchange(intent.charged, hash) == hash;
    out.push_back({intent.id, Kind::confirmed, hash, receipt, charged_before});
    return;
  }
  // It has ended. Another attempt may have won after all.
  if (intent.filled && !intent.revoked && !(swapped && intent.filled == hash)) revoke(intent, head, out);
  if (swapped && (!intent.filled || intent.revoked)) {
    const bool again = intent.filled == hash;
    intent.filled = hash;
    intent.revoked = false;
    intent.charged = hash;  // in the fee of the fill
    intent.ended_block = head;
    out.push_back({intent.id, again ? Kind::reinstated : Kind::confirmed, hash, receipt});
  }
  if (std::exchange(intent.charged, hash) != hash) out.push_back({intent.id, Kind::charged, hash, receipt});
  if (head > intent.ended_block + options_.watch_blocks)
    out.push_back({intent.id, Kind::forgotten, hash, std::nullopt});
}

void Intents::revoke(Intent& intent, std::uint64_t head, std::vector<Judgement>& out) {
  intent.revoked = true;
  intent.charged.reset();  // its fee went with the fill
  intent.ended_block = head;
  out.push_back({intent.id, Judgement::Kind::revoked, *intent.filled, std::nullopt});
}

void Intents::judge_absent(Intent& intent, const ChainFacts& facts, std::vector<Judgement>& out) {
  using Kind = Judgement::Kind;
  const auto& head = facts.chain->head();
  // A node that is behind shows a head from before its block: that it is not there says nothing.
  if (intent.mined && head.number < intent.mined_block) return;
  if (intent.filled && head.number < intent.ended_block) return;
  if (intent.mined) {
    out.push_back({intent.id, Kind::unmined, *intent.mined, std::nullopt});
    intent.mined.reset();
    intent.ended_block = std::max(intent.ended_block, head.number);
  }
  if (intent.filled && !intent.revoked) revoke(intent, head.number, out);
  const bool spent = facts.nonce > intent.nonce();
  if (!spent) intent.spent_since.reset();
  if (spent && !intent.spent_since) intent.spent_since = head.number;
  if (intent.phase == Intent::Phase::ended) {
    // While its nonce can still be spent by one of its transactions it is not forgotten.
    if (spent && head.number > std::max(intent.ended_block, *intent.spent_since) + options_.watch_blocks) {
      out.push_back({intent.id, Kind::forgotten, {}, std::nullopt});
    }
    return;
  }
  // Two looks at least: answers of one reading may come from two nodes behind one address.
  if (spent && head.number > *intent.spent_since && deep_enough(*intent.spent_since, head.number)) {
    intent.phase = Intent::Phase::ended;
    intent.ended_block = head.number;
    out.push_back({intent.id, Kind::replaced, {}, std::nullopt});
    return;
  }
  if (intent.deadline == 0 || head.timestamp <= intent.deadline) {
    intent.late_since.reset();
    return;
  }
  if (!intent.late_since) intent.late_since = head.number;
  if (!spent && deep_enough(*intent.late_since, head.number)) {
    intent.phase = Intent::Phase::ended;
    intent.ended_block = head.number;
    out.push_back({intent.id, Kind::expired, {}, std::nullopt});
  }
}

}  // namespace calypte::engine
