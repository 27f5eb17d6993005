#include "evm/transaction.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <string>
#include <utility>

#include "evm/keccak.hpp"
#include "evm/quantity.hpp"
#include "evm/rlp.hpp"
#include "evm/signer.hpp"

namespace calypte::evm {
namespace {

constexpr std::uint64_t kMaxUint64 = std::numeric_limits<std::uint64_t>::max();
/// What go-ethereum's pool takes at most, and the others with it.
constexpr std::size_t kMaxDataSize = std::size_t{128} * 1024;
/// EIP-155: v = 2 * chain + 35 + parity.
constexpr std::uint64_t kLegacyV = 35;

Status denied(const char* why) { return {StatusCode::denied, std::string("transaction: ") + why}; }
Status malformed(const char* what) { return {StatusCode::malformed, std::string("transaction: ") + what}; }

Status check(const Transaction& t) {
  const bool dynamic_fee = t.type == TransactionType::dynamic_fee;
  if (t.chain_id == 0) return denied("no chain");
  if (t.type == TransactionType::legacy && t.chain_id > (kMaxUint64 - kLegacyV - 1) / 2) {
    return denied("the id of the chain is too large for a legacy signature");
  }
  if (t.nonce == kMaxUint64) return denied("the nonce is beyond the last one (EIP-2681)");
  if (dynamic_fee && t.gas_price != 0) return denied("a gas price in a transaction of type 2");
  if (!dynamic_fee && (t.max_fee_per_gas != 0 || t.max_priority_fee_per_gas != 0)) {
    return denied("a maximum fee in a transaction that is not of type 2");
  }
  if (t.max_priority_fee_per_gas > t.max_fee_per_gas) return denied("the priority fee is above the maximum fee");
  if (t.type == TransactionType::legacy && !t.access_list.empty()) return denied("an access list in a legacy one");
  // A forgotten receiver would otherwise turn a payment into a contract that nobody can empty.
  if (!t.to && t.data.empty()) return denied("neither a receiver nor the code of a contract");
  if (t.data.size() > kMaxDataSize) return denied("more than 128 KiB of data");
  return {};
}

void append_access_list(ByteString& out, const std::vector<AccessListEntry>& list) {
  ByteString entries;
  for (const AccessListEntry& entry : list) {
    ByteString keys;
    for (const Hash32& key : entry.storage_keys) rlp::append_bytes(keys, key.bytes);
    ByteString members;
    rlp::append_bytes(members, entry.address.bytes);
    rlp::append_list(members, keys);
    rlp::append_list(entries, members);
  }
  rlp::append_list(out, entries);
}

/// Everything that both the unsigned and the signed form have.
ByteString fields(const Transaction& t) {
  ByteString out;
  if (t.type != TransactionType::legacy) rlp::append_integer(out, t.chain_id);
  rlp::append_integer(out, t.nonce);
  if (t.type == TransactionType::dynamic_fee) {
    rlp::append_integer(out, t.max_priority_fee_per_gas);
    rlp::append_integer(out, t.max_fee_per_gas);
  } else {
    rlp::append_integer(out, t.gas_price);
  }
  rlp::append_integer(out, t.gas_limit);
  rlp::append_bytes(out, t.to ? ByteView(t.to->bytes) : ByteView{});
  rlp::append_integer(out, t.value);
  rlp::append_bytes(out, t.data);
  if (t.type != TransactionType::legacy) append_access_list(out, t.access_list);
  return out;
}

ByteString wrap(TransactionType type, ByteView members) {
  ByteString out;
  if (type != TransactionType::legacy) out.push_back(static_cast<std::uint8_t>(type));
  rlp::append_list(out, members);
  return out;
}

/// Takes the members of a transaction one after the other and keeps the first failure.
class Members {
 public:
  explicit Members(std::vector<rlp::Item> items) noexcept : items_(std::move(items)) {}

  Uint256 integer() { return keep(next().integer(), Uint256(0)); }
  std::uint64_t integer_64() { return keep(next().integer_64(), std::uint64_t{0}); }
  ByteView bytes() { return bytes(next()); }
  std::optional<Address> receiver() {
    const ByteView payload = bytes();
    if (payload.empty()) return std::nullopt;
    Address address;
    fill(address.bytes, payload);
    return address;
  }
  Hash32 scalar() { return to_hash32(integer()); }
  std::vector<AccessListEntry> access_list() {
    std::vector<AccessListEntry> list;
    for (const rlp::Item& item : items(next())) {
      const std::vector<rlp::Item> pair = items(item);
      if (pair.size() != 2) {
        fail(malformed("an entry of an access list is no pair"));
        return list;
      }
      AccessListEntry& entry = list.emplace_back();
      fill(entry.address.bytes, bytes(pair[0]));
      for (const rlp::Item& key : items(pair[1])) fill(entry.storage_keys.emplace_back().bytes, bytes(key));
    }
    return list;
  }
  [[nodiscard]] const Status& status() const noexcept { return status_; }

