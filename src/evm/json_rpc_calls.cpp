#include "evm/json_rpc_calls.hpp"

#include <cassert>

#include "evm/hex.hpp"
#include "evm/quantity.hpp"
#include "venue/json_writer.hpp"

namespace calypte::evm::rpc {
namespace {

using venue::json::Writer;

void write(Writer& writer, const Block& block) {
  if (const auto* tag = std::get_if<BlockTag>(&block)) {
    writer.string(to_string(*tag));
  } else if (const auto* number = std::get_if<std::uint64_t>(&block)) {
    writer.string(to_quantity(*number));
  } else {
    writer.begin_object().field("blockHash", std::get<Hash32>(block).to_string()).end_object();
  }
}

void write(Writer& writer, const CallMessage& message) {
  writer.begin_object();
  if (message.from) writer.field("from", message.from->to_hex());
  if (message.to) writer.field("to", message.to->to_hex());
  if (message.gas) writer.field("gas", to_quantity(*message.gas));
  if (message.max_fee_per_gas) writer.field("maxFeePerGas", to_quantity(*message.max_fee_per_gas));
  if (message.max_priority_fee_per_gas) {
    writer.field("maxPriorityFeePerGas", to_quantity(*message.max_priority_fee_per_gas));
  }
  if (message.value) writer.field("value", to_quantity(*message.value));
  // "input" is the name of the specification; older nodes know "data" only, and all that know both take them if equal.
  const std::string data = to_hex(message.data);
  writer.field("input", data).field("data", data).end_object();
}

void write_topics(Writer& writer, const std::vector<std::vector<Hash32>>& topics) {
  writer.key("topics").begin_array();
  for (const std::vector<Hash32>& place : topics) {
    if (place.empty()) {
      writer.null();
      continue;
    }
    writer.begin_array();
    for (const Hash32& topic : place) writer.string(topic.to_string());
    writer.end_array();
  }
  writer.end_array();
}

void write_addresses_and_topics(Writer& writer, const LogFilter& filter) {
  if (!filter.addresses.empty()) {
    writer.key("address").begin_array();
    for (const Address& address : filter.addresses) writer.string(address.to_hex());
    writer.end_array();
  }
  if (!filter.topics.empty()) write_topics(writer, filter.topics);
}

/// A method whose parameters `fill` writes.
template <typename Fill>
Call make(std::string_view method, Fill fill) {
  Call call{method, {}};
  Writer writer(call.params);
  writer.begin_array();
  fill(writer);
  writer.end_array();
  return call;
}

Call about(std::string_view method, const Address& account, const Block& block) {
  return make(method, [&](Writer& writer) {
    writer.string(account.to_hex());
    write(writer, block);
  });
}

Call about(std::string_view method, const Hash32& hash) {
  return make(method, [&](Writer& writer) { writer.string(hash.to_string()); });
}

Call about(std::string_view method, const CallMessage& message, const Block& block) {
  return make(method, [&](Writer& writer) {
    write(writer, message);
    write(writer, block);
  });
}

}  // namespace

std::string_view to_string(BlockTag tag) noexcept {
  switch (tag) {
    case BlockTag::latest:
      return "latest";
    case BlockTag::pending:
      return "pending";
    case BlockTag::safe:
      return "safe";
    case BlockTag::finalized:
      return "finalized";
    case BlockTag::earliest:
      return "earliest";
  }
  return "";
}

Call chain_id() { return {"eth_chainId"}; }
Call block_number() { return {"eth_blockNumber"}; }
Call gas_price() { return {"eth_gasPrice"}; }
Call max_priority_fee_per_gas() { return {"eth_maxPriorityFeePerGas"}; }

Call get_block(const Block& block) {
  if (const auto* hash = std::get_if<Hash32>(&block)) {
    return make("eth_getBlockByHash", [&](Writer& writer) { writer.string(hash->to_string()).boolean(false); });
  }
  return make("eth_getBlockByNumber", [&](Writer& writer) {
    write(writer, block);
    writer.boolean(false);
  });
}

Call get_transaction_count(const Address& account, const Block& block) {
  return about("eth_getTransactionCount", account, block);
}
Call get_balance(const Address& account, const Block& block) { return about("eth_getBalance", account, block); }
Call get_code(const Address& account, const Block& block) { return about("eth_getCode", account, block); }
Call get_transaction(const Hash32& hash) { return about("eth_getTransactionByHash", hash); }
Call get_receipt(const Hash32& transaction_hash) { return about("eth_getTransactionReceipt", transaction_hash); }
Call call(const CallMessage& message, const Block& block) { return about("eth_call", message, block); }
Call estimate_gas(const CallMessage& message, const Block& block) { return about("eth_estimateGas", message, block); }

Call get_logs(const LogFilter& filter) {
  assert(!filter.block_hash || (!filter.from_block && !filter.to_block));
  return make("eth_getLogs", [&](Writer& writer) {
    writer.begin_object();
    if (filter.from_block) write(writer.key("fromBlock"), *filter.from_block);
    if (filter.to_block) write(writer.key("toBlock"), *filter.to_block);
    if (filter.block_hash) writer.field("blockHash", filter.block_hash->to_string());
    write_addresses_and_topics(writer, filter);
    writer.end_object();
  });
}

Call fee_history(std::uint64_t blocks, const Block& newest, std::span<const unsigned> percentiles) {
  return make("eth_feeHistory", [&](Writer& writer) {
    writer.string(to_quantity(blocks));
    write(writer, newest);
    writer.begin_array();
    for (const unsigned percentile : percentiles) writer.integer(std::uint64_t{percentile});
    writer.end_array();
  });
}

Call send_raw_transaction(ByteView raw) {
  return make("eth_sendRawTransaction", [&](Writer& writer) { writer.string(to_hex(raw)); });
}

Call subscribe_new_heads() {
  return make("eth_subscribe", [](Writer& writer) { writer.string("newHeads"); });
}

Call subscribe_logs(const LogFilter& filter) {
  return make("eth_subscribe", [&](Writer& writer) {
    writer.string("logs").begin_object();
    write_addresses_and_topics(writer, filter);
    writer.end_object();
  });
}

Call unsubscribe(std::string_view subscription) {
  return make("eth_unsubscribe", [&](Writer& writer) { writer.string(subscription); });
}

}  // namespace calypte::evm::rpc
