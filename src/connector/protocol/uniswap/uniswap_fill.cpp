#include "connector/protocol/uniswap/uniswap_fill.hpp"

#include <string>

#include "connector/protocol/uniswap/pool_types.hpp"
#include "connector/protocol/uniswap/uniswap_contracts.hpp"
#include "evm/amount.hpp"

namespace calypte::connector::uniswap {
namespace {

struct Moved {
  Uint512 in = 0;
  Uint512 out = 0;
};

/// Sums of the transfers of one token; a receipt has by far too few logs for 512 bits to overflow.
Result<Moved> moved(const evm::Token& token, const Address& account, const evm::rpc::Receipt& receipt) {
  Moved sum;
  for (const evm::rpc::Log& log : receipt.logs) {
    if (log.address != token.address) continue;
    const auto transfer = read_transfer(log);
    if (!transfer) return transfer.status();
    if (!transfer->has_value()) continue;
    if ((*transfer)->to == account) sum.in += Uint512((*transfer)->amount);
    if ((*transfer)->from == account) sum.out += Uint512((*transfer)->amount);
  }
  return sum;
}

/// What came of a token that should have come, or left of one that should have left.
Result<Decimal> net_amount(const evm::Token& token, bool received, const Address& account,
                           const evm::rpc::Receipt& receipt) {
  const auto sum = moved(token, account, receipt);
  if (!sum) return sum.status();
  const Uint512& more = received ? sum->in : sum->out;
  const Uint512& less = received ? sum->out : sum->in;
  if (more <= less || ((more - less) >> 256U) != 0) {
    return Status(StatusCode::malformed, "the transaction " + receipt.transaction_hash.to_string() + " shows no " +
                                             token.symbol + (received ? " received" : " paid"));
  }
  return evm::to_decimal(static_cast<Uint256>(Uint512(more - less)), token.decimals);
}

}  // namespace

Result<evm::SwapFill> read_fill(const evm::Token& base, const evm::Token& quote, TradeType side,
                                const evm::Address& account, const evm::rpc::Receipt& receipt) {
  const bool buy = side == TradeType::buy;
  const auto base_amount = net_amount(base, buy, account, receipt);
  if (!base_amount) return base_amount.status();
  const auto quote_amount = net_amount(quote, !buy, account, receipt);
  if (!quote_amount) return quote_amount.status();
  return evm::SwapFill{*base_amount, *quote_amount};
}

}  // namespace calypte::connector::uniswap
