#include "evm/json_rpc_types.hpp"

#include <string_view>

#include "evm/hex.hpp"
#include "evm/quantity.hpp"

namespace calypte::evm::rpc {
namespace {

using venue::json::Value;

constexpr std::size_t kMaxTopics = 4;

/// The members of an object of the node. Keeps what was wrong first; what is read after it is zero.
class Fields {
 public:
  Fields(Value object, std::string_view what) : object_(object), what_(what) {
    if (!object.is_object()) fail("object");
  }

  std::uint64_t uint_64(std::string_view name) { return required(name, parse_quantity_64(string(name))); }
  Uint256 uint_256(std::string_view name) { return required(name, parse_quantity(string(name))); }
  Hash32 hash(std::string_view name) {
    Hash32 hash;
    if (!from_hex(string(name), hash.bytes)) fail(name);
    return hash;
  }
  Address address(std::string_view name) {
    Address address;
    if (!from_hex(string(name), address.bytes)) fail(name);
    return address;
  }
  ByteString bytes(std::string_view name) {
    Result<ByteString> bytes = from_hex(string(name));
    if (!bytes) fail(name);
    return bytes ? std::move(bytes).value() : ByteString{};
  }
  bool boolean(std::string_view name) { return required(name, object_.find(name).boolean()); }
  /// For a member that may be missing or null.
  [[nodiscard]] bool has(std::string_view name) const { return !object_.find(name).is_null(); }
  std::optional<Uint256> optional_uint_256(std::string_view name) {
    return has(name) ? std::optional(uint_256(name)) : std::nullopt;
  }
  std::optional<Address> optional_address(std::string_view name) {
    return has(name) ? std::optional(address(name)) : std::nullopt;
  }
  /// The elements of an array.
  venue::json::Elements elements(std::string_view name) {
    const Value value = object_.find(name);
    if (!value.is_array()) fail(name);
    return value.elements();
  }

  void fail(std::string_view name) {
    if (wrong_.empty()) wrong_ = name;
  }
  [[nodiscard]] bool ok() const noexcept { return wrong_.empty(); }
  [[nodiscard]] Status status() const {
    if (ok()) return {};
    return {StatusCode::malformed, std::string(what_).append(" of the node: bad ").append(wrong_)};
  }

 private:
  [[nodiscard]] std::string_view string(std::string_view name) const { return object_.find(name).string(); }
  template <typename T>
  T required(std::string_view name, const std::optional<T>& value) {
    if (!value) fail(name);
    return value.value_or(T{});
  }

