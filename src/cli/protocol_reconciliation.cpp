#include "cli/protocol_reconciliation.hpp"

#include <fmt/format.h>
#include <set>
#include <string_view>

#include "evm/amount.hpp"
#include "evm/erc20.hpp"
#include "evm/json_rpc_calls.hpp"
#include "evm/json_rpc_types.hpp"
#include "evm/keccak.hpp"

namespace calypte::cli {

namespace {

constexpr int kCoinDecimals = 18;

Result<Decimal> ask_balance(ChainNode& node, const evm::Address& owner, const ChainToken& token) {
  evm::rpc::CallMessage message;
  message.to = token.address;
  message.data = evm::erc20::balance_of(owner);
  const auto answer = node.ask(evm::rpc::call(message, evm::rpc::BlockTag::latest));
  if (!answer.ok()) return answer.status();
  const auto bytes = evm::rpc::decode_bytes(*answer);
  if (!bytes.ok()) return bytes.status();
  const auto units = evm::erc20::decode_amount(*bytes);
  if (!units.ok()) return units.status();
  return evm::to_decimal(*units, token.decimals);
}

Result<evm::rpc::Receipt> ask_receipt(ChainNode& node, const std::string& transaction) {
  const auto hash = evm::Hash32::parse(transaction);
  if (!hash.ok()) return hash.status();
  const auto answer = node.ask(evm::rpc::get_receipt(*hash));
  if (!answer.ok()) return answer.status();
  auto receipt = evm::rpc::decode_receipt(*answer);
  if (!receipt.ok()) return receipt.status();
  if (!*receipt) return Status(StatusCode::unavailable, "the chain has no such transaction");
  return std::move(**receipt);
}

Result<Decimal> fee_in(const evm::rpc::Receipt& receipt) {
  return evm::to_decimal(evm::Uint256(receipt.effective_gas_price) * receipt.gas_used, kCoinDecimals);
}

/// What the transfers of one token in a receipt have brought to an account; negative if they took.
Result<Decimal> brought_by(const evm::rpc::Receipt& receipt, const ChainToken& token, const evm::Address& account) {
  static const evm::Hash32 transfer = evm::keccak256("Transfer(address,address,uint256)");
  const std::string padded = "0x" + std::string(24, '0') + account.to_hex().substr(2);
  Decimal sum;
  for (const auto& log : receipt.logs) {
    if (log.address != token.address || log.topics.size() != 3 || log.topics[0] != transfer) continue;
    const auto units = evm::erc20::decode_amount(log.data);
    if (!units.ok()) return units.status();
    const auto amount = evm::to_decimal(*units, token.decimals);
    if (!amount.ok()) return amount.status();
    if (log.topics[1].to_string() == padded) sum -= *amount;
    if (log.topics[2].to_string() == padded) sum += *amount;
  }
  return sum;
}

class ChainComparison {
 public:
  explicit ChainComparison(std::vector<std::string>& differences) : differences_(differences) {}
  void same(std::string_view where, std::string_view what, const Decimal& ours, const Decimal& chains) {
    if (ours == chains) return;
    differences_.push_back(fmt::format("{}: {} is {} for the connector, {} on the chain", where, what, ours.to_string(),
                                       chains.to_string()));
  }
  /// False and a difference if the chain could not be asked.
  template <typename T>
  bool known(std::string_view where, const Result<T>& result) {
    if (!result.ok()) failed(where, result.status());
    return result.ok();
  }
  void failed(std::string_view where, const Status& status) {
    differences_.push_back(fmt::format("{}: {}", where, status.to_string()));
  }

