// The format of the key store: whatever happens to its bytes, it never gives wrong keys, and says what is wrong.
#include "runtime/key_file.hpp"

#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sodium.h>

namespace calypte::runtime {
namespace {

using testing::HasSubstr;

// As cheap as Argon2id can be, so that a test can derive a thousand keys. What users have refuses it, see the floors.
constexpr KeyCost kCheap{1, 8};
constexpr const char* kPem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----";

Secret password() { return Secret("correct horse"); }

std::vector<KeyRecord> two_records() {
  std::vector<KeyRecord> records;
  records.push_back({.name = "binance/hedge",
                     .venue = "binance",
                     .created = from_unix_ms(1'700'000'000'123),
                     .credentials = {Secret("key-of-binance"), Secret(kPem), Secret("")}});
  records.push_back({.name = "crypto_com/main",
                     .venue = "crypto_com",
                     .created = from_unix_ms(0),
                     .credentials = {Secret("key-of-crypto"), Secret("a secret"), Secret("pass phrase")}});
  return records;
}

std::string sealed(const std::vector<KeyRecord>& records, KeyCost cost = kCheap) {
  auto file = seal_keys(records, password(), cost);
  EXPECT_TRUE(file.ok()) << file.status().to_string();
  return file.ok() ? *file : std::string();
}

void expect_same(const std::vector<KeyRecord>& a, const std::vector<KeyRecord>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].name, b[i].name);
    EXPECT_EQ(a[i].venue, b[i].venue);
    EXPECT_EQ(a[i].created, b[i].created);
    EXPECT_EQ(a[i].credentials.api_key.reveal(), b[i].credentials.api_key.reveal());
    EXPECT_EQ(a[i].credentials.api_secret.reveal(), b[i].credentials.api_secret.reveal());
    EXPECT_EQ(a[i].credentials.passphrase.reveal(), b[i].credentials.passphrase.reveal());
  }
}

/// What somebody would do who alters a file on purpose.
std::string with_new_checksum(std::string file) {
  const std::size_t summed = file.size() - sizeof(KeyFileChecksum);
  auto* const bytes = reinterpret_cast<unsigned char*>(file.data());
  crypto_generichash(bytes + summed, sizeof(KeyFileChecksum), bytes, summed, nullptr, 0);
  return file;
}
std::string with_u32(std::string file, std::size_t at, std::uint32_t value) {
  for (unsigned i = 0; i < 4; ++i) file[at + i] = static_cast<char>(value >> (8 * i));
  return with_new_checksum(std::move(file));
}

TEST(KeyFile, gives_back_what_was_put_in) {
  const auto records = two_records();
  const auto back = unseal_keys(sealed(records), password(), kCheap);
  ASSERT_TRUE(back.ok()) << back.status().to_string();
  expect_same(*back, records);
  const auto none = unseal_keys(sealed({}), password(), kCheap);
  ASSERT_TRUE(none.ok());
  EXPECT_TRUE(none->empty());
}

TEST(KeyFile, shows_nothing_of_its_contents_and_is_another_one_each_time) {
  const auto records = two_records();
  const std::string file = sealed(records);
  for (const char* text : {"binance", "crypto_com", "key-of", "a secret", "PRIVATE", "correct"}) {
    EXPECT_THAT(file, testing::Not(HasSubstr(text)));
  }
  const std::string again = sealed(records);
  ASSERT_EQ(again.size(), file.size());
  EXPECT_NE(again.substr(20, 16), file.substr(20, 16)) << "the salt";
  EXPECT_NE(again.substr(36, 24), file.substr(36, 24)) << "the nonce";
  EXPECT_NE(again.substr(60, 32), file.substr(60, 32)) << "the records";
}

TEST(KeyFile, wrong_password_and_damage_are_told_apart) {
  const std::string file = sealed(two_records());
  for (const char* wrong : {"correct horsf", "correct hors", "correct horse ", "x", ""}) {
    const auto refused = unseal_keys(file, Secret(wrong), kCheap).status();
    EXPECT_EQ(refused.code(), StatusCode::unauthenticated) << wrong;
    EXPECT_THAT(refused.message(), HasSubstr("password"));
  }
  std::string flipped = file;
  flipped[70] = static_cast<char>(flipped[70] ^ 1);
  const auto damaged = unseal_keys(flipped, password(), kCheap).status();
  EXPECT_EQ(damaged.code(), StatusCode::malformed);
  EXPECT_THAT(damaged.message(), HasSubstr("damaged"));
}

