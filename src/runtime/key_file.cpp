#include "runtime/key_file.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <fmt/format.h>
#include <sodium.h>
#include <utility>

#include "connector/registry.hpp"

namespace calypte::runtime {

namespace {

constexpr std::string_view kKeyStoreMagic = "CALYKEYS";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kVersionAt = 8;
constexpr std::size_t kPassesAt = 12;
constexpr std::size_t kMemoryAt = 16;
constexpr std::size_t kSaltAt = 20;
constexpr std::size_t kNonceAt = kSaltAt + crypto_pwhash_argon2id_SALTBYTES;
constexpr std::size_t kHeaderBytes = kNonceAt + crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kChecksumBytes = std::tuple_size_v<KeyFileChecksum>;
static_assert(kHeaderBytes == 60 && kTagBytes == 16);
constexpr std::size_t kMaxPlainBytes = kMaxKeyFileBytes - kHeaderBytes - kTagBytes - kChecksumBytes;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::uint32_t read_u32(std::string_view text, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8U | bytes_of(text)[at + i];
  return value;
}
void append_u32(std::string& out, std::uint32_t value) {
  for (unsigned shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(value >> shift & 0xFFU));
}

Status damaged(std::string_view what) {
  return {StatusCode::malformed, fmt::format("the key store is damaged: {}; restore it from a copy", what)};
}

bool is_printable(char c) { return c > ' ' && c <= '~'; }

/// Writes into memory of a size that was computed beforehand.
class Writer {
 public:
  explicit Writer(LockedBytes& out) : out_(out) {}
  void number(std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) out_.data()[at_++] = static_cast<unsigned char>(value >> (8 * i));
  }
  void text(std::string_view text) {
    number(text.size(), 4);
    if (!text.empty()) std::memcpy(out_.data() + at_, text.data(), text.size());
    at_ += text.size();
  }
  [[nodiscard]] std::size_t written() const { return at_; }

 private:
  LockedBytes& out_;
  std::size_t at_ = 0;
};

/// Reads and remembers that something was not there; then everything further is empty.
class Reader {
 public:
  explicit Reader(std::string_view in) : in_(in) {}
  std::uint64_t number(std::size_t size) {
    const std::string_view raw = take(size);
    std::uint64_t value = 0;
    for (std::size_t i = raw.size(); i-- > 0;) value = value << 8U | bytes_of(raw)[i];
    return value;
  }
  std::string_view text(std::size_t limit) {
    const std::uint64_t size = number(4);
    if (size > limit) ok_ = false;
    return ok_ ? take(static_cast<std::size_t>(size)) : std::string_view{};
  }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return ok_ && in_.empty(); }

 private:
  std::string_view take(std::size_t size) {
    if (size > in_.size()) ok_ = false;
    if (!ok_) return {};
    const std::string_view taken = in_.substr(0, size);
    in_.remove_prefix(size);
    return taken;
  }
  std::string_view in_;
  bool ok_ = true;
};

Result<LockedBytes> derive_key(const Secret& password, std::string_view salt, KeyCost cost) {
  auto key = LockedBytes::create(crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
  if (!key.ok()) return key.status();
  const std::string_view text = password.reveal();
  if (crypto_pwhash(key->data(), key->size(), text.data(), text.size(), bytes_of(salt), cost.passes,
                    std::size_t{cost.memory_kib} * 1024, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return Status(StatusCode::unavailable,
                  fmt::format("not enough memory to derive the key: {} MiB are needed", cost.memory_kib / 1024));
  }
  return key;
}

}  // namespace

bool is_key_name(std::string_view text) {
  const auto is_alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !text.empty() && text.size() <= kMaxKeyNameBytes && is_alphanumeric(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_alphanumeric(c) || c == '.' || c == '_' || c == '-' || c == '/'; });
}

Status not_a_key_name() {
  return {StatusCode::denied, fmt::format("a name has at most {} letters, digits and ._-/ and begins with one of the "
                                          "former two",
                                          kMaxKeyNameBytes)};
}