 private:
  std::vector<std::string>& differences_;
};

}  // namespace

Result<ChainAccountState> read_account(ChainNode& node, const evm::Address& account, const std::string& coin,
                                       const std::vector<ChainToken>& tokens) {
  ChainAccountState state;
  const auto nonce = node.ask(evm::rpc::get_transaction_count(account, evm::rpc::BlockTag::latest));
  if (!nonce.ok()) return nonce.status();
  const auto transactions = evm::rpc::decode_uint64(*nonce);
  if (!transactions.ok()) return transactions.status();
  state.transactions = *transactions;
  const auto answer = node.ask(evm::rpc::get_balance(account, evm::rpc::BlockTag::latest));
  if (!answer.ok()) return answer.status();
  const auto units = evm::rpc::decode_uint256(*answer);
  if (!units.ok()) return units.status();
  const auto coins = evm::to_decimal(*units, kCoinDecimals);
  if (!coins.ok()) return coins.status();
  state.balances[coin] = *coins;
  for (const auto& token : tokens) {
    const auto balance = ask_balance(node, account, token);
    if (!balance.ok()) return balance.status();
    state.balances[token.symbol] = *balance;
  }
  return state;
}

ProtocolReconciliation reconcile(const HeardOnChain& heard,
                                 const std::vector<std::pair<std::string, Balance>>& balances,
                                 const ProtocolAccounts& accounts, ChainNode& node) {
  ProtocolReconciliation result;
  ChainComparison compare(result.differences);
  std::map<std::string, Decimal> moved;  // what the account gained by what was told
  std::set<std::string> told;
  const auto seen = [&](const std::string& transaction) {
    if (!told.insert(transaction).second) result.differences.push_back(transaction + ": told twice");
  };

  for (const auto& fill : heard.fills) {
    const std::string& hash = fill.exchange_trade_id.value;
    seen(hash);
    const bool buy = fill.trade_type == TradeType::buy;
    const Decimal base = buy ? fill.amount : Decimal() - fill.amount;
    const Decimal quote = buy ? Decimal() - fill.quote_amount : fill.quote_amount;
    Decimal fee;
    for (const auto& flat : fill.trade_fee.flat_fees) {
      if (flat.token != accounts.coin) result.differences.push_back(hash + ": a fee in " + flat.token);
      fee += flat.amount;
    }
    moved[std::string(accounts.pair.base())] += base;
    moved[std::string(accounts.pair.quote())] += quote;
    moved[accounts.coin] -= fee;
    result.network_fees += fee;
    result.rows.push_back(fmt::format("{}  {:<4} {} for {}, network fee {}", hash, to_string(fill.trade_type),
                                      fill.amount.to_string(), fill.quote_amount.to_string(), fee.to_string()));
    const auto receipt = ask_receipt(node, hash);
    if (!compare.known(hash, receipt)) continue;
    if (!receipt->succeeded) result.differences.push_back(hash + ": a fill was told, and the transaction failed");
    if (const auto paid = fee_in(*receipt); compare.known(hash, paid)) compare.same(hash, "the fee", fee, *paid);
    for (const auto& token : accounts.tokens) {
      const auto brought = brought_by(*receipt, token, accounts.account);
      if (!compare.known(hash, brought)) continue;
      compare.same(hash, token.symbol, token.symbol == accounts.pair.base() ? base : quote, *brought);
    }
  }
  for (const auto& fee : heard.network_fees) {
    const std::string& hash = fee.transaction.value;
    seen(hash);
    moved[accounts.coin] -= fee.amount;
    result.network_fees += fee.amount;
    result.rows.push_back(fmt::format("{}  no swap, network fee {}", hash, fee.amount.to_string()));
    const auto receipt = ask_receipt(node, hash);
    if (!compare.known(hash, receipt)) continue;
    if (const auto paid = fee_in(*receipt); compare.known(hash, paid)) compare.same(hash, "the fee", fee.amount, *paid);
  }

  const auto after = read_account(node, accounts.account, accounts.coin, accounts.tokens);
  if (!compare.known("the account", after)) return result;
  const std::map<std::string, Balance> ours(balances.begin(), balances.end());
  for (const auto& [symbol, now] : after->balances) {
    ++result.balances;
    const auto mine = ours.find(symbol);
    compare.same("balance of " + symbol, "the total", mine == ours.end() ? Decimal() : mine->second.total, now);
    const auto before = accounts.before.balances.find(symbol);
    const Decimal start = before == accounts.before.balances.end() ? Decimal() : before->second;
    compare.same("balance of " + symbol, "what fills and fees changed", moved[symbol], now - start);
  }
  compare.same("the account", "the number of transactions", Decimal(told.size()),
               Decimal(after->transactions - accounts.before.transactions));
  return result;
}

}  // namespace calypte::cli