TEST(KeyFile, no_flipped_bit_goes_unnoticed) {
  const std::string file = sealed(two_records());
  for (std::size_t i = 0; i < file.size() * 8; ++i) {
    std::string flipped = file;
    flipped[i / 8] = static_cast<char>(flipped[i / 8] ^ (1 << (i % 8)));
    ASSERT_EQ(unseal_keys(flipped, password(), kCheap).status().code(), StatusCode::malformed) << "bit " << i;
  }
}

TEST(KeyFile, no_bit_flipped_on_purpose_gives_keys) {
  const std::string file = sealed(two_records());
  for (std::size_t i = 0; i < (file.size() - sizeof(KeyFileChecksum)) * 8; ++i) {
    const std::size_t byte = i / 8;
    std::string flipped = file;
    flipped[byte] = static_cast<char>(flipped[byte] ^ (1 << (i % 8)));
    const auto result = unseal_keys(with_new_checksum(std::move(flipped)), password(), kCheap);
    ASSERT_FALSE(result.ok()) << "bit " << i;
    const StatusCode code = result.status().code();
    if (byte < 8) {
      EXPECT_EQ(code, StatusCode::malformed) << "bit " << i;  // no key store
    } else if (byte < 12) {
      EXPECT_EQ(code, StatusCode::unsupported) << "bit " << i;
    } else if (byte < 20) {
      // Out of bounds, or another key: never a crash, never a day of computing.
      EXPECT_TRUE(code == StatusCode::malformed || code == StatusCode::unauthenticated) << "bit " << i;
    } else {
      EXPECT_EQ(code, StatusCode::unauthenticated) << "bit " << i;
    }
  }
}

TEST(KeyFile, truncated_or_extended_is_damaged) {
  const std::string file = sealed(two_records());
  for (std::size_t size = 0; size < file.size(); ++size) {
    ASSERT_EQ(unseal_keys(std::string_view(file).substr(0, size), password(), kCheap).status().code(),
              StatusCode::malformed)
        << size;
    // With a checksum that fits: cut off on purpose.
    if (size < sizeof(KeyFileChecksum)) continue;
    ASSERT_FALSE(unseal_keys(with_new_checksum(file.substr(0, size)), password(), kCheap).ok()) << size;
  }
  EXPECT_EQ(unseal_keys(file + "x", password(), kCheap).status().code(), StatusCode::malformed);
  const std::string large = file + std::string(kMaxKeyFileBytes, 'x');
  EXPECT_EQ(unseal_keys(large, password(), kCheap).status().code(), StatusCode::malformed);
  EXPECT_THAT(unseal_keys("# my keys", password()).status().message(), HasSubstr("not a key store"));
}

TEST(KeyFile, cheap_and_exorbitant_costs_are_refused) {
  const std::string least = sealed(two_records(), kLeastKeyCost);
  EXPECT_TRUE(unseal_keys(least, password()).ok()) << "the floor itself is allowed";
  // With the right password: only the floor stands between a cheap file and its use.
  for (const KeyCost cheap : {KeyCost{kLeastKeyCost.passes - 1, kLeastKeyCost.memory_kib},
                              KeyCost{kLeastKeyCost.passes, kLeastKeyCost.memory_kib - 1}, kCheap}) {
    const auto refused = unseal_keys(sealed(two_records(), cheap), password()).status();
    EXPECT_EQ(refused.code(), StatusCode::malformed);
    EXPECT_THAT(refused.message(), HasSubstr("too cheap"));
  }
  for (const std::string& greedy :
       {with_u32(least, 12, kMostKeyCost.passes + 1), with_u32(least, 16, kMostKeyCost.memory_kib + 1),
        with_u32(least, 12, 0xFFFFFFFF), with_u32(least, 16, 0xFFFFFFFF)}) {
    const auto refused = unseal_keys(greedy, password()).status();
    EXPECT_EQ(refused.code(), StatusCode::malformed);
    EXPECT_THAT(refused.message(), HasSubstr("more than this program would ever write"));
  }
  EXPECT_GE(kUsualKeyCost.passes, kLeastKeyCost.passes);
  EXPECT_GE(kUsualKeyCost.memory_kib, kLeastKeyCost.memory_kib);
}