Status check_key_record(const KeyRecord& record) {
  const auto denied = [](std::string message) { return Status(StatusCode::denied, std::move(message)); };
  if (!is_key_name(record.name) || !is_key_name(record.venue)) return not_a_key_name();
  const auto& keys = record.credentials;
  // A protocol has a private key only.
  const bool is_protocol =
      std::ranges::any_of(connector::protocols(), [&](const auto& row) { return row.name == record.venue; });
  if ((keys.api_key.empty() && !is_protocol) || keys.api_secret.empty()) {
    return denied("an API key and an API secret are needed");
  }
  for (const auto* secret : {&keys.api_key, &keys.api_secret, &keys.passphrase}) {
    if (secret->reveal().size() > kMaxSecretBytes) {
      return denied(fmt::format("a key or secret has more than {} bytes", kMaxSecretBytes));
    }
  }
  const auto one_line = [](const Secret& secret) {
    const std::string_view text = secret.reveal();
    return std::all_of(text.begin(), text.end(), is_printable);
  };
  if (!one_line(keys.api_key)) return denied("the API key holds a blank or a character that is not printable ASCII");
  const std::string_view secret = keys.api_secret.reveal();
  if (!std::all_of(secret.begin(), secret.end(),
                   [](char c) { return is_printable(c) || c == ' ' || c == '\n' || c == '\r'; })) {
    return denied("the API secret holds a character that is not printable ASCII");
  }
  // A passphrase is what a person chose; only what cannot be typed is refused.
  const std::string_view passphrase = keys.passphrase.reveal();
  if (std::any_of(passphrase.begin(), passphrase.end(),
                  [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; })) {
    return denied("the passphrase holds a control character");
  }
  return {};
}

Result<LockedBytes> write_key_records(std::span<const KeyRecord> records) {
  if (records.size() > kMaxKeyRecords) {
    return Status(StatusCode::denied, fmt::format("a key store holds at most {} entries", kMaxKeyRecords));
  }
  std::size_t size = 4;
  for (const auto& record : records) {
    const auto& keys = record.credentials;
    size += 5 * 4 + 8 + record.name.size() + record.venue.size() + keys.api_key.reveal().size() +
            keys.api_secret.reveal().size() + keys.passphrase.reveal().size();
  }
  if (size > kMaxPlainBytes) {
    return Status(StatusCode::denied, fmt::format("a key store has at most {} bytes", kMaxKeyFileBytes));
  }
  auto plain = LockedBytes::create(size);
  if (!plain.ok()) return plain.status();
  Writer writer(*plain);
  writer.number(records.size(), 4);
  for (const auto& record : records) {
    writer.text(record.name);
    writer.text(record.venue);
    writer.number(static_cast<std::uint64_t>(to_unix_ms(record.created)), 8);
    writer.text(record.credentials.api_key.reveal());
    writer.text(record.credentials.api_secret.reveal());
    writer.text(record.credentials.passphrase.reveal());
  }
  assert(writer.written() == size);
  return plain;
}

Result<std::vector<KeyRecord>> read_key_records(std::string_view plain) {
  // The tag has been checked: what is wrong here was written wrongly, or by a program that keeps other rules.
  const auto unreadable = [] { return damaged("its records cannot be read"); };
  constexpr std::int64_t kMaxMs = to_unix_ms(kNever);
  Reader reader(plain);
  const std::uint64_t count = reader.number(4);
  if (count > kMaxKeyRecords) return unreadable();
  std::vector<KeyRecord> records;
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    KeyRecord record;
    record.name = reader.text(kMaxKeyNameBytes);
    record.venue = reader.text(kMaxKeyNameBytes);
    const std::uint64_t created = reader.number(8);
    if (created > static_cast<std::uint64_t>(kMaxMs)) return unreadable();
    record.created = from_unix_ms(static_cast<std::int64_t>(created));
    record.credentials.api_key = to_secret(reader.text(kMaxSecretBytes));
    record.credentials.api_secret = to_secret(reader.text(kMaxSecretBytes));
    record.credentials.passphrase = to_secret(reader.text(kMaxSecretBytes));
    if (!reader.ok() || !check_key_record(record).ok()) return unreadable();
    if (!records.empty() && records.back().name >= record.name) return unreadable();
    records.push_back(std::move(record));
  }
  if (!reader.at_end()) return unreadable();
  return records;
}

KeyFileChecksum checksum_of(std::string_view file) {
  KeyFileChecksum checksum{};
  if (file.size() >= checksum.size()) {
    std::memcpy(checksum.data(), file.data() + file.size() - checksum.size(), checksum.size());
  }
  return checksum;
}

