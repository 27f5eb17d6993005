// The bytes of a key store, without any file. Version 1, all numbers little-endian:
//
//   at  size
//    0     8  "CALYKEYS"
//    8     4  version, 1
//   12     4  Argon2id: passes
//   16     4  Argon2id: memory in KiB
//   20    16  Argon2id: salt, new at each writing
//   36    24  XChaCha20-Poly1305: nonce, new at each writing
//   60   ...  the records, encrypted under the derived key, with bytes 0 to 59 as associated data; 16 bytes of tag
//  end    32  BLAKE2b of all bytes before it
//
// The checksum has no key and protects against accidents only: it is what tells a damaged file from a wrong password.
// Against intent there is the tag. The first 12 bytes and the checksum keep their meaning in every version.
//
// The records, before encryption: their number (4 bytes), then for each: name, venue, time of creation (8 bytes, ms
// since 1970), API key, API secret, passphrase; a text is its length (4 bytes) and its bytes. They are in strictly
// ascending order of the names, so that equal contents have one form.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "calypte/credentials.hpp"
#include "calypte/result.hpp"
#include "calypte/time.hpp"

#include "runtime/locked_bytes.hpp"

namespace calypte::runtime {

struct KeyRecord {
  std::string name;
  std::string venue;
  Time created{};
  Credentials credentials;
};

/// What deriving the key costs, for us and for each guess of somebody else.
struct KeyCost {
  std::uint32_t passes = 0;
  std::uint32_t memory_kib = 0;
};
inline constexpr KeyCost kUsualKeyCost{3, 256 * 1024};
/// A file that was made cheaper than this is not used: it would give its password away too easily. The figures are the
/// least that OWASP names for Argon2id with one lane.
inline constexpr KeyCost kLeastKeyCost{2, 19 * 1024};
/// A file that asks for more is not used: reading it would take the machine's memory or forever.
inline constexpr KeyCost kMostKeyCost{16, 1024 * 1024};

inline constexpr std::size_t kMaxKeyFileBytes = 1U << 20U;
inline constexpr std::size_t kMaxKeyRecords = 1'000;
inline constexpr std::size_t kMaxKeyNameBytes = 64;
inline constexpr std::size_t kMaxSecretBytes = 16U << 10U;

[[nodiscard]] bool is_key_name(std::string_view text);
[[nodiscard]] Status not_a_key_name();
/// What every record keeps to, whoever made it. `denied` with the reason, which quotes no key.
Status check_key_record(const KeyRecord& record);

/// `records` in ascending order of their names. `denied` beyond the bounds above.
[[nodiscard]] Result<std::string> seal_keys(std::span<const KeyRecord> records, const Secret& password, KeyCost cost);
/// Codes as `KeyStore::open`. Anything may be in `file`. `least` is for tests, which cannot take a second a case.
[[nodiscard]] Result<std::vector<KeyRecord>> unseal_keys(std::string_view file, const Secret& password,
                                                         KeyCost least = kLeastKeyCost);

/// The last 32 bytes: differs whenever the file does.
using KeyFileChecksum = std::array<unsigned char, 32>;
[[nodiscard]] KeyFileChecksum checksum_of(std::string_view file);

// The parts, for the fuzzer.

/// Whether a file has this form and is undamaged; its cost.
[[nodiscard]] Result<KeyCost> read_key_header(std::string_view file, KeyCost least);
[[nodiscard]] Result<LockedBytes> write_key_records(std::span<const KeyRecord> records);
[[nodiscard]] Result<std::vector<KeyRecord>> read_key_records(std::string_view plain);

}  // namespace calypte::runtime