TEST(KeyFile, another_version_is_named) {
  const auto refused = unseal_keys(with_u32(sealed(two_records()), 8, 2), password(), kCheap).status();
  EXPECT_EQ(refused.code(), StatusCode::unsupported);
  EXPECT_THAT(refused.message(), HasSubstr("version 2"));
}

// Behind the tag nobody but the owner can write; the bounds hold all the same.
TEST(KeyFile, records_are_read_strictly) {
  const auto plain = write_key_records(two_records());
  ASSERT_TRUE(plain.ok());
  const std::string text(plain->text());
  ASSERT_TRUE(read_key_records(text).ok());
  for (std::size_t size = 0; size < text.size(); ++size) {
    ASSERT_FALSE(read_key_records(std::string_view(text).substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(read_key_records(text + '\0').ok());
  auto twice = two_records();
  twice[1].name = twice[0].name;
  EXPECT_FALSE(read_key_records(write_key_records(twice)->text()).ok());
  auto unordered = two_records();
  std::swap(unordered[0], unordered[1]);
  EXPECT_FALSE(read_key_records(write_key_records(unordered)->text()).ok());
  std::string many(text);
  many[3] = '\x7F';
  EXPECT_FALSE(read_key_records(many).ok());
}

TEST(KeyFile, what_is_no_key_is_refused) {
  const auto with = [](const std::function<void(KeyRecord&)>& change) {
    auto record = std::move(two_records()[1]);
    change(record);
    return check_key_record(record);
  };
  EXPECT_TRUE(with([](auto&) {}).ok());
  const auto private_key_only = [](auto& r) {
    r.venue = "uniswap";
    r.credentials.api_key = Secret("");
    r.credentials.passphrase = Secret("");
  };
  EXPECT_TRUE(with(private_key_only).ok()) << "a protocol has no API key";
  const std::vector<std::function<void(KeyRecord&)>> wrong{
      [](auto& r) { r.name = ""; },
      [](auto& r) { r.name = "-rf"; },
      [](auto& r) { r.name = "a b"; },
      [](auto& r) { r.name = "a\x1b[2J"; },
      [](auto& r) { r.name = std::string(kMaxKeyNameBytes + 1, 'a'); },
      [](auto& r) { r.venue = ""; },
      [](auto& r) { r.credentials.api_key = Secret(""); },
      [](auto& r) { r.credentials.api_key = Secret("two words"); },
      [](auto& r) { r.credentials.api_key = Secret("two\nlines"); },
      [](auto& r) { r.credentials.api_secret = Secret(""); },
      [](auto& r) { r.credentials.api_secret = Secret("\x1b[A"); },
      [](auto& r) { r.credentials.api_secret = Secret(std::string(kMaxSecretBytes + 1, 'a')); },
      [](auto& r) { r.credentials.passphrase = Secret("a\nb"); },
      [&](auto& r) {
        private_key_only(r);
        r.credentials.api_secret = Secret("");
      },
  };
  for (std::size_t i = 0; i < wrong.size(); ++i) EXPECT_EQ(with(wrong[i]).code(), StatusCode::denied) << i;
}

TEST(KeyFile, more_than_a_store_holds_is_refused_when_writing) {
  std::vector<KeyRecord> records;
  for (std::size_t i = 0; i < 70; ++i) {
    auto record = std::move(two_records()[0]);
    record.name = "n" + std::to_string(100 + i);
    record.credentials.api_secret = Secret(std::string(kMaxSecretBytes, 'x'));
    records.push_back(std::move(record));
  }
  EXPECT_EQ(seal_keys(records, password(), kCheap).status().code(), StatusCode::denied);
}

}  // namespace
}  // namespace calypte::runtime