  Value object_;
  std::string_view what_;
  std::string_view wrong_;
};

Status unlike(const char* what) { return {StatusCode::malformed, std::string(what) + " expected from the node"}; }

/// Appends the hashes of an array of strings; false if one is none, or there are more than a log can have.
bool read_topics(venue::json::Elements elements, std::vector<Hash32>& topics) {
  for (const Value element : elements) {
    if (topics.size() == kMaxTopics || !from_hex(element.string(), topics.emplace_back().bytes)) return false;
  }
  return true;
}

BlockPosition read_position(Fields& in) {
  return {in.hash("blockHash"), in.uint_64("blockNumber"), in.uint_64("transactionIndex")};
}

/// Logs of a receipt are of its transaction and its block, each behind the one before.
bool belong_together(const Receipt& receipt) {
  const Log* before = nullptr;
  for (const Log& log : receipt.logs) {
    if (log.transaction_hash != receipt.transaction_hash || log.removed ||
        BlockPosition{log.block_hash, log.block_number, log.transaction_index} != receipt.position) {
      return false;
    }
    if (before != nullptr && before->log_index >= log.log_index) return false;
    before = &log;
  }
  return true;
}

bool read_quantities(Value array, std::vector<Uint256>& out) {
  for (const Value element : array.elements()) {
    const auto value = parse_quantity(element.string());
    if (!value) return false;
    out.push_back(*value);
  }
  return array.is_array();
}

}  // namespace

Result<std::uint64_t> decode_uint64(Value result) {
  const auto value = parse_quantity_64(result.string());
  if (!value) return unlike("a quantity of at most 64 bits");
  return *value;
}

Result<Uint256> decode_uint256(Value result) {
  const auto value = parse_quantity(result.string());
  if (!value) return unlike("a quantity");
  return *value;
}

Result<Hash32> decode_hash(Value result) { return Hash32::parse(result.string()); }

Result<ByteString> decode_bytes(Value result) { return from_hex(result.string()); }

Result<std::string> decode_subscription(Value result) {
  constexpr std::size_t kMaxSize = 512;
  const std::string_view id = result.string();
  if (id.empty() || id.size() > kMaxSize) return unlike("the id of a subscription");
  return std::string(id);
}

Result<BlockHeader> decode_header(Value result) {
  Fields in(result, "a block");
  BlockHeader header;
  header.number = in.uint_64("number");
  header.hash = in.hash("hash");
  header.parent_hash = in.hash("parentHash");
  header.timestamp = in.uint_64("timestamp");
  header.gas_limit = in.uint_64("gasLimit");
  header.gas_used = in.uint_64("gasUsed");
  header.base_fee_per_gas = in.optional_uint_256("baseFeePerGas");
  if (!in.ok()) return in.status();
  return header;
}

Result<std::optional<BlockHeader>> decode_block(Value result) {
  if (result.kind() == venue::json::Kind::null) return std::optional<BlockHeader>();
  Result<BlockHeader> header = decode_header(result);
  if (!header) return header.status();
  return std::optional(std::move(header).value());
}

Result<Log> decode_log(Value result) {
  Fields in(result, "a log");
  Log log;
  log.address = in.address("address");
  if (!read_topics(in.elements("topics"), log.topics)) in.fail("topics");
  log.data = in.bytes("data");
  const BlockPosition position = read_position(in);
  log.block_hash = position.block_hash;
  log.block_number = position.block_number;
  log.transaction_index = position.transaction_index;
  log.transaction_hash = in.hash("transactionHash");
  log.log_index = in.uint_64("logIndex");
  if (in.has("removed")) log.removed = in.boolean("removed");
  if (!in.ok()) return in.status();
  return log;
}

Result<std::vector<Log>> decode_logs(Value result) {
  if (!result.is_array()) return unlike("an array of logs");
  std::vector<Log> logs;
  for (const Value element : result.elements()) {
    Result<Log> log = decode_log(element);
    if (!log) return log.status();
    logs.push_back(std::move(log).value());
  }
  return logs;
}

Result<std::optional<TransactionInfo>> decode_transaction(Value result) {
  if (result.kind() == venue::json::Kind::null) return std::optional<TransactionInfo>();
  Fields in(result, "a transaction");
  TransactionInfo info;
  info.hash = in.hash("hash");
  info.from = in.address("from");
  info.to = in.optional_address("to");
  info.nonce = in.uint_64("nonce");
  info.value = in.uint_256("value");
  info.input = in.bytes("input");
  info.gas_limit = in.uint_64("gas");
  info.gas_price = in.optional_uint_256("gasPrice");
  info.max_fee_per_gas = in.optional_uint_256("maxFeePerGas");
  info.max_priority_fee_per_gas = in.optional_uint_256("maxPriorityFeePerGas");
  if (in.has("blockHash")) info.position = read_position(in);
  if (!in.ok()) return in.status();
  return std::optional(std::move(info));
}

Result<std::optional<Receipt>> decode_receipt(Value result) {
  if (result.kind() == venue::json::Kind::null) return std::optional<Receipt>();
  Fields in(result, "a receipt");
  Receipt receipt;
  receipt.transaction_hash = in.hash("transactionHash");
  receipt.position = read_position(in);
  receipt.from = in.address("from");
  receipt.to = in.optional_address("to");
  const std::uint64_t status = in.uint_64("status");
  if (status > 1) in.fail("status");
  receipt.succeeded = status == 1;
  receipt.gas_used = in.uint_64("gasUsed");
  receipt.effective_gas_price = in.uint_256("effectiveGasPrice");
  receipt.l1_fee = in.optional_uint_256("l1Fee");
  if (!in.ok()) return in.status();
  Result<std::vector<Log>> logs = decode_logs(result.find("logs"));
  if (!logs) return logs.status();
  receipt.logs = std::move(logs).value();
  if (!belong_together(receipt)) return unlike("logs that belong to their receipt");
  return std::optional(std::move(receipt));
}

Result<Uint256> Receipt::fee_paid() const {
  Uint512 fee = static_cast<Uint512>(effective_gas_price) * gas_used;
  if (l1_fee) fee += static_cast<Uint512>(*l1_fee);
  if ((fee >> 256U) != 0) return Status(StatusCode::malformed, "a receipt with a fee beyond 256 bits");
  return static_cast<Uint256>(fee);
}

Result<FeeHistory> decode_fee_history(Value result) {
  Fields in(result, "the history of fees");
  FeeHistory history;
  history.oldest_block = in.uint_64("oldestBlock");
  if (!read_quantities(result.find("baseFeePerGas"), history.base_fee_per_gas) || history.base_fee_per_gas.empty()) {
    in.fail("baseFeePerGas");
  }
  for (const Value row : result.find("reward").elements()) {
    if (!read_quantities(row, history.rewards.emplace_back())) in.fail("reward");
    if (history.rewards.back().size() != history.rewards.front().size()) in.fail("reward");
  }
  if (!history.rewards.empty() && history.rewards.size() + 1 != history.base_fee_per_gas.size()) in.fail("reward");
  if (!in.ok()) return in.status();
  return history;
}

}  // namespace calypte::evm::rpc
