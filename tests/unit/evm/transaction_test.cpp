#include "evm/transaction.hpp"

#include "evm/keccak.hpp"
#include "evm/rlp.hpp"
#include "evm/signer.hpp"
#include "support.hpp"

namespace calypte::evm {
namespace {

struct Vector {
  const char* raw;
  const char* payload;
  const char* digest;
  const char* hash;
};

// kLegacy is the example of EIP-155. All were made once with ethers 6.17.0 (Wallet.signTransaction, Transaction.from)
// and the key of that example; kLegacy's payload, digest and raw bytes are those that the EIP prints.
constexpr Vector kLegacy{
    "0xf86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef6134"
    "0bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc"
    "64214b297fb1966a3b6d83",
    "0xec098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a764000080018080",
    "0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53",
    "0x33469b22e9f636356c4160a87eb19df52b7412e8eac32a4a55ffe88ea8350788"};
constexpr Vector kAccessList{
    "0x01f8df818980850737be760083015f909435353535353535353535353535353535353535358084a9059cbbf872f8599435"
    "35353535353535353535353535353535353535f842a000000000000000000000000000000000000000000000000000000000"
    "00000001a0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffd694ababababababababababab"
    "abababababababababc080a022fcbf91c99d82f475ae96afa0b711cd7f207135c8ce4340f4b3c0726004c22aa0674d1ec8f2"
    "339aaa47adf6b9a145b915b70095c0b3632f46969823d3fbb52fbc",
    "0x01f89c818980850737be760083015f909435353535353535353535353535353535353535358084a9059cbbf872f8599435"
    "35353535353535353535353535353535353535f842a000000000000000000000000000000000000000000000000000000000"
    "00000001a0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffd694ababababababababababab"
    "abababababababababc0",
    "0x57195b29f9ace7f0c43ab468d13fb1c2e4de1fb147eb4fec65910d7ddc0259ec",
    "0xe188358bb201936303bff5db4185f2eca383746259d00e62247f1a4b956c8465"};
constexpr Vector kDynamicFee{
    "0x02f8d5827a6982012c8459682f008509502f90008302904094353535353535353535353535353535353535353501b8645a"
    "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"
    "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5ac0"
    "80a00f4494908cdc3a970a02c8f8c07089d98a4f39f833bfc56fea49cc000cbb19bca01280934c08b0c4bc0c64d1297f6233"
    "24883d54d8674e19453bebcc68d633ff7b",
    "0x02f892827a6982012c8459682f008509502f90008302904094353535353535353535353535353535353535353501b8645a"
    "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"
    "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5ac0",
    "0x3636599437e18d142f744acd6c11165b7d1327b69f0488b17a3fb0395b110b77",
    "0x62f4da1a8fb92631ecdab403cb8f7fba73251a1cc77b7e04bfda0ba116aaa351"};
constexpr Vector kCreation{
    "0x02f856822105018007830f42408080856001600055c080a0e9bcef92b431c4a3a69b22e9de478011104b6fbdd313a11569"
    "292635e7d774c8a02a8b710e62c9449947f3d5bab95ffb6fdccc54b5f7a59a53d3a83d52d4a92075",
    "0x02d3822105018007830f42408080856001600055c0",
    "0xffed74b75380af697cabc923528974b7b78e5825a02d036bbe2f51da7fa7319a",
    "0xd8319f3ac8c3afb18b40f1050b06b76f7c0333b4128eac577353f7357e47e744"};
constexpr Vector kLargeChain{
    "0xf8828180018601000000000094353535353535353535353535353535353535353599ffffffffffffffffffffffffffffff"
    "ffffffffffffffffffff818084c6ac98a3a023a7a9726a15eef6d32e95b5f0dd53b51db31b6016f098e72d178c638a0f6871"
    "a0438e4e405fbae836806770b3b25d18560b2e9c190d035f80890ef52510f4f43a",
    "0xf8428180018601000000000094353535353535353535353535353535353535353599ffffffffffffffffffffffffffffff"
    "ffffffffffffffffffff81808463564c408080",
    "0x38fe9b0c3f4aded46d1ff9db4463a786d4f88db8fbc5da1ee25c95f5a3695d44",
    "0x4de7a7194ecc90a3c86cdaa0a64da358e973a076019c24e26aa56c5061ea45a0"};

const Address kReceiver = address("0x3535353535353535353535353535353535353535");

Signer signer() {
  std::string key;
  for (int i = 0; i < 32; ++i) key += "46";
  auto made = Signer::make(Secret(key), std::array<std::uint8_t, 32>{5});
  EXPECT_TRUE(made.ok());
  return std::move(made).value();
}

Transaction legacy() {
  Transaction t;
  t.type = TransactionType::legacy;
  t.chain_id = 1;
  t.nonce = 9;
  t.gas_price = 20 * power_of_ten(9);
  t.gas_limit = 21000;
  t.to = kReceiver;
  t.value = power_of_ten(18);
  return t;
}

Transaction access_list() {
  Transaction t;
  t.type = TransactionType::access_list;
  t.chain_id = 137;
  t.gas_price = 31 * power_of_ten(9);
  t.gas_limit = 90000;
  t.to = kReceiver;
  t.data = bytes("0xa9059cbb");
  t.access_list = {{kReceiver, {hash32("0x" + std::string(63, '0') + "1"), hash32("0x" + std::string(64, 'f'))}},
                   {address("0xabababababababababababababababababababab"), {}}};
  return t;
}

Transaction dynamic_fee() {
  Transaction t;
  t.chain_id = 31337;
  t.nonce = 300;
  t.max_priority_fee_per_gas = 1'500'000'000;
  t.max_fee_per_gas = 40 * power_of_ten(9);
  t.gas_limit = 168000;
  t.to = kReceiver;
  t.value = 1;
  t.data = ByteString(100, 0x5a);
  return t;
}

Transaction creation() {
  Transaction t;
  t.chain_id = 8453;
  t.nonce = 1;
  t.max_fee_per_gas = 7;
  t.gas_limit = 1'000'000;
  t.data = bytes("0x6001600055");
  return t;
}

Transaction large_chain() {
  Transaction t;
  t.type = TransactionType::legacy;
  t.chain_id = 1'666'600'000;
  t.nonce = 128;
  t.gas_price = 1;
  t.gas_limit = std::uint64_t{1} << 40U;
  t.to = kReceiver;
  t.value = (Uint256(1) << 200U) - 1;
  t.data = {0x80};
  return t;
}

void expect_vector(const Transaction& transaction, const Vector& vector) {
  SCOPED_TRACE(vector.hash);
  EXPECT_EQ(to_hex(signing_payload(transaction).value()), vector.payload);
  EXPECT_EQ(signing_digest(transaction)->to_string(), vector.digest);
  const Signer key = signer();
  const auto made = sign_transaction(transaction, key);
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(to_hex(made->raw), vector.raw);
  EXPECT_EQ(made->hash.to_string(), vector.hash);

  const auto read = decode_transaction(bytes(vector.raw));
  ASSERT_TRUE(read.ok()) << read.status().to_string();
  EXPECT_EQ(read->transaction, transaction);
  EXPECT_EQ(read->signature, made->signature);
  EXPECT_EQ(read->raw, made->raw);
  EXPECT_EQ(read->hash, made->hash);
  EXPECT_EQ(sender_of(*read).value(), key.address());
}

TEST(Transaction, the_example_of_eip_155_is_signed_and_read) { expect_vector(legacy(), kLegacy); }
TEST(Transaction, an_access_list_is_signed_and_read_as_by_ethers) { expect_vector(access_list(), kAccessList); }
TEST(Transaction, dynamic_fees_are_signed_and_read_as_by_ethers) { expect_vector(dynamic_fee(), kDynamicFee); }
TEST(Transaction, a_creation_is_signed_and_read_as_by_ethers) { expect_vector(creation(), kCreation); }
TEST(Transaction, a_chain_with_a_large_id_is_signed_and_read_as_by_ethers) {
  expect_vector(large_chain(), kLargeChain);
}

TEST(Transaction, the_most_that_a_gas_costs_depends_on_the_type) {
  EXPECT_EQ(legacy().fee_cap(), 20 * power_of_ten(9));
  EXPECT_EQ(dynamic_fee().fee_cap(), 40 * power_of_ten(9));
}

TEST(Transaction, what_no_node_would_take_is_not_signed) {
  const auto refused = [](Transaction base, auto change) {
    change(base);
    const auto payload = signing_payload(base);
    EXPECT_EQ(signing_digest(base).ok(), payload.ok());
    EXPECT_EQ(sign_transaction(base, signer()).ok(), payload.ok());
    return payload.status().code() == StatusCode::denied;
  };
  EXPECT_TRUE(refused(dynamic_fee(), [](Transaction& t) { t.chain_id = 0; }));
  EXPECT_TRUE(refused(dynamic_fee(), [](Transaction& t) { t.nonce = ~std::uint64_t{0}; }));
  EXPECT_FALSE(refused(dynamic_fee(), [](Transaction& t) { t.nonce = ~std::uint64_t{0} - 1; }));
  EXPECT_TRUE(refused(dynamic_fee(), [](Transaction& t) { t.gas_price = 1; }));
  EXPECT_TRUE(refused(dynamic_fee(), [](Transaction& t) { t.max_priority_fee_per_gas = t.max_fee_per_gas + 1; }));
  EXPECT_FALSE(refused(dynamic_fee(), [](Transaction& t) { t.max_priority_fee_per_gas = t.max_fee_per_gas; }));
  EXPECT_TRUE(refused(legacy(), [](Transaction& t) { t.max_fee_per_gas = 1; }));
  EXPECT_TRUE(refused(legacy(), [](Transaction& t) { t.access_list.emplace_back(); }));
  EXPECT_TRUE(refused(legacy(), [](Transaction& t) { t.chain_id = ~std::uint64_t{0} / 2; }));
  EXPECT_TRUE(refused(legacy(), [](Transaction& t) { t.to.reset(); }));
  EXPECT_TRUE(refused(dynamic_fee(), [](Transaction& t) { t.data.resize(128 * 1024 + 1); }));
  EXPECT_FALSE(refused(dynamic_fee(), [](Transaction& t) { t.data.resize(128 * 1024); }));
}

TEST(Transaction, a_signature_is_joined_only_in_the_one_form_that_counts) {
  const Transaction transaction = dynamic_fee();
  const Signature good = signer().sign(signing_digest(transaction).value()).value();
  Signature high = good;
  high.s.bytes[0] = 0xff;
  EXPECT_EQ(assemble(transaction, high).status().code(), StatusCode::denied);
  EXPECT_FALSE(assemble(transaction, {Hash32{}, good.s, false}).ok());
  EXPECT_FALSE(assemble(transaction, {good.r, Hash32{}, false}).ok());
  EXPECT_TRUE(assemble(transaction, good).ok());
}

TEST(Transaction, another_field_is_another_sender) {
  auto made = sign_transaction(dynamic_fee(), signer());
  ASSERT_TRUE(made.ok());
  made->transaction.value += 1;
  const auto sender = sender_of(*made);
  EXPECT_TRUE(!sender.ok() || *sender != signer().address());
}

TEST(Transaction, every_cut_and_every_changed_byte_is_refused_or_is_another_transaction) {
  for (const Vector& vector : {kLegacy, kAccessList, kDynamicFee, kCreation}) {
    const ByteString raw = bytes(vector.raw);
    for (std::size_t size = 0; size < raw.size(); ++size) {
      EXPECT_EQ(decode_transaction(ByteView(raw).first(size)).status().code(), StatusCode::malformed) << size;
    }
    for (std::size_t place = 0; place < raw.size(); ++place) {
      ByteString changed = raw;
      changed[place] ^= 0x41U;
      const auto read = decode_transaction(changed);
      if (!read) continue;
      EXPECT_EQ(read->raw, changed);
      const auto sender = sender_of(*read);
      EXPECT_TRUE(!sender.ok() || *sender != signer().address()) << place;
    }
    ByteString longer = raw;
    longer.push_back(0);
    EXPECT_FALSE(decode_transaction(longer).ok());
  }
}

TEST(Transaction, other_types_and_unprotected_signatures_are_refused) {
  ByteString blob = bytes(kDynamicFee.raw);
  blob[0] = 3;
  EXPECT_EQ(decode_transaction(blob).status().code(), StatusCode::malformed);
  blob[0] = 0;
  EXPECT_FALSE(decode_transaction(blob).ok());
  // v = 37 becomes 27, the form before EIP-155, and 35, which would be chain 0.
  ByteString unprotected = bytes(kLegacy.raw);
  const auto v = unprotected.end() - 67;
  ASSERT_EQ(*v, 37);
  for (const int value : {27, 28, 35, 36}) {
    *v = static_cast<std::uint8_t>(value);
    EXPECT_EQ(decode_transaction(unprotected).status().code(), StatusCode::malformed);
  }
  *v = 38;
  EXPECT_TRUE(decode_transaction(unprotected).ok());
}

}  // namespace
}  // namespace calypte::evm