 private:
  rlp::Item next() { return place_ < items_.size() ? items_[place_++] : rlp::Item{}; }
  void fail(Status status) {
    if (status_.ok()) status_ = std::move(status);
  }
  template <typename T>
  T keep(Result<T> result, T otherwise) {
    if (result) return std::move(result).value();
    fail(result.status());
    return otherwise;
  }
  ByteView bytes(const rlp::Item& item) {
    if (!item.is_list()) return item.payload();
    fail(malformed("a list where bytes belong"));
    return {};
  }
  std::vector<rlp::Item> items(const rlp::Item& item) { return keep(item.items(), std::vector<rlp::Item>{}); }
  void fill(std::span<std::uint8_t> out, ByteView bytes) {
    if (bytes.size() == out.size()) {
      std::copy(bytes.begin(), bytes.end(), out.begin());
    } else {
      fail(malformed("an address or a key of another size"));
    }
  }

  std::vector<rlp::Item> items_;
  std::size_t place_ = 0;
  Status status_;
};

}  // namespace

Result<ByteString> signing_payload(const Transaction& transaction) {
  if (Status status = check(transaction); !status.ok()) return status;
  ByteString members = fields(transaction);
  if (transaction.type == TransactionType::legacy) {
    rlp::append_integer(members, transaction.chain_id);
    rlp::append_integer(members, std::uint64_t{0});
    rlp::append_integer(members, std::uint64_t{0});
  }
  return wrap(transaction.type, members);
}

Result<Hash32> signing_digest(const Transaction& transaction) {
  const Result<ByteString> payload = signing_payload(transaction);
  if (!payload) return payload.status();
  return keccak256(*payload);
}

Result<SignedTransaction> assemble(Transaction transaction, const Signature& signature) {
  if (Status status = check(transaction); !status.ok()) return status;
  if (signature.r.is_zero() || signature.s.is_zero()) return denied("no signature");
  if (!has_low_s(signature)) return denied("a signature with a high s (EIP-2)");
  ByteString members = fields(transaction);
  const std::uint64_t parity = signature.y_parity ? 1 : 0;
  const bool legacy = transaction.type == TransactionType::legacy;
  rlp::append_integer(members, legacy ? 2 * transaction.chain_id + kLegacyV + parity : parity);
  rlp::append_integer(members, from_big_endian(signature.r.bytes));
  rlp::append_integer(members, from_big_endian(signature.s.bytes));
  SignedTransaction made;
  made.raw = wrap(transaction.type, members);
  made.hash = keccak256(made.raw);
  made.transaction = std::move(transaction);
  made.signature = signature;
  return made;
}

Result<SignedTransaction> sign_transaction(Transaction transaction, const Signer& signer) {
  const Result<Hash32> digest = signing_digest(transaction);
  if (!digest) return digest.status();
  const Result<Signature> signature = signer.sign(*digest);
  if (!signature) return signature.status();
  return assemble(std::move(transaction), *signature);
}

Result<SignedTransaction> decode_transaction(ByteView raw) {
  if (raw.empty()) return malformed("no bytes");
  Transaction t;
  ByteView body = raw;
  if (raw[0] >= 0xc0) {
    t.type = TransactionType::legacy;
  } else if (raw[0] == 1 || raw[0] == 2) {
    t.type = static_cast<TransactionType>(raw[0]);
    body = raw.subspan(1);
  } else {
    return malformed("of an unknown type");
  }
  const Result<rlp::Item> list = rlp::decode(body);
  if (!list) return list.status();
  Result<std::vector<rlp::Item>> items = list->items();
  if (!items) return items.status();
  const std::size_t expected = t.type == TransactionType::legacy ? 9 : t.type == TransactionType::access_list ? 11 : 12;
  if (items->size() != expected) return malformed("not the members of its type");

  Members in(std::move(*items));
  if (t.type != TransactionType::legacy) t.chain_id = in.integer_64();
  t.nonce = in.integer_64();
  if (t.type == TransactionType::dynamic_fee) {
    t.max_priority_fee_per_gas = in.integer();
    t.max_fee_per_gas = in.integer();
  } else {
    t.gas_price = in.integer();
  }
  t.gas_limit = in.integer_64();
  t.to = in.receiver();
  t.value = in.integer();
  const ByteView data = in.bytes();
  t.data.assign(data.begin(), data.end());
  if (t.type != TransactionType::legacy) t.access_list = in.access_list();
  std::uint64_t parity = in.integer_64();
  Signature signature;
  signature.r = in.scalar();
  signature.s = in.scalar();
  if (!in.status().ok()) return in.status();
  if (t.type == TransactionType::legacy) {
    if (parity < kLegacyV) return malformed("signed for every chain");
    t.chain_id = (parity - kLegacyV) / 2;
    parity = (parity - kLegacyV) % 2;
  }
  if (parity > 1) return malformed("the parity of the signature is neither");
  signature.y_parity = parity == 1;

  Result<SignedTransaction> made = assemble(std::move(t), signature);
  if (!made) return Status(StatusCode::malformed, made.status().message());
  if (!std::equal(raw.begin(), raw.end(), made->raw.begin(), made->raw.end())) {
    return malformed("not in its canonical form");
  }
  return made;
}

Result<Address> sender_of(const SignedTransaction& transaction) {
  const Result<Hash32> digest = signing_digest(transaction.transaction);
  if (!digest) return digest.status();
  return recover_signer(*digest, transaction.signature);
}

}  // namespace calypte::evm
