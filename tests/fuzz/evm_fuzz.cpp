// Any bytes as what a node or a contract sends: items of RLP, data of contracts read by any program of reads, raw
// transactions, messages of JSON-RPC and their results, reasons of reverts, texts of numbers and addresses. What is
// accepted is in its one canonical form, and nothing makes more out of an input than it holds.
#include <algorithm>
#include <string>
#include <vector>

#include "evm/abi_decoder.hpp"
#include "evm/address.hpp"
#include "evm/hex.hpp"
#include "evm/json_rpc.hpp"
#include "evm/json_rpc_types.hpp"
#include "evm/quantity.hpp"
#include "evm/revert_reason.hpp"
#include "evm/rlp.hpp"
#include "evm/send_error.hpp"
#include "evm/transaction.hpp"
#include "fuzz/support.hpp"
#include "venue/json.hpp"

namespace {

using namespace calypte;
using namespace calypte::evm;
using fuzz::require;

void require_malformed(const Status& status) {
  require(status.code() == StatusCode::malformed && !status.message().empty());
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

ByteString encoded(const rlp::Item& item) {
  ByteString out;
  if (!item.is_list()) {
    rlp::append_bytes(out, item.payload());
    require(!item.items().ok());
    if (const auto value = item.integer(); value.ok()) {
      ByteString again;
      rlp::append_integer(again, *value);
      require(again == out);
    }
    return out;
  }
  ByteString payload;
  const auto items = item.items();
  require(items.ok() && !item.integer().ok());
  for (const rlp::Item& child : *items) append(payload, encoded(child));
  rlp::append_list(out, payload);
  return out;
}

void rlp_item(ByteView text) {
  const auto item = rlp::decode(text);
  if (!item) return require_malformed(item.status());
  require(std::ranges::equal(encoded(*item), text));
}

/// A letter of the program is a read. How much is read counts against the size of the data.
class Program {
 public:
  Program(std::string_view letters, ByteView data) : letters_(letters), size_(data.size()), left_(size_) {}

  void run(abi::Decoder& in, std::size_t depth) {
    while (place_ < letters_.size()) {
      const char letter = letters_[place_++];
      if (letter == ')') return;
      read(in, letter, depth);
    }
  }

 private:
  void read(abi::Decoder& in, char letter, std::size_t depth) {
    const bool was_ok = in.ok();
    bool nothing = true;
    std::size_t size = 32;
    switch (letter) {
      case 'u':
        nothing = in.uint(112) == 0;
        break;
      case 'U':
        nothing = in.uint_64(24) == 0;
        break;
      case 'i': {
        const Int256 value = in.integer(24);
        require(value >= -(1 << 23) && value < 1 << 23);
        nothing = value == 0;
        break;
      }
      case 'I': {
        const std::int64_t value = in.integer_64(24);
        require(value >= -(1 << 23) && value < 1 << 23);
        nothing = value == 0;
        break;
      }
      case 'a':
        nothing = in.address().is_zero();
        break;
      case 'b':
        nothing = !in.boolean();
        break;
      case 'w':
        nothing = in.word().is_zero();
        break;
      case 'B': {
        const ByteView bytes = in.bytes();
        size += 32 + bytes.size();
        nothing = bytes.empty();
        break;
      }
      case '(':
        if (depth < 8) {
          abi::Decoder part = in.tuple();
          run(part, depth + 1);
        }
        return;
      case '[':
        if (depth < 8) {
          abi::Decoder part = in.array(2);
          require(part.count() <= size_ / 64);
          run(part, depth + 1);
        }
        return;
      default:
        return;
    }
    if (!in.ok()) {
      require(nothing);
      return;
    }
    require(was_ok && size <= left_);
    left_ -= size;
  }

  std::string_view letters_;
  std::size_t place_ = 0;
  std::size_t size_;
  std::size_t left_;
};

void contract_data(std::string_view program, ByteView data) {
  abi::Decoder in(data);
  Program(program.substr(0, 1000), data).run(in, 0);
  if (!in.ok()) require_malformed(in.status());
}

void raw_transaction(ByteView raw) {
  const auto read = decode_transaction(raw);
  if (!read) return require_malformed(read.status());
  require(std::ranges::equal(read->raw, raw));
  const auto again = assemble(read->transaction, read->signature);
  require(again.ok() && again->raw == read->raw && again->hash == read->hash);
  (void)sender_of(*read);
}

void revert(ByteView data) {
  constexpr std::string_view kKnown[] = {"Expired(uint256)"};
  const RevertReason reason = decode_revert(data, kKnown);
  require((reason.kind == RevertReason::Kind::none) == data.empty());
  require(is_printable(reason.text) && reason.text.size() <= 200 && reason.data.size() <= 4096);
}

template <typename T>
void require_sound(const Result<T>& result) {
  if (!result.ok()) require_malformed(result.status());
}

/// As the result of every question.
void result(venue::json::Value value) {
  require_sound(rpc::decode_uint64(value));
  require_sound(rpc::decode_uint256(value));
  require_sound(rpc::decode_hash(value));
  require_sound(rpc::decode_bytes(value));
  require_sound(rpc::decode_subscription(value));
  require_sound(rpc::decode_block(value));
  require_sound(rpc::decode_transaction(value));
  require_sound(rpc::decode_logs(value));
  require_sound(rpc::decode_fee_history(value));
  require_sound(rpc::decode_log(value));
  const auto receipt = rpc::decode_receipt(value);
  require_sound(receipt);
  if (!receipt.ok() || !receipt->has_value()) return;
  require_sound((*receipt)->fee_paid());
  for (const rpc::Log& log : (*receipt)->logs) {
    require(log.transaction_hash == (*receipt)->transaction_hash && log.topics.size() <= 4 && !log.removed);
  }
}

void message(venue::json::Value value) {
  const auto read = rpc::decode(value);
  if (!read) return require_malformed(read.status());
  if (read->kind != rpc::Message::Kind::error) return result(read->result);
  require(is_printable(read->error.message));
  require(!read->error.status().ok());
  const rpc::SendFailure failure = rpc::classify_send_error(read->error);
  require(!failure.status.ok() && !rpc::to_string(failure.error).empty());
  if (failure.error == rpc::SendError::unknown || failure.error == rpc::SendError::already_known ||
      failure.error == rpc::SendError::nonce_too_low) {
    require(!failure.status.certainly_without_effect());
  }
  revert(read->error.data);
}

void json(std::string_view text, void (*read)(venue::json::Value)) {
  static venue::json::Document document;
  static venue::PaddedBuffer buffer;
  const auto value = document.parse(buffer.assign(text));
  if (!value.ok()) return;
  read(*value);
  for (const venue::json::Value element : value->elements()) read(element);
}

void text(std::string_view text) {
  if (const auto value = parse_quantity(text)) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(),
                           [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; });
    require(to_quantity(*value) == lower);
    require(from_big_endian(to_word(*value)) == *value);
    require(parse_quantity_64(text).has_value() == to_uint64(*value).has_value());
  }
  if (const auto address = Address::parse(text); address.ok()) {
    require(Address::parse(address->to_string()).value() == *address);
    require(Address::parse(address->to_hex()).value() == *address);
  }
  if (const auto bytes = from_hex(text); bytes.ok()) require(from_hex(to_hex(*bytes)).value() == *bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input in(data, size);
  switch (in.choice(7)) {
    case 0:
      rlp_item(as_bytes(in.rest()));
      break;
    case 1: {
      const std::string_view program = in.line();
      contract_data(program, as_bytes(in.rest()));
      break;
    }
    case 2:
      raw_transaction(as_bytes(in.rest()));
      break;
    case 3:
      revert(as_bytes(in.rest()));
      break;
    case 4:
      json(in.rest(), message);
      break;
    case 5:
      json(in.rest(), result);
      break;
    default:
      text(in.rest());
      break;
  }
  return 0;
}