Result<KeyCost> read_key_header(std::string_view file, KeyCost least) {
  if (file.size() > kMaxKeyFileBytes) return Status(StatusCode::malformed, "too large for a key store");
  if (!file.starts_with(kKeyStoreMagic)) return Status(StatusCode::malformed, "not a key store");
  if (file.size() < kPassesAt + kChecksumBytes) return damaged("it was cut off");
  const std::string_view summed = file.substr(0, file.size() - kChecksumBytes);
  KeyFileChecksum computed{};
  if (crypto_generichash(computed.data(), computed.size(), bytes_of(summed), summed.size(), nullptr, 0) != 0 ||
      computed != checksum_of(file)) {
    return damaged("its checksum is not that of its contents");
  }
  if (const std::uint32_t version = read_u32(file, kVersionAt); version != kVersion) {
    return Status(StatusCode::unsupported,
                  fmt::format("the key store is of version {}; this program reads version {}", version, kVersion));
  }
  if (file.size() < kHeaderBytes + kTagBytes + kChecksumBytes) return damaged("it was cut off");
  const KeyCost cost{read_u32(file, kPassesAt), read_u32(file, kMemoryAt)};
  if (cost.passes < least.passes || cost.memory_kib < least.memory_kib) {
    return Status(
        StatusCode::malformed,
        fmt::format("the key store's password is too cheap to guess ({} passes over {} KiB; at least {} over {} "
                    "are needed): it was not made by this program, or altered",
                    cost.passes, cost.memory_kib, least.passes, least.memory_kib));
  }
  if (cost.passes > kMostKeyCost.passes || cost.memory_kib > kMostKeyCost.memory_kib) {
    return Status(StatusCode::malformed,
                  fmt::format("the key store asks for {} passes over {} KiB, more than this program would ever write",
                              cost.passes, cost.memory_kib));
  }
  return cost;
}

Result<std::string> seal_keys(std::span<const KeyRecord> records, const Secret& password, KeyCost cost) {
  assert(std::is_sorted(records.begin(), records.end(), [](const auto& a, const auto& b) { return a.name < b.name; }));
  if (const Status started = start_sodium(); !started.ok()) return started;
  const auto plain = write_key_records(records);
  if (!plain.ok()) return plain.status();

  std::string file(kKeyStoreMagic);
  append_u32(file, kVersion);
  append_u32(file, cost.passes);
  append_u32(file, cost.memory_kib);
  file.resize(kHeaderBytes);
  randombytes_buf(file.data() + kSaltAt, kHeaderBytes - kSaltAt);  // salt and nonce
  auto key = derive_key(password, std::string_view(file).substr(kSaltAt), cost);
  if (!key.ok()) return key.status();

  file.resize(kHeaderBytes + plain->size() + kTagBytes + kChecksumBytes);
  unsigned char* const out = bytes_of(file);
  crypto_aead_xchacha20poly1305_ietf_encrypt(out + kHeaderBytes, nullptr, bytes_of(plain->text()), plain->size(), out,
                                             kHeaderBytes, nullptr, out + kNonceAt, key->data());
  const std::size_t summed = file.size() - kChecksumBytes;
  crypto_generichash(out + summed, kChecksumBytes, out, summed, nullptr, 0);
  return file;
}

Result<std::vector<KeyRecord>> unseal_keys(std::string_view file, const Secret& password, KeyCost least) {
  if (const Status started = start_sodium(); !started.ok()) return started;
  const auto cost = read_key_header(file, least);
  if (!cost.ok()) return cost.status();
  auto key = derive_key(password, file.substr(kSaltAt), *cost);
  if (!key.ok()) return key.status();
  const std::string_view sealed = file.substr(kHeaderBytes, file.size() - kHeaderBytes - kChecksumBytes);
  auto plain = LockedBytes::create(sealed.size() - kTagBytes);
  if (!plain.ok()) return plain.status();
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain->data(), nullptr, nullptr, bytes_of(sealed), sealed.size(),
                                                 bytes_of(file), kHeaderBytes, bytes_of(file) + kNonceAt,
                                                 key->data()) != 0) {
    return Status(StatusCode::unauthenticated, FailureReason::authentication,
                  "the password of the key store is wrong (or somebody who does not know it altered the file)");
  }
  return read_key_records(plain->text());
}

}  // namespace calypte::runtime
